"""What recorded pages showed, as the index of recordings knows it: over the file that ``recordings`` writes.

The bytes are among the blobs, under ``model.materials.blob_key``. A row is written after them, and removed before them. Only
the staff's process writes these tables.
"""

from collections.abc import Iterable
from typing import Final

from omotenashi.model.ids import Instant, ProjectId, SessionId
from omotenashi.model.materials import Asked, Material
from omotenashi.model.recordings import Chunk

from .recordings import ADD_USAGE, CHUNK_COLUMNS, TAKE_USAGE, Recordings

_OF: Final = "project = ?1 AND recording = ?2"

# Of the tab of which something came last.
TO_LOOK = f"""
SELECT project, {CHUNK_COLUMNS} FROM chunks AS one WHERE looked = 0 AND (project, recording, tab) = (
  SELECT project, recording, tab FROM chunks WHERE looked = 0 ORDER BY from_at DESC LIMIT 1
) ORDER BY seq LIMIT ?1
"""
LOOKED = f"UPDATE chunks SET looked = 1 WHERE {_OF} AND tab = ?3 AND seq = ?4"
LEADING = f"""
SELECT {CHUNK_COLUMNS} FROM chunks WHERE {_OF} AND tab = ?3 AND seq < ?4 AND seq >= (
  SELECT max(seq) FROM chunks WHERE {_OF} AND tab = ?3 AND seq < ?4 AND "full" = 1
) ORDER BY seq
"""
SHOWN = """
SELECT shown.url, shown.sha, coalesce(materials.type, ''), coalesce(materials.bytes, 0)
FROM shown LEFT JOIN materials ON materials.project = shown.project AND materials.sha = shown.sha
WHERE shown.project = ?1 AND shown.recording = ?2
"""
SHOWN_AT = f"{SHOWN} AND shown.url = ?3"
MISSING = f"SELECT count(*) FROM shown WHERE {_OF} AND sha = ''"
ASKED = "SELECT at, sha, etag, modified, why FROM asked WHERE project = ?1 AND url = ?2"
PUT_MATERIAL = "INSERT INTO materials (project, sha, type, bytes) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING RETURNING bytes"
MATERIAL = "SELECT sha, type, bytes FROM materials WHERE project = ?1 AND sha = ?2"
PUT_ASKED = """
INSERT INTO asked (project, url, at, sha, etag, modified, why) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (project, url) DO UPDATE SET
  at = excluded.at, sha = excluded.sha, etag = excluded.etag, modified = excluded.modified, why = excluded.why
"""
PUT_SHOWN = """
INSERT INTO shown (project, recording, url, sha)
SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM recordings WHERE project = ?1 AND id = ?2 AND state <> 'erasing')
ON CONFLICT (project, recording, url) DO UPDATE SET sha = excluded.sha WHERE shown.sha = ''
"""
UNUSED = """
SELECT project, sha FROM materials WHERE NOT EXISTS (
  SELECT 1 FROM shown WHERE shown.project = materials.project AND shown.sha = materials.sha
) LIMIT ?1
"""
DROP_MATERIAL = """
DELETE FROM materials WHERE project = ?1 AND sha = ?2
  AND NOT EXISTS (SELECT 1 FROM shown WHERE shown.project = ?1 AND shown.sha = ?2) RETURNING bytes
"""
DROP_ASKED = "DELETE FROM asked WHERE project = ?1 AND sha = ?2"
FORGET = "DELETE FROM asked WHERE at < ?1"
ALL = "SELECT project, sha FROM materials"


