"""Whatever a person or a page put into a value: the message keeps its shape, and nothing runs that the template did not write."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.configuration.folders import SMALL, fresh_key

from omotenashi.configuration import gallery
from omotenashi.configuration.compile import compiled
from omotenashi.configuration.render import Renderer
from omotenashi.configuration.samples import sample
from omotenashi.model.campaigns import Project

TYPES = ("text", "url", "image", "color", "number", "flag", "choice", "selector", "time", "phone")
TEMPLATE: dict[str, Any] = {
    "kind": "notification",
    "variables": {
        **{kind: {"type": kind, **({"choices": [{"value": "calm"}]} if kind == "choice" else {})} for kind in TYPES},
        "html": {"type": "html"},
        "press": {"type": "action"},
        "call": {"type": "action"},
        "event": {"type": "action"},
        "items": {
            "type": "list",
            "fields": {"name": {}, "url": {"type": "url"}, "press": {"type": "action", "default": {"do": "close"}}},
        },
        "rows": {"type": "list", "fields": {"name": {}, "url": {"type": "url"}, "press": {"type": "action"}}},
    },
}
BODY = """
<article class="{{ choice }} {{ text }}" data-flag='{{ text | json }}' style="color: {{ color }}; width: {{ number }}px">
  <h2 title="{{ text }}">{{ text }}</h2><p>{{ html }}</p><img src="{{ image }}" alt="{{ text }}">
  <a href="{{ url }}">{{ text | upcase }}</a><a href="{{ text | safe_url }}">x</a><a href="{{ phone | tel }}">{{ phone }}</a>
  <b data-selector="{{ selector }}" data-until="{{ time }}" data-number='{{ number | json }}'>{{ flag }}</b>
  {% for item in items %}<a href="{{ item.url }}" data-all='{{ item | json }}'>{{ item.name }}</a>
  {{ item.press | button: item.name }}{% endfor %}
  {% for row in rows %}<a href="{{ row.url }}">{{ row.name }}</a>{{ row.press | button: row.name, "secondary" }}{% endfor %}
  {{ press | button: "go" }}{{ call | button: "call" }}{{ event | button: text }}
</article>
"""
STYLE = "article { color: {{ color }}; width: calc({{ number }} * 1px); animation: {{ choice }} }"
SCRIPT = "const all = {{ items | json }}, text = {{ text | json }}, selector = {{ selector | json }};"


def project() -> Project:
    """One campaign whose every text is what a person sent as ``value``."""
    value = "{{ value }}"
    item = {"name": value, "url": value, "press": {"do": "open", "url": value}}
    texts: dict[str, Any] = {
        **dict.fromkeys(TYPES, value),
        "html": "<b>{{ value }}</b>",
        "press": {"do": "open", "url": value},
        "call": {"do": "call", "phone": value},
        "event": {"do": "event", "event": "wish", "values": {"whole": value, "part": "a {{ value }}"}},
        "items": [item],
        "rows": {"rows": "goods"},
    }
    action = {
        "name": "A",
        "template": "card",
        "texts": texts,
        "variables": {"value": {"attribute": "value"}, "goods": {"table": "goods"}},
    }
    campaign = {"name": "Hello", "state": "live", "trigger": {"event": "view"}, "actions": [action]}
    sources = {
        **SMALL,
        "tables/goods.yaml": "rows: {a: {name: x, url: /, press: /}}\n",
        "templates/card/template.yaml": json.dumps(TEMPLATE),
        "templates/card/body.liquid": BODY,
        "templates/card/style.css": STYLE,
        "templates/card/script.js": SCRIPT,
        "campaigns/hello.yaml": json.dumps(campaign),
    }
    return compiled(sources, None, 1, fresh_key)


PROJECT = project()
RENDERER = Renderer(PROJECT)


class Outline(HTMLParser):
    """Every tag with the names of its attributes, and the values of those that a browser follows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.values: list[tuple[str, str]] = []
        self.ends: list[str] = []
        self.strange: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.values += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.ends.append(tag)

    def handle_comment(self, data: str) -> None:
        self.strange.append(data)

    def handle_decl(self, decl: str) -> None:
        self.strange.append(decl)


