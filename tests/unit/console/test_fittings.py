"""Fittings as staff begin them, what is drawn for them, and who one is on the site."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.unit.configuration.folders import SMALL, fresh_key
from tests.unit.console.consoles import NOON, House, console
from tests.unit.console.personas import member, token

from omotenashi.console.routes.fittings import LASTS_MS
from omotenashi.engine.trial import opened
from omotenashi.model.ids import CampaignId, Instant, PersonId, ProjectId, VisitorId
from omotenashi.model.profiles import Profile
from omotenashi.model.staff import Grant
from omotenashi.model.trials import Trial

WAY = "/api/projects/shop/fittings"
MYSELF = "/api/projects/shop/myself"
PAGE = {"url": "https://shop.example/tea?size=1", "campaign": "hello"}
VISITOR = "hanakos-browser-at-the-shop"
ACTION = {"template": "notification01", "texts": {"title": {"ja": "お茶", "en": "Tea"}, "body": "50% off"}}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[House]:
    with console(tmp_path) as house:
        project = SMALL["project.yaml"] + "origins: [https://shop.example]\n"
        assert house.apply({**SMALL, "project.yaml": project})[0] == 200
        yield house


def viewer(**changes: Any) -> dict[str, Any]:
    return {"visitor": VISITOR, "phone": False, "url": "https://shop.example/tea", "seen_at": NOON, "waiting": 1, **changes}


def trial_of(url: str, now: int = NOON) -> Trial | None:
    (said,) = parse_qs(urlsplit(url).query)["omotenashi_test"]
    return opened(fresh_key("identity"), ProjectId("shop"), said, Instant(now))


def begun(shop: House) -> dict[str, Any]:
    status, found = shop.ask("POST", WAY, PAGE)
    assert status == 200, found
    return found


def test_a_link_is_for_one_fitting_for_two_hours_and_shows_nothing_else(shop: House) -> None:
    found = begun(shop)
    assert trial_of(found["url"]) == Trial(
        campaigns=(CampaignId("hello"),), until=Instant(NOON + LASTS_MS), fitting=found["fitting"]
    )
    assert trial_of(found["url"], NOON + LASTS_MS) is None
    assert len(found["fitting"]) >= 22
    assert found["fitting"] != begun(shop)["fitting"]
    assert found["code"].startswith("<svg")


def test_a_link_leads_to_the_projects_own_pages_only(shop: House) -> None:
    status, answer = shop.ask("POST", WAY, {**PAGE, "url": "https://elsewhere.example/"})
    assert (status, answer["error"]["where"]) == (400, "url")


def test_what_is_written_is_drawn_in_both_languages(shop: House) -> None:
    name = begun(shop)["fitting"]
    status, told = shop.ask("PUT", f"{WAY}/{name}", {"action": ACTION})
    assert (status, told) == (200, {"drawn": True, "viewers": [], "problems": []})
    (sent,) = shop.edge.fitted
    assert (sent["project"], sent["fitting"]) == ("shop", name)
    assert {language: ("お茶" in one["html"], "Tea" in one["html"]) for language, one in sent["drawn"].items()} == {
        "ja": (True, False),
        "en": (False, True),
    }
    assert sent["drawn"]["ja"]["kind"] == "notification"


def test_what_cannot_be_drawn_leaves_the_page_as_it_is_and_says_why(shop: House) -> None:
    name = begun(shop)["fitting"]
    status, told = shop.ask("PUT", f"{WAY}/{name}", {"action": {"template": "notification01", "texts": {"tilte": "Tea"}}})
    assert status == 200
    assert [problem["path"] for problem in told["problems"]] == ["texts.tilte"]
    assert shop.edge.fitted == [{"project": "shop", "fitting": name}]


def test_nothing_is_drawn_when_there_is_nothing(shop: House) -> None:
    name = begun(shop)["fitting"]
    assert shop.ask("PUT", f"{WAY}/{name}", {"action": None})[1]["drawn"] is False
    assert shop.edge.fitted == [{"project": "shop", "fitting": name, "drawn": None}]


def test_who_opened_the_link_is_told_with_an_introduction_for_this_browser_only(shop: House) -> None:
    shop.edge.viewers = [viewer(), viewer(phone=True, waiting=0)]
    mine, phone = shop.ask("GET", f"{WAY}/{begun(shop)['fitting']}")[1]["viewers"]
    assert (mine["visitor"], mine["here"], phone["here"], phone["introduction"]) == (VISITOR, True, False, "")
    assert mine["introduction"] != ""


def test_a_name_that_cannot_be_a_fittings_is_refused(shop: House) -> None:
    status, answer = shop.ask("GET", f"{WAY}/short")
    assert (status, answer["error"]["where"]) == (400, "fitting")


def test_one_is_told_whether_one_would_see_it_and_nobody_else_is(shop: House) -> None:
    shop.shelf.profiles[VISITOR] = Profile(PersonId(VISITOR))
    editor = member(shop, "editor", Grant("shop", "editor"))
    analyst = member(shop, "analyst", Grant("shop", "viewer", ("people",)))
    shop.edge.viewers = [viewer()]
    name = begun(shop)["fitting"]
    seen = editor.ask(shop, "GET", f"{WAY}/{name}")[1]["viewers"][0]
    mine = {"campaign": "hello", "visitor": VISITOR, "introduction": seen["introduction"]}
    status, why = editor.ask(shop, "GET", f"{MYSELF}/why", **mine)
    whole = shop.ask("GET", f"/api/projects/shop/people/{VISITOR}/why", campaign="hello")[1]
    assert (status, why["gate"], why["person"]) == (200, whole["gate"], "")
    assert [row["found"] for row in why["compared"]] == [None for _ in why["compared"]]
    for wrong in (
        analyst.ask(shop, "GET", f"{MYSELF}/why", **mine),
        editor.ask(shop, "GET", f"{MYSELF}/why", **{**mine, "visitor": "somebody-else-of-the-shop"}),
        editor.ask(shop, "GET", f"{MYSELF}/why", **{**mine, "introduction": ""}),
        editor.ask(shop, "POST", f"{MYSELF}/testing", {"visitor": VISITOR, "introduction": "a-guess"}),
    ):
        assert (wrong[0], wrong[1]["error"]["where"]) == (403, "introduction")


def test_one_press_makes_ones_browser_a_test_person_once_and_is_in_the_audit_log(shop: House) -> None:
    editor = member(shop, "editor", Grant("shop", "editor"))
    shop.edge.viewers = [viewer()]
    seen = editor.ask(shop, "GET", f"{WAY}/{begun(shop)['fitting']}")[1]["viewers"][0]
    mine = {"visitor": VISITOR, "introduction": seen["introduction"]}
    before = shop.office.head(ProjectId("shop"))
    assert editor.ask(shop, "POST", f"{MYSELF}/testing", mine) == (200, {"version": before + 1, "added": True})
    assert editor.ask(shop, "POST", f"{MYSELF}/testing", mine) == (200, {"version": before + 1, "added": False})
    project = shop.office.configuration(ProjectId("shop"), before + 1)
    assert project.testers is not None
    assert project.testers.visitors == (VisitorId(VISITOR),)
    assert "origins: [https://shop.example]" in shop.office.sources(ProjectId("shop"), before + 1)["project.yaml"]
    lines = shop.ask("GET", "/api/projects/shop/audit")[1]["lines"]
    assert [line["who_name"] for line in lines if line["operation"] == "fittings.testing"] == ["Editor", "Editor"]


def test_looking_and_drawing_need_the_right_to_edit(shop: House) -> None:
    reader = token(shop, "reader", "shop", "read")
    name = begun(shop)["fitting"]
    begin: tuple[str, str, Any] = ("POST", WAY, PAGE)
    draw, look = ("PUT", f"{WAY}/{name}", {"action": ACTION}), ("GET", f"{WAY}/{name}", None)
    assert [reader.ask(shop, *asked)[0] for asked in (begin, draw, look)] == [403, 403, 403]
    assert shop.edge.fitted == []
