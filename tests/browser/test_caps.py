"""Limits hold in real tabs, and who steps back says for whom."""

from playwright.sync_api import Browser, Error, Page, expect
from tests.browser.demo_house import PHONE
from tests.browser.fake_edge import until
from tests.browser.real_shop import RealShop, noted

from omotenashi.model.entries import Event, Released, Reserved

CAP = 3
STORM = 12
RELOADING = """addEventListener("DOMContentLoaded", () => {
  const left = Number(sessionStorage.left ?? "%d");
  window.calm = left === 0;
  if (left > 0) { sessionStorage.left = left - 1; setTimeout(() => location.reload(), 60 + left * 37 %% 200); }
});"""


def test_two_tabs_and_a_storm_of_reloads_stay_within_the_cap(browser: Browser, shop: RealShop) -> None:
    shop.put("capped", {}, project={"cap_per_day": CAP}, campaigns={"note": noted("A note", "bottom-right")})
    with browser.new_context(user_agent=PHONE, viewport={"width": 390, "height": 844}) as context:
        context.add_init_script(RELOADING % STORM)
        tabs = [context.new_page() for _ in range(2)]
        for tab in tabs:
            tab.goto(f"{shop.site.site}/", wait_until="commit")
        for tab in tabs:
            until(lambda tab=tab: storm_is_over(tab), 60)
            assert tab.evaluate("omotenashi('track', 'calm')") == {"ok": True}
    held: set[str] = set()
    opened: set[str] = set()
    most = 0
    views = 0
    for entry in shop.log("capped"):
        match entry:
            case Reserved(reservation=reservation):
                held.add(reservation)
            case Released(reservation=reservation):
                held.discard(reservation)
            case Event(name="_message_open", values=values):
                opened.add(str(values["reservation"]))
            case Event(name="view"):
                views += 1
            case _:
                pass
        most = max(most, len(held))
    assert STORM < views <= 2 * (STORM + 1)  # a page that was left at once had no time to say so
    assert len(opened) <= CAP
    assert most == CAP  # so many places were taken, whether their pages lived to open them or not
    assert opened <= held


def storm_is_over(tab: Page) -> bool:
    """Asked between reloads, when there may be no page to ask."""
    try:
        found: object = tab.evaluate("() => window.calm && !!(window.omotenashi && omotenashi.loaded)")
    except Error:
        return False
    return found is True


def test_a_message_that_steps_back_names_its_winner(browser: Browser, shop: RealShop) -> None:
    first = noted("First", "top-left", exclusive=True, priority=1)
    second = noted("Second", "bottom-right", exclusive=True, priority=2)
    shop.put("two", {}, campaigns={"first": first, "second": second})
    with browser.new_context(user_agent=PHONE, viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto(f"{shop.site.site}/")
        expect(page.get_by_text("First")).to_be_visible()
        expect(page.get_by_text("Second")).to_have_count(0)
    suppressed = [entry.values for entry in shop.log("two") if isinstance(entry, Event) and entry.name == "_message_suppressed"]
    assert [(one["campaign"], one["winner"]) for one in suppressed] == [("second", "first")]
