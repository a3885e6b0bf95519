"""Accumulators by example; ``tests/property/test_statistics_pieces.py`` holds the general laws."""

from typing import Any

import pytest

from omotenashi.engine.calendar import DAY_MS, MINUTE_MS, Calendar
from omotenashi.engine.statistics import add, hashed, identified, merge, read, used_by
from omotenashi.model.entries import Event
from omotenashi.model.ids import EventId, Instant, PersonId, ProjectId, SegmentId, SessionId, VisitorId
from omotenashi.model.profiles import Profile, Session
from omotenashi.model.rules import (
    EVERYONE,
    Aggregate,
    All,
    Compare,
    Field,
    InSegment,
    Not,
    Op,
    Period,
    Statistic,
)

TOKYO = Calendar("Asia/Tokyo")
NOON = TOKYO.parse_instant("2026-11-21T12:00")


def cart(at: int, session: str = "s1", started_at: int | None = None, **values: Any) -> Event:
    return Event(
        project=ProjectId("shop"),
        person=PersonId("v"),
        seq=1,
        now=Instant(at),
        config=1,
        at=Instant(at),
        received_at=Instant(at),
        index=0,
        id=EventId(f"e{at}"),
        name="cart",
        values=values,
        visitor=VisitorId("v"),
        user_id=None,
        session=SessionId(session),
        session_started_at=Instant(at if started_at is None else started_at),
        opened_session=False,
        late=False,
        source="tag",
    )


def collected(statistic: Statistic, *events: Event) -> Any:
    accumulator = None
    for event in events:
        accumulator = add(accumulator, statistic, event, TOKYO)
    return accumulator


def of_price(aggregate: Aggregate, period: Period | None = None) -> Statistic:
    return identified("cart", ("price",), None, aggregate, period or Period())


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        (Aggregate.COUNT, 3),
        (Aggregate.SUM, 7_500_000),
        (Aggregate.AVG, [7_500_000, 3]),
        (Aggregate.MIN, 0.5),
        (Aggregate.MAX, 5),
        (Aggregate.FIRST, [[NOON, NOON, 0, f"e{NOON}", 0], 2]),
        (Aggregate.LAST, [[NOON + 2, NOON + 2, 0, f"e{NOON + 2}", 0], 5]),
        (
            Aggregate.PREVIOUS,
            [[[NOON + 2, NOON + 2, 0, f"e{NOON + 2}", 0], 5], [[NOON + 1, NOON + 1, 0, f"e{NOON + 1}", 0], 0.5]],
        ),
        (Aggregate.DISTINCT, {hashed(2): 1, hashed(0.5): 1, hashed(5): 1}),
        (Aggregate.FIRST_AT, NOON),
        (Aggregate.LAST_AT, NOON + 2),
    ],
)
def test_each_aggregate_keeps_its_own_small_shape(aggregate: Aggregate, expected: Any) -> None:
    events = [cart(NOON, price=2), cart(NOON + 1, price=0.5), cart(NOON + 2, price=5)]
    assert collected(of_price(aggregate), *events) == expected


def test_the_previous_value_survives_a_value_that_comes_back() -> None:
    events = [cart(NOON, price="a"), cart(NOON + 1, price="b"), cart(NOON + 2, price="a")]
    previous = of_price(Aggregate.PREVIOUS)
    assert read(previous, collected(previous, *events), Profile(PersonId("v")), NOON, TOKYO) == "b"


def test_distinct_keeps_a_thousand_and_says_a_thousand() -> None:
    distinct = of_price(Aggregate.DISTINCT)
    one = collected(distinct, cart(NOON, price=list(range(700))))
    other = collected(distinct, cart(NOON + 1, price=list(range(500, 1300))))
    both = merge(distinct, one, other)
    assert read(distinct, both, Profile(PersonId("v")), NOON, TOKYO) == 1000
    assert both == collected(distinct, cart(NOON, price=list(range(1300))))


