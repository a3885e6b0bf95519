"""``omotenashi report``: the verdict first, then where people stopped and each arm, in both languages."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.cli.test_cli import Served, folder, served  # noqa: F401  fixtures
from tests.unit.configuration.folders import campaign
from tests.unit.console.consoles import NOON
from tests.unit.warehouse.made import MINUTE, Loader, event, goal

from omotenashi.model.outcomes import Gate
from omotenashi.warehouse.store import open_store

HELLO = campaign(
    "goal: {event: buy, within: 7 days}\n",
    "  - {name: A, weight: 50%, template: card, texts: {title: Hi}}\n  - {holdout: 50%}\n",
)


@pytest.fixture
def shop(served: Served, folder: Path, tmp_path: Path) -> Iterator[Served]:  # noqa: F811
    """Forty people were shown a message and ten of them bought; of forty who were held out, two did; nine were not meant."""
    (folder / "campaigns" / "hello.yaml").write_text(HELLO)
    assert served.run("apply", str(folder)).exit_code == 0
    message, holdout = served.house.office.configuration("shop", 1).campaigns[0].actions  # type: ignore[arg-type]
    store = open_store(tmp_path / "warehouse")
    loader = Loader(store, ("hello",))
    for number in range(80):
        action = message if number < 40 else holdout
        values = {"campaign": "hello", "action": action.id, "holdout": action.holdout, "reservation": f"r{number}"}
        passed = bytes([Gate.HOLDOUT if action.holdout else Gate.SHOWN])
        loader.load(
            event(f"p{number}", "view", at=NOON, gates=passed),
            event(f"p{number}", "_message_open", values, at=NOON + 1_000, source="tag" if not action.holdout else "engine"),
        )
        if number < 10 or number in (40, 41):
            loader.load(goal(f"p{number}", "hello", action.id, NOON + MINUTE, holdout=action.holdout))
    for number in range(9):
        loader.load(event(f"other{number}", "view", at=NOON, gates=bytes([Gate.AUDIENCE])))
    served.house.questions.store = store
    yield served
    store.close()


def test_a_report_tells_verdict_stream_and_arms(shop: Served) -> None:
    told = shop.run("report", "hello")
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    assert lines[0] == "Hello  hello"
    assert "2026-11-21 to 2026-11-21 (Asia/Tokyo), as of 2026-11-21 14:00" in lines[1]
    assert lines[3].startswith("Shown to 40 people; 25.0")
    assert "Counts everybody first shown since it was published on 2026-11-21. So far 80." in told.output
    rows = [line.split() for line in lines]
    assert ["not", "in", "the", "audience", "89", "9"] in rows
    (arm, held) = lines[-2:]
    assert arm.startswith("A (")
    assert arm.split()[2:4] == ["40", "40"]
    assert "25.0 %" in arm
    assert "5.0 %" in held


def test_a_report_speaks_japanese_and_json_too(shop: Served) -> None:
    told = shop.run("report", "hello", "--start", "2026-11-21", "--end", "2026-11-21", language="ja").output
    assert "公開から初めて表示した人を数えています。80人" in told
    assert "対象ユーザーではない" in told
    found = json.loads(shop.run("report", "hello", "--json").output)
    assert (found["came"], found["since"]["people"], found["goal_event"]) == (89, 80, "buy")


def test_what_cannot_be_reported_is_said(shop: Served) -> None:
    unknown = shop.run("report", "nothing")
    assert (unknown.exit_code, "no campaign 'nothing'" in unknown.output) == (1, True)
    wrong = shop.run("report", "hello", "--start", "yesterday")
    assert (wrong.exit_code, "expected a day such as 2026-11-21 (start)" in wrong.output) == (1, True)
