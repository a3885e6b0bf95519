"""One's own account: name, language, password, second factor, sessions."""

from typing import Any

import msgspec
from litestar import Request, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Struct, UnsetType

from omotenashi.console.access import Change, Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest, NotFound
from omotenashi.console.staff import entry, passwords, second_factor
from omotenashi.console.staff.doors import Me, described
from omotenashi.console.staff.room import is_over
from omotenashi.model.ids import Instant
from omotenashi.model.staff import Account, How, Language, Theme


class AccountWished(Struct):
    """What to change; what is left out stays as it is."""

    name: str | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    theme: Theme | UnsetType = UNSET


class NewPassword(Struct):
    """``current`` may be "" for an account without a password, and after signing in by a link."""

    current: str
    password: str


class PasswordSaid(Struct):
    """The account's password; "" for an account without one."""

    password: str


class CodeSaid(Struct):
    """The six digits that the app shows now."""

    code: str


class SecondFactorBegun(Struct):
    """For the app: the secret as text, as an address, and as a picture (SVG)."""

    secret: str
    uri: str
    picture: str


class RecoveryCodes(Struct):
    """Recovery codes: each lets one in once when the phone is lost. They are shown this one time."""

    codes: list[str]


class Device(Struct):
    """Somewhere one is signed in. ``device`` is what the browser calls itself; ``current``: this very session."""

    id: str
    device: str
    address: str
    how: How
    made_at: Instant
    seen_at: Instant
    current: bool


