"""How does today go, against another day?"""

from collections.abc import Sequence

from msgspec import Struct

from omotenashi.model.ids import Instant, ProjectId
from omotenashi.warehouse.store import Store

from . import sql


class Numbers(Struct, frozen=True):
    """Of some span of time: people and sessions that came, messages opened, goals reached. Holdouts are not counted."""

    visitors: int
    sessions: int
    shown: int
    goals: int


NOTHING = Numbers(0, 0, 0, 0)


class Today(Struct, frozen=True):
    """``today`` until now, and ``before`` until the same time of the day; then each hour that was asked for."""

    today: Numbers
    before: Numbers
    hours: tuple[Numbers, ...]


def today(
    store: Store, project: ProjectId, before: Sequence[Instant], hours: Sequence[Instant], end: Instant, now: Instant
) -> Today:
    """Two days by the beginnings of their hours: another one, which ends at ``end``, and today until ``now``."""
    until = Instant(before[0] + now - hours[0])
    rows = store.ask(
        sql("today"),
        {
            "project": project,
            "hours": [*before, *hours],
            "start": before[0],
            "end": end,
            "until": until,
            "today": hours[0],
            "now": now,
        },
    )
    found = {int(which): Numbers(*(int(number) for number in numbers)) for which, *numbers in rows}
    each = tuple(found.get(place, NOTHING) for place in range(1, len(before) + len(hours) + 1))
    return Today(found.get(0, NOTHING), found.get(-1, NOTHING), each)
