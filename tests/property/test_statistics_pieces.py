"""Accumulators: the generated folders equal the reference, in any order, at once or in pieces."""

import random
from collections.abc import Iterable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import msgpack
from tests.property.histories import EXAMPLES, histories, statistic_rules

from omotenashi.engine import statistics
from omotenashi.engine.calendar import Calendar
from omotenashi.engine.folders import folders
from omotenashi.model.entries import Event
from omotenashi.model.rules import Statistic

SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def added(statistic: Statistic, events: Iterable[Event], calendar: Calendar) -> Any:
    accumulator = None
    for event in events:
        accumulator = statistics.add(accumulator, statistic, event, calendar)
    return packed(accumulator)


def packed(accumulator: Any) -> Any:
    """As it comes back from disk."""
    return msgpack.decode(msgpack.encode(accumulator))


def drawn(data: st.DataObject) -> tuple[Any, list[Statistic]]:
    history = data.draw(histories())
    rules = data.draw(st.lists(statistic_rules(history.now, history.calendar), min_size=1, max_size=8))
    return history, [rule.subject for rule in rules if isinstance(rule.subject, Statistic)]


@SETTINGS
@given(data=st.data())
def test_generated_folders_collect_what_the_reference_collects(data: st.DataObject) -> None:
    history, chosen = drawn(data)
    fold = folders(chosen, history.calendar)
    accumulators: dict[str, Any] = {}
    for event in history.events:
        if event.name in fold:
            fold[event.name](accumulators, event)
    for statistic in chosen:
        assert packed(accumulators.get(statistic.id)) == added(statistic, history.events, history.calendar), statistic


@SETTINGS
@given(data=st.data())
def test_pieces_merge_to_what_is_added_at_once_in_any_order(data: st.DataObject) -> None:
    history, chosen = drawn(data)
    shuffled = list(history.events)
    random.Random(data.draw(st.integers(0, 999))).shuffle(shuffled)
    cut = data.draw(st.integers(0, len(shuffled)))
    for statistic in chosen:
        whole = added(statistic, history.events, history.calendar)
        one = added(statistic, shuffled[:cut], history.calendar)
        other = added(statistic, shuffled[cut:], history.calendar)
        assert packed(statistics.merge(statistic, one, other)) == whole, statistic
        assert packed(statistics.merge(statistic, other, one)) == whole, statistic
        assert one == added(statistic, shuffled[:cut], history.calendar), "merge changed what it was given"
