"""YAML is read the way people mean it."""

from typing import Any

import pytest

from omotenashi.configuration.documents import Document, read
from omotenashi.configuration.problems import Problem


def parsed(text: str) -> Any:
    problems: list[Problem] = []
    document = read("a.yaml", text, problems)
    assert problems == []
    assert document is not None
    return document.data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("09:00", "09:00"),
        ("2026-11-21", "2026-11-21"),
        ("no", "no"),
        ("on", "on"),
        ("007", "007"),
        ("1_000", "1_000"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("'12'", "12"),
        ('"true"', "true"),
        (".inf", ".inf"),
        ("0x10", "0x10"),
    ],
)
def test_words_numbers_and_times_are_what_they_look_like(text: str, value: Any) -> None:
    found = parsed(f"a: {text}")["a"]
    assert (found, type(found)) == (value, type(value))


def test_a_key_that_stands_twice_is_a_problem_with_its_line() -> None:
    problems: list[Problem] = []
    assert read("a.yaml", "a: 1\nb: {c: 1,\n  c: 2}\n", problems) is None
    assert problems == [Problem("a.yaml", 3, "b.c", "this key stands here twice")]


def test_broken_yaml_is_a_problem_with_its_line() -> None:
    problems: list[Problem] = []
    assert read("a.yaml", "a: 1\nb: [1\nc: 2\n", problems) is None
    assert [(problem.file, problem.line) for problem in problems] == [("a.yaml", 3)]


def test_aliases_are_refused_so_that_nothing_can_be_blown_up() -> None:
    problems: list[Problem] = []
    assert read("a.yaml", "a: &x [1]\nb: [*x, *x]\n", problems) is None
    assert "without aliases" in problems[0].message


def test_deep_nesting_is_refused() -> None:
    problems: list[Problem] = []
    assert read("a.yaml", "[" * 60 + "]" * 60, problems) is None
    assert "deeper than 40" in problems[0].message


def test_places_have_lines_and_missing_places_those_around_them() -> None:
    document = read("a.yaml", "a:\n  - x: 1\n  - y: 2\nb: 3\n", [])
    assert isinstance(document, Document)
    assert [document.line(path) for path in ("a[1].y", "a[1].z", "a", "b", "nowhere")] == [3, 3, 1, 4, 1]
