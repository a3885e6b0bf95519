"""What a new rule says of old events equals a plain count over the log."""

import threading
from typing import Any

import pytest
from tests.unit.warehouse.made import NOON, Loader, event

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.statistics import add, identified
from omotenashi.ledger.port import Backfill
from omotenashi.ledger.sqlite.office import Office
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Config, Event
from omotenashi.model.ids import EventId, Instant, PersonId, ProjectId, SegmentId
from omotenashi.model.rules import Aggregate, Compare, Field, Op, Period, Rule, Statistic
from omotenashi.warehouse.store import Store
from omotenashi.worker.backfill import Backfiller
from omotenashi.worker.prune import Pruner

SHOP = ProjectId("shop")
TOKYO = Calendar("Asia/Tokyo")
COUNT = identified("buy", (), None, Aggregate.COUNT, Period())
SUM = identified("buy", ("price",), Compare(Field(("kind",)), Op.EQ, "book"), Aggregate.SUM, Period("days", 3))
VIEWS = identified("view", (), None, Aggregate.COUNT, Period())


def project(version: int, births: dict[Statistic, int]) -> Project:
    rules: dict[SegmentId, Rule] = {
        SegmentId(f"segment{number}"): Compare(statistic, Op.GE, 1) for number, statistic in enumerate(births)
    }
    return Project(
        SHOP, "Shop", version=version, segments=rules, statistics={statistic.id: birth for statistic, birth in births.items()}
    )


def marker(version: int) -> Config:
    return Config(
        project=SHOP,
        person=PersonId(""),
        seq=0,
        now=Instant(NOON),
        config=version,
        at=Instant(NOON),
        received_at=Instant(NOON),
        index=0,
        id=EventId(f"config-{version}"),
    )


def bought(person: str, number: int, config: int) -> Event:
    values: dict[str, Any] = {"price": number * 0.1 if number % 2 else number, "kind": "book" if number % 3 else "toy"}
    return event(person, "buy", values, at=NOON + number * 3_600_000, config=config)


@pytest.fixture
def history(store: Store) -> list[Event]:
    loader = Loader(store)
    events = [bought(f"p{number % 7}", number, config=1 if number < 80 else 2) for number in range(100)]
    loader.load(*events[:80], event("p0", "view"), marker(2), *events[80:])
    return events


def run_to_the_end(backfiller: Backfiller) -> None:
    while backfiller.advance():
        pass


def expected(events: list[Event], statistic: Statistic, person: str) -> Any:
    accumulator = None
    for each in events:
        if each.person == person and each.config < 2:
            accumulator = add(accumulator, statistic, each, TOKYO)
    return accumulator


def assert_all_bases_stand(office: Office, events: list[Event]) -> None:
    for number in range(7):
        person = f"p{number}"
        bases = dict(office.bases(SHOP, PersonId(person), 0, 2))
        assert bases == {statistic.id: expected(events, statistic, person) for statistic in (COUNT, SUM)}
    assert office.ready_version(SHOP) == 2


def test_bases_are_what_the_older_entries_fold_to(store: Store, office: Office, history: list[Event]) -> None:
    office.apply(project(1, {VIEWS: 1}), {}, Instant(0))
    office.apply(project(2, {VIEWS: 1, COUNT: 2, SUM: 2}), {}, Instant(0))
    run_to_the_end(Backfiller(store, office, threading.Lock()))
    assert_all_bases_stand(office, history)


def test_a_back_fill_that_was_killed_goes_on_and_ends_the_same(store: Store, office: Office, history: list[Event]) -> None:
    office.apply(project(1, {VIEWS: 1}), {}, Instant(0))
    office.apply(project(2, {VIEWS: 1, COUNT: 2, SUM: 2}), {}, Instant(0))
    seen: list[tuple[str, int, int]] = []
    while Backfiller(store, office, threading.Lock(), rows_of_bucket=15).advance():  # a new process at every step
        state = office.backfill(SHOP, 2)
        assert state is not None
        seen.append((state.state, state.done, state.total))
        assert (office.ready_version(SHOP) == 2) == (state.state == "done")
    assert ("running", 3, 6) in seen
    assert seen[-1] == ("done", 6, 6)
    assert_all_bases_stand(office, history)


