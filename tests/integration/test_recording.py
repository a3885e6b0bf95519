"""``/v1/record``: what is kept of those who may be recorded, and that nothing else ever is."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from omotenashi.blobs.store import folder as blobs
from omotenashi.edge.ports import Index
from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.model.campaigns import Project, Purpose, Recorder
from omotenashi.model.ids import Instant, ProjectId, SessionId
from omotenashi.model.recordings import blob_key
from omotenashi.model.rules import Compare, Fact, Op

from .edge_house import PHONE, PUBLIC, House, PaperOffice, Response, midori, request, visitor

MIDORI = ProjectId("midori")
RECORD = Purpose("record", "unknown")
MINUTE = 60_000


def shop(recorder: Recorder | None = None, **changes: Any) -> Project:
    return midori(recorder=recorder or Recorder(consent="record"), purposes=(RECORD,), **changes)


class Recorded:
    """A house that records, and one page's recorder on paper."""

    def __init__(self, one: House, index: Recordings, folder: Path) -> None:
        self.one = one
        self.index = index
        self.folder = folder
        self.record: dict[str, Any] = {}
        self.seq = 0

    async def view(self, *events: dict[str, Any], **changes: Any) -> dict[str, Any]:
        answer = await self.one.track(self.one.event("view"), *events, **changes)
        self.record = answer.json.get("record", self.record)
        return answer.json  # type: ignore[no-any-return]

    async def grants(self, state: str = "granted", **changes: Any) -> dict[str, Any]:
        consent = self.one.event("consent", {"purpose": "record", "state": state})
        answer = await self.one.track(consent, **changes)
        self.record = answer.json.get("record", self.record)
        return answer.json  # type: ignore[no-any-return]

    async def sends(self, events: list[Any] | None = None, *, body: bytes | None = None, **changes: Any) -> Response:
        now = self.one.now
        said = {
            "key": PUBLIC,
            "visitor": visitor(),
            "recording": self.record.get("recording", "none"),
            "token": self.record.get("token", "none"),
            "tab": "tab-1",
            "seq": self.seq,
            "page": "page-1",
            "sent_at": now,
            **changes,
        }
        chunk = gzip.compress(msgspec.json.encode(screen(now) if events is None else events)) if body is None else body
        answer = await request(
            self.one.edge.public, "POST", f"/v1/record?{urlencode(said)}", chunk, {"user-agent": PHONE}, parts=2
        )
        if answer.status == 200 and "seq" not in changes:
            self.seq += 1
        return answer

    @property
    def kept(self) -> list[Path]:
        return sorted(file for file in (self.folder / "blobs").rglob("*") if file.is_file())


def screen(now: int, ago: int = 4_000, url: str = "https://midori.example/?a=*") -> list[dict[str, Any]]:
    """What a page says of its first seconds: its size, itself, a click."""
    return [
        {"type": 4, "timestamp": now - ago, "data": {"href": url, "width": 390, "height": 844}},
        {"type": 2, "timestamp": now - ago, "data": {"node": {"id": 1, "type": 0, "childNodes": []}, "initialOffset": {}}},
        {"type": 3, "timestamp": now - 1_000, "data": {"source": 2, "type": 2, "id": 5, "x": 1, "y": 2}},
    ]


@asynccontextmanager
async def recording(
    folder: Path, project: Project, free: int = 10**12, around: Callable[[Recordings], Index] = lambda index: index
) -> AsyncIterator[Recorded]:
    index = Recordings.open(folder / "recordings.db")
    one = House(folder, PaperOffice(project))
    one.recordings = (around(index), blobs(folder / "blobs"), lambda: free)
    await one.open()
    try:
        yield Recorded(one, index, folder)
    finally:
        await one.close()
        index.close()


async def test_nothing_is_recorded_before_it_was_granted_and_the_answer_to_the_grant_begins_it(tmp_path: Path) -> None:
    async with recording(tmp_path, shop()) as page:
        assert "record" not in await page.view()
        refused = await page.sends()
        assert (refused.status, refused.error["code"]) == (401, "unauthorized")
        told = await page.grants()
        assert told["record"]["leftMs"] == 60 * MINUTE
        taken = await page.sends()
        assert taken.json == {"taken": True, "nextMs": 5_000}
        (kept,) = page.kept
        assert gzip.decompress(kept.read_bytes()) == msgspec.json.encode(screen(page.one.now))
        found = page.index.one(MIDORI, SessionId(page.record["recording"]))
        assert found is not None
        assert (found.events, found.clicks, found.pages, found.width, found.device) == (3, 1, 1, 390, "phone")
        assert (found.started_at, found.ended_at) == (page.one.now - 4_000, page.one.now - 1_000)
        assert found.first_url == "https://midori.example/?a=*"


