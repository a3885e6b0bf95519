"""Which events has anybody ever sent, with which fields? And which values does a fact have?"""

from collections.abc import Collection
from typing import Final

from msgspec import Struct

from omotenashi.model.ids import Instant, PersonId, ProjectId
from omotenashi.warehouse.paths import read as read_path
from omotenashi.warehouse.questions.top_values import TopValue
from omotenashi.warehouse.store import Store

from . import sql

KINDS: Final = {1: "number", 2: "text", 3: "boolean"}
OF_DEVICES: Final = ("device", "os", "browser", "language", "country")


class SeenEvent(Struct, frozen=True):
    """How often an event was sent, and when last."""

    name: str
    events: int
    latest_at: Instant


class SeenField(Struct, frozen=True):
    """``kinds`` are those its values had: number, text, boolean; ``listed`` when a list led to one."""

    path: str
    kinds: tuple[str, ...]
    listed: bool


def seen_events(store: Store, project: ProjectId) -> list[SeenEvent]:
    """Every event, the most frequent first; what only the log knows (reservations, goals) is left out."""
    rows = store.ask(sql("seen_events"), {"project": project})
    return [SeenEvent(str(name), int(events), Instant(int(latest))) for name, events, latest in rows]


def seen_fields(store: Store, project: ProjectId, events: Collection[str]) -> list[SeenField]:
    """Every field that one of these events was ever seen with, by path."""
    rows = store.ask(
        "SELECT path, arraySort(groupUniqArray(kind)), max(listed) FROM fields "
        "WHERE project = {project:String} AND name IN {names:Array(String)} GROUP BY path ORDER BY path",
        {"project": project, "names": sorted(events)},
    )
    return [
        SeenField(".".join(read_path(path)), tuple(KINDS[kind] for kind in kinds), bool(listed)) for path, kinds, listed in rows
    ]


def top_of_device(store: Store, project: ProjectId, fact: str, top: int = 30) -> list[TopValue]:
    """The most frequent values of one of `OF_DEVICES`, by people; ``events`` are the sessions that began with it."""
    if fact not in OF_DEVICES:
        raise ValueError(f"fact: expected one of {', '.join(OF_DEVICES)}, got {fact!r}")
    rows = store.ask(
        f"SELECT {fact}, count() AS sessions, uniqExact(who) AS people FROM entries "
        f"WHERE project = {{project:String}} AND opened_session AND isNotNull({fact}) "
        f"GROUP BY {fact} ORDER BY people DESC, sessions DESC, {fact} LIMIT {{top:UInt32}}",
        {"project": project, "top": top},
    )
    return [TopValue(str(value), int(sessions), int(people)) for value, sessions, people in rows]


def some_people(store: Store, project: ProjectId, limit: int) -> list[PersonId]:
    """A few people who were here lately, under the names they were logged by."""
    rows = store.ask(
        "SELECT person FROM people WHERE project = {project:String} ORDER BY position DESC LIMIT {limit:UInt32}",
        {"project": project, "limit": limit},
    )
    return [PersonId(str(person)) for (person,) in rows]
