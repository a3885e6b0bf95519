"""Rules while they are being written: read back, sized, compared, and what can be said in them."""

import threading
import time
from collections import OrderedDict
from datetime import date
from typing import Annotated, Any, Final, Literal

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, Parameter
from msgspec import Meta, Struct

from omotenashi.configuration.language import Message
from omotenashi.configuration.names import Called, Vocabulary
from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest, Superseded
from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules import facts, generate, parse
from omotenashi.engine.rules.environment import environment
from omotenashi.engine.rules.words import EVENTS, Language, Names, sentence, subject
from omotenashi.engine.statistics import used_by
from omotenashi.model import profiles
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import Day, Instant, PersonId, SegmentId
from omotenashi.model.profiles import Profile
from omotenashi.model.rules import EVERYONE, All, AnyOf, Fact, InSegment, Not, Rule, Segments
from omotenashi.model.values import Scalar
from omotenashi.warehouse.questions.seen import OF_DEVICES
from omotenashi.warehouse.questions.top_values import TopValue

Scope = Literal["person", "event", "page", "filter"]
"""Where a rule stands: it asks about a person; the event at hand; the page at hand; one event at any time (derived events)."""

PLACES: Final[dict[Scope, parse.Place]] = {"person": "person", "event": "event", "page": "event", "filter": "filter"}
ATTRIBUTE_EVENTS: Final = ("identify", "attribute")
NAMED_FIELDS: Final = ("campaign", "action", "winner")
MOST_DAYS: Final = 31
MOST_OTHERS: Final = 24
ASKERS: Final = 1_000
LOOK_AGAIN_S: Final = 0.02
MEASURED_PEOPLE: Final = 64
MEASURED_NS: Final = 2_000_000

RuleTree = Annotated[Any, Meta(description="a rule as it would stand in a file: see spec/conditions.md")]


class Asked(Struct):
    """A rule as it would stand in a file. ``segment`` is the one it is the rule of, which it may not name.

    ``asker`` names the place on a screen that asks: its newer question about a size makes an older one of its own unnecessary.
    """

    rule: RuleTree
    segment: str = ""
    asker: Annotated[str, Meta(max_length=64)] = ""


class Written(Struct):
    """A rule to be read back."""

    rule: RuleTree
    scope: Scope = "person"
    segment: str = ""


class Wrong(Struct, frozen=True):
    """One mistake: the place in the rule, such as ``rule.all[1].op``, and what was expected there."""

    path: str
    message: Message


class Reading(Struct):
    """A rule read back as a sentence in both languages, or what is wrong in it (then the sentences are "").

    ``micros``: microseconds that one person's evaluation takes, None where nobody was there to measure with.
    ``statistics``: how many the rule reads; ``uncounted``: those among them that are not kept yet, so that history is
    counted first when it is published.
    """

    ja: str
    en: str
    problems: list[Wrong]
    micros: float | None = None
    statistics: int = 0
    uncounted: int = 0


class Sized(Struct):
    """``people`` out of ``everybody``, over all of history, at ``as_of``; the warehouse took ``took_ms`` to say so."""

    people: int
    everybody: int
    as_of: Instant
    took_ms: float


class Example(Struct):
    """Somebody for whom a rule holds. ``name`` is the attribute of that name."""

    person: str
    user_id: str | None
    name: str
    visits: int
    last_seen_at: Instant


class Examples(Struct):
    """The same few people for the same rule, and how many there are."""

    people: list[Example]
    size: int
    as_of: Instant


class Since(Struct):
    """Days such as 2026-11-21, at most 31 and none in the future."""

    rule: RuleTree
    days: list[str]
    segment: str = ""


class SizeOn(Struct):
    """How many people a rule held for at the end of a day (today: now), by what had happened until then."""

    day: str
    people: int


class Overlapping(Struct):
    """A segment's size, and how many of its people the asked rule holds for too."""

    segment: str
    people: int
    both: int


class Overlaps(Struct):
    size: int
    everybody: int
    segments: list[Overlapping]
    as_of: Instant


class Filtered(Struct):
    """An event and a filter over its fields, as a derived event has."""

    event: str
    where: RuleTree = None


