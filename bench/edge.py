"""Durable decisions over HTTP, as a share of what the null server answers in the same minutes.

Rounds alternate (null, edge, null, edge, ...) with both processes standing, on the same cores, under the same
requests; the load generator has the last core. Every round of the edge sends events it has never seen.
Afterwards the log is read: every event that was answered must stand in it, once.
"""

import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from msgspec import Struct

from omotenashi.ledger.sqlite.log import LogReader
from omotenashi.model.entries import Event, decode

from . import house, workload
from .load import Loaded, compiled, load
from .machine import resident_bytes
from .results import Number, Part, Round

WANTED_SHARE: Final = 0.4
WANTED_P99_MS: Final = 10.0
CONNECTIONS: Final = 64
LAID_OUT: Final = 45_000
"""Requests for one second of a closed loop: more than the null server answers."""
LAID_OUT_FOR_EDGE: Final = 25_000


class Length(Struct, frozen=True):
    """How long to measure."""

    people: int
    different: int
    rounds: int
    seconds: float
    warmup: float


LONG: Final = Length(workload.PEOPLE, 1_000, 5, 6.0, 1.0)
SHORT: Final = Length(2_000, 200, 2, 1.0, 0.3)


class Measured(Struct):
    """A round: what the generator saw, and the processor time the server spent on a request, in µs."""

    loaded: Loaded
    cost_us: float


def measure(quick: bool) -> Part:
    """Closed loop for the share, open loop at half of what the edge managed for the latency; medians of the rounds."""
    length = SHORT if quick else LONG
    with tempfile.TemporaryDirectory(prefix="omotenashi-bench-") as name:
        folder = Path(name)
        data = folder / "data"
        house.configured(data)
        house.peopled(data, length.people, length.different)
        with house.null_server() as null_server, house.edge(data) as edge_server:
            null, real = _shares(folder, length, null_server, edge_server)
            rate = median(each.loaded.per_second for each in real) / 2
            half = _at(rate, folder, length, edge_server)
            memory = resident_bytes(edge_server[1].pid)
        answered = sum(each.loaded.sent for each in (*real, *half))
        logged = _events_in(data / "log")
    if logged != answered:
        raise RuntimeError(f"the log: expected each of the {answered:,} answered events once, found {logged:,}")
    return _part(length, null, real, half, rate, answered, memory)


def _shares(
    folder: Path, length: Length, null_server: tuple[int, house.Process], edge_server: tuple[int, house.Process]
) -> tuple[list[Measured], list[Measured]]:
    program = compiled(folder)
    lasts = length.seconds + length.warmup
    for_null, for_edge = folder / "null.requests", folder / "edge.requests"
    workload.write_requests(for_null, length.people, int(lasts * LAID_OUT), 999, house.now())
    null: list[Measured] = []
    real: list[Measured] = []
    for number in range(length.rounds):
        workload.write_requests(for_edge, length.people, int(lasts * LAID_OUT_FOR_EDGE), number, house.now())
        null.append(_round(program, null_server, for_null, int(lasts * LAID_OUT), length, 0))
        real.append(_round(program, edge_server, for_edge, int(lasts * LAID_OUT_FOR_EDGE), length, 0))
    return null, real


def _at(rate: float, folder: Path, length: Length, edge_server: tuple[int, house.Process]) -> list[Measured]:
    program, requests = folder / "load", folder / "edge.requests"
    count = int((length.seconds + length.warmup) * rate) + 1
    found: list[Measured] = []
    for number in range(length.rounds):
        workload.write_requests(requests, length.people, count, 100 + number, house.now())
        found.append(_round(program, edge_server, requests, count, length, rate))
    return found


def _round(program: Path, server: tuple[int, house.Process], requests: Path, count: int, length: Length, rate: float) -> Measured:
    port, process = server
    before = house.processor_seconds(process)
    loaded = load(
        program, port, requests, count=count, connections=CONNECTIONS, seconds=length.seconds, warmup=length.warmup, rate=rate
    )
    return Measured(loaded, (house.processor_seconds(process) - before) / loaded.sent * 1e6)


def _part(
    length: Length, null: list[Measured], real: list[Measured], half: list[Measured], rate: float, answered: int, memory: int
) -> Part:
    shares = [mine.loaded.per_second / theirs.loaded.per_second for mine, theirs in zip(real, null, strict=True)]
    with_message = sum(each.loaded.held_needle for each in real) / sum(each.loaded.measured for each in real)
    spread = f"rounds from {min(shares):.2f} to {max(shares):.2f}"
    return Part(
        "Durable decisions over HTTP",
        (
            Number("share of the null server", median(shares), "", WANTED_SHARE, about=spread),
            Number("p99 at half of that load", _middle(half, "p99_ms"), "ms", WANTED_P99_MS, at_most=True),
            Number("decisions", _middle(real, "per_second"), "a second"),
            Number("null server", _middle(null, "per_second"), "a second"),
            Number("processor time of a decision", median(each.cost_us for each in real), "µs"),
            Number("processor time of a null answer", median(each.cost_us for each in null), "µs"),
            Number("p50 at full load", _middle(real, "p50_ms"), "ms"),
            Number("p99 at full load", _middle(real, "p99_ms"), "ms"),
            Number("half of that load", rate, "a second"),
            Number("p50 at half of that load", _middle(half, "p50_ms"), "ms"),
            Number("slowest at half of that load", _middle(half, "max_ms"), "ms"),
            Number("answers with a message", 100 * with_message, "%"),
            Number("events answered, each found in the log once", answered, ""),
            Number("memory of the edge afterwards", memory / 2**20, "MiB"),
        ),
        tuple(
            _told(f"{kind} {number}", each)
            for kind, rounds in (("null", null), ("edge", real), ("edge at half", half))
            for number, each in enumerate(rounds)
        ),
        f"{CONNECTIONS} connections, {length.people:,} people by Zipf's law (exponent {workload.ZIPF_EXPONENT:g}), one event a "
        f"request, {length.rounds} rounds of {length.seconds:g} s each. Processor time counts every thread of the server.",
    )


def _middle(rounds: list[Measured], name: str) -> float:
    return median(float(getattr(each.loaded, name)) for each in rounds)


def _told(name: str, each: Measured) -> Round:
    loaded = each.loaded
    return {
        "round": name,
        "per_second": loaded.per_second,
        "p50_ms": loaded.p50_ms,
        "p90_ms": loaded.p90_ms,
        "p99_ms": loaded.p99_ms,
        "p999_ms": loaded.p999_ms,
        "max_ms": loaded.max_ms,
        "sent": loaded.sent,
        "begun_late": loaded.begun_late,
        "with_message": loaded.held_needle,
        "cost_us": round(each.cost_us, 2),
    }


def _events_in(log: Path) -> int:
    """How many events of pages stand in the log; -1 when one stands there twice."""
    reader = LogReader(log)
    position, found = 0, 0
    seen: set[str] = set()
    while rows := reader.read(position, 5_000):
        position = rows[-1][0]
        for _, body in rows:
            entry = decode(body)
            if isinstance(entry, Event) and entry.source == "tag":
                found += 1
                seen.add(entry.id)
    reader.close()
    return found if len(seen) == found else -1
