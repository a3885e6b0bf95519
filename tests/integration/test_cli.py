"""The command line against a whole server, as somebody at a terminal has it: every command, in both languages."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from tests.integration.whole_house import House, until, whole_house

from omotenashi.cli import cli
from omotenashi.configuration.folder import read_folder

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "demo"
HYPHEN = "-Zb7_hyphen-first-0001"
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


class Terminal:
    """``omotenashi --data FOLDER ...``."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.folder = folder

    def says(self, *command: str, language: str = "en") -> str:
        """What a command prints that ends well."""
        done = CliRunner().invoke(cli, ["--data", str(self.folder), "--language", language, *command])
        assert done.exit_code == 0, done.output
        return done.output

    def fails(self, *command: str) -> str:
        """What a command prints that ends badly."""
        done = CliRunner().invoke(cli, ["--data", str(self.folder), "--language", "en", *command])
        assert done.exit_code == 1, done.output
        return done.output

    def read(self, *command: str) -> Any:
        return json.loads(self.says(*command, "--json"))

    def sees(self, person: str, name: str) -> bool:
        """Whether an event of this name is in somebody's story, as soon as there is somebody."""
        done = CliRunner().invoke(cli, ["--data", str(self.folder), "story", person, "--json"])
        return done.exit_code == 0 and any(moment["name"] == name for moment in json.loads(done.output)["moments"])

    def looks(self, visitor: str, path: str = "/") -> list[str]:
        """A page view; the campaigns that answer."""
        page = {"id": f"page-{visitor}", "url": f"https://midori.example{path}", "title": "Midori", "visible": True}
        body = {
            "key": "midori-demo-public",
            "visitor": visitor,
            "events": [{"id": f"view-{os.urandom(6).hex()}", "name": "view"}],
            "page": page,
        }
        answer = httpx.post(f"{self.house.edge}/v1/track", json=body, headers={"user-agent": BROWSER}, trust_env=False)
        assert answer.is_success or "unknown_key" in answer.text, answer.text  # before the edge knows the project
        return [message["campaign"] for message in answer.json().get("messages", [])]


def somebody() -> str:
    """A visitor id that nobody had before."""
    return f"visitor_{os.urandom(12).hex()}"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A server with the demo's configuration in force."""
    folder = tmp_path_factory.mktemp("served")
    with whole_house(folder) as house:
        one = Terminal(house, folder)
        looked = one.says("apply", str(DEMO), "--dry-run")
        assert ("+ campaign welcome" in looked, "Only a look: nothing was changed." in looked) == (True, True)
        assert "No project yet" in one.fails("export", str(folder / "nothing"))
        assert "✓ Version 1 is in force." in one.says("apply", str(DEMO))
        until(lambda: one.looks(somebody()) == ["welcome"], "the edge to have the configuration")
        yield one


