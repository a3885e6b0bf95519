"""Staff watch pages whose visits are known: heatmaps, the player's keys and ways, and Live that opens on a visitor's yes."""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect
from tests.browser.demo_house import DESK
from tests.browser.fake_edge import until
from tests.browser.real_shop import RealShop

from omotenashi import settings
from omotenashi.boot.serving import running

EVERYBODY: dict[str, Any] = {"recording": {"minimum_seconds": 0}}
BUTTONS = ("one", "two", "three", "four", "five", "six")
CARDS = (
    "<style>body { margin: 0 } main { display: flex; flex-wrap: wrap } section { width: 300px; height: 300px; margin: 20px }"
    " footer { height: 1200px }</style><main>"
    + "".join(f"<section><button>{name}</button></section>" for name in BUTTONS)
    + "</main><footer>みどり</footer>"
)
LAID = """(names) => {
  const inside = document.querySelector("iframe").contentDocument;
  const heat = document.querySelector(".heat canvas").getContext("2d");
  return names.map((name) => {
    const box = [...inside.querySelectorAll("button")].find((one) => one.textContent === name).getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    return { x, y, heat: heat.getImageData(x, y, 1, 1).data[3] };
  });
}"""
"""Where each button stands in the drawn page, and how warm it is there."""


@pytest.fixture(scope="module")
def staff_context(browser: Browser, shop: RealShop) -> Iterator[BrowserContext]:
    """The console's pages, in Japanese, for whoever has the installation's token."""
    token = settings.secret(shop.house.folder / "console.token")
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        locale="ja-JP",
        timezone_id="Asia/Tokyo",
        base_url=running(shop.house.folder, "console")["console"],
        extra_http_headers={"Authorization": f"Bearer {token}"},
    )
    context.set_default_timeout(15_000)
    context.add_init_script("localStorage.setItem('omotenashi-language', 'ja')")
    yield context
    context.close()


@pytest.fixture
def staff(staff_context: BrowserContext) -> Iterator[Page]:
    """A tab in which an error that reaches the page fails the test."""
    page = staff_context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


@contextmanager
def visiting(browser: Browser, shop: RealShop, path: str = "/", width: int = 1280) -> Generator[Page]:
    """Somebody new on the site, whose visit is being recorded once this is entered, or may be later."""
    with browser.new_context(user_agent=DESK, viewport={"width": width, "height": 800}) as context:
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.goto(shop.site.site + path)
        page.wait_for_function("window.omotenashi && omotenashi.loaded")
        yield page


def recorded(page: Page) -> str:
    """The visit's recording, once the page records it."""
    page.wait_for_function("() => omotenashi.parts && omotenashi.parts.recorder && omotenashi.parts.recorder.id")
    return str(page.evaluate("() => omotenashi.parts.recorder.id"))


