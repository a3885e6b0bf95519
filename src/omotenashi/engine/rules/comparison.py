"""How one operator judges the values that were found: the reference that every other reading must equal.

Missing satisfies nothing. Nothing is coerced: ``true`` is not 1, ``"1"`` is not 1. A negated operator means
present, and no element satisfies the positive one. Only numbers have an order; only text has a beginning.
"""

import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final

import re2

from omotenashi.engine.calendar import Calendar
from omotenashi.model.rules import NEGATIONS, Constant, Op, Span, When
from omotenashi.model.values import MICRO, Scalar, micros

Exact = Scalar | Fraction
"""A scalar, or a sum or an average that has not been rounded to a float."""
Holds = Callable[[Exact], bool]
Test = Callable[[Sequence[Exact], int], bool]

_ORDERS: Final[dict[Op, Callable[[Any, Any], bool]]] = {
    Op.GT: operator.gt,
    Op.GE: operator.ge,
    Op.LT: operator.lt,
    Op.LE: operator.le,
}


def is_number(value: object) -> bool:
    """Whether it is a number; ``true`` and ``false`` are not."""
    kind = value.__class__
    return kind is int or kind is float or kind is Fraction


def same(one: object, other: object) -> bool:
    """Equality without coercion: ``1 == 1.0`` but ``1 != True``."""
    return one == other and (one.__class__ is bool) == (other.__class__ is bool)


def compiled_pattern(pattern: str) -> Any:
    """The RE2 pattern, quiet about errors; ``.`` matches a line break, as in ClickHouse. Raises ``re2.error``."""
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    return re2.compile(pattern, options=options)


def holds(op: Op, value: Any) -> Holds:
    """A positive operator with its constant, as a question about one element.

    ``value``: a scalar; a pair of numbers for ``between``; a tuple of scalars for ``in``.
    """
    if op is Op.EQ:
        flag = value.__class__ is bool
        return lambda found: found == value and (found.__class__ is bool) == flag
    if op in _ORDERS:
        order = _ORDERS[op]
        return lambda found: is_number(found) and order(found, value)
    if op is Op.BETWEEN:
        low, high = value
        return lambda found: is_number(found) and low <= found <= high
    if op is Op.IN:
        flags = frozenset(item for item in value if item.__class__ is bool)
        others = frozenset(item for item in value if item.__class__ is not bool)
        return lambda found: found in (flags if found.__class__ is bool else others)
    if op is Op.CONTAINS:
        return lambda found: found.__class__ is str and value in found
    if op is Op.STARTS:
        return lambda found: isinstance(found, str) and found.startswith(value)
    if op is Op.ENDS:
        return lambda found: isinstance(found, str) and found.endswith(value)
    if op is Op.MATCHES:
        search = compiled_pattern(value).search
        return lambda found: found.__class__ is str and search(found) is not None
    raise ValueError(f"{op!r} is not a positive operator with a constant")


def judge(op: Op, value: Constant, calendar: Calendar, scale: int = 1) -> Test:
    """An operator with its constant, as a question about all elements that were found, and ``now``.

    ``scale`` is what a found number is multiplied with before it is held against an instant:
    1,000 for fields in seconds (see `instant_scale`).
    """
    if op is Op.EXISTS:
        return lambda found, now: len(found) > 0
    if op is Op.MISSING:
        return lambda found, now: len(found) == 0
    positive = NEGATIONS.get(op, op)
    if isinstance(value, When | Span):
        any_holds = _any_dated(positive, value, calendar, scale)
    else:
        any_holds = _any_plain(positive, value)
    if positive is op:
        return any_holds
    return lambda found, now: len(found) > 0 and not any_holds(found, now)


def exactly(value: Constant) -> Any:
    """The constant as exact millionths, to hold against an exact sum or average."""
    if isinstance(value, tuple):
        return tuple(exactly(item) for item in value)
    if value.__class__ is int or value.__class__ is float:
        return Fraction(micros(value), MICRO)  # type: ignore[arg-type]
    return value


def instant_scale(name: str) -> int | None:
    """What turns a field of this name into an Instant: 1 for ``*_at`` (ms), 1,000 for ``*_date`` (s), else None."""
    last = name.rpartition(".")[2]
    if last.endswith("_at"):
        return 1
    return 1000 if last.endswith("_date") else None


def _any_plain(op: Op, value: Any) -> Test:
    one = holds(op, value)

    def any_holds(found: Sequence[Exact], now: int) -> bool:
        for element in found:  # noqa: SIM110  a generator costs more than the question
            if one(element):
                return True
        return False

    return any_holds


def _any_dated(op: Op, value: When | Span, calendar: Calendar, scale: int) -> Test:
    def any_holds(found: Sequence[Exact], now: int) -> bool:
        bound: Any
        if isinstance(value, Span):
            bound = (calendar.instant(value.start, now), calendar.instant(value.end, now))
        else:
            bound = calendar.instant(value, now)
        one = holds(op, bound)
        return any(is_number(element) and one(element * scale) for element in found)  # type: ignore[operator]

    return any_holds
