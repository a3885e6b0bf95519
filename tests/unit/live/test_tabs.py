"""Chunks are read with what was learnt before them, wherever one begins, and each once by whoever goes on."""

import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest

from omotenashi.blobs.store import folder as blobs
from omotenashi.live.tabs import LARGEST_CHUNK, Tabs, encoded, unpacked
from omotenashi.model.ids import Instant, PageViewId, ProjectId, SessionId
from omotenashi.model.recordings import Chunk, blob_key

MIDORI = ProjectId("midori")
VISIT = SessionId("s1")


class Reel:
    """A tab of ten chunks; 0 and 5 hold a full picture of one picture. Remembers what was read of it."""

    def __init__(self, folder: Path) -> None:
        self.blobs = blobs(folder)
        self.read: list[int] = []
        self.chunks = [Chunk(VISIT, "t", n, PageViewId("p"), Instant(n), Instant(n), 1, 1, n % 5 == 0) for n in range(10)]
        for chunk in self.chunks:
            body = page(chunk.seq) if chunk.full else [attributes(chunk.seq, chunk.seq - chunk.seq % 5)]
            self.blobs.put(blob_key(MIDORI, VISIT, "t", chunk.seq), gzip.compress(msgspec.json.encode(body)))

    def leading_to(self, project: ProjectId, recording: SessionId, tab: str, seq: int) -> list[Chunk]:
        begin = max(chunk.seq for chunk in self.chunks if chunk.full and chunk.seq < seq)
        self.read += range(begin, seq)
        return self.chunks[begin:seq]


def page(n: int) -> list[dict[str, Any]]:
    picture = {"type": 2, "id": 100 + n, "tagName": "img", "attributes": {"src": f"/{n}.png"}}
    node = {"type": 0, "childNodes": [picture]}
    return [{"type": 4, "data": {"href": "https://shop.example/"}}, {"type": 2, "data": {"node": node}}]


def attributes(n: int, page: int) -> dict[str, Any]:
    """The picture is another one; so is that of the page before, which is not there any more."""
    changed = [{"id": number, "attributes": {"src": f"/{n}.png"}} for number in (100 + page, 95 + page)]
    return {"type": 3, "data": {"source": 0, "attributes": changed}}


def found(tabs: Tabs, chunk: Chunk) -> list[str]:
    met: list[str] = []
    tabs.walked(MIDORI, chunk, lambda url, kind: met.append(url) or url)
    return met


def test_each_chunk_is_read_once_by_whoever_goes_on(tmp_path: Path) -> None:
    reel = Reel(tmp_path)
    tabs = Tabs(reel, reel.blobs)
    assert [found(tabs, chunk) for chunk in reel.chunks] == [[f"https://shop.example/{n}.png"] for n in range(10)]
    assert [found(tabs, chunk) for chunk in reel.chunks[1:]] == [[f"https://shop.example/{n}.png"] for n in range(1, 10)]
    assert reel.read == []


@pytest.mark.parametrize("begin", range(10))
def test_wherever_one_begins_it_is_the_same(tmp_path: Path, begin: int) -> None:
    reel = Reel(tmp_path)
    tabs = Tabs(reel, reel.blobs)
    assert [found(tabs, chunk) for chunk in reel.chunks[begin:]] == [[f"https://shop.example/{n}.png"] for n in range(begin, 10)]
    assert reel.read == (list(range((begin - 1) // 5 * 5, begin)) if begin else [])


def test_whoever_reads_the_same_tab_does_not_disturb_another(tmp_path: Path) -> None:
    reel = Reel(tmp_path)
    tabs = Tabs(reel, reel.blobs)
    for ahead, behind in zip(reel.chunks[3:], reel.chunks, strict=False):
        assert found(tabs, ahead) == [f"https://shop.example/{ahead.seq}.png"]
        assert found(tabs, behind) == [f"https://shop.example/{behind.seq}.png"]
    assert reel.read == [0, 1, 2]


def test_what_is_no_chunk_holds_nothing() -> None:
    assert unpacked(b"no gzip") == unpacked(gzip.compress(b"{}")) == unpacked(gzip.compress(b"[1]")[:-9]) == []
    assert unpacked(gzip.compress(b"[" * 100_000)) == []
    assert unpacked(gzip.compress(b'[NaN,"\\ud83d"]')) == unpacked(gzip.compress(b"[1e999]")) == []
    assert unpacked(gzip.compress(b'["' + b"a" * LARGEST_CHUNK + b'"]')) == []


def test_half_a_letter_comes_out_as_it_went_in() -> None:
    assert encoded(unpacked(gzip.compress(b'["\\ud83d", 1]'))) == b'["\\ud83d",1]'
    assert encoded(unpacked(gzip.compress(b'["\\u8336"]'))) == '["茶"]'.encode()
