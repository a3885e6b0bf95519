"""Days as a project's clock has them."""

from datetime import UTC, date, datetime

import pytest

from omotenashi.engine.calendar import Calendar
from omotenashi.model.rules import When

HOUR = 3_600_000


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "day", "starts_at", "hours"),
    [
        ("Asia/Tokyo", "2026-11-21", "2026-11-20T15:00", 24),
        ("UTC", "2026-11-21", "2026-11-21T00:00", 24),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00", 23),
        ("America/New_York", "2026-11-01", "2026-11-01T04:00", 25),
        ("Europe/London", "2026-03-29", "2026-03-29T00:00", 23),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00", 23),  # midnight was skipped
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00", 0),  # the whole day was skipped
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00", 24),
        ("America/St_Johns", "2010-11-07", "2010-11-07T02:30", 25),  # at 00:01 the clock went back to yesterday
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30", 23.5),  # 23:30 became 00:30
    ],
)
def test_a_day_begins_at_the_first_instant_of_its_date(zone: str, day: str, starts_at: str, hours: float) -> None:
    calendar = Calendar(zone)
    ordinal = date.fromisoformat(day).toordinal()
    assert calendar.day_start(ordinal) == utc(starts_at)
    assert calendar.day_start(ordinal + 1) - calendar.day_start(ordinal) == hours * HOUR


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu"])
def test_every_instant_is_in_exactly_one_day(zone: str) -> None:
    calendar = Calendar(zone)
    for start in ("2010-11-05", "2011-12-28", "2026-03-06", "2026-10-30"):
        for quarter in range(6 * 96):
            at = utc(start) + quarter * 15 * 60_000 + 59_999
            day = calendar.day(at)
            assert calendar.day_start(day) <= at < calendar.day_start(day + 1)


def test_the_millisecond_before_a_day_is_the_day_before() -> None:
    calendar = Calendar("America/New_York")
    start = calendar.day_start(date(2026, 11, 1).toordinal())
    assert calendar.day(start) == date(2026, 11, 1).toordinal()
    assert calendar.day(start - 1) == date(2026, 10, 31).toordinal()


def test_the_minute_of_the_week_is_by_the_clock_on_the_wall() -> None:
    calendar = Calendar("America/New_York")
    assert calendar.minute_of_week(utc("2026-11-01T05:30")) == (6, 90)  # 01:30, daylight time
    assert calendar.minute_of_week(utc("2026-11-01T06:30")) == (6, 90)  # 01:30 again
    assert calendar.minute_of_week(utc("2026-11-02T14:00")) == (0, 540)


def test_instants_are_named_absolutely_by_age_and_by_day() -> None:
    calendar = Calendar("Asia/Tokyo")
    now = utc("2026-11-21T03:00")  # noon
    assert calendar.instant(When(at=5), now) == 5
    assert calendar.instant(When(ago_ms=HOUR), now) == now - HOUR
    assert calendar.instant(When(days=-1), now) == utc("2026-11-19T15:00")
    assert calendar.instant(When(days=-1, last=True), now) == utc("2026-11-20T15:00") - 1


def test_local_times_are_read_by_the_projects_clock_unless_they_name_an_offset() -> None:
    calendar = Calendar("Asia/Tokyo")
    assert calendar.parse_instant("2026-11-21T09:00") == utc("2026-11-21T00:00")
    assert calendar.parse_instant("2026-11-21T09:00+00:00") == utc("2026-11-21T09:00")


def test_an_unknown_zone_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"time_zone: expected an IANA name such as Asia/Tokyo, got 'Mars/Base'"):
        Calendar("Mars/Base")
