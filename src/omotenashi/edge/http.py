"""The few pieces of HTTP that the edge speaks itself: headers in, bodies in, answers out.

Header lists are made once and shared; an answer adds only its length.
"""

import os
import zlib
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final

import msgspec

from omotenashi.model.reasons import Refusal
from omotenashi.model.wire import ErrorAnswer, ErrorBody

from .projects import Networks
from .request import REQUEST_LIMIT, STATUS, Refused, inflated, too_large

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
HeaderList = list[tuple[bytes, bytes]]

encode: Final = msgspec.json.Encoder().encode

JSON: Final[HeaderList] = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
ANYBODY: Final[HeaderList] = [*JSON, (b"access-control-allow-origin", b"*")]

PACKED_FROM: Final = 2_048
"""Bytes. A message with its style shrinks to a third; most answers carry none and are a few bytes."""

_cors: dict[bytes, HeaderList] = {}


def json_for(origin: bytes) -> HeaderList:
    """The headers of a JSON answer that a page of this origin may read."""
    known = _cors.get(origin)
    if known is None:
        if len(_cors) >= 10_000:
            _cors.clear()
        known = _cors[origin] = [*JSON, (b"access-control-allow-origin", origin or b"*"), (b"vary", b"origin")]
    return known


def header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    """The first header of this (lower-case) name, ``b""`` when there is none."""
    for key, value in headers:
        if key == name:
            return value
    return b""


async def whole_body(receive: Receive, limit: int = REQUEST_LIMIT) -> bytes:
    """The request's body. Raises ``Refused`` as soon as more than ``limit`` bytes came."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        parts = [body]
        size = len(body)
        while message.get("more_body", False) and size <= limit:
            message = await receive()
            part: bytes = message.get("body", b"")
            parts.append(part)
            size += len(part)
        body = b"".join(parts)
    if len(body) > limit:
        raise too_large(limit)
    return body


async def left(receive: Receive) -> None:
    """Returns when the browser has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def plain_body(headers: Iterable[tuple[bytes, bytes]], receive: Receive) -> bytes:
    """The request's body after its ``Content-Encoding``, which is gzip or none. Raises ``Refused``."""
    body = await whole_body(receive)
    encoding = header(headers, b"content-encoding")
    return decoded(body, encoding) if encoding else body


def decoded(body: bytes, encoding: bytes) -> bytes:
    """The body behind its ``Content-Encoding``. Raises ``Refused``."""
    encoding = encoding.strip().lower()
    if encoding in (b"gzip", b"x-gzip"):
        return inflated(body)
    if encoding in (b"", b"identity"):
        return body
    raise Refused(Refusal.BAD_BODY, "Content-Encoding is gzip or identity.", "content-encoding")


def packed(body: bytes, headers: HeaderList, accepts: bytes) -> tuple[bytes, HeaderList]:
    """The body and its headers, gzipped for a client that takes it when the body is longer than a packet or two."""
    if len(body) < PACKED_FROM or b"gzip" not in accepts:
        return body, headers
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush(), [*headers, (b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]


async def answer(send: Send, status: int, headers: HeaderList, body: bytes) -> None:
    """Sends one whole response."""
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


async def answer_refusal(send: Send, refused: Refused, headers: HeaderList) -> None:
    """Sends the one error body that every route has. Its ``id`` finds the request again in a conversation."""
    if refused.retry_after:
        told = [(b"retry-after", b"%d" % refused.retry_after), (b"access-control-expose-headers", b"retry-after")]
        headers = [*headers, *told]
    body = encode(ErrorAnswer(ErrorBody(refused.code.value, refused.message, refused.where, os.urandom(6).hex())))
    await answer(send, STATUS[refused.code], headers, body)


class Addresses:
    """Whose address a request has, given the proxies that are trusted to say so in ``X-Forwarded-For``."""

    __slots__ = ("trusted",)

    def __init__(self, trusted: Networks) -> None:
        self.trusted = trusted

    def of(self, peer: str, forwarded: bytes) -> str:
        """The last address in the chain that is not a trusted proxy; the peer itself when the peer is not one."""
        if not forwarded or peer not in self.trusted:
            return peer
        address = peer
        for part in reversed(forwarded.decode("latin-1").split(",")):
            address = part.strip().strip("[]")
            if address not in self.trusted:
                return address
        return address