class OnDay(Struct):
    day: str
    events: int
    people: int


class Days(Struct):
    """A derived event's history: the last 30 days of the project, today included."""

    days: list[OnDay]
    as_of: Instant


class KnownEvent(Struct):
    """An event that can stand in a rule. ``sent_as`` is the event a derived one is made of; ``events`` counts all of history."""

    name: str
    ja: str
    en: str
    events: int
    latest_at: Instant | None
    sent_as: str = ""


class KnownFact(Struct):
    """Something every profile knows. ``kind``: boolean, number, text, instant. An ``X`` at the end stands for any name."""

    name: str
    kind: str
    ja: str
    en: str


class KnownName(Struct):
    name: str
    ja: str
    en: str


class KnownField(Struct):
    """``kinds`` are those that its values had: number, text, boolean."""

    path: str
    kinds: list[str]
    listed: bool


class RuleWords(Struct):
    """What a rule of this project can be made of. ``operators``: by kind of what is compared, in a good order."""

    events: list[KnownEvent]
    facts: list[KnownFact]
    attributes: list[KnownField]
    segments: list[KnownName]
    lists: list[str]
    purposes: list[str]
    operators: dict[str, list[str]]
    aggregates: list[str]


class Suggested(Struct):
    """A value that was seen, how often and of how many people. ``ja`` and ``en`` say what an id is the id of."""

    value: Scalar
    events: int
    people: int
    ja: str
    en: str


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for sizes, and for ``/api/projects/{project}/rules``."""
    turn = threading.Lock()
    newest: OrderedDict[tuple[str, str], object] = OrderedDict()

    @post("/api/projects/{project:str}/size", status_code=200, sync_to_thread=True, opt={"needs": "read", "audited": False})
    def size(project: FromPath[str], data: JSONBody[Asked]) -> Sized:
        """How many people a rule holds for, over all of history."""
        found = desk.project(project)
        rule = parsed(found, data.rule, "person", data.segment)
        mine, who = object(), (project, data.asker)
        if data.asker:
            newest[who] = mine
            newest.move_to_end(who)
            while len(newest) > ASKERS:
                newest.popitem(last=False)
        while not turn.acquire(timeout=LOOK_AGAIN_S):  # while one is answered, typing goes on: only the last that waits matters
            if data.asker and newest.get(who, mine) is not mine:
                raise Superseded("a newer question of the same asker is on its way")
        try:
            begun = time.perf_counter()
            now = desk.clock()
            size = desk.questions.size(found, rule, now)
        finally:
            turn.release()
        return Sized(size.people, size.everybody, now, round((time.perf_counter() - begun) * 1000, 1))

    @post("/api/projects/{project:str}/rules/read", status_code=200, sync_to_thread=True, opt={"needs": "read", "audited": False})
    def read_back(project: FromPath[str], data: JSONBody[Written]) -> Reading:
        """A rule as a sentence in both languages, what it costs to evaluate, or what is wrong in it."""
        found = desk.project(project)
        rule = parse.rule(data.rule, PLACES[data.scope], known(found, data.segment), "rule")
        if isinstance(rule, list):
            return Reading("", "", [Wrong(mistake.path, mistake.message) for mistake in rule])
        ja, en = spoken(desk, found, rule)
        if data.scope != "person":
            return Reading(ja, en, [])
        needed = used_by(rule, found.segments)
        uncounted = sum(1 for statistic in needed if statistic not in found.statistics)
        return Reading(ja, en, [], _micros(desk, found, rule), len(needed), uncounted)

    @post(
        "/api/projects/{project:str}/rules/examples",
        status_code=200,
        sync_to_thread=True,
        opt={"needs": "people", "audited": False},
    )
    def examples(project: FromPath[str], data: JSONBody[Asked]) -> Examples:
        """A few of the people a rule holds for."""
        found = desk.project(project)
        now = desk.clock()
        size = desk.questions.size(found, parsed(found, data.rule, "person", data.segment), now)
        known_people = [(person, _profile(desk, found, person)) for person in size.sample]
        people = [_example(person, profile) for person, profile in known_people if profile is not None]
        return Examples(people, size.people, now)

    @post(
        "/api/projects/{project:str}/rules/history", status_code=200, sync_to_thread=True, opt={"needs": "read", "audited": False}
    )
    def sizes_of_days(project: FromPath[str], data: JSONBody[Since]) -> list[SizeOn]:
        """How many people a rule held for at the end of each of some days."""
        found = desk.project(project)
        rule = parsed(found, data.rule, "person", data.segment)
        calendar, now = Calendar(found.time_zone), desk.clock()
        if not 1 <= len(data.days) <= MOST_DAYS:
            raise BadRequest("days", f"expected 1 to {MOST_DAYS} days")
        ends: list[Instant] = []
        for index, day in enumerate(data.days):
            try:
                number = calendar.parse_day(day)
            except ValueError:
                raise BadRequest(f"days[{index}]", f"expected a day such as 2026-11-21, got {day!r}") from None
            if number > calendar.day(now):
                raise BadRequest(f"days[{index}]", f"expected no day in the future, got {day}")
            ends.append(min(Instant(calendar.day_start(Day(number + 1)) - 1), now))
        sizes = desk.questions.sizes_at(found, rule, ends)
        return [SizeOn(day, people) for day, people in zip(data.days, sizes, strict=True)]

    @post(
        "/api/projects/{project:str}/rules/overlap", status_code=200, sync_to_thread=True, opt={"needs": "read", "audited": False}
    )
    def overlap(project: FromPath[str], data: JSONBody[Asked]) -> Overlaps:
        """How much a rule overlaps with each segment, the most shared first."""
        found = desk.project(project)
        rule, now = parsed(found, data.rule, "person", data.segment), desk.clock()
        size = desk.questions.size(found, rule, now)
        others = {str(name): other for name, other in found.segments.items() if name != data.segment}
        names = list(others)
        told: list[Overlapping] = []
        for first in range(0, len(names), MOST_OTHERS):
            some = {name: others[name] for name in names[first : first + MOST_OTHERS]}
            for name, shared in desk.questions.overlap(found, rule, some, now).items():
                told.append(Overlapping(name, shared.people, shared.both))
        told.sort(key=lambda one: (-one.both, one.people, one.segment))
        return Overlaps(size.people, size.everybody, told, now)

    @post("/api/projects/{project:str}/rules/days", status_code=200, sync_to_thread=True, opt={"needs": "read", "audited": False})
    def days(project: FromPath[str], data: JSONBody[Filtered]) -> Days:
        """How often an event came for which a filter holds, day by day: what a derived event would have been."""
        found = desk.project(project)
        where = EVERYONE if data.where is None else parsed(found, data.where, "filter", root="where")
        sent, rest = found.derived.get(data.event, (data.event, EVERYONE))
        calendar, now = Calendar(found.time_zone), desk.clock()
        today = calendar.day(now)
        asked = [Day(day) for day in range(today - 29, today + 1)]
        told = desk.questions.daily(found, sent, All((rest, where)), asked)
        return Days([OnDay(date.fromordinal(one.day).isoformat(), one.events, one.people) for one in told], now)

    @get("/api/projects/{project:str}/rules/words", sync_to_thread=True, opt={"needs": "read"})
    def words(project: FromPath[str]) -> RuleWords:
        """What a rule of this project can be made of: events, facts, attributes, segments, lists, and how they compare."""
        found = desk.project(project)
        called = desk.names(found)
        attributes = desk.questions.seen_fields(found, ATTRIBUTE_EVENTS)
        return RuleWords(
            events=_events(desk, found, called),
            facts=[_fact(name) for name in facts.FACTS],
            attributes=[
                KnownField(one.path, list(one.kinds), one.listed)
                for one in attributes
                if one.path not in ("user_id", "signature")
            ],
            segments=[KnownName(name, one.ja, one.en) for name, one in called.segments.items()],
            lists=sorted(found.lists),
            purposes=[purpose.name for purpose in found.purposes],
            operators={kind: [op.value for op in ops] for kind, ops in parse.OPERATORS.items()},
            aggregates=[aggregate.value for aggregate in parse.Aggregate],
        )

    @get("/api/projects/{project:str}/rules/fields", sync_to_thread=True, opt={"needs": "read"})
    def fields(project: FromPath[str], event: FromQuery[str]) -> list[KnownField]:
        """The fields that an event (or what a derived one is made of) was ever seen with."""
        found = desk.project(project)
        sent, _ = found.derived.get(event, (event, EVERYONE))
        return [KnownField(one.path, list(one.kinds), one.listed) for one in desk.questions.seen_fields(found, [sent])]

    @get("/api/projects/{project:str}/rules/values", sync_to_thread=True, opt={"needs": "read"})
    def values(
        project: FromPath[str],
        event: FromQuery[str] = "",
        field: FromQuery[str] = "",
        fact: FromQuery[str] = "",
        limit: Annotated[int, Parameter(ge=1, le=100)] = 30,
    ) -> list[Suggested]:
        """The most frequent values of an event's field, or of a fact; none of what says who somebody is."""
        found = desk.project(project)
        if fact:
            return [Suggested(one.value, one.events, one.people, "", "") for one in _of_fact(desk, found, fact, limit)]
        if not event or not field:
            raise BadRequest("event", "expected an event and a field, or a fact")
        sent, _ = found.derived.get(event, (event, EVERYONE))
        if sent in ATTRIBUTE_EVENTS:
            return []
        top = desk.questions.top(found, sent, tuple(field.split(".")), limit)
        called = _named_ids(desk, found) if field in NAMED_FIELDS else {}
        return [_suggested(one, called) for one in top]

    @get("/api/projects/{project:str}/rules/attribute-values", sync_to_thread=True, opt={"needs": "people"})
    def attribute_values(
        project: FromPath[str], attribute: FromQuery[str], limit: Annotated[int, Parameter(ge=1, le=100)] = 30
    ) -> list[Suggested]:
        """The most frequent values that an attribute was ever given."""
        found = desk.project(project)
        path = tuple(attribute.split("."))
        merged: dict[tuple[str, Scalar], TopValue] = {}
        for event in ATTRIBUTE_EVENTS:
            for one in desk.questions.top(found, event, path, limit):
                before = merged.get((type(one.value).__name__, one.value))
                events = one.events + (before.events if before else 0)
                people = max(one.people, before.people if before else 0)
                merged[type(one.value).__name__, one.value] = TopValue(one.value, events, people)
        ranked = sorted(merged.values(), key=lambda one: (-one.people, -one.events, str(one.value)))
        return [Suggested(one.value, one.events, one.people, "", "") for one in ranked[:limit]]

    return [size, read_back, examples, sizes_of_days, overlap, days, words, fields, values, attribute_values]


