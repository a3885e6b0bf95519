"""A process to be killed: it works on the ledger in the folder of its first argument and tells what was acknowledged.

Each line it writes is "visitor position seq": an event of that visitor was answered.
"""

import asyncio
import contextlib
import os
import random
import sys
from pathlib import Path

from tests.contract.ledger_tenants import SHOP, Edge, Sqlite

from omotenashi.ledger.people import PeopleSettings
from omotenashi.ledger.sqlite.log import LogSettings
from omotenashi.model.ids import UserId, VisitorId


async def visit(edge: Edge, dice: random.Random, generation: str) -> None:
    for number in range(1_000_000):
        visitor = f"{generation}-{dice.randrange(12)}" if dice.random() < 0.7 else f"old-{dice.randrange(6)}"
        profile = edge.people.get(SHOP, edge.people.resolve(SHOP, VisitorId(visitor)))
        user = "alice" if visitor == "old-0" else None
        if (
            user is None
            and profile.user_id is None
            and profile.seq > 3
            and edge.people.member(SHOP, UserId("alice"))
            and dice.random() < 0.1
        ):
            position = edge.became(visitor, "alice")
            await edge.people.settled(position)
        else:
            position = edge.saw(visitor, user=user)
            seq = edge.people.get(SHOP, edge.people.resolve(SHOP, VisitorId(visitor))).seq
            await edge.log.committed(position)
            os.write(1, f"{visitor} {position} {seq}\n".encode())
        if number % 7 == 0:
            await asyncio.sleep(0)


async def main(folder: Path, seed: int) -> None:
    tenant = Sqlite(folder)
    log = tenant.log(LogSettings(file_bytes=30_000, checkpoint_bytes=15_000))
    settings = PeopleSettings(hot=5, packed_bytes=4_000, round_s=0.003, chunk=4)
    edge = Edge(log, tenant.reader(), tenant.rows(), settings)
    await edge.people.reload()
    os.write(1, b"ready\n")
    running = asyncio.create_task(edge.people.run())
    dice = random.Random(seed)
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(running, *(visit(edge, dice, str(seed)) for _ in range(8)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
