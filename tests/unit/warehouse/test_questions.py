"""Each question over a small history whose answer was counted by hand."""

import pytest
from tests.unit.warehouse.made import DAY, MINUTE, NOON, Loader, event, goal, merged

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules.environment import Environment
from omotenashi.engine.statistics import identified
from omotenashi.model.entries import Event, Released
from omotenashi.model.ids import ActionId, CampaignId, Day, EventId, Instant, PersonId, ProjectId, ReservationId
from omotenashi.model.outcomes import Gate
from omotenashi.model.rules import Aggregate, Compare, Field, Not, Op, Period
from omotenashi.warehouse.questions.catalogue import Seen, Sent, catalogue, fields, latest_of, mixed
from omotenashi.warehouse.questions.cell import Of, Page, at_gate, of_arm
from omotenashi.warehouse.questions.funnel import Stage, funnel
from omotenashi.warehouse.questions.latest import latest
from omotenashi.warehouse.questions.results import results
from omotenashi.warehouse.questions.size import size, sizes
from omotenashi.warehouse.questions.story import story
from omotenashi.warehouse.questions.top_values import TopValue, top_values
from omotenashi.warehouse.questions.unopened import unopened

SHOP = ProjectId("shop")
WELCOME = CampaignId("welcome")
TOKYO = Calendar("Asia/Tokyo")
START, END = Instant(NOON - DAY), Instant(NOON + DAY)


def test_the_size_of_a_rule_counts_merged_people_once(loader: Loader) -> None:
    loader.load(event("ann", "buy"), event("anna", "buy"), event("ben", "view"), merged("ann", "anna"))
    bought = Compare(identified("buy", (), None, Aggregate.COUNT, Period()), Op.GE, 1)
    env = Environment(TOKYO)
    found = size(loader.store, bought, env, SHOP, Instant(NOON))
    assert (found.people, found.everybody, found.sample) == (1, 2, ("ann",))
    assert size(loader.store, bought, env, SHOP, Instant(NOON), sample=0).sample == ()
    assert sizes(loader.store, {"bought": bought, "not": Not(bought)}, env, SHOP, Instant(NOON)) == {"bought": 1, "not": 1}


def test_another_project_is_never_counted(loader: Loader) -> None:
    loader.load(event("ann", "buy", project=ProjectId("other")), event("ben", "view"))
    bought = Compare(identified("buy", (), None, Aggregate.COUNT, Period()), Op.GE, 1)
    assert size(loader.store, bought, Environment(TOKYO), SHOP, Instant(NOON)).people == 0


def test_a_field_of_the_event_at_hand_cannot_be_asked_of_everybody(loader: Loader) -> None:
    with pytest.raises(ValueError, match="price: a question about people"):
        size(loader.store, Compare(Field(("price",)), Op.EQ, 1), Environment(TOKYO), SHOP, Instant(NOON))


def test_values_of_different_kinds_are_told_apart_and_list_elements_count(loader: Loader) -> None:
    loader.load(
        event("ann", "buy", {"size": 1}),
        event("ben", "buy", {"size": [1, "1"]}),
        event("cat", "buy", {"size": True}, at=NOON + 1),
        event("cat", "buy", {"size": 1.5}),
        event("dan", "view", {"size": 1}),
    )
    found = top_values(loader.store, SHOP, "buy", ("size",))
    assert found[0] == TopValue(1, 2, 2)
    assert sorted((type(each.value).__name__, each.value, each.people) for each in found[1:]) == [
        ("bool", True, 1),
        ("float", 1.5, 1),
        ("str", "1", 1),
    ]


def test_a_story_is_that_of_the_whole_person_newest_first_with_gates(loader: Loader) -> None:
    loader.load(
        event("anna", "view", at=NOON),
        event("ann", "cart", at=NOON + 2, gates=bytes((Gate.SHOWN, Gate.AUDIENCE))),
        event("ben", "view", at=NOON + 3),
        merged("ann", "anna", at=NOON + 4),
    )
    for name in ("ann", "anna"):
        told = story(loader.store, SHOP, PersonId(name))
        assert [each.position for each in told] == [4, 2, 1]
    assert told[1].gates == ((WELCOME, Gate.SHOWN), (CampaignId("sale"), Gate.AUDIENCE))
    older = story(loader.store, SHOP, PersonId("ann"), limit=1, before=(told[1].entry.at, told[1].position))
    assert [each.position for each in older] == [1]


