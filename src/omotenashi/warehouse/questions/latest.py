"""Who was here last?"""

from typing import Final

from omotenashi.model.ids import Instant, PersonId, ProjectId
from omotenashi.warehouse.store import Store

from . import sql

FOREVER: Final = Instant(2**62)


def latest(store: Store, project: ProjectId, limit: int, before: Instant = FOREVER) -> list[tuple[PersonId, Instant]]:
    """Up to ``limit`` people and the instant of their latest entry before ``before``, latest first."""
    rows = store.ask(sql("latest"), {"project": project, "limit": limit, "before": before})
    return [(PersonId(person), Instant(int(at))) for person, at in rows]
