"""Home, Now, people, stories, events and reports: axe finds nothing, in both languages and looks, on a desk and a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.axe import violations
from tests.browser.console_shots import LOOKS, PAGES, settled, staff_context
from tests.browser.demo_house import Demo

NUMBERS = ("home", "now", "people", "story", "events", "event", "report", "behind-a-number")
PHONE = {"width": 390, "height": 844}


@pytest.fixture(params=(LOOKS[0], LOOKS[-1]), ids="-".join)
def staff(request: pytest.FixtureRequest, browser: Browser, demo: Demo) -> Iterator[Page]:
    language, look = request.param
    context = staff_context(browser, demo, language=language, look=look)
    yield context.new_page()
    context.close()


def test_axe_finds_nothing_on_the_pages_of_numbers_and_people(staff: Page) -> None:
    found: list[str] = []
    for name in NUMBERS:
        staff.set_viewport_size({"width": 1280, "height": 900})
        staff.goto(PAGES[name])
        settled(staff)
        found += [f"{name}: {one}" for one in violations(staff, "body")]
        staff.set_viewport_size(PHONE)
        staff.wait_for_function("() => window.innerWidth === 390")
        found += [f"{name} on a phone: {one}" for one in violations(staff, "body")]
        if staff.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            found.append(f"{name} on a phone: wider than the screen")
    assert found == []
