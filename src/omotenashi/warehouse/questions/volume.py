"""How much has come in this month, and by this time of the month before?"""

from msgspec import Struct

from omotenashi.model.ids import Instant, ProjectId
from omotenashi.warehouse.store import Store

from . import sql


class Volume(Struct, frozen=True):
    """``people`` is an estimate, good to about one percent; the events are counted."""

    events: int
    people: int
    events_before: int


def volume(store: Store, project: ProjectId, start: Instant, before: Instant, until: Instant) -> Volume:
    """Events and people since ``start``, and events from ``before`` until ``until``. Tests are left out."""
    ((events, people, events_before),) = store.ask(
        sql("volume"), {"project": project, "start": start, "before": before, "until": until}
    )
    return Volume(int(events), int(people), int(events_before))
