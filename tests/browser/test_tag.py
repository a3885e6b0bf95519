"""The tag in a page: do this; these requests are sent; these are not."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page
from tests.browser.fake_edge import STUB, FakeEdge, until

NOTHING_STORED = "[localStorage.length, document.cookie]"
HIDE = """hidden => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => hidden ? "hidden" : "visible" });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_page_sends_one_request_with_what_was_queued_before_its_view(page: Page, edge: FakeEdge) -> None:
    edge.before_tag = 'omotenashi("track","cart",{in_cart_price:4500});'
    page.goto(f"{edge.site}/tea?utm_source=mail")
    until(lambda: edge.requests)
    page.wait_for_timeout(200)
    assert len(edge.requests) == 1
    request = edge.requests[0]
    assert edge.content_types == ["text/plain"]
    assert [event["name"] for event in request["events"]] == ["cart", "view"]
    assert request["events"][0]["values"] == {"in_cart_price": 4500}
    assert request["key"] == "public-key"
    assert re.fullmatch(r"[A-Za-z0-9_-]{26}", request["visitor"])
    assert request["fetch"] is True
    assert request["language"] == "ja"
    assert request["page"]["url"] == f"{edge.site}/tea?utm_source=mail"
    assert request["page"]["title"] == "/tea"
    assert request["page"]["visible"] is True
    assert len({event["id"] for event in request["events"]}) == 2
    assert "offline" not in request["events"][1]


def test_a_promise_tells_that_the_edge_has_the_event(page: Page, edge: FakeEdge) -> None:
    edge.answers = [{"rejected": [{"index": 0, "code": "bad_name", "message": "Expected a name."}], "accepted": 1}]
    edge.before_tag = 'window.bad = omotenashi("track","no name"); window.good = omotenashi("track","tea");'
    page.goto(edge.site)
    assert page.evaluate("window.bad") == {"ok": False, "code": "bad_name"}
    assert page.evaluate("window.good") == {"ok": True}
    assert page.evaluate('omotenashi("dance")') == {"ok": False, "code": "unknown_verb"}


def test_the_visitor_is_the_same_on_the_next_page_and_after_losing_either_store(
    page: Page, context: BrowserContext, edge: FakeEdge
) -> None:
    page.goto(edge.site)
    until(lambda: edge.names().count("view") == 1)
    context.clear_cookies()
    page.goto(f"{edge.site}/two")
    until(lambda: edge.names().count("view") == 2)
    page.evaluate("localStorage.clear()")
    page.goto(f"{edge.site}/three")
    until(lambda: edge.names().count("view") == 3)
    assert len({request["visitor"] for request in edge.requests}) == 1


def test_an_opted_out_browser_gets_no_cookie_no_storage_and_sends_nothing(
    page: Page, context: BrowserContext, edge: FakeEdge
) -> None:
    context.add_cookies([{"name": "_omo_out", "value": "1", "url": edge.site}])
    edge.before_tag = 'omotenashi("track","cart",{in_cart_price:1});omotenashi("identify","hanako");'
    page.goto(edge.site)
    page.wait_for_function("omotenashi.loaded")
    assert page.evaluate('omotenashi("track","tea")') == {"ok": False, "code": "opted_out"}
    page.evaluate("history.pushState({}, '', '/elsewhere')")
    page.goto(f"{edge.site}/next")
    page.wait_for_timeout(300)
    assert edge.requests == []
    assert page.evaluate(NOTHING_STORED) == [0, "_omo_out=1"]


def test_opting_out_leaves_nothing_but_its_mark_and_opting_in_starts_anew(page: Page, edge: FakeEdge) -> None:
    page.goto(edge.site)
    until(lambda: edge.requests)
    before = edge.requests[0]["visitor"]
    page.evaluate('omotenashi("optOut")')
    assert page.evaluate("[Object.keys(localStorage), document.cookie]") == [["_omo_out"], "_omo_out=1"]
    page.evaluate('omotenashi("track","tea")')
    page.goto(f"{edge.site}/next")
    page.wait_for_timeout(300)
    assert edge.names() == ["view"]
    assert page.evaluate('omotenashi("optIn")') == {"ok": True}
    assert edge.names() == ["view", "view"]
    assert edge.requests[-1]["visitor"] != before


def test_a_route_change_is_a_new_view_and_a_fragment_is_none(page: Page, edge: FakeEdge) -> None:
    page.goto(f"{edge.site}/one")
    until(lambda: edge.names() == ["view"])
    page.evaluate("history.pushState({}, '', '/two'); document.title = 'Two'")
    until(lambda: edge.names().count("view") == 2)
    page.evaluate("history.replaceState({}, '', '/two#below'); location.hash = 'further'; history.replaceState({}, '', '/two')")
    page.wait_for_timeout(300)
    assert edge.names().count("view") == 2
    views = [request["page"] for request in edge.requests if any(event["name"] == "view" for event in request["events"])]
    assert [urlsplit(view["url"]).path for view in views] == ["/one", "/two"]
    assert views[1]["referrer"] == f"{edge.site}/one"
    assert views[1]["title"] == "Two"
    assert views[0]["id"] != views[1]["id"]


