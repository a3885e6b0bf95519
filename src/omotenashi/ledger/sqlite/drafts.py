"""Drafts: what somebody is changing and nobody has published. One draft a document, shared by all who edit it."""

from typing import Any

from omotenashi.ledger.port import Draft
from omotenashi.model.ids import ProjectId

from .staff import StaffFile

# The draft of a document.
DRAFT = """
SELECT path, revision, base_version, text, author, author_name, updated_at, state, comment, submitted_by, submitted_name
FROM drafts WHERE project = ?1 AND path = ?2
"""
# All drafts of a project, by path.
DRAFTS = """
SELECT path, revision, base_version, text, author, author_name, updated_at, state, comment, submitted_by, submitted_name
FROM drafts WHERE project = ?1 ORDER BY path
"""
PUT_DRAFT = """
INSERT OR REPLACE INTO drafts
(project, path, revision, base_version, text, author, author_name, updated_at, state, comment, submitted_by, submitted_name)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
"""
DROP_DRAFT = "DELETE FROM drafts WHERE project = ?1 AND path = ?2 AND revision = ?3"


class Drafts:
    """The drafts in the staff's file. Each method is one transaction. Implements the console's ``ports.Drafts``."""

    def __init__(self, file: StaffFile) -> None:
        self._file = file

    def draft(self, project: ProjectId, path: str) -> Draft | None:
        rows = self._file.ask(DRAFT, project, path)
        return _draft(rows[0]) if rows else None

    def drafts(self, project: ProjectId) -> list[Draft]:
        """All of a project, by path."""
        return [_draft(row) for row in self._file.ask(DRAFTS, project)]

    def put(self, project: ProjectId, draft: Draft) -> Draft | None:
        """Keep this draft, if what is kept is of ``revision - 1``. None when it is, else the draft that is in the way.

        A draft of a higher revision that was thrown away meanwhile is no obstacle: its change is somebody's work.
        """
        with self._file.writing():
            known = self.draft(project, draft.path)
            if known is not None and known.revision != draft.revision - 1:
                return known
            self._file.ask(
                PUT_DRAFT,
                project,
                draft.path,
                draft.revision,
                draft.base_version,
                draft.text,
                draft.author,
                draft.author_name,
                draft.updated_at,
                draft.state,
                draft.comment,
                draft.submitted_by,
                draft.submitted_name,
            )
        return None

    def drop(self, project: ProjectId, path: str, revision: int) -> bool:
        """Throw the draft away if it still is of this revision; whether nothing of it is left."""
        with self._file.writing():
            self._file.ask(DROP_DRAFT, project, path, revision)
            return self.draft(project, path) is None


def _draft(row: tuple[Any, ...]) -> Draft:
    return Draft(*row)
