"""Every operator x type of constant x aggregate x period that a rule may have, and rules that tell people apart by each."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from typing import Final

from tests.property.histories import (
    DATED_FIELDS,
    DAY,
    FIELDS,
    NUMBERS,
    PATTERNS,
    PRESENCE,
    TEXTS,
    History,
    profile_of,
)

from omotenashi.engine import statistics
from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules import evaluate
from omotenashi.engine.rules.environment import Environment
from omotenashi.model.rules import NEGATIONS, Aggregate, Compare, Constant, Op, Period, Span, Statistic, When

Combination = tuple[str, str, str, str]
"""Operator, type of the constant, aggregate, kind of period; as ``histories.Coverage`` records it."""

PERIODS: Final = ("all", "session", "previous_session", "days", "hours", "between")
EQUALITY: Final = (Op.EQ, Op.NE)
ORDER: Final = (Op.GT, Op.GE, Op.LT, Op.LE)
RANGE: Final = (Op.BETWEEN, Op.NOT_BETWEEN)
CHOICE: Final = (Op.IN, Op.NOT_IN)
TEXTUAL: Final = (
    Op.CONTAINS, Op.NOT_CONTAINS, Op.STARTS, Op.NOT_STARTS, Op.ENDS, Op.NOT_ENDS, Op.MATCHES, Op.NOT_MATCHES,
)  # fmt: skip

NUMERIC: Final = (
    *product((*EQUALITY, *ORDER), ("number",)),
    *product((*RANGE, *CHOICE), ("list of number",)),
)
DATED: Final = tuple(product((*EQUALITY, *ORDER, *RANGE), ("instant",)))
ANY: Final = (
    *NUMERIC,
    *product((*EQUALITY, *TEXTUAL), ("text",)),
    *product(EQUALITY, ("boolean",)),
    *product(CHOICE, ("list of text", "list of boolean", "list of mixed")),
    *DATED,
)
OF: Final = {
    **dict.fromkeys((Aggregate.COUNT, Aggregate.DISTINCT, Aggregate.SUM, Aggregate.AVG), NUMERIC),
    **dict.fromkeys((Aggregate.MIN, Aggregate.MAX), (*NUMERIC, *DATED)),
    **dict.fromkeys((Aggregate.FIRST, Aggregate.LAST, Aggregate.PREVIOUS), ANY),
    **dict.fromkeys((Aggregate.FIRST_AT, Aggregate.LAST_AT), DATED),
}
"""What each aggregate may be compared with, besides being there or not."""


def combinations() -> set[Combination]:
    """All there are."""
    return {
        (op.value, kind, aggregate.value, period)
        for aggregate, compared in OF.items()
        for op, kind in (*compared, *product(PRESENCE, ("",)))
        for period in PERIODS
    }


def telling(people: list[History], now: int, calendar: Calendar) -> dict[Combination, Compare]:
    """For each combination a rule that holds for some of these people and not for others, where there is one."""
    env = Environment(calendar)
    found: dict[Combination, Compare] = {}
    for aggregate, period in product(OF, PERIODS):
        wanted = [*OF[aggregate], *product(PRESENCE, ("",))]
        for statistic in _statistics(aggregate, _period(period, now, calendar)):
            if not wanted:
                break
            profiles = [profile_of(each, [statistic]) for each in people]
            look = evaluate.found(statistic, env)
            values = [value for profile in profiles for value in look(profile, None, now)]
            dated = evaluate.scale(statistic)
            for op, kind in list(wanted):
                if kind == "instant" and dated is None:
                    continue
                for constant in _constants(op, kind, values, dated or 1, now):
                    rule = Compare(statistic, op, constant)
                    holds = evaluate.closure(rule, env)
                    if len({holds(profile, None, now) for profile in profiles}) == 2:
                        found[op.value, kind, aggregate.value, period] = rule
                        wanted.remove((op, kind))
                        break
    return found


def _period(kind: str, now: int, calendar: Calendar) -> Period:
    if kind == "between":
        today = date.fromordinal(calendar.day(now))
        return Period("between", 0, (today - timedelta(days=4)).isoformat(), today.isoformat())
    return Period(kind, {"days": 7, "hours": 72}.get(kind, 0))  # type: ignore[arg-type]


def _statistics(aggregate: Aggregate, period: Period) -> Iterator[Statistic]:
    paths: tuple[tuple[str, ...], ...] = (*FIELDS, *DATED_FIELDS)
    if aggregate in (Aggregate.COUNT, Aggregate.FIRST_AT, Aggregate.LAST_AT):
        paths = ((), *paths)
    for path, event in product(paths, ("cart", "buy", "view")):
        yield statistics.identified(event, path, None, aggregate, period)


def _constants(op: Op, kind: str, values: list[object], scaled: int, now: int) -> Iterator[Constant]:
    positive = NEGATIONS.get(op, op)
    numbers = [float(value) for value in values if type(value) not in (bool, str)]  # type: ignore[arg-type]
    met: list[int | float] = [int(number) if number.is_integer() else number for number in numbers]
    met += NUMBERS
    texts = [value for value in values if type(value) is str]
    match kind:
        case "":
            yield None
        case "number":
            yield from met
        case "list of number" if positive is Op.BETWEEN:
            yield from ((low, low + span) for low in met for span in (0, 1, 1000))
        case "list of number":
            yield from ((number, -7) for number in met)
        case "boolean":
            yield from (True, False)
        case "text" if positive is Op.MATCHES:
            yield from PATTERNS
        case "text":
            yield from (text for text in (*texts, *TEXTS) if text or positive is Op.EQ)
        case "list of text":
            yield from ((text, "nobody says this") for text in (*texts, *TEXTS))
        case "list of boolean":
            yield from ((True,), (False,))
        case "list of mixed":
            yield from product((*texts, *TEXTS), met, (True,))
        case "instant":
            instants = [int(number) * scaled for number in met if 0 < number * scaled <= now]
            for instant in (*instants, now - DAY, now):
                if positive is Op.BETWEEN:
                    yield Span(When(at=instant), When(at=instant + DAY))
                else:
                    yield When(at=instant)
        case _:
            raise AssertionError(kind)
