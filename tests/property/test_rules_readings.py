"""One rule, two readings: the closures and the generated function say the same of everybody."""

from collections.abc import Callable
from itertools import product
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from tests.property.histories import (
    EXAMPLES,
    LISTS,
    PURPOSES,
    Coverage,
    field_rule,
    history,
    leaves,
    person_rule,
    profile_of,
    seeded,
    together,
)

from omotenashi.engine.rules import evaluate, generate
from omotenashi.engine.rules.environment import Environment
from omotenashi.engine.statistics import used_by
from omotenashi.model.ids import SegmentId, StatisticId
from omotenashi.model.rules import Aggregate, Op, Rule, Statistic

SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_closures_and_generated_code_agree_on_every_person() -> None:
    coverage = Coverage()

    @SETTINGS
    @given(seed=seeded(lambda dice: dice))
    def agree(seed: Random) -> None:
        people = together(seed, 5)
        now, calendar = people[0].now, people[0].calendar
        segments: dict[SegmentId, Rule] = {SegmentId("one"): person_rule(seed, now, calendar)}
        env = Environment(calendar, segments, LISTS, PURPOSES)
        rules = [*segments.values(), *(person_rule(seed, now, calendar, ("one",)) for _ in range(14))]
        statistics: dict[StatisticId, Statistic] = {}
        for rule in rules:
            statistics |= used_by(rule, segments)
        profiles = [profile_of(person, statistics.values()) for person in people]
        generated = all_in_one(rules, env)
        closures = [evaluate.closure(rule, env) for rule in rules]
        for profile in profiles:
            expected = [closure(profile, None, now) for closure in closures]
            for rule, holds, wanted in zip(rules, generated(profile, {}, now), expected, strict=True):
                assert bool(holds) is wanted, rule
        for leaf in (leaf for rule in rules for leaf in leaves(rule)):
            closure, alone = evaluate.closure(leaf, env), generate.predicate(leaf, env)
            for profile in profiles:
                assert alone(profile, None, now) is closure(profile, None, now), leaf
                coverage.record(leaf, closure(profile, None, now))

    agree()
    print(coverage.table())
    periods = ("all", "session", "previous_session", "days", "hours", "between")
    for place, names in ((0, list(Op)), (2, list(Aggregate)), (3, periods)):
        told = {(key[place], key[4]) for key in coverage.seen}
        assert told >= set(product(map(str, names), (True, False)))


@SETTINGS
@given(seed=seeded(lambda dice: dice))
def test_closures_and_generated_code_agree_on_every_event(seed: Random) -> None:
    person = history(seed)
    env = Environment(person.calendar)
    profile = profile_of(person, ())
    rules = [field_rule(seed, person.now, person.calendar, depth=2) for _ in range(15)]
    generated, closures = all_in_one(rules, env), [evaluate.closure(rule, env) for rule in rules]
    for event in person.events:
        expected = [closure(profile, event.values, person.now) for closure in closures]
        for rule, holds, wanted in zip(rules, generated(profile, event.values, person.now), expected, strict=True):
            assert bool(holds) is wanted, (rule, event.values)


def all_in_one(rules: list[Rule], env: Environment) -> Callable[..., tuple[object, ...]]:
    """Every rule in one function, as a decision has them."""
    emitter = generate.Emitter(env)
    answers = "".join(f"        {emitter.expression(rule)},\n" for rule in rules)
    preamble = "".join(f"    {line}\n" for line in emitter.preamble())
    source = f"def every(p, v, now):\n    a = p.accumulators\n{preamble}    return (\n{answers}    )\n"
    return generate.function("every", source, emitter.namespace)
