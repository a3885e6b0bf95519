"""What only the holder of DATA/console.token may do: links for those who cannot get in, and accounts made by a program.

A link signs somebody else in, so not even an admin gets one.
"""

from typing import Any

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Struct

from omotenashi.console.access import Change
from omotenashi.console.desk import Desk
from omotenashi.console.errors import NotFound
from omotenashi.console.staff import entry
from omotenashi.console.staff.entry import NewAccount
from omotenashi.model.ids import Instant
from omotenashi.model.staff import EVERY_PROJECT, Extra, Grant, Language, Role


class Employed(Struct):
    """An account in the list of all."""

    id: str
    mail: str
    name: str
    two_factor: bool
    seen_at: Instant
    grants: list[Grant]


class LinkAsked(Struct):
    """``mail`` "" asks for the setup link."""

    mail: str = ""


class LinkMade(Struct):
    """A link that works once; "" for a setup that is done."""

    url: str


class Employing(Struct):
    """A new account; without a password it gets in by a link, or by OpenID Connect."""

    mail: str
    name: str
    role: Role
    password: str = ""
    language: Language = "ja"
    extra: tuple[Extra, ...] = ()
    project: str = EVERY_PROJECT


class Employee(Struct):
    """The new account."""

    id: str
    mail: str


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/staff``."""

    @get("/api/staff", opt={"needs": "admin"}, sync_to_thread=True)
    def staff() -> list[Employed]:
        """All accounts, the oldest first."""
        accounts = desk.staff.accounts
        return [
            Employed(one.id, one.mail, one.name, bool(one.totp_secret), one.seen_at, accounts.grants(one.id))
            for one in accounts.accounts()
        ]

    @post("/api/staff/links", opt={"needs": "machine"}, status_code=200, sync_to_thread=True)
    def link(data: JSONBody[LinkAsked], request: Request[Any, Any, Any]) -> LinkMade:
        """A link that signs a member in once; without a mail address, the one that makes the first account."""
        if not data.mail:
            return LinkMade(entry.setup_link(desk.staff))
        account = desk.staff.accounts.account_of_mail(entry.folded(data.mail))
        if account is None:
            known = ", ".join(one.mail for one in desk.staff.accounts.accounts()) or "none yet"
            raise NotFound("mail", f"nobody has the mail address {data.mail!r}; there are {known}")
        request.state.audit = Change("account", account.mail)
        return LinkMade(entry.sign_in_link(desk.staff, account))

    @post("/api/staff", opt={"needs": "machine"})
    async def employ(data: JSONBody[Employing], request: Request[Any, Any, Any]) -> Employee:
        """Make an account without an invitation."""
        new = NewAccount(data.mail, data.name, data.password, data.language)
        account = await entry.made(desk.staff, new, without_password=not data.password)
        desk.staff.accounts.put_account(account)
        desk.staff.accounts.put_grant(account.id, Grant(data.project, data.role, data.extra))
        request.state.audit = Change("account", account.mail, None, {"role": data.role, "project": data.project})
        return Employee(account.id, account.mail)

    return [staff, link, employ]
