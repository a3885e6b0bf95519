"""How much is kept of a project, and since when?"""

from msgspec import Struct

from omotenashi.model.ids import Instant, ProjectId
from omotenashi.warehouse.store import Store

from . import sql


class Kept(Struct, frozen=True):
    """Events that are kept, and the instants of the oldest and the latest entry; 0 when there is none."""

    events: int
    oldest_at: Instant
    latest_at: Instant


def kept(store: Store, project: ProjectId) -> Kept:
    """What stands in the warehouse of a project."""
    ((events, oldest, latest),) = store.ask(sql("kept"), {"project": project})
    return Kept(int(events), Instant(int(oldest)), Instant(int(latest)))


def heard_at(store: Store, project: ProjectId) -> Instant:
    """The instant of the latest event; 0 before the first."""
    asked = "SELECT max(at) FROM entries WHERE project = {project:String} AND NOT startsWith(name, '#')"
    return Instant(int(store.ask(asked, {"project": project})[0][0]))
