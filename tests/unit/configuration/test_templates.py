"""What a template asks for, what a campaign fills in, and what becomes of it on a page."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.configuration.folders import SMALL, compile_small, fresh_key, problems, with_files
from tests.unit.engine.person import Person, shown

from omotenashi.configuration import gallery
from omotenashi.configuration.compile import compiled
from omotenashi.configuration.folder import Sources
from omotenashi.configuration.render import Renderer
from omotenashi.configuration.samples import sample
from omotenashi.model.campaigns import Act, Action, Display, Embed, Items, OnPhone, Project, RowsOf, Variable

TEMPLATE: dict[str, Any] = {
    "kind": "notification",
    "variables": {
        "title": {"default": "Hi", "max_length": 20, "required": True},
        "look": {"type": "choice", "default": "calm", "choices": [{"value": "calm"}, {"value": "bold"}]},
        "seconds": {"type": "number", "default": 5, "min": 1, "max": 60},
        "until": {"type": "time", "default": ""},
        "anchor": {"type": "selector", "default": "main"},
        "phone": {"type": "phone", "default": "0120-000-000"},
        "purpose": {"type": "purpose", "default": "record"},
        "event": {"type": "name", "default": "asked"},
        "primary": {"type": "action", "default": {"do": "close"}},
        "label": {"default": "Go"},
        "items": {
            "type": "list",
            "default": [],
            "max_items": 3,
            "fields": {
                "name": {"max_length": 10},
                "url": {"type": "url", "default": "/"},
                "price": {"type": "number", "default": 0},
                "press": {"type": "action", "default": {"do": "close"}},
            },
        },
    },
}
BODY = (
    '<div class="{{ look }}" data-until="{{ until }}"><h2>{{ title }}</h2><a href="{{ phone | tel }}">{{ phone }}</a>'
    '{% for item in items %}<a href="{{ item.url }}">{{ item.name }} {{ item.price }}</a>'
    '{{ item.press | button: "x" }}{% endfor %}'
    '<p data-omotenashi-state="thanks"></p>{{ primary | button: label, "secondary" }}</div>'
)


def with_template(action: dict[str, Any] | None = None, template: dict[str, Any] | None = None, body: str = BODY) -> Sources:
    """The small folder with this template instead of its card, and one action that says this besides its name."""
    given = {"name": "A", "template": "card", **(action or {})}
    return {
        **SMALL,
        "tables/goods.yaml": "rows: {sencha: {title: Sencha, price: 1200, url: /sencha}, hagi: {title: Hagi cup}}\n",
        "templates/card/template.yaml": json.dumps(template or TEMPLATE),
        "templates/card/body.liquid": body,
        "templates/card/style.css": "",
        "campaigns/hello.yaml": json.dumps({"name": "Hello", "state": "live", "trigger": {"event": "view"}, "actions": [given]}),
    }


def action_of(**action: Any) -> Action:
    return compiled(with_template(action), None, 1, fresh_key).campaigns[0].actions[0]


def html(context: dict[str, Any] | None = None, **action: Any) -> str:
    project = compiled(with_template(action), None, 1, fresh_key)
    return Renderer(project).render(project.campaigns[0].actions[0], {"language": "en", **(context or {})})[0]


def told(**action: Any) -> list[str]:
    return [f"{problem.path}: {problem.message}" for problem in problems(with_template(action))]


# Variables


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"title": ""}, "texts.title: expected something here; this may not be left empty"),
        ({"title": "x" * 21}, "texts.title: expected at most 20 characters, here are 21"),
        ({"title": {"ja": "は"}}, "texts.title.en: is missing"),
        ({"title": ["a"]}, "texts.title: expected a text; found a list"),
        ({"look": "loud"}, "texts.look: expected one of calm, bold; found 'loud'"),
        ({"seconds": 0}, "texts.seconds: expected 1 or more; found '0'"),
        ({"seconds": "soon"}, "texts.seconds: expected a number; found 'soon'"),
        ({"until": "tomorrow"}, "texts.until: expected a day or minute in the project's time zone"),
        ({"anchor": ".a {"}, "texts.anchor: expected a CSS selector without '{'"),
        ({"anchor": "a:not(.b"}, "texts.anchor: expected a CSS selector that is closed with ')'"),
        ({"phone": "call me"}, "texts.phone: expected a telephone number"),
        ({"purpose": "mail"}, "texts.purpose: unknown purpose of project.yaml 'mail'; expected one of record"),
        ({"event": "お便り"}, "texts.event: expected a name of letters, digits, _ and $, not starting with a digit"),
        (
            {"event": "{{ language }}"},
            "texts.event: expected a name of letters, digits, _ and $, not starting with a digit, the same",
        ),
        ({"primary": "close"}, "texts.primary: expected an action such as {do: open, url: /sale}"),
        ({"primary": {"do": "jump"}}, "texts.primary.do: expected one of call, close"),
        ({"primary": {"do": "open"}}, "texts.primary.url: is missing; `do: open` needs it"),
        ({"primary": {"do": "open", "url": "javascript:x"}}, "texts.primary.url: expected an http, https"),
        ({"primary": {"do": "close", "url": "/"}}, "texts.primary.url: expected nothing here beside `do: close`"),
        ({"primary": {"do": "grant", "purpose": "mail"}}, "texts.primary.purpose: unknown purpose of project.yaml 'mail'"),
        ({"primary": {"do": "go", "state": "end"}}, "texts.primary.state: unknown state of the template card: 'end'"),
        ({"primary": {"do": "event", "event": "a b"}}, "texts.primary.event: expected an event name"),
        ({"primary": {"do": "event", "event": "a", "values": {"b": "{{ x }}"}}}, "primary.values.b: unknown variable 'x'"),
        ({"items": "all"}, "texts.items: expected a list, or {rows: NAME}"),
        ({"items": [{"name": "a"}] * 4}, "texts.items: expected at most 3 items; found 4"),
        ({"items": [{"url": "/"}]}, "texts.items[0].name: is missing; this field has no default"),
        ({"items": [{"name": "a", "size": 1}]}, "texts.items[0].size: unknown field; expected one of name, url"),
        ({"items": [{"name": "a" * 11}]}, "texts.items[0].name: expected at most 10 characters"),
        ({"items": {"rows": "goods"}}, "texts.items.rows: unknown variable 'goods' with rows of a table"),
    ],
)
def test_what_does_not_suit_a_variable_is_told_with_its_place(texts: dict[str, Any], message: str) -> None:
    found = told(texts=texts)
    assert any(message in line for line in found), found


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ({"type": "choice"}, "choices: is missing"),
        ({"type": "choice", "choices": [{"value": "a"}, {"value": "a"}]}, "choices[1].value: expected a value of its own"),
        ({"type": "choice", "choices": [{"value": "a;b"}]}, "choices[0].value: expected a value of letters"),
        ({"type": "list"}, "fields: is missing"),
        ({"type": "text", "min": 3}, "min: expected only with type number"),
        ({"type": "number", "min": 3, "max": 2}, "max: expected 3 or more, which is `min`; found 2"),
        ({"type": "choice", "choices": [{"value": "a"}], "default": "b"}, "default: expected one of a; found 'b'"),
        ({"type": "number", "example": "many"}, "example: expected a number; found 'many'"),
        ({"type": "list", "fields": {"contains": {"type": "text"}}}, "fields.contains: expected another name"),
    ],
)
def test_a_template_that_contradicts_itself_is_told_with_its_place(variable: dict[str, Any], message: str) -> None:
    template = {"kind": "modal", "variables": {"one": {"default": "", **variable}}}
    found = [f"{p.path}: {p.message}" for p in problems(with_template({}, template, "<p></p>"))]
    assert any(f"variables.one.{message}" in line for line in found), found


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{{ primary }}", "expected the filter button"),
        ("{{ items }}", "a list is written by a loop"),
        ('<p title="{{ primary | button: label }}">', "it may not stand in an attribute"),
        ('<p data-x="{{ items | json }}">', "expected single quotes around a value with the filter json"),
        ("{% assign x = items | json %}", "expected the filter json only between {{ and }}"),
        ("{% echo title %}", "not Liquid"),
        ("{% for item in items %}{{ item.nme }}{% endfor %}", "unknown field 'nme'; expected one of name, url, price, press"),
        ('{% for item in items %}<a href="{{ item.name }}">{% endfor %}', "expected the filter safe_url"),
        ('<p style="width: {{ title }}">', "only variables of type color, number or choice"),
        ('<button data-omotenashi-clik="x">', "unknown attribute data-omotenashi-clik; expected one of answer, attribute, click"),
        ('<p data-omotenashi-state="a"><b data-omotenashi-go="b">', 'data-omotenashi-go="b": unknown state; expected one of a'),
    ],
)
def test_a_body_that_could_be_broken_out_of_or_not_understood_is_refused(body: str, message: str) -> None:
    found = [problem.message for problem in problems(with_template({}, TEMPLATE, body))]
    assert any(message in line for line in found), found


def test_a_filled_template_is_what_its_variables_say() -> None:
    found = html(
        texts={
            "look": "bold",
            "until": "2026-12-24T18:00",
            "items": [{"name": "Tea", "price": 12}, {"name": "Cup", "url": "/cup", "press": {"do": "go", "state": "thanks"}}],
            "primary": {"do": "open", "url": "/sale", "new_tab": True, "then": "close", "name": "sale"},
        }
    )
    assert found == (
        '<div class="bold" data-until="1798102800000"><h2>Hi</h2><a href="tel:0120000000">0120-000-000</a>'
        '<a href="/">Tea 12</a><button class="button" type="button" data-omotenashi-close="">x</button>'
        '<a href="/cup">Cup 0</a><button class="button" type="button" data-omotenashi-go="thanks"'
        ' data-omotenashi-click="press_2">x</button>'
        '<p data-omotenashi-state="thanks"></p><a class="button secondary" href="/sale" target="_blank" rel="noopener"'
        ' data-omotenashi-click="sale" data-omotenashi-then="close">Go</a></div>'
    )


PRESSED = '<button class="button secondary" type="button" '


@pytest.mark.parametrize(
    ("primary", "written"),
    [
        ({"do": "call", "phone": "0120-0"}, '<a class="button secondary" href="tel:01200" data-omotenashi-click="primary">'),
        ({"do": "grant", "purpose": "record"}, PRESSED + 'data-omotenashi-grant="record" data-omotenashi-click="primary">'),
        (
            {"do": "deny", "purpose": "record", "then": "close"},
            PRESSED + 'data-omotenashi-deny="record" data-omotenashi-click="primary" data-omotenashi-then="close">',
        ),
        ({"do": "close"}, PRESSED + 'data-omotenashi-close="">'),
        ({"do": "close", "name": "later"}, PRESSED + 'data-omotenashi-close="" data-omotenashi-click="later">'),
        (
            {"do": "event", "event": "wish", "then": "thanks"},
            PRESSED + 'data-omotenashi-track="wish" data-omotenashi-click="primary" data-omotenashi-go="thanks">',
        ),
        (
            {"do": "event", "event": "wish", "values": {"item": "a\"b'", "n": 2}},
            'data-omotenashi-values="{&#34;item&#34;: &#34;a\\&#34;b&#39;&#34;, &#34;n&#34;: 2}"',
        ),
    ],
)
def test_a_button_does_without_code_what_its_action_says(primary: dict[str, Any], written: str) -> None:
    assert written in html(texts={"primary": primary})


def test_a_button_without_words_or_without_a_place_to_go_is_not_there() -> None:
    assert "secondary" not in html(texts={"label": ""})
    assert "secondary" not in html(texts={"primary": {"do": "open", "url": "{{ link }}"}}, **LINK, context={"link": " "})


LINK: dict[str, Any] = {"variables": {"link": {"attribute": "link", "default": ""}}}


def test_an_events_value_keeps_the_type_of_the_variable_it_is() -> None:
    values = {"item": "no. {{ link }}", "price": "{{ link }}"}
    found = html({"link": 1200}, texts={"primary": {"do": "event", "event": "wish", "values": values}}, **LINK)
    assert "{&#34;item&#34;: &#34;no. 1200&#34;, &#34;price&#34;: 1200}" in found


def test_a_project_is_the_same_after_it_was_stored() -> None:
    action = {
        "variables": {"goods": {"table": "goods", "default": []}},
        "texts": {"items": [{"name": "a", "press": {"do": "event", "event": "wish", "values": {"n": 1.5, "b": True}}}]},
        "display": {"requires": [".a"], "phone": {"margin": 3}, "scroll": "30%"},
    }
    project = compiled(with_template(action), None, 1, fresh_key)
    stored = msgspec.json.decode(msgspec.json.encode(project), type=Project)
    assert stored == project
    one, other = (Renderer(each).render(each.campaigns[0].actions[0], {"language": "ja"}) for each in (project, stored))
    assert one == other


def test_fillings_become_what_the_edge_needs_to_know() -> None:
    one = action_of(
        variables={"goods": {"table": "goods", "limit": 2}},
        texts={"items": {"rows": "goods", "columns": {"name": "title"}}, "primary": {"do": "go", "state": "thanks"}},
    )
    assert one.texts == {"items": RowsOf("goods", {"name": "title"}), "primary": Act("go", state="thanks")}
    assert one.variables == {"goods": Variable("rows", table="goods", limit=2)}
    assert action_of(texts={"items": [{"name": "a"}]}).texts["items"] == Items(({"name": "a"},))


# Rows of tables


ROWS: dict[str, Any] = {"variables": {"goods": {"table": "goods"}}}


def test_a_list_takes_the_rows_of_a_table_and_its_own_defaults_where_cells_are_missing() -> None:
    rows = [
        {"key": "sencha", "title": "Sencha", "price": 1200, "url": "/sencha"},
        {"key": "hagi", "title": "<b>Hagi</b>"},
        {"key": "none"},
    ]
    found = html({"goods": rows}, texts={"items": {"rows": "goods", "columns": {"name": "title"}}}, **ROWS)
    assert '<a href="/sencha">Sencha 1200</a>' in found
    assert '<a href="/">&lt;b&gt;Hagi&lt;/b&gt; 0</a>' in found
    assert found.count("<a href=") == 3  # the telephone, and two rows; without a name there is no row


def test_a_person_is_shown_the_rows_that_suit_them_from_the_file_to_the_page() -> None:
    match = {"column": "title", "value": {"attribute": "likes"}}
    action = {
        "variables": {"goods": {"table": "goods", "match": match}},
        "texts": {"items": {"rows": "goods", "columns": {"name": "title"}}},
    }
    project = compiled(with_template(action), None, 1, fresh_key)
    who = Person(project)
    assert shown(who.view()) == []
    who.send("attribute", {"likes": "Sencha"})
    (handed,) = who.view().handed
    html = Renderer(project).render(handed.action, {**handed.context, "language": "en"})[0]
    assert '<a href="/sencha">Sencha 1200</a>' in html
    assert "Hagi" not in html


@pytest.mark.parametrize(
    ("variable", "texts", "message"),
    [
        ({"table": "good"}, {}, "variables.goods.table: unknown table 'good'; expected one of goods"),
        ({"table": "goods", "limit": 0}, {}, "variables.goods.limit: expected a whole number, 1 to 50"),
        ({"table": "goods", "default": "x"}, {}, "variables.goods.default: expected [], the only default of rows"),
        (
            {"table": "goods", "match": {"column": "kind", "value": {"attribute": "a"}}},
            {},
            "match.column: unknown column of goods",
        ),
        ({"attribute": "a", "limit": 3}, {}, "variables.goods.limit: expected only beside table"),
        ({"attribute": "a", "default": []}, {}, "variables.goods.default: expected a single value"),
        (
            {"table": "goods", "column": "title", "limit": 3, "key": {"event": "e"}},
            {},
            "limit: expected only with rows of a table",
        ),
        ({"table": "goods"}, {"rows": "goods"}, "items.columns.name: is missing; the table has no column 'name'"),
        (
            {"table": "goods"},
            {"rows": "goods", "columns": {"name": "t"}},
            "columns.name: unknown column 't'; expected one of key, price",
        ),
    ],
)
def test_rows_that_cannot_be_are_told_with_their_place(variable: dict[str, Any], texts: dict[str, Any], message: str) -> None:
    found = told(variables={"goods": variable}, texts={"items": texts} if texts else {})
    assert any(message in line for line in found), found


def test_rows_may_be_none_when_the_default_says_so() -> None:
    match = {"column": "title", "value": {"attribute": "likes"}}
    one = action_of(variables={"goods": {"table": "goods", "match": match, "default": []}})
    assert one.variables["goods"] == Variable(
        "rows", table="goods", column="title", key=Variable("attribute", ("likes",)), limit=10, may_be_empty=True
    )


# Display


def test_an_action_says_when_and_where_it_shows_over_what_its_template_says() -> None:
    template = {**TEMPLATE, "display": {"position": "top-left", "delay": "3s", "margin": 8}}
    said = {
        "delay": "500ms",
        "idle": "20s",
        "visible": ".price",
        "exit": True,
        "on_return": True,
        "manual": True,
        "phone": {"position": "bottom", "margin": 0},
        "z_index": 50,
        "requires": [".a", "#b"],
        "forbids": ["[data-c='d']"],
        "guard": "move",
    }
    project = compiled(with_template({"display": said}, template), None, 1, fresh_key)
    assert project.campaigns[0].actions[0].display == Display(
        position="top-left",
        delay_ms=500,
        idle_ms=20_000,
        visible=".price",
        exit=True,
        returning=True,
        manual=True,
        margin=8,
        phone=OnPhone("bottom", 0),
        z_index=50,
        requires=(".a", "#b"),
        forbids=("[data-c='d']",),
        guard="move",
    )


@pytest.mark.parametrize(("kind", "position"), [("modal", "center"), ("bar", "top"), ("notification", "bottom-right")])
def test_a_message_stands_where_its_kind_usually_does(kind: str, position: str) -> None:
    project = compiled(with_template({}, {**TEMPLATE, "kind": kind}), None, 1, fresh_key)
    assert project.campaigns[0].actions[0].display.position == position


def test_what_a_template_says_wrongly_of_its_display_is_told_in_its_own_file() -> None:
    template = {**TEMPLATE, "display": {"visible": "a{", "scroll": "101%"}}
    found = [(p.file, p.path) for p in problems(with_template({}, template))]
    assert found == [("templates/card/template.yaml", "display.scroll"), ("templates/card/template.yaml", "display.visible")]


def test_an_embedded_message_needs_a_place_in_the_page_and_only_that_one() -> None:
    embed = {"selector": "#reviews", "place": "before"}
    template = {**TEMPLATE, "kind": "embed"}
    project = compiled(with_template({"display": {"embed": embed}}, template), None, 1, fresh_key)
    assert project.campaigns[0].actions[0].display.embed == Embed("#reviews", "before")
    assert "display.embed: is missing; it says where in the page it stands" in str(problems(with_template({}, template))[0])
    assert "display.embed: expected only with a template of kind embed" in told(display={"embed": embed})[0]


@pytest.mark.parametrize(
    ("display", "message"),
    [
        ({"visible": "a{"}, "display.visible: expected a CSS selector without '{'"),
        ({"requires": [".a", "b["]}, "display.requires[1]: expected a CSS selector that is closed with ']'"),
        ({"idle": "a while"}, "display.idle: expected a length of time"),
        ({"margin": -1}, "display.margin: expected a whole number of pixels"),
        ({"phone": {"side": "left"}}, "display.phone.side: unknown key"),
        ({"guard": "shout"}, "display.guard: expected one of hide, move, report"),
    ],
)
def test_a_display_that_cannot_be_is_told_with_its_place(display: dict[str, Any], message: str) -> None:
    found = told(display=display)
    assert any(message in line for line in found), found


# The gallery


def test_only_the_built_in_templates_that_a_campaign_uses_are_part_of_the_project() -> None:
    used = "name: H\ntrigger: {event: view}\nactions: [{name: A, template: notification01}]\n"
    assert set(compile_small().templates) == {"card"}
    assert set(compile_small(campaigns__hello=used).templates) == {"card", "notification01"}


def test_a_template_of_ones_own_stands_before_the_built_in_one_of_that_name() -> None:
    own = {path.replace("/card/", "/notification01/"): text for path, text in SMALL.items() if path.startswith("templates/")}
    files = {**SMALL, **own, "campaigns/hello.yaml": SMALL["campaigns/hello.yaml"].replace("card", "notification01")}
    assert compiled(files, None, 1, fresh_key).templates["notification01"].body == SMALL["templates/card/body.liquid"]


@pytest.mark.parametrize("name", gallery.names())
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_built_in_template_can_be_filled_with_its_examples(name: str, language: str) -> None:
    purposes = [{"name": purpose, "default": "unknown"} for purpose in ("record", "mail", "push")]
    made = sample(name, language=language, project={"purposes": purposes})
    assert made.kind == gallery.form(name).kind
    assert bool(made.html) != (made.kind == "script")
    assert bool(made.css) != (made.kind == "script")


@pytest.mark.parametrize("name", gallery.names())
def test_every_built_in_template_describes_its_form_in_both_languages(name: str) -> None:
    form = gallery.form(name)
    assert form.label["ja"]
    assert form.label["ja"] != form.label["en"]
    assert form.description["ja"]
    assert form.description["ja"] != form.description["en"]
    asked = list(form.questions)
    while asked:
        question = asked.pop()
        assert question.label["ja"]
        assert question.label["en"] != question.name, question
        assert question.must_be_filled or question.default is not None
        assert all(choice.label["en"] for choice in question.choices)
        asked += question.fields


def test_a_form_says_what_may_be_filled_in() -> None:
    form = gallery.form("card", {"template.yaml": json.dumps(TEMPLATE)})
    (look,) = (question for question in form.questions if question.name == "look")
    assert ([choice.value for choice in look.choices], look.default, look.must_be_filled) == (["calm", "bold"], "calm", False)
    (items,) = (question for question in form.questions if question.name == "items")
    assert [field.name for field in items.fields] == ["name", "url", "price", "press"]
    assert (items.max_items, items.fields[0].must_be_filled) == (3, True)
    with pytest.raises(KeyError):
        gallery.form("nothing")


def test_the_gallery_stands_in_the_folder_that_is_installed() -> None:
    home = Path(gallery.__file__).parent / "templates"
    assert {file.name for file in home.iterdir() if file.is_dir()} == set(gallery.names())
    assert gallery.base() in compile_small().style


def test_what_is_protected_travels_with_the_project() -> None:
    project = SMALL["project.yaml"] + "protect: ['.cart', '#checkout']\n"
    assert compile_small(project=project).protect == (".cart", "#checkout")
    wrong = problems(with_files(project=SMALL["project.yaml"] + "protect: ['.cart{']\n"))
    assert [problem.path for problem in wrong] == ["protect[0]"]
