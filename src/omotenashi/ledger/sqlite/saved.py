"""What members of staff saved under a name to find it again: searches, and the like, as JSON that the console understands."""

import msgspec

from omotenashi.ledger.port import Saved
from omotenashi.model.ids import Instant, ProjectId

from .staff import StaffFile

OF_KIND = """
SELECT id, kind, name, document, author, created_at FROM saved WHERE project = ?1 AND kind = ?2 ORDER BY name, created_at
"""
COUNT = "SELECT count(*) FROM saved WHERE project = ?1"
PUT = """
INSERT INTO saved (id, project, kind, name, document, author, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, document = excluded.document WHERE project = excluded.project
"""
DROP = "DELETE FROM saved WHERE project = ?1 AND id = ?2 RETURNING id"


class SavedThings:
    """The table ``saved``."""

    def __init__(self, file: StaffFile) -> None:
        self._file = file

    def of_kind(self, project: ProjectId, kind: str) -> list[Saved]:
        """All of a kind, by name."""
        return [
            Saved(key, kind, name, msgspec.json.decode(document), author, Instant(created_at))
            for key, kind, name, document, author, created_at in self._file.ask(OF_KIND, project, kind)
        ]

    def count(self, project: ProjectId) -> int:
        """How many of every kind."""
        return int(self._file.ask(COUNT, project)[0][0])

    def put(self, project: ProjectId, saved: Saved) -> None:
        """Keep it; one of the same id changes its name and its document."""
        document = msgspec.json.encode(saved.document).decode()
        self._file.write(PUT, saved.id, project, saved.kind, saved.name, document, saved.author, saved.created_at)

    def drop(self, project: ProjectId, key: str) -> bool:
        """Whether there was one."""
        return bool(self._file.write(DROP, project, key))
