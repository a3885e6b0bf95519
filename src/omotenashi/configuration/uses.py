"""Which files of a project name a segment, a derived event, a table or a list: what would miss it if it went."""

import re
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from .documents import Document, read
from .folder import Sources

KEYS: Final = {"segments": ("segment",), "events": ("event", "from"), "tables": ("table",), "lists": ("list",)}
"""By folder: the keys whose value names one of its files."""

LISTED: Final = {"segments": ("include", "exclude")}
"""Keys at the root of a campaign whose value lists names."""


WHOLE: Final = "project"
"""The kind under which ``project.yaml`` uses something; the id is the part of it, such as ``recording``."""

PARTS: Final = {"recording": ("録画の設定", "Recording")}
"""The parts of ``project.yaml`` that have rules, and what they are called in Japanese and English."""

_FIELD: Final = re.compile(r"actions\[\d+\]\.variables\.\w+(\.key|\.match\.value)?\.event")
"""Where a campaign's `event:` names a field of the triggering event."""


class Use(Struct, frozen=True, order=True):
    """``kind`` is the folder of the file that names it, ``id`` its name, ``path`` the place in it. See also `WHOLE`."""

    kind: str
    id: str
    path: str


def uses(sources: Sources, kind: str, name: str) -> list[Use]:
    """Every place that names ``name`` of the folder ``kind``, except in its own file. Files that cannot be read are left out."""
    return all_uses(sources, kind).get(name, [])


def all_uses(sources: Sources, kind: str) -> dict[str, list[Use]]:
    """By name: every place that names one of the folder ``kind``."""
    found: dict[str, list[Use]] = {}
    for file, text in sorted(sources.items()):
        folder, _, rest = file.partition("/")
        if file == f"{WHOLE}.yaml":
            _put_whole(found, read(file, text, []), kind)
        if not file.endswith(".yaml") or not rest:
            continue
        document = read(file, text, [])
        user = rest.removesuffix(".yaml").removesuffix("/template")
        for name, place in () if document is None else _places(document.data, kind, ""):
            if (folder, user) != (kind, name):
                found.setdefault(name, []).append(Use(folder, user, place))
    return found


def events(sources: Sources) -> dict[str, list[Use]]:
    """By name, every place that speaks of an event, real or derived."""
    return all_uses(sources, "events")


def _put_whole(found: dict[str, list[Use]], document: Document | None, kind: str) -> None:
    if document is None or not isinstance(document.data, dict):
        return
    for part in PARTS:
        for name, place in _places(document.data.get(part), kind, part):
            found.setdefault(name, []).append(Use(WHOLE, part, place))


def _places(data: Any, kind: str, path: str) -> Iterator[tuple[str, str]]:
    """(name, place) of everything that is named below ``path``."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _places(item, kind, f"{path}[{index}]")
    elif isinstance(data, dict):
        for key, value in data.items():
            below = f"{path}.{key}" if path else str(key)
            if isinstance(value, str) and key in KEYS.get(kind, ()) and not _FIELD.fullmatch(below):
                yield value, below
            elif not path and key in LISTED.get(kind, ()) and isinstance(value, list):
                yield from ((item, f"{below}[{index}]") for index, item in enumerate(value) if isinstance(item, str))
            else:
                yield from _places(value, kind, below)
