"""Pages that make it hard: the tag does its work or leaves it, and the page never suffers."""

import json
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from tests.browser.expect_sent import expect_sent
from tests.browser.fake_edge import STUB, FakeEdge, until
from tests.browser.tabs import FLAGS, chromium, keep
from tests.browser.test_messages import MESSAGE, message, said

PAGES = Path(__file__).parent / "torture"
SCRIPT = "widget.track('ran', {})"
VIOLATIONS = (
    "window.refused=[];document.addEventListener('securitypolicyviolation',e=>refused.push(e.violatedDirective+' '+e.blockedURI))"
)


def opening(edge: FakeEdge, page: Page, path: str = "/") -> Callable[[], object]:
    return lambda: page.goto(f"{edge.site}{path}")


# Content security policies


def test_a_strict_policy_with_a_nonce_and_trusted_types_refuses_nothing(page: Page, edge: FakeEdge) -> None:
    edge.policy = (
        f"default-src 'none'; script-src 'nonce-n0nce' 'strict-dynamic'; connect-src {edge.endpoint}; style-src 'nonce-n0nce'; "
        "base-uri 'none'; require-trusted-types-for 'script'; trusted-types omotenashi"
    )
    page.add_init_script(VIOLATIONS)
    place = "position:fixed;right:20px;bottom:20px;width:200px;height:60px"
    edge.pages["/"] = f'<style nonce="n0nce">.cart{{{place}}}</style><a class="cart" href="/cart">Cart</a>'
    html = "<h2>茶</h2><button data-omotenashi-close>閉じる</button>"
    edge.answers = [{"messages": [message(html=html, script=SCRIPT, css="h2 { width: 300px; color: rgb(0, 0, 255) }")]}]
    expect_sent(edge, page, when=opening(edge, page), sent=["view", "_message_open"], unsent=["_error", "_release"])
    until(lambda: {"ran", "_message_conflict"} <= set(edge.names()))
    assert page.get_by_role("heading").evaluate("e => getComputedStyle(e).color") == "rgb(0, 0, 255)"
    expect_sent(edge, page, when=lambda: page.get_by_role("button", name="閉じる").click(), sent=["_message_close"])
    assert page.evaluate("refused") == []


def test_a_policy_without_inline_scripts_shows_messages_and_refuses_only_their_scripts(page: Page, edge: FakeEdge) -> None:
    loader = f'{STUB}omotenashi("init",{json.dumps({"key": "public-key", "endpoint": edge.endpoint})});'
    tags = f'<script src="/site.js"></script><script async src="{edge.endpoint}/tag.js"></script>'
    page.route(f"{edge.site}/site.js", lambda route: route.fulfill(content_type="text/javascript", body=loader))
    edge.pages["/"] = f'<!doctype html><html lang="ja">{tags}<p>Tea</p></html>'
    edge.policy = f"default-src 'self'; script-src 'self' {edge.endpoint}; connect-src {edge.endpoint}; style-src 'self'"
    edge.answers = [{"messages": [message(), message(reservation="r2", action="d2K", script=SCRIPT)]}]
    expect_sent(edge, page, when=opening(edge, page), sent=["view", "_message_open"], unsent=["ran"])
    assert said(edge, "_message_open") == [{"reservation": "r1"}]
    assert said(edge, "_release") == [{"reservation": "r2", "reason": "failed"}]
    assert [error["reservation"] for error in said(edge, "_error")] == ["r2"]
    expect(page.locator(MESSAGE)).to_have_count(1)
    assert page.locator(".omo").evaluate("e => getComputedStyle(e).position") == "fixed"


