"""One person's story as it goes on."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Struct

from omotenashi.console.desk import Desk
from omotenashi.console.errors import NotFound
from omotenashi.console.streams import LONGEST_SECONDS, SILENCE_SECONDS, STILL_HERE, stream, told
from omotenashi.ledger.port import LedgerError
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Event, LogEntry
from omotenashi.model.ids import CampaignId, PersonId
from omotenashi.model.outcomes import Gate
from omotenashi.warehouse.questions.story import Told

from .people import Moment, moment
from .people_profile import Portrait, portrait

BEHIND_SECONDS: Final = 0.5
"""How long to wait for a profile that is about to be written."""
MOST_WAITS: Final = 20


class GoingOn(Struct):
    """What came: ``moments`` in their order, of the last minutes at first. Each has its place in the log (``position``)."""

    moments: list[Moment]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The handler for ``/api/projects/{project}/people/{name}/stream``."""
    listeners: dict[tuple[str, int, str], tuple[CampaignId, ...]] = {}

    @get("/api/projects/{project:str}/people/{name:str}/stream", opt={"needs": "people"})
    async def story_stream(project: FromPath[str], name: FromPath[str]) -> Stream:
        """What they do from here on: ``moments`` as they come, and the whole ``profile`` when it contains them."""
        found = desk.project(project)
        person, profile = await asyncio.to_thread(desk.person, found, name)
        return stream(following(found, person, {*profile.based, person}))

    async def following(project: Project, person: PersonId, people: set[PersonId]) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_SECONDS
        awaited, waits = 0, 0
        with desk.present.listening(project.id, people) as heard:
            yield STILL_HERE
            while not heard.over and loop.time() < end:
                entries = await heard.next(BEHIND_SECONDS if awaited else SILENCE_SECONDS)
                if entries:
                    moments = await asyncio.to_thread(lambda: [moment(_told(*line)) for line in entries])  # noqa: B023
                    awaited, waits = max(awaited, max(entry.seq for _, entry in entries)), 0
                    yield told("moments", GoingOn(moments))
                elif not awaited:
                    yield STILL_HERE
                if awaited:
                    known = await asyncio.to_thread(_known, project.id, person)
                    waits += 1
                    if known is None or known.seq >= awaited or waits > MOST_WAITS:
                        awaited = 0
                        if known is not None:
                            person = PersonId(known.person.person)
                            yield told("profile", known)

    def _known(project: str, person: PersonId) -> Portrait | None:
        try:
            found = desk.project(project)
            return portrait(desk, found, *desk.person(found, person))
        except NotFound:
            return None

    def _told(position: int, entry: LogEntry) -> Told:
        if not isinstance(entry, Event) or not entry.gates:
            return Told(position, entry, ())
        campaigns = _listeners(entry)
        return Told(position, entry, tuple((one, Gate(gate)) for one, gate in zip(campaigns, entry.gates, strict=False)))

    def _listeners(event: Event) -> tuple[CampaignId, ...]:
        """Whose gates they are: the campaigns of that configuration that the event triggers, in deciding order."""
        key = (event.project, event.config, event.name)
        found = listeners.get(key)
        if found is None:
            name = "view" if event.name == "_recheck" else event.name
            try:
                campaigns = desk.office.configuration(event.project, event.config).campaigns
            except LedgerError:
                campaigns = ()
            if len(listeners) > 1_000:
                listeners.clear()
            found = listeners[key] = tuple(one.id for one in campaigns if one.trigger == name)
        return found

    return [story_stream]
