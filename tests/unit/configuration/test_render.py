"""A message for one person: hostile values do no harm, the language is the reader's."""

import msgspec
import pytest

from omotenashi.configuration import liquid
from omotenashi.configuration.compile import compiled
from omotenashi.configuration.render import Press, Renderer, Unrendered
from omotenashi.model.campaigns import Action, Project

from .folders import SMALL, compile_small, fresh_key


def project_with(texts: str, variables: str = "name: {attribute: name, default: ''}") -> tuple[Project, Action]:
    text = (
        "name: Hello\nstate: live\ntrigger: {event: view}\nactions:\n"
        f"  - name: A\n    template: card\n    variables: {{{variables}}}\n    texts: {{{texts}}}\n"
    )
    project = compile_small(campaigns__hello=text)
    return project, project.campaigns[0].actions[0]


def test_a_value_is_escaped_once() -> None:
    project, action = project_with("title: 'Hi {{ name }} & co'")
    html, css, script = Renderer(project).render(action, {"name": "<script>alert('x')</script>", "language": "en"})
    assert html == '<h2>Hi &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; co</h2><a href="/">go</a>'
    assert css == project.style + ":host { --omo-accent: #27406b }"
    assert script == ""


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", " java\tscript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "vbscript:x"]
)
def test_an_address_that_runs_code_becomes_harmless(address: str) -> None:
    project, action = project_with("title: Hi, url: '{{ name }}'")
    assert 'href="#"' in Renderer(project).render(action, {"name": address})[0]


@pytest.mark.parametrize(
    "address", ["/cart", "https://shop.example/a?b=1", "tel:0120", "mailto:a@shop.example", "#top", "?q=a:b"]
)
def test_an_ordinary_address_stays(address: str) -> None:
    assert liquid.safe_url(address) == address


def test_a_colour_cannot_leave_its_declaration() -> None:
    project, action = project_with("title: Hi, accent: '{{ name }}'")
    assert Renderer(project).render(action, {"name": "red; } * { display: none"})[1].endswith(":host { --omo-accent:  }")


@pytest.mark.parametrize(("asked", "title"), [("ja-JP", "ようこそ"), ("en-US", "Welcome"), ("fr", "Welcome"), (None, "ようこそ")])
def test_a_text_is_in_the_readers_language(asked: str | None, title: str) -> None:
    project, action = project_with("title: {ja: ようこそ, en: Welcome}")
    assert f"<h2>{title}</h2>" in Renderer(project).render(action, {"language": asked} if asked else {})[0]


def test_amounts_are_computed_in_the_text() -> None:
    project, action = project_with("title: 'あと{{ 5000 | minus: cart }}円'", "cart: {attribute: cart}")
    renderer = Renderer(project)
    found = [renderer.render(action, {"cart": cart})[0].split("</h2>")[0] for cart in (4000, 4999)]
    assert found == ["<h2>あと1000円", "<h2>あと1円"]


def test_conditions_give_what_the_library_gives() -> None:
    text = '{% if name != "" %}{{ name }}さま{% else %}お客さま{% endif %}{% if name %}.{% endif %}'
    project, action = project_with(f"title: '{text}'")
    renderer = Renderer(project)
    for name in ("葵", "", "<b>", 5, 0, True, False, None, 1.5):
        expected = liquid.PLAIN.from_string(text).render(name=name)
        html = renderer.render(action, {"name": name})[0]
        assert liquid.MARKUP.from_string("<h2>{{ t }}</h2>").render(t=expected) in html


def test_a_loop_without_end_shows_nothing_instead_of_holding_the_edge_up() -> None:
    project, action = project_with("title: '{% for a in (1..100000) %}{{ name }}{% endfor %}'")
    with pytest.raises(Unrendered):
        Renderer(project).render(action, {"name": "x"})


def test_a_project_that_was_stored_before_there_were_themes_and_lists_is_shown_as_it_was() -> None:
    stored = (
        '{"id":"shop","name":"Shop","version":3,"campaigns":[{"id":"hello","name":"H","trigger":"view","actions":[{"id":"d1K",'
        '"name":"A","weight":1000,"template":"card","texts":{"title":"Hi {{ name }}"},"variables":{"name":{"source":"attribute",'
        '"path":["name"],"default":""}},"display":{"position":"center","delayMs":500}}]}],"templates":{"card":{"name":"card",'
        '"kind":"modal","body":"<h2>{{ title }}</h2><a href=\\"{{ url }}\\">go</a>","style":"p{}","defaults":{"url":"/"},'
        '"types":{"title":"text","url":"url"}}}}'
    )
    project = msgspec.json.decode(stored, type=Project)
    (action,) = project.campaigns[0].actions
    assert Renderer(project).render(action, {"name": "<b>"}) == ('<h2>Hi &lt;b&gt;</h2><a href="/">go</a>', "p{}", "")


def test_the_press_renders_each_version_with_its_own_texts() -> None:
    first, action = project_with("title: One")
    text = SMALL["campaigns/hello.yaml"].replace("title: Hi", "title: Two")
    second = compiled({**SMALL, "campaigns/hello.yaml": text}, first, 2, fresh_key)
    press = Press()
    assert "One" in press(first, action, {})[0]
    assert "Two" in press(second, second.campaigns[0].actions[0], {})[0]
    assert "One" in press(first, action, {})[0]
