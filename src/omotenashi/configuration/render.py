"""An action as HTML, CSS and script for one person: parsed once, a few tens of microseconds each."""

from collections.abc import Mapping
from typing import Any

from liquid.exceptions import LiquidError
from msgspec import Struct

from omotenashi.model.campaigns import Action, Project, Template
from omotenashi.model.ids import ActionId, ProjectId

from . import liquid
from .values import Make, filler, prepared

Rendered = tuple[str, str, str]
"""HTML, CSS, script."""


class Unrendered(Exception):
    """The message of this action could not be made for this person; nothing is shown."""


class _Compiled(Struct, frozen=True):
    """One action in one language. ``fixed`` are the texts that are the same for everybody; ``whole`` is set when all are."""

    fixed: dict[str, Any]
    texts: tuple[tuple[str, Make], ...]
    body: liquid.Fill
    style: liquid.Fill
    script: liquid.Fill
    whole: Rendered | None


class Renderer:
    """Renders the actions of one version of one project. Everything is parsed here, so that a request never parses."""

    def __init__(self, project: Project) -> None:
        self._language = project.language
        self._actions: dict[tuple[ActionId, str], _Compiled] = {
            (action.id, language): _compiled(action, project.templates[action.template], language, project.style)
            for campaign in project.campaigns
            for action in campaign.actions
            if not action.holdout
            for language in ("ja", "en")
        }

    def render(self, action: Action, context: Mapping[str, Any]) -> Rendered:
        """The action's HTML, CSS and script.

        ``context`` holds the action's variables as plain Python values, and ``language`` as the browser named it
        (``en-US``; missing means the project's). Values are escaped here, however hostile they are. Raises
        ``Unrendered`` when a text asks for more than Liquid allows, such as a loop without end.
        """
        language = spoken(context.get("language"), self._language)
        compiled = self._actions[action.id, language]
        if compiled.whole is not None:
            return compiled.whole
        asked = {**context, "language": language}
        try:
            filled = compiled.fixed.copy()
            for name, make in compiled.texts:
                filled[name] = make(asked)
            return compiled.body(filled), compiled.style(filled), compiled.script(filled)
        except LiquidError as error:
            raise Unrendered(f"action {action.id}: {error}") from error


class Press:
    """Renders for whichever project and version it is asked: one ``Renderer`` each, the two latest of a project kept."""

    def __init__(self) -> None:
        self._renderers: dict[ProjectId, dict[int, Renderer]] = {}

    def __call__(self, project: Project, action: Action, context: Mapping[str, Any]) -> Rendered:
        """As ``Renderer.render``, for this version of this project."""
        of_project = self._renderers.setdefault(project.id, {})
        renderer = of_project.get(project.version)
        if renderer is None:
            renderer = of_project[project.version] = Renderer(project)
            while len(of_project) > 2:
                del of_project[min(of_project)]
        return renderer.render(action, context)


def spoken(language: object, otherwise: str) -> str:
    """``ja`` or ``en``: which of our two languages a browser that asks for ``language`` reads better."""
    if not isinstance(language, str) or not language:
        return otherwise
    return "ja" if language.lower().startswith("ja") else "en"


def prepare(action: Action, template: Template) -> None:
    """Parse an action in both languages, and render whatever is the same for everybody. Raises ``LiquidError``."""
    for language in ("ja", "en"):
        _compiled(action, template, language, "")


def _compiled(action: Action, template: Template, language: str, head: str) -> _Compiled:
    fixed: dict[str, Any] = {"language": language}
    personal: list[tuple[str, Make]] = []
    for name, slot in template.slots().items():
        filling = action.texts.get(name, slot.default)
        if filling is None:
            continue
        ready = prepared(name, slot, filling)
        if ready.names:
            personal.append((name, ready.make))
        else:
            fixed[name] = ready.make({"language": language})
    body, style = filler(template.body, liquid.markup), _below(head, filler(template.style, liquid.plain), template)
    script = filler(template.script, liquid.plain)
    whole = None if personal else (body(fixed), style(fixed), script(fixed))
    return _Compiled(fixed, tuple(personal), body, style, script, whole)


def _below(head: str, style: liquid.Fill, template: Template) -> liquid.Fill:
    """The template's style below what all templates share; nothing for a script, which shows nothing."""
    if template.kind == "script":
        return lambda _: ""
    if not head:
        return style
    if not liquid.is_liquid(template.style):
        whole = head + template.style
        return lambda _: whole
    return lambda values: head + style(values)
