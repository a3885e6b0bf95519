"""Where pages were pressed, told by the element: as the page stood at that moment, whatever came or went before."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from omotenashi.console.heat import View, views


def node(number: int, tag: str, *children: dict[str, Any], **attributes: str) -> dict[str, Any]:
    return {"type": 2, "id": number, "tagName": tag, "attributes": attributes, "childNodes": list(children)}


def text(number: int) -> dict[str, Any]:
    return {"type": 3, "id": number, "textContent": "tea"}


PAGE = {
    "type": 0,
    "id": 1,
    "childNodes": [
        node(
            2,
            "html",
            node(3, "head"),
            node(4, "body", node(5, "p"), text(6), node(7, "p", node(8, "a")), node(9, "form", id="buy")),
        )
    ],
}


def meta(href: str = "https://shop.example/tea?x=1", width: int = 1000) -> dict[str, Any]:
    return {"type": 4, "timestamp": 1, "data": {"href": href, "width": width, "height": 700}}


def full(page: dict[str, Any] = PAGE) -> dict[str, Any]:
    return {"type": 2, "timestamp": 2, "data": {"node": page, "initialOffset": {"top": 0, "left": 0}}}


def pressed(number: int, kind: int = 2) -> dict[str, Any]:
    return {"type": 3, "timestamp": 3, "data": {"source": 2, "type": kind, "id": number, "x": 5, "y": 5}}


def changed(*, adds: list[dict[str, Any]] | None = None, removes: list[int] | None = None) -> dict[str, Any]:
    gone = [{"id": number, "parentId": 4} for number in removes or ()]
    return {"type": 3, "timestamp": 3, "data": {"source": 0, "adds": adds or [], "removes": gone, "texts": [], "attributes": []}}


def only(events: list[dict[str, Any]]) -> View:
    (view,) = views(events)
    return view


def test_a_press_is_told_by_the_way_from_the_root_or_from_the_nearest_id() -> None:
    view = only([meta(), full(), pressed(8), pressed(5), pressed(9), pressed(2)])
    assert view.path == "/tea"
    assert view.presses == ["html>body:1>p:2>a:1", "html>body:1>p:1", "#buy", "html"]


def test_only_clicks_count_a_text_is_its_element_and_what_is_not_there_is_nothing() -> None:
    assert only([meta(), full(), pressed(8, kind=1), pressed(99)]).presses == []
    assert only([meta(), full(), pressed(6)]).presses == ["html>body:1"]


def test_what_was_added_or_removed_before_changes_the_way() -> None:
    new = {"parentId": 4, "nextId": 7, "node": node(20, "p", node(21, "button", id="new one"))}
    view = only([meta(), full(), changed(adds=[new]), pressed(8), pressed(21), changed(removes=[5, 20]), pressed(8)])
    assert view.presses == ["html>body:1>p:3>a:1", "html>body:1>p:2>button:1", "html>body:1>p:1>a:1"]


def test_what_is_in_a_shadow_tree_is_told_by_its_host() -> None:
    inside = {**node(30, "div", node(31, "button")), "isShadow": True}
    page = {
        "type": 0,
        "id": 1,
        "childNodes": [node(2, "html", node(4, "body", {**node(5, "tea-box", inside), "isShadowHost": True}))],
    }
    assert only([meta(), full(page), pressed(31)]).presses == ["html>body:1>tea-box:1"]


def test_how_far_down_a_page_was_seen_is_the_farthest_scroll_and_the_window() -> None:
    def scrolled(y: int, number: int = 1) -> dict[str, Any]:
        return {"type": 3, "timestamp": 3, "data": {"source": 3, "id": number, "x": 0, "y": y}}

    assert only([meta(), full(), scrolled(900), scrolled(100), scrolled(5_000, number=5)]).seen == 1_600


def test_another_address_is_another_view_and_the_same_page_told_anew_is_not() -> None:
    told = views([meta(), full(), pressed(5), meta(), full(), pressed(8), meta("https://shop.example/"), full(), pressed(9)])
    assert [(view.path, len(view.presses)) for view in told] == [("/tea", 2), ("/", 1)]
    assert [event["type"] for event in told[0].picture] == [4, 2]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "node", "tagName", "adds"]), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = ("node", "adds", "removes", "id", "href", "y", "width", "attributes")
DATA = st.fixed_dictionaries({"source": st.sampled_from([0, 2, 3, 4]), "type": st.just(2)}, optional=dict.fromkeys(NAMES, JSON))
ANY_EVENT = st.fixed_dictionaries({"type": st.sampled_from([2, 3, 4]), "timestamp": st.just(1), "data": DATA})


@settings(deadline=None)
@given(st.lists(ANY_EVENT | JSON, max_size=6))
def test_whatever_a_visitor_made_up_is_passed_over(events: list[Any]) -> None:
    for view in views([meta(), full(), *events]):
        assert all(isinstance(path, str) for path in view.presses)
