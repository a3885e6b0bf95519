"""The ways in: password and second factor, a link that works once, an invitation. Each ends in a session."""

from typing import Final, Literal

from msgspec import Struct

from omotenashi.console.errors import BadRequest, NotFound, SignInRefused
from omotenashi.model.ids import Instant
from omotenashi.model.staff import EVERY_PROJECT, EXTRAS, Account, Extra, Grant, How, Language, Link, Role, Session

from . import keys, passwords, second_factor
from .room import IDLE_MS, LONGEST_MS, Room

HOUR_MS: Final = 3_600_000
SETUP_HOURS: Final = 24
SIGN_IN_MINUTES: Final = 30
INVITATION_DAYS: Final = 7
LONGEST_NAME: Final = 80
LONGEST_MAIL: Final = 254
PATHS: Final[dict[Literal["setup", "invitation", "sign_in"], str]] = {
    "setup": "setup",
    "invitation": "invitation",
    "sign_in": "sign-in",
}
"""The page of the console that each kind of link opens."""

_REFUSED: Final = "mail address, password or code are not right"


class Place(Struct, frozen=True):
    """Where somebody comes in from: the address, and what the browser calls itself."""

    address: str
    device: str


class NewAccount(Struct, frozen=True):
    """What a new member of staff says of themselves."""

    mail: str
    name: str
    password: str
    language: Language


async def by_password(room: Room, mail: str, password: str, code: str, place: Place) -> str:
    """The secret of a new session. Raises ``SignInRefused``, with the code ``code_needed`` when only that is missing, and
    ``TooMany``.
    """
    account = await checked(room, mail, password, code, place)
    return begun(room, account, "password", place)


async def checked(room: Room, mail: str, password: str, code: str, place: Place) -> Account:
    """The account that mail address, password and code open. Raises like ``by_password``; failures count."""
    known_as = folded(mail)
    room.attempts.check(place.address, known_as)
    account = room.accounts.account_of_mail(known_as)
    right = await room.passwords.is_right(password, account.password if account is not None else "")
    if account is None or not right:
        room.attempts.failed(place.address, known_as)
        raise SignInRefused("sign_in_refused", "", _REFUSED)
    if account.totp_secret:
        if not code.strip():
            raise SignInRefused("code_needed", "code", "expected the six digits of the app, or a recovery code")
        if not second_factor.is_right(room.accounts, account, code, room.clock()):
            room.attempts.failed(place.address, known_as)
            raise SignInRefused("code_refused", "code", "this code is not right, or was used already")
    room.attempts.succeeded(known_as)
    return account


def by_link(room: Room, secret: str, place: Place) -> str:
    """The secret of a session for whom the link was made. Raises ``NotFound``."""
    link = opened(room, secret, "sign_in")
    account = room.accounts.account(link.staff)
    if account is None or not room.accounts.take_link(link.hash):
        raise _used("link")
    return begun(room, account, "link", place)


async def set_up(room: Room, secret: str, new: NewAccount, place: Place) -> str:
    """The secret of the first session, of the first account, which may do everything. Raises ``BadRequest``, ``NotFound``."""
    link = opened(room, secret, "setup")
    account = await made(room, new)
    if not room.accounts.put_first_account(account, Grant(EVERY_PROJECT, "admin", EXTRAS), link.hash):
        raise _used("link")
    return begun(room, account, "setup", place)


async def accepted(room: Room, secret: str, new: NewAccount, code: str, place: Place) -> str:
    """The secret of a session of the invited: a new account, or the one of this mail address if the password opens it.

    Raises ``BadRequest``, ``NotFound``, ``SignInRefused``, ``TooMany``.
    """
    link = opened(room, secret, "invitation")
    mail = folded(new.mail)
    if link.mail and mail != link.mail:
        raise BadRequest("mail", f"this invitation is for {link.mail}")
    if room.accounts.account_of_mail(mail) is not None:
        account = await checked(room, mail, new.password, code, place)
    else:
        account = await made(room, new)
    grant = widest(room, account.id, Grant(link.project, link.role, link.extra))
    if not room.accounts.put_invited(account, grant, link.hash):
        raise _used("link")
    return begun(room, account, "invitation", place)


def widest(room: Room, staff: str, grant: Grant) -> Grant:
    """The grant, or the one they have there already when that allows all of it: an invitation takes nothing away."""
    had = next((one for one in room.accounts.grants(staff) if one.project == grant.project), None)
    return had if had is not None and had.rights >= grant.rights else grant


