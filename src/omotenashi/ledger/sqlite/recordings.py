"""The index of recordings: which visits were recorded, of which chunks they consist, and what they take.

The edge writes it as chunks come, the console process as it deletes, watches and fetches. Both in short transactions, from
threads. The chunks' bytes are in the store of blobs, under ``model.recordings.blob_key``; a row is written after its bytes,
and removed after them, marked as ``erasing``: whatever was begun can be ended.
"""

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import apsw

from omotenashi.model.ids import Instant, PersonId, ProjectId, SessionId
from omotenashi.model.reasons import NotRecorded
from omotenashi.model.recordings import Chunk, Recording, State, Taken

from .files import checkpoint, connect, migrate, opening, run, transaction, translated

_WAL_PAGES: Final = 1_000
_DAY_MS: Final = 86_400_000

COLUMNS: Final = (
    "id, person, visitor, started_at, ended_at, bytes, chunks, tabs, events, clicks, pages, "
    "first_url, last_url, device, width, height, protected, state"
)
CHUNK_COLUMNS: Final = 'recording, tab, seq, page, from_at, to_at, bytes, events, "full"'

IS_KNOWN = "SELECT 1 FROM chunks WHERE project = ?1 AND recording = ?2 AND tab = ?3 AND seq = ?4"
PUT_CHUNK = f"""
INSERT INTO chunks (project, {CHUNK_COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (project, recording, tab, seq) DO NOTHING RETURNING seq
"""
HAS_TAB = "SELECT 1 FROM chunks WHERE project = ?1 AND recording = ?2 AND tab = ?3 LIMIT 1"
HAS_PAGE = "SELECT 1 FROM chunks WHERE project = ?1 AND recording = ?2 AND page = ?3 LIMIT 1"
# What a chunk adds. The first address is that of the earliest chunk, which need not be the first to arrive.
PUT_RECORDING = """
INSERT INTO recordings (project, id, person, visitor, started_at, ended_at, bytes, chunks, tabs, events, clicks, pages,
                        first_url, last_url, device, width, height, state)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, 1, ?8, ?9, 1, ?10, ?10, ?11, ?12, ?13, 'open')
ON CONFLICT (project, id) DO UPDATE SET
  person = excluded.person,
  visitor = excluded.visitor,
  first_url = CASE WHEN excluded.first_url <> '' AND (first_url = '' OR excluded.started_at < started_at)
                   THEN excluded.first_url ELSE first_url END,
  last_url = CASE WHEN excluded.last_url <> '' AND (last_url = '' OR excluded.ended_at >= ended_at)
                  THEN excluded.last_url ELSE last_url END,
  width = CASE WHEN width = 0 THEN excluded.width ELSE width END,
  height = CASE WHEN height = 0 THEN excluded.height ELSE height END,
  device = CASE WHEN device = '' THEN excluded.device ELSE device END,
  started_at = min(started_at, excluded.started_at),
  ended_at = max(ended_at, excluded.ended_at),
  bytes = bytes + excluded.bytes,
  chunks = chunks + 1,
  tabs = tabs + ?14,
  pages = pages + ?15,
  events = events + excluded.events,
  clicks = clicks + excluded.clicks,
  state = CASE WHEN state = 'closed' THEN 'open' ELSE state END
"""
ADD_USAGE = """
INSERT INTO usage (project, bytes) VALUES (?1, ?2) ON CONFLICT (project) DO UPDATE SET bytes = max(0, bytes + excluded.bytes)
"""
TAKE_USAGE = "UPDATE usage SET bytes = max(0, bytes - ?2) WHERE project = ?1"
USAGE = "SELECT bytes FROM usage WHERE project = ?1"
REFUSE = """
INSERT INTO refused (project, day, reason, count) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (project, day, reason) DO UPDATE SET count = count + excluded.count
"""
REFUSED = "SELECT reason, sum(count) FROM refused WHERE project = ?1 AND day >= ?2 GROUP BY reason ORDER BY reason"
ONE = f"SELECT {COLUMNS} FROM recordings WHERE project = ?1 AND id = ?2"
OF_PERSON = f"SELECT {COLUMNS} FROM recordings WHERE project = ?1 AND person = ?2 ORDER BY started_at DESC"
CHUNKS = f"""
SELECT {CHUNK_COLUMNS} FROM chunks WHERE project = ?1 AND recording = ?2 ORDER BY from_at, tab, seq
"""
OPEN = f"""
SELECT {COLUMNS} FROM recordings WHERE project = ?1 AND state = 'open' AND ended_at >= ?2 ORDER BY ended_at DESC
"""
SET_STATE = "UPDATE recordings SET state = ?3 WHERE project = ?1 AND id = ?2 AND state <> 'erasing'"
ERASE_PERSON = "UPDATE recordings SET state = 'erasing' WHERE project = ?1 AND person = ?2 AND started_at <= ?3"
PUT_ERASURE = """
INSERT INTO erasures (project, person, at) VALUES (?1, ?2, ?3)
ON CONFLICT (project, person) DO UPDATE SET at = max(at, excluded.at)
"""
ERASURES = "SELECT project, person, at FROM erasures"
DROP_ERASURES = "DELETE FROM erasures WHERE at < ?1"
PEOPLE = "SELECT DISTINCT person FROM recordings WHERE project = ?1 AND state <> 'erasing' AND ended_at >= ?2"
EXPIRE = """
UPDATE recordings SET state = 'erasing' WHERE project = ?1 AND protected = 0 AND state <> 'erasing' AND ended_at < ?2
"""
EXPIRE_SHORT = """
UPDATE recordings SET state = 'erasing' WHERE project = ?1 AND protected = 0 AND state = 'closed' AND ended_at - started_at < ?2
"""
LEAVING = "SELECT coalesce(sum(bytes), 0) FROM recordings WHERE project = ?1 AND state = 'erasing'"
PROTECTED = "SELECT coalesce(sum(bytes), 0) FROM recordings WHERE project = ?1 AND protected = 1"
ERASING = "SELECT project, id FROM recordings WHERE state = 'erasing' ORDER BY project, id LIMIT ?1"
CLOSE_SILENT = "UPDATE recordings SET state = 'closed' WHERE state = 'open' AND ended_at < ?1"
PROTECT = "UPDATE recordings SET protected = ?3 WHERE project = ?1 AND id = ?2 RETURNING id"
OVER = f"""
SELECT {COLUMNS} FROM recordings
WHERE project = ?1 AND protected = 0 AND state <> 'erasing' AND ended_at < ?2 ORDER BY started_at LIMIT ?3
"""
DROP_CHUNKS = "DELETE FROM chunks WHERE project = ?1 AND recording = ?2"
DROP_RECORDING = "DELETE FROM recordings WHERE project = ?1 AND id = ?2 RETURNING bytes"
DROP_CHUNK = "DELETE FROM chunks WHERE project = ?1 AND recording = ?2 AND tab = ?3 AND seq = ?4 RETURNING bytes, events"
SUBTRACT = """
UPDATE recordings SET bytes = bytes - ?3, events = events - ?4, chunks = chunks - 1 WHERE project = ?1 AND id = ?2
RETURNING chunks
"""
DROP_SHOWN = "DELETE FROM shown WHERE project = ?1 AND recording = ?2"
DROP_WATCHING = "DELETE FROM watching WHERE project = ?1 AND recording = ?2"
MOVE = "UPDATE recordings SET person = ?3 WHERE project = ?1 AND person = ?2"
WATCH = """
INSERT INTO watching (project, recording, until) VALUES (?1, ?2, ?3)
ON CONFLICT (project, recording) DO UPDATE SET until = max(until, excluded.until)
"""
ALL_WATCHED = "SELECT project, recording FROM watching WHERE until > ?1"
WATCHED = "SELECT 1 FROM watching WHERE project = ?1 AND recording = ?2 AND until > ?3"


