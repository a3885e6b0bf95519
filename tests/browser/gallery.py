"""The built-in templates on a page: compiled and rendered as a project's campaign is, shown by the real tag."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from playwright.sync_api import Locator, Page, Route
from tests.browser.fake_edge import FakeEdge

from omotenashi.configuration.samples import PURPOSES, sample

MESSAGE = "[data-omotenashi-message]"
ART = Path(__file__).resolve().parents[2] / "web" / "shop" / "art"
Texts = Mapping[str, Any]


def message(
    name: str,
    texts: Texts | None = None,
    language: str = "ja",
    values: Mapping[str, Any] | None = None,
    theme: Mapping[str, Any] | None = None,
    tables: Mapping[str, Any] | None = None,
    **action: Any,
) -> dict[str, Any]:
    """The message that the edge would send for this template. Raises ``Refused`` when its texts are not right.

    ``texts`` are filled in over the template's examples, ``values`` are the action's variables as the decision found them, and
    ``action`` is what else ``actions:`` may say of it, such as ``display``.
    """
    project = {**PURPOSES, **({"theme": theme} if theme else {})}
    made = sample(name, language=language, texts=texts, action=action, project=project, tables=tables, context=values)
    return {
        "reservation": "r1",
        "campaign": "shown",
        "action": "d1K",
        "kind": made.kind,
        "until": 0,
        "validMs": 1_800_000,
        "display": msgspec.to_builtins(made.display),
        **{part: text for part, text in (("html", made.html), ("css", made.css), ("script", made.script)) if text},
    }


AT_REST = """frame => {
  for (const one of frame.getRootNode().getAnimations()) if (one.effect.getComputedTiming().endTime < Infinity) one.finish();
}"""
"""The entrance is over, so that what is measured stands where it will stand."""


def show(
    page: Page, edge: FakeEdge, name: str, texts: Texts | None = None, language: str = "ja", path: str = "/", **action: Any
) -> Locator:
    """Opens ``path`` of the fake edge's site and has the template shown there; the frame, once it is on the page.

    The page's body is the test's own, ``edge.pages[path]``. A template of kind script shows nothing, and nothing is waited for.
    """
    return deliver(page, edge, message(name, texts, language, **action), path)


def deliver(page: Page, edge: FakeEdge, said: dict[str, Any], path: str = "/") -> Locator:
    """Opens ``path`` and has this message shown there; the frame, once it is on the page."""
    draw(page)
    edge.answers = [{"messages": [said]}]
    page.goto(f"{edge.site}{path}")
    frame = page.locator(f"{MESSAGE} .omo-frame")
    if said["kind"] != "script":
        frame.wait_for(state="attached")
        frame.evaluate(AT_REST)
    return frame


def draw(page: Page) -> None:
    """The demo shop's pictures, which the examples name."""

    def picture(route: Route) -> None:
        route.fulfill(path=ART / route.request.url.rpartition("/")[2], content_type="image/svg+xml")

    page.route("**/art/*.svg", picture)


def events(edge: FakeEdge, name: str) -> list[dict[str, Any]]:
    """The values of the events of this name that arrived, without the reservation."""
    return [{key: value for key, value in event["values"].items() if key != "reservation"} for event in edge.events(name)]
