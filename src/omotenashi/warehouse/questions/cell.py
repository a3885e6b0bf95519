"""Who are the people behind a number?"""

from typing import Final, Literal

from omotenashi.model.ids import ActionId, CampaignId, Instant, PersonId, ProjectId
from omotenashi.model.outcomes import Gate
from omotenashi.warehouse.store import Store

from . import sql

Measure = Literal["shown", "clicked", "closed", "goal"]
_NAMES: Final[dict[Measure, str]] = {
    "shown": "_message_open",
    "clicked": "_message_click",
    "closed": "_message_close",
    "goal": "#goal",
}


def people_at_gate(
    store: Store, project: ProjectId, campaign: CampaignId, gate: Gate, start: Instant, end: Instant, limit: int = 100
) -> list[PersonId]:
    """Who stopped at a gate of a campaign within ``start`` <= at < ``end``, latest first."""
    which = {"project": project, "campaign": campaign, "gate": int(gate), "start": start, "end": end, "limit": limit}
    return [PersonId(person) for person, _ in store.ask(sql("cell_of_funnel"), which)]


def people_of_arm(
    store: Store,
    project: ProjectId,
    campaign: CampaignId,
    action: ActionId,
    measure: Measure,
    start: Instant,
    end: Instant,
    limit: int = 100,
) -> list[PersonId]:
    """Who is counted in an arm's ``measure`` within ``start`` <= at < ``end``, latest first."""
    which = {
        "project": project,
        "campaign": campaign,
        "action": action,
        "name": _NAMES[measure],
        "start": start,
        "end": end,
        "limit": limit,
    }
    return [PersonId(person) for person, _ in store.ask(sql("cell_of_results"), which)]
