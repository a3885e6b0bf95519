"""What every log promises: one order, nothing acknowledged that is not on disk, nothing lost when it goes on."""

import asyncio
import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from tests.contract.ledger_tenants import TENANTS, Sqlite, an_event

from omotenashi.ledger.port import Busy, InUse, Pruned, StorageFailed
from omotenashi.ledger.sqlite.files import onlooker
from omotenashi.ledger.sqlite.log import LogSettings, entries

SMALL = LogSettings(file_bytes=20_000, checkpoint_bytes=20_000)


@pytest.fixture(params=TENANTS)
def tenant(request: pytest.FixtureRequest, tmp_path: Path) -> Sqlite:
    return request.param(tmp_path)


async def test_what_was_acknowledged_is_read_in_order_with_consecutive_positions(tenant: Sqlite) -> None:
    log, reader = tenant.log(), tenant.reader()
    first = log.append([an_event("a", 1), an_event("a", 2)])
    second = log.append([an_event("b", 1)])
    await log.committed(second)
    assert (first, second, log.landed) == (2, 3, 3)
    read = entries(reader.read(0, 100))
    assert [(position, entry.id) for position, entry in read] == [(1, "a-1"), (2, "a-2"), (3, "b-1")]
    assert read[0][1] == an_event("a", 1)
    log.close()
    reader.close()


async def test_nothing_is_seen_before_its_commit(tenant: Sqlite) -> None:
    log, reader = tenant.log(), tenant.reader()
    position = log.append([an_event("a", 1)])
    assert reader.read(0, 10) == []
    assert log.landed == 0
    await log.committed(position)
    assert reader.last() == log.landed == 1
    log.close()
    reader.close()


async def test_requests_of_one_moment_share_a_commit(tenant: Sqlite) -> None:
    log = tenant.log()
    landings: list[int] = []

    async def request(number: int) -> None:
        position = log.append([an_event(f"p{number}", 1)])
        await log.committed(position)
        landings.append(log.landed)

    await asyncio.gather(*(request(number) for number in range(200)))
    assert log.landed == 200
    assert set(landings) == {200}, "all of them were answered after the one commit that held them"
    log.close()


