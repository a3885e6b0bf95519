"""What the routes that let somebody in or out have in common: from where they come, and the cookie they leave with."""

from typing import Any, Final

from litestar import Request, Response
from litestar.datastructures import Cookie
from msgspec import Struct

from omotenashi.model.staff import Role, Theme

from . import keys
from .addresses import address
from .entry import Place
from .room import LONGEST_MS, Room
from .who import Who

LONGEST_DEVICE: Final = 200


class Granted(Struct):
    """What somebody may do in a project; ``project`` "*" is every one. ``role`` is "" for a token."""

    project: str
    role: Role | str
    rights: list[str]


class Me(Struct):
    """Whoever asks. ``csrf`` goes into the header X-CSRF-Token of everything that changes something, "" without a cookie.

    ``two_factor``: signing in by password needs a code; ``recovery_codes`` are left for it.
    """

    id: str
    kind: str
    name: str
    mail: str
    language: str
    theme: Theme
    csrf: str
    grants: list[Granted]
    has_password: bool
    two_factor: bool
    recovery_codes: int


def place(request: Request[Any, Any, Any], room: Room) -> Place:
    """Where a request comes from."""
    device = "".join(letter for letter in request.headers.get("user-agent", "") if letter.isprintable())
    return Place(address(request, room.proxies), device[:LONGEST_DEVICE])


def let_in(room: Room, secret: str, request: Request[Any, Any, Any]) -> Response[Me]:
    """Who they are now, with the cookie of their session. The audit log names them."""
    who = room.of_session(secret, place(request, room).address)
    if who is None:
        raise AssertionError("a session that was begun this moment is not over")
    request.scope["state"]["who"] = who
    return Response(described(room, who, secret), status_code=200, cookies=[cookie(room, secret)])


def cookie(room: Room, secret: str) -> Cookie:
    """The session's cookie: for our pages alone, and not for their scripts. An empty secret removes it."""
    age = LONGEST_MS // 1000 if secret else 0
    return Cookie(room.cookie, value=secret, path="/", max_age=age, secure=room.is_secure, httponly=True, samesite="strict")


def described(room: Room, who: Who, secret: str = "") -> Me:
    """Whoever asks, as they see themselves. ``secret`` is that of their session."""
    account = room.accounts.account(who.id) if who.kind == "member" else None
    roles = {grant.project: grant.role for grant in room.accounts.grants(who.id)} if account is not None else {}
    return Me(
        who.id,
        who.kind,
        who.name,
        who.mail,
        who.language,
        account.theme if account is not None else "auto",
        keys.csrf(secret) if secret else "",
        [Granted(project, roles.get(project, ""), sorted(rights)) for project, rights in sorted(who.grants.items())],
        bool(account is not None and account.password),
        bool(account is not None and account.totp_secret),
        room.accounts.codes(who.id) if account is not None else 0,
    )
