"""One action as a visitor's page would be sent it, long before it is published: compiled and rendered as the edge does it.

Only what the action needs is compiled: the project's own description, tables and derived events, and the one template. What
depends on a person is filled with stand-ins, unless the person's values are given.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from msgspec import Struct

from omotenashi.engine.rules import facts
from omotenashi.model.campaigns import Action, Display, Project, Template, Variable
from omotenashi.model.rules import Aggregate
from omotenashi.model.values import Scalar

from . import documents, gallery
from .compile import compiled
from .folder import Sources
from .kinds import Language
from .problems import Problem, Refused
from .render import Renderer
from .samples import described, with_a_place

_FILE: Final = "campaigns/preview.yaml"
_PLACE: Final = "actions[0]"
_FOLDERS: Final = ("tables/", "events/", "lists/")
_NOT_NUMBERS: Final = (Aggregate.FIRST, Aggregate.LAST, Aggregate.PREVIOUS, Aggregate.FIRST_AT, Aggregate.LAST_AT)
COUNTED: Final = 3
"""What a number is taken to be of which nothing is known."""
NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "ja": {"name": "花子", "mail": "hanako@shop.example"},
    "en": {"name": "Hanako", "mail": "hanako@shop.example"},
}

Look = Callable[[Variable], Scalar | None]
"""What a variable of an event or of a statistic may hold; None when nothing is known."""


class Prepared(Struct, frozen=True):
    """A compiled action, ready to be drawn for anybody."""

    project: Project
    action: Action
    template: Template


class Drawn(Struct, frozen=True):
    """What a visitor's page would be sent. ``values`` are those of the action's variables that it was drawn with."""

    kind: str
    html: str
    css: str
    script: str
    display: Display
    values: dict[str, Any]


def prepare(sources: Sources, action: Mapping[str, Any], theme: Mapping[str, Any] | None = None) -> Prepared:
    """The action, as YAML has it, over the files of a project; ``theme`` stands instead of the project's.

    Raises ``Refused``: the problems of the action itself have no file, and paths below it, such as ``texts.title``.
    """
    name = str(action.get("template", ""))
    said: dict[str, Any] = {**action, "name": action.get("name") or "preview"}
    parts = _parts(sources, name)
    if parts is not None:
        said = with_a_place(said, described(parts))
    said.pop("weight", None)
    said.pop("id", None)
    needed = {path: text for path, text in sources.items() if path.startswith((*_FOLDERS, f"templates/{name}/"))}
    project = _project(sources, theme)
    campaign = {"name": "preview", "trigger": {"event": "view"}, "actions": [said]}
    try:
        made = compiled(
            {**needed, "project.yaml": project, _FILE: json.dumps(campaign)}, None, 1, lambda kind: f"{kind}-key-of-a-preview"
        )
    except Refused as refused:
        raise Refused(_told(problem) for problem in refused.problems) from None
    chosen = made.campaigns[0].actions[0]
    return Prepared(made, chosen, made.templates[chosen.template])


def draw(prepared: Prepared, language: Language, values: Mapping[str, Any]) -> Drawn:
    """The action with these values of its variables. Raises ``Unrendered`` when a text asks for more than Liquid allows."""
    action = prepared.action
    html, css, script = Renderer(prepared.project).render(action, {**values, "language": language})
    return Drawn(prepared.template.kind, html, css, script, action.display, dict(values))


def stand_ins(prepared: Prepared, language: Language, look: Look) -> dict[str, Any]:
    """A plausible value for every variable of the action: its default, a table's own rows, or what ``look`` finds."""
    project = prepared.project
    return {name: _stand_in(name, variable, project, language, look) for name, variable in prepared.action.variables.items()}


def _stand_in(name: str, variable: Variable, project: Project, language: Language, look: Look) -> Any:
    match variable.source:
        case "rows":
            return list(project.tables.get(variable.table, {}).values())[: variable.limit]
        case "table":
            row = next(iter(project.tables.get(variable.table, {}).values()), {})
            found = row.get(variable.column)
        case "attribute":
            called = ".".join(variable.path).lower()
            found = next((NAMES[language][part] for part in ("mail", "name") if part in called), None)
        case "fact":
            fact = facts.known(".".join(variable.path))
            found = None if fact is None else _of_kind(fact.kind)
        case _:
            found = look(variable)
            statistic = variable.statistic
            if found is None and statistic is not None and statistic.aggregate not in _NOT_NUMBERS:
                found = COUNTED
    if found is None:
        found = variable.default
    return f"［{name}］" if found is None else found


def _of_kind(kind: facts.Kind) -> Scalar | None:
    match kind:
        case "boolean":
            return True
        case "number":
            return COUNTED
        case _:
            return None


def _parts(sources: Sources, name: str) -> Sources | None:
    own = {path.rpartition("/")[2]: text for path, text in sources.items() if path.startswith(f"templates/{name}/")}
    if own:
        return own
    return gallery.sources(name) if name in gallery.names() else None


def _project(sources: Sources, theme: Mapping[str, Any] | None) -> str:
    text = sources["project.yaml"]
    if theme is None:
        return text
    document = documents.read("project.yaml", text, [])
    said = cast(dict[str, Any], document.data) if document is not None and isinstance(document.data, dict) else {}
    return json.dumps({**said, "theme": theme})


def _told(problem: Problem) -> Problem:
    """A problem of the action, by its place inside the action; any other as it is."""
    if problem.file != _FILE:
        return problem
    return Problem("", 0, re.sub(rf"^{re.escape(_PLACE)}\.?", "", problem.path), problem.message)