def screen(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[src='/replay']").frame_locator("iframe")


def heat(shop: RealShop) -> dict[str, Any]:
    found: dict[str, Any] = shop.house.ask("/api/projects/heat/heatmaps", {"device": "desktop", "page": "/"})
    return found


def test_a_press_lies_on_its_element_at_every_width_and_reach_counts_whoever_came_so_far(
    whole_browser: Browser, shop: RealShop, staff: Page
) -> None:
    shop.put("heat", {"/": CARDS}, project=EVERYBODY)
    with visiting(whole_browser, shop) as thorough, visiting(whole_browser, shop) as hasty:
        for page in (thorough, hasty):
            recorded(page)
        for _ in range(3):
            thorough.get_by_role("button", name="four").click()
        thorough.mouse.wheel(0, 5_000)
        thorough.wait_for_function("scrollY + innerHeight >= document.documentElement.scrollHeight - 1")
        thorough.wait_for_timeout(150)  # a scroll is told when it is over
    until(lambda: len(heat(shop)["seen"]) == 2 and max(heat(shop)["seen"]) > 1_700 and heat(shop)["presses"], 15)
    assert [one["times"] for one in heat(shop)["presses"]] == [3]

    places: list[tuple[float, float]] = []
    for width in (0, 1000, 390):
        staff.goto(f"/p/heat/heatmaps?device=desktop&width={width}")
        expect(staff.get_by_text("3回のクリックのうち 3回")).to_be_visible()
        expect(staff.locator("aside li").first).to_contain_text("four")
        drawn = staff.locator("iframe[src='/replay']").element_handle().content_frame()
        assert drawn is not None
        laid = drawn.evaluate(LAID, list(BUTTONS))
        warm = [name for name, one in zip(BUTTONS, laid, strict=True) if one["heat"]]
        assert warm == ["four"], f"at {width or 1280} px"
        four = laid[BUTTONS.index("four")]
        places.append((four["x"], four["y"]))
    assert len(set(places)) == 3  # it stood elsewhere each time

    staff.get_by_text("スクロール", exact=True).click()
    expect(staff.get_by_text(re.compile("下端まで見た人 50"))).to_be_visible()


def test_the_player_obeys_keys_leads_to_the_story_and_back_and_to_the_visit_before(
    browser: Browser, shop: RealShop, staff: Page
) -> None:
    pages = {"/": "<h1>お茶</h1><button>急須</button>", "/cups": "<h1>湯のみ</h1>"}
    shop.put("player", pages, project=EVERYBODY)
    visits: list[str] = []
    for path in ("/", "/cups"):
        with visiting(browser, shop, path) as page:
            visits.append(recorded(page))
            assert page.evaluate("() => omotenashi('identify', { user_id: 'hanako' })") == {"ok": True}
            assert page.evaluate("() => omotenashi('track', 'looked_closely')") == {"ok": True}
            page.wait_for_timeout(200)
    listed = lambda: shop.house.ask("/api/projects/player/recordings/search", {})["recordings"]  # noqa: E731
    until(lambda: {one["id"] for one in listed()} == set(visits) and len({one["person"] for one in listed()}) == 1, 20)

    staff.goto(f"/p/player/recordings/{visits[1]}")
    expect(screen(staff).locator("h1")).to_have_text("湯のみ")
    staff.keyboard.press("Shift+?")
    expect(staff.get_by_role("dialog", name="キーボード操作")).to_be_visible()
    staff.keyboard.press("Escape")
    expect(staff.get_by_role("dialog")).to_have_count(0)
    place = staff.get_by_role("slider", name="再生位置")
    staff.keyboard.press("f")
    staff.wait_for_function("() => document.fullscreenElement !== null")
    expect(place).to_be_visible()
    staff.keyboard.press("f")
    staff.wait_for_function("() => document.fullscreenElement === null")
    staff.keyboard.press("p")
    expect(staff).to_have_url(re.compile(visits[0]))
    expect(screen(staff).locator("h1")).to_have_text("お茶")
    staff.keyboard.press("Shift+N")
    expect(screen(staff).locator("h1")).to_have_text("湯のみ")

    line = staff.locator("aside ol > li").filter(has_text="looked_closely")
    line.get_by_role("link", name=re.compile("ストーリーで見る")).click()
    row = staff.locator("[data-sought]")
    expect(row).to_contain_text("looked_closely")
    expect(row).to_be_in_viewport()
    row.locator("time").get_by_role("link").click()
    expect(staff).to_have_url(re.compile(rf"{visits[1]}\?at=\d+"))
    expect(screen(staff).locator("h1")).to_have_text("湯のみ")


def test_live_opens_by_itself_when_a_visitor_who_is_asked_says_yes(browser: Browser, shop: RealShop, staff: Page) -> None:
    shop.put("asking", {"/": "<h1>みどり</h1>"})
    shop.house.ask("/api/projects/asking/recipes/live_permission", {"parameters": {}, "prefix": ""})
    version = next(one["version"] for one in shop.house.ask("/api/projects") if one["id"] == "asking")
    shop.house.ready("asking", version)
    with visiting(browser, shop) as page:
        person = page.evaluate("localStorage.getItem('_omo')")
        page.get_by_role("button", name="あとで決める").click()
        until(lambda: shop.house.ask("/api/projects/asking/people"), 20)
        staff.goto(f"/p/asking/people/{person}")
        permission = staff.get_by_role("region", name="画面の録画の許諾")
        expect(permission).to_contain_text("まだ許諾されていません")
        permission.get_by_role("button", name="いま許諾をお願いする").click()
        expect(permission).to_contain_text("許諾をお願いしています")
        page.get_by_role("button", name="承認する").click()  # on the page as it stands
        expect(staff).to_have_url(re.compile(r"/recordings/.*live=true"))
        expect(screen(staff).locator("h1")).to_have_text("みどり")
