"""Server-sent events: an answer that goes on while there is something to say."""

from collections.abc import AsyncIterator
from typing import Final

import msgspec
from litestar.response import Stream

LONGEST_SECONDS: Final = 600
"""A stream ends after this; the browser opens it again, and its rights are looked at again."""
SILENCE_SECONDS: Final = 15
"""So long nothing may come before a proxy takes the connection for dead."""
STILL_HERE: Final = b": still here\n\n"

_encode = msgspec.json.Encoder().encode


def told(event: str, said: object) -> bytes:
    """One message of a stream: the name of the event, and a struct as JSON."""
    return b"event: %s\ndata: %s\n\n" % (event.encode(), _encode(said))


def stream(messages: AsyncIterator[bytes]) -> Stream:
    """The answer that carries these messages as they come."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return Stream(messages, media_type="text/event-stream; charset=utf-8", headers=headers)
