"""Settings in the console: what is said on a screen is what the project's file says, and holds on the site's pages."""

from collections.abc import Iterator

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.axe import violations
from tests.browser.real_shop import RealShop

from omotenashi import settings

PURPOSE = {"name": "record", "label": {"ja": "画面の記録", "en": "Recording of the screen"}, "default": "unknown"}


@pytest.fixture
def staff(browser: Browser, shop: RealShop) -> Iterator[Page]:
    """The console, with every right."""
    console = str(msgspec.json.decode((shop.house.folder / "running-console.json").read_bytes())["console"])
    machine = settings.secret(shop.house.folder / "console.token")
    with browser.new_context(
        viewport={"width": 1280, "height": 900},
        locale="ja-JP",
        timezone_id="Asia/Tokyo",
        base_url=console,
        extra_http_headers={"authorization": f"Bearer {machine}"},
    ) as context:
        context.set_default_timeout(20_000)
        yield context.new_page()


def test_recording_friction_and_privacy_are_set_without_a_file(staff: Page, shop: RealShop) -> None:
    shop.put("seen", {"/": "<h1>Tea</h1>"}, project={"name": {"ja": "お茶の店", "en": "Tea shop"}, "purposes": [PURPOSE]})

    def written(*fields: str) -> list[object]:
        document = shop.house.ask("/api/projects/seen/documents/project/seen")["document"]
        return [document.get(field) for field in fields]

    def saved() -> None:
        staff.get_by_role("button", name="保存する").click()
        expect(staff.get_by_role("button", name="保存する")).to_have_count(0)

    staff.goto("/p/seen")
    expect(staff.get_by_role("heading", name="お茶の店")).to_be_visible()
    staff.goto("/p/seen/settings/recording")
    expect(staff.get_by_text("いまは、だれの画面も録画していません。")).to_be_visible()
    staff.get_by_role("switch", name="画面を録画する").check(force=True)
    expect(staff.get_by_role("combobox", name="必要な許諾")).to_have_value("画面の記録")
    assert violations(staff, "body") == []
    staff.get_by_role("combobox", name="このページでは録画しない").fill("/account*")
    staff.keyboard.press("Enter")
    staff.get_by_role("textbox", name="録画する割合").fill("50")
    staff.get_by_role("combobox", name="文字を伏せる要素").fill(".customer-name")
    staff.keyboard.press("Enter")
    staff.get_by_role("textbox", name="保存する日数").fill("14")
    staff.get_by_role("switch", name="つまずきをイベントとして記録する").check(force=True)
    staff.get_by_role("combobox", name="値を記録しないパラメーター").fill("token")
    staff.keyboard.press("Enter")
    saved()
    assert written("recording", "friction", "private") == [
        {
            "consent": "record",
            "pages": {"exclude": ["/account*"]},
            "share": "50%",
            "mask": {"text": [".customer-name"]},
            "keep_days": 14,
        },
        True,
        {"query": ["token"]},
    ]
    staff.goto("/p/seen/settings/retention")
    expect(staff.get_by_role("cell", name="14日、合わせて2,000 MBまで")).to_be_visible()

    staff.goto("/p/seen/settings/recording")
    staff.get_by_role("combobox", name="文字を伏せる要素").fill("p[")
    staff.keyboard.press("Enter")
    staff.get_by_role("button", name="保存する").click()
    expect(staff.get_by_role("alert")).to_contain_text("recording.mask.text[1]")
    expect(staff.get_by_role("alert")).to_contain_text("「]」で閉じた CSS セレクターを指定してください（入力：「p[」）。")
    staff.get_by_role("button", name="やめる").click()
    staff.get_by_role("switch", name="画面を録画する").uncheck(force=True)
    saved()
    assert written("recording", "friction") == [None, True]