@pytest.mark.parametrize("tab", ["tab-1", "an-old-tab"])
async def test_withdrawing_stops_the_page_and_the_door_refuses_every_tab(tmp_path: Path, tab: str) -> None:
    async with recording(tmp_path, shop()) as page:
        await page.view()
        await page.grants()
        await page.sends()
        told = await page.grants("withdrawn", recording=page.record["recording"])
        assert told["stopRecording"] is True
        before = page.kept
        refused = await page.sends(tab=tab)
        assert (refused.status, refused.error["code"], refused.error["where"]) == (403, "no_consent", "recording")
        assert page.kept == before
        assert (await page.one.track(page.one.event("cart", {"in_cart_price": 100}))).json["accepted"] == 1


async def test_leaving_the_audience_ends_the_recording_at_that_event(tmp_path: Path) -> None:
    few = Recorder(who=Compare(Fact("views"), Op.LE, 1))
    async with recording(tmp_path, shop(few)) as page:
        await page.view()
        assert (await page.sends()).status == 200
        told = await page.view(recording=page.record["recording"])
        assert told["stopRecording"] is True
        assert (await page.sends()).error["code"] == "audience"


async def test_who_records_already_is_not_told_again(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder())) as page:
        told = await page.view()
        again = await page.one.track(page.one.event("cart"), recording=told["record"]["recording"])
        assert again.json == {"accepted": 1}
        other = await page.one.track(page.one.event("cart"))
        assert other.json["record"]["recording"] == told["record"]["recording"]


async def test_a_chunk_that_is_sent_twice_is_kept_as_it_came_first(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder())) as page:
        await page.view()
        await page.sends(seq=0)
        before = page.kept[0].read_bytes()
        assert (await page.sends([{"type": 3, "timestamp": 5, "data": {"source": 1}}], seq=0)).json["taken"] is True
        assert page.kept[0].read_bytes() == before
        found = page.index.one(MIDORI, SessionId(page.record["recording"]))
        assert found is not None
        assert found.chunks == 1


async def test_several_tabs_and_pages_are_one_recording(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder())) as page:
        await page.view()
        await page.sends()
        await page.view(page={"id": "page-2", "url": "https://midori.example/tea", "visible": True})
        await page.sends(page="page-2", tab="tab-2", seq=0)
        found = page.index.one(MIDORI, SessionId(page.record["recording"]))
        assert found is not None
        assert (found.tabs, found.pages, found.chunks) == (2, 2, 2)


async def test_the_first_chunk_of_a_recording_is_told_in_the_log_once(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder())) as page:
        await page.view()
        await page.sends()
        await page.sends()
        await page.sends(tab="tab-2", seq=0)
        (begun,) = page.one.events("_live_record_start")
        assert begun.values == {"recording": page.record["recording"]}
        assert begun.session == page.record["recording"]


async def test_a_visit_that_is_over_goes_on_as_the_recording_of_the_next(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder())) as page:
        first = (await page.view())["record"]
        await page.sends()
        page.one.now += 31 * MINUTE
        assert (await page.sends()).error["code"] == "over"
        await page.one.track(page.one.event("view"), page={"id": "page-2", "visible": True})  # another tab
        told = (await page.sends(recording=first["recording"], token=first["token"])).json
        assert told["taken"] is False
        assert told["record"]["recording"] != first["recording"]
        assert len(page.kept) == 1


async def test_a_full_project_stops_politely_and_decisions_go_on(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder(quota_megabytes=1))) as page:
        await page.view()
        big = [{"type": 5, "timestamp": page.one.now, "data": {"payload": random_text(1_360_000)}}]
        assert (await page.sends(big)).status == 200
        refused = await page.sends()
        assert (refused.status, refused.error["code"]) == (507, "quota")
        told = await page.view(recording=page.record["recording"])
        assert told["accepted"] == 1
        assert told["stopRecording"] is True
        assert "record" not in await page.view(recording=None)
        await page.one.edge.record.tend_once()  # type: ignore[union-attr]
        assert page.index.refused(MIDORI, Instant(page.one.now)) == {"quota": 1}


async def test_a_disk_that_is_nearly_full_takes_no_recording(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder()), free=1_000) as page:
        await page.one.edge.record.tend_once()  # type: ignore[union-attr]
        assert "record" not in await page.view()


async def test_a_recording_that_is_being_erased_takes_nothing_more(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder())) as page:
        await page.view()
        await page.sends()
        page.index.set_state(MIDORI, SessionId(page.record["recording"]), "erasing")
        assert (await page.sends()).error["code"] == "erased"
        assert len(page.kept) == 1


async def test_a_watched_page_sends_sooner(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder())) as page:
        await page.view()
        page.index.watch(MIDORI, SessionId(page.record["recording"]), Instant(page.one.now + 1))
        assert (await page.sends()).json == {"taken": True, "nextMs": 700, "watched": True}


