"""Consent, the whole way: asked for in a page, put off, asked again when its time has come, given, looked at and taken back."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.recipe_house import House, Visit, running_house, until  # noqa: F401  a fixture

RECORD = {
    "name": "record",
    "label": {"ja": "画面の記録", "en": "Recording of the screen"},
    "text": {"ja": "使いにくいところを直すためです。", "en": "So that we can mend what is hard to use."},
    "default": "unknown",
    "policy": "2026-10",
    "ask_again": {"ignored": "1 hour", "later": "3 days", "closed": "7 days", "refused": "90 days"},
    "signals": {"tcf": [1, 8], "google": ["analytics_storage"], "gpc": True},
}
MAIL = {"name": "mail", "default": "unknown"}
DAY = 24 * 3600


@pytest.fixture
def hanako(browser: Browser, house: House) -> Iterator[Visit]:
    """Somebody new on a shop that asks for permission to record."""
    if "consents" not in house.sites:
        house.project("consents", purposes=[RECORD, MAIL])
        house.install("consents", "live_permission")
        house.in_force("consents")
    with house.visit(browser, "consents") as visit:
        yield visit


def told(house: House, visit: Visit) -> dict[str, Any]:
    """What staff see of this person's purpose ``record``, and the ledger."""
    found = house.ask(f"/api/projects/consents/people/{visit.visitor}/consents")
    return {**found["purposes"][0], "changes": [(one["state"], one["source"]) for one in reversed(found["changes"])]}


def ask(visit: Visit) -> None:
    """The next page asks, and the message is in sight."""
    visit.goto("/tea").stay(3)
    expect(visit.message.locator("h2").first).to_be_visible()


def test_put_off_asked_again_when_its_time_has_come_given_and_taken_back(house: House, hanako: Visit) -> None:
    ask(hanako)
    expect(hanako.message).to_contain_text("サイトからリクエストが届いています。")
    hanako.message.get_by_role("button", name="あとで決める").click()
    expect(hanako.message).to_have_count(0)
    hanako.decided()
    assert hanako.said("consents")["consents"] == {"record": "unknown", "mail": "unknown"}
    house.later(seconds=3 * DAY - 60)
    hanako.goto("/pottery").stay(3)
    expect(hanako.message).to_have_count(0)
    house.later(seconds=60)
    ask(hanako)
    hanako.message.get_by_role("button", name="承認する").click()
    expect(hanako.message.get_by_role("heading", name="ありがとうございます。")).to_be_visible()
    hanako.decided()
    assert hanako.said("consents")["consents"]["record"] == "granted"
    assert "live_recorder_at_once" in hanako.handed(), "the recorder comes on the same page"
    state = until(
        lambda: (found := told(house, hanako))["state"] == "granted" and len(found["changes"]) == 2 and found, "the grant"
    )
    assert (state["source"], state["policy"]) == ("template", "2026-10")
    assert "@" in state["text"], "the action and the version of what was shown"
    hanako.stay(1)
    assert hanako.said("consent", "record", "withdrawn") == {"ok": True}
    assert hanako.said("consents")["consents"]["record"] == "withdrawn"
    until(
        lambda: told(house, hanako)["changes"] == [("later", "template"), ("granted", "template"), ("withdrawn", "api")],
        "the ledger",
    )
    hanako.goto("/pottery").stay(3)
    expect(hanako.message).to_have_count(0)


def test_staff_ask_one_person_who_had_refused(house: House, hanako: Visit) -> None:
    ask(hanako)
    hanako.message.get_by_role("button", name="承認しない").click()
    hanako.decided()
    until(lambda: told(house, hanako)["state"] == "denied", "the refusal")
    address = f"/api/projects/consents/people/{hanako.visitor}/consents/ask"
    hanako.page.goto("about:blank")  # an open page would be asked, and left a moment later
    wish = house.ask(address, {"purpose": "record"})
    assert wish["campaign"] == "live_permission"
    ask(hanako)


