"""Which machine the numbers are from, and how processes are kept out of each other's way on it."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from msgspec import Struct

PACKAGES: Final = ("uvicorn", "uvloop", "httptools", "msgspec", "apsw", "chdb-core", "python-liquid")


class Machine(Struct, frozen=True):
    """A processor by its own name, the cores this process may use, memory in GiB, versions, and when it was."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str
    packages: dict[str, str]
    commit: str
    measured_at: str
    loop_ns: float
    """Nanoseconds of one turn of an empty Python loop: how fast a core was while this ran."""
    beside: float
    """Load average of the last minute at the beginning: 0 when nobody else was there."""


def machine() -> Machine:
    """This machine, now."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(pages / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        packages={name: version(name) for name in PACKAGES},
        commit=commit.stdout.strip(),
        measured_at=datetime.now(UTC).isoformat(timespec="minutes"),
        loop_ns=round(loop_ns(), 1),
        beside=round(os.getloadavg()[0], 2),
    )


def loop_ns() -> float:
    """The median of five short measurements of an empty loop."""
    from time import perf_counter_ns

    found: list[float] = []
    for _ in range(5):
        begun = perf_counter_ns()
        for _ in range(200_000):
            pass
        found.append((perf_counter_ns() - begun) / 200_000)
    return sorted(found)[2]


def _processor() -> str:
    named = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in named.read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor()


def last_core() -> set[int]:
    """Where the load generator runs."""
    return {max(os.sched_getaffinity(0))}


def other_cores() -> set[int]:
    """Where a server under measurement runs: every core but the load generator's, if there is another."""
    return (os.sched_getaffinity(0) - last_core()) or os.sched_getaffinity(0)


def resident_bytes(pid: int) -> int:
    """Memory that a process holds now, without what it shares by file."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid}: expected RssAnon in its status")


def python() -> str:
    """The interpreter that other processes of a measurement are started with."""
    return sys.executable
