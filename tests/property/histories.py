"""Random people and random rules: what the property tests of the engine and of the warehouse draw from.

A `History` is one person's events, stamped with sessions as the edge would. Instants gather around days on which
the zone's clock jumps; values mix types, decimals, lists, objects and nothing; keys tie; events come late.
"""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from hypothesis import strategies as st
from msgspec import msgpack

from omotenashi.engine import statistics
from omotenashi.engine.calendar import Calendar
from omotenashi.model.campaigns import Purpose
from omotenashi.model.entries import Event, order_key
from omotenashi.model.ids import EventId, Instant, PersonId, ProjectId, SegmentId, SessionId, UserId, VisitorId
from omotenashi.model.profiles import Consent, Landing, Profile, Register, Session
from omotenashi.model.rules import (
    NEGATIONS,
    Aggregate,
    All,
    AnyOf,
    Attribute,
    Compare,
    Consented,
    Constant,
    Fact,
    Field,
    InList,
    InSegment,
    Not,
    Op,
    Period,
    Rule,
    Span,
    Statistic,
    When,
)
from omotenashi.model.values import admitted_number, elements

EXAMPLES: Final = int(os.environ.get("OMOTENASHI_EXAMPLES", "300"))

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

ZONES: Final = {  # zone -> days on which its clock does something
    "Asia/Tokyo": (date(2026, 1, 1),),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/Sao_Paulo": (date(2018, 11, 4),),
    "Pacific/Apia": (date(2011, 12, 31),),
    "Asia/Kathmandu": (date(2026, 5, 5),),
}
CALENDARS: Final = {zone: Calendar(zone) for zone in ZONES}

NAMES: Final = ("view", "cart", "buy")
TEXTS: Final = (
    "",
    "a",
    "ab",
    "ba",
    "A",
    "1",
    "true",
    "gold",
    "抹茶",
    "a.b",
    "100%_",
    "it's",
    "line\nbreak",
    "\\",
    "https://shop.example/sale",
)
NUMBERS: Final = (0, 1, -1, 2, 3, 0.1, 0.2, 0.3, 1.5, -0.000001, 3999, 4000, 4999, 4999.999999, 5000, 1000.000001)
SCALARS: Final = (*TEXTS, *NUMBERS, True, False)
PATTERNS: Final = ("a", "^a", "b$", "a|抹", "^$", ".", "[0-9]+", "sale", r"\.", "(?i)GOLD", "e.b")
FIELDS: Final = (("price",), ("label",), ("items",), ("items", "sku"), ("items", "price"), ("flag",), ("shop", "rank"))
DATED_FIELDS: Final = (("bought_at",), ("birth_date",))
ATTRIBUTES: Final = (("rank",), ("points",), ("shop", "plan"), ("joined_at",), ("birth_date",))
URLS: Final = ("https://shop.example/", "https://shop.example/sale?plan=a", "https://shop.example/cart?plan=b&x=1")
PURPOSES: Final = {
    "record": Purpose("record", "granted"),
    "message": Purpose("message", "unknown", expires_days=2),
}
LISTS: Final = {"vip": frozenset({"user-1", "user-2"}), "nobody": frozenset[str]()}


@dataclass
class History:
    """One person, in arrival order, and the instant at which questions are asked. ``now`` is after every event."""

    zone: str
    now: int
    events: list[Event]
    user_id: str | None = None
    attributes: dict[str, list[Any]] = field(default_factory=dict)
    consents: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def calendar(self) -> Calendar:
        return CALENDARS[self.zone]


def numbers() -> st.SearchStrategy[int | float]:
    other = st.integers(-10_000_000, 10_000_000).map(lambda micro: admitted_number(micro / 1000))
    return st.one_of(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS), other)


def scalars() -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(SCALARS), numbers())


