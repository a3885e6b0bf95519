"""Commands against a console that listens: what is printed, and what is said when something is wrong."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from click.testing import CliRunner, Result
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import TOKEN, House, console

from omotenashi.cli import Failed, cli, send_lines
from omotenashi.cli.telling import Teller
from omotenashi.cli.words import Language
from omotenashi.configuration.folder import read_folder, write_folder
from omotenashi.model.reasons import Unopened

ROOT = Path(__file__).resolve().parents[3]


class Served:
    """A console on a port, with its data folder as the commands find it."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.folder = folder

    def run(self, *arguments: str, language: str = "en") -> Result:
        return CliRunner().invoke(cli, ["--data", str(self.folder), "--language", language, *arguments])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with console(tmp_path) as house:
        server = uvicorn.Server(uvicorn.Config(house.client.app, port=0, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        (tmp_path / "running-console.json").write_text(json.dumps({"console": f"http://127.0.0.1:{port}"}))
        (tmp_path / "console.token").write_text(TOKEN)
        yield Served(house, tmp_path)
        server.should_exit = True
        thread.join()


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("configuration")
    write_folder(SMALL, target)
    return target


def test_apply_prints_the_plan_and_takes_effect(served: Served, folder: Path) -> None:
    looked = served.run("apply", str(folder), "--dry-run")
    assert (looked.exit_code, "+ campaign hello" in looked.output, "nothing was changed" in looked.output) == (0, True, True)
    assert served.house.office.heads() == {}
    applied = served.run("apply", str(folder))
    assert "✓ Version 1 is in force." in applied.output
    (folder / "campaigns" / "hello.yaml").write_text(SMALL["campaigns/hello.yaml"].replace("50%", "40%"))
    again = served.run("apply", str(folder), language="ja")
    assert "~ campaign hello" in again.output
    assert "actions[0].weight: 50% → 40%" in again.output
    assert "✓ バージョン2を公開しました。" in again.output
    assert "Nothing to change." in served.run("apply", str(folder)).output


def test_a_bad_folder_is_told_by_file_and_line(served: Served, folder: Path) -> None:
    (folder / "segments" / "gold.yaml").write_text("name: Gold\nrule: {fact: visit}\n")
    found = served.run("apply", str(folder))
    assert found.exit_code == 1
    assert "segments/gold.yaml:2  rule.fact" in found.output
    assert "1 problem; nothing was changed" in found.output


def test_what_is_wrong_is_told_in_the_language_of_the_person_at_the_keyboard(served: Served, folder: Path) -> None:
    (folder / "segments" / "gold.yaml").write_text("name: Gold\nrule: {fact: visits, op: '>', value: three}\n")
    found = served.run("apply", str(folder), language="ja").output
    assert "数値を指定してください（入力：「three」）。" in found
    assert "✗ 1件の問題があります。何も変更していません。" in found
    (folder / "project.yaml").unlink()
    assert "project.yaml のあるフォルダーを指定してください。" in served.run("apply", str(folder), language="ja").output
    assert "expected a folder with a project.yaml in it" in served.run("apply", str(folder)).output


def test_what_is_exported_is_what_was_applied(served: Served, folder: Path, tmp_path: Path) -> None:
    served.run("apply", str(folder))
    assert served.run("export", str(tmp_path / "out")).exit_code == 0
    assert read_folder(tmp_path / "out") == SMALL
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "thesis.doc").write_text("precious")
    refused = served.run("export", str(tmp_path / "strange"))
    assert (refused.exit_code, "name an empty folder" in refused.output) == (1, True)


def test_stop_and_resume_turn_the_switches(served: Served, folder: Path) -> None:
    served.run("apply", str(folder))
    assert "all messages stopped" in served.run("stop").output
    assert served.house.office.switches("shop").messages_stopped  # type: ignore[arg-type]
    assert "録画 停止" in served.run("stop", "shop", "--recording", language="ja").output
    served.run("resume")
    assert not served.house.office.switches("shop").messages_stopped  # type: ignore[arg-type]
    assert served.house.office.switches("shop").recording_stopped  # type: ignore[arg-type]


def test_send_event_says_what_the_edge_said(served: Served, folder: Path) -> None:
    served.run("apply", str(folder))
    sent = served.run("send-event", "u-1", "buy", '{"revenue": 1200}', "--as", "user_id")
    assert "✓ buy" in sent.output
    assert served.house.edge.sent[0]["user_id"] == "u-1"
    refused = served.run("send-event", "u-1", "buy", "[1]", "--as", "user_id")
    assert (refused.exit_code, "expected a JSON object" in refused.output) == (1, True)


def test_the_doctor_prints_advice_and_fails_when_something_is_broken(served: Served, folder: Path) -> None:
    served.run("apply", str(folder))
    well = served.run("doctor")
    assert (well.exit_code, "✓ edge: answers" in well.output) == (0, True)
    from omotenashi.console.ports import EdgeUnreachable

    served.house.edge.trouble = EdgeUnreachable("the edge does not answer")
    assert served.run("doctor").exit_code == 1


def test_an_unknown_person_and_an_unknown_project_are_told(served: Served, folder: Path) -> None:
    assert "No project yet" in served.run("story", "nobody").output
    served.run("apply", str(folder))
    assert "nobody is known as 'nobody'" in served.run("story", "nobody").output
    assert "There is no project 'other'; there are shop." in served.run("--project", "other", "story", "nobody").output


def test_without_a_server_every_command_says_how_to_start_one(tmp_path: Path, folder: Path) -> None:
    commands = (
        ["apply", str(folder)],
        ["export", str(tmp_path / "x")],
        ["story", "a"],
        ["why", "a", "b"],
        ["stop"],
        ["resume"],
        ["doctor"],
    )
    for command in commands:
        without_token = CliRunner().invoke(cli, ["--data", str(tmp_path / "none"), *command])
        assert (without_token.exit_code, "omotenashi serve" in without_token.output) == (1, True)
    (tmp_path / "console.token").write_text(TOKEN)
    (tmp_path / "running-console.json").write_text('{"console": "http://127.0.0.1:9"}')
    without_server = CliRunner().invoke(cli, ["--data", str(tmp_path), "doctor"])
    assert (without_server.exit_code, "No server answers at http://127.0.0.1:9" in without_server.output) == (1, True)


def test_a_wrong_token_is_told(served: Served) -> None:
    (served.folder / "console.token").write_text("another-token-of-a-console")
    found = served.run("doctor")
    assert (found.exit_code, "Authorization: Bearer" in found.output) == (1, True)


class Import(httpx.BaseTransport):
    """The edge's import route: takes lines from ``next_row`` on, and breaks off after ``breaks_after`` requests."""

    def __init__(self, next_row: int = 0) -> None:
        self.next_row = next_row
        self.lines: list[dict[str, Any]] = []
        self.breaks_after = 99

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"batch": "b", "nextRow": self.next_row})
        if self.breaks_after == 0:
            raise httpx.ReadError("the line is cut")
        self.breaks_after -= 1
        taken = [json.loads(line) for line in gzip.decompress(request.read()).splitlines()]
        self.lines += taken
        self.next_row = taken[-1]["row"] + 1
        return httpx.Response(
            200,
            json={
                "batch": "b",
                "accepted": len(taken),
                "repeated": 0,
                "rejectedRows": 0,
                "rejected": [],
                "nextRow": self.next_row,
            },
        )


