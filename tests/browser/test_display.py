"""When and where a message is shown: every rule of its display, on a real page."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.fake_edge import FakeEdge, until
from tests.browser.test_messages import MESSAGE, message, said
from tests.browser.test_tag import HIDE

TALL = '<p>Top</p><div style="height:4000px"></div><a id="far" href="/far">Far below</a>'
RELEASED = "_release"


def shown_with(page: Page, edge: FakeEdge, body: str = TALL, **display: Any) -> None:
    """Opens a page whose first answer has one message with this display, and waits for that answer."""
    edge.pages["/"] = body
    edge.answers = [{"messages": [message(display=display)]}]
    page.goto(edge.site)
    page.wait_for_function("window.omotenashi?.loaded")
    page.evaluate("omotenashi('track', 'settled')")
    until(lambda: "settled" in edge.names())


def is_shown(page: Page) -> bool:
    return page.locator(MESSAGE).count() == 1


@pytest.fixture
def desktop(browser: Browser, edge: FakeEdge) -> Any:
    """A page under a mouse."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(8000)
    yield context.new_page()
    context.close()


def test_it_opens_when_its_element_comes_into_the_window(page: Page, edge: FakeEdge) -> None:
    shown_with(page, edge, visible="#far")
    assert not is_shown(page)
    page.locator("#far").scroll_into_view_if_needed()
    expect(page.locator(MESSAGE)).to_have_count(1)


def test_it_opens_when_the_visitor_leaves_the_window_at_the_top(desktop: Page, edge: FakeEdge) -> None:
    shown_with(desktop, edge, exit=True)
    desktop.mouse.move(600, 400)
    assert not is_shown(desktop)
    desktop.mouse.move(600, -5)
    expect(desktop.locator(MESSAGE)).to_have_count(1)


def test_leaving_at_the_side_with_a_pressed_button_or_after_a_press_on_a_link_is_no_exit(desktop: Page, edge: FakeEdge) -> None:
    shown_with(desktop, edge, '<a href="#here">here</a>', exit=True)
    desktop.mouse.move(600, 400)
    desktop.mouse.move(-5, 400)
    desktop.mouse.move(600, 400)
    desktop.mouse.down()
    desktop.mouse.move(600, -5)
    desktop.mouse.up()
    desktop.click("a")
    desktop.mouse.move(600, -5)
    desktop.evaluate("omotenashi('track', 'later')")
    assert not is_shown(desktop)


def test_a_phone_knows_no_exit(browser: Browser, edge: FakeEdge) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    shown_with(page, edge, exit=True)
    page.mouse.move(300, 400)
    page.mouse.move(300, -5)
    assert not is_shown(page)
    page.goto(f"{edge.site}/next")
    until(lambda: said(edge, RELEASED) == [{"reservation": "r1", "reason": "exit"}])
    context.close()


def test_it_opens_once_the_visitor_rests(page: Page, edge: FakeEdge) -> None:
    shown_with(page, edge, idleMs=400)
    expect(page.locator(MESSAGE)).to_have_count(1)


def test_it_opens_when_the_visitor_comes_back_to_the_tab(page: Page, edge: FakeEdge) -> None:
    shown_with(page, edge, returning=True)
    assert not is_shown(page)
    page.evaluate(HIDE, True)
    assert not is_shown(page)
    page.evaluate(HIDE, False)
    expect(page.locator(MESSAGE)).to_have_count(1)


def test_what_the_page_must_have_and_must_not_have_is_read_again_when_it_changes(page: Page, edge: FakeEdge) -> None:
    shown_with(
        page, edge, '<dialog open id="busy">Busy</dialog><main></main>', requires=["main .price", "main"], forbids=["#busy"]
    )
    assert not is_shown(page)
    page.evaluate("document.querySelector('main').innerHTML = '<p class=price>1</p>'")
    page.wait_for_timeout(250)
    assert not is_shown(page)
    page.evaluate("document.querySelector('#busy').remove()")
    expect(page.locator(MESSAGE)).to_have_count(1)