def test_a_page_that_is_only_read_asks_when_staff_wish_it_and_is_recorded_from_the_yes_on(house: House, hanako: Visit) -> None:
    ask(hanako)
    hanako.close()
    shown = house.reservations(hanako.visitor)
    page = hanako.page
    page.wait_for_function("omotenashi.parts.calls")
    until(lambda: told(house, hanako)["answer"] == "closed", "the closing")
    house.later(seconds=1)
    with page.expect_request(lambda request: "/v1/track" in request.url and "_recheck" in (request.post_data or "")):
        house.ask(f"/api/projects/consents/people/{hanako.visitor}/consents/ask", {"purpose": "record"})
        until(lambda: page.clock.run_for(100) or len(house.reservations(hanako.visitor)) > len(shown), "the question")
    page.clock.run_for(3_000)
    expect(hanako.message.locator("h2").first).to_be_visible()
    kept = house.folder / "blobs" / "recordings" / "consents"
    assert not kept.exists()
    with page.expect_response("**/v1/record?**") as first:
        hanako.message.get_by_role("button", name="承認する").click()
        until(lambda: page.clock.run_for(100) or kept.exists(), "the first chunk")
    assert first.value.json()["taken"] is True
    assert list(kept.rglob("000000.json.gz")), "on the same page, and nothing was loaded anew"


def test_a_visitors_own_choices_are_read_and_changed_in_the_page(hanako: Visit) -> None:
    hanako.goto("/")
    assert hanako.said("choices") == {"ok": True}
    dialog = hanako.page.get_by_role("dialog", name="あなたの選択")
    record, mail = dialog.get_by_role("switch", name="画面の記録"), dialog.get_by_role("switch", name="mail")
    expect(record).to_have_attribute("aria-checked", "false")
    record.press("Space")
    expect(dialog.get_by_role("status")).to_have_text("保存しました。")
    expect(record).to_have_attribute("aria-checked", "true")
    expect(mail).to_have_attribute("aria-checked", "false")
    assert hanako.said("consents")["consents"] == {"record": "granted", "mail": "unknown"}
    hanako.stay(1)  # two answers of one instant have no order
    dialog.get_by_role("button", name="すべて許可しない").click()
    expect(record).to_have_attribute("aria-checked", "false")
    expect(dialog.get_by_role("status")).to_have_text("保存しました。")
    assert hanako.said("consents")["consents"] == {"record": "withdrawn", "mail": "denied"}
    hanako.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_everything_can_be_stopped_and_begun_again_from_the_choices(hanako: Visit) -> None:
    hanako.goto("/")
    hanako.said("choices")
    hanako.page.get_by_role("button", name="計測と表示をすべて止める").click()
    expect(hanako.page.get_by_role("dialog")).to_contain_text("すべて止めています")
    assert hanako.said("track", "tea") == {"ok": False, "code": "opted_out"}
    hanako.page.get_by_role("button", name="もう一度始める").click()
    expect(hanako.page.get_by_role("switch", name="画面の記録")).to_be_visible()
    assert hanako.said("track", "tea") == {"ok": True}


TCF = """
window.__heard = [];
window.__tcfapi = (command, version, heard) => { if (command === "addEventListener") window.__heard.push(heard); };
window.tcf = (...allowed) => window.__heard.forEach((heard) => heard(
  { eventStatus: "useractioncomplete", purpose: { consents: Object.fromEntries(allowed.map((n) => [n, true])) } }, true));
window.dataLayer = [];
window.gtag = function () { dataLayer.push(arguments); };
gtag("consent", "default", { analytics_storage: "granted" });
"""


def test_a_consent_tool_on_the_page_answers_when_all_that_is_mapped_is_answered(hanako: Visit) -> None:
    hanako.page.add_init_script(TCF)
    hanako.goto("/")
    assert hanako.said("cmp") == {"ok": True}

    def state() -> str:
        hanako.stay(1)  # two answers of one instant have no order
        return str(hanako.said("consents")["consents"]["record"])

    hanako.page.evaluate("tcf(1, 8)")
    assert state() == "unknown", "the consent mode has only its default"
    hanako.page.evaluate('gtag("consent", "update", { analytics_storage: "granted" })')
    assert state() == "granted"
    hanako.page.evaluate("tcf(1)")
    assert state() == "withdrawn"
    hanako.stay(1)
    assert hanako.said("consent", "record", "granted") == {"ok": True}
    hanako.page.evaluate("tcf(1)")
    assert state() == "granted", "an answer that the tool gave before does not undo a later choice"


def test_global_privacy_control_refuses_for_whoever_has_not_chosen(hanako: Visit) -> None:
    hanako.page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })")
    hanako.goto("/")
    hanako.said("cmp")
    hanako.decided()
    assert hanako.said("consents")["consents"] == {"record": "denied", "mail": "unknown"}
