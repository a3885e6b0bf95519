"""What the demo's people have on their screens: the shop's own pages as rrweb's recorder would tell of them, without a browser.

The pages are those that the shop serves. Where their links stand was measured once in a real browser, at two widths
(``web/shop/places.json``), so that the pointer goes where somebody's would.
"""

import gzip
import json
import random
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Raw

from .demo_shop import Shop

_encode = msgspec.json.Encoder().encode
Event = dict[str, Any]
Send = Callable[[str, bytes, str], Awaitable[dict[str, Any]]]
"""Carries a chunk to the edge: the query, the body, a user agent; the answer, {} when there was none."""

SIZES: Final = {True: (390, 844), False: (1280, 800)}
"""A phone's window and a computer's."""
CHUNK_MS: Final = 4_000
FIRST_MS: Final = 900
"""So long after a page view the page is there."""
_ROOM: Final = 0.7
_PACKED: Final = 4
"""zlib's level: the past holds many pictures, and should not take long."""
_VOID: Final = frozenset(("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"))
_DRAWN: Final = frozenset(("svg", "path", "g", "circle", "rect"))
_PRESSABLE: Final = ("a", "button", "select", "input")
_META, _FULL, _INCREMENTAL = 4, 2, 3
_MOVE, _PRESS, _SCROLL, _TOUCH_MOVE = 1, 2, 3, 6


class Pages:
    """The shop's pages as trees of nodes, each drawn once. ``folder`` is the shop's."""

    def __init__(self, folder: Path, shop: Shop) -> None:
        self._shop = shop
        self._style = (folder / "assets" / "shop.css").read_text("utf-8")
        self._art = {file.name: _as_data(file) for file in (folder / "art").glob("*.svg")}
        self._places: dict[str, dict[str, Any]] = json.loads((folder / "places.json").read_text("utf-8"))
        self._drawn: dict[str, tuple[Raw, list[tuple[int, str]]]] = {}
        self._pictures: dict[str, int] = {}

    def tree(self, path: str) -> tuple[Raw, list[tuple[int, str]]]:
        """The page's document as JSON, and the ids and addresses of what can be pressed in it, in its order."""
        known = self._drawn.get(path)
        if known is None:
            tree = _Tree(self._style, self._art)
            tree.feed(self._shop.page(path, "ja"))
            known = self._drawn[path] = (Raw(_encode(tree.document)), tree.pressable)
            self._pictures[path] = tree.picture
        return known

    def picture(self, path: str) -> int:
        """The first picture of goods on the page, as a node's id."""
        self.tree(path)
        return self._pictures[path]

    def places(self, path: str, *, phone: bool) -> tuple[int, list[list[int]]]:
        """How high the page is, and where what can be pressed stands: number, left, top, width, height."""
        found = self._places.get(path) or self._places["/"]
        height, places = found["phone" if phone else "desktop"]
        return height, places


