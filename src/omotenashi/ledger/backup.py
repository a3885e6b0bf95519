"""A copy of all stores from which the house can start again, and the way back.

The order makes the copy consistent while the servers run: what points into the log is copied before the log.

1. the office, whose cursors say what the warehouse holds, and the staff's file, then the warehouse itself;
2. the profiles, whose ``synced`` says from where the log is read again;
3. the log, oldest file first: it holds at least all that the others contain;
4. the index of recordings, then the blobs, which only ever grow while a copy runs, and the secret that visitor ids are
   made with.

The warehouse must not be written between the first and the second copy. Its owner, the console process, takes the
backup with its sink paused; with the servers stopped nothing needs care. ``manifest.json`` is written last: a folder
without it is not a backup.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import msgspec
from msgspec import Struct

from omotenashi.ledger.port import LedgerError, Occupied, StorageFailed

from .sqlite.files import onlooker, run, translated
from .sqlite.log import LogReader
from .sqlite.profiles import SYNCED

FORMAT = 1
SECRET = "edge.secret"
_MANIFEST = "manifest.json"
_TRIES = 3


class Manifest(Struct, frozen=True):
    """What a backup holds: the log from ``first`` to ``last``, profiles up to ``synced``, sizes of all files by name."""

    format: int
    first: int
    last: int
    synced: int
    files: dict[str, int]


def copy_folder(source: Path, target: Path) -> None:
    """A folder as it is, with everything in it."""
    shutil.copytree(source, target, symlinks=True)


def backup(data: Path, target: Path, copy_warehouse: Callable[[Path, Path], None] = copy_folder) -> Manifest:
    """Copy the data folder ``data`` into the new folder ``target``; see the module for who may call it when.

    ``copy_warehouse(source, target)`` may use the warehouse's own way. Raises ``Occupied`` when ``target`` holds
    anything, ``StorageFailed`` when the disk refuses; ``target`` then has no manifest and can be thrown away.
    """
    with translated(str(target)):
        if target.exists() and any(target.iterdir()):
            raise Occupied(f"{target} is not empty; a backup goes into a folder of its own")
        target.mkdir(parents=True, exist_ok=True)
        for name in ("office.db", "staff.db"):
            if (data / name).exists():
                _copy_database(data / name, target / name)
        if (data / "warehouse").exists():
            copy_warehouse(data / "warehouse", target / "warehouse")
        first, last, synced = _copy_profiles_and_log(data, target)
        if (data / "recordings.db").exists():
            _copy_database(data / "recordings.db", target / "recordings.db")
        if (data / "blobs").exists():
            _copy_blobs(data / "blobs", target / "blobs")
        if (data / SECRET).exists():
            shutil.copy2(data / SECRET, target / SECRET)
        for path in target.rglob("*"):
            _sync(path)
        manifest = Manifest(FORMAT, first, last, synced, _sizes(target))
        (target / _MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
        _sync(target / _MANIFEST)
        _sync(target)
    return manifest


def restore(source: Path, data: Path) -> Manifest:
    """Make the data folder ``data`` anew from a backup. Everything is checked and copied beside it, then it appears at once.

    Raises ``Occupied`` when ``data`` holds anything, ``LedgerError`` when ``source`` is no complete backup.
    """
    with translated(str(data)):
        if data.exists() and any(data.iterdir()):
            raise Occupied(f"{data} is not empty; a backup is only restored into a new folder")
        try:
            manifest = msgspec.json.decode((source / _MANIFEST).read_bytes(), type=Manifest)
        except FileNotFoundError:
            raise LedgerError(f"{source} is not a complete backup: it has no {_MANIFEST}") from None
        except msgspec.DecodeError as error:
            raise LedgerError(f"{source / _MANIFEST}: {error}") from None
        if manifest.format != FORMAT:
            raise LedgerError(f"{source} has format {manifest.format}, but this program knows {FORMAT}")
        sizes = _sizes(source)
        wrong = sorted(name for name in manifest.files.keys() | sizes.keys() if manifest.files.get(name) != sizes.get(name))
        if wrong:
            raise LedgerError(f"{source} is not as it was made: {', '.join(wrong[:5])}")
        beside = data.with_name(data.name + ".restoring")
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(source, beside, symlinks=True, ignore=shutil.ignore_patterns(_MANIFEST))
        for path in (*beside.rglob("*"), beside):
            _sync(path)
        if data.exists():
            data.rmdir()
        beside.rename(data)
        _sync(data.parent)
    return manifest


def _copy_profiles_and_log(data: Path, target: Path) -> tuple[int, int, int]:
    """(first, last, synced). The log may be pruned between the two copies; then both are taken again."""
    for _ in range(_TRIES):
        shutil.rmtree(target / "log", ignore_errors=True)
        (target / "profiles.db").unlink(missing_ok=True)
        synced = 0
        if (data / "profiles.db").exists():
            _copy_database(data / "profiles.db", target / "profiles.db")
            synced = _synced(target / "profiles.db")
        try:
            first, last = _copy_log(data / "log", target / "log")
        except apsw.CantOpenError:
            continue  # pruned while it was copied
        if first <= synced + 1:
            return first, last, synced
    raise StorageFailed(f"{data}: the log is pruned faster than it can be copied")


def _copy_log(source: Path, target: Path) -> tuple[int, int]:
    target.mkdir()
    for path in sorted(path for path in source.glob("*.db") if path.stem.isdigit()):
        _copy_database(path, target / path.name)
    reader = LogReader(target)
    try:
        return reader.first(), reader.last()
    finally:
        reader.close()
        for leftover in (*target.glob("*-wal"), *target.glob("*-shm")):
            leftover.unlink()


def _copy_blobs(source: Path, target: Path) -> None:
    """Every blob that stands; what is being written beside them is not there yet, or will be there under its own name."""
    for path in sorted(source.rglob("*")):
        beside = target / path.relative_to(source)
        if path.is_dir():
            beside.mkdir(parents=True, exist_ok=True)
            continue
        beside.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(path, beside)
        except FileNotFoundError:
            beside.unlink(missing_ok=True)  # renamed since it was listed


def _copy_database(source: Path, target: Path) -> None:
    """One consistent moment of a database, whoever writes it meanwhile. The copy is one file, without a WAL."""
    reading = onlooker(source)
    try:
        writing = apsw.Connection(str(target))
        try:
            with writing.backup("main", reading, "main") as copying:
                copying.step(-1)
            writing.pragma("journal_mode", "delete")
        finally:
            writing.close()
    finally:
        reading.close()


def _synced(path: Path) -> int:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return int(run(connection, SYNCED)[0][0])
    finally:
        connection.close()


def _sizes(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / _MANIFEST
    }


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
