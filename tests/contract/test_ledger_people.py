"""What people promise: memory is the fold of the log, the rows follow, and the rows plus the log's tail are memory again."""

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.contract.ledger_tenants import SHOP, TENANTS, Edge, Sqlite

from omotenashi.ledger.people import SMALL_CHUNK, PeopleSettings
from omotenashi.ledger.port import Busy, Deed, PackedProfile, StorageFailed
from omotenashi.model.ids import PersonId, UserId, VisitorId
from omotenashi.model.profiles import Profile


@pytest.fixture(params=TENANTS)
def tenant(request: pytest.FixtureRequest, tmp_path: Path) -> Sqlite:
    return request.param(tmp_path)


@asynccontextmanager
async def an_edge(
    tenant: Sqlite,
    settings: PeopleSettings = PeopleSettings(),  # noqa: B008  (frozen)
    *,
    writes_at_the_end: bool = False,
) -> AsyncGenerator[Edge]:
    """An edge from start to stop. Unless told, it stops as a killed one does: without writing profiles."""
    log, reader, rows = tenant.log(), tenant.reader(), tenant.rows()
    edge = Edge(log, reader, rows, settings)
    await edge.people.reload()
    try:
        yield edge
        await log.committed(log.appended)
        if writes_at_the_end:
            await edge.people.close()
    finally:
        log.close()
        reader.close()
        rows.close()


async def test_who_is_unknown_is_fresh_and_their_own_person(tenant: Sqlite) -> None:
    async with an_edge(tenant) as edge:
        assert edge.people.resolve(SHOP, VisitorId("v")) == "v"
        assert edge.people.member(SHOP, UserId("u")) is None
        assert edge.people.get(SHOP, PersonId("v")) == Profile(PersonId("v"))
        assert edge.people.next_row(SHOP, "batch") == 0


async def test_nothing_is_answered_before_the_log_was_read(tenant: Sqlite) -> None:
    log, reader, rows = tenant.log(), tenant.reader(), tenant.rows()
    edge = Edge(log, reader, rows)
    with pytest.raises(StorageFailed, match="read again"):
        edge.saw("a")
    await edge.people.reload()
    edge.saw("a")
    await log.committed(log.appended)
    log.close()
    reader.close()
    rows.close()


async def test_a_restart_folds_exactly_the_tail_that_the_rows_lack(tenant: Sqlite) -> None:
    async with an_edge(tenant) as edge:
        for _ in range(5):
            edge.saw("a")
            edge.saw("b")
        await edge.people.write_behind()
        assert edge.people.synced == 10
        for _ in range(3):
            edge.saw("a")
        edge.saw("c")
        expected = {visitor: edge.what(visitor) for visitor in "abc"}
    async with an_edge(tenant) as edge:  # `folded` refuses an entry that was folded already, or one too early
        assert {visitor: edge.what(visitor) for visitor in "abc"} == expected
        assert edge.what("a")["seq"] == 8


async def test_rows_are_never_ahead_of_the_log(tenant: Sqlite) -> None:
    async with an_edge(tenant) as edge:
        edge.saw("a")
        await edge.people.write_behind()
        assert edge.log.landed >= edge.people.synced == 1


async def test_a_person_busy_all_the_time_is_written_too(tenant: Sqlite) -> None:
    async with an_edge(tenant, PeopleSettings(slice_s=0)) as edge:
        for visitor in range(30):
            edge.saw(f"v{visitor}")
        stop = asyncio.Event()

        async def keep_coming() -> None:
            while not stop.is_set():
                edge.saw("busy")
                await asyncio.sleep(0)

        coming = asyncio.create_task(keep_coming())
        await asyncio.sleep(0.01)
        at_least = edge.log.appended
        await edge.people.write_behind()
        assert edge.people.synced >= at_least
        stop.set()
        await coming
        expected = edge.what("busy")
    async with an_edge(tenant) as edge:
        assert edge.what("busy") == expected


async def test_evicted_people_come_back_from_packed_bytes_and_from_rows(tenant: Sqlite) -> None:
    async with an_edge(tenant, PeopleSettings(hot=3, packed_bytes=400)) as edge:
        for _ in range(3):
            for visitor in range(40):
                edge.saw(f"v{visitor}")
        assert edge.people.counts()["hot"] == 3
        assert edge.people.counts()["packed"] == 37, "what the rows lack is never let go"
        await edge.people.write_behind()
        for visitor in range(40):
            assert edge.what(f"v{visitor}")["seq"] == 3
        assert edge.people.counts()["packed_bytes"] <= 400
        for visitor in range(40):
            edge.saw(f"v{visitor}")
        expected = {visitor: edge.what(f"v{visitor}") for visitor in range(40)}
    async with an_edge(tenant) as edge:
        assert {visitor: edge.what(f"v{visitor}") for visitor in range(40)} == expected


