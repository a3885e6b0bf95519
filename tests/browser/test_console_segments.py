"""A segment is built with the keyboard alone; its size is what one counts by hand, and it is true at once of who comes."""

import gzip
import random
import re
import time
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.axe import violations
from tests.browser.demo_house import PHONE
from tests.browser.real_shop import RealShop
from tests.browser.tabs import tab
from tests.integration.whole_house import until

from omotenashi import settings

DAY_MS = 86_400_000
NAME = "word_by_word"
BUYERS = {"name": {"ja": "買った人", "en": "Buyers"}, "rule": {"event": "buy", "op": "exists"}}


TEA = {
    "from": "product_view",
    "where": {"field": "category", "op": "=", "value": "tea"},
    "label": {"ja": "お茶の閲覧", "en": "Tea looked at"},
}
GOODS = {"rows": {"sencha": {"name": "Sencha", "price": 1200}}}


class Past:
    """What sixty people looked at and bought over fifty days, and what of it a reader counts by hand."""

    def __init__(self, now: int) -> None:
        dice = random.Random(4)
        self.now = now
        self.lines: list[dict[str, Any]] = []
        for row in range(600):
            number = dice.randrange(60)
            values: dict[str, Any] = {"category": dice.choice(["tea", "tea", "pot"]), "price": dice.randrange(300, 3000)}
            name = dice.choice(["product_view", "product_view", "product_view", "buy"])
            at = now - dice.randrange(1, 50 * 24) * DAY_MS // 24 - 60_000
            self.lines.append(
                {"row": row, "visitor": f"visitor-of-segments-{number:04}", "at": at, "name": name, "values": values}
            )

    def packed(self) -> bytes:
        return gzip.compress(b"\n".join(msgspec.json.encode(line) for line in self.lines), 1)

    def who_saw_tea_for(self, least: int, days: int) -> set[str]:
        """Those whose product views of tea in the last days cost so much together. Days are Tokyo's, today included."""
        hours9 = 9 * 3_600_000
        first = ((self.now + hours9) // DAY_MS - days + 1) * DAY_MS - hours9
        spent: dict[str, int] = {}
        for line in self.lines:
            if line["name"] == "product_view" and line["values"]["category"] == "tea" and line["at"] >= first:
                spent[line["visitor"]] = spent.get(line["visitor"], 0) + line["values"]["price"]
        return {person for person, total in spent.items() if total >= least}


@pytest.fixture(scope="module")
def past(shop: RealShop) -> Past:
    """A shop with a past, all of it counted."""
    past = Past(time.time_ns() // 1_000_000)
    shop.put(NAME, {"/": "<h1>Tea</h1>"}, segments={"buyers": BUYERS}, events={"tea_view": TEA}, tables={"goods": GOODS})
    shop.house.send("/v1/import?batch=past", shop.house.keys(NAME)["secret"], past.packed())
    shop.house.loaded()
    return past


@pytest.fixture
def staff(browser: Browser, shop: RealShop, past: Past) -> Iterator[Page]:
    """A tab of the console in English; an error that reaches the page fails the test."""
    token = settings.secret(shop.house.folder / "console.token")
    context = browser.new_context(
        viewport={"width": 1360, "height": 900},
        locale="en-GB",
        timezone_id="Asia/Tokyo",
        base_url=settings_url(shop),
        extra_http_headers={"authorization": f"Bearer {token}"},
    )
    context.set_default_timeout(20_000)
    with tab(context) as page:
        yield page


def settings_url(shop: RealShop) -> str:
    """Where this house's console is."""
    running = msgspec.json.decode((shop.house.folder / "running-console.json").read_bytes())
    return str(running["console"])


def word(page: Page, kind: str, text: str) -> Locator:
    """A word of the sentence."""
    return page.locator(f'button[title="{kind}"]', has_text=re.compile(rf"^{re.escape(text)}$")).first


def search(page: Page, text: str) -> None:
    """Opens the focused word's list and types into it."""
    page.keyboard.press("Enter")
    expect(page.locator(".mantine-Combobox-search:visible")).to_be_focused()
    page.keyboard.type(text)


def choose(page: Page, kind: str, text: str, typed: str, option: str | None = None) -> None:
    """Exchanges a word for another: opens its list, types to find, and presses Enter on it."""
    word(page, kind, text).focus()
    page.keyboard.press("Enter")
    chosen = page.get_by_role("option", name=option or typed).first
    expect(chosen).to_be_visible()
    if page.locator(".mantine-Combobox-search:visible").count():
        expect(page.locator(".mantine-Combobox-search:visible")).to_be_focused()
        page.keyboard.type(typed)
        expect(page.locator("[data-combobox-selected]")).to_contain_text(option or typed)
    else:
        for _ in range(20):
            if (option or typed) in page.locator("[data-combobox-selected]").all_inner_texts():
                break
            page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def test_a_segment_built_with_the_keyboard_has_the_size_that_one_counts_and_is_true_of_who_comes(
    staff: Page, browser: Browser, shop: RealShop, past: Past
) -> None:
    page = staff
    page.goto(f"/p/{NAME}/segments/new")
    page.get_by_role("button", name="New segment").focus()
    page.keyboard.press("Enter")
    size = page.locator("[aria-live=polite][aria-busy]")
    everybody = len({line["visitor"] for line in past.lines})
    expect(size).to_have_text(f"{everybody}people", timeout=30_000)

    # period > event > field > statistic > comparison, a filter over the event
    page.get_by_role("button", name="Add a condition").focus()
    search(page, "product")
    expect(page.locator("[data-combobox-selected]")).to_contain_text("product_view")
    page.keyboard.press("Enter")
    expect(word(page, "Event", "product_view")).to_be_focused()
    choose(page, "What is looked at", "Field", "price")
    choose(page, "Statistic", "the latest", "the total")
    choose(page, "Comparison", "is at least", "is at least")
    value = page.get_by_role("textbox", name="Value").first
    value.fill("5000")
    page.locator('button[title="Period"]').focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="in the last 30 days").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Only some of them").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add a condition").first.focus()
    search(page, "category")
    expect(page.locator("[data-combobox-selected]")).to_contain_text("category")
    page.keyboard.press("Enter")
    choose(page, "Comparison", "is known", "is", "is")
    page.get_by_role("textbox", name="Value").last.fill("tea")

    wanted = past.who_saw_tea_for(5000, 30)
    assert 3 < len(wanted) < everybody
    expect(size).to_have_text(f"{len(wanted)}people", timeout=30_000)
    expect(page.get_by_text("The total “price” of “Tea looked at” in the last 30 days is at least 5,000")).to_be_visible()

    # saved in one press, and then true of somebody who comes
    page.get_by_label("Name (English)").fill("Tea lovers")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/p/{NAME}/segments/tea_lovers")
    document = shop.house.ask(f"/api/projects/{NAME}/documents/segments/tea_lovers")["document"]
    assert document["rule"] == {
        "event": "product_view",
        "op": ">=",
        "field": "price",
        "aggregate": "sum",
        "period": "30 days",
        "value": 5000,
        "where": {"field": "category", "op": "=", "value": "tea"},
    }
    shop.house.ready(NAME, shop.house.ask(f"/api/projects/{NAME}/history")[0]["version"])
    context = browser.new_context(user_agent=PHONE)
    visitor = context.new_page()
    visitor.goto(f"{shop.site.site}/")
    visitor.evaluate("() => omotenashi('track', 'product_view', {category: 'tea', price: 4999})")
    told = next(str(cookie.get("value")) for cookie in context.cookies() if cookie.get("name") == "_omo")
    until(lambda: segments_of(shop, told) == [], "the visitor to be known")
    visitor.evaluate("() => omotenashi('track', 'product_view', {category: 'tea', price: 1})")
    until(lambda: segments_of(shop, told) == ["tea_lovers"], "the live visitor to be in the segment")
    context.close()


