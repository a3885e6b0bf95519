"""``/v1/calls``: a page whose visitor only reads hears when it is wanted, and only then."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from omotenashi.blobs.store import folder as blobs
from omotenashi.edge.calls import LATER_MS, MOST_OF_VISITOR
from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.model.campaigns import Frequency, Project, Purpose, Recorder
from omotenashi.model.ids import Instant, ProjectId, SessionId

from .edge_house import NOON, PUBLIC, Held, House, PaperOffice, house, midori, visitor, welcome

MINUTE = 60_000


def asking(**changes: Any) -> Project:
    """A shop that asks whether it may record, at every view."""
    return midori(welcome(asks="record", frequency=Frequency("access")), purposes=(Purpose("record", "unknown"),), **changes)


def page(one: House, after: int | None = None, **changes: Any) -> Held:
    """One that waits, knowing of everything until now, or until ``after``."""
    asked = {"key": PUBLIC, "visitor": visitor(), "after": one.now if after is None else after, **changes}
    return Held(one.edge.public, "/v1/calls", asked)


async def come(waiting: Held) -> None:
    """Returns when the page's request has been read and waits."""
    for _ in range(20):
        await asyncio.sleep(0)
    assert waiting.waits


async def staff_ask(one: House, name: str = "hanako") -> None:
    await said(one, "_consent_requested", {"purpose": "record", "campaign": "welcome"}, name)


async def said(one: House, name: str, values: dict[str, Any], who: str = "hanako") -> None:
    key = f"k{one.count}"
    one.count += 1
    events = [{"name": name, "values": values}]
    answer = await one.ours(
        "POST", "/internal/events", {"project": "midori", "person": visitor(who), "key": key, "events": events}
    )
    assert answer.json == {"accepted": 1}


async def test_a_page_that_only_reads_is_called_when_staff_ask_and_its_look_brings_the_question(tmp_path: Path) -> None:
    async with house(tmp_path, asking()) as one:
        seen = (await one.track(one.event("view"))).json
        assert seen["calls"] == NOON
        (handed,) = seen["messages"]
        one.now += 90_000
        await one.track(one.event("_release", {"reservation": handed["reservation"], "reason": "left"}))
        waiting = page(one)
        await come(waiting)
        one.now += 1
        await staff_ask(one)
        told = (await waiting.answer()).json
        assert told == {"after": one.now + 1, "look": True}
        looked = (await one.track(one.event("_recheck", {"page_view": "page-1"}))).json
        assert [message["campaign"] for message in looked["messages"]] == ["welcome"]
        again = page(one, told["after"])
        await come(again)  # it is called once
        await again.close()


async def test_what_is_asked_while_no_page_waits_is_told_to_the_next_that_does(tmp_path: Path) -> None:
    async with house(tmp_path, asking()) as one:
        await one.track(one.event("view"))
        one.now += 1
        await staff_ask(one)
        assert (await page(one, NOON).answer()).json["look"] is True
        one.now += 24 * 60 * MINUTE
        late = page(one, NOON)
        await come(late)  # the wish has lapsed
        await late.close()


async def test_a_wish_that_could_not_be_done_at_once_is_looked_at_again_for_a_while(tmp_path: Path) -> None:
    async with house(tmp_path, asking()) as one:
        seen = (await one.track(one.event("view"))).json  # another question stands on the page
        assert len(seen["messages"]) == 1
        one.now += 1
        await staff_ask(one)
        told = (await page(one, NOON).answer()).json
        assert "messages" not in (await one.track(one.event("_recheck", {"page_view": "page-1"}))).json
        for minutes, again in ((1, True), (13, True), (2, False)):
            one.now += minutes * MINUTE
            waiting = page(one, told["after"])
            await come(waiting)
            assert (await waiting.close()).json.get("look", False) is again, minutes


