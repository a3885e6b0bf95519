"""The house under measurement: its real processes, on a data folder that was filled as an earlier life would have.

Only the rate limits differ from production: the load comes from one address, and the most active of the people is
more active than any browser.
"""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final

import httpx

from omotenashi.boot.serving import running
from omotenashi.engine.plan import build
from omotenashi.ledger.port import PackedProfile
from omotenashi.ledger.sqlite.office import Office
from omotenashi.ledger.sqlite.profiles import Profiles
from omotenashi.model.ids import Instant, PersonId
from omotenashi.model.profiles import unpack

from . import site, workload
from .machine import other_cores, python

CHUNK: Final = 2_000
START_SECONDS: Final = 120.0
NO_LIMIT: Final = str(10**9)

Process = subprocess.Popen[bytes]


def configured(folder: Path) -> int:
    """Writes the site's configuration into a data folder, its statistics ready; the version."""
    folder.mkdir(parents=True, exist_ok=True)
    office = Office.open(folder / "office.db")
    version = office.apply(site.project(), {}, now())
    office.set_ready(site.PROJECT, version)
    office.close()
    return version


def peopled(folder: Path, people: int, different: int) -> None:
    """Writes everybody's profile, as an edge that ran for sixty days left it. Call after `configured`."""
    plan = build(site.project(), 1)
    rows = Profiles.open(folder / "profiles.db")
    chunk: list[PackedProfile] = []
    for packed in workload.people(people, plan, Instant(now() - 3_600_000), different):
        profile = unpack(packed)
        chunk.append(PackedProfile(site.PROJECT, PersonId(profile.person), profile.seq, packed, 0))
        if len(chunk) == CHUNK:
            rows.write(chunk, (), None)
            chunk = []
    rows.write(chunk, (), None)
    rows.close()


def now() -> Instant:
    """The wall clock, in ms."""
    return Instant(time.time_ns() // 1_000_000)


@contextlib.contextmanager
def null_server() -> Generator[tuple[int, Process]]:
    """The null server on a free port."""
    port = _free_port()
    with _process([python(), "-m", "bench.null_server", str(port)], {}) as process:
        _until(process, lambda: _listens(port))
        yield port, process


@contextlib.contextmanager
def edge(folder: Path, *, everywhere: bool = False) -> Generator[tuple[int, Process]]:
    """``omotenashi edge`` on a free port. ``everywhere``: as for `console`."""
    settings = {
        "PORT": "0",
        "INTERNAL_PORT": "0",
        "VISITOR_REQUESTS_PER_MINUTE": NO_LIMIT,
        "ADDRESS_REQUESTS_PER_MINUTE": NO_LIMIT,
    }
    with _omotenashi("edge", folder, settings, everywhere=everywhere) as process:
        yield httpx.URL(running(folder, "edge")["public"]).port or 80, process


@contextlib.contextmanager
def console(folder: Path, *, everywhere: bool = False) -> Generator[Process]:
    """``omotenashi console`` on a free port: the staff API and the worker that carries the log into the warehouse.

    ``everywhere``: on every core, where no load generator wants one for itself.
    """
    with _omotenashi("console", folder, {"CONSOLE_PORT": "0"}, everywhere=everywhere) as process:
        yield process


@contextlib.contextmanager
def _omotenashi(command: str, folder: Path, settings: dict[str, str], *, everywhere: bool = False) -> Generator[Process]:
    told = {"OMOTENASHI_DATA": str(folder), "OMOTENASHI_LOG_LEVEL": "error"}
    told |= {f"OMOTENASHI_{name}": value for name, value in settings.items()}
    with _process([python(), "-m", "omotenashi", command], told, everywhere=everywhere) as process:
        _until(process, lambda: running(folder, command).get("pid") == process.pid)
        yield process


@contextlib.contextmanager
def _process(words: list[str], environment: dict[str, str], *, everywhere: bool = False) -> Generator[Process]:
    """A process away from the load generator's core, asked to stop at the end and waited for."""
    cores = os.sched_getaffinity(0) if everywhere else other_cores()
    process = subprocess.Popen(words, env={**os.environ, **environment}, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until(process: Process, answers: Callable[[], bool]) -> None:
    until = time.monotonic() + START_SECONDS
    while not answers():
        if process.poll() is not None:
            raise RuntimeError(f"{process.args}: ended with {process.returncode} before it answered")
        if time.monotonic() > until:
            raise RuntimeError(f"{process.args}: did not answer within {START_SECONDS:g} s")
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def processor_seconds(process: Process) -> float:
    """Processor time that all threads of a process have used so far."""
    words = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
