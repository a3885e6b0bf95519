"""``python -m bench [--quick] [PART ...]``: measure, and write `bench/RESULTS.md` and `bench/results.json`.

Without names every part is measured, each in a process of its own so that none inherits another's memory.
"""

import argparse
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import msgspec

from .machine import machine
from .results import Number, Part, joined, read, write

PARTS = ("engine", "edge", "imports", "warehouse", "typing", "report", "memory", "tag", "recorder", "pages", "replays")
"""Modules of this package with a function ``measure(quick) -> Part``."""


def told(number: Number) -> str:
    """One line for the terminal."""
    line = f"{number.name}: {number.value:,.4g} {number.unit}"
    if number.wanted is None:
        return line
    return f"{line} (wanted at {'most' if number.at_most else 'least'} {number.wanted:,g}){'' if number.met else ' MISSED'}"


def main() -> int:
    """Runs what was asked for; 1 when a wanted number was missed, so that a script can notice."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="How fast Omotenashi is on this machine.")
    parser.add_argument("parts", nargs="*", metavar="PART", help="one or more of " + ", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="short rounds and small data: does it run at all?")
    parser.add_argument("--folder", type=Path, help="where the results are written; with --quick nowhere unless it is named")
    parser.add_argument("--alone", metavar="PART", choices=PARTS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    unknown = [name for name in asked.parts if name not in PARTS]
    if unknown:
        parser.error(f"PART: expected one of {', '.join(PARTS)}, got {unknown[0]!r}")
    if asked.alone:
        part: Part = import_module(f"bench.{asked.alone}").measure(asked.quick)
        sys.stdout.buffer.write(b"\n" + msgspec.json.encode(part) + b"\n")
        return 0
    here = machine()
    folder: Path | None = asked.folder or (None if asked.quick else Path(__file__).parent)
    parts: list[Part] = []
    for name in asked.parts or PARTS:
        print(f"{name} ...", flush=True)
        command = [sys.executable, "-m", "bench", "--alone", name, *(["--quick"] if asked.quick else [])]
        ran = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        if ran.returncode != 0:
            print(f"{name}: could not be measured", file=sys.stderr)
            return 2
        part = msgspec.json.decode(ran.stdout.strip().splitlines()[-1], type=Part)
        parts.append(part)
        for number in part.numbers:
            print(f"  {told(number)}", flush=True)
        if folder is not None:
            write(folder, joined(read(folder), here, parts, asked.quick))
    return 0 if all(number.met for part in parts for number in part.numbers) else 1


if __name__ == "__main__":
    sys.exit(main())
