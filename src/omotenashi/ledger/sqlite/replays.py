"""Recordings as those who look for them and play them ask: over the index that ``recordings`` writes."""

from omotenashi.model.ids import Instant, ProjectId, SessionId
from omotenashi.model.recordings import Chunk, Recording

from .recordings import CHUNK_COLUMNS, COLUMNS, Recordings, told

BETWEEN = f"""
SELECT {COLUMNS} FROM recordings
WHERE project = ?1 AND started_at >= ?2 AND started_at < ?3 AND state <> 'erasing' ORDER BY started_at DESC, id
"""
AFTER = f"""
SELECT {CHUNK_COLUMNS} FROM chunks WHERE project = ?1 AND recording = ?2 AND tab = ?3 AND seq > ?4 ORDER BY seq LIMIT ?5
"""
LATEST = "SELECT tab, max(seq) FROM chunks WHERE project = ?1 AND recording = ?2 GROUP BY tab"


class Replays:
    """Reads ``recordings`` and ``chunks``."""

    def __init__(self, index: Recordings) -> None:
        self._index = index

    def between(self, project: ProjectId, since: Instant, until: Instant) -> list[Recording]:
        """Every recording that began within ``since`` <= started_at < ``until``, the latest first."""
        return [told(row) for row in self._index.ask(BETWEEN, project, since, until)]

    def after(self, project: ProjectId, recording: SessionId, tab: str, seq: int, most: int) -> list[Chunk]:
        """Up to ``most`` chunks of one tab that come after ``seq``; -1: from its beginning."""
        rows = self._index.ask(AFTER, project, recording, tab, seq, most)
        return [Chunk(*row[:-1], full=bool(row[-1])) for row in rows]

    def latest(self, project: ProjectId, recording: SessionId) -> dict[str, int]:
        """The last chunk of each tab."""
        return {tab: int(seq) for tab, seq in self._index.ask(LATEST, project, recording)}
