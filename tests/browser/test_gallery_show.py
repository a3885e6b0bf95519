"""The templates that show something, in a real browser: what each does, that it can be read, and that it fits."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect
from tests.browser.axe import violations
from tests.browser.fake_edge import FakeEdge, until
from tests.browser.gallery import MESSAGE, events, message, show

from omotenashi.configuration import gallery
from omotenashi.configuration.problems import Refused

SHOWN = tuple(name for name in gallery.names() if gallery.form(name).intent == "show" and name not in ("guided_tour", "hint"))
WIDE: ViewportSize = {"width": 1280, "height": 800}
TABLET: ViewportSize = {"width": 800, "height": 500}
SMALL: ViewportSize = {"width": 320, "height": 360}
"""What is left of a window at 1280 by 1440 when everything is four times as large."""
AT_ONCE: Mapping[str, Any] = {"slide_in": {"position": "bottom-right"}}
"""Displays for templates that would wait by themselves."""
OUTSIDE = """frame => [...frame.querySelectorAll("*")]
  .filter(one => one.getClientRects().length > 0 && !one.closest(".items, .aloud"))
  .filter(one => { const box = one.getBoundingClientRect(); return box.left < -0.5 || box.right > innerWidth + 0.5; })
  .map(one => one.outerHTML.slice(0, 120))"""
HOSTILE = '"><img src=x onerror="document.title=1">'


def shown(page: Page, edge: FakeEdge, name: str, texts: Mapping[str, Any] | None = None, **more: Any) -> Locator:
    """The template on an empty page, at once, and visible."""
    edge.pages["/"] = more.pop("body", "<main><h1>茶と器</h1></main>")
    if name in AT_ONCE:
        more.setdefault("display", AT_ONCE[name])
    frame = show(page, edge, name, texts, **more)
    expect(frame).to_be_visible()
    return frame


def clicked(edge: FakeEdge) -> list[str]:
    """The names of the clicks that arrived."""
    return [str(values["name"]) for values in events(edge, "_message_click")]


def gone(page: Page, edge: FakeEdge, by: str = "button") -> None:
    """The message was closed, and the edge heard by what."""
    expect(page.locator(MESSAGE)).to_have_count(0)
    until(lambda: events(edge, "_message_close") == [{"by": by}])


# All of them


@pytest.mark.parametrize("name", SHOWN)
def test_it_can_be_read_by_everybody_in_the_light_and_in_the_dark(page: Page, edge: FakeEdge, name: str) -> None:
    shown(page, edge, name)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []


@pytest.mark.parametrize("name", SHOWN)
def test_its_longest_texts_stay_inside_a_small_window_and_it_can_be_closed(page: Page, edge: FakeEdge, name: str) -> None:
    longest = {
        question.name: ("とても長い文が入りました。" + "W" * (question.max_length or 60))[: question.max_length or 60]
        for question in gallery.form(name).questions
        if question.type == "text"
    }
    page.set_viewport_size(TABLET)
    frame = shown(page, edge, name, longest)
    assert frame.evaluate(OUTSIDE) == []
    page.set_viewport_size(SMALL)
    assert frame.evaluate(OUTSIDE) == []
    if gallery.form(name).kind == "embed":
        return
    close = frame.get_by_role("button", name="閉じる")
    expect(close).to_be_in_viewport(ratio=1)
    close.click()
    gone(page, edge)


@pytest.mark.parametrize("name", SHOWN)
def test_its_colours_come_from_the_theme_alone(name: str) -> None:
    style = gallery.sources(name).get("style.css", "") + gallery.base()
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", style) == []


@pytest.mark.parametrize("name", [name for name in SHOWN if any(one.name == "image" for one in gallery.form(name).questions)])
def test_without_a_picture_none_is_drawn(name: str) -> None:
    if name == "modal_image":
        with pytest.raises(Refused, match="may not be left empty"):
            message(name, {"image": ""})
    else:
        assert "<img" not in message(name, {"image": ""})["html"]


def test_one_theme_restyles_every_message(page: Page, edge: FakeEdge) -> None:
    theme = {"accent": "#0b6b4f", "radius": 4, "paper": "#f4fff9", "font": "serif"}
    look = """frame => { const style = one => getComputedStyle(frame.querySelector(one));
      return [style(".button").backgroundColor, style(".button").color, style(".card").borderRadius,
              style(".card").backgroundColor, style(".card").fontFamily] }"""
    seen = {str(shown(page, edge, name, theme=theme).evaluate(look)) for name in ("modal", "coupon", "notification06")}
    assert seen == {str(["rgb(11, 107, 79)", "rgb(255, 255, 255)", "4px", "rgb(244, 255, 249)", "serif"])}


def test_a_campaign_may_colour_its_own_button(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "notification02", {"accent": "#ffd400", "on_accent": "#222222"})
    main = frame.get_by_role("button", name="受け取る")
    expect(main).to_have_css("background-color", "rgb(255, 212, 0)")
    expect(main).to_have_css("color", "rgb(34, 34, 34)")
    expect(frame.get_by_role("button", name="あとで")).to_have_css("background-color", "rgba(0, 0, 0, 0)")


# Notifications


def test_notification01_is_words_alone_until_a_button_is_named(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "notification01")
    expect(frame.get_by_role("heading", name="年末年始の発送について")).to_be_visible()
    expect(frame.locator(".actions")).to_be_hidden()
    assert "カレンダー" in message("notification01", {"primary_label": "カレンダー"})["html"]


def test_notification02_asks_and_the_answer_is_a_consent(page: Page, edge: FakeEdge) -> None:
    shown(page, edge, "notification02", {"primary": {"do": "grant", "purpose": "mail", "then": "close"}})
    page.get_by_role("button", name="受け取る").click()
    gone(page, edge)
    assert events(edge, "consent") == [{"purpose": "mail", "state": "granted"}]
    assert clicked(edge) == ["primary"]


def test_notification02_takes_later_for_a_close_and_no_answer(page: Page, edge: FakeEdge) -> None:
    shown(page, edge, "notification02", {"primary": {"do": "grant", "purpose": "mail", "then": "close"}})
    page.get_by_role("button", name="あとで").click()
    gone(page, edge)
    assert events(edge, "consent") == []
    assert clicked(edge) == []


def test_notification03_leads_to_its_page(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "notification03", {"primary": {"do": "open", "url": "/tea"}})
    expect(frame.locator("img")).to_have_attribute("alt", "")
    frame.get_by_role("link", name="見てみる").click()
    page.wait_for_url("**/tea")
    until(lambda: events(edge, "_message_click") == [{"name": "primary", "url": f"{edge.site}/tea"}])


def test_notification04_draws_the_icon_that_was_chosen_and_records_a_refusal(page: Page, edge: FakeEdge) -> None:
    drawn = {
        icon.value: message("notification04", {"icon": icon.value})["html"]
        for icon in gallery.form("notification04").questions[0].choices
    }
    assert len(set(drawn.values())) == len(drawn)
    shown(page, edge, "notification04", {"secondary": {"do": "deny", "purpose": "record", "then": "close"}})
    page.get_by_role("button", name="今はしない").click()
    gone(page, edge)
    assert events(edge, "consent") == [{"purpose": "record", "state": "denied"}]


def test_notification05_is_one_line_that_leads_somewhere_if_it_is_told_where(page: Page, edge: FakeEdge) -> None:
    page.set_viewport_size(WIDE)
    frame = shown(page, edge, "notification05", {"title": "本日発送します", "url": "/guide"})
    box = frame.bounding_box()
    assert box is not None
    assert box["height"] < 64
    frame.get_by_role("link", name="本日発送します").click()
    page.wait_for_url("**/guide")
    assert "<a " not in message("notification05")["html"]


@pytest.mark.parametrize(("answer", "state"), [("お願いする", "granted"), ("希望しない", "denied"), ("あとで決める", None)])
def test_notification06_takes_three_answers(page: Page, edge: FakeEdge, answer: str, state: str | None) -> None:
    purpose = {"purpose": "record", "then": "close"}
    shown(page, edge, "notification06", {"primary": {"do": "grant", **purpose}, "tertiary": {"do": "deny", **purpose}})
    page.get_by_role("button", name=answer).click()
    gone(page, edge)
    assert events(edge, "consent") == ([{"purpose": "record", "state": state}] if state else [])


# Modals, cards, bars


def test_the_modal_is_a_dialog_named_by_its_heading_and_gives_way_to_its_second_button(page: Page, edge: FakeEdge) -> None:
    shown(page, edge, "modal", {"title": "ようこそ、みどりへ"})
    dialog = page.get_by_role("dialog", name="ようこそ、みどりへ")
    expect(dialog).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(dialog.get_by_role("button", name="ゆっくり見る")).to_be_focused()
    page.keyboard.press("Enter")
    gone(page, edge)


def test_the_modal_scrolls_where_the_window_is_low(page: Page, edge: FakeEdge) -> None:
    page.set_viewport_size({"width": 640, "height": 300})
    last = shown(page, edge, "modal", {"body": "お茶のある暮らし。" * 40}).get_by_role("button", name="ゆっくり見る")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()


def test_the_picture_of_a_modal_is_a_link_told_in_words(page: Page, edge: FakeEdge) -> None:
    shown(page, edge, "modal_image", {"alt": "秋のお茶まつり 11月30日まで", "url": "/sale"})
    dialog = page.get_by_role("dialog", name="秋のお茶まつり 11月30日まで")
    dialog.get_by_role("link", name="秋のお茶まつり 11月30日まで").click()
    page.wait_for_url("**/sale")
    until(lambda: clicked(edge) == ["image"])


def test_the_card_slides_in_once_the_visitor_has_read_on_and_stands_still_for_those_who_ask(page: Page, edge: FakeEdge) -> None:
    page.emulate_media(reduced_motion="reduce")
    edge.pages["/"] = '<main style="height:4000px"><h1>茶と器</h1></main>'
    edge.answers = [{"messages": [message("slide_in")]}]
    page.goto(edge.site)
    until(lambda: edge.requests)
    expect(page.locator(MESSAGE)).to_have_count(0)
    page.evaluate("scrollTo(0, 2000)")
    card = page.locator(f"{MESSAGE} .card")
    expect(card).to_be_visible()
    assert card.evaluate("card => card.getAnimations().length") == 0


@pytest.mark.parametrize(("name", "edge_of_window"), [("top_bar", "top"), ("bottom_bar", "bottom")])
def test_a_bar_spans_the_window_at_its_edge(page: Page, edge: FakeEdge, name: str, edge_of_window: str) -> None:
    page.set_viewport_size(WIDE)
    frame = shown(page, edge, name)
    box = frame.evaluate(
        "frame => { const { top, bottom, width } = frame.getBoundingClientRect(); return { top, bottom, width } }"
    )
    assert box["width"] == WIDE["width"]
    assert box[edge_of_window] == (0 if edge_of_window == "top" else WIDE["height"])
    frame.get_by_role("link", name="詳しく見る").click()
    until(lambda: clicked(edge) == ["primary"])


@pytest.mark.parametrize("tone", ["filled", "quiet"])
@pytest.mark.parametrize("name", ["top_bar", "bottom_bar"])
def test_a_bar_can_be_read_in_both_tones(page: Page, edge: FakeEdge, name: str, tone: str) -> None:
    more = {"secondary_label": "あとで"} if name == "bottom_bar" else {}
    shown(page, edge, name, {"tone": tone, **more})
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []


# Coupon, countdown, shipping, call


def test_the_coupons_code_is_copied_by_one_press_and_the_copy_is_told(page: Page, edge: FakeEdge) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    frame = shown(page, edge, "coupon", {"code": "MIDORI500"})
    page.clock.install()
    frame.get_by_role("button", name="コピー").click()
    expect(frame.get_by_role("button", name="コピー済み")).to_be_visible()
    expect(frame.get_by_role("status")).to_have_text("クーポンコードをコピーしました")
    assert page.evaluate("navigator.clipboard.readText()") == "MIDORI500"
    until(lambda: clicked(edge) == ["copy"])
    page.clock.run_for(5000)
    expect(frame.get_by_role("button", name="コピー", exact=True)).to_be_visible()


def test_the_coupon_is_copied_where_a_page_has_no_clipboard_and_selected_where_nothing_else_works(
    page: Page, edge: FakeEdge
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    frame = shown(page, edge, "coupon", {"code": "MIDORI500"}, language="en")
    page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new Error('not here')))")
    frame.get_by_role("button", name="Copy").click()
    expect(frame.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "MIDORI500"
    page.evaluate("void (document.execCommand = () => false)")
    frame.get_by_role("button", name="Copied").click()
    expect(frame.get_by_role("status")).to_have_text("The code is selected; copy it by hand")


def timed(page: Page, edge: FakeEdge, texts: Mapping[str, Any], **more: Any) -> Locator:
    """The countdown, at noon in Tokyo."""
    page.clock.install(time="2026-11-21T12:00:00+09:00")
    return shown(page, edge, "countdown", texts, **more)


def left(frame: Locator) -> str:
    """What the timer says, its spaces out."""
    return re.sub(r"\s+", "", frame.get_by_role("timer").inner_text())


def test_the_countdown_counts_to_its_moment_and_says_when_it_is_over(page: Page, edge: FakeEdge) -> None:
    frame = timed(page, edge, {"minutes": 0, "ends_at": "2026-11-23T13:30"})
    page.clock.pause_at("2026-11-21T12:00:30+09:00")
    assert left(frame) == "2日01時間29分30秒"
    page.clock.run_for(2000)
    assert left(frame) == "2日01時間29分28秒"
    page.clock.pause_at("2026-11-22T13:30:01+09:00")
    page.clock.run_for(1000)
    assert left(frame) == "23時間59分58秒"
    page.clock.pause_at("2026-11-23T13:30:01+09:00")
    page.clock.run_for(1000)
    expect(frame).to_contain_text("終了しました")
    expect(frame.get_by_role("timer")).to_be_hidden()
    until(lambda: events(edge, "_message_state_changed") == [{"state": "over", "from": "running"}])


def test_the_countdown_may_close_when_it_is_over(page: Page, edge: FakeEdge) -> None:
    timed(page, edge, {"minutes": 1, "when_over": "close"}, language="en")
    page.clock.run_for(61_000)
    gone(page, edge, "timer")


def test_a_countdown_that_is_over_before_it_comes_is_never_shown(page: Page, edge: FakeEdge) -> None:
    page.clock.install(time="2026-11-21T12:00:00+09:00")
    said = message("countdown", {"minutes": 0, "ends_at": "2026-11-21T11:59", "when_over": "close"})
    edge.answers = [{"messages": [said]}]
    page.goto(edge.site)
    until(lambda: [event["values"]["reservation"] for event in edge.events("_release")] == ["r1"])
    assert events(edge, "_message_open") == []


def test_a_visitors_own_minutes_go_on_from_page_to_page(page: Page, edge: FakeEdge) -> None:
    timed(page, edge, {"minutes": 90})
    page.clock.fast_forward("30:00")
    frame = shown(page, edge, "countdown", {"minutes": 90})
    assert left(frame).startswith(("01時間00分00秒", "00時間59分"))


@pytest.mark.parametrize(
    ("total", "heading", "value"),
    [
        (0, "あと5,000円で送料無料です", 0),
        (4500, "あと500円で送料無料です", 4500),
        (4999, "あと1円で送料無料です", 4999),
        (5000, "送料無料でお届けします", 5000),
        (7200, "送料無料でお届けします", 5000),
    ],
)
def test_the_way_to_free_shipping_is_right(page: Page, edge: FakeEdge, total: int, heading: str, value: int) -> None:
    cart = {"variables": {"cart": {"event": "in_cart_price"}}, "values": {"cart": total}}
    frame = shown(page, edge, "shipping", {"total": "{{ cart }}"}, **cart)
    expect(frame.get_by_role("heading")).to_have_text(heading)
    gauge = frame.get_by_role("progressbar", name=heading)
    assert gauge.evaluate("gauge => [gauge.value, gauge.max]") == [value, 5000]


def test_the_call_button_calls(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "call_button", {"phone": "03-1234-5678"})
    call = frame.get_by_role("link", name="電話で相談")
    expect(call).to_have_attribute("href", "tel:0312345678")
    expect(call).to_contain_text("03-1234-5678")
    page.evaluate("addEventListener('click', event => event.preventDefault())")  # this machine has no telephone
    call.click()
    until(lambda: events(edge, "_message_click") == [{"name": "call", "url": "tel:0312345678"}])


def test_the_support_code_is_shown_for_as_long_as_it_is_good_and_a_new_one_can_be_had(page: Page, edge: FakeEdge) -> None:
    page.clock.install()
    frame = shown(page, edge, "support_code", {"phone": "03-1234-5678"})
    code = frame.locator(".code > span")
    expect(code).to_have_text("123 456")
    expect(code).to_have_attribute("aria-label", "1 2 3 4 5 6")
    expect(frame.get_by_role("status")).to_have_text("あと15分使えます")
    expect(frame.get_by_role("link", name="電話する")).to_have_attribute("href", "tel:0312345678")
    again = frame.get_by_role("button", name="新しい番号を表示する")
    expect(again).to_be_hidden()
    page.clock.run_for(15 * 60_000 + 5_000)
    expect(code).to_have_text("––– –––")
    expect(frame.get_by_role("status")).to_have_text("この番号の期限が切れました。")
    edge.support_code = "900017"
    again.click()
    expect(code).to_have_text("900 017")
    expect(again).to_be_hidden()


# Recommendations, embeds


def test_recommendations_are_the_rows_of_a_table_written_as_text(page: Page, edge: FakeEdge) -> None:
    frame = shown(
        page,
        edge,
        "recommendation",
        {"items": {"rows": "goods", "columns": {"name": "title", "url": "page"}}},
        tables={"goods": {"a": {"title": "煎茶", "page": "/item/a", "price": "¥1,620"}}},
        variables={"goods": {"table": "goods", "limit": 3}},
        values={
            "goods": [
                {"title": "煎茶", "page": "/item/a", "price": "¥1,620"},
                {"title": HOSTILE, "page": "javascript:alert(1)", "price": HOSTILE},
            ]
        },
    )
    first, second = frame.get_by_role("link").all()
    expect(first).to_have_text(re.compile(r"煎茶\s*¥1,620"))
    expect(second).to_contain_text(HOSTILE)
    expect(second).to_have_attribute("href", "#")
    assert page.title() != "1"
    first.click()
    page.wait_for_url("**/item/a")
    until(lambda: clicked(edge) == ["item1"])


def test_the_banner_stands_in_the_page_and_survives_its_next_rendering(page: Page, edge: FakeEdge) -> None:
    body = "<main><h1>茶と器</h1><div id=list><p>お茶</p></div></main>"
    frame = shown(page, edge, "embed_banner", display={"embed": {"selector": "#list", "place": "before"}}, body=body)
    host = page.locator(MESSAGE)
    assert host.evaluate("host => host.nextElementSibling.id") == "list"
    page.evaluate("document.querySelector('main').innerHTML = '<h1>器と茶</h1><div id=list><p>急須</p></div>'")
    expect(frame.get_by_role("heading", name="贈りものの包装を承ります")).to_be_visible()
    assert host.evaluate("host => host.nextElementSibling.id") == "list"
    assert len(edge.events("_message_open")) == 1


def test_the_banner_stands_beside_or_below_its_picture_by_the_room_it_has(page: Page, edge: FakeEdge) -> None:
    page.set_viewport_size(WIDE)
    body = '<main style="width:{}px"><h1>茶と器</h1></main>'
    tall = shown(page, edge, "embed_banner", body=body.format(300)).bounding_box()
    flat = shown(page, edge, "embed_banner", body=body.format(900)).bounding_box()
    assert tall is not None
    assert flat is not None
    assert tall["height"] > 250
    assert flat["height"] < 200