def test_where_no_trusted_type_is_allowed_the_page_is_measured_and_the_message_given_back(page: Page, edge: FakeEdge) -> None:
    edge.policy = (
        f"script-src 'nonce-n0nce'; connect-src {edge.endpoint}; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    edge.answers = [{"messages": [message()]}]
    expect_sent(edge, page, when=opening(edge, page), sent=["view", "_release"], unsent=["_message_open"])
    assert said(edge, "_release") == [{"reservation": "r1", "reason": "failed"}]
    assert page.locator(MESSAGE).count() == 0
    assert page.evaluate("omotenashi('track', 'tea')") == {"ok": True}


# Styles


@pytest.mark.parametrize("kind", ["notification", "modal", "bar"])
def test_hostile_styles_do_not_reach_a_message(page: Page, edge: FakeEdge, kind: str) -> None:
    edge.pages["/"] = (PAGES / "hostile.html").read_text("utf-8")
    edge.answers = [{"messages": [message(kind=kind)]}]
    expect_sent(edge, page, when=opening(edge, page), sent=["_message_open"])
    keep(page, f"torture-hostile-{kind}")
    box = page.locator(".omo-frame").bounding_box()
    assert box is not None
    assert box["width"] > 100
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 844
    style = "e => { const s = getComputedStyle(e); return [s.display, s.visibility, s.opacity, s.writingMode] }"
    assert page.locator(f"{MESSAGE} h2").evaluate(style) == ["block", "visible", "1", "horizontal-tb"]
    page.get_by_role("link", name="見る").click(trial=True)
    expect_sent(edge, page, when=lambda: page.get_by_role("button", name="閉じる").click(), sent=["_message_close"])


# Single-page applications


def test_a_storm_of_routes_in_one_turn_is_one_view_and_each_turn_is_one_more(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = (PAGES / "app.html").read_text("utf-8")
    expect_sent(edge, page, when=opening(edge, page), sent=["view"])
    storm = "() => { for (let n = 0; n < 50; n++) go('/storm/' + n) }"
    told = expect_sent(edge, page, when=lambda: page.evaluate(storm), sent=["view"], unsent=["_error"])
    assert [event["name"] for event in told].count("view") == 1
    turns = "async () => { for (let n = 0; n < 50; n++) { go('/turn/' + n); await new Promise(go => setTimeout(go)); } }"
    told = expect_sent(edge, page, when=lambda: page.evaluate(turns), sent=["view"] * 50)
    views = [event for event in told if event["name"] == "view"]
    assert len({event["id"] for event in views}) == len(views) == 50
    assert len(edge.requests) < 40


def test_a_message_outlives_a_body_that_is_made_anew_and_leaves_with_its_view(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = (PAGES / "app.html").read_text("utf-8")
    edge.answers = [{"messages": [message()]}]
    expect_sent(edge, page, when=opening(edge, page), sent=["_message_open"])
    page.evaluate("() => { for (let n = 0; n < 20; n++) render() }")
    expect(page.locator(MESSAGE)).to_have_count(1)
    expect_sent(edge, page, when=lambda: page.evaluate("go('/two')"), sent=["_message_close", "view"], unsent=["_message_open"])
    expect(page.locator(MESSAGE)).to_have_count(0)


# Pages that come back, wait, or live inside others


@pytest.fixture(scope="module")
def remembering(browser: Browser) -> Iterator[Browser]:
    """A Chromium that keeps pages for going back, as those of visitors do and those of tests do not."""
    flag = "--disable-back-forward-cache"
    launched = browser.browser_type.launch(executable_path=chromium(whole=True), args=FLAGS, ignore_default_args=[flag])
    yield launched
    launched.close()


def test_a_page_out_of_the_back_forward_cache_is_a_new_view_and_shows_nothing_twice(remembering: Browser, edge: FakeEdge) -> None:
    edge.caching = "max-age=60"
    context = remembering.new_context()
    page = context.new_page()
    page.add_init_script("addEventListener('pageshow', event => { window.persisted = event.persisted })")
    edge.pages["/one"] = '<a id="on" href="/two">on</a>'
    edge.answers = [{"messages": [message()]}]
    expect_sent(edge, page, when=opening(edge, page, "/one"), sent=["view", "_message_open"])
    expect_sent(edge, page, when=lambda: page.click("#on"), sent=["_message_close", "view"])
    back = "void setTimeout(() => history.back(), 0)"
    told = expect_sent(edge, page, when=lambda: page.evaluate(back), sent=["view"], unsent=["_message_open", "_message_close"])
    assert page.evaluate("window.persisted") is True
    assert [event["name"] for event in told].count("view") == 1
    last = [request["page"] for request in edge.requests if request["fetch"]]
    assert last[-1]["url"] == f"{edge.site}/one"
    assert len({view["id"] for view in last}) == 3
    assert page.locator(MESSAGE).count() == 0
    context.close()


def test_a_prerendered_page_is_silent_until_somebody_looks_at_it(page: Page, edge: FakeEdge) -> None:
    # Chromium under a debugger only prefetches, so the page is told what the browser would tell it.
    page.add_init_script(
        "let waits = true; Object.defineProperty(document, 'prerendering', { get: () => waits, configurable: true });"
        "window.activate = () => { waits = false; document.dispatchEvent(new Event('prerenderingchange')) }"
    )
    edge.answers = [{"messages": [message()]}]
    expect_sent(edge, page, when=opening(edge, page), unsent=["view", "_visibility"])
    assert page.locator(MESSAGE).count() == 0
    expect_sent(edge, page, when=lambda: page.evaluate("activate()"), sent=["view", "_message_open"])


def test_a_page_in_a_page_of_the_same_site_is_not_a_view_and_its_events_are_told_outside(page: Page, edge: FakeEdge) -> None:
    edge.pages["/inner"] = "<button onclick=\"omotenashi('track','tea')\">tea</button>"
    edge.pages["/"] = '<iframe src="/inner" title="inner"></iframe>'
    expect_sent(edge, page, when=opening(edge, page), sent=["view"])
    inner = page.frame_locator("iframe")
    told = expect_sent(edge, page, when=lambda: inner.get_by_role("button").click(), sent=["tea"], unsent=["view"])
    assert [event["name"] for event in told] == ["tea"]
    assert {request["page"]["url"] for request in edge.requests} == {f"{edge.site}/"}
    assert len({request["visitor"] for request in edge.requests}) == 1


# Several tabs


def test_tabs_are_one_visitor_with_a_view_each_and_send_nothing_twice(context: BrowserContext, edge: FakeEdge) -> None:
    tabs = [context.new_page() for _ in range(3)]
    for tab in tabs:
        tab.goto(edge.site)
    until(lambda: edge.names().count("view") == 3)
    for number, tab in enumerate(tabs):
        tab.evaluate("number => omotenashi('track', 'tab', { number })", number)
    tabs[0].close()
    tabs[1].evaluate("omotenashi('track', 'late')")
    sent = Counter(event["id"] for request in edge.requests for event in request["events"] if event["name"] != "_visibility")
    assert max(sent.values()) == 1
    assert edge.names().count("tab") == 3
    assert len({request["visitor"] for request in edge.requests}) == 1
    assert len({request["page"]["id"] for request in edge.requests}) == 3


# Nowhere to keep things


def test_without_any_storage_messages_are_shown_and_scripts_keep_what_they_can(page: Page, edge: FakeEdge) -> None:
    page.add_init_script(
        """const no = () => { throw new DOMException("no", "SecurityError"); };
        for (const name of ["localStorage", "sessionStorage", "indexedDB"]) Object.defineProperty(window, name, { get: no });
        Object.defineProperty(Document.prototype, "cookie", { get: no, set: no });"""
    )
    script = "widget.storage.set('step', '2'); widget.track('ran', { step: widget.storage.get('step') })"
    edge.answers = [{"messages": [message(script=script)]}]
    expect_sent(edge, page, when=opening(edge, page), sent=["view", "_message_open"], unsent=["_error", "_release"])
    until(lambda: "ran" in edge.names())
    expect_sent(edge, page, when=lambda: page.get_by_role("button", name="閉じる").click(), sent=["_message_close"])


# Servers that are gone, silent, failing, slow, or blocked


@contextmanager
def silent() -> Iterator[str]:
    """An address that takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=64)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def gone() -> Iterator[str]:
    """An address where nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    yield address


def usable(page: Page) -> None:
    """The page is there, its own scripts run, and what it says to the tag throws nothing."""
    page.wait_for_function("document.readyState !== 'loading'")
    page.evaluate("() => { omotenashi('track', 'tea', { n: 1 }); omotenashi('identify', 'hanako'); }")
    page.get_by_role("button", name="Buy").click()
    assert page.title() == "bought"


BUY = "<button onclick=\"document.title='bought';omotenashi('track','buy')\">Buy</button>"


@pytest.mark.parametrize("dead", [gone, silent])
def test_a_page_whose_edge_never_answers_is_a_page_without_a_tag(page: Page, edge: FakeEdge, dead: Any) -> None:
    edge.pages["/"] = BUY
    with dead() as address:
        edge.endpoint = address  # the tag's file is asked for there too
        page.goto(edge.site, wait_until="commit")
        usable(page)
        assert page.evaluate("omotenashi.q.length") == 4


@pytest.mark.parametrize("dead", [gone, silent])
def test_what_a_silent_edge_did_not_take_is_told_when_it_lives_again(page: Page, edge: FakeEdge, dead: Any) -> None:
    edge.pages["/"] = edge.pages["/later"] = BUY
    with dead() as address:
        edge.init = json.dumps({"endpoint": address})
        page.goto(edge.site)
        page.wait_for_function("omotenashi.loaded")
        usable(page)
        edge.init = ""
        told = expect_sent(edge, page, when=opening(edge, page, "/later"), sent=["view", "tea", "identify", "buy", "view"])
    assert [event.get("offline", False) for event in told if event["name"] == "buy"] == [True]


def test_a_failing_edge_is_asked_less_and_less(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = BUY
    edge.down = True
    page.goto(edge.site)
    until(lambda: len(edge.requests) >= 1)
    usable(page)
    begun = time.monotonic()
    until(lambda: len(edge.requests) >= 3, 10)
    assert time.monotonic() - begun > 1
    edge.down = False
    until(lambda: page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('_omo.q.')).length") == 0, 12)
    assert edge.names()[:1] == ["view"]
    assert Counter(edge.names())["buy"] == 1


def test_a_slow_edge_delays_only_itself(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = BUY
    held: list[Route] = []
    page.route("**/v1/track", lambda route: held.append(route))
    edge.answers = [{"messages": [message()]}]
    page.goto(edge.site)
    until(lambda: page.evaluate("1") and held)
    usable(page)
    assert len(held) == 1  # one request at a time
    held.pop().continue_()
    expect(page.locator(MESSAGE)).to_have_count(1)
    page.unroute_all(behavior="ignoreErrors")


def test_where_lists_block_the_usual_paths_the_sites_own_path_works(page: Page, edge: FakeEdge) -> None:
    page.route(f"{edge.endpoint}/**", lambda route: route.abort("blockedbyclient"))
    edge.pages["/"] = BUY
    page.goto(edge.site, wait_until="commit")
    usable(page)
    assert edge.requests == []
    edge.endpoint = f"{edge.site}/o"
    edge.answers = [{"messages": [message(script=SCRIPT)]}]
    expect_sent(edge, page, when=opening(edge, page), sent=["view", "_message_open"])
    until(lambda: "ran" in edge.names())


# Size


def test_on_a_page_of_50_000_elements_a_message_opens_and_watches_only_while_it_waits(page: Page, edge: FakeEdge) -> None:
    page.add_init_script(
        """window.watching = new Set();
        const { observe, disconnect } = MutationObserver.prototype;
        MutationObserver.prototype.observe = function (...args) { watching.add(this); return observe.apply(this, args); };
        MutationObserver.prototype.disconnect = function () { watching.delete(this); return disconnect.apply(this); };"""
    )
    rows = "".join(f'<p><span>{n}</span><a href="/items/{n}">item</a><i>x</i><b>y</b></p>' for n in range(10_000))
    buy = '<button id="buy" style="position:fixed;right:20px;bottom:20px;width:300px;height:60px">Buy</button>'
    edge.pages["/"] = f"<main>{rows}</main>{buy}"
    edge.answers = [{"messages": [message(display={"requires": [".ready"]})]}]
    expect_sent(edge, page, when=opening(edge, page), sent=["view"], unsent=["_message_open"])
    assert page.evaluate("watching.size") == 1
    ready = "document.querySelector('main').append(Object.assign(document.createElement('p'), { className: 'ready' }))"
    expect_sent(edge, page, when=lambda: page.evaluate(ready), sent=["_message_open", "_message_conflict"])
    assert page.evaluate("watching.size") == 0
    assert said(edge, "_message_conflict")[0]["selector"] == "#buy"
