"""Staff read what a campaign did, go from a number to its people, and put the events of their site in order."""

import re
import subprocess

from playwright.sync_api import Locator, Page, expect
from tests.browser.axe import violations
from tests.browser.demo_house import Demo

expect.set_options(timeout=20_000)
PAGE = 50


def number(place: Locator) -> int:
    """The first number that stands there."""
    found = re.search(r"[\d,]+", place.inner_text())
    assert found is not None
    return int(found[0].replace(",", ""))


def test_a_report_begins_with_a_sentence_and_its_stream_only_narrows(staff: Page) -> None:
    staff.goto("/p/midori/campaigns/sale_not_seen/report")
    verdict = staff.locator("[data-verdict]")
    expect(verdict).to_contain_text(re.compile(r"[\d,]+人に表示しました。ゴールに達したのは[\d.]+%、未実施の人では[\d.]+%。"))
    expect(verdict).to_contain_text("人数は、設定した割合どおりに振り分けられています。")
    rows = staff.locator("main ol > li")
    came = number(rows.first)
    stopped = [number(row.locator("b")) for row in rows.filter(has_text="止まりました").all()]
    passed = number(rows.filter(has_text="すべての判定を通った人"))
    assert stopped
    assert came == sum(stopped) + passed
    assert violations(staff, "main") == []


def test_a_number_of_a_report_leads_to_the_people_behind_it(staff: Page) -> None:
    staff.goto("/p/midori/campaigns/sale_not_seen/report")
    goal = staff.locator("[data-end] [data-side=message]").get_by_role("link")
    count = number(goal)
    assert count
    goal.click()
    expect(staff.get_by_role("heading", name="ゴールに達した人")).to_be_visible()
    expect(staff).to_have_url(re.compile("what=goal&side=message"))
    expect(staff.get_by_text(re.compile(rf"^{count}人 · "))).to_be_visible()
    people = staff.locator("main tbody tr")
    expect(people).to_have_count(min(count, PAGE))
    people.first.get_by_role("link").click()
    expect(staff).to_have_url(re.compile(r"/people/[^?/]+$"))
    expect(staff.locator("main")).to_contain_text("まだセールをご覧でないお客様へ")


def test_the_days_of_a_report_stand_in_its_address(staff: Page) -> None:
    staff.goto("/p/midori/campaigns/sale_not_seen/report")
    headline = staff.locator("[data-verdict] p").first
    expect(headline).to_be_visible()
    whole, sentence = number(staff.locator("main ol > li").first), headline.inner_text()
    staff.get_by_text("7日間", exact=True).click()
    expect(staff).to_have_url(re.compile(r"start=\d{4}-\d\d-\d\d"))
    expect(staff.locator("main ol > li").first).not_to_contain_text(f"{whole:,}人")
    assert number(staff.locator("main ol > li").first) < whole
    expect(headline).to_have_text(sentence)  # what is concluded does not follow the days one picks
    staff.reload()
    expect(staff.get_by_role("radio", name="7日間")).to_be_checked()


def test_an_event_nobody_needs_is_ignored_and_taken_again(staff: Page, demo: Demo) -> None:
    demo.said("send-event", "demo-0001", "hover_menu", '{"x": 12}')
    demo.said("send-event", "demo-0001", "hover_menu", '{"x": "left"}')
    staff.goto("/p/midori/events?show=attention")
    link = staff.get_by_role("link", name="hover_menu")
    expect(staff.get_by_role("heading", name="イベント", exact=True)).to_be_visible()
    while_waiting(staff, link)
    row = staff.get_by_role("row").filter(has=link)
    expect(row).to_contain_text("型がまちまち：x")
    expect(row).to_contain_text("どこにも使われていない")
    link.click()
    field = staff.get_by_role("row").filter(has_text="x")
    expect(field).to_contain_text("数 1件")
    expect(field).to_contain_text("文字 1件")
    assert violations(staff, "main") == []

    staff.get_by_role("button", name="今後は受け取らない").click()
    expect(staff.get_by_text("hover_menu を受け取らない設定にしました")).to_be_visible()
    expect(staff.get_by_text("このイベントは受け取らない設定です")).to_be_visible()
    refused(demo)
    staff.get_by_role("button", name="元に戻す").click()
    expect(staff.get_by_role("button", name="今後は受け取らない")).to_be_visible()


def while_waiting(page: Page, wanted: Locator) -> None:
    """Looks again until the warehouse has it."""
    for _ in range(20):
        if wanted.count():
            return
        page.wait_for_timeout(500)
        page.reload()
        expect(page.get_by_role("heading", name="イベント", exact=True)).to_be_visible()
        page.wait_for_load_state("networkidle")
    expect(wanted).to_be_visible()


def refused(demo: Demo) -> None:
    """The running edge leaves the event out, as soon as it has taken over the new version."""
    assert any("ignores hover_menu" in answer(demo) for _ in range(50))


def answer(demo: Demo) -> str:
    """What is said to another event of this name."""
    try:
        return demo.said("send-event", "demo-0001", "hover_menu")
    except subprocess.CalledProcessError as error:
        return f"{error.stdout}{error.stderr}"