class Materials:
    """The tables ``materials``, ``asked`` and ``shown``, and which chunks were looked through."""

    def __init__(self, index: Recordings) -> None:
        self._index = index

    # Chunks

    def to_look(self, most: int) -> tuple[ProjectId, list[Chunk]] | None:
        """Up to ``most`` chunks of one tab that nobody has looked through, in their order; the liveliest tab first."""
        rows = self._index.ask(TO_LOOK, most)
        if not rows:
            return None
        return ProjectId(rows[0][0]), [Chunk(*row[1:-1], full=bool(row[-1])) for row in rows]

    def looked(self, project: ProjectId, chunk: Chunk) -> None:
        """All that a replay of this chunk needs was kept, or could not be."""
        self._index.write(LOOKED, project, chunk.recording, chunk.tab, chunk.seq)

    def leading_to(self, project: ProjectId, recording: SessionId, tab: str, seq: int) -> list[Chunk]:
        """The chunks of a tab before ``seq``, from the one that holds the last full picture before it."""
        return [Chunk(*row[:-1], full=bool(row[-1])) for row in self._index.ask(LEADING, project, recording, tab, seq)]

    # What a recording showed

    def shown(self, project: ProjectId, recording: SessionId) -> dict[str, Material]:
        """What stood at each address of a recording, as far as it was looked for."""
        return {url: Material(*rest) for url, *rest in self._index.ask(SHOWN, project, recording)}

    def shown_at(self, project: ProjectId, recording: SessionId, url: str) -> Material | None:
        """What stood at an address; None when it was not looked for."""
        rows = self._index.ask(SHOWN_AT, project, recording, url)
        return Material(*rows[0][1:]) if rows else None

    def missing(self, project: ProjectId, recording: SessionId) -> int:
        """How many addresses of a recording could not be had."""
        return int(self._index.ask(MISSING, project, recording)[0][0])

    def asked(self, project: ProjectId, url: str) -> Asked | None:
        """When an address was asked for last, for whichever recording."""
        rows = self._index.ask(ASKED, project, url)
        return Asked(*rows[0]) if rows else None

    def put(self, project: ProjectId, recording: SessionId, url: str, material: Material, asked: Asked) -> None:
        """An address was asked for, and this stood there; its bytes are stored. Nothing is shown by what is being erased."""
        with self._index.writing():
            if material.sha and self._index.ask(PUT_MATERIAL, project, material.sha, material.type, material.bytes):
                self._index.ask(ADD_USAGE, project, material.bytes)
            self._index.ask(PUT_ASKED, project, url, asked.at, asked.sha, asked.etag, asked.modified, asked.why)
            self._index.ask(PUT_SHOWN, project, recording, url, material.sha)

    def put_shown(self, project: ProjectId, recording: SessionId, url: str, sha: str) -> Material | None:
        """What was kept already is what this recording showed; None when it has gone meanwhile. "": it could not be had."""
        with self._index.writing():
            rows = self._index.ask(MATERIAL, project, sha)
            if sha and not rows:
                return None
            self._index.ask(PUT_SHOWN, project, recording, url, sha)
        return Material(*rows[0]) if rows else Material("")

    def tie(self, project: ProjectId, recording: SessionId, urls: Iterable[str], since: Instant) -> None:
        """Whatever was asked for after ``since`` is what this recording showed."""
        with self._index.writing():
            for url in urls:
                for at, sha, *_ in self._index.ask(ASKED, project, url):
                    if at > since and (not sha or self._index.ask(MATERIAL, project, sha)):
                        self._index.ask(PUT_SHOWN, project, recording, url, sha)

    # What goes

    def unused(self, most: int) -> list[tuple[ProjectId, str]]:
        """Materials that no recording shows any more."""
        return [(ProjectId(project), sha) for project, sha in self._index.ask(UNUSED, most)]

    def drop(self, project: ProjectId, sha: str) -> bool:
        """Forget a material that still no recording shows; whether it is gone. Its blob is the caller's to delete, afterwards."""
        with self._index.writing():
            gone = self._index.ask(DROP_MATERIAL, project, sha)
            for (size,) in gone:
                self._index.ask(DROP_ASKED, project, sha)
                self._index.ask(TAKE_USAGE, project, size)
        return bool(gone)

    def forget(self, before: Instant) -> None:
        """That addresses were asked for before then; what was shown stays."""
        self._index.write(FORGET, before)

    def all(self) -> set[tuple[str, str]]:
        """Every material: its project, and its hash."""
        return {(project, sha) for project, sha in self._index.ask(ALL)}
