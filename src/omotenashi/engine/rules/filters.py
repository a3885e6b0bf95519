"""Rules that see one event and nothing else: filters of statistics, derived events. They know no ``now``."""

from collections.abc import Callable

from omotenashi.engine.calendar import Calendar
from omotenashi.model.rules import All, AnyOf, Compare, Field, Not, Rule
from omotenashi.model.values import Values, elements

from .comparison import instant_scale, judge

Filter = Callable[[Values], bool]


def closure(rule: Rule, calendar: Calendar) -> Filter:
    """The filter as a question about an event's values. Raises ``ValueError`` for a rule that asks about a person."""
    if isinstance(rule, All):
        parts = [closure(part, calendar) for part in rule.of]
        if len(parts) == 1:
            return parts[0]
        return lambda values: all(part(values) for part in parts)
    if isinstance(rule, AnyOf):
        parts = [closure(part, calendar) for part in rule.of]
        return lambda values: any(part(values) for part in parts)
    if isinstance(rule, Not):
        inner = closure(rule.of, calendar)
        return lambda values: not inner(values)
    if isinstance(rule, Compare) and isinstance(rule.subject, Field):
        path = rule.subject.path
        judged = judge(rule.op, rule.value, calendar, instant_scale(path[-1]) or 1)
        return lambda values: judged(elements(values, path), 0)
    raise ValueError(f"a filter sees one event; it cannot ask for {rule!r}")
