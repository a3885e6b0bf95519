"""Follows the end of the log and tells what is new, within a breath of its being written."""

from collections.abc import Callable, Sequence
from typing import Final

from omotenashi.ledger.port import LogSource, Pruned
from omotenashi.model.entries import LogEntry, decode

from .loop import in_thread

LIMIT: Final = 2_000
FARTHEST: Final = 20_000
"""Entries. Whoever is farther behind than this goes on from here: the one who listens wants to know of now."""

Tell = Callable[[Sequence[tuple[int, LogEntry]]], None]


class Follower:
    """Begins a little before the end. It may skip, and keeps nothing from being pruned; ``tell`` is called on the event loop."""

    def __init__(self, log: LogSource, tell: Tell) -> None:
        self._log = log
        self._tell = tell
        self._position = -1

    async def step(self) -> bool:
        """Tells what was written since the last step; whether there is more."""
        entries = await in_thread(self._new)
        if entries:
            self._tell(entries)
        return len(entries) == LIMIT

    def _new(self) -> list[tuple[int, LogEntry]]:
        if self._position < 0:
            self._position = max(self._log.last() - FARTHEST, 0)
        try:
            rows = self._log.read(self._position, LIMIT)
        except Pruned as pruned:
            self._position = pruned.first - 1
            rows = self._log.read(self._position, LIMIT)
        if len(rows) == LIMIT:
            self._position = max(self._position, self._log.last() - FARTHEST)
            rows = [row for row in rows if row[0] > self._position] or self._log.read(self._position, LIMIT)
        if rows:
            self._position = rows[-1][0]
        return [(position, decode(body)) for position, body in rows]
