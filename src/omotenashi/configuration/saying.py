"""What changed in a document, place by place, in words: rules as sentences, names in both languages."""

from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from msgspec import Struct

from omotenashi.engine.rules import parse
from omotenashi.engine.rules.parse import Place
from omotenashi.engine.rules.words import Language, Names, sentence
from omotenashi.model.rules import Rule

from .documents import joined
from .layout import same
from .recipe import written

LONGEST: Final = 2_000


class Said(Struct, frozen=True):
    """The same in Japanese and in English; "" where there is nothing."""

    ja: str
    en: str


class Edit(Struct, frozen=True):
    """One place of a document, before and after. Arms are named: ``actions[reminder].texts.title``."""

    path: str
    before: Said
    after: Said


NOTHING: Final = Said("", "")
RULES: Final[dict[str, dict[str, Place]]] = {
    "segments": {"rule": "person"},
    "campaigns": {"rule": "person", "trigger.where": "event", "goal.where": "event"},
    "events": {"where": "filter"},
}
"""By kind: the places that hold a rule, which is one thing, and where it is read."""
_YES: Final = {True: Said("はい", "yes"), False: Said("いいえ", "no")}


class Speaker:
    """Says values and rules. ``known`` is what rules may name; ``names`` what the project calls it, in each language."""

    def __init__(self, known: parse.Known, names: Callable[[Language], Names]) -> None:
        self._known = known
        self._names: dict[Language, Names] = {"ja": names("ja"), "en": names("en")}

    def rule(self, rule: Rule) -> Said:
        return Said(sentence(rule, "ja", self._names["ja"]), sentence(rule, "en", self._names["en"]))

    def edits(self, kind: str, before: Any, after: Any) -> list[Edit]:
        """Every place where the documents differ; a document that is not there is None."""
        found = _between(before, after, "", RULES.get(kind, {}))
        return [Edit(path, self.said(kind, path, old), self.said(kind, path, new)) for path, old, new in found]

    def said(self, kind: str, path: str, data: Any) -> Said:
        """What stands at a place, None for nothing."""
        place = RULES.get(kind, {}).get(path)
        if place is not None and data is not None:
            return self._read(data, place)
        if path.startswith("pages.") and isinstance(data, list):
            return _listed([self._page(page) for page in cast(list[Any], data)])
        return _value(data)

    def _page(self, page: Any) -> Said:
        match page:
            case {"rule": rule}:
                return self._read(rule, "event")
            case _:
                return _value(page)

    def _read(self, data: Any, place: Place) -> Said:
        parsed = parse.rule(data, place, self._known)
        return _value(data) if isinstance(parsed, list) else self.rule(parsed)


def _value(data: Any) -> Said:
    match data:
        case None:
            return NOTHING
        case bool():
            return _YES[data]
        case {"ja": str(ja), "en": str(en), **rest} if not rest:
            return Said(_cut(ja), _cut(en))
        case [*items] if not any(isinstance(item, dict | list) for item in items):
            return _listed([_value(item) for item in items])
        case str() | int() | float():
            return Said(_cut(str(data)), _cut(str(data)))
        case _:
            text = _cut(written(data).rstrip("\n"))
            return Said(text, text)


def _listed(said: list[Said]) -> Said:
    return Said(_cut("、".join(one.ja for one in said)), _cut(", ".join(one.en for one in said)))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _between(old: Any, new: Any, path: str, whole: dict[str, Place]) -> Iterator[tuple[str, Any, Any]]:
    """The places that differ. Rules, texts in two languages and page lists are told whole, arms by their names."""
    if same(old, new):
        return
    if path not in whole and isinstance(old, dict) and isinstance(new, dict) and not (is_bilingual(old) and is_bilingual(new)):
        before, after = cast(dict[str, Any], old), cast(dict[str, Any], new)
        for key in dict.fromkeys((*before, *after)):
            yield from _between(before.get(key), after.get(key), joined(path, key), whole)
    elif path == "actions" and isinstance(old, list) and isinstance(new, list):
        arms, others = _arms(old), _arms(new)
        for name in dict.fromkeys((*arms, *others)):
            yield from _between(arms.get(name), others.get(name), f"actions[{name}]", whole)
    else:
        yield path, old, new


def is_bilingual(data: Any) -> bool:
    """Whether this is a text in both languages, which is one thing."""
    return isinstance(data, dict) and set(cast(dict[str, Any], data)) == {"ja", "en"}


def _arms(actions: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for index, arm in enumerate(actions):
        data: dict[str, Any] = cast(dict[str, Any], arm) if isinstance(arm, dict) else {}
        found[str(data.get("name") or ("holdout" if "holdout" in data else index + 1))] = arm
    return found
