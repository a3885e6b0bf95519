"""The first account, and the accounts of those who were invited."""

from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Struct

from omotenashi.console.desk import Desk
from omotenashi.console.staff import entry
from omotenashi.console.staff.doors import Me, let_in, place
from omotenashi.console.staff.entry import NewAccount
from omotenashi.model.ids import Instant
from omotenashi.model.staff import Extra, Language, Role

from .session import Linked


class Arriving(Struct):
    """Somebody new, with the link that lets them in. ``code`` only for an account that is there already and needs one."""

    link: str
    mail: str
    name: str
    password: str
    language: Language
    code: str = ""


class Setup(Struct):
    """A link that is good to use until ``expires_at``."""

    expires_at: Instant


class Invited(Struct):
    """To what an invitation invites: ``project`` "*" is every one; ``mail`` may be ""; ``known``: it has an account already."""

    project: str
    project_name: str
    role: Role
    extra: tuple[Extra, ...]
    mail: str
    known: bool
    expires_at: Instant


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/setup`` and ``/api/invitation``."""

    @post("/api/setup/look", opt={"needs": "open", "audited": False}, status_code=200, sync_to_thread=True)
    def look_at_setup(data: JSONBody[Linked]) -> Setup:
        """Whether a setup link is good still."""
        return Setup(entry.opened(desk.staff, data.link, "setup").expires_at)

    @post("/api/setup", opt={"needs": "open"}, status_code=200)
    async def set_up(data: JSONBody[Arriving], request: Request[Any, Any, Any]) -> Response[Me]:
        """Make the first account, which may do everything, and sign it in."""
        new = NewAccount(data.mail, data.name, data.password, data.language)
        return let_in(desk, await entry.set_up(desk.staff, data.link, new, place(request, desk.staff)), request)

    @post("/api/invitation/look", opt={"needs": "open", "audited": False}, status_code=200, sync_to_thread=True)
    def look_at_invitation(data: JSONBody[Linked]) -> Invited:
        """To what an invitation invites."""
        link = entry.opened(desk.staff, data.link, "invitation")
        named = desk.project(link.project).name if link.project in desk.office.heads() else ""
        known = bool(link.mail) and desk.staff.accounts.account_of_mail(link.mail) is not None
        return Invited(link.project, named, link.role, link.extra, link.mail, known, link.expires_at)

    @post("/api/invitation", opt={"needs": "open"}, status_code=200)
    async def accept(data: JSONBody[Arriving], request: Request[Any, Any, Any]) -> Response[Me]:
        """Take up an invitation, with a new account or the one of this mail address and password, and sign in."""
        new = NewAccount(data.mail, data.name, data.password, data.language)
        secret = await entry.accepted(desk.staff, data.link, new, data.code, place(request, desk.staff))
        return let_in(desk, secret, request)

    return [look_at_setup, set_up, look_at_invitation, accept]
