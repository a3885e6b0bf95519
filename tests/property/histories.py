"""Random people and random rules: what the property tests of the engine and of the warehouse draw from.

A `History` is one person's events, stamped with sessions as the edge would. Instants gather around days on which
the zone's clock jumps; values mix types, decimals, lists, objects and nothing; keys tie; events come late.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Final, TypeVar

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
from omotenashi.model.values import Scalar, admitted_number

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
COMMON_TEXTS: Final = ("a", "ab")  # often enough that equal things meet
COMMON_NUMBERS: Final = (1, 2, 4000)
SCALARS: Final = (*TEXTS, *NUMBERS, True, False)
PATTERNS: Final = ("a", "^a", "b$", "a|抹", "^$", ".", "[0-9]+", "sale", r"\.", "(?i)GOLD", "e.b")
FIELDS: Final = (("price",), ("label",), ("items",), ("items", "sku"), ("items", "price"), ("flag",), ("shop", "rank"))
DATED_FIELDS: Final = (("bought_at",), ("birth_date",))
ATTRIBUTES: Final = (("rank",), ("points",), ("shop", "plan"), ("joined_at",), ("birth_date",))
URLS: Final = ("https://shop.example/", "https://shop.example/sale?plan=a", "https://shop.example/cart?plan=b&x=1")
PURPOSES: Final = {
    "record": Purpose("record", "granted"),
    "message": Purpose("message", "unknown", expires_days=2),
    "share": Purpose("share", "unknown", expires_days=2, policy="2026", reask=True),
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
    consents: dict[str, tuple[int, str, str]] = field(default_factory=dict)

    @property
    def calendar(self) -> Calendar:
        return CALENDARS[self.zone]


T = TypeVar("T")


def seeded(make: Callable[[Random], T]) -> st.SearchStrategy[T]:
    """What ``make`` builds from dice whose seed Hypothesis draws: thousands of rules in the time of dozens, unshrunk."""
    return st.binary(min_size=8, max_size=8).map(lambda seed: make(Random(seed)))


def number(dice: Random) -> int | float:
    """A number as admission leaves it, mostly one of those that other numbers meet."""
    if dice.random() < 0.5:
        return dice.choice(COMMON_NUMBERS)
    if dice.random() < 0.8:
        return dice.choice(NUMBERS)
    return admitted_number(dice.randint(-10_000_000, 10_000_000) / 1000)


def scalar(dice: Random) -> Scalar:
    if dice.random() < 0.5:
        return dice.choice((*COMMON_TEXTS, *COMMON_NUMBERS, True, False))
    return dice.choice(SCALARS) if dice.random() < 0.8 else number(dice)


def text(dice: Random) -> str:
    return dice.choice(COMMON_TEXTS if dice.random() < 0.6 else TEXTS)


def values(dice: Random, now: int) -> dict[str, Any]:
    """An event's values: any field may be missing, of any type, a list, or hold objects."""

    def any_value() -> Any:
        return scalar(dice) if dice.random() < 0.6 else [scalar(dice) for _ in range(dice.randint(0, 3))]

    def item() -> dict[str, Any]:
        return _some(dice, {"sku": lambda: text(dice), "price": lambda: scalar(dice)})

    def items() -> Any:
        kind = dice.randint(0, 2)
        return any_value() if kind == 0 else item() if kind == 1 else [item() for _ in range(dice.randint(0, 3))]

    def at() -> int:
        return now - dice.choice((0, 1, MINUTE, HOUR, DAY - 1, DAY, DAY + 1, 3 * DAY))

    return _some(
        dice,
        {
            "price": lambda: number(dice) if dice.random() < 0.6 else any_value(),
            "label": lambda: text(dice) if dice.random() < 0.5 else any_value(),
            "flag": lambda: dice.random() < 0.5 if dice.random() < 0.5 else any_value(),
            "items": items,
            "shop": lambda: scalar(dice) if dice.random() < 0.3 else _some(dice, {"rank": any_value}),
            "bought_at": lambda: at() if dice.random() < 0.7 else scalar(dice),
            "birth_date": lambda: at() // 1000 if dice.random() < 0.7 else scalar(dice),
        },
    )


