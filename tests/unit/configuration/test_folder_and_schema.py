"""Folders go in and come out to the byte; the published schema is the one definition, and the demo keeps to it."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from omotenashi.configuration import documents, schema
from omotenashi.configuration.compile import compiled
from omotenashi.configuration.folder import read_folder, write_folder
from omotenashi.configuration.kinds import KINDS
from omotenashi.configuration.problems import Refused

from .folders import SMALL, fresh_key

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = {"events": "event", "segments": "segment", "campaigns": "campaign", "templates": "template", "tables": "table"}


def test_what_is_exported_is_what_was_applied_to_the_byte(tmp_path: Path) -> None:
    files = {**SMALL, "tables/goods.csv": "sku\r\nあ\r\n", "campaigns/hello.yaml": SMALL["campaigns/hello.yaml"] + "# 終わり"}
    assert sorted(write_folder(files, tmp_path)) == sorted(files)
    assert read_folder(tmp_path) == files
    assert write_folder(files, tmp_path) == []


def test_an_export_removes_what_is_gone_and_leaves_strangers_alone(tmp_path: Path) -> None:
    write_folder(SMALL, tmp_path)
    (tmp_path / "README.md").write_text("ours")
    less = {path: text for path, text in SMALL.items() if path != "segments/gold.yaml"}
    assert write_folder(less, tmp_path) == ["segments/gold.yaml"]
    assert (tmp_path / "README.md").exists()


@pytest.mark.parametrize("path", ["../project.yaml", "templates/../body.liquid", "/etc/passwd", "segments/a/b.yaml"])
def test_nothing_is_written_outside_the_folder(path: str, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        write_folder({**SMALL, path: "x"}, tmp_path / "inside")
    assert not (tmp_path / "inside").exists()


def test_a_folder_without_a_project_and_a_file_that_is_not_utf8_are_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"expected a folder with a project\.yaml"):
        read_folder(tmp_path)
    write_folder(SMALL, tmp_path)
    (tmp_path / "segments" / "gold.yaml").write_bytes(b"name: a\nrule: \xff\n")
    with pytest.raises(Refused, match=r"segments/gold\.yaml:2: expected UTF-8, found the byte 0xff"):
        read_folder(tmp_path)


@pytest.mark.parametrize("name", sorted(schema.published()))
def test_the_published_schema_is_the_definition(name: str) -> None:
    """`make schema` writes it."""
    assert (ROOT / "spec" / name).read_text("utf-8") == schema.printed(schema.published()[name])


def _demo_files() -> list[str]:
    return [path for path in read_folder(ROOT / "demo") if path.endswith(".yaml")]


@pytest.mark.parametrize("path", _demo_files())
def test_the_demo_passes_the_published_schema(path: str) -> None:
    kind = FOLDERS.get(path.split("/")[0], "project")
    published = json.loads((ROOT / "spec" / "config" / f"{kind}.schema.json").read_text("utf-8"))
    document = documents.read(path, (ROOT / "demo" / path).read_text("utf-8"), [])
    assert document is not None
    assert [error.message for error in Draft202012Validator(published).iter_errors(document.data)] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["{}", "[]", "1", "{name: 1, id: x, rule: [], surprise: 1}", "{name: {ja: a}, kind: modal}"])
def test_our_check_refuses_what_a_schema_validator_refuses(kind: str, text: str) -> None:
    document = documents.read("a.yaml", text, [])
    assert document is not None
    published = Draft202012Validator(schema.schema_of(kind))
    assert bool(schema.check(KINDS[kind], "a.yaml", document)) == bool(list(published.iter_errors(document.data)))


def test_the_demo_compiles() -> None:
    project = compiled(read_folder(ROOT / "demo"), None, 1, fresh_key)
    assert project.id == "midori"
    assert len({action.id for campaign in project.campaigns for action in campaign.actions}) == sum(
        len(campaign.actions) for campaign in project.campaigns
    )
