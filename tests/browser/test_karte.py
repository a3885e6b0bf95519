"""Pages written for KARTE's tag, in either of its forms, work unchanged: the same events, in order, in one request."""

import re
from typing import Any

from playwright.sync_api import BrowserContext, Page
from tests.browser.fake_edge import FakeEdge, until

KEY = "pk_of_the_project"

# What KARTE's v1 loader line does: an array that remembers [method, ...arguments], and loads the tracker from `tracker_url`.
V1 = """
(window.karte_tracker_names || ["tracker"]).forEach(function (name) {
  var waiting = [];
  ["init","start","stop","user","track","action","event","goal","chat","buy","page","view","admin","group","alias","ready","link",
   "form","click","submit","cmd","emit","on","send","css","js","style","option","get","set",
   "collection"].forEach(function (method) {
    waiting[method] = function () { return waiting.push([method].concat([].slice.call(arguments))); };
  });
  waiting.init = function (key, options) {
    waiting.api_key = key;
    waiting.options = options || {};
    var script = document.createElement("script");
    script.async = true;
    script.src = waiting.options.tracker_url || "https://elsewhere.invalid/tracker.js";
    document.head.appendChild(script);
    return waiting;
  };
  window[name] = window[name] || waiting;
});
"""

# What KARTE's v2 line does before its script has loaded.
V2 = """
(function (name) {
  if (window[name]) return;
  var krt = window[name] = function () {
    var said = [].slice.call(arguments);
    return krt.x ? krt.x.apply(0, said) : krt.q.push(said);
  };
  krt.q = []; krt.i = Date.now();
  krt.allow = function () { krt.o = "allow"; };
  krt.deny = function () { krt.o = "deny"; };
})("krt");
"""


def page_of(edge: FakeEdge, inline: str, *, loader: bool = True, attributes: str = "") -> str:
    script = f'<script async src="{edge.endpoint}/karte.js" data-key="{KEY}" {attributes}></script>' if loader else ""
    return (
        f"<!doctype html><html lang=ja><head><title>Shop</title><script>{inline}</script>{script}</head><body>Tea</body></html>"
    )


def visit(page: Page, edge: FakeEdge, html: str, path: str = "/") -> list[dict[str, Any]]:
    """Opens the page; the events of its first request."""
    edge.pages[path] = html
    page.goto(edge.site + path)
    until(lambda: edge.requests)
    page.evaluate("new Promise(done => setTimeout(done, 50))")
    return edge.requests[0]["events"]


