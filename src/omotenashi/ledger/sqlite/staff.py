"""The staff's file: accounts, sessions, tokens, the audit log, drafts, saved searches. The console process alone opens it.

``StaffFile`` is the connection; what stands in the tables is read and written by ``accounts``, ``audit``, ``drafts`` and
``saved``, each over one ``StaffFile``.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import apsw

from .files import checkpoint, connect, migrate, opening, rewrite_wal, run, transaction, translated

_WAL_PAGES: Final = 1_000


class StaffFile:
    """One connection, usable from several threads."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self._path = path
        self._connection = connection
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or begin the file, readable by its owner alone. ``StorageFailed`` by the disk, ``TooNew`` of a newer program's."""
        with translated(str(path)), opening(path):
            rewrite_wal(path)
            path.touch(mode=0o600)
            connection = connect(path)
            try:
                migrate(connection, "staff")
                checkpoint(connection)
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
