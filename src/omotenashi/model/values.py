"""What an event may carry, and the one way a number is rounded.

Numbers are admitted once: a whole number stays an ``int``, any other is rounded to a millionth.
Comparisons use the admitted number itself; sums use whole millionths (`micros`), here and in SQL
alike, so that no order of addition can change a total.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Scalar = bool | int | float | str
Value = Any
"""A scalar, a list of values or an object of values; admission has checked it, nulls are gone."""
Values = dict[str, Value]

LARGEST_NUMBER: Final = 2**53 - 1
MICRO: Final = 1_000_000


def micros(number: int | float) -> int:
    """The number in whole millionths: ``micros(1.5) == 1_500_000``. Half-way cases go to the even one."""
    if type(number) is int:
        return number * MICRO
    return round(number * MICRO)


def admitted_number(number: int | float) -> int | float:
    """The number as it is kept: whole numbers as ``int``, others rounded to a millionth.

    Raises ``ValueError`` when it is not finite or its size is above ``LARGEST_NUMBER``.
    """
    if not -LARGEST_NUMBER <= number <= LARGEST_NUMBER:  # NaN fails too
        raise ValueError("a number must be finite and between -(2^53-1) and 2^53-1")
    if type(number) is int:
        return number
    rounded = round(number * MICRO) / MICRO
    return int(rounded) if rounded.is_integer() else rounded


def elements(values: Mapping[str, Value], path: tuple[str, ...]) -> list[Scalar]:
    """Every scalar that a dotted path reaches, in order: lists are entered, nulls do not exist.

    ``elements({"items": [{"sku": "a"}, {"sku": "b"}]}, ("items", "sku")) == ["a", "b"]``
    """
    value = values.get(path[0])
    if value is None:
        return []
    if len(path) == 1 and type(value) is not list and type(value) is not dict:
        return [value]
    return list(_reach(value, path, 1))


def _reach(value: Value | None, path: tuple[str, ...], depth: int) -> Iterator[Scalar]:
    if value is None:
        return
    if isinstance(value, list):
        for item in value:
            yield from _reach(item, path, depth)
    elif isinstance(value, dict):
        if depth < len(path):
            yield from _reach(value.get(path[depth]), path, depth + 1)
    elif depth == len(path):
        yield value