def told(events: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [(event["name"], event["values"]) for event in events]


def test_what_the_first_stub_remembered_travels_in_order_before_the_view(page: Page, edge: FakeEdge) -> None:
    inline = f"""{V1}
    tracker.init("a-key-of-karte", {{tracker_url: "{edge.endpoint}/karte.js?key={KEY}"}});
    tracker.user({{user_id: "u-1", name: "花子", birthday_date: new Date(1795100400500)}});
    tracker.track("cart", {{in_cart_price: 4500, items: [{{id: "sencha", added_date: new Date(1795100400000)}}]}},
                  function () {{ window.heard = true; }});
    tracker.buy();
    tracker.buy({{revenue: 1200}});
    tracker.track("_error", {{message: "of the page"}});
    tracker.link("a", "whatever"); tracker.goal(); tracker.chat("hello");
    """
    events = visit(page, edge, page_of(edge, inline, loader=False))
    assert told(events) == [
        ("identify", {"user_id": "u-1", "name": "花子", "birthday_date": 1795100400}),
        ("cart", {"in_cart_price": 4500, "items": [{"id": "sencha", "added_date": 1795100400}]}),
        ("buy", {}),
        ("buy", {"revenue": 1200}),
        ("_error", {"message": "of the page"}),
        ("view", {}),
    ]
    assert (edge.requests[0]["key"], edge.requests[0]["user_id"]) == (KEY, "u-1")
    assert len(edge.requests) == 1
    assert len({(event.get("page") or {"id": ""})["id"] for event in events}) == 1
    assert edge.requests[0]["page"]["referrer"] == ""
    page.wait_for_function("window.heard")


def test_the_first_tags_own_key_serves_when_only_its_address_was_changed(page: Page, edge: FakeEdge) -> None:
    inline = f'{V1} tracker.init("0123456789abcdef0123456789abcdef", {{tracker_url: "{edge.endpoint}/karte.js"}});'
    visit(page, edge, page_of(edge, inline, loader=False))
    assert edge.requests[0]["key"] == "0123456789abcdef0123456789abcdef"
    assert edge.names() == ["view"]


def test_the_first_tag_goes_on_to_speak_when_it_has_loaded(page: Page, edge: FakeEdge) -> None:
    visit(page, edge, page_of(edge, f'{V1} window.kept = tracker; tracker.api_key = "{KEY}";'))
    page.evaluate(
        """new Promise(done => { kept.track("tea", {size: 2}); tracker.view({page: "list"});
        tracker.track("attribute", {rank: "gold"});
        tracker.track("later", {}, done); })"""
    )
    assert told(edge.events())[1:] == [
        ("tea", {"size": 2}),
        ("view", {"page": "list"}),
        ("attribute", {"rank": "gold"}),
        ("later", {}),
    ]


def test_several_trackers_of_one_page_are_all_heard(page: Page, edge: FakeEdge) -> None:
    inline = f'window.karte_tracker_names = ["tracker", "second"]; {V1} second.track("b"); tracker.track("a");'
    assert [name for name, _ in told(visit(page, edge, page_of(edge, inline)))] == ["a", "b", "view"]


def test_what_the_second_stub_remembered_travels_in_order_before_the_view(page: Page, edge: FakeEdge) -> None:
    inline = f"""{V2}
    krt("send", "identify", {{user_id: "u-1"}});
    krt("send", "buy", {{transaction_id: "t1", revenue: 1200, items: [{{item_id: "sencha", price: 1200, quantity: 1}}]}});
    krt("send", "sent", {{}}, function () {{ window.heard = true; }});
    krt("config", "whatever");
    """
    events = visit(page, edge, page_of(edge, inline))
    assert told(events) == [
        ("identify", {"user_id": "u-1"}),
        ("buy", {"transaction_id": "t1", "revenue": 1200, "items": [{"item_id": "sencha", "price": 1200, "quantity": 1}]}),
        ("sent", {}),
        ("view", {}),
    ]
    page.wait_for_function("window.heard")


def test_a_single_page_site_says_its_views_itself_and_none_is_counted_twice(page: Page, edge: FakeEdge) -> None:
    visit(page, edge, page_of(edge, V2))
    page.evaluate('history.pushState({}, "", "/cart"); krt("send", "view");')
    until(lambda: edge.names().count("view") == 2)
    page.evaluate('new Promise(done => krt("send", "last", {}, done))')
    assert edge.names().count("view") == 2
    assert edge.requests[-1]["page"]["url"] == f"{edge.site}/cart"
    assert edge.requests[-1]["page"]["referrer"] == f"{edge.site}/"


def test_the_second_tag_may_have_another_name(page: Page, edge: FakeEdge) -> None:
    inline = V2.replace('("krt")', '("krtAlt")') + 'krtAlt("send", "tea");'
    assert [name for name, _ in told(visit(page, edge, page_of(edge, inline, attributes='data-global="krtAlt"')))] == [
        "tea",
        "view",
    ]


def test_who_denied_is_left_alone_until_they_allow(page: Page, context: BrowserContext, edge: FakeEdge) -> None:
    edge.pages["/"] = page_of(edge, f'{V2} krt.deny(); krt("send", "unheard");')
    page.goto(edge.site)
    page.wait_for_function("krt.x === undefined && window.omotenashi && omotenashi.loaded")
    page.evaluate('krt("send", "unheard_too")')
    assert (edge.requests, context.cookies()) == ([], [])
    page.evaluate('krt.allow(); krt("send", "heard");')
    until(lambda: "heard" in edge.names())
    assert edge.names() == ["view", "heard"]
    page.evaluate("krt.deny()")
    page.evaluate('krt("send", "unheard")')
    page.evaluate("new Promise(done => setTimeout(done, 50))")
    assert edge.names() == ["view", "heard"]
    assert [cookie["name"] for cookie in context.cookies()] == ["_omo_out"]


def test_who_opted_out_of_karte_stays_opted_out(page: Page, context: BrowserContext, edge: FakeEdge) -> None:
    context.add_cookies([{"name": "krt_oo", "value": "1", "url": edge.site}])
    edge.pages["/"] = page_of(edge, f'{V2} krt("send", "tea");')
    page.goto(edge.site)
    page.wait_for_function("krt.x !== undefined")
    page.evaluate("new Promise(done => setTimeout(done, 50))")
    assert edge.requests == []


def test_a_visitor_of_karte_is_the_same_visitor_here(page: Page, context: BrowserContext, edge: FakeEdge) -> None:
    known = "5f0c3a52-6a53-4e0e-9ad1-0c9e6b1f7d20"
    context.add_cookies([{"name": "krt.vis", "value": known, "url": edge.site}])
    visit(page, edge, page_of(edge, V2))
    assert edge.requests[0]["visitor"] == known
    context.clear_cookies()
    page.goto(edge.site)
    until(lambda: edge.names().count("view") == 2)
    assert {request["visitor"] for request in edge.requests} == {known}


def test_a_page_without_karte_may_load_the_shim_too(page: Page, edge: FakeEdge) -> None:
    assert told(visit(page, edge, page_of(edge, ""))) == [("view", {})]
    assert re.fullmatch(r"[A-Za-z0-9_-]{26}", edge.requests[0]["visitor"])


def test_without_a_key_nothing_is_sent_and_the_engineer_is_told(page: Page, edge: FakeEdge) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    edge.pages["/"] = page_of(edge, V2).replace(f'data-key="{KEY}"', "")
    page.goto(edge.site)
    until(lambda: said)
    assert "data-key" in said[0]
    assert edge.requests == []
