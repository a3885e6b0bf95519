"""What a replay needs is kept once, soon after it was recorded, and goes with the last recording that showed it."""

import asyncio
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import obstore.store
import pytest
from tests.unit.outbound.sites import Page, Site, site

from omotenashi.blobs.port import BlobsFailed
from omotenashi.blobs.store import Store
from omotenashi.blobs.store import folder as blobs
from omotenashi.ledger.sqlite.materials import Materials as Index
from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.live.materials import FRESH_MS, Materials
from omotenashi.live.tabs import Tabs
from omotenashi.model.ids import Instant, PageViewId, PersonId, ProjectId, SessionId, VisitorId
from omotenashi.model.recordings import Chunk, Taken, blob_key
from omotenashi.outbound.fetch import Fetcher
from omotenashi.outbound.guarded import Guarded
from omotenashi.worker.recording_materials import SWEEP_MS, TIDY_MS, MaterialKeeper

MIDORI = ProjectId("midori")
NOW = Instant(1_795_237_200_000)
PNG = b"\x89PNG tea"
FONT = b"wOF2 letters"


class Kept:
    """A folder with recordings of pages of a site, and who keeps what they showed."""

    def __init__(self, folder: Path, shop: Site) -> None:
        self.folder = folder
        self.shop = shop
        self.now = NOW
        self.room = True
        self.recordings = Recordings.open(folder / "recordings.db")
        self.index = Index(self.recordings)
        self.blobs = blobs(folder / "blobs")

    def record(self, visit: str, *nodes: dict[str, Any] | str, tab: str = "t", seq: int = 0, full: bool = True) -> None:
        """A page, or with ``full=False`` what was added to it; of a text, a picture."""
        shown = [
            picture(self.shop.url + node, 100 * seq + n) if isinstance(node, str) else node for n, node in enumerate(nodes, 10)
        ]
        body = {"type": 2, "id": 2, "tagName": "body", "attributes": {}, "childNodes": shown}
        page = {"type": 2, "data": {"node": {"type": 0, "id": 1, "childNodes": [body]}}}
        added = {"type": 3, "data": {"source": 0, "adds": [{"parentId": 2, "node": node} for node in shown]}}
        events = [{"type": 4, "data": {"href": f"{self.shop.url}/"}}, page] if full else [added]
        self.write(visit, gzip.compress(msgspec.json.encode(events)), tab=tab, seq=seq, full=full)

    def write(self, visit: str, packed: bytes, *, tab: str = "t", seq: int = 0, full: bool = True) -> None:
        self.blobs.put(blob_key(MIDORI, visit, tab, seq), packed)
        at = Instant(self.now + seq)
        chunk = Chunk(SessionId(visit), tab, seq, PageViewId("p"), at, at, len(packed), 2, full)
        assert self.recordings.take(MIDORI, Taken(chunk, PersonId("hanako"), VisitorId("v")))

    def look(self, store: Store | None = None) -> None:
        """Everything there is to look through is, by a worker that remembers nothing."""

        async def steps() -> None:
            bytes_by_key = store or self.blobs
            fetcher = Fetcher(Guarded(lambda: {self.shop.place}), "a test", seconds=5, most_bytes=100_000)
            materials = Materials(self.index, bytes_by_key, fetcher, lambda: self.now, lambda project: self.room)
            keeper = MaterialKeeper(self.index, Tabs(self.index, bytes_by_key), materials, lambda: self.now)
            try:
                while await keeper.step():
                    pass
            finally:
                await materials.close()
                await fetcher.close()

        asyncio.run(steps())

    def shown(self, visit: str) -> dict[str, bytes | None]:
        """What each address was for a visit; None of what could not be had."""
        told = self.index.shown(MIDORI, SessionId(visit))
        return {
            url.removeprefix(self.shop.url): self.blobs.get(f"materials/{MIDORI}/{one.sha}") if one.sha else None
            for url, one in told.items()
        }

    @property
    def files(self) -> list[str]:
        return [path.name for path in (self.folder / "blobs" / "materials").glob("*/*")]

    def is_whole(self) -> bool:
        """Every row has its bytes, every byte its row, and the sum is the sum."""
        rows = self.recordings.ask("SELECT sha FROM materials ORDER BY sha")
        sizes = self.recordings.ask(
            "SELECT (SELECT coalesce(sum(bytes), 0) FROM materials) + (SELECT coalesce(sum(bytes), 0) FROM chunks)"
        )
        return [sha for (sha,) in rows] == sorted(self.files) and self.recordings.used(MIDORI) == sizes[0][0]


def picture(url: str, number: int) -> dict[str, Any]:
    return {"type": 2, "id": number, "tagName": "img", "attributes": {"src": url}, "childNodes": []}


def sheet(url: str) -> dict[str, Any]:
    return {"type": 2, "id": 50, "tagName": "link", "attributes": {"rel": "stylesheet", "href": url}, "childNodes": []}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with site() as shop:
        shop.pages = {"/tea.png": Page(PNG), "/cup.png": Page(PNG), "/f.woff2": Page(FONT, "application/octet-stream")}
        house = Kept(tmp_path, shop)
        yield house
        house.recordings.close()


