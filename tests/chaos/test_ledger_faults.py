"""Killed processes, failing disks, cut power: what was acknowledged is there, in order, and people are the fold of the log."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from tests.chaos.faulty_vfs import FaultyVfs
from tests.contract.ledger_tenants import SHOP, Edge, Sqlite, an_event, folded, united

from omotenashi.ledger.people import PeopleSettings
from omotenashi.ledger.port import StorageFailed
from omotenashi.ledger.sqlite.log import Log, LogReader, LogSettings, entries
from omotenashi.model.entries import Event, Merged
from omotenashi.model.ids import PersonId, VisitorId
from omotenashi.model.profiles import Profile

SMALL = LogSettings(file_bytes=30_000, checkpoint_bytes=15_000)
KILLS = int(os.environ.get("OMOTENASHI_KILLS", "12"))
CUTS = int(os.environ.get("OMOTENASHI_CUTS", "25"))


@pytest.fixture
def vfs() -> Iterator[FaultyVfs]:
    faulty = FaultyVfs(f"faulty-{random.random()}")
    yield faulty
    faulty.unregister()


def healthy(folder: Path) -> None:
    for path in (*folder.glob("log/*.db"), *folder.glob("profiles.db")):
        connection = apsw.Connection(str(path))
        assert connection.pragma("integrity_check") == "ok"
        connection.close()


def ids(folder: Path) -> list[str]:
    """The ids of the whole log, after a look that its positions have no hole."""
    reader = LogReader(folder / "log")
    rows = entries(reader.read(0, 1_000_000))
    assert [position for position, _ in rows] == list(range(1, len(rows) + 1))
    reader.close()
    return [entry.id for _, entry in rows]


class Tried:
    """What was appended, in order, and what of it was acknowledged."""

    def __init__(self) -> None:
        self.appended: list[str] = []
        self.acknowledged: set[str] = set()

    async def some(self, log: Log, groups: int, dice: random.Random) -> None:
        """Appends in groups until the log refuses."""
        for _ in range(groups):
            names: list[str] = []
            try:
                for _ in range(dice.randint(1, 6)):
                    event = an_event("p", len(self.appended) + 1)
                    log.append([event])
                    self.appended.append(event.id)
                    names.append(event.id)
                await log.committed(log.appended)
            except StorageFailed:
                return
            self.acknowledged.update(names)

    def holds(self, found: list[str]) -> None:
        assert self.acknowledged <= set(found), "an acknowledged entry is missing"
        assert len(found) == len(set(found)), "an entry is there twice"
        assert found == [name for name in self.appended if name in set(found)], "the order changed"


@pytest.mark.parametrize("kind", ["writes_until_error", "writes_until_full", "syncs_until_error"])
@pytest.mark.parametrize("after", [0, 1, 2, 5, 9, 40])
async def test_a_failing_disk_fails_all_who_wait_and_the_log_goes_on_when_it_heals(
    kind: str, after: int, tmp_path: Path, vfs: FaultyVfs
) -> None:
    dice = random.Random(after)
    log = Log.open(tmp_path / "log", SMALL, vfs=vfs.vfs_name)
    tried = Tried()
    await tried.some(log, 5, dice)
    setattr(vfs.weather, kind, after)
    waiting = [asyncio.create_task(tried.some(log, 200, dice)) for _ in range(3)]
    await asyncio.gather(*waiting)
    assert vfs.weather.failures > 0
    assert log.failure is not None
    with pytest.raises(StorageFailed):
        log.append([an_event("p", 1)])
    with pytest.raises(StorageFailed):
        log.ready()
    with pytest.raises(StorageFailed):
        await log.recover()
    vfs.weather.clear()
    await log.recover()
    assert log.recoveries == 1
    tried.holds(ids(tmp_path))
    await tried.some(log, 30, dice)
    assert log.failure is None
    tried.holds(ids(tmp_path))
    assert len(ids(tmp_path)) == log.landed
    log.close()
    healthy(tmp_path)
    tried.holds(ids(tmp_path))


@pytest.mark.parametrize("seed", range(CUTS))
async def test_a_power_cut_loses_nothing_acknowledged(seed: int, tmp_path: Path, vfs: FaultyVfs) -> None:
    """Cut after cut on the same files; before some of them a sync fails and its pages never reach the disk."""
    dice = random.Random(seed)
    tried = Tried()
    for _ in range(4):
        vfs.weather.dead = False
        vfs.weather.operations_until_cut = None
        log = Log.open(tmp_path / "log", SMALL, vfs=vfs.vfs_name)
        await tried.some(log, dice.randint(1, 30), dice)
        if dice.random() < 0.5:
            vfs.weather.syncs_until_error = dice.randint(0, 10)
            await tried.some(log, 100, dice)
            vfs.weather.clear()
            await log.recover()
            known = set(ids(tmp_path))
            tried.appended = [name for name in tried.appended if name in known]
        vfs.weather.operations_until_cut = dice.randint(1, 200)
        await tried.some(log, 200, dice)
        vfs.weather.dead = True
        log.close()
        vfs.weather.cut(dice)
        healthy(tmp_path)
        found = ids(tmp_path)
        tried.holds(found)
        tried.appended = found
    vfs.weather.dead = False
    vfs.weather.operations_until_cut = None


@pytest.mark.parametrize("kind", ["writes_until_error", "writes_until_full"])
@pytest.mark.parametrize("after", [0, 3, 8])
async def test_failing_profiles_stop_a_merge_and_lose_nothing(kind: str, after: int, tmp_path: Path, vfs: FaultyVfs) -> None:
    tenant = Sqlite(tmp_path)
    log, reader, rows = tenant.log(), tenant.reader(), tenant.rows(vfs=vfs.vfs_name)
    edge = Edge(log, reader, rows, PeopleSettings(chunk=2))
    await edge.people.reload()
    edge.saw("member", user="alice")
    for number in range(10):
        edge.saw(f"g{number}")
    await edge.people.write_behind()
    setattr(vfs.weather, kind, after)
    failed = 0
    for number in range(10):
        edge.saw(f"g{number}")
        try:
            await edge.people.settled(edge.became(f"g{number}", "alice"))
        except StorageFailed:
            failed += 1
    assert failed > 0
    with pytest.raises(StorageFailed):
        await edge.people.write_behind()
    expected = edge.what("member")
    assert expected["view"] == 21
    vfs.weather.clear()
    await edge.people.reload()
    assert edge.what("member") == expected
    await edge.people.write_behind()
    assert edge.people.synced == log.landed
    assert edge.rows.person_of_visitor(SHOP, VisitorId("g9")) == "member"
    assert edge.rows.profile(SHOP, PersonId("g9")) is None
    log.close()
    reader.close()
    rows.close()
    healthy(tmp_path)


@pytest.mark.parametrize("seed", range(CUTS))
async def test_people_after_a_power_cut_are_the_fold_of_the_log(seed: int, tmp_path: Path, vfs: FaultyVfs) -> None:
    dice = random.Random(seed)
    tenant = Sqlite(tmp_path)
    for _ in range(3):
        vfs.weather.dead = False
        vfs.weather.operations_until_cut = None
        log, reader, rows = tenant.log(SMALL, vfs=vfs.vfs_name), tenant.reader(), tenant.rows(vfs=vfs.vfs_name)
        edge = Edge(log, reader, rows, PeopleSettings(chunk=3, hot=4, packed_bytes=500, round_s=0.001))
        await edge.people.reload()
        the_fold(edge, entries_of(tmp_path))
        running = asyncio.create_task(edge.people.run())
        vfs.weather.operations_until_cut = dice.randint(1, 400)
        try:
            for _ in range(300):
                visitor = f"v{dice.randrange(8)}"
                profile = edge.people.get(SHOP, edge.people.resolve(SHOP, VisitorId(visitor)))
                if profile.user_id is None and profile.seq and edge.people.member(SHOP, "alice") and dice.random() < 0.1:  # type: ignore[arg-type]
                    await edge.people.settled(edge.became(visitor, "alice"))
                else:
                    await log.committed(edge.saw(visitor, user="alice" if visitor == "v0" else None))
        except StorageFailed:
            pass
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await asyncio.sleep(0.02)  # what ran in a thread ends by itself
        vfs.weather.dead = True
        log.close()
        reader.close()
        rows.close()
        vfs.weather.cut(dice)
        healthy(tmp_path)
    vfs.weather.dead = False
    vfs.weather.operations_until_cut = None


@pytest.mark.parametrize("seed", range(CUTS))
async def test_what_the_log_may_forget_is_in_the_rows_after_a_power_cut(seed: int, tmp_path: Path, vfs: FaultyVfs) -> None:
    dice = random.Random(seed)
    tenant = Sqlite(tmp_path)
    log, reader, rows = tenant.log(), tenant.reader(), tenant.rows(vfs=vfs.vfs_name)
    edge = Edge(log, reader, rows, PeopleSettings(chunk=3))
    await edge.people.reload()
    safe = 0
    if dice.random() < 0.5:
        vfs.weather.syncs_until_error = dice.randint(0, 3)
    vfs.weather.operations_until_cut = dice.randint(1, 400)
    while not vfs.weather.dead:
        edge.saw(f"v{dice.randrange(50)}")
        try:
            if dice.random() < 0.3:
                await edge.people.write_behind()
            if dice.random() < 0.1:
                safe = await edge.people.safe_to_forget()
        except StorageFailed:
            vfs.weather.syncs_until_error = None
    vfs.weather.dead = True
    log.close()
    reader.close()
    rows.close()
    vfs.weather.cut(dice)
    vfs.weather.dead = False
    vfs.weather.operations_until_cut = None
    rows = tenant.rows()
    assert safe <= rows.synced() <= LogReader(tmp_path / "log").last()
    rows.close()


def entries_of(folder: Path) -> list[Event | Merged]:
    reader = LogReader(folder / "log")
    rows = entries(reader.read(0, 1_000_000))
    assert [position for position, _ in rows] == list(range(1, len(rows) + 1))
    reader.close()
    return [entry for _, entry in rows if isinstance(entry, Event | Merged)]


def the_fold(edge: Edge, log: list[Event | Merged]) -> None:
    """Everybody the edge knows equals the plain fold of the whole log."""
    people: dict[str, Profile] = {}
    into: dict[str, str] = {}
    for entry in log:
        profile = people.setdefault(entry.person, Profile(entry.person))
        if isinstance(entry, Merged):
            people[entry.person] = united(profile, people.pop(entry.absorbed), entry)
            into[entry.absorbed] = entry.person
        else:
            people[entry.person] = folded(profile, entry)
    for person, profile in people.items():
        known = edge.people.get(SHOP, PersonId(person))
        assert (known.seq, known.accumulators, known.user_id) == (profile.seq, profile.accumulators, profile.user_id)
    for absorbed, person in into.items():
        assert edge.people.resolve(SHOP, VisitorId(absorbed)) == person


async def test_a_killed_edge_loses_nothing_it_answered(tmp_path: Path) -> None:
    """Again and again on the same folder, at random moments: in commits, rotations, rounds and merges."""
    dice = random.Random(7)
    acknowledged: dict[int, tuple[str, int]] = {}
    for seed in range(KILLS):
        process = subprocess.Popen(  # noqa: ASYNC220  (the reading of its pipe is the test)
            [sys.executable, "-m", "tests.chaos.killed_edge", str(tmp_path), str(seed)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        await asyncio.sleep(dice.uniform(0.02, 0.35))
        process.send_signal(signal.SIGKILL)
        out, _ = process.communicate()
        for line in out.splitlines(keepends=True):
            if line.endswith(b"\n"):
                visitor, position, seq = line.split()
                acknowledged[int(position)] = (visitor.decode(), int(seq))
        log = entries_of(tmp_path)
        for position, (visitor, seq) in acknowledged.items():
            entry = log[position - 1]
            assert isinstance(entry, Event)
            assert (entry.visitor == visitor or entry.person == entry.visitor, entry.seq) == (True, seq)
        healthy(tmp_path)
        tenant = Sqlite(tmp_path)
        writer, reader, rows = tenant.log(SMALL), tenant.reader(), tenant.rows()
        edge = Edge(writer, reader, rows)
        await edge.people.reload()
        the_fold(edge, log)
        writer.close()
        reader.close()
        rows.close()
    assert len(acknowledged) > 100