async def test_a_cancelled_request_does_not_take_its_group_with_it(tenant: Sqlite) -> None:
    log = tenant.log()

    async def request(number: int) -> int:
        position = log.append([an_event(f"p{number}", 1)])
        await log.committed(position)
        return position

    tasks = [asyncio.create_task(request(number)) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert ends[0] == 1
    assert isinstance(ends[1], asyncio.CancelledError)
    assert ends[2] == 3
    log.close()


async def test_a_full_queue_refuses_before_folding_and_only_later_at_the_append(tenant: Sqlite) -> None:
    log = tenant.log(LogSettings(waiting_entries=10))
    for number in range(10):
        log.ready()
        log.append([an_event("a", number + 1)])
    with pytest.raises(Busy):
        log.ready()
    position = log.append([an_event("a", 11)])  # whoever asked before and then folded is still taken
    log.append([an_event("a", number) for number in range(12, 21)])
    with pytest.raises(Busy):
        log.append([an_event("a", 21)])
    await log.committed(position)
    await log.committed(log.appended)
    log.ready()
    log.close()


async def test_a_position_that_was_never_given_out_is_not_waited_for(tenant: Sqlite) -> None:
    log = tenant.log()
    with pytest.raises(StorageFailed, match="position 7 was not appended"):
        await log.committed(7)
    log.close()


async def test_positions_go_on_across_files_and_starts(tenant: Sqlite) -> None:
    log, reader = tenant.log(SMALL), tenant.reader()
    for number in range(60):
        for _ in range(10):
            log.append([an_event("a", number)])
        await log.committed(log.appended)
        await asyncio.sleep(0.002)
    files = sorted((tenant.folder / "log").glob("*.db"))
    assert len(files) > 2, "the log should have rotated"
    assert [position for position, _ in reader.read(0, 10_000)] == list(range(1, 601))
    assert [position for position, _ in reader.read(355, 7)] == list(range(356, 363))
    log.close()
    again = tenant.log(SMALL)
    assert again.appended == again.landed == 600
    assert again.last_now == an_event("a", 59).now
    await again.committed(again.append([an_event("b", 1)]))
    assert [position for position, _ in reader.read(598, 10)] == [599, 600, 601]
    assert reader.last() == 601
    again.close()
    reader.close()


async def test_a_reader_follows_the_writer_from_file_to_file(tenant: Sqlite) -> None:
    log, reader = tenant.log(SMALL), tenant.reader()
    seen: list[int] = []
    for number in range(80):
        await log.committed(log.append([an_event("a", number) for _ in range(5)]))
        seen += [position for position, _ in reader.read(seen[-1] if seen else 0, 7)]
        await asyncio.sleep(0.001)
    while rows := reader.read(seen[-1], 50):
        seen += [position for position, _ in rows]
    assert seen == list(range(1, 401))
    log.close()
    reader.close()


async def test_a_file_goes_only_when_everybody_passed_it(tenant: Sqlite) -> None:
    log, reader = tenant.log(SMALL), tenant.reader()
    for number in range(100):
        await log.committed(log.append([an_event("a", number) for _ in range(10)]))
        await asyncio.sleep(0.001)
    before = sorted((tenant.folder / "log").glob("*.db"))
    assert await log.prune({}) == [], "with nobody registered nothing goes"
    assert await log.prune({"warehouse": log.landed, "profiles": 0}) == []
    assert sorted((tenant.folder / "log").glob("*.db")) == before
    gone = await log.prune({"warehouse": log.landed, "profiles": 500})
    assert gone
    first = reader.first()
    assert first <= 501
    assert [position for position, _ in reader.read(500, 10_000)] == list(range(501, 1001))
    with pytest.raises(Pruned) as pruned:
        reader.read(0, 10)
    assert pruned.value.first == first
    assert await log.prune({"warehouse": log.landed, "profiles": log.landed})
    await log.committed(log.append([an_event("a", 2)]))
    assert [position for position, _ in reader.read(1000, 10)] == [1001], "the file being written stays"
    log.close()
    again = tenant.log(SMALL)
    assert again.landed == 1001
    again.close()
    reader.close()


async def test_files_that_are_pruned_while_a_reader_opens_them_are_pruned_and_no_broken_disk(
    tenant: Sqlite, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tenant.log(SMALL)
    for number in range(100):
        await log.committed(log.append([an_event("a", number) for _ in range(10)]))
        await asyncio.sleep(0.001)
    log.close()
    first = min((tenant.folder / "log").glob("*.db"))
    reader = tenant.reader()

    def opened_and_gone(path: Path, vfs: str | None = None) -> apsw.Connection:
        connection = onlooker(path, vfs)
        if path == first:
            for part in path.parent.glob(f"{path.name}*"):
                part.unlink()
        return connection

    monkeypatch.setattr("omotenashi.ledger.sqlite.log.onlooker", opened_and_gone)
    assert reader.last() == 1000
    assert reader.first() > 1
    reader.close()


async def test_a_log_has_one_writer(tenant: Sqlite) -> None:
    log = tenant.log()
    with pytest.raises(InUse):
        tenant.log()
    log.close()
    tenant.log().close()


async def test_a_reader_in_another_process_sees_what_is_committed(tenant: Sqlite) -> None:
    log = tenant.log(SMALL)
    for number in range(50):
        await log.committed(log.append([an_event("a", number) for _ in range(10)]))
    script = (
        "import sys; from pathlib import Path; from omotenashi.ledger.sqlite.log import LogReader\n"
        "reader = LogReader(Path(sys.argv[1])); rows = reader.read(0, 100000)\n"
        "print(len(rows), rows[-1][0], reader.last())"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(tenant.folder / "log"), stdout=subprocess.PIPE, env={"PYTHONPATH": ":".join(sys.path)}
    )
    out, _ = await process.communicate()
    assert out.split() == [b"500", b"500", b"500"]
    await log.committed(log.append([an_event("a", 1)]))
    log.close()


async def test_an_empty_append_gives_the_last_position(tenant: Sqlite) -> None:
    log = tenant.log()
    await log.committed(log.append([]))
    position = log.append([an_event("a", 1)])
    assert log.append([]) == position
    await log.committed(position)
    assert log.landed == 1
    log.close()
