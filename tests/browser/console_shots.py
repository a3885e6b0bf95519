"""Draws the console as it is over the demo: every page, in both languages, light and dark.

``python -m tests.browser.console_shots [--data DIR] [--into DIR] [NAME ...]`` writes ``docs/console/``: one picture a page,
the four looks side by side. ``--data`` is the data folder of a demo that runs already; without it one is started.
"""

import argparse
import contextlib
import tempfile
from collections.abc import Generator
from io import BytesIO
from pathlib import Path
from typing import Final

import httpx
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.browser.demo_house import Demo, demo_house
from tests.browser.tabs import FLAGS, chromium

from omotenashi import settings

ROOT = Path(__file__).resolve().parents[2]
SHEET = ROOT / "docs" / "console"
HANAKO: Final = "hanako@midori.example"
PAGES: Final = {
    "home": "/p/midori",
    "now": "/p/midori/now",
    "people": "/p/midori/people",
    "story": "/p/midori/people/demo-0001",
    "live": "/p/midori/live",
    "replays": "/p/midori/recordings",
    "player": "/p/midori/recordings/{recording}?at=20",
    "compare": "/p/midori/recordings/compare?campaign=welcome",
    "heatmaps": "/p/midori/heatmaps",
    "segments": "/p/midori/segments",
    "segment": "/p/midori/segments/left_a_cart",
    "derived-events": "/p/midori/derived-events",
    "derived-event": "/p/midori/derived-events/sale_view",
    "tables": "/p/midori/tables",
    "table": "/p/midori/tables/goods",
    "campaigns": "/p/midori/campaigns",
    "new-campaign": "/p/midori/campaigns/new",
    "campaign": "/p/midori/campaigns/welcome",
    "report": "/p/midori/campaigns/welcome/report",
    "behind-a-number": "/p/midori/campaigns/welcome/people?what=shown",
    "recipes": "/p/midori/recipes",
    "recipe": "/p/midori/recipes/cart_return",
    "gallery": "/p/midori/gallery",
    "template": "/p/midori/gallery?template=notification04",
    "images": "/p/midori/assets",
    "events": "/p/midori/events",
    "event": "/p/midori/events/product_view",
    "settings": "/p/midori/settings/site",
    "keys": "/p/midori/settings/keys",
    "members": "/p/midori/settings/members",
    "tokens": "/p/midori/settings/tokens",
    "audit": "/p/midori/settings/audit",
    "theme": "/p/midori/settings/theme",
    "rules": "/p/midori/settings/rules",
    "recording-settings": "/p/midori/settings/recording",
    "retention": "/p/midori/settings/retention",
    "new-project": "/new-project",
    "account": "/account",
    "sign-in": "/sign-in",
    "invitation": "/invitation",
}
DRAWS_MS: Final = 1_500
"""What frames on a page draw, with the pictures in them, is there after that."""
DOORS: Final = frozenset(("sign-in", "invitation"))
"""Pages for those who are not signed in."""
LOOKS: Final = (("ja", "light"), ("en", "light"), ("ja", "dark"), ("en", "dark"))
READY: Final = """() => {
  const main = document.querySelector("main, [data-door]");
  const waits = (one) => one.getBoundingClientRect().top < innerHeight;
  const drawn = (one) => one.contentDocument?.querySelector("iframe")?.contentDocument?.body?.childElementCount;
  return main && document.querySelector("h1")
    && ![...document.querySelectorAll(".mantine-Skeleton-root, [data-waiting]")].some(waits)
    && [...document.querySelectorAll("iframe[src='/replay']")].every(drawn);
}"""


