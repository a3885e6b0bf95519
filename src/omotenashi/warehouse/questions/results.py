"""What did each arm of a campaign do, day by day, against those who were held out?"""

from collections.abc import Sequence

from msgspec import Struct

from omotenashi.engine.calendar import Calendar
from omotenashi.model.ids import ActionId, CampaignId, Day, ProjectId
from omotenashi.model.values import MICRO
from omotenashi.warehouse.store import Store

from . import sql


class ArmResult(Struct, frozen=True):
    """One arm on one ``day``, or over the whole time (None).

    ``people`` were shown the message (or held out at that moment); ``judged`` are those who met this arm alone:
    rates and values are theirs. ``goal_value`` is what goals were worth, in the unit of the goal's field.
    """

    action: ActionId
    holdout: bool
    day: Day | None
    shown: int
    people: int
    clicked: int
    clickers: int
    closed: int
    goals: int
    judged: int
    achievers: int
    value_micros: int

    @property
    def goal_rate(self) -> float | None:
        """Achievers of the people judged; None when there are none."""
        return self.achievers / self.judged if self.judged else None

    @property
    def click_rate(self) -> float | None:
        return self.clickers / self.people if self.people else None

    @property
    def goal_value(self) -> float:
        return self.value_micros / MICRO

    @property
    def goal_value_per_person(self) -> float | None:
        """The mean over everybody judged, also those who never reached the goal."""
        return self.value_micros / MICRO / self.judged if self.judged else None


def results(store: Store, project: ProjectId, campaign: CampaignId, days: Sequence[Day], calendar: Calendar) -> list[ArmResult]:
    """Every arm, first over all ``days`` (consecutive, ascending), then day by day. Tests are left out."""
    if not days:
        return []
    starts = [calendar.day_start(day) for day in days]
    end = calendar.day_start(Day(days[-1] + 1))
    rows = store.ask(sql("results"), {"project": project, "campaign": campaign, "days": starts, "start": starts[0], "end": end})
    return [
        ArmResult(
            ActionId(action),
            bool(holdout),
            None if which < 0 else days[which],
            *(int(number) for number in numbers),
        )
        for action, holdout, which, *numbers in rows
    ]
