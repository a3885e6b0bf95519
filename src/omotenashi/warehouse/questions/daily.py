"""How often did an event happen on each day, and to how many people?"""

from collections.abc import Sequence

from msgspec import Struct

from omotenashi.engine.calendar import Calendar
from omotenashi.model.ids import Day, ProjectId
from omotenashi.model.rules import Rule
from omotenashi.warehouse.compile import events_where, shape
from omotenashi.warehouse.store import Store


class Daily(Struct, frozen=True):
    """One day of the project."""

    day: Day
    events: int
    people: int


def daily(store: Store, project: ProjectId, event: str, where: Rule, days: Sequence[Day], calendar: Calendar) -> list[Daily]:
    """The events of a name for which a filter holds, on consecutive ``days``; days without any are there too."""
    if not days:
        return []
    starts = [calendar.day_start(day) for day in (*days, Day(days[-1] + 1))]
    rows = events_where(event, where, project, shape(store, project), starts[0])
    found = store.ask(
        "SELECT indexOf({starts:Array(Int64)}, roundDown(at, {starts:Array(Int64)})) AS day, count(), uniqExact(who) "
        f"FROM ({rows.sql}) AS told WHERE at < {{end:Int64}} GROUP BY day",
        {**rows.parameters, "starts": starts[:-1], "end": starts[-1]},
    )
    by_place = {int(place) - 1: (int(events), int(people)) for place, events, people in found}
    return [Daily(day, *by_place.get(place, (0, 0))) for place, day in enumerate(days)]
