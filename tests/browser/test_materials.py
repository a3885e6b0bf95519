"""A replay looks as the page did, after the site has taken everything away; and whoever watches is seen by nobody."""

from io import BytesIO
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, Frame, Locator, Page, expect
from tests.browser.console_door import PASSWORD
from tests.browser.demo_house import DESK
from tests.browser.fake_edge import STUB, until
from tests.browser.hard_pages.font import blocks, font
from tests.browser.real_shop import RealShop
from tests.integration.whole_house import sources
from tests.unit.outbound.sites import Page as File
from tests.unit.outbound.sites import site

from omotenashi.boot.serving import running
from omotenashi.ledger.sqlite.recordings import Recordings

PROJECT: Final = "dressed"
MAIL: Final = "hanako@shop.example"
FACTS: Final = """() => {
  const styled = one => getComputedStyle(document.querySelector(one));
  const facts = one => ["color", "width", "height"].map(name => styled(one)[name]);
  return { drawn: facts(".drawn"), other: facts(".other"), deep: facts(".deep"),
    pictures: [...document.images].map(one => one.naturalWidth), cup: document.querySelector("use").getBBox().width,
    font: document.fonts.check("20px Blocks") };
}"""
READY: Final = """() => document.fonts.status === "loaded" && [...document.images].every(one => one.complete)
  && document.querySelector("use").getBBox().width > 0"""


def svg(colour: str, more: str = "") -> File:
    return File(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">{more}'
        f'<rect width="40" height="30" fill="{colour}"/></svg>'.encode(),
        "image/svg+xml",
    )


def files(shop: RealShop, key: str, other: str) -> dict[str, File]:
    """A page, and all that it is dressed in; some of it is another site's."""
    edge = shop.house.edge
    page = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Dressed</title>
<link rel="stylesheet" href="/css/look.css"><link rel="stylesheet" href="{other}/css/other.css">
<script>{STUB}omotenashi("init",{{key:"{key}",endpoint:"{edge}"}})</script><script async src="{edge}/tag.js"></script></head>
<body><h1>Dressed</h1><p><span class="drawn">letters</span></p><div class="other"></div><div class="deep"></div>
<div class="styled" style="width: 60px; height: 60px; background: url(/green.svg)"></div>
<img src="{other}/tea.svg" alt=""><img src="/missing.svg" srcset="/tea.svg?large 1x, {other}/tea.svg?larger 2x" alt="">
<svg width="50" height="50"><use href="/icons.svg#cup"/></svg></body></html>"""
    look = (
        "@font-face { font-family: Blocks; src: url(../blocks.ttf) } .drawn { font: 20px Blocks, monospace; color: rgb(1, 2, 3) }"
    )
    sheet = "@import 'deep.css'; .other { width: 80px; height: 80px; color: rgb(4, 5, 6); background: url(../red.svg) }"
    return {
        "/": File(page.encode(), "text/html; charset=utf-8"),
        "/css/look.css": File(look.encode(), "text/css"),
        "/css/other.css": File(sheet.encode(), "text/css"),
        "/css/deep.css": File(b".deep { width: 70px; height: 70px; background: url(/blue.svg) }", "text/css"),
        "/blocks.ttf": File(font("Blocks", blocks), "font/ttf", headers={"access-control-allow-origin": "*"}),
        "/icons.svg": svg("none", '<symbol id="cup"><rect width="20" height="20"/></symbol>'),
        "/tea.svg": svg("teal"),
        "/red.svg": svg("rgb(255,0,0)"),
        "/green.svg": svg("rgb(0,128,0)"),
        "/blue.svg": svg("rgb(0,0,255)"),
    }


def colour(of: Locator) -> Any:
    """What stands in the middle of it."""
    picture = Image.open(BytesIO(of.screenshot())).convert("RGB")
    return picture.getpixel((picture.width // 2, picture.height // 2))


def colours(inside: Page | Frame) -> list[Any]:
    return [colour(inside.locator(name)) for name in (".other", ".deep", ".styled")]


def recorded(browser: Browser, shop: RealShop, url: str) -> tuple[Any, list[Any]]:
    """Somebody visits; what they saw. Returns when all that was recorded is looked through."""
    with browser.new_context(user_agent=DESK) as context:
        page = context.new_page()
        page.goto(url)
        page.wait_for_function("() => window.omotenashi.parts && omotenashi.parts.recorder && omotenashi.parts.recorder.id")
        page.wait_for_function(READY)
        seen = page.evaluate(FACTS), colours(page)
    index = Recordings.open(shop.house.folder / "recordings.db")
    try:
        looked = "SELECT min(looked) FROM chunks WHERE project = ?1"
        until(lambda: index.ask(looked, PROJECT) == [(1,)], 15)
    finally:
        index.close()
    return seen


def test_a_replay_looks_as_the_page_did_when_nothing_of_it_is_left(browser: Browser, shop: RealShop) -> None:
    key = f"pk_of_{PROJECT}"
    project = {"id": PROJECT, "keys": {"public": key}, "recording": {"minimum_seconds": 0}}
    shop.house.ready(PROJECT, shop.house.apply(sources(project=project)))
    with site(port=shop.spare) as place:
        place.pages = files(shop, key, place.url)
        seen, painted = recorded(browser, shop, f"http://localhost:{shop.spare}/")
        assert painted == [(255, 0, 0), (0, 0, 255), (0, 128, 0)]
        place.pages.clear()
        place.asked.clear()
        (found,) = shop.house.ask(f"/api/projects/{PROJECT}/recordings/search", {})["recordings"]
        shop.house.ask(
            "/api/staff", {"mail": MAIL, "name": "Hanako", "role": "admin", "extra": ["recordings"], "password": PASSWORD}
        )
        console = running(shop.house.folder, "console")["console"]
        with browser.new_context(base_url=console, viewport={"width": 1280, "height": 900}, locale="en-GB") as context:
            asked: list[str] = []
            context.on("request", lambda request: asked.append(request.url))
            staff = context.new_page()
            staff.goto(shop.house.ask("/api/staff/links", {"mail": MAIL})["url"])
            expect(staff.get_by_role("button", name="Hanako")).to_be_visible()
            staff.goto(f"/p/{PROJECT}/recordings/{found['id']}")
            frame = staff.frame_locator("iframe[src='/replay']").frame_locator("iframe")
            expect(frame.locator("h1")).to_have_text("Dressed")
            inside = next(one for one in staff.frames if one.parent_frame and one.parent_frame.url.endswith("/replay"))
            staff.get_by_role("slider").first.press("End")
            inside.wait_for_function(READY)
            assert inside.evaluate(FACTS) == seen
            assert colours(inside) == painted
        assert place.asked == [], "nobody tells the site that somebody watches"
        assert not [url for url in asked if not url.startswith((console, "data:", "blob:"))]