def test_a_table_read_from_csv_says_what_is_wrong_by_line_and_column_and_is_then_kept(staff: Page, shop: RealShop) -> None:
    page = staff
    page.goto(f"/p/{NAME}/tables/goods")
    page.get_by_role("button", name="Read CSV").click()
    text = page.get_by_label("CSV, or cells copied from a spreadsheet")
    text.fill("item,price:number\nsencha,dear\n")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("alert")).to_contain_text("line 2 price expected a number or nothing; found 'dear'")
    text.fill("item,price:number\nsencha,1300\nhojicha,900\n")
    page.get_by_role("button", name="Read it").click()
    page.get_by_role("button", name="Use these 2 rows").click()
    page.get_by_label("price of hojicha").fill("950")
    page.get_by_role("button", name="Save").click()
    rows = {"sencha": {"item": "sencha", "price": 1300}, "hojicha": {"item": "hojicha", "price": 950}}
    goods = f"/api/projects/{NAME}/documents/tables/goods"
    until(lambda: shop.house.ask(goods)["document"] == {"rows": rows}, "the table to be in force", 20)


def test_a_derived_event_is_counted_over_the_past_while_it_is_built(staff: Page, past: Past) -> None:
    page = staff
    page.goto(f"/p/{NAME}/derived-events/tea_view")
    month = past.now - 29 * DAY_MS
    first = ((month + 9 * 3_600_000) // DAY_MS) * DAY_MS - 9 * 3_600_000
    seen = [line["values"]["category"] for line in past.lines if line["name"] == "product_view" and line["at"] >= first]
    expect(page.get_by_text("in the last 30 days")).to_be_visible(timeout=30_000)
    page.get_by_role("textbox", name="Value").fill("pot")
    expect(page.get_by_text(f"{seen.count('pot')} in the last 30 days")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_nothing_on_these_pages_keeps_anybody_out(staff: Page, look: Literal["light", "dark"]) -> None:
    staff.emulate_media(color_scheme=look, reduced_motion="reduce")
    for path in ("segments", "segments/buyers", "segments/new", "derived-events/tea_view", "tables/goods"):
        staff.goto(f"/p/{NAME}/{path}")
        expect(staff.get_by_role("heading", level=1)).to_be_visible()
        expect(staff.locator(".mantine-Skeleton-root")).to_have_count(0, timeout=30_000)
        assert violations(staff, "main") == [], path


def segments_of(shop: RealShop, visitor: str) -> list[str]:
    shop.house.written()
    return list(shop.house.ask(f"/api/projects/{NAME}/people/{visitor}")["segments"])
