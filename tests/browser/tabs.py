"""The browser, and tabs in which nothing may go wrong unnoticed."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

ARTEFACTS = Path(__file__).resolve().parents[1] / "artefacts"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


def chromium(*, whole: bool = False) -> str:
    """Where the system's Chromium is: the one without windows if there is one, which opens a profile in a third of the time.

    ``whole``: one that does all that visitors' do.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")[whole:]
    found = next(filter(None, map(shutil.which, names)), None)
    assert found is not None, "Chromium is needed (Debian: apt-get install chromium fonts-noto-cjk)"
    return found


def keep(page: Page, name: str) -> None:
    """A screenshot among the artefacts."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png")


@contextmanager
def tab(context: BrowserContext, forgiven: str | None = None) -> Generator[Page]:
    """The only tab of a browser profile, which is closed with it. An error that reached the page fails the test, but for
    those that say what is ``forgiven``."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert [error for error in errors if forgiven is None or forgiven not in error] == []
