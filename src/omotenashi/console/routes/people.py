"""One person: who they are, their story, and why a message was or was not shown to them."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, assert_never

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, Parameter
from msgspec import Struct

from omotenashi.configuration.names import Vocabulary
from omotenashi.console.crossings import Crossing, Crossings
from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest, NotFound
from omotenashi.engine.decide import page_view_of
from omotenashi.engine.explain import why
from omotenashi.engine.plan import Plan, build
from omotenashi.engine.retelling import in_order, retold
from omotenashi.engine.rules.words import Language, Names
from omotenashi.ledger.port import LedgerError
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Config, Erased, Event, Goal, Merged, Released, Reserved
from omotenashi.model.ids import CampaignId, Instant, PersonId
from omotenashi.model.outcomes import Compared, Gate, Withheld
from omotenashi.model.profiles import Profile
from omotenashi.model.values import MICRO, Scalar
from omotenashi.warehouse.questions.story import Told

LONGEST_STORY: Final = 50_000
"""Entries that are folded again to say what was true at each of them."""


class Person(Struct):
    """A person as the profile knows them. ``consents`` are states by purpose; instants are ms."""

    person: str
    user_id: str | None
    first_seen_at: Instant
    last_seen_at: Instant
    visits: int
    views: int
    attributes: dict[str, list[Scalar]]
    segments: list[str]
    consents: dict[str, str]
    device: list[str | None]


class Decided(Struct):
    """What one campaign decided on an event: the gate that ended it, by name."""

    campaign: str
    gate: str


class Moment(Struct, omit_defaults=True):
    """One entry. ``name`` is an event's name, or the kind of entry: reserved, released, goal, merged.

    ``entered`` and ``left``: the segments that the person was in right after it and not before, or the reverse, by today's rules.
    """

    at: Instant
    position: int
    name: str
    session: str = ""
    source: str = ""
    page_view: str = ""
    late: bool = False
    test: bool = False
    values: dict[str, Any] = {}
    gates: list[Decided] = []
    entered: list[str] = []
    left: list[str] = []


class Story(Struct):
    """A person's timeline, newest first; ``older`` is the ``before`` of the next page, "" at the end.

    ``memberships`` is false where the story is too long to say of each moment which segments were entered and left.
    """

    person: Person
    moments: list[Moment]
    older: str
    memberships: bool


class Unshown(Struct):
    """The page was given the message and did not show it: when it said so, and why (one of ``model.reasons.Unopened``)."""

    at: Instant
    reason: str


class Why(Struct):
    """The first gate that fails, by name, and the values that were compared there. Gate ``shown``: nothing stands in the way.

    ``unshown``: the latest time that the campaign passed every gate ended without the message being shown.
    """

    person: str
    campaign: str
    gate: str
    compared: tuple[Compared, ...]
    winner: str | None
    action: str | None
    now: Instant
    unshown: Unshown | None = None


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/people/{name}``."""
    crossings = Crossings()

    @get("/api/projects/{project:str}/people", opt={"needs": "people"}, sync_to_thread=True)
    def latest(project: FromPath[str], limit: Annotated[int, Parameter(ge=1, le=200)] = 20) -> list[Person]:
        """Who was here last. Somebody who came within the last second may be missing."""
        found = desk.project(project)
        seen = desk.questions.latest(found, limit)
        return [one for person, _ in seen if (one := described_if_known(desk, found, person)) is not None]

    @get("/api/projects/{project:str}/people/{name:str}", opt={"needs": "people"}, sync_to_thread=True)
    def person(project: FromPath[str], name: FromPath[str]) -> Person:
        """Who they are."""
        found = desk.project(project)
        return described(desk, found, *desk.person(found, name))

    @get("/api/projects/{project:str}/people/{name:str}/story", opt={"needs": "people"}, sync_to_thread=True)
    def story(
        project: FromPath[str],
        name: FromPath[str],
        limit: Annotated[int, Parameter(ge=1, le=1000)] = 50,
        before: FromQuery[str] = "",
    ) -> Story:
        """What they did and what was decided, newest first."""
        found = desk.project(project)
        person_id, profile = desk.person(found, name)
        place = _place(before)
        plan = desk.plan(found)
        told = desk.questions.story(found, person_id, limit, place)
        older = f"{told[-1].entry.at}.{told[-1].position}" if len(told) == limit else ""
        moments = [moment(line) for line in told]
        known = crossings.known(plan, person_id, profile.seq, [line.position for line in told])
        if known is None:
            whole = told if place is None and not older else desk.questions.story(found, person_id, LONGEST_STORY + 1, None)
            if len(whole) <= LONGEST_STORY:
                known = crossings.tell(plan, person_id, profile.seq, [(line.position, line.entry) for line in whole])
        put_crossings(moments, known or {})
        return Story(described(desk, found, person_id, profile), moments, older, known is not None)

    @get("/api/projects/{project:str}/people/{name:str}/why", opt={"needs": "people"}, sync_to_thread=True)
    def reason(
        project: FromPath[str],
        name: FromPath[str],
        campaign: FromQuery[str],
        position: Annotated[FromQuery[int], Parameter(ge=0)] = 0,
    ) -> Why:
        """Why this campaign would, or would not, be shown to them on their present page; or was not, at an event."""
        found = desk.project(project)
        if position:
            return past_reason(desk, found, name, CampaignId(campaign), position)
        return present_reason(desk, found, name, desk.campaign(found, campaign).id)

    return [latest, person, story, reason]


