"""What staff leave at recordings: viewings, notes and labels, in the staff's file."""

from collections.abc import Collection

from omotenashi.model.ids import ProjectId
from omotenashi.model.viewings import Note, Viewing

from .staff import StaffFile

PUT_VIEWING = "INSERT INTO viewings (id, project, recording, staff, name, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
VIEWING = "SELECT id, recording, staff, name, at FROM viewings WHERE project = ?1 AND id = ?2"
OF_RECORDING = "SELECT id, recording, staff, name, at FROM viewings WHERE project = ?1 AND recording = ?2 ORDER BY at DESC"
WATCHED = "SELECT DISTINCT recording, staff FROM viewings WHERE project = ?1"
PUT_NOTE = """
INSERT INTO notes (id, project, recording, place, text, author, author_name, written_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
"""
NOTES = """
SELECT id, recording, place, text, author, author_name, written_at FROM notes
WHERE project = ?1 AND recording = ?2 ORDER BY place, written_at
"""
NOTED = "SELECT recording, count(*) FROM notes WHERE project = ?1 GROUP BY recording"
DROP_NOTE = "DELETE FROM notes WHERE project = ?1 AND recording = ?2 AND id = ?3 RETURNING id"
LABELS = "SELECT recording, label FROM labels WHERE project = ?1 ORDER BY recording, label"
LABELS_OF = "SELECT label FROM labels WHERE project = ?1 AND recording = ?2 ORDER BY label"
DROP_LABELS = "DELETE FROM labels WHERE project = ?1 AND recording = ?2"
PUT_LABEL = "INSERT INTO labels (project, recording, label) VALUES (?1, ?2, ?3)"
FORGET_NOTES = "DELETE FROM notes WHERE project = ?1 AND recording = ?2"
FORGET_VIEWINGS = "DELETE FROM viewings WHERE project = ?1 AND recording = ?2"


class Viewings:
    """The tables ``viewings``, ``notes`` and ``labels``."""

    def __init__(self, file: StaffFile) -> None:
        self._file = file

    def put_viewing(self, project: ProjectId, viewing: Viewing) -> None:
        """Somebody looks at a recording."""
        self._file.write(PUT_VIEWING, viewing.id, project, viewing.recording, viewing.staff, viewing.name, viewing.at)

    def viewing(self, project: ProjectId, key: str) -> Viewing | None:
        """A viewing by its id."""
        rows = self._file.ask(VIEWING, project, key)
        return Viewing(*rows[0]) if rows else None

    def of_recording(self, project: ProjectId, recording: str) -> list[Viewing]:
        """Everybody who looked at it, the latest first."""
        return [Viewing(*row) for row in self._file.ask(OF_RECORDING, project, recording)]

    def watched(self, project: ProjectId) -> dict[str, set[str]]:
        """The staff who looked at each recording."""
        found: dict[str, set[str]] = {}
        for recording, staff in self._file.ask(WATCHED, project):
            found.setdefault(recording, set()).add(staff)
        return found

    def put_note(self, project: ProjectId, note: Note) -> None:
        """Keep a note."""
        place = (note.place, note.text, note.author, note.author_name, note.written_at)
        self._file.write(PUT_NOTE, note.id, project, note.recording, *place)

    def notes(self, project: ProjectId, recording: str) -> list[Note]:
        """The notes at a recording, in the order of its time."""
        return [Note(*row) for row in self._file.ask(NOTES, project, recording)]

    def noted(self, project: ProjectId) -> dict[str, int]:
        """How many notes each recording has, if it has any."""
        return {recording: int(notes) for recording, notes in self._file.ask(NOTED, project)}

    def drop_note(self, project: ProjectId, recording: str, key: str) -> bool:
        """Whether there was one."""
        return bool(self._file.write(DROP_NOTE, project, recording, key))

    def labels(self, project: ProjectId) -> dict[str, tuple[str, ...]]:
        """The labels of each recording that has any."""
        found: dict[str, list[str]] = {}
        for recording, label in self._file.ask(LABELS, project):
            found.setdefault(recording, []).append(label)
        return {recording: tuple(labels) for recording, labels in found.items()}

    def labels_of(self, project: ProjectId, recording: str) -> tuple[str, ...]:
        """The labels of one recording."""
        return tuple(label for (label,) in self._file.ask(LABELS_OF, project, recording))

    def set_labels(self, project: ProjectId, recording: str, labels: Collection[str]) -> None:
        """These, and no others."""
        with self._file.writing():
            self._file.ask(DROP_LABELS, project, recording)
            for label in sorted(set(labels)):
                self._file.ask(PUT_LABEL, project, recording, label)

    def forget(self, project: ProjectId, recording: str) -> None:
        """Everything that was left at a recording which is gone. That it was looked at stays in the audit log."""
        with self._file.writing():
            for statement in (FORGET_NOTES, FORGET_VIEWINGS, DROP_LABELS):
                self._file.ask(statement, project, recording)
