"""One person: who they are, their story, and why a message was or was not shown to them."""

from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter
from msgspec import Struct

from omotenashi.engine.explain import why
from omotenashi.engine.rules.words import Names
from omotenashi.model.ids import Instant
from omotenashi.model.outcomes import Compared, Gate, Withheld
from omotenashi.model.profiles import Profile
from omotenashi.model.values import Scalar

from ..desk import Desk
from ..ports import Moment


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


class Story(Struct):
    """A person's timeline, newest first; ``older`` is the instant to ask on from, None at the end."""

    person: Person
    moments: list[Moment]
    older: Instant | None


class Why(Struct):
    """The first gate that fails, by name, and the values that were compared there. Gate ``shown``: nothing stands in the way."""

    person: str
    campaign: str
    gate: str
    compared: tuple[Compared, ...]
    winner: str | None
    action: str | None
    now: Instant


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/people/{name}``."""

    @get("/api/projects/{project:str}/people/{name:str}", sync_to_thread=True)
    def person(project: str, name: str) -> Person:
        """Who they are."""
        return described(desk, project, name)

    @get("/api/projects/{project:str}/people/{name:str}/story", sync_to_thread=True)
    def story(
        project: str, name: str, limit: Annotated[int, Parameter(ge=1, le=1000)] = 50, before: int | None = None
    ) -> Story:
        """What they did and what was decided, newest first."""
        one = described(desk, project, name)
        found = desk.project(project)
        asked_before = None if before is None else Instant(before)
        moments = desk.questions.story(found, desk.person(found, name)[0], limit, asked_before)
        return Story(one, moments, moments[-1].at if len(moments) == limit else None)

    @get("/api/projects/{project:str}/people/{name:str}/why", sync_to_thread=True)
    def reason(project: str, name: str, campaign: str) -> Why:
        """Why this campaign would, or would not, be shown to them on their present page."""
        found = desk.project(project)
        campaign_id = desk.campaign(found, campaign).id
        person_id, profile = desk.person(found, name)
        now = max(desk.clock(), profile.now)
        plan = desk.plan(found)
        told: Withheld = why(profile, campaign_id, None, _page(profile), plan, Instant(now), _names(desk, found.id))
        return Why(
            person_id, campaign_id, Gate(told.gate).name.lower(), told.compared, told.winner, told.action, Instant(now)
        )

    return [person, story, reason]


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


def _page(profile: Profile) -> dict[str, Any]:
    """The values of the person's latest page view, {} when none is remembered."""
    if not profile.page_views or not profile.page_views[-1].view:
        return {}
    return msgspec.msgpack.decode(profile.page_views[-1].view, type=dict[str, Any])


def _names(desk: Desk, project: str) -> Names:
    found = desk.project(project)
    return Names(segments=dict(found.segment_names))
