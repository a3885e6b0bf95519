"""When a campaign is on: a window in absolute time, and hours of the project's own week."""

from collections.abc import Callable

from omotenashi.model.campaigns import Schedule
from omotenashi.model.ids import Instant

from .calendar import Calendar


def is_open(schedule: Schedule, calendar: Calendar) -> Callable[[Instant], bool]:
    """A function that says whether the schedule is on at an instant. Local hours follow the zone through DST."""
    start, end, hours = schedule.start, schedule.end, schedule.hours

    def opened(now: Instant) -> bool:
        if start is not None and now < start:
            return False
        if end is not None and now >= end:
            return False
        if not hours:
            return True
        weekday, minute = calendar.minute_of_week(now)
        return any(weekday in span.weekdays and span.start <= minute < span.end for span in hours)

    return opened
