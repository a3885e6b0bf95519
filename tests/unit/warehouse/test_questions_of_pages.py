"""The questions behind the first pages, over histories small enough to be counted by hand."""

from tests.unit.warehouse.made import DAY, MINUTE, NOON, Loader, event, goal, merged

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules.environment import Environment
from omotenashi.engine.statistics import identified
from omotenashi.model.entries import Event
from omotenashi.model.ids import CampaignId, Instant, PersonId, ProjectId
from omotenashi.model.rules import EVERYONE, Aggregate, Compare, Op, Period
from omotenashi.warehouse.questions.found import FIRST, Found, found
from omotenashi.warehouse.questions.health import Fared, health
from omotenashi.warehouse.questions.named import named
from omotenashi.warehouse.questions.today import NOTHING, Numbers, today
from omotenashi.warehouse.questions.volume import Volume, volume

SHOP = ProjectId("shop")
HOUR = 60 * MINUTE
TODAY = Instant(NOON)
WEEK_AGO = Instant(NOON - 7 * DAY)
ENV = Environment(Calendar("Asia/Tokyo"))


def two_days(loader: Loader, now: int) -> tuple[Numbers, Numbers, tuple[Numbers, ...]]:
    """Two days of three hours each."""
    before = [Instant(WEEK_AGO + n * HOUR) for n in range(3)]
    hours = [Instant(TODAY + n * HOUR) for n in range(3)]
    told = today(loader.store, SHOP, before, hours, Instant(WEEK_AGO + 3 * HOUR), Instant(now))
    return told.today, told.before, told.hours


def message(person: str, name: str, at: int, campaign: str = "welcome", **values: object) -> Event:
    return event(person, name, {"campaign": campaign, "action": "d1K", **values}, at=at)


def test_today_is_counted_until_now_and_the_other_day_until_the_same_time(loader: Loader) -> None:
    loader.load(
        event("ann", "view", at=TODAY + 1),
        event("ann", "view", at=TODAY + HOUR),
        event("ben", "view", at=TODAY + HOUR + 1),
        event("cat", "view", at=WEEK_AGO),
        event("dan", "view", at=WEEK_AGO + HOUR + 2),
        event("eve", "view", at=WEEK_AGO + 3 * HOUR),
        event("fay", "view", at=TODAY - 1),
        event("gil", "view", at=TODAY + 1, test=True),
    )
    now, before, hours = two_days(loader, TODAY + HOUR + 1)
    assert now == Numbers(2, 2, 0, 0)
    assert before == Numbers(1, 1, 0, 0)
    assert hours == (
        Numbers(1, 1, 0, 0),
        Numbers(1, 1, 0, 0),
        NOTHING,
        Numbers(1, 1, 0, 0),
        Numbers(2, 2, 0, 0),
        NOTHING,
    )


def test_messages_and_goals_of_a_holdout_and_of_the_engine_are_not_counted(loader: Loader) -> None:
    loader.load(
        message("ann", "_message_open", TODAY + 1),
        message("ben", "_message_open", TODAY + 2, holdout=True),
        goal("ann", "welcome", "d1K", TODAY + 1),
        goal("ben", "welcome", "hold", TODAY + 2, holdout=True),
        event("cat", "_message_ready", at=TODAY + 3, source="engine"),
    )
    assert two_days(loader, TODAY + HOUR)[0] == Numbers(1, 1, 1, 1)


def test_one_person_under_two_names_came_once(loader: Loader) -> None:
    loader.load(event("ann", "view", at=TODAY), event("anna", "view", at=TODAY + 1), merged("ann", "anna", at=TODAY + 2))
    assert two_days(loader, TODAY + HOUR)[0].visitors == 1


