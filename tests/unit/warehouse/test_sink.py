"""Every entry once, as it was logged; merges and erasures take effect at once."""

from typing import Any

import pytest
from tests.unit.warehouse.made import DAY, NOON, Loader, event, goal, merged

from omotenashi.model.entries import Erased, Event, LogEntry
from omotenashi.model.ids import EventId, Instant, PersonId, ProjectId
from omotenashi.warehouse.paths import column, key, read
from omotenashi.warehouse.rows import read_body
from omotenashi.warehouse.store import Store, WarehouseError

AWKWARD: dict[str, Any] = {
    "whole": 9_007_199_254_740_991,
    "part": 4503599627.370497,
    "least": -0.000001,
    "text": 'it\'s \\ "quoted"\n抹茶 \x00 😀',
    "looks_like_a_date": "2026-11-21T09:00:00",
    "looks_like_a_number": "1",
    "yes": True,
    "価格`'; DROP TABLE entries": 1,
    "": "no name",
    "~": "tilde",
    "query": {"x": "1", "plan.a": "dots stay in one name"},
    "items": [{"sku": "a", "price": 1.5}, {"sku": "b", "tags": ["x", True, 3]}],
}


def erased(position_people: list[str]) -> Erased:
    return Erased(
        project=ProjectId("shop"),
        person=PersonId(position_people[0]),
        seq=7,
        now=Instant(NOON),
        config=1,
        at=Instant(NOON),
        received_at=Instant(NOON),
        index=0,
        id=EventId("erasure"),
        people=[PersonId(person) for person in position_people],
    )


def test_an_entry_comes_back_exactly_as_it_was_logged(loader: Loader) -> None:
    entries: list[LogEntry] = [
        event("ann", "cart", AWKWARD, gates=b"\x00\x05"),
        goal("ann", "welcome", "d1K", NOON, micros=2**70),
        merged("ann", "bob"),
    ]
    loader.load(*entries)
    bodies = [read_body(body) for (body,) in loader.store.ask("SELECT body FROM entries ORDER BY position")]
    assert bodies == entries


def test_numbers_and_texts_keep_their_kind_and_their_last_digit(loader: Loader) -> None:
    loader.load(event("ann", "cart", AWKWARD), event("ben", "cart", {"whole": 1.5, "price": 2}))
    ((whole, part, date, text, yes),) = loader.store.ask(
        "SELECT values.whole.:Int64, values.part.:Float64, values.looks_like_a_date.:String, values.text.:String, "
        "values.yes.:Bool FROM entries WHERE person = 'ann'"
    )
    assert (whole, part, date, text, yes) == (
        AWKWARD["whole"],
        AWKWARD["part"],
        AWKWARD["looks_like_a_date"],
        AWKWARD["text"],
        True,
    )


def test_elements_of_lists_keep_their_order_and_their_kind(loader: Loader) -> None:
    loader.load(event("ann", "cart", AWKWARD))
    ((lists,),) = loader.store.ask("SELECT lists FROM entries")
    assert lists["items.tags"] == [(2, 0.0, "x"), (3, 1.0, ""), (1, 3.0, "")]
    assert lists["items.sku"] == [(2, 0.0, "a"), (2, 0.0, "b")]


@pytest.mark.parametrize("path", [("a",), ("a", "b_c"), ("価格", "`;--"), ("",), ("~",), ("a.b", "~61~")])
def test_a_spelled_path_can_be_read_back_and_holds_no_quote(path: tuple[str, ...]) -> None:
    assert read(key(path)) == path
    assert "`" not in column(path).replace("`", "", 2 * len(path))


def test_the_same_range_again_adds_nothing(loader: Loader) -> None:
    entries = [event(f"p{number}", "view", opened_session=True, at=NOON + number) for number in range(50)]
    loader.load(*entries)
    loader.ranges.load = (1, 50, "entries:1-50")  # as if the process had died before it was done
    loader.another_sink().load(1, 50, list(enumerate(entries, 1)))
    assert loader.store.ask("SELECT count(), uniqExact(position) FROM entries") == [(50, 50)]
    assert loader.store.ask("SELECT count() FROM sessions FINAL") == [(50,)]


