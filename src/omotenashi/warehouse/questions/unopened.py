"""Was the message on its way to somebody, and not shown after all?"""

from omotenashi.model.entries import Released
from omotenashi.model.ids import CampaignId, PersonId, ProjectId
from omotenashi.warehouse.rows import read_body
from omotenashi.warehouse.store import Store

from . import sql


def unopened(store: Store, project: ProjectId, person: PersonId, campaign: CampaignId) -> Released | None:
    """The latest place of this campaign, if the person's page gave it back; None when it was opened, or there is none."""
    rows = store.ask(sql("unopened"), {"project": project, "person": person, "campaign": campaign})
    entry = read_body(rows[0][0]) if rows else None
    return entry if isinstance(entry, Released) else None
