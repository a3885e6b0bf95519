"""Accumulators: the generated folders equal the reference, in any order, at once or in pieces."""

from collections.abc import Iterable
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from msgspec import msgpack
from tests.property.histories import EXAMPLES, History, history, seeded, statistic_rule

from omotenashi.engine import statistics
from omotenashi.engine.calendar import Calendar
from omotenashi.engine.folders import folders
from omotenashi.model.entries import Event
from omotenashi.model.ids import StatisticId
from omotenashi.model.rules import Aggregate, Compare, Field, Op, Period, Statistic

SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def added(statistic: Statistic, events: Iterable[Event], calendar: Calendar) -> Any:
    accumulator = None
    for event in events:
        accumulator = statistics.add(accumulator, statistic, event, calendar)
    return packed(accumulator)


def packed(accumulator: Any) -> Any:
    """As it comes back from disk."""
    return msgpack.decode(msgpack.encode(accumulator))


def drawn(dice: Random) -> tuple[History, list[Statistic]]:
    person = history(dice)
    rules = [statistic_rule(dice, person.now, person.calendar) for _ in range(25)]
    return person, [rule.subject for rule in rules if isinstance(rule.subject, Statistic)]


@SETTINGS
@given(dice=seeded(lambda dice: dice))
def test_generated_folders_collect_what_the_reference_collects(dice: Random) -> None:
    person, chosen = drawn(dice)
    fold = folders(chosen, person.calendar)
    accumulators: dict[str, Any] = {}
    for event in person.events:
        if event.name in fold:
            fold[event.name](accumulators, event)
    for statistic in chosen:
        assert packed(accumulators.get(statistic.id)) == added(statistic, person.events, person.calendar), statistic


def test_filters_about_one_and_about_true_are_two() -> None:
    person, _ = drawn(Random(1))
    event = next(event for event in person.events if event.name == "view")
    event.values["flag"] = 1
    asked = [
        Statistic(StatisticId(name), "view", (), Compare(Field(("flag",)), Op.EQ, value), Aggregate.COUNT, Period("all"))
        for name, value in (("number", 1), ("boolean", True))
    ]
    accumulators: dict[str, Any] = {}
    folders(asked, person.calendar)["view"](accumulators, event)
    assert accumulators == {"number": 1}


@SETTINGS
@given(dice=seeded(lambda dice: dice))
def test_pieces_merge_to_what_is_added_at_once_in_any_order(dice: Random) -> None:
    person, chosen = drawn(dice)
    shuffled = list(person.events)
    dice.shuffle(shuffled)
    cut = dice.randint(0, len(shuffled))
    for statistic in chosen:
        whole = added(statistic, person.events, person.calendar)
        one = added(statistic, shuffled[:cut], person.calendar)
        other = added(statistic, shuffled[cut:], person.calendar)
        assert packed(statistics.merge(statistic, one, other)) == whole, statistic
        assert packed(statistics.merge(statistic, other, one)) == whole, statistic
        assert one == added(statistic, shuffled[:cut], person.calendar), "merge changed what it was given"
