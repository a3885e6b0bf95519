"""A warehouse is copied while its engine unlinks and merges parts, and the copy opens with everything in it."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from omotenashi.warehouse.copying import copy_open
from omotenashi.warehouse.store import Store, open_store

COUNTED = """
import sys
from pathlib import Path
from omotenashi.warehouse.store import open_store
store = open_store(Path(sys.argv[1]))
print(store.ask("SELECT count(), uniqExact(person) FROM people WHERE project = 'kept'"))
store.close()
"""
FOLDER = "SELECT path FROM system.disks WHERE name = 'default'"


def counted(folder: Path) -> str:
    """In a process of its own: a process can open one warehouse only."""
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, str(folder)],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    return done.stdout


def test_a_copy_is_whole_although_parts_come_and_go_meanwhile(store: Store, tmp_path: Path) -> None:
    ((path,),) = store.ask(FOLDER)
    source = Path(str(path))
    for part in range(12):
        rows = ", ".join(f"('kept', 'p{part}-{n}', {n})" for n in range(50))
        store.run(f"INSERT INTO people (project, person, position) VALUES {rows}")
    other = open_store(source)
    copying = threading.Event()

    def come_and_go() -> None:
        copying.wait(10)
        for n in range(40):
            other.run(f"INSERT INTO sessions (project, person, session, started_at, position) VALUES ('gone', 'p', 's', 1, {n})")
            other.run("TRUNCATE TABLE sessions")

    churn = threading.Thread(target=come_and_go)
    churn.start()
    try:
        copying.set()
        copy_open(store, source, tmp_path / "copy")
    finally:
        churn.join()
        other.close()
    assert "(600, 600)" in counted(tmp_path / "copy")
    store.run("OPTIMIZE TABLE people FINAL")  # merges go on
    assert store.ask("SELECT count() FROM people WHERE project = 'kept'") == [(600,)]


def test_when_files_vanish_while_they_are_copied_all_is_copied_again(store: Store, tmp_path: Path) -> None:
    source, target = tmp_path / "files", tmp_path / "copy"
    (source / "part").mkdir(parents=True)
    for n in range(3000):
        (source / "part" / str(n)).write_bytes(b"x" * 100)
    kept = [str(n) for n in range(10)]
    last_first = [Path(entry) for entry in reversed(list(os.scandir(source / "part"))) if entry.name not in kept]

    def unlink() -> None:
        while not (target / "part").exists():
            pass
        for file in last_first:
            file.unlink()

    unlinking = threading.Thread(target=unlink)
    unlinking.start()
    copy_open(store, source, target)
    unlinking.join()
    assert {file.name for file in (target / "part").iterdir()} >= set(kept)


def test_a_disk_that_refuses_is_told_and_merges_go_on(store: Store, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "in the way").write_text("a file")
    with pytest.raises(FileExistsError):
        copy_open(store, tmp_path / "files", tmp_path / "in the way")
    store.run("OPTIMIZE TABLE people FINAL")
