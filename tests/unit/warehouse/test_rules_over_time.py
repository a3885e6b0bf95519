"""A rule at the end of a day is what it would have said that day; overlaps, days and values are what one can count by hand."""

from typing import Any

from tests.unit.warehouse.made import DAY, MINUTE, NOON, Loader, event, merged

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules import parse
from omotenashi.engine.rules.environment import Environment
from omotenashi.model.ids import Day, Instant, ProjectId, SegmentId, SessionId
from omotenashi.model.rules import Rule
from omotenashi.warehouse.questions.daily import Daily, daily
from omotenashi.warehouse.questions.history import history
from omotenashi.warehouse.questions.overlap import Shared, overlap
from omotenashi.warehouse.questions.seen import SeenEvent, SeenField, seen_events, seen_fields, some_people, top_of_device
from omotenashi.warehouse.questions.size import size

SHOP = ProjectId("shop")
TOKYO = Calendar("Asia/Tokyo")


def rule(tree: Any, place: parse.Place = "person") -> Rule:
    read = parse.rule(tree, place, parse.Known(TOKYO, segments={"buyers"}))
    assert not isinstance(read, list), read
    return read


BUYERS = rule({"event": "buy", "op": "exists"})
ENV = Environment(TOKYO, {SegmentId("buyers"): BUYERS})


def came(person: str, at: int, name: str = "view", values: dict[str, Any] | None = None, **more: Any) -> Any:
    """An event that begins a session of its own."""
    session = SessionId(f"{person}-{at}")
    known: dict[str, Any] = {"session": session, "session_started_at": Instant(at), "opened_session": True, "visitor": person}
    return event(person, name, values, at, **{**known, **more})


def three_days(loader: Loader) -> list[Instant]:
    """Ann comes on every day and buys on the second; ben comes on the second and third; cat only today. The days' ends."""
    loader.load(
        came("ann", NOON - 2 * DAY),
        came("ann", NOON - DAY, "buy", {"revenue": 900}),
        came("ben", NOON - DAY, values={"path": "/sale"}, device="phone"),
        came("ann", NOON),
        came("ben", NOON, device="desktop"),
        came("cat", NOON, device="phone"),
    )
    return [Instant(NOON - back * DAY + MINUTE) for back in (2, 1, 0)]


def test_a_rule_is_asked_of_a_day_by_what_had_happened_until_its_end(loader: Loader) -> None:
    ends = three_days(loader)
    asked = {
        "everyone": rule([]),
        "has bought": BUYERS,
        "has not bought": rule({"event": "buy", "op": "missing"}),
        "second visit": rule({"fact": "visits", "op": "=", "value": 2}),
        "viewed this session": rule({"event": "view", "period": "session", "op": "exists"}),
        "not seen since yesterday": rule({"fact": "last_seen_at", "op": "<", "value": {"today": 0}}),
        "on a phone": rule({"fact": "device", "op": "=", "value": "phone"}),
        "this week's views": rule({"event": "view", "period": "2 days", "op": ">=", "value": 2}),
    }
    assert {name: history(loader.store, one, ENV, SHOP, ends) for name, one in asked.items()} == {
        "everyone": [1, 2, 3],
        "has bought": [0, 1, 1],
        "has not bought": [1, 1, 2],
        "second visit": [0, 1, 1],
        "viewed this session": [1, 1, 3],
        "not seen since yesterday": [0, 0, 0],
        "on a phone": [0, 1, 1],
        "this week's views": [0, 0, 1],
    }


def test_today_a_history_ends_with_the_size(loader: Loader) -> None:
    *_, now = three_days(loader)
    loader.load(merged("ann", "cat", at=NOON + 5))
    for tree in ([], {"event": "view", "op": ">=", "value": 2}, {"fact": "visits", "op": "=", "value": 2}):
        assert history(loader.store, rule(tree), ENV, SHOP, [now]) == [size(loader.store, rule(tree), ENV, SHOP, now).people]


def test_an_overlap_counts_the_other_and_what_both_have(loader: Loader) -> None:
    *_, now = three_days(loader)
    others = {"buyers": BUYERS, "phones": rule({"fact": "device", "op": "=", "value": "phone"}), "nobody": rule({"not": []})}
    twice = rule({"fact": "visits", "op": ">=", "value": 2})
    assert overlap(loader.store, twice, others, ENV, SHOP, now) == {
        "buyers": Shared(1, 1),
        "phones": Shared(1, 0),
        "nobody": Shared(0, 0),
    }
    assert overlap(loader.store, twice, {}, ENV, SHOP, now) == {}


def test_a_filtered_event_is_counted_by_day_with_the_days_that_had_none(loader: Loader) -> None:
    three_days(loader)
    today = TOKYO.day(Instant(NOON))
    days = [Day(today - back) for back in (3, 2, 1, 0)]
    assert daily(loader.store, SHOP, "view", rule([], "filter"), days, TOKYO) == [
        Daily(days[0], 0, 0),
        Daily(days[1], 1, 1),
        Daily(days[2], 1, 1),
        Daily(days[3], 3, 3),
    ]
    on_sale = rule({"field": "path", "op": "starts", "value": "/sale"}, "filter")
    assert [(one.events, one.people) for one in daily(loader.store, SHOP, "view", on_sale, days, TOKYO)] == [
        (0, 0),
        (0, 0),
        (1, 1),
        (0, 0),
    ]
    assert daily(loader.store, SHOP, "view", on_sale, [], TOKYO) == []


def test_what_was_ever_sent_is_known_by_name_field_and_value(loader: Loader) -> None:
    three_days(loader)
    loader.load(came("dan", NOON + 1, "buy", {"revenue": 3, "items": [{"sku": "a"}, {"sku": "b"}], "価格": "x"}))
    assert seen_events(loader.store, SHOP) == [SeenEvent("view", 5, Instant(NOON)), SeenEvent("buy", 2, Instant(NOON + 1))]
    assert seen_fields(loader.store, SHOP, ["buy"]) == [
        SeenField("items.sku", ("text",), True),
        SeenField("revenue", ("number",), False),
        SeenField("価格", ("text",), False),
    ]
    assert [(one.value, one.events, one.people) for one in top_of_device(loader.store, SHOP, "device")] == [
        ("phone", 2, 2),
        ("desktop", 1, 1),
    ]
    assert some_people(loader.store, SHOP, 2) == ["dan", "cat"]
