"""What is counted about a person: event name x field x filter x aggregate x period, kept as small accumulators.

This is the reference; ``engine.folders`` generates the fast form of `add` and is held equal to it.

Accumulators are plain data that packs as msgpack (ints, lists, dicts), merge commutatively, and by aggregate are:

=========== ==================================================================================
count       how many events, or with a field how many elements that field had
sum         whole millionths (`micros`)
avg         [micros, how many]
min, max    the number
first, last [key, value]; key = [at, received_at, index, id, place of the element in its list]
previous    [last register, register of the latest value that differs from it | None]
distinct    {hash of a value: 1}, the 1,000 smallest hashes
first_at    Instant of the earliest event (with a field: that had it); last_at: of the latest
=========== ==================================================================================

The period wraps them: ``all`` and ``between`` keep one as it is; ``session`` and ``previous_session`` keep
{session id: [started_at, accumulator]}, the two greatest by (started_at, id); ``days`` {day: accumulator} and
``hours`` {minute: accumulator} keep what the window can still reach seen from the latest one.

``count`` and ``distinct`` are always present, 0 when there was nothing. Every other aggregate is missing then.
Every element of a list counts. ``sum avg min max`` use numbers only and ignore everything else.
Sums and averages are compared exactly, as millionths: avg > c means micros > micros(c) x how many.
"""

from base64 import b32encode
from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import msgspec

from omotenashi.model.entries import Event
from omotenashi.model.ids import StatisticId
from omotenashi.model.profiles import Profile
from omotenashi.model.rules import (
    DISTINCT_LIMIT,
    EVERYONE,
    Aggregate,
    All,
    AnyOf,
    Compare,
    InSegment,
    Not,
    Period,
    Rule,
    Segments,
    Statistic,
)
from omotenashi.model.values import MICRO, Scalar, elements, micros

from .calendar import MINUTE_MS, Calendar
from .rules.comparison import Exact, Fraction, is_number, same
from .rules.filters import Filter, closure

Accumulator = Any
"""Plain data in one of the shapes above."""

ALWAYS_PRESENT: Final = (Aggregate.COUNT, Aggregate.DISTINCT)
_SESSIONS_KEPT: Final = 2


def identified(event: str, path: tuple[str, ...], where: Rule | None, aggregate: Aggregate, period: Period) -> Statistic:
    """The statistic with its id: 16 characters of a hash of its definition. A filter that lets all pass is none."""
    where = None if where == EVERYONE else where
    definition = msgspec.json.encode((event, path, where, aggregate, period))
    digest = b32encode(blake2b(definition, digest_size=10).digest()).decode().lower()
    return Statistic(StatisticId(digest), event, path, where, aggregate, period)


def used_by(rule: Rule, segments: Segments) -> dict[StatisticId, Statistic]:
    """Every statistic that the rule reads, also through segments. An unknown segment reads none."""
    found: dict[StatisticId, Statistic] = {}
    seen: set[str] = set()
    waiting: list[Rule] = [rule]
    while waiting:
        part = waiting.pop()
        if isinstance(part, All | AnyOf):
            waiting.extend(part.of)
        elif isinstance(part, Not):
            waiting.append(part.of)
        elif isinstance(part, Compare):
            if isinstance(part.subject, Statistic):
                found[part.subject.id] = part.subject
        elif isinstance(part, InSegment) and part.segment not in seen:
            seen.add(part.segment)
            if part.segment in segments:
                waiting.append(segments[part.segment])
    return found


