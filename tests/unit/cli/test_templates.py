"""Templates are looked at, copied, exported and imported where the configuration's files are."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.unit.configuration.folders import SMALL

from omotenashi.cli import cli
from omotenashi.configuration import gallery
from omotenashi.configuration.folder import read_folder, write_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small configuration, with an example for its own template."""
    files = {**SMALL, "templates/card/template.yaml": SMALL["templates/card/template.yaml"].replace("text}", "text, example: A}")}
    write_folder(files, tmp_path / "shop")
    return tmp_path / "shop"


def run(folder: Path, *command: str, language: str = "en") -> Result:
    return CliRunner().invoke(cli, ["--language", language, "template", *command, "--folder", str(folder)])


def test_the_list_has_the_built_in_templates_and_ones_own_in_both_languages(folder: Path) -> None:
    said = run(folder, "list").output
    assert all(name in said for name in gallery.names())
    assert "card (of this configuration)" in said
    assert "クーポン" in run(folder, "list", language="ja").output
    assert {form["name"] for form in json.loads(run(folder, "list", "--json").output)} == {*gallery.names(), "card"}


def test_what_a_template_asks_for_is_shown_with_a_way_to_use_it(folder: Path) -> None:
    said = run(folder, "show", "coupon").output
    assert "code [text] (required)  Code" in said
    assert '        code: "MIDORI500"' in said
    assert "calm" not in said
    assert "questions [list]" in run(folder, "show", "survey").output
    assert json.loads(run(folder, "show", "card", "--json").output)["kind"] == "modal"
    unknown = run(folder, "show", "nothing")
    assert (unknown.exit_code, "There is no template 'nothing'; there are bottom_bar" in unknown.output) == (1, True)


def test_a_copy_is_ones_own_and_never_written_over_something(folder: Path) -> None:
    assert run(folder, "copy", "coupon", "--as", "our_coupon").exit_code == 0
    assert {path: text for path, text in read_folder(folder).items() if "our_coupon" in path} == {
        f"templates/our_coupon/{part}": text for part, text in gallery.sources("coupon").items()
    }
    again = run(folder, "copy", "coupon", "--as", "our_coupon")
    assert (again.exit_code, "is there already; nothing was changed" in again.output) == (1, True)
    assert run(folder, "copy", "coupon", "--as", "../outside").exit_code == 1
    elsewhere = run(folder.parent, "copy", "coupon")
    assert (elsewhere.exit_code, "holds no project.yaml" in elsewhere.output) == (1, True)


def test_a_template_goes_from_one_project_to_another_in_a_file(folder: Path, tmp_path: Path) -> None:
    parcel = tmp_path / "card.zip"
    assert run(folder, "export", "card", str(parcel)).exit_code == 0
    assert run(folder, "export", "card", str(parcel)).exit_code == 1
    other = tmp_path / "other"
    write_folder({"project.yaml": "id: other\nname: Other\n"}, other)
    assert run(other, "import", str(parcel)).exit_code == 0
    assert run(other, "import", str(parcel), "--as", "second").exit_code == 0
    brought = read_folder(other)
    here = read_folder(folder)
    for part in ("template.yaml", "body.liquid", "style.css"):
        assert brought[f"templates/card/{part}"] == brought[f"templates/second/{part}"] == here[f"templates/card/{part}"]


def test_a_template_that_is_wrong_is_neither_sent_nor_taken_in(folder: Path, tmp_path: Path) -> None:
    (folder / "templates/card/body.liquid").write_text("{{ nobody }}")
    sent = run(folder, "export", "card", str(tmp_path / "card.zip"))
    assert (sent.exit_code, "templates/card/body.liquid: unknown variable 'nobody'" in sent.output) == (1, True)
    assert not (tmp_path / "card.zip").exists()
    (tmp_path / "bad.zip").write_bytes(b"PK")
    taken = run(folder, "import", str(tmp_path / "bad.zip"))
    assert (taken.exit_code, "not a zip that can be read" in taken.output) == (1, True)


def test_a_picture_beside_a_template_is_no_part_of_the_configuration(folder: Path) -> None:
    (folder / "templates/card/preview.png").write_bytes(b"\x89PNG\xff")
    assert "templates/card/preview.png" not in read_folder(folder)
