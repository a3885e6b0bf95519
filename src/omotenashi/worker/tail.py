"""Carries the log into the warehouse, range by range, from where it stands."""

import threading
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from omotenashi.ledger.port import LogSource
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Erased, LogEntry, decode
from omotenashi.model.ids import CampaignId, Instant, PersonId, ProjectId, StatisticId
from omotenashi.warehouse.sink import READER, Sink

from .loop import in_thread

LIMIT: Final = 20_000


class Desk(Protocol):
    """What the tail needs of the office."""

    def cursor(self, reader: str) -> int: ...

    def set_cursor(self, reader: str, position: int) -> None: ...

    def drop_bases(
        self, project: ProjectId, *, statistics: Sequence[StatisticId] = (), people: Sequence[PersonId] = (), version: int = 0
    ) -> None: ...


class Configurations(Protocol):
    def configuration(self, project: ProjectId, version: int) -> Project: ...


class Recordings(Protocol):
    """What an erasure takes beside the warehouse."""

    def erased(self, project: ProjectId, people: Sequence[PersonId], at: Instant) -> None: ...


class Tail:
    """Reads what the warehouse lacks and loads it. ``erasing`` keeps an erasure and a back-fill apart."""

    def __init__(
        self,
        log: LogSource,
        desk: Desk,
        sink: Sink,
        erasing: threading.Lock,
        limit: int = LIMIT,
        recordings: Recordings | None = None,
    ) -> None:
        self._log = log
        self._desk = desk
        self._sink = sink
        self._erasing = erasing
        self._limit = limit
        self._recordings = recordings
        desk.set_cursor(READER, desk.cursor(READER))  # registered: the log is not pruned before it was read

    async def step(self) -> bool:
        """Loads the next range; whether another one waits."""
        return await in_thread(self.carry)

    def carry(self) -> bool:
        """The same, in this thread."""
        interrupted = self._sink.interrupted()
        if interrupted is not None:
            first, last = interrupted
            rows = self._log.read(first - 1, last - first + 1)
        else:
            rows = self._log.read(self._desk.cursor(READER), self._limit)
        if not rows:
            return False
        entries = [(position, decode(body)) for position, body in rows]
        self._load(entries)
        return len(rows) == self._limit or interrupted is not None

    def _load(self, entries: list[tuple[int, LogEntry]]) -> None:
        first, last = entries[0][0], entries[-1][0]
        erased = [entry for _, entry in entries if isinstance(entry, Erased)]
        if not erased:
            self._sink.load(first, last, entries)
            return
        if self._recordings is not None:
            for entry in erased:
                self._recordings.erased(entry.project, entry.people, entry.at)
        with self._erasing:
            self._sink.load(first, last, entries, lambda: self._drop_bases(erased))

    def _drop_bases(self, erased: list[Erased]) -> None:
        for entry in erased:
            self._desk.drop_bases(entry.project, people=entry.people)


def listeners(configurations: Configurations) -> Callable[[ProjectId, int, str], tuple[CampaignId, ...]]:
    """Whose gates stand in ``Event.gates``: the campaigns of that configuration that the event name triggers, in order.

    A `_recheck` decides its page view's view again, so it is heard by those who listen to ``view``.
    """

    def campaigns_of(project: ProjectId, config: int, event: str) -> tuple[CampaignId, ...]:
        name = "view" if event == "_recheck" else event
        campaigns = configurations.configuration(project, config).campaigns
        return tuple(campaign.id for campaign in campaigns if campaign.trigger == name)

    return campaigns_of