def main() -> None:
    """Draws what was asked for, all of it when nothing was."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.console_shots", description="Pictures of the console's pages.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="one or more of " + ", ".join(PAGES))
    parser.add_argument("--data", type=Path, help="the data folder of a running demo")
    parser.add_argument("--into", type=Path, default=SHEET, help="where the pictures go")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in PAGES]
    if unknown:
        parser.error(f"NAME: expected one of {', '.join(PAGES)}, got {unknown[0]!r}")
    asked.into.mkdir(parents=True, exist_ok=True)
    with running(asked.data) as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for name in asked.names or PAGES:
            shots = [shot(browser, demo, name, language, look) for language, look in LOOKS]
            together(shots).save(asked.into / f"{name}.webp", quality=82, method=6)
            print(f"{name}.webp")
        browser.close()
    (asked.into / "README.md").write_text(listed(asked.into), "utf-8")


def listed(folder: Path) -> str:
    """The page that shows every picture of the folder, a row each, in the order of the menu."""
    rows = [
        f"| `{path}` | [![{name}, in both languages, light and dark]({name}.webp)]({name}.webp) |"
        for name, path in PAGES.items()
        if (folder / f"{name}.webp").is_file()
    ]
    return (
        "# The console, page by page\n\n"
        "Each picture is one page over the demo's data: Japanese on the left, English on the right; light above, dark below.\n"
        "どの画像も、デモのデータで開いた一つのページです。左が日本語、右が英語、上が明るい画面、下が暗い画面です。\n\n"
        "`python -m tests.browser.console_shots` draws them anew, and writes this page.\n\n"
        "| address | |\n|---|---|\n" + "\n".join(rows) + "\n"
    )


@contextlib.contextmanager
def running(data: Path | None) -> Generator[Demo]:
    """The demo over ``data``, or one of our own."""
    if data is not None:
        yield Demo(data, "")
        return
    with tempfile.TemporaryDirectory() as folder, demo_house(Path(folder) / "demo") as demo:
        yield demo


def shot(browser: Browser, demo: Demo, name: str, language: str, look: str) -> Image.Image:
    """One page in one language and one look."""
    context = staff_context(browser, demo, language=language, look=look, signed_in=name not in DOORS)
    page = context.new_page()
    page.goto(demo.console + address(demo, name))
    settled(page)
    page.wait_for_timeout(DRAWS_MS)
    picture = Image.open(BytesIO(page.screenshot(animations="disabled")))
    context.close()
    return picture.convert("RGB")


def address(demo: Demo, name: str) -> str:
    """Where a page is. ``{recording}`` is one of those in which most was done."""
    if "{recording}" not in PAGES[name]:
        return PAGES[name]
    found = httpx.post(
        f"{demo.console}/api/projects/midori/recordings/search",
        json={"order": "busiest", "limit": 1},
        headers={"Authorization": f"Bearer {settings.secret(demo.data / 'console.token')}"},
        trust_env=False,
        timeout=30,
    )
    found.raise_for_status()
    return PAGES[name].format(recording=found.json()["recordings"][0]["id"])


def staff_context(
    browser: Browser,
    demo: Demo,
    mail: str = HANAKO,
    *,
    language: str = "ja",
    look: str = "light",
    signed_in: bool = True,
    width: int = 1280,
    height: int = 900,
) -> BrowserContext:
    """A browser profile of a member of staff, signed in by a link that works once."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="ja-JP" if language == "ja" else "en-GB",
        timezone_id="Asia/Tokyo",
        color_scheme="dark" if look == "dark" else "light",
        base_url=demo.console,
    )
    context.set_default_timeout(15_000)
    context.add_init_script(
        f"localStorage.setItem('omotenashi-language', '{language}'); localStorage.setItem('omotenashi-appearance', '{look}');"
    )
    if signed_in:
        link = demo.said("staff", "link", mail).strip().splitlines()[-1].rpartition("#")[2]
        answer = httpx.post(f"{demo.console}/api/session/link", json={"link": link}, trust_env=False)
        answer.raise_for_status()
        name, value = next(iter(answer.cookies.items()))
        context.add_cookies([{"name": name, "value": value, "url": demo.console, "httpOnly": True, "sameSite": "Strict"}])
    return context


def settled(page: Page) -> None:
    """Waits until the page has its heading and nothing in sight that waits, and what it draws stands still."""
    page.wait_for_function(READY)
    page.wait_for_timeout(700)


def together(shots: list[Image.Image]) -> Image.Image:
    """Two by two, a hairline between."""
    width, height = shots[0].size
    sheet = Image.new("RGB", (width * 2 + 2, height * 2 + 2), "#8d8a83")
    for index, one in enumerate(shots):
        sheet.paste(one, ((index % 2) * (width + 2), (index // 2) * (height + 2)))
    return sheet


if __name__ == "__main__":
    main()
