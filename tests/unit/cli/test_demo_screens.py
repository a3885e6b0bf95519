"""What the demo's screens are filmed as: the shop's pages, in the pace of somebody who looks at them."""

import gzip
from typing import Any
from urllib.parse import parse_qs

import msgspec

from omotenashi.demo_screens import Camera, Pages
from omotenashi.demo_shop import Shop, shop_folder

PAGES = Pages(shop_folder(), Shop(shop_folder(), "key", ""))
NOW = 1_795_237_200_000
ITEM = "http://shop/items/genmaicha"


class Film:
    """What a camera sent: its queries, and its events."""

    def __init__(self, together: int) -> None:
        self.queries: list[dict[str, list[str]]] = []
        self.events: list[dict[str, Any]] = []
        self.camera = Camera(PAGES, self.send, "agent", "visitor", "key", phone=False, seed=1, together=together)
        self.camera.begin({"recording": "r1", "token": "t1"})

    async def send(self, query: str, body: bytes, agent: str) -> dict[str, Any]:
        self.queries.append(parse_qs(query))
        self.events += msgspec.json.decode(gzip.decompress(body))
        return {"taken": True}

    async def shot(self) -> "Film":
        """An item is looked at, its picture pressed in vain, and another page opened."""
        await self.camera.look("p1", ITEM, NOW)
        for second in (4, 8):
            await self.camera.roll(NOW + second * 1_000)
        await self.camera.hammer(NOW + 12_000)
        await self.camera.leave(NOW + 13_000)
        await self.camera.look("p2", "http://shop/tea", NOW + 13_100)
        await self.camera.leave(NOW + 20_000)
        return self


async def test_the_past_tells_in_few_chunks_what_the_present_tells_in_many() -> None:
    live, past = await Film(1).shot(), await Film(12).shot()
    assert live.events == past.events
    assert [query["page"] for query in live.queries] == [["p1"]] * 4 + [["p2"]]
    assert [query["page"] for query in past.queries] == [["p1"], ["p2"]]
    for film in (live, past):
        assert [query["seq"] for query in film.queries] == [[str(number)] for number in range(len(film.queries))]
    times = [event["timestamp"] for event in past.events]
    assert times == sorted(times)


async def test_a_page_that_was_left_is_filmed_no_more() -> None:
    film = await Film(12).shot()
    told = len(film.events)
    await film.camera.roll(NOW + 60_000)
    await film.camera.leave(NOW + 61_000)
    assert len(film.events) == told


async def test_a_picture_that_is_pressed_in_vain_is_that_of_the_item() -> None:
    film = await Film(1).shot()
    presses = [event["data"] for event in film.events if event["type"] == 3 and event["data"]["source"] == 2]
    (node,) = {press["id"] for press in presses}
    tree = msgspec.json.decode(PAGES.tree("/items/genmaicha")[0])
    assert [press["type"] for press in presses].count(2) == 4
    assert found(tree, node)["tagName"] == "img"


def found(node: dict[str, Any], number: int) -> dict[str, Any]:
    """The node with this id."""
    if node["id"] == number:
        return node
    return next((one for child in node.get("childNodes", ()) if (one := found(child, number))), {})
