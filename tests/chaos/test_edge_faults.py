"""A whole edge over a disk that fails: 503 while it does, nothing corrupted, and on it goes when the disk is well again."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest
from tests.chaos.faulty_vfs import FaultyVfs
from tests.chaos.verdict import fold_all
from tests.integration.edge_house import House, PaperOffice, midori, visitor, welcome

from omotenashi.edge.limits import Allowance
from omotenashi.ledger.people import PeopleSettings
from omotenashi.ledger.port import StorageFailed
from omotenashi.ledger.sqlite.log import Log, LogSettings
from omotenashi.ledger.sqlite.profiles import Profiles
from omotenashi.model.entries import Event
from omotenashi.model.profiles import Profile

SMALL = LogSettings(file_bytes=30_000, checkpoint_bytes=15_000)
EVENTS = 25


@pytest.fixture
def vfs() -> Iterator[FaultyVfs]:
    faulty = FaultyVfs(f"faulty-edge-{random.random()}")
    yield faulty
    faulty.unregister()


class Browsers:
    """Six browsers; each sends one event after the other, the same again until it is answered with 200."""

    def __init__(self, house: House, dice: random.Random) -> None:
        self.house = house
        self.dice = dice
        self.acknowledged: set[str] = set()
        self.sent: set[str] = set()
        self.refused = 0

    async def one(self, number: int, round_: int) -> None:
        who = visitor(f"b{number}")
        for count in range(EVENTS):
            name = f"{round_}.{number}.{count}"
            event: dict[str, Any] = {"id": name, "name": self.dice.choice(("view", "cart")), "values": {"n": count}}
            if count % 4 == 3:
                event |= {"name": "identify", "values": {"user_id": self.dice.choice("ab")}}
            self.sent.add(name)
            while True:
                answer = await self.house.track(event, visitor=who)
                if answer.status == 200:
                    break
                assert answer.status == 503, answer.body
                assert answer.headers["retry-after"] == "1"
                self.refused += 1
                await asyncio.sleep(0.001)
            assert all(each["code"] == "duplicate" for each in answer.json.get("rejected", [])), answer.json
            self.acknowledged.add(name)
            who = answer.json.get("visitor", who)

    async def all(self, round_: int) -> None:
        await asyncio.gather(*(self.one(number, round_) for number in range(6)))

    def holds(self) -> None:
        """What was acknowledged is in the log once, nothing else is there, and people are the fold of it."""
        entries = self.house.entries()
        found = [entry.id for entry in entries if isinstance(entry, Event) and entry.source == "tag"]
        assert len(found) == len(set(found)), "an event was taken twice"
        assert self.acknowledged <= set(found), "an acknowledged event is missing"
        assert set(found) <= self.sent
        people, into, _ = fold_all(entries, self.house.edge.projects.by_id["midori"].plan)  # type: ignore[index]
        for person, expected in people.items():
            assert_same(self.house.people.get("midori", person), expected)  # type: ignore[arg-type]
        for absorbed in into:
            assert self.house.people.resolve("midori", absorbed) in people  # type: ignore[arg-type]


def assert_same(mine: Profile, expected: Profile) -> None:
    for field in msgspec.structs.fields(Profile):
        assert getattr(mine, field.name) == getattr(expected, field.name), (mine.person, field.name)


def assert_healthy(folder: Path) -> None:
    for path in (*folder.glob("log/*.db"), folder / "profiles.db"):
        connection = apsw.Connection(str(path))
        assert connection.pragma("integrity_check") == "ok"
        connection.close()


@asynccontextmanager
async def on_a_bad_disk(folder: Path, vfs: FaultyVfs, *, profiles: bool) -> AsyncIterator[House]:
    one = House(folder, PaperOffice(midori(welcome())))
    one.settings = msgspec.structs.replace(one.settings, allowance=Allowance(per_visitor=10**9, per_address=10**9))
    one.log_settings = SMALL
    one.people_settings = PeopleSettings(hot=16, packed_bytes=4_000, round_s=0.002, chunk=2)
    one.make_log = lambda directory, settings: Log.open(directory, settings, vfs=None if profiles else vfs.vfs_name)
    if profiles:
        one.make_rows = lambda path: Profiles.open(path, vfs=vfs.vfs_name)
    await one.open()
    behind = asyncio.create_task(one.people.run())
    try:
        yield one
    finally:
        behind.cancel()
        await asyncio.gather(behind, return_exceptions=True)
        await one.close()


@pytest.mark.parametrize("after", [0, 3, 17])
@pytest.mark.parametrize(
    ("profiles", "kind"),
    [
        (False, "writes_until_error"),
        (False, "writes_until_full"),
        (False, "syncs_until_error"),
        (True, "writes_until_error"),  # whose writes are not synced one by one
        (True, "writes_until_full"),
    ],
    ids=lambda given: str(given),
)
async def test_while_the_disk_fails_all_hear_503_and_afterwards_nothing_is_lost_or_twice(
    kind: str, after: int, profiles: bool, tmp_path: Path, vfs: FaultyVfs
) -> None:
    async with on_a_bad_disk(tmp_path, vfs, profiles=profiles) as one:
        browsers = Browsers(one, random.Random(after))
        await browsers.all(0)
        assert browsers.refused == 0
        setattr(vfs.weather, kind, after)
        trying = asyncio.create_task(browsers.all(1))
        while browsers.refused < (1 if profiles else 20):  # only merges wait for the profiles
            assert not trying.done(), "the disk failed, and nobody was told"
            await asyncio.sleep(0.001)
        if not profiles:
            assert (await one.ours("GET", "/internal/health")).status == 503
        vfs.weather.clear()
        await trying
        assert vfs.weather.failures > 0
        assert (await one.ours("GET", "/internal/health")).status == 200
        browsers.holds()
        await one.people.write_behind()
    assert_healthy(tmp_path)
    async with on_a_bad_disk(tmp_path, vfs, profiles=profiles) as again:
        browsers.house = again
        browsers.holds()
        await browsers.all(2)
        browsers.holds()


@pytest.mark.parametrize("seed", range(6))
async def test_a_power_cut_takes_nothing_that_was_answered(seed: int, tmp_path: Path, vfs: FaultyVfs) -> None:
    """The writes that were not synced reach the disk in part, torn, or not at all."""
    dice = random.Random(seed)
    acknowledged: set[str] = set()
    sent: set[str] = set()
    for round_ in range(3):
        vfs.weather.dead, vfs.weather.operations_until_cut = False, None
        async with cut_short(tmp_path, vfs) as one:
            browsers = Browsers(one, dice)
            browsers.acknowledged, browsers.sent = acknowledged, sent
            browsers.holds()
            vfs.weather.operations_until_cut = dice.randint(20, 600)
            trying = asyncio.create_task(browsers.all(round_))
            await until_dark(vfs, trying)
            trying.cancel()
            await asyncio.gather(trying, return_exceptions=True)
        vfs.weather.cut(dice)
        assert_healthy(tmp_path)
    assert len(acknowledged) > 10


async def until_dark(vfs: FaultyVfs, trying: asyncio.Task[None]) -> None:
    while True:
        if vfs.weather.dead or trying.done():
            return
        await asyncio.sleep(0.001)


@asynccontextmanager
async def cut_short(folder: Path, vfs: FaultyVfs) -> AsyncIterator[House]:
    """A house that is left as the power leaves it: nothing is written any more."""
    one = House(folder, PaperOffice(midori(welcome())))
    one.settings = msgspec.structs.replace(one.settings, allowance=Allowance(per_visitor=10**9, per_address=10**9))
    one.log_settings = SMALL
    one.people_settings = PeopleSettings(hot=16, packed_bytes=4_000, round_s=0.002, chunk=2)
    one.make_log = lambda directory, settings: Log.open(directory, settings, vfs=vfs.vfs_name)
    one.make_rows = lambda path: Profiles.open(path, vfs=vfs.vfs_name)
    await one.open()
    behind = asyncio.create_task(one.people.run())
    try:
        yield one
    finally:
        vfs.weather.dead = True
        behind.cancel()
        await asyncio.gather(behind, return_exceptions=True)
        try:
            await one.edge.stop()
        except StorageFailed:
            pass
        await asyncio.sleep(0.02)  # what ran in a thread ends by itself
        one.source.close()
        one.rows.close()
        one.log.close()
