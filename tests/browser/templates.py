"""The demo's messages as the edge would render them."""

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from omotenashi.configuration.compile import compiled
from omotenashi.configuration.folder import read_folder
from omotenashi.configuration.render import Renderer
from omotenashi.model.campaigns import Project

DEMO = Path(__file__).resolve().parents[2] / "demo"
ART = DEMO.parent / "web" / "shop" / "art"


class Rendered(Struct, frozen=True):
    """One arm of one campaign."""

    campaign: str
    kind: str
    position: str
    html: str
    css: str


def demo_project() -> Project:
    """The demo's configuration at version 1, with keys made for the test."""
    return compiled(read_folder(DEMO), None, 1, lambda kind: f"{kind}-key-of-these-tests-{kind}")


def rendered(language: str) -> Iterator[Rendered]:
    """The first arm of every demo campaign, with plausible values."""
    project = demo_project()
    renderer = Renderer(project)
    for campaign in project.campaigns:
        action = campaign.actions[0]
        html, css, _ = renderer.render(action, {"language": language, "cart": 4500, "name": "花子"})
        html = re.sub(r'src="/art/([\w-]+\.svg)"', lambda found: f'src="{_inline(ART / found[1])}"', html)
        yield Rendered(campaign.id, project.templates[action.template].kind, action.display.position, html, css)


def _inline(picture: Path) -> str:
    return f"data:image/svg+xml;base64,{b64encode(picture.read_bytes()).decode()}"