def values(now: int) -> st.SearchStrategy[dict[str, Any]]:
    """An event's values: any field may be missing, of any type, a list, or hold objects."""
    any_value = st.one_of(scalars(), scalars(), st.lists(scalars(), max_size=3))
    item = st.fixed_dictionaries({}, optional={"sku": st.sampled_from(TEXTS), "price": scalars()})
    ago = st.sampled_from((0, 1, MINUTE, HOUR, DAY - 1, DAY, DAY + 1, 3 * DAY))
    at = ago.map(lambda ms: now - ms)
    return st.fixed_dictionaries(
        {},
        optional={
            "price": st.one_of(numbers(), numbers(), any_value),
            "label": st.one_of(st.sampled_from(TEXTS), any_value),
            "flag": st.one_of(st.booleans(), any_value),
            "items": st.one_of(any_value, st.lists(item, max_size=3), item),
            "shop": st.one_of(scalars(), st.fixed_dictionaries({}, optional={"rank": any_value})),
            "bought_at": st.one_of(at, at, scalars()),
            "birth_date": st.one_of(at.map(lambda ms: ms // 1000), scalars()),
        },
    )


@st.composite
def page_values(draw: st.DrawFn, now: int) -> dict[str, Any]:
    """A view's values, as the edge puts them from the page context."""
    url = draw(st.sampled_from(URLS))
    path, _, query = url.removeprefix("https://shop.example").partition("?")
    page: dict[str, Any] = {"url": url, "host": "shop.example", "path": path}
    if query:
        page["query"] = dict(pair.split("=") for pair in query.split("&"))
    page |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "title": st.sampled_from(("Sale", "セール")),
                "referrer": st.just("https://search.example/"),
                "utm": st.fixed_dictionaries({}, optional={"source": st.just("mail"), "medium": st.just("cpc")}),
                "ad": st.sampled_from(("gclid", "utm_medium")),
            },
        )
    )
    return page


@st.composite
def histories(draw: st.DrawFn, person: str = "visitor-1", zone: str | None = None) -> History:
    """A person of up to 14 events in up to 5 sessions; some events late, some keys tied but for the id."""
    zone = zone or draw(st.sampled_from(tuple(ZONES)))
    calendar = CALENDARS[zone]
    middle = draw(st.sampled_from(ZONES[zone])) + timedelta(days=draw(st.integers(-1, 2)))
    now = calendar.day_start(middle.toordinal()) + draw(
        st.one_of(st.sampled_from((0, 1, HOUR, 2 * HOUR, 3 * HOUR, DAY - 1)), st.integers(0, DAY))
    )
    events: list[Event] = []
    for number in range(draw(st.integers(0, 5))):
        back = draw(st.one_of(st.integers(0, 3 * HOUR), st.integers(0, 3 * DAY), st.sampled_from((DAY, 2 * DAY, 8 * DAY))))
        started_at = now - back
        late = number > 0 and draw(st.integers(0, 3)) == 0
        for place in range(draw(st.integers(1, 1 if late else 4))):
            at = started_at if place == 0 else min(now, events[-1].at + draw(st.sampled_from((0, 1, MINUTE, 20 * MINUTE))))
            name = draw(st.sampled_from(NAMES))
            events.append(
                Event(
                    project=ProjectId("shop"),
                    person=PersonId(person),
                    seq=len(events) + 1,
                    now=Instant(now),
                    config=1,
                    at=Instant(at),
                    received_at=Instant(min(now, at + draw(st.sampled_from((0, 0, 5))))),
                    index=draw(st.integers(0, 1)),
                    id=EventId(f"{person}-{draw(st.integers(0, 9))}{len(events)}"),
                    name=name,
                    values=draw(page_values(now)) if name == "view" else draw(values(now)),
                    visitor=VisitorId(person),
                    user_id=None,
                    session=SessionId(f"{person}-s{number}"),
                    session_started_at=Instant(started_at),
                    opened_session=place == 0,
                    late=late,
                    source="tag",
                    visible_ms=0 if late else draw(st.sampled_from((0, 0, 999, 1000, 61_000))),
                )
            )
    scalar_lists = st.lists(scalars(), min_size=1, max_size=2)
    instants = st.sampled_from((now, now - DAY, now - 3 * DAY))
    return History(
        zone=zone,
        now=now,
        events=events,
        user_id=draw(st.sampled_from((None, None, "user-1", "user-9"))),
        attributes=draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "rank": st.one_of(st.just(["gold"]), scalar_lists),
                    "points": st.one_of(numbers().map(lambda number: [number]), scalar_lists),
                    "shop.plan": scalar_lists,
                    "joined_at": st.one_of(instants.map(lambda at: [at]), scalar_lists),
                    "birth_date": st.one_of(instants.map(lambda at: [at // 1000]), scalar_lists),
                },
            )
        ),
        consents=draw(
            st.fixed_dictionaries(
                {},
                optional={
                    purpose: st.tuples(instants, st.sampled_from(("granted", "denied", "withdrawn"))) for purpose in PURPOSES
                },
            )
        ),
    )


