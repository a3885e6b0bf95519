"""The events that a site sends: which, how often, what they look like, what is unknown about them and what is broken."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Final, Literal

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, Parameter
from msgspec import Struct

from omotenashi.configuration.language import Message
from omotenashi.configuration.names import Called
from omotenashi.configuration.uses import PARTS, WHOLE
from omotenashi.configuration.uses import events as named_in
from omotenashi.console.access import Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import NotFound
from omotenashi.console.ports import EdgeRefused, EdgeUnreachable
from omotenashi.engine.calendar import Calendar
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import Day, Instant, PersonId, ProjectId
from omotenashi.model.known_events import CONVENTIONAL, EXPECTED, RESERVED
from omotenashi.model.values import Scalar, Values
from omotenashi.warehouse.questions import catalogue as questions
from omotenashi.warehouse.questions.catalogue import FieldSeen, Sent
from omotenashi.warehouse.store import Store

DAYS: Final = 28
SILENT_DAYS: Final = 2
"""An event that came nearly every day of the week before and not once in so many days has gone silent."""
REGULAR_DAYS: Final = 5
MOST_MIXED: Final = 20
"""So many events with fields of several kinds are looked at more closely."""

Standing = Literal["reserved", "conventional", "used", "unknown"]
"""``reserved`` and ``conventional`` names are explained by us; a ``used`` one is named by some file; any other is unknown."""
Days = Annotated[int, Parameter(ge=7, le=90)]


class Use(Struct):
    """A file of the configuration that names the event."""

    kind: str
    id: str
    name: Called


class Refused(Struct):
    """Events that were turned away, so many ``times`` since the edge began to count; the latest ``at``, with its message."""

    name: str
    code: str
    where: str
    message: Message
    times: int
    at: Instant


class Listed(Struct):
    """One event. ``by_day`` counts it on the answer's days, the last of which is not over.

    ``mixed`` fields came as more than one kind lately; ``silent``: it used to come daily and does not any more;
    ``refused``: how often it was turned away, apart from those that are ``ignored``.
    """

    name: str
    label: Called | None
    standing: Standing
    events: int
    people: int
    first_at: Instant | None
    last_at: Instant | None
    by_day: list[int]
    used_in: list[Use]
    mixed: list[str]
    silent: bool
    ignored: bool
    refused: int


class Catalogue(Struct):
    """Every event that was ever sent, and those that were only ever turned away.

    ``days`` are ISO dates of the project's calendar. ``counted_since``: from when refusals are counted; None when the edge
    cannot be asked.
    """

    as_of: Instant
    days: list[str]
    events: list[Listed]
    refused: list[Refused]
    counted_since: Instant | None


class SeenAs(Struct):
    kind: str
    events: int
    last_at: Instant


class Field(Struct):
    """A field. ``share`` of the events that had it (0 to 1); ``expected``: as what it should come, where we know.

    ``wrong``: it came as something else, or as more than one kind.
    """

    path: str
    listed: bool
    events: int
    share: float
    kinds: list[SeenAs]
    distinct: int
    examples: list[Scalar]
    expected: str | None
    wrong: bool


class Latest(Struct):
    """One of the latest events, with all that it said."""

    at: Instant
    person: PersonId
    source: str
    values: Values


class Detail(Struct):
    """One event, and its fields on the ``days`` listed. ``latest`` is empty for those who may not see people."""

    as_of: Instant
    days: list[str]
    event: Listed
    counted: int
    fields: list[Field]
    refused: list[Refused]
    counted_since: Instant | None
    latest: list[Latest]


class _Refusals(Struct):
    since: Instant | None
    all: list[Refused]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/catalogue``."""
    known: dict[ProjectId, tuple[int, Mapping[str, list[Use]]]] = {}
    lock = threading.Lock()

    def used_in(project: Project) -> Mapping[str, list[Use]]:
        """By event, the files that name it; read once a version."""
        with lock:
            told = known.get(project.id)
        if told is not None and told[0] == project.version:
            return told[1]
        names = desk.names(project)
        parts = {name: Called(*words) for name, words in PARTS.items()}
        called = {"campaigns": names.campaigns, "segments": names.segments, "events": names.events, WHOLE: parts}
        found: dict[str, list[Use]] = {}
        for event, places in named_in(desk.office.sources(project.id, project.version)).items():
            files = dict.fromkeys((place.kind, place.id) for place in places)
            found[event] = [Use(kind, name, called.get(kind, {}).get(name, Called(name, name))) for kind, name in files]
        with lock:
            known[project.id] = (project.version, found)
        return found

    async def refusals(project: Project) -> _Refusals:
        try:
            told = await desk.edge.refusals(project.id)
        except (EdgeUnreachable, EdgeRefused):
            return _Refusals(None, [])
        kinds = [
            Refused(one["name"], one["code"], one["where"], one["message"], one["times"], Instant(one["at"]))
            for one in told["refusals"]
        ]
        return _Refusals(Instant(told["since"]), kinds)

    def listed(
        project: Project, sent: Sequence[Sent], mixed: Mapping[str, list[str]], refused: _Refusals, days: int
    ) -> list[Listed]:
        uses, labels = used_in(project), desk.names(project).events
        counts: defaultdict[str, int] = defaultdict(int)
        for one in refused.all:
            counts[one.name] += 0 if one.code == "ignored" else one.times
        by_name = {one.name: one for one in sent}
        never = [name for name in dict.fromkeys((*project.ignored, *counts)) if name and name not in by_name]
        found: list[Listed] = []
        for name in (*by_name, *never):
            one = by_name.get(name)
            found.append(
                Listed(
                    name,
                    labels.get(name),
                    _standing(name, name in uses),
                    one.events if one else 0,
                    one.people if one else 0,
                    one.first_at if one else None,
                    one.last_at if one else None,
                    list(one.by_day) if one else [0] * days,
                    uses.get(name, []),
                    mixed.get(name, []),
                    one is not None and _is_silent(one.by_day),
                    name in project.ignored,
                    counts[name],
                )
            )
        return found

    def span(project: Project, count: int) -> tuple[Calendar, list[Day]]:
        calendar = Calendar(project.time_zone)
        today = calendar.day(desk.clock())
        return calendar, [Day(day) for day in range(today - count + 1, today + 1)]

    @get("/api/projects/{project:str}/catalogue", opt={"needs": "read"})
    async def events(project: FromPath[str], days: Days = DAYS) -> Catalogue:
        """Every event, by volume; with what is unknown, broken, silent or turned away."""
        found = await asyncio.to_thread(desk.project, project)
        calendar, asked = await asyncio.to_thread(span, found, days)
        start, end = calendar.day_start(asked[0]), calendar.day_start(asked[-1] + 1)

        def put(store: Store) -> tuple[list[Sent], dict[str, list[str]]]:
            sent = questions.catalogue(store, found.id, asked, calendar)
            suspects = list(questions.mixed(store, found.id).items())[:MOST_MIXED]
            looked = ((name, questions.fields(store, found.id, name, start, end, paths)[1]) for name, paths in suspects)
            return sent, {name: wrong for name, told in looked if (wrong := [one.path for one in told if len(one.kinds) > 1])}

        refused = await refusals(found)
        sent, mixed = await asyncio.to_thread(desk.questions.ask, put)
        told = await asyncio.to_thread(listed, found, sent, mixed, refused, days)
        return Catalogue(desk.clock(), [_date(day) for day in asked], told, refused.all, refused.since)

    @get("/api/projects/{project:str}/catalogue/{event:str}", opt={"needs": "read"})
    async def event(who: NamedDependency[Who], project: FromPath[str], event: FromPath[str], days: Days = DAYS) -> Detail:
        """One event: its fields, how often each comes and as what, its latest values, and what was turned away."""
        found = await asyncio.to_thread(desk.project, project)
        calendar, asked = await asyncio.to_thread(span, found, days)
        start, end = calendar.day_start(asked[0]), calendar.day_start(asked[-1] + 1)
        may_see = who.may("people", found.id)

        def put(store: Store) -> tuple[list[Sent], int, list[FieldSeen], list[questions.Latest]]:
            sent = [one for one in questions.catalogue(store, found.id, asked, calendar) if one.name == event]
            count, fields = questions.fields(store, found.id, event, start, end)
            return sent, count, fields, questions.latest_of(store, found.id, event) if may_see else []

        refused = await refusals(found)
        sent, count, fields, latest = await asyncio.to_thread(desk.questions.ask, put)
        own = [one for one in refused.all if one.name == event]
        mixed = {event: [one.path for one in fields if len(one.kinds) > 1]}
        all_of_it = await asyncio.to_thread(listed, found, sent, mixed, _Refusals(refused.since, own), days)
        shown = next((one for one in all_of_it if one.name == event), None)
        if shown is None:
            raise NotFound("event", f"nobody has ever sent an event named {event!r}")
        return Detail(
            desk.clock(),
            [_date(day) for day in asked],
            shown,
            count,
            [_field(event, one, count) for one in fields if one.events],
            own,
            refused.since,
            [Latest(one.at, one.person, one.source, one.values) for one in latest],
        )

    return [events, event]


def _standing(name: str, used: bool) -> Standing:
    if name in RESERVED:
        return "reserved"
    if name in CONVENTIONAL:
        return "conventional"
    return "used" if used else "unknown"


def _is_silent(by_day: Sequence[int]) -> bool:
    """Today is not over, and so is not held against it."""
    lately, before = by_day[-SILENT_DAYS - 1 :], by_day[-SILENT_DAYS - 8 : -SILENT_DAYS - 1]
    return not any(lately) and sum(count > 0 for count in before) >= REGULAR_DAYS


def _field(event: str, one: FieldSeen, count: int) -> Field:
    expected = EXPECTED.get(event, {}).get(one.path)
    kinds = [SeenAs(kind.kind, kind.events, kind.last_at) for kind in one.kinds]
    wrong = len(kinds) > 1 or (expected is not None and any(kind.kind != expected for kind in kinds))
    share = one.events / count if count else 0.0
    return Field(one.path, one.listed, one.events, share, kinds, one.distinct, list(one.examples), expected, wrong)


def _date(day: int) -> str:
    return date.fromordinal(day).isoformat()
