"""A backup brings everything back: the warehouse opens again, and visitor ids are made with the same secret."""

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from omotenashi.cli import cli
from omotenashi.settings import secret

WAREHOUSE = """
import sys
from pathlib import Path
from omotenashi.warehouse.store import open_store
store = open_store(Path(sys.argv[1]))
if sys.argv[2] == "write":
    store.run("INSERT INTO people (project, person, position) VALUES ('midori', 'hanako', 7)")
print(store.ask("SELECT project, person, position FROM people"))
store.close()
"""


def warehouse(folder: Path, what: str) -> str:
    """In a process of its own: a process can open one warehouse only."""
    done = subprocess.run(
        [sys.executable, "-c", WAREHOUSE, str(folder), what],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    return done.stdout.strip()


def test_what_is_restored_opens_again_with_everything_in_it(tmp_path: Path) -> None:
    data, copy, again = tmp_path / "data", tmp_path / "copy", tmp_path / "again"
    written = warehouse(data / "warehouse", "write")
    made = secret(data / "edge.secret")
    assert CliRunner().invoke(cli, ["--data", str(data), "backup", str(copy)]).exit_code == 0
    assert CliRunner().invoke(cli, ["--data", str(again), "restore", str(copy)]).exit_code == 0
    assert warehouse(again / "warehouse", "read") == written == "[('midori', 'hanako', 7)]"
    assert secret(again / "edge.secret") == made


def test_a_restore_never_overwrites_and_a_damaged_copy_is_told(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    secret(data / "edge.secret")
    CliRunner().invoke(cli, ["--data", str(data), "backup", str(copy)])
    over = CliRunner().invoke(cli, ["--data", str(data), "restore", str(copy)])
    assert (over.exit_code, "is not empty" in over.output) == (1, True)
    (copy / "edge.secret").write_text("cut")
    damaged = CliRunner().invoke(cli, ["--data", str(tmp_path / "new"), "restore", str(copy)])
    assert (damaged.exit_code, "is not as it was made: edge.secret" in damaged.output) == (1, True)
    assert not (tmp_path / "new").exists()
