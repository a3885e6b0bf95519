"""A content table as CSV: rows by their first column, each mistake with its line and column."""

import csv
import io
import re
from typing import Final, Literal

from msgspec import Struct

from omotenashi.model.campaigns import Row
from omotenashi.model.values import admitted_number

from .language import Message

ColumnType = Literal["text", "number", "flag"]
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


class Column(Struct, frozen=True):
    name: str
    type: ColumnType


class CellProblem(Struct, frozen=True):
    """``line`` counts from 1, the names of the columns being line 1; ``column`` is "" when all of the line is meant."""

    line: int
    column: str
    message: Message


class Table(Struct, frozen=True):
    """``rows`` by key; the key's column is one of their cells, too. Wrong cells are None."""

    columns: tuple[Column, ...]
    rows: dict[str, Row]
    problems: tuple[CellProblem, ...]


def read_csv(text: str) -> Table:
    """The table in ``text``. A title ``price:number`` or ``sold_out:flag`` gives a column's type; text is usual."""
    problems: list[CellProblem] = []
    lines = _lines(text, problems)
    if not lines or not lines[0]:
        return Table((), {}, (*problems, CellProblem(1, "", "expected a first line with the names of the columns")))
    columns = _columns(lines[0], problems)
    rows: dict[str, Row] = {}
    for line, cells in enumerate(lines[1:], 2):
        if not cells:
            continue
        if len(cells) != len(columns):
            message = f"expected {len(columns)} cells as in the first line; found {len(cells)}"
            problems.append(CellProblem(line, "", message))
            continue
        if cells[0] in rows:
            problems.append(CellProblem(line, columns[0].name, f"the key {cells[0]!r} stands here twice"))
        rows[cells[0]] = {column.name: _cell(line, column, cell, problems) for column, cell in zip(columns, cells, strict=True)}
    return Table(columns, rows, tuple(problems))


def read_pasted(text: str) -> Table:
    """The table in CSV or in cells copied from a spreadsheet. A column without a type gets the one that all its cells fit."""
    first = text.removeprefix("\ufeff").split("\n", 1)[0]
    delimiter = "\t" if "\t" in first and "," not in first else ","
    problems: list[CellProblem] = []
    lines = _lines(text, problems, delimiter)
    if problems or not lines:
        return read_csv(text)
    for place, title in enumerate(lines[0]):
        if ":" not in title and place > 0:
            cells = [line[place] for line in lines[1:] if len(line) > place]
            lines[0][place] = f"{title}:{_fitting(cells)}"
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(lines)
    return read_csv(written.getvalue())


def _lines(text: str, problems: list[CellProblem], delimiter: str = ",") -> list[list[str]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True, delimiter=delimiter)
    try:
        return list(reader)
    except csv.Error as error:
        problems.append(CellProblem(reader.line_num, "", f"not CSV: {error}"))
        return []


def _columns(titles: list[str], problems: list[CellProblem]) -> tuple[Column, ...]:
    columns: list[Column] = []
    for title, kind in (title.strip().partition(":")[::2] for title in titles):
        if kind in ("number", "flag") and title:
            columns.append(Column(title, "number" if kind == "number" else "flag"))
            continue
        if kind not in ("", "text") or not title:
            message = f"expected a column such as price, price:number or sold_out:flag; found {title}:{kind}"
            problems.append(CellProblem(1, title, message))
        columns.append(Column(title, "text"))
    return tuple(columns)


def _cell(line: int, column: Column, cell: str, problems: list[CellProblem]) -> str | int | float | bool | None:
    if column.type == "text":
        return cell
    if not cell:
        return None
    if column.type == "flag" and cell.lower() in ("true", "false"):
        return cell.lower() == "true"
    if column.type == "number":
        try:
            return admitted_number(float(cell) if re.search(r"[.eE]", cell) else int(cell))
        except ValueError:
            pass
    wanted = "a number" if column.type == "number" else "true or false"
    problems.append(CellProblem(line, column.name, f"expected {wanted} or nothing; found {cell!r}"))
    return None


def _fitting(cells: list[str]) -> ColumnType:
    given = [cell for cell in cells if cell]
    if given and all(cell.lower() in ("true", "false") for cell in given):
        return "flag"
    if given and all(_NUMBER.fullmatch(cell) and len(cell) <= 15 for cell in given):
        return "number"
    return "text"
