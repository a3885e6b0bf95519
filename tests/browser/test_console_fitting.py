"""A message on one's own site while it is written: the console in one tab, the site in another, and nothing of it counts."""

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.real_shop import RealShop, noted
from tests.integration.whole_house import until

from omotenashi.model.entries import Event, Goal, LogEntry, Reserved

NAME = "fitted"
API = f"/api/projects/{NAME}"
PERSON = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
MESSAGE = "[data-omotenashi-message]"
PANEL = "[data-omotenashi-panel]"
NUMBERS = count()
GREETING = noted("", "top-right") | {
    "name": "A greeting",
    "actions": [{"name": "plain", "template": "notification01", "texts": {"title": "In force", "body": "For everybody"}}],
}
NOT_HERE = noted("Elsewhere", "top-left", {"rule": {"field": "path", "op": "=", "value": "/sale"}})


@pytest.fixture
def staff(browser: Browser, shop: RealShop) -> Iterator[Page]:
    """Somebody who writes, in a browser that also visits the site; an error that reaches any of its pages fails the test."""
    project = {"name": f"Fitted {next(NUMBERS)}"}  # a version of its own, whatever a test before left
    shop.put(NAME, {"/": "<h1>Tea</h1>"}, project=project, campaigns={"greeting": GREETING, "elsewhere": NOT_HERE})
    shop.site.init = f'{{"key": "pk_of_{NAME}", "language": "en"}}'
    console = str(msgspec.json.decode((shop.house.folder / "running-console.json").read_bytes())["console"])
    context = browser.new_context(
        viewport={"width": 1440, "height": 1000}, user_agent=PERSON, locale="en-GB", timezone_id="Asia/Tokyo", base_url=console
    )
    context.set_default_timeout(20_000)
    let_in(context, shop, console)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert errors == []


def let_in(context: BrowserContext, shop: RealShop, console: str) -> None:
    """Signs an editor in, who may not look at people."""
    mail = "editor@fitted.example"
    known = {one["mail"] for one in shop.house.ask("/api/staff")}
    if mail not in known:
        asked = {"mail": mail, "name": "Emi", "role": "editor", "password": "a long walk to the tea house", "language": "en"}
        shop.house.ask("/api/staff", asked)
    link = str(shop.house.ask("/api/staff/links", {"mail": mail})["url"]).rpartition("#")[2]
    answer = httpx.post(f"{console}/api/session/link", json={"link": link}, trust_env=False).raise_for_status()
    name, value = next(iter(answer.cookies.items()))
    context.add_cookies([{"name": name, "value": value, "url": console, "httpOnly": True, "sameSite": "Strict"}])


def opened(staff: Page, shop: RealShop) -> Page:
    """The tab of the site that a press in the console opens."""
    staff.get_by_label("Page of your site").fill(f"{shop.site.site}/")
    with staff.context.expect_page() as coming:
        staff.get_by_role("button", name="Open the site").click()
    return coming.value


def said(shop: RealShop) -> list[LogEntry]:
    """What the log tells of messages, and whatever is no test."""
    return [entry for entry in shop.log(NAME) if isinstance(entry, (Reserved, Goal)) or tells(entry)]


def tells(entry: LogEntry) -> bool:
    return isinstance(entry, Event) and (entry.name.startswith("_message") or not entry.test)


def report(shop: RealShop) -> dict[str, Any]:
    """The numbers of the campaign's report."""
    shop.house.loaded()
    told = shop.house.ask(f"{API}/campaigns/greeting/report")
    return {name: told[name] for name in ("came", "stream", "message", "holdout", "arms")}


def test_what_is_typed_stands_on_the_site_at_once_and_counts_nowhere(staff: Page, shop: RealShop) -> None:
    before = report(shop)
    staff.goto(f"/p/{NAME}/campaigns/greeting")
    staff.get_by_role("button", name="On your own site").click()
    site = opened(staff, shop)
    message = site.locator(MESSAGE)
    expect(message).to_contain_text("In force")
    expect(message).to_have_count(1)  # what is in force gives way
    assert "omotenashi_test" not in site.url
    expect(staff.get_by_text("On the page in your site's tab")).to_be_visible()

    staff.get_by_label("Heading", exact=True).fill("Come in, the kettle is on")
    expect(message).to_contain_text("the kettle is on", timeout=10_000)
    expect(message).to_have_count(1)

    message.locator("[data-omotenashi-close]").first.click()
    expect(message).to_have_count(0)
    panel = site.locator(PANEL)
    panel.get_by_role("button", name="Show again").click()
    expect(message).to_contain_text("the kettle is on")
    site.reload()
    expect(message).to_contain_text("the kettle is on")

    assert said(shop) == []
    assert report(shop) == before

    panel.get_by_role("button", name=re.compile("Being written")).click()
    panel.get_by_role("button", name="End").click()
    expect(message).to_have_count(0)
    expect(staff.get_by_text("The tab is closed")).to_be_visible()
    site.reload()
    expect(message).to_contain_text("In force")  # a visitor like any other again


def test_whether_one_would_see_it_is_told_for_this_browser_and_one_press_makes_it_a_test_person(
    browser: Browser, staff: Page, shop: RealShop
) -> None:
    staff.goto(f"/p/{NAME}/campaigns/elsewhere?step=publish")
    mine = staff.get_by_role("region", name="Would you see it now?")
    site = opened(staff, shop)
    expect(mine).to_contain_text("visitor id: ")
    visitor = next(one.get("value") for one in staff.context.cookies(shop.site.site) if one.get("name") == "_omo")
    expect(mine).to_contain_text(f"visitor id: {visitor}")
    expect(mine).to_contain_text("It stops at “Pages”")
    staff.goto(f"/p/{NAME}/campaigns/greeting?step=publish")
    expect(mine).to_contain_text("Nothing stands in the way")  # who one is is remembered
    mine.get_by_role("button", name="Make me a test person").click()
    expect(staff.get_by_text("You are a test person")).to_be_visible()
    document = shop.house.ask(f"{API}/documents/project/{NAME}")["document"]
    assert document["testers"] == {"visitors": [visitor]}
    site.close()
    elsewhere = browser.new_context(user_agent=PERSON)  # the same visitor, who opened no link
    elsewhere.add_cookies([{"name": "_omo", "value": str(visitor), "url": shop.site.site}])
    until(lambda: is_testing(elsewhere.new_page(), shop), "the edge to know the test person", 20)
    elsewhere.close()


def is_testing(page: Page, shop: RealShop) -> bool:
    """Whether this browser is a test person's on the site."""
    page.goto(f"{shop.site.site}/")
    page.locator(MESSAGE).first.wait_for(state="attached")
    return page.locator(PANEL).count() > 0
