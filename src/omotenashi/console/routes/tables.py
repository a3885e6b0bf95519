"""Content tables: rows by key that texts can read."""

from typing import Annotated

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from omotenashi.configuration.tables import CellProblem, Column, Table, read_csv, read_pasted
from omotenashi.configuration.uses import all_uses
from omotenashi.console.desk import Desk
from omotenashi.console.errors import NotFound
from omotenashi.model.campaigns import Row


class TableListed(Struct):
    """A table in force. ``format`` is the kind of file it is kept in; ``used_by`` counts the places that name it."""

    id: str
    format: str
    rows: int
    columns: list[str]
    used_by: int


class TableRow(Struct):
    key: str
    cells: Row


class TableRead(Struct):
    """A table in the order it was written; ``problems`` each with line and column."""

    columns: list[Column]
    rows: list[TableRow]
    problems: list[CellProblem]


class Pasted(Struct):
    """CSV, or cells copied from a spreadsheet, with the names of the columns in the first line."""

    text: Annotated[str, Meta(max_length=4 * 1024 * 1024)]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/tables``."""

    @get("/api/projects/{project:str}/tables", sync_to_thread=True, opt={"needs": "read"})
    def tables(project: FromPath[str]) -> list[TableListed]:
        """Every content table in force."""
        found = desk.project(project)
        sources = desk.office.sources(found.id, found.version)
        used = all_uses(sources, "tables")
        return [
            TableListed(
                name,
                "csv" if f"tables/{name}.csv" in sources else "yaml",
                len(rows),
                list(dict.fromkeys(column for row in rows.values() for column in row)),
                len(used.get(name, [])),
            )
            for name, rows in found.tables.items()
        ]

    @get("/api/projects/{project:str}/tables/{name:str}", sync_to_thread=True, opt={"needs": "read"})
    def table(project: FromPath[str], name: FromPath[str]) -> TableRead:
        """A table in force, whichever file it is kept in."""
        found = desk.project(project)
        if name not in found.tables:
            raise NotFound("name", f"no table {name!r}; there are {', '.join(found.tables) or 'none yet'}")
        text = desk.office.sources(found.id, found.version).get(f"tables/{name}.csv")
        return _told(read_csv(text) if text is not None else _of_rows(found.tables[name]))

    @post(
        "/api/projects/{project:str}/tables/read", status_code=200, sync_to_thread=True, opt={"needs": "read", "audited": False}
    )
    def read_table(project: FromPath[str], data: JSONBody[Pasted]) -> TableRead:
        """What a pasted table says, or what is wrong in which line and column. Nothing is kept."""
        desk.project(project)
        return _told(read_pasted(data.text))

    return [tables, table, read_table]


def _told(table: Table) -> TableRead:
    return TableRead(list(table.columns), [TableRow(key, row) for key, row in table.rows.items()], list(table.problems))


def _of_rows(rows: dict[str, Row]) -> Table:
    """A table of a YAML file, whose columns have the type that all of their cells fit."""
    names = dict.fromkeys(column for row in rows.values() for column in row)
    columns: list[Column] = []
    for name in names:
        cells = [cell for row in rows.values() if (cell := row.get(name)) is not None]
        if cells and all(isinstance(cell, bool) for cell in cells):
            columns.append(Column(name, "flag"))
        elif cells and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells):
            columns.append(Column(name, "number"))
        else:
            columns.append(Column(name, "text"))
    return Table(tuple(columns), rows, ())
