"""A test link from the console to the report: a colleague sees the draft, and nobody's numbers move."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.fake_edge import until
from tests.browser.real_shop import RealShop, noted, real_shop
from tests.browser.tabs import keep

PERSON = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
PANEL = "[data-omotenashi-panel]"
MESSAGE = "[data-omotenashi-message]"
API = "/api/projects/tested"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealShop]:
    with real_shop(tmp_path_factory.mktemp("test-delivery")) as one:
        never = {"fact": "visits", "op": ">", "value": 99}
        campaigns = {
            "greeting": noted("A greeting", "top-right", frequency="user"),
            "draft": noted("A draft", "bottom-right", state="draft", rule=never),
            "rare": noted("A rare one", "top", rule=never),
        }
        one.put("tested", {}, campaigns=campaigns, project={"cap_per_day": 1, "testers": {"user_ids": ["u-staff"]}})
        one.site.init = '{"key": "pk_of_tested", "language": "en"}'
        yield one


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(user_agent=PERSON, viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield context.new_page()
    context.close()


def link(shop: RealShop, **asked: object) -> str:
    return shop.house.ask(f"{API}/test-links", {"url": f"{shop.site.site}/tea", **asked})["url"]


def person(page: Page) -> str:
    return page.evaluate("localStorage.getItem('_omo')")


def test_a_link_shows_the_draft_tells_the_rest_and_counts_in_no_report(shop: RealShop, tab: Page) -> None:
    before = shop.house.ask(f"{API}/campaigns/greeting/results")["arms"]
    for path in ("", "/again"):
        tab.goto(link(shop).replace("/tea", f"/tea{path}"))
        expect(tab.locator(MESSAGE)).to_have_count(2)
        view = tab.locator(PANEL).locator(".list > li", has_text="Page view")
        expect(view).to_contain_text("A draft")
        expect(view).to_contain_text("the number of visits is more than 99; found 1")
    keep(tab, "test-delivery")
    tab.evaluate('omotenashi("track", "buy", {item: "sencha"})')
    who = quote(person(tab))
    story = until_story(shop, who, "buy")
    assert {moment["name"] for moment in story if moment["test"]} >= {"view", "_message_open", "buy"}
    assert not [moment for moment in story if moment["source"] == "tag" and not moment["test"]]
    assert [one["value"] for one in shop.house.ask(f"{API}/values?event=buy&field=item")] == ["sencha"]
    assert shop.house.ask(f"{API}/campaigns/greeting/results")["arms"] == before
    assert shop.house.ask(f"{API}/campaigns/draft/results")["arms"] == []
    assert all(stage["events"] == 0 for stage in shop.house.ask(f"{API}/campaigns/draft/funnel")["gates"])


def test_when_the_test_is_over_the_person_is_served_as_if_it_had_not_been(shop: RealShop, tab: Page) -> None:
    tab.goto(link(shop, campaigns=["rare"]))
    expect(tab.locator(MESSAGE, has_text="A rare one")).to_have_count(1)
    tab.locator(PANEL).get_by_role("button", name="End test").click()
    tab.goto(f"{shop.site.site}/tea")
    expect(tab.locator(MESSAGE)).to_have_count(1)
    expect(tab.locator(MESSAGE)).to_contain_text("A greeting")
    expect(tab.locator(PANEL)).to_have_count(0)
    tab.goto(f"{shop.site.site}/tea")
    tab.evaluate('omotenashi("track", "seen")')
    expect(tab.locator(MESSAGE)).to_have_count(0)


def test_one_of_the_test_people_sees_drafts_where_they_are_known(shop: RealShop, tab: Page) -> None:
    tab.goto(f"{shop.site.site}/tea")
    expect(tab.locator(MESSAGE, has_text="A greeting")).to_have_count(1)
    tab.evaluate('omotenashi("identify", "u-staff")')
    expect(tab.locator(PANEL)).to_have_count(1)
    tab.goto(f"{shop.site.site}/cups")
    expect(tab.locator(MESSAGE, has_text="A draft")).to_have_count(1)


def test_who_has_no_link_meets_no_draft(shop: RealShop, tab: Page) -> None:
    tab.goto(f"{shop.site.site}/tea")
    expect(tab.locator(MESSAGE, has_text="A greeting")).to_have_count(1)
    expect(tab.locator(MESSAGE, has_text="A draft")).to_have_count(0)
    expect(tab.locator(PANEL)).to_have_count(0)


def until_story(shop: RealShop, who: str, name: str) -> list[dict[str, object]]:
    """The person's story, once the warehouse tells of this event."""
    found: list[dict[str, object]] = []

    def told() -> bool:
        found[:] = [
            {"test": False, "source": "", **moment}
            for moment in shop.house.ask(f"{API}/people/{who}/story?limit=200").get("moments", [])
        ]
        return any(moment["name"] == name for moment in found)

    until(told, 60)
    return found
