"""Events that staff send for one person, and the erasure of a person.

Both go through the edge, the only one that changes a profile.
"""

import secrets
from typing import Any

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Struct, UnsetType

from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest


class Sent(Struct):
    """One event. ``at`` (ms) is now when left out."""

    name: str
    values: dict[str, Any] = {}
    at: int | UnsetType = UNSET


class Sending(Struct):
    """Events for the person that exactly one of ``person``, ``visitor`` and ``user_id`` names; once per ``key``."""

    events: list[Sent]
    person: str | UnsetType = UNSET
    visitor: str | UnsetType = UNSET
    user_id: str | UnsetType = UNSET
    key: str = ""


class Erasing(Struct):
    """The person to forget, named by exactly one of the three; once per ``key``."""

    person: str | UnsetType = UNSET
    visitor: str | UnsetType = UNSET
    user_id: str | UnsetType = UNSET
    key: str = ""


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/events`` and ``/erase``."""

    @post("/api/projects/{project:str}/events", opt={"needs": ("edit", "people")}, status_code=200)
    async def events(project: FromPath[str], data: JSONBody[Sending]) -> dict[str, Any]:
        """Send events for one person; the edge's own answer."""
        if not data.events:
            raise BadRequest("events", "expected at least one event")
        sent = [
            {"name": one.name, "values": one.values, **({} if isinstance(one.at, UnsetType) else {"at": one.at})}
            for one in data.events
        ]
        return await desk.edge.send({**_named(desk, project, data), "events": sent})

    @post("/api/projects/{project:str}/erase", opt={"needs": ("admin", "people")}, status_code=200)
    async def erase(project: FromPath[str], data: JSONBody[Erasing]) -> dict[str, Any]:
        """Forget a person: whatever stands before this in the log does not exist any more."""
        return await desk.edge.erase(_named(desk, project, data))

    return [events, erase]


def _named(desk: Desk, project: str, data: Sending | Erasing) -> dict[str, Any]:
    names = {"person": data.person, "visitor": data.visitor, "user_id": data.user_id}
    given = {name: value for name, value in names.items() if isinstance(value, str) and value}
    if len(given) != 1:
        raise BadRequest("person", "expected exactly one of person, visitor and user_id")
    return {"project": desk.project(project).id, "key": data.key or secrets.token_hex(12), **given}
