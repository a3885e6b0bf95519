"""What the edge wants of the rooms it is given, besides the ledger's own port: everybody's profile, a writer of messages, and
the index of recordings."""

from typing import Any, Protocol

from omotenashi.ledger.port import Switches
from omotenashi.model.campaigns import Action, Key, Project
from omotenashi.model.ids import Instant, PersonId, ProjectId, SessionId, StatisticId, UserId, VisitorId
from omotenashi.model.profiles import Profile
from omotenashi.model.reasons import NotRecorded
from omotenashi.model.recordings import Recording, Taken


class People(Protocol):
    """Everybody's profile, by project."""

    def ready(self) -> None:
        """Nothing, or ``Busy`` or ``StorageFailed``. Asked before anything is folded."""
        ...

    def position(self, project: ProjectId, person: PersonId) -> int:
        """What must be on disk before an answer may tell of this profile; 0 when it is."""
        ...

    def resolve(self, project: ProjectId, visitor: VisitorId) -> PersonId: ...

    def member(self, project: ProjectId, user_id: UserId) -> PersonId | None: ...

    def get(self, project: ProjectId, person: PersonId) -> Profile: ...

    def touched(self, project: ProjectId, profile: Profile, position: int) -> None: ...

    def remember_user(self, project: ProjectId, user_id: UserId, person: PersonId, position: int) -> None: ...

    def merged(self, project: ProjectId, into: Profile, absorbed_person: PersonId, position: int) -> None: ...

    async def settled(self, position: int) -> None: ...

    def next_row(self, project: ProjectId, batch: str) -> int: ...

    def imported(self, project: ProjectId, batch: str, next_row: int, position: int) -> None: ...

    def erased(self, project: ProjectId, people: list[PersonId], position: int) -> None: ...

    def counts(self) -> dict[str, int]:
        """For the metrics: how many are hot, packed, not written; and the packed bytes."""
        ...

    async def reload(self) -> None: ...


class Office(Protocol):
    """What is configured, as the edge reads it five times a second; it never writes there."""

    def changed(self) -> bool:
        """Whether anything was written since this was last asked."""
        ...

    def heads(self) -> dict[ProjectId, int]:
        """Every project's version in force."""
        ...

    def configuration(self, project: ProjectId, version: int) -> Project: ...

    def keys(self, project: ProjectId) -> list[Key]:
        """Keys that the office issued beside those of the configuration."""
        ...

    def switches(self, project: ProjectId) -> Switches: ...

    def ready_version(self, project: ProjectId) -> int: ...

    def bases(
        self, project: ProjectId, person: PersonId, after_version: int, up_to_version: int
    ) -> list[tuple[StatisticId, Any]]:
        """Back-filled accumulators of one person as logged, for statistics born after the one version, up to the other."""
        ...


class Writer(Protocol):
    """Writes an action's texts for one person: (html, css, script)."""

    def __call__(self, project: Project, action: Action, context: dict[str, object]) -> tuple[str, str, str]: ...


class Index(Protocol):
    """The index of recordings, in short transactions; asked from threads."""

    def one(self, project: ProjectId, recording: SessionId) -> Recording | None: ...

    def has(self, project: ProjectId, recording: SessionId, tab: str, seq: int) -> bool: ...

    def used(self, project: ProjectId) -> int: ...

    def is_watched(self, project: ProjectId, recording: SessionId, now: Instant) -> bool: ...

    def watched(self, now: Instant) -> list[tuple[ProjectId, SessionId]]: ...

    def take(self, project: ProjectId, taken: Taken) -> bool: ...

    def give_back(self, project: ProjectId, recording: SessionId, tab: str, seq: int) -> None: ...

    def refuse(self, project: ProjectId, reason: NotRecorded, at: Instant, count: int = 1) -> None: ...

    def moved(self, project: ProjectId, absorbed: PersonId, into: PersonId) -> None: ...
