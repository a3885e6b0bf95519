"""The web application's files in front of the staff API: one origin, nothing read from disk while it serves."""

import gzip
import logging
import mimetypes
import secrets
from pathlib import Path
from typing import Final

from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Struct

from .headers import content_security_policy

logger = logging.getLogger(__name__)

NONCE: Final = b"OMOTENASHI_NONCE"
"""Stands in the built ``index.html`` where each answer's own nonce goes."""
API: Final = frozenset(("api", "openapi", "health", "preview", "replay"))
"""First parts of paths that are never a page."""
_COMPRESSIBLE: Final = frozenset((".js", ".css", ".svg", ".html", ".json"))
_MISSING: Final = (
    "<!doctype html><meta charset=utf-8><title>Omotenashi</title><p>The console's pages are not built. / コンソールの画面がまだ"
    "作られていません。<p><code>make setup</code>"
)


class _File(Struct, frozen=True):
    body: bytes
    packed: bytes
    kind: bytes
    lasting: bool


class Site:
    """ASGI: built files by path, every other page address as the application itself, and the rest to the API behind.

    Files under ``built/`` carry their content's hash in their names and are kept by browsers for good.
    """

    def __init__(self, api: ASGIApp, folder: Path | None) -> None:
        self._api = api
        self._files: dict[str, _File] = {}
        self._index = _MISSING.encode()
        if folder is None:
            logger.warning("the console's pages are not built (`make setup`); only its API is served")
            return
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                name = "/" + file.relative_to(folder).as_posix()
                body = file.read_bytes()
                kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
                packed = gzip.compress(body, 9) if file.suffix in _COMPRESSIBLE else b""
                self._files[name] = _File(body, packed, kind.encode(), name.startswith("/built/"))
        self._index = self._files.pop("/index.html").body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._api(scope, receive, send)
            return
        path = scope["path"]
        file = self._files.get(path)
        if file is not None:
            body = file.packed if file.packed and _takes_gzip(scope) else file.body
            age = b"public, max-age=31536000, immutable" if file.lasting else b"public, max-age=3600"
            headers = [(b"content-type", file.kind), (b"cache-control", age), (b"vary", b"accept-encoding")]
            if body is file.packed:
                headers.append((b"content-encoding", b"gzip"))
            await _answer(send, headers, b"" if scope["method"] == "HEAD" else body, len(body))
        elif path.split("/", 2)[1] in API or path.startswith("/built/"):
            await self._api(scope, receive, send)
        else:
            nonce = secrets.token_urlsafe(18)
            policy = content_security_policy(nonce).encode()
            headers = [
                (b"content-type", b"text/html; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"content-security-policy", policy),
            ]
            body = self._index.replace(NONCE, nonce.encode())
            await _answer(send, headers, b"" if scope["method"] == "HEAD" else body, len(body))


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])


async def _answer(send: Send, headers: list[tuple[bytes, bytes]], body: bytes, length: int) -> None:
    always = [
        (b"content-length", str(length).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": [*headers, *always]})
    await send({"type": "http.response.body", "body": body, "more_body": False})
