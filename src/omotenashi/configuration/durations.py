"""Lengths of time as people write them: ``500ms``, ``3s``, ``2 minutes``."""

import re
from typing import Final

from msgspec import UnsetType

_UNITS: Final = {
    "ms": 1,
    "s": 1_000,
    "second": 1_000,
    "m": 60_000,
    "minute": 60_000,
    "h": 3_600_000,
    "hour": 3_600_000,
    "d": 86_400_000,
    "day": 86_400_000,
}


def milliseconds(duration: str | UnsetType) -> int:
    """The length in ms of a text that the schema has found right; 0 when there is none."""
    if isinstance(duration, UnsetType):
        return 0
    number, unit = re.fullmatch(r"([0-9.]+) ?([a-z]+)", duration).groups()  # type: ignore[union-attr]  the schema has checked it
    return round(float(number) * _UNITS[unit if unit in _UNITS else unit.removesuffix("s")])
