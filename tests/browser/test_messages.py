"""Messages in a page: when they come, what is reported, how they behave under the hand."""

from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.fake_edge import FakeEdge, until
from tests.browser.tabs import keep
from tests.browser.templates import rendered

MESSAGE = "[data-omotenashi-message]"
HTML = (
    '<div style="background:#fff;padding:24px"><h2>茶</h2><a href="/tea" data-omotenashi-click="tea">見る</a> '
    "<button data-omotenashi-close>閉じる</button></div>"
)


def message(**given: Any) -> dict[str, Any]:
    """A message as the edge sends it."""
    return {
        "reservation": "r1",
        "campaign": "welcome",
        "action": "d1K",
        "kind": "notification",
        "until": 0,
        "validMs": 30_000,
        "display": {},
        "html": HTML,
        **given,
    }


def said(edge: FakeEdge, name: str) -> list[dict[str, Any]]:
    return [event["values"] for event in edge.events(name)]


def test_a_message_is_shown_and_its_opening_is_reported(page: Page, edge: FakeEdge) -> None:
    edge.answers = [{"messages": [message()]}]
    page.goto(edge.site)
    expect(page.locator(MESSAGE).get_by_role("heading", name="茶")).to_be_visible()
    until(lambda: said(edge, "_message_open") == [{"reservation": "r1"}])


def test_an_opening_that_cannot_be_sent_is_on_disk_before_the_message_is_painted(page: Page, edge: FakeEdge) -> None:
    page.add_init_script(
        """new MutationObserver(() => {
          if (document.querySelector("[data-omotenashi-message]") && window.keptAtPaint === undefined)
            window.keptAtPaint = Object.values(localStorage).some(text => text.includes("_message_open"));
        }).observe(document, { childList: true, subtree: true })"""
    )
    edge.answers = [{"messages": [message()]}]
    page.goto(edge.site)
    expect(page.locator(MESSAGE)).to_have_count(1)
    assert page.evaluate("window.keptAtPaint") is True


def test_a_holdout_reports_its_moment_and_shows_nothing(page: Page, edge: FakeEdge) -> None:
    held = {**message(holdout=True, display={"delayMs": 300})}
    del held["html"]
    edge.answers = [{"messages": [held]}]
    page.goto(edge.site)
    until(lambda: said(edge, "_message_open") == [{"reservation": "r1"}])
    assert page.locator(MESSAGE).count() == 0


