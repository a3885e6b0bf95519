"""Who is on the site this second, told as it changes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Struct

from omotenashi.configuration.names import Called
from omotenashi.console.desk import Desk
from omotenashi.console.faces import Face, Faces
from omotenashi.console.present import Beat
from omotenashi.console.streams import LONGEST_SECONDS, SILENCE_SECONDS, STILL_HERE, stream, told
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import Instant, PersonId

FACES: Final = 300
"""As many are drawn; all are counted."""
PAUSE_SECONDS: Final = 0.3
"""What happens within this is told together."""
BEHIND_SECONDS: Final = 0.5
"""How long to wait for a profile that is about to be written."""
LEAVING_SECONDS: Final = 5
"""How soon it is noticed that somebody has left without a word."""


class SegmentNow(Struct):
    """How many of the people on the site belong to a segment."""

    segment: str
    name: Called
    people: int


class Now(Struct):
    """The site at ``at``: everybody who did something in the last five minutes, the latest first.

    ``total`` counts all of them, ``faces`` are at most 300. In the stream a message ``now`` says all, and each
    ``change`` after it only the faces that changed, and who is ``gone``; where that would be too much, ``now`` says all again.
    ``pulse`` are the last five minutes in pieces of five seconds.
    """

    at: Instant
    total: int
    faces: list[Face]
    gone: list[str]
    segments: list[SegmentNow]
    pulse: list[Beat]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/now``."""
    faces = Faces(desk)

    @get("/api/projects/{project:str}/now", opt={"needs": "people"})
    async def people_now(project: FromPath[str]) -> Now:
        """Who is on the site this second, with page, segments and the latest event."""
        found = desk.project(project)
        return (await whole(found))[0]

    @get("/api/projects/{project:str}/now/stream", opt={"needs": "people"})
    async def now_stream(project: FromPath[str]) -> Stream:
        """The same as a stream: a message ``now``, then a ``change`` whenever something does."""
        return stream(following(desk.project(project)))

    async def whole(project: Project) -> tuple[Now, set[PersonId]]:
        present = desk.present.people(project.id)
        drawn, behind = await asyncio.to_thread(faces.of, project, present[:FACES])
        return await state(project, drawn, []), behind

    async def state(project: Project, drawn: list[Face], gone: list[str]) -> Now:
        present = desk.present.people(project.id)
        counts = await asyncio.to_thread(faces.counts, project, present)
        names = desk.names(project).segments
        segments = [SegmentNow(one, names.get(one, Called(one, one)), people) for one, people in counts.items()]
        return Now(desk.clock(), len(present), drawn, gone, segments, desk.present.pulse(project.id))

    async def following(project: Project) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_SECONDS
        silent_since = loop.time()
        with desk.present.watching(project.id) as moved:
            first, behind = await whole(project)
            yield told("now", first)
            while not moved.over and loop.time() < end:
                await moved.wait(BEHIND_SECONDS if behind else LEAVING_SECONDS)
                desk.present.people(project.id)  # so that whoever has left is noticed
                changes = moved.take()
                if changes is None:
                    project = desk.project(project.id)
                    everybody, behind = await whole(project)
                    silent_since = loop.time()
                    yield told("now", everybody)
                    continue
                did, gone = changes
                wanted = [one for who in did | behind if (one := desk.present.person(project.id, who)) is not None]
                if not wanted and not gone:
                    behind = set()
                    if loop.time() - silent_since > SILENCE_SECONDS:
                        silent_since = loop.time()
                        yield STILL_HERE
                    continue
                project = desk.project(project.id)
                changed, still_behind = await asyncio.to_thread(faces.of, project, wanted)
                behind = still_behind
                silent_since = loop.time()
                yield told("change", await state(project, changed, sorted(gone)))
                await asyncio.sleep(PAUSE_SECONDS)

    return [people_now, now_stream]
