"""The guard within the tag: when it looks, what it tells, how a message gives way; and on the shop's own pages."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect
from tests.browser.demo_house import DESK, PHONE
from tests.browser.expect_sent import expect_sent
from tests.browser.fake_edge import FakeEdge, until
from tests.browser.gallery import message as from_gallery
from tests.browser.test_messages import MESSAGE, message, said

from omotenashi.demo_shop import Shop, shop_folder

BUY = '<button class="buy" style="position:fixed;{}:24px;right:24px;width:200px;height:60px">Buy</button>'
STAGE = ".omo"


def opened(edge: FakeEdge, page: Page, **given: Any) -> list[dict[str, Any]]:
    """A message of this kind, opened, and what else was told meanwhile."""
    edge.answers = [{"messages": [message(**given)]}]
    return expect_sent(edge, page, when=lambda: page.goto(edge.site), sent=["_message_open"])


def test_what_a_message_covers_is_told_once_however_often_it_is_looked_at(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = BUY.format("bottom")
    opened(edge, page)
    until(lambda: said(edge, "_message_conflict"))
    for width in (380, 370, 360):
        page.set_viewport_size({"width": width, "height": 844})
    page.wait_for_timeout(1500)  # the second look is one second after the opening
    assert page.evaluate("omotenashi('track', 'probe')") == {"ok": True}
    assert [(one["reservation"], one["selector"]) for one in said(edge, "_message_conflict")] == [("r1", "button.buy")]


def test_a_bar_for_cookies_that_comes_late_is_noticed(page: Page, edge: FakeEdge) -> None:
    opened(edge, page)
    page.evaluate("bar => document.body.insertAdjacentHTML('beforeend', bar)", BUY.format("bottom").replace("buy", "cookies"))
    until(lambda: [one["selector"] for one in said(edge, "_message_conflict")] == ["button.cookies"])


def test_a_second_message_over_the_first_names_it(page: Page, edge: FakeEdge) -> None:
    opened(edge, page)
    edge.answers = [{"messages": [message(reservation="r2", action="d2K")]}]
    page.evaluate("void omotenashi('track', 'tea')")
    until(lambda: [(one["reservation"], one["message"]) for one in said(edge, "_message_conflict")] == [("r2", "d1K")])


def test_a_message_that_must_not_be_in_the_way_moves_and_has_nothing_to_tell(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = BUY.format("bottom")
    opened(edge, page, display={"guard": "move"})
    expect(page.locator(STAGE)).to_have_attribute("data-position", "bottom-left")
    page.get_by_role("button", name="Buy").click()
    assert page.evaluate("omotenashi('track', 'probe')") == {"ok": True}
    assert said(edge, "_message_conflict") == []


def test_a_message_that_would_be_in_the_way_is_not_shown_and_says_why(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = BUY.format("bottom")
    edge.answers = [{"messages": [message(display={"guard": "hide"})]}]
    wanted = ["_message_conflict", {"name": "_release", "values": {"reservation": "r1", "reason": "conflict"}}]
    expect_sent(edge, page, when=lambda: page.goto(edge.site), sent=wanted, unsent=["_message_open"])
    assert page.locator(MESSAGE).count() == 0


def test_a_modal_tells_only_of_protected_places(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = BUY.format("bottom") + '<a id="cart" href="/cart">Cart</a>'
    opened(edge, page, kind="modal", protect=["#cart", ".basket"])
    until(lambda: said(edge, "_message_conflict"))
    assert [one["selector"] for one in said(edge, "_message_conflict")] == ["#cart"]


# The demo shop

OVERLAYS = ("notification02", "slide_in", "modal_image", "top_bar", "bottom_bar")

# Whoever has time may look at every fourth pixel: the share of each control's visible points that the message takes.
SLOWLY = """() => {
  const host = document.querySelector("[data-omotenashi-message]");
  if (host.shadowRoot.querySelector(".omo").dataset.kind === "modal") return [];
  return [...document.querySelectorAll("a[href],button,input,select,textarea,summary,label")].map(control => {
    const box = control.getBoundingClientRect();
    let visible = 0, hidden = 0;
    for (let y = Math.max(0, box.top) + 1; y < Math.min(innerHeight, box.bottom); y += 4)
      for (let x = Math.max(0, box.left) + 1; x < Math.min(innerWidth, box.right); x += 4) {
        const [top, next] = document.elementsFromPoint(x, y);
        if (!control.contains(top === host ? next : top)) continue;
        visible++;
        if (top === host) hidden++;
      }
    return [control, visible && hidden / visible];
  }).filter(([, share]) => share > 0);
}"""
FALSE_AND_MISSED = f"""selectors => {{
  const slowly = ({SLOWLY})();
  const named = selectors.map(one => document.querySelector(one));
  const told = control => named.includes(control) || (control.control && named.includes(control.control));
  const untold = slowly.filter(([control, share]) => share >= 0.4 && !told(control));
  return [
    selectors.filter((one, n) => !slowly.some(([control, share]) => share >= 0.25 && control === named[n])),
    untold.map(([control, share]) => [control.outerHTML, share]),
  ];
}}"""


@pytest.fixture(scope="module")
def midori() -> Iterator[tuple[FakeEdge, str]]:
    """The demo shop with an edge that shows what a test wants; the shop's address."""
    edge = FakeEdge()
    shop = Shop(shop_folder(), "public-key", edge.endpoint)
    server = uvicorn.Server(uvicorn.Config(shop, interface="asgi3", port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, 30)
    yield edge, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
    edge.close()


@pytest.mark.parametrize("path", ["/", "/tea", "/items/tenmoku", "/cart"])
@pytest.mark.parametrize(("agent", "width", "height"), [(PHONE, 390, 844), (DESK, 1280, 800)])
def test_on_the_shops_own_pages_all_that_is_told_is_true_and_nothing_covered_is_missed(
    browser: Browser, midori: tuple[FakeEdge, str], path: str, agent: str, width: int, height: int
) -> None:
    edge, shop = midori
    with browser.new_context(user_agent=agent, viewport={"width": width, "height": height}, locale="ja-JP") as context:
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto(shop + path)
        for template in OVERLAYS:
            reservation = f"{template}-{path}-{width}"
            shown = from_gallery(template)
            at_once = {name: value for name, value in shown["display"].items() if name == "position"}
            edge.answers = [{"messages": [{**shown, "display": at_once, "reservation": reservation}]}]
            assert page.evaluate("omotenashi('track', 'ask')") == {"ok": True}
            page.wait_for_function("document.querySelector('[data-omotenashi-message]') && omotenashi.parts.guard")
            page.locator(".omo-frame").evaluate(
                "frame => Promise.all(frame.getAnimations({ subtree: true }).map(one => one.finished))"
            )
            assert page.evaluate("omotenashi('track', 'told')") == {"ok": True}
            told = [one["selector"] for one in said(edge, "_message_conflict") if one["reservation"] == reservation]
            false, missed = page.evaluate(FALSE_AND_MISSED, told)
            assert (template, false) == (template, [])
            assert len(told) == 3 or (template, missed) == (template, [])  # the three worst are told
            page.keyboard.press("Escape")
            expect(page.locator(MESSAGE)).to_have_count(0)
