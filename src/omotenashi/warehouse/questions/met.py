"""How many people met a campaign's messages, and how many would have, clicked and reached the goal?"""

from msgspec import Struct

from omotenashi.model.ids import CampaignId, Instant, ProjectId
from omotenashi.warehouse.store import Store

from . import sql


class Met(Struct, frozen=True):
    """People of one side; ``judged`` met one arm alone, and ``achieved`` are those of them who reached the goal."""

    shown: int = 0
    clicked: int = 0
    judged: int = 0
    achieved: int = 0


def met(store: Store, project: ProjectId, campaign: CampaignId, start: Instant, end: Instant) -> tuple[Met, Met]:
    """Those who were shown a message, and those held out, within ``start`` <= at < ``end``; goals by their exposure. No tests."""
    rows = store.ask(sql("met"), {"project": project, "campaign": campaign, "start": start, "end": end})
    sides = {bool(holdout): Met(*(int(number) for number in numbers)) for holdout, *numbers in rows}
    return sides.get(False, Met()), sides.get(True, Met())