def test_health_counts_what_went_wrong_since_then_and_when_it_was_shown_last(loader: Loader) -> None:
    loader.load(
        message("ann", "_message_open", NOON - 8 * DAY),
        message("ann", "_message_open", NOON),
        message("ben", "_message_open", NOON - DAY, holdout=True),
        message("ann", "_error", NOON - 1),
        message("ann", "_message_conflict", NOON - 1),
        message("cat", "_message_open", NOON + 5, campaign="sale"),
    )
    found_health = {one.campaign: one for one in health(loader.store, SHOP, Instant(NOON - 7 * DAY), Instant(NOON - 20 * DAY))}
    assert found_health[CampaignId("welcome")] == Fared(CampaignId("welcome"), 1, 1, 1, 0, 2, Instant(NOON))
    assert found_health[CampaignId("sale")].shown == 1


def test_volume_counts_this_month_and_the_one_before_until_the_same_day(loader: Loader) -> None:
    loader.load(
        event("ann", "view", at=NOON),
        event("anna", "view", at=NOON + 1),
        merged("ann", "anna", at=NOON + 2),
        event("ben", "view", at=NOON - 5),
        event("cat", "view", at=NOON - 10),
        event("dan", "view", at=NOON - 21),
    )
    assert volume(loader.store, SHOP, TODAY, Instant(NOON - 20), Instant(NOON - 6)) == Volume(2, 1, 1)


def test_people_are_found_latest_first_and_page_by_page(loader: Loader) -> None:
    loader.load(
        event("ann", "buy", at=NOON),
        event("ben", "buy", at=NOON + 2),
        event("anna", "view", at=NOON + 3),
        merged("ann", "anna", at=NOON + 4),
        event("cat", "view", at=NOON + 9),
        event("dan", "buy", at=NOON + 1),
    )
    bought = Compare(identified("buy", (), None, Aggregate.COUNT, Period()), Op.GE, 1)
    first = found(loader.store, bought, ENV, SHOP, Instant(NOON + 10), limit=2)
    assert first == Found(((PersonId("ann"), Instant(NOON + 3)), (PersonId("ben"), Instant(NOON + 2))), 3)
    last, at = first.people[-1]
    second = found(loader.store, bought, ENV, SHOP, Instant(NOON + 10), limit=2, before=(at, last))
    assert second.people == ((PersonId("dan"), Instant(NOON + 1)),)
    assert [person for person, _ in found(loader.store, EVERYONE, ENV, SHOP, Instant(NOON + 10)).people] == [
        "cat",
        "ann",
        "ben",
        "dan",
    ]


def test_everybody_is_found_in_the_same_order_whether_they_were_here_lately_or_long_ago(loader: Loader) -> None:
    day = 86_400_000
    ago = {"ann": 0, "ben": 3, "cat": 15, "dan": 17, "eve": 17, "fay": 200}
    loader.load(*(event(name, "view", at=NOON - days * day) for name, days in ago.items()))
    at_once = found(loader.store, EVERYONE, ENV, SHOP, Instant(NOON + 1)).people
    assert {person: (NOON - at) // day for person, at in at_once} == ago
    for size in (1, 2, 3, 4, 6):
        pages: list[tuple[PersonId, Instant]] = []
        while len(pages) < len(ago):
            place = (pages[-1][1], pages[-1][0]) if pages else FIRST
            page = found(loader.store, EVERYONE, ENV, SHOP, Instant(NOON + 1), size, place)
            assert (page.total, len(page.people)) == (6, min(size, len(ago) - len(pages)))
            pages += page.people
        assert tuple(pages) == at_once


def test_somebody_is_found_by_mail_address_or_by_a_part_of_the_name(loader: Loader) -> None:
    loader.load(
        event("ann", "identify", {"email": "Ann@Example.com", "name": "Ann Miller"}),
        event("ben", "attribute", {"name": "山田 花子"}, at=NOON + 1),
        event("cat", "buy", {"name": "Ann's tea"}),
    )
    assert named(loader.store, SHOP, "ann@example.COM") == ["ann"]
    assert named(loader.store, SHOP, "mill") == ["ann"]
    assert named(loader.store, SHOP, "花子") == ["ben"]
    assert named(loader.store, SHOP, "tea") == []