def test_going_back_is_a_view(page: Page, edge: FakeEdge) -> None:
    page.goto(f"{edge.site}/one")
    page.wait_for_function("omotenashi.loaded")
    page.evaluate("history.pushState({}, '', '/two')")
    until(lambda: edge.names().count("view") == 2)
    page.evaluate("history.back()")
    until(lambda: edge.names().count("view") == 3)
    assert urlsplit(edge.requests[-1]["page"]["url"]).path == "/one"


def test_what_was_not_acknowledged_goes_first_on_the_next_page_with_its_own_page(page: Page, edge: FakeEdge) -> None:
    edge.down = True
    page.goto(f"{edge.site}/one")
    page.wait_for_function("omotenashi.loaded")
    page.evaluate('void omotenashi("track","cart",{in_cart_price:4000})')
    until(lambda: edge.requests)
    edge.down = False
    edge.requests.clear()
    page.goto(f"{edge.site}/two")
    until(lambda: any(request["fetch"] for request in edge.requests))
    request = next(request for request in edge.requests if request["fetch"])
    names = [event["name"] for event in request["events"]]
    assert names[:2] == ["view", "cart"]
    assert names[-1] == "view"
    first, last = request["events"][0], request["events"][-1]
    assert first["offline"] is True
    assert first["page"]["url"] == f"{edge.site}/one"
    assert first["page"]["visible"] is False
    assert "offline" not in last
    assert "page" not in last


def test_a_failed_request_is_tried_again_with_the_same_ids(page: Page, edge: FakeEdge) -> None:
    edge.answers = [503, 429]
    page.goto(edge.site)
    until(lambda: len(edge.requests) >= 3, 8)
    ids = [[event["id"] for event in request["events"]] for request in edge.requests]
    assert ids[0] == ids[1] == ids[2]
    page.wait_for_timeout(200)
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('_omo.q.'))") == []


def test_a_page_that_goes_away_says_how_long_it_was_visible(page: Page, edge: FakeEdge) -> None:
    page.goto(f"{edge.site}/one")
    until(lambda: edge.requests)
    page.wait_for_timeout(800)
    page.goto("about:blank")
    until(lambda: "_visibility" in edge.names())
    request = next(one for one in edge.requests if one["events"][-1]["name"] == "_visibility")
    assert request["fetch"] is False
    assert 700 <= request["page"]["visible_ms"] < 5000


def test_hidden_time_is_not_visible_time(page: Page, edge: FakeEdge) -> None:
    page.goto(edge.site)
    until(lambda: edge.requests)
    page.wait_for_timeout(600)
    page.evaluate(HIDE, True)
    until(lambda: "_visibility" in edge.names())
    counted = edge.requests[-1]["page"]["visible_ms"]
    assert edge.requests[-1]["page"]["visible"] is False
    page.wait_for_timeout(900)
    page.evaluate('void omotenashi("track","tea")')
    until(lambda: "tea" in edge.names())
    assert edge.requests[-1]["page"]["visible_ms"] == counted
    assert edge.requests[-1]["fetch"] is False


def test_it_asks_again_after_as_much_visible_time_as_the_edge_said(page: Page, edge: FakeEdge) -> None:
    edge.answers = [{"recheckMs": 700}]
    page.goto(edge.site)
    until(lambda: edge.requests)
    page.evaluate(HIDE, True)
    page.wait_for_timeout(1200)
    assert "_recheck" not in edge.names()
    page.evaluate(HIDE, False)
    until(lambda: "_recheck" in edge.names())
    asked = edge.requests[-1]
    assert asked["page"]["visible_ms"] >= edge.requests[0]["page"]["visible_ms"] + 700
    assert asked["page"]["id"] == edge.requests[0]["page"]["id"]
    assert asked["fetch"] is True


def test_identify_tells_the_member_and_the_browser_takes_the_id_it_is_given(page: Page, edge: FakeEdge) -> None:
    page.goto(edge.site)
    until(lambda: edge.requests)
    edge.answers = [{"visitor": "N" * 22}]
    assert page.evaluate('omotenashi("identify","hanako",{rank:"gold"})') == {"ok": True}
    assert edge.events("identify")[0]["values"] == {"user_id": "hanako", "rank": "gold"}
    page.evaluate('omotenashi("track","tea")')
    assert edge.requests[-1]["visitor"] == "N" * 22
    assert edge.requests[-1]["user_id"] == "hanako"
    page.goto(f"{edge.site}/two")
    until(lambda: edge.names().count("view") == 2)
    assert edge.requests[-1]["visitor"] == "N" * 22