def known(project: Project, segment: str = "") -> parse.Known:
    """What a rule of this project may name; the rule of ``segment`` none that leads back to it."""
    allowed = [name for name in project.segments if not (segment and _leads_to(name, SegmentId(segment), project.segments))]
    return parse.Known(
        calendar=Calendar(project.time_zone),
        derived=project.derived,
        segments=frozenset(allowed),
        lists=frozenset(project.lists),
        purposes=frozenset(purpose.name for purpose in project.purposes),
    )


def parsed(project: Project, tree: Any, scope: Scope, segment: str = "", root: str = "rule") -> Rule:
    """The rule that a request wrote. Raises ``BadRequest`` with every mistake."""
    found = parse.rule(tree, PLACES[scope], known(project, segment), root)
    if isinstance(found, list):
        raise BadRequest(found[0].path, "; ".join(f"{mistake.path}: {mistake.message}" for mistake in found))
    return found


def spoken(desk: Desk, project: Project, rule: Rule) -> tuple[str, str]:
    """The rule as a sentence, in Japanese and in English."""
    called, calendar = desk.names(project), Calendar(project.time_zone)
    return _said(rule, "ja", called, project, calendar), _said(rule, "en", called, project, calendar)


def _said(rule: Rule, language: Language, called: Vocabulary, project: Project, calendar: Calendar) -> str:
    segments = {segment: str(getattr(name, language)) for segment, name in called.segments.items()}
    events = {event: str(getattr(name, language)) for event, name in called.events.items()}
    return sentence(rule, language, Names(segments, events, project.derived, calendar))