def _numbered(count: int) -> Iterator[tuple[int, bytes]]:
    return ((row, json.dumps({"row": row}).encode()) for row in range(count))


def test_an_import_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omotenashi.cli.IMPORT_LINES", 10)
    edge = Import(next_row=7)
    edge.breaks_after = 1
    with httpx.Client(base_url="http://edge", transport=edge) as client:
        with pytest.raises(Failed, match="run the same command again"):
            send_lines(client, "b", _numbered(25), lambda row: None)
        edge.breaks_after = 99
        totals = send_lines(client, "b", _numbered(25), lambda row: None)
    assert [line["row"] for line in edge.lines] == list(range(7, 25))
    assert totals["accepted"] == 8


def test_a_test_link_is_printed_alone_so_that_it_can_be_piped(served: Served, folder: Path) -> None:
    served.run("apply", str(folder))
    told = served.run("test-link", "https://shop.example/tea", "--campaign", "hello", "--hours", "1")
    assert (told.exit_code, told.stdout.count("\n")) == (0, 1)
    assert told.stdout.startswith("https://shop.example/tea?omotenashi_test=")
    assert "It works until " in told.stderr
    assert "expected the address of a page" in served.run("test-link", "shop.example").output


def test_a_test_is_told_as_one_in_a_story() -> None:
    buy = {"at": 1_795_237_200_000, "name": "buy", "session": "s", "values": {}}
    real, tested = (Teller("en", "Asia/Tokyo", {}).story([{**buy, "test": test}])[-1] for test in (False, True))
    assert "[test]" in tested
    assert "[test]" not in real


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")
    for name, command in cli.commands.items():
        assert f"## `omotenashi {name}`" in text
        assert (command.help or "").splitlines()[0] in text
    assert text.count("## `omotenashi ") == len(cli.commands)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_reason_for_not_showing_has_words(language: Language) -> None:
    teller = Teller(language, "Asia/Tokyo", {})
    assert {teller.unopened(reason.value) for reason in Unopened}.isdisjoint(reason.value for reason in Unopened)
    (_, line) = teller.reason(
        {
            "campaign": "hello",
            "gate": "shown",
            "compared": [],
            "unshown": {"at": 1_795_237_200_000, "reason": "scroll"},
        },
        {"person": "hanako", "user_id": None, "attributes": {}},
    )[1:]
    assert teller.unopened("scroll") in line
    assert "2026-11-21" in line