def test_what_a_page_showed_is_kept_once_and_asked_for_once(kept: Kept) -> None:
    kept.record("one", "/tea.png", "/cup.png", "/tea.png#big")
    kept.record("one", "/tea.png", seq=1)
    kept.record("two", "/tea.png")
    kept.look()
    kept.look()
    assert kept.shown("one") == {"/tea.png": PNG, "/cup.png": PNG}
    assert kept.shown("two") == {"/tea.png": PNG}
    assert sorted(kept.shop.paths) == ["/cup.png", "/tea.png"]
    assert len(kept.files) == 1, "the same bytes are one material"
    assert kept.is_whole()


def test_a_sheet_is_looked_through_and_the_sheets_it_names(kept: Kept) -> None:
    kept.shop.pages["/css/a.css"] = Page(b"@import 'b.css'; a{background:url(../tea.png)}", "text/css; charset=utf-8")
    kept.shop.pages["/css/b.css"] = Page(b"@font-face{src:url(/f.woff2)} @import url(c.css);", "text/css")
    kept.shop.pages["/css/c.css"] = Page(b"a{background:url(/cup.png)}", "text/css")
    kept.record("one", sheet(kept.shop.url + "/css/a.css"))
    kept.look()
    shown = kept.shown("one")
    assert sorted(shown) == ["/css/a.css", "/css/b.css", "/css/c.css", "/f.woff2", "/tea.png"]
    assert shown["/f.woff2"] == FONT
    address = kept.shop.url
    assert shown["/css/a.css"] == f'@import url("{address}/css/b.css"); a{{background:url("{address}/tea.png")}}'.encode()
    kept.record("two", sheet(kept.shop.url + "/css/a.css"))
    kept.look()
    assert sorted(kept.shown("two")) == sorted(shown), "what a sheet names belongs to whoever shows the sheet"
    assert len(kept.shop.asked) == 5


def test_each_recording_keeps_what_it_showed_after_the_site_has_changed(kept: Kept) -> None:
    kept.shop.pages["/tea.png"] = Page(PNG, headers={"etag": '"1"'})
    kept.record("before", "/tea.png")
    kept.look()
    kept.now = Instant(NOW + FRESH_MS)
    kept.record("same", "/tea.png")
    kept.look()
    kept.shop.pages["/tea.png"] = Page(b"\x89PNG matcha", headers={"etag": '"2"'})
    kept.now = Instant(NOW + FRESH_MS + 1)
    kept.record("within the hour", "/tea.png")
    kept.look()
    kept.now = Instant(NOW + 2 * FRESH_MS)
    kept.record("after", "/tea.png")
    kept.record("before", "/tea.png", seq=1)
    kept.look()
    assert [kept.shown(visit)["/tea.png"] for visit in ("before", "same", "within the hour", "after")] == [
        PNG,
        PNG,
        PNG,
        b"\x89PNG matcha",
    ]
    assert [headers.get("if-none-match") for _, headers in kept.shop.asked] == [None, '"1"', '"1"']
    assert kept.is_whole()


def test_what_cannot_be_had_is_remembered_for_an_hour_and_what_once_was_stands_in_for_it(kept: Kept) -> None:
    kept.record("one", "/tea.png", "/never.png")
    kept.look()
    del kept.shop.pages["/tea.png"]
    kept.record("two", "/never.png")
    kept.look()
    assert kept.shown("two") == {"/never.png": None}
    assert kept.shop.paths.count("/never.png") == 1
    kept.now = Instant(NOW + FRESH_MS)
    kept.record("three", "/tea.png", "/never.png")
    kept.shop.pages["/never.png"] = Page(PNG)
    kept.look()
    assert kept.shown("three") == {"/tea.png": PNG, "/never.png": PNG}
    assert kept.shown("two") == {"/never.png": None}


@pytest.mark.parametrize(
    "page",
    [
        Page(b"<html>", "text/html"),
        Page(b"MZ program", "application/octet-stream"),
        Page(bytes(200_000)),
        Page(b"<x/>", "text/xml"),
    ],
)
def test_what_is_no_picture_font_or_sheet_or_too_large_is_not_kept(kept: Kept, page: Page) -> None:
    kept.shop.pages["/odd"] = page
    kept.record("one", "/odd")
    kept.look()
    assert kept.shown("one") == {"/odd": None}
    assert kept.files == []


def test_a_picture_that_comes_later_is_known_by_the_page_before_it(kept: Kept) -> None:
    kept.record("one", picture("/tea.png", 10))
    kept.look()
    changed = {"type": 3, "data": {"source": 0, "attributes": [{"id": 10, "attributes": {"src": "/cup.png"}}]}}
    kept.write("one", gzip.compress(msgspec.json.encode([changed])), seq=1, full=False)
    kept.look()
    assert kept.shown("one") == {"/tea.png": PNG, "/cup.png": PNG}


