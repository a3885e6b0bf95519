"""Recipes through the staff API: the plan, what is not received, installing, and what is never overwritten."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import House, console

from omotenashi.warehouse.questions.size import Size


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with console(tmp_path) as one:
        assert one.apply(SMALL)[0] == 200
        yield one


COUPON = {"parameters": {"code": "A500"}}


def test_the_list_names_all_of_them_and_each_can_be_looked_at(house: House) -> None:
    status, found = house.ask("GET", "/api/recipes")
    assert (status, [one["scenario"] for one in found]) == (200, list(range(1, 14)))
    for one in found:
        shown = house.ask("GET", f"/api/recipes/{one['name']}")[1]
        assert (shown["label"], bool(shown["files"])) == (one["label"], True)
    assert house.ask("GET", "/api/recipes/nothing")[1]["error"]["where"] == "recipe"


def test_a_plan_changes_nothing_and_installing_adds_to_what_is_there(house: House) -> None:
    status, planned = house.ask("POST", "/api/projects/shop/recipes/signup_coupon/plan", COUPON)
    assert (status, planned["changes"]["version"]) == (200, 2)
    assert [(one["what"], one["kind"], one["id"]) for one in planned["changes"]["changes"]] == [
        ("add", "segment", "holds_the_coupon"),
        ("add", "segment", "signed_up_now"),
        ("add", "campaign", "signup_coupon"),
        ("add", "campaign", "signup_coupon_kept"),
    ]
    assert house.office.head("shop") == 1  # type: ignore[arg-type]
    assert house.ask("POST", "/api/projects/shop/recipes/signup_coupon", COUPON)[0] == 200
    sources = house.ask("GET", "/api/projects/shop/export")[1]["sources"]
    assert sources.items() >= SMALL.items()
    assert sources.keys() - SMALL.keys() == planned["sources"].keys()
    assert house.ask("GET", "/api/projects/shop/history")[1][0]["comment"] == "recipe signup_coupon"


def test_installing_the_same_again_changes_nothing_and_under_a_prefix_adds_another(house: House) -> None:
    house.ask("POST", "/api/projects/shop/recipes/signup_coupon", COUPON)
    again = house.ask("POST", "/api/projects/shop/recipes/signup_coupon", COUPON)[1]
    assert (again["changes"]["changes"], house.office.head("shop")) == ([], 2)  # type: ignore[arg-type]
    spring = {"parameters": {"code": "SPRING"}, "prefix": "spring_"}
    assert house.ask("POST", "/api/projects/shop/recipes/signup_coupon", spring)[0] == 200
    assert len(house.ask("GET", "/api/projects")[1]) == 1
    assert house.ask("GET", "/api/projects")[1][0]["campaigns"] == 1 + 2 + 2


def test_what_is_there_is_refused_by_name_unless_it_is_to_be_replaced(house: House) -> None:
    house.ask("POST", "/api/projects/shop/recipes/signup_coupon", COUPON)
    other = {"parameters": {"code": "B700"}}
    status, answer = house.ask("POST", "/api/projects/shop/recipes/signup_coupon", other)
    assert status == 422
    assert {problem["file"] for problem in answer["error"]["problems"]} == {
        "campaigns/signup_coupon.yaml",
        "campaigns/signup_coupon_kept.yaml",
    }
    status, replaced = house.ask("POST", "/api/projects/shop/recipes/signup_coupon", {**other, "replace": True})
    assert (status, [one["what"] for one in replaced["changes"]["changes"]]) == (200, ["change", "change"])


def test_a_wrong_parameter_is_told_by_its_name(house: House) -> None:
    body = {"parameters": {"code": "A", "closed_times": 0}}
    status, answer = house.ask("POST", "/api/projects/shop/recipes/signup_coupon/plan", body)
    (problem,) = answer["error"]["problems"]
    assert (status, problem["file"], problem["path"]) == (422, "recipe signup_coupon", "closed_times")
    missing = house.ask("POST", "/api/projects/shop/recipes/signup_coupon/plan", {})[1]["error"]["problems"]
    assert [one["path"] for one in missing] == ["code"]


def test_a_plan_that_was_overtaken_is_not_installed(house: House) -> None:
    planned = house.ask("POST", "/api/projects/shop/recipes/welcome/plan", {})[1]
    house.ask("POST", "/api/projects/shop/recipes/sign_up", {})
    overtaken = {"version": planned["changes"]["version"]}
    assert house.ask("POST", "/api/projects/shop/recipes/welcome", overtaken)[1]["error"]["code"] == "outdated"


def test_what_nobody_sent_lately_is_named_with_the_line_that_sends_it(house: House) -> None:
    assert house.ask("POST", "/api/projects/shop/recipes/rank/plan", {})[1]["missing"] == []
    house.questions.found = Size(0, 10, ())
    first, second = house.ask("POST", "/api/projects/shop/recipes/rank/plan", {})[1]["missing"]
    assert (first["event"], first["missing"]) == ("identify", ["user_id", "rank"])
    assert first["snippet"] == 'omotenashi("identify", {"user_id": "u-1", "rank": "gold"})'
    assert (second["event"], second["missing"], second["snippet"]) == ("buy", ["buy"], 'omotenashi("track", "buy")')


def test_a_need_that_names_a_derived_event_is_looked_for_under_its_real_name(house: House) -> None:
    house.ask("POST", "/api/projects/shop/recipes/brochure/plan", {"parameters": {"goal_event": "sale_view"}})
    (rule,) = house.questions.asked
    assert rule.subject.event == "view"  # type: ignore[union-attr]


def test_a_recipe_that_needs_a_purpose_adds_it_to_the_project_and_keeps_what_is_written_there(house: House) -> None:
    project = "id: shop\nname: Shop # the shop\npurposes:\n  - { name: mail } # letters\n"
    kept = {path: text for path, text in SMALL.items() if path != "project.yaml"}
    assert house.apply({**kept, "project.yaml": project})[0] == 200
    assert house.ask("POST", "/api/projects/shop/recipes/live_permission", {})[0] == 200
    text = house.ask("GET", "/api/projects/shop/export")[1]["sources"]["project.yaml"]
    assert text.startswith(project)
    assert [one.name for one in house.office.configuration("shop", 3).purposes] == ["mail", "record"]  # type: ignore[arg-type]
    again = house.ask("POST", "/api/projects/shop/recipes/live_permission", {})[1]
    assert again["changes"]["changes"] == []