def profile_of(history: History, read: Iterable[Statistic]) -> Profile:
    """The person as plain Python counts them from the events: built-in facts, and accumulators by the reference."""
    profile = Profile(PersonId("nobody"))
    if history.events:
        profile.person = history.events[0].person
        profile.seq = len(history.events)
        profile.first_seen_at = min(event.at for event in history.events)
        profile.last_at = max(event.at for event in history.events)
    profile.now = Instant(history.now)
    profile.user_id = None if history.user_id is None else UserId(history.user_id)
    views = sorted((event for event in history.events if event.name == "view"), key=order_key)
    by_session: dict[str, list[Event]] = {}
    for event in history.events:
        by_session.setdefault(event.session, []).append(event)
    sessions = [
        Session(
            id=SessionId(session),
            started_at=members[0].session_started_at,
            ended_at=max(event.at for event in members),
            page_views=sum(event.name == "view" for event in members),
            visible_ms=sum(event.visible_ms for event in members),
            landing=next((_landing(view) for view in views if view.session == session), None),
        )
        for session, members in by_session.items()
    ]
    profile.sessions = sorted(sessions, key=lambda each: (each.started_at, each.id), reverse=True)[:8]
    profile.visits, profile.views = len(by_session), len(views)
    profile.first_landing = _landing(views[0]) if views else None
    profile.page = _landing(views[-1]) if views else None
    key = (history.now, history.now, 0, "")
    profile.attributes = {name: Register(key, found) for name, found in history.attributes.items()}
    profile.consents = {purpose: Consent((at, at, 0, ""), state) for purpose, (at, state) in history.consents.items()}
    for statistic in read:
        accumulator = None
        for event in history.events:
            accumulator = statistics.add(accumulator, statistic, event, history.calendar)
        if accumulator is not None:
            profile.accumulators[statistic.id] = msgpack.decode(msgpack.encode(accumulator))
    return profile


def _landing(view: Event) -> Landing:
    page = view.values
    return Landing(
        key=order_key(view),
        url=page["url"],
        host=page["host"],
        path=page["path"],
        query=page.get("query", {}),
        referrer=page.get("referrer"),
        utm=page.get("utm", {}),
        ad=page.get("ad"),
        title=page.get("title"),
    )


# Rules. ``now`` is the instant that dates gather around.

PRESENCE: Final = (Op.EXISTS, Op.MISSING)
NUMERIC: Final = (Op.EQ, Op.NE, Op.GT, Op.GE, Op.LT, Op.LE, Op.BETWEEN, Op.NOT_BETWEEN, Op.IN, Op.NOT_IN)
DATED: Final = (Op.EQ, Op.NE, Op.GT, Op.GE, Op.LT, Op.LE, Op.BETWEEN, Op.NOT_BETWEEN)
TEXTUAL: Final = (Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.CONTAINS, Op.STARTS, Op.ENDS, Op.MATCHES)
NEGATED_TEXTUAL: Final = (Op.NOT_CONTAINS, Op.NOT_STARTS, Op.NOT_ENDS, Op.NOT_MATCHES)
COUNTS: Final = (Aggregate.COUNT, Aggregate.DISTINCT)
AMOUNTS: Final = (Aggregate.SUM, Aggregate.AVG, Aggregate.MIN, Aggregate.MAX)
REGISTERS: Final = (Aggregate.FIRST, Aggregate.LAST, Aggregate.PREVIOUS)
TIMES: Final = (Aggregate.FIRST_AT, Aggregate.LAST_AT)


def periods(now: int, calendar: Calendar) -> st.SearchStrategy[Period]:
    today = date.fromordinal(calendar.day(now))

    def between(back: int, length: int) -> Period:
        start = today - timedelta(days=back)
        return Period("between", 0, start.isoformat(), (start + timedelta(days=length)).isoformat())

    return st.one_of(
        st.just(Period()),
        st.sampled_from((Period("session"), Period("previous_session"))),
        st.sampled_from((1, 2, 3, 7)).map(lambda n: Period("days", n)),
        st.sampled_from((1, 2, 24, 72)).map(lambda n: Period("hours", n)),
        st.builds(between, st.integers(-1, 4), st.integers(0, 3)),
    )


