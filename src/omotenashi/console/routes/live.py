"""Who is being recorded this second, told as it changes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Struct

from omotenashi.console.access import Who
from omotenashi.console.desk import Desk
from omotenashi.console.streams import LONGEST_SECONDS, SILENCE_SECONDS, STILL_HERE, stream, told
from omotenashi.model.ids import Instant

from .recordings import Card, cards

MOST: Final = 100
LOOK_SECONDS: Final = 1.0


class LiveNow(Struct):
    """Visits that are being recorded at ``at``, whoever did something last first; at most 100 of ``total``.

    ``watchers`` are how many of the staff watch each of them, where anybody does.
    """

    at: Instant
    total: int
    recordings: list[Card]
    watchers: dict[str, int]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/live``."""

    @get("/api/projects/{project:str}/live", opt={"needs": "recordings"}, sync_to_thread=True)
    def live(project: FromPath[str], who: NamedDependency[Who]) -> LiveNow:
        """The visits that are being recorded now."""
        return _now(desk.project(project).id, who)

    @get("/api/projects/{project:str}/live/stream", opt={"needs": "recordings"})
    async def live_stream(project: FromPath[str], who: NamedDependency[Who]) -> Stream:
        """The same as a stream: a message ``now`` whenever something changes."""
        return stream(following(desk.project(project).id, who))

    async def following(project: str, who: Who) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_SECONDS
        silent_since = loop.time()
        before: tuple[object, ...] | None = None
        while loop.time() < end:
            seen = await asyncio.to_thread(_seen, project)
            if seen != before:
                before, silent_since = seen, loop.time()
                yield told("now", await asyncio.to_thread(_now, project, who))
            elif loop.time() - silent_since > SILENCE_SECONDS:
                silent_since = loop.time()
                yield STILL_HERE
            await asyncio.sleep(LOOK_SECONDS)

    def _seen(project: str) -> tuple[object, ...]:
        """What tells one moment from another."""
        found = desk.project(project).id
        return tuple(
            (one.id, one.ended_at, one.chunks, desk.replays.watchers(found, one.id)) for one in desk.replays.going_on(found)
        )

    def _now(project: str, who: Who) -> LiveNow:
        found = desk.project(project)
        going_on = desk.replays.going_on(found.id)
        counted = {one.id: desk.replays.watchers(found.id, one.id) for one in going_on}
        watchers = {str(recording): count for recording, count in counted.items() if count}
        return LiveNow(desk.clock(), len(going_on), cards(desk, found, going_on[:MOST], who), watchers)

    return [live, live_stream]
