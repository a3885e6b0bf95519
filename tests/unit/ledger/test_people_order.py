"""What is written when: never before the log has it, and never again once it went."""

import asyncio
from pathlib import Path

import apsw
import pytest
from tests.contract.ledger_tenants import SHOP, Edge, Sqlite

from omotenashi.ledger.people import PeopleSettings
from omotenashi.model.ids import PersonId


async def an_edge(folder: Path, settings: PeopleSettings) -> Edge:
    tenant = Sqlite(folder)
    edge = Edge(tenant.log(), tenant.reader(), tenant.rows(), settings)
    await edge.people.reload()
    return edge


def close(edge: Edge) -> None:
    edge.log.close()
    edge.reader.close()
    edge.rows.close()


async def test_a_profile_waits_for_its_entries_to_be_on_disk(tmp_path: Path) -> None:
    edge = await an_edge(tmp_path, PeopleSettings())
    holding = apsw.Connection(str(tmp_path / "log" / "000001.db"))
    holding.execute("BEGIN IMMEDIATE")  # no commit gets through
    position = edge.saw("a", user="alice")
    writing = asyncio.create_task(edge.people.write_behind())
    settling = asyncio.create_task(edge.people.settled(position))
    await asyncio.sleep(0.1)
    assert not writing.done()
    assert not settling.done()
    assert edge.rows.profile(SHOP, PersonId("a")) is None
    assert edge.rows.synced() == 0
    holding.execute("ROLLBACK")
    await asyncio.gather(writing, settling)
    assert edge.rows.profile(SHOP, PersonId("a")) is not None
    assert edge.rows.synced() == position
    holding.close()
    close(edge)


async def test_a_visitor_who_was_merged_while_a_round_had_them_packed_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edge = await an_edge(tmp_path, PeopleSettings(slice_s=0, chunk=10_000))
    sleep, goes_on = asyncio.sleep, asyncio.Event()

    async def held(delay: float) -> None:
        await (sleep(delay) if delay else goes_on.wait())

    edge.saw("guest")
    edge.saw("member", user="alice")
    for number in range(30):
        edge.saw(f"v{number}")
    monkeypatch.setattr(asyncio, "sleep", held)  # the round stops where it lets others in: behind the first, who is packed
    round_ = asyncio.create_task(edge.people.write_behind())
    for _ in range(5):
        await sleep(0)
    await edge.people.settled(edge.became("guest", "alice"))
    assert edge.rows.profile(SHOP, PersonId("guest")) is None
    assert not round_.done(), "the round has to be under way for this to say anything"
    goes_on.set()
    await round_
    assert edge.rows.profile(SHOP, PersonId("guest")) is None
    assert edge.rows.profile(SHOP, PersonId("v7")) is not None
    close(edge)


async def test_a_cancelled_round_leaves_its_books_right(tmp_path: Path) -> None:
    edge = await an_edge(tmp_path, PeopleSettings(slice_s=0, chunk=3))
    for number in range(60):
        edge.saw(f"v{number}", user=f"u{number}")
    for steps in range(1, 40):
        round_ = asyncio.create_task(edge.people.write_behind())
        for _ in range(steps):
            await asyncio.sleep(0)
        round_.cancel()
        await asyncio.gather(round_, return_exceptions=True)
        edge.saw(f"v{steps}")
    await edge.people.write_behind()
    assert edge.people.synced == edge.log.landed
    assert edge.people.counts()["dirty"] == 0
    close(edge)
    again = await an_edge(tmp_path, PeopleSettings())
    assert [again.what(f"v{number}")["seq"] for number in range(60)] == [1] + [2] * 39 + [1] * 20
    close(again)
