"""What was measured, as one document; `bench/RESULTS.md` is the same for people."""

from pathlib import Path

import msgspec
from msgspec import Struct

from .machine import Machine

Round = dict[str, float | str]
"""One round, as it came: ``round`` names it, the rest are numbers."""

JSON_NAME = "results.json"
MARKDOWN_NAME = "RESULTS.md"


class Number(Struct, frozen=True, omit_defaults=True):
    """One measured number. ``wanted`` is the least (or, with ``at_most``, the most) that the house asks for."""

    name: str
    value: float
    unit: str
    wanted: float | None = None
    at_most: bool = False
    about: str = ""

    @property
    def met(self) -> bool:
        """Whether it is as wanted; a number that nobody asked for is always met."""
        if self.wanted is None:
            return True
        return self.value <= self.wanted if self.at_most else self.value >= self.wanted


class Part(Struct, frozen=True, omit_defaults=True):
    """What one measurement found. ``rounds`` are the raw rounds behind the medians, as they came."""

    name: str
    numbers: tuple[Number, ...]
    rounds: tuple[Round, ...] = ()
    note: str = ""


class Results(Struct, frozen=True):
    """A whole run. Parts that were not run this time are kept from before, with the machine they were run on."""

    machine: Machine
    parts: dict[str, Part]
    quick: bool = False
    machines: dict[str, Machine] = {}
    """By part, where it was run at another moment than ``machine`` says."""


def read(folder: Path) -> Results | None:
    """The last results of this folder, None when there are none. Raises ``msgspec.ValidationError`` when they are damaged."""
    file = folder / JSON_NAME
    return msgspec.json.decode(file.read_bytes(), type=Results) if file.exists() else None


def joined(before: Results | None, machine: Machine, parts: list[Part], quick: bool) -> Results:
    """The new parts in the place of the old ones of the same name."""
    kept = dict(before.parts) if before is not None else {}
    machines = {name: before.machines.get(name, before.machine) for name in kept} if before is not None else {}
    for part in parts:
        kept[part.name] = part
        machines[part.name] = machine
    return Results(machine, kept, quick, machines)


def write(folder: Path, results: Results) -> None:
    """Both files."""
    (folder / JSON_NAME).write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n")
    (folder / MARKDOWN_NAME).write_text(markdown(results), encoding="utf-8")


def markdown(results: Results) -> str:
    """The results for people: the machine, then a table per part; a missed number says by how much."""
    m = results.machine
    lines = [
        "# Results",
        "",
        "Written by `make bench`; do not edit. What is measured, and how, stands in [README.md](README.md).",
        "",
        f"{m.processor}, {m.cores} cores, {m.memory_gib:g} GiB, {m.system}, Python {m.python}, at {m.measured_at}.",
        f"Commit {m.commit or 'unknown'}. An empty Python loop took {m.loop_ns:g} ns a turn; the load average was {m.beside:g}.",
        "Packages: " + ", ".join(f"{name} {number}" for name, number in m.packages.items()) + ".",
    ]
    if results.quick:
        lines += ["", "**A quick run: short rounds, small data. Do not compare these numbers with anything.**"]
    for part in results.parts.values():
        lines += ["", f"## {part.name}", ""]
        own = results.machines.get(part.name, m)
        if own != m:
            lines += [f"From another run: commit {own.commit or 'unknown'}, at {own.measured_at}, loop {own.loop_ns:g} ns.", ""]
        lines += ["| | measured | wanted | |", "|---|---:|---:|---|"]
        lines += [_row(number) for number in part.numbers]
        if part.note:
            lines += ["", part.note]
    return "\n".join(lines) + "\n"


def _row(number: Number) -> str:
    wanted = "" if number.wanted is None else f"{'≤' if number.at_most else '≥'} {_said(number.wanted)} {number.unit}".rstrip()
    verdict = number.about
    if not number.met and number.wanted:
        verdict = f"**missed by {abs(number.value - number.wanted) / number.wanted:.0%}** {verdict}".rstrip()
    return f"| {number.name} | {_said(number.value)} {number.unit} | {wanted} | {verdict} |".replace("  ", " ")


def _said(value: float) -> str:
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