def present_reason(desk: Desk, found: Project, name: str, campaign: CampaignId) -> Why:
    """Why this campaign would, or would not, be shown to them on their present page. Raises ``NotFound``."""
    person_id, profile = desk.person(found, name)
    now = Instant(max(desk.clock(), profile.now))
    told, compared = _explained(desk, found, desk.plan(found), profile, campaign, None, page_of(profile), now)
    given_back = desk.questions.unopened(found, person_id, campaign)
    unshown = None if given_back is None else Unshown(given_back.at, given_back.reason)
    return Why(person_id, campaign, Gate(told.gate).name.lower(), compared, told.winner, told.action, now, unshown)


def described_if_known(desk: Desk, found: Project, person: PersonId) -> Person | None:
    """Somebody whom the warehouse has named; None when their profile is not there (yet, or any more)."""
    try:
        return described(desk, found, *desk.person(found, person))
    except NotFound:
        return None


def described(desk: Desk, found: Project, person_id: PersonId, profile: Profile) -> Person:
    """The person as the console tells of them."""
    plan = desk.plan(found)
    now = Instant(max(desk.clock(), profile.now))
    return Person(
        person=person_id,
        user_id=profile.user_id,
        first_seen_at=profile.first_seen_at,
        last_seen_at=profile.last_at,
        visits=profile.visits,
        views=profile.views,
        attributes={path: register.value for path, register in sorted(profile.attributes.items())},
        segments=[*plan.segments_of(profile, now)],
        consents={purpose.name: plan.consent(profile, purpose.name, now) for purpose in found.purposes},
        device=list(profile.device.value) if profile.device is not None else [],
    )


def put_crossings(moments: list[Moment], crossings: Mapping[int, Crossing]) -> None:
    """Writes into the moments which segments were entered and left."""
    for one in moments:
        crossing = crossings.get(one.position)
        if crossing is not None:
            one.entered, one.left = list(crossing.entered), list(crossing.left)


def moment(told: Told) -> Moment:
    """An entry as a line of a story."""
    entry = told.entry
    gates = [Decided(campaign, gate.name.lower()) for campaign, gate in told.gates]
    match entry:
        case Event():
            return Moment(
                entry.at,
                told.position,
                entry.name,
                entry.session,
                entry.source,
                entry.page_view or "",
                entry.late,
                entry.test,
                entry.values,
                gates,
            )
        case Reserved():
            values = {
                "reservation": entry.reservation,
                "campaign": entry.campaign,
                "action": entry.action,
                "holdout": entry.holdout,
                "until": entry.until,
            }
            return Moment(entry.at, told.position, "reserved", entry.session, "engine", entry.page_view or "", values=values)
        case Released():
            values = {
                "reservation": entry.reservation,
                "campaign": entry.campaign,
                **({"reason": entry.reason} if entry.reason else {}),
            }
            return Moment(entry.at, told.position, "released", source="engine", values=values)
        case Goal():
            values: dict[str, Any] = {"campaign": entry.campaign, "action": entry.action, "holdout": entry.holdout}
            values["first"] = entry.first
            if entry.value_micros is not None:
                values["value"] = entry.value_micros / MICRO
            return Moment(entry.at, told.position, "goal", source="engine", values=values)
        case Merged():
            values = {"absorbed": entry.absorbed, "user_id": entry.user_id}
            return Moment(entry.at, told.position, "merged", source="engine", values=values)
        case Erased():
            return Moment(entry.at, told.position, "erased", source="console", values={"people": entry.people})
        case Config():
            return Moment(entry.at, told.position, "config", source="console", values={"version": entry.config})
        case _:
            assert_never(entry)


