"""What the edge does when the disk does not: nobody is told that something was taken which was not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.integration.edge_house import House, PaperOffice, house, midori, visitor, welcome

from omotenashi.ledger.port import StorageFailed
from omotenashi.ledger.sqlite.log import Log, LogSettings
from omotenashi.model.profiles import pack

HANAKO = visitor("hanako")


class Faulty:
    """A log whose next commits fail after their entries were taken, as a full disk's would; then it recovers."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.failing = 0
        self._failed = False
        self._recoveries = 0

    appended = property(lambda self: self._log.appended)
    landed = property(lambda self: self._log.landed)
    recoveries = property(lambda self: self._log.recoveries + self._recoveries)
    failure = property(lambda self: "the disk is full" if self._failed else self._log.failure)

    def ready(self) -> None:
        if self._failed:
            raise StorageFailed("the disk is full")
        self._log.ready()

    def append(self, entries: list) -> int:  # type: ignore[type-arg]
        if self._failed:
            raise StorageFailed("the disk is full")
        if self.failing:
            return self._log.appended + len(entries)
        return self._log.append(entries)

    async def committed(self, position: int) -> None:
        if self._failed or (self.failing and position > self._log.appended):
            self._failed = True
            raise StorageFailed("the disk is full")
        await self._log.committed(position)

    async def recover(self) -> None:
        if self.failing:
            self.failing -= 1
            if self.failing:
                raise StorageFailed("the disk is still full")
        self._failed = False
        self._recoveries += 1
        await self._log.recover()

    def close(self) -> None:
        self._log.close()


@asynccontextmanager
async def faulty_house(folder: Path) -> AsyncIterator[House]:
    """A house whose log fails on request."""
    one = House(folder, PaperOffice(midori(welcome())))
    one.make_log = lambda directory, settings: Faulty(Log.open(directory, settings))  # type: ignore[assignment,return-value]
    await one.open()
    try:
        yield one
    finally:
        await one.close()


async def test_a_failed_commit_is_answered_503_and_leaves_no_trace_in_memory(tmp_path: Path) -> None:
    async with faulty_house(tmp_path) as one:
        await one.track(one.event("cart"))
        before = pack(one.profile(HANAKO))
        one.log.failing = 2
        cart = one.event("cart")
        refused = await one.track(cart)
        assert (refused.status, refused.error["code"], refused.headers["retry-after"]) == (503, "storage_failed", "1")
        during = await one.track(cart)
        assert during.status == 503
        assert (await one.ours("GET", "/internal/health")).status == 503
        await one.recovered()
        assert pack(one.profile(HANAKO)) == before
        assert (await one.track(cart)).json == {"accepted": 1}
        assert [event.seq for event in one.events("cart")] == [1, 2]
        assert one.edge.metrics.recoveries == 1
        assert [type(entry).__name__ for entry in one.entries()].count("Config") == 1 + 1


async def test_a_message_that_was_not_written_down_is_not_shown_and_holds_no_place(tmp_path: Path) -> None:
    async with faulty_house(tmp_path) as one:
        one.log.failing = 1
        view = one.event("view")
        assert (await one.track(view)).status == 503
        await one.recovered()
        assert one.profile(HANAKO).leases == []
        assert [message["campaign"] for message in (await one.track(view)).json["messages"]] == ["welcome"]


async def test_an_import_that_met_a_recovery_is_sent_again_from_what_is_on_disk(tmp_path: Path) -> None:
    async with faulty_house(tmp_path) as one:
        body = b"".join(b'{"row":%d,"user_id":"u%d","name":"buy","at":%d}\n' % (row, row % 5, one.now) for row in range(300))
        one.log.failing = 1
        assert (await one.secret("POST", "/v1/import?batch=b", body)).status == 503
        await one.recovered()
        answer = await one.secret("POST", "/v1/import?batch=b", body)
        assert answer.json["nextRow"] == 300
        assert sorted(event.row for event in one.events("buy")) == list(range(300))


async def test_a_full_queue_refuses_before_anything_is_folded(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.track(one.event("a"))
        await one.close()
        one.log_settings = LogSettings(waiting_entries=3)
        await one.open()
        many = [one.track(one.event(f"b{i}"), visitor=visitor(f"v{i}")) for i in range(12)]
        answers = await asyncio.gather(*many)
        refused = [answer for answer in answers if answer.status == 503]
        assert refused
        assert all((answer.error["code"], answer.headers["retry-after"]) == ("busy", "1") for answer in refused)
        taken = {event.name for event in one.events()} - {"a"}
        assert taken == {f"b{i}" for i, answer in enumerate(answers) if answer.status == 200}
        for i, answer in enumerate(answers):
            assert (one.profile(visitor(f"v{i}")).seq > 0) == (answer.status == 200)


async def test_an_error_of_our_own_is_answered_and_leaves_no_half_folded_profile(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome())) as one:
        await one.track(one.event("cart"))
        before = pack(one.profile(HANAKO))
        plan = one.edge.projects.by_id["midori"].plan
        listening = plan.listening
        plan.listening = {"view": 7}  # type: ignore[dict-item]  # a bug, for one request
        view = one.event("view")
        broken = await one.track(view)
        plan.listening = listening
        await one.recovered()
        assert (broken.status, broken.error["code"]) == (500, "internal")
        assert pack(one.profile(HANAKO)) == before
        assert (await one.track(view)).json["accepted"] == 1


async def test_profiles_after_a_power_cut_equal_those_before(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome())) as one:
        for i in range(30):
            who = visitor(f"v{i % 4}")
            one.now += 60_000 * i
            answer = await one.track(
                one.event("view"),
                one.event("cart", {"n": i}),
                visitor=who,
                page={"id": f"p{i}", "visible": True, "visible_ms": 900},
            )
            for message in answer.json.get("messages", []):
                await one.track(one.event("_message_open", {"reservation": message["reservation"]}), visitor=who)
        before = {i: pack(one.profile(visitor(f"v{i}"))) for i in range(4)}
        await one.restart()
        assert {i: pack(one.profile(visitor(f"v{i}"))) for i in range(4)} == before
