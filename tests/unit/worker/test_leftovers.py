"""What was erased is gone from the warehouse's files, too."""

from tests.unit.warehouse.made import NOON, Loader, event, merged
from tests.unit.warehouse.test_sink import erased

from omotenashi.warehouse.archive import erase_leftovers
from omotenashi.warehouse.store import Store
from omotenashi.worker.leftovers import Leftovers

TABLES = ("entries", "people", "sessions", "aliases")


def rows_on_disk(store: Store, table: str) -> int:
    """How many rows of the erased, under any of their names, the files of a table hold."""
    asked = f"SELECT count() FROM {table} WHERE person IN ('ann', 'anna') SETTINGS apply_deleted_mask = 0"
    return int(store.ask(asked)[0][0])


async def test_erased_rows_leave_the_files_and_everything_else_stays(store: Store) -> None:
    loader = Loader(store)
    loader.load(
        event("anna", "view", {"url": "/secret"}, opened_session=True),
        event("ann", "view", opened_session=True),
        merged("ann", "anna"),
        event("ben", "view", at=NOON, opened_session=True),
    )
    loader.load(erased(["ann", "anna"]))
    before = {table: rows_on_disk(store, table) for table in TABLES}
    assert before == {"entries": 4, "people": 2, "sessions": 2, "aliases": 1}, "the marker of the erasure is the fourth"
    leftovers = Leftovers(store)
    assert not await leftovers.step(), "one step is enough"
    assert {table: rows_on_disk(store, table) for table in TABLES} == {"entries": 1, "people": 0, "sessions": 0, "aliases": 0}
    assert store.ask("SELECT name FROM entries WHERE person = 'ann'") == [("#erased",)]
    assert store.ask("SELECT name FROM entries WHERE person = 'ben'") == [("view",)]
    assert not erase_leftovers(store), "nothing is left, so nothing is rewritten"


async def test_nothing_is_rewritten_while_nobody_was_erased(store: Store) -> None:
    Loader(store).load(event("ann", "view"))
    parts = store.ask("SELECT name FROM system.parts WHERE active AND database = currentDatabase() ORDER BY name")
    assert not erase_leftovers(store)
    assert store.ask("SELECT name FROM system.parts WHERE active AND database = currentDatabase() ORDER BY name") == parts
