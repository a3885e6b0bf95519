"""Which files of a project name a segment, a derived event, a table or a list: what would miss it if it went."""

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from .documents import read
from .folder import Sources

KEYS: Final = {"segments": ("segment",), "events": ("event", "from"), "tables": ("table",), "lists": ("list",)}
"""By folder: the keys whose value names one of its files."""

LISTED: Final = {"segments": ("include", "exclude")}
"""Keys at the root of a campaign whose value lists names."""


class Use(Struct, frozen=True, order=True):
    """``kind`` is the folder of the file that names it, ``id`` its name, ``path`` the place in it."""

    kind: str
    id: str
    path: str


def uses(sources: Sources, kind: str, name: str) -> list[Use]:
    """Every place that names ``name`` of the folder ``kind``, except in its own file. Files that cannot be read are left out."""
    found: list[Use] = []
    for file, text in sorted(sources.items()):
        folder, _, rest = file.partition("/")
        if not file.endswith(".yaml") or not rest or file == f"{kind}/{name}.yaml":
            continue
        document = read(file, text, [])
        if document is not None:
            user = rest.removesuffix(".yaml").removesuffix("/template")
            found.extend(Use(folder, user, place) for place in _places(document.data, kind, name, ""))
    return found


def events(sources: Sources) -> dict[str, list[Use]]:
    """By name, every place that speaks of an event, real or derived."""
    found: dict[str, list[Use]] = {}
    for file, text in sorted(sources.items()):
        folder, _, rest = file.partition("/")
        document = read(file, text, []) if file.endswith(".yaml") and rest else None
        if document is not None:
            user = rest.removesuffix(".yaml").removesuffix("/template")
            for name, place in _named(document.data, KEYS["events"], ""):
                found.setdefault(name, []).append(Use(folder, user, place))
    return found


def _named(data: Any, keys: tuple[str, ...], path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _named(item, keys, f"{path}[{index}]")
    elif isinstance(data, dict):
        for key, value in data.items():
            below = f"{path}.{key}" if path else str(key)
            if key in keys and isinstance(value, str):
                yield value, below
            else:
                yield from _named(value, keys, below)


def _places(data: Any, kind: str, name: str, path: str) -> Iterator[str]:
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _places(item, kind, name, f"{path}[{index}]")
    elif isinstance(data, dict):
        for key, value in data.items():
            below = f"{path}.{key}" if path else str(key)
            if value == name and key in KEYS.get(kind, ()):
                yield below
            elif not path and key in LISTED.get(kind, ()) and isinstance(value, list):
                yield from (f"{below}[{index}]" for index, item in enumerate(value) if item == name)
            else:
                yield from _places(value, kind, name, below)
