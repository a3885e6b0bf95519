"""Rules while they are being written: read back, sized for the last who asked, compared, and what they can be made of."""

import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import NOON, House, console

from omotenashi.model.campaigns import Project
from omotenashi.model.ids import Instant
from omotenashi.model.profiles import Profile
from omotenashi.model.rules import Rule
from omotenashi.warehouse.questions.size import Size

PATH = "/api/projects/shop"
SEGMENTS = {
    "segments/gold.yaml": "name: { ja: ゴールド, en: Gold }\nfolder: Members\nrule: { attribute: rank, op: '=', value: gold }\n",
    "segments/around.yaml": "name: Around gold\nrule: { segment: gold }\n",
    "tables/goods.csv": "item,price:number\nsencha,1200\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[House]:
    with console(tmp_path) as house:
        assert house.apply({**SMALL, **SEGMENTS})[0] == 200
        house.shelf.profiles["hanako"] = Profile("hanako", user_id="u-1", visits=2, last_at=NOON, now=NOON)  # type: ignore[arg-type]
        yield house


def read_back(shop: House, rule: Any, **more: str) -> Any:
    return shop.ask("POST", f"{PATH}/rules/read", {"rule": rule, **more})[1]


def test_a_rule_is_read_back_in_both_languages_with_its_cost(shop: House) -> None:
    told = read_back(shop, [{"segment": "gold"}, {"event": "buy", "op": ">=", "value": 2}])
    assert told["ja"] == "セグメント「ゴールド」に含まれる、かつ、「buy」が2回以上発生した"
    assert told["en"] == "Is in the segment “Gold”, and “buy” happened at least 2 times"
    assert (told["problems"], told["statistics"], told["uncounted"]) == ([], 1, 1)
    assert 0 < told["micros"] < 1_000_000
    assert read_back(shop, {"field": "path", "op": "=", "value": "/"}, scope="page")["en"] == "“path” is “/”"


def test_every_mistake_of_a_rule_is_told_by_its_place(shop: House) -> None:
    told = read_back(shop, {"all": [{"fact": "visit", "op": "=", "value": 1}, {"event": "buy", "op": ">="}]})
    assert (told["ja"], told["en"]) == ("", "")
    assert [problem["path"] for problem in told["problems"]] == ["rule.all[0].fact", "rule.all[1].value"]


def test_a_segment_cannot_lead_back_to_itself(shop: House) -> None:
    assert read_back(shop, {"segment": "around"}, segment="around")["problems"] != []
    assert read_back(shop, {"segment": "around"}, segment="gold")["problems"] != []
    assert read_back(shop, {"segment": "gold"}, segment="around")["problems"] == []


def test_only_the_last_question_of_a_typist_is_counted(shop: House) -> None:
    """While one size is being counted two more are wanted: the one between is never asked of the warehouse."""
    counting, on = threading.Event(), threading.Event()
    asked: list[Rule] = []

    def size(project: Project, rule: Rule, now: Instant) -> Size:
        asked.append(rule)
        counting.set()
        assert on.wait(10)
        return Size(len(asked), 10, ())

    shop.questions.size = size  # type: ignore[method-assign]

    def wanted(number: int) -> Any:
        rule = {"event": "buy", "op": ">=", "value": number}
        return shop.ask("POST", f"{PATH}/size", {"rule": rule, "asker": "one screen"})

    with ThreadPoolExecutor(3) as typing:
        first = typing.submit(wanted, 1)
        assert counting.wait(10)
        others = [typing.submit(wanted, number) for number in (2, 3)]
        wait(others, return_when=FIRST_COMPLETED)  # the earlier of them leaves as soon as the later one has arrived
        on.set()
        assert first.result()[0] == 200
        answers = sorted((other.result() for other in others), key=lambda answer: answer[0])
    assert [status for status, _ in answers] == [200, 409]
    assert answers[1][1]["error"]["code"] == "superseded"
    assert len(asked) == 2


def test_sizes_of_days_are_asked_at_their_ends_and_today_now(shop: House) -> None:
    days = ["2026-11-20", "2026-11-21"]
    told = shop.ask("POST", f"{PATH}/rules/history", {"rule": [], "days": days})[1]
    assert told == [{"day": "2026-11-20", "people": 2}, {"day": "2026-11-21", "people": 1}]
    last_ms_of_the_20th = 1_795_186_799_999
    assert shop.questions.instants == [last_ms_of_the_20th, NOON]
    for wrong in (["tomorrow"], ["2026-11-22"], [], days * 16):
        status, answer = shop.ask("POST", f"{PATH}/rules/history", {"rule": [], "days": wrong})
        assert (status, answer["error"]["where"][:4]) == (400, "days")


def test_an_overlap_names_the_other_segments_the_most_shared_first(shop: House) -> None:
    told = shop.ask("POST", f"{PATH}/rules/overlap", {"rule": [], "segment": "gold"})[1]
    assert {one["segment"] for one in told["segments"]} == {"around", "keen"}
    assert [one["both"] for one in told["segments"]] == [1, 0]


def test_words_are_what_a_rule_can_be_made_of(shop: House) -> None:
    words = shop.ask("GET", f"{PATH}/rules/words")[1]
    events = {event["name"]: event for event in words["events"]}
    assert (events["sale_view"]["sent_as"], events["view"]["events"]) == ("view", 40)
    assert {"name": "gold", "ja": "ゴールド", "en": "Gold"} in words["segments"]
    assert "visits" in {fact["name"] for fact in words["facts"]}
    assert ">=" in words["operators"]["number"]
    assert shop.ask("GET", f"{PATH}/rules/fields", event="sale_view")[1] == [
        {"path": "of_view", "kinds": ["text"], "listed": False}
    ]


def test_values_are_suggested_but_not_those_that_say_who_somebody_is(shop: House) -> None:
    assert shop.ask("GET", f"{PATH}/rules/values", event="sale_view", field="path")[1][0]["value"] == "view.path"
    assert shop.ask("GET", f"{PATH}/rules/values", fact="device")[1][0]["value"] == "a device"
    assert shop.ask("GET", f"{PATH}/rules/values", fact="session.utm.source")[1][0]["value"] == "view.utm.source"
    assert shop.ask("GET", f"{PATH}/rules/values", event="identify", field="email")[1] == []
    assert shop.ask("GET", f"{PATH}/rules/attribute-values", attribute="rank")[1][0]["people"] == 2
    assert shop.ask("GET", f"{PATH}/rules/values")[0] == 400
    assert shop.ask("GET", f"{PATH}/rules/values", fact="colour")[0] == 400


def test_a_filter_is_counted_by_day_with_the_rule_of_a_derived_event(shop: House) -> None:
    told = shop.ask("POST", f"{PATH}/rules/days", {"event": "sale_view"})[1]
    assert (len(told["days"]), told["days"][-1]) == (30, {"day": "2026-11-21", "events": 2, "people": 1})
    status, answer = shop.ask("POST", f"{PATH}/rules/days", {"event": "view", "where": {"fact": "visits", "op": "exists"}})
    assert (status, answer["error"]["where"]) == (400, "where.fact")


def test_segments_are_listed_with_sentence_folder_size_and_uses(shop: House) -> None:
    listed = {one["id"]: one for one in shop.ask("GET", f"{PATH}/segments")[1]}
    gold = listed["gold"]
    assert (gold["en"], gold["folder"], gold["says_en"], gold["used_by"]) == (
        "Gold",
        "Members",
        "The attribute “rank” is “gold”",
        1,
    )
    sizes = shop.ask("GET", f"{PATH}/segments/sizes")[1]
    assert {one["segment"] for one in sizes["segments"]} == set(listed)
    used = shop.ask("GET", f"{PATH}/uses/segments/gold")[1]
    assert used == [{"kind": "segments", "id": "around", "ja": "Around gold", "en": "Around gold", "places": ["rule.segment"]}]


def test_a_table_is_told_with_the_types_of_its_columns_and_a_pasted_one_with_its_mistakes(shop: House) -> None:
    assert shop.ask("GET", f"{PATH}/tables/goods")[1]["columns"] == [
        {"name": "item", "type": "text"},
        {"name": "price", "type": "number"},
    ]
    assert [(one["id"], one["format"], one["rows"]) for one in shop.ask("GET", f"{PATH}/tables")[1]] == [("goods", "csv", 1)]
    told = shop.ask("POST", f"{PATH}/tables/read", {"text": "item,price:number\na,dear\n"})[1]
    assert told["problems"] == [{"line": 2, "column": "price", "message": "expected a number or nothing; found 'dear'"}]
    assert shop.ask("GET", f"{PATH}/tables/nothing")[0] == 404


def test_examples_are_people_by_name(shop: House) -> None:
    shop.questions.found = Size(7, 10, ("hanako", "gone"))  # type: ignore[arg-type]
    told = shop.ask("POST", f"{PATH}/rules/examples", {"rule": []})[1]
    assert (told["size"], [(one["person"], one["user_id"], one["visits"]) for one in told["people"]]) == (
        7,
        [("hanako", "u-1", 2)],
    )