def test_what_is_damaged_is_looked_through_once_and_the_rest_goes_on(kept: Kept) -> None:
    kept.write("broken", b"no gzip")
    kept.write("hollow", gzip.compress(b'{"a":1}'))
    kept.record("whole", "/tea.png")
    kept.look()
    assert kept.index.to_look(1) is None
    assert kept.shown("whole") == {"/tea.png": PNG}


def test_a_recording_may_show_so_many_addresses_and_no_more_are_asked_for(kept: Kept) -> None:
    kept.record("one", *(picture(f"http://127.0.0.1:81/{n}.png", n) for n in range(10, 520)))
    kept.look()
    assert len(kept.shown("one")) == 500


def test_where_there_is_no_room_nothing_is_kept_and_recordings_are_not_spoilt_by_it(kept: Kept) -> None:
    kept.room = False
    kept.record("one", "/tea.png")
    kept.look()
    assert (kept.shown("one"), kept.files, kept.shop.asked) == ({}, [], [])


def test_materials_go_with_the_last_recording_that_showed_them(kept: Kept) -> None:
    kept.shop.pages["/cup.png"] = Page(b"\x89PNG cup")
    kept.record("one", "/tea.png", "/cup.png")
    kept.record("two", "/tea.png")
    kept.look()
    kept.recordings.drop(MIDORI, SessionId("one"))
    kept.now = Instant(kept.now + TIDY_MS)
    kept.look()
    assert (len(kept.files), kept.shown("one"), kept.shown("two")) == (1, {}, {"/tea.png": PNG})
    kept.recordings.drop(MIDORI, SessionId("two"))
    kept.now = Instant(kept.now + TIDY_MS)
    kept.look()
    assert kept.files == []
    assert kept.recordings.used(MIDORI) == 0
    assert kept.recordings.ask("SELECT url FROM asked") == []


def test_what_is_shown_again_just_before_it_would_go_stays(kept: Kept) -> None:
    kept.record("one", "/tea.png")
    kept.look()
    kept.recordings.drop(MIDORI, SessionId("one"))
    ((_, sha),) = kept.index.unused(10)
    kept.record("two", "/tea.png")
    kept.index.tie(MIDORI, SessionId("two"), [f"{kept.shop.url}/tea.png"], Instant(0))
    assert not kept.index.drop(MIDORI, sha)
    assert kept.shown("two") == {"/tea.png": PNG}


def test_nothing_is_tied_to_a_recording_that_is_being_erased(kept: Kept) -> None:
    kept.record("one", "/tea.png")
    kept.recordings.set_state(MIDORI, SessionId("one"), "erasing")
    kept.look()
    assert kept.shown("one") == {}
    kept.now = Instant(kept.now + TIDY_MS)
    kept.look()
    assert kept.files == []


class Doomed(Store):
    """A store whose process is killed around its n-th change: before it, or right after."""

    def __init__(self, folder: Path, left: float) -> None:
        super().__init__(obstore.store.LocalStore(folder))
        self._left = left

    def _counts(self) -> None:
        self._left -= 0.5
        if self._left < 0:
            raise BlobsFailed("killed")

    def put(self, key: str, data: bytes) -> None:
        self._counts()
        super().put(key, data)
        self._counts()

    def delete(self, key: str) -> None:
        self._counts()
        super().delete(key)
        self._counts()


@pytest.mark.parametrize("left", [0, 0.5, 1, 1.5])
def test_a_kill_while_something_is_kept_leaves_nothing_half(kept: Kept, left: float) -> None:
    kept.shop.pages["/cup.png"] = Page(b"\x89PNG cup")
    kept.record("one", "/tea.png", "/cup.png")
    with pytest.raises(BaseExceptionGroup):
        kept.look(Doomed(kept.folder / "blobs", left))
    assert all(body is not None for body in kept.shown("one").values()), "what has a row has its bytes"
    kept.look()
    assert kept.shown("one") == {"/tea.png": PNG, "/cup.png": b"\x89PNG cup"}
    assert kept.is_whole()


@pytest.mark.parametrize("left", [0, 0.5, 1, 1.5])
def test_a_kill_while_something_goes_leaves_nothing_half(kept: Kept, left: float) -> None:
    kept.shop.pages["/cup.png"] = Page(b"\x89PNG cup")
    kept.record("one", "/tea.png", "/cup.png")
    kept.look()
    kept.recordings.drop(MIDORI, SessionId("one"))
    kept.now = Instant(kept.now + SWEEP_MS)
    with pytest.raises(BlobsFailed):
        kept.look(Doomed(kept.folder / "blobs", left))
    kept.record("two", "/tea.png")
    kept.look()
    assert kept.shown("two") == {"/tea.png": PNG}
    kept.now = Instant(kept.now + SWEEP_MS)
    kept.look()
    assert len(kept.files) == 1
    assert kept.is_whole()
