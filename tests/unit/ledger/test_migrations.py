"""Old files become today's files, and today's files are what `schema` says."""

from pathlib import Path

import apsw
import pytest

from omotenashi.ledger.port import TooNew
from omotenashi.ledger.sqlite.files import Room, connect, migrate, migrations, run, schema

ROOMS: list[Room] = ["log", "profiles", "office", "staff", "recordings"]


def shape(connection: apsw.Connection) -> list[tuple[object, ...]]:
    return run(connection, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")


@pytest.mark.parametrize("room", ROOMS)
def test_the_schema_is_all_migrations_one_after_the_other(room: Room, tmp_path: Path) -> None:
    migrated = connect(tmp_path / "migrated.db")
    migrate(migrated, room)
    written = connect(tmp_path / "written.db")
    run(written, schema(room))
    assert shape(migrated) == shape(written)
    assert len(shape(migrated)) > 1
    migrated.close()
    written.close()


@pytest.mark.parametrize("room", ROOMS)
def test_migrating_twice_changes_nothing(room: Room, tmp_path: Path) -> None:
    connection = connect(tmp_path / "file.db")
    migrate(connection, room)
    before = shape(connection)
    migrate(connection, room)
    assert shape(connection) == before
    assert connection.pragma("user_version") == len(migrations(room))
    connection.close()


@pytest.mark.parametrize("room", ROOMS)
def test_a_file_of_a_newer_program_is_refused(room: Room, tmp_path: Path) -> None:
    connection = connect(tmp_path / "file.db")
    migrate(connection, room)
    connection.pragma("user_version", 99)
    with pytest.raises(TooNew, match="schema 99, but this program knows"):
        migrate(connection, room)
    connection.close()


def test_commits_are_synced_and_nothing_is_checkpointed_behind_our_back(tmp_path: Path) -> None:
    connection = connect(tmp_path / "file.db")
    assert connection.pragma("journal_mode") == "wal"
    assert connection.pragma("synchronous") == 2
    assert connection.pragma("wal_autocheckpoint") == 0
    connection.close()
