"""One action before it is published: drawn as the edge would draw it, whatever was typed."""

from typing import Any

import msgspec
import pytest
from tests.unit.configuration.folders import SMALL, compile_small

from omotenashi.configuration import previews
from omotenashi.configuration.problems import Problem, Refused
from omotenashi.configuration.render import Renderer
from omotenashi.model.campaigns import Variable
from omotenashi.model.values import Scalar

GOODS = "rows:\n  sencha: {name: Sencha, price: 1620}\n  konpeito: {name: Konpeito, price: 540}\n"
SOURCES = {**SMALL, "tables/goods.yaml": GOODS}


def drawn(action: dict[str, Any], language: Any = "en", **values: Any) -> previews.Drawn:
    prepared = previews.prepare(SOURCES, action)
    return previews.draw(prepared, language, {**previews.stand_ins(prepared, language, lambda _: None), **values})


def problems(action: dict[str, Any]) -> list[Problem]:
    with pytest.raises(Refused) as refused:
        previews.prepare(SOURCES, action)
    return list(refused.value.problems)


def test_an_action_is_drawn_as_the_campaign_that_has_it_is_rendered() -> None:
    project = compile_small()
    action = project.campaigns[0].actions[0]
    html, css, script = Renderer(project).render(action, {"language": "en"})
    found = drawn({"template": "card", "texts": {"title": "Hi"}})
    assert (found.kind, found.html, found.css, found.script, found.display) == ("modal", html, css, script, action.display)


def test_a_theme_that_is_tried_out_stands_instead_of_the_projects() -> None:
    prepared = previews.prepare(SOURCES, {"template": "card", "texts": {"title": "Hi"}}, {"accent": "#b03060"})
    assert "#b03060" in previews.draw(prepared, "en", {}).css


def test_what_is_wrong_is_said_by_its_place_in_the_action() -> None:
    assert [(one.file, one.path) for one in problems({"template": "card", "texts": {"title": "{{ nope }}", "more": 1}})] == [
        ("", "texts.more"),
        ("", "texts.title"),
    ]
    (missing,) = problems({"texts": {}})
    assert (missing.file, missing.path, missing.message) == ("", "template", "is missing")


def test_an_embedded_message_has_a_place_before_anybody_chose_one() -> None:
    found = drawn({"template": "embed_banner"})
    assert found.kind == "embed"
    assert found.display.embed is not None


def test_every_variable_has_a_value_although_nobody_is_there() -> None:
    def look(variable: Variable) -> Scalar | None:
        return 4500 if variable.source == "statistic" else None

    variables = {
        "cart": {"statistic": {"event": "cart", "field": "price", "aggregate": "last"}},
        "times": {"statistic": {"event": "cart"}},
        "name": {"attribute": "last_name"},
        "visits": {"fact": "visits"},
        "item": {"event": "item"},
        "tea": {"table": "goods", "column": "name", "key": {"event": "item"}},
        "goods": {"table": "goods", "limit": 1},
    }
    prepared = previews.prepare(SOURCES, {"template": "card", "texts": {"title": "{{ cart }}"}, "variables": variables})
    assert previews.stand_ins(prepared, "en", look) == {
        "cart": 4500,
        "times": 4500,
        "name": "Hanako",
        "visits": previews.COUNTED,
        "item": "［item］",
        "tea": "Sencha",
        "goods": [{"name": "Sencha", "price": 1620}],
    }
    assert previews.stand_ins(prepared, "en", lambda _: None)["times"] == previews.COUNTED


HOSTILE = [
    "{% assign x = 9 %}{% for i in (1..1000) %}{% assign x = x | times: x %}{% endfor %}{{ x }}",
    "{% for i in (1..100000000) %}a{% endfor %}",
    "{{ language" + " | replace: '', 'xxxxxxxxxxxxxxxxxxxx'" * 12 + " }}",
    "{{ language" + " | replace: 'a', 'aaaaaaaaaaaaaaaaaaaa'" * 12 + " }}",
    "{{ language" + " | split: '' | join: 'xxxxxxxxxxxxxxxxxxxx'" * 12 + " }}",
    "{{ language | append: '\\'" + " | json" * 60 + " }}",
    "{{ " * 500,
    "{% if a %}" * 2_000,
    "{{ 1 | divided_by: 0 }}",
    "\x00\ud800",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_would_fill_the_memory_is_refused_at_once(text: str) -> None:
    assert problems({"template": "card", "texts": {"title": text}})


def test_markup_in_a_text_stays_text() -> None:
    found = drawn({"template": "card", "texts": {"title": "<script>alert(1)</script>{{ '<img onerror=x>' }}"}})
    assert "<script" not in found.html
    assert "<img" not in found.html


def test_what_was_drawn_can_be_sent() -> None:
    assert msgspec.json.encode(drawn({"template": "card", "texts": {"title": "お茶"}}))


def test_what_must_be_filled_in_is_filled_in_in_both_languages() -> None:
    (empty,) = problems({"template": "modal", "texts": {"title": {"ja": "お茶", "en": ""}}})
    assert (empty.path, empty.message) == ("texts.title.en", "expected something here; this may not be left empty")
