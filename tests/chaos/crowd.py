"""Those who use an installation while it is being killed, and what they were told.

Everyone does as a tag or a well-made server does: what was not answered with 200 is sent again, the same, until it is.
"""

import asyncio
import functools
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
from tests.chaos.installation import PATIENCE_SECONDS, ROOT, Installation
from tests.integration.edge_process import Broken

from omotenashi.configuration.folder import read_folder
from omotenashi.ledger.sqlite.office import Desk
from omotenashi.model.ids import ProjectId

PUBLIC = "midori-demo-public"
MIDORI = ProjectId("midori")
MEMBERS = tuple(f"m{number}" for number in range(12))
FORGETFUL = ("forget-me-1".ljust(22, "-"), "forget-me-2".ljust(22, "-"))
PAGES = ("/", "/tea", "/sale", "/cart", "/signup")
PADDING = "雨" * 60
DAY_MS = 86_400_000


def sources(number: int) -> dict[str, str]:
    """The demo's configuration with segments that ask for history: some new ones in each version, which live for three."""
    files = read_folder(ROOT / "demo")
    asked: dict[str, str] = {}
    for age in range(min(number, 3)):
        where = f"{{ field: n, op: '>=', value: {number - age} }}"
        asked |= {
            f"paid_{age}": f"{{ event: cart, field: price, aggregate: sum, where: {where}, op: '>', value: 100 }}",
            f"kinds_{age}": "{ event: cart, field: items, aggregate: distinct, period: 30 days, op: '>=', value: 3, "
            f"where: {where} }}",
            f"lately_{age}": f"{{ event: view, aggregate: count, where: {where}, period: previous_session, op: exists }}",
            f"turned_{age}": f"{{ event: bought, field: price, aggregate: avg, where: {where}, op: '<', value: 500 }}",
            f"changed_{age}": f"{{ event: cart, field: n, aggregate: previous, where: {where}, op: exists }}",
        }
    if number % 3:  # it comes and goes, and is born again
        asked["again"] = "{ event: bought, field: price, aggregate: sum, op: '>', value: 5000 }"
    for name, rule in asked.items():
        files[f"segments/chaos_{name}.yaml"] = f"name: {name}\nrule: {rule}\n"
    files["segments/chaos_never_changes.yaml"] = (
        "name: steady\nrule: { event: cart, field: price, aggregate: max, op: '>', value: 900 }\n"
    )
    for name in ("poked", "prodded"):
        files[f"campaigns/chaos_{name}.yaml"] = (
            f"name: {name}\nstate: live\ntrigger: {{ event: cart }}\nfrequency: access\n"
            "goal: { event: bought, within: session, value: price }\n"
            "actions:\n  - { name: one, weight: 60%, template: top_bar, display: { position: top }, texts: { title: Hello } }\n"
            "  - { holdout: 40% }\n"
        )
    return files