async def test_a_member_is_found_after_a_restart_written_or_not(tenant: Sqlite) -> None:
    async with an_edge(tenant) as edge:
        edge.saw("a", user="alice")
        await edge.people.write_behind()
        edge.saw("b", user="bob")
        assert edge.people.member(SHOP, UserId("bob")) == "b"
    async with an_edge(tenant) as edge:
        assert edge.people.member(SHOP, UserId("alice")) == "a"
        assert edge.people.member(SHOP, UserId("bob")) == "b"


@pytest.mark.parametrize("rounds_before", [False, True])
@pytest.mark.parametrize("settles", [False, True])
async def test_a_merge_is_found_whole_before_or_whole_after(tenant: Sqlite, rounds_before: bool, settles: bool) -> None:
    async with an_edge(tenant) as edge:
        edge.saw("member", user="alice")
        edge.saw("guest")
        edge.saw("guest", name="cart")
        if rounds_before:
            await edge.people.write_behind()
        edge.saw("guest")
        position = edge.became("guest", "alice")
        if settles:
            await edge.people.settled(position)
            assert edge.rows.profile(SHOP, PersonId("guest")) is None
            assert edge.rows.person_of_visitor(SHOP, VisitorId("guest")) == "member"
        edge.saw("guest")
        expected = edge.what("guest")
        assert expected["cart"] == 1
        assert expected["view"] == 4
    async with an_edge(tenant) as edge:
        assert edge.people.resolve(SHOP, VisitorId("guest")) == "member"
        assert edge.what("guest") == edge.what("member") == expected
        await edge.people.write_behind()
        assert edge.rows.profile(SHOP, PersonId("guest")) is None
    async with an_edge(tenant) as edge:
        assert edge.what("guest") == expected


async def test_many_merges_in_one_moment_settle_together(tenant: Sqlite) -> None:
    async with an_edge(tenant) as edge:
        edge.saw("member", user="alice")
        for number in range(20):
            edge.saw(f"g{number}")
        positions = [edge.became(f"g{number}", "alice") for number in range(20)]
        await asyncio.gather(*(edge.people.settled(position) for position in positions))
        assert edge.what("g7")["view"] == 21
        assert {edge.people.resolve(SHOP, VisitorId(f"g{number}")) for number in range(20)} == {"member"}


async def test_a_chain_of_merges_leads_to_the_last_person(tenant: Sqlite) -> None:
    async with an_edge(tenant) as edge:
        edge.saw("c", user="carol")
        edge.saw("a")
        position = edge.became("a", "carol")
        await edge.people.settled(position)
        edge.saw("d", user="dora")
        position = edge.became("c", "dora")
        assert edge.people.resolve(SHOP, VisitorId("a")) == "d"
        await edge.people.settled(position)
        assert edge.people.resolve(SHOP, VisitorId("a")) == "d"
        assert edge.people.member(SHOP, UserId("carol")) == "d"
    async with an_edge(tenant) as edge:
        assert edge.people.resolve(SHOP, VisitorId("a")) == "d"


@pytest.mark.parametrize("rounds", [0, 1, 2, 3])
async def test_the_erased_are_gone_and_who_returns_is_somebody_new(tenant: Sqlite, rounds: int) -> None:
    async with an_edge(tenant) as edge:
        edge.saw("member", user="alice")
        edge.saw("guest")
        edge.saw("other")
        await edge.people.settled(edge.became("guest", "alice"))
        if rounds > 0:
            await edge.people.write_behind()
        edge.saw("member")
        position = edge.forgot("member")
        if rounds > 1:
            await edge.people.settled(position)
            assert edge.rows.profile(SHOP, PersonId("member")) is None
        assert edge.people.member(SHOP, UserId("alice")) is None
        assert edge.people.resolve(SHOP, VisitorId("guest")) == "guest"
        edge.saw("guest", name="again")
        edge.saw("member", name="again")
        if rounds > 2:
            await edge.people.write_behind()
        edge.saw("guest", name="again")
        expected = {visitor: edge.what(visitor) for visitor in ("guest", "member", "other")}
        assert expected["guest"] == {"seq": 2, "again": 2, "ids": ["guest-1", "guest-2"]}
    async with an_edge(tenant) as edge:
        assert {visitor: edge.what(visitor) for visitor in expected} == expected
        assert edge.people.member(SHOP, UserId("alice")) is None
        await edge.people.write_behind()
    async with an_edge(tenant) as edge:
        assert {visitor: edge.what(visitor) for visitor in expected} == expected


async def test_an_import_goes_on_where_the_log_has_it(tenant: Sqlite) -> None:
    async with an_edge(tenant) as edge:
        for row in range(10):
            edge.saw("a", batch="march", row=row)
        assert edge.people.next_row(SHOP, "march") == 10
        await edge.people.write_behind()
        assert edge.people.next_row(SHOP, "march") == 10
        edge.saw("a", batch="march", row=10)
    async with an_edge(tenant) as edge:
        assert edge.people.next_row(SHOP, "march") == 11
        assert edge.people.next_row(SHOP, "april") == 0


