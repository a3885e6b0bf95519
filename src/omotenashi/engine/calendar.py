"""Instants as the project's calendar sees them: days, weekdays, minutes of the local day.

A day begins at the first instant whose local date is that date or a later one, so days never overlap and
never leave a hole, whatever a time zone does at midnight. SQL is given these instants, never a zone.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from omotenashi.model.ids import Day, Instant
from omotenashi.model.rules import When

DAY_MS: Final = 86_400_000
MINUTE_MS: Final = 60_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_CACHED_DAYS: Final = 20_000


class Calendar:
    """Days of one time zone. Answers are cached; one instance is shared by a project's readings.

    ``time_zone`` is an IANA name; raises ``ValueError`` when there is none such.
    """

    def __init__(self, time_zone: str) -> None:
        try:
            self._zone = ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise ValueError(f"time_zone: expected an IANA name such as Asia/Tokyo, got {time_zone!r}") from unknown
        self.time_zone = time_zone
        self._starts: dict[int, int] = {}
        self._days: dict[int, tuple[int, tuple[int, ...]]] = {}
        self._day, self._since, self._until = Day(0), Instant(0), Instant(0)  # the day that was asked about last
        self._minute = -1
        self._minute_of_week = (0, 0)

    def day(self, at: int) -> Day:
        """The day that contains this instant, as the ordinal of ``datetime.date``."""
        if self._since <= at < self._until:
            return self._day
        utc_day = at // DAY_MS
        found = self._days.get(utc_day)
        if found is None:
            found = self._boundaries(utc_day)
        self._day = day = Day(found[0] + bisect_right(found[1], at))
        self._since, self._until = self.day_start(day), self.day_start(day + 1)
        return day

    def day_start(self, day: int) -> Instant:
        """The first instant of a day. A day that the zone skipped starts where the next one does."""
        start = self._starts.get(day)
        if start is None:
            if len(self._starts) > _CACHED_DAYS:
                self._starts.clear()
            start = self._starts[day] = self._first_instant(day)
        return Instant(start)

    def minute_of_week(self, at: int) -> tuple[int, int]:
        """The local weekday (0 = Monday) and the minute of the local day (0 to 1439), by the clock on the wall."""
        minute = at // MINUTE_MS
        if minute != self._minute:
            local = self.local(at)
            self._minute_of_week = (local.weekday(), local.hour * 60 + local.minute)
            self._minute = minute
        return self._minute_of_week

    def local(self, at: int) -> datetime:
        """The instant as the project's clock shows it, to the millisecond."""
        return (_EPOCH + timedelta(milliseconds=at)).astimezone(self._zone)

    def instant(self, when: When, now: int) -> Instant:
        """The instant that a rule names, seen from ``now``."""
        if when.at is not None:
            return Instant(when.at)
        if when.ago_ms is not None:
            return Instant(now - when.ago_ms)
        day = self.day(now) + (when.days or 0)
        return Instant(self.day_start(day + 1) - 1) if when.last else self.day_start(day)

    def parse_day(self, text: str) -> Day:
        """The day of an ISO date such as ``2026-11-21``; raises ``ValueError`` when it is not one."""
        return Day(date.fromisoformat(text).toordinal())

    def parse_instant(self, text: str) -> Instant:
        """The instant of ``2026-11-21T09:00`` on the project's clock, or with its own offset; raises ``ValueError``.

        An hour that the clock shows twice is the first one; one that it skips is read with the offset before.
        """
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone)
        return Instant((moment.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1))

    def _boundaries(self, utc_day: int) -> tuple[int, tuple[int, ...]]:
        if len(self._days) > _CACHED_DAYS:
            self._days.clear()
        begin, end = utc_day * DAY_MS, (utc_day + 1) * DAY_MS
        first = utc_day + _EPOCH_ORDINAL - 2  # no zone is two days off
        starts = [self.day_start(first + n) for n in range(6)]
        before = bisect_right(starts, begin) - 1
        found = (first + before, tuple(start for start in starts[before + 1 :] if start < end))
        self._days[utc_day] = found
        return found

    def _first_instant(self, day: int) -> int:
        wanted = date.fromordinal(day)
        midnight = datetime(wanted.year, wanted.month, wanted.day, tzinfo=self._zone)  # fold=0: the first of two
        start = (midnight.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)
        if self.local(start).replace(tzinfo=None) == midnight.replace(tzinfo=None):
            return start
        low, high = start - 2 * DAY_MS, start  # midnight was skipped: look for the jump
        while high - low > 1:
            middle = (low + high) // 2
            if self.local(middle).date() >= wanted:
                high = middle
            else:
                low = middle
        return high
