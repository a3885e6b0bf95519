"""Answers in the language of whoever asks: every field that is a `Message`, wherever it stands, at the door.

It is what ``Accept-Language`` prefers of Japanese and English. Who says nothing, as programs do, is answered in English.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final, TypeVar, cast, get_args, get_origin

import msgspec
from litestar import Request, Response
from litestar.response.base import ASGIResponse
from msgspec import Struct

from omotenashi.configuration.kinds import Language
from omotenashi.configuration.language import Message, in_language

T = TypeVar("T")

HEADER: Final = "accept-language"
_MARK: Final = get_args(Message)[1]


def language_of(headers: Mapping[str, str]) -> Language:
    """Which of our languages the request prefers; the earlier of two that it likes as much."""
    liked: list[tuple[float, Language]] = []
    for part in headers.get(HEADER, "").lower().split(","):
        tag, _, quality = part.strip().partition(";")
        primary = tag.partition("-")[0]
        if primary in ("ja", "en"):
            liked.append((_quality(quality), primary))
    best = max(liked, key=lambda one: one[0], default=(0.0, "en"))
    return best[1] if best[0] > 0 else "en"


def _quality(written: str) -> float:
    try:
        return float(written.strip().removeprefix("q=")) if written else 1.0
    except ValueError:
        return 0.0


class Spoken(Response[T]):
    """An answer whose messages are in the language of the request."""

    def to_asgi_response(self, app: Any, request: Request[Any, Any, Any], **options: Any) -> ASGIResponse:
        self.content = told(self.content, language_of(request.headers))
        return super().to_asgi_response(app, request, **options)


def told(content: T, language: Language) -> T:
    """The same with its messages in ``language``."""
    return content if language == "en" else cast(T, _told(content, language))


def _told(content: Any, language: Language) -> Any:
    match content:
        case Struct():
            changed = {
                name: in_language(value, language) if is_message else _told(value, language)
                for name, is_message in _places(type(content))
                if (value := getattr(content, name))
            }
            return msgspec.structs.replace(content, **changed) if changed else content
        case list() | tuple():
            return type(content)(_told(one, language) for one in content) if content and _is_telling(content[0]) else content
        case _:
            return content


def _is_telling(content: Any) -> bool:
    return isinstance(content, Struct) and bool(_places(type(content)))


@cache
def _places(struct: type[Struct]) -> tuple[tuple[str, bool], ...]:
    """The fields below which a message stands, each with whether it is one itself."""
    fields = msgspec.structs.fields(struct)
    return tuple((field.name, _is_message(field.type)) for field in fields if _tells(field.type, frozenset((struct,))))


def _is_message(kind: Any) -> bool:
    return get_origin(kind) is Annotated and get_args(kind)[1] is _MARK


def _tells(kind: Any, seen: frozenset[type]) -> bool:
    if _is_message(kind):
        return True
    if isinstance(kind, type) and issubclass(kind, Struct):
        below = seen | {kind}
        return kind not in seen and any(_tells(field.type, below) for field in msgspec.structs.fields(kind))
    return any(_tells(part, seen) for part in get_args(kind) if part is not Ellipsis)