def _leads_to(name: str, target: SegmentId, segments: Segments) -> bool:
    seen: set[str] = set()
    waiting: list[Rule] = [InSegment(SegmentId(name))]
    while waiting:
        match waiting.pop():
            case InSegment(segment=segment):
                if segment == target:
                    return True
                if segment not in seen:
                    seen.add(segment)
                    waiting.append(segments.get(segment, EVERYONE))
            case All(of=of) | AnyOf(of=of):
                waiting.extend(of)
            case Not(of=part):
                waiting.append(part)
            case _:
                pass
    return False


def _micros(desk: Desk, project: Project, rule: Rule) -> float | None:
    """Microseconds of one evaluation by the generated function, over people who were here lately."""
    people = desk.questions.some_people(project, MEASURED_PEOPLE)
    crowd = [profile for person in people if (profile := _profile(desk, project, person)) is not None]
    if not crowd:
        return None
    holds, now = generate.predicate(rule, environment(project)), desk.clock()
    asked, begun = 0, time.perf_counter_ns()
    while (spent := time.perf_counter_ns() - begun) < MEASURED_NS:
        for profile in crowd:
            holds(profile, None, now)
        asked += len(crowd)
    return round(spent / asked / 1000, 2)


def _profile(desk: Desk, project: Project, person: PersonId) -> Profile | None:
    packed = desk.shelf.profile(project.id, person)
    return None if packed is None else profiles.unpack(packed)


