"""Who was first shown a campaign's message, or held out, since an instant, and reached the goal: what a verdict rests on."""

from collections.abc import Sequence

from msgspec import Struct

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.verdict.difference import Rate, Worth
from omotenashi.model.ids import ActionId, CampaignId, Day, Instant, ProjectId
from omotenashi.model.values import MICRO
from omotenashi.warehouse.store import Store

from . import sql


class Judged(Struct, frozen=True):
    """One arm: its people, what they were worth (in the unit of the goal's field), and what each day added to ``rate``."""

    action: ActionId
    holdout: bool
    rate: Rate
    worth: Worth
    days: tuple[Rate, ...]


class Trial(Struct, frozen=True):
    """``arms`` apart from whom ``crossed`` counts: people who met two arms. ``days`` are those of each arm's ``days``."""

    arms: tuple[Judged, ...]
    crossed: int
    days: tuple[Day, ...]


def judged(store: Store, project: ProjectId, campaign: CampaignId, start: Instant, end: Instant, calendar: Calendar) -> Trial:
    """Everyone whose first exposure ever lies within ``start`` <= at < ``end``, and their goals before ``end``. No tests."""
    days = tuple(Day(day) for day in range(calendar.day(start), calendar.day(end - 1) + 1))
    which = {"project": project, "campaign": campaign, "start": start, "end": end}
    rows = store.ask(sql("judged"), {**which, "days": [calendar.day_start(day) for day in days]})
    arms: list[Judged] = []
    for action, holdout in dict.fromkeys((row[0], bool(row[1])) for row in rows if row[0]):
        own = {int(row[2]): row for row in rows if row[0] == action and bool(row[1]) == holdout}
        _, _, _, people, achievers, micros, squares = own[-1]
        arms.append(
            Judged(
                ActionId(action),
                holdout,
                Rate(int(people), int(achievers)),
                Worth(int(people), int(micros) / MICRO, float(squares)),
                tuple(_rate(own.get(place)) for place in range(len(days))),
            )
        )
    return Trial(tuple(arms), sum(int(row[3]) for row in rows if not row[0] and row[2] == -1), days)


def _rate(row: Sequence[object] | None) -> Rate:
    return Rate(0, 0) if row is None else Rate(int(str(row[3])), int(str(row[4])))