def test_it_waits_until_the_page_is_scrolled_far_enough(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = '<div style="height:4000px"></div>'
    edge.answers = [{"messages": [message(display={"scrollPercent": 50})]}]
    page.goto(edge.site)
    until(lambda: edge.requests)
    page.wait_for_timeout(300)
    assert page.locator(MESSAGE).count() == 0
    page.evaluate("scrollTo(0, 2000)")
    expect(page.locator(MESSAGE)).to_have_count(1)


def test_it_is_not_painted_when_its_lease_is_over_and_gives_its_place_back(page: Page, edge: FakeEdge) -> None:
    edge.answers = [{"messages": [message(validMs=400, display={"delayMs": 1500})]}]
    page.goto(edge.site)
    until(lambda: said(edge, "_release") == [{"reservation": "r1", "reason": "delay"}])
    page.wait_for_timeout(1500)
    assert page.locator(MESSAGE).count() == 0
    assert said(edge, "_message_open") == []


def test_a_message_that_never_opened_is_released_when_the_visitor_leaves(page: Page, edge: FakeEdge) -> None:
    edge.answers = [{"messages": [message(display={"delayMs": 20_000})]}]
    page.goto(edge.site)
    until(lambda: edge.requests)
    page.wait_for_timeout(100)
    page.goto("about:blank")
    until(lambda: said(edge, "_release") == [{"reservation": "r1", "reason": "delay"}])
    assert edge.requests[-1]["fetch"] is False


def test_an_open_message_closes_with_its_page(page: Page, edge: FakeEdge) -> None:
    edge.answers = [{"messages": [message()]}]
    page.goto(edge.site)
    expect(page.locator(MESSAGE)).to_have_count(1)
    page.evaluate("history.pushState({}, '', '/two')")
    expect(page.locator(MESSAGE)).to_have_count(0)
    until(lambda: said(edge, "_message_close") == [{"reservation": "r1", "by": "navigation"}])


def test_a_click_that_leaves_the_page_is_reported_all_the_same(page: Page, edge: FakeEdge) -> None:
    edge.answers = [{"messages": [message()]}]
    page.goto(edge.site)
    page.get_by_role("link", name="見る").click()
    page.wait_for_url(f"{edge.site}/tea")
    until(lambda: said(edge, "_message_click") == [{"reservation": "r1", "name": "tea", "url": f"{edge.site}/tea"}])


@pytest.mark.parametrize("by", ["button", "escape", "backdrop"])
def test_a_modal_is_closed_in_three_ways_and_gives_the_focus_back(page: Page, edge: FakeEdge, by: str) -> None:
    edge.pages["/"] = "<button id=\"before\" onclick=\"void omotenashi('track','tea')\">before</button>"
    page.goto(edge.site)
    until(lambda: edge.requests)
    edge.answers = [{"messages": [message(kind="modal")]}]
    page.click("#before")
    dialog = page.get_by_role("dialog", name="茶")
    expect(dialog).to_be_visible()
    if by == "button":
        dialog.get_by_role("button", name="閉じる").click()
    elif by == "escape":
        page.keyboard.press("Escape")
    else:
        page.mouse.click(10, 10)
    expect(page.locator(MESSAGE)).to_have_count(0)
    until(lambda: said(edge, "_message_close") == [{"reservation": "r1", "by": by}])
    assert page.evaluate("document.activeElement.id") == "before"


def test_tab_stays_inside_a_modal(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = '<a href="/x">outside</a>'
    edge.answers = [{"messages": [message(kind="modal")]}]
    page.goto(edge.site)
    expect(page.get_by_role("dialog")).to_be_visible()
    focused = "document.activeElement.shadowRoot?.activeElement?.textContent"
    walk = []
    for _ in range(3):
        page.keyboard.press("Tab")
        walk.append(page.evaluate(focused))
    assert walk == ["見る", "閉じる", "見る"]
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(focused) == "閉じる"


def test_a_notification_takes_no_focus_and_closes_by_itself_unless_the_hand_is_on_it(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = '<input id="field" autofocus>'
    edge.answers = [{"messages": [message(display={"hideAfterMs": 60_000})]}]
    page.clock.install()
    page.goto(edge.site)
    expect(page.locator(MESSAGE)).to_have_count(1)
    assert page.evaluate("document.activeElement.id") == "field"
    page.get_by_role("heading", name="茶").hover()
    page.clock.fast_forward(120_000)
    assert page.locator(MESSAGE).count() == 1
    page.mouse.move(5, 5)
    page.clock.fast_forward(61_000)
    expect(page.locator(MESSAGE)).to_have_count(0)
    until(lambda: said(edge, "_message_close") == [{"reservation": "r1", "by": "timer"}])


def test_the_site_cannot_restyle_a_message_and_the_message_cannot_restyle_the_site(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = "<style>h2 { color: rgb(255, 0, 0) !important; font-size: 99px }</style><h2>site</h2>"
    edge.answers = [{"messages": [message(css="h2 { color: rgb(0, 0, 255); font-size: 20px }")]}]
    page.goto(edge.site)
    look = "e => [getComputedStyle(e).color, getComputedStyle(e).fontSize]"
    assert page.get_by_role("heading", name="茶").evaluate(look) == ["rgb(0, 0, 255)", "20px"]
    assert page.get_by_role("heading", name="site").evaluate(look) == ["rgb(255, 0, 0)", "99px"]


def test_nothing_moves_for_those_who_asked_for_less_motion(browser: Browser, edge: FakeEdge) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    edge.answers = [{"messages": [message(kind="modal")]}]
    page.goto(edge.site)
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.get_by_role("dialog").evaluate("e => getComputedStyle(e).animationName") == "none"
    context.close()


def script(code: str, **given: Any) -> dict[str, Any]:
    """A message that only runs code."""
    bare = message(kind="script", script=code, **given)
    del bare["html"]
    return bare


def test_a_script_runs_under_a_strict_policy(page: Page, edge: FakeEdge) -> None:
    edge.policy = f"default-src 'none'; script-src 'nonce-n0nce'; connect-src {edge.endpoint}; style-src 'none'"
    edge.answers = [{"messages": [script("document.title = widget.action; widget.click('ran');")]}]
    page.goto(edge.site)
    until(lambda: edge.names()[-2:] == ["_message_open", "_message_click"])
    assert page.title() == "d1K"
    assert said(edge, "_message_open") == [{"reservation": "r1"}]
    assert said(edge, "_message_click") == [{"reservation": "r1", "name": "ran"}]


def test_a_script_that_throws_is_reported_and_its_place_given_back(page: Page, edge: FakeEdge) -> None:
    thrower = message(script="widget.track('never'); widget.element.remove(); throw new Error('mine')")
    edge.answers = [{"messages": [thrower]}]
    page.goto(f"{edge.site}/tea")
    until(lambda: "_release" in edge.names())
    assert edge.names() == ["view", "_error", "_release"]
    (error,) = said(edge, "_error")
    assert error["message"] == "mine"
    assert error["url"] == f"{edge.site}/tea"
    assert "Error: mine" in error["stack"]
    assert said(edge, "_release") == [{"reservation": "r1", "reason": "failed"}]
    assert page.locator(MESSAGE).count() == 0


def test_a_script_that_the_pages_policy_refuses_has_failed(page: Page, edge: FakeEdge) -> None:
    edge.policy = f"script-src {edge.endpoint}; connect-src {edge.endpoint}"
    edge.answers = [{"messages": [script("document.title = 'ran'")]}]
    page.goto(edge.site)
    page.wait_for_function("window.omotenashi?.loaded")
    page.evaluate("endpoint => void omotenashi('init', { key: 'public-key', endpoint })", edge.endpoint)
    until(lambda: said(edge, "_release") == [{"reservation": "r1", "reason": "failed"}])
    assert "policy" in said(edge, "_error")[0]["message"]
    assert page.title() == "/"


def test_a_message_is_dressed_under_a_strict_policy(page: Page, edge: FakeEdge) -> None:
    edge.policy = f"default-src 'none'; script-src 'nonce-n0nce'; connect-src {edge.endpoint}; style-src 'none'"
    edge.answers = [{"messages": [message(kind="bar", css="h2 { color: rgb(0, 0, 255) }")]}]
    page.goto(edge.site)
    heading = page.get_by_role("heading", name="茶")
    assert heading.evaluate("e => getComputedStyle(e).color") == "rgb(0, 0, 255)"
    assert page.locator(".omo").evaluate("e => getComputedStyle(e).position") == "fixed"


def test_an_answer_for_a_page_view_that_is_gone_is_given_back(page: Page, edge: FakeEdge) -> None:
    page.goto(edge.site)
    until(lambda: edge.requests)
    edge.answers = [{"messages": [message()]}]
    page.wait_for_timeout(100)  # requests begin 50 ms apart: this one shall be on its way when the page turns
    page.evaluate("void omotenashi('track', 'tea'); setTimeout(() => history.pushState({}, '', '/two'), 0)")
    given_back = [{"reservation": "r1", "reason": "wrong_page"}]
    until(lambda: said(edge, "_release") == given_back or said(edge, "_message_close") != [])
    assert page.locator(MESSAGE).count() == 0


def test_opting_out_takes_an_open_message_away(page: Page, edge: FakeEdge) -> None:
    edge.answers = [{"messages": [message()]}]
    page.goto(edge.site)
    expect(page.locator(MESSAGE)).to_have_count(1)
    page.evaluate("omotenashi('optOut')")
    assert page.locator(MESSAGE).count() == 0


@pytest.mark.parametrize(("scheme", "width", "height"), [("light", 390, 844), ("dark", 1280, 800)])
def test_the_demos_messages_fit(
    browser: Browser, edge: FakeEdge, scheme: Literal["light", "dark"], width: int, height: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce", locale="ja-JP"
    )
    page = context.new_page()
    for shown in rendered("ja"):
        given = {"kind": shown.kind, "html": shown.html, "css": shown.css, "display": {"position": shown.position}}
        edge.answers = [{"messages": [message(reservation=shown.campaign, **given)]}]
        page.goto(f"{edge.site}/{shown.campaign}")
        box = page.locator(".omo-frame").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height
        keep(page, f"message-{shown.campaign}-{scheme}-{width}")
    context.close()