async def made(room: Room, new: NewAccount, *, without_password: bool = False) -> Account:
    """An account that is not written yet. Raises ``BadRequest`` naming what is not right."""
    mail, name = checked_mail(new.mail), checked_name(new.name)
    if room.accounts.account_of_mail(mail) is not None:
        raise BadRequest("mail", f"{mail} has an account already")
    if not without_password:
        passwords.check(new.password, mail, name)
    kept = "" if without_password else await room.passwords.hashed(new.password)
    now = room.clock()
    return Account(keys.fresh_id("staff"), mail, name, new.language, "auto", kept, "", 0, now, now)


def begun(room: Room, account: Account, how: How, place: Place) -> str:
    """The secret of a new session; only its hash is kept."""
    secret, now = keys.fresh(), room.clock()
    session = Session(keys.hashed(secret), keys.fresh_id("ses"), account.id, how, place.device, place.address, now, now)
    room.accounts.put_session(session, kept_since=Instant(now - LONGEST_MS), seen_since=Instant(now - IDLE_MS))
    return secret


def setup_link(room: Room) -> str:
    """The address that makes the first account, once, within a day; "" when there is an account already."""
    return "" if room.accounts.anybody() else _put(room, "setup", hours=SETUP_HOURS)


def sign_in_link(room: Room, account: Account) -> str:
    """An address that signs this member in, once, within half an hour."""
    return _put(room, "sign_in", staff=account.id, hours=SIGN_IN_MINUTES / 60)


def invitation(room: Room, mail: str, grant: Grant, by: str) -> tuple[Link, str]:
    """An invitation, and the address to hand over; it works once, within a week."""
    secret, now = keys.fresh(), room.clock()
    expires_at = Instant(now + INVITATION_DAYS * 24 * HOUR_MS)
    named = checked_mail(mail) if mail else ""
    link = Link(
        keys.hashed(secret),
        keys.fresh_id("inv"),
        "invitation",
        "",
        named,
        grant.project,
        grant.role,
        grant.extra,
        by,
        now,
        expires_at,
    )
    room.accounts.put_link(link)
    return link, _address(room, "invitation", secret)


def opened(room: Room, secret: str, kind: Literal["setup", "invitation", "sign_in"]) -> Link:
    """The link of this secret. Raises ``NotFound`` when it was used, is too old, or never was."""
    link = room.accounts.link(keys.hashed(secret))
    if link is None or link.kind != kind or link.expires_at <= room.clock():
        raise _used("link")
    return link


def folded(mail: str) -> str:
    """A mail address as it is compared."""
    return mail.strip().casefold()


def checked_mail(mail: str) -> str:
    """A mail address as it is kept. Raises ``BadRequest``."""
    kept = folded(mail)
    local, _, domain = kept.rpartition("@")
    if (
        not local
        or not domain
        or len(kept) > LONGEST_MAIL
        or any(letter.isspace() or not letter.isprintable() for letter in kept)
    ):
        raise BadRequest("mail", f"expected a mail address such as hanako@shop.example; found {mail[:80]!r}")
    return kept


def checked_name(name: str) -> str:
    """A name as it is kept. Raises ``BadRequest``."""
    kept = " ".join(name.split())
    if not kept or len(kept) > LONGEST_NAME or not kept.isprintable():
        raise BadRequest("name", f"expected a name of 1 to {LONGEST_NAME} letters")
    return kept


def _put(room: Room, kind: Literal["setup", "sign_in"], *, staff: str = "", hours: float) -> str:
    secret, now = keys.fresh(), room.clock()
    role: Role = "admin"
    extra: tuple[Extra, ...] = ()
    expires_at = Instant(now + int(hours * HOUR_MS))
    room.accounts.put_link(
        Link(keys.hashed(secret), keys.fresh_id("lnk"), kind, staff, "", EVERY_PROJECT, role, extra, "", now, expires_at)
    )
    return _address(room, kind, secret)


def _address(room: Room, kind: Literal["setup", "invitation", "sign_in"], secret: str) -> str:
    """The secret stands behind ``#``: browsers do not send it, so it is in nobody's access log."""
    return f"{room.url().rstrip('/')}/{PATHS[kind]}#{secret}"


def _used(where: str) -> NotFound:
    return NotFound(where, "this link was used already, or is too old; ask for another one")
