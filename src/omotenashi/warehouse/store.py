"""The door to ClickHouse: in-process (chDB) by default, the same SQL on a server.

A client does one thing at a time: open one `Store` per loop. All of a process share one engine.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from .schema import statements

Parameters = Mapping[str, Any]
"""Named values that SQL refers to as ``{name:Type}``; the engine binds them, they never become SQL text."""

READING: Final[dict[str, Any]] = {"session_timezone": "UTC", "join_use_nulls": 0, "max_threads": 2}
WRITING: Final[dict[str, Any]] = {
    "input_format_try_infer_dates": 0,
    "input_format_try_infer_datetimes": 0,
    "input_format_json_try_infer_numbers_from_strings": 0,
    "input_format_parallel_parsing": 0,
    "precise_float_parsing": 1,
    "max_insert_threads": 1,
    "max_partitions_per_insert_block": 0,
    "max_insert_block_size": 10_000_000,
    "min_insert_block_size_rows": 10_000_000,
    "min_insert_block_size_bytes": 0,
}


class WarehouseError(Exception):
    """The warehouse could not be opened, written or asked; the message is ClickHouse's own."""


class Store:
    """One connection. ``ask`` reads rows, ``run`` does, ``insert`` writes lines; each raises `WarehouseError`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ask(self, sql: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
        """The rows that the question has for an answer."""
        try:
            return [tuple(row) for row in self._client.query(sql, parameters=dict(parameters or {})).result_rows]
        except ClickHouseError as error:
            raise WarehouseError(str(error)) from error

    def run(self, sql: str, parameters: Parameters | None = None) -> None:
        """A statement without an answer."""
        try:
            self._client.command(sql, parameters=dict(parameters or {}))
        except ClickHouseError as error:
            raise WarehouseError(str(error)) from error

    def insert(self, table: str, columns: Sequence[str], lines: bytes, token: str = "") -> None:
        """Writes JSON arrays, one a line, as one block; the same ``token`` again writes nothing again."""
        settings = {**WRITING, "insert_deduplication_token": token} if token else {**WRITING, "insert_deduplicate": 0}
        try:
            self._client.raw_insert(
                table, column_names=list(columns), insert_block=lines, fmt="JSONCompactEachRow", settings=settings
            )
        except ClickHouseError as error:
            raise WarehouseError(str(error)) from error

    def close(self) -> None:
        self._client.close()


def open_store(folder: Path) -> Store:
    """The warehouse in this folder, created when missing. One process at a time may hold it open."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        client = clickhouse_connect.get_client(interface="chdb", path=str(folder), settings=READING)
        for statement in statements():
            client.command(statement)
    except ClickHouseError as error:
        raise WarehouseError(f"cannot open the warehouse: {error}") from error
    return Store(client)
