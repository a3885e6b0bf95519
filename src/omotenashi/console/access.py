"""Who may speak to the console, and what they may ask.

Every handler says what it needs: ``opt={"needs": "read"}``, or a tuple of rights that are all needed. Besides the rights of
``model.staff`` there are ``open`` (anybody), ``self`` (anybody who is known), ``member`` (who has an account, so no token)
and ``machine`` (who can read the data folder). A handler with ``{project}`` in its path
needs them for that project; any other needs them for every project. Who asks is the dependency ``who: NamedDependency[Who]``.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, get_args
from urllib.parse import urlsplit

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from omotenashi.ledger.port import LedgerError
from omotenashi.model.staff import EVERY_PROJECT, Audited, Right

from .desk import Desk
from .errors import Forbidden, NotFound, answer
from .staff import keys
from .staff.addresses import address
from .staff.who import Change, Who

__all__ = ["Change", "Who"]

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Coroutine[Any, Any, None]]

CSRF_HEADER: Final = "x-csrf-token"
SAFE: Final = frozenset(("GET", "HEAD", "OPTIONS"))
_KINDS: Final = {"member": "a member of staff, signed in", "machine": "whoever can read the data folder: `omotenashi staff`"}
_WORDS: Final = frozenset(("open", "self", *_KINDS, *get_args(Right)))


def needs(route: BaseRouteHandler) -> tuple[str, ...]:
    """What a handler says it needs. Raises ``ValueError`` when it says nothing, or a word that does not exist."""
    said = (route.opt or {}).get("needs", ())
    words = (said,) if isinstance(said, str) else tuple(said)
    if not words or not _WORDS.issuperset(words):
        known = ", ".join(sorted(_WORDS))
        raise ValueError(f"{route.handler_name}: expected opt={{'needs': ...}} of {known}; found {said!r}")
    return words


def guard(desk: Desk) -> Guard:
    """Finds out who asks and lets the request pass when they may; 401, 403, or 404 for what does not exist for them."""

    async def admit(connection: Connection, route: BaseRouteHandler) -> None:
        wanted = needs(route)
        if "open" in wanted:
            _same_site(connection)
            return
        connection.scope["state"]["who"] = who = await _asking(connection, desk)
        project = connection.path_params.get("project")
        if project is not None and not who.sees(project):
            theirs = ", ".join(sorted(who.grants)) or "none yet"
            raise NotFound("project", f"no project {project!r}; there are {theirs}")
        for kind, words in _KINDS.items():
            if kind in wanted and who.kind != kind:
                raise Forbidden("", f"this is for {words}")
        missing = {right for right in wanted if right in get_args(Right)} - who.rights(project or EVERY_PROJECT)
        if missing:
            place = f"project {project}" if project is not None else "every project"
            raise Forbidden("", f"this needs the right {' and '.join(sorted(missing))} for {place}")

    return admit


def who(request: Request[Any, Any, Any]) -> Who:
    """Whoever asks, as the guard found out."""
    found: Who = request.scope["state"]["who"]
    return found


async def _asking(connection: Connection, desk: Desk) -> Who:
    """Raises ``NotAuthorizedException``, and ``Forbidden`` for what another site's page may have sent."""
    given = connection.headers.get("authorization")
    if given is not None:
        scheme, _, key = given.partition(" ")
        found = desk.staff.of_bearer(key.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            raise NotAuthorizedException("expected the header Authorization: Bearer, and an API token that is valid still")
        return found
    secret = connection.cookies.get(desk.staff.cookie, "")
    found = await asyncio.to_thread(desk.staff.of_session, secret, address(connection, desk.staff.proxies)) if secret else None
    if found is None:
        raise NotAuthorizedException(
            "nobody is signed in here, or not any more; sign in, or send Authorization: Bearer and a token"
        )
    if str(connection.scope.get("method")) not in SAFE:
        _same_site(connection)
        if not keys.same(connection.headers.get(CSRF_HEADER, ""), keys.csrf(secret)):
            raise Forbidden(CSRF_HEADER, "expected the header X-CSRF-Token with the value that GET /api/me tells")
    return found


def _same_site(connection: Connection) -> None:
    """Raises ``Forbidden`` when a browser says that a page of another site sent something that changes things."""
    if str(connection.scope.get("method")) in SAFE:
        return
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    if site not in (None, "same-origin", "none"):
        raise Forbidden("sec-fetch-site", "this was sent by a page of another site; only pages of the console may")
    if origin is not None and urlsplit(origin).netloc.lower() != connection.headers.get("host", "").lower():
        raise Forbidden("origin", "this was sent by a page of another origin; only pages of the console may")


class AuditTrail:
    """Writes a line of the audit log for everything that changed something, before it is answered. ASGI middleware.

    A handler may say what changed with ``request.state.audit = Change(...)``; one that only asks says ``audited: False``.
    When the line cannot be written the answer says so, with 503: the change may stand, but nobody is told that all is well.
    """

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = scope.get("route_handler")
        if scope["type"] != "http" or scope["method"] in SAFE or not route or not (route.opt or {}).get("audited", True):
            await self._app(scope, receive, send)
            return
        failed = False

        async def sent(message: Message) -> None:
            nonlocal failed
            if message["type"] == "http.response.start" and message["status"] < 400:
                line = _line(scope, route, self._desk)
                try:
                    if line is not None:
                        await asyncio.to_thread(self._desk.staff.audit.put, line)
                except LedgerError as error:
                    failed = True
                    await _refuse(scope, send, error)
            if not failed:
                await send(message)

        await self._app(scope, receive, sent)


async def _refuse(scope: Scope, send: Send, error: LedgerError) -> None:
    refused = answer(Request(scope), error)
    body = msgspec.json.encode(refused.content)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": refused.status_code or 503, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _line(scope: Scope, route: BaseRouteHandler, desk: Desk) -> Audited | None:
    """What the log shall tell of this request; None when nobody is known to have sent it."""
    state: dict[str, Any] = scope["state"]
    asking: Who | None = state.get("who")
    if asking is None:
        return None
    change: Change = state.get("audit") or Change("", "")
    parameters = {name: str(value) for name, value in scope["path_params"].items()}
    return Audited(
        number=0,
        at=desk.staff.clock(),
        project=parameters.pop("project", EVERY_PROJECT),
        who=asking.id,
        who_name=asking.name,
        who_kind=asking.kind,
        operation=str((route.opt or {}).get("operation", "")),
        parameters=parameters,
        kind=change.kind,
        object=change.id,
        before=_json(change.before),
        after=_json(change.after),
        address=address(Request(scope), desk.staff.proxies),
    )


def _json(value: Any) -> str:
    return "" if value is None else msgspec.json.encode(value).decode()