@st.composite
def comparisons(draw: st.DrawFn, kind: str, now: int, calendar: Calendar) -> tuple[Op, Constant]:
    """An operator and a constant that go together; ``kind``: count number instant text boolean any."""
    if kind == "any":
        kind = draw(st.sampled_from(("number", "number", "text", "text", "boolean")))
    if draw(st.integers(0, 7)) == 0:
        return draw(st.sampled_from(PRESENCE)), None
    if kind == "boolean":
        return draw(st.sampled_from((Op.EQ, Op.NE))), draw(st.booleans())
    if kind == "text":
        op = draw(st.sampled_from((*TEXTUAL, *NEGATED_TEXTUAL)))
        positive = NEGATIONS.get(op, op)
        if positive is Op.IN:
            return op, tuple(draw(st.lists(st.sampled_from(SCALARS), min_size=1, max_size=4)))
        return op, draw(st.sampled_from(PATTERNS if positive is Op.MATCHES else (*TEXTS, *URLS, "desktop", "granted", "expired")))
    if kind == "instant":
        return draw(_dated(now, calendar))
    op = draw(st.sampled_from(NUMERIC))
    number = st.integers(0, 4) if kind == "count" else numbers()
    positive = NEGATIONS.get(op, op)
    if positive is Op.BETWEEN:
        return op, tuple(sorted((draw(number), draw(number))))
    if positive is Op.IN:
        return op, tuple(draw(st.lists(number, min_size=1, max_size=3)))
    return op, draw(number)


@st.composite
def _dated(draw: st.DrawFn, now: int, calendar: Calendar) -> tuple[Op, Constant]:
    op = draw(st.sampled_from(DATED))
    today = calendar.day(now)
    at = st.one_of(
        st.sampled_from((now, now - 1, now - DAY)),
        st.integers(-3, 1).map(lambda days: int(calendar.day_start(today + days))),
    )
    when = st.one_of(
        at.map(lambda each: When(at=each)),
        st.sampled_from((0, MINUTE, HOUR, DAY, 3 * DAY)).map(lambda ms: When(ago_ms=ms)),
        st.builds(lambda days, last: When(days=days, last=last), st.integers(-3, 1), st.booleans()),
    )
    if NEGATIONS.get(op, op) is Op.BETWEEN:
        return op, Span(draw(when), draw(when))
    return op, draw(when)


@st.composite
def field_rules(draw: st.DrawFn, now: int, calendar: Calendar, relative: bool = True, depth: int = 1) -> Rule:
    """A rule that sees one event: a trigger (``relative`` dates) or a filter (fixed dates only)."""
    if depth and draw(st.integers(0, 3)) == 0:
        parts = st.lists(field_rules(now, calendar, relative, depth - 1), max_size=3).map(tuple)
        return draw(st.one_of(parts.map(All), parts.map(AnyOf), field_rules(now, calendar, relative, depth - 1).map(Not)))
    if draw(st.integers(0, 3)) == 0:
        path = draw(st.sampled_from(DATED_FIELDS))
        op, value = draw(comparisons("instant", now, calendar))
        if not relative:
            value = _fixed(value, now, calendar)
        return Compare(Field(path), op, value)
    op, value = draw(comparisons("any", now, calendar))
    return Compare(Field(draw(st.sampled_from((*FIELDS, ("url",), ("path",), ("query", "plan"))))), op, value)


def _fixed(value: Constant, now: int, calendar: Calendar) -> Constant:
    if isinstance(value, Span):
        return Span(When(at=calendar.instant(value.start, now)), When(at=calendar.instant(value.end, now)))
    return When(at=calendar.instant(value, now)) if isinstance(value, When) else value


@st.composite
def statistic_rules(draw: st.DrawFn, now: int, calendar: Calendar) -> Compare:
    """A comparison of any aggregate over any period, half of them filtered."""
    aggregate = draw(st.sampled_from(tuple(Aggregate)))
    kind = "count" if aggregate in COUNTS else "number" if aggregate in AMOUNTS else "any"
    path: tuple[str, ...] = ()
    if aggregate in TIMES:
        kind, path = "instant", draw(st.sampled_from(((), *FIELDS)))
    elif aggregate is Aggregate.COUNT:
        path = draw(st.sampled_from(((), (), *FIELDS)))
    else:
        path = draw(st.sampled_from((*FIELDS[:1] * 3, *FIELDS, *DATED_FIELDS)))
        if path in DATED_FIELDS and aggregate in (*REGISTERS, Aggregate.MIN, Aggregate.MAX):
            kind = "instant"
    where = draw(st.one_of(st.none(), field_rules(now, calendar, relative=False)))
    statistic = statistics.identified(draw(st.sampled_from(NAMES)), path, where, aggregate, draw(periods(now, calendar)))
    op, value = draw(comparisons(kind, now, calendar))
    return Compare(statistic, op, value)


