"""What stands in a template's variable, made ready: from a filling to a function of the person's values.

A body sees texts, numbers and flags; a list as a list of mappings; a button's action as a mapping that the filter ``button``
turns into markup. Whatever a person or a page put into a text is made safe for its type here, or escaped where it is written.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from markupsafe import Markup
from msgspec import Struct

from omotenashi.model.campaigns import Act, Filling, Items, RowsOf, Slot

from . import liquid

Context = Mapping[str, Any]
Make = Callable[[Context], Any]
"""Turns the variables of a person's message into the value that the body sees."""

GIVEN: Final = frozenset(("language",))
"""What every text and body may use without declaring it: ``language`` is ``ja`` or ``en``."""

_AS_WRITTEN: Final = ("text", "selector", "purpose", "name", "code")
_ONE_VARIABLE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_PHONE: Final = re.compile(r"[+0-9][0-9 ()-]{1,31}")
_SECONDS: Final = 100_000_000_000
"""Times below it are in seconds: in ms it is 1973."""


class Prepared(Struct, frozen=True):
    """A filling, ready. ``names`` are the variables that it takes from outside; without any it is the same for everybody."""

    make: Make
    names: frozenset[str]


def prepared(name: str, slot: Slot, filling: Filling) -> Prepared:
    """The filling of the variable ``name``. Raises ``LiquidError``."""
    match filling:
        case str():
            return Prepared(_text(slot, filling), _names(filling))
        case Act():
            return _act(name, filling)
        case Items():
            return _items(name, slot, filling)
        case RowsOf():
            return Prepared(_rows(name, slot, filling), frozenset((filling.variable,)))


def filler(text: str, parse: Callable[[str], liquid.Fill]) -> liquid.Fill:
    """How a text is filled; at once, when there is nothing to fill in."""
    return parse(text) if liquid.is_liquid(text) else lambda _: text


def _names(text: str) -> frozenset[str]:
    return liquid.names(text) - GIVEN if liquid.is_liquid(text) else frozenset()


def _text(slot: Slot, text: str) -> Make:
    if slot.type == "html":
        fill = filler(text, liquid.markup)
        return lambda context: Markup(fill(context))
    fill = filler(text, liquid.plain)
    if slot.type in _AS_WRITTEN:
        return fill
    convert = _converter(slot)
    return lambda context: convert(fill(context))


def _converter(slot: Slot) -> Callable[[str], Any]:
    """What makes a filled-in text a value of the slot's type; the harmless value of that type when it is not one."""
    match slot.type:
        case "url" | "image":
            return lambda text: liquid.safe_url(text) if text.strip() else ""
        case "color":
            return liquid.safe_color
        case "number":
            return _number
        case "flag":
            return lambda text: text.strip().lower() == "true"
        case "choice":
            usual = slot.default if slot.default in slot.choices else next(iter(slot.choices), "")
            return lambda text: text if text in slot.choices else usual
        case "phone":
            return lambda text: text.strip() if _PHONE.fullmatch(text.strip()) else ""
        case "time":
            return _instant
        case _:
            return str


def _number(text: str) -> int | float | str:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return ""


def _instant(text: str) -> int | str:
    """Ms since 1970, from ms or seconds; "" for anything else."""
    number = _number(text)
    if isinstance(number, str) or number != number or abs(number) > 1e15:
        return ""
    return int(number * 1000) if abs(number) < _SECONDS else int(number)


# Buttons


def _act(name: str, act: Act) -> Prepared:
    address, phone = filler(act.url, liquid.plain), filler(act.phone, liquid.plain)
    said = {field: _said(value) for field, value in act.values.items()}
    fixed = {"do": act.do, "name": act.name or name, "named": bool(act.name), "then": act.then}
    fixed |= {"new_tab": act.new_tab, "event": act.event, "purpose": act.purpose, "state": act.state}

    def make(context: Context) -> dict[str, Any]:
        made: dict[str, Any] = dict(fixed)
        if act.do == "open":
            given = address(context)
            made["url"] = liquid.safe_url(given) if given.strip() else ""
        elif act.do == "call":
            made["phone"] = phone(context)
        elif said:
            made["values"] = {field: say(context) for field, say in said.items()}
        return made

    texts = [act.url, act.phone, *(value for value in act.values.values() if isinstance(value, str))]
    return Prepared(make, frozenset[str]().union(*(_names(text) for text in texts)))


def _said(value: str | int | float | bool) -> Make:
    """A value of an event; a text that is one variable and nothing else keeps that variable's type."""
    if not isinstance(value, str):
        return lambda context: value
    only = _ONE_VARIABLE.fullmatch(value)
    if only:
        name = only[1]
        return lambda context: context.get(name)
    return filler(value, liquid.plain)


# Lists


def _items(name: str, slot: Slot, items: Items) -> Prepared:
    rows = [
        {
            field: prepared(f"{field}_{number}", inner, filling)
            for field, inner in slot.fields.items()
            if (filling := row.get(field, inner.default)) is not None
        }
        for number, row in enumerate(items.rows, 1)
    ]

    def make(context: Context) -> list[dict[str, Any]]:
        return [{field: cell.make(context) for field, cell in row.items()} for row in rows]

    return Prepared(make, frozenset[str]().union(*(cell.names for row in rows for cell in row.values())))


def _rows(name: str, slot: Slot, wanted: RowsOf) -> Make:
    """The rows of a table as the list's rows; one that lacks a cell without which the list cannot be is left out."""
    columns = {field: wanted.columns.get(field, field) for field in slot.fields}
    usual = {
        field: prepared(field, inner, inner.default).make for field, inner in slot.fields.items() if inner.default is not None
    }
    cells = {field: _cell(inner) for field, inner in slot.fields.items()}

    def make(context: Context) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        for row in context.get(wanted.variable) or ():
            values: dict[str, Any] = {}
            for field, column in columns.items():
                cell = row.get(column)
                if cell is not None:
                    values[field] = cells[field](cell, f"{field}_{len(made) + 1}")
                elif field in usual:
                    values[field] = usual[field](context)
                else:
                    break
            else:
                made.append(values)
        return made

    return make


def _cell(slot: Slot) -> Callable[[Any, str], Any]:
    """What makes a table's cell a value of a field: tables are written by the project, so html is taken as it stands."""
    if slot.type == "action":
        return lambda cell, name: {"do": "open", "name": name, "named": False, "then": "", "url": liquid.safe_url(cell)}
    if slot.type == "html":
        return lambda cell, name: Markup(_spelled(cell))
    if slot.type in _AS_WRITTEN:
        return lambda cell, name: _spelled(cell)
    convert = _converter(slot)
    return lambda cell, name: convert(_spelled(cell))


def _spelled(cell: object) -> str:
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