def test_applying_again_changes_nothing_and_what_is_exported_is_the_same_to_the_byte(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.says("apply", str(DEMO), language="ja") == "変更はありません。\n"
    assert f"{len(read_folder(DEMO))} files" in terminal.says("export", str(tmp_path / "out"))
    written = {file.relative_to(tmp_path / "out").as_posix(): file.read_bytes() for file in (tmp_path / "out").rglob("*.*")}
    assert written == {path: (DEMO / path).read_bytes() for path in read_folder(DEMO)}
    assert "0 of them changed" in terminal.says("export", str(tmp_path / "out"))


def test_a_visitor_finds_themselves_and_their_story_names_things(terminal: Terminal) -> None:
    visitor = somebody()
    terminal.looks(visitor)
    terminal.says("send-event", visitor, "buy", '{"revenue": 1200}', "--as", "visitor")
    until(lambda: terminal.sees(visitor, "buy"), "the warehouse to have the purchase")
    first = terminal.says("people", "--limit", "1").splitlines()[1]
    assert first.endswith(visitor)
    until(lambda: "Has bought" in terminal.says("story", visitor), "the profile to be written")
    told = terminal.says("story", visitor)
    assert "1 visit, 1 page, first seen" in told
    assert "Segments  Has bought, First visit, Has not seen the sale" in told
    assert "Purchase" in told
    assert "revenue: 1,200" in told
    assert "✓ A welcome on the first visit" in told
    assert "· not in the audience: " in told
    assert "For gold members" in told
    ja = terminal.says("story", visitor, language="ja")
    assert "来訪 1回・閲覧 1ページ" in ja
    assert "✓ はじめてのお客様へのごあいさつ" in ja
    assert "nobody is known as 'nobody@example.jp'" in terminal.fails("story", "nobody@example.jp")


def test_ids_that_begin_with_a_hyphen_are_names_and_not_options(terminal: Terminal) -> None:
    terminal.looks(HYPHEN)
    terminal.says("send-event", HYPHEN, "cart", '{"in_cart_price": 4500}', "--as", "visitor")
    until(lambda: terminal.sees(HYPHEN, "cart"), "the warehouse to have the cart")
    assert terminal.says("story", "--limit", "1", HYPHEN).splitlines()[0] == HYPHEN
    assert terminal.says("story", "--", HYPHEN).splitlines()[0] == HYPHEN
    terminal.says("send-event", HYPHEN, "cart", '{"in_cart_price": 4600}')
    until(lambda: "Almost free shipping" in terminal.says("story", HYPHEN), "the profile to be written")
    assert HYPHEN in terminal.says("why", HYPHEN, "free_shipping")


def test_why_says_the_gate_and_the_values_in_both_languages(terminal: Terminal) -> None:
    visitor = somebody()
    terminal.looks(visitor, "/sale")
    until(lambda: terminal.sees(visitor, "view"), "the warehouse to have the view")
    en = terminal.says("why", visitor, "sale_not_seen")
    assert f"The sale, for those who have not seen it → {visitor}" in en
    assert "✗ Not shown: not in the audience" in en
    assert "✗  the number of “Sale page viewed”            is 0           1" in en
    ja = terminal.says("why", visitor, "sale_not_seen", language="ja")
    assert "✗ 表示されません: 対象ユーザーではない" in ja
    assert "no campaign 'sale'; there are" in terminal.fails("why", visitor, "sale")


def test_the_stop_holds_every_message_while_measuring_goes_on(terminal: Terminal) -> None:
    assert "all messages stopped" in terminal.says("stop")
    until(lambda: terminal.looks(somebody()) == [], "the stop to reach the edge", patience=20)
    visitor = somebody()
    assert terminal.looks(visitor) == []
    until(lambda: terminal.sees(visitor, "view"), "the view to be measured all the same")
    assert "stopped by the emergency switch: " in terminal.says("story", visitor)
    assert "all messages are stopped" in terminal.says("doctor")
    assert "すべての接客 再開" in terminal.says("resume", language="ja")
    until(lambda: terminal.looks(somebody()) == ["welcome"], "messages again", patience=20)


def test_the_doctor_warns_when_one_address_sends_nearly_everything(terminal: Terminal) -> None:
    def told() -> bool:
        for _ in range(60):
            terminal.looks(somebody())
        return "of all requests come from 127.0.0.1" in terminal.says("doctor")

    until(told, "the doctor to see the crowd")
    assert "OMOTENASHI_PROXIES" in terminal.says("doctor")


def test_keys_are_shown_with_what_they_are_for(terminal: Terminal) -> None:
    keys = {key["kind"]: key["key"] for key in terminal.read("keys")}
    assert list(keys) == ["public", "staging", "secret", "identity"]
    told = terminal.says("keys", language="ja")
    assert all(key in told for key in keys.values())
    body = {"events": [{"user_id": "u-keys", "name": "signup"}]}
    answers = [
        httpx.post(
            f"{terminal.house.edge}/v1/events", json=body, headers={"authorization": f"Bearer {keys[kind]}"}, trust_env=False
        ).status_code
        for kind in ("secret", "public", "identity")
    ]
    assert answers == [200, 403, 401]


def test_an_import_goes_on_after_the_lines_that_are_there(terminal: Terminal, tmp_path: Path) -> None:
    lines = [
        json.dumps({"user_id": f"past-{n % 7}", "name": "buy", "at": 1_794_000_000_000 + n, "values": {"revenue": n}}) + "\n"
        for n in range(600)
    ]
    file = tmp_path / "past.ndjson.gz"
    file.write_bytes(gzip.compress("".join(lines[:250]).encode()))
    assert "✓ past.ndjson.gz: 250 accepted" in terminal.says("import", str(file))
    file.write_bytes(gzip.compress("".join(lines).encode()))
    assert "350 accepted, 0 already there, 0 rejected" in terminal.says("import", str(file))
    assert "0 accepted" in terminal.says("import", str(file))
    until(lambda: terminal.sees("past-0", "buy"), "the profile to be written")
    until(lambda: len(terminal.read("story", "past-0", "--limit", "1000")["moments"]) == 86, "every line of past-0")


def test_a_server_on_a_restored_copy_tells_the_same_story(terminal: Terminal, tmp_path: Path) -> None:
    visitor = somebody()
    terminal.looks(visitor)
    terminal.says("send-event", visitor, "buy", '{"revenue": 900}', "--as", "visitor")
    until(lambda: terminal.sees(visitor, "buy"), "the warehouse to have the purchase")
    terminal.says("backup", str(tmp_path / "copy"))
    terminal.says("send-event", visitor, "cart", "{}")  # after the copy: not in it
    before = terminal.read("story", visitor)
    ran = subprocess.run(
        [sys.executable, "-m", "omotenashi", "--data", str(tmp_path / "again"), "restore", str(tmp_path / "copy")],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        check=False,
    )
    assert ran.returncode == 0
    with whole_house(tmp_path / "again") as house:
        restored = Terminal(house, tmp_path / "again")
        until(lambda: restored.sees(visitor, "buy"), "the restored server")
        after = restored.read("story", visitor)
        assert after["moments"] == [moment for moment in before["moments"] if moment["name"] != "cart"]
        assert restored.looks(visitor) == []  # greeted once, and the copy knows it
