"""Hundreds of kills: ``python -m tests.chaos.marathon [KILLS] [SEED]`` (200 kills, seed 1). Prints what was looked at.

Edge and console are killed, each in its own rhythm: in every chosen moment, then at random, again and again. After
each leg everybody pauses, and the whole past is judged: every acknowledged event is in the warehouse once, profiles
equal the fold of the log, every statistic equals a plain count. Then it goes on over the same folder.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.installation import Process
from tests.chaos.siege import MOMENTS, Siege

RANDOM_KILLS_A_LEG = 10
"""Of each process."""
TAGS = 8


async def run(folder: Path, kills: int, seed: int) -> None:
    siege = Siege(folder, seed, TAGS)
    started = time.monotonic()
    leg = 0
    async with siege.under_load():
        while siege.killed < kills:
            leg += 1
            async with asyncio.TaskGroup() as fates:
                for process in MOMENTS:
                    fates.create_task(_fate(siege, process))
            verdict = await siege.judged()
            crowd = siege.crowd
            print(f"leg {leg}: {siege.killed} kills in {time.monotonic() - started:,.0f} s; {verdict}", flush=True)
            print(
                f"  {crowd.answers} answers, {crowd.repeats} tries that were cut off or refused, {crowd.duplicates} events known "
                f"from an earlier try, {crowd.messages} messages, {crowd.applied} versions applied",
                flush=True,
            )
    for (process, moment), count in sorted(siege.kills.items()):
        print(f"{count:5} × {process}: {moment}")


async def _fate(siege: Siege, process: Process) -> None:
    moments = MOMENTS[process].copy()
    siege.dice.shuffle(moments)
    await siege.kill_in(process, moments)
    await siege.kill_at_random(process, RANDOM_KILLS_A_LEG)


def main(kills: int = 200, seed: int = 1) -> None:
    folder = Path(tempfile.mkdtemp(prefix="marathon-"))
    try:
        asyncio.run(run(folder, kills, seed))
    except BaseException:
        print(f"seed {seed}; the installation is left in {folder}", file=sys.stderr)
        raise
    shutil.rmtree(folder)
    print("Nothing was lost, and nothing came twice.")


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:3]))
