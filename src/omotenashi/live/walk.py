"""The addresses that a replay of rrweb's events would load: one walk finds them, and puts others in their place.

Written against what rrweb 2.1.6 records. Links that a person could follow, films and sound, and letters that a person reads are
never touched; what a page asks its browser to have at hand is left out.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from typing import Any, Final

from .css import Kind, Put, placed, rewritten

FULL, INCREMENTAL, META = 2, 3, 4
ELEMENT, TEXT = 2, 3


class _TooMany(Exception):
    pass


class Source(IntEnum):
    """What an incremental event tells of; only what is looked at here."""

    MUTATION = 0
    RULES = 8
    CANVAS = 9
    FONT = 10
    DECLARATION = 13
    ADOPTED = 15


MOST_PLACES: Final = 50_000
SHOWING: Final = frozenset(("img", "input"))
"""Their ``src`` is drawn."""
NAMING: Final = frozenset(("link", "image", "feimage", "use"))
"""Their ``href`` is loaded."""
_ADDRESS: Final = re.compile(r"[^\s,]\S*")
_SIZE: Final = re.compile(r"(?:[^,(]|\([^)]*\)?)*")
_LETTERS: Final = "#letters"
"""Text of which a style sheet is made."""


class Walk:
    """The way through one tab's events, in their order. It keeps in mind which elements load something, and where the page is."""

    def __init__(self) -> None:
        self.base = ""
        self._kinds: dict[int, str] = {}
        self._is_shared = False

    def copy(self) -> "Walk":
        """Another one that stands here; this one may then not be walked on."""
        other = Walk()
        other.base, other._kinds, other._is_shared = self.base, self._kinds, True
        return other

    def through(self, events: list[Any], put: Put) -> None:
        """Puts what ``put`` answers in place of every address. What does not look like rrweb's events is passed over.

        No page names more than ``MOST_PLACES`` addresses at a time: whoever made up one that does gets no further.
        """
        left = MOST_PLACES

        def counted(url: str, kind: Kind) -> str:
            nonlocal left
            left -= 1
            if left < 0:
                raise _TooMany
            return put(url, kind)

        with suppress(_TooMany):
            self._through(events, counted)

    def _through(self, events: list[Any], put: Put) -> None:
        for event in events:
            if not isinstance(event, dict) or not isinstance(data := event.get("data"), dict):
                continue
            kind = event.get("type")
            if kind == META:
                self.base = _web(data.get("href"))
            elif kind == FULL:
                self._kinds, self._is_shared = {}, False
                self._node(data.get("node"), "", put)
            elif kind == INCREMENTAL:
                self._happened(data, put)

    def _happened(self, data: dict[str, Any], put: Put) -> None:
        match data.get("source"):
            case Source.MUTATION:
                self._mutated(data, put)
            case Source.RULES:
                self._rules(data.get("adds"), put)
                for name in ("replace", "replaceSync"):
                    self._sheet(data, name, put)
            case Source.CANVAS:
                _pictures(data, lambda url: placed(url, self.base, put, "look"))
            case Source.FONT if data.get("buffer") is not True:
                self._sheet(data, "fontSource", put)
            case Source.DECLARATION if isinstance(declared := data.get("set"), dict):
                self._sheet(declared, "value", put)
            case Source.ADOPTED:
                for style in _all(data.get("styles")):
                    self._rules(style.get("rules"), put)
            case _:
                pass

    def _mutated(self, data: dict[str, Any], put: Put) -> None:
        for added in _all(data.get("adds")):
            self._node(added.get("node"), self._kinds.get(_number(added.get("parentId")), ""), put)
        for one in _all(data.get("attributes")):
            if isinstance(attributes := one.get("attributes"), dict):
                self._attributes(self._kinds.get(_number(one.get("id")), ""), attributes, put)
        for text in _all(data.get("texts")):
            if self._kinds.get(_number(text.get("id"))) == _LETTERS:
                self._sheet(text, "value", put)

    def _node(self, node: Any, above: str, put: Put) -> None:
        """A node with all that is in it, in the page's order. ``above`` is what it stands in."""
        waiting: list[tuple[Any, str]] = [(node, above)]
        while waiting:
            one, above = waiting.pop()
            if not isinstance(one, dict):
                continue
            number = _number(one.get("id"))
            if one.get("type") == ELEMENT:
                above = self._element(one, number, put)
            elif one.get("type") == TEXT and above == "style":
                self._note(number, _LETTERS)
                self._sheet(one, "textContent", put)
            children = one.get("childNodes")
            if isinstance(children, list):
                waiting += [(child, above) for child in reversed(children)]

    def _element(self, one: dict[str, Any], number: int, put: Put) -> str:
        tag = str(one.get("tagName", "")).lower()
        attributes = one.get("attributes")
        if not isinstance(attributes, dict):
            return tag
        if tag == "base" and "rootId" not in one:
            self.base = _web(attributes.get("href")) or self.base
        loads = tag if _loads(tag, attributes) else ""
        if tag == "link" and not loads:  # an icon, something to load early: nobody sees it
            attributes.pop("href", None)
        if loads:
            self._note(number, loads)
        self._attributes(loads, attributes, put)
        return tag

    def _note(self, number: int, kind: str) -> None:
        if self._is_shared and self._kinds.get(number) != kind:
            self._kinds, self._is_shared = {**self._kinds}, False
        self._kinds[number] = kind

    def _attributes(self, tag: str, attributes: dict[str, Any], put: Put) -> None:
        for name, value in list(attributes.items()):
            if name in ("style", "_cssText") and isinstance(value, str):
                self._sheet(attributes, name, put)
            elif name == "style" and isinstance(value, dict):  # only what has changed
                for changed, to in value.items():
                    if isinstance(to, list) and to:
                        self._sheet(to, 0, put)
                    elif isinstance(to, str):
                        self._sheet(value, changed, put)
            elif not isinstance(value, str) or not value:
                continue
            elif name == "srcset":
                attributes[name] = self._list(value, put)
            elif (
                name in ("poster", "background")
                or (name == "src" and tag in SHOWING)
                or (name in ("href", "xlink:href") and tag in NAMING)
            ):
                kind: Kind = "sheet" if tag == "link" else "look"
                attributes[name] = placed(value, self.base, put, kind)
            elif name == "integrity" and tag == "link":
                del attributes[name]  # what is answered in its place is another sheet

    def _list(self, text: str, put: Put) -> str:
        """A ``srcset``: addresses with their sizes, and commas between."""
        parts: list[str] = []
        at = 0
        while found := _ADDRESS.search(text, at):
            url = found[0].rstrip(",")
            parts += (text[at : found.start()], placed(url, self.base, put, "look"))
            at = found.start() + len(url)
            sized = None if url != found[0] else _SIZE.match(text, at)  # its own comma ends it without a size
            if sized is not None:
                parts.append(sized[0])
                at = sized.end()
        return "".join((*parts, text[at:]))

    def _rules(self, adds: Any, put: Put) -> None:
        for added in _all(adds):
            self._sheet(added, "rule", put)

    def _sheet(self, where: Any, name: Any, put: Put) -> None:
        if isinstance(text := where.get(name) if isinstance(where, dict) else where[name], str):
            where[name] = rewritten(text, self.base, put)


