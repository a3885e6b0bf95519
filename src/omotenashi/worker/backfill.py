"""Gives new statistics their past: folds what was logged before a configuration, with the one fold.

An entry that was logged under version V or later is folded live into the statistics born in V; every older one
belongs to the base. Once the marker of V is in the warehouse, no older entry can still come. Bases are written
bucket by bucket of people, each in one transaction with the progress, so a kill costs one bucket's work.
"""

import threading
from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.folders import Folder, folders
from omotenashi.ledger.port import Backfill
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Event
from omotenashi.model.ids import PersonId, ProjectId, StatisticId
from omotenashi.model.rules import Statistic
from omotenashi.warehouse.archive import is_marked, people_before, rows_before
from omotenashi.warehouse.store import Store

from .loop import in_thread
from .statistics import born_in

ROWS_OF_BUCKET: Final = 50_000


class Desk(Protocol):
    """What a back-fill needs of the office."""

    def backfills(self) -> list[Backfill]: ...

    def put_backfill(self, backfill: Backfill) -> None: ...

    def configuration(self, project: ProjectId, version: int) -> Project: ...

    def head(self, project: ProjectId) -> int: ...

    def put_bases(
        self,
        project: ProjectId,
        version: int,
        rows: Iterable[tuple[StatisticId, PersonId, Any]],
        progress: Backfill | None = None,
    ) -> None: ...

    def drop_bases(
        self, project: ProjectId, *, statistics: Sequence[StatisticId] = (), people: Sequence[PersonId] = (), version: int = 0
    ) -> None: ...

    def set_ready(self, project: ProjectId, version: int) -> None: ...


class Backfiller:
    """Works off the back-fills that the office lists, oldest version first. One bucket a step."""

    def __init__(self, store: Store, desk: Desk, erasing: threading.Lock, rows_of_bucket: int = ROWS_OF_BUCKET) -> None:
        self._store = store
        self._desk = desk
        self._erasing = erasing
        self._rows_of_bucket = rows_of_bucket

    async def step(self) -> bool:
        """One bucket, or one state further; whether there is more to do."""
        return await in_thread(self.advance)

    def advance(self) -> bool:
        """The same, in this thread."""
        for backfill in self._next():
            project = self._desk.configuration(backfill.project, backfill.version)
            statistics = self._wanted(project)
            if not statistics:
                self._finish(project, backfill)
                return True
            if not is_marked(self._store, project.id, backfill.version):
                continue
            if backfill.state == "waiting":
                self._begin(backfill, statistics)
            elif backfill.done < backfill.total:
                self._fold(project, backfill, statistics)
            else:
                self._finish(project, backfill)
            return True
        return False

    def _next(self) -> list[Backfill]:
        """Of each project, the oldest version that is not done: a later one must not be ready before it."""
        oldest: dict[ProjectId, Backfill] = {}
        for backfill in sorted(self._desk.backfills(), key=lambda each: each.version):
            if backfill.state != "done":
                oldest.setdefault(backfill.project, backfill)
        return list(oldest.values())

    def _wanted(self, project: Project) -> dict[StatisticId, Statistic]:
        """The statistics born in this version that the version in force still counts."""
        head = self._desk.head(project.id)
        kept = project.statistics if head == project.version else self._desk.configuration(project.id, head).statistics
        return {name: statistic for name, statistic in born_in(project).items() if kept.get(name) == project.version}

    def _begin(self, backfill: Backfill, statistics: dict[StatisticId, Statistic]) -> None:
        names = sorted({statistic.event for statistic in statistics.values()})
        rows = rows_before(self._store, backfill.project, names, backfill.version)
        self._desk.drop_bases(backfill.project, version=backfill.version)
        total = -(-rows // self._rows_of_bucket)
        self._desk.put_backfill(Backfill(backfill.project, backfill.version, "running", 0, total))

    def _fold(self, project: Project, backfill: Backfill, statistics: dict[StatisticId, Statistic]) -> None:
        fold = folders(statistics.values(), Calendar(project.time_zone))
        with self._erasing:
            bases: list[tuple[StatisticId, PersonId, Any]] = []
            for person, events in people_before(
                self._store, project.id, sorted(fold), project.version, backfill.done, backfill.total
            ):
                bases += _bases(person, events, fold)
            done = backfill.done + 1
            progress = Backfill(project.id, project.version, "running", done, backfill.total)
            self._desk.put_bases(project.id, project.version, bases, progress)

    def _finish(self, project: Project, backfill: Backfill) -> None:
        self._desk.set_ready(project.id, project.version)  # first: what is done is never looked at again
        self._desk.put_backfill(Backfill(project.id, project.version, "done", backfill.total, backfill.total))


def _bases(person: PersonId, events: list[Event], fold: dict[str, Folder]) -> list[tuple[StatisticId, PersonId, Any]]:
    accumulators: dict[str, Any] = {}
    for event in events:
        fold[event.name](accumulators, event)
    return [(StatisticId(name), person, accumulator) for name, accumulator in accumulators.items()]
