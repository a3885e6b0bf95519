"""Signing in and out."""

from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.response import Redirect
from msgspec import Struct

from omotenashi.console.access import Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import NotFound
from omotenashi.console.staff import entry, keys
from omotenashi.console.staff.doors import Me, cookie, let_in, place
from omotenashi.console.staff.openid import FLOW_MS, OpenIdFailed

OPENID_PATH: Final = "/api/session/openid"
OPENID_COOKIE: Final = "omotenashi_openid"


class Ways(Struct):
    """How one gets in here: ``set_up`` is false until there is a first account; ``openid`` is the provider's host, or ""."""

    set_up: bool
    openid: str


class SigningIn(Struct):
    """``code``: the six digits of the app or a recovery code, for those who have a second factor."""

    mail: str
    password: str
    code: str = ""


class Linked(Struct):
    """What stands behind ``#`` in a link."""

    link: str


class SignedOut(Struct):
    """``ended``: whether there was a session."""

    ended: bool


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/session``."""

    def redirect_uri() -> str:
        return f"{desk.staff.url().rstrip('/')}{OPENID_PATH}/callback"

    def back(problem: str) -> Redirect:
        """The sign-in page, saying what went wrong."""
        return Redirect(
            f"/sign-in?{urlencode({'problem': problem})}", status_code=303, cookies=[_remembered("", secure=desk.staff.is_secure)]
        )

    @get("/api/session", opt={"needs": "open"}, sync_to_thread=True)
    def ways() -> Ways:
        """How one gets in here."""
        provider = desk.staff.openid
        return Ways(desk.staff.accounts.anybody(), provider.name if provider is not None else "")

    @post("/api/session", opt={"needs": "open"}, status_code=200)
    async def sign_in(data: JSONBody[SigningIn], request: Request[Any, Any, Any]) -> Response[Me]:
        """Sign in by mail address and password. Without the code that is needed: 401 ``code_needed``."""
        secret = await entry.by_password(desk.staff, data.mail, data.password, data.code, place(request, desk.staff))
        return let_in(desk, secret, request)

    @post("/api/session/link", opt={"needs": "open"}, status_code=200, sync_to_thread=True)
    def sign_in_by_link(data: JSONBody[Linked], request: Request[Any, Any, Any]) -> Response[Me]:
        """Sign in by a link that `omotenashi staff link` printed; it works once."""
        return let_in(desk, entry.by_link(desk.staff, data.link, place(request, desk.staff)), request)

    @delete("/api/session", opt={"needs": "self"}, status_code=200, sync_to_thread=True)
    def sign_out(who: NamedDependency[Who], request: Request[Any, Any, Any]) -> Response[SignedOut]:
        """End this session."""
        secret = request.cookies.get(desk.staff.cookie, "")
        session = desk.staff.accounts.session(keys.hashed(secret)) if who.session else None
        ended = session is not None and desk.staff.accounts.drop_session(who.id, session.id)
        return Response(SignedOut(ended), cookies=[cookie(desk.staff, "")])

    @get(OPENID_PATH, opt={"needs": "open"}, include_in_schema=False)
    async def to_provider() -> Redirect:
        """Go to the provider's sign-in page."""
        provider = desk.staff.openid
        if provider is None:
            raise NotFound("openid", "no provider is set; see OMOTENASHI_OIDC_ISSUER")
        try:
            page, state = await provider.begin(redirect_uri())
        except OpenIdFailed as failed:
            return back(failed.reason)
        return Redirect(page, status_code=303, cookies=[_remembered(state, secure=desk.staff.is_secure)])

    @get(f"{OPENID_PATH}/callback", opt={"needs": "open"}, include_in_schema=False)
    async def from_provider(request: Request[Any, Any, Any]) -> Redirect:
        """Come back from the provider's sign-in page."""
        provider = desk.staff.openid
        remembered = request.cookies.get(OPENID_COOKIE, "")
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if provider is None or not state or not keys.same(state, remembered):
            return back("refused")
        try:
            mail = await provider.finish(state, code, redirect_uri())
        except OpenIdFailed as failed:
            return back(failed.reason)
        account = desk.staff.accounts.account_of_mail(entry.folded(mail))
        if account is None:
            return back("unknown")
        secret = entry.begun(desk.staff, account, "openid", place(request, desk.staff))
        return Redirect("/", status_code=303, cookies=[_remembered("", secure=desk.staff.is_secure), cookie(desk.staff, secret)])

    return [ways, sign_in, sign_in_by_link, sign_out, to_provider, from_provider]


def _remembered(state: str, *, secure: bool) -> Cookie:
    """Binds a sign-in to the browser that began it. Lax, for the provider's page leads back here."""
    age = FLOW_MS // 1000 if state else 0
    return Cookie(OPENID_COOKIE, value=state, path=OPENID_PATH, max_age=age, secure=secure, httponly=True, samesite="lax")
