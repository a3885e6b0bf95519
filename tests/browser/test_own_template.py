"""The template that the how-to writes by hand, on a page: its screens, its form, its button, its script."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.fake_edge import FakeEdge, until
from tests.browser.tabs import keep
from tests.unit.configuration.test_howto import howto_files

from omotenashi.configuration.samples import sample

MESSAGE = "[data-omotenashi-message]"


@pytest.fixture
def restock(page: Page, edge: FakeEdge) -> Locator:
    """The message, on the page of something that is sold out."""
    files = {Path(path).name: text for path, text in howto_files().items() if path.startswith("templates/")}
    action: dict[str, Any] = {"variables": {"item": {"attribute": "last_item", "default": ""}}}
    made = sample(
        "restock", files=files, language="en", texts={"item": "{{ item }}"}, action=action, context={"item": "A cup \"'>"}
    )
    message = {
        "reservation": "r1",
        "campaign": "restock",
        "action": "ask",
        "until": 0,
        "validMs": 60_000,
        "kind": made.kind,
        "html": made.html,
        "css": made.css,
        "script": made.script,
        "display": msgspec.to_builtins(made.display),
    }
    edge.answers = [{"messages": [message]}]
    edge.pages["/"] = '<p style="height: 3000px">A cup</p><p class="sold-out">Sold out</p>'
    page.goto(edge.site)
    return page.locator(f"{MESSAGE} .omo-frame")


def values(edge: FakeEdge, name: str) -> list[dict[str, Any]]:
    return [{key: value for key, value in event["values"].items() if key != "reservation"} for event in edge.events(name)]


def test_it_opens_where_something_is_sold_out_and_leads_from_screen_to_screen(
    page: Page, edge: FakeEdge, restock: Locator
) -> None:
    until(lambda: edge.names() == ["view"])
    expect(restock).not_to_be_visible()
    page.locator(".sold-out").scroll_into_view_if_needed()
    expect(restock.get_by_role("heading", name="Shall we tell you when it is back?")).to_be_visible()
    expect(restock.get_by_text("A cup \"'>")).to_be_visible()
    keep(page, "own-template")
    restock.get_by_role("button", name="Yes").click()
    address = restock.get_by_label("Email address")
    expect(address).to_be_visible()
    expect(restock.get_by_role("heading")).to_have_count(0)
    address.fill("not an address")
    restock.get_by_role("button", name="Send").click()
    expect(address).to_be_focused()
    assert values(edge, "restock_wanted") == []
    address.fill("hanako@example.jp")
    address.press("Enter")
    expect(restock.get_by_role("heading", name="Thank you")).to_be_visible()
    until(lambda: len(values(edge, "_message_state_changed")) == 2)
    assert values(edge, "restock_wanted") == [{"item": "A cup \"'>", "email": "hanako@example.jp"}]
    assert values(edge, "_message_state_changed") == [
        {"state": "address", "from": "ask"},
        {"state": "thanks", "from": "address"},
    ]
    assert values(edge, "_message_click")[0]["name"] == "yes"


def test_its_button_opens_another_tab_without_code(page: Page, edge: FakeEdge, restock: Locator) -> None:
    page.locator(".sold-out").scroll_into_view_if_needed()
    with page.context.expect_page() as opened:
        restock.get_by_role("link", name="Details").click()
    assert opened.value.url == f"{edge.site}/restock"
    until(lambda: [click["name"] for click in values(edge, "_message_click")] == ["details"])
