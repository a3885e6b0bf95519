"""What went wrong with a campaign's messages: what they covered, whom they gave way to, what failed?"""

from msgspec import Struct

from omotenashi.model.ids import ActionId, CampaignId, Instant, PersonId, ProjectId
from omotenashi.warehouse.store import Store

from . import sql


class Suppression(Struct, frozen=True):
    """Gave way to ``winner`` so many ``times``, before so many ``people``."""

    winner: CampaignId
    times: int
    people: int


class Conflict(Struct, frozen=True):
    """``selector`` of what was covered, up to ``share`` of it (0 to 1); ``other`` is the action of another message, or ""."""

    selector: str
    other: ActionId
    times: int
    people: int
    share: float
    latest_at: Instant


class Mistake(Struct, frozen=True):
    """One script that failed, or one text that could not be written (then without ``url``)."""

    at: Instant
    person: PersonId
    action: ActionId
    message: str
    url: str


def suppressions(store: Store, project: ProjectId, campaign: CampaignId, start: Instant, end: Instant) -> list[Suppression]:
    """The twenty campaigns that won most often within ``start`` <= at < ``end``. Tests are left out, here and below."""
    rows = store.ask(sql("suppressions"), {"project": project, "campaign": campaign, "start": start, "end": end})
    return [Suppression(CampaignId(winner), int(times), int(people)) for winner, times, people in rows]


def conflicts(store: Store, project: ProjectId, campaign: CampaignId, start: Instant, end: Instant) -> list[Conflict]:
    """The twenty parts of pages that were covered most often."""
    rows = store.ask(sql("conflicts"), {"project": project, "campaign": campaign, "start": start, "end": end})
    return [
        Conflict(selector, ActionId(other), int(times), int(people), float(share), Instant(int(latest)))
        for selector, other, times, people, share, latest in rows
    ]


def mistakes(
    store: Store, project: ProjectId, campaign: CampaignId, start: Instant, end: Instant, limit: int = 100
) -> list[Mistake]:
    """The latest ``limit`` errors, latest first."""
    rows = store.ask(sql("mistakes"), {"project": project, "campaign": campaign, "start": start, "end": end, "limit": limit})
    return [
        Mistake(Instant(int(at)), PersonId(person), ActionId(action), message, url) for at, person, action, message, url in rows
    ]
