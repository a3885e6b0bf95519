"""An installation under load, its processes killed at random and at chosen moments, and judged at the end."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from tests.chaos.crowd import MIDORI, Crowd
from tests.chaos.doomed import CONSOLE, EDGE
from tests.chaos.installation import PATIENCE_SECONDS, Installation, Process
from tests.chaos.verdict import Verdict, judge
from tests.integration.edge_process import Broken

from omotenashi.ledger.port import LedgerError
from omotenashi.ledger.sqlite.log import LogReader
from omotenashi.ledger.sqlite.office import Desk

MOMENT_SECONDS = 12.0
"""How long a doomed process may wait for its moment before it is killed at this one, and its successor is doomed."""
RANDOM = "at a random moment"


class Siege:
    """Who was killed, and when."""

    def __init__(self, folder: Path, seed: int, tags: int) -> None:
        self.dice = random.Random(seed)
        self.installation = Installation(folder)
        self.crowd = Crowd(self.installation, self.dice)
        self.tags = tags
        self.kills: Counter[tuple[Process, str]] = Counter()
        self._looks = 0

    @property
    def killed(self) -> int:
        """How often, all in all."""
        return sum(self.kills.values())

    @asynccontextmanager
    async def under_load(self) -> AsyncIterator[None]:
        """Both processes up, and a crowd that uses them. Whatever the crowd complains of is raised."""
        for process in ("edge", "console"):
            self.installation.start(process)
        try:
            for process in ("edge", "console"):
                assert await self.installation.is_up(process)
            await self.crowd.open()
            await self._edge_has(1)
            async with asyncio.TaskGroup() as group:
                group.create_task(self.crowd.run(self.tags))
                yield
                self.crowd.end()
        finally:
            self.installation.end()

    async def kill_at_random(self, process: Process, kills: int) -> None:
        """Again and again, sometimes before it is up."""
        for _ in range(kills):
            if self.dice.random() < 0.75:
                await self.installation.is_up(process)
            await asyncio.sleep(self.dice.uniform(0.0, 1.2))
            self._kill(process)
        await self.installation.is_up(process)

    async def kill_in(self, process: Process, moments: list[str]) -> None:
        """Once in each of the moments; while one does not come, at random. Who takes over from the dead is doomed itself."""
        self._kill(process, moments[0])
        for moment, following in zip(moments, (*moments[1:], ""), strict=True):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await self._dies_of(process):
                    self._kill(process, moment)
            self.kills[process, moment] += 1
            self._start(process, following)
        await self.installation.is_up(process)

    async def _dies_of(self, process: Process) -> bool:
        if not await self.installation.is_up(process):
            return True
        for _ in range(int(MOMENT_SECONDS / 0.02)):
            if self.installation.is_dead(process):
                return True
            await asyncio.sleep(0.02)
        return False

    def _kill(self, process: Process, moment: str = "") -> None:
        self.installation.kill(process)
        self.kills[process, RANDOM] += 1
        self._start(process, moment)

    def _start(self, process: Process, moment: str) -> None:
        self.installation.start(process, *((moment, str(self.dice.choice((1, 1, 2)))) if moment else ()))

    async def judged(self) -> Verdict:
        """Everybody pauses, what is behind catches up, both processes stop and are looked at; then it may go on."""
        installation, crowd = self.installation, self.crowd
        self._looks += 1
        await crowd.pause()
        for process in ("edge", "console"):
            await installation.is_up(process)
        await self._until(self._backfilled)
        await installation.stop("edge")
        installation.start("edge")  # it begins with every base that stands
        await installation.is_up("edge")
        await crowd.touch_everybody(f"look{self._looks}")
        await self._until(self._caught_up)
        await installation.stop("edge")
        await installation.stop("console")
        verdict = await asyncio.to_thread(judge, installation.folder / "data", crowd)
        for process in ("edge", "console"):
            installation.start(process)
        for process in ("edge", "console"):
            await installation.is_up(process)
        crowd.resume()
        return verdict

    async def _edge_has(self, version: int) -> None:
        async def has() -> bool:
            token = {"authorization": f"Bearer {self.installation.secret('internal.token')}"}
            try:
                status, answer = await self.installation.ask_edge("/internal/health", b"", internal=True, **token)
            except Broken:
                return False
            return status == 200 and msgspec.json.decode(answer)["projects"].get("midori", 0) >= version

        await self._until(has)

    async def _backfilled(self) -> bool:
        return await asyncio.to_thread(self._looked, lambda desk: desk.ready_version(MIDORI) == desk.head(MIDORI))

    async def _caught_up(self) -> bool:
        reader = LogReader(self.installation.folder / "data" / "log")
        try:
            last = reader.last()
        finally:
            reader.close()
        return await asyncio.to_thread(self._looked, lambda desk: desk.cursor("warehouse") == last)

    def _looked(self, what: Callable[[Desk], bool]) -> bool:
        try:
            desk = Desk.open(self.installation.folder / "data" / "office.db")
        except LedgerError:
            return False
        try:
            return what(desk)
        finally:
            desk.close()

    async def _until(self, true: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await true():
                for process in ("edge", "console"):
                    assert not self.installation.is_dead(process), f"nobody killed the {process} process"
                await asyncio.sleep(0.1)


MOMENTS: dict[Process, list[str]] = {"edge": list(EDGE), "console": list(CONSOLE)}
