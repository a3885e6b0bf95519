"""Campaigns over a real warehouse: the list with its trends, turning them on and off, copies, what to know before publishing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.configuration.folders import SMALL, campaign
from tests.unit.console.consoles import NOON, House, console
from tests.unit.warehouse.made import DAY, Loader, event

from omotenashi.console.asked import Warehouse
from omotenashi.warehouse.schema import TABLES
from omotenashi.warehouse.store import Store, open_store

ALL = "/api/projects/shop/campaigns"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(tmp_path_factory.mktemp("warehouse"))
    yield store
    store.close()


@pytest.fixture
def loader(opened: Store) -> Loader:
    for table in TABLES:
        opened.run(f"TRUNCATE TABLE {table}")
    return Loader(opened, ("hello",))


@pytest.fixture
def house(tmp_path: Path, loader: Loader) -> Iterator[House]:
    with console(tmp_path, Warehouse(loader.store, lambda: loader.position)) as one:
        assert one.apply(SMALL)[0] == 200
        yield one


def right(house: House, method: str, path: str, body: Any = None) -> Any:
    status, answer = house.ask(method, path, body)
    assert status == 200, answer
    return answer


def drafted(house: House, name: str, text: str) -> None:
    right(house, "PUT", f"/api/projects/shop/drafts/campaigns/{name}", {"revision": 0, "text": text})


def line(house: House, name: str = "hello") -> dict[str, Any]:
    return next(one for one in right(house, "GET", ALL)["campaigns"] if one["id"] == name)


def shown(person: str, what: str, at: int, holdout: bool = False, **more: Any) -> Any:
    return event(person, what, {"campaign": "hello", "action": "a1B", "holdout": holdout}, at=at, **more)


def test_the_list_counts_what_was_shown_and_clicked_on_each_of_the_last_14_days(house: House, loader: Loader) -> None:
    loader.load(
        shown("ann", "_message_open", NOON),
        shown("ann", "_message_click", NOON + 1),
        shown("ben", "_message_open", NOON),
        shown("tester", "_message_open", NOON, test=True),
        shown("held", "_message_open", NOON, holdout=True),
        shown("cat", "_message_open", NOON - 13 * DAY),
        shown("dan", "_message_open", NOON - 14 * DAY),
    )
    told = line(house)
    assert told["shown"] == [1, *[0] * 12, 2]
    assert told["clicked"] == [*[0] * 13, 1]
    assert (told["status"], told["audience"]["en"], told["holdout"], told["templates"]) == ("live", "Everyone", True, ["card"])


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (campaign("schedule: {start: 2099-01-01}\n"), "waiting"),
        (campaign("schedule: {end: 2020-01-01}\n"), "over"),
        (campaign().replace("live", "paused"), "paused"),
        (campaign().replace("state: live\n", ""), "draft"),
        (campaign().replace("live", "archived"), "archived"),
    ],
)
def test_a_campaign_says_how_it_stands(house: House, text: str, status: str) -> None:
    assert house.apply({**SMALL, "campaigns/hello.yaml": text})[0] == 200
    assert line(house)["status"] == status


def test_a_campaign_that_is_only_a_draft_is_in_the_list(house: House) -> None:
    drafted(house, "fresh", campaign())
    told = line(house, "fresh")
    assert (told["status"], told["version"], told["draft"]["revision"]) == ("new", 0, 1)


def test_pausing_keeps_the_file_as_it_was_written_and_can_be_undone(house: House) -> None:
    text = SMALL["campaigns/hello.yaml"]
    turned = right(house, "POST", f"{ALL}/hello/state", {"state": "paused"})
    assert turned["before"] == "live"
    assert line(house)["status"] == "paused"
    right(house, "POST", f"{ALL}/hello/state", {"state": turned["before"]})
    assert right(house, "GET", "/api/projects/shop/documents/campaigns/hello")["text"] == text
    assert house.ask("POST", f"{ALL}/none/state", {"state": "paused"})[0] == 404


def test_a_copy_is_a_draft_with_another_name_and_ids_of_its_own(house: House) -> None:
    text = campaign(actions="  - {name: A, id: a1B, template: card, texts: {title: Hi}}\n")
    assert house.apply({**SMALL, "campaigns/hello.yaml": text})[0] == 200
    copy = right(house, "POST", f"{ALL}/hello/copy", {})
    assert (copy["id"], copy["document"]["state"], copy["document"]["name"]) == ("hello_2", "draft", "Hello (copy)")
    assert copy["document"]["actions"] == [{"name": "A", "template": "card", "texts": {"title": "Hi"}}]
    assert right(house, "POST", f"{ALL}/hello_2/copy", {})["id"] == "hello_3"
    assert house.ask("POST", f"{ALL}/hello/copy", {"id": "hello_2"})[0] == 400


def checked(house: House, text: str) -> Any:
    drafted(house, "fresh", text)
    return right(house, "POST", f"{ALL}/fresh/check")


def found(check: Any, kind: str) -> list[Any]:
    return [finding for finding in check["findings"] if finding["kind"] == kind]


def view(person: str, path: str, at: int = NOON - 1_000) -> Any:
    address = f"https://shop.example{path}"
    return event(person, "view", {"url": address, "path": path, "host": "shop.example", "query": {}}, at=at)


def test_a_check_says_whom_it_would_reach(house: House, loader: Loader) -> None:
    gold = {"rank": "gold"}
    loader.load(
        event("ann", "identify", gold, at=NOON - DAY),
        event("ben", "identify", gold, at=NOON - 20 * DAY),
        event("cat", "view", at=NOON - DAY),
        event("dan", "identify", gold, at=NOON - 40 * DAY),
    )
    check = checked(house, campaign("include: [gold]\n"))
    assert check["reach"] == [{"days": 7, "people": 1, "everybody": 2}, {"days": 30, "people": 2, "everybody": 3}]
    assert check["audience"] == {"ja": "セグメント「ゴールド」に含まれる", "en": "Is in the segment “Gold”"}
    assert check["problems"] == []


def test_a_check_names_the_events_that_never_came_and_what_for(house: House, loader: Loader) -> None:
    loader.load(view("ann", "/"), event("ann", "cart", at=NOON - 31 * DAY))
    text = campaign(
        "rule: {event: cart, op: exists}\ngoal: {event: buy}\n",
        "  - {name: A, template: card, texts: {title: '{{ x }}'}, "
        "variables: {x: {statistic: {event: wish, field: n, aggregate: last}}}}\n",
    )
    check = checked(house, text)
    assert found(check, "never_came") == [
        {"kind": "never_came", "level": "warning", "about": "buy", "where": ["goal"]},
        {"kind": "never_came", "level": "warning", "about": "wish", "where": ["variable"]},
    ]
    assert [finding["about"] for finding in found(check, "lately_silent")] == ["cart"]
    assert found(check, "no_holdout")


def test_a_check_compares_the_pages_with_those_that_were_seen(house: House, loader: Loader) -> None:
    loader.load(view("ann", "/tea"), view("ben", "/tea"), view("ben", "/cart"))
    check = checked(house, campaign("pages: {include: [/tea*]}\n"))
    assert [(one["what"], one["events"]) for one in check["arrived"]] == [("trigger", 3), ("pages", 2)]
    assert not found(check, "no_page")
    right(house, "DELETE", "/api/projects/shop/drafts/campaigns/fresh")
    assert found(checked(house, campaign("pages: {include: [/none]}\n")), "no_page")


def test_a_check_finds_other_exclusive_campaigns_on_the_same_pages_and_who_goes_first(house: House, loader: Loader) -> None:
    loader.load(view("ann", "/tea"), view("ben", "/cart"))
    later = campaign("pages: {include: [/tea*]}\npriority: 101\n")
    assert [(one["about"], one["where"]) for one in found(checked(house, later), "gives_way")] == [("hello", ["/tea"])]
    right(house, "DELETE", "/api/projects/shop/drafts/campaigns/fresh")
    earlier = campaign("pages: {include: [/tea*]}\npriority: 1\n")
    assert found(checked(house, earlier), "goes_before")
    right(house, "DELETE", "/api/projects/shop/drafts/campaigns/fresh")
    assert not found(checked(house, campaign("exclusive: false\n")), "gives_way")


def test_a_check_of_what_cannot_be_published_says_only_that(house: House) -> None:
    check = checked(house, campaign("include: [nobody]\n"))
    assert [problem["path"] for problem in check["problems"]] == ["include[0]"]
    assert (check["reach"], check["findings"]) == ([], [])


def test_a_recipe_installed_as_a_draft_is_shown_to_those_who_test_alone(house: House) -> None:
    path = "/api/projects/shop/recipes/welcome"
    right(house, "POST", path, {"state": "draft"})
    assert line(house, "welcome")["status"] == "draft"
    assert (house.ask("POST", path, {"state": "live", "replace": True})[0], line(house, "welcome")["status"]) == (200, "live")
