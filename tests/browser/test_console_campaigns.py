"""Campaigns in the console, the whole way: from a recipe to a visitor, two editors, a version that comes back, a second yes."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from tests.browser.real_shop import RealShop, noted
from tests.integration.whole_house import until

from omotenashi import settings

NAME = "told"
PERSON = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
MESSAGE = "[data-omotenashi-message]"
API = f"/api/projects/{NAME}"

Opened = Callable[..., Page]
NUMBERS = count()


def put(shop: RealShop, **project: Any) -> None:
    """Puts the shop with its one campaign in force, as a version of its own whatever a test before left."""
    named = {"name": f"Told {next(NUMBERS)}", **project}
    shop.put(NAME, {"/": "<h1>Tea</h1>"}, project=named, campaigns={"greeting": noted("A greeting", "top-right")})
    shop.site.init = f'{{"key": "pk_of_{NAME}", "language": "en"}}'


@pytest.fixture
def told(shop: RealShop) -> RealShop:
    """A shop with one campaign in force."""
    put(shop)
    return shop


@pytest.fixture
def tabs(browser: Browser) -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


@pytest.fixture
def staff(browser: Browser, told: RealShop, tabs: list[BrowserContext]) -> Iterator[Opened]:
    """Opens a tab of the console for somebody with a token of their own; an error that reaches a page fails the test."""
    console = str(msgspec.json.decode((told.house.folder / "running-console.json").read_bytes())["console"])
    machine = settings.secret(told.house.folder / "console.token")
    errors: list[str] = []

    def opened(name: str = "", path: str = "") -> Page:
        key = machine
        if name:
            asked = {"name": name, "scopes": ["read", "edit"], "days": 1}
            answer = httpx.post(
                f"{console}{API}/tokens", json=asked, headers={"authorization": f"Bearer {machine}"}, trust_env=False
            )
            key = answer.raise_for_status().json()["key"]
        context = browser.new_context(
            viewport={"width": 1440, "height": 1000},
            locale="en-GB",
            timezone_id="Asia/Tokyo",
            base_url=console,
            extra_http_headers={"authorization": f"Bearer {key}"},
        )
        context.set_default_timeout(20_000)
        tabs.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"/p/{NAME}{path}")
        return page

    yield opened
    assert errors == []


@pytest.fixture
def visitor(browser: Browser, told: RealShop, tabs: list[BrowserContext]) -> Opened:
    """Opens the shop in a browser that has never been there."""

    def opened(url: str = "") -> Page:
        context = browser.new_context(user_agent=PERSON, viewport={"width": 1280, "height": 800}, locale="en-GB")
        tabs.append(context)
        page = context.new_page()
        page.goto(url or f"{told.site.site}/")
        return page

    return opened


def step(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Steps").get_by_role("button", name=name).click()


def kept(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="Kept as a draft")).to_be_visible()


def in_force(told: RealShop, campaign: str) -> dict[str, Any]:
    return told.house.ask(f"{API}/documents/campaigns/{campaign}")["document"]


def seen(visitor: Opened, url: str = "") -> str:
    """What somebody reads who comes for the first time; "" for no message."""
    page = visitor(url)
    message = page.locator(f"{MESSAGE} h2").first
    try:
        message.wait_for(timeout=3_000)
        return message.inner_text()
    except PlaywrightTimeout:
        return ""
    finally:
        page.context.close()


def test_a_recipe_becomes_a_draft_that_a_test_link_shows_and_then_a_message_that_a_visitor_sees(
    told: RealShop, staff: Opened, visitor: Opened
) -> None:
    page = staff(path="/recipes")
    page.locator("[data-recipe=welcome]").click()
    page.get_by_role("button", name="Set it up as a draft").click()
    expect(page).to_have_url(re.compile(r"/campaigns/welcome\?step=message"))
    expect(page.get_by_role("heading", name="What do you say?")).to_be_visible()
    page.get_by_label("Heading", exact=True).fill("Come in, the kettle is on")
    kept(page)
    expect(page.frame_locator("iframe").first.locator(MESSAGE)).to_contain_text("the kettle is on")

    step(page, "Check and publish")
    page.get_by_role("button", name="Put it up for testing").click()
    expect(page.get_by_text("It lies on the site as a draft")).to_be_visible()
    page.get_by_label("Address of the page").fill(f"{told.site.site}/")
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_role("img", name="QR code for a phone")).to_be_visible()
    link = page.get_by_role("link", name="Open in a new tab").get_attribute("href") or ""
    until(lambda: "the kettle is on" in seen(visitor, link), "the test link to show the draft", 40)
    assert seen(visitor) == ""

    page.get_by_role("button", name="Publish and go live").click()
    expect(page.get_by_text(re.compile("Published"))).to_be_visible()
    until(lambda: "the kettle is on" in seen(visitor), "a visitor to see it", 40)

    page.get_by_role("button", name="Stop all messages").click()
    expect(page.get_by_text("All messages are stopped").first).to_be_visible()
    until(lambda: seen(visitor) == "", "the messages to stop")
    page.get_by_role("button", name="Start messages again").first.click()
    until(lambda: "the kettle is on" in seen(visitor), "the messages to start again")


def test_two_editors_of_different_places_both_get_their_way_and_of_one_place_somebody_chooses(
    told: RealShop, staff: Opened
) -> None:
    hanako, taro = (staff(name, "/campaigns/greeting?step=message") for name in ("Hanako", "Taro"))
    for page in (hanako, taro):
        expect(page.get_by_label("Name (English)")).to_have_value("A greeting")
    step(taro, "Frequency and order")
    priority = taro.get_by_role("textbox", name="Priority")
    expect(priority).to_be_visible()
    hanako.get_by_label("Name (English)").fill("Hers")
    kept(hanako)
    priority.fill("7")
    kept(taro)
    draft = told.house.ask(f"{API}/documents/campaigns/greeting")["draft"]
    assert (draft["document"]["name"]["en"], draft["document"]["priority"]) == ("Hers", 7)
    expect(taro.get_by_role("heading", level=1)).to_have_text("Hers")

    step(taro, "Message")
    his = taro.get_by_label("Name (English)")
    expect(his).to_have_value("Hers")
    hanako.route("**/documents/campaigns/greeting", lambda route: route.abort())  # she does not hear of his change
    his.fill("His")
    kept(taro)
    hanako.get_by_label("Name (English)").fill("Hers again")
    dialog = hanako.get_by_role("dialog", name="Somebody else changed the same place")
    expect(dialog).to_contain_text("Hers again")
    dialog.get_by_role("radio", name="Taro's").check()
    dialog.get_by_role("button", name="Keep it like this").click()
    kept(hanako)
    draft = told.house.ask(f"{API}/documents/campaigns/greeting")["draft"]
    assert (draft["document"]["name"]["en"], draft["document"]["priority"]) == ("His", 7)


def test_an_older_version_is_compared_and_brought_back(told: RealShop, staff: Opened) -> None:
    page = staff("Hanako", "/campaigns/greeting?step=message")
    page.get_by_label("Name (English)").fill("Another name")
    kept(page)
    step(page, "Check and publish")
    page.get_by_label("What changed").fill("for the season")
    page.get_by_role("button", name="Replace what is live").click()
    expect(page.get_by_text("Nothing is unpublished.")).to_be_visible()
    assert in_force(told, "greeting")["name"]["en"] == "Another name"

    step(page, "Versions")
    newest = page.get_by_role("listitem").filter(has_text="for the season")
    expect(newest).to_contain_text("Hanako")
    expect(newest.locator("del").first).to_have_text("A greeting")
    expect(newest.locator("ins").first).to_have_text("Another name")
    page.get_by_role("button", name="Bring it back").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A greeting")
    page.get_by_role("button", name="Replace what is live").click()
    expect(page.get_by_text("Nothing is unpublished.")).to_be_visible()
    assert in_force(told, "greeting")["name"] == "A greeting"


def test_where_the_project_wants_it_a_second_person_says_yes_first(told: RealShop, staff: Opened) -> None:
    put(told, approval=True)
    hanako = staff("Hanako", "/campaigns/greeting?step=message")
    hanako.get_by_label("Name (English)").fill("With a second yes")
    kept(hanako)
    step(hanako, "Check and publish")
    hanako.get_by_role("button", name="Ask for approval").click()
    expect(hanako.get_by_text("It waits for somebody else's approval.")).to_be_visible()
    expect(hanako.get_by_role("button", name="Approve and publish")).to_have_count(0)

    taro = staff("Taro", "/campaigns")
    expect(taro.get_by_text("Waits for approval")).to_be_visible()
    taro.get_by_role("link", name="A greeting", exact=True).click()
    step(taro, "Check and publish")
    expect(taro.get_by_text("Hanako asks for approval.")).to_be_visible()
    taro.get_by_role("button", name="Approve and publish").click()
    expect(taro.get_by_text("Approved and published")).to_be_visible()
    assert in_force(told, "greeting")["name"]["en"] == "With a second yes"
    assert in_force(told, "greeting")["state"] == "live"


def test_a_campaign_is_paused_from_the_list_and_the_press_is_taken_back(told: RealShop, staff: Opened) -> None:
    page = staff(path="/campaigns")
    page.get_by_role("button", name="Pause: A greeting").click()
    row = page.get_by_role("row").filter(has_text="A greeting")
    expect(row).to_contain_text("Paused")
    assert in_force(told, "greeting")["state"] == "paused"
    page.get_by_role("button", name="Undo").click()
    expect(row).to_contain_text("Live")
    assert in_force(told, "greeting")["state"] == "live"
