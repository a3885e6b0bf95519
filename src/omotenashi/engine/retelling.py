"""A person's log told again: what was true of them at each moment, by the rules of one plan.

The same fold as ever, begun from nothing. Every entry is folded as if all statistics had existed from the start, so that
a segment made today is true of the past as well.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from omotenashi.model.entries import Config, Erased, Event, LogEntry, Merged
from omotenashi.model.ids import Instant, PersonId, SegmentId
from omotenashi.model.profiles import Profile
from omotenashi.model.rules import (
    Aggregate,
    All,
    AnyOf,
    Compare,
    InSegment,
    Not,
    Rule,
    Segments,
    Span,
    Statistic,
    When,
)

from .fold import fold
from .merge import absorb
from .plan import Plan

Line = tuple[int, LogEntry]
"""A position in the log and what stands there."""


def in_order(lines: Iterable[Line]) -> list[Line]:
    """The lines as they happened: as they were logged, and what was imported where it belongs."""
    return sorted(lines, key=lambda line: (moment(line[1]), line[0]))


def moment(entry: LogEntry) -> Instant:
    """The instant at which an entry was decided upon; for what was imported, the one at which it happened."""
    return entry.at if isinstance(entry, Event) and entry.batch is not None else entry.now


def retold(lines: Iterable[Line], plan: Plan) -> Iterator[tuple[int, LogEntry, Profile]]:
    """Each line, in the order of `in_order`, with the person as they were right after it.

    ``lines`` are of one person, under every id they were logged by. The profile is changed by the next line: look at once.
    """
    people: dict[PersonId, Profile] = {}
    for position, logged in lines:
        entry = msgspec.structs.replace(logged, config=plan.version)
        profile = people.setdefault(entry.person, Profile(entry.person))
        if isinstance(entry, Merged):
            absorbed = people.pop(entry.absorbed, None) or Profile(entry.absorbed)
            absorb(profile, absorbed, entry, plan)
        elif isinstance(entry, Erased):
            people.clear()
            profile = Profile(entry.person)
        elif not isinstance(entry, Config):
            profile = people[entry.person] = fold(profile, entry, plan)
        yield position, logged, profile


def memberships(lines: Iterable[Line], plan: Plan) -> Iterator[tuple[int, PersonId, frozenset[SegmentId]]]:
    """The position of each line, whom it was logged for, and the segments that this person belonged to right after it.

    What only certain events and midnight can change is looked at again after those alone.
    """
    awaited = {name: heard for name, rule in plan.segments.items() if (heard := _awaited(rule, plan.segments)) is not None}
    steady = plan.judge(awaited)
    moving = plan.judge(name for name in plan.segments if name not in awaited)
    concerned = {
        event: (frozenset(names), plan.judge(names))
        for event in frozenset[str]().union(*awaited.values())
        if (names := [name for name, heard in awaited.items() if event in heard])
    }
    known: dict[PersonId, tuple[int, frozenset[SegmentId]]] = {}
    for position, entry, profile in retold(lines, plan):
        now = moment(entry)
        day = plan.calendar.day(now)
        before = known.get(profile.person)
        if before is None or before[0] != day or isinstance(entry, Merged | Erased):
            held = frozenset(steady(profile, now))
        elif isinstance(entry, Event) and entry.name in concerned:
            names, judge = concerned[entry.name]
            held = (before[1] - names).union(judge(profile, now))
        else:
            held = before[1]
        known[profile.person] = day, held
        yield position, profile.person, held.union(moving(profile, now))


_COUNTED: Final = frozenset((Aggregate.COUNT, Aggregate.SUM, Aggregate.AVG, Aggregate.MIN, Aggregate.MAX, Aggregate.DISTINCT))


def _awaited(rule: Rule, segments: Segments) -> frozenset[str] | None:
    """The events after which the rule may be true of somebody of whom it was not, or the reverse, but for midnight.

    None where other things can change that: time within the day, a session, an attribute, a consent.
    """
    match rule:
        case All(of=of) | AnyOf(of=of):
            parts = [_awaited(part, segments) for part in of]
            known = [part for part in parts if part is not None]
            return frozenset[str]().union(*known) if len(known) == len(parts) else None
        case Not(of=part):
            return _awaited(part, segments)
        case InSegment(segment=segment):
            return _awaited(segments[segment], segments)
        case Compare(subject=Statistic(event=event, aggregate=aggregate, period=period), value=value):
            is_daily = period.kind in ("all", "between", "days") and not isinstance(value, When | Span)
            return frozenset((event,)) if is_daily and aggregate in _COUNTED else None
        case _:
            return None
