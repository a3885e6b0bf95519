"""A rule as closures: the reference reading. ``generate`` makes the fast form and is held equal to this one."""

from collections.abc import Callable

from omotenashi.engine import statistics
from omotenashi.model.profiles import Profile, attribute
from omotenashi.model.rules import (
    Aggregate,
    All,
    AnyOf,
    Attribute,
    Compare,
    Consented,
    Fact,
    Field,
    InList,
    InSegment,
    Not,
    Op,
    Rule,
    Statistic,
    Subject,
)
from omotenashi.model.values import Values, elements

from . import facts
from .comparison import Exact, exactly, instant_scale, judge
from .environment import Environment

Closure = Callable[[Profile, Values | None, int], bool]
"""(person, values of the event at hand if there is one, now) -> whether the rule holds."""
Found = Callable[[Profile, Values | None, int], list[Exact]]


class UnknownName(ValueError):
    """A rule that did not come from ``parse`` names a fact, segment or list that is not there."""


def closure(rule: Rule, env: Environment) -> Closure:
    """The rule as a question. Raises `UnknownName` for a segment, list or fact that ``env`` does not have."""
    if isinstance(rule, All):
        return _all([closure(part, env) for part in rule.of])
    if isinstance(rule, AnyOf):
        return _any([closure(part, env) for part in rule.of])
    if isinstance(rule, Not):
        inner = closure(rule.of, env)
        return lambda profile, values, now: not inner(profile, values, now)
    if isinstance(rule, InSegment):
        if rule.segment not in env.segments:
            raise UnknownName(f"segment: there is no segment {rule.segment!r}")
        return closure(env.segments[rule.segment], env)
    if isinstance(rule, InList):
        if rule.list not in env.lists:
            raise UnknownName(f"list: there is no list {rule.list!r}")
        users = env.lists[rule.list]
        return lambda profile, values, now: profile.user_id in users
    return _compare(rule, env)


def found(subject: Subject, env: Environment) -> Found:
    """What a comparison looks at: every element that is there, [] when missing."""
    if isinstance(subject, Field):
        path = subject.path
        return lambda profile, values, now: list(elements(values, path)) if values else []
    if isinstance(subject, Attribute):
        name = ".".join(subject.path)
        return lambda profile, values, now: list(attribute(profile, name))
    if isinstance(subject, Consented):
        purpose, purposes = subject.purpose, env.purposes
        return lambda profile, values, now: [facts.consent_state(profile, purpose, now, purposes)]
    if isinstance(subject, Statistic):
        return _statistic(subject, env)
    fact = facts.known(subject.name)
    if fact is None:
        raise UnknownName(f"fact: there is no fact {subject.name!r}")
    read = facts.reader(fact)

    def of_fact(profile: Profile, values: Values | None, now: int) -> list[Exact]:
        value = read(profile)
        return [] if value is None else [value]

    return of_fact


def scale(subject: Subject) -> int | None:
    """What makes an Instant of the subject's numbers: 1 (ms), 1,000 (s), or None when it is not an instant."""
    if isinstance(subject, Statistic):
        if subject.aggregate in (Aggregate.FIRST_AT, Aggregate.LAST_AT):
            return 1
        if subject.path and subject.aggregate in _KEEPS_THE_FIELD:
            return instant_scale(subject.path[-1])
        return None
    if isinstance(subject, Fact):
        return instant_scale(subject.name) if subject.name.endswith("_at") else None
    if isinstance(subject, Consented):
        return None
    return instant_scale(subject.path[-1])


def is_exact(subject: Subject) -> bool:
    """Whether the subject is compared in exact millionths."""
    return isinstance(subject, Statistic) and subject.aggregate in (Aggregate.SUM, Aggregate.AVG)


def plain_operator(rule: Compare) -> Compare:
    """The comparison with ``exists`` and ``missing`` spelled out where a subject is never missing: > 0 and = 0."""
    subject = rule.subject
    if isinstance(subject, Statistic) and subject.aggregate in statistics.ALWAYS_PRESENT:
        if rule.op is Op.EXISTS:
            return Compare(subject, Op.GT, 0)
        if rule.op is Op.MISSING:
            return Compare(subject, Op.EQ, 0)
    return rule


_KEEPS_THE_FIELD = (Aggregate.FIRST, Aggregate.LAST, Aggregate.PREVIOUS, Aggregate.MIN, Aggregate.MAX)


def _all(parts: list[Closure]) -> Closure:
    if len(parts) == 1:
        return parts[0]

    def every(profile: Profile, values: Values | None, now: int) -> bool:
        for part in parts:  # noqa: SIM110  a generator costs more than the question
            if not part(profile, values, now):
                return False
        return True

    return every


def _any(parts: list[Closure]) -> Closure:
    def some(profile: Profile, values: Values | None, now: int) -> bool:
        for part in parts:  # noqa: SIM110  a generator costs more than the question
            if part(profile, values, now):
                return True
        return False

    return some


def _compare(rule: Compare, env: Environment) -> Closure:
    rule = plain_operator(rule)
    look = found(rule.subject, env)
    value = exactly(rule.value) if is_exact(rule.subject) else rule.value
    judged = judge(rule.op, value, env.calendar, scale(rule.subject) or 1)
    return lambda profile, values, now: judged(look(profile, values, now), now)


def _statistic(statistic: Statistic, env: Environment) -> Found:
    calendar, name = env.calendar, statistic.id

    def of_statistic(profile: Profile, values: Values | None, now: int) -> list[Exact]:
        value = statistics.exact(statistic, profile.accumulators.get(name), profile, now, calendar)
        return [] if value is None else [value]

    return of_statistic