def test_after_reset_the_browser_is_a_new_visitor_and_what_was_said_before_stays_the_old_ones(page: Page, edge: FakeEdge) -> None:
    page.goto(edge.site)
    until(lambda: edge.requests)
    before = edge.requests[0]["visitor"]
    page.evaluate('omotenashi("identify","hanako")')
    page.evaluate('omotenashi("track","last"); omotenashi("reset"); omotenashi("track","first")')
    owner = {event["name"]: request["visitor"] for request in edge.requests for event in request["events"]}
    assert owner["last"] == before
    assert owner["first"] != before
    assert "user_id" not in edge.requests[-1]


def test_it_works_where_storage_and_cookies_are_blocked(page: Page, edge: FakeEdge) -> None:
    page.add_init_script(
        """Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } });
        const no = () => { throw new DOMException("no"); };
        Object.defineProperty(Document.prototype, "cookie", { get: no, set: no });"""
    )
    edge.answers = [503]
    page.goto(edge.site)
    until(lambda: len(edge.requests) >= 2)
    assert edge.requests[0]["events"][0]["id"] == edge.requests[1]["events"][0]["id"]
    assert edge.requests[0]["visitor"] == edge.requests[1]["visitor"]


def test_nothing_thrown_inside_reaches_the_page(page: Page, edge: FakeEdge) -> None:
    page.goto(edge.site)
    until(lambda: edge.requests)
    loop = "(() => { const a = {}; a.a = a; return omotenashi('track', 'loop', a); })()"
    assert page.evaluate(loop) == {"ok": False, "code": "bad_value"}
    assert page.evaluate('omotenashi("track", "big", { n: "x".repeat(40000) })') == {"ok": False, "code": "event_too_large"}
    assert page.evaluate("omotenashi()") == {"ok": False, "code": "unknown_verb"}
    page.evaluate("omotenashi('identify', null)")
    edge.answers = [{"messages": "nonsense", "rejected": 7, "visitor": "<b>"}, {"messages": [None, {}, {"reservation": "r"}]}]
    for _ in range(2):
        assert page.evaluate('omotenashi("track", "tea")') == {"ok": True}
    assert page.locator("[data-omotenashi-message]").count() == 0
    assert "_message_open" not in edge.names()


def test_a_page_may_turn_its_views_itself(page: Page, edge: FakeEdge) -> None:
    edge.init = "{autoView:false}"
    page.goto(edge.site)
    page.wait_for_function("omotenashi.loaded")
    page.evaluate("history.pushState({}, '', '/two')")
    page.wait_for_timeout(200)
    assert edge.requests == []
    page.evaluate('omotenashi("view", {shelf: "tea"})')
    assert edge.events("view")[0]["values"] == {"shelf": "tea"}


INNER = '<iframe src="/inside" style="width:300px;height:200px"></iframe>'


def test_a_frame_of_the_same_site_tells_the_page_around_it_and_counts_no_view(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = INNER
    page.goto(edge.site)
    frame = page.frames[1]
    frame.wait_for_function("omotenashi.loaded")
    assert frame.evaluate("omotenashi('track', 'paid', { revenue: 4000 })") == {"ok": True}
    assert frame.evaluate("omotenashi('view')") == {"ok": False, "code": "in_frame"}
    assert edge.names() == ["view", "paid"]
    assert {request["page"]["url"] for request in edge.requests} == {f"{edge.site}/"}


def test_a_frame_may_say_that_it_is_a_page_of_its_own(page: Page, edge: FakeEdge) -> None:
    edge.init = "{frames:true}"
    edge.pages["/"] = INNER
    page.goto(edge.site)
    until(lambda: edge.names() == ["view", "view"])


def test_a_frame_in_another_sites_page_is_measured_and_shows_nothing(page: Page, edge: FakeEdge) -> None:
    edge.pages["/around"] = f'<!doctype html><iframe src="{edge.site}/inside"></iframe>'
    page.goto(f"{edge.endpoint}/around")
    until(lambda: edge.names() == ["view"])
    assert edge.requests[0]["fetch"] is False


def test_under_a_path_of_the_site_itself_everything_is_found_below_it(page: Page, edge: FakeEdge) -> None:
    shown = {
        "reservation": "r1",
        "campaign": "c",
        "action": "a",
        "kind": "notification",
        "until": 0,
        "validMs": 9000,
        "html": "茶",
    }
    edge.answers = [{"messages": [shown]}]
    edge.pages["/"] = (
        f"<!doctype html><title>Shop</title><script>{STUB}omotenashi('init', {{ key: 'public-key' }})</script>"
        '<script async src="/o/tag.js?v=2"></script>'
    )
    page.goto(edge.site)
    page.wait_for_function("performance.getEntriesByType('resource').some(one => one.name.endsWith('guard.js'))")
    asked = page.evaluate("performance.getEntriesByType('resource').map(one => new URL(one.name).pathname)")
    assert {path for path in asked if path != "/favicon.ico"} == {"/o/tag.js", "/o/v1/track", "/o/guard.js"}