def test_a_range_over_two_months_is_not_doubled_either(loader: Loader) -> None:
    entries = [event(f"p{n}", "view", at=NOON + n * 20 * DAY) for n in range(6)]
    loader.load(*entries)
    loader.ranges.load = (1, 6, "entries:1-6")
    loader.another_sink().load(1, 6, list(enumerate(entries, 1)))
    assert loader.store.ask("SELECT count() FROM entries") == [(6,)]


def test_another_range_is_refused_while_one_stands_open(loader: Loader) -> None:
    loader.ranges.load = (1, 50, "entries:1-50")
    with pytest.raises(ValueError, match="1-50 was interrupted"):
        loader.sink.load(51, 52, [])


def test_a_chain_of_merges_ends_at_the_last_person(loader: Loader) -> None:
    loader.load(event("a", "view"), event("b", "view"), event("c", "view"), merged("b", "a"))
    loader.load(merged("c", "b"), event("d", "view"), merged("d", "c"))
    roots = loader.store.ask("SELECT person, root FROM aliases FINAL ORDER BY person")
    assert roots == [("a", "d"), ("b", "d"), ("c", "d")]


def test_nothing_is_left_of_a_person_before_their_erasure(loader: Loader) -> None:
    loader.load(event("ann", "view", opened_session=True), event("ben", "view"), merged("ann", "anna"))
    loader.load(event("ann", "cart"), erased(["ann", "anna"]), event("ann", "buy"))
    names = loader.store.ask("SELECT name FROM entries WHERE person = 'ann' ORDER BY position")
    assert names == [("#erased",), ("buy",)]
    assert loader.store.ask("SELECT count() FROM aliases") == [(0,)]
    assert loader.store.ask("SELECT count() FROM sessions") == [(0,)]
    assert loader.store.ask("SELECT person FROM people FINAL ORDER BY person") == [("ann",), ("ben",)]


def test_who_is_erased_again_leaves_the_same_however_the_log_was_cut_into_ranges(store: Store) -> None:
    entries: list[LogEntry] = [
        event("ann", "view"),
        erased(["ann", "anna"]),
        event("ann", "cart"),
        erased(["ann"]),
        event("ann", "buy"),
    ]
    left: list[list[tuple[int, str]]] = []
    for cuts in ((5,), (2, 5), (3, 5), (1, 2, 3, 4, 5)):
        store.run("TRUNCATE TABLE entries")
        one = Loader(store)
        for begin, end in zip((0, *cuts), cuts, strict=False):
            one.load(*entries[begin:end])
        left.append(store.ask("SELECT position, name FROM entries ORDER BY position"))  # type: ignore[arg-type]
    assert left == [[(2, "#erased"), (4, "#erased"), (5, "buy")]] * 4


def test_a_question_that_clickhouse_refuses_is_a_warehouse_error(store: Store) -> None:
    with pytest.raises(WarehouseError, match="no_such_table"):
        store.ask("SELECT * FROM no_such_table")


def test_an_event_carries_the_gates_of_the_campaigns_that_heard_it(loader: Loader) -> None:
    loader.load(event("ann", "view", gates=b"\x00\x05"), event("ann", "cart"))
    rows = loader.store.ask("SELECT name, listeners, gates FROM entries ORDER BY position")
    assert rows == [("view", "welcome\nsale", [0, 5]), ("cart", "", [])]


def test_events_alike_are_written_as_fully_as_the_first(loader: Loader) -> None:
    first: list[Event] = [event("ann", "view", {"url": "/a", "query": {"x": "1"}}, at=NOON + n) for n in range(3)]
    loader.load(*first)
    rows = loader.store.ask("SELECT values.url.:String, values.query.x.:String FROM entries")
    assert rows == [("/a", "1")] * 3
    fields = loader.store.ask("SELECT path, kind, listed FROM fields FINAL ORDER BY path")
    assert fields == [("query.x", 2, False), ("url", 2, False)]
