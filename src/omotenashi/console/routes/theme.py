"""The theme that dresses every message of a project: each token worked out, and whether words in it can be read."""

from typing import Any, Final, Literal

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Struct
from PIL import ImageColor

from omotenashi.configuration import documents, schema, theme
from omotenashi.configuration.kinds import ThemeSource
from omotenashi.configuration.problems import Problem
from omotenashi.console.desk import Desk
from omotenashi.model.campaigns import Project

PAIRS: Final = (("ink", "paper"), ("muted", "paper"), ("accent", "paper"), ("on-accent", "accent"))
"""Words, and what they stand on."""


class Contrast(Struct, frozen=True):
    """How well words in one token are read on another, 1 to 21; None for colours that cannot be compared. 4.5 is needed."""

    scheme: Literal["light", "dark"]
    words: str
    on: str
    ratio: float | None
    readable: bool


class ThemeTried(Struct):
    """A theme as ``project.yaml`` has it."""

    theme: dict[str, Any]


class ThemeLook(Struct):
    """Every token in the light and in the dark, ``radius`` in px; ``theme`` is what was said of it."""

    theme: dict[str, Any]
    light: dict[str, str]
    dark: dict[str, str]
    radius: int
    font: str
    contrasts: list[Contrast]
    problems: list[Problem]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/theme``."""

    @get("/api/projects/{project:str}/theme", opt={"needs": "read"}, sync_to_thread=True)
    def look(project: FromPath[str]) -> ThemeLook:
        """The theme in force."""
        return _look(_said(desk, desk.project(project)))

    @post("/api/projects/{project:str}/theme", opt={"needs": "read", "audited": False}, status_code=200, sync_to_thread=True)
    def try_out(project: FromPath[str], data: JSONBody[ThemeTried]) -> ThemeLook:
        """What a theme would be; nothing is changed."""
        desk.project(project)
        return _look(data.theme)

    return [look, try_out]


def _said(desk: Desk, project: Project) -> dict[str, Any]:
    document = documents.read("project.yaml", desk.office.sources(project.id, project.version)["project.yaml"], [])
    return {} if document is None else document.data.get("theme", {})


def _look(said: dict[str, Any]) -> ThemeLook:
    wrong = [Problem("project.yaml", 0, path, message) for path, message in schema.wrong_in(ThemeSource, said, "theme")]
    source = ThemeSource() if wrong else msgspec.convert(said, ThemeSource)
    unfit = theme.unfit(source)
    wrong += [Problem("project.yaml", 0, path, f"expected {wanted}; found {value!r}") for path, value, wanted in unfit]
    light, dark = theme.colours(ThemeSource() if wrong else source)
    contrasts = [
        *(_contrast("light", words, on, light) for words, on in PAIRS),
        *(_contrast("dark", words, on, dark) for words, on in PAIRS),
    ]
    radius = source.radius if isinstance(source.radius, int) else theme.RADIUS
    font = source.font if isinstance(source.font, str) and source.font else theme.FONT
    return ThemeLook(said, light, dark, radius, font, contrasts, sorted(wrong))


def _contrast(scheme: Literal["light", "dark"], words: str, on: str, tokens: dict[str, str]) -> Contrast:
    ratio = theme.contrast(_hex(tokens[words]), _hex(tokens[on]))
    return Contrast(scheme, words, on, None if ratio is None else round(ratio, 2), ratio is None or ratio >= theme.READABLE)


def _hex(colour: str) -> str:
    """The colour in hex, when it is opaque and written in a way that can be turned into it."""
    try:
        parts = ImageColor.getrgb(colour)
    except ValueError:
        return colour
    return "#" + "".join(f"{part:02x}" for part in parts[:3]) if len(parts) == 3 or parts[3] == 255 else colour
