"""Do this; these events are sent; these are not."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from playwright.sync_api import Page
from tests.browser.fake_edge import FakeEdge, until

Wanted = str | Mapping[str, Any]
QUIET_MS = 400


def expect_sent(
    edge: FakeEdge, page: Page, *, when: Callable[[], object], sent: Sequence[Wanted] = (), unsent: Sequence[Wanted] = ()
) -> list[dict[str, Any]]:
    """The events that arrived since ``when`` began: all of ``sent``, in this order, and none of ``unsent``.

    An event is wanted by its name, or by some of its fields: ``{"name": "cart", "values": {"in_cart_price": 4500}}``.
    Each id counts once, however often a browser repeats itself. Raises ``AssertionError``.
    """
    before = {event["id"] for event in edge.events()}

    def new() -> list[dict[str, Any]]:
        return [event for event in edge.events() if event["id"] not in before]

    def missing() -> list[Wanted]:
        left = list(sent)
        for event in new():
            if left and _is(event, left[0]):
                left.pop(0)
        return left

    when()
    try:
        until(lambda: not missing())
    except AssertionError:
        raise AssertionError(f"not sent: {missing()}; sent were {new()}") from None
    if unsent:
        page.wait_for_timeout(QUIET_MS)  # nothing else tells that something does not come
    surplus = [event for event in new() if any(_is(event, one) for one in unsent)]
    assert surplus == []
    return new()


def _is(event: Mapping[str, Any], wanted: Wanted) -> bool:
    return event["name"] == wanted if isinstance(wanted, str) else _within(wanted, event)


def _within(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return all(
        _within(value, found.get(name) or {}) if isinstance(value, Mapping) else found.get(name) == value
        for name, value in wanted.items()
    )
