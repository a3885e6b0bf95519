"""Removes recordings: those that are too old or too short, the oldest where they take too much room, and all of whoever
was erased or withdrew what they had allowed.

Whatever goes is first marked in the index, on disk; then its bytes go, then what staff left at it, then its rows. A kill
anywhere leaves the mark, and the next round goes on from there.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from msgspec import Struct

from omotenashi.blobs.port import Blobs
from omotenashi.engine.consents import erased_until
from omotenashi.engine.recording import is_recorder
from omotenashi.engine.stamp import SESSION_GAP_MS
from omotenashi.model import profiles
from omotenashi.model.campaigns import Project, Recorder
from omotenashi.model.ids import Instant, PersonId, ProjectId, SessionId
from omotenashi.model.recordings import BLOBS, Chunk, Recording, State, blob_key, blobs_of

from .loop import in_thread

MOST: Final = 100
"""Recordings that are removed in one step."""
DAY_MS: Final = 86_400_000
FULL: Final = 95
ROOMY: Final = 90
"""Percent of the quota: the oldest go as soon as `FULL` of it is taken, until no more than `ROOMY` is."""
REMEMBERED_MS: Final = DAY_MS
"""So long an erasure is kept in mind: a chunk that the edge took at the same moment is written long before."""
LATELY_MS: Final = 3_600_000
ROUND_MS: Final = 60_000
"""So often it is looked whether anybody has withdrawn; of visits that ended within `LATELY_MS`, at every step."""
SWEEP_MS: Final = 600_000
"""So often it is looked for bytes without a row. Only what had none twice in a row goes: the edge writes the bytes first."""


class Desk(Protocol):
    """What the keeping of recordings needs of the office."""

    def projects(self) -> list[Project]: ...


class Shelf(Protocol):
    """Profiles, for looking."""

    def profile(self, project: ProjectId, person: PersonId) -> bytes | None: ...

    def person(self, project: ProjectId, name: str) -> PersonId | None: ...


class Index(Protocol):
    """What it needs of the index of recordings."""

    def used(self, project: ProjectId) -> int: ...

    def leaving(self, project: ProjectId) -> int: ...

    def kept_for_good(self, project: ProjectId) -> int: ...

    def close_silent(self, before: Instant) -> None: ...

    def expire(self, project: ProjectId, ended_before: Instant, shortest_ms: int) -> None: ...

    def oldest(self, project: ProjectId, ended_before: Instant, most: int = 100) -> list[Recording]: ...

    def set_state(self, project: ProjectId, recording: SessionId, state: State) -> None: ...

    def people(self, project: ProjectId, since: Instant) -> list[PersonId]: ...

    def erase_person(self, project: ProjectId, person: PersonId, until: Instant) -> None: ...

    def erase_again(self, forget_before: Instant) -> None: ...

    def erasing(self, most: int = 100) -> list[tuple[ProjectId, SessionId]]: ...

    def chunks(self, project: ProjectId, recording: SessionId) -> list[Chunk]: ...

    def drop(self, project: ProjectId, recording: SessionId) -> int: ...


class Space(Struct, frozen=True):
    """What a project's recordings take of its quota, in bytes. ``protected`` of it never goes by itself."""

    used: int
    protected: int
    quota: int

    @property
    def is_full(self) -> bool:
        """Nothing more is recorded: what there is may not go, or has not gone yet."""
        return self.used >= self.quota


