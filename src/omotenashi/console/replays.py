"""Recordings as the console has them: the index, the chunks' events, and what staff leave at them.

Whatever a recorded page named, a browser of ours asks us for: addresses in the events are those of our own copies. Each carries a
key, so that only what was recorded can be asked for, by whoever was given the events.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from hashlib import blake2b
from hmac import compare_digest
from typing import Any, Final
from urllib.parse import quote

from omotenashi.live.css import Kind, Put, rewritten
from omotenashi.live.materials import Materials
from omotenashi.live.tabs import Tabs, encoded
from omotenashi.model.ids import Instant, ProjectId, SessionId
from omotenashi.model.materials import SHEET
from omotenashi.model.recordings import Chunk, Recording
from omotenashi.model.viewings import Viewing

from .errors import Forbidden, NotFound
from .ports import RecordingIndex, ReplayIndex, Viewings

LASTING_MS: Final = 12 * 3_600_000
"""So long the chunks of a recording can be read after somebody began to look at it."""
PATIENCE_SECONDS: Final = 4.0
"""So long a browser waits for something that nobody has asked for yet."""
WATCHED_MS: Final = 10_000
"""So long ahead it is said that somebody watches live."""
HERE_MS: Final = 90_000
"""Whoever's page has sent nothing for longer is no longer among those who can be watched now."""


class Replays:
    """``index`` is written by the edge too; ``shelf`` reads it for those who look for recordings and play them.

    ``tabs`` reads chunks, ``materials`` has what pages were dressed in, and ``secret`` makes the keys.
    """

    def __init__(
        self,
        index: RecordingIndex,
        shelf: ReplayIndex,
        viewings: Viewings,
        clock: Callable[[], Instant],
        tabs: Tabs,
        materials: Materials,
        secret: str,
    ) -> None:
        self.index = index
        self.shelf = shelf
        self.viewings = viewings
        self.clock = clock
        self._tabs = tabs
        self._materials = materials
        self._secret = blake2b(secret.encode(), person=b"materials").digest()
        self._watching: Counter[tuple[ProjectId, SessionId]] = Counter()

    def one(self, project: ProjectId, recording: str) -> Recording:
        """A recording that can be played. Raises ``NotFound``, of another project's too."""
        found = self.index.one(project, SessionId(recording))
        if found is None or found.state == "erasing":
            raise NotFound("recording", f"there is no recording {recording!r} (any more)")
        return found

    def going_on(self, project: ProjectId) -> list[Recording]:
        """Visits that are being recorded now, whoever did something last first."""
        return self.index.going_on(project, Instant(self.clock() - HERE_MS))

    def viewed(self, project: ProjectId, recording: str, viewing: str, staff: str) -> Viewing:
        """The viewing that a request for chunks rests on. Raises ``Forbidden`` when it is nobody's, another's, or long over."""
        found = self.viewings.viewing(project, viewing)
        if found is None or (found.recording, found.staff) != (recording, staff) or found.at + LASTING_MS < self.clock():
            raise Forbidden("viewing", "expected the id that POST .../viewings of this recording answered to you")
        return found

    def events(self, project: ProjectId, chunk: Chunk) -> list[Any]:
        """What a chunk holds, with addresses of ours in it; ``[]`` where its bytes are gone or are none."""
        return self._tabs.walked(project, chunk, self._ours(project, chunk.recording))

    def told(self, project: ProjectId, chunk: Chunk) -> bytes:
        """A chunk as JSON on one line: its tab, its place, its times, and its events."""
        place = {"tab": chunk.tab, "seq": chunk.seq, "from_at": chunk.from_at, "to_at": chunk.to_at}
        return encoded({**place, "events": self.events(project, chunk)})

    def all_told(self, project: ProjectId, chunks: Iterable[Chunk]) -> bytes:
        """Chunks as one JSON array."""
        return b"[%s]" % b",".join(self.told(project, chunk) for chunk in chunks)

    async def material(self, project: ProjectId, recording: SessionId, url: str, kind: Kind, key: str) -> tuple[bytes, str]:
        """What stood at an address, and its content type. Raises ``NotFound`` also for what was not recorded."""
        if not compare_digest(key.encode(), self._key(project, recording, url, kind).encode()):
            raise NotFound("key", "expected an address as the events of this recording name it")
        found = await self._materials.shown(project, recording, url, kind, PATIENCE_SECONDS)
        if found is None:
            raise NotFound("u", "this could not be kept, or not yet")
        material, body = found
        if material.type != SHEET:
            return body, material.type
        ours = self._ours(project, recording)
        text = await asyncio.to_thread(rewritten, body.decode("utf-8", "replace"), url, ours)
        return text.encode(), SHEET

    def missing(self, project: ProjectId, recording: SessionId) -> int:
        """How many of the things that its pages showed could not be had."""
        return self._materials.missing(project, recording)

    def _ours(self, project: ProjectId, recording: SessionId) -> Put:
        """Puts our own address in place of one that was recorded. There is nothing in it that CSS or HTML could take amiss."""
        known: dict[tuple[str, Kind], str] = {}
        place = f"/replay/{quote(project, safe='')}/{quote(recording, safe='')}/material"

        def put(url: str, kind: Kind) -> str:
            address = known.get((url, kind))
            if address is None:
                key = self._key(project, recording, url, kind)
                address = known[url, kind] = f"{place}?kind={kind}&key={key}&u={quote(url, safe='')}"
            return address

        return put

    def _key(self, project: ProjectId, recording: SessionId, url: str, kind: Kind) -> str:
        told = "\n".join((project, recording, kind, url)).encode("utf-8", "replace")
        return blake2b(told, key=self._secret, digest_size=12).hexdigest()

    @contextmanager
    def watching(self, project: ProjectId, recording: SessionId) -> Generator[None]:
        """Somebody watches this visit live while inside."""
        key = (project, recording)
        self._watching[key] += 1
        try:
            yield
        finally:
            self._watching[key] -= 1
            if self._watching[key] <= 0:
                del self._watching[key]

    def watchers(self, project: ProjectId, recording: SessionId) -> int:
        """How many watch it live just now."""
        return self._watching[project, recording]

    def is_watched(self, project: ProjectId, recording: SessionId) -> None:
        """Says to the edge that somebody watches, for the next seconds: the page sends sooner."""
        self.index.watch(project, recording, Instant(self.clock() + WATCHED_MS))
