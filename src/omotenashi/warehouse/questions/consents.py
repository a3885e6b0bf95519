"""What has a person said of the purposes, and what were they asked by staff?"""

from omotenashi.model.entries import Event
from omotenashi.model.ids import PersonId, ProjectId
from omotenashi.warehouse.rows import read_body
from omotenashi.warehouse.store import Store

from . import sql


def consents_of(store: Store, project: ProjectId, person: PersonId, limit: int = 10_000) -> list[tuple[int, Event]]:
    """Up to ``limit`` events `consent` and `_consent_requested` with their positions, newest first."""
    rows = store.ask(sql("consents_of"), {"project": project, "person": person, "limit": limit})
    entries = ((int(position), read_body(body)) for position, body in rows)
    return [(position, entry) for position, entry in entries if isinstance(entry, Event)]
