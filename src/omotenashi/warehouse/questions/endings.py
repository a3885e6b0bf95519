"""How did a campaign's displays end: closed by whom, or given back before anybody saw them?"""

from msgspec import Struct

from omotenashi.model.ids import ActionId, CampaignId, Instant, ProjectId
from omotenashi.warehouse.store import Store

from . import sql


class Ending(Struct, frozen=True):
    """``how`` is what closed it (``by`` of `_message_close`), or why the place was given back (``model.reasons.Unopened``)."""

    action: ActionId
    how: str
    times: int
    people: int


def closings(store: Store, project: ProjectId, campaign: CampaignId, start: Instant, end: Instant) -> list[Ending]:
    """Every way in which messages were closed within ``start`` <= at < ``end``, most frequent first by arm. No tests."""
    return _endings(store, "closings", project, campaign, start, end)


def releases(store: Store, project: ProjectId, campaign: CampaignId, start: Instant, end: Instant) -> list[Ending]:
    """Why places were given back unopened within ``start`` <= at < ``end``, most frequent first by arm. No tests."""
    return _endings(store, "releases", project, campaign, start, end)


def _endings(store: Store, question: str, project: ProjectId, campaign: CampaignId, start: Instant, end: Instant) -> list[Ending]:
    rows = store.ask(sql(question), {"project": project, "campaign": campaign, "start": start, "end": end})
    return [Ending(ActionId(action), how, int(times), int(people)) for action, how, times, people in rows]
