"""Templates, previews, pictures and the theme, as staff use them over the demo."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect
from tests.browser.console_shots import staff_context
from tests.browser.demo_house import Demo
from tests.browser.fake_edge import FakeEdge
from tests.browser.gallery import AT_REST, deliver

from omotenashi.configuration import gallery

MESSAGE = "[data-omotenashi-message]"
SHOWING = [name for name in gallery.names() if gallery.form(name).kind != "script"]
SHADOW = "host => host.shadowRoot.querySelector('.omo').outerHTML"
STYLES = """host => host.shadowRoot.adoptedStyleSheets.flatMap(sheet => [...sheet.cssRules].map(rule => rule.cssText))
  .filter(text => !text.includes("z-index"))"""
"""All but the z-index, which counts the messages of a page."""


@pytest.fixture
def staff(browser: Browser, demo: Demo) -> Iterator[Page]:
    """Hanako, signed in, reading English."""
    context = staff_context(browser, demo, language="en")
    page = context.new_page()
    expect.set_options(timeout=15_000)
    yield page
    expect.set_options(timeout=5_000)
    context.close()


def bench(page: Page, template: str) -> FrameLocator:
    """Opens a template to try it out; its preview."""
    page.goto(f"/p/midori/gallery?template={template}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page.frame_locator("figure iframe")


def press(page: Page, element: Locator) -> None:
    """A real press on something in the preview, which is drawn smaller than it is."""
    element.evaluate(AT_REST)
    outside = page.locator("figure iframe").bounding_box()
    scale = float(page.locator("figure iframe").evaluate("frame => frame.getBoundingClientRect().width / frame.offsetWidth"))
    x, y = element.evaluate(
        "one => { const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }"
    )
    assert outside is not None
    page.mouse.click(outside["x"] + x * scale, outside["y"] + y * scale)


def test_every_template_is_alive_in_the_gallery(staff: Page) -> None:
    staff.goto("/p/midori/gallery")
    cards = staff.locator("[data-template]")
    expect(cards).to_have_count(len(gallery.names()))
    assert staff.locator("iframe").count() < len(SHOWING), "only what is in sight, or nearly, is drawn"
    for name in SHOWING:
        card = staff.locator(f'[data-template="{name}"]')
        card.scroll_into_view_if_needed()
        expect(card.frame_locator("iframe").locator(f"{MESSAGE} .omo-frame")).to_be_visible()
    staff.get_by_label("Find a template").fill("coupon")
    expect(cards).to_have_count(1)
    staff.get_by_label("Find a template").fill("zzzz")
    expect(staff.get_by_text("No template fits")).to_be_visible()


def test_a_preview_is_what_the_tag_shows_on_a_page(staff: Page, page: Page, edge: FakeEdge) -> None:
    preview = bench(staff, "modal")
    with staff.expect_response(
        lambda one: one.url.endswith("/preview") and "Tea & <cups>" in (one.request.post_data or "")
    ) as answer:
        staff.get_by_label("Heading", exact=True).fill("Tea & <cups> 茶")
    expect(preview.locator("h2")).to_have_text("Tea & <cups> 茶")
    said: dict[str, Any] = answer.value.json()["message"]
    message = {"reservation": "r1", "campaign": "preview", "action": "preview", "until": 0, "validMs": 1_800_000, **said}
    page.set_viewport_size({"width": 375, "height": 667})
    page.route("**/preview/art/*", lambda route: route.fulfill(body="<svg xmlns='http://www.w3.org/2000/svg'/>"))
    page.add_init_script("document.addEventListener('DOMContentLoaded', () => document.documentElement.lang = 'en')")
    on_the_page = deliver(page, edge, message).locator("xpath=ancestor::*[last()]")
    assert on_the_page is not None
    shown, drawn = page.locator(MESSAGE), preview.locator(MESSAGE)
    preview.locator(".omo-frame").evaluate(AT_REST)
    assert drawn.evaluate(SHADOW) == shown.evaluate(SHADOW)
    assert drawn.evaluate(STYLES) == shown.evaluate(STYLES)


def test_what_is_pressed_in_a_preview_is_told_and_recorded_nowhere(staff: Page) -> None:
    preview = bench(staff, "survey")
    sent: list[str] = []
    staff.on("request", lambda request: sent.append(request.url) if "/v1/track" in request.url else None)
    expect(preview.locator("label.choice").first).to_be_visible()
    press(staff, preview.locator("label.choice").first)
    expect(preview.get_by_role("radio", name="A present")).to_be_checked()
    press(staff, preview.get_by_role("button", name="Next"))
    expect(staff.get_by_text("Would record: _message_click")).to_be_visible()
    staff.get_by_label("Screens").get_by_text("recommend", exact=True).click()
    expect(preview.get_by_text("Would you recommend us to a friend?")).to_be_visible()
    press(staff, preview.get_by_role("button", name="Close"))
    expect(staff.get_by_text("It was closed")).to_be_visible()
    staff.get_by_role("button", name="Show it again").click()
    expect(preview.get_by_text("What were you looking for today?")).to_be_visible()
    assert sent == []


HOSTILE = """
const tries = [
  () => { parent.document.title = "stolen"; },
  () => { top.location = "https://evil.example/"; },
  () => { location = "https://evil.example/"; },
  () => { if (document.cookie) parent.postMessage({omotenashi: {did: "failed", message: "cookie"}}, "*"); },
  () => { open("https://evil.example/"); },
  () => { fetch("/api/me").then(() => parent.postMessage({omotenashi: {did: "failed", message: "fetched"}}, "*"), () => {}); },
  () => { parent.postMessage({omotenashi: {did: "drawn", states: ["<img src=x onerror=alert(1)>", "b", 3], state: {}}}, "*"); },
  () => { parent.postMessage({omotenashi: {did: "recorded", name: "<b>told</b>", values: {a: "<i>"}}}, "*"); },
  () => { parent.postMessage({omotenashi: null}, "*"); parent.postMessage("x", "*"); },
];
for (const one of tries) { try { one(); } catch {} }
"""


def test_what_a_message_says_and_runs_stays_inside(staff: Page) -> None:
    asked: list[str] = []
    staff.on("request", lambda request: asked.append(request.url))
    bench(staff, "run_script")
    title = staff.title()
    staff.locator("main textarea").first.fill(HOSTILE)
    expect(staff.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()  # as text, among the screens
    preview = bench(staff, "modal")
    staff.get_by_label("Heading", exact=True).fill(
        "<img src=x onerror=\"parent.document.title='stolen'\"><script>top.location='/'</script>"
    )
    expect(preview.locator("h2")).to_contain_text("onerror")
    assert preview.locator("h2 img").count() == 0
    assert staff.title() != "stolen"
    assert title != "stolen"
    assert "/gallery" in staff.url
    assert not [url for url in asked if "evil.example" in url]
    frame = next(one for one in staff.frames if one.url.endswith("/preview"))
    assert frame.evaluate("origin") == "null"


def test_every_kind_of_variable_is_written_and_seen(staff: Page) -> None:
    def wrong(text: str) -> None:
        expect(staff.get_by_text(text)).to_be_visible()

    # text, in one language and both, with variables offered
    preview = bench(staff, "modal")
    heading = staff.get_by_label("Heading", exact=True)
    expect(preview.locator("h2")).to_have_text("Good to have you here")
    heading.fill("")
    wrong("This may not be left empty.")
    expect(preview.locator("h2")).to_have_text("Good to have you here")  # the last good one stays
    heading.press_sequentially("Tea {{ la")
    heading.press("Enter")
    expect(heading).to_have_value("Tea {{ language }}")
    expect(preview.locator("h2")).to_have_text("Tea en")
    staff.get_by_text("Both", exact=True).click()
    staff.get_by_label("Heading (Japanese)", exact=True).fill("お茶")
    expect(staff.get_by_label("Heading (English)", exact=True)).to_have_value("Tea {{ language }}")
    staff.get_by_label("Heading (Japanese)", exact=True).fill("{{ nobody }}")
    wrong('There is no variable "nobody".')
    # a button's action, each of them
    deed = staff.get_by_role("combobox", name="What the button does")

    def does(what: str) -> None:
        deed.click()
        staff.get_by_role("option", name=what, exact=True).click()

    staff.get_by_label("Heading (Japanese)", exact=True).fill("お茶")
    staff.get_by_label("Page to open").fill("javascript:alert(1)")
    wrong("Write an address that begins with")
    staff.get_by_label("Page to open").fill("/sale")
    button = preview.locator(".actions .button").first
    expect(button).to_have_attribute("href", "/sale")
    does("records an event")
    staff.get_by_label("Name of the event").fill("wish")
    staff.get_by_role("button", name="Add a value").click()
    staff.get_by_label("Value", exact=True).fill("tea")
    expect(button).to_have_attribute("data-omotenashi-values", '{"value_1": "tea"}')
    expect(button).to_have_attribute("data-omotenashi-track", "wish")
    does("dials a number")
    staff.get_by_label("Telephone number").fill("0120-000-111")
    expect(button).to_have_attribute("href", "tel:0120000111")
    does("closes it")
    expect(button).to_have_attribute("data-omotenashi-close", "")
    # picture and colour
    staff.get_by_label("Picture", exact=True).fill("https://shop.example/tea.webp")
    expect(preview.locator("img.picture")).to_have_attribute("src", "https://shop.example/tea.webp")
    staff.get_by_label("Colour of the button", exact=True).fill("nonsense(")
    wrong("Write a colour such as")
    staff.get_by_label("Colour of the button", exact=True).fill("#5e7f3f")
    expect(button).to_have_css("background-color", "rgb(94, 127, 63)")


def test_lists_are_put_in_order_by_keyboard(staff: Page) -> None:
    preview = bench(staff, "survey")
    items = staff.locator("[data-item]")
    first = items.filter(has_text="What were you looking for today?")
    first.focus()
    first.press("Alt+ArrowDown")
    expect(staff.locator('[data-item="1"]').first).to_be_focused()
    expect(staff.locator('[data-item="0"]').first).to_contain_text("How easy was it to find?")
    screen = preview.locator("[data-omotenashi-state]").first
    expect(screen).to_contain_text("How easy was it to find?")
    staff.locator('[data-item="0"]').first.press("Enter")
    staff.get_by_role("combobox", name="Kind of answer").first.click()
    staff.get_by_role("option", name="Free text").click()
    expect(screen.locator("textarea")).to_have_count(1)
    staff.get_by_role("button", name=re.compile("^Take out: How easy")).click()
    expect(screen).to_contain_text("What were you looking for today?")
    staff.get_by_role("button", name="Undo").click()
    expect(screen).to_contain_text("How easy was it to find?")
    staff.get_by_role("button", name="Add one").first.click()
    expect(staff.get_by_text("Please fill this in.").or_(staff.get_by_text("This may not be left empty.")).first).to_be_visible()


def picture(width: int, height: int) -> bytes:
    file = BytesIO()
    drawn = Image.new("RGB", (width, height), "#5e7f3f")
    drawn.paste("#d2482a", (0, 0, width // 2, height))
    drawn.save(file, "PNG")
    return file.getvalue()


def test_a_picture_is_cropped_served_and_brought_back(staff: Page) -> None:
    staff.goto("/p/midori/assets")
    staff.locator("input[type=file]").set_input_files({"name": "half.png", "mimeType": "image/png", "buffer": picture(600, 300)})
    dialog = staff.get_by_role("dialog")
    dialog.get_by_text("1:1", exact=True).click()
    zone = dialog.get_by_role("application")
    expect(zone).to_have_accessible_name(re.compile("300 × 300 px"))
    zone.focus()
    for _ in range(40):
        zone.press("ArrowLeft")
    dialog.get_by_label("Alternative text, English").fill("Half and half")
    dialog.get_by_role("button", name="Add", exact=True).click()
    details = staff.get_by_role("dialog", name="About this picture")
    expect(details.get_by_text("300 × 300 px")).to_be_visible()
    address = details.get_by_label("Public address").input_value()
    served = httpx.get(address, trust_env=False)
    assert (served.status_code, served.headers["content-type"]) == (200, "image/webp")
    assert served.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert served.headers["x-content-type-options"] == "nosniff"
    shown = Image.open(BytesIO(served.content)).convert("RGB")
    assert shown.size == (300, 300)
    colour = shown.getpixel((290, 10))
    assert isinstance(colour, tuple)
    assert colour[0] > 180, "the left half was kept"
    details.get_by_role("button", name="Remove").click()
    card = staff.get_by_role("img", name="Half and half")
    expect(card).to_have_count(0)
    staff.get_by_role("button", name="Undo").click()
    expect(card).to_have_count(1)
    staff.locator("input[type=file]").set_input_files({"name": "no.png", "mimeType": "image/png", "buffer": b"GIF89a nothing"})
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("JPEG")


def test_a_picture_of_the_library_goes_into_a_message(staff: Page) -> None:
    preview = bench(staff, "modal_image")
    staff.get_by_role("button", name="Choose a picture").first.click()
    chosen = staff.get_by_role("dialog").get_by_role("button", name=re.compile("煎茶")).first
    chosen.click()
    expect(preview.locator("img").first).to_have_attribute(
        "src", re.compile(r"^http://127\.0\.0\.1:\d+/assets/midori/[0-9a-f]{32}/")
    )
    expect(preview.locator("img").first).to_have_js_property("complete", True)
    assert preview.locator("img").first.evaluate("one => one.naturalWidth") > 0


def test_a_theme_that_cannot_be_read_is_warned_of_and_taken_back(staff: Page, demo: Demo) -> None:
    staff.goto("/p/midori/settings/theme")
    modal = staff.locator('[data-template="modal"]').frame_locator("iframe")
    button = modal.locator(".actions .button").first
    expect(button).to_have_css("background-color", "rgb(39, 64, 107)")
    staff.get_by_label("Accent", exact=True).fill("#ffe9a8")
    staff.get_by_label("Words on it", exact=True).fill("#ffffff")
    expect(staff.get_by_text("pairs are hard to read")).to_be_visible()
    expect(staff.get_by_text("1.2 to 1").first).to_be_visible()
    expect(button).to_have_css("background-color", "rgb(255, 233, 168)")
    staff.get_by_label("Accent", exact=True).fill("#5e7f3f")
    staff.get_by_role("button", name="Words on it: back to what it was").click()
    expect(staff.get_by_text("hard to read.")).to_have_count(0)
    staff.get_by_role("button", name="Save and put in force").click()
    expect(staff.get_by_text("Saved. Your site follows")).to_be_visible()
    assert in_force(staff)["accent"] == "#5e7f3f"
    staff.get_by_role("button", name="Undo").click()
    expect(staff.get_by_text("Undone")).to_be_visible()
    assert in_force(staff)["accent"] == "#27406b"


def in_force(page: Page) -> dict[str, Any]:
    """The theme that visitors get now."""
    found: dict[str, Any] = json.loads(page.evaluate("fetch('/api/projects/midori/theme').then(answer => answer.text())"))
    return found["theme"]