def past_reason(desk: Desk, found: Project, name: str, campaign: CampaignId, position: int) -> Why:
    """What a campaign compared at one event of the past, from the person as they were then and the configuration in force then.

    The gate is the one that was logged. ``compared`` is empty where what was true then cannot be told any more.
    Raises ``NotFound`` when there is no such event, or it decided nothing on the campaign.
    """
    person_id, _ = desk.person(found, name)
    whole = desk.questions.story(found, person_id, LONGEST_STORY + 1, None)
    told = next((line for line in whole if line.position == position), None)
    gate = None if told is None else dict(told.gates).get(campaign)
    if told is None or gate is None or not isinstance(told.entry, Event):
        raise NotFound("position", f"no event at {position} that decided on {campaign!r}; the story gives both")
    event = told.entry
    nothing = Why(person_id, campaign, gate.name.lower(), (), _winner(whole, event, campaign), None, event.now)
    try:
        then = desk.office.configuration(found.id, event.config)
    except LedgerError:
        return nothing
    if len(whole) > LONGEST_STORY or all(one.id != campaign for one in then.campaigns):
        return nothing
    then = msgspec.structs.replace(then, version=event.config, messages_stopped=gate is Gate.STOPPED_BY_SWITCH)
    plan = build(then, event.config)
    for at, _, profile in retold(in_order((line.position, line.entry) for line in whole), plan):
        if at == position:
            page = event.values if event.name == "view" else _values_of(profile, event)
            asked = msgspec.structs.replace(event, values=page) if event.name == "_recheck" else event
            again, compared = _explained(desk, then, plan, profile, campaign, asked, page, event.now)
            return msgspec.structs.replace(nothing, compared=compared, action=again.action) if again.gate == gate else nothing
    return nothing


def _winner(whole: list[Told], event: Event, campaign: CampaignId) -> str | None:
    for line in whole:
        entry = line.entry
        if isinstance(entry, Event) and entry.name == "_message_suppressed" and entry.id == f"{event.id}.{entry.name}.{campaign}":
            return str(entry.values.get("winner", "")) or None
    return None


def _explained(
    desk: Desk,
    project: Project,
    plan: Plan,
    profile: Profile,
    campaign: CampaignId,
    event: Event | None,
    page: dict[str, Any],
    now: Instant,
) -> tuple[Withheld, tuple[Compared, ...]]:
    """The first gate that fails, and what was compared, in both languages."""

    def read_in(language: Language) -> Withheld:
        return why(profile, campaign, event, page, plan, now, names_in(desk.names(project), project, plan, language))

    told, in_english = read_in("ja"), read_in("en")
    compared = tuple(
        msgspec.structs.replace(ja, subject_en=en.subject_en, wanted_en=en.wanted_en)
        for ja, en in zip(told.compared, in_english.compared, strict=True)
    )
    return told, compared


def _values_of(profile: Profile, event: Event) -> dict[str, Any]:
    known = page_view_of(profile, event.page_view)
    return msgspec.msgpack.decode(known.view, type=dict[str, Any]) if known is not None and known.view else {}


def _place(before: str) -> tuple[Instant, int] | None:
    """Where a page of a story begins: ``at.position`` of the last line already read; a bare instant will do."""
    if not before:
        return None
    at, _, position = before.partition(".")
    if not at.isdigit() or not (position or "0").isdigit():
        raise BadRequest("before", "expected an instant in ms, or the `older` of another answer")
    return Instant(int(at)), int(position or 0)


def page_of(profile: Profile) -> dict[str, Any]:
    """The values of the person's latest page view, as far as they are remembered; {} when there was none."""
    latest = next(reversed(profile.page_views.values()), None)
    if latest is not None and latest.view:
        return msgspec.msgpack.decode(latest.view, type=dict[str, Any])
    page = profile.page
    if page is None:
        return {}
    known = {"title": page.title, "referrer": page.referrer, "ad": page.ad}
    values = {"url": page.url, "host": page.host, "path": page.path, "query": page.query, "utm": page.utm}
    return values | {name: value for name, value in known.items() if value is not None}


def names_in(called: Vocabulary, project: Project, plan: Plan, language: Language) -> Names:
    return Names(
        segments={segment: getattr(name, language) for segment, name in called.segments.items()},
        events={event: getattr(name, language) for event, name in called.events.items()},
        derived=project.derived,
        calendar=plan.calendar,
    )
