"""Where a page makes trouble it says so, by place and number, and never a word of what was entered or written."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.browser.fake_edge import FakeEdge, until

SECRET = "hunter-secret"
PAGE = f"""
<button id="dead-1234567">Nothing</button>
<button id="alive" onclick="this.textContent = 'Done'">Something</button>
<p class="map" style="height:120px">A map</p>
<form id="order" onsubmit="return false"><input name="card"><input name="mail"><button>Send</button></form>
<a href="/two">Two</a>
<script>
  function trouble() {{
    console.error("could not send {SECRET}");
    const error = new TypeError("no {SECRET} here");
    window.dispatchEvent(new ErrorEvent("error", {{ error, message: error.message, filename: "/a.js?{SECRET}", lineno: 7 }}));
    const promise = Promise.resolve();
    window.dispatchEvent(new PromiseRejectionEvent("unhandledrejection", {{ promise, reason: new RangeError("{SECRET}") }}));
    fetch("/missing/{"7" * 12}?token={SECRET}").catch(() => undefined);
    const asked = new XMLHttpRequest();
    asked.open("POST", "/gone?mail={SECRET}");
    asked.send();
  }}
</script>
"""


@pytest.fixture
def troubled(edge: FakeEdge) -> FakeEdge:
    """An edge whose project wants to know, and a page with all kinds of trouble."""
    edge.answering = lambda body: {"friction": True} if any(one["name"] == "view" for one in body["events"]) else {}
    edge.pages["/"] = PAGE
    return edge


def opened(page: Page, edge: FakeEdge) -> None:
    page.goto(f"{edge.site}/")
    page.wait_for_function("window.omotenashi && omotenashi.parts && omotenashi.parts.friction")


def values(edge: FakeEdge, name: str) -> list[dict[str, Any]]:
    return [event["values"] for event in edge.events(name)]


def test_nothing_is_loaded_where_nobody_wants_to_know(page: Page, edge: FakeEdge) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(edge.site)
    until(lambda: edge.names() == ["view"])
    page.evaluate("console.error('x')")
    page.evaluate("omotenashi('track', 'last')")
    until(lambda: "last" in edge.names())
    assert edge.names() == ["view", "last"]
    assert not any("friction.js" in url for url in asked)


def test_a_click_that_nothing_answers_is_dead_and_one_that_changes_the_page_is_not(page: Page, troubled: FakeEdge) -> None:
    opened(page, troubled)
    page.locator("#alive").click()
    page.wait_for_timeout(1_100)
    page.locator("#dead-1234567").click()
    until(lambda: values(troubled, "_dead_click"))
    page.locator("#dead-1234567").click()
    until(lambda: len(values(troubled, "_dead_click")) == 2)
    assert values(troubled, "_dead_click") == [{"selector": "button#dead-*"}] * 2


def test_three_clicks_at_one_place_are_rage_once(page: Page, troubled: FakeEdge) -> None:
    opened(page, troubled)
    page.locator(".map").click(click_count=4)
    until(lambda: values(troubled, "_rage_click"))
    page.evaluate("omotenashi('track', 'last')")
    until(lambda: "last" in troubled.names())
    assert values(troubled, "_rage_click") == [{"selector": "p.map", "clicks": 3}]


def test_errors_and_failed_requests_are_told_without_what_they_say(page: Page, troubled: FakeEdge) -> None:
    page.route(lambda url: "/missing/" in url or "/gone" in url, lambda route: route.fulfill(status=404, body="no"))
    opened(page, troubled)
    with page.expect_response(re.compile("/missing/")), page.expect_response(re.compile("/gone")):
        page.evaluate("trouble()")
    page.evaluate("omotenashi('track', 'last')")
    until(lambda: "last" in troubled.names() and len(values(troubled, "_request_failed")) == 2)
    told = {(one["kind"], one["name"], one["file"], one["line"]) for one in values(troubled, "_console_error")}
    assert told == {("console", "", "", 0), ("error", "TypeError", f"{troubled.site}/a.js", 7), ("promise", "RangeError", "", 0)}
    failed = {
        (one["method"], one["url"].removeprefix(troubled.site), one["status"]) for one in values(troubled, "_request_failed")
    }
    assert failed == {("GET", "/missing/*", 404), ("POST", "/gone", 404)}
    assert SECRET not in json.dumps([event for event in troubled.events() if event["name"].startswith("_")])


def test_no_more_than_five_of_a_kind_are_told_of_a_page(page: Page, troubled: FakeEdge) -> None:
    opened(page, troubled)
    page.evaluate("for (let n = 0; n < 50; n++) console.error(n)")
    page.evaluate("omotenashi('track', 'last')")
    until(lambda: "last" in troubled.names())
    assert len(values(troubled, "_console_error")) == 5


def test_a_form_that_is_left_and_the_speed_are_told_when_the_page_goes(page: Page, troubled: FakeEdge) -> None:
    opened(page, troubled)
    page.locator("[name=card]").press_sequentially(SECRET)
    page.locator("[name=mail]").press_sequentially("a")
    page.goto(f"{troubled.site}/two")
    until(lambda: values(troubled, "_form_abandon") and values(troubled, "_web_vitals"))
    assert values(troubled, "_form_abandon") == [{"form": "form#order", "fields": 2, "last": "form#order > input"}]
    (speed,) = values(troubled, "_web_vitals")
    assert speed["cls"] >= 0
    assert speed["ttfb"] >= 0
    assert SECRET not in json.dumps(troubled.requests)


def test_a_form_that_was_sent_is_not_given_up(page: Page, troubled: FakeEdge) -> None:
    opened(page, troubled)
    page.locator("[name=card]").press_sequentially("1")
    page.get_by_role("button", name="Send").click()
    page.goto(f"{troubled.site}/two")
    until(lambda: values(troubled, "_web_vitals"))
    assert values(troubled, "_form_abandon") == []


def test_who_comes_back_at_once_is_told_with_the_page_they_left(page: Page, troubled: FakeEdge) -> None:
    opened(page, troubled)
    page.get_by_role("link", name="Two").click()
    page.wait_for_function("location.pathname === '/two' && window.omotenashi && omotenashi.parts && omotenashi.parts.friction")
    page.go_back()
    until(lambda: values(troubled, "_quick_back"))
    (back,) = values(troubled, "_quick_back")
    assert back["url"] == f"{troubled.site}/two"
    assert 0 <= back["ms"] < 5_000
