"""The log: entries in one global order, in files that are rotated, committed in groups.

The event loop only encodes and queues. One thread commits: whatever was queued while a commit ran shares the next
one, as a single statement over one array, because every return from SQLite to a busy interpreter waits for its lock.
A second thread, the keeper, does all that may be slow: checkpoints, the next file, closing the last one.
"""

import asyncio
import fcntl
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Self, cast

import apsw
from msgspec import Struct

from omotenashi.ledger.port import Busy, InUse, LedgerError, Pruned, StorageFailed
from omotenashi.model.entries import LogEntry, decode, encode
from omotenashi.model.ids import Instant

from .files import OPENED, checkpoint, connect, migrate, onlooker, rewrite_wal, run, transaction, translated

# One group of entries, numbered from ?1 + 1 in the order of the array ?2.
COMMIT_GROUP = "INSERT INTO entries (position, body) SELECT ?1 + rowid, value FROM carray(?2)"
# From here on the file is part of the log; its entries begin at ?1.
BEGIN_FILE = "INSERT INTO head (first) VALUES (?1)"
# Where the file's entries begin; no row while it is a spare.
FIRST_OF_FILE = "SELECT first FROM head"
# The last position in the file; null when it has none yet.
LAST_OF_FILE = "SELECT max(position) FROM entries"
# Entries from ?1 on, in order, at most ?2.
READ = "SELECT position, body FROM entries WHERE position >= ?1 ORDER BY position LIMIT ?2"

_ALL_COPIED = apsw.SQLITE_CHECKPOINT_TRUNCATE
_LOOK_BACK_FOR_NOW = 1_000
_COMMIT_OVERHEAD = 8_192  # what a small commit adds to the WAL beside its bodies


class LogSettings(Struct, frozen=True):
    """``file_bytes``: a file is left for the next one beyond this. ``checkpoint_bytes``: how large a WAL may grow, about.

    ``waiting_entries`` and ``waiting_bytes`` bound what may wait for the disk before requests are refused.
    """

    file_bytes: int = 64 * 1024 * 1024
    checkpoint_bytes: int = 16 * 1024 * 1024
    waiting_entries: int = 20_000
    waiting_bytes: int = 64 * 1024 * 1024


class _Landing(asyncio.Future[str | None]):
    """What all requests of a group wait for; its result is None or why the commit failed.

    One request that goes away must not take the others with it, so nobody can cancel it: the canceller waits the
    millisecond that the commit takes.
    """

    def cancel(self, msg: object | None = None) -> bool:
        return False


class _Group:
    __slots__ = ("bodies", "first", "landing", "last", "loop", "size")

    def __init__(self, first: int, loop: asyncio.AbstractEventLoop) -> None:
        self.first = first
        self.last = first - 1
        self.bodies: list[bytes] = []
        self.size = 0
        self.loop = loop
        self.landing: _Landing | None = None


@dataclass(slots=True)
class _Recovery:
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[str | None]"


@dataclass(slots=True)
class _File:
    """A file and its connection. ``written``: bytes of entries in it, about."""

    number: int
    path: Path
    connection: apsw.Connection
    written: int = 0