def test_only_the_buckets_that_a_window_can_reach_are_kept() -> None:
    count = identified("cart", (), None, Aggregate.COUNT, Period("days", 7))
    events = [cart(NOON - days * DAY_MS) for days in (20, 6, 3, 7, 0, 0)]
    today = TOKYO.day(NOON)
    assert collected(count, *events) == {today - 6: 1, today - 3: 1, today: 2}
    assert read(count, collected(count, *events), Profile(PersonId("v")), NOON + 4 * DAY_MS, TOKYO) == 3 - 1


def test_hours_are_minutes_of_which_the_current_one_counts() -> None:
    total = of_price(Aggregate.SUM, Period("hours", 1))
    accumulator = collected(
        total, cart(NOON - 60 * MINUTE_MS, price=1), cart(NOON - 59 * MINUTE_MS, price=2), cart(NOON, price=4)
    )
    person = Profile(PersonId("v"))
    assert read(total, accumulator, person, NOON, TOKYO) == 6
    assert read(total, accumulator, person, NOON + MINUTE_MS, TOKYO) == 4
    assert read(total, accumulator, person, NOON + 60 * MINUTE_MS, TOKYO) is None


def test_a_session_without_the_event_hides_the_one_before_it() -> None:
    count = identified("cart", (), None, Aggregate.COUNT, Period("session"))
    accumulator = collected(count, cart(NOON, "s1"), cart(NOON + 1, "s1", NOON))
    person = Profile(PersonId("v"), sessions=[Session(SessionId("s1"), Instant(NOON), Instant(NOON))])
    assert read(count, accumulator, person, NOON, TOKYO) == 2
    person.sessions.insert(0, Session(SessionId("s2"), Instant(NOON + 5), Instant(NOON + 5)))
    assert read(count, accumulator, person, NOON, TOKYO) == 0


def test_two_sessions_are_kept_and_the_oldest_goes() -> None:
    count = identified("cart", (), None, Aggregate.COUNT, Period("previous_session"))
    accumulator = collected(count, cart(NOON, "s1"), cart(NOON + 1, "s2"), cart(NOON + 2, "s3"), cart(NOON + 3, "s1", NOON))
    assert accumulator == {"s2": [NOON + 1, 1], "s3": [NOON + 2, 1]}


def test_a_sum_is_shown_as_a_number_and_kept_as_millionths() -> None:
    total, average = of_price(Aggregate.SUM), of_price(Aggregate.AVG)
    events = [cart(NOON, price=0.1), cart(NOON + 1, price=0.2), cart(NOON + 2, price=1)]
    person = Profile(PersonId("v"))
    assert read(total, collected(total, *events), person, NOON, TOKYO) == 1.3
    assert read(average, collected(average, *events), person, NOON, TOKYO) == 0.433333


def test_a_statistics_id_is_its_definition() -> None:
    where = Compare(Field(("label",)), Op.EQ, "a")
    same = identified("cart", ("price",), where, Aggregate.SUM, Period("days", 7))
    assert same == identified("cart", ("price",), where, Aggregate.SUM, Period("days", 7))
    assert len(same.id) == 16
    others = [
        identified("buy", ("price",), where, Aggregate.SUM, Period("days", 7)),
        identified("cart", ("price",), None, Aggregate.SUM, Period("days", 7)),
        identified("cart", ("price",), where, Aggregate.AVG, Period("days", 7)),
        identified("cart", ("price",), where, Aggregate.SUM, Period("days", 8)),
    ]
    assert len({same.id, *(other.id for other in others)}) == 5


def test_a_filter_that_lets_everything_pass_is_no_filter() -> None:
    assert identified("cart", (), EVERYONE, Aggregate.COUNT, Period()) == identified("cart", (), None, Aggregate.COUNT, Period())


def test_statistics_are_found_through_segments_and_once_each() -> None:
    count, total = identified("cart", (), None, Aggregate.COUNT, Period()), of_price(Aggregate.SUM)
    segments = {
        SegmentId("a"): All((Compare(total, Op.GT, 1), InSegment(SegmentId("b")))),
        SegmentId("b"): Not(Compare(count, Op.EXISTS)),
    }
    rule = All((Compare(count, Op.GE, 2), InSegment(SegmentId("a")), InSegment(SegmentId("b"))))
    assert used_by(rule, segments) == {count.id: count, total.id: total}
