"""The office's papers: configurations by version, switches, back-fills and their bases, loads, cursors, keys.

The console process writes them. The edge looks, several times a second, and asks ``changed`` first.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import apsw
import msgspec

from omotenashi.ledger.port import Applied, Backfill, LedgerError, Outdated, Switches
from omotenashi.model.campaigns import Key, Project
from omotenashi.model.ids import Instant, PersonId, ProjectId, StatisticId

from .files import checkpoint, connect, migrate, onlooker, opening, rewrite_wal, run, transaction, translated

# A project at one version, whole.
PUT_CONFIGURATION = """
INSERT INTO configurations (project, version, document, sources, applied_at, comment, author)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
"""
# The version in force.
PUT_HEAD = """
INSERT INTO heads (project, version) VALUES (?1, ?2) ON CONFLICT (project) DO UPDATE SET version = excluded.version
"""
HEAD = "SELECT version FROM heads WHERE project = ?1"
HEADS = "SELECT project, version FROM heads ORDER BY project"
DOCUMENT = "SELECT document FROM configurations WHERE project = ?1 AND version = ?2"
# Every project as it is in force.
DOCUMENTS_IN_FORCE = "SELECT document FROM configurations JOIN heads USING (project, version) ORDER BY project"
SOURCES = "SELECT sources FROM configurations WHERE project = ?1 AND version = ?2"
HISTORY = "SELECT version, applied_at, comment, author FROM configurations WHERE project = ?1 ORDER BY version DESC"
# Versions below ?2 that are neither in force nor kept for a reason.
VERSIONS_BELOW = "SELECT version FROM configurations WHERE project = ?1 AND version < ?2"
DROP_CONFIGURATION = "DELETE FROM configurations WHERE project = ?1 AND version = ?2"

# The emergency stop.
PUT_SWITCHES = """
INSERT INTO switches (project, messages_stopped, recording_stopped) VALUES (?1, ?2, ?3)
ON CONFLICT (project) DO UPDATE SET messages_stopped = excluded.messages_stopped, recording_stopped = excluded.recording_stopped
"""
SWITCHES = "SELECT messages_stopped, recording_stopped FROM switches WHERE project = ?1"

# How far history was folded again for the statistics born in a version.
PUT_BACKFILL = """
INSERT INTO backfills (project, version, state, done, total) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (project, version) DO UPDATE SET state = excluded.state, done = excluded.done, total = excluded.total
"""
BACKFILL = "SELECT project, version, state, done, total FROM backfills WHERE project = ?1 AND version = ?2"
BACKFILLS = "SELECT project, version, state, done, total FROM backfills ORDER BY project, version"
# Readiness never goes back.
PUT_READY = """
INSERT INTO readiness (project, version) VALUES (?1, ?2)
ON CONFLICT (project) DO UPDATE SET version = max(version, excluded.version)
"""
READY = "SELECT version FROM readiness WHERE project = ?1"

# A base is written once; the same one again, after a crash, replaces itself.
PUT_BASE = """
INSERT OR REPLACE INTO bases (project, person, version, statistic, accumulator) VALUES (?1, ?2, ?3, ?4, ?5)
"""
# What one logged person's profile still lacks.
BASES = """
SELECT statistic, accumulator FROM bases WHERE project = ?1 AND person = ?2 AND version > ?3 AND version <= ?4
ORDER BY version, statistic
"""
DROP_BASES_OF_STATISTIC = "DELETE FROM bases WHERE project = ?1 AND version = ?2 AND statistic = ?3"
DROP_BASES_OF_PERSON = "DELETE FROM bases WHERE project = ?1 AND person = ?2"
DROP_BASES_OF_VERSION = "DELETE FROM bases WHERE project = ?1 AND version = ?2"

# A range about to be inserted.
PUT_LOAD = """
INSERT INTO loads ("table", first, last, token, done) VALUES (?1, ?2, ?3, ?4, 0)
"""
OPEN_LOAD = 'SELECT first, last, token FROM loads WHERE "table" = ?1 AND done = 0'
LAST_LOADED = 'SELECT max(last) FROM loads WHERE "table" = ?1 AND done = 1'
FINISH_LOAD = 'UPDATE loads SET done = 1 WHERE "table" = ?1 AND last = ?2'
# Finished ranges below the last one say nothing that it does not.
FORGET_LOADS = 'DELETE FROM loads WHERE "table" = ?1 AND done = 1 AND last < ?2'

# Where a reader of the log stands; pruning waits for it.
PUT_CURSOR = """
INSERT INTO cursors (reader, position) VALUES (?1, ?2) ON CONFLICT (reader) DO UPDATE SET position = excluded.position
"""
CURSOR = "SELECT position FROM cursors WHERE reader = ?1"
CURSORS = "SELECT reader, position FROM cursors"
DROP_CURSOR = "DELETE FROM cursors WHERE reader = ?1"

# A key belongs to one project, for good.
PUT_KEY = "INSERT INTO keys (key, project, kind) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO NOTHING"
KEYS = "SELECT key, kind FROM keys WHERE project = ?1 ORDER BY kind, key"
PROJECT_OF_KEY = "SELECT project, kind FROM keys WHERE key = ?1"
DROP_KEY = "DELETE FROM keys WHERE key = ?1"

_WAL_PAGES = 2_000
_decode_project = msgspec.json.Decoder(Project).decode
_decode_sources = msgspec.json.Decoder(dict[str, str]).decode


class Desk:
    """The office for whoever only looks: the edge. Usable from several threads."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self._path = path
        self._connection = connection
        self._lock = threading.RLock()
        self._seen: int | None = None

    @classmethod
    def open(cls, path: Path) -> Self:
        """Look at the papers in ``path``; empty ones are laid out when nothing is there yet."""
        with translated(str(path)), opening(path):
            connection = connect(path)
            try:
                migrate(connection, "office")
            finally:
                connection.close()
            return cls(path, onlooker(path))

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def changed(self) -> bool:
        """Whether another connection wrote since this was last asked; true the first time. Costs microseconds."""
        with self._lock, translated(str(self._path)):
            seen = int(self._connection.pragma("data_version"))
        before, self._seen = self._seen, seen
        return before != seen

    def projects(self) -> list[Project]:
        """Every project at the version in force, with its emergency stop filled in."""
        with self._lock:
            return [self._with_switches(_decode_project(document)) for (document,) in self._ask(DOCUMENTS_IN_FORCE)]

    def head(self, project: ProjectId) -> int:
        """The version in force; 0 for a project that was never applied."""
        return self._number(HEAD, project)

    def heads(self) -> dict[ProjectId, int]:
        return dict(self._ask(HEADS))

    def configuration(self, project: ProjectId, version: int) -> Project:
        """A project as it was applied, with today's emergency stop. ``LedgerError`` when that version is not kept."""
        rows = self._ask(DOCUMENT, project, version)
        if not rows:
            raise LedgerError(f"project {project} has no version {version}")
        return self._with_switches(_decode_project(rows[0][0]))

    def sources(self, project: ProjectId, version: int) -> dict[str, str]:
        """The files a version was made of: path inside the folder -> text."""
        rows = self._ask(SOURCES, project, version)
        if not rows:
            raise LedgerError(f"project {project} has no version {version}")
        return _decode_sources(rows[0][0])

    def history(self, project: ProjectId) -> list[Applied]:
        """What was applied, newest first."""
        return [Applied(*row) for row in self._ask(HISTORY, project)]

    def switches(self, project: ProjectId) -> Switches:
        rows = self._ask(SWITCHES, project)
        return Switches(bool(rows[0][0]), bool(rows[0][1])) if rows else Switches()

    def backfill(self, project: ProjectId, version: int) -> Backfill | None:
        rows = self._ask(BACKFILL, project, version)
        return Backfill(*rows[0]) if rows else None

    def backfills(self) -> list[Backfill]:
        return [Backfill(*row) for row in self._ask(BACKFILLS)]

    def ready_version(self, project: ProjectId) -> int:
        """Up to this version all bases stand; campaigns that need later statistics are ``preparing``."""
        return self._number(READY, project)

    def bases(
        self, project: ProjectId, person: PersonId, after_version: int, up_to_version: int
    ) -> list[tuple[StatisticId, Any]]:
        """Bases of one person, as logged, born in versions after_version < v <= up_to_version: (statistic, accumulator)."""
        return [
            (StatisticId(statistic), msgspec.msgpack.decode(accumulator, strict=False))
            for statistic, accumulator in self._ask(BASES, project, person, after_version, up_to_version)
        ]

    def cursor(self, reader: str) -> int:
        """Where a reader of the log stands; 0 before it was registered."""
        return self._number(CURSOR, reader)

    def cursors(self) -> dict[str, int]:
        return dict(self._ask(CURSORS))

    def keys(self, project: ProjectId) -> list[Key]:
        """The keys that the office itself issued for a project, beside those its configuration names."""
        return [Key(key, kind) for key, kind in self._ask(KEYS, project)]

    def _with_switches(self, project: Project) -> Project:
        switches = self.switches(project.id)
        return msgspec.structs.replace(
            project, messages_stopped=switches.messages_stopped, recording_stopped=switches.recording_stopped
        )

    def _number(self, sql: str, *values: str | int) -> int:
        rows = self._ask(sql, *values)
        return rows[0][0] or 0 if rows else 0

    def _ask(self, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
        with self._lock, translated(str(self._path)):
            return run(self._connection, sql, values)


class Office(Desk):
    """The office for the one who writes: the console process. Each method is one transaction, on disk on return."""

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or begin the papers. ``StorageFailed`` by the disk, ``TooNew`` when a newer program wrote them."""
        with translated(str(path)), opening(path):
            rewrite_wal(path)
            connection = connect(path)
            try:
                migrate(connection, "office")
                checkpoint(connection)
            except BaseException:
                connection.close()
                raise
            return cls(path, connection)

    def apply(
        self, project: Project, sources: Mapping[str, str], applied_at: Instant, comment: str = "", author: str = ""
    ) -> int:
        """Put a project in force at ``project.version``, which has to be the head's next; return it.

        ``Outdated`` when another version was applied since this one was made. A back-fill of it begins as waiting.
        """
        document = msgspec.json.encode(project).decode()
        with self._lock, self._writing():
            head = self.head(project.id)
            if project.version != head + 1:
                raise Outdated(f"project {project.id}: version {project.version} cannot follow {head}; plan it again")
            texts = msgspec.json.encode(dict(sources)).decode()
            self._ask(PUT_CONFIGURATION, project.id, project.version, document, texts, applied_at, comment, author)
            self._ask(PUT_HEAD, project.id, project.version)
            self._ask(PUT_BACKFILL, project.id, project.version, "waiting", 0, 0)
        return project.version

    def forget_versions(self, project: ProjectId, below: int) -> list[int]:
        """Drop configurations that no kept entry names: those below ``below``, never the one in force. Their numbers."""
        with self._lock, self._writing():
            head = self.head(project)
            gone = [version for (version,) in self._ask(VERSIONS_BELOW, project, below) if version != head]
            for version in gone:
                self._ask(DROP_CONFIGURATION, project, version)
        return gone

    def set_switches(self, project: ProjectId, switches: Switches) -> None:
        self._write(PUT_SWITCHES, project, int(switches.messages_stopped), int(switches.recording_stopped))

    def put_backfill(self, backfill: Backfill) -> None:
        self._write(PUT_BACKFILL, backfill.project, backfill.version, backfill.state, backfill.done, backfill.total)

    def set_ready(self, project: ProjectId, version: int) -> None:
        """From here on all bases up to ``version`` stand. Never goes back."""
        self._write(PUT_READY, project, version)

    def put_bases(
        self,
        project: ProjectId,
        version: int,
        rows: Iterable[tuple[StatisticId, PersonId, Any]],
        progress: Backfill | None = None,
    ) -> None:
        """Write bases (statistic, person as logged, accumulator), and how far that brings the back-fill, together."""
        with self._lock, self._writing():
            self._connection.executemany(
                PUT_BASE,
                [
                    (project, person, version, statistic, msgspec.msgpack.encode(accumulator))
                    for statistic, person, accumulator in rows
                ],
            )
            if progress is not None:
                self._ask(PUT_BACKFILL, progress.project, progress.version, progress.state, progress.done, progress.total)

    def drop_bases(
        self, project: ProjectId, *, statistics: Sequence[StatisticId] = (), people: Sequence[PersonId] = (), version: int = 0
    ) -> None:
        """Drop the bases of people that were erased, and those of a version: all, to begin again, or some ``statistics``'.

        A statistic that was dropped may come back in a later version; its bases there are other ones.
        """
        with self._lock, self._writing():
            for person in people:
                self._ask(DROP_BASES_OF_PERSON, project, person)
            for statistic in statistics:
                self._ask(DROP_BASES_OF_STATISTIC, project, version, statistic)
            if version and not statistics:
                self._ask(DROP_BASES_OF_VERSION, project, version)

    def load_begun(self, table: str, first: int, last: int, token: str) -> None:
        """Record that positions ``first`` to ``last`` are about to be inserted into ``table`` under ``token``.

        ``LedgerError`` while another range is open, or when this one reaches into what is loaded already.
        """
        with self._lock, self._writing():
            opened, loaded = self.open_load(table), self.loaded(table)
            if opened is not None or first <= loaded or last < first:
                raise LedgerError(f"{table}: {first}-{last} cannot be loaded; up to {loaded} is, and {opened} is open")
            self._ask(PUT_LOAD, table, first, last, token)

    def load_done(self, table: str, last: int, reader: str | None = None) -> None:
        """The open range, which ends at ``last``, is in the table. ``reader``'s cursor moves there in the same transaction."""
        with self._lock, self._writing():
            opened = self.open_load(table)
            if opened is None or opened[1] != last:
                raise LedgerError(f"{table}: the range up to {last} was not begun; {opened} is open")
            self._ask(FINISH_LOAD, table, last)
            self._ask(FORGET_LOADS, table, last)
            if reader is not None:
                self._ask(PUT_CURSOR, reader, last)

    def open_load(self, table: str) -> tuple[int, int, str] | None:
        """(first, last, token) of the range that was recorded and not finished: it is sent again, exactly so, before others."""
        rows = self._ask(OPEN_LOAD, table)
        return rows[0] if rows else None  # type: ignore[return-value]

    def loaded(self, table: str) -> int:
        """The last position that is in ``table``; 0 before the first."""
        return self._number(LAST_LOADED, table)

    def set_cursor(self, reader: str, position: int) -> None:
        """Register a reader of the log, or say how far it came. Pruning waits for every registered one."""
        self._write(PUT_CURSOR, reader, position)

    def drop_cursor(self, reader: str) -> None:
        """The reader is no more; nothing waits for it."""
        self._write(DROP_CURSOR, reader)

    def put_key(self, project: ProjectId, key: Key) -> None:
        """Issue a key. ``LedgerError`` when it already opens another project, or is of another kind."""
        with self._lock, self._writing():
            self._ask(PUT_KEY, key.key, project, key.kind)
            owner = self._ask(PROJECT_OF_KEY, key.key)[0]
            if owner != (project, key.kind):
                raise LedgerError(f"the {key.kind} key of project {project} already is a {owner[1]} key of project {owner[0]}")

    def drop_key(self, key: str) -> None:
        self._write(DROP_KEY, key)

    def _write(self, sql: str, *values: str | int) -> None:
        with self._lock, self._writing():
            self._ask(sql, *values)

    def _writing(self) -> "_Writing":
        return _Writing(self._path, self._connection)


class _Writing:
    """A transaction; afterwards the WAL is copied when it has grown. A second one inside is an error of ours."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self._path = path
        self._connection = connection
        self._transaction = transaction(connection)

    def __enter__(self) -> None:
        with translated(str(self._path)):
            self._transaction.__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> Literal[False]:
        with translated(str(self._path)):
            try:
                self._transaction.__exit__(kind, error, trace)
            finally:
                if error is None and self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)[0] > _WAL_PAGES:
                    checkpoint(self._connection)
        return False
