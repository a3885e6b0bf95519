"""An action as HTML, CSS and script for one person: parsed once, a few tens of microseconds each."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from liquid.exceptions import LiquidError
from markupsafe import Markup
from msgspec import Struct

from omotenashi.model.campaigns import Action, Project, Template
from omotenashi.model.ids import ActionId

from . import liquid

Rendered = tuple[str, str, str]
"""HTML, CSS, script."""

GIVEN: Final = frozenset(("language",))
"""What every text and body may use without declaring it: ``language`` is ``ja`` or ``en``."""


class Unrendered(Exception):
    """The message of this action could not be made for this person; nothing is shown."""


class _Text(Struct, frozen=True):
    """A template variable, ready to be filled: ``make`` turns the context into the value that the body sees."""

    name: str
    make: Callable[[dict[str, Any]], Any]


class _Compiled(Struct, frozen=True):
    texts: tuple[_Text, ...]
    body: liquid.Fill
    style: liquid.Fill
    script: liquid.Fill
    cached: dict[str, Rendered] | None  # by language, when nothing depends on the person


class Renderer:
    """Renders the actions of one version of one project. Everything is parsed here, so that a request never parses."""

    def __init__(self, project: Project) -> None:
        self._language = project.language
        self._actions: dict[ActionId, _Compiled] = {
            action.id: _compiled(action, project.templates[action.template])
            for campaign in project.campaigns
            for action in campaign.actions
            if not action.holdout
        }

    def render(self, action: Action, context: Mapping[str, Any]) -> Rendered:
        """The action's HTML, CSS and script.

        ``context`` holds the action's variables as plain Python values, and ``language`` as the browser named it
        (``en-US``; missing means the project's). Values are escaped here, however hostile they are. Raises
        ``Unrendered`` when a text asks for more than Liquid allows, such as a loop without end.
        """
        compiled = self._actions[action.id]
        language = spoken(context.get("language"), self._language)
        if compiled.cached is not None and language in compiled.cached:
            return compiled.cached[language]
        asked = {**context, "language": language}
        try:
            filled: dict[str, Any] = {text.name: text.make(asked) for text in compiled.texts}
            filled["language"] = language
            rendered = (compiled.body(filled), compiled.style(filled), compiled.script(filled))
        except LiquidError as error:
            raise Unrendered(f"action {action.id}: {error}") from error
        if compiled.cached is not None:
            compiled.cached[language] = rendered
        return rendered


def spoken(language: object, otherwise: str) -> str:
    """``ja`` or ``en``: which of our two languages a browser that asks for ``language`` reads better."""
    if not isinstance(language, str) or not language:
        return otherwise
    return "ja" if language.lower().startswith("ja") else "en"


def _compiled(action: Action, template: Template) -> _Compiled:
    filled = {**template.defaults, **action.texts}
    texts = tuple(_Text(name, _maker(template.types.get(name, "text"), text)) for name, text in filled.items())
    personal = any(liquid.is_liquid(text) and liquid.names(text) - GIVEN for text in filled.values())
    return _Compiled(
        texts,
        _filler(template.body, liquid.markup),
        _filler(template.style, liquid.plain),
        _filler(template.script, liquid.plain),
        None if personal else {},
    )


def _filler(text: str, parse: Callable[[str], liquid.Fill]) -> liquid.Fill:
    return parse(text) if liquid.is_liquid(text) else lambda _: text


def _maker(kind: str, text: str) -> Callable[[dict[str, Any]], Any]:
    if kind == "html":
        fill = _filler(text, liquid.markup)
        return lambda context: Markup(fill(context))
    fill = _filler(text, liquid.plain)
    match kind:
        case "url" | "image":
            return lambda context: liquid.safe_url(fill(context)) if fill(context).strip() else ""
        case "color":
            return lambda context: liquid.safe_color(fill(context))
        case "number":
            return lambda context: _number(fill(context))
        case "flag":
            return lambda context: fill(context).strip().lower() == "true"
        case _:
            return fill


def _number(text: str) -> int | float | str:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return ""
