"""Recordings as the console has them: the index, the chunks' bytes, and what staff leave at them."""

import zlib
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Final

import msgspec

from omotenashi.blobs.port import Blobs
from omotenashi.model.ids import Instant, ProjectId, SessionId
from omotenashi.model.recordings import Chunk, Recording, blob_key
from omotenashi.model.viewings import Viewing

from .errors import Forbidden, NotFound
from .ports import RecordingIndex, ReplayIndex, Viewings

LARGEST_CHUNK: Final = 8 * 1024 * 1024
"""Of a chunk unpacked; what claims to be larger is not unpacked."""
LASTING_MS: Final = 12 * 3_600_000
"""So long the chunks of a recording can be read after somebody began to look at it."""
WATCHED_MS: Final = 10_000
"""So long ahead it is said that somebody watches live."""
HERE_MS: Final = 90_000
"""Whoever's page has sent nothing for longer is no longer among those who can be watched now."""


class Replays:
    """``index`` is written by the edge too; ``shelf`` reads it for those who look for recordings and play them."""

    def __init__(
        self, index: RecordingIndex, shelf: ReplayIndex, viewings: Viewings, blobs: Blobs, clock: Callable[[], Instant]
    ) -> None:
        self.index = index
        self.shelf = shelf
        self.viewings = viewings
        self.clock = clock
        self._blobs = blobs
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

    def events(self, project: ProjectId, chunk: Chunk) -> bytes:
        """What a chunk holds, as JSON: an array of events; ``[]`` where its bytes are gone or are none."""
        packed = self._blobs.get(blob_key(project, chunk.recording, chunk.tab, chunk.seq))
        return b"[]" if packed is None else unpacked(packed)

    def told(self, project: ProjectId, chunk: Chunk) -> bytes:
        """A chunk as JSON on one line: its tab, its place, its times, and its events."""
        place = b'{"tab":%s,"seq":%d,"from_at":%d,"to_at":%d,"events":%s}'
        tab = msgspec.json.encode(chunk.tab)
        events = self.events(project, chunk).replace(b"\n", b" ").replace(b"\r", b" ")  # in JSON only ever between its parts
        return place % (tab, chunk.seq, chunk.from_at, chunk.to_at, events)

    def all_told(self, project: ProjectId, chunks: Iterable[Chunk]) -> bytes:
        """Chunks as one JSON array."""
        return b"[%s]" % b",".join(self.told(project, chunk) for chunk in chunks)

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


def unpacked(packed: bytes) -> bytes:
    """The JSON array in a gzipped chunk; ``[]`` of what is damaged, too large or no array."""
    reader = zlib.decompressobj(wbits=31)
    try:
        text = reader.decompress(packed, LARGEST_CHUNK)
        msgspec.json.decode(text, type=list[msgspec.Raw])
    except (zlib.error, msgspec.DecodeError):
        return b"[]"
    return text if reader.eof else b"[]"
