"""Every address that a replay would load is found and replaced, and nothing else is."""

import copy
import os
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omotenashi.live.css import placed, rewritten, text_of
from omotenashi.live.walk import Walk

SHOP = "https://shop.example/tea/"
REAL = Path(os.environ.get("OMOTENASHI_SHARED", Path(__file__).resolve().parents[4] / "shared")) / "data" / "rrweb"


def full(*nodes: dict[str, Any], href: str = SHOP) -> list[dict[str, Any]]:
    """A page as rrweb writes it down."""
    root = {"type": 0, "id": 1, "childNodes": [{"type": 2, "id": 2, "tagName": "html", "attributes": {}, "childNodes": [*nodes]}]}
    return [{"type": 4, "timestamp": 1, "data": {"href": href}}, {"type": 2, "timestamp": 1, "data": {"node": root}}]


def element(tag: str, number: int = 9, *children: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    named = {name.replace("__", ":").rstrip("_"): value for name, value in attributes.items()}
    return {"type": 2, "id": number, "tagName": tag, "attributes": named, "childNodes": [*children]}


def text(said: str, number: int = 90) -> dict[str, Any]:
    return {"type": 3, "id": number, "textContent": said}


def later(source: int, **data: Any) -> dict[str, Any]:
    return {"type": 3, "timestamp": 2, "data": {"source": source, **data}}


def walked(*events: dict[str, Any], walk: Walk | None = None) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
    """What is found, in its order, and the events with other addresses."""
    found: list[tuple[str, str]] = []

    def put(url: str, kind: str) -> str:
        found.append((kind, url))
        return f"/kept?{len(found)}"

    told = copy.deepcopy([*events])
    (walk or Walk()).through(told, put)
    return found, told


LOADED: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "a picture": (element("img", src="https://cdn.example/a.png"), [("look", "https://cdn.example/a.png")]),
    "its sizes": (
        element("img", srcset="https://cdn.example/a,b.png 1x, /c.png 2x,\n d.png"),
        [("look", "https://cdn.example/a,b.png"), ("look", "https://shop.example/c.png"), ("look", SHOP + "d.png")],
    ),
    "sizes without a size": (
        element("source", srcset="/a.png, /b.png 640w"),
        [("look", "https://shop.example/a.png"), ("look", "https://shop.example/b.png")],
    ),
    "a button's picture": (element("input", type="image", src="/go.png"), [("look", "https://shop.example/go.png")]),
    "a film's first picture": (element("video", src="/a.mp4", poster="/a.jpg"), [("look", "https://shop.example/a.jpg")]),
    "an old background": (element("table", background="/bg.gif"), [("look", "https://shop.example/bg.gif")]),
    "a sheet": (element("link", rel="stylesheet", href="https://cdn.example/a.css"), [("sheet", "https://cdn.example/a.css")]),
    "an early sheet": (element("link", rel="preload", as_="style", href="/a.css"), [("sheet", "https://shop.example/a.css")]),
    "a written sheet": (
        element("link", _cssText='@import url("/b.css"); a { background: url(/a.png) }'),
        [("sheet", "https://shop.example/b.css"), ("look", "https://shop.example/a.png")],
    ),
    "letters of a sheet": (element("style", 9, text("a{background:url(/a.png)}")), [("look", "https://shop.example/a.png")]),
    "a style": (element("p", style="background: url('/a b.png')"), [("look", "https://shop.example/a b.png")]),
    "a drawing's picture": (element("image", xlink__href="/a.png"), [("look", "https://shop.example/a.png")]),
    "a piece of a drawing": (element("use", href="/icons.svg#cart"), [("look", "https://shop.example/icons.svg")]),
}
LEFT: dict[str, dict[str, Any]] = {
    "a link to follow": element("a", href="https://shop.example/logout"),
    "a script": element("script", src="https://cdn.example/a.js"),
    "a frame": element("iframe", src="https://pay.example/", rr_src="https://pay.example/"),
    "a film": element("video", src="/a.mp4"),
    "a form": element("form", action="https://shop.example/buy"),
    "a point that counts": element("img", src="https://count.example/?who=1", width="1", height="1"),
    "letters to read": element("p", 9, text("url(https://shop.example/a.png)")),
    "data": element("img", src="data:image/png;base64,AA", style="background:url(data:image/gif;base64,AA)"),
    "a blob": element("img", src="blob:https://shop.example/1"),
    "a piece of this page": element("use", href="#cart"),
    "a name that is no address": element("style", _cssText='@namespace url(http://w3.example/); a::after{content:"url(/a)"}'),
    "a note in a sheet": element("style", _cssText="/* url(https://shop.example/a.png) */"),
    "what is too long": element("img", src="https://shop.example/" + "a" * 4096),
    "no host": element("img", src="https:///a.png"),
}


@pytest.mark.parametrize("case", LOADED)
def test_what_a_replay_would_load_is_found(case: str) -> None:
    node, expected = LOADED[case]
    found, told = walked(*full(node))
    assert found == expected
    again, _ = walked(*told)
    assert again == [(kind, f"https://shop.example/kept?{place}") for place, (kind, _) in enumerate(expected, 1)], (
        "each was replaced where it stood, and read as what it was"
    )


