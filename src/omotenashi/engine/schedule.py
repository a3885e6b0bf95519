"""When a campaign is on: a window in absolute time, and hours of the project's own week."""

from collections.abc import Callable

from omotenashi.model.campaigns import Schedule
from omotenashi.model.ids import Instant

from .calendar import MINUTE_MS, Calendar


def is_open(schedule: Schedule, calendar: Calendar) -> Callable[[Instant], bool]:
    """A function that says whether the schedule is on at an instant. Local hours follow the zone through DST."""
    start, end, hours = schedule.start, schedule.end, schedule.hours

    latest = (-1, False)  # the minute that was asked about last, and whether it is one of the hours

    def opened(now: Instant) -> bool:
        nonlocal latest
        if start is not None and now < start:
            return False
        if end is not None and now >= end:
            return False
        if not hours:
            return True
        known, within = latest
        if now // MINUTE_MS != known:
            weekday, minute = calendar.minute_of_week(now)
            within = any(weekday in span.weekdays and span.start <= minute < span.end for span in hours)
            latest = (now // MINUTE_MS, within)
        return within

    return opened
