"""How many people came to a campaign, and how many of them came past each gate?"""

from typing import Final

from msgspec import Struct

from omotenashi.model.ids import CampaignId, Instant, ProjectId
from omotenashi.model.outcomes import Gate
from omotenashi.warehouse.store import Store

from . import sql
from .funnel import PASSED, funnel

ORDER: Final = (Gate.NOT_ANSWERABLE, *(gate for gate in Gate if gate not in (*PASSED, Gate.NOT_ANSWERABLE)), *PASSED)
"""Gates as they are tried; those of decisions that passed every gate come last."""


class Passage(Struct, frozen=True):
    """``decisions`` of ``people`` ended at ``gate``; ``reached`` people came to it, and ``last`` of them came no further."""

    gate: Gate
    decisions: int
    people: int
    reached: int
    last: int


def stream(store: Store, project: ProjectId, campaign: CampaignId, start: Instant, end: Instant) -> list[Passage]:
    """Every gate where somebody's decision ended within ``start`` <= at < ``end``, in the order they are tried.

    A person who passed in one decision and was withheld in another has come past. Tests are left out.
    """
    which = {"project": project, "campaign": campaign, "start": start, "end": end, "order": [int(gate) for gate in ORDER]}
    farthest = {ORDER[rank - 1]: int(people) for rank, people in store.ask(sql("farthest"), which) if rank}
    ended = {stage.gate: stage for stage in funnel(store, project, campaign, start, end)}
    left = sum(farthest.values())
    passages: list[Passage] = []
    for gate in ORDER:
        if gate in ended:
            stage = ended[gate]
            passages.append(Passage(gate, stage.events, stage.people, left, farthest.get(gate, 0)))
            left -= farthest.get(gate, 0)
    return passages
