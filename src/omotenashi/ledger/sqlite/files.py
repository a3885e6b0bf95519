"""Opening a SQLite file the way the ledger needs it: WAL, full sync, the schema brought up to date, no surprises."""

import fcntl
import re
from collections.abc import Generator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import apsw

from omotenashi.ledger.port import StorageFailed, TooNew

Room = Literal["log", "profiles", "office", "staff", "recordings"]
BUSY_MS = 10_000
_PIECE = 64 * 1024  # SQLite writes less than 128 KB at once
OPENED = apsw.SQLITE_OPEN_READWRITE
CREATED = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE

_HERE = resources.files("omotenashi.ledger.sqlite")
_NAMED = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


@contextmanager
def translated(where: str) -> Generator[None]:
    """What SQLite and the file system raise becomes ``StorageFailed``, naming ``where``."""
    try:
        yield
    except (apsw.Error, OSError) as error:
        raise StorageFailed(f"{where}: {type(error).__name__}: {error}") from error


@contextmanager
def opening(path: Path) -> Generator[None]:
    """Held by whoever brings a file that several processes open into shape; the next one waits, and finds it done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + "-lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def connect(path: Path, vfs: str | None = None, *, flags: int = CREATED) -> apsw.Connection:
    """A connection in WAL mode whose commits are synced; it checkpoints only when told to, also when it is closed."""
    connection = apsw.Connection(str(path), flags=flags, vfs=vfs)
    try:
        connection.set_busy_timeout(BUSY_MS)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        connection.pragma("fullfsync", 1)  # macOS: through the drive's cache, too
        connection.pragma("wal_autocheckpoint", 0)
    except BaseException:
        connection.close()
        raise
    return connection


def rewrite_wal(path: Path, vfs: str | None = None) -> None:
    """Write the WAL of a file over itself and sync it. Only its one writer may, before it connects.

    After a failed sync the kernel may call pages clean that never reached the disk: they can be read, and no later sync
    writes them. Copied into the file they would stand there without the WAL that belongs to them, and a power cut
    would leave a mixture of both. Written again they are dirty again.
    """
    wal = path.with_name(path.name + "-wal")
    if not wal.exists():
        return
    file = _opened_wal(wal, vfs)
    try:
        size = file.xFileSize()
        for offset in range(0, size, _PIECE):
            file.xWrite(file.xRead(min(_PIECE, size - offset), offset), offset)
        file.xSync(apsw.SQLITE_SYNC_FULL)
    finally:
        file.xClose()


def sync_wal(path: Path, vfs: str | None = None) -> None:
    """Sync the commits of a file that is written without syncing each."""
    file = _opened_wal(path.with_name(path.name + "-wal"), vfs)
    try:
        file.xSync(apsw.SQLITE_SYNC_FULL)
    finally:
        file.xClose()


def _opened_wal(wal: Path, vfs: str | None) -> apsw.VFSFile:
    return apsw.VFSFile(vfs or "", str(wal), [apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_READWRITE, 0])


def onlooker(path: Path, vfs: str | None = None) -> apsw.Connection:
    """A connection that never writes; the file must be there."""
    connection = apsw.Connection(str(path), flags=OPENED, vfs=vfs)
    try:
        connection.set_busy_timeout(BUSY_MS)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.pragma("wal_autocheckpoint", 0)
        connection.pragma("query_only", 1)
    except BaseException:
        connection.close()
        raise
    return connection


def migrations(room: Room) -> list[tuple[int, str]]:
    """The numbered SQL of a room, (number, text), 1, 2, 3 ... without a gap."""
    found: list[tuple[int, str]] = []
    for file in _HERE.joinpath("migrations", room).iterdir():
        if named := _NAMED.fullmatch(file.name):
            found.append((int(named[1]), file.read_text("utf-8")))
    found.sort()
    if [number for number, _ in found] != list(range(1, len(found) + 1)):
        raise TooNew(f"the migrations of {room} are not numbered 1, 2, 3 ...: {[number for number, _ in found]}")
    return found


def schema(room: Room) -> str:
    """The whole schema of a room as it is today; equal to all migrations, one after the other."""
    return _HERE.joinpath("schema", f"{room}.sql").read_text("utf-8")


def migrate(connection: apsw.Connection, room: Room) -> None:
    """Bring a file to today's schema, each step whole or not at all. ``TooNew`` when it is already past it."""
    steps = migrations(room)
    if _version(connection) == len(steps):
        return
    with transaction(connection):
        version = _version(connection)
        if version > len(steps):
            raise TooNew(f"{connection.filename}: schema {version}, but this program knows {len(steps)}")
        for number, text in steps[version:]:
            run(connection, text)
            connection.pragma("user_version", number)


def _version(connection: apsw.Connection) -> int:
    return int(connection.pragma("user_version"))


def run(connection: apsw.Connection, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All statements of ``sql``, to their end; their rows."""
    return connection.execute(sql, values).fetchall()


@contextmanager
def transaction(connection: apsw.Connection) -> Generator[None]:
    """Everything inside is written, or nothing."""
    run(connection, "BEGIN IMMEDIATE")
    try:
        yield
        run(connection, "COMMIT")
    except BaseException:
        if connection.in_transaction:
            run(connection, "ROLLBACK")
        raise


def checkpoint(connection: apsw.Connection, mode: int = apsw.SQLITE_CHECKPOINT_PASSIVE) -> bool:
    """Copy the WAL into the file, as far as readers allow. True when nothing of the WAL is left to copy."""
    frames, copied = connection.wal_checkpoint(mode=mode)
    return frames == copied
