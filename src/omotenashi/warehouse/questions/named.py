"""Whose mail address is this, and who is called so?"""

from omotenashi.model.ids import PersonId, ProjectId
from omotenashi.warehouse.store import Store

from . import sql


def named(store: Store, project: ProjectId, text: str, limit: int = 8) -> list[PersonId]:
    """Up to ``limit`` people whose attribute ``email`` ever was this text, then those whose ``name`` ever had it in it."""
    rows = store.ask(sql("named"), {"project": project, "mail": text.lower(), "text": text, "limit": limit})
    return [PersonId(person) for person, _, _ in rows]
