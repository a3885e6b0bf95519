"""What happened to a person, and what did every campaign decide on the way?"""

from typing import Final

from msgspec import Struct

from omotenashi.model.entries import LogEntry
from omotenashi.model.ids import CampaignId, Instant, PersonId, ProjectId
from omotenashi.model.outcomes import Gate
from omotenashi.warehouse.rows import read_body
from omotenashi.warehouse.store import Store

from . import sql

NOTHING_READ: Final = (Instant(2**62), 0)


class Told(Struct, frozen=True):
    """One entry, with the gate of each campaign that listened to it, in deciding order."""

    position: int
    entry: LogEntry
    gates: tuple[tuple[CampaignId, Gate], ...]


def story(
    store: Store,
    project: ProjectId,
    person: PersonId,
    limit: int = 100,
    before: tuple[Instant, int] = NOTHING_READ,
) -> list[Told]:
    """Up to ``limit`` entries, newest first; ``before`` is the (at, position) of the last one already read.

    Any name that the person was ever logged under will do; the story is always that of the whole person.
    """
    rows = store.ask(sql("story"), {"project": project, "person": person, "limit": limit, "at": before[0], "position": before[1]})
    return [Told(int(position), read_body(body), _gates(listeners, gates)) for position, body, listeners, gates in rows]


def _gates(listeners: str, gates: list[int]) -> tuple[tuple[CampaignId, Gate], ...]:
    campaigns = listeners.split("\n") if listeners else []
    return tuple((CampaignId(campaign), Gate(gate)) for campaign, gate in zip(campaigns, gates, strict=False))
