"""A project begins in the console: its name, its site and its keys."""

from pathlib import Path

import pytest
from tests.unit.console.consoles import console

TEA = {"id": "tea", "name": "茶と器", "origin": "https://tea.example", "language": "ja", "time_zone": "Asia/Tokyo"}


def test_a_project_begins_with_keys_and_no_campaigns(tmp_path: Path) -> None:
    with console(tmp_path) as house:
        assert house.ask("POST", "/api/projects", TEA) == (200, {"id": "tea", "version": 1})
        assert {one["kind"] for one in house.ask("GET", "/api/projects/tea/keys")[1]} >= {"public", "secret", "identity"}
        _, exported = house.ask("GET", "/api/projects/tea/export")
        assert list(exported["sources"]) == ["project.yaml"]
        assert "茶と器" in exported["sources"]["project.yaml"]
        assert house.apply(exported["sources"])[1]["changes"] == []


def test_an_id_is_given_once(tmp_path: Path) -> None:
    with console(tmp_path) as house:
        house.ask("POST", "/api/projects", TEA)
        status, answer = house.ask("POST", "/api/projects", TEA | {"name": "Another"})
        assert (status, answer["error"]["where"]) == (400, "id")
        assert house.ask("GET", "/api/projects/tea/export")[1]["version"] == 1


@pytest.mark.parametrize(
    ("wrong", "where"),
    [({"id": "Tea & pots"}, "id"), ({"origin": "tea.example/shop"}, "origins"), ({"time_zone": "Mars/Olympus"}, "time_zone")],
)
def test_what_cannot_be_is_refused_and_nothing_begins(tmp_path: Path, wrong: dict[str, str], where: str) -> None:
    with console(tmp_path) as house:
        status, answer = house.ask("POST", "/api/projects", TEA | wrong)
        assert status == 422
        assert [problem["path"].partition("[")[0] for problem in answer["error"]["problems"]] == [where]
        assert house.ask("GET", "/api/projects")[1] == []
