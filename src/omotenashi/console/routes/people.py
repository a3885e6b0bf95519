"""One person: who they are, their story, and why a message was or was not shown to them."""

from typing import Annotated, Any, assert_never

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, Parameter
from msgspec import Struct

from omotenashi.configuration.names import Vocabulary
from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest
from omotenashi.engine.explain import why
from omotenashi.engine.plan import Plan
from omotenashi.engine.rules.words import Language, Names
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Config, Erased, Event, Goal, Merged, Released, Reserved
from omotenashi.model.ids import Instant, PersonId
from omotenashi.model.outcomes import Compared, Gate, Withheld
from omotenashi.model.profiles import Profile
from omotenashi.model.values import MICRO, Scalar
from omotenashi.warehouse.questions.story import Told


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
    """One entry. ``name`` is an event's name, or the kind of entry: reserved, released, goal, merged."""

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


class Story(Struct):
    """A person's timeline, newest first; ``older`` is the ``before`` of the next page, "" at the end."""

    person: Person
    moments: list[Moment]
    older: str


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

    @get("/api/projects/{project:str}/people", sync_to_thread=True)
    def latest(project: FromPath[str], limit: Annotated[int, Parameter(ge=1, le=200)] = 20) -> list[Person]:
        """Who was here last. Somebody who came within the last second may be missing."""
        found = desk.project(project)
        seen = desk.questions.latest(found, limit)
        known = [person for person, _ in seen if desk.shelf.profile(found.id, person) is not None]
        return [described(desk, project, person) for person in known]

    @get("/api/projects/{project:str}/people/{name:str}", sync_to_thread=True)
    def person(project: FromPath[str], name: FromPath[str]) -> Person:
        """Who they are."""
        return described(desk, project, name)

    @get("/api/projects/{project:str}/people/{name:str}/story", sync_to_thread=True)
    def story(
        project: FromPath[str],
        name: FromPath[str],
        limit: Annotated[int, Parameter(ge=1, le=1000)] = 50,
        before: FromQuery[str] = "",
    ) -> Story:
        """What they did and what was decided, newest first."""
        one = described(desk, project, name)
        told = desk.questions.story(desk.project(project), PersonId(one.person), limit, _place(before))
        older = f"{told[-1].entry.at}.{told[-1].position}" if len(told) == limit else ""
        return Story(one, [moment(line) for line in told], older)

    @get("/api/projects/{project:str}/people/{name:str}/why", sync_to_thread=True)
    def reason(project: FromPath[str], name: FromPath[str], campaign: FromQuery[str]) -> Why:
        """Why this campaign would, or would not, be shown to them on their present page."""
        found = desk.project(project)
        campaign_id = desk.campaign(found, campaign).id
        person_id, profile = desk.person(found, name)
        now = max(desk.clock(), profile.now)
        plan = desk.plan(found)

        def read_in(language: Language) -> Withheld:
            names = _names(desk.names(found), found, plan, language)
            return why(profile, campaign_id, None, _page(profile), plan, Instant(now), names)

        told, in_english = read_in("ja"), read_in("en")
        compared = tuple(
            msgspec.structs.replace(ja, subject_en=en.subject_en, wanted_en=en.wanted_en)
            for ja, en in zip(told.compared, in_english.compared, strict=True)
        )
        given_back = desk.questions.unopened(found, person_id, campaign_id)
        unshown = None if given_back is None else Unshown(given_back.at, given_back.reason)
        gate = Gate(told.gate).name.lower()
        return Why(person_id, campaign_id, gate, compared, told.winner, told.action, Instant(now), unshown)

    return [latest, person, story, reason]


def described(desk: Desk, project: str, name: str) -> Person:
    """The person behind a name. Raises ``NotFound``."""
    found = desk.project(project)
    person_id, profile = desk.person(found, name)
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
        segments=[segment for segment in found.segments if plan.is_member_of(segment, profile, now)],
        consents={purpose.name: plan.consent(profile, purpose.name, now) for purpose in found.purposes},
        device=list(profile.device.value) if profile.device is not None else [],
    )


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
            values = {"campaign": entry.campaign, "action": entry.action, "holdout": entry.holdout, "until": entry.until}
            return Moment(entry.at, told.position, "reserved", entry.session, "engine", entry.page_view or "", values=values)
        case Released():
            values = {"campaign": entry.campaign, **({"reason": entry.reason} if entry.reason else {})}
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


def _place(before: str) -> tuple[Instant, int] | None:
    """Where a page of a story begins: ``at.position`` of the last line already read; a bare instant will do."""
    if not before:
        return None
    at, _, position = before.partition(".")
    if not at.isdigit() or not (position or "0").isdigit():
        raise BadRequest("before", "expected an instant in ms, or the `older` of another answer")
    return Instant(int(at)), int(position or 0)


def _page(profile: Profile) -> dict[str, Any]:
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


def _names(called: Vocabulary, project: Project, plan: Plan, language: Language) -> Names:
    return Names(
        segments={segment: getattr(name, language) for segment, name in called.segments.items()},
        events={event: getattr(name, language) for event, name in called.events.items()},
        derived=project.derived,
        calendar=plan.calendar,
    )
