"""Pictures of messages, to whoever asks: what stands at an address never changes, so browsers keep it for good."""

from collections.abc import Awaitable, Callable
from typing import Final

from omotenashi.blobs.assets import found
from omotenashi.model.reasons import Refusal

from .http import HeaderList, Scope, Send, answer
from .request import Refused

Fetch = Callable[[str], Awaitable[bytes | None]]
"""The bytes of a key of the store; None when there are none."""

_ALWAYS: Final[HeaderList] = [
    (b"cache-control", b"public, max-age=31536000, immutable"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"access-control-allow-origin", b"*"),
]
"""A picture is never a page: opened by itself it can neither run nor load anything."""


async def send_asset(fetch: Fetch, scope: Scope, send: Send) -> None:
    """Answers ``GET`` and ``HEAD`` below ``/assets/``. Raises ``Refused`` when there is no such picture."""
    asked = found(scope["path"])
    data = None if asked is None else await fetch(asked[0])
    if asked is None or data is None:
        raise Refused(Refusal.NOT_FOUND, "There is no picture at this address.", "path")
    headers: HeaderList = [(b"content-type", asked[1].encode()), *_ALWAYS]
    if scope["method"] == "HEAD":
        sized = [*headers, (b"content-length", b"%d" % len(data))]
        await send({"type": "http.response.start", "status": 200, "headers": sized})
        await send({"type": "http.response.body", "body": b""})
        return
    await answer(send, 200, headers, data)
