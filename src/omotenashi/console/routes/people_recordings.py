"""One person's recordings, beside their story: which visits can be watched, and why the others cannot."""

from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from omotenashi.console.desk import Desk
from omotenashi.engine.decide import page_view_of
from omotenashi.engine.fold import unpack_values
from omotenashi.engine.recording import Recorded, Recording
from omotenashi.engine.retelling import in_order, retold
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Event
from omotenashi.model.ids import Instant, PersonId
from omotenashi.model.reasons import NotRecorded

LONGEST_TOLD: Final = 4_000
"""Entries that are folded again to say why a visit was not recorded."""
DAY_MS: Final = 86_400_000
EXPIRED: Final = "expired"
TOO_SHORT: Final = "too_short"
GONE: Final = "gone"
_BEGUN: Final = "_live_record_start"


class Watchable(Struct):
    """A visit that was recorded; ``id`` is that of its session."""

    id: str
    started_at: Instant
    ended_at: Instant
    live: bool


class RecordingsOfPerson(Struct):
    """What can be watched, the latest first, and by session why nothing can: one of ``model.reasons.NotRecorded``, or
    ``expired`` (older than recordings are kept), ``too_short``, ``gone`` (recorded, and removed since).

    ``purpose`` is what the person must have granted to be recorded; "" where nothing must be, or nobody is recorded.
    """

    recordings: list[Watchable]
    reasons: dict[str, str]
    purpose: str


class _Visit(Struct):
    started_at: Instant
    ended_at: Instant
    asked: Recorded | NotRecorded
    begun: bool = False


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The handler for ``/api/projects/{project}/people/{name}/recordings``."""

    @get(
        "/api/projects/{project:str}/people/{name:str}/recordings",
        opt={"needs": ("people", "recordings")},
        sync_to_thread=True,
    )
    def recordings(project: FromPath[str], name: FromPath[str]) -> RecordingsOfPerson:
        """Which of their visits can be watched, and why the others cannot, by today's rules."""
        found = desk.project(project)
        person, _ = desk.person(found, name)
        kept = [one for one in desk.replays.index.of_person(found.id, person) if one.state != "erasing"]
        live = {one.id for one in desk.replays.going_on(found.id)}
        told = [Watchable(one.id, one.started_at, one.ended_at, one.id in live) for one in kept]
        known = {one.id for one in kept}
        reasons = {session: why for session, why in _reasons(desk, found, person).items() if session not in known}
        return RecordingsOfPerson(told, reasons, _purpose(Recording(desk.plan(found))))

    return [recordings]


def _purpose(asking: Recording) -> str:
    """The purpose of the project's own rule, else of the first campaign that delivers the recorder."""
    if asking.by_rule:
        return asking.recorder.consent or ""
    return next((campaign.consent for campaign in asking.delivering if campaign.consent), "")


def _reasons(desk: Desk, project: Project, person: PersonId) -> dict[str, str]:
    """By session why there is no recording of it; {} where the story is too long to be told again."""
    whole = desk.questions.story(project, person, LONGEST_TOLD + 1, None)
    if len(whole) > LONGEST_TOLD:
        return {}
    asking = Recording(desk.plan(project))
    visits: dict[str, _Visit] = {}
    entries = {line.position: line.entry for line in whole}
    for position, _, profile in retold(in_order((line.position, line.entry) for line in whole), asking.plan):
        event = entries.get(position)
        if not isinstance(event, Event) or event.source not in ("tag", "engine"):
            continue
        visit = visits.get(event.session)
        if visit is not None:
            visit.ended_at = max(visit.ended_at, event.at)
            visit.begun = visit.begun or event.name == _BEGUN
        if event.name != "view" or (visit is not None and isinstance(visit.asked, Recorded)):
            continue
        seen = page_view_of(profile, event.page_view)
        page = unpack_values(seen.view) if seen is not None and seen.view else event.values
        asked = asking.asked(profile, event.visitor, page, event.at)
        if visit is None:
            visits[event.session] = _Visit(event.at, event.at, asked)
        else:
            visit.asked = asked
    kept_since = desk.clock() - asking.recorder.keep_days * DAY_MS
    return {session: _why(visit, asking.recorder.minimum_seconds, kept_since) for session, visit in visits.items()}


def _why(visit: _Visit, least_seconds: int, kept_since: int) -> str:
    if visit.ended_at < kept_since:
        return EXPIRED
    if visit.begun:
        return TOO_SHORT if visit.ended_at - visit.started_at < least_seconds * 1000 else GONE
    return visit.asked.value if isinstance(visit.asked, NotRecorded) else GONE