class RecordingKeeper:
    """``left_at`` forgets what staff left at a recording that is gone."""

    def __init__(
        self,
        index: Index,
        blobs: Blobs,
        desk: Desk,
        shelf: Shelf,
        left_at: Callable[[ProjectId, SessionId], None],
        clock: Callable[[], Instant],
    ) -> None:
        self._index = index
        self._blobs = blobs
        self._desk = desk
        self._shelf = shelf
        self._left_at = left_at
        self._clock = clock
        self._looked_at = 0
        self._swept_at = 0
        self._orphans: frozenset[str] = frozenset()

    async def step(self) -> bool:
        """Marks what has to go and removes some of it; whether more of it waits."""
        return await in_thread(self.tidy)

    def tidy(self) -> bool:
        """The same, in this thread."""
        now = self._clock()
        over = Instant(now - SESSION_GAP_MS)
        since = 0 if now - self._looked_at >= ROUND_MS else now - LATELY_MS
        self._index.close_silent(over)
        self._index.erase_again(Instant(now - REMEMBERED_MS))
        for project in self._desk.projects():
            recorder = project.recorder or Recorder()
            ended_before = Instant(now - recorder.keep_days * DAY_MS)
            self._index.expire(project.id, ended_before, recorder.minimum_seconds * 1_000)
            self._withdraw(project, Instant(since))
            self._make_room(project.id, recorder, over)
        if not since:
            self._looked_at = now
        gone = self._index.erasing(MOST)
        for project_id, recording in gone:
            self._remove(project_id, recording)
        if now - self._swept_at >= SWEEP_MS:
            self._sweep()
            self._swept_at = now
        return len(gone) == MOST

    def spaces(self) -> dict[ProjectId, Space]:
        """What the recordings of each project take; of those that have some."""
        return {project.id: space for project in self._desk.projects() if (space := self._space(project)).used}

    def has_room(self, project: ProjectId) -> bool:
        """Whether there is room within this project's quota. False for a project that is gone."""
        found = next((one for one in self._desk.projects() if one.id == project), None)
        return found is not None and not self._space(found).is_full

    def _space(self, project: Project) -> Space:
        quota = (project.recorder or Recorder()).quota
        return Space(self._index.used(project.id), self._index.kept_for_good(project.id), quota)

    def _withdraw(self, project: Project, since: Instant) -> None:
        """Marks what was recorded of people under a purpose that they have withdrawn, where that erases."""
        purposes = _purposes(project)
        if not purposes:
            return
        for name in self._index.people(project.id, since):
            person = self._shelf.person(project.id, name)
            packed = None if person is None else self._shelf.profile(project.id, person)
            if packed is None:
                continue
            profile = profiles.unpack(packed)
            ends = [until for purpose in purposes if (until := erased_until(profile, purpose, project)) is not None]
            if ends:
                self._index.erase_person(project.id, name, max(ends))

    def _make_room(self, project: ProjectId, recorder: Recorder, over: Instant) -> None:
        """Marks the oldest that are over and not protected, until there is room again."""
        quota = recorder.quota
        used = self._index.used(project) - self._index.leaving(project)
        if used * 100 < quota * FULL:
            return
        for one in self._index.oldest(project, over, MOST):
            if used * 100 <= quota * ROOMY:
                return
            self._index.set_state(project, one.id, "erasing")
            used -= one.bytes

    def _remove(self, project: ProjectId, recording: SessionId) -> None:
        for key in self._blobs.keys(blobs_of(project, recording)):
            self._blobs.delete(key)
        self._left_at(project, recording)
        self._index.drop(project, recording)

    def _sweep(self) -> None:
        """Deletes bytes that have had no row for a whole round: of an edge that was killed between the two."""
        orphans: set[str] = set()
        known: frozenset[str] = frozenset()
        at: Sequence[str] = ()
        for key in self._blobs.keys(BLOBS):
            _, project, recording, *_ = key.split("/")
            if (project, recording) != at:
                at = project, recording
                chunks = self._index.chunks(ProjectId(project), SessionId(recording))
                known = frozenset(blob_key(project, recording, chunk.tab, chunk.seq) for chunk in chunks)
            if key not in known:
                orphans.add(key)
        for key in orphans & self._orphans:
            self._blobs.delete(key)
        self._orphans = frozenset(orphans - self._orphans)


def _purposes(project: Project) -> set[str]:
    """Purposes that let somebody be recorded, and erase what they had let in when they are withdrawn."""
    asked = {project.recorder.consent} if project.recorder is not None else set[str | None]()
    asked |= {campaign.consent for campaign in project.campaigns if is_recorder(campaign)}
    return {purpose.name for purpose in project.purposes if purpose.erase and purpose.name in asked}
