"""One theme for all messages: readable from one colour on, and never more than values in a style sheet."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.configuration.folders import SMALL, compile_small, problems, with_files

from omotenashi.configuration.kinds import DarkSource, ThemeSource
from omotenashi.configuration.selectors import unfit_selector
from omotenashi.configuration.theme import DARK, LIGHT, READABLE, colours, contrast, tokens, unfit

HEX = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def themed(theme: str) -> list[str]:
    return [str(problem) for problem in problems(with_files(project=f"{SMALL['project.yaml']}theme: {theme}\n"))]


def test_without_a_theme_messages_are_neutral_and_readable() -> None:
    assert colours(ThemeSource()) == (LIGHT, DARK)
    for values in (LIGHT, DARK):
        for front, back in (("ink", "paper"), ("muted", "paper"), ("on-accent", "accent"), ("accent", "paper")):
            share = contrast(values[front], values[back])
            assert share is not None
            assert share >= READABLE, (front, back)


@settings(deadline=None)
@given(HEX)
@example("#00897f")
@example("#777777")
def test_one_colour_is_enough_for_words_that_can_be_read_in_the_light_and_in_the_dark(accent: str) -> None:
    light, dark = colours(ThemeSource(accent=accent))
    for values in (light, dark):
        assert (contrast(values["on-accent"], values["accent"]) or 0) >= READABLE
    assert (contrast(dark["accent"], dark["paper"]) or 0) >= READABLE
    assert light["accent"] == accent


def test_what_a_theme_says_itself_stands() -> None:
    theme = ThemeSource(
        accent="#5e7f3f", on_accent="#000", radius=4, font="'Zen', serif", dark=DarkSource(accent="red", ink="#fff")
    )
    light, dark = colours(theme)
    assert (light["accent"], light["on-accent"], dark["accent"], dark["ink"]) == ("#5e7f3f", "#000", "red", "#fff")
    assert dark["on-accent"] == DARK["on-accent"]
    written = tokens(theme)
    assert "--radius: var(--omo-radius, 4px);" in written
    assert "--font: var(--omo-font, 'Zen', serif);" in written
    assert written.count("--accent: var(--omo-accent, #5e7f3f);") == 1
    assert written.count("--accent: var(--omo-accent-dark, red);") == 2  # where the system is dark, and where the host says so


def test_a_theme_dresses_every_template_of_the_project() -> None:
    style = compile_small(project=f"{SMALL['project.yaml']}theme: {{accent: '#5e7f3f'}}\n").style
    assert style.startswith(":host {\n  --accent: var(--omo-accent, #5e7f3f);")


@pytest.mark.parametrize(
    ("theme", "message"),
    [
        ("{accent: 'red; } * { display: none'}", "theme.accent: expected a CSS colour"),
        ("{accent: 'url(//evil.example)'}", "theme.accent: expected a CSS colour"),
        ("{font: 'a; } @import url(x)'}", "theme.font: expected CSS font families"),
        ('{font: "\'Zen"}', "theme.font: expected CSS font families"),
        ("{shadow: '0 0 1px red; x: y'}", "theme.shadow: expected a CSS shadow"),
        ("{shadow: 'url(//evil.example)'}", "theme.shadow: expected a CSS shadow"),
        ("{dark: {line: '</style>'}}", "theme.dark.line: expected a CSS colour"),
        ("{radius: 99}", "theme.radius: expected a whole number of pixels, 0 to 64"),
        ("{colour: red}", "theme.colour: unknown key"),
    ],
)
def test_a_value_that_could_be_more_than_a_value_is_refused(theme: str, message: str) -> None:
    found = themed(theme)
    assert any(message in line for line in found), found


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_value_of_a_theme_that_is_taken_opens_or_closes_anything(value: str) -> None:
    theme = ThemeSource(accent=value, font=value, shadow=value, dark=DarkSource(paper=value))
    if not unfit(theme):
        assert tokens(theme).count("{") == tokens(ThemeSource()).count("{")
        assert not {";", "}", "<", "@"} & set(value)


@pytest.mark.parametrize(
    "selector", [".a", "#b > li:not(.c)", "a[href='/x,y']", "main article, aside", '[data-a="}"]', ".\\31 0", "*"]
)
def test_a_selector_is_taken(selector: str) -> None:
    assert unfit_selector(selector) == ""


@pytest.mark.parametrize("selector", ["", " ", ".a {", "a[b", "a)", "a'", "a,,b", "a;b", "<p>", "@media", "a\\", ", a"])
def test_a_slip_in_a_selector_is_found(selector: str) -> None:
    assert unfit_selector(selector) != ""