async def test_one_visitors_token_is_worth_nothing_to_another_or_for_another_recording(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder())) as page:
        await page.view()
        for wrong in ({"visitor": visitor("taro")}, {"recording": "abc"}, {"token": "zz.zz"}, {"token": "fff.é"}):
            refused = await page.sends(**wrong)
            assert (refused.status, refused.error["where"]) == (401, "token")
        assert page.kept == []


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"tab": "../../x"}, "tab"),
        ({"seq": -1}, "seq"),
        ({"seq": "one"}, "seq"),
        ({"page": "a b"}, "page"),
        ({"recording": "../x"}, "recording"),
        ({"visitor": "short"}, "visitor"),
        ({"key": "none"}, "key"),
    ],
)
async def test_a_bad_query_is_refused_by_its_field(tmp_path: Path, changes: dict[str, Any], where: str) -> None:
    async with recording(tmp_path, shop(Recorder())) as page:
        await page.view()
        assert (await page.sends(**changes)).error["where"] == where


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"[{}]", b"\x1f\x8bnot gzip", gzip.compress(b"[1]", mtime=0), b"\xff\xfe", b"[" * 9_000],
    ids=["nothing", "object", "empty", "untyped", "half gzip", "number", "no text", "deep"],
)
async def test_what_is_no_recording_is_refused_and_leaves_nothing(tmp_path: Path, body: bytes) -> None:
    async with recording(tmp_path, shop(Recorder())) as page:
        await page.view()
        assert (await page.sends(body=body)).status == 400
        assert page.kept == []


async def test_a_chunk_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder())) as page:
        await page.view()
        bomb = gzip.compress(b"[" + b" " * 9_000_000 + b"]")
        assert (await page.sends(body=bomb)).status == 413


async def test_a_page_that_is_left_may_send_without_gzip(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder())) as page:
        await page.view()
        plain = msgspec.json.encode(screen(page.one.now))
        await page.sends(body=plain)
        (kept,) = page.kept
        assert gzip.decompress(kept.read_bytes()) == plain


async def test_robots_and_staff_are_not_recorded(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder(), staff_addresses=("198.51.100.0/24",))) as page:
        await page.view()
        query = urlencode(
            {"key": PUBLIC, "visitor": visitor(), "recording": "r", "token": "t", "tab": "t", "seq": 0, "page": "p"}
        )
        for agent, peer, why in (("Googlebot/2.1", "203.0.113.9", "bot"), (PHONE, "198.51.100.7", "staff")):
            said = await request(page.one.edge.public, "POST", f"/v1/record?{query}", b"[]", {"user-agent": agent}, peer=peer)
            assert (said.status, said.error["code"]) == (403, why)


async def test_what_was_refused_is_counted_by_its_reason(tmp_path: Path) -> None:
    async with recording(tmp_path, shop()) as page:
        await page.view()
        await page.view()
        await page.view(visitor=visitor("taro"))
        await page.one.edge.record.tend_once()  # type: ignore[union-attr]
        assert page.index.refused(MIDORI, Instant(page.one.now)) == {"no_consent": 2}


async def test_who_turns_out_to_be_a_known_member_brings_the_recordings_along(tmp_path: Path) -> None:
    async with recording(tmp_path, shop(Recorder())) as page:
        await page.one.track(page.one.event("identify", {"user_id": "m1"}), visitor=visitor("phone"))
        await page.view()
        await page.sends()
        await page.one.track(page.one.event("identify", {"user_id": "m1"}))
        await page.one.edge.record.tend_once()  # type: ignore[union-attr]
        found = page.index.one(MIDORI, SessionId(page.record["recording"]))
        assert found is not None
        assert found.person == page.one.profile(visitor("phone")).person


async def test_consent_that_is_withdrawn_while_a_chunk_is_written_leaves_no_byte(tmp_path: Path) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    class Slow:
        """The index, taking its time."""

        def __init__(self, index: Recordings) -> None:
            self._index = index

        def __getattr__(self, name: str) -> Any:
            return getattr(self._index, name)

        def take(self, *args: Any) -> bool:
            loop.call_soon_threadsafe(arrived.set)
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result()
            return self._index.take(*args)

    async with recording(tmp_path, shop(), around=Slow) as page:  # type: ignore[arg-type]
        await page.view()
        await page.grants()
        sending = asyncio.create_task(page.sends())
        await arrived.wait()
        await page.grants("withdrawn")
        go_on.set()
        assert (await sending).error["code"] == "no_consent"
        assert page.kept == []
        assert page.index.one(MIDORI, SessionId(page.record["recording"])) is None
        assert page.index.used(MIDORI) == 0


def random_text(size: int) -> str:
    """A text that gzip makes no smaller than three quarters."""
    return "".join(Random(1).choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", k=size))


def test_the_key_of_a_chunk_sorts_as_its_number() -> None:
    assert blob_key("m", "r", "t", 7) < blob_key("m", "r", "t", 10) == "recordings/m/r/t/000010.json.gz"
