"""The demo as a newcomer has it: one command, a shop in a real browser, messages that the real engine chose."""

import re
import time

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.demo_house import Demo, visiting
from tests.browser.fake_edge import until
from tests.browser.tabs import keep

MESSAGE = "[data-omotenashi-message]"
CARTS = {
    3999: {"hagi-set": 1},
    4000: {"tenmoku": 1},
    4500: {"tenmoku": 1, "yokan": 1},
    4999: {"hagi-set": 1, "tea-scoop": 1},
    5000: {"tenmoku": 1, "tea-scoop": 1},
}


def fill_cart(page: Page, goods: dict[str, int]) -> None:
    """Things in the cart, as the shop keeps them, and the cart's page open."""
    page.goto("/cart")
    page.evaluate("goods => localStorage.setItem('midori.cart', JSON.stringify(goods))", goods)
    page.goto("/cart")


def decided(page: Page) -> None:
    """Waits until the edge has answered everything this page said so far, and a little longer than any display needs."""
    page.wait_for_function("window.omotenashi && omotenashi.loaded")
    assert page.evaluate("omotenashi('track', 'test_probe')") == {"ok": True}
    page.wait_for_timeout(1000)


def test_a_newcomer_is_greeted_and_everything_is_counted(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as page:
        page.goto("/")
        dialog = page.get_by_role("dialog", name="みどりへ、ようこそ。")
        expect(dialog).to_be_visible()
        page.wait_for_timeout(300)
        keep(page, "demo-welcome-phone")
        dialog.get_by_role("link", name="新茶から見てみる").click()
        page.wait_for_url("**/tea")
        decided(page)
        visitor = page.evaluate("localStorage.getItem('_omo')")
    wanted = ("_message_ready", "_message_open", "_message_click", "_message_close")
    until(lambda: all(name in demo.said("story", "--json", visitor) for name in wanted), 20)


def test_a_greeting_comes_once(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, width=1280, height=800) as page:
        page.goto("/")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.wait_for_timeout(300)
        keep(page, "demo-welcome-desk")
        page.keyboard.press("Escape")
        expect(page.locator(MESSAGE)).to_have_count(0)
        page.goto("/")
        decided(page)
        page.wait_for_timeout(2000)
        assert page.get_by_role("dialog").count() == 0


def test_the_greeting_speaks_the_language_of_the_page(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, locale="en-GB") as page:
        page.goto("/")
        expect(page.get_by_role("dialog", name="Welcome to Midori.")).to_be_visible()


@pytest.mark.parametrize(("total", "words"), [(4000, "あと1,000円で"), (4500, "あと500円で"), (4999, "あと1円で")])
def test_a_little_more_for_free_shipping_is_said_with_its_amount(browser: Browser, demo: Demo, total: int, words: str) -> None:
    with visiting(browser, demo) as page:
        fill_cart(page, CARTS[total])
        expect(page.get_by_role("heading", name=f"{words}、送料無料になります。")).to_be_visible()
        page.wait_for_timeout(800)
        keep(page, f"demo-shipping-{total}")


@pytest.mark.parametrize("total", [3999, 5000])
def test_free_shipping_is_not_mentioned_when_it_is_far_or_already_there(browser: Browser, demo: Demo, total: int) -> None:
    with visiting(browser, demo) as page:
        fill_cart(page, CARTS[total])
        decided(page)
        assert page.locator(MESSAGE).count() == 0


def test_free_shipping_is_not_mentioned_after_the_purchase(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as page:
        fill_cart(page, CARTS[4500])
        expect(page.get_by_role("heading", name="送料無料になります")).to_be_visible()
        page.get_by_role("link", name="ご注文へ進む").click()
        page.get_by_label("お名前").fill("山田 花子")
        page.get_by_label("お届け先").fill("東京都中央区日本橋1-2-3")
        page.get_by_role("button", name="注文を確定する").click()
        expect(page.get_by_role("heading", name="ご注文ありがとうございました")).to_be_visible()
        page.goto("/cart")
        decided(page)
        assert page.locator(MESSAGE).count() == 0


def test_the_sale_is_shown_to_those_who_have_not_seen_it(browser: Browser, demo: Demo) -> None:
    def noticed(*paths: str) -> bool:
        with visiting(browser, demo, width=1280, height=800) as page:
            page.goto("/")
            expect(page.get_by_role("dialog")).to_be_visible()
            page.keyboard.press("Escape")
            for path in paths:
                page.goto(path)
                decided(page)
            page.wait_for_timeout(2500)
            shown = page.locator(".card").count() == 1
            if shown:
                keep(page, "demo-sale")
                assert page.get_by_role("link", name=re.compile("セールを見る|見てみる")).get_attribute("href") == "/sale"
            return shown

    assert any(noticed("/tea", "/pottery") for _ in range(6))  # one visitor in ten is in the holdout
    assert not any(noticed("/sale", "/pottery") for _ in range(2))


def test_signing_up_is_thanked_by_name_and_the_coupon_stays_in_sight(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as page:
        page.goto("/signup")
        page.get_by_label("お名前").fill("花子")
        page.get_by_label("メールアドレス").fill(f"hanako{time.time_ns()}@example.jp")
        page.get_by_role("button", name="登録する", exact=True).click()
        page.wait_for_url("**/signup/done")
        coupon = page.get_by_role("region", name="花子さま、ありがとうございます。")
        expect(coupon).to_be_visible()
        expect(coupon.get_by_text("MIDORI500")).to_be_visible()
        page.wait_for_timeout(300)
        keep(page, "demo-coupon")
        coupon.get_by_role("link", name="お茶を選ぶ").click()
        page.wait_for_url("**/tea")
        expect(page.get_by_role("region", name="初回500円引きクーポン MIDORI500")).to_be_visible()
        expect(page.get_by_text("花子さん")).to_be_visible()


def test_a_visitor_may_ask_not_to_be_measured(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as page:
        page.goto("/guide")
        decided(page)
        page.get_by_role("button", name="この店で計測しない").dispatch_event("click")  # a message may lie over it
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if "/v1/track" in request.url else None)
        page.goto("/tea")
        page.wait_for_timeout(800)
        assert sent == []
        expect(page.get_by_role("button", name="計測していません。再開する")).to_be_visible()