class Recordings:
    """The tables of ``recordings.db``, over one connection that several threads may use."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self._path = path
        self._connection = connection
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or begin the file, readable by its owner alone. ``StorageFailed`` by the disk, ``TooNew`` of a newer program's."""
        with translated(str(path)), opening(path):
            path.touch(mode=0o600)
            connection = connect(path)
            try:
                migrate(connection, "recordings")
                connection.pragma("secure_delete", 1)  # what is erased is not left in free pages
            except BaseException:
                connection.close()
                raise
            return cls(path, connection)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def ask(self, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
        """All rows of one statement. What it changes belongs to the ``writing`` around it."""
        with self._lock, translated(str(self._path)):
            return run(self._connection, sql, values)

    def write(self, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
        """One statement that changes something, on disk on return; the rows that it returns."""
        with self.writing():
            return self.ask(sql, *values)

    @contextmanager
    def writing(self) -> Generator[None]:
        """Everything asked inside is written, or nothing; on disk at the end. One inside another is part of the outer one."""
        with self._lock, translated(str(self._path)):
            if self._connection.in_transaction:
                yield
                return
            with transaction(self._connection):
                yield
            if self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)[0] > _WAL_PAGES:
                checkpoint(self._connection)

    # As chunks come

    def has(self, project: ProjectId, recording: SessionId, tab: str, seq: int) -> bool:
        """Whether this chunk was taken."""
        return bool(self.ask(IS_KNOWN, project, recording, tab, seq))

    def take(self, project: ProjectId, taken: Taken) -> bool:
        """Write a chunk down whose bytes are stored; False when it was before, and nothing changes."""
        chunk = taken.chunk
        where = (project, chunk.recording)
        with self.writing():
            new_tab = not self.ask(HAS_TAB, *where, chunk.tab)
            new_page = not self.ask(HAS_PAGE, *where, chunk.page)
            put = (chunk.tab, chunk.seq, chunk.page, chunk.from_at, chunk.to_at, chunk.bytes, chunk.events, int(chunk.full))
            if not self.ask(PUT_CHUNK, *where, *put):
                return False
            self.ask(
                PUT_RECORDING,
                *where,
                taken.person,
                taken.visitor,
                chunk.from_at,
                chunk.to_at,
                chunk.bytes,
                chunk.events,
                taken.clicks,
                taken.url,
                taken.device,
                taken.width,
                taken.height,
                int(new_tab),
                int(new_page),
            )
            self.ask(ADD_USAGE, project, chunk.bytes)
        return True

    def give_back(self, project: ProjectId, recording: SessionId, tab: str, seq: int) -> None:
        """A chunk that was taken may not be kept: as if it had never come. Its blob is the caller's to delete."""
        with self.writing():
            for size, events in self.ask(DROP_CHUNK, project, recording, tab, seq):
                self.ask(TAKE_USAGE, project, size)
                for (left,) in self.ask(SUBTRACT, project, recording, size, events):
                    if left == 0:
                        self.ask(DROP_SHOWN, project, recording)
                        self.ask(DROP_RECORDING, project, recording)

    def refuse(self, project: ProjectId, reason: NotRecorded, at: Instant, count: int = 1) -> None:
        """Count visits, or chunks, that may not be recorded."""
        self.write(REFUSE, project, at // _DAY_MS, reason.value, count)

    def is_watched(self, project: ProjectId, recording: SessionId, now: Instant) -> bool:
        """Whether somebody watches this visit just now."""
        return bool(self.ask(WATCHED, project, recording, now))

    def watched(self, now: Instant) -> list[tuple[ProjectId, SessionId]]:
        """The visits that somebody watches just now."""
        return [(ProjectId(project), SessionId(recording)) for project, recording in self.ask(ALL_WATCHED, now)]

    def moved(self, project: ProjectId, absorbed: PersonId, into: PersonId) -> None:
        """Two people became one: the recordings of both are theirs."""
        self.write(MOVE, project, absorbed, into)

    # Reading

    def one(self, project: ProjectId, recording: SessionId) -> Recording | None:
        """A recording by its id."""
        rows = self.ask(ONE, project, recording)
        return told(rows[0]) if rows else None

    def of_person(self, project: ProjectId, person: PersonId) -> list[Recording]:
        """A person's recordings, the latest first."""
        return [told(row) for row in self.ask(OF_PERSON, project, person)]

    def going_on(self, project: ProjectId, since: Instant) -> list[Recording]:
        """Visits of which something came after ``since``, the latest first."""
        return [told(row) for row in self.ask(OPEN, project, since)]

    def chunks(self, project: ProjectId, recording: SessionId) -> list[Chunk]:
        """All chunks of a recording, by their first instant."""
        return [Chunk(*row[:-1], full=bool(row[-1])) for row in self.ask(CHUNKS, project, recording)]

    def used(self, project: ProjectId) -> int:
        """How many bytes the chunks of a project take, and what its replays need besides."""
        rows = self.ask(USAGE, project)
        return int(rows[0][0]) if rows else 0

    def refused(self, project: ProjectId, since: Instant) -> dict[str, int]:
        """How often something was not recorded since the day of ``since``, by reason."""
        return {str(reason): int(count) for reason, count in self.ask(REFUSED, project, since // _DAY_MS)}

    # The staff's process

    def watch(self, project: ProjectId, recording: SessionId, until: Instant) -> None:
        """Somebody watches this visit until then, or longer if it was said before."""
        self.write(WATCH, project, recording, until)

    def protect(self, project: ProjectId, recording: SessionId, *, kept: bool) -> bool:
        """Keep it whatever retention and quota say, or no longer; False when there is none."""
        return bool(self.write(PROTECT, project, recording, int(kept)))

    def set_state(self, project: ProjectId, recording: SessionId, state: State) -> None:
        """Close it, or have it erased; what is being erased stays so."""
        self.write(SET_STATE, project, recording, state)

    def close_silent(self, before: Instant) -> None:
        """Visits of which nothing came since ``before`` are over."""
        self.write(CLOSE_SILENT, before)

    def erase_person(self, project: ProjectId, person: PersonId, until: Instant) -> None:
        """Nothing more is added to what was recorded of this person and began until then, and the worker removes it."""
        self.write(ERASE_PERSON, project, person, until)

    def erased(self, project: ProjectId, people: Sequence[PersonId], at: Instant) -> None:
        """These are one person who was erased. It is kept in mind for a while, as the edge may just be writing a chunk."""
        with self.writing():
            for person in people:
                self.ask(PUT_ERASURE, project, person, at)
                self.ask(ERASE_PERSON, project, person, at)

    def erase_again(self, forget_before: Instant) -> None:
        """Erases whatever of erased people was written down since; erasures before ``forget_before`` are not kept in mind."""
        with self.writing():
            for project, person, at in self.ask(ERASURES):
                self.ask(ERASE_PERSON, project, person, at)
            self.ask(DROP_ERASURES, forget_before)

    def people(self, project: ProjectId, since: Instant) -> list[PersonId]:
        """Of whom there are recordings that ended after ``since``."""
        return [PersonId(person) for (person,) in self.ask(PEOPLE, project, since)]

    def expire(self, project: ProjectId, ended_before: Instant, shortest_ms: int) -> None:
        """What ended before then is to be removed, and what is over and was shorter than that; not what is protected."""
        with self.writing():
            self.ask(EXPIRE, project, ended_before)
            self.ask(EXPIRE_SHORT, project, shortest_ms)

    def leaving(self, project: ProjectId) -> int:
        """How many bytes of a project are to be removed, and are still counted in ``used``."""
        return int(self.ask(LEAVING, project)[0][0])

    def kept_for_good(self, project: ProjectId) -> int:
        """How many bytes of a project are protected."""
        return int(self.ask(PROTECTED, project)[0][0])

    def erasing(self, most: int = 100) -> list[tuple[ProjectId, SessionId]]:
        """What is to be removed."""
        return [(ProjectId(project), SessionId(recording)) for project, recording in self.ask(ERASING, most)]

    def oldest(self, project: ProjectId, ended_before: Instant, most: int = 100) -> list[Recording]:
        """Unprotected recordings that ended before then, the oldest first: what retention and quota take."""
        return [told(row) for row in self.ask(OVER, project, ended_before, most)]

    def drop(self, project: ProjectId, recording: SessionId) -> int:
        """Forget a recording, its chunks and what it showed; how many bytes its chunks took.

        Its blobs are the caller's to delete, before; materials that nothing shows any more, afterwards.
        """
        with self.writing():
            self.ask(DROP_CHUNKS, project, recording)
            self.ask(DROP_WATCHING, project, recording)
            self.ask(DROP_SHOWN, project, recording)
            rows = self.ask(DROP_RECORDING, project, recording)
            freed = int(rows[0][0]) if rows else 0
            self.ask(TAKE_USAGE, project, freed)
        return freed


def told(row: tuple[Any, ...]) -> Recording:
    """A row of ``COLUMNS``."""
    return Recording(*row[:-2], protected=bool(row[-2]), state=row[-1])
