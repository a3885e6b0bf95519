"""Every built-in template says what it is in both languages, has a picture, and stands on the contact sheet."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.browser.contact_sheet import INTENTS, SHEET, TEMPLATES, described, written

from omotenashi.configuration import gallery

NAMES = gallery.names()
PNG = b"\x89PNG\r\n\x1a\n"
LARGEST_PREVIEW = 80 * 1024
LARGEST_SHEET = 3 * 1024 * 1024


def words(said: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Everything that people read of a template's description, by its place."""
    for part in ("label", "description", "help"):
        if part in said:
            yield f"{path}{part}", said[part]
    for group in ("variables", "fields"):
        for name, inner in said.get(group, {}).items():
            assert "label" in inner, f"{path}{name} has no label"
            yield from words(inner, f"{path}{name}.")
    for choice in said.get("choices", []):
        assert "label" in choice, f"{path}{choice['value']} has no label"
        yield f"{path}{choice['value']}", choice["label"]


def test_there_are_at_least_twenty_templates_of_every_intent() -> None:
    assert len(NAMES) >= 20
    assert {described(name)["intent"] for name in NAMES} == INTENTS.keys()


@pytest.mark.parametrize("name", NAMES)
def test_what_a_template_says_of_itself_is_in_both_languages(name: str) -> None:
    said = described(name)
    assert {"label", "description", "intent"} <= said.keys()
    for place, text in words(said):
        assert isinstance(text, dict), f"{place}: expected ja and en"
        assert text.keys() == {"ja", "en"}, place
        assert all(str(one).strip() for one in text.values()), place


@pytest.mark.parametrize("name", NAMES)
def test_a_template_has_a_small_picture(name: str) -> None:
    preview = TEMPLATES / name / "preview.png"
    assert preview.is_file(), f"python -m tests.browser.contact_sheet {name}"
    picture = preview.read_bytes()
    assert picture.startswith(PNG)
    assert len(picture) <= LARGEST_PREVIEW


def test_the_contact_sheet_is_what_the_templates_say_of_themselves() -> None:
    assert (SHEET / "README.md").read_text() == written(), "python -m tests.browser.contact_sheet"


def test_the_contact_sheet_has_a_picture_of_every_template_that_shows_something_and_none_besides() -> None:
    drawn = {file.stem for file in SHEET.glob("*.webp")}
    assert drawn == {name for name in NAMES if described(name)["kind"] != "script"}
    assert sum(file.stat().st_size for file in SHEET.iterdir()) <= LARGEST_SHEET