@pytest.mark.parametrize(
    ("display", "reason"),
    [
        ({"scrollPercent": 90}, "scroll"),
        ({"idleMs": 60_000}, "idle"),
        ({"visible": "#far"}, "visible"),
        ({"exit": True}, "exit"),
        ({"returning": True}, "returning"),
        ({"requires": [".nowhere"]}, "requires"),
        ({"forbids": ["p"]}, "forbids"),
        ({"requires": ["no ( selector"], "delayMs": 0}, "requires"),
        ({"manual": True}, "manual"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_message_that_waited_in_vain_says_for_what(page: Page, edge: FakeEdge, display: dict[str, Any], reason: str) -> None:
    shown_with(page, edge, **display)
    page.evaluate("history.pushState({}, '', '/two')")
    until(lambda: said(edge, RELEASED) == [{"reservation": "r1", "reason": reason}])
    assert "_message_open" not in edge.names()


def test_all_conditions_hold_together(page: Page, edge: FakeEdge) -> None:
    shown_with(page, edge, returning=True, scrollPercent=50)
    page.evaluate("scrollTo(0, 3000)")
    page.wait_for_timeout(250)
    assert not is_shown(page)
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(HIDE, True)
    page.evaluate(HIDE, False)
    assert not is_shown(page)
    page.evaluate("scrollTo(0, 3000)")
    expect(page.locator(MESSAGE)).to_have_count(1)


def test_a_holdout_waits_for_the_same_conditions(page: Page, edge: FakeEdge) -> None:
    held = message(holdout=True, display={"requires": [".price"], "embed": {"selector": "main", "place": "append"}}, kind="embed")
    del held["html"]
    edge.pages["/"] = "<p>Nothing to stand in.</p>"
    edge.answers = [{"messages": [held]}]
    page.goto(edge.site)
    until(lambda: edge.requests)
    page.evaluate("document.body.innerHTML = '<p class=price>1</p>'")
    page.wait_for_timeout(250)
    assert "_message_open" not in edge.names()
    page.evaluate("document.body.innerHTML += '<main></main>'")
    until(lambda: said(edge, "_message_open") == [{"reservation": "r1"}])
    assert page.locator(MESSAGE).count() == 0


@pytest.mark.parametrize(("width", "margin", "corner"), [(390, 8, "bottom"), (1280, 40, "top")])
def test_a_phone_may_have_another_place(browser: Browser, edge: FakeEdge, width: int, margin: int, corner: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    phone = {"position": "bottom-left", "margin": 8}
    shown_with(page, edge, position="top-left", margin=40, phone=phone, zIndex=7)
    box = page.locator(".omo-frame").bounding_box()
    assert box is not None
    assert box["x"] == margin
    assert (box["y"] if corner == "top" else 800 - box["y"] - box["height"]) == margin
    assert int(page.locator(MESSAGE).evaluate("e => getComputedStyle(e).zIndex")) in range(7, 40)
    context.close()


@pytest.mark.parametrize("kind", ["modal", "notification", "bar"])
def test_nothing_on_the_page_moves_for_a_message_over_it(desktop: Page, edge: FakeEdge, kind: str) -> None:
    desktop.add_init_script(
        """window.moved = 0;
        new PerformanceObserver(all => all.getEntries().forEach(one => moved += one.value)).observe({ type: "layout-shift" });"""
    )
    edge.pages["/"] = "<style>html { display: grid; gap: 40px } body { background: #eee; min-height: 90vh }</style><p>Top</p>"
    desktop.goto(edge.site)
    desktop.wait_for_function("window.omotenashi?.loaded")
    before = desktop.evaluate("document.documentElement.scrollHeight")
    edge.answers = [{"messages": [message(kind=kind)]}]
    desktop.evaluate("omotenashi('track', 'tea')")
    expect(desktop.locator(MESSAGE)).to_have_count(1)
    desktop.wait_for_timeout(300)
    assert desktop.evaluate("[moved, document.documentElement.scrollHeight]") == [0, before]
