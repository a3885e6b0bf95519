"""What a message is made of, written in the console: values that stand in its texts, and a template of one's own."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.axe import violations
from tests.browser.console_shots import staff_context
from tests.browser.demo_house import Demo
from tests.browser.tabs import tab

MESSAGE = "[data-omotenashi-message]"
API = "/api/projects/midori"


@pytest.fixture
def staff(browser: Browser, demo: Demo) -> Iterator[Page]:
    """Hanako, signed in, reading English; an error that reaches her page fails the test."""
    with tab(staff_context(browser, demo, language="en", width=1440), forgiven="sandboxed") as page:
        expect.set_options(timeout=15_000)
        yield page
        expect.set_options(timeout=5_000)


def kept(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="Kept as a draft")).to_be_visible()


def asked(page: Page, path: str) -> Any:
    return page.evaluate("path => fetch(path).then(answer => answer.json())", f"{API}{path}")


def choose(page: Page, box: Locator, option: str) -> None:
    box.click()
    page.get_by_role("option", name=option, exact=True).click()


def test_a_statistic_and_a_cell_of_a_table_stand_in_a_text(staff: Page) -> None:
    staff.goto("/p/midori/campaigns/cart_return?step=message")
    staff.get_by_role("button", name="Add a variable").click()
    views = staff.get_by_role("group", name="Variables: value1")
    views.get_by_label("Name", exact=True).fill("views")
    views = staff.get_by_role("group", name="Variables: views")
    choose(staff, views.get_by_role("combobox", name="From"), "Statistic")
    views.get_by_title("Event", exact=True).click()
    staff.get_by_role("option").filter(has_text="cart").first.click()

    staff.get_by_role("button", name="Add a variable").click()
    staff.get_by_role("group", name="Variables: value1").get_by_label("Name", exact=True).fill("tea")
    tea = staff.get_by_role("group", name="Variables: tea")
    choose(staff, tea.get_by_role("combobox", name="From"), "A cell of a content table")
    choose(staff, tea.get_by_role("combobox", name="Content table"), "goods")
    choose(staff, tea.get_by_role("combobox", name="Column"), "name")
    tea.get_by_label("Fallback").fill("sencha")

    title = staff.get_by_label("Heading", exact=True)
    title.fill("Seen  times")
    title.press("Home")
    for _ in "Seen ":
        title.press("ArrowRight")
    staff.get_by_role("button", name="Insert a variable into Heading").click()
    staff.get_by_role("menuitem", name=re.compile("^views")).click()
    expect(title).to_have_value("Seen {{ views }} times")
    kept(staff)
    expect(staff.frame_locator("figure iframe").locator(MESSAGE)).to_contain_text(re.compile(r"Seen \d+ times"))
    arm = asked(staff, "/documents/campaigns/cart_return")["draft"]["document"]["actions"][0]
    assert arm["texts"]["title"]["en"] == "Seen {{ views }} times"
    assert arm["variables"]["views"]["statistic"]["period"] == "30 days"
    assert arm["variables"]["tea"] == {
        "table": "goods",
        "column": "name",
        "key": {"attribute": "name"},
        "default": "sencha",
    }
    assert asked(staff, "/documents/campaigns/cart_return")["draft"]["problems"] == []

    drawn = staff.get_by_role("combobox", name="With whose values")
    drawn.click()
    with staff.expect_response(
        lambda one: one.url.endswith("/preview") and '"person"' in (one.request.post_data or "")
    ) as answer:
        staff.get_by_role("option").nth(1).click()
    theirs = answer.value.json()["values"]["views"]
    expect(staff.get_by_role("group", name="Variables: views")).to_contain_text(f"Such as {theirs}")
    assert violations(staff, "#root") == []


def test_a_template_is_copied_written_and_published(staff: Page) -> None:
    staff.goto("/p/midori/gallery?template=coupon")
    staff.get_by_role("button", name="Make your own copy").click()
    dialog = staff.get_by_role("dialog", name="Copy the template")
    dialog.get_by_label("Id").fill("coupon")
    dialog.get_by_role("button", name="Make the copy").click()
    expect(dialog).to_contain_text("There is a template with this id already")
    dialog.get_by_label("Id").fill("our_coupon")
    dialog.get_by_label("Name").fill('Our "own" coupon')
    dialog.get_by_role("button", name="Make the copy").click()
    expect(staff).to_have_url(re.compile("/gallery/our_coupon$"))
    expect(staff.get_by_role("heading", level=1)).to_have_text('Our "own" coupon')

    code, preview = staff.locator(".cm-content"), staff.frame_locator("figure iframe").locator(MESSAGE)
    expect(preview.locator(".omo-frame")).to_be_visible()
    code.click()
    code.press("ControlOrMeta+End")
    staff.keyboard.type("<p {{ tit")
    expect(staff.locator(".cm-tooltip-autocomplete")).to_contain_text("title")
    staff.keyboard.press("Escape")
    staff.keyboard.type("le }}></p>")
    expect(staff.locator(".cm-lint-marker-error")).to_be_visible()
    expect(staff.get_by_role("tab", name=re.compile("Markup"))).to_contain_text("1 problem")
    expect(staff.get_by_role("button", name="Publish", exact=True)).to_be_disabled()
    code.press("ControlOrMeta+End")
    for _ in "<p {{ title }}></p>":
        staff.keyboard.press("Backspace")
    staff.keyboard.insert_text("<p>Yours, {{ language | upcase }}</p>")
    expect(preview).to_contain_text("Yours, EN")
    staff.get_by_role("tab", name="Style").click()
    code.click()
    staff.keyboard.type(".card { color: var(--ac")
    expect(staff.locator(".cm-tooltip-autocomplete")).to_contain_text("--accent")
    staff.keyboard.press("Escape")
    staff.keyboard.type("cent)")
    kept(staff)
    assert violations(staff, "#root") == []

    staff.get_by_role("button", name="Publish", exact=True).click()
    dialog = staff.get_by_role("dialog", name="Publish the template")
    dialog.get_by_label("What changed").fill("a coupon of our own")
    dialog.get_by_role("button", name="Publish").click()
    expect(staff.get_by_text("Published", exact=True)).to_be_visible()
    assert "Yours, " in asked(staff, "/documents/templates/our_coupon")["document"]["body.liquid"]
    staff.get_by_role("tab", name="Versions").click()
    expect(staff.get_by_text("a coupon of our own")).to_be_visible()

    staff.goto("/p/midori/gallery")
    expect(staff.get_by_role("link", name='Our "own" coupon')).to_be_visible()
    expect(staff.locator('[data-template="our_coupon"]')).to_be_visible()
