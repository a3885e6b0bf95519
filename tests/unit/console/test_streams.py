"""Streams: what they tell, how they begin again, and that they end with the session or the right they were opened with."""

import asyncio
import gc
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import NOON, House, console
from tests.unit.console.personas import Persona, machine, member, token
from tests.unit.warehouse.made import event

from omotenashi.console.present import KEPT, Heard, Moved
from omotenashi.model.ids import PersonId, ProjectId
from omotenashi.model.profiles import Profile
from omotenashi.model.staff import EXTRAS, Grant

NOW = "/api/projects/shop/now/stream"
HOME = "/api/projects/shop/home/stream"
STORY = "/api/projects/shop/people/hanako/stream"
ALL = (NOW, HOME, STORY)
PATIENCE_SECONDS = 20


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[House]:
    with console(tmp_path) as house:
        assert house.apply(SMALL)[0] == 200
        house.shelf.profiles["hanako"] = Profile(PersonId("hanako"), seq=1, visits=1, last_at=NOON, now=NOON)
        yield house


class Listener:
    """A browser that listens to a stream. ``is_slow``: it takes the beginning, and then reads nothing more."""

    def __init__(self, *, is_slow: bool) -> None:
        self.status = 0
        self.is_slow = is_slow
        self.begun = asyncio.Event()
        self._came = asyncio.Event()
        self._left = asyncio.Event()
        self._asked = False
        self._bytes = b""
        self._is_over = False

    async def receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.begun.set()
            return
        if self.is_slow:
            await asyncio.Event().wait()
        self._bytes += message.get("body", b"")
        if not message.get("more_body"):
            self._is_over = True
            self._left.set()
        self._came.set()

    def leave(self) -> None:
        self._left.set()

    async def next(self) -> tuple[str, Any]:
        """The next message: its name, and what it says."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                said, end, rest = self._bytes.partition(b"\n\n")
                if not end:
                    assert not self._is_over, "the stream is over"
                    self._came.clear()
                    await self._came.wait()
                    continue
                self._bytes = rest
                if not said.startswith(b":"):
                    name, data = said.split(b"\n")
                    return name.decode().removeprefix("event: "), msgspec.json.decode(data.removeprefix(b"data: "))


@asynccontextmanager
async def listening(
    house: House, who: Persona, path: str, *, is_slow: bool = False
) -> AsyncGenerator[tuple[Listener, asyncio.Task[None]]]:
    """Somebody listens, from when they are answered; the task is done when the stream has ended."""
    listener = Listener(is_slow=is_slow)
    headers = [(name.lower().encode(), value.encode()) for name, value in who.headers.items()]
    path, _, query = path.partition("?")
    scope: Any = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", b"testserver.local"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("testserver.local", 80),
        "state": {},
    }

    async def answered() -> None:
        await house.client.app(scope, listener.receive, listener.send)  # type: ignore[arg-type]

    task = asyncio.create_task(answered())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await listener.begun.wait()
        yield listener, task
    finally:
        listener.leave()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.wait((task,))


async def ended(task: asyncio.Task[None]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await task


def hanako(house: House) -> Persona:
    return member(house, "hanako", Grant("shop", "viewer", EXTRAS))


def view(person: str, path: str, seq: int = 1) -> Any:
    return event(person, "view", {"url": f"https://x{path}", "title": path}, at=NOON, seq=seq)


async def test_now_tells_everybody_first_and_then_what_changes(shop: House) -> None:
    shop.present.hear([(1, view("hanako", "/tea"))])
    async with listening(shop, hanako(shop), NOW) as (listener, _):
        name, told = await listener.next()
        assert (listener.status, name, [one["title"] for one in told["faces"]]) == (200, "now", ["/tea"])
        shop.present.hear([(2, view("taro", "/cart"))])
        name, told = await listener.next()
        assert (name, told["total"]) == ("change", 2)
        assert [one["person"] for one in told["faces"]] == ["taro"]


async def test_now_tells_all_again_where_too_much_has_changed(shop: House) -> None:
    async with listening(shop, hanako(shop), NOW) as (listener, _):
        assert (await listener.next())[0] == "now"
        shop.present.hear([(n, view(f"p{n}", "/")) for n in range(KEPT + 1)])
        name, told = await listener.next()
        assert (name, told["total"], len(told["faces"])) == ("now", KEPT, 300)


async def test_home_tells_how_many_are_here(shop: House) -> None:
    shop.present.hear([(1, view("hanako", "/tea"))])
    async with listening(shop, hanako(shop), HOME) as (listener, _):
        name, told = await listener.next()
        assert (name, told["people"], len(told["pulse"])) == ("live", 1, 60)


async def test_a_story_goes_on_and_the_profile_follows_it(shop: House) -> None:
    async with listening(shop, hanako(shop), STORY) as (listener, _):
        shop.present.hear([(7, view("taro", "/")), (8, view("hanako", "/tea", seq=2))])
        name, told = await listener.next()
        assert (name, [one["position"] for one in told["moments"]]) == ("moments", [8])
        shop.shelf.profiles["hanako"] = Profile(PersonId("hanako"), seq=2, visits=1, last_at=NOON, now=NOON)
        name, told = await listener.next()
        assert (name, told["seq"]) == ("profile", 2)


async def test_a_story_that_is_opened_again_begins_with_what_happened_meanwhile(shop: House) -> None:
    who = hanako(shop)
    async with listening(shop, who, STORY) as (listener, task):
        shop.present.hear([(1, view("hanako", "/tea"))])
        assert (await listener.next())[0] == "moments"
        listener.leave()
        await ended(task)
    shop.present.hear([(2, view("hanako", "/cart", seq=2))])
    async with listening(shop, who, STORY) as (listener, _):
        name, told = await listener.next()
        assert (name, [one["position"] for one in told["moments"]]) == ("moments", [1, 2])


async def test_streams_end_when_their_session_is_revoked(shop: House) -> None:
    who = hanako(shop)
    async with listening(shop, who, NOW) as now, listening(shop, who, HOME) as home, listening(shop, who, STORY) as story:
        shop.staff.accounts.drop_sessions("staff_hanako")
        for listener, task in (now, home, story):
            await ended(task)
            assert listener.status == 200


async def test_streams_end_when_their_right_is_taken_away(shop: House) -> None:
    who = hanako(shop)
    async with listening(shop, who, NOW) as now, listening(shop, who, HOME) as home, listening(shop, who, STORY) as story:
        shop.staff.accounts.put_grant("staff_hanako", Grant("shop", "admin", ("recordings",)))
        for _, task in (now, story):
            await ended(task)
        assert not home[1].done()
        shop.staff.accounts.drop_grant("staff_hanako", "shop")
        await ended(home[1])


async def test_a_programs_stream_ends_with_its_token(shop: House) -> None:
    robot = token(shop, "robot", "shop", "read", "people")
    async with listening(shop, robot, NOW) as (listener, task):
        assert (await listener.next())[0] == "now"
        (kept,) = shop.staff.accounts.tokens("shop")
        shop.staff.accounts.drop_token("shop", kept.id)
        await ended(task)


async def test_the_streams_of_those_who_may_go_on(shop: House) -> None:
    taro = member(shop, "taro", Grant("shop", "viewer", EXTRAS))
    async with listening(shop, hanako(shop), NOW) as (hers, revoked), listening(shop, taro, NOW) as (his, going_on):
        assert (await hers.next())[0] == (await his.next())[0] == "now"
        shop.staff.accounts.drop_sessions("staff_hanako")
        await ended(revoked)
        shop.present.hear([(1, view("hanako", "/tea"))])
        assert (await his.next())[1]["total"] == 1
        assert not going_on.done()


async def test_a_stream_of_another_project_is_not_found(shop: House) -> None:
    outsider, guest = member(shop, "outsider", Grant("elsewhere", "admin", EXTRAS)), member(shop, "guest")
    for who, status in ((outsider, 404), (guest, 404), (Persona("anonymous", {}, {}, "nobody"), 401)):
        for path in ALL:
            async with listening(shop, who, path) as (listener, task):
                await ended(task)
                assert listener.status == status


async def test_a_stream_of_somebody_unknown_or_of_a_project_that_is_not_there_is_not_found(shop: House) -> None:
    for path in (STORY.replace("hanako", "nobody"), NOW.replace("shop", "nowhere"), HOME.replace("shop", "nowhere")):
        async with listening(shop, machine(), path) as (listener, task):
            await ended(task)
            assert listener.status == 404


async def test_whoever_reads_nothing_is_let_go_when_they_may_not_read_any_more(shop: House) -> None:
    who = hanako(shop)
    async with (
        listening(shop, who, NOW, is_slow=True) as (_, now),
        listening(shop, who, HOME, is_slow=True) as (_, home),
        listening(shop, who, STORY, is_slow=True) as (_, story),
    ):
        shop.present.hear([(n, view("hanako", f"/{n}", seq=n)) for n in range(1, 50)])
        shop.staff.accounts.drop_sessions("staff_hanako")
        for task in (now, home, story):
            await ended(task)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while any(isinstance(one, Moved | Heard) for one in gc.get_objects()):
            gc.collect()
            await asyncio.sleep(0)  # the loop closes what nobody listens to


def test_what_waits_for_a_slow_watcher_has_an_end(shop: House) -> None:
    with shop.present.watching(ProjectId("shop")) as moved:
        for start in range(0, 4 * KEPT, KEPT):
            shop.present.hear([(n, view(f"p{n}", "/")) for n in range(start, start + KEPT)])
        assert moved.take() is None
        shop.present.hear([(1, view("hanako", "/tea"))])
        assert moved.take() == ({"hanako"}, {f"p{3 * KEPT}"})
