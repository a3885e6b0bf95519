"""The public door behind a real uvicorn, spoken to by a real client."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import uvicorn
from tests.integration.edge_house import PHONE, PUBLIC, SECRET, House, house, midori, visitor, welcome


@asynccontextmanager
async def served(one: House) -> AsyncIterator[httpx.AsyncClient]:
    """The house's public door on a free port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(one.edge.public, http="httptools", lifespan="off", log_level="critical", access_log=False)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}") as client:
                client.headers["user-agent"] = PHONE
                while not server.started:
                    await asyncio.sleep(0.005)
                yield client
        finally:
            server.should_exit = True
            await serving


async def test_a_browsers_whole_conversation(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome(), origins=("https://midori.example",))) as one, served(one) as client:
        origin = {"origin": "https://midori.example"}
        tag = await client.get("/tag.js")
        assert (tag.status_code, tag.text) == (200, "tag()")
        assert (await client.get("/tag.js", headers={"if-none-match": tag.headers["etag"]})).status_code == 304
        assert (await client.head("/tag.js")).status_code == 200
        assert (await client.options("/v1/track", headers=origin)).status_code == 204
        page = {"id": "p1", "url": "https://midori.example/", "visible": True}
        body = {"key": PUBLIC, "visitor": visitor(), "page": page, "events": [one.event("view")]}
        answer = await client.post("/v1/track", json=body, headers=origin)
        assert answer.headers["access-control-allow-origin"] == "https://midori.example"
        (message,) = answer.json()["messages"]
        body["events"] = [one.event("_message_open", {"reservation": message["reservation"]})]
        assert (await client.post("/v1/track", json=body, headers=origin)).json() == {"accepted": 1}
        big = await client.post("/v1/track", content=b"x" * 200_000)
        assert (big.status_code, big.json()["error"]["code"]) == (413, "request_too_large")


async def test_200_triggers_at_once_never_show_more_than_the_frequency_allows(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome())) as one, served(one) as client:

        async def trigger(i: int) -> int:
            page = {"id": f"p{i}", "url": "https://midori.example/", "visible": True}
            body = {"key": PUBLIC, "visitor": visitor(), "page": page, "events": [{"id": f"v{i}", "name": "view"}]}
            return len((await client.post("/v1/track", json=body)).json().get("messages", []))

        assert sum(await asyncio.gather(*(trigger(i) for i in range(200)))) == 1


async def test_an_import_may_stream_without_saying_how_long_it_is(tmp_path: Path) -> None:
    async with house(tmp_path) as one, served(one) as client:
        packed = gzip.compress(
            b"".join(b'{"row":%d,"user_id":"u%d","name":"buy","at":%d}\n' % (row, row % 9, one.now) for row in range(5000))
        )

        async def stream() -> AsyncIterator[bytes]:
            for start in range(0, len(packed), 1000):
                yield packed[start : start + 1000]

        heads = {"authorization": f"Bearer {SECRET}", "content-encoding": "gzip"}
        answer = await client.post("/v1/import", params={"batch": "b"}, content=stream(), headers=heads, timeout=30)
        assert (answer.json()["accepted"], answer.json()["nextRow"]) == (5000, 5000)
