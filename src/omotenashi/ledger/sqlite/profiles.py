"""Profiles as packed rows, behind the log. Written by the edge alone, one transaction at a time."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self, assert_never

import apsw

from omotenashi.ledger.port import Deed, MergeWritten, PackedProfile, PeopleErased, RowsImported, UserRemembered
from omotenashi.model.ids import PersonId, ProjectId, UserId, VisitorId

from .files import checkpoint, connect, migrate, onlooker, rewrite_wal, run, sync_wal, transaction, translated

# One person's packed profile.
PROFILE = "SELECT body FROM profiles WHERE project = ?1 AND person = ?2"
# Whom a merged visitor id, or a member, is.
PERSON = "SELECT person FROM aliases WHERE project = ?1 AND kind = ?2 AND key = ?3"
# Where an import goes on.
NEXT_ROW = "SELECT next_row FROM imports WHERE project = ?1 AND batch = ?2"
# Everything up to here is contained in the rows.
SYNCED = "SELECT synced FROM meta"
# Erasures that recovery would meet again.
ERASURES = "SELECT project, person, position FROM erasures"
# Newer profiles replace older ones, never the other way round.
PUT_PROFILES = """
INSERT INTO profiles (project, person, seq, position, body) VALUES {rows}
ON CONFLICT (project, person) DO UPDATE SET seq = excluded.seq, position = excluded.position, body = excluded.body
WHERE excluded.position >= profiles.position
"""
# A profile ceases to be: absorbed, or erased.
DROP_PROFILE = "DELETE FROM profiles WHERE project = ?1 AND person = ?2 AND position <= ?3"
# A name now points to this person.
PUT_ALIAS = """
INSERT INTO aliases (project, kind, key, person) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (project, kind, key) DO UPDATE SET person = excluded.person
"""
# All names of one person become names of another.
MOVE_ALIASES = "UPDATE aliases SET person = ?3 WHERE project = ?1 AND person = ?2"
# Every name that points to a person: merged visitor ids, and the member's.
NAMES_OF = "SELECT kind, key FROM aliases WHERE project = ?1 AND person = ?2"
# Nothing points to this person any more.
DROP_ALIASES = "DELETE FROM aliases WHERE project = ?1 AND person = ?2"
# A visitor id is nobody's any more: whoever returns with it is somebody new.
DROP_VISITOR = "DELETE FROM aliases WHERE project = ?1 AND kind = 'visitor' AND key = ?2"
# An import never goes back.
PUT_NEXT_ROW = """
INSERT INTO imports (project, batch, next_row) VALUES (?1, ?2, ?3)
ON CONFLICT (project, batch) DO UPDATE SET next_row = max(next_row, excluded.next_row)
"""
# What stands before this position does not exist for this person.
PUT_ERASURE = """
INSERT INTO erasures (project, person, position) VALUES (?1, ?2, ?3)
ON CONFLICT (project, person) DO UPDATE SET position = max(position, excluded.position)
"""
# The rows now contain everything up to here.
PUT_SYNCED = "UPDATE meta SET synced = max(synced, ?1)"
# Recovery begins behind `synced`, so it cannot meet these again.
FORGET_ERASURES = "DELETE FROM erasures WHERE position <= (SELECT synced FROM meta)"

_ROWS_A_STATEMENT = 64  # rows a statement: each return from SQLite may wait for the interpreter's lock
_CHECKPOINT_FRAMES = 1_000  # copying and syncing 4,000 takes 100 ms beside the event loop


class Profiles:
    """``profiles.db``. Reads on the event loop by a connection of their own; ``write`` in any one other thread."""

    def __init__(self, path: Path, vfs: str | None) -> None:
        self._path = path
        self._vfs = vfs
        self._lock = threading.Lock()
        self._open()

    @classmethod
    def open(cls, path: Path, *, vfs: str | None = None) -> Self:
        """Open or begin the file. ``StorageFailed`` by the disk, ``TooNew`` when a newer program wrote it."""
        with translated(str(path)):
            path.parent.mkdir(parents=True, exist_ok=True)
            return cls(path, vfs)

    def _open(self) -> None:
        rewrite_wal(self._path, self._vfs)
        self._writer = connect(self._path, self._vfs)
        try:
            self._writer.pragma("synchronous", "normal")  # see `write`
            migrate(self._writer, "profiles")
            checkpoint(self._writer)
            self._reader = onlooker(self._path, self._vfs)
        except BaseException:
            self._writer.close()
            raise

    def synced(self) -> int:
        return int(self._ask(SYNCED)[0][0])

    def profile(self, project: ProjectId, person: PersonId) -> bytes | None:
        rows = self._ask(PROFILE, (project, person))
        return rows[0][0] if rows else None

    def person_of_visitor(self, project: ProjectId, visitor: VisitorId) -> PersonId | None:
        rows = self._ask(PERSON, (project, "visitor", visitor))
        return rows[0][0] if rows else None

    def person_of_user(self, project: ProjectId, user_id: UserId) -> PersonId | None:
        rows = self._ask(PERSON, (project, "user", user_id))
        return rows[0][0] if rows else None

    def next_row(self, project: ProjectId, batch: str) -> int:
        rows = self._ask(NEXT_ROW, (project, batch))
        return rows[0][0] if rows else 0

    def names_of(self, project: ProjectId, person: PersonId) -> list[tuple[str, str]]:
        return [(kind, key) for kind, key in self._ask(NAMES_OF, (project, person))]

    def erasures(self) -> dict[tuple[ProjectId, PersonId], int]:
        return {(project, person): position for project, person, position in self._ask(ERASURES)}

    def write(self, profiles: Sequence[PackedProfile], deeds: Sequence[Deed], synced: int | None) -> None:
        """All of it in one transaction: the deeds in their order, the profiles, ``synced``.

        Not synced: a power cut may take the latest transactions back, whole and newest first, ``synced`` with them, and
        then the log is read from there. So the log's own syncs never queue behind ours. ``StorageFailed`` by the
        disk: nothing of it is there, and ``reopen`` has to come next.
        """
        with self._lock, translated(str(self._path)):
            with transaction(self._writer):
                for deed in deeds:
                    self._do(deed)
                for at in range(0, len(profiles), _ROWS_A_STATEMENT):
                    self._put(profiles[at : at + _ROWS_A_STATEMENT])
                if synced is not None:
                    run(self._writer, PUT_SYNCED, (synced,))
                    run(self._writer, FORGET_ERASURES)
            frames = self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)[0]
            if frames > _CHECKPOINT_FRAMES:
                checkpoint(self._writer)

    def sync(self) -> None:
        """What was written before is still there after a power cut. ``StorageFailed`` as for ``write``."""
        with self._lock, translated(str(self._path)):
            sync_wal(self._path, self._vfs)

    def reopen(self) -> None:
        """Take the file up again after ``StorageFailed``; raises it while the disk still refuses.

        The WAL is written again, copied and emptied first, so that nothing is appended behind pages that failed to sync.
        """
        with self._lock, translated(str(self._path)):
            self._reader.close(True)
            self._writer.close(True)
            self._open()
            checkpoint(self._writer, apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def close(self) -> None:
        with self._lock, translated(str(self._path)):
            self._reader.close()
            try:
                checkpoint(self._writer, apsw.SQLITE_CHECKPOINT_TRUNCATE)
            except apsw.Error:
                pass  # the WAL stays beside the file and is read at the next start
            self._writer.close()

    def _ask(self, sql: str, values: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._reader.execute(sql, values).fetchall()
        except apsw.Error:
            with translated(str(self._path)):
                raise

    def _put(self, profiles: Sequence[PackedProfile]) -> None:
        values: list[str | int | bytes] = []
        for profile in profiles:
            values += (profile.project, profile.person, profile.seq, profile.position, profile.body)
        rows = ", ".join(["(?, ?, ?, ?, ?)"] * len(profiles))
        run(self._writer, PUT_PROFILES.format(rows=rows), tuple(values))

    def _do(self, deed: Deed) -> None:
        writer = self._writer
        match deed:
            case MergeWritten(position=position, into=into, absorbed=absorbed):
                self._put([into])
                run(writer, DROP_PROFILE, (into.project, absorbed, position))
                run(writer, MOVE_ALIASES, (into.project, absorbed, into.person))
                run(writer, PUT_ALIAS, (into.project, "visitor", absorbed, into.person))
            case UserRemembered(project=project, user_id=user_id, person=person):
                run(writer, PUT_ALIAS, (project, "user", user_id, person))
            case RowsImported(project=project, batch=batch, next_row=next_row):
                run(writer, PUT_NEXT_ROW, (project, batch, next_row))
            case PeopleErased(position=position, project=project, people=people):
                for person in people:
                    run(writer, PUT_ERASURE, (project, person, position))
                    run(writer, DROP_PROFILE, (project, person, position))
                    run(writer, DROP_ALIASES, (project, person))
                    run(writer, DROP_VISITOR, (project, person))
            case _:
                assert_never(deed)


class ProfileShelf:
    """``profiles.db`` for looking only, from another process: up to two seconds behind the edge's memory."""

    def __init__(self, path: Path) -> None:
        with translated(str(path)):
            self._connection = onlooker(path)
        self._lock = threading.Lock()

    def profile(self, project: ProjectId, person: PersonId) -> bytes | None:
        """A packed ``model.profiles.Profile``."""
        return self._first(PROFILE, (project, person))

    def person(self, project: ProjectId, name: str) -> PersonId | None:
        """The person that a member's id or a visitor id names; None when it was never seen."""
        found = self._first(PERSON, (project, "user", name)) or self._first(PERSON, (project, "visitor", name))
        if found is None and self._first(PROFILE, (project, name)) is not None:
            return PersonId(name)
        return found

    def close(self) -> None:
        self._connection.close()

    def _first(self, sql: str, values: tuple[str, ...]) -> Any:
        with self._lock, translated("profiles.db"):
            rows = run(self._connection, sql, values)
        return rows[0][0] if rows else None
