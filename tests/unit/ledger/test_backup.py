"""A backup taken while the edge works starts again as the edge was, and never overwrites anything."""

import asyncio
from pathlib import Path

import pytest
from tests.contract.ledger_tenants import SHOP, Edge, Sqlite
from tests.contract.test_ledger_office import a_project

from omotenashi.ledger.backup import backup, restore
from omotenashi.ledger.people import PeopleSettings
from omotenashi.ledger.port import LedgerError, Occupied
from omotenashi.ledger.sqlite.log import LogSettings
from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.model.ids import Instant, SessionId


async def a_house(folder: Path) -> tuple[Sqlite, Edge]:
    tenant = Sqlite(folder)
    edge = Edge(tenant.log(LogSettings(file_bytes=20_000)), tenant.reader(), tenant.rows(), PeopleSettings(chunk=3))
    await edge.people.reload()
    return tenant, edge


def close(edge: Edge) -> None:
    edge.log.close()
    edge.reader.close()
    edge.rows.close()


async def test_a_copy_taken_under_way_starts_again_with_everything_acknowledged_before(tmp_path: Path) -> None:
    tenant, edge = await a_house(tmp_path / "data")
    office = tenant.office()
    office.apply(a_project(1), {}, Instant(1))
    for folder in ("warehouse/store", "blobs"):
        (tmp_path / "data" / folder).mkdir(parents=True)
        (tmp_path / "data" / folder / "part").write_bytes(b"12345")
    index = Recordings.open(tmp_path / "data" / "recordings.db")
    index.watch(SHOP, SessionId("visit"), Instant(7))
    for number in range(300):
        edge.saw(f"v{number % 20}")
        if number % 40 == 0:
            await edge.people.write_behind()
    await edge.log.committed(edge.log.appended)
    acknowledged = edge.log.landed
    before = {f"v{number}": edge.what(f"v{number}") for number in range(20)}
    copying = asyncio.create_task(asyncio.to_thread(backup, tmp_path / "data", tmp_path / "copy"))
    while not copying.done():
        edge.saw("busy")
        await asyncio.sleep(0)
        await edge.people.write_behind()
    manifest = await copying
    assert manifest.last >= acknowledged
    close(edge)
    office.close()

    assert restore(tmp_path / "copy", tmp_path / "again") == manifest
    tenant, edge = await a_house(tmp_path / "again")
    assert edge.log.landed == manifest.last
    assert {visitor: edge.what(visitor) for visitor in before} == before
    assert edge.what("busy")["seq"] == manifest.last - acknowledged
    assert (tmp_path / "again" / "warehouse" / "store" / "part").read_bytes() == b"12345"
    assert (tmp_path / "again" / "blobs" / "part").read_bytes() == b"12345"
    copied = Recordings.open(tmp_path / "again" / "recordings.db")
    assert copied.is_watched(SHOP, SessionId("visit"), Instant(6))
    copied.close()
    index.close()
    desk = tenant.desk()
    assert desk.head(SHOP) == 1
    desk.close()
    close(edge)


async def test_a_pruned_log_is_enough_with_its_profiles(tmp_path: Path) -> None:
    _, edge = await a_house(tmp_path / "data")
    for number in range(400):
        edge.saw(f"v{number % 5}")
        await edge.log.committed(edge.log.appended)
    await edge.people.write_behind()
    assert await edge.log.prune({"profiles": edge.people.synced})
    expected = edge.what("v1")
    manifest = backup(tmp_path / "data", tmp_path / "copy")
    assert manifest.first > 1
    close(edge)
    restore(tmp_path / "copy", tmp_path / "again")
    _, edge = await a_house(tmp_path / "again")
    assert edge.what("v1") == expected
    close(edge)


async def test_neither_way_overwrites_anything(tmp_path: Path) -> None:
    _, edge = await a_house(tmp_path / "data")
    close(edge)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("precious")
    with pytest.raises(Occupied, match="not empty"):
        backup(tmp_path / "data", tmp_path / "full")
    backup(tmp_path / "data", tmp_path / "copy")
    with pytest.raises(Occupied, match="not empty"):
        restore(tmp_path / "copy", tmp_path / "data")
    with pytest.raises(Occupied, match="not empty"):
        restore(tmp_path / "copy", tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine"]


async def test_an_unfinished_or_damaged_copy_is_refused(tmp_path: Path) -> None:
    _, edge = await a_house(tmp_path / "data")
    close(edge)
    backup(tmp_path / "data", tmp_path / "copy")
    with (tmp_path / "copy" / "profiles.db").open("ab") as file:
        file.write(b"x")
    with pytest.raises(LedgerError, match=r"not as it was made: profiles\.db"):
        restore(tmp_path / "copy", tmp_path / "again")
    (tmp_path / "copy" / "manifest.json").unlink()
    with pytest.raises(LedgerError, match="not a complete backup"):
        restore(tmp_path / "copy", tmp_path / "again")
    assert not (tmp_path / "again").exists()
