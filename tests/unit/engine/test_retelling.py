"""A log told again says of each moment what was true then."""

import random

from tests.unit.engine.person import DAY, MINUTE, Person, campaign, project

from omotenashi.engine import plan as planning
from omotenashi.engine.retelling import in_order, memberships, retold
from omotenashi.engine.statistics import identified
from omotenashi.engine.turn import merge
from omotenashi.model.entries import Event, LogEntry
from omotenashi.model.ids import SegmentId
from omotenashi.model.profiles import pack
from omotenashi.model.rules import Aggregate, All, AnyOf, Compare, Fact, InSegment, Not, Op, Period

VIEWS = Compare(identified("view", (), None, Aggregate.COUNT, Period()), Op.GE, 3)
TODAY = Compare(identified("view", (), None, Aggregate.COUNT, Period("days", 1)), Op.GE, 1)
MEMBER = Compare(Fact("member"), Op.EQ, True)
SEGMENTS = {SegmentId("keen"): VIEWS, SegmentId("today"): TODAY, SegmentId("member"): MEMBER}


def lines(log: list[LogEntry]) -> list[tuple[int, LogEntry]]:
    return list(enumerate(log, 1))


def test_the_last_profile_told_is_the_one_that_lives() -> None:
    hanako = Person(project(campaign(), segments=SEGMENTS))
    hanako.opens(hanako.view())
    hanako.wait(MINUTE).view("/tea")
    *_, (_, _, profile) = retold(in_order(lines(hanako.log)), hanako.plan)
    assert pack(profile) == pack(hanako.replayed())


def test_segments_are_entered_when_the_rule_becomes_true_and_left_when_time_makes_it_false() -> None:
    hanako = Person(project(campaign(), segments=SEGMENTS))
    hanako.view()
    hanako.wait(DAY).send("cart", {"in_cart_price": 1})
    hanako.view()
    hanako.view()
    told = {position: held for position, _, held in memberships(in_order(lines(hanako.log)), hanako.plan)}
    by_name = [(entry.name, told[position]) for position, entry in lines(hanako.log) if isinstance(entry, Event)]
    assert by_name[0] == ("view", {"today"})
    assert ("cart", frozenset()) in by_name
    assert by_name[-1][1] == {"keen", "today"}


def test_a_segment_made_today_was_entered_in_the_past() -> None:
    hanako = Person(project(campaign()))
    for _ in range(3):
        hanako.view()
    later = planning.build(project(campaign(), segments=SEGMENTS, version=9, statistics={VIEWS.subject.id: 9}), 9)  # type: ignore[union-attr]
    told = [held for *_, held in memberships(in_order(lines(hanako.log)), later)]
    assert "keen" in told[-1]
    assert "keen" not in told[0]


def test_two_people_who_became_one_are_told_as_one() -> None:
    of = project(campaign(), segments=SEGMENTS)
    member, visitor = Person(of, "hanako"), Person(of, "phone")
    member.view()
    visitor.view()
    visitor.view()
    log = [*member.log, *visitor.log]
    last = member.send("cart")
    log.extend(last.entries)
    entry = merge(member.profile, visitor.profile, "u-1", last.event, member.now, member.plan)  # type: ignore[arg-type]
    told = [held for *_, held in memberships(in_order(lines([*log, entry])), member.plan)]
    assert told[-1] == {"keen", "today", "member"}
    assert "keen" not in told[-2]


def test_what_is_looked_at_again_only_sometimes_is_what_would_be_found_by_looking_always() -> None:
    carts = Compare(identified("cart", ("in_cart_price",), None, Aggregate.SUM, Period("days", 2)), Op.GE, 300)
    latest = Compare(identified("cart", ("in_cart_price",), None, Aggregate.LAST, Period()), Op.GE, 150)
    items = Compare(identified("view", ("path",), None, Aggregate.DISTINCT, Period("days", 2)), Op.GE, 3)
    segments = SEGMENTS | {
        SegmentId("carts"): carts,
        SegmentId("latest"): latest,
        SegmentId("items"): items,
        SegmentId("either"): AnyOf((InSegment(SegmentId("carts")), Not(InSegment(SegmentId("items"))))),
        SegmentId("both"): All((InSegment(SegmentId("items")), MEMBER)),
        SegmentId("busy"): Compare(identified("view", (), None, Aggregate.COUNT, Period("hours", 1)), Op.GE, 2),
    }
    hanako = Person(project(campaign(), segments=segments))
    dice = random.Random(4)
    for _ in range(300):
        hanako.wait(dice.choice((MINUTE, 20 * MINUTE, 3 * 60 * MINUTE, DAY)))
        if dice.random() < 0.5:
            hanako.view(dice.choice(("/", "/tea", "/pots", "/cups")))
        else:
            hanako.send(dice.choice(("cart", "other")), {"in_cart_price": dice.choice((100, 200))})
    log = in_order(lines(hanako.log))
    always = [frozenset(hanako.plan.segments_of(profile, entry.now)) for _, entry, profile in retold(log, hanako.plan)]
    assert [held for *_, held in memberships(log, hanako.plan)] == always
    assert {name for held in always for name in held} >= set(segments) - {"member", "both"}


def test_what_was_imported_is_told_where_it_happened() -> None:
    hanako = Person(project(campaign(), segments=SEGMENTS))
    hanako.view()
    taken = hanako.send("view", {"path": "/"}, at=hanako.now - DAY, source="import", batch="history", row=0)
    ordered = in_order(lines(hanako.log))
    assert ordered[0][1] is taken.event