def test_a_place_that_was_given_back_says_why_until_the_message_is_opened(loader: Loader) -> None:
    def released(person: str, reason: str, at: int) -> Released:
        return Released(
            project=SHOP,
            person=PersonId(person),
            seq=3,
            now=Instant(at),
            config=1,
            at=Instant(at),
            received_at=Instant(at),
            index=0,
            id=EventId(f"{person}-released-{at}"),
            reservation=ReservationId("r1"),
            campaign=WELCOME,
            reason=reason,
        )

    def found(person: str, campaign: str = "welcome") -> str | None:
        entry = unopened(loader.store, SHOP, PersonId(person), CampaignId(campaign))
        return None if entry is None else entry.reason

    loader.load(released("ann", "delay", NOON), released("anna", "scroll", NOON + 1), merged("ann", "anna", NOON + 2))
    assert (found("ann"), found("anna"), found("ben"), found("ann", "sale")) == ("scroll", "scroll", None, None)
    loader.load(event("ann", "_message_open", {"campaign": "welcome", "action": "d1K"}, at=NOON + 3))
    assert found("ann") is None


def test_whoever_was_here_last_comes_first_under_the_name_of_today(loader: Loader) -> None:
    loader.load(
        event("anna", "view", at=NOON + 7),
        event("ann", "view", at=NOON + 1),
        event("ben", "view", at=NOON + 9),
        event("cat", "view", at=NOON + 3),
        event("dan", "view", at=NOON + 99, project=ProjectId("other")),
        merged("ann", "anna", at=NOON + 8),
    )
    assert latest(loader.store, SHOP, 2) == [("ben", NOON + 9), ("ann", NOON + 8)]
    assert latest(loader.store, SHOP, 9, Instant(NOON + 9)) == [("ann", NOON + 8), ("cat", NOON + 3)]


def test_a_funnel_says_how_many_reached_each_gate(loader: Loader) -> None:
    gates = [Gate.AUDIENCE, Gate.AUDIENCE, Gate.FREQUENCY, Gate.SHOWN, Gate.HOLDOUT]
    loader.load(
        *(event(f"p{n}", "view", at=NOON + n, gates=bytes((gate, Gate.CAP))) for n, gate in enumerate(gates)),
        event("tester", "view", test=True, gates=bytes((Gate.AUDIENCE, Gate.CAP))),
    )
    assert funnel(loader.store, SHOP, WELCOME, START, END) == [
        Stage(Gate.AUDIENCE, 2, 2, 5),
        Stage(Gate.FREQUENCY, 1, 1, 3),
        Stage(Gate.SHOWN, 1, 1, 2),
        Stage(Gate.HOLDOUT, 1, 1, 1),
    ]
    stopped = at_gate(loader.store, SHOP, WELCOME, "stopped", Gate.AUDIENCE, START, END, Page())
    assert [person for person, _ in stopped.people] == ["p1", "p0"]


def message(person: str, name: str, action: str, at: int = NOON, **values: object) -> Event:
    told = {"campaign": "welcome", "action": action, "holdout": action == "h", "reservation": "r", **values}
    return event(person, name, told, at)


