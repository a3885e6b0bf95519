"""What every answer of the console tells the browser to refuse."""

from typing import Final

from litestar.types import Message, Scope

_ALWAYS: Final = {b"x-content-type-options": b"nosniff", b"referrer-policy": b"same-origin"}


def content_security_policy(nonce: str = "") -> str:
    """What a page of the console may load: our own files, and scripts and styles that carry the ``nonce`` of this answer."""
    ours = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    return (
        f"default-src 'self'; script-src {ours}; style-src {ours}; img-src 'self' data: https:; frame-src 'self'; "
        "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )


_POLICY: Final = content_security_policy().encode()


async def add_security_headers(message: Message, scope: Scope) -> None:
    """Adds them to every answer, those to unknown addresses too; a route that says one of them itself keeps its own."""
    if message["type"] != "http.response.start":
        return
    headers = list(message["headers"])
    said = {name.lower() for name, _ in headers}
    wanted = {**_ALWAYS, b"content-security-policy": _POLICY}
    if str(scope.get("path", "")).startswith("/api/"):
        wanted[b"cache-control"] = b"no-store"
    message["headers"] = [*headers, *((name, value) for name, value in wanted.items() if name not in said)]