async def test_a_choice_that_is_taken_back_elsewhere_is_told_to_all_pages_of_the_person_and_to_no_other(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, asking()) as one:
        for name in ("hanako", "taro"):
            await one.track(one.event("view"), visitor=visitor(name))
        await one.track(one.event("identify", {"user_id": "m1"}))
        await one.track(one.event("identify", {"user_id": "m1"}), visitor=visitor("phone"))
        here, there, other = page(one), page(one, visitor=visitor("phone")), page(one, visitor=visitor("taro"))
        await come(other)
        one.now += 1
        await said(one, "consent", {"purpose": "record", "state": "withdrawn"})
        assert (await here.answer()).json["look"] is True
        assert (await there.answer()).json["look"] is True
        await come(other)
        await other.close()


async def test_other_events_call_nobody(tmp_path: Path) -> None:
    async with house(tmp_path, asking()) as one:
        await one.track(one.event("view"))
        waiting = page(one, one.now)
        await come(waiting)
        one.now += 1
        await one.track(one.event("cart", {"in_cart_price": 100}))
        await said(one, "cart", {"in_cart_price": 100})
        await come(waiting)
        await waiting.close()
        assert one.edge.road.listening.count == 0


async def test_only_a_page_that_could_be_called_is_told_to_wait(tmp_path: Path) -> None:
    async with house(tmp_path, asking()) as one:
        assert "calls" in (await one.track(one.event("view"))).json
        assert "calls" not in (await one.track(one.event("cart"))).json
        assert "calls" not in (await one.track(one.event("view"), fetch=False)).json
        one.now += 1
        await one.track(one.event("consent", {"purpose": "record", "state": "granted"}))
        assert "calls" not in (await one.track(one.event("view"))).json
    async with house(tmp_path / "asks-nothing", midori()) as one:
        assert "calls" not in (await one.track(one.event("view"))).json


async def test_a_recorded_page_is_told_that_it_is_watched_until_it_knows(tmp_path: Path) -> None:
    index = Recordings.open(tmp_path / "recordings.db")
    one = House(tmp_path, PaperOffice(midori(recorder=Recorder())))
    one.recordings = (index, blobs(tmp_path / "blobs"), lambda: 10**12)
    await one.open()
    seen = (await one.track(one.event("view"))).json
    recording = seen["record"]["recording"]
    assert seen["calls"] == NOON
    waiting = page(one, recording=recording)
    other = page(one, visitor=visitor("taro"), recording="another")
    await come(waiting)
    await one.edge.calls.tend_once(index)
    await come(waiting)
    index.watch(ProjectId("midori"), SessionId(recording), Instant(one.now + MINUTE))
    await one.edge.calls.tend_once(index)
    assert (await waiting.answer()).json == {"after": NOON, "watched": True}
    knows = page(one, recording=recording, watched=True)
    await come(knows)
    await one.edge.calls.tend_once(index)
    await come(knows)
    await come(other)
    one.edge.close()  # the end of the process lets everybody go
    assert (await knows.answer()).json == {"after": NOON}
    assert (await other.answer()).json == {"after": NOON}
    await one.close()
    index.close()


async def test_more_pages_than_may_wait_are_told_to_come_back_and_miss_nothing(tmp_path: Path) -> None:
    async with house(tmp_path, asking()) as one:
        await one.track(one.event("view"))
        waiting = [page(one) for _ in range(MOST_OF_VISITOR)]
        await come(waiting[-1])
        told = (await page(one).answer()).json
        assert told["after"] == NOON
        assert LATER_MS // 2 <= told["waitMs"] < LATER_MS
        one.now += 1
        for one_page in waiting:
            await one_page.close()
        await staff_ask(one)
        assert (await page(one, told["after"]).answer()).json["look"] is True


@pytest.mark.parametrize(
    ("changes", "where"), [({"visitor": "short"}, "visitor"), ({"key": "none"}, "key"), ({"after": "now"}, "after")]
)
async def test_a_bad_request_is_refused_by_its_field(tmp_path: Path, changes: dict[str, Any], where: str) -> None:
    async with house(tmp_path, asking()) as one:
        told = await page(one, **changes).answer()
        assert told.error["where"] == where
