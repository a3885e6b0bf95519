"""At which gate do people stop before a campaign's message?"""

from msgspec import Struct

from omotenashi.model.ids import CampaignId, Instant, ProjectId
from omotenashi.model.outcomes import Gate
from omotenashi.warehouse.store import Store

from . import sql

PASSED = (Gate.SHOWN, Gate.HOLDOUT)


class Stage(Struct, frozen=True):
    """``events`` and ``people`` that stopped at ``gate``; ``reached``: events that came to it at all."""

    gate: Gate
    events: int
    people: int
    reached: int


def funnel(store: Store, project: ProjectId, campaign: CampaignId, start: Instant, end: Instant) -> list[Stage]:
    """Every gate where somebody stopped, in the order they are tried; last, those who passed. Tests are left out."""
    rows = store.ask(sql("funnel"), {"project": project, "campaign": campaign, "start": start, "end": end})
    found = {Gate(gate): (int(events), int(people)) for gate, events, people in rows}
    order = [gate for gate in Gate if gate in found and gate not in PASSED] + [gate for gate in PASSED if gate in found]
    left = sum(events for events, _ in found.values())
    stages: list[Stage] = []
    for gate in order:
        events, people = found[gate]
        stages.append(Stage(gate, events, people, left))
        left -= events
    return stages
