"""The import lane, end to end: from the first byte of ``POST /v1/import`` until the warehouse has the last row."""

import http.client
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, Final

import msgspec

from omotenashi.ledger.sqlite.log import LogReader
from omotenashi.ledger.sqlite.office import Desk
from omotenashi.warehouse.sink import READER

from . import house, site, workload
from .results import Number, Part, Round

WANTED_PER_SECOND: Final = 30_000
LINES: Final = 300_000
ROUNDS: Final = 3
PATIENCE_SECONDS: Final = 300.0


def measure(quick: bool) -> Part:
    """Edge and console stand; files of sixty days' history are sent one behind the other, and each is waited for."""
    lines = 5_000 if quick else LINES
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory(prefix="omotenashi-bench-") as name:
        data = Path(name) / "data"
        house.configured(data)
        with house.edge(data, everywhere=True) as (port, edge), house.console(data, everywhere=True) as console:
            for number in range(1 if quick else ROUNDS):
                file = Path(name) / "history.ndjson"
                file.write_bytes(b"".join(_lines(lines, number * 1_000_000)))
                before = house.processor_seconds(edge), house.processor_seconds(console)
                answered_s, arrived_s = _sent(port, data, file, f"history-{number}", lines)
                after = house.processor_seconds(edge), house.processor_seconds(console)
                rounds.append(
                    {
                        "round": f"{number}",
                        "per_second": lines / arrived_s,
                        "answered_per_second": lines / answered_s,
                        "edge_us": (after[0] - before[0]) / lines * 1e6,
                        "console_us": (after[1] - before[1]) / lines * 1e6,
                    }
                )
    return Part(
        "Import",
        (
            Number("events, end to end into the warehouse", _middle(rounds, "per_second"), "a second", WANTED_PER_SECOND),
            Number("events, until the answer that they are on disk", _middle(rounds, "answered_per_second"), "a second"),
            Number("processor time of an event at the edge", _middle(rounds, "edge_us"), "µs"),
            Number("processor time of an event on its way into the warehouse", _middle(rounds, "console_us"), "µs"),
        ),
        tuple(rounds),
        f"{lines:,} lines a file, one connection, no compression; people with a few tens of events each. "
        "The people are new to the edge: every profile is made. Both processes have all cores: whoever sends a file needs none.",
    )


def _middle(rounds: list[Round], name: str) -> float:
    return median(float(each[name]) for each in rounds)


def _lines(count: int, first_person: int) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    row, person, until = 0, first_person, house.now()
    while row < count:
        for draft in workload.history(person, until):
            line: dict[str, Any] = {
                "row": row,
                "visitor": draft.visitor,
                "name": draft.name,
                "at": draft.at,
                "values": draft.values,
            }
            if draft.name == "identify":
                line = {"row": row, "visitor": draft.visitor, "name": "attribute", "at": draft.at, "values": {"rank": "gold"}}
            yield encode(line) + b"\n"
            row += 1
            if row == count:
                return
        person += 1


def _sent(port: int, data: Path, file: Path, batch: str, lines: int) -> tuple[float, float]:
    """Seconds until the edge answered, and until the warehouse had everything. Raises ``RuntimeError`` on any rejected row."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    with file.open("rb") as body:
        headers = {"authorization": f"Bearer {site.SECRET_KEY}", "content-length": str(file.stat().st_size)}
        connection.request("POST", f"/v1/import?batch={batch}", body, headers)
        response = connection.getresponse()
        told = msgspec.json.decode(response.read())
    answered_s = time.perf_counter() - begun
    connection.close()
    if response.status != 200 or told["accepted"] != lines:
        raise RuntimeError(f"the import: expected {lines:,} accepted rows, got {response.status}: {str(told)[:500]}")
    reader = LogReader(data / "log")
    last = reader.last()
    reader.close()
    desk = Desk.open(data / "office.db")
    while desk.cursor(READER) < last:
        if time.perf_counter() - begun > PATIENCE_SECONDS:
            raise RuntimeError(f"the warehouse: position {last} was not there after {PATIENCE_SECONDS:g} s")
        time.sleep(0.02)
    desk.close()
    return answered_s, time.perf_counter() - begun
