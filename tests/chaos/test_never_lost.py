"""Whatever is killed when: what was acknowledged is in the warehouse once, and people are the fold of the log."""

import asyncio
import os
from pathlib import Path

import pytest
from tests.chaos.doomed import EDGE
from tests.chaos.installation import Process
from tests.chaos.siege import MOMENTS, Siege

LONG = os.environ.get("OMOTENASHI_LONG") == "1"
MOST_TELLING: dict[Process, list[str]] = {
    "edge": list(EDGE),
    "console": [
        "a range is written, not finished",
        "somebody is being erased",
        "a back-fill has begun",
        "a bucket is half written",
        "a back-fill is half ended",
        "old versions are being forgotten",
    ],
}


@pytest.mark.slow
async def test_edge_and_console_killed_under_load_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    siege = Siege(tmp_path, seed=1, tags=8)
    async with siege.under_load():
        async with asyncio.TaskGroup() as fates:
            fates.create_task(_fate(siege, "edge"))
            fates.create_task(_fate(siege, "console"))
        verdict = await siege.judged()
    assert siege.killed >= 20
    assert all(siege.kills[process, moment] for process, moments in MOST_TELLING.items() for moment in moments)
    assert verdict.acknowledged > 500
    assert verdict.merged > 0
    assert verdict.erasures > 0


async def _fate(siege: Siege, process: Process) -> None:
    await siege.kill_in(process, (MOMENTS if LONG else MOST_TELLING)[process])
    await siege.kill_at_random(process, 2)
