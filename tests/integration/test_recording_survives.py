"""The edge is killed while it records: what was answered is there, once, and what was not is sent again."""

import asyncio
import gzip
from pathlib import Path
from urllib.parse import urlencode

import msgspec

from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.model.campaigns import Recorder
from omotenashi.model.ids import ProjectId, SessionId
from omotenashi.model.recordings import blob_key

from .edge_house import PUBLIC, midori, visitor
from .edge_process import Broken, EdgeProcess, Line, edge_process, said

MIDORI = ProjectId("midori")
HANAKO = visitor()


def chunk(number: int) -> bytes:
    """One that says its number."""
    return gzip.compress(msgspec.json.encode([{"type": 5, "timestamp": 1_000 + number, "data": {"tag": "n", "payload": number}}]))


async def test_a_killed_edge_leaves_no_hole_larger_than_the_chunk_it_did_not_answer(tmp_path: Path) -> None:
    async with edge_process(tmp_path, midori(recorder=Recorder())) as edge:
        view = {"id": "e1", "name": "view"}
        record = (await edge.insist("/v1/track", said(HANAKO, view)))["record"]

        def way(number: int) -> str:
            query = {"key": PUBLIC, "visitor": HANAKO, "recording": record["recording"], "token": record["token"]}
            return "/v1/record?" + urlencode(query | {"tab": "t", "seq": number, "page": f"page-of-{HANAKO}"})

        answered: set[int] = set()
        for number in range(12):
            if number % 4 == 3:
                answered |= await killed_while(edge, way(number), chunk(number), number)
                assert present(edge, record["recording"]) >= answered
                await edge.start()
            assert (await edge.insist(way(number), chunk(number)))["taken"] is True
            answered.add(number)
        await edge.stop()
        assert present(edge, record["recording"]) == set(range(12))
        assert len(edge.events("_live_record_start")) == 1


async def killed_while(edge: EdgeProcess, path: str, body: bytes, number: int) -> set[int]:
    """Kills the edge at some moment of its taking a chunk; the chunk's number if it was answered all the same."""
    line = await Line.open(edge.port)
    line.send(path, body)
    await asyncio.sleep(number / 1_000)
    await edge.kill()
    try:
        status, _ = await line.answer()
    except Broken:
        return set()
    finally:
        line.close()
    return {number} if status == 200 else set()


def present(edge: EdgeProcess, recording: str) -> set[int]:
    """The chunks that the index knows; each is there, and says its own number."""
    index = Recordings.open(edge.folder / "recordings.db")
    chunks = index.chunks(MIDORI, SessionId(recording))
    found = index.one(MIDORI, SessionId(recording))
    index.close()
    assert found is not None
    assert found.chunks == len(chunks)
    for one in chunks:
        bytes_of = (edge.folder / "blobs" / blob_key(MIDORI, recording, "t", one.seq)).read_bytes()
        assert msgspec.json.decode(gzip.decompress(bytes_of))[0]["data"]["payload"] == one.seq
    return {one.seq for one in chunks}
