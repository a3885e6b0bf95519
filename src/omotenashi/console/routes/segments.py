"""Segments as a list, with their sizes, and where a segment, a derived event, a table or a list is used."""

import threading
import time
from typing import Any, Literal

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from omotenashi.configuration.documents import read
from omotenashi.configuration.names import Called
from omotenashi.configuration.uses import PARTS, WHOLE, all_uses, uses
from omotenashi.console.desk import Desk
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import Instant

from .rules import spoken

REST: int = 20
"""Sizes are asked again after this many times the time that it took to ask."""


class Segment(Struct):
    """A segment in force. ``used_by`` counts the places that name it; ``folder`` is "" for none."""

    id: str
    ja: str
    en: str
    folder: str
    says_ja: str
    says_en: str
    used_by: int


class SizeOf(Struct):
    segment: str
    people: int


class Sizes(Struct):
    """Every segment's size at ``as_of``."""

    segments: list[SizeOf]
    as_of: Instant


class UsedIn(Struct):
    """A file that names it, by its kind (campaigns, segments, events, templates) and id; ``places`` inside it."""

    kind: str
    id: str
    ja: str
    en: str
    places: list[str]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/segments`` and ``/uses``."""
    asking = threading.Lock()
    told: dict[str, tuple[int, float, Sizes]] = {}

    @get("/api/projects/{project:str}/segments", sync_to_thread=True, opt={"needs": "read"})
    def segments(project: FromPath[str]) -> list[Segment]:
        """Every segment in force, with its rule as a sentence and its folder."""
        found = desk.project(project)
        called = desk.names(found)
        sources = desk.office.sources(found.id, found.version)
        used = all_uses(sources, "segments")
        listed: list[Segment] = []
        for name, rule in found.segments.items():
            words = called.segments.get(name, Called(name, name))
            says = spoken(desk, found, rule)
            listed.append(Segment(name, words.ja, words.en, _folder(sources, name), *says, len(used.get(name, []))))
        return listed

    @get("/api/projects/{project:str}/segments/sizes", sync_to_thread=True, opt={"needs": "read"})
    def sizes(project: FromPath[str]) -> Sizes:
        """How many people are in each segment; a little older when it takes long to count."""
        found = desk.project(project)
        with asking:
            version, until, before = told.get(project, (-1, 0.0, None))
            begun = time.monotonic()
            if before is not None and version == found.version and begun < until:
                return before
            now = desk.clock()
            people = desk.questions.sizes(found, {str(name): rule for name, rule in found.segments.items()}, now)
            answer = Sizes([SizeOf(name, size) for name, size in people.items()], now)
            ended = time.monotonic()
            told[project] = (found.version, ended + REST * (ended - begun), answer)
        return answer

    @get("/api/projects/{project:str}/uses/{kind:str}/{name:str}", sync_to_thread=True, opt={"needs": "read"})
    def used_in(
        project: FromPath[str], kind: FromPath[Literal["segments", "events", "tables", "lists"]], name: FromPath[str]
    ) -> list[UsedIn]:
        """Which files in force name this segment, derived event, table or list."""
        found = desk.project(project)
        places: dict[tuple[str, str], list[str]] = {}
        for use in uses(desk.office.sources(found.id, found.version), kind, name):
            places.setdefault((use.kind, use.id), []).append(use.path)
        return [UsedIn(of, user, *_called(desk, found, of, user), paths) for (of, user), paths in places.items()]

    return [segments, sizes, used_in]


def _folder(sources: dict[str, str], segment: str) -> str:
    document = read("", sources.get(f"segments/{segment}.yaml", ""), [])
    data: Any = document.data if document is not None else None
    return str(data.get("folder") or "") if isinstance(data, dict) else ""


def _called(desk: Desk, project: Project, kind: str, name: str) -> tuple[str, str]:
    called = desk.names(project)
    if kind == WHOLE:
        return PARTS.get(name, (name, name))
    by_kind = {"campaigns": called.campaigns, "segments": called.segments, "events": called.events}
    words = by_kind.get(kind, {}).get(name)
    return (words.ja, words.en) if words is not None else (name, name)