FACTS: Final = {
    "boolean": ("member",),
    "count": (
        "visits",
        "views",
        "session.page_views",
        "previous_session.page_views",
        "session.seconds",
        "previous_session.seconds",
    ),
    "instant": ("first_seen_at", "last_seen_at", "session.started_at", "previous_session.started_at"),
    "text": tuple(
        f"{place}.{rest}"
        for place in ("session.landing", "previous_session.landing", "first.landing", "page")
        for rest in ("url", "host", "path", "title", "query.plan")
    )
    + tuple(
        f"{place}.{rest}"
        for place in ("session", "previous_session", "first")
        for rest in ("referrer", "utm.source", "utm.medium", "ad")
    )
    + ("page.referrer",),
}


@st.composite
def person_comparisons(draw: st.DrawFn, now: int, calendar: Calendar) -> Compare:
    """A comparison of a statistic (mostly), a fact, an attribute or a consent."""
    choice = draw(st.integers(0, 9))
    if choice == 0:
        path = draw(st.sampled_from(ATTRIBUTES))
        dated = path[-1].endswith(("_at", "_date"))
        return Compare(Attribute(path), *draw(comparisons("instant" if dated else "any", now, calendar)))
    if choice == 1:
        return Compare(Consented(draw(st.sampled_from(tuple(PURPOSES)))), *draw(comparisons("text", now, calendar)))
    if choice in (2, 3):
        kind = draw(st.sampled_from(tuple(FACTS)))
        return Compare(Fact(draw(st.sampled_from(FACTS[kind]))), *draw(comparisons(kind, now, calendar)))
    return draw(statistic_rules(now, calendar))


def person_rules(now: int, calendar: Calendar, segments: Iterable[str] = ()) -> st.SearchStrategy[Rule]:
    """A small tree over comparisons, segments (if names are given) and uploaded lists."""
    leaves: list[st.SearchStrategy[Rule]] = [person_comparisons(now, calendar)] * 4
    leaves.append(st.sampled_from(tuple(LISTS)).map(InList))
    names = tuple(segments)
    if names:
        leaves.append(st.sampled_from(names).map(lambda name: InSegment(SegmentId(name))))
    return st.recursive(
        st.one_of(leaves),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
            st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
            inner.map(Not),
        ),
        max_leaves=4,
    )


def leaves(rule: Rule) -> list[Compare]:
    """Every comparison of a tree, without following segments."""
    if isinstance(rule, Compare):
        return [rule]
    if isinstance(rule, All | AnyOf):
        return [leaf for part in rule.of for leaf in leaves(part)]
    return leaves(rule.of) if isinstance(rule, Not) else []


class Coverage:
    """Which operator x type of constant x aggregate x period was seen true and false."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, str, str, str, bool]] = Counter()

    def record(self, leaf: Compare, passed: bool) -> None:
        subject = leaf.subject
        aggregate, period = (
            (subject.aggregate.value, subject.period.kind) if isinstance(subject, Statistic) else (type(subject).__name__, "")
        )
        self.seen[leaf.op.value, _type_of(leaf.value), aggregate, period, passed] += 1

    def both(self) -> set[tuple[str, str, str, str]]:
        return {key[:4] for key in self.seen if (*key[:4], not key[4]) in self.seen}

    def table(self) -> str:
        """One line for each aggregate and period: operators seen both ways, and those seen only one way."""
        keys = {key[:4] for key in self.seen}
        both = self.both()
        places = sorted({(key[2], key[3]) for key in keys})
        lines = [f"{len(both)} of {len(keys)} combinations seen true and false"]
        for aggregate, period in places:
            here = sorted(key for key in keys if key[2:] == (aggregate, period))
            full = " ".join(f"{op}:{kind}" for op, kind, *_ in here if (op, kind, aggregate, period) in both)
            part = " ".join(f"{op}:{kind}" for op, kind, *_ in here if (op, kind, aggregate, period) not in both)
            lines.append(f"{aggregate} {period}: {full}" + (f" | one way only: {part}" if part else ""))
        return "\n".join(lines)


def _type_of(value: Constant) -> str:
    if isinstance(value, tuple):
        kinds = sorted({_type_of(item) for item in value})
        return "list of " + "+".join(kinds)
    if isinstance(value, When | Span):
        return "instant"
    names = {bool: "boolean", int: "number", float: "number", str: "text"}
    return "" if value is None else names[type(value)]


def present(event: Event, path: tuple[str, ...]) -> bool:
    """Whether the event has anything at this path."""
    return bool(elements(event.values, path))
