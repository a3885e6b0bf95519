"""One Chromium for all browser tests, a fresh profile for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.browser.console_shots import staff_context
from tests.browser.demo_house import Demo, demo_house
from tests.browser.fake_edge import TAG, FakeEdge
from tests.browser.real_shop import RealShop, real_shop
from tests.browser.tabs import FLAGS, chromium, tab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one worker: one browser, and not more of it than the machine can carry."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    assert TAG.is_file(), "the tag is not built: npm run build"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def whole_browser(browser: Browser) -> Iterator[Browser]:
    """One that does all that visitors' do, such as to send what a page says while its window closes."""
    launched = browser.browser_type.launch(executable_path=chromium(whole=True), args=FLAGS)
    yield launched
    launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of its own, on a phone in Japan."""
    opened = browser.new_context(viewport={"width": 390, "height": 844}, locale="ja-JP", timezone_id="Asia/Tokyo")
    opened.set_default_timeout(8000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab in which an error that reaches the page fails the test."""
    with tab(context) as opened:
        yield opened


@pytest.fixture
def edge() -> Iterator[FakeEdge]:
    """An edge that only remembers."""
    fake = FakeEdge()
    yield fake
    fake.close()


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealShop]:
    """A real edge and console, and a site that has nothing yet."""
    with real_shop(tmp_path_factory.mktemp("shop")) as one:
        yield one


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, with a past, shared by all who visit it."""
    with demo_house(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def staff(browser: Browser, demo: Demo) -> Iterator[Page]:
    """A tab of the demo's console in Japanese; an error that reaches the page fails the test."""
    with tab(staff_context(browser, demo)) as page:
        yield page
