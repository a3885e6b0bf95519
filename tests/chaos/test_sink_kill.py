"""However often the console process is killed while it loads, every entry is in the warehouse once."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.chaos import carrier
from tests.unit.warehouse.made import DAY, NOON, event, merged
from tests.unit.warehouse.test_sink import erased

from omotenashi.ledger.sqlite.log import Log
from omotenashi.model.entries import LogEntry
from omotenashi.warehouse.store import open_store

KILLS = int(os.environ.get("OMOTENASHI_KILLS", "4"))
ENTRIES = 37 * 30


def entry(number: int) -> LogEntry:
    """Mostly events over three months; now and then a merge; once an erasure."""
    if number == 1000:
        return erased(["p3"])
    if number % 200 == 199:
        return merged(f"p{number}", f"p{number - 1}", at=NOON + number)
    person = f"p{number % 50}" if number % 200 < 190 else f"p{number}"
    return event(person, "view", {"number": number}, at=NOON + number * (DAY // 30), opened_session=number % 5 == 0)


@pytest.mark.slow
async def test_every_entry_is_in_the_warehouse_once_whatever_is_killed_when(tmp_path: Path) -> None:
    log = Log.open(tmp_path / "log")
    entries = [entry(number) for number in range(1, ENTRIES + 1)]
    await log.committed(log.append(entries))
    log.close()
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(root / "src"), str(root)))}
    command = [sys.executable, carrier.__file__, str(tmp_path)]
    chance = random.Random(KILLS)
    killed = 0
    while True:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220
        assert process.stdout is not None
        assert process.stdout.readline() == "carrying\n"
        if killed < KILLS:
            await asyncio.sleep(chance.uniform(0.0, 0.8))
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
            continue
        rest, _ = process.communicate(timeout=300)
        assert rest == "all carried\n"
        break
    store = open_store(tmp_path / "warehouse")
    try:
        expected = [
            number for number, each in enumerate(entries, 1) if number >= 1000 or each.person != "p3" or each.project != "shop"
        ]
        found = [position for (position,) in store.ask("SELECT position FROM entries ORDER BY position")]
        assert found == expected
        merges = sum(number % 200 == 199 for number in range(1, ENTRIES + 1))
        assert store.ask("SELECT count() FROM aliases FINAL") == [(merges,)]
    finally:
        store.close()
