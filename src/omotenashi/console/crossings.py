"""Which segments somebody entered and left, entry by entry, by today's rules; told once, and remembered while nothing is new."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from omotenashi.engine.plan import Plan
from omotenashi.engine.retelling import Line, in_order, memberships
from omotenashi.model.ids import PersonId, ProjectId, SegmentId

PEOPLE_KEPT: Final = 32


class Crossing(Struct, frozen=True):
    """The segments that a person was in right after an entry and not before, and the reverse."""

    entered: tuple[SegmentId, ...]
    left: tuple[SegmentId, ...]


class _Told(Struct, frozen=True):
    stand: tuple[int, int, int]
    last: int
    crossings: Mapping[int, Crossing]


class Crossings:
    """What was told of the people whose stories were read last, so that older pages need not tell it again. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: OrderedDict[tuple[ProjectId, PersonId], _Told] = OrderedDict()

    def known(self, plan: Plan, person: PersonId, seq: int, positions: Sequence[int]) -> Mapping[int, Crossing] | None:
        """By position, as far as they were told; None when something has happened since: ``seq`` is the profile's."""
        with self._lock:
            told = self._told.get((plan.project.id, person))
        if told is None or told.stand != (plan.version, plan.ready, seq) or max(positions, default=0) > told.last:
            return None
        return told.crossings

    def tell(self, plan: Plan, person: PersonId, seq: int, lines: Sequence[Line]) -> Mapping[int, Crossing]:
        """By position, from all that was ever logged of the person."""
        crossings = dict(_crossings(lines, plan))
        last = max((position for position, _ in lines), default=0)
        with self._lock:
            self._told[plan.project.id, person] = _Told((plan.version, plan.ready, seq), last, crossings)
            self._told.move_to_end((plan.project.id, person))
            while len(self._told) > PEOPLE_KEPT:
                self._told.popitem(last=False)
        return crossings


def _crossings(lines: Sequence[Line], plan: Plan) -> Iterable[tuple[int, Crossing]]:
    held: dict[PersonId, frozenset[SegmentId]] = {}
    for position, person, now in memberships(in_order(lines), plan):
        before = held.get(person, frozenset[SegmentId]())
        if now != before:
            held[person] = now
            yield position, Crossing(tuple(sorted(now - before)), tuple(sorted(before - now)))
