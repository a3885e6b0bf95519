"""Two people changed one document: what each changed alone is taken from each; where both did, somebody has to choose."""

from collections.abc import Iterable
from typing import Any, Final, cast

from msgspec import Struct

from .documents import joined
from .layout import same
from .saying import RULES, is_bilingual

Step = str | int


class Clash(Struct, frozen=True):
    """A place that both changed. ``steps`` lead to it through mappings and lists; None is where nothing stands."""

    path: str
    steps: tuple[Step, ...]
    base: Any
    mine: Any
    theirs: Any


_KINDS_WITH_RULES: Final = frozenset(RULES)


def merged(kind: str, base: Any, mine: Any, theirs: Any) -> tuple[Any, list[Clash]]:
    """The document with both people's changes, and where they clash; ``mine`` stands there until somebody chooses."""
    clashes: list[Clash] = []
    whole = RULES[kind].keys() if kind in _KINDS_WITH_RULES else ()
    return _merged(base, mine, theirs, (), "", frozenset(whole), clashes), clashes


def _merged(
    base: Any, mine: Any, theirs: Any, steps: tuple[Step, ...], path: str, whole: Iterable[str], clashes: list[Clash]
) -> Any:
    if same(mine, theirs) or same(base, theirs):
        return mine
    if same(base, mine):
        return theirs
    parts = (base if base is not None else type(mine)(), mine, theirs) if isinstance(mine, dict | list) else (base, mine, theirs)
    if path not in whole and not is_bilingual(mine):
        if all(isinstance(part, dict) for part in parts):
            return _merged_mappings(cast(list[dict[str, Any]], list(parts)), steps, path, whole, clashes)
        if all(isinstance(part, list) for part in parts) and len({len(part) for part in parts}) == 1:
            return [
                _merged(*trio, (*steps, index), f"{path}[{index}]", whole, clashes)
                for index, trio in enumerate(zip(*parts, strict=True))
            ]
    clashes.append(Clash(path, steps, base, mine, theirs))
    return mine


def _merged_mappings(
    parts: list[dict[str, Any]], steps: tuple[Step, ...], path: str, whole: Iterable[str], clashes: list[Clash]
) -> dict[str, Any]:
    base, mine, theirs = parts
    found: dict[str, Any] = {}
    for key in dict.fromkeys((*mine, *theirs)):
        trio = (base.get(key), mine.get(key), theirs.get(key))
        value = _merged(*trio, (*steps, key), joined(path, key), whole, clashes)
        if value is not None:
            found[key] = value
    return found
