"""One rule, two readings: the closures and the generated function say the same of everybody."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.property.histories import (
    EXAMPLES,
    LISTS,
    PURPOSES,
    field_rules,
    histories,
    person_rules,
    profile_of,
)

from omotenashi.engine.rules import evaluate, generate
from omotenashi.engine.rules.environment import Environment
from omotenashi.engine.statistics import used_by
from omotenashi.model.ids import SegmentId

SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@SETTINGS
@given(data=st.data())
def test_closures_and_generated_code_agree_on_every_person(data: st.DataObject) -> None:
    history = data.draw(histories())
    first = data.draw(person_rules(history.now, history.calendar))
    segments = {SegmentId("one"): first}
    env = Environment(history.calendar, segments, LISTS, PURPOSES)
    rules = data.draw(st.lists(person_rules(history.now, history.calendar, ("one",)), min_size=1, max_size=8))
    statistics = {}
    for rule in (first, *rules):
        statistics |= used_by(rule, segments)
    profile = profile_of(history, statistics.values())
    for rule in (first, *rules):
        assert generate.predicate(rule, env)(profile, None, history.now) == evaluate.closure(rule, env)(
            profile, None, history.now
        ), rule


@SETTINGS
@given(data=st.data())
def test_closures_and_generated_code_agree_on_every_event(data: st.DataObject) -> None:
    history = data.draw(histories())
    env = Environment(history.calendar)
    profile = profile_of(history, ())
    rules = data.draw(st.lists(field_rules(history.now, history.calendar, depth=2), min_size=1, max_size=6))
    for rule in rules:
        slow, fast = evaluate.closure(rule, env), generate.predicate(rule, env)
        for event in history.events:
            assert fast(profile, event.values, history.now) == slow(profile, event.values, history.now), (rule, event.values)
