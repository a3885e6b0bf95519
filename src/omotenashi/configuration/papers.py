"""One document of a configuration folder: where it stands, its data, and its text with other data in it.

A document is a campaign, a segment, a derived event, a table, a list, a template or the project itself. Most are one YAML
file. A template is a folder: its text is a JSON object of its parts. A table may be CSV: its data are its cells as written.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, cast

import msgspec
from msgspec import Struct

from . import documents, gallery
from .folder import Sources
from .layout import relaid
from .problems import Problem
from .recipe import written

Kind = Literal["campaigns", "segments", "events", "tables", "lists", "templates", "project"]
KINDS: Final[tuple[Kind, ...]] = ("project", "campaigns", "segments", "events", "tables", "lists", "templates")


class Place(Struct, frozen=True):
    """``path`` is the document's file; of a template its folder. ``id`` of the project is "" here."""

    kind: Kind
    id: str
    path: str


def place(kind: Kind, id: str, sources: Mapping[str, str]) -> Place:
    """Where this document stands in these files, or would stand if it is not there yet."""
    match kind:
        case "project":
            return Place(kind, "", "project.yaml")
        case "templates":
            return Place(kind, id, f"templates/{id}")
        case "lists":
            return Place(kind, id, f"lists/{id}.txt")
        case "tables" if f"tables/{id}.csv" in sources:
            return Place(kind, id, f"tables/{id}.csv")
        case _:
            return Place(kind, id, f"{kind}/{id}.yaml")


def places(sources: Mapping[str, str]) -> Iterator[Place]:
    """Every document of these files, by kind and id."""
    found: set[tuple[str, str]] = set()
    for path in sources:
        folder, _, rest = path.partition("/")
        found.add(("project", "") if not rest else (folder, rest.partition("/")[0].rpartition(".")[0] or rest.partition("/")[0]))
    for kind in KINDS:
        for _, name in sorted(one for one in found if one[0] == kind):
            yield place(kind, name, sources)


def place_of(path: str) -> Place:
    """The document that a draft's path names."""
    folder, _, rest = path.partition("/")
    if not rest:
        return Place("project", "", path)
    return Place(cast(Kind, folder), rest if folder == "templates" else rest.rpartition(".")[0], path)


def files_of(place: Place, sources: Mapping[str, str]) -> Sources:
    """The document's files, by path."""
    if place.kind == "templates":
        return {path: text for path, text in sources.items() if path.startswith(f"{place.path}/")}
    return {place.path: sources[place.path]} if place.path in sources else {}


def text_of(place: Place, sources: Mapping[str, str]) -> str | None:
    """The document's text; None when it is not there."""
    files = files_of(place, sources)
    if not files:
        return None
    if place.kind != "templates":
        return files[place.path]
    parts = {part: files[path] for part in gallery.PARTS if (path := f"{place.path}/{part}") in files}
    return msgspec.json.format(msgspec.json.encode(parts), indent=1).decode()


def with_text(sources: Mapping[str, str], place: Place, text: str | None) -> Sources:
    """The files with this text as the document; without the document for None."""
    rest = {path: one for path, one in sources.items() if path not in files_of(place, sources)}
    if text is None:
        return rest
    if place.kind != "templates":
        return {**rest, place.path: text}
    parts = _parts(text) or {}
    return {**rest, **{f"{place.path}/{part}": one for part, one in parts.items()}}


def data_of(place: Place, text: str, problems: list[Problem]) -> Any:
    """The document as data; None when the text cannot be read, which ``problems`` then says."""
    if place.path.endswith(".yaml"):
        document = documents.read(place.path, text, problems)
        return None if document is None else document.data
    if place.kind == "templates":
        parts = _parts(text)
        if parts is None:
            problems.append(Problem(place.path, 0, "", f"expected a JSON object with the texts of {', '.join(gallery.PARTS)}"))
        return parts
    if place.kind == "lists":
        return {"lines": text.removeprefix("\ufeff").splitlines()}
    try:
        lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error as error:
        problems.append(Problem(place.path, 0, "", f"not CSV: {error}"))
        return None
    return {"header": lines[0] if lines else [], "lines": [line for line in lines[1:] if line]}


def text_with(place: Place, before: str | None, data: Any) -> str | None:
    """The document's text with this data; what did not change keeps its layout and comments. None for data of another shape."""
    if place.path.endswith(".yaml"):
        return None if not isinstance(data, dict) else written(data) if before is None else relaid(before, data)
    match data:
        case {"lines": [*lines]} if place.kind == "lists" and all(isinstance(line, str) for line in lines):
            return "".join(f"{line}\n" for line in lines)
        case {"header": [*header], "lines": [*lines]} if place.kind == "tables" and all(isinstance(line, list) for line in lines):
            buffer = io.StringIO()
            csv.writer(buffer, lineterminator="\n").writerows([header, *lines])
            return buffer.getvalue()
        case {} if place.kind == "templates":
            text = msgspec.json.format(msgspec.json.encode(data), indent=1).decode()
            return None if _parts(text) is None else text
        case _:
            return None


def _parts(text: str) -> dict[str, str] | None:
    try:
        parts = msgspec.json.decode(text, type=dict[str, str])
    except msgspec.DecodeError:
        return None
    return parts if parts.keys() <= set(gallery.PARTS) else None
