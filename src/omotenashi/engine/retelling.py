"""A person's log told again: what was true of them at each moment, by the rules of one plan.

The same fold as ever, begun from nothing. Every entry is folded as if all statistics had existed from the start, so that
a segment made today is true of the past as well.
"""

from collections.abc import Iterable, Iterator

import msgspec

from omotenashi.model.entries import Config, Erased, Event, LogEntry, Merged
from omotenashi.model.ids import Instant, PersonId, SegmentId
from omotenashi.model.profiles import Profile

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


def memberships(lines: Iterable[Line], plan: Plan) -> Iterator[tuple[int, frozenset[SegmentId]]]:
    """The position of each line, and the segments that the person belonged to right after it."""
    for position, entry, profile in retold(lines, plan):
        now = moment(entry)
        yield position, frozenset(SegmentId(name) for name in plan.segments if plan.is_member_of(name, profile, now))