def _example(person: PersonId, profile: Profile) -> Example:
    named = profile.attributes.get("name")
    name = str(named.value[0]) if named is not None and named.value else ""
    return Example(person, profile.user_id, name, profile.visits, Instant(profile.last_at))


def _events(desk: Desk, project: Project, called: Vocabulary) -> list[KnownEvent]:
    """Derived events first, then those that were sent, the most frequent first."""
    sent = {one.name: one for one in desk.questions.seen_events(project)}
    derived: list[KnownEvent] = []
    for name, (source, _) in project.derived.items():
        label = called.events.get(name, Called(name, name))
        latest = sent[source].latest_at if source in sent else None
        derived.append(KnownEvent(name, label.ja, label.en, 0, latest, source))
    plain = [
        KnownEvent(one.name, *EVENTS.get(one.name, (one.name, one.name)), one.events, one.latest_at) for one in sent.values()
    ]
    return [*derived, *plain]


def _fact(name: str) -> KnownFact:
    fact = facts.known(name)
    kind = "text" if fact is None else fact.kind
    return KnownFact(name, kind, subject(Fact(name), "ja", Names()), subject(Fact(name), "en", Names()))


def _of_fact(desk: Desk, project: Project, name: str, limit: int) -> list[TopValue]:
    """Where a fact's values come from: devices from sessions, pages and landings from views; numbers suggest nothing."""
    fact = facts.known(name)
    if fact is None:
        raise BadRequest("fact", f"expected a fact such as visits or session.landing.path, got {name!r}")
    if name in OF_DEVICES:
        return desk.questions.top_of_device(project, name, limit)
    if fact.root != "landing":
        return []
    return desk.questions.top(project, "view", (fact.attribute, fact.key) if fact.key else (fact.attribute,), limit)


def _named_ids(desk: Desk, project: Project) -> dict[str, Called]:
    """What campaigns are called, and each action by its campaign and its own name."""
    called = desk.names(project)
    named = dict(called.campaigns)
    for campaign in project.campaigns:
        name = called.campaigns.get(campaign.id, Called(campaign.name, campaign.name))
        for action in campaign.actions:
            named[action.id] = Called(f"{name.ja} · {action.name}", f"{name.en} · {action.name}")
    return named


def _suggested(one: TopValue, called: dict[str, Called]) -> Suggested:
    name = called.get(str(one.value), Called("", ""))
    return Suggested(one.value, one.events, one.people, name.ja, name.en)