class Camera:
    """Films one visit of one browser: ``look`` at a page, ``roll`` every few seconds, ``hammer`` on something, and on.

    What it sees is sent ``together`` with what it sees the next times, up to so many; at the latest when the page is left.
    """

    def __init__(
        self, pages: Pages, send: Send, agent: str, visitor: str, key: str, *, phone: bool, seed: int, together: int = 1
    ) -> None:
        self._pages = pages
        self._send = send
        self._agent = agent
        self._visitor = visitor
        self._key = key
        self._phone = phone
        self._dice = random.Random(seed)
        self._tab = f"{seed & 0xFFFFFF:06x}"
        self._recording = ""
        self._token = ""
        self._seq = 0
        self._page = ""
        self._path = "/"
        self._scrolled = 0
        self._pointer = [200, 300]
        self._told_until = 0
        self._together = together
        self._seen: list[list[Event]] = []

    @property
    def recording(self) -> str:
        """The visit that is filmed; "" when none is."""
        return self._recording

    def begin(self, record: dict[str, Any]) -> None:
        """The edge has said that this visit is recorded."""
        if record["recording"] != self._recording:
            self._recording, self._token, self._seq = record["recording"], record["token"], 0

    def stop(self) -> None:
        """It is recorded no more."""
        self._recording = ""
        self._seen = []

    async def look(self, page: str, url: str, now: int) -> None:
        """Another page is there: its picture."""
        await self.leave(now)
        self._page, self._path, self._scrolled = page, urlsplit(url).path, 0
        width, height = SIZES[self._phone]
        tree, _ = self._pages.tree(self._path)
        at = now
        self._told_until = at + 2
        await self._see(
            [
                {"type": _META, "timestamp": at, "data": {"href": url, "width": width, "height": height}},
                {"type": _FULL, "timestamp": at + 1, "data": {"node": tree, "initialOffset": {"top": 0, "left": 0}}},
            ],
            now + 2,
        )

    async def leave(self, now: int) -> None:
        """The page goes: what of it was not sent yet is."""
        await self._send_seen(now)
        self._page = ""

    async def _send_seen(self, now: int) -> None:
        seen, self._seen = self._seen, []
        if seen and self._recording:
            await self._chunk([event for events in seen for event in events], now)

    async def roll(self, now: int, towards: str = "") -> None:
        """What the pointer did since the last time; at the end it presses the link ``towards`` an address, if there is one."""
        if not self._page or now - self._told_until < FIRST_MS:
            return
        start, span = self._told_until, now - self._told_until
        events: list[Event] = []
        height, places = self._pages.places(self._path, phone=self._phone)
        _, window = SIZES[self._phone]
        goal = self._goal(towards, places)
        deepest = max(0, height - window)
        wanted = (
            min(deepest, max(0, goal[2] - window // 2))
            if goal
            else min(deepest, max(0, self._scrolled + self._dice.randrange(-120, 520)))
        )
        scrolling = 0.15 + self._dice.random() * 0.25
        for step in range(1, 9):
            part = self._scrolled + round((wanted - self._scrolled) * step / 8)
            at = start + round(span * (scrolling + 0.3 * step / 8))
            events.append({"type": _INCREMENTAL, "timestamp": at, "data": {"source": _SCROLL, "id": 1, "x": 0, "y": part}})
        self._scrolled = wanted
        aim = goal or self._somewhere(places, window)
        x, y = aim[1] + round(aim[3] * self._dice.uniform(0.3, 0.7)), aim[2] + round(aim[4] * self._dice.uniform(0.35, 0.65))
        events += self._moved(start + round(span * 0.55), round(span * 0.35), x, y - self._scrolled)
        if goal:
            events += self._pressed(start + round(span * 0.94), goal[0], x, y - self._scrolled)
        events.sort(key=lambda one: one["timestamp"])
        self._told_until = now
        await self._see(events, now)

    async def hammer(self, now: int) -> None:
        """Back to the top, and the first picture of the page pressed four times in a row."""
        if not self._page or now - self._told_until < FIRST_MS:
            return
        start, span = self._told_until, now - self._told_until
        x, y = (195, 280) if self._phone else (380, 380)
        events: list[Event] = [
            {"type": _INCREMENTAL, "timestamp": start + span // 6, "data": {"source": _SCROLL, "id": 1, "x": 0, "y": 0}},
            *self._moved(start + span // 5, span // 5, x, y),
        ]
        for press in range(4):
            events += self._pressed(now - 760 + 170 * press, self._pages.picture(self._path), x, y)
        self._scrolled = 0
        self._told_until = now
        await self._see(events, now)

    def _goal(self, towards: str, places: list[list[int]]) -> list[int] | None:
        """Where the link to an address stands, and its node; None when the page has none."""
        if not towards:
            return None
        _, pressable = self._pages.tree(self._path)
        path = urlsplit(towards).path
        for place in self._dice.sample(places, len(places)):
            if place[0] < len(pressable) and pressable[place[0]][1] == path:
                return [pressable[place[0]][0], *place[1:]]
        return None

    def _somewhere(self, places: list[list[int]], window: int) -> list[int]:
        seen = [place for place in places if self._scrolled < place[2] < self._scrolled + window * _ROOM]
        return self._dice.choice(seen) if seen else [0, 100, self._scrolled + window // 3, 200, 80]

    def _moved(self, start: int, span: int, x: int, y: int) -> list[Event]:
        if self._phone:
            self._pointer = [x, y]
            return []
        from_x, from_y = self._pointer
        bow = self._dice.randrange(-60, 60)
        events: list[Event] = []
        for step in range(1, 11):
            part = step / 10
            eased = part * part * (3 - 2 * part)
            bent = round(bow * 4 * part * (1 - part))
            spot = {"x": round(from_x + (x - from_x) * eased) + bent, "y": round(from_y + (y - from_y) * eased), "id": 1}
            at = start + round(span * part)
            data = {"source": _MOVE, "positions": [{**spot, "timeOffset": 0}]}
            events.append({"type": _INCREMENTAL, "timestamp": at, "data": data})
        self._pointer = [x, y]
        return events

    def _pressed(self, at: int, node: int, x: int, y: int) -> list[Event]:
        kinds = (7, 9, 2) if self._phone else (1, 0, 2)  # touched, let go, clicked; or pressed, let go, clicked
        return [
            {
                "type": _INCREMENTAL,
                "timestamp": at + 30 * place,
                "data": {"source": _PRESS, "type": kind, "id": node, "x": x, "y": y},
            }
            for place, kind in enumerate(kinds)
        ]

    async def _see(self, events: list[Event], now: int) -> None:
        self._seen.append(events)
        if len(self._seen) >= self._together:
            await self._send_seen(now)

    async def _chunk(self, events: list[Event], now: int) -> None:
        query = {
            "key": self._key,
            "visitor": self._visitor,
            "recording": self._recording,
            "token": self._token,
            "tab": self._tab,
            "seq": str(self._seq),
            "page": self._page,
            "sent_at": str(now),
        }
        self._seq += 1
        body = gzip.compress(_encode(events), _PACKED, mtime=0)
        answer = await self._send(urlencode(query), body, self._agent)
        if not answer.get("taken", False):
            self.stop()


class _Tree(HTMLParser):
    """HTML as rrweb's nodes. Scripts are left out, styles and pictures written in."""

    def __init__(self, style: str, art: dict[str, str]) -> None:
        super().__init__()
        self._style = style
        self._art = art
        self._last = 1
        self.document: dict[str, Any] = {"type": 0, "childNodes": [], "id": 1}
        self._open: list[dict[str, Any]] = [self.document]
        self._silent = 0
        self.pressable: list[tuple[int, str]] = []
        self.picture = 1

    def handle_decl(self, decl: str) -> None:
        self._put({"type": 1, "name": "html", "publicId": "", "systemId": ""})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self._silent += 1
            return
        said = {name: value or "" for name, value in attrs}
        if tag == "link":
            if said.get("rel") != "stylesheet":
                return
            said = {"rel": "stylesheet", "_cssText": self._style}
        for name in ("src", "srcset"):
            if name in said:
                said[name] = self._art.get(said[name].rsplit("/", 1)[-1], "")
        node: dict[str, Any] = {"type": 2, "tagName": tag, "attributes": said, "childNodes": []}
        if tag in _DRAWN:
            node["isSVG"] = True
        self._put(node)
        if tag == "img" and self.picture == 1 and self._open[-1].get("attributes", {}).get("class") == "picture":
            self.picture = node["id"]
        if tag in _PRESSABLE:
            self.pressable.append((node["id"], said.get("href", "")))
        if tag not in _VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._silent -= 1
            return
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place]["tagName"] == tag:
                del self._open[place:]
                return

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent and len(self._open) > 1:
            self._put({"type": 3, "textContent": re.sub(r"\s+", " ", data)})

    def _put(self, node: dict[str, Any]) -> None:
        self._last += 1
        node["id"] = self._last
        self._open[-1]["childNodes"].append(node)


def _as_data(picture: Path) -> str:
    return f"data:image/svg+xml;base64,{b64encode(picture.read_bytes()).decode()}"
