"""The first page: how today goes, what happens now, and which campaigns need somebody."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import date
from functools import partial
from typing import Final, Literal

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Struct

from omotenashi.configuration.names import Called
from omotenashi.console.desk import Desk
from omotenashi.console.present import Beat
from omotenashi.console.streams import LONGEST_SECONDS, stream, told
from omotenashi.engine.calendar import Calendar
from omotenashi.ledger.port import LedgerError
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import CampaignId, Instant, ProjectId
from omotenashi.warehouse.questions.health import Fared
from omotenashi.warehouse.questions.kept import heard_at
from omotenashi.warehouse.questions.today import NOTHING, Numbers

HOUR_MS: Final = 3_600_000
WEEK: Final = 7
HEALTH_DAYS: Final = 7
LIKELY_BROKEN: Final = 10
"""So many errors, and one in ten of what was tried, and a campaign is taken for broken."""
PATIENCE_MS: Final = HOUR_MS
"""How long after publishing a campaign may be without a display before somebody should look."""
VERSIONS: Final = 100
"""How far back it is looked when a campaign was published."""
BEAT_SECONDS: Final = 1.0

Kind = Literal["errors", "conflicts", "never_shown"]
Light = Literal["good", "warning", "bad"]


class HourOfDay(Struct):
    """One hour of the day, from ``at``; ``before`` is the same hour a week ago, and ``today`` is None while it lies ahead."""

    at: Instant
    today: Numbers | None
    before: Numbers


class Trouble(Struct):
    """What is the matter: ``count`` of ``tried`` messages failed or stood in the way; or none was shown since ``since``."""

    kind: Kind
    count: int
    tried: int
    since: Instant


class CampaignHealth(Struct):
    """How a live campaign fares over the last seven days. ``month_shown`` are the messages shown since the month began.

    ``published_at`` is when it was last put live; None when that is longer ago than versions are kept.
    """

    campaign: CampaignId
    name: Called
    light: Light
    troubles: list[Trouble]
    shown: int
    unshown: int
    month_shown: int
    last_at: Instant | None
    published_at: Instant | None


class MonthSoFar(Struct):
    """The month so far, and the events of the month before until the same moment. ``people`` is good to about one percent."""

    start: str
    events: int
    people: int
    events_before: int
    shown: int


class HomeNow(Struct):
    """This moment: people on the site, and the last five minutes in pieces of five seconds."""

    at: Instant
    people: int
    pulse: list[Beat]


class Home(Struct):
    """Today until ``at``, beside the same weekday of last week until the same time, by the project's clock.

    ``loaded_at`` says how fresh the counts are: nothing that happened before is missing, but for what is under way.
    """

    at: Instant
    day: str
    time_zone: str
    today: Numbers
    before: Numbers
    hours: list[HourOfDay]
    month: MonthSoFar
    campaigns: list[CampaignHealth]
    live: HomeNow
    messages_stopped: bool
    recording_stopped: bool
    ever: bool


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/home``."""
    births: dict[ProjectId, tuple[int, dict[CampaignId, Instant | None]]] = {}
    lock = threading.Lock()

    @get("/api/projects/{project:str}/home", opt={"needs": "read"}, sync_to_thread=True)
    def home(project: FromPath[str]) -> Home:
        """Today against last week, the month so far, and how each live campaign fares."""
        found = desk.project(project)
        calendar = Calendar(found.time_zone)
        now = desk.clock()
        day = calendar.day(now)
        hours, before = _hours(calendar, day), _hours(calendar, day - WEEK)
        told_today = desk.questions.today(found, before, hours, calendar.day_start(day - WEEK + 1), now)
        month = date.fromordinal(day).replace(day=1).toordinal()
        last_month = date.fromordinal(month - 1).replace(day=1).toordinal()
        start, start_before = calendar.day_start(month), calendar.day_start(last_month)
        until = min(Instant(start_before + now - start), start)
        volume = desk.questions.volume(found, start, start_before, until)
        fared = {one.campaign: one for one in desk.questions.health(found, calendar.day_start(day - HEALTH_DAYS + 1), start)}
        campaigns = _by_need(_healths(found, fared, now))
        return Home(
            now,
            date.fromordinal(day).isoformat(),
            found.time_zone,
            told_today.today,
            told_today.before,
            _paired(hours, before, told_today.hours, now),
            MonthSoFar(
                date.fromordinal(month).isoformat(),
                volume.events,
                volume.people,
                volume.events_before,
                sum(one.month_shown for one in fared.values()),
            ),
            campaigns,
            live(found.id),
            found.messages_stopped,
            found.recording_stopped,
            volume.events + volume.events_before > 0 or desk.questions.ask(partial(heard_at, project=found.id)) > 0,
        )

    @get("/api/projects/{project:str}/home/stream", opt={"needs": "read"})
    async def home_stream(project: FromPath[str]) -> Stream:
        """What happens now, as a stream of ``live`` messages: how many people are on the site, and its pulse."""
        return stream(beating(desk.project(project).id))

    def live(project: ProjectId) -> HomeNow:
        return HomeNow(desk.clock(), len(desk.present.people(project)), desk.present.pulse(project))

    async def beating(project: ProjectId) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_SECONDS
        with desk.present.watching(project) as moved:
            while not moved.over and loop.time() < end:
                yield told("live", live(project))
                await asyncio.sleep(BEAT_SECONDS)
                await moved.wait(4 * BEAT_SECONDS)  # the pulse moves on even where nothing happens
                moved.take()

    def _healths(found: Project, fared: dict[CampaignId, Fared], now: Instant) -> list[CampaignHealth]:
        published = live_since(found)
        names = desk.names(found).campaigns
        nothing = Fared(CampaignId(""), 0, 0, 0, 0, 0, None)
        return [
            health_of(
                one.id, names.get(one.id, Called(one.name, one.name)), fared.get(one.id, nothing), published.get(one.id), now
            )
            for one in found.campaigns
            if one.live
        ]

    def live_since(found: Project) -> dict[CampaignId, Instant | None]:
        """When each live campaign became so; None when that is longer ago than can be looked up."""
        with lock:
            known = births.get(found.id)
        if known is None or known[0] != found.version:
            known = (found.version, _live_since(desk, found))
            with lock:
                births[found.id] = known
        return known[1]

    return [home, home_stream]


