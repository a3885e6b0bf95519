"""Forms and screens of a message, under a real hand: what is wrong is said, Enter sends, the focus stays where it helps."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.fake_edge import FakeEdge, until
from tests.browser.test_messages import MESSAGE, message, said

SIGN_UP = """<section data-omotenashi-state="ask"><h2>お便り</h2>
  <form data-omotenashi-attribute data-omotenashi-track="signup" data-omotenashi-values='{"from": "message"}'
    data-omotenashi-go="thanks">
    <label>メール <input name="email" type="email" required></label><button data-omotenashi-click="send">登録</button>
  </form></section>
  <section data-omotenashi-state="thanks"><h2>ありがとうございます</h2>
  <button type="button" data-omotenashi-then="close">閉じる</button></section>
  <button type="button" data-omotenashi-close>×</button>"""


@pytest.fixture
def form(page: Page, edge: FakeEdge) -> Page:
    """A page on which the form is open."""
    edge.answers = [{"messages": [message(kind="modal", html=SIGN_UP)]}]
    page.goto(edge.site)
    expect(page.get_by_role("dialog", name="お便り")).to_be_visible()
    return page


FOCUSED = "document.activeElement.shadowRoot.activeElement"


def test_a_form_with_a_wrong_field_sends_nothing_and_leads_to_it(form: Page, edge: FakeEdge) -> None:
    form.get_by_label("メール").fill("no address")
    form.get_by_role("button", name="登録").click()
    assert form.evaluate(f"{FOCUSED}.name") == "email"
    expect(form.get_by_role("dialog", name="お便り")).to_be_visible()
    form.evaluate("omotenashi('track', 'later')")
    assert edge.names() == ["view", "_message_open", "later"]


def test_enter_sends_a_form_once_and_turns_to_the_next_screen(form: Page, edge: FakeEdge) -> None:
    form.get_by_label("メール").fill("hanako@example.jp")
    form.keyboard.press("Enter")
    expect(form.get_by_role("dialog", name="ありがとうございます")).to_be_visible()
    until(lambda: "_message_state_changed" in edge.names())
    assert edge.names()[2:] == ["_message_click", "signup", "attribute", "_message_state_changed"]
    assert said(edge, "_message_click") == [{"reservation": "r1", "name": "send"}]
    assert said(edge, "signup") == [{"from": "message", "email": "hanako@example.jp"}]
    assert said(edge, "attribute") == [{"email": "hanako@example.jp"}]
    assert said(edge, "_message_state_changed") == [{"reservation": "r1", "state": "thanks", "from": "ask"}]
    assert form.evaluate(f"{FOCUSED}.dataset.omotenashiState") == "thanks"
    form.keyboard.press("Tab")
    assert form.evaluate(f"{FOCUSED}.textContent") == "閉じる"
    form.keyboard.press("Enter")
    expect(form.locator(MESSAGE)).to_have_count(0)
    until(lambda: said(edge, "_message_close") == [{"reservation": "r1", "by": "button"}])
    assert edge.names().count("_message_click") == 1


def test_a_wrong_field_on_another_screen_of_the_form_is_shown_first(page: Page, edge: FakeEdge) -> None:
    html = """<form data-omotenashi-answer><section data-omotenashi-state="one"><h2>1</h2><input name="name" required>
      <button type="button" data-omotenashi-go="two">次へ</button></section>
      <section data-omotenashi-state="two"><h2>2</h2><button>送る</button></section></form>"""
    edge.answers = [{"messages": [message(html=html)]}]
    page.goto(edge.site)
    page.get_by_role("button", name="次へ").click()
    page.get_by_role("button", name="送る").click()
    expect(page.locator("[name=name]")).to_be_focused()
    page.keyboard.type("花子")
    page.get_by_role("button", name="次へ").click()
    page.get_by_role("button", name="送る").click()
    until(lambda: said(edge, "_answer_question") == [{"reservation": "r1", "answers": {"name": "花子"}}])


def test_the_pages_shortcuts_do_not_hear_what_is_typed_into_a_message(form: Page, edge: FakeEdge) -> None:
    form.evaluate("window.keys = []; document.addEventListener('keydown', event => keys.push(event.key))")
    form.get_by_label("メール").press_sequentially("s/")
    assert form.evaluate("keys") == []
    form.keyboard.press("Escape")
    assert form.evaluate("keys") == ["Escape"]
    expect(form.locator(MESSAGE)).to_have_count(0)


@pytest.mark.parametrize(("attribute", "state"), [("grant", "granted"), ("deny", "denied")])
def test_a_button_answers_for_a_purpose(page: Page, edge: FakeEdge, attribute: str, state: str) -> None:
    does = f'data-omotenashi-click="answer" data-omotenashi-{attribute}="record" data-omotenashi-close'
    html = f'<button type="button" {does}>答える</button>'
    edge.answers = [{"messages": [message(html=html)]}]
    page.goto(edge.site)
    page.get_by_role("button", name="答える").click()
    until(lambda: "_message_close" in edge.names())
    assert edge.names()[2:] == ["_message_click", "consent", "_message_close"]
    assert said(edge, "consent") == [{"reservation": "r1", "purpose": "record", "state": state}]


def test_the_page_hears_what_happens_to_messages(page: Page, edge: FakeEdge) -> None:
    edge.before_tag = """window.heard = [];
      for (const event of ["ready", "open", "click", "close", "error"])
        omotenashi("on", event, about => { heard.push([event, about]); throw new Error("the page's own"); });"""
    broken: dict[str, Any] = {**message(reservation="r2", kind="script", script="throw new Error('mine')")}
    edge.answers = [{"messages": [message(), broken]}]
    page.goto(edge.site)
    page.get_by_role("button", name="閉じる").click()
    about = {"campaign": "welcome", "action": "d1K", "reservation": "r1"}
    page.wait_for_function("heard.length === 4")
    heard = page.evaluate("heard")
    assert [event for event, _ in heard] == ["ready", "open", "error", "close"]
    assert heard[0][1] == {"visitor": edge.requests[0]["visitor"]}
    assert heard[1][1] == about
    assert heard[2][1] == {**about, "reservation": "r2", "message": "mine"}
    assert heard[3][1] == {**about, "by": "button"}
    assert page.evaluate("omotenashi('on', 'dance', () => 0)") == {"ok": False, "code": "unknown_event"}
    assert page.evaluate("omotenashi('on', 'ready', about => window.again = about.visitor)") == {"ok": True}
    assert page.evaluate("window.again") == edge.requests[0]["visitor"]