class EndedSessions(Struct):
    """How many sessions were ended."""

    sessions: int


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/me``."""

    def own(who: Who) -> Account:
        """Raises ``NotFound`` when it was removed this very moment."""
        account = desk.staff.accounts.account(who.id)
        if account is None:
            raise NotFound("", "this account was removed")
        return account

    async def proven(who: Who, password: str, where: str) -> Account:
        """The account, once its password was said; failures count as those of signing in. Raises ``BadRequest``."""
        account = own(who)
        if account.password:
            desk.staff.attempts.check("", account.mail)
            if not await desk.staff.passwords.is_right(password, account.password):
                desk.staff.attempts.failed("", account.mail)
                raise BadRequest(where, "this is not your password")
        return account

    @get("/api/me", opt={"needs": "self"}, sync_to_thread=True)
    def me(who: NamedDependency[Who], request: Request[Any, Any, Any]) -> Me:
        """Whoever asks, and what they may do."""
        return described(desk, who, request.cookies.get(desk.staff.cookie, "") if who.session else "")

    @patch("/api/me", opt={"needs": "member"}, sync_to_thread=True)
    def wish(data: JSONBody[AccountWished], who: NamedDependency[Who], request: Request[Any, Any, Any]) -> Me:
        """Change one's name, language or theme."""
        account = own(who)
        name = account.name if data.name is UNSET else entry.checked_name(data.name)
        language = account.language if data.language is UNSET else data.language
        theme = account.theme if data.theme is UNSET else data.theme
        desk.staff.accounts.put_account(msgspec.structs.replace(account, name=name, language=language, theme=theme))
        before = {"name": account.name, "language": account.language, "theme": account.theme}
        request.state.audit = Change("account", account.mail, before, {"name": name, "language": language, "theme": theme})
        secret = request.cookies.get(desk.staff.cookie, "")
        return described(desk, msgspec.structs.replace(who, name=name, language=language), secret)

    @post("/api/me/password", opt={"needs": "member"}, status_code=200)
    async def change_password(
        data: JSONBody[NewPassword], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> EndedSessions:
        """Change one's password. All other sessions end."""
        account = own(who)
        session = desk.staff.accounts.session(who.session)
        if session is None or session.how != "link":  # a link is for those who forgot it
            account = await proven(who, data.current, "current")
        passwords.check(data.password, account.mail, account.name)
        kept = await desk.staff.passwords.hashed(data.password)
        desk.staff.accounts.put_account(msgspec.structs.replace(account, password=kept))
        request.state.audit = Change("account", account.mail)
        return EndedSessions(desk.staff.accounts.drop_sessions(account.id, who.session))

    @post("/api/me/second-factor", opt={"needs": "member", "audited": False}, status_code=200)
    async def begin_second_factor(data: JSONBody[PasswordSaid], who: NamedDependency[Who]) -> SecondFactorBegun:
        """Begin to set up a second factor; it is asked for once a code of it was confirmed."""
        account = await proven(who, data.password, "password")
        secret = desk.staff.pending[account.id] = second_factor.fresh_secret()
        return SecondFactorBegun(secret, second_factor.uri(secret, account.mail), second_factor.picture(secret, account.mail))

    @put("/api/me/second-factor", opt={"needs": "member"}, sync_to_thread=True)
    def confirm_second_factor(
        data: JSONBody[CodeSaid], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> RecoveryCodes:
        """Confirm the second factor by a code of it; from now on it is asked for. All other sessions end."""
        account = own(who)
        secret = desk.staff.pending.get(account.id)
        if secret is None:
            raise BadRequest("code", "no second factor is being set up; begin again")
        step = second_factor.step_of(secret, "".join(data.code.split()), desk.clock())
        if step is None:
            raise BadRequest("code", "this is not the code that the app should show now; is the phone's clock right?")
        del desk.staff.pending[account.id]
        desk.staff.accounts.put_account(msgspec.structs.replace(account, totp_secret=secret, totp_step=step))
        desk.staff.accounts.drop_sessions(account.id, who.session)
        request.state.audit = Change("account", account.mail, {"two_factor": bool(account.totp_secret)}, {"two_factor": True})
        return fresh_codes(account)

    @post("/api/me/second-factor/off", opt={"needs": "member"}, status_code=200)
    async def drop_second_factor(data: JSONBody[PasswordSaid], who: NamedDependency[Who], request: Request[Any, Any, Any]) -> Me:
        """Do without the second factor from now on."""
        account = await proven(who, data.password, "password")
        desk.staff.accounts.put_account(msgspec.structs.replace(account, totp_secret="", totp_step=0))
        desk.staff.accounts.put_codes(account.id, [])
        request.state.audit = Change("account", account.mail, {"two_factor": bool(account.totp_secret)}, {"two_factor": False})
        return described(desk, who, request.cookies.get(desk.staff.cookie, ""))

    @post("/api/me/recovery-codes", opt={"needs": "member"}, status_code=200)
    async def renew_codes(
        data: JSONBody[PasswordSaid], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> RecoveryCodes:
        """Ten new recovery codes; those before are none any more."""
        account = await proven(who, data.password, "password")
        if not account.totp_secret:
            raise BadRequest("password", "there is no second factor that they could stand for")
        request.state.audit = Change("account", account.mail)
        return fresh_codes(account)

    @get("/api/me/sessions", opt={"needs": "member"}, sync_to_thread=True)
    def sessions(who: NamedDependency[Who]) -> list[Device]:
        """Where one is signed in, the most recently used first."""
        found = [one for one in desk.staff.accounts.sessions(own(who).id) if not is_over(one, desk.clock())]
        return [
            Device(one.id, one.device, one.address, one.how, one.made_at, one.seen_at, one.hash == who.session) for one in found
        ]

    @delete("/api/me/sessions/{session:str}", opt={"needs": "member"}, status_code=200, sync_to_thread=True)
    def end_session(session: FromPath[str], who: NamedDependency[Who]) -> EndedSessions:
        """End one of one's sessions, on whichever device."""
        if not desk.staff.accounts.drop_session(own(who).id, session):
            raise NotFound("session", f"you have no session {session!r}")
        return EndedSessions(1)

    @delete("/api/me/sessions", opt={"needs": "member"}, status_code=200, sync_to_thread=True)
    def end_sessions(who: NamedDependency[Who]) -> EndedSessions:
        """End all of one's sessions but this one."""
        return EndedSessions(desk.staff.accounts.drop_sessions(own(who).id, who.session))

    def fresh_codes(account: Account) -> RecoveryCodes:
        codes = second_factor.fresh_codes()
        desk.staff.accounts.put_codes(account.id, second_factor.kept_codes(codes))
        return RecoveryCodes(codes)

    return [
        me,
        wish,
        change_password,
        begin_second_factor,
        confirm_second_factor,
        drop_second_factor,
        renew_codes,
        sessions,
        end_session,
        end_sessions,
    ]
