"""Generated code: what the properties cannot say about it."""

import traceback

import pytest

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules import evaluate, facts, generate
from omotenashi.engine.rules.environment import Environment
from omotenashi.engine.statistics import identified
from omotenashi.model.ids import PersonId, SegmentId
from omotenashi.model.profiles import Profile, Register
from omotenashi.model.rules import (
    Aggregate,
    All,
    AnyOf,
    Attribute,
    Compare,
    Fact,
    Field,
    InList,
    InSegment,
    Op,
    Period,
    Rule,
)

TOKYO = Calendar("Asia/Tokyo")
HOSTILE = '\'"); raise SystemExit("\\'


def test_hostile_names_and_constants_stay_data() -> None:
    rules: list[Rule] = [
        Compare(Field((HOSTILE,)), Op.EQ, HOSTILE),
        Compare(Field((HOSTILE, HOSTILE)), Op.CONTAINS, HOSTILE),
        Compare(Attribute((HOSTILE,)), Op.EQ, HOSTILE),
        Compare(Fact(f"session.landing.query.{HOSTILE}"), Op.ENDS, HOSTILE),
        Compare(identified(HOSTILE, (HOSTILE,), None, Aggregate.LAST, Period()), Op.IN, (HOSTILE, HOSTILE + "b")),
    ]
    person = Profile(PersonId("v"))
    person.attributes = {HOSTILE: Register((1, 1, 0, ""), [HOSTILE])}
    env = Environment(TOKYO)
    answers = [generate.predicate(rule, env, HOSTILE)(person, {HOSTILE: HOSTILE}, 0) for rule in rules]
    assert answers == [True, False, True, False, False]


def test_many_rules_share_one_function_and_what_it_computes_once() -> None:
    emitter = generate.Emitter(Environment(TOKYO))
    week = identified("view", (), None, Aggregate.COUNT, Period("days", 7))
    first = emitter.expression(Compare(week, Op.GE, 2))
    second = emitter.expression(All((Compare(week, Op.GE, 3), Compare(Fact("session.page_views"), Op.EXISTS))))
    assert emitter.preamble() == [
        "today = day_of(now)",
        "sessions = p.sessions",
        "current = sessions[0] if sessions else None",
        "known_0 = None",
    ]
    preamble = "".join(f"    {line}\n" for line in emitter.preamble())
    source = f"def both(p, v, now):\n    a = p.accumulators\n{preamble}    return {first}, {second}\n"
    person = Profile(PersonId("v"))
    person.accumulators = {week.id: {TOKYO.day(0): 2}}
    assert generate.function("both", source, emitter.namespace)(person, {}, 0) == (True, False)


def test_a_traceback_shows_the_generated_line() -> None:
    made = generate.function("broken", "def broken(p):\n    return p.nothing_like_this\n", {})
    with pytest.raises(AttributeError) as caught:
        made(Profile(PersonId("v")))
    assert "return p.nothing_like_this" in "".join(traceback.format_exception(caught.value))


def test_segments_that_use_segments_do_not_grow_without_end() -> None:
    segments: dict[SegmentId, Rule] = {SegmentId("s0"): Compare(Fact("visits"), Op.GE, 1)}
    for number in range(1, 30):
        before = InSegment(SegmentId(f"s{number - 1}"))
        segments[SegmentId(f"s{number}")] = AnyOf((before, All((before, before))))
    env = Environment(TOKYO, segments)
    emitter = generate.Emitter(env)
    assert len(emitter.expression(InSegment(SegmentId("s29")))) < 10_000
    holds = generate.predicate(InSegment(SegmentId("s29")), env)
    assert holds(Profile(PersonId("v"), visits=1), None, 0) is True


def test_a_pattern_without_special_characters_needs_no_engine() -> None:
    emitter = generate.Emitter(Environment(TOKYO))
    assert "'sale' in x" in emitter.expression(Compare(Field(("url",)), Op.MATCHES, "sale"))
    assert "search" in emitter.expression(Compare(Field(("url",)), Op.MATCHES, "^sale"))


@pytest.mark.parametrize("rule", [InSegment(SegmentId("x")), InList("x"), Compare(Fact("x"), Op.EXISTS)])
def test_a_name_that_is_not_there_is_refused_by_both_readings(rule: Rule) -> None:
    env = Environment(TOKYO)
    with pytest.raises(evaluate.UnknownName, match="there is no"):
        evaluate.closure(rule, env)
    with pytest.raises(evaluate.UnknownName, match="there is no"):
        generate.predicate(rule, env)


def test_every_listed_fact_can_be_read_from_an_empty_profile() -> None:
    env, person = Environment(TOKYO), Profile(PersonId("v"))
    for name in facts.FACTS:
        fact = facts.known(name.replace("query.X", "query.plan"))
        assert fact is not None, name
        rule = Compare(Fact(fact.name), Op.EXISTS)
        present = facts.reader(fact)(person) is not None
        assert evaluate.closure(rule, env)(person, None, 0) is present
        assert generate.predicate(rule, env)(person, None, 0) is present
