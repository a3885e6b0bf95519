"""What the edge and the tag must agree on: the files that are served, and the words for every outcome."""

import re
from pathlib import Path

from omotenashi.boot.edge import TAG_CHUNKS
from omotenashi.model.outcomes import Gate
from omotenashi.model.reasons import Drop, Unopened

TAG = Path(__file__).resolve().parents[3] / "web" / "tag"
AS_SHOWN = {"shown"}  # this verdict never reaches a panel as withheld
AS_IF_TAKEN = {"duplicate"}


def _named(constant: str) -> set[str]:
    """The keys of one of the panel's dictionaries."""
    text = (TAG / "src" / "panel-words.ts").read_text("utf-8")
    found = re.search(rf"const {constant}: Record<string, Pair> = {{(.*?)\n}};", text, re.DOTALL)
    assert found is not None
    return set(re.findall(r"^  (\w+): \[", found[1], re.MULTILINE))


def test_every_file_that_the_tag_is_built_into_is_served_except_the_consoles_own() -> None:
    built = set(re.findall(r'name: "(\w+)"', (TAG / "build.mjs").read_text("utf-8")))
    assert {f"{name}.js" for name in built} == {"tag.js", *TAG_CHUNKS, "preview.js"}


def test_the_panel_has_words_for_every_gate_refusal_and_reason() -> None:
    assert _named("GATES") == {gate.name.lower() for gate in Gate} - AS_SHOWN | {Unopened.UNWRITTEN}
    assert _named("REFUSALS") == {drop.value for drop in Drop} - AS_IF_TAKEN
    assert _named("RELEASES") == {reason.value for reason in Unopened} - {Unopened.UNWRITTEN}
