"""Which campaigns need somebody's attention?"""

from msgspec import Struct

from omotenashi.model.ids import CampaignId, Instant, ProjectId
from omotenashi.warehouse.store import Store

from . import sql


class Fared(Struct, frozen=True):
    """What became of one campaign's messages since an instant. ``last_at``: the latest opening of all time, a holdout's too."""

    campaign: CampaignId
    shown: int
    errors: int
    conflicts: int
    unshown: int
    month_shown: int
    last_at: Instant | None


def health(store: Store, project: ProjectId, since: Instant, month: Instant) -> list[Fared]:
    """Every campaign that anything happened to. ``month`` is when the month began. Tests are left out."""
    rows = store.ask(sql("health"), {"project": project, "since": since, "month": month})
    return [
        Fared(
            CampaignId(campaign),
            int(shown),
            int(errors),
            int(conflicts),
            int(unshown),
            int(month_shown),
            Instant(int(last)) if last else None,
        )
        for campaign, shown, errors, conflicts, unshown, month_shown, last in rows
    ]
