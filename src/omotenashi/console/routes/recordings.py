"""Which recordings are there? Found by what happened in the visit, by who it was, and by what staff left at them."""

import random
from collections.abc import Callable, Collection, Iterable
from typing import Annotated, Final, Literal

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from omotenashi.console.access import Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest, NotFound
from omotenashi.console.faces import called
from omotenashi.console.replays import HERE_MS
from omotenashi.engine.rules.environment import environment
from omotenashi.model import profiles
from omotenashi.model.campaigns import Project, Recorder
from omotenashi.model.ids import CampaignId, Instant, PersonId, ProjectId, SessionId
from omotenashi.model.outcomes import Gate
from omotenashi.model.recordings import Recording
from omotenashi.model.rules import EVERYONE, All
from omotenashi.warehouse.questions import visits
from omotenashi.warehouse.questions.visits import Mark, Meeting, Span
from omotenashi.warehouse.store import Store

from .rules import RuleTree, parsed

MONTH_MS: Final = 30 * 86_400_000
AROUND_MS: Final = 60_000
"""What belongs to a visit may stand so long before its recording or after it."""
FRICTION: Final = ("_rage_click", "_dead_click", "_quick_back", "_form_abandon", "_console_error", "_request_failed")
"""Events that tell of somebody who has trouble with a page."""
MARKED: Final = ("_message_open", "_message_click", "_message_close", "_message_conflict", *FRICTION)
"""What is told of a recording in a list."""
CONFLICT: Final = "_message_conflict"

Device = Literal["phone", "tablet", "desktop"]
Watched = Literal["", "me", "not_me", "somebody", "nobody"]
Order = Literal["latest", "longest", "busiest", "random"]


class EventSought(Struct):
    """An event that a visit must have, or with ``never`` must not have; ``where`` is a rule over its fields."""

    event: Annotated[str, Meta(max_length=128)]
    where: RuleTree = None
    never: bool = False


class CampaignSought(Struct):
    """What a visit must (or with ``never`` must not) have had to do with a campaign. ``gate``: where it was withheld."""

    campaign: Annotated[str, Meta(max_length=128)]
    how: Meeting
    gate: Annotated[str, Meta(max_length=40)] = ""
    never: bool = False


class Sought(Struct):
    """Which recordings: all that is given must hold.

    ``since`` and ``until``: when the visit began; 0 means thirty days ago, and now. ``rule`` is about the person, now.
    ``page`` is a part of an address that was viewed. Lengths are seconds. ``trouble``: any of these events of friction.
    ``limit`` 0 only counts. ``seed`` makes the order ``random`` the same again.
    """

    since: Annotated[int, Meta(ge=0)] = 0
    until: Annotated[int, Meta(ge=0)] = 0
    rule: RuleTree = None
    events: Annotated[list[EventSought], Meta(max_length=10)] = []
    campaigns: Annotated[list[CampaignSought], Meta(max_length=10)] = []
    page: Annotated[str, Meta(max_length=500)] = ""
    devices: list[Device] = []
    shortest: Annotated[int, Meta(ge=0)] = 0
    longest: Annotated[int, Meta(ge=0)] = 0
    clicks: Annotated[int, Meta(ge=0)] = 0
    pages: Annotated[int, Meta(ge=0)] = 0
    conflict: bool = False
    trouble: list[Annotated[str, Meta(max_length=40)]] = []
    watched: Watched = ""
    label: Annotated[str, Meta(max_length=60)] = ""
    noted: bool = False
    person: Annotated[str, Meta(max_length=256)] = ""
    order: Order = "latest"
    seed: Annotated[int, Meta(ge=0, le=2**31)] = 0
    limit: Annotated[int, Meta(ge=0, le=200)] = 30
    offset: Annotated[int, Meta(ge=0)] = 0


class MarkTold(Struct):
    """``name`` happened ``times``; ``campaign`` is "" where it is about none."""

    name: str
    campaign: str
    holdout: bool
    times: int


class Card(Struct):
    """A recording in a list. ``name`` is only told to whoever may see people; ``watched_by`` counts staff, ``mine``: you did.

    ``live``: it is going on.
    """

    id: str
    person: str
    name: str
    user_id: str | None
    started_at: Instant
    ended_at: Instant
    device: str
    width: int
    height: int
    pages: int
    clicks: int
    events: int
    tabs: int
    first_url: str
    last_url: str
    live: bool
    protected: bool
    watched_by: int
    mine: bool
    notes: int
    labels: list[str]
    marks: list[MarkTold]


