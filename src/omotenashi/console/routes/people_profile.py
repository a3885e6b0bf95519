"""Everything that is known of one person: what their profile holds, and a copy of it all to give to them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Struct

from omotenashi.configuration.names import Called
from omotenashi.console.access import Change
from omotenashi.console.desk import Desk
from omotenashi.console.faces import called
from omotenashi.engine.rules.words import subject
from omotenashi.engine.statistics import read
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Event, LogEntry
from omotenashi.model.ids import Instant, PersonId
from omotenashi.model.profiles import Landing, Profile
from omotenashi.model.values import Scalar
from omotenashi.warehouse.questions.story import Told

from .people import Person, described, names_in

PAGE: Final = 1_000
"""Entries that are read at once."""


class AttributeKnown(Struct):
    """An attribute and when it was given last."""

    path: str
    value: list[Scalar]
    at: Instant


class StatisticKnown(Struct):
    """What a live rule counts of the person, in words, and what it has come to; None when there is nothing yet."""

    id: str
    name: Called
    value: Scalar | None


class ConsentKnown(Struct):
    """The state of one purpose: ``unknown granted denied withdrawn expired``; ``at`` is when the person chose, if they did."""

    purpose: str
    state: str
    at: Instant | None


class DeliveryKnown(Struct):
    """What one campaign has done to the person. ``action`` is the arm they are in; ``crossed``: two arms met at a merge.

    A holdout counts as shown: it is what they would have been shown.
    """

    campaign: str
    name: Called
    action: str | None
    action_name: str
    holdout: bool
    shown: int
    clicked: int
    closed: int
    goals: int
    answered: bool
    last_at: Instant | None
    crossed: bool


class Came(Struct):
    """Where somebody came from: the first page of a session, the page before it, the advertisement if it was one."""

    url: str
    title: str | None
    referrer: str | None
    ad: str | None
    utm: dict[str, str]


class SessionKnown(Struct):
    """One of the latest sessions."""

    id: str
    started_at: Instant
    ended_at: Instant
    views: int
    seconds: int
    landing: Came | None


class Portrait(Struct):
    """A person as their profile knows them. ``seq`` counts what has happened to them; ``ids`` are all their visitor ids.

    ``messages_today`` of ``cap_per_day`` over all channels; a cap of 0 is none.
    """

    person: Person
    name: str
    seq: int
    ids: list[str]
    logged_in: bool
    attributes: list[AttributeKnown]
    statistics: list[StatisticKnown]
    consents: list[ConsentKnown]
    deliveries: list[DeliveryKnown]
    sessions: list[SessionKnown]
    first_landing: Came | None
    messages_today: int
    cap_per_day: int


class Copied(Struct):
    """How a person's copy begins: whose it is and when it was made; ``entries`` follow, the latest first."""

    project: str
    made_at: Instant
    profile: Portrait


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/people/{name}/profile`` and ``/export``."""

    @get("/api/projects/{project:str}/people/{name:str}/profile", opt={"needs": "people"}, sync_to_thread=True)
    def profile(project: FromPath[str], name: FromPath[str]) -> Portrait:
        """Who they are, in full: attributes, statistics of live rules, consents, what was delivered, latest sessions."""
        found = desk.project(project)
        return portrait(desk, found, *desk.person(found, name))

    @post("/api/projects/{project:str}/people/{name:str}/export", opt={"needs": "people"}, status_code=200)
    async def export(project: FromPath[str], name: FromPath[str], request: Request[Any, Any, Any]) -> Stream:
        """A copy of everything about them, as one JSON document to give to them."""
        found = desk.project(project)
        person, known = await asyncio.to_thread(desk.person, found, name)
        copied = Copied(found.id, desk.clock(), await asyncio.to_thread(portrait, desk, found, person, known))
        request.state.audit = Change("person", person)
        headers = {"content-disposition": f'attachment; filename="person-{_plain(person)}.json"', "cache-control": "no-store"}
        return Stream(_copy(desk, found, person, copied), media_type="application/json", headers=headers)

    return [profile, export]


def portrait(desk: Desk, found: Project, person: PersonId, profile: Profile) -> Portrait:
    """Everything that the profile holds, in words."""
    plan = desk.plan(found)
    now = Instant(max(desk.clock(), profile.now))
    names = desk.names(found)
    ja, en = names_in(names, found, plan, "ja"), names_in(names, found, plan, "en")
    statistics = [
        StatisticKnown(
            key,
            Called(subject(one, "ja", ja), subject(one, "en", en)),
            read(one, profile.accumulators.get(one.id), profile, now, plan.calendar),
        )
        for key, one in plan.statistics.items()
    ]
    actions = {action.id: action for campaign in found.campaigns for action in campaign.actions}
    deliveries = [
        DeliveryKnown(
            campaign,
            names.campaigns.get(campaign, Called(campaign, campaign)),
            one.arm,
            actions[one.arm].name if one.arm is not None and one.arm in actions else "",
            one.exposed_holdout or (one.arm is not None and one.arm in actions and actions[one.arm].holdout),
            one.shown,
            one.clicked,
            one.closed,
            one.goals,
            one.answered,
            one.exposed_at,
            campaign in profile.crossed,
        )
        for campaign, one in profile.deliveries.items()
    ]
    return Portrait(
        described(desk, found, person, profile),
        called(profile),
        profile.seq,
        sorted({*profile.based, profile.person}),
        profile.logged_in is not None and profile.logged_in.value is True,
        [AttributeKnown(path, one.value, Instant(one.key[0])) for path, one in sorted(profile.attributes.items())],
        sorted(statistics, key=lambda one: (one.value is None, one.name.ja)),
        [
            ConsentKnown(
                purpose.name,
                plan.consent(profile, purpose.name, now),
                Instant(profile.consents[purpose.name].key[0]) if purpose.name in profile.consents else None,
            )
            for purpose in found.purposes
        ],
        sorted(deliveries, key=lambda one: -(one.last_at or 0)),
        [
            SessionKnown(one.id, one.started_at, one.ended_at, one.page_views, one.visible_ms // 1000, _came(one.landing))
            for one in profile.sessions
        ],
        _came(profile.first_landing),
        profile.caps.get(plan.calendar.day(now), 0),
        found.cap_per_day,
    )


def _came(landing: Landing | None) -> Came | None:
    return None if landing is None else Came(landing.url, landing.title, landing.referrer, landing.ad, landing.utm)


async def _copy(desk: Desk, found: Project, person: PersonId, copied: Copied) -> AsyncIterator[bytes]:
    yield msgspec.json.encode(copied)[:-1] + b',"entries":['
    before: tuple[Instant, int] | None = None
    comma = b""
    while True:
        told = await asyncio.to_thread(desk.questions.story, found, person, PAGE, before)
        for line in told:
            yield comma + msgspec.json.encode(_entry(line))
            comma = b",\n"
        if len(told) < PAGE:
            break
        before = (told[-1].entry.at, told[-1].position)
    yield b"]}\n"


def _entry(told: Told) -> dict[str, Any]:
    entry: LogEntry = told.entry
    fields = {name: value for name, value in msgspec.structs.asdict(entry).items() if value is not None}
    gates = {campaign: gate.name.lower() for campaign, gate in told.gates}
    decided = {"gates": gates} if isinstance(entry, Event) else {}
    return {"kind": type(entry).__name__.lower(), **fields, **decided}


def _plain(name: str) -> str:
    return "".join(letter if (letter.isalnum() and letter.isascii()) or letter in "-_" else "-" for letter in name)[:64]