def add(accumulator: Accumulator | None, statistic: Statistic, event: Event, calendar: Calendar) -> Accumulator | None:
    """The accumulator with one more event; None while nothing was collected. The given one may be changed in place."""
    if event.name != statistic.event or not _filter(statistic, calendar)(event.values):
        return accumulator
    found: list[Scalar] = elements(event.values, statistic.path) if statistic.path else [True]
    period = statistic.period
    if period.kind == "all":
        return _collect(accumulator, statistic.aggregate, event, found)
    if period.kind == "between":
        start, end = bounds(period, calendar)
        return _collect(accumulator, statistic.aggregate, event, found) if start <= event.at < end else accumulator
    if period.kind in ("session", "previous_session"):
        return _collect_session(accumulator, statistic.aggregate, event, found)
    bucket, width = (event.at // MINUTE_MS, period.n * 60) if period.kind == "hours" else (calendar.day(event.at), period.n)
    inner = _collect(None if accumulator is None else accumulator.get(bucket), statistic.aggregate, event, found)
    if inner is None:
        return accumulator
    return in_window({bucket: inner} if accumulator is None else accumulator | {bucket: inner}, width)


def merge(statistic: Statistic, one: Accumulator | None, other: Accumulator | None) -> Accumulator | None:
    """What would have been collected had all events of both gone into one. Neither is changed."""
    if one is None or other is None:
        return one if other is None else other
    kind = statistic.period.kind
    if kind in ("all", "between"):
        return _merged(statistic.aggregate, one, other)
    if kind in ("session", "previous_session"):
        sessions = dict(one)
        for session, (started_at, inner) in other.items():
            if session in sessions:
                first, mine = sessions[session]
                sessions[session] = [min(first, started_at), _merged(statistic.aggregate, mine, inner)]
            else:
                sessions[session] = [started_at, inner]
        return latest_sessions(sessions)
    buckets = dict(one)
    for bucket, inner in other.items():
        mine = buckets.get(bucket)
        buckets[bucket] = inner if mine is None else _merged(statistic.aggregate, mine, inner)
    return in_window(buckets, statistic.period.n * 60 if kind == "hours" else statistic.period.n)


def exact(statistic: Statistic, accumulator: Accumulator | None, profile: Profile, now: int, calendar: Calendar) -> Exact | None:
    """The statistic at ``now`` as it is compared: sums and averages as fractions; None when missing."""
    inner = at_now(statistic, accumulator, profile, now, calendar)
    aggregate = statistic.aggregate
    if inner is None:
        return 0 if aggregate in ALWAYS_PRESENT else None
    if aggregate is Aggregate.SUM:
        return Fraction(inner, MICRO)
    if aggregate is Aggregate.AVG:
        return Fraction(inner[0], inner[1] * MICRO)
    if aggregate in (Aggregate.FIRST, Aggregate.LAST):
        return inner[1]  # type: ignore[no-any-return]
    if aggregate is Aggregate.PREVIOUS:
        return None if inner[1] is None else inner[1][1]
    if aggregate is Aggregate.DISTINCT:
        return len(inner)
    return inner  # type: ignore[no-any-return]


def read(statistic: Statistic, accumulator: Accumulator | None, profile: Profile, now: int, calendar: Calendar) -> Scalar | None:
    """The statistic at ``now`` as it is shown: sums and averages rounded to a millionth; None when missing."""
    value = exact(statistic, accumulator, profile, now, calendar)
    if not isinstance(value, Fraction):
        return value
    whole, rest = divmod(round(value * MICRO), MICRO)
    return whole if rest == 0 else (whole * MICRO + rest) / MICRO


def at_now(
    statistic: Statistic, accumulator: Accumulator | None, profile: Profile, now: int, calendar: Calendar
) -> Accumulator | None:
    """The part of an accumulator that its period means at ``now``, without the period's wrapping."""
    period = statistic.period
    if accumulator is None or period.kind in ("all", "between"):
        return accumulator
    if period.kind in ("session", "previous_session"):
        place = 0 if period.kind == "session" else 1
        kept = accumulator.get(profile.sessions[place].id) if len(profile.sessions) > place else None
        return None if kept is None else kept[1]
    floor = now // MINUTE_MS - 60 * period.n if period.kind == "hours" else calendar.day(now) - period.n
    reached = [inner for bucket, inner in accumulator.items() if bucket > floor]
    if statistic.aggregate is Aggregate.DISTINCT and len(reached) > 1:  # all at once: two by two copies what grows
        together: dict[int, int] = {}
        for inner in reached:
            together.update(inner)
        return smallest(together)
    total: Accumulator | None = None
    for inner in reached:
        total = inner if total is None else _merged(statistic.aggregate, total, inner)
    return total


def bounds(period: Period, calendar: Calendar) -> tuple[int, int]:
    """The instants of a ``between``: first of the start day (inclusive), first after the end day (exclusive)."""
    return calendar.day_start(calendar.parse_day(period.start)), calendar.day_start(calendar.parse_day(period.end) + 1)


def in_window(buckets: dict[int, Accumulator], width: int) -> dict[int, Accumulator]:
    """The buckets that a window of this many, ending at the latest one or after it, can still reach."""
    floor = max(buckets) - width
    if all(bucket > floor for bucket in buckets):
        return buckets
    return {bucket: inner for bucket, inner in buckets.items() if bucket > floor}


def latest_sessions(sessions: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The two greatest by (started_at, id)."""
    if len(sessions) <= _SESSIONS_KEPT:
        return sessions
    greatest = sorted(sessions.items(), key=lambda item: (item[1][0], item[0]), reverse=True)[:_SESSIONS_KEPT]
    return dict(greatest)


def smallest(hashes: dict[int, int]) -> dict[int, int]:
    """At most 1,000 hashes, the smallest."""
    return hashes if len(hashes) <= DISTINCT_LIMIT else dict.fromkeys(sorted(hashes)[:DISTINCT_LIMIT], 1)


@lru_cache(maxsize=65_536, typed=True)
def hashed(value: Scalar) -> int:
    """64 bits that stand for a value in ``distinct``; equal numbers have equal ones, however they are written."""
    if isinstance(value, bool):
        text = f"b{value}"
    elif isinstance(value, str):
        text = "s" + value
    else:
        text = f"n{int(value)}" if value == int(value) else f"n{value!r}"
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def key_of(event: Event, place: int) -> list[Any]:
    """The order key of one element of an event. A list, because that is what comes back from msgpack."""
    return [event.at, event.received_at, event.index, event.id, place]


_filters: dict[tuple[StatisticId, str], Filter] = {}


def _filter(statistic: Statistic, calendar: Calendar) -> Filter:
    if statistic.where is None:
        return _everything
    known = _filters.get((statistic.id, calendar.time_zone))
    if known is None:
        if len(_filters) > 10_000:
            _filters.clear()
        known = _filters[statistic.id, calendar.time_zone] = closure(statistic.where, calendar)
    return known


def _everything(values: dict[str, Any]) -> bool:
    return True


def _collect_session(
    accumulator: dict[str, list[Any]] | None, aggregate: Aggregate, event: Event, found: list[Scalar]
) -> dict[str, list[Any]] | None:
    kept = None if accumulator is None else accumulator.get(event.session)
    inner = _collect(None if kept is None else kept[1], aggregate, event, found)
    if inner is None:
        return accumulator
    started_at = event.session_started_at if kept is None else min(kept[0], event.session_started_at)
    return latest_sessions({**(accumulator or {}), event.session: [started_at, inner]})


def _collect(accumulator: Accumulator | None, aggregate: Aggregate, event: Event, found: list[Scalar]) -> Accumulator | None:
    collect = _COLLECT[aggregate]
    for part in collect(event, found):
        accumulator = part if accumulator is None else _merged(aggregate, accumulator, part)
    return accumulator


def _merged(aggregate: Aggregate, one: Accumulator, other: Accumulator) -> Accumulator:
    return _MERGE[aggregate](one, other)


def _merge_previous(one: list[Any], other: list[Any]) -> list[Any]:
    registers = [register for register in (*one, *other) if register is not None]
    last = max(registers, key=lambda register: register[0])
    before = [register for register in registers if not same(register[1], last[1])]
    return [last, max(before, key=lambda register: register[0]) if before else None]


def _merge_distinct(one: dict[int, int], other: dict[int, int]) -> dict[int, int]:
    return smallest({**one, **other})


def _numbers(found: list[Scalar]) -> Iterator[int | float]:
    for value in found:
        if is_number(value):
            yield value  # type: ignore[misc]


def _registers(event: Event, found: list[Scalar]) -> Iterator[list[Any]]:
    for place, value in enumerate(found):
        yield [key_of(event, place), value]


_COLLECT: Final[dict[Aggregate, Callable[[Event, list[Scalar]], Iterator[Accumulator]]]] = {
    Aggregate.COUNT: lambda event, found: (1 for _ in found),
    Aggregate.SUM: lambda event, found: (micros(number) for number in _numbers(found)),
    Aggregate.AVG: lambda event, found: ([micros(number), 1] for number in _numbers(found)),
    Aggregate.MIN: lambda event, found: _numbers(found),
    Aggregate.MAX: lambda event, found: _numbers(found),
    Aggregate.FIRST: _registers,
    Aggregate.LAST: _registers,
    Aggregate.PREVIOUS: lambda event, found: ([register, None] for register in _registers(event, found)),
    Aggregate.DISTINCT: lambda event, found: ({hashed(value): 1} for value in found),
    Aggregate.FIRST_AT: lambda event, found: (event.at for _ in found[:1]),
    Aggregate.LAST_AT: lambda event, found: (event.at for _ in found[:1]),
}

_MERGE: Final[dict[Aggregate, Callable[[Accumulator, Accumulator], Accumulator]]] = {
    Aggregate.COUNT: lambda one, other: one + other,
    Aggregate.SUM: lambda one, other: one + other,
    Aggregate.AVG: lambda one, other: [one[0] + other[0], one[1] + other[1]],
    Aggregate.MIN: min,
    Aggregate.MAX: max,
    Aggregate.FIRST: lambda one, other: one if one[0] <= other[0] else other,
    Aggregate.LAST: lambda one, other: one if one[0] >= other[0] else other,
    Aggregate.PREVIOUS: _merge_previous,
    Aggregate.DISTINCT: _merge_distinct,
    Aggregate.FIRST_AT: min,
    Aggregate.LAST_AT: max,
}
