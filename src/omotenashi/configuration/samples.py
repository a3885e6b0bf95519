"""A template as somebody would see it: filled with its examples, compiled and rendered as for a visitor."""

import json
from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec
from msgspec import UNSET, Struct

from omotenashi.model.campaigns import Display

from . import documents, gallery
from .compile import compiled
from .folder import Sources
from .kinds import TemplateSource
from .render import Renderer

PURPOSES: Final[Mapping[str, Any]] = {
    "purposes": [{"name": name, "default": "unknown"} for name in ("measure", "personalise", "record", "mail", "push")]
}
"""A ``project.yaml`` with the usual purposes, for templates whose defaults ask for one."""
_CAMPAIGN: Final = "campaigns/sample.yaml"


class Sample(Struct, frozen=True):
    """What a visitor's page would be sent."""

    kind: str
    html: str
    css: str
    script: str
    display: Display


def sample(
    name: str,
    *,
    language: str = "ja",
    texts: Mapping[str, Any] | None = None,
    action: Mapping[str, Any] | None = None,
    project: Mapping[str, Any] | None = None,
    tables: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    files: Sources | None = None,
) -> Sample:
    """A built-in template, or one whose ``files`` are given by part, in one language.

    All is written as YAML has it: ``texts`` are filled in over the template's examples; ``action`` is what else an action says,
    such as ``display`` or ``variables``; ``project`` what ``project.yaml`` says, such as ``theme``; ``tables`` are rows by table.
    ``context`` holds the variables' values for this person. Raises ``Refused`` with everything that is wrong.
    """
    parts = gallery.sources(name) if files is None else files
    said = {"name": "sample", "template": name, "texts": {**examples(parts), **(texts or {})}, **(action or {})}
    said = with_a_place(said, described(parts))
    sources: Sources = {
        "project.yaml": json.dumps({"id": "sample", "name": "Sample", "language": "ja", **(project or {})}),
        _CAMPAIGN: json.dumps({"name": "Sample", "trigger": {"event": "view"}, "actions": [said]}),
    }
    if files is not None:
        sources |= {f"templates/{name}/{part}": text for part, text in files.items() if part in gallery.PARTS}
    for table, rows in (tables or {}).items():
        sources[f"tables/{table}.yaml"] = json.dumps({"rows": rows})
    made = compiled(sources, None, 1, lambda kind: f"{kind}-key-of-a-sample")
    chosen = made.campaigns[0].actions[0]
    html, css, script = Renderer(made).render(chosen, {**(context or {}), "language": language})
    return Sample(made.templates[name].kind, html, css, script, chosen.display)


def examples(parts: Mapping[str, str]) -> dict[str, Any]:
    """The examples that a template's own description gives, by variable."""
    source = described(parts)
    if source is None:
        return {}
    return {name: one.example for name, one in source.variables.items() if one.example is not UNSET}


def with_a_place(action: Mapping[str, Any], template: TemplateSource | None) -> dict[str, Any]:
    """The action; one that is embedded and does not say where is put at the beginning of the page's main part."""
    shown = action.get("display", {})
    if template is None or template.kind != "embed" or template.display.embed is not UNSET or not isinstance(shown, dict):
        return dict(action)
    return {**action, "display": {"embed": {"selector": "main", "place": "prepend"}, **cast(dict[str, Any], shown)}}


def described(parts: Mapping[str, str]) -> TemplateSource | None:
    """The template's description; None when it is not right, which compiling it says."""
    document = documents.read("template.yaml", parts.get("template.yaml", ""), [])
    try:
        return msgspec.convert(None if document is None else document.data, TemplateSource)
    except msgspec.ValidationError:
        return None
