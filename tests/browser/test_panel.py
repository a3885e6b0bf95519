"""Test mode in a page: the link's token travels and is seen by nobody, and the panel tells what was decided."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.fake_edge import FakeEdge, until
from tests.browser.tabs import keep

TOKEN = "WyJtaWRvcmkiXQ.c2VhbA"
PANEL = "[data-omotenashi-panel]"
HTML = "<h2>Hello</h2><button data-omotenashi-close>OK</button>"


def message(**changes: Any) -> dict[str, Any]:
    return {
        "reservation": "r1",
        "campaign": "welcome",
        "action": "d1K",
        "kind": "notification",
        "until": 2_000_000_000_000,
        "validMs": 60_000,
        "display": {},
        "html": HTML,
        **changes,
    }


def traced(event: str = "", **changes: Any) -> dict[str, Any]:
    return {"event": event, "campaign": "welcome", "name": "はじめての方へ", "gate": "shown", **changes}


class OnTrial:
    """A page in test mode, whose edge tells ``verdicts`` of the first event of each request that waits for an answer."""

    def __init__(self, page: Page, edge: FakeEdge, verdicts: list[dict[str, Any]], messages: list[dict[str, Any]]) -> None:
        self.page = page
        self.edge = edge
        waiting = list(messages)

        def answering(request: dict[str, Any]) -> dict[str, Any]:
            if "test" not in request:
                return {}
            handed, waiting[:] = list(waiting), []
            view = next((event["id"] for event in request["events"] if event["name"] == "view"), None)
            told = [{**verdict, "event": view} for verdict in verdicts] if view else []
            return {"trace": told, "messages": handed}

        edge.answering = answering
        page.goto(f"{edge.site}/tea?size=2&omotenashi_test={TOKEN}#leaf")
        self.panel = page.locator(PANEL)
        expect(self.panel.locator(".list > li").first).to_be_attached()


def test_the_token_travels_with_every_request_and_stands_in_no_address(page: Page, edge: FakeEdge) -> None:
    edge.answering = lambda request: {"trace": []}
    page.goto(f"{edge.site}/tea?omotenashi_test={TOKEN}&size=2#leaf")
    until(lambda: edge.requests)
    assert page.evaluate("location.href") == f"{edge.site}/tea?size=2#leaf"
    assert edge.requests[0]["page"]["url"] == f"{edge.site}/tea?size=2#leaf"
    assert [request["test"] for request in edge.requests] == [TOKEN]
    page.goto(f"{edge.site}/cart")
    until(lambda: edge.names().count("view") == 2)
    assert all(request["test"] == TOKEN for request in edge.requests)
    assert edge.names().count("view") == 2


def test_a_browser_without_a_link_loads_no_panel(page: Page, edge: FakeEdge) -> None:
    page.goto(edge.site)
    until(lambda: edge.requests)
    page.evaluate('omotenashi("track", "tea")')
    assert all("test" not in request for request in edge.requests)
    expect(page.locator(PANEL)).to_have_count(0)


def test_the_panel_tells_what_was_shown_and_which_gate_withheld_the_rest(page: Page, edge: FakeEdge) -> None:
    verdicts = [
        traced(reservation="r1", action="d1K"),
        traced(
            campaign="sale",
            name="セールのご案内",
            gate="audience",
            compared=[{"subject": "来訪回数", "wanted": "が3以上", "found": 1}],
        ),
        traced(campaign="cart", name="カゴ落ち", gate="suppressed", winner="welcome"),
        traced(campaign="rank", name="ゴールド会員", gate="holdout", reservation="r2"),
    ]
    held_out = message(reservation="r2", campaign="rank", holdout=True, html="")
    tested = OnTrial(page, edge, verdicts, [message(), held_out])
    view = tested.panel.locator(".list > li", has_text="ページ閲覧")
    expect(view).to_contain_text("対象ユーザーではない")
    expect(view).to_contain_text("来訪回数 が3以上 … 実際は 1")
    expect(view).to_contain_text("ほかの接客が表示中: welcome")
    expect(view).to_contain_text("表示しました")
    until(lambda: edge.names().count("_message_open") == 2)
    expect(view.locator(".verdicts li", has_text="ゴールド会員")).to_contain_text("未実施グループ")
    page.locator("[data-omotenashi-message] button").first.click()
    expect(view).to_contain_text("表示後に閉じました（ボタン）")


def test_the_panel_stands_on_pages_with_a_strict_policy_and_hostile_styles(page: Page, edge: FakeEdge) -> None:
    edge.policy = f"default-src 'none'; script-src 'nonce-n0nce'; style-src 'sha256-nothing='; connect-src {edge.endpoint}"
    edge.pages["/tea"] = "<p>Tea</p>"
    page.set_viewport_size({"width": 1280, "height": 800})
    tested = OnTrial(page, edge, [traced(gate="page")], [])
    page.evaluate(
        """() => { const sheet = new CSSStyleSheet(); document.adoptedStyleSheets = [sheet];
        sheet.replaceSync("html > * { all: unset !important; display: none !important; opacity: 0 !important }"); }"""
    )
    box = tested.panel.locator(".panel").bounding_box()
    assert box is not None
    assert (box["x"], round(box["y"] + box["height"]), box["width"]) == (16, 784, 360)
    seen = "panel => { const style = getComputedStyle(panel); return [style.display, style.backgroundColor, style.opacity]; }"
    assert tested.panel.locator(".panel").evaluate(seen) == ["flex", "rgb(250, 248, 244)", "1"]


def test_an_event_that_was_refused_says_why(page: Page, edge: FakeEdge) -> None:
    tested = OnTrial(page, edge, [], [])
    edge.answering = lambda request: {
        "trace": [],
        "accepted": 0,
        "rejected": [{"index": 0, "code": "bad_field", "message": "A field's name ...", "where": "values.名前"}],
    }
    page.evaluate('omotenashi("track", "signup", {"名前": "花子"})')
    entry = tested.panel.locator(".list > li", has_text="signup")
    expect(entry).to_contain_text("拒否")
    expect(entry).to_contain_text("項目名に使えない文字があります (values.名前)")


def test_a_message_that_was_given_back_says_what_it_waited_for(page: Page, edge: FakeEdge) -> None:
    patient = message(display={"scrollPercent": 90})
    edge.pages["/tea"] = '<div style="height:5000px">Tea</div>'
    tested = OnTrial(page, edge, [traced(reservation="r1")], [patient])
    view = tested.panel.locator(".list > li", has_text="ページ閲覧")
    expect(view).to_contain_text("表示の条件を待っています")
    page.evaluate("history.pushState({}, '', '/cart')")
    expect(view.last).to_contain_text("表示しませんでした: スクロールが足りなかった")


def test_the_panel_works_by_keyboard_and_stays_as_it_was_left(page: Page, edge: FakeEdge) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    tested = OnTrial(page, edge, [traced(gate="page")], [])
    head = tested.panel.locator("button.head")
    expect(head).to_have_attribute("aria-expanded", "true")
    head.focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-expanded", "false")
    expect(tested.panel.locator(".list")).to_be_hidden()
    page.reload()
    expect(head).to_have_attribute("aria-expanded", "false")
    head.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(f"document.querySelector('{PANEL}').shadowRoot.activeElement.className") != "head"


def test_ending_the_test_makes_this_browser_a_visitors_again(page: Page, edge: FakeEdge) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    tested = OnTrial(page, edge, [], [])
    tested.panel.get_by_role("button", name="テストを終了").click()
    expect(tested.panel).to_have_count(0)
    page.evaluate('omotenashi("track", "tea")')
    until(lambda: "tea" in edge.names())
    assert "test" not in edge.requests[-1]


def test_one_of_the_test_people_says_that_they_do_not_want_to_test(page: Page, edge: FakeEdge) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    edge.answering = lambda request: {} if request.get("test") == "off" else {"trace": []}
    page.goto(edge.site)
    page.locator(PANEL).get_by_role("button", name="テストを終了").click()
    page.evaluate('omotenashi("track", "tea")')
    until(lambda: "tea" in edge.names())
    assert edge.requests[-1]["test"] == "off"
    expect(page.locator(PANEL)).to_have_count(0)


def test_who_opts_out_during_a_test_leaves_nothing_of_it(page: Page, edge: FakeEdge) -> None:
    tested = OnTrial(page, edge, [], [])
    tested.panel.locator("button.head").click()
    page.evaluate('omotenashi("optOut")')
    assert page.evaluate("[Object.keys(localStorage), document.cookie]") == [["_omo_out"], "_omo_out=1"]


def test_a_link_that_is_over_says_so_and_is_forgotten(page: Page, edge: FakeEdge) -> None:
    edge.answering = lambda request: {"testOver": True} if "test" in request else {}
    page.goto(f"{edge.site}/?omotenashi_test={TOKEN}")
    panel = page.locator(PANEL)
    expect(panel).to_contain_text("このテスト用リンクは期限切れか、別のサイトのものです。")
    keep(page, "panel-over")
    panel.get_by_role("button", name="閉じる").click()
    page.evaluate('omotenashi("track", "tea")')
    until(lambda: "tea" in edge.names())
    assert "test" not in edge.requests[-1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("language", "width"), [("ja", 390), ("en", 1280)])
def test_the_panel_is_calm_and_complete(browser: Browser, edge: FakeEdge, scheme: Any, language: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    edge.init = f'{{"language": "{language}"}}'
    edge.pages["/tea"] = "<h1>Midori</h1><p>Tea and pottery.</p>"
    ja = language == "ja"
    verdicts = [
        traced(reservation="r1", name="はじめての方へ" if ja else "Welcome"),
        traced(
            campaign="sale",
            name="見逃したセール" if ja else "Unseen sale",
            gate="audience",
            compared=[{"subject": "来訪回数", "wanted": "が3以上", "found": 1}]
            if ja
            else [{"subject": "the number of visits", "wanted": "is at least 3", "found": 1}],
        ),
        traced(campaign="cart", name="カゴ落ち" if ja else "Cart return", gate="page"),
    ]
    tested = OnTrial(page, edge, verdicts, [message(display={"position": "top-right"})])
    if width < 600:
        expect(tested.panel.locator(".list")).to_be_hidden()
        keep(page, f"panel-folded-{scheme}")
        tested.panel.locator("button.head").click()
    page.evaluate('omotenashi("track", "cart", {in_cart_price: 4500, items: [{id: "sencha", price: 1200}]})')
    expect(tested.panel.locator(".name", has_text="cart")).to_be_visible()
    tested.panel.locator("summary").first.click()
    keep(page, f"panel-{language}-{scheme}-{width}")
    box = tested.panel.locator(".panel").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    context.close()
