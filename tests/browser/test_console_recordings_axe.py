"""Live, replays, the player, side by side and heatmaps: axe finds nothing, on a phone in the dark and on a desk."""

import pytest
from playwright.sync_api import Browser
from tests.browser.axe import violations
from tests.browser.console_shots import address, settled, staff_context
from tests.browser.demo_house import Demo

FEW = '?q={"pages":7}'
"""Replays with the filters open, and not so many of them."""
WATCHED = ("live", "replays", "player", "compare", "heatmaps")


@pytest.mark.parametrize(("language", "look", "width"), [("ja", "dark", 390), ("en", "light", 1280)], ids=["phone", "desk"])
def test_axe_finds_nothing_where_people_are_watched(browser: Browser, demo: Demo, language: str, look: str, width: int) -> None:
    context = staff_context(browser, demo, language=language, look=look, width=width)
    staff = context.new_page()
    found: list[str] = []
    for name in WATCHED:
        staff.goto(address(demo, name) + (FEW if name == "replays" else ""))
        settled(staff)
        found += [f"{name}: {one}" for one in violations(staff, "body")]
        if staff.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{name}: wider than the screen")
    context.close()
    assert found == []