def shown(value: Any) -> tuple[Outline, str, str]:
    rows = [{"name": value, "url": value, "press": value}]
    html, css, script = RENDERER.render(PROJECT.campaigns[0].actions[0], {"value": value, "goods": rows, "language": "en"})
    return Outline(html), css.removeprefix(PROJECT.style), script


NASTY = [
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    '" onclick="alert(1)" x="',
    "</article></div><iframe src=//evil.example>",
    "javascript:alert(1)",
    "JaVa\tScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "red; } * { display: none } @import url(//evil.example); a {",
    "</style><script>alert(1)</script>",
    "</script><script>alert(1)//",
    "\u2028alert(1)\u2029",
    "*/ alert(1) /*",
    '\\"; alert(1); //',
    "{{ language }}{% if true %}x{% endif %}",
    "<!-- --><!doctype x>",
    "${alert(1)}`",
    "tel:0120;alert(1)",
    "&lt;script&gt;&#34;&quot;",
    "0120-000-000",
    "/sale?a=b&c=d#e",
    "#27406b",
]
PLAIN, *_ = (shown("/x"),)


@settings(deadline=None, max_examples=150)
@given(value=st.text(max_size=60) | st.sampled_from(NASTY) | st.lists(st.sampled_from(NASTY), max_size=3).map("".join))
@example(value=NASTY[0])
@example(value=NASTY[7])
@example(value=NASTY[9])
def test_no_value_breaks_out_of_where_it_stands(value: str) -> None:
    outline, css, script = shown(value)
    known = {(tag, names) for tag, names in PLAIN[0].tags}
    buttons = {("a", ("class", "href", "data-omotenashi-click"))}
    buttons |= {("button", ("class", "type", "data-omotenashi-close"))}
    buttons |= {("button", ("class", "type", "data-omotenashi-track", "data-omotenashi-values", "data-omotenashi-click"))}
    assert set(outline.tags) <= known | buttons
    assert outline.strange == []
    assert outline.ends.count("article") == 1
    for name, address in outline.values:
        if name in ("href", "src"):
            scheme = re.match(r"([a-z][a-z0-9+.-]*):", re.sub(r"[\x00-\x20\x7f-\x9f\u200b\ufeff]", "", address), re.IGNORECASE)
            assert scheme is None or scheme[1].lower() in ("http", "https", "mailto", "tel", "sms")
        if name.startswith("data-") and name in ("data-all", "data-flag", "data-omotenashi-values"):
            json.loads(address)
        if name == "style":
            assert re.fullmatch(r"color: [^;{}]*; width: [-0-9.e+]*px", address)
    assert re.fullmatch(r"article \{ color: [^;{}]*; width: calc\([-0-9.e+]* \* 1px\); animation: calm \}", css)
    lines = re.fullmatch(r"const all = (.*), text = (.*), selector = (.*);", script, re.DOTALL)
    assert lines is not None
    assert not set(script) & set("<>&\u2028\u2029'")
    text, found = json.loads(lines[2]), json.loads(lines[3])
    assert text == found == value


@settings(deadline=None, max_examples=150)
@given(value=st.none() | st.booleans() | st.integers() | st.floats() | st.lists(st.text(max_size=5), max_size=3))
def test_a_value_of_another_kind_does_no_harm_either(value: Any) -> None:
    outline, css, _ = shown(value)
    assert outline.strange == []
    assert css.count("{") == css.count("}") == 1


@pytest.mark.parametrize("name", [name for name in gallery.names() if gallery.form(name).kind != "script"])
def test_no_built_in_template_is_broken_out_of_by_a_text(name: str) -> None:
    """Every text variable of the template holds what a person sent."""
    form = gallery.form(name)
    texts = {question.name: "{{ value }}" for question in form.questions if question.type == "text"}
    action = {"variables": {"value": {"attribute": "value"}}}
    purposes = [{"name": purpose, "default": "unknown"} for purpose in ("record", "mail", "push")]

    def outline(sent: str) -> Outline:
        made = sample(name, texts=texts, action=action, context={"value": sent}, project={"purposes": purposes}, language="en")
        assert not any(value in made.script for value in NASTY if set(value) & set("<'"))
        return Outline(made.html)

    assert outline(" ".join(NASTY)).tags == outline("harmless").tags