def health_of(campaign: CampaignId, name: Called, fared: Fared, published_at: Instant | None, now: Instant) -> CampaignHealth:
    """What its numbers say of a campaign."""
    troubles: list[Trouble] = []
    tried = fared.shown + fared.errors
    since = published_at if published_at is not None else Instant(0)
    light: Light = "good"
    if fared.errors >= LIKELY_BROKEN and fared.errors * 10 >= tried:
        troubles.append(Trouble("errors", fared.errors, tried, since))
        light = "bad"
    if fared.conflicts:
        troubles.append(Trouble("conflicts", fared.conflicts, tried, since))
    if published_at is not None and now - published_at >= PATIENCE_MS and (fared.last_at is None or fared.last_at < published_at):
        troubles.append(Trouble("never_shown", 0, 0, published_at))
    if troubles and light == "good":
        light = "warning"
    return CampaignHealth(
        campaign, name, light, troubles, fared.shown, fared.unshown, fared.month_shown, fared.last_at, published_at
    )


def _by_need(campaigns: list[CampaignHealth]) -> list[CampaignHealth]:
    order: dict[Light, int] = {"bad": 0, "warning": 1, "good": 2}
    return sorted(campaigns, key=lambda one: (order[one.light], -one.shown, one.campaign))


def _live_since(desk: Desk, found: Project) -> dict[CampaignId, Instant | None]:
    waiting = {one.id for one in found.campaigns if one.live}
    since: dict[CampaignId, Instant | None] = dict.fromkeys(waiting)
    applied = sorted(desk.office.history(found.id), key=lambda one: -one.version)
    for looked, one in enumerate(applied):
        if not waiting or looked == VERSIONS:
            return since
        try:
            live = {campaign.id for campaign in desk.office.configuration(found.id, one.version).campaigns if campaign.live}
        except LedgerError:  # pruned: nothing in the log names it any more
            return {**since, **dict.fromkeys(waiting)}
        waiting &= live
        since |= {campaign: Instant(one.applied_at) for campaign in waiting}
    return since


def _hours(calendar: Calendar, day: int) -> list[Instant]:
    """The beginnings of a day's hours: 24 of them, one more or less when the clock is put."""
    return [Instant(at) for at in range(calendar.day_start(day), calendar.day_start(day + 1), HOUR_MS)]


def _paired(hours: list[Instant], before: list[Instant], numbers: tuple[Numbers, ...], now: Instant) -> list[HourOfDay]:
    past, present = numbers[: len(before)], numbers[len(before) :]
    return [
        HourOfDay(at, present[place] if at <= now else None, past[place] if place < len(past) else NOTHING)
        for place, at in enumerate(hours)
    ]
