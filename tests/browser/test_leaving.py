"""Click and leave: a click that tracks and navigates at once, on a slow network, against a real edge.

The case of seed 001: a button of page X tracks A and leads to page Y, and what Y shows depends on A. There it came too
late; the way around was to look for a mark in Y's address. Here both decide right, every time.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct
from playwright.sync_api import Browser, Page, expect
from tests.browser.fake_edge import FakeEdge
from tests.browser.test_demo import PHONE
from tests.integration.whole_house import House, sources, whole_house

from omotenashi.model.entries import Event

ROUNDS = 200 if os.environ.get("OMOTENASHI_LONG") == "1" else 20
SLOW = {"offline": False, "latency": 80, "downloadThroughput": 250_000, "uploadThroughput": 30_000}


def always(where: Any, text: str, position: str, **more: Any) -> dict[str, Any]:
    """A campaign that every such page view is shown."""
    action = {"name": "plain", "template": "note", "texts": {"text": text}, "display": {"position": position}, **more}
    return {
        "name": text,
        "state": "live",
        "trigger": {"event": "view"},
        "pages": {"include": [where]},
        "frequency": "access",
        "exclusive": False,
        "actions": [action],
    }


SOURCES = sources(
    project={"id": "leaving", "keys": {"public": "pk_leaving"}},
    segments={"pressed": {"name": "Pressed", "rule": {"event": "a", "op": ">=", "value": 1}}},
    campaigns={
        "after": always(
            "/y", "{{ presses }} presses", "top-left", variables={"presses": {"statistic": {"event": "a", "aggregate": "count"}}}
        )
        | {"include": ["pressed"]},
        "marked": always({"rule": {"field": "query.from", "op": "contains", "value": "xxx"}}, "marked", "top-right"),
    },
) | {
    "templates/note/template.yaml": '{"kind": "notification", "variables": {"text": {"type": "text", "default": ""}}}',
    "templates/note/body.liquid": '<p>{{ text }} <a href="/x" data-omotenashi-click="back">back</a></p>',
    "templates/note/style.css": "p { margin: 0; padding: 16px 64px 16px 16px; background: #fff }",
}


class Shop(Struct, frozen=True):
    """A site of two pages whose tag talks to a real edge."""

    site: FakeEdge
    house: House

    def events(self) -> list[Event]:
        return [entry for _, entry in self.house.log() if isinstance(entry, Event)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    site = FakeEdge()
    try:
        with whole_house(tmp_path_factory.mktemp("leaving")) as house:
            house.ready("leaving", house.apply(SOURCES))
            site.endpoint = house.edge
            site.init = '{"key":"pk_leaving"}'
            press = "omotenashi('track','a',{round:sessionStorage.round=1+Number(sessionStorage.round||0)})"
            links = {"plain": "/y", "marked": "/y?from=axxxb"}
            site.pages["/x"] = " ".join(f'<a id="{name}" href="{to}" onclick="{press}">Y</a>' for name, to in links.items())
            yield Shop(site, house)
    finally:
        site.close()


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


def test_what_a_click_tracked_decides_on_the_page_it_led_to_and_is_counted_once(slow: Page, shop: Shop) -> None:
    slow.goto(f"{shop.site.site}/x")
    for n in range(1, ROUNDS + 1):
        marked = n % 2 == 0
        slow.click("#marked" if marked else "#plain")
        slow.wait_for_url(re.compile("/y"), wait_until="commit")
        expect(slow.get_by_text(f"{n} presses")).to_be_visible()
        expect(slow.get_by_text("marked")).to_have_count(int(marked))
        slow.get_by_text(f"{n} presses").get_by_role("link").click()
        slow.wait_for_url(re.compile("/x"), wait_until="commit")
    slow.evaluate("new Promise(go => omotenashi('track', 'last').then(go))")
    told = shop.events()
    assert Counter(event.values["round"] for event in told if event.name == "a") == dict.fromkeys(range(1, ROUNDS + 1), 1)
    names = Counter(event.name for event in told)
    assert names["_message_click"] == ROUNDS
    assert names["_message_open"] == names["_message_close"] == ROUNDS + ROUNDS // 2
    assert Counter(event.id for event in told).most_common(1)[0][1] == 1
