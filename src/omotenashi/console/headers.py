"""What every answer of the console tells the browser to refuse."""

from typing import Final

from litestar.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS: Final = {b"x-content-type-options": b"nosniff", b"referrer-policy": b"same-origin"}


def content_security_policy(nonce: str = "") -> str:
    """What a page of the console may load: our own files, and scripts and styles that carry the ``nonce`` of this answer."""
    ours = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    return (
        f"default-src 'self'; script-src {ours}; style-src {ours}; img-src 'self' data: https:; frame-src 'self'; "
        "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )


class SecurityHeaders:
    """Adds them to every answer; a route that says one of them itself keeps its own. ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._policy = content_security_policy().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                said = {name.lower() for name, _ in headers}
                wanted = {**_ALWAYS, b"content-security-policy": self._policy}
                if str(scope.get("path", "")).startswith("/api/"):
                    wanted[b"cache-control"] = b"no-store"
                message["headers"] = [*headers, *((name, value) for name, value in wanted.items() if name not in said)]
            await send(message)

        await self._app(scope, receive, sent)
