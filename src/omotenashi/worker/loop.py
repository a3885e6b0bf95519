"""Named loops that do a step, rest, and begin again; one that fails rests longer, and says so in its health."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final, Literal, TypeVar

from msgspec import Struct

from omotenashi.model.ids import Instant

Step = Callable[[], Awaitable[bool]]
"""One piece of work. Whether there is more to do at once."""
Clock = Callable[[], Instant]
State = Literal["idle", "busy", "failing", "stopped"]

T = TypeVar("T")

LONGEST_REST_MS: Final = 30_000

log = logging.getLogger(__name__)


class Health(Struct, frozen=True):
    """How a loop fares. ``failures`` counts those since the last success; ``message`` is the latest one's."""

    name: str
    state: State
    succeeded_at: Instant | None
    failures: int
    message: str


@dataclass
class Loop:
    """A step with a name. It rests ``rest_ms`` when there is nothing more to do, and doubles it at every failure in a row.

    ``gathers``: a step that took longer is rested for as long as it took, so that what comes meanwhile is one larger piece.
    """

    name: str
    step: Step
    rest_ms: int = 250
    gathers: bool = False
    state: State = "stopped"
    succeeded_at: Instant | None = None
    failures: int = 0
    message: str = ""
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """There may be something to do: do not rest on."""
        self._woken.set()

    def health(self) -> Health:
        return Health(self.name, self.state, self.succeeded_at, self.failures, self.message)

    async def run(self, clock: Clock) -> None:
        """Step after step, until cancelled; nothing a step raises ends it."""
        self.state = "idle"
        try:
            while True:
                rest_ms = await self._once(clock)
                if rest_ms:
                    await self._rest(rest_ms)
        finally:
            self.state = "stopped"

    async def _once(self, clock: Clock) -> int:
        begun = perf_counter()
        try:
            more = await self.step()
        except Exception as error:  # a floor's edge: one loop's trouble must not end the others
            self.failures += 1
            self.state, self.message = "failing", f"{type(error).__name__}: {error}"
            log.exception("the loop %s failed %d times in a row", self.name, self.failures)
            return int(min(self.rest_ms * 2 ** min(self.failures, 16), LONGEST_REST_MS))
        self.failures, self.message, self.succeeded_at = 0, "", clock()
        self.state = "busy" if more else "idle"
        if more:
            return 0
        return max(self.rest_ms, int(1000 * (perf_counter() - begun))) if self.gathers else self.rest_ms

    async def _rest(self, rest_ms: int) -> None:
        try:
            async with asyncio.timeout(rest_ms / 1000):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()


class Loops:
    """A set of loops, started and stopped together."""

    def __init__(self, loops: Iterable[Loop], clock: Clock) -> None:
        self._loops = tuple(loops)
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Starts every loop in the running event loop."""
        self._tasks = [asyncio.create_task(loop.run(self._clock), name=f"loop {loop.name}") for loop in self._loops]

    async def stop(self) -> None:
        """Ends every loop. A step that already runs in a thread is waited for, so that nothing is used after it is closed."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def health(self) -> tuple[Health, ...]:
        """How each loop fares, in the order they were given."""
        return tuple(loop.health() for loop in self._loops)


async def in_thread(work: Callable[[], T]) -> T:
    """Runs blocking work in a thread; when cancelled, waits for its end before giving way."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