class Log:
    """The one writer. Everything but ``close`` is called from one event loop's thread."""

    def __init__(self, directory: Path, settings: LogSettings, vfs: str | None, lock: int) -> None:
        self._directory = directory
        self._settings = settings
        self._vfs = vfs
        self._lock = lock
        # Belong to the event loop.
        self._appended = 0
        self._landed = 0
        self._waiting_bytes = 0
        self._failure: str | None = None
        self._recoveries = 0
        self._open: _Group | None = None
        self._outstanding: deque[_Group] = deque()
        # Belong to the commit thread, except at the opening.
        self._current: _File = cast(_File, None)
        self._since_checkpoint = 0
        self._broken: str | None = None
        self._durable = 0
        # Handed between threads whole.
        self._spare: _File | None = None
        self._spare_wanted = False
        self._firsts: dict[int, int] = {}
        self._trouble: str | None = None
        self._housework = threading.Lock()  # one of recovery, a chore, pruning
        self.last_now = Instant(0)
        """The latest ``now`` of the entries found at the opening; the decision clock goes on from there."""
        self._queue: SimpleQueue[_Group | _Recovery | None] = SimpleQueue()
        self._chores: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._committer = threading.Thread(target=self._commit_groups, name="log-commit", daemon=True)
        self._keeper = threading.Thread(target=self._keep, name="log-keeper", daemon=True)

    @classmethod
    def open(cls, directory: Path, settings: LogSettings = LogSettings(), *, vfs: str | None = None) -> Self:  # noqa: B008
        """Open or begin the log in ``directory``. ``InUse`` when another process writes it, ``StorageFailed`` by the disk."""
        with translated(str(directory)):
            directory.mkdir(parents=True, exist_ok=True)
            lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                raise InUse(f"{directory}: another process already writes this log") from None
            log = cls(directory, settings, vfs, lock)
            try:
                log._take_up()
            except BaseException:
                os.close(lock)
                raise
        log._committer.start()
        log._keeper.start()
        return log

    # --- the event loop's side ---

    @property
    def appended(self) -> int:
        """The last position given out; 0 before the first."""
        return self._appended

    @property
    def landed(self) -> int:
        """The last position on disk."""
        return self._landed

    @property
    def failure(self) -> str | None:
        """Why nothing is taken any more, until ``recover``; None while all is well."""
        return self._failure

    @property
    def recoveries(self) -> int:
        """How often the log was taken up again; whoever keeps what follows from it must then read it again."""
        return self._recoveries

    @property
    def trouble(self) -> str | None:
        """The keeper's latest complaint (a checkpoint that failed, say), or None. No reason to stop; one to look."""
        return self._trouble

    @property
    def waiting(self) -> int:
        """Entries that are queued and not yet on disk."""
        return self._appended - self._landed

    def ready(self) -> None:
        """Nothing, or ``StorageFailed``, or ``Busy`` when the queue is full. Ask before folding."""
        if self._failure is not None:
            raise StorageFailed(self._failure)
        settings = self._settings
        if self._appended - self._landed >= settings.waiting_entries or self._waiting_bytes >= settings.waiting_bytes:
            raise Busy(f"{self._appended - self._landed} entries wait for the disk")

    def append(self, entries: Sequence[LogEntry]) -> int:
        """Queue entries as one whole and return the position of the last.

        Raises ``StorageFailed`` after a failure. Raises ``Busy`` only at twice the bounds of ``ready``, so that a
        request which asked ``ready`` first and then folded is never refused here.
        """
        if self._failure is not None:
            raise StorageFailed(self._failure)
        settings = self._settings
        if self._appended - self._landed >= 2 * settings.waiting_entries or self._waiting_bytes >= 2 * settings.waiting_bytes:
            raise Busy(f"{self._appended - self._landed} entries wait for the disk")
        group = self._open
        if group is None:
            loop = asyncio.get_running_loop()
            group = self._open = _Group(self._appended + 1, loop)
            loop.call_soon(self._hand_over)
        bodies = group.bodies
        size = 0
        for entry in entries:
            body = encode(entry)
            size += len(body)
            bodies.append(body)
        group.size += size
        self._waiting_bytes += size
        self._appended = group.last = self._appended + len(entries)
        return self._appended

    async def committed(self, position: int) -> None:
        """Return once everything up to ``position`` is on disk, else raise ``StorageFailed``.

        Call it before giving up the loop after ``append``: a position that failed is given out again after ``recover``.
        """
        if position <= self._landed:
            return
        failure = await self._landing(position)
        if failure is not None:
            raise StorageFailed(failure)

    def _landing(self, position: int) -> _Landing:
        if position > self._appended:
            raise StorageFailed(self._failure or f"position {position} was not appended; the last one is {self._appended}")
        group = self._open
        if group is None or position < group.first:
            group = next(group for group in self._outstanding if group.last >= position)
        if group.landing is None:
            group.landing = _Landing(loop=group.loop)
        return group.landing

    async def recover(self) -> None:
        """Take the log up again where the disk has it; ``StorageFailed`` while it still refuses.

        Afterwards ``appended`` is what is really there. A group whose commit failed is there whole or not at all.
        """
        if self._failure is None:
            return
        loop = asyncio.get_running_loop()
        done: asyncio.Future[str | None] = loop.create_future()
        self._queue.put(_Recovery(loop, done))
        failure = await asyncio.shield(done)
        if failure is not None:
            raise StorageFailed(failure)

    async def prune(self, passed: Mapping[str, int]) -> list[Path]:
        """Unlink every file whose last entry all of ``passed`` (reader or store -> position) have passed.

        The file being written stays. With nobody registered nothing goes.
        """
        if not passed:
            return []
        return await asyncio.to_thread(self._unlink, min(passed.values()))

    def close(self) -> None:
        """Commit what is queued, then let go of the files. Waits for the disk."""
        self._hand_over()
        self._queue.put(None)
        self._committer.join()
        self._chores.put(None)
        self._keeper.join()
        with translated(str(self._directory)):
            if self._spare is not None:
                self._spare.connection.close()
            try:
                checkpoint(self._current.connection, _ALL_COPIED)
            except apsw.Error:
                pass  # the WAL stays beside the file and is read at the next start
            self._current.connection.close()
            os.close(self._lock)

    def _hand_over(self) -> None:
        group = self._open
        if group is not None:
            self._open = None
            self._outstanding.append(group)
            self._queue.put(group)

    def _land(self, groups: Sequence[_Group]) -> None:
        for group in groups:
            self._outstanding.popleft()
            self._waiting_bytes -= group.size
            if group.landing is not None:
                group.landing.set_result(None)
        self._landed = groups[-1].last

    def _fail(self, failure: str) -> None:
        if self._failure is not None:
            return
        self._failure = failure
        if self._open is not None:
            self._outstanding.append(self._open)
            self._open = None
        lost = list(self._outstanding)
        self._outstanding.clear()
        self._waiting_bytes = 0
        self._appended = self._landed
        for group in lost:
            if group.landing is not None:
                group.landing.set_result(failure)

    def _recovered(self, recovery: _Recovery, position: int, failure: str | None) -> None:
        if failure is None and self._failure is not None:
            self._failure = None
            self._recoveries += 1
            self._appended = self._landed = position
        if not recovery.done.done():
            recovery.done.set_result(failure)

    # --- the commit thread ---

    def _commit_groups(self) -> None:
        while (item := self._queue.get()) is not None:
            if isinstance(item, _Recovery):
                self._recover(item)
                continue
            groups = [item]
            following: _Group | _Recovery | None = item
            while isinstance(following, _Group):
                try:
                    following = self._queue.get_nowait()
                except Empty:
                    break
                if isinstance(following, _Group):
                    groups.append(following)
            self._commit_or_fail(groups)
            if following is None:
                return
            if isinstance(following, _Recovery):
                self._recover(following)

    def _commit_or_fail(self, groups: list[_Group]) -> None:
        loop = groups[0].loop
        if self._broken is None:
            try:
                self._commit(groups)
            except (apsw.Error, OSError) as error:
                self._broken = f"{self._current.path.name}: {type(error).__name__}: {error}"
        if self._broken is None:
            _tell(loop, lambda: self._land(groups))
        else:
            failure = self._broken
            _tell(loop, lambda: self._fail(failure))

    def _commit(self, groups: Sequence[_Group]) -> None:
        bodies = tuple(groups[0].bodies) if len(groups) == 1 else tuple(body for group in groups for body in group.bodies)
        if not bodies:
            return
        before = groups[0].first - 1
        if self._current.written >= self._settings.file_bytes and self._spare is not None:
            self._turn_over(self._spare, before, bodies)
        else:
            self._current.connection.execute(COMMIT_GROUP, (before, apsw.carray(bodies)))
        self._durable = groups[-1].last
        size = sum(group.size for group in groups)
        current = self._current
        current.written += size
        self._since_checkpoint += size + _COMMIT_OVERHEAD
        if self._since_checkpoint >= self._settings.checkpoint_bytes:
            self._since_checkpoint = 0
            self._chores.put(lambda: self._copy_wal(current.path))
        if current.written * 4 >= self._settings.file_bytes * 3 and self._spare is None and not self._spare_wanted:
            self._spare_wanted = True
            self._chores.put(lambda: self._lay_out_spare(current.number + 1))

    def _turn_over(self, fresh: _File, before: int, bodies: tuple[bytes, ...]) -> None:
        """The first group of a file and its head are one transaction: until then the file does not exist for readers."""
        with transaction(fresh.connection):
            run(fresh.connection, BEGIN_FILE, (before + 1,))
            run(fresh.connection, COMMIT_GROUP, (before, apsw.carray(bodies)))
        left, self._current, self._spare = self._current, fresh, None
        self._firsts[fresh.number] = before + 1
        self._since_checkpoint = 0
        self._chores.put(lambda: self._retire(left))

    def _recover(self, recovery: _Recovery) -> None:
        failure: str | None = None
        if self._broken is not None:
            try:
                with self._housework:
                    self._take_up_anew()
                self._broken = None
            except (apsw.Error, OSError, LedgerError) as error:
                failure = f"{type(error).__name__}: {error}"
        position = self._durable
        _tell(recovery.loop, lambda: self._recovered(recovery, position, failure))

    def _take_up_anew(self) -> None:
        """Reopen the files; go on in a new one.

        All that can be read is made durable (`rewrite_wal`) and copied, and nothing is ever appended to that WAL again.
        """
        for file in (self._current, self._spare):
            if file is not None:
                file.connection.close(True)
        self._spare, self._spare_wanted = None, False
        self._take_up()
        if not checkpoint(self._current.connection):
            raise StorageFailed(f"{self._current.path.name}: a reader holds back the copying of its WAL")
        left = self._current
        fresh = self._begin(left.number + 1, self._durable + 1)
        self._current = fresh
        self._chores.put(lambda: self._retire(left))

    # --- opening ---

    def _take_up(self) -> None:
        """Find the newest file that is part of the log, and make durable what it shows. Spares are removed."""
        self._firsts = {}
        newest: _File | None = None
        for number, path in _files(self._directory):
            if newest is not None:
                checkpoint(newest.connection)
                newest.connection.close()
            rewrite_wal(path, self._vfs)
            connection = connect(path, self._vfs)
            migrate(connection, "log")
            rows = run(connection, FIRST_OF_FILE)
            if not rows:
                connection.close()
                _unlink(path)
                newest = None
                continue
            self._firsts[number] = rows[0][0]
            newest = _File(number, path, connection)
        if newest is None and self._firsts:
            number = max(self._firsts)
            path = self._directory / f"{number:06d}.db"
            newest = _File(number, path, connect(path, self._vfs))
        if newest is None:
            newest = self._begin(1, 1)
        first = self._firsts[newest.number]
        last = run(newest.connection, LAST_OF_FILE)[0][0]
        self._durable = first - 1 if last is None else last
        if not self._committer.is_alive():
            self._appended = self._landed = self._durable
        checkpoint(newest.connection)
        newest.written = newest.path.stat().st_size
        self._current = newest
        self._since_checkpoint = 0
        reader = LogReader(self._directory, vfs=self._vfs)
        try:
            after = max(min(self._firsts.values()) - 1, self._durable - _LOOK_BACK_FOR_NOW)
            rows = reader.read(after, _LOOK_BACK_FOR_NOW)
        finally:
            reader.close()
        self.last_now = max((decode(body).now for _, body in rows), default=self.last_now)

    def _begin(self, number: int, first: int) -> _File:
        file = self._lay_out(number)
        with transaction(file.connection):
            run(file.connection, BEGIN_FILE, (first,))
        self._firsts[number] = first
        return file

    def _lay_out(self, number: int) -> _File:
        path = self._directory / f"{number:06d}.db"
        connection = connect(path, self._vfs)
        migrate(connection, "log")
        checkpoint(connection)
        directory = os.open(self._directory, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(directory)  # the file's name, too, must survive
        finally:
            os.close(directory)
        return _File(number, path, connection)

    # --- the keeper ---

    def _keep(self) -> None:
        while (chore := self._chores.get()) is not None:
            try:
                with self._housework:
                    chore()
            except (apsw.Error, OSError, LedgerError) as error:
                self._trouble = f"{type(error).__name__}: {error}"

    def _copy_wal(self, path: Path) -> None:
        if path != self._current.path:
            return  # its retirement copies the rest
        connection = connect(path, self._vfs, flags=OPENED)
        try:
            checkpoint(connection)
            self._trouble = None
        finally:
            connection.close()

    def _lay_out_spare(self, number: int) -> None:
        try:
            if number == self._current.number + 1:
                self._spare = self._lay_out(number)
        finally:
            self._spare_wanted = False

    def _retire(self, left: _File) -> None:
        try:
            checkpoint(left.connection, _ALL_COPIED)
        finally:
            left.connection.close(True)

    def _unlink(self, passed: int) -> list[Path]:
        gone: list[Path] = []
        with self._housework, translated(str(self._directory)):
            numbers = sorted(self._firsts)
            for number, following in pairwise(numbers):
                if self._firsts[following] - 1 > passed:
                    break
                path = self._directory / f"{number:06d}.db"
                _unlink(path)
                del self._firsts[number]
                gone.append(path)
        return gone


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(what)
    except RuntimeError:
        pass  # the loop has closed: nobody waits any more


def _files(directory: Path) -> list[tuple[int, Path]]:
    found = [(int(path.stem), path) for path in directory.glob("*.db") if path.stem.isdigit()]
    found.sort()
    return found


def _unlink(path: Path) -> None:
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)


