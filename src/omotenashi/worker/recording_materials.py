"""Looks through what was recorded for what a replay needs, soon after it came, and has it kept.

A chunk counts as looked through when everything it names was asked for. A kill anywhere before leaves it for the next time.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from omotenashi.live.css import Kind
from omotenashi.live.tabs import Tabs
from omotenashi.model.ids import Instant, ProjectId, SessionId
from omotenashi.model.recordings import Chunk

from .loop import in_thread

MOST: Final = 40
"""Chunks of one tab in one step."""
TIDY_MS: Final = 30_000
SWEEP_MS: Final = 600_000


class Index(Protocol):
    """What it needs of the index of recordings."""

    def to_look(self, most: int) -> tuple[ProjectId, list[Chunk]] | None: ...

    def looked(self, project: ProjectId, chunk: Chunk) -> None: ...


class Materials(Protocol):
    """What keeps them; see ``live.materials``."""

    def keep(self, project: ProjectId, recording: SessionId, wanted: Mapping[str, Kind]) -> Awaitable[None]: ...

    def tidy(self, *, thoroughly: bool) -> None: ...


class MaterialKeeper:
    """``tabs`` reads the chunks."""

    def __init__(self, index: Index, tabs: Tabs, materials: Materials, clock: Callable[[], Instant]) -> None:
        self._index = index
        self._tabs = tabs
        self._materials = materials
        self._clock = clock
        self._tidied_at = 0
        self._swept_at = 0

    async def step(self) -> bool:
        """Looks through some chunks of one tab, and removes what is not needed any more; whether more chunks wait."""
        await in_thread(self._tidy)
        found = await in_thread(lambda: self._index.to_look(MOST))
        if found is None:
            return False
        project, chunks = found
        for chunk in chunks:
            await self._materials.keep(project, chunk.recording, await in_thread(lambda one=chunk: self._named(project, one)))
            await in_thread(lambda one=chunk: self._index.looked(project, one))
        return True

    def _named(self, project: ProjectId, chunk: Chunk) -> dict[str, Kind]:
        """Every address that a replay of this chunk would load."""
        named: dict[str, Kind] = {}

        def note(url: str, kind: Kind) -> str:
            named.setdefault(url, kind)
            return url

        self._tabs.walked(project, chunk, note)
        return named

    def _tidy(self) -> None:
        now = self._clock()
        if now - self._tidied_at < TIDY_MS:
            return
        thoroughly = now - self._swept_at >= SWEEP_MS
        self._materials.tidy(thoroughly=thoroughly)
        self._tidied_at = now
        if thoroughly:
            self._swept_at = now
