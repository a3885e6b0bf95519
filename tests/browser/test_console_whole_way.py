"""From an empty server to a message that is explained, all in the console, as somebody does it who has just installed it."""

import os
import re
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as NothingCame
from tests.browser.demo_house import PHONE
from tests.browser.fake_edge import FakeEdge
from tests.browser.tabs import keep, tab
from tests.integration.whole_house import ROOT, House, until, whole_house

MESSAGE = "[data-omotenashi-message]"
PASSWORD = "the kettle sings at dawn"
GREETING = "The kettle is on"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A server that was started for the first time."""
    with whole_house(tmp_path / "house") as fresh:
        yield fresh


@contextmanager
def somebody(browser: Browser, *, staff: bool = False) -> Generator[Page]:
    """A browser of their own; an error that reaches the page fails the test."""
    context: BrowserContext = browser.new_context(
        viewport={"width": 1360, "height": 900} if staff else {"width": 390, "height": 844},
        locale="en-GB",
        timezone_id="Asia/Tokyo",
        user_agent=None if staff else PHONE,
        is_mobile=not staff,
    )
    context.set_default_timeout(20_000)
    with tab(context) as page:
        yield page


def setup_link(house: House) -> str:
    """The link that the terminal shows."""
    said = subprocess.run(
        [sys.executable, "-m", "omotenashi", "--data", str(house.folder), "staff", "link"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    return re.search(r"http://\S+/setup#\S+", said)[0]  # pyright: ignore[reportOptionalSubscript]


def step(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Steps").get_by_role("button", name=name).click()


def menu(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name=name, exact=True).click()


def sees(browser: Browser, address: str) -> str:
    """What somebody is told who comes for the first time; "" when nothing comes in five seconds."""
    with somebody(browser) as visitor:
        visitor.goto(address)
        heading = visitor.locator(f"{MESSAGE} h2").first
        try:
            heading.wait_for(timeout=5_000)
        except NothingCame:
            return ""
        return heading.inner_text()


def test_from_an_empty_server_to_a_message_that_is_explained(browser: Browser, house: House, edge: FakeEdge) -> None:
    with somebody(browser, staff=True) as page:
        # the first account, the first project
        page.goto(setup_link(house))
        page.get_by_label("Name").fill("Hanako")
        page.get_by_label("Mail address").fill("hanako@tea.example")
        page.get_by_label(re.compile(r"^Password( \*)?$")).fill(PASSWORD)
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_role("heading", name="A new project")).to_be_visible()
        page.get_by_label("Name of the site").fill("Tea")
        page.get_by_label("Address of the site").fill(edge.site)
        page.get_by_label("Project id").fill("tea")
        page.get_by_role("button", name="Begin").click()

        # the tag, and the first event
        page.wait_for_url("**/p/tea/settings/site")
        expect(page.get_by_text("Waiting for the first event.")).to_be_visible()
        snippet = page.locator("pre").inner_text()
        edge.pages["/"] = f"<!doctype html><html lang=en><head><title>Tea</title>{snippet}</head><body><h1>Tea</h1></body></html>"
        until(lambda: visited(browser, edge.site, house), "the site to be heard")
        expect(page.get_by_text("Events are arriving from your site.")).to_be_visible()

        # a segment from a preset
        menu(page, "Segments")
        page.get_by_role("link", name="New segment").or_(page.get_by_role("button", name="New segment")).first.click()
        page.get_by_role("button", name=re.compile("First visit")).click()
        size = page.locator("[aria-live=polite][aria-busy]")
        expect(size).to_have_text(re.compile(r"^[1-9]\d*people"), timeout=30_000)
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url(re.compile(r"/p/tea/segments/(?!new)"))

        # a campaign from a recipe, tried by a test link in a second browser
        menu(page, "Recipes")
        page.locator("[data-recipe=welcome]").click()
        page.get_by_role("button", name="Set it up as a draft").click()
        page.wait_for_url(re.compile(r"/campaigns/welcome"))
        page.get_by_role("combobox", name="Heading", exact=True).fill(GREETING)
        expect(page.get_by_role("status").filter(has_text="Kept as a draft")).to_be_visible()
        step(page, "Check and publish")
        page.get_by_role("button", name="Put it up for testing").click()
        page.get_by_label("Address of the page").fill(f"{edge.site}/")
        page.get_by_role("button", name="Make a link").click()
        link = page.get_by_role("link", name="Open in a new tab").get_attribute("href") or ""
        until(lambda: GREETING in sees(browser, link), "the test link to show the draft", 20)
        assert sees(browser, f"{edge.site}/") == ""

        # published, and a visitor sees it, once
        page.get_by_role("button", name="Publish and go live").click()
        expect(page.get_by_text(re.compile("Published"))).to_be_visible()
        until(lambda: GREETING in sees(browser, f"{edge.site}/"), "a visitor to see it")
        with somebody(browser) as visitor:
            visitor.goto(edge.site)
            expect(visitor.locator(MESSAGE)).to_contain_text(GREETING)
            keep(visitor, "whole-way-message")
            person = visitor.evaluate("localStorage.getItem('_omo')")
            visitor.keyboard.press("Escape")
            expect(visitor.locator(MESSAGE)).to_have_count(0)
            visitor.goto(edge.site)
            visitor.wait_for_function("window.omotenashi && omotenashi.loaded")
            assert visitor.evaluate("omotenashi('track', 'looked_again')") == {"ok": True}
            assert visitor.locator(MESSAGE).count() == 0
        house.loaded()

        # the report and the story tell of it, and why it did not come again
        page.goto(f"{page.url.partition('/p/')[0]}/p/tea/campaigns/welcome/report")
        stream = page.locator("[data-end]").first
        expect(stream).to_be_visible()
        expect(page.locator("[data-verdict]")).to_be_visible()
        keep(page, "whole-way-report")
        page.get_by_role("button", name=re.compile("Member id, mail address")).click()
        page.get_by_label("Search and go").fill(person)
        page.get_by_role("button", name=re.compile(re.escape(person[:6]))).first.click()
        page.wait_for_url(f"**/people/{person}")
        leaf = page.locator("[data-fate]").first
        expect(leaf).to_contain_text("A welcome")
        why(page).click()
        page.get_by_role("option", name=re.compile("A welcome")).click()
        expect(page.get_by_text("Shown as often as its frequency allows")).to_be_visible()
        expect(page.get_by_text("once a person")).to_be_visible()
        keep(page, "whole-way-story")


def visited(browser: Browser, address: str, house: House) -> bool:
    """Somebody looks in; whether the edge has heard of it."""
    with somebody(browser) as visitor:
        visitor.goto(address)
        visitor.wait_for_timeout(500)
    return len(house.log()) > 1


def why(page: Page) -> Locator:
    """Where one chooses the campaign that one wonders about."""
    return page.get_by_placeholder(re.compile("campaign", re.IGNORECASE)).last
