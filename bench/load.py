"""Runs `load.c`: compiled when first needed, pinned to the last core, its report read into a struct."""

import os
import shutil
import subprocess
from pathlib import Path

import msgspec
from msgspec import Struct

from .machine import last_core


class Loaded(Struct, frozen=True):
    """What one run of the generator saw. Latencies are in ms; with a rate they count from the intended start."""

    connections: int
    rate: float
    seconds: float
    sent: int
    measured: int
    per_second: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    status_2xx: int
    status_4xx: int
    status_5xx: int
    failures: int
    held_needle: int
    begun_late: int
    exhausted: bool
    first_failure: str


def compiled(folder: Path) -> Path:
    """The generator's program in ``folder``. Raises ``RuntimeError`` without a C compiler, or off Linux."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or os.uname().sysname != "Linux":
        raise RuntimeError("the load generator: expected Linux and a C compiler named gcc or cc")
    program = folder / "load"
    source = Path(__file__).with_name("load.c")
    subprocess.run([compiler, "-O2", "-std=gnu11", "-o", str(program), str(source)], check=True)
    return program


def load(
    program: Path,
    port: int,
    requests: Path,
    *,
    count: int,
    connections: int,
    seconds: float,
    warmup: float,
    rate: float = 0,
    needle: str = '"html":',
) -> Loaded:
    """One run over the first ``count`` requests. ``RuntimeError`` when an answer was not 2xx."""
    words = (port, requests, 0, count, connections, seconds, warmup, rate, needle)
    ran = subprocess.run(
        [str(program), *map(str, words)],
        capture_output=True,
        check=False,
        timeout=seconds + warmup + 60,
        preexec_fn=lambda: os.sched_setaffinity(0, last_core()),
    )
    if ran.returncode != 0:
        raise RuntimeError(ran.stderr.decode().strip() or f"load ended with {ran.returncode}")
    loaded = msgspec.json.decode(ran.stdout, type=Loaded)
    if loaded.failures:
        raise RuntimeError(f"{loaded.failures} of {loaded.sent} answers were not 2xx; the first: {loaded.first_failure}")
    return loaded
