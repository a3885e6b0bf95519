"""The log reaches the warehouse, in order, once, and the cursor says how far."""

import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.unit.warehouse.made import NOON, event
from tests.unit.warehouse.test_sink import erased

from omotenashi.ledger.sqlite.log import Log, LogReader
from omotenashi.ledger.sqlite.office import Office
from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.model.campaigns import Action, Campaign, Project
from omotenashi.model.entries import LogEntry
from omotenashi.model.ids import ActionId, CampaignId, Instant, PersonId, ProjectId, StatisticId
from omotenashi.warehouse.sink import READER, Sink
from omotenashi.warehouse.store import Store
from omotenashi.worker.tail import Tail, listeners


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Log]:
    log = Log.open(tmp_path / "log")
    yield log
    log.close()


def tail_of(tmp_path: Path, store: Store, office: Office, limit: int = 100) -> Tail:
    sink = Sink(store, office, lambda project, config, name: ())
    return Tail(LogReader(tmp_path / "log"), office, sink, threading.Lock(), limit)


async def written(log: Log, *entries: LogEntry) -> int:
    last = log.append(entries)
    await log.committed(last)
    return last


async def test_every_entry_is_carried_and_the_cursor_follows(tmp_path: Path, log: Log, store: Store, office: Office) -> None:
    tail = tail_of(tmp_path, store, office, limit=4)
    last = await written(log, *(event("ann", "view", at=NOON + n) for n in range(10)))
    assert [await tail.step() for _ in range(4)] == [True, True, False, False]
    assert store.ask("SELECT count(), uniqExact(id), max(position) FROM entries") == [(10, 10, last)]
    assert office.cursor(READER) == last


async def test_a_new_tail_goes_on_where_the_last_one_stood(tmp_path: Path, log: Log, store: Store, office: Office) -> None:
    await written(log, event("ann", "view"))
    await tail_of(tmp_path, store, office).step()
    await written(log, event("ann", "cart"))
    await tail_of(tmp_path, store, office).step()
    assert store.ask("SELECT position, name FROM entries ORDER BY position") == [(1, "view"), (2, "cart")]


async def test_an_interrupted_range_is_repeated_alone_though_more_has_come(
    tmp_path: Path, log: Log, store: Store, office: Office
) -> None:
    tail = tail_of(tmp_path, store, office)
    await written(log, event("ann", "view"), event("ann", "cart"))
    office.load_begun("entries", 1, 2, "entries:1-2")  # and then the process died
    await written(log, event("ann", "buy"))
    assert await tail.step()
    assert store.ask("SELECT max(position) FROM entries") == [(2,)]
    await tail.step()
    assert store.ask("SELECT count() FROM entries") == [(3,)]


async def test_a_tail_is_registered_before_its_first_step(tmp_path: Path, log: Log, store: Store, office: Office) -> None:
    tail_of(tmp_path, store, office)
    assert office.cursors() == {READER: 0}


async def test_an_erasure_takes_the_bases_too(tmp_path: Path, log: Log, store: Store, office: Office) -> None:
    shop = ProjectId("shop")
    office.put_bases(shop, 2, [(StatisticId("s"), PersonId("ann"), 3), (StatisticId("s"), PersonId("ben"), 4)])
    await written(log, event("ann", "view"), erased(["ann"]))
    await tail_of(tmp_path, store, office).step()
    assert office.bases(shop, PersonId("ann"), 0, 9) == []
    assert len(office.bases(shop, PersonId("ben"), 0, 9)) == 1


async def test_an_erasure_reaches_the_recordings_before_the_log_is_read_on(
    tmp_path: Path, log: Log, store: Store, office: Office
) -> None:
    index = Recordings.open(tmp_path / "recordings.db")
    sink = Sink(store, office, lambda project, config, name: ())
    await written(log, event("ann", "view"), erased(["ann", "anna"]))
    await Tail(LogReader(tmp_path / "log"), office, sink, threading.Lock(), recordings=index).step()
    assert index.ask("SELECT project, person FROM erasures ORDER BY person") == [("shop", "ann"), ("shop", "anna")]
    index.close()


def test_listeners_are_the_campaigns_of_that_version_and_a_recheck_is_heard_as_a_view(office: Office) -> None:
    def campaign(name: str, trigger: str) -> Campaign:
        return Campaign(CampaignId(name), name, trigger, (Action(ActionId(f"{name}1"), "only", 1000),))

    shop = ProjectId("shop")
    both = (campaign("first", "view"), campaign("second", "cart"), campaign("third", "view"))
    office.apply(Project(shop, "Shop", version=1, campaigns=both), {}, Instant(0))
    office.apply(Project(shop, "Shop", version=2, campaigns=both[1:]), {}, Instant(0))
    of = listeners(office)
    assert of(shop, 1, "view") == ("first", "third") == of(shop, 1, "_recheck")
    assert of(shop, 2, "view") == ("third",)
