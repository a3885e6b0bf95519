"""Measurements are read back as they were written, and judged by what was wanted."""

import os
from pathlib import Path

import msgspec
import pytest
from bench.machine import Machine, machine
from bench.results import Number, Part, Results, joined, markdown, read, write

HERE = Machine("A processor", 2, 8.0, "Linux 6", "3.11.7", {"msgspec": "0.22"}, "abc1234", "2026-11-21T21:00+00:00", 25.0, 0.1)
LATER = msgspec.structs.replace(HERE, measured_at="2026-11-22T09:00+00:00", commit="def5678")


def part(name: str, value: float) -> Part:
    return Part(name, (Number("decisions", value, "a second", 100.0),), ({"round": "0", "per_second": value},))


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    results = joined(None, HERE, [part("Engine", 120.0), part("Edge", 50.0)], quick=False)
    write(tmp_path, results)
    assert read(tmp_path) == results


def test_a_folder_without_results_has_none(tmp_path: Path) -> None:
    assert read(tmp_path) is None


def test_damaged_results_are_refused(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"machine": {}, "parts": {}}')
    with pytest.raises(msgspec.ValidationError, match="processor"):
        read(tmp_path)


def test_a_part_that_was_not_run_again_keeps_its_own_machine() -> None:
    before = joined(None, HERE, [part("Engine", 120.0), part("Edge", 50.0)], quick=False)
    after = joined(before, LATER, [part("Edge", 130.0)], quick=False)
    assert after.parts["Engine"] == before.parts["Engine"]
    assert after.parts["Edge"].numbers[0].value == 130.0
    assert after.machines == {"Engine": HERE, "Edge": LATER}
    assert "From another run: commit abc1234" in markdown(after)


@pytest.mark.parametrize(
    ("number", "met"),
    [
        (Number("share", 0.4, "", 0.4), True),
        (Number("share", 0.39, "", 0.4), False),
        (Number("p99", 10.0, "ms", 10.0, at_most=True), True),
        (Number("p99", 10.1, "ms", 10.0, at_most=True), False),
        (Number("memory", 900.0, "MiB"), True),
    ],
)
def test_a_number_is_met_at_its_bound_and_missed_beyond_it(number: Number, met: bool) -> None:
    assert number.met is met


def test_a_missed_number_says_by_how_much() -> None:
    assert "**missed by 50%**" in markdown(Results(HERE, {"Edge": part("Edge", 50.0)}))
    assert "missed" not in markdown(Results(HERE, {"Edge": part("Edge", 100.0)}))


def test_a_quick_run_warns_against_comparing_it() -> None:
    assert "quick run" in markdown(Results(HERE, {}, quick=True))
    assert "quick run" not in markdown(Results(HERE, {}))


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="the measurements are for Linux")
def test_the_machine_is_named() -> None:
    here = machine()
    assert here.processor
    assert here.cores >= 1
    assert here.memory_gib > 0
    assert here.packages["msgspec"] == msgspec.__version__