def page_values(dice: Random) -> dict[str, Any]:
    """A view's values, as the edge puts them from the page context."""
    url = dice.choice(URLS)
    path, _, query = url.removeprefix("https://shop.example").partition("?")
    page: dict[str, Any] = {"url": url, "host": "shop.example", "path": path}
    if query:
        page["query"] = dict(pair.split("=") for pair in query.split("&"))
    return page | _some(
        dice,
        {
            "title": lambda: dice.choice(("Sale", "セール")),
            "referrer": lambda: "https://search.example/",
            "utm": lambda: _some(dice, {"source": lambda: "mail", "medium": lambda: "cpc"}),
            "ad": lambda: dice.choice(("gclid", "utm_medium")),
        },
    )


def histories(person: str = "visitor-1", zone: str | None = None) -> st.SearchStrategy[History]:
    """A person of up to 17 events in up to 5 sessions; some events late, some keys tied but for the id."""
    return seeded(lambda dice: history(dice, person, zone))


def history(dice: Random, person: str = "visitor-1", zone: str | None = None) -> History:
    zone = zone or dice.choice(tuple(ZONES))
    middle = dice.choice(ZONES[zone]) + timedelta(days=dice.randint(-1, 2))
    into_day = dice.choice((0, 1, HOUR, 2 * HOUR, 3 * HOUR, DAY - 1)) if dice.random() < 0.5 else dice.randint(0, DAY)
    now = CALENDARS[zone].day_start(middle.toordinal()) + into_day
    events: list[Event] = []
    for session in range(dice.choice((0, 1, 2, 2, 3, 3, 4, 5))):
        back = dice.choice((dice.randint(0, 3 * HOUR), dice.randint(0, 3 * DAY), DAY, 2 * DAY, 8 * DAY))
        late = session > 0 and dice.random() < 0.25
        events += _session(dice, person, f"{person}-s{session}", now, now - back, late, len(events))

    def instant() -> int:
        return dice.choice((now, now - DAY, now - 3 * DAY))

    def several() -> list[Scalar]:
        return [scalar(dice) for _ in range(dice.randint(1, 2))]

    return History(
        zone=zone,
        now=now,
        events=events,
        user_id=dice.choice((None, None, "user-1", "user-9")),
        attributes=_some(
            dice,
            {
                "rank": lambda: ["gold"] if dice.random() < 0.5 else several(),
                "points": lambda: [number(dice)] if dice.random() < 0.5 else several(),
                "shop.plan": several,
                "joined_at": lambda: [instant()] if dice.random() < 0.7 else several(),
                "birth_date": lambda: [instant() // 1000] if dice.random() < 0.7 else several(),
            },
        ),
        consents={
            purpose: (instant(), dice.choice(("granted", "granted", "denied", "withdrawn")), dice.choice(("2026", "2025", "")))
            for purpose in PURPOSES
            if dice.random() < 0.6
        },
    )


def _session(dice: Random, person: str, session: str, now: int, started_at: int, late: bool, before: int) -> list[Event]:
    events: list[Event] = []
    for place in range(1 if late else dice.randint(1, 4)):
        at = started_at if place == 0 else min(now, events[-1].at + dice.choice((0, 1, MINUTE, 20 * MINUTE)))
        name = dice.choice(NAMES)
        events.append(
            Event(
                project=ProjectId("shop"),
                person=PersonId(person),
                seq=before + place + 1,
                now=Instant(now),
                config=1,
                at=Instant(at),
                received_at=Instant(min(now, at + dice.choice((0, 0, 5)))),
                index=dice.randint(0, 1),
                id=EventId(f"{person}-{dice.randint(0, 9)}{before + place}"),
                name=name,
                values=page_values(dice) if name == "view" else values(dice, now),
                visitor=VisitorId(person),
                user_id=None,
                session=SessionId(session),
                session_started_at=Instant(started_at),
                opened_session=place == 0,
                late=late,
                source="tag",
                visible_ms=0 if late else dice.choice((0, 0, 999, 1000, 61_000)),
            )
        )
    return events


def _some(dice: Random, fields: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """Most of the fields, not all."""
    return {name: make() for name, make in fields.items() if dice.random() < 0.75}


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
    profile.consents = {
        purpose: Consent((at, at, 0, ""), state, policy) for purpose, (at, state, policy) in history.consents.items()
    }
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


def period(dice: Random, now: int, calendar: Calendar) -> Period:
    kind = dice.choice(("all", "session", "previous_session", "days", "hours", "between"))
    if kind == "days":
        return Period("days", dice.choice((1, 2, 3, 7)))
    if kind == "hours":
        return Period("hours", dice.choice((1, 2, 24, 72)))
    if kind == "between":
        start = date.fromordinal(calendar.day(now)) - timedelta(days=dice.randint(-1, 4))
        return Period("between", 0, start.isoformat(), (start + timedelta(days=dice.randint(0, 3))).isoformat())
    return Period(kind)


def comparison(dice: Random, kind: str, now: int, calendar: Calendar) -> tuple[Op, Constant]:
    """An operator and a constant that go together; ``kind``: count number instant text boolean any."""
    if kind == "any":
        kind = dice.choice(("number", "number", "text", "text", "boolean"))
    if dice.random() < 0.1:
        return dice.choice(PRESENCE), None
    if kind == "boolean":
        return dice.choice((Op.EQ, Op.NE)), dice.random() < 0.5
    if kind == "text":
        return _textual(dice)
    if kind == "instant":
        return _dated(dice, now, calendar)
    op = dice.choice(NUMERIC)
    positive = NEGATIONS.get(op, op)

    def constant() -> int | float:
        return dice.randint(0, 4) if kind == "count" else number(dice)

    if positive is Op.BETWEEN:
        return op, tuple(sorted((constant(), constant())))
    if positive is Op.IN:
        return op, tuple(constant() for _ in range(dice.randint(1, 3)))
    return op, constant()


def _textual(dice: Random) -> tuple[Op, Constant]:
    op = dice.choice((*TEXTUAL, *NEGATED_TEXTUAL))
    positive = NEGATIONS.get(op, op)
    if positive is Op.IN:
        return op, tuple(scalar(dice) for _ in range(dice.randint(1, 4)))
    if positive is Op.MATCHES:
        return op, dice.choice(PATTERNS)
    if dice.random() < 0.6:
        return op, text(dice)
    return op, dice.choice((*URLS, "shop.example", "/sale", "mail", "granted", "expired"))


def _dated(dice: Random, now: int, calendar: Calendar) -> tuple[Op, Constant]:
    op = dice.choice(DATED)

    def when() -> When:
        form = dice.randint(0, 3)
        if form == 0:
            return When(at=now - dice.choice((0, 1, DAY)))
        if form == 1:
            return When(at=calendar.day_start(calendar.day(now) + dice.randint(-3, 1)))
        if form == 2:
            return When(ago_ms=dice.choice((0, MINUTE, HOUR, DAY, 3 * DAY)))
        return When(days=dice.randint(-3, 1), last=dice.random() < 0.5)

    return op, Span(when(), when()) if NEGATIONS.get(op, op) is Op.BETWEEN else when()


def together(dice: Random, people: int) -> list[History]:
    """Several people of one zone, asked about at one instant, which is after all that any of them did."""
    zone = dice.choice(tuple(ZONES))
    histories = [history(dice, f"visitor-{number}", zone) for number in range(people)]
    now = max(each.now for each in histories)
    for each in histories:
        each.now = now
    return histories


def field_rules(now: int, calendar: Calendar, relative: bool = True, depth: int = 1) -> st.SearchStrategy[Rule]:
    """A rule that sees one event: a trigger (``relative`` dates) or a filter (fixed dates only)."""
    return seeded(lambda dice: field_rule(dice, now, calendar, relative, depth))


def field_rule(dice: Random, now: int, calendar: Calendar, relative: bool = True, depth: int = 1) -> Rule:
    if depth and dice.random() < 0.25:
        parts = tuple(field_rule(dice, now, calendar, relative, depth - 1) for _ in range(dice.randint(0, 3)))
        return dice.choice((All(parts), AnyOf(parts), Not(All(parts))))
    if dice.random() < 0.2:
        op, value = comparison(dice, "instant", now, calendar)
        return Compare(Field(dice.choice(DATED_FIELDS)), op, value if relative else _fixed(value, now, calendar))
    op, value = comparison(dice, "any", now, calendar)
    return Compare(Field(dice.choice((*FIELDS, ("url",), ("path",), ("query", "plan")))), op, value)


def _fixed(value: Constant, now: int, calendar: Calendar) -> Constant:
    if isinstance(value, Span):
        return Span(When(at=calendar.instant(value.start, now)), When(at=calendar.instant(value.end, now)))
    return When(at=calendar.instant(value, now)) if isinstance(value, When) else value


def statistic_rules(now: int, calendar: Calendar) -> st.SearchStrategy[Compare]:
    """A comparison of any aggregate over any period, half of them filtered."""
    return seeded(lambda dice: statistic_rule(dice, now, calendar))


def statistic_rule(dice: Random, now: int, calendar: Calendar) -> Compare:
    aggregate = dice.choice(tuple(Aggregate))
    kind = "count" if aggregate in COUNTS else "number" if aggregate in AMOUNTS else "any"
    path: tuple[str, ...] = ()
    if aggregate in TIMES:
        kind, path = "instant", dice.choice(((), *FIELDS))
    elif aggregate is Aggregate.COUNT:
        path = dice.choice(((), (), *FIELDS))
    else:
        path = dice.choice((*FIELDS[:1] * 3, *FIELDS, *DATED_FIELDS))
        if path in DATED_FIELDS and aggregate in (*REGISTERS, Aggregate.MIN, Aggregate.MAX):
            kind = "instant"
    where = None if dice.random() < 0.6 else field_rule(dice, now, calendar, relative=False)
    event = dice.choice(("cart", "cart", "buy", "buy", "view"))
    op, value = comparison(dice, kind, now, calendar)
    return Compare(statistics.identified(event, path, where, aggregate, period(dice, now, calendar)), op, value)


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


def person_comparison(dice: Random, now: int, calendar: Calendar) -> Compare:
    """A comparison of a statistic (mostly), a fact, an attribute or a consent."""
    choice = dice.randint(0, 9)
    if choice == 0:
        path = dice.choice(ATTRIBUTES)
        kind = "instant" if path[-1].endswith(("_at", "_date")) else "any"
        return Compare(Attribute(path), *comparison(dice, kind, now, calendar))
    if choice == 1:
        return Compare(Consented(dice.choice(tuple(PURPOSES))), *comparison(dice, "text", now, calendar))
    if choice in (2, 3):
        kind = dice.choice(tuple(FACTS))
        return Compare(Fact(dice.choice(FACTS[kind])), *comparison(dice, kind, now, calendar))
    return statistic_rule(dice, now, calendar)


def person_rules(now: int, calendar: Calendar, segments: Iterable[str] = ()) -> st.SearchStrategy[Rule]:
    """A small tree over comparisons, segments (if names are given) and uploaded lists."""
    names = tuple(segments)
    return seeded(lambda dice: person_rule(dice, now, calendar, names))


def person_rule(dice: Random, now: int, calendar: Calendar, segments: tuple[str, ...] = (), depth: int = 2) -> Rule:
    if depth and dice.random() < 0.3:
        parts = tuple(person_rule(dice, now, calendar, segments, depth - 1) for _ in range(dice.randint(0, 3)))
        return dice.choice((All(parts), AnyOf(parts), Not(AnyOf(parts))))
    if dice.random() < 0.05:
        return InList(dice.choice(tuple(LISTS)))
    if segments and dice.random() < 0.1:
        return InSegment(SegmentId(dice.choice(segments)))
    return person_comparison(dice, now, calendar)


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
        return "list of " + ("mixed" if len(kinds) > 1 else kinds[0])
    if isinstance(value, When | Span):
        return "instant"
    names = {bool: "boolean", int: "number", float: "number", str: "text"}
    return "" if value is None else names[type(value)]
