"""What the edge holds in memory when it has seen everybody: some thousands as objects, the rest as packed bytes."""

import tempfile
from pathlib import Path

from . import house, workload
from .load import compiled, load
from .machine import resident_bytes
from .results import Number, Part


def measure(quick: bool) -> Part:
    """One view by each of the people, once around, then what the process holds beyond what it held at the start."""
    people = 2_000 if quick else workload.PEOPLE
    with tempfile.TemporaryDirectory(prefix="omotenashi-bench-") as name:
        folder = Path(name)
        data = folder / "data"
        house.configured(data)
        house.peopled(data, people, 200 if quick else 1_000)
        program = compiled(folder)
        requests = folder / "requests"
        workload.write_one_each(requests, people, house.now())
        with house.edge(data) as (port, process):
            before = resident_bytes(process.pid)
            seen = load(program, port, requests, count=people, connections=64, seconds=600, warmup=0)
            after = resident_bytes(process.pid)
    if seen.sent != people:
        raise RuntimeError(f"the edge: expected {people:,} requests to be answered, {seen.sent:,} were")
    return Part(
        "Memory",
        (
            Number(f"the edge with {people:,} people cached", after / 2**20, "MiB"),
            Number("the edge with nobody", before / 2**20, "MiB"),
            Number("for one cached person", (after - before) / people / 1024, "KiB"),
        ),
        note="The default settings: 16,000 people as objects, the others packed. Anonymous resident memory.",
    )
