"""Which events does a site send, how often each day, and what do they look like?"""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from omotenashi.engine.calendar import Calendar
from omotenashi.model.entries import Event
from omotenashi.model.ids import Day, Instant, PersonId, ProjectId
from omotenashi.model.values import Scalar, Values
from omotenashi.warehouse.compile import elements_of_each, shape
from omotenashi.warehouse.paths import read as read_path
from omotenashi.warehouse.rows import read_body
from omotenashi.warehouse.store import Store

from . import sql
from .seen import KINDS

MOST_FIELDS: Final = 256
EXAMPLES: Final = 5


class Sent(Struct, frozen=True):
    """An event over all of history, by about so many ``people``; ``by_day`` counts it on each day that was asked about."""

    name: str
    events: int
    people: int
    first_at: Instant
    last_at: Instant
    by_day: tuple[int, ...]


class Seen(Struct, frozen=True):
    """So many ``events`` had the field as this kind: number, text or boolean."""

    kind: str
    events: int
    last_at: Instant


class FieldSeen(Struct, frozen=True):
    """A field in a period: how many events had it, as what, with about how many ``distinct`` values, and the usual ones.

    ``listed``: a list led to it; then an event can have it several times.
    """

    path: str
    listed: bool
    events: int
    kinds: tuple[Seen, ...]
    distinct: int
    examples: tuple[Scalar, ...]


class Latest(Struct, frozen=True):
    at: Instant
    person: PersonId
    values: Values
    source: str


def catalogue(store: Store, project: ProjectId, days: Sequence[Day], calendar: Calendar) -> list[Sent]:
    """Every event that was ever sent, the most frequent first; ``days`` are consecutive. Tests are left out, here and below."""
    starts = [calendar.day_start(day) for day in days]
    end = calendar.day_start(days[-1] + 1)
    rows = store.ask(sql("catalogue"), {"project": project, "days": starts, "start": starts[0], "end": end})
    return [_sent(row, len(days)) for row in rows]


def _sent(row: Sequence[Any], days: int) -> Sent:
    name, events, people, first, latest, (places, times) = row
    by_place = dict(zip(places, times, strict=True))
    by_day = tuple(int(by_place.get(place + 1, 0)) for place in range(days))
    return Sent(str(name), int(events), int(people), Instant(int(first)), Instant(int(latest)), by_day)


def mixed(store: Store, project: ProjectId) -> dict[str, list[str]]:
    """By event, the fields that were ever of more than one kind."""
    rows = store.ask(
        "SELECT name, path FROM fields WHERE project = {project:String} AND NOT startsWith(name, '_') "
        "GROUP BY name, path HAVING uniqExact(kind) > 1 ORDER BY name, path LIMIT 500",
        {"project": project},
    )
    found: dict[str, list[str]] = {}
    for name, path in rows:
        found.setdefault(str(name), []).append(".".join(read_path(path)))
    return found


def fields(
    store: Store, project: ProjectId, name: str, start: Instant, end: Instant, only: Sequence[str] | None = None
) -> tuple[int, list[FieldSeen]]:
    """How many events of a name there were within ``start`` <= at < ``end``, and their fields (``only`` these, if given)."""
    known = store.ask(
        "SELECT path, max(listed) FROM fields WHERE project = {project:String} AND name = {name:String} GROUP BY path "
        "ORDER BY path LIMIT {most:UInt32}",
        {"project": project, "name": name, "most": MOST_FIELDS},
    )
    paths = [(tuple(read_path(path)), bool(listed)) for path, listed in known]
    if only is not None:
        paths = [(path, listed) for path, listed in paths if ".".join(path) in only]
    elements, parameters = elements_of_each(shape(store, project), name, [path for path, _ in paths])
    columns = [
        f"countIf(notEmpty(e{n})), "
        + ", ".join(f"countIf(has(e{n}.1, {kind})), maxIf(at, has(e{n}.1, {kind}))" for kind in KINDS)
        + f", uniqArray(e{n}), topKArray({EXAMPLES})(e{n})"
        for n in range(len(elements))
    ]
    inner = ", ".join(["at", *(f"{element} AS e{n}" for n, element in enumerate(elements))])
    (row,) = store.ask(
        f"SELECT {', '.join(['count()', *columns])} FROM (SELECT {inner} FROM entries "
        "PREWHERE project = {project:String} AND name = {name:String} "
        "WHERE NOT test AND at >= {start:Int64} AND at < {end:Int64}) AS told",
        {**parameters, "project": project, "name": name, "start": start, "end": end},
    )
    width = 3 + 2 * len(KINDS)
    return int(row[0]), [_field(path, listed, row[1 + n * width : 1 + (n + 1) * width]) for n, (path, listed) in enumerate(paths)]


def _field(path: tuple[str, ...], listed: bool, found: Sequence[Any]) -> FieldSeen:
    events, *kinds, distinct, examples = found
    seen = [
        Seen(word, int(times), Instant(int(latest)))
        for word, times, latest in zip(KINDS.values(), kinds[::2], kinds[1::2], strict=True)
        if times
    ]
    return FieldSeen(
        ".".join(path),
        listed,
        int(events),
        tuple(sorted(seen, key=lambda one: -one.events)),
        int(distinct),
        tuple(_scalar(*element) for element in examples),
    )


def _scalar(kind: int, number: float, text: str) -> Scalar:
    if kind == 2:
        return text
    if kind == 3:
        return number == 1
    return int(number) if float(number).is_integer() else number


def latest_of(store: Store, project: ProjectId, name: str, limit: int = 10) -> list[Latest]:
    """The latest events of a name, with all that they said."""
    rows = store.ask(
        "SELECT body FROM (SELECT body, at, position FROM entries PREWHERE project = {project:String} AND name = {name:String} "
        "WHERE NOT test ORDER BY at DESC, position DESC LIMIT {limit:UInt32}) ORDER BY at DESC, position DESC",
        {"project": project, "name": name, "limit": limit},
    )
    entries = [read_body(body) for (body,) in rows]
    return [Latest(one.at, one.person, one.values, one.source) for one in entries if isinstance(one, Event)]
