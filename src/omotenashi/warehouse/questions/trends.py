"""How often was each campaign shown and clicked, day by day?"""

from collections.abc import Sequence

from msgspec import Struct

from omotenashi.engine.calendar import Calendar
from omotenashi.model.ids import CampaignId, Day, ProjectId
from omotenashi.warehouse.store import Store

from . import sql


class Trend(Struct, frozen=True):
    """Messages shown and clicks, one number for each day that was asked for."""

    shown: tuple[int, ...]
    clicked: tuple[int, ...]


def trends(store: Store, project: ProjectId, days: Sequence[Day], calendar: Calendar) -> dict[CampaignId, Trend]:
    """Every campaign that was shown or clicked on one of these consecutive ``days``. Tests and holdouts are left out."""
    starts = [calendar.day_start(day) for day in days]
    end = calendar.day_start(Day(days[-1] + 1))
    rows = store.ask(sql("trends"), {"project": project, "days": starts, "start": starts[0], "end": end})
    found: dict[CampaignId, tuple[list[int], list[int]]] = {}
    for campaign, day, shown, clicked in rows:
        numbers = found.setdefault(CampaignId(campaign), ([0] * len(days), [0] * len(days)))
        numbers[0][int(day) - 1], numbers[1][int(day) - 1] = int(shown), int(clicked)
    return {campaign: Trend(tuple(shown), tuple(clicked)) for campaign, (shown, clicked) in found.items()}