class Crowd:
    """Everyone who acts, and the one account of what was acknowledged. ``paused`` between two looks at the books."""

    def __init__(self, installation: Installation, dice: random.Random) -> None:
        self.installation = installation
        self.dice = dice
        self.acknowledged: set[str] = set()
        """Events whose request was answered with 200, and who were not erased since."""
        self.sent: set[str] = set()
        self.erased: set[str] = set()
        self.visitors: set[str] = set()
        self.members: set[str] = set(MEMBERS)
        self.as_server: dict[str, str] = {}
        """The header of the site's servers; `open` finds it."""
        self.applied = 0
        self.answers = 0
        self.repeats = 0
        self.duplicates = 0
        self.messages = 0
        self._to_forget: set[str] = set()
        self._going = asyncio.Event()
        self._going.set()
        self._acting = 0
        self._ended = False

    async def open(self) -> None:
        """The first version, and the keys that came of it."""
        await self.apply()
        keys = await self.installation.ask_console("GET", "/api/projects/midori/keys")
        secret = next(key["key"] for key in keys if key["kind"] == "secret")
        self.as_server = {"authorization": f"Bearer {secret}"}

    async def run(self, tags: int) -> None:
        """Until `end`: tags, servers, importers, somebody who erases and somebody who configures."""
        acting: list[Coroutine[Any, Any, None]] = [self._tag(number) for number in range(tags)]
        acting += [self._server(), self._importer(0), self._importer(1), self._forgetful(), self._configurer()]
        async with asyncio.TaskGroup() as group:
            for one in acting:
                group.create_task(one)

    def end(self) -> None:
        self._ended = True
        self._going.set()

    async def pause(self) -> None:
        """Returns when everything that was sent is acknowledged and nobody does anything."""
        self._going.clear()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self._acting:
                await asyncio.sleep(0.02)

    def resume(self) -> None:
        self._going.set()

    @asynccontextmanager
    async def _act(self, rest: float) -> AsyncIterator[None]:
        """One thing that somebody does from its beginning to its acknowledgement."""
        await asyncio.sleep(self.dice.uniform(0, rest))
        await self._going.wait()
        self._acting += 1
        try:
            yield
        finally:
            self._acting -= 1

    # Asking

    async def insist(self, ask: Callable[[], Coroutine[Any, Any, tuple[int, bytes]]], *, also: tuple[int, ...] = ()) -> Any:
        """The answer to the first try that is answered with 200; who is refused for the moment, or cut off, tries again."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            with suppress(Broken, ValueError, StopIteration):
                status, answer = await ask()
                assert status in (200, 503, *also), (status, answer)
                if status != 503:
                    self.answers += 1
                    return msgspec.json.decode(answer)
            self.repeats += 1
            assert time.monotonic() < until, "an edge that is started again and again never answered"
            await asyncio.sleep(0.03)

    def _told(self, answer: Any, events: list[dict[str, Any]]) -> None:
        """All of a request's events are taken, now or by an earlier try of the same request."""
        rejected = answer.get("rejected", [])
        assert all(each["code"] == "duplicate" for each in rejected), answer
        assert answer["accepted"] + len(rejected) == len(events), answer
        self.duplicates += len(rejected)
        self.acknowledged.update(event["id"] for event in events)

    async def track(self, who: str, page: str, events: list[dict[str, Any]]) -> Any:
        view = {"id": page, "url": f"https://midori.example{self.dice.choice(PAGES)}?ad=1", "visible": True}
        body = msgspec.json.encode({"key": PUBLIC, "visitor": who, "page": view, "events": events})
        self.sent.update(event["id"] for event in events)
        answer = await self.insist(lambda: self.installation.ask_edge("/v1/track", body))
        self._told(answer, events)
        return answer

    async def serve(self, events: list[dict[str, Any]]) -> None:
        """What a site's server says."""
        self.sent.update(event["id"] for event in events)
        body = msgspec.json.encode({"events": events})
        self._told(await self.insist(lambda: self.installation.ask_edge("/v1/events", body, **self.as_server)), events)

    # Acting

    async def _tag(self, number: int) -> None:
        """A browser, and those who use it: it looks, fills carts, logs in, sees messages; now and then a new one."""
        dice, place, count = self.dice, 0, 0
        who = reservation = ""
        while not self._ended:
            async with self._act(0.1):
                if not who or dice.random() < 0.04:
                    place += 1
                    who, reservation = f"tag-{number}-{place}".ljust(22, "-"), ""
                    self.visitors.add(who)
                events: list[dict[str, Any]] = []
                for _ in range(dice.choice((1, 1, 2, 4))):
                    count += 1
                    event = {"id": f"t{number}-{count}", **self._said(count)}
                    if reservation and dice.random() < 0.6:
                        name = dice.choice(("_message_open", "_message_open", "_message_click", "_message_close", "_release"))
                        event |= {"name": name, "values": {"reservation": reservation, "name": "button", "by": "button"}}
                        reservation = reservation if name == "_message_open" else ""
                    elif dice.random() < 0.08:
                        event |= {"name": "identify", "values": {"user_id": dice.choice(MEMBERS), "rank": dice.choice("ab")}}
                        reservation = ""  # whoever it is now, it is not theirs
                    events.append(event)
                answer = await self.track(who, f"page-{number}-{count // 5}", events)
                messages = answer.get("messages", [])
                self.messages += len(messages)
                if messages:
                    reservation = messages[-1]["reservation"]
                if "visitor" in answer:
                    who, reservation = answer["visitor"], ""
                    self.visitors.add(who)

    def _said(self, count: int) -> dict[str, Any]:
        dice = self.dice
        values = {"n": count, "price": dice.choice((99, 250.5, 1980, 0.1)), "items": dice.sample(range(9), 2), "note": PADDING}
        return {"name": dice.choice(("view", "view", "cart", "cart", "bought")), "values": values}

    async def _server(self) -> None:
        """Tells of purchases, some of them long ago."""
        count = 0
        while not self._ended:
            async with self._act(0.2):
                events = []
                for _ in range(self.dice.randint(1, 6)):
                    count += 1
                    at = int(time.time() * 1000) - self.dice.choice((0, 0, DAY_MS, 20 * DAY_MS))
                    events.append({"id": f"s{count}", "at": at, "user_id": self.dice.choice(MEMBERS), **self._said(count)})
                await self.serve(events)

    async def _importer(self, number: int) -> None:
        """Sends history, in one batch that goes on and on; after a break it asks where to begin again, or begins anew."""
        dice, next_row, path = self.dice, 0, f"/v1/import?batch=past-{number}"
        while not self._ended:
            async with self._act(1.0):
                lines: list[dict[str, Any]] = []
                for row in range(next_row, next_row + dice.randint(5, 40)):
                    at = int(time.time() * 1000) - dice.randrange(1, 90 * DAY_MS)
                    who = {"user_id": dice.choice((*MEMBERS, f"past-{number}-{row % 30}"))}
                    lines.append({"row": row, "id": f"i{number}-{row}", "at": at, **who, **self._said(row)})
                next_row += len(lines)
                self.members.update(line["user_id"] for line in lines)
                self.sent.update(line["id"] for line in lines)
                answer = await self.insist(functools.partial(self._import, path, lines))
                assert answer["rejectedRows"] == 0, answer
                assert answer["nextRow"] == next_row, answer
                self.duplicates += answer["repeated"]
                self.acknowledged.update(line["id"] for line in lines)

    async def _import(self, path: str, lines: list[dict[str, Any]]) -> tuple[int, bytes]:
        waiting = lines
        if self.dice.random() < 0.5:
            status, answer = await self.installation.ask_edge(path, b"", **self.as_server)
            if status != 200:
                return status, answer
            asked = msgspec.json.decode(answer)["nextRow"]
            waiting = [line for line in lines if line["row"] >= asked] or lines[-1:]
        body = b"\n".join(msgspec.json.encode(line) for line in waiting)
        return await self.installation.ask_edge(path, body, **self.as_server)

    async def _forgetful(self) -> None:
        """Somebody with two browsers who wants to be forgotten, again and again, and always comes back."""
        count = 0
        self.visitors.update(FORGETFUL)
        while not self._ended:
            async with self._act(1.0):
                for who in FORGETFUL:
                    events = []
                    for _ in range(4):
                        count += 1
                        events.append({"id": f"f{count}", **self._said(count)})
                    count += 1
                    events.insert(2, {"id": f"f{count}", "name": "identify", "values": {"user_id": "forget-me"}})
                    await self.track(who, f"page-{who}-{count}", events)
                    self._to_forget.update(event["id"] for event in events)
                body = msgspec.json.encode({"project": "midori", "key": f"forget-{count}", "user_id": "forget-me"})
                token = {"authorization": f"Bearer {self.installation.secret('internal.token')}"}
                erase = functools.partial(self.installation.ask_edge, "/internal/erase", body, internal=True, **token)
                await self.insist(erase, also=(404,))
                self.acknowledged -= self._to_forget
                self.erased |= self._to_forget
                self._to_forget = set()

    async def _configurer(self) -> None:
        """Applies one version after the other."""
        while not self._ended:
            async with self._act(3.0):
                if await asyncio.to_thread(self._back_fills_keep_up):
                    await self.apply()

    def _back_fills_keep_up(self) -> bool:
        """Whether at most one version waits for its past: if there were always a newer one, none would ever get it."""
        desk = Desk.open(self.installation.folder / "data" / "office.db")
        try:
            return desk.head(MIDORI) - desk.ready_version(MIDORI) <= 1
        finally:
            desk.close()

    async def apply(self) -> None:
        """Puts the next version in force, however often it takes."""
        wanted = sources(self.applied + 1)
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                await self.installation.ask_console("POST", "/api/apply", {"sources": wanted})
                self.applied += 1
                return
            except Broken:
                assert time.monotonic() < until, "a console that is started again and again never answered"
                await asyncio.sleep(0.1)

    async def touch_everybody(self, name: str) -> None:
        """One event more for each: whoever is touched takes in the bases that stand ready."""
        people = [{"visitor": who} for who in sorted(self.visitors)] + [{"user_id": who} for who in sorted(self.members)]
        events = [{"id": f"{name}-{number}", "name": "touched", **who} for number, who in enumerate(people)]
        for start in range(0, len(events), 100):
            await self.serve(events[start : start + 100])
        self._to_forget.update(event["id"] for event in events if event.get("visitor") in FORGETFUL)
