"""Staff watch somebody come: now, in the story as it goes on, in lists, and gone when they are erased."""

import csv
import io
import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from tests.browser.demo_house import Demo, visiting

WELCOME = "はじめてのお客様へのごあいさつ"
expect.set_options(timeout=20_000)


def test_whoever_comes_appears_now_and_their_story_goes_on_with_reasons(browser: Browser, demo: Demo, staff: Page) -> None:
    staff.goto("/p/midori/now")
    expect(staff.get_by_text("つながっています")).to_be_visible()
    faces = staff.locator("main li", has=staff.locator("time"))
    with visiting(browser, demo) as visitor:
        visitor.goto("/tea")
        card = faces.filter(has_text="/tea")
        expect(card).to_have_count(1)
        expect(card).to_contain_text("1回目の来訪")
        expect(staff.get_by_role("button", name=re.compile("はじめての来訪 1"))).to_be_visible()
        card.get_by_role("link").click()

        expect(staff.get_by_text("いまサイトにいます")).to_be_visible()
        rows = staff.locator("main ol ol > li")
        expect(rows.filter(has_text="ページを見た").filter(has_text="/tea")).to_have_count(1)
        greeting = visitor.get_by_role("dialog", name="みどりへ、ようこそ。")
        expect(greeting).to_be_visible()
        leaf = rows.filter(has_text=WELCOME)
        expect(leaf).to_contain_text("表示した")
        greeting.get_by_role("link", name="新茶から見てみる").click()
        expect(leaf).to_contain_text("クリック")

        visitor.goto("/guide")
        seen = rows.filter(has_text="/guide")
        expect(seen).to_have_count(1)
        seen.get_by_role("button", name=re.compile("表示しなかった接客")).click()
        staff.get_by_role("button", name=re.compile(WELCOME)).click()
        compared = staff.get_by_role("table").filter(has_text="比べた値")
        expect(compared).to_be_visible()
        expect(compared).to_contain_text("ユーザーごとに1回")


def test_a_code_that_the_visitor_reads_out_opens_their_story(browser: Browser, demo: Demo, staff: Page) -> None:
    with visiting(browser, demo) as visitor:
        visitor.goto("/tea")
        told = visitor.evaluate('omotenashi("supportCode", { show: true })')
        assert told["ok"]
        dialog = visitor.get_by_role("dialog", name="サポートコード")
        expect(dialog).to_contain_text(f"{told['code'][:3]} {told['code'][3:]}")
        expect(dialog).to_contain_text("あと15分使えます")
        staff.goto("/p/midori/people")
        staff.get_by_role("searchbox").fill(told["code"])
        staff.get_by_role("button", name="サポートコード").click()
        expect(staff.get_by_text("いまサイトにいます")).to_be_visible()
        expect(staff.locator("main ol ol > li").filter(has_text="/tea")).not_to_have_count(0)
        dialog.get_by_role("button", name="閉じる").last.click()
        expect(dialog).to_have_count(0)
    wrong = "000000" if told["code"] != "000000" else "000001"
    staff.keyboard.press("Control+k")
    staff.get_by_role("textbox", name="検索と移動").fill(wrong)
    staff.get_by_role("button", name=re.compile("サポートコード")).click()
    expect(staff.get_by_role("alert")).to_contain_text("使っている人はいません")


def test_a_search_is_kept_listed_as_csv_and_taken_up_again(staff: Page, tmp_path: Path) -> None:
    staff.goto("/p/midori/people")
    staff.get_by_role("searchbox").fill("花子")
    expect(staff.get_by_role("rowheader")).to_have_text(["山田 花子"])
    expect(staff).to_have_url(re.compile("text="))
    staff.get_by_role("button", name="保存した検索").click()
    staff.get_by_role("textbox", name="検索の名前").fill("花子さん")
    staff.get_by_role("button", name="この検索を保存").click()
    expect(staff.get_by_text("「花子さん」を保存しました")).to_be_visible()
    with staff.expect_download() as download:
        staff.get_by_role("button", name="CSV で書き出す").click()
    download.value.save_as(tmp_path / "people.csv")
    head, *rows = csv.reader(io.StringIO((tmp_path / "people.csv").read_text("utf-8-sig")))
    assert head[:3] == ["ユーザー", "name", "会員 ID"]
    assert [row[1:3] for row in rows] == [["山田 花子", "demo-0001"]]
    staff.goto("/p/midori/people")
    expect(staff.get_by_role("rowheader").nth(1)).to_be_visible()
    staff.get_by_role("button", name="保存した検索").click()
    staff.get_by_role("button", name=re.compile("^花子さん")).click()
    expect(staff.get_by_role("rowheader")).to_have_text(["山田 花子"])


def test_somebody_erased_is_nowhere_any_more(staff: Page, demo: Demo) -> None:
    staff.goto("/p/midori/people/demo-0002")
    expect(staff.get_by_role("heading", name="鈴木 太郎")).to_be_visible()
    staff.get_by_role("button", name="消去する").click()
    staff.get_by_role("dialog").get_by_role("button", name="消去する").click()
    expect(staff).to_have_url(re.compile("/people$"))
    expect(staff.get_by_text("消去しました")).to_be_visible()
    staff.goto("/p/midori/people/demo-0002")
    expect(staff.get_by_text("この人は見つかりません。データが消去されたか、まだ来訪していません")).to_be_visible()


def test_home_counts_today_and_shows_what_needs_care(staff: Page) -> None:
    staff.goto("/p/midori")
    expect(staff.get_by_role("tab", name=re.compile("来訪した人"))).to_have_attribute("aria-selected", "true")
    staff.get_by_role("tab", name=re.compile("表示したメッセージ")).click()
    expect(staff.get_by_role("img", name=re.compile("表示したメッセージ（1時間ごと）"))).to_be_visible()
    expect(staff.get_by_text("お電話でのご相談")).to_be_visible()
    expect(staff.get_by_text(re.compile("隠しました")).first).to_be_visible()
