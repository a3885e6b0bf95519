"""What the routes that let somebody in or out have in common: from where they come, and the cookie they leave with."""

from typing import Any, Final, Literal

from litestar import Request, Response
from litestar.datastructures import Cookie
from msgspec import Struct

from omotenashi.configuration.names import Called
from omotenashi.console.desk import Desk
from omotenashi.console.errors import NotFound
from omotenashi.model.staff import EVERY_PROJECT, RIGHTS, Kind, Language, Right, Role, Theme

from . import keys
from .addresses import address
from .entry import Place
from .room import LONGEST_MS, Room
from .who import Who

LONGEST_DEVICE: Final = 200


class MyProject(Struct):
    """A project that whoever asks may see, and what they may do there. ``role`` is "" for a token."""

    id: str
    name: Called
    time_zone: str
    language: Language
    messages_stopped: bool
    recording_stopped: bool
    role: Role | Literal[""]
    rights: list[Right]


class Me(Struct):
    """Whoever asks. ``csrf`` goes into the header X-CSRF-Token of everything that changes something, "" without a cookie.

    ``everywhere``: what they may do in every project, also those to come. ``two_factor``: signing in by password needs a code;
    ``recovery_codes`` are left for it.
    """

    id: str
    kind: Kind
    name: str
    mail: str
    language: Language
    theme: Theme
    csrf: str
    projects: list[MyProject]
    everywhere: list[Right]
    has_password: bool
    two_factor: bool
    recovery_codes: int


def place(request: Request[Any, Any, Any], room: Room) -> Place:
    """Where a request comes from."""
    device = "".join(letter for letter in request.headers.get("user-agent", "") if letter.isprintable())
    return Place(address(request, room.proxies), device[:LONGEST_DEVICE])


def let_in(desk: Desk, secret: str, request: Request[Any, Any, Any]) -> Response[Me]:
    """Who they are now, with the cookie of their session. The audit log names them."""
    who = desk.staff.of_session(secret, place(request, desk.staff).address)
    if who is None:
        raise NotFound("", "this account was removed meanwhile")
    request.scope["state"]["who"] = who
    return Response(described(desk, who, secret), status_code=200, cookies=[cookie(desk.staff, secret)])


def cookie(room: Room, secret: str) -> Cookie:
    """The session's cookie: for our pages alone, and not for their scripts. An empty secret removes it."""
    age = LONGEST_MS // 1000 if secret else 0
    return Cookie(room.cookie, value=secret, path="/", max_age=age, secure=room.is_secure, httponly=True, samesite="strict")


def described(desk: Desk, who: Who, secret: str = "") -> Me:
    """Whoever asks, as they see themselves. ``secret`` is that of their session."""
    accounts = desk.staff.accounts
    account = accounts.account(who.id) if who.kind == "member" else None
    roles: dict[str, Role] = {grant.project: grant.role for grant in accounts.grants(who.id)} if account is not None else {}
    projects: list[MyProject] = []
    for project_id in desk.office.heads():
        if who.sees(project_id):
            one = desk.project(project_id)
            role: Role | Literal[""] = roles[project_id] if project_id in roles else roles.get(EVERY_PROJECT, "")
            rights = _sorted(who.rights(project_id))
            projects.append(
                MyProject(
                    one.id,
                    desk.names(one).project,
                    one.time_zone,
                    one.language,
                    one.messages_stopped,
                    one.recording_stopped,
                    role,
                    rights,
                )
            )
    return Me(
        who.id,
        who.kind,
        who.name,
        who.mail,
        who.language,
        account.theme if account is not None else "auto",
        keys.csrf(secret) if secret else "",
        projects,
        _sorted(who.rights(EVERY_PROJECT)),
        bool(account is not None and account.password),
        bool(account is not None and account.totp_secret),
        accounts.codes(who.id) if account is not None else 0,
    )


def _sorted(rights: frozenset[Right]) -> list[Right]:
    return [right for right in RIGHTS if right in rights]
