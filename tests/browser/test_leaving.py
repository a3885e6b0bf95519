"""Click and leave: a click that tracks and navigates at once, on a slow network, against a real edge.

The case of seed 001: a button of page X tracks A and leads to page Y, and what Y shows depends on A. There it came too
late; the way around was to look for a mark in Y's address. Here both decide right, every time.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.demo_house import PHONE
from tests.browser.real_shop import RealShop, noted

from omotenashi.model.entries import Event

ROUNDS = 200 if os.environ.get("OMOTENASHI_LONG") == "1" else 20
SLOW = {"offline": False, "latency": 80, "downloadThroughput": 250_000, "uploadThroughput": 30_000}
PRESS = "omotenashi('track','a',{round:sessionStorage.round=1+Number(sessionStorage.round||0)})"


@pytest.fixture
def slow(browser: Browser) -> Iterator[Page]:
    """A phone on a slow network."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, user_agent=PHONE, locale="ja-JP")
    context.set_default_timeout(30_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    yield page
    context.close()
    assert errors == []


@pytest.mark.slow
def test_what_a_click_tracked_decides_on_the_page_it_led_to_and_is_counted_once(slow: Page, shop: RealShop) -> None:
    presses = {"presses": {"statistic": {"event": "a", "aggregate": "count"}}}
    marked = {"rule": {"field": "query.from", "op": "contains", "value": "xxx"}}
    links = {"plain": "/y", "marked": "/y?from=axxxb"}
    shop.put(
        "leaving",
        {"/x": " ".join(f'<a id="{name}" href="{to}" onclick="{PRESS}">Y</a>' for name, to in links.items())},
        segments={"pressed": {"name": "Pressed", "rule": {"event": "a", "op": ">=", "value": 1}}},
        campaigns={
            "after": noted("{{ presses }} presses", "top-left", "/y", include=["pressed"], variables=presses),
            "marked": noted("marked", "top-right", marked),
        },
    )
    slow.goto(f"{shop.site.site}/x")
    for n in range(1, ROUNDS + 1):
        slow.click("#marked" if n % 2 == 0 else "#plain")
        slow.wait_for_url(re.compile("/y"), wait_until="commit")
        note = slow.get_by_text(f"{n} presses")
        expect(note).to_be_visible()
        expect(slow.get_by_text("marked")).to_have_count(1 - n % 2)
        note.get_by_role("link").click()
        slow.wait_for_url(re.compile("/x"), wait_until="commit")
    assert slow.evaluate("omotenashi('track', 'last')") == {"ok": True}
    told = [entry for entry in shop.log("leaving") if isinstance(entry, Event)]
    assert Counter(event.values["round"] for event in told if event.name == "a") == dict.fromkeys(range(1, ROUNDS + 1), 1)
    names = Counter(event.name for event in told)
    assert names["view"] == 2 * ROUNDS + 1
    assert names["_message_click"] == ROUNDS
    assert names["_message_open"] == names["_message_close"] == ROUNDS + ROUNDS // 2
    assert len({event.id for event in told}) == len(told)
