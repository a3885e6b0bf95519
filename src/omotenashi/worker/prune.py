"""Lets go of what nobody needs any more: bases of dropped statistics, configurations that no entry names."""

from collections.abc import Callable, Sequence
from typing import Protocol

from omotenashi.ledger.port import Applied
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import PersonId, ProjectId, StatisticId

from .loop import in_thread


class Desk(Protocol):
    """What pruning needs of the office."""

    def projects(self) -> list[Project]: ...

    def history(self, project: ProjectId) -> list[Applied]: ...

    def configuration(self, project: ProjectId, version: int) -> Project: ...

    def ready_version(self, project: ProjectId) -> int: ...

    def forget_versions(self, project: ProjectId, below: int) -> list[int]: ...

    def drop_bases(
        self, project: ProjectId, *, statistics: Sequence[StatisticId] = (), people: Sequence[PersonId] = (), version: int = 0
    ) -> None: ...


class Pruner:
    """``oldest_named`` tells the oldest configuration version of a project that an entry of the kept log names."""

    def __init__(self, desk: Desk, oldest_named: Callable[[ProjectId], int]) -> None:
        self._desk = desk
        self._oldest_named = oldest_named

    async def step(self) -> bool:
        """Goes over every project once; there is never more to do at once."""
        await in_thread(self.prune)
        return False

    def prune(self) -> None:
        """The same, in this thread. Only what came before the version that is ready is touched."""
        for project in self._desk.projects():
            below = min(self._oldest_named(project.id), self._desk.ready_version(project.id), project.version)
            known = [applied.version for applied in self._desk.history(project.id)]
            for version in sorted(version for version in known if version < below):
                old = self._desk.configuration(project.id, version)
                gone = {name: birth for name, birth in old.statistics.items() if project.statistics.get(name) != birth}
                for birth in sorted(set(gone.values())):  # the same statistic may have been born again since: only these
                    names = [StatisticId(name) for name, born in gone.items() if born == birth]
                    self._desk.drop_bases(project.id, version=birth, statistics=names)
            self._desk.forget_versions(project.id, below)