def test_results_compare_arms_by_people_and_leave_the_crossed_out(loader: Loader) -> None:
    loader.load(
        message("ann", "_message_open", "a"),
        message("ann", "_message_open", "a", NOON + DAY),
        message("ann", "_message_click", "a", NOON + MINUTE, link="buy"),
        message("ben", "_message_open", "a"),
        message("ben", "_message_close", "a", NOON + MINUTE, by="escape"),
        message("ben", "_message_close", "a", NOON + MINUTE + 1, by="timer"),
        message("cat", "_message_open", "h"),
        message("dan", "_message_open", "a"),
        message("dan", "_message_open", "h", NOON + MINUTE),
        goal("ann", "welcome", "a", NOON, 1_500_000),
        goal("ann", "welcome", "a", NOON + DAY, 2_000_000),
        goal("dan", "welcome", "a", NOON, 9_000_000),
    )
    today = TOKYO.day(NOON)
    found = results(loader.store, SHOP, WELCOME, [today, Day(today + 1)], TOKYO)
    whole = {arm.action: arm for arm in found if arm.day is None}
    arm = whole[ActionId("a")]
    assert (arm.shown, arm.people, arm.clicked, arm.clickers, arm.closed, arm.goals) == (4, 3, 1, 1, 1, 3)
    assert (arm.judged, arm.achievers, arm.value_micros) == (2, 1, 3_500_000)
    assert (arm.goal_rate, arm.goal_value, arm.goal_value_per_person) == (0.5, 3.5, 1.75)
    held = whole[ActionId("h")]
    assert (held.holdout, held.judged, held.goal_rate, held.goal_value_per_person) == (True, 1, 0.0, 0.0)
    daily = {(arm.action, arm.day): arm for arm in found if arm.day is not None}
    assert daily[ActionId("a"), today].shown == 3
    assert (daily[ActionId("a"), Day(today + 1)].shown, daily[ActionId("a"), Day(today + 1)].value_micros) == (1, 2_000_000)
    closers = of_arm(loader.store, SHOP, WELCOME, "closed", Of(ActionId("a")), None, START, END, Page())
    assert [person for person, _ in closers.people] == ["ben"]


def test_results_of_no_days_are_none(loader: Loader) -> None:
    assert results(loader.store, SHOP, WELCOME, [], TOKYO) == []


def test_the_catalogue_knows_every_event_since_when_and_how_often_each_day(loader: Loader) -> None:
    today = TOKYO.day(NOON)
    loader.load(
        event("ann", "buy", {"price": 100}),
        event("ben", "buy", {"price": 120, "sku": "a"}, at=NOON - DAY),
        event("ann", "buy", {"price": "free"}, at=NOON - 40 * DAY),
        event("ann", "view", at=NOON - DAY),
        event("ann", "view", test=True),
        event("ann", "view", project=ProjectId("other")),
        goal("ann", "welcome", "a", NOON),
    )
    found = catalogue(loader.store, SHOP, [Day(today - 2), Day(today - 1), today], TOKYO)
    assert found == [
        Sent("buy", 3, 2, Instant(NOON - 40 * DAY), Instant(NOON), (0, 1, 1)),
        Sent("view", 1, 1, Instant(NOON - DAY), Instant(NOON - DAY), (0, 1, 0)),
    ]
    assert mixed(loader.store, SHOP) == {"buy": ["price"]}


def test_the_fields_of_an_event_say_how_often_and_as_what_they_came(loader: Loader) -> None:
    loader.load(
        event("ann", "buy", {"price": 100, "items": [{"sku": "a"}, {"sku": "b"}]}),
        event("ben", "buy", {"price": "100", "items": [{"sku": "a"}]}, at=NOON + 1),
        event("cat", "buy", {"price": 100, "gift": True}, at=NOON + 2),
        event("dan", "buy", {"price": 1}, at=NOON - 10 * DAY),
        event("dan", "buy", {"price": 1}, test=True),
    )
    count, found = fields(loader.store, SHOP, "buy", START, END)
    assert count == 3
    told = {one.path: one for one in found}
    assert told["price"].kinds == (Seen("number", 2, Instant(NOON + 2)), Seen("text", 1, Instant(NOON + 1)))
    assert (told["price"].events, told["price"].distinct, told["price"].listed) == (3, 2, False)
    assert set(map(str, told["price"].examples)) == {"100"}
    assert (told["items.sku"].events, told["items.sku"].distinct, told["items.sku"].listed) == (2, 2, True)
    assert told["items.sku"].examples == ("a", "b")
    assert (told["gift"].events, told["gift"].examples) == (1, (True,))
    assert [one.path for one in fields(loader.store, SHOP, "buy", START, END, ["gift"])[1]] == ["gift"]
    assert fields(loader.store, SHOP, "nothing", START, END) == (0, [])


def test_the_latest_events_are_told_as_they_came(loader: Loader) -> None:
    loader.load(event("ann", "buy", {"items": [{"sku": "a"}]}), event("ben", "buy", at=NOON + 1), event("cat", "buy", test=True))
    found = latest_of(loader.store, SHOP, "buy", 2)
    assert [(one.person, one.values) for one in found] == [("ben", {}), ("ann", {"items": [{"sku": "a"}]})]
