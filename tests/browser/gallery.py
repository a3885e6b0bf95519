"""The built-in templates on a page: compiled and rendered as a project's campaign is, shown by the real tag."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml
from playwright.sync_api import Locator, Page, Route
from tests.browser.fake_edge import FakeEdge

from omotenashi.configuration import gallery
from omotenashi.configuration.compile import compiled
from omotenashi.configuration.render import Renderer
from omotenashi.model.campaigns import Project

MESSAGE = "[data-omotenashi-message]"
ART = Path(__file__).resolve().parents[2] / "web" / "shop" / "art"
PROJECT: Mapping[str, Any] = {
    "id": "gallery",
    "name": "Gallery",
    "purposes": [{"name": name, "default": "unknown"} for name in ("record", "mail", "push")],
}
CAMPAIGN = "shown"
RESERVATION = "r1"
Texts = Mapping[str, Any]


def project(name: str, texts: Texts | None = None, **action: Any) -> Project:
    """A project whose one campaign shows the template ``name``.

    A template of kind embed stands first in the page's ``main`` unless the action says otherwise. ``texts`` are filled in over
    the template's examples. ``action`` is what else ``actions:`` may say of it, such as ``display`` or ``variables``; ``theme``
    and ``tables`` go to the project.
    """
    given = {"name": name, "template": name, "texts": {**examples(name), **(texts or {})}}
    if gallery.form(name).kind == "embed":
        action.setdefault("display", {"embed": {"selector": "main", "place": "prepend"}})
    tables: Mapping[str, Any] = action.pop("tables", {})
    theme = action.pop("theme", None)
    campaign = {"name": name, "state": "live", "trigger": {"event": "view"}, "actions": [{**given, **action}]}
    sources = {
        "project.yaml": json.dumps({**PROJECT, **({"theme": theme} if theme else {})}),
        f"campaigns/{CAMPAIGN}.yaml": json.dumps(campaign),
        **{f"tables/{table}.yaml": json.dumps({"rows": rows}) for table, rows in tables.items()},
    }
    return compiled(sources, None, 1, lambda kind: f"{kind}-key-of-these-tests-{kind}")


def examples(name: str) -> dict[str, Any]:
    """The examples that the template's own description gives for its variables."""
    described = yaml.safe_load(gallery.sources(name)["template.yaml"])
    return {
        variable: said["example"] for variable, said in described.get("variables", {}).items() if said.get("example") is not None
    }


def message(
    name: str, texts: Texts | None = None, language: str = "ja", values: Mapping[str, Any] | None = None, **action: Any
) -> dict[str, Any]:
    """The message that the edge would send. ``values`` are the action's variables as the decision found them."""
    made = project(name, texts, **action)
    chosen = made.campaigns[0].actions[0]
    html, css, script = Renderer(made).render(chosen, {**(values or {}), "language": language})
    return {
        "reservation": RESERVATION,
        "campaign": CAMPAIGN,
        "action": chosen.id,
        "kind": made.templates[chosen.template].kind,
        "until": 0,
        "validMs": 1_800_000,
        "display": msgspec.to_builtins(chosen.display),
        **{part: text for part, text in (("html", html), ("css", css), ("script", script)) if text},
    }


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
    return frame


def draw(page: Page) -> None:
    """The demo shop's pictures, which the examples name."""

    def picture(route: Route) -> None:
        route.fulfill(path=ART / route.request.url.rpartition("/")[2], content_type="image/svg+xml")

    page.route("**/art/*.svg", picture)


def events(edge: FakeEdge, name: str) -> list[dict[str, Any]]:
    """The values of the events of this name that arrived, without the reservation."""
    return [{key: value for key, value in event["values"].items() if key != "reservation"} for event in edge.events(name)]