@pytest.mark.parametrize("case", LEFT)
def test_what_it_would_not_load_stays_to_the_letter(case: str) -> None:
    events = full(LEFT[case])
    assert walked(*events) == ([], events)


@pytest.mark.parametrize("how", [{"rel": "icon"}, {"rel": "preload", "as_": "script"}, {"rel": "prefetch"}, {}])
def test_what_a_page_only_wants_at_hand_is_left_out(how: dict[str, Any]) -> None:
    found, told = walked(*full(element("link", href="/a", **how)))
    assert found == []
    assert told == full(element("link", **how))


def test_a_fragment_stays_with_what_is_put() -> None:
    _, told = walked(*full(element("use", href="https://shop.example/icons.svg#cart")))
    assert told[1]["data"]["node"]["childNodes"][0]["childNodes"][0]["attributes"]["href"] == "/kept?1#cart"


def test_a_sheet_that_is_another_one_is_not_held_to_its_sum() -> None:
    _, told = walked(*full(element("link", rel="stylesheet", href="/a.css", integrity="sha256-AA")))
    assert "integrity" not in told[1]["data"]["node"]["childNodes"][0]["childNodes"][0]["attributes"]


def test_a_base_in_the_page_is_where_relative_addresses_begin() -> None:
    found, _ = walked(*full(element("base", href="https://cdn.example/x/"), element("style", 10, _cssText="a{src:url(a.png)}")))
    assert found == [("look", "https://cdn.example/x/a.png")]


def test_what_comes_later_is_judged_by_what_stood_there() -> None:
    sheets = (element("link", 22, rel="stylesheet"), element("style", 23, text("", 24)))
    page = full(element("img", 20), element("a", 21, href="/"), *sheets)
    styled = {"background": "url(/d.png)", "mask": ["url(/e.png)", "important"], "color": False}
    changed = later(
        0,
        adds=[
            {"parentId": 2, "node": element("img", 30, src="/new.png")},
            {"parentId": 23, "node": text("b{background:url(/b.png)}", 31)},
            {"parentId": 21, "node": text("c{background:url(/c.png)}", 32)},
        ],
        attributes=[
            {"id": 20, "attributes": {"src": "/a.png", "alt": "/a.png", "width": None}},
            {"id": 21, "attributes": {"href": "/away"}},
            {"id": 22, "attributes": {"href": "/dark.css"}},
            {"id": 2, "attributes": {"style": styled}},
            {"id": 99, "attributes": {"src": "/of-nobody.png"}},
        ],
        texts=[{"id": 24, "value": "i{background:url(/f.png)}"}, {"id": 32, "value": "url(/g.png)"}, {"id": 31, "value": None}],
    )
    found, told = walked(*page, changed)
    assert [url.removeprefix("https://shop.example/") for _, url in found] == [
        "new.png", "b.png", "a.png", "dark.css", "d.png", "e.png", "f.png",
    ]  # fmt: skip
    assert told[2]["data"]["attributes"][1] == changed["data"]["attributes"][1]


def test_sheets_that_are_written_by_scripts_are_read_too() -> None:
    rule = {"rule": "@font-face{src:url(https://f.example/a.woff2) format('woff2'),local('A')}", "index": 0}
    found, told = walked(
        *full(),
        later(8, id=5, adds=[dict(rule)], replaceSync="a{background:url(/a.png)}"),
        later(13, id=5, set={"property": "background", "value": "url(/b.png)"}),
        later(15, id=1, styles=[{"styleId": 1, "rules": [dict(rule)]}]),
        later(10, family="A", buffer=False, fontSource="url(/c.woff2)"),
        later(10, family="B", buffer=True, fontSource="[0,1]"),
        later(9, id=7, commands=[{"property": "drawImage", "args": [{"rr_type": "HTMLImageElement", "src": "/d.png"}, 0, 0]}]),
    )
    assert [url for _, url in found] == [
        "https://f.example/a.woff2",
        "https://shop.example/a.png",
        "https://shop.example/b.png",
        "https://f.example/a.woff2",
        "https://shop.example/c.woff2",
        "https://shop.example/d.png",
    ]
    assert told[2]["data"]["adds"][0]["rule"] == "@font-face{src:url(\"/kept?1\") format('woff2'),local('A')}"


def test_a_new_page_begins_anew() -> None:
    walk = Walk()
    walked(*full(element("img", 20)), walk=walk)
    found, _ = walked(
        *full(element("a", 20, href="/"), href="https://other.example/"),
        later(0, attributes=[{"id": 20, "attributes": {"src": "/a.png", "poster": "/b.png"}}]),
        walk=walk,
    )
    assert found == [("look", "https://other.example/b.png")]


