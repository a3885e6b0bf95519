"""What the office promises: versions in turn, switches at once, bases by person, loads once, cursors that pruning obeys."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from tests.contract.ledger_tenants import SHOP, TENANTS, Sqlite

from omotenashi.ledger.port import Applied, Backfill, LedgerError, Outdated, Switches
from omotenashi.model.campaigns import Action, Campaign, Key, Project
from omotenashi.model.ids import ActionId, CampaignId, Instant, PersonId, ProjectId, SegmentId, StatisticId
from omotenashi.model.rules import (
    Aggregate,
    All,
    AnyOf,
    Attribute,
    Compare,
    Fact,
    InSegment,
    Not,
    Op,
    Period,
    Span,
    Statistic,
    When,
)

CARTS = Statistic(StatisticId("s1"), "cart", ("price",), Compare(Fact("visits"), Op.GE, 2), Aggregate.SUM, Period("days", n=7))
BUSY = All(
    (
        AnyOf((Compare(CARTS, Op.BETWEEN, (4_000, 4_999.5)), Not(Compare(Attribute(("rank",)), Op.EQ, "gold")))),
        Compare(Attribute(("seen_at",)), Op.BETWEEN, Span(When(at=5), When(days=-1))),
        Compare(Attribute(("member",)), Op.EQ, value=True),
        InSegment(SegmentId("other")),
    )
)


def a_project(version: int) -> Project:
    return Project(
        SHOP,
        "Shop",
        version=version,
        segments={SegmentId("busy"): BUSY},
        derived={"sale_view": ("view", BUSY)},
        campaigns=(Campaign(CampaignId("c"), "C", "view", (Action(ActionId("a1"), "A", 1000),), audience=BUSY),),
        statistics={"s1": version},
        tables={"t": {"k": {"price": 1.5, "name": "x", "live": True, "none": None}}},
    )


@pytest.fixture(params=TENANTS)
def tenant(request: pytest.FixtureRequest, tmp_path: Path) -> Sqlite:
    return request.param(tmp_path)


def test_a_project_comes_back_as_it_was_applied_rules_and_all(tenant: Sqlite) -> None:
    office = tenant.office()
    assert office.head(SHOP) == 0
    assert office.apply(a_project(1), {"project.yaml": "name: 店"}, Instant(5), "first") == 1
    assert office.apply(a_project(2), {"project.yaml": "name: 茶"}, Instant(6), author="Hanako") == 2
    office.close()
    desk = tenant.desk()
    assert desk.projects() == [a_project(2)]
    assert desk.configuration(SHOP, 1) == a_project(1)
    assert desk.sources(SHOP, 1) == {"project.yaml": "name: 店"}
    assert desk.heads() == {SHOP: 2}
    assert desk.history(SHOP) == [Applied(2, 6, "", "Hanako"), Applied(1, 5, "first")]
    assert desk.backfills() == [Backfill(SHOP, 1, "waiting", 0, 0), Backfill(SHOP, 2, "waiting", 0, 0)]
    with pytest.raises(LedgerError, match="project shop has no version 3"):
        desk.configuration(SHOP, 3)
    desk.close()


def test_a_version_that_another_one_overtook_is_refused_and_changes_nothing(tenant: Sqlite) -> None:
    office = tenant.office()
    office.apply(a_project(1), {}, Instant(1))
    with pytest.raises(Outdated, match="version 1 cannot follow 1"):
        office.apply(a_project(1), {"x": "y"}, Instant(2))
    assert office.history(SHOP) == [Applied(1, 1, "")]
    office.close()


def test_versions_that_no_entry_names_can_go_but_never_the_one_in_force(tenant: Sqlite) -> None:
    office = tenant.office()
    for version in (1, 2, 3):
        office.apply(a_project(version), {}, Instant(version))
    assert office.forget_versions(SHOP, 2) == [1]
    assert office.forget_versions(SHOP, 99) == [2]
    assert office.configuration(SHOP, 3) == a_project(3)
    office.close()


def test_the_edge_notices_a_change_and_only_a_change(tenant: Sqlite) -> None:
    office, desk = tenant.office(), tenant.desk()
    assert desk.changed(), "the first look is news"
    assert not desk.changed()
    office.set_switches(SHOP, Switches(messages_stopped=True))
    assert desk.changed()
    assert not desk.changed()
    assert desk.switches(SHOP) == Switches(messages_stopped=True)
    office.apply(a_project(1), {}, Instant(1))
    assert desk.changed()
    assert desk.projects()[0].messages_stopped
    office.set_switches(SHOP, Switches())
    assert not desk.projects()[0].messages_stopped
    office.close()
    desk.close()


def test_a_desk_may_be_there_before_the_office(tenant: Sqlite) -> None:
    desk = tenant.desk()
    assert desk.projects() == []
    assert desk.switches(SHOP) == Switches()
    office = tenant.office()
    office.apply(a_project(1), {}, Instant(1))
    assert desk.head(SHOP) == 1
    office.close()
    desk.close()


def test_bases_are_read_per_person_and_between_versions(tenant: Sqlite) -> None:
    office = tenant.office()
    one, two = StatisticId("s1"), StatisticId("s2")
    ann, bob = PersonId("ann"), PersonId("bob")
    office.put_bases(SHOP, 1, [(one, ann, 5), (one, bob, 6)])
    office.put_bases(SHOP, 3, [(two, ann, {"s": [1, {2: 3}]})], Backfill(SHOP, 3, "running", 10, 40))
    office.put_bases(SHOP, 3, [(two, ann, {"s": [1, {2: 3}]})])  # again, after a crash
    assert office.bases(SHOP, ann, 0, 3) == [(one, 5), (two, {"s": [1, {2: 3}]})]
    assert office.bases(SHOP, ann, 1, 3) == [(two, {"s": [1, {2: 3}]})]
    assert office.bases(SHOP, ann, 0, 2) == [(one, 5)]
    assert office.bases(SHOP, bob, 0, 9) == [(one, 6)]
    assert office.backfill(SHOP, 3) == Backfill(SHOP, 3, "running", 10, 40)
    office.put_bases(SHOP, 4, [(two, ann, 7)])
    office.drop_bases(SHOP, version=3, statistics=[two])
    assert office.bases(SHOP, ann, 0, 9) == [(one, 5), (two, 7)]
    office.drop_bases(SHOP, people=[ann])
    assert office.bases(SHOP, ann, 0, 9) == []
    office.drop_bases(SHOP, version=1)
    assert office.bases(SHOP, bob, 0, 9) == []
    office.close()


def test_readiness_never_goes_back(tenant: Sqlite) -> None:
    office = tenant.office()
    assert office.ready_version(SHOP) == 0
    office.set_ready(SHOP, 3)
    office.set_ready(SHOP, 2)
    assert office.ready_version(SHOP) == 3
    office.close()


def test_a_load_is_open_until_done_and_no_other_begins_meanwhile(tenant: Sqlite) -> None:
    office = tenant.office()
    assert office.open_load("entries") is None
    office.load_begun("entries", 1, 100, "t1")
    office.close()
    office = tenant.office()  # killed and started again
    assert office.open_load("entries") == (1, 100, "t1")
    with pytest.raises(LedgerError, match="cannot be loaded"):
        office.load_begun("entries", 101, 200, "t2")
    with pytest.raises(LedgerError, match="not begun"):
        office.load_done("entries", 200)
    office.load_done("entries", 100, "warehouse")
    assert office.open_load("entries") is None
    assert (office.loaded("entries"), office.cursor("warehouse")) == (100, 100)
    with pytest.raises(LedgerError, match="cannot be loaded"):
        office.load_begun("entries", 100, 150, "t3")
    office.load_begun("entries", 101, 150, "t4")
    office.load_done("entries", 150)
    assert office.loaded("entries") == 150
    assert office.loaded("people") == 0
    office.close()


def test_cursors_are_kept_until_their_reader_is_no_more(tenant: Sqlite) -> None:
    office = tenant.office()
    office.set_cursor("warehouse", 10)
    office.set_cursor("webhooks", 4)
    office.set_cursor("warehouse", 12)
    assert office.cursors() == {"warehouse": 12, "webhooks": 4}
    office.drop_cursor("webhooks")
    assert office.cursors() == {"warehouse": 12}
    assert office.cursor("webhooks") == 0
    office.close()


def test_a_key_opens_one_project_only(tenant: Sqlite) -> None:
    office = tenant.office()
    office.put_key(SHOP, Key("pk", "public"))
    office.put_key(SHOP, Key("pk", "public"))
    office.put_key(SHOP, Key("sk", "secret"))
    assert office.keys(SHOP) == [Key("pk", "public"), Key("sk", "secret")]
    with pytest.raises(LedgerError, match="already is a public key of project shop"):
        office.put_key(SHOP, Key("pk", "secret"))
    office.drop_key("pk")
    assert office.keys(SHOP) == [Key("sk", "secret")]
    office.close()


@pytest.mark.parametrize("round", range(10))
def test_all_processes_may_open_a_new_office_at_once(tmp_path: Path, round: int) -> None:
    together = Barrier(6)

    def look(who: int) -> dict[ProjectId, int]:
        tenant = Sqlite(tmp_path)
        together.wait()
        opened = tenant.desk() if who % 2 else tenant.office()
        try:
            return opened.heads()
        finally:
            opened.close()

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(look, range(6))) == [{}] * 6
