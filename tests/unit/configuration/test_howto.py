"""The template that the how-to writes is a whole one, and every action and display it tells of is taken."""

import re
from pathlib import Path

import yaml
from msgspec.structs import fields
from tests.unit.configuration.folders import SMALL, fresh_key

from omotenashi.configuration import gallery, schema
from omotenashi.configuration.compile import compiled
from omotenashi.configuration.kinds import ButtonSource, DisplaySource, ProjectSource, TemplateVariable
from omotenashi.configuration.liquid import MARKUP
from omotenashi.configuration.placement import ATTRIBUTES
from omotenashi.configuration.render import Renderer

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = (ROOT / "docs/howto/templates.md").read_text("utf-8")
TEMPLATES_JA = (ROOT / "docs/howto/templates.ja.md").read_text("utf-8")
MESSAGES = (ROOT / "docs/reference/messages.md").read_text("utf-8")
_NUMBERS = {25: "Twenty-five", 26: "Twenty-six", 27: "Twenty-seven", 28: "Twenty-eight"}


def howto_files() -> dict[str, str]:
    """The files that the how-to writes, by path."""
    return dict(
        re.findall(r"^`((?:templates|campaigns)/[\w/.]+)`[^\n]*\n\n```\w+\n(.*?)```", TEMPLATES, re.DOTALL | re.MULTILINE)
    )


def test_the_template_of_the_howto_is_shown_as_it_is_written() -> None:
    files = howto_files()
    assert len(files) == 5
    project = compiled({**SMALL, **files}, None, 1, fresh_key)
    (campaign,) = (campaign for campaign in project.campaigns if campaign.id == "restock")
    html, css, script = Renderer(project).render(campaign.actions[0], {"item": "Hagi's cup", "language": "en"})
    assert """data-omotenashi-values='{"item": "Hagi\\u0027s cup"}'""" in html
    assert '<a class="button secondary" href="/restock" target="_blank"' in html
    assert css.endswith(files["templates/restock/style.css"])
    assert script == files["templates/restock/script.js"]


def test_every_type_filter_and_display_condition_is_documented() -> None:
    (type_field,) = (field for field in fields(TemplateVariable) if field.name == "type")
    for name in (*type_field.type.__args__, "thousands", "safe_url", "tel", "json", "button"):
        assert name in MARKUP.filters or name in type_field.type.__args__
        assert f"`{name}`" in TEMPLATES, name
        assert f"`{name}`" in TEMPLATES_JA, name
    for name in ATTRIBUTES - {"values"}:
        assert f"data-omotenashi-{name}" in TEMPLATES, name
        assert f"data-omotenashi-{name}" in TEMPLATES_JA, name
    for field in fields(DisplaySource):
        assert re.search(rf"`{field.name}[`:]", MESSAGES), field.name


def test_every_action_and_display_that_is_written_out_is_taken() -> None:
    actions = re.findall(r"`(\{do: .*?\})`", TEMPLATES)
    assert re.findall(r"`(\{do: .*?\})`", TEMPLATES_JA) == actions
    assert {yaml.safe_load(action)["do"] for action in actions} == {
        "open",
        "call",
        "event",
        "grant",
        "deny",
        "later",
        "go",
        "close",
    }
    for action in actions:
        assert schema.wrong_in(ButtonSource, yaml.safe_load(action)) == []
    displays = re.findall(r"^\| `(\w+: .*?)` \|", MESSAGES, re.MULTILINE)
    assert len(displays) > 10
    for display in displays:
        written = yaml.safe_load(display)
        kind = ProjectSource if "protect" in written else DisplaySource
        assert schema.wrong_in(kind, {"id": "a", "name": "b", **written} if kind is ProjectSource else written) == [], display


def test_the_number_of_built_in_templates_is_right() -> None:
    assert f"{_NUMBERS[len(gallery.names())]} templates are built in" in TEMPLATES