def _loads(tag: str, attributes: dict[str, Any]) -> bool:
    """Whether the element loads what its ``src`` or ``href`` names, or is a style sheet.

    A picture of one point is there to count, not to be seen.
    """
    match tag:
        case "style" | "image" | "feimage" | "use":
            return True
        case "img":
            return not (attributes.get("width") in ("0", "1") and attributes.get("height") in ("0", "1"))
        case "input":
            return attributes.get("type") == "image"
        case "link":
            words = str(attributes.get("rel") or "").lower().split()
            early = "preload" in words and attributes.get("as") == "style"
            return "stylesheet" in words or early or "_cssText" in attributes
        case _:
            return False


def _pictures(data: dict[str, Any], placed: Callable[[str], str]) -> None:
    """Pictures that were drawn onto a canvas."""
    waiting: list[Any] = [data.get("args"), data.get("commands")]
    while waiting:
        match waiting.pop():
            case list() as several:
                waiting += several
            case dict() as one:
                if one.get("rr_type") == "HTMLImageElement" and isinstance(src := one.get("src"), str):
                    one["src"] = placed(src)
                waiting += one.values()
            case _:
                pass


def _web(address: Any) -> str:
    return address if isinstance(address, str) and address.startswith(("http://", "https://")) else ""


def _all(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