class RecordingsFound(Struct):
    """Some of ``total`` recordings, as of ``at``; ``labels`` are all that are in use."""

    recordings: list[Card]
    total: int
    at: Instant
    labels: list[str]


class Keeping(Struct):
    """What recordings take of ``quota``, in bytes, and how many visits or chunks of the last thirty days were not recorded,
    by reason. ``days``: so long they are kept.

    ``stopped``: somebody stopped all recording. ``full``: nothing more is recorded, because what there is takes the whole
    quota and is protected, or still going on.
    """

    bytes: int
    quota: int
    days: int
    full: bool
    refused: dict[str, int]
    stopped: bool


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/recordings``."""

    @post(
        "/api/projects/{project:str}/recordings/search",
        opt={"needs": "recordings", "audited": False},
        status_code=200,
        sync_to_thread=True,
    )
    def search_recordings(project: FromPath[str], data: JSONBody[Sought], who: NamedDependency[Who]) -> RecordingsFound:
        """Recordings of visits for which everything that is asked holds."""
        found = desk.project(project)
        recordings = sought(desk, found, data, who)
        told = cards(desk, found, recordings[data.offset : data.offset + data.limit], who)
        labels = sorted({label for some in desk.replays.viewings.labels(found.id).values() for label in some})
        return RecordingsFound(told, len(recordings), desk.clock(), labels)

    @get("/api/projects/{project:str}/recordings/keeping", opt={"needs": "recordings"}, sync_to_thread=True)
    def keeping(project: FromPath[str]) -> Keeping:
        """What recordings take, and what was not recorded."""
        found = desk.project(project)
        index = desk.replays.index
        refused = index.refused(found.id, Instant(desk.clock() - MONTH_MS))
        recorder = found.recorder or Recorder()
        used, quota = index.used(found.id), recorder.quota
        return Keeping(used, quota, recorder.keep_days, used >= quota, refused, found.recording_stopped)

    return [search_recordings, keeping]


def sought(desk: Desk, project: Project, asked: Sought, who: Who) -> list[Recording]:
    """Every recording for which it holds, in the order asked for."""
    until = Instant(asked.until or desk.clock() + 1)
    since = Instant(asked.since or until - MONTH_MS)
    if since >= until:
        raise BadRequest("since", "expected a `since` before `until`, both in ms")
    left = [one for one in desk.replays.shelf.between(project.id, since, until) if _fits(one, asked)]
    if asked.person:
        theirs = _names_of(desk, project, asked.person)
        left = [one for one in left if one.person in theirs]
    left = _left_at(desk, project, left, asked, who)
    if left:
        span = Span(Instant(since - AROUND_MS), Instant(max(one.ended_at for one in left) + AROUND_MS))
        for is_wanted, question in _questions(desk, project, asked, span):
            visited = desk.questions.ask(question)
            left = [one for one in left if (one.id in visited) is is_wanted]
            if not left:
                break
    return _ordered(left, asked)


def _fits(one: Recording, asked: Sought) -> bool:
    seconds = (one.ended_at - one.started_at) / 1000
    return (
        (not asked.devices or one.device in asked.devices)
        and seconds >= asked.shortest
        and (not asked.longest or seconds <= asked.longest)
        and one.clicks >= asked.clicks
        and one.pages >= asked.pages
    )


def _names_of(desk: Desk, project: Project, name: str) -> set[str]:
    """Every name that a person was ever recorded under; none where nobody is known by this one."""
    try:
        person, profile = desk.person(project, name)
    except NotFound:
        return set()
    return {person, *profile.based}


def _left_at(desk: Desk, project: Project, recordings: list[Recording], asked: Sought, who: Who) -> list[Recording]:
    """Those that staff have watched, labelled and noted, or not, as asked."""
    viewings = desk.replays.viewings
    if asked.watched:
        watched = viewings.watched(project.id)
        is_so: dict[Watched, Callable[[set[str]], bool]] = {
            "me": lambda staff: who.id in staff,
            "not_me": lambda staff: who.id not in staff,
            "somebody": bool,
            "nobody": lambda staff: not staff,
        }
        recordings = [one for one in recordings if is_so[asked.watched](watched.get(one.id, set()))]
    if asked.label:
        labels = viewings.labels(project.id)
        recordings = [one for one in recordings if asked.label in labels.get(one.id, ())]
    if asked.noted:
        noted = viewings.noted(project.id)
        recordings = [one for one in recordings if one.id in noted]
    return recordings


def _questions(
    desk: Desk, project: Project, asked: Sought, span: Span
) -> Iterable[tuple[bool, Callable[[Store], set[SessionId]]]]:
    """What is asked of the warehouse: whether the visits that it names are wanted, or all others."""
    if asked.rule:
        rule, env, now = parsed(project, asked.rule, "person"), environment(project), desk.clock()
        yield True, lambda store: visits.of_people(store, rule, env, project.id, now, span.since)
    for place, one in enumerate(asked.events):
        name, fixed = project.derived.get(one.event, (one.event, EVERYONE))
        where = All((fixed, parsed(project, one.where, "filter", root=f"events.{place}.where"))) if one.where else fixed
        yield not one.never, lambda store, name=name, where=where: visits.with_event(store, project.id, name, where, span)
    for place, one in enumerate(asked.campaigns):
        gate = _gate(one.gate, place)
        campaign = CampaignId(one.campaign)
        yield (
            not one.never,
            lambda store, campaign=campaign, how=one.how, gate=gate: visits.met(store, project.id, campaign, how, gate, span),
        )
    if asked.page:
        yield True, lambda store: visits.at_page(store, project.id, asked.page, span)
    if asked.conflict:
        yield True, lambda store: visits.with_any(store, project.id, [CONFLICT], span)
    if asked.trouble:
        unknown = sorted({*asked.trouble} - {*FRICTION})
        if unknown:
            raise BadRequest("trouble", f"expected some of {', '.join(FRICTION)}; found {', '.join(unknown)}")
        yield True, lambda store: visits.with_any(store, project.id, asked.trouble, span)


def _gate(name: str, place: int) -> Gate | None:
    if not name:
        return None
    try:
        return Gate[name.upper()]
    except KeyError:
        known = ", ".join(gate.name.lower() for gate in Gate)
        raise BadRequest(f"campaigns.{place}.gate", f"expected one of {known}; found {name!r}") from None


def _ordered(recordings: list[Recording], asked: Sought) -> list[Recording]:
    match asked.order:
        case "latest":
            return recordings
        case "longest":
            return sorted(recordings, key=lambda one: one.started_at - one.ended_at)
        case "busiest":
            return sorted(recordings, key=lambda one: (-one.clicks, -one.events))
        case "random":
            return random.Random(asked.seed).sample(recordings, len(recordings))


def cards(desk: Desk, project: Project, recordings: Collection[Recording], who: Who) -> list[Card]:
    """These recordings, with what happened in them and what staff left at them."""
    if not recordings:
        return []
    viewings = desk.replays.viewings
    watched, noted, labels = viewings.watched(project.id), viewings.noted(project.id), viewings.labels(project.id)
    since = Instant(min(one.started_at for one in recordings) - AROUND_MS)
    marks: dict[SessionId, list[Mark]] = {}
    for mark in desk.questions.ask(lambda store: visits.marks(store, project.id, [one.id for one in recordings], MARKED, since)):
        marks.setdefault(mark.session, []).append(mark)
    knows_people = who.may("people", project.id)
    now = desk.clock()
    told: list[Card] = []
    for one in recordings:
        name, user_id = _known(desk, project.id, one.person) if knows_people else ("", None)
        staff = watched.get(one.id, set())
        told.append(
            Card(
                id=one.id,
                person=one.person,
                name=name,
                user_id=user_id,
                started_at=one.started_at,
                ended_at=one.ended_at,
                device=one.device,
                width=one.width,
                height=one.height,
                pages=one.pages,
                clicks=one.clicks,
                events=one.events,
                tabs=one.tabs,
                first_url=one.first_url,
                last_url=one.last_url,
                live=one.state == "open" and one.ended_at >= now - HERE_MS,
                protected=one.protected,
                watched_by=len(staff),
                mine=who.id in staff,
                notes=noted.get(one.id, 0),
                labels=list(labels.get(one.id, ())),
                marks=[MarkTold(mark.name, mark.campaign, mark.holdout, mark.times) for mark in marks.get(one.id, ())],
            )
        )
    return told


def _known(desk: Desk, project: ProjectId, name: PersonId) -> tuple[str, str | None]:
    """What somebody is called, and their user id."""
    person = desk.shelf.person(project, name)
    packed = None if person is None else desk.shelf.profile(project, person)
    if packed is None:
        return "", None
    profile = profiles.unpack(packed)
    return called(profile), profile.user_id