async def test_a_duplicate_waits_for_what_its_profile_contains(tenant: Sqlite) -> None:
    async with an_edge(tenant) as edge:
        position = edge.saw("a")
        assert edge.people.position(SHOP, PersonId("a")) == position
        await edge.people.write_behind()
        assert edge.people.position(SHOP, PersonId("a")) == 0


async def test_a_round_that_may_take_its_time_is_many_small_pieces_between_which_people_change(
    tenant: Sqlite, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces: list[int] = []
    async with an_edge(tenant) as edge:
        write = edge.rows.write

        def counted(profiles: Sequence[PackedProfile], deeds: Sequence[Deed], synced: int | None) -> None:
            pieces.append(len(profiles))
            write(profiles, deeds, synced)

        monkeypatch.setattr(edge.rows, "write", counted)
        for number in range(4 * SMALL_CHUNK):
            edge.saw(f"v{number}")
        last = edge.log.appended
        round_ = asyncio.create_task(edge.people.write_behind(over_s=0.2))
        while not pieces:
            await asyncio.sleep(0)
        for number in range(0, 4 * SMALL_CHUNK, 5):
            edge.saw(f"v{number}")
        await round_
        assert edge.people.synced >= last
        assert pieces[:4] == [SMALL_CHUNK] * 4
        expected = {f"v{number}": edge.what(f"v{number}") for number in range(4 * SMALL_CHUNK)}
    async with an_edge(tenant) as edge:
        assert {visitor: edge.what(visitor) for visitor in expected} == expected


async def test_too_many_unwritten_people_refuse_new_requests(tenant: Sqlite) -> None:
    async with an_edge(tenant, PeopleSettings(dirty=5)) as edge:
        for number in range(6):
            edge.saw(f"v{number}")
        with pytest.raises(Busy, match="profiles wait"):
            edge.saw("one more")
        await edge.people.write_behind()
        edge.saw("one more")


async def test_rounds_run_by_themselves(tenant: Sqlite) -> None:
    async with an_edge(tenant, PeopleSettings(round_s=0.01)) as edge:
        running = asyncio.create_task(edge.people.run())
        position = edge.saw("a")
        for _ in range(200):
            await asyncio.sleep(0.01)
            if edge.people.synced >= position:
                break
        assert edge.people.synced >= position
        running.cancel()


@pytest.mark.parametrize("seed", range(12))
async def test_any_history_is_the_same_after_any_restart(tenant: Sqlite, seed: int) -> None:
    """Random visits, merges, erasures, rounds, settles and stops: after each start memory equals what it was."""
    dice = random.Random(seed)
    expected: dict[str, dict[str, object]] = {}
    persons: dict[str, str] = {}
    visitors = [f"v{number}" for number in range(8)]
    settings = PeopleSettings(hot=3, packed_bytes=600, slice_s=0, chunk=2)
    for _ in range(5):
        async with an_edge(tenant, settings, writes_at_the_end=dice.random() < 0.2) as edge:
            assert {visitor: edge.what(visitor) for visitor in expected} == expected
            assert {visitor: str(edge.people.resolve(SHOP, VisitorId(visitor))) for visitor in persons} == persons
            background: list[asyncio.Task[None]] = []
            for _ in range(60):
                visitor = dice.choice(visitors)
                profile = edge.people.get(SHOP, edge.people.resolve(SHOP, VisitorId(visitor)))
                match dice.random():
                    case chance if chance < 0.6:
                        user = f"user-{profile.person}" if profile.user_id is None and dice.random() < 0.2 else None
                        edge.saw(visitor, name=dice.choice(["view", "cart"]), user=user)
                    case chance if chance < 0.72:
                        members = [v for v in visitors if edge.people.member(SHOP, UserId(f"user-{v}")) is not None]
                        if members and profile.user_id is None and profile.seq > 0:
                            position = edge.became(visitor, f"user-{dice.choice(members)}")
                            if dice.random() < 0.5:
                                background.append(asyncio.create_task(edge.people.settled(position)))
                    case chance if chance < 0.77:
                        edge.forgot(profile.person)
                    case chance if chance < 0.85:
                        background.append(asyncio.create_task(edge.people.write_behind()))
                    case _:
                        await asyncio.sleep(0)
            if dice.random() < 0.5:
                await asyncio.gather(*background)
            else:
                await asyncio.sleep(dice.random() * 0.01)
                for task in background:
                    task.cancel()
                await asyncio.gather(*background, return_exceptions=True)
                await asyncio.sleep(0.02)  # what ran in a thread ends by itself
            expected = {visitor: edge.what(visitor) for visitor in visitors}
            persons = {visitor: str(edge.people.resolve(SHOP, VisitorId(visitor))) for visitor in visitors}
