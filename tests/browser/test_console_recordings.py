"""Staff watch a visit as it happens, and again afterwards: the same page, moving, beside what happened."""

import re

from playwright.sync_api import Browser, FrameLocator, Page, expect
from tests.browser.demo_house import DESK, Demo

expect.set_options(timeout=20_000)


def screen(page: Page) -> FrameLocator:
    """What the visitor saw, as it is drawn for staff."""
    return page.frame_locator("iframe[src='/replay']").frame_locator("iframe")


def test_a_visit_is_watched_as_it_happens_and_again_from_its_story(browser: Browser, demo: Demo, staff: Page) -> None:
    with browser.new_context(user_agent=DESK, viewport={"width": 1280, "height": 800}, locale="ja-JP") as context:
        visitor = context.new_page()
        visitor.goto(demo.shop + "/items/tenmoku")
        visitor.wait_for_function("() => omotenashi.parts && omotenashi.parts.recorder && omotenashi.parts.recorder.id")
        recording = visitor.evaluate("() => omotenashi.parts.recorder.id")
        name = visitor.locator("h1").inner_text()

        staff.goto("/p/midori/live")
        card = staff.locator("main li").filter(has=staff.locator(f"a[href*='{recording}']"))
        expect(card).to_contain_text("/items/tenmoku")
        card.get_by_role("link").click()
        expect(staff.get_by_text("ライブ", exact=True).last).to_be_visible()
        expect(screen(staff).locator("h1")).to_have_text(name)
        expect(screen(staff).locator("[data-added]")).to_be_hidden()

        expect(visitor.get_by_role("dialog")).to_be_visible()
        visitor.keyboard.press("Escape")
        visitor.get_by_role("button", name="カートに入れる").click()  # what they do moves on the other screen
        expect(screen(staff).locator("[data-added]")).to_be_visible()
        visitor.goto(demo.shop + "/guide")  # and so does a page that is another one
        expect(screen(staff).locator("h1")).to_have_text(visitor.locator("h1").inner_text())

    staff.goto(f"/p/midori/recordings/{recording}")
    expect(screen(staff).locator("h1")).to_have_text(name)
    walk = staff.locator("aside ol > li")
    expect(walk.filter(has_text="/items/tenmoku").first).to_be_visible()
    place = staff.get_by_role("slider", name="再生位置")
    place.press("End")
    expect(screen(staff).locator("h1")).not_to_have_text(name)
    place.press("Home")
    expect(screen(staff).locator("h1")).to_have_text(name)

    staff.get_by_role("textbox", name="この時点のメモ").fill("ここで迷っています")
    staff.get_by_role("button", name="メモを残す").click()
    expect(staff.locator("aside").get_by_text("ここで迷っています")).to_be_visible()

    staff.get_by_role("link", name="ユーザーストーリー").click()
    watch = staff.get_by_role("link", name=re.compile("録画を見る|ライブで見る"))
    expect(watch.first).to_have_attribute("href", re.compile(recording))


def test_what_is_drawn_can_run_nothing_and_reach_nothing(browser: Browser, demo: Demo, staff: Page) -> None:
    staff.goto("/p/midori/recordings")
    staff.locator("main ul > li a[href*='/recordings/']").first.click()
    expect(screen(staff).locator("body")).to_be_visible()
    frame = staff.locator("iframe[src='/replay']").content_frame.locator("iframe")
    assert "allow-scripts" not in (frame.get_attribute("sandbox") or "")
    policy = staff.request.get("/replay").headers["content-security-policy"]
    assert "connect-src 'none'" in policy
    assert "form-action 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]


def test_people_who_clicked_play_beside_those_who_did_not(demo: Demo, staff: Page) -> None:
    staff.goto("/p/midori/recordings/compare?campaign=welcome")
    clicked = staff.locator("section").filter(has=staff.get_by_role("heading", name=re.compile("^クリックした")))
    others = staff.locator("section").filter(has=staff.get_by_role("heading", name=re.compile("^表示されたが")))
    expect(clicked.or_(others).locator("iframe").first).to_be_visible()
    expect(others.locator("li")).not_to_have_count(0)
    first = others.locator("iframe").first.content_frame.locator("iframe").content_frame
    expect(first.locator("h1, .brand").first).to_be_visible()


def test_a_number_of_people_who_saw_nothing_leads_to_their_screens(staff: Page) -> None:
    staff.goto("/p/midori/campaigns/welcome/report")
    staff.locator("main ol > li").filter(has_text="止まりました").first.get_by_role("link").last.click()
    staff.get_by_role("link", name="この人たちの画面").click()
    expect(staff.get_by_role("combobox", name="接客サービス", exact=True)).to_have_value("はじめてのお客様へのごあいさつ")
    expect(staff.get_by_role("combobox", name="その接客との関わり")).to_have_value("表示しなかった")
    expect(staff.get_by_role("combobox", name="止まった判定段階")).not_to_have_value("")
    expect(staff.get_by_text(re.compile(r"^録画 \d+件。"))).to_be_visible()
