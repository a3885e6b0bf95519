"""Durable decisions over HTTP, as a share of what the null server answers in the same minutes.

Rounds alternate (null, edge, null, edge, ...) with both processes standing, on the same cores, under the same
requests; the load generator has the last core. Every round of the edge sends events it has never seen.
Afterwards the log is read: every event that was answered must stand in it, once.
"""

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import msgspec

from omotenashi.ledger.sqlite.log import LogReader
from omotenashi.model.entries import Event, decode

from . import workload
from .edge_server import prepare
from .load import Loaded, compiled, load
from .machine import other_cores, python
from .results import Number, Part

WANTED_SHARE = 0.4
WANTED_P99_MS = 10.0
CONNECTIONS = 64
FASTEST = 60_000
"""Requests a second that no server here reaches: how many must be laid out for a second of null."""


def measure(quick: bool) -> Part:
    """Closed loop for the share, open loop at half of what the edge managed for the latency; medians of the rounds."""
    people, rounds, seconds, warmup = (2_000, 2, 1.0, 0.3) if quick else (workload.PEOPLE, 5, 6.0, 1.0)
    with tempfile.TemporaryDirectory(prefix="omotenashi-bench-") as name:
        folder = Path(name)
        program = compiled(folder)
        data = folder / "data"
        data.mkdir()
        prepare(data, people, 200 if quick else 1_000)
        null_requests = folder / "null.requests"
        a_round = int((seconds + warmup) * FASTEST / 2)
        workload.write_requests(str(null_requests), people, a_round, 999, _now_ms())
        with served("bench.null_server", [], "null") as (null_port, _), served("bench.edge_server", [str(data)], "edge") as (edge_port, edge):
            null: list[Loaded] = []
            real: list[Loaded] = []
            half: list[Loaded] = []
            answered = 0
            for number in range(rounds):
                null.append(load(program, null_port, null_requests, count=a_round, connections=CONNECTIONS, seconds=seconds, warmup=warmup))
                mine = folder / "edge.requests"
                workload.write_requests(str(mine), people, a_round, number, _now_ms())
                real.append(load(program, edge_port, mine, count=a_round, connections=CONNECTIONS, seconds=seconds, warmup=warmup))
                answered += real[-1].sent
            rate = median(each.per_second for each in real) / 2
            for number in range(rounds):
                workload.write_requests(str(mine), people, int((seconds + warmup) * rate) + 1, 100 + number, _now_ms())
                half.append(
                    load(program, edge_port, mine, count=a_round, connections=CONNECTIONS, seconds=seconds, warmup=warmup, rate=rate)
                )
                answered += half[-1].sent
            anonymous = _resident(edge.pid)
        logged = _events_in(data / "log")
        if logged != answered:
            raise RuntimeError(f"the log: expected the {answered:,} events that were answered, found {logged:,}")
    shares = [mine.per_second / theirs.per_second for mine, theirs in zip(real, null, strict=True)]
    return Part(
        "Durable decisions over HTTP",
        (
            Number("share of the null server", median(shares), "", WANTED_SHARE, about=f"rounds from {min(shares):.2f} to {max(shares):.2f}"),
            Number("p99 at half of that load", median(each.p99_ms for each in half), "ms", WANTED_P99_MS, at_most=True),
            Number("decisions", median(each.per_second for each in real), "a second"),
            Number("null server", median(each.per_second for each in null), "a second"),
            Number("p50 at full load", median(each.p50_ms for each in real), "ms"),
            Number("p99 at full load", median(each.p99_ms for each in real), "ms"),
            Number("half of that load", rate, "a second"),
            Number("p50 at half of that load", median(each.p50_ms for each in half), "ms"),
            Number("slowest at half of that load", median(each.max_ms for each in half), "ms"),
            Number("answers with a message", 100 * sum(each.held_needle for each in real) / sum(each.measured for each in real), "%"),
            Number("events answered, each found in the log once", answered, ""),
            Number("memory of the edge afterwards", anonymous / 2**20, "MiB"),
        ),
        tuple(
            {"round": f"{kind} {number}", **{key: value for key, value in msgspec.to_builtins(each).items() if key not in ("first_failure", "exhausted")}}
            for kind, runs in (("null", null), ("edge", real), ("edge at half", half))
            for number, each in enumerate(runs)
        ),
        f"{CONNECTIONS} connections, {people:,} people by Zipf's law (exponent {workload.ZIPF_EXPONENT:g}), one event a request, "
        f"{rounds} rounds of {seconds:g} s.",
    )


@contextmanager
def served(module: str, words: list[str], title: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """A server in a process of its own, on a free port, away from the load generator's core."""
    import os

    port = free_port()
    process = subprocess.Popen(
        [python(), "-m", module, *words, str(port)], preexec_fn=lambda: os.sched_setaffinity(0, other_cores()), env=os.environ
    )
    try:
        _wait(port, process, title)
        yield port, process
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, process: "subprocess.Popen[bytes]", title: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{title}: the server ended with {process.returncode} before it listened")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{title}: the server did not listen within two minutes")


def _events_in(log: Path) -> int:
    reader = LogReader(log)
    position, found = 0, 0
    seen: set[str] = set()
    while rows := reader.read(position, 5_000):
        for position, body in rows:  # noqa: B007  the last one is where the next reading begins
            entry = decode(body)
            if isinstance(entry, Event) and entry.source == "tag":
                found += 1
                seen.add(entry.id)
    reader.close()
    return found if len(seen) == found else -1


def _now_ms() -> int:
    return int(time.time() * 1000)


def _resident(pid: int) -> int:
    from .machine import resident_bytes

    return resident_bytes(pid)
