"""Messages inside the page's own text: where they stand, and that they stay while the page renders itself again."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.fake_edge import FakeEdge, until
from tests.browser.test_messages import MESSAGE, message, said

BODY = '<main><p id="first">First</p><p id="anchor" style="display: flex">Anchor</p><p id="last">Last</p></main>'
ORDER = """() => [...document.querySelector("main").children]
  .map(e => e.id || (e.dataset.omotenashiMessage ? "message" : "") || e.firstElementChild?.id)"""


def embedded(page: Page, edge: FakeEdge, place: str, selector: str = "#anchor", **given: Any) -> None:
    """Opens a page into which a message is put."""
    display = {"embed": {"selector": selector, "place": place}}
    edge.pages["/"] = BODY
    edge.answers = [{"messages": [message(kind="embed", display=display, html="<p>茶</p>", **given)]}]
    page.goto(edge.site)
    expect(page.locator(MESSAGE)).to_have_count(1)


@pytest.mark.parametrize(
    ("place", "order"),
    [
        ("before", ["first", "message", "anchor", "last"]),
        ("after", ["first", "anchor", "message", "last"]),
        ("replace", ["first", "message", "anchor", "last"]),
    ],
)
def test_it_stands_beside_its_anchor(page: Page, edge: FakeEdge, place: str, order: list[str]) -> None:
    embedded(page, edge, place)
    assert page.evaluate(ORDER) == order
    assert page.locator("#anchor").is_visible() == (place != "replace")
    box = page.locator(MESSAGE).bounding_box()
    assert box is not None
    assert box["width"] > 300
    assert box["height"] > 10


@pytest.mark.parametrize(("place", "first"), [("prepend", True), ("append", False)])
def test_it_stands_inside_its_anchor(page: Page, edge: FakeEdge, place: str, first: bool) -> None:
    embedded(page, edge, place, selector="main")
    assert page.evaluate(ORDER).index("message") == (0 if first else 3)


def test_what_it_replaced_is_as_before_when_it_is_closed(page: Page, edge: FakeEdge) -> None:
    embedded(page, edge, "replace", script="window.closeIt = () => widget.close()")
    assert page.locator("#anchor").evaluate("e => getComputedStyle(e).display") == "none"
    page.evaluate("closeIt()")
    assert page.evaluate(ORDER) == ["first", "anchor", "last"]
    assert page.locator("#anchor").evaluate("e => e.getAttribute('style')") == "display: flex;"
    until(lambda: said(edge, "_message_close") == [{"reservation": "r1", "by": "button"}])


@pytest.mark.parametrize("place", ["before", "after", "replace"])
def test_it_is_put_back_before_anything_is_painted_when_the_page_renders_itself_again(
    page: Page, edge: FakeEdge, place: str
) -> None:
    embedded(page, edge, place)
    page.wait_for_timeout(100)
    painted = page.evaluate(
        """body => new Promise(done => {
          document.querySelector("main").outerHTML = body;
          requestAnimationFrame(() => done(document.querySelectorAll("[data-omotenashi-message]").length));
        })""",
        BODY,
    )
    assert painted == 1
    assert page.evaluate(ORDER).index("message") == (2 if place == "after" else 1)
    assert page.locator("#anchor").is_visible() == (place != "replace")
    page.evaluate("omotenashi('track', 'later')")
    assert edge.names().count("_message_open") == 1
    assert edge.names().count("_message_close") == 0


def test_it_goes_with_its_anchor_and_comes_back_with_it(page: Page, edge: FakeEdge) -> None:
    embedded(page, edge, "after")
    page.evaluate("document.querySelector('#anchor').remove()")
    expect(page.locator(MESSAGE)).to_have_count(0)
    page.evaluate("document.querySelector('#last').insertAdjacentHTML('afterend', '<p id=anchor>Again</p>')")
    expect(page.locator(MESSAGE)).to_have_count(1)
    assert page.evaluate(ORDER) == ["first", "last", "anchor", "message"]


def test_a_page_that_keeps_removing_it_is_not_fought(page: Page, edge: FakeEdge) -> None:
    embedded(page, edge, "after")
    page.evaluate(
        """window.removed = 0;
        window.began = performance.now();
        new MutationObserver(() => {
          const found = document.querySelector("[data-omotenashi-message]");
          if (found) { found.remove(); window.removed++; }
        }).observe(document.body, { childList: true, subtree: true });
        document.querySelector("[data-omotenashi-message]").remove();"""
    )
    page.wait_for_timeout(600)
    removed, passed = page.evaluate("[window.removed, performance.now() - window.began]")
    assert removed <= passed / 90 + 1


def test_two_stand_at_one_anchor_in_peace(page: Page, edge: FakeEdge) -> None:
    display = {"embed": {"selector": "#anchor", "place": "after"}}
    two = [message(reservation=f"r{n}", action=f"a{n}", kind="embed", display=display, html="<p>茶</p>") for n in range(2)]
    edge.pages["/"] = BODY
    edge.answers = [{"messages": two}]
    page.goto(edge.site)
    expect(page.locator(MESSAGE)).to_have_count(2)
    page.evaluate(
        """window.changes = 0;
        new MutationObserver(all => window.changes += all.length).observe(document, { childList: true, subtree: true });"""
    )
    page.evaluate("document.querySelector('main').append('more')")
    page.wait_for_timeout(400)
    assert page.evaluate("window.changes") == 1


def test_its_anchor_may_come_later_and_without_one_its_place_is_given_back(page: Page, edge: FakeEdge) -> None:
    display = {"embed": {"selector": "#late", "place": "append"}}
    late = message(kind="embed", display=display, html="<p>茶</p>")
    never = {**late, "reservation": "r2", "display": {"embed": {"selector": "#never", "place": "append"}}}
    edge.pages["/"] = BODY
    edge.answers = [{"messages": [late, never]}]
    page.goto(edge.site)
    until(lambda: edge.requests)
    assert page.locator(MESSAGE).count() == 0
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<div id=late></div>')")
    expect(page.locator("#late " + MESSAGE)).to_have_count(1)
    page.evaluate("history.pushState({}, '', '/two')")
    until(lambda: said(edge, "_release") == [{"reservation": "r2", "reason": "anchor"}])
    expect(page.locator(MESSAGE)).to_have_count(0)