class LogReader:
    """Reads the log, from any process, without ever standing in the writer's way. Not for two threads at once."""

    def __init__(self, directory: Path, *, vfs: str | None = None) -> None:
        self._directory = directory
        self._vfs = vfs
        self._firsts: list[tuple[int, int]] = []  # (first position, number), ascending
        self._number = 0
        self._connection: apsw.Connection | None = None

    def read(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Up to ``limit`` (position, packed entry) above ``after``, in order; [] at the end.

        Raises ``Pruned`` when entries above ``after`` are no longer kept, ``StorageFailed`` when the disk refuses.
        """
        rows: list[tuple[int, bytes]] = []
        wanted = after + 1
        with translated(str(self._directory)):
            looked = False
            while len(rows) < limit:
                number = self._holding(wanted)
                if number is None:
                    if not looked:
                        self._look()
                        looked = True
                        continue
                    if not self._firsts:
                        break
                    raise Pruned(wanted, self._firsts[0][0])
                try:
                    got = cast("list[tuple[int, bytes]]", self._read(number, wanted, limit - len(rows)))
                except (apsw.CantOpenError, apsw.IOError) as error:
                    if not _went_away(error):
                        raise
                    self._look()
                    if self._firsts and self._holding(wanted) is None:
                        raise Pruned(wanted, self._firsts[0][0]) from None
                    raise
                rows += got
                wanted += len(got)
                if len(rows) >= limit:
                    break
                self._look()
                newest = self._firsts[-1][1] if self._firsts else number
                if newest <= number:
                    break  # nothing newer: this was the end
                if not got and self._holding(wanted) == number and self._read(number, wanted, 1) == []:
                    raise StorageFailed(f"{self._directory}: position {wanted} is in no file")
        return rows

    def last(self) -> int:
        """The last committed position; 0 when there is none."""
        with translated(str(self._directory)):
            self._look()
            if not self._firsts:
                return 0
            first, number = self._firsts[-1]
            last = run(self._file(number), LAST_OF_FILE)[0][0]
            return first - 1 if last is None else last

    def first(self) -> int:
        """The oldest position that is kept, or would be the next; 1 for a log that has not begun."""
        with translated(str(self._directory)):
            self._look()
            return self._firsts[0][0] if self._firsts else 1

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection, self._number = None, 0

    def _holding(self, position: int) -> int | None:
        for first, number in reversed(self._firsts):
            if first <= position:
                return number
        return None

    def _look(self) -> None:
        """See which files there are now. A file counts once its head is committed."""
        known = {number: first for first, number in self._firsts}
        present = _files(self._directory)
        firsts: list[tuple[int, int]] = []
        for number, path in present:
            first = known.get(number)
            if first is None:
                first = self._first_of(path)
            if first is not None:
                firsts.append((first, number))
        self._firsts = firsts

    def _first_of(self, path: Path) -> int | None:
        try:
            with closing(onlooker(path, self._vfs)) as connection:
                rows = run(connection, FIRST_OF_FILE)
        except apsw.SQLError:
            return None  # a spare without its tables yet
        except (apsw.CantOpenError, apsw.IOError) as error:
            if not _went_away(error):
                raise
            return None  # just pruned, or a spare that was removed
        return rows[0][0] if rows else None

    def _read(self, number: int, wanted: int, limit: int) -> list[tuple[int, ...]]:
        return run(self._file(number), READ, (wanted, limit))

    def _file(self, number: int) -> apsw.Connection:
        if self._connection is None or self._number != number:
            self.close()
            path = self._directory / f"{number:06d}.db"
            _sync_wal(path)
            self._connection = onlooker(path, self._vfs)
            self._number = number
        return self._connection


def _went_away(error: apsw.Error) -> bool:
    """Whether a file was unlinked before it was opened, or while: SQLite opens the WAL last, and finds no file it belongs to."""
    code: int = getattr(error, "extendedresult", 0)
    return isinstance(error, apsw.CantOpenError) or code in (apsw.SQLITE_IOERR_FSTAT, apsw.SQLITE_IOERR_DELETE_NOENT)


def _sync_wal(path: Path) -> None:
    """After a killed writer the first to open the file finds commits that never were synced; make them so before use."""
    try:
        wal = os.open(path.with_name(path.name + "-wal"), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fsync(wal)
    finally:
        os.close(wal)


def entries(rows: Iterable[tuple[int, bytes]]) -> list[tuple[int, LogEntry]]:
    """What ``read`` gave, decoded."""
    return [(position, decode(body)) for position, body in rows]
