"""What is told to people, in their language. Messages are English where they are made; ``words/ja.yaml`` says them in Japanese.

The English stays for logs and machines; whoever answers a person asks here, once, at the door. What has no entry stays English.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Final

import yaml
from msgspec import Meta, Struct

from .kinds import Language

Message = Annotated[str, Meta(description="for people: English, or what Accept-Language prefers")]
"""What a person is told: English where it is made, in their own language when it leaves."""

_WORDS: Final = Path(__file__).with_name("words")
_PHRASES: Final = frozenset(("wanted", "what", "kind", "place", "people"))
_JOINTS: Final = {"either": (" or ", "、"), "every": (" and ", "、")}
_PLACEHOLDER: Final = re.compile(r"\{([a-z]+)\}")
_NUMBER: Final = r"-?[\d.,e+]+"
_SHAPES: Final = {"path": r"\S+?", **dict.fromkeys(("least", "most", "low", "high", "size", "count"), _NUMBER)}
_OR: Final = " or "
_ENGLISH: Final = re.compile(r"\b[a-z]+ [a-z]+\b")
_LATIN, _OURS = "[A-Za-z{}`]", "[ぁ-んァ-ヶ一-龠]"
_TOUCHING: Final = re.compile(f"{_LATIN}{_OURS}|{_OURS}{_LATIN}")


def in_language(message: str, language: Language) -> str:
    """The message as a reader of ``language`` is told it: names, values and code stay as they are.

    It is English, as the code says it; what the catalogue does not know comes back unchanged.
    """
    return message if language == "en" else _sentence(message)


class Catalogue(Struct, frozen=True):
    """English → Japanese, each with placeholders: whole sentences, phrases inside them, and what stands for no value."""

    sentences: dict[str, str]
    phrases: dict[str, str]
    values: dict[str, str]


@cache
def japanese() -> Catalogue:
    """What there is in Japanese."""
    return Catalogue(**yaml.load((_WORDS / "ja.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader))


class _Entry(Struct, frozen=True):
    """An English text with placeholders. ``start`` and ``end`` stand before the first and behind the last of them."""

    english: str
    said: str
    start: str
    end: str
    weight: int

    def found(self, text: str) -> dict[str, str] | None:
        """What the placeholders stand for in ``text``; None when it is another one."""
        if not (text.startswith(self.start) and text.endswith(self.end)):
            return None
        match = _pattern(self.english).fullmatch(text)
        return None if match is None else match.groupdict()


class _Index:
    """Entries with placeholders by the word that they begin with, the most telling first."""

    def __init__(self, entries: dict[str, str]) -> None:
        self._by_word: dict[str, list[_Entry]] = {}
        open_ones = (_entry(english, said) for english, said in entries.items() if _PLACEHOLDER.search(english))
        for entry in sorted(open_ones, key=lambda one: -one.weight):
            self._by_word.setdefault(_first_word(entry.start), []).append(entry)

    def matching(self, text: str) -> Iterator[tuple[_Entry, dict[str, str]]]:
        """Every entry that ``text`` may be, with what its placeholders stand for."""
        word = _first_word(text)
        for entry in (*self._by_word.get(word, ()), *(self._by_word.get("", ()) if word else ())):
            found = entry.found(text)
            if found is not None:
                yield entry, found


@lru_cache(4_096)
def _sentence(text: str) -> str:
    known = japanese().sentences
    if text in known:
        return known[text]
    return _of_entries(_sentences(), text) or text


def _of_entries(index: "_Index", text: str) -> str | None:
    """By the first entry of which all parts can be said in Japanese."""
    for entry, found in index.matching(text):
        said = {name: part for name, given in found.items() if (part := _said(name, given)) is not None}
        if len(said) == len(found):
            return _filled(entry.said, said)
    return None


def _said(name: str, part: str) -> str | None:
    """What a placeholder's text is in Japanese; None for a phrase that there is none for. A name or code is none."""
    if name in _PHRASES:
        return _phrase(part) or (None if _ENGLISH.search(part) else part)
    if name == "problem":
        return _sentence(part)
    if name in _JOINTS:
        return part.replace(*_JOINTS[name])
    return _value(name, part)


def _phrase(text: str) -> str | None:
    known = japanese().phrases
    if text in known:
        return known[text]
    if text.startswith("{") and text.endswith("}"):
        return text
    whole = _of_entries(_phrases(), text)
    if whole is not None:
        return whole
    choices = _choices(text)
    if choices is None:
        return None
    return _put_together("、または", choices) if len(choices) == 2 else _put_together("", ["、".join(choices), "のいずれか"])


def _choices(text: str) -> list[str] | None:
    """The phrases that *or* joins, each in Japanese; None when one of them is none."""
    place = text.find(_OR)
    while place >= 0:
        first, rest = _phrase(text[:place]), text[place + len(_OR) :]
        if first is not None:
            others = _choices(rest)
            last = None if others is not None else _phrase(rest)
            if others is not None or last is not None:
                return [first, *(others or ()), *(() if last is None else (last,))]
        place = text.find(_OR, place + 1)
    return None


def _value(name: str, text: str) -> str:
    """A value in Japanese brackets where it is a text in quotes, or what was found."""
    values = japanese().values
    if text in values:
        return values[text]
    is_quoted = len(text) > 1 and text[0] in "'\"" and text[-1] == text[0] and text[0] not in text[1:-1]
    if is_quoted and name != "quoted":
        return f"「{text[1:-1]}」"
    return f"「{text}」" if name == "found" else text


def _filled(said: str, parts: dict[str, str]) -> str:
    return _put_together("", [parts[piece] if place % 2 else piece for place, piece in enumerate(_PLACEHOLDER.split(said))])


def _put_together(between: str, pieces: list[str]) -> str:
    """Joined, with a space where a Latin word would touch a Japanese one."""
    whole = pieces[0]
    for piece in pieces[1:]:
        for part in (between, piece):
            whole += f" {part}" if _TOUCHING.fullmatch(whole[-1:] + part[:1]) else part
    return whole


def _first_word(text: str) -> str:
    """The first word; "" when it does not end here."""
    return text.partition(" ")[0] if " " in text else ""


def _entry(english: str, said: str) -> _Entry:
    literal = _PLACEHOLDER.split(english)[::2]
    return _Entry(english, said, literal[0], literal[-1], sum(len(part) for part in literal))


@cache
def _pattern(english: str) -> re.Pattern[str]:
    """Placeholders stand for as little as there can be; a ``path`` has no space in it, a size is a number."""
    written = "".join(
        re.escape(part) if place % 2 == 0 else f"(?P<{part}>{_SHAPES.get(part, '.+?')})"
        for place, part in enumerate(_PLACEHOLDER.split(english))
    )
    return re.compile(written, re.DOTALL)


@cache
def _sentences() -> _Index:
    return _Index(japanese().sentences)


@cache
def _phrases() -> _Index:
    return _Index(japanese().phrases)
