"""Bytes to a request: size, compression, encoding and the envelope's shape; every refusal names the field."""

import re
import zlib
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Raw, Struct

from omotenashi.model.reasons import NotRecorded, Refusal
from omotenashi.model.wire import TrackEvent, TrackRequest

T = TypeVar("T")

REQUEST_LIMIT: Final = 64 * 1024
EVENT_LIMIT: Final = 32 * 1024
EVENTS_LIMIT: Final = 100

_FIELD = re.compile(r"(?:missing required|unknown) field `(\w+)`")
_WHERE = re.compile(r"`\$\.?(.*?)`$")


class Refused(Exception):
    """A whole request that was not taken.

    ``where`` is the field or header at fault; ``retry_after`` is in seconds, for those who may try again.
    """

    def __init__(self, code: Refusal | NotRecorded, message: str, where: str = "", retry_after: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where
        self.retry_after = retry_after


STATUS: Final[dict[Refusal | NotRecorded, int]] = {
    **dict.fromkeys(NotRecorded, 403),
    NotRecorded.QUOTA: 507,
    Refusal.BAD_BODY: 400,
    Refusal.REQUEST_TOO_LARGE: 413,
    Refusal.TOO_MANY_EVENTS: 413,
    Refusal.UNKNOWN_KEY: 401,
    Refusal.WRONG_KEY_KIND: 403,
    Refusal.ORIGIN_NOT_ALLOWED: 403,
    Refusal.BAD_VISITOR: 400,
    Refusal.RATE_LIMITED: 429,
    Refusal.BUSY: 503,
    Refusal.STORAGE_FAILED: 503,
    Refusal.NOT_FOUND: 404,
    Refusal.METHOD_NOT_ALLOWED: 405,
    Refusal.UNAUTHORIZED: 401,
    Refusal.INTERNAL: 500,
}
"""The HTTP status of each refusal."""


class ServerEvent(Struct, forbid_unknown_fields=True):
    """One of ``POST /v1/events``. ``at`` is absolute, in ms; the person is named by ``visitor`` or ``user_id``."""

    name: str
    id: str = ""
    at: int | None = None
    values: Any = None
    visitor: str | None = None
    user_id: str | None = None


class ServerRequest(Struct, forbid_unknown_fields=True):
    events: list[Raw]


class ImportLine(Struct, forbid_unknown_fields=True):
    """One line of ``POST /v1/import``. Rows of a batch only go up; ``at`` is absolute, in ms."""

    row: int
    name: str
    at: int
    id: str = ""
    values: Any = None
    visitor: str | None = None
    user_id: str | None = None


class InternalRequest(Struct, forbid_unknown_fields=True):
    """``POST /internal/events``. ``key`` makes a repeated call count once: it names the events without an id."""

    project: str
    key: str
    events: list[Raw]
    person: str | None = None
    visitor: str | None = None
    user_id: str | None = None


class EraseRequest(Struct, forbid_unknown_fields=True):
    """``POST /internal/erase``: one person, named in one of three ways."""

    project: str
    key: str
    person: str | None = None
    visitor: str | None = None
    user_id: str | None = None


track_request = msgspec.json.Decoder(TrackRequest).decode
track_event = msgspec.json.Decoder(TrackEvent).decode
server_request = msgspec.json.Decoder(ServerRequest).decode
server_event = msgspec.json.Decoder(ServerEvent).decode
import_line = msgspec.json.Decoder(ImportLine).decode
internal_request = msgspec.json.Decoder(InternalRequest).decode
erase_request = msgspec.json.Decoder(EraseRequest).decode


UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the decoders raise. ``msgspec.ValidationError`` is a ``DecodeError``; the other two come through bare."""


def complaint(error: Exception) -> tuple[str, str]:
    """What was wrong with some JSON, as (message, where)."""
    if isinstance(error, RecursionError):
        return "The JSON is nested too deeply.", ""
    if isinstance(error, UnicodeDecodeError):
        return "The JSON is not valid UTF-8.", ""
    text = str(error)
    found = _WHERE.search(text)
    where = "" if found is None else found.group(1)
    field = _FIELD.search(text)
    if field is not None:
        name = field.group(1)
        where = f"{where}.{name}" if where else name
    return f"{text.split(' - at')[0]}.", where


def too_large(limit: int = REQUEST_LIMIT) -> Refused:
    return Refused(Refusal.REQUEST_TOO_LARGE, f"A request has at most {limit} bytes, also after decompression.", "body")


def inflated(body: bytes, limit: int = REQUEST_LIMIT) -> bytes:
    """The gzip body, decompressed up to ``limit`` bytes and never further.

    Raises ``Refused`` when there is more, or when it is not gzip.
    """
    stream = zlib.decompressobj(31)
    try:
        plain = stream.decompress(body, limit + 1)
    except zlib.error as error:
        raise Refused(Refusal.BAD_BODY, "The body is not gzip, though Content-Encoding says so.", "content-encoding") from error
    if len(plain) > limit:
        raise too_large(limit)
    if not stream.eof:
        raise Refused(Refusal.BAD_BODY, "The gzip body ends too early.", "body")
    return plain


def read(decode: Callable[[bytes], T], body: bytes) -> T:
    """The request in a body. Raises ``Refused``."""
    try:
        return decode(body)
    except UNREADABLE as error:
        message, where = complaint(error)
        raise Refused(Refusal.BAD_BODY, message, where) from None


def track(body: bytes) -> TrackRequest:
    """The envelope of ``POST /v1/track``; its events are still raw. Raises ``Refused``."""
    request = read(track_request, body)
    if len(request.events) > EVENTS_LIMIT:
        raise Refused(Refusal.TOO_MANY_EVENTS, f"A request has at most {EVENTS_LIMIT} events.", "events")
    return request
