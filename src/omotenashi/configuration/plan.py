"""What applying a configuration would change, object by object and place by place, in words one can say yes to."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, cast

from msgspec import Struct

from omotenashi.engine.statistics import used_by
from omotenashi.model.campaigns import Project

from . import documents
from .documents import joined
from .folder import Sources

What = Literal["add", "change", "remove"]


class Difference(Struct, frozen=True, omit_defaults=True):
    """One place of an object, before and after, each as it would be written; "" where there is nothing."""

    path: str
    before: str = ""
    after: str = ""


class Change(Struct, frozen=True, omit_defaults=True):
    """An object that is added, changed or removed. ``kind`` is project, event, segment, campaign, template, table or list."""

    what: What
    kind: str
    id: str
    differences: tuple[Difference, ...] = ()


class Changes(Struct, frozen=True, omit_defaults=True):
    """What ``apply`` would do. ``preparing`` names the live campaigns that wait until the past has been counted."""

    version: int
    changes: tuple[Change, ...]
    preparing: tuple[str, ...] = ()
    new_statistics: int = 0
    dropped_statistics: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.changes


_KINDS: Final = {
    "project.yaml": "project",
    "events": "event",
    "segments": "segment",
    "campaigns": "campaign",
    "templates": "template",
    "tables": "table",
    "lists": "list",
}
_ORDER: Final = tuple(_KINDS.values())
_LONGEST: Final = 200


def plan(before: tuple[Project, Sources] | None, after: tuple[Project, Sources]) -> Changes:
    """The difference between two configurations that were both found right; ``before`` is None at the first apply."""
    old_project, old_sources = before if before is not None else (None, {})
    new_project, new_sources = after
    old, new = _objects(old_sources), _objects(new_sources)
    changes: list[Change] = []
    for key in sorted({*old, *new}, key=lambda key: (_ORDER.index(key[0]), key[1])):
        kind, name = key
        if key not in old:
            changes.append(Change("add", kind, name))
        elif key not in new:
            changes.append(Change("remove", kind, name))
        elif differences := tuple(_differences(old[key], new[key])):
            changes.append(Change("change", kind, name, differences))
    changes += _renewed(old_project, new_project, old, new)
    born_before = set(old_project.statistics) if old_project else set[str]()
    fresh = set(new_project.statistics) - born_before
    waiting = [c.id for c in new_project.campaigns if c.live and fresh & set(used_by(c.audience, new_project.segments))]
    return Changes(
        version=new_project.version,
        changes=tuple(changes),
        preparing=tuple(waiting) if old_project else (),
        new_statistics=len(fresh),
        dropped_statistics=len(born_before - set(new_project.statistics)),
    )


def _renewed(
    before: Project | None, after: Project, old: Mapping[tuple[str, str], Any], new: Mapping[tuple[str, str], Any]
) -> Iterator[Change]:
    """What no file says and a newer release brings: built-in templates, and the style that all share."""
    if before is None:
        return
    for name in sorted(before.templates.keys() & after.templates.keys()):
        is_own = ("template", name) in old or ("template", name) in new
        if not is_own and before.templates[name] != after.templates[name]:
            yield Change("change", "template", name, (Difference("", "", "built in: as this release has it"),))
    if before.style != after.style and old.get(("project", "")) == new.get(("project", "")):
        yield Change("change", "project", "", (Difference("style", "", "what all templates share, as this release has it"),))


def _objects(sources: Sources) -> dict[tuple[str, str], dict[str, str]]:
    """The files of each object, by (kind, id); a template has several."""
    objects: dict[tuple[str, str], dict[str, str]] = {}
    for path, text in sources.items():
        parts = path.split("/")
        kind = _KINDS[parts[0]]
        name = "" if len(parts) == 1 else parts[1] if len(parts) == 3 else parts[1].rpartition(".")[0]
        objects.setdefault((kind, name), {})[parts[-1]] = text
    return objects


def _differences(old: dict[str, str], new: dict[str, str]) -> Iterator[Difference]:
    for file in sorted({*old, *new}):
        before, after = old.get(file, ""), new.get(file, "")
        if before == after:
            continue
        if file.endswith(".yaml"):
            found = list(_between(_data(file, before), _data(file, after), ""))
            yield from found or [Difference("", "", "only comments or layout")]
        else:
            yield _lines(file, before, after)


def _data(file: str, text: str) -> Any:
    document = documents.read(file, text, [])
    return None if document is None else document.data


def _between(old: Any, new: Any, path: str) -> Iterator[Difference]:
    if type(old) is type(new) and old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = cast(dict[str, Any], old), cast(dict[str, Any], new)
        for key in dict.fromkeys((*before, *after)):
            yield from _between(before.get(key), after.get(key), joined(path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(cast(list[Any], old)) == len(cast(list[Any], new)):
        for index, (one, other) in enumerate(zip(cast(list[Any], old), cast(list[Any], new), strict=True)):
            yield from _between(one, other, f"{path}[{index}]")
    else:
        yield Difference(path, _written(old), _written(new))


def _written(data: Any) -> str:
    text = "" if data is None else data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _lines(file: str, old: str, new: str) -> Difference:
    before, after = Counter(old.splitlines()), Counter(new.splitlines())
    removed, added = (before - after).total(), (after - before).total()
    return Difference(file, f"{removed} lines" if removed else "", f"{added} lines" if added else "")