def test_nothing_begins_before_the_marker_is_in_the_warehouse(store: Store, office: Office) -> None:
    Loader(store).load(bought("p0", 1, config=1))
    office.apply(project(1, {}), {}, Instant(0))
    office.apply(project(2, {COUNT: 2}), {}, Instant(0))
    run_to_the_end(Backfiller(store, office, threading.Lock()))
    assert office.backfill(SHOP, 2) == Backfill(SHOP, 2, "waiting", 0, 0)
    assert office.ready_version(SHOP) == 1


def test_a_version_without_new_statistics_is_ready_at_once(store: Store, office: Office) -> None:
    office.apply(project(1, {}), {}, Instant(0))
    run_to_the_end(Backfiller(store, office, threading.Lock()))
    assert office.ready_version(SHOP) == 1


def test_a_statistic_that_was_dropped_meanwhile_is_not_folded(store: Store, office: Office, history: list[Event]) -> None:
    office.apply(project(1, {}), {}, Instant(0))
    office.apply(project(2, {COUNT: 2, SUM: 2}), {}, Instant(0))
    office.apply(project(3, {COUNT: 2}), {}, Instant(0))
    run_to_the_end(Backfiller(store, office, threading.Lock()))
    assert [statistic for statistic, _ in office.bases(SHOP, PersonId("p1"), 0, 3)] == [COUNT.id]
    assert office.ready_version(SHOP) == 3


def test_pruning_drops_bases_and_versions_that_nobody_names(store: Store, office: Office, history: list[Event]) -> None:
    office.apply(project(1, {}), {}, Instant(0))
    office.apply(project(2, {COUNT: 2, SUM: 2}), {}, Instant(0))
    run_to_the_end(Backfiller(store, office, threading.Lock()))
    office.apply(project(3, {COUNT: 2}), {}, Instant(0))
    run_to_the_end(Backfiller(store, office, threading.Lock()))
    Pruner(office, lambda project: 2).prune()
    assert [applied.version for applied in office.history(SHOP)] == [3, 2]
    assert len(office.bases(SHOP, PersonId("p1"), 0, 3)) == 2
    Pruner(office, lambda project: 3).prune()
    assert [applied.version for applied in office.history(SHOP)] == [3]
    assert [statistic for statistic, _ in office.bases(SHOP, PersonId("p1"), 0, 3)] == [COUNT.id]


def test_pruning_leaves_the_bases_of_a_statistic_that_came_back(store: Store, office: Office, history: list[Event]) -> None:
    office.apply(project(1, {}), {}, Instant(0))
    office.apply(project(2, {COUNT: 2, SUM: 2}), {}, Instant(0))
    run_to_the_end(Backfiller(store, office, threading.Lock()))
    office.apply(project(3, {SUM: 2}), {}, Instant(0))
    later = Loader(store)
    later.position = 1_000
    later.load(marker(3), marker(4))
    office.apply(project(4, {SUM: 2, COUNT: 4}), {}, Instant(0))
    run_to_the_end(Backfiller(store, office, threading.Lock()))
    anew = office.bases(SHOP, PersonId("p1"), 3, 4)
    Pruner(office, lambda project: 4).prune()
    assert [statistic for statistic, _ in anew] == [COUNT.id]
    assert office.bases(SHOP, PersonId("p1"), 3, 4) == anew
    assert [statistic for statistic, _ in office.bases(SHOP, PersonId("p1"), 0, 3)] == [SUM.id]


def test_a_back_fill_that_is_killed_at_its_very_end_is_ready_all_the_same(
    store: Store, office: Office, history: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    office.apply(project(1, {}), {}, Instant(0))
    office.apply(project(2, {COUNT: 2}), {}, Instant(0))
    written = 0

    def killed(*row: Any) -> None:
        nonlocal written
        written += 1
        if written == kill_at:
            raise KeyboardInterrupt
        real(*row)

    real = office._write
    for kill_at in range(1, 20):  # noqa: B007  (killed reads it)
        written = 0
        with monkeypatch.context() as patched:
            patched.setattr(office, "_write", killed)
            try:
                run_to_the_end(Backfiller(store, office, threading.Lock()))
            except KeyboardInterrupt:
                continue
            break
    assert kill_at > 3
    assert office.ready_version(SHOP) == 2