CSS = {
    'a{b:url("x.png")}': 'a{b:url("/k")}',
    "a{b:url('x.png')}": 'a{b:url("/k")}',
    "a{b:URL( x.png )}": 'a{b:url("/k")}',
    r"a{b:url(x\).png)}": 'a{b:url("/k")}',
    '@import"x.css"screen;': '@import url("/k")screen;',
    "@import 'x.css';": '@import url("/k");',
    "@IMPORT url(x.css) print;": '@import url("/k") print;',
    "a{b:myurl(x.png)}": "a{b:myurl(x.png)}",
    "a{b:url(x.png": "a{b:url(x.png",
    "a{b:url()}": "a{b:url()}",
    'a{b:url("")}': 'a{b:url("")}',
    "a{b:'/*'; c:url(x.png)}": "a{b:'/*'; c:url(\"/k\")}",
    "a{b:1}/* rr_split */c{d:url(x.png)}": 'a{b:1}/* rr_split */c{d:url("/k")}',
    "a{b:image-set(url(x.png) 1x, url(y.png) 2x)}": 'a{b:image-set(url("/k") 1x, url("/k") 2x)}',
}


@pytest.mark.parametrize("given_text", CSS)
def test_a_sheet_is_the_same_but_for_its_addresses(given_text: str) -> None:
    assert rewritten(given_text, SHOP, lambda url, kind: "/k") == CSS[given_text]


def test_an_address_is_read_as_a_browser_reads_it() -> None:
    found: list[str] = []
    rewritten(r'a{b:url("\68ttps://x.example/\"a\".png")}', "", lambda url, kind: found.append(url) or url)
    assert found == ['https://x.example/"a".png']


@pytest.mark.parametrize(
    "hostile", ["/*", "url(", "url('", 'url("', '"', "'", "@import ", "@namespace ", "url(   ", "\\", "url(\\", "@import\n\n"]
)
def test_no_text_is_read_again_and_again(hostile: str) -> None:
    long = hostile * (200_000 // len(hostile))
    assert rewritten("url(" + long, SHOP, lambda url, kind: url)
    assert Walk()._list(long.replace("url", " , "), lambda url, kind: url)  # pyright: ignore[reportPrivateUsage]


@given(st.text("url()'\"/*\\@import ;{}#:ahtps.\n", max_size=60), st.text("url()'\"/*\\@import .\n", max_size=30))
def test_with_nothing_to_put_a_sheet_stays_what_it_is_and_twice_is_once(one: str, other: str) -> None:
    sheet = f"{one} url(https://a.example/{other})"
    assert rewritten(sheet, "", lambda url, kind: url) == sheet or "\\" in sheet
    once = rewritten(sheet, SHOP, lambda url, kind: "/k")
    assert rewritten(once, "", lambda url, kind: "/other") == once


NAMES = ["type", "data", "node", "id", "tagName", "attributes", "childNodes", "source", "adds", "texts"]
MORE = ["style", "src", "href", "styles", "rules", "rule", "set", "value", "commands", "args"]
ANYTHING = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES + MORE), inner, max_size=5),
    max_leaves=30,
)


@given(ANYTHING)
def test_events_of_any_shape_are_passed_over(event: Any) -> None:
    events = [event, {"type": 2, "data": event}, {"type": 3, "data": event}, {"type": 2, "data": {"node": event}}]
    Walk().through(events, lambda url, kind: url)


def test_a_made_up_page_with_addresses_without_end_is_left_there() -> None:
    page = {"type": 4, "data": {"href": "https://shop.example/"}}
    sheet = {"type": 3, "data": {"source": 8, "adds": [{"rule": "url(a)" * 1_000} for _ in range(100)]}}
    found = Counter[str]()

    def put(url: str, kind: str) -> str:
        found[kind] += 1
        return url

    Walk().through([page, sheet], put)
    assert found == {"look": 50_000}


def test_a_sheet_in_another_writing_is_read() -> None:
    assert text_of("a{content:'茶'}".encode("shift_jis"), "Shift_JIS") == "a{content:'茶'}"
    assert text_of(b'@charset "EUC-JP";' + "茶".encode("euc-jp"), "").endswith("茶")
    assert text_of(b"\xef\xbb\xbf" + "茶".encode(), "shift_jis") == "茶"
    assert text_of("茶".encode(), "punycode") == "茶"


def test_half_a_letter_is_no_address() -> None:
    assert placed("https://shop.example/\ud83d", "", lambda url, kind: "/k", "look") == "https://shop.example/\ud83d"


@pytest.mark.skipif(not REAL.is_dir(), reason="the real sessions are not here")
def test_real_sessions_hold_no_address_after_the_walk_that_they_held_before() -> None:
    for file in sorted(REAL.glob("*.json")):
        events = msgspec.json.decode(file.read_bytes())
        found, told = walked(*events)
        again, same = walked(*told)
        assert {url for _, url in again} <= {f"{origin}/kept?{n}" for origin in origins(events) for n in range(1, len(found) + 1)}
        assert walked(*events)[1] == told
        unchanged: list[Any] = copy.deepcopy(events)
        Walk().through(unchanged, lambda url, kind: url)
        assert len(msgspec.json.encode(unchanged)) >= len(msgspec.json.encode(same)) - 200 * len(found)


def origins(events: list[Any]) -> set[str]:
    return {"/".join(str(event["data"]["href"]).split("/")[:3]) for event in events if event["type"] == 4}
