"""Documents and their drafts: reading them, keeping what somebody changes, putting it in force.

A draft lies beside what is in force. Two who edit one document share its draft: what they change in different places is put
together, what they change in the same place is answered as a `Dispute`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

import msgspec
from msgspec import Struct

from omotenashi.configuration import papers
from omotenashi.configuration.compile import compiled
from omotenashi.configuration.folder import LARGEST_FILE, Sources, is_known
from omotenashi.configuration.merging import merged
from omotenashi.configuration.names import Called
from omotenashi.configuration.papers import KINDS, Kind, Place
from omotenashi.configuration.plan import Changes, plan
from omotenashi.configuration.problems import Problem, Refused
from omotenashi.configuration.saying import Speaker
from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules.words import Language, Names
from omotenashi.ledger.port import Draft as Kept
from omotenashi.ledger.port import LedgerError, Outdated
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import Instant, ProjectId

from .access import Who
from .desk import Desk
from .drafts import Contested, Dispute, Document, DocumentDiff, DocumentLine, Draft, Mark, Version
from .errors import BadRequest, Conflict, NeedsApproval, NotFound
from .routes.rules import known

_NAMES: Final[dict[Kind, str]] = {
    "project": "name",
    "campaigns": "name",
    "segments": "name",
    "events": "label",
    "templates": "label",
}
_TRIES: Final = 5


def speaker(desk: Desk, found: Project) -> Speaker:
    """Whoever says what stands in this project's documents."""
    called, calendar = desk.names(found), Calendar(found.time_zone)

    def names(language: Language) -> Names:
        segments = {segment: str(getattr(name, language)) for segment, name in called.segments.items()}
        events = {event: str(getattr(name, language)) for event, name in called.events.items()}
        return Names(segments, events, found.derived, calendar)

    return Speaker(known(found), names)


class DraftChange(Struct):
    """A draft's new content, as data or as text. ``revision`` is the one it was made from, 0 for a new draft.

    ``base`` is the document as it was before this change: with it, what others changed elsewhere is taken in.
    """

    revision: int
    base_version: int = 0
    document: Any = None
    text: str | None = None
    base: Any = None


class Named(Struct, frozen=True):
    """A draft, at the revision that somebody looked at."""

    kind: Kind
    id: str
    revision: int


class Drafting:
    """What the routes about documents ask. Publishing takes turns."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._digests: dict[tuple[ProjectId, int], dict[str, bytes]] = {}

    # Reading

    def listed(self, found: Project, kind: Kind | None) -> list[DocumentLine]:
        """Every document of a kind, of all kinds for None; those that are only drafts too."""
        sources = self._sources(found)
        drafts = {draft.path: draft for draft in self._desk.drafts.drafts(found.id)}
        stands = {place.path: place for place in papers.places(sources)}
        for path in drafts:
            stands.setdefault(path, papers.place_of(path))
        wanted = [place for place in stands.values() if kind in (None, place.kind)]
        changed = self._changed_in(found, [place.path for place in wanted])
        answer: list[DocumentLine] = []
        for place in sorted(wanted, key=lambda place: (KINDS.index(place.kind), place.id)):
            text, draft = papers.text_of(place, sources), drafts.get(place.path)
            if draft is not None and draft.text == text:
                draft = None
            told = draft.text if text is None and draft is not None else text or ""
            version, at = changed.get(place.path, (0, Instant(0)))
            mark = None if draft is None else _mark(draft)
            answer.append(
                DocumentLine(place.kind, _id(found, place), place.path, self._called(found, place, told), version, at, mark)
            )
        return answer

    def document(self, found: Project, kind: Kind, id: str, version: int = 0) -> Document:
        """A document as it is in force, or was at ``version``, and its draft. Raises ``NotFound``."""
        sources = self._sources(found, version)
        place = self.place(found, kind, id, sources)
        text, draft = papers.text_of(place, sources), self._desk.drafts.draft(found.id, place.path)
        if text is None and draft is None:
            raise self._unknown(found, kind, id)
        if draft is not None and draft.text == text:
            draft = None
        problems: list[Problem] = []
        data = None if text is None else papers.data_of(place, text, problems)
        changed_in, at = self._changed_in(found, [place.path]).get(place.path, (0, Instant(0)))
        called = self._called(found, place, text if text is not None else draft.text if draft else "")
        told = None if draft is None else self.told(found, draft)
        return Document(
            place.kind,
            _id(found, place),
            place.path,
            called,
            version or found.version,
            changed_in,
            at,
            data,
            text or "",
            told,
            tuple(problems),
            found.approval,
        )

    def place(self, found: Project, kind: Kind, id: str, sources: Sources) -> Place:
        """Where the document stands or may stand. Raises ``NotFound`` and ``BadRequest``."""
        if kind == "project" and id != found.id:
            raise NotFound("id", f"no project {id!r} here; expected {found.id}")
        place = papers.place(kind, id, sources)
        if not is_known(f"{place.path}/template.yaml" if kind == "templates" else place.path):
            raise BadRequest("id", f"expected an id of letters, digits, - and _; found {id!r}")
        return place

    def told(self, found: Project, kept: Kept, taken_in: bool = False) -> Draft:
        """A draft with what is wrong with it."""
        place = papers.place_of(kept.path)
        problems: list[Problem] = []
        data = papers.data_of(place, kept.text, problems)
        try:
            self._compiled(found, papers.with_text(self._sources(found), place, kept.text))
        except Refused as refused:
            problems.extend(refused.problems)
        return Draft(
            place.kind,
            _id(found, place),
            place.path,
            kept.revision,
            kept.base_version,
            data,
            kept.text,
            kept.author,
            kept.author_name,
            kept.updated_at,
            kept.state,
            kept.comment,
            kept.submitted_by,
            kept.submitted_name,
            tuple(dict.fromkeys(problems)),
            taken_in,
        )

    def draft(self, found: Project, kind: Kind, id: str) -> Kept:
        """The draft of a document. Raises ``NotFound``."""
        place = self.place(found, kind, id, self._sources(found))
        kept = self._desk.drafts.draft(found.id, place.path)
        if kept is None:
            raise NotFound("id", f"there is no draft of {place.path}; perhaps it was published, or thrown away")
        return kept

    # Changing

    def put(self, found: Project, kind: Kind, id: str, change: DraftChange, who: Who) -> Draft:
        """Keep a change as the document's draft. Raises ``Conflict`` when others changed the same places meanwhile."""
        if (change.text is None) == (change.document is None):
            raise BadRequest("document", "expected either the document or its text")
        sources = self._sources(found)
        place = self.place(found, kind, id, sources)
        for _ in range(_TRIES):
            known = self._desk.drafts.draft(found.id, place.path)
            taken_in = False
            text = self._written(place, known.text if known else papers.text_of(place, sources), change)
            if known is not None and known.revision != change.revision and known.text != text:
                text, taken_in = self._together(found, place, known, change), True
            base = max(change.base_version or found.version, known.base_version if known else 0)
            revision = known.revision if known is not None else change.revision
            fresh = Kept(place.path, revision + 1, min(base, found.version), text, who.id, who.name, self._desk.clock())
            if self._desk.drafts.put(found.id, fresh) is None:
                return self.told(found, fresh, taken_in)
        raise Outdated(f"{place.path} is being changed by several people at once; try again")

    def drop(self, found: Project, kind: Kind, id: str) -> Draft:
        """Throw a draft away; what it was."""
        kept = self.draft(found, kind, id)
        self._desk.drafts.drop(found.id, kept.path, kept.revision)
        return self.told(found, kept)

    def restore(self, found: Project, kind: Kind, id: str, version: int, revision: int, who: Who) -> Draft:
        """The document of an older version as a draft, in the place of the draft of this ``revision``."""
        self._known_version(found, version)
        sources = self._sources(found, version)
        place = self.place(found, kind, id, sources)
        text = papers.text_of(place, sources)
        if text is None:
            raise NotFound("version", f"{place.path} does not exist in version {version}")
        return self.put(found, kind, id, DraftChange(revision, found.version, text=text), who)

    def submit(self, found: Project, named: Sequence[Named], comment: str, who: Who) -> list[Draft]:
        """Ask for a second person's yes."""
        told: list[Draft] = []
        for one in named:
            kept = self._looked_at(found, one)
            asked = msgspec.structs.replace(
                kept,
                revision=kept.revision + 1,
                state="submitted",
                comment=comment,
                submitted_by=who.id,
                submitted_name=who.name,
                updated_at=self._desk.clock(),
            )
            in_the_way = self._desk.drafts.put(found.id, asked)
            if in_the_way is not None:
                raise self._changed_meanwhile(found, in_the_way)
            told.append(self.told(found, asked))
        return told

    def approve(self, project: str, named: Sequence[Named], comment: str, who: Who) -> Changes:
        """Say yes to what somebody else submitted: it is published."""
        found = self._desk.project(project)
        self._check_approval([self._looked_at(found, one) for one in named], who)
        return self.publish(project, named, comment, who)

    def publish(self, project: str, named: Sequence[Named], comment: str, who: Who) -> Changes:
        """Put drafts in force, all or none. Raises ``Refused``, ``NeedsApproval``, ``Conflict`` and ``NotFound``."""
        if not named:
            raise BadRequest("drafts", "expected at least one draft")
        with self._desk.publishing:
            found = self._desk.project(project)
            kept = [self._looked_at(found, one) for one in named]
            sources = self._sources(found)
            if found.approval and who.kind != "machine":
                self._check_approval([draft for draft in kept if _concerns_visitors(draft, sources)], who)
            after = sources
            for draft in kept:
                place = papers.place_of(draft.path)
                after = papers.with_text(after, place, self._up_to_date(found, place, draft, sources))
            said = comment or next((draft.comment for draft in kept if draft.comment), "")
            changes = self._apply(found, sources, after, said, who)
            for draft in kept:
                self._desk.drafts.drop(found.id, draft.path, draft.revision)
            return changes

    def remove(self, project: str, kind: Kind, id: str, comment: str, who: Who) -> Changes:
        """Take a document out, and its draft. Raises ``Refused`` with the places that use it."""
        if kind == "project":
            raise BadRequest("kind", "a project cannot be removed from itself")
        with self._desk.publishing:
            found = self._desk.project(project)
            sources = self._sources(found)
            place = self.place(found, kind, id, sources)
            draft = self._desk.drafts.draft(found.id, place.path)
            if papers.text_of(place, sources) is None and draft is None:
                raise self._unknown(found, kind, id)
            changes = self._apply(found, sources, papers.with_text(sources, place, None), comment, who)
            if draft is not None:
                self._desk.drafts.drop(found.id, draft.path, draft.revision)
            return changes

    def rewrite(self, project: str, kind: Kind, id: str, values: dict[str, Any], comment: str, who: Who) -> Changes:
        """Put single keys of a document in force at once, whatever its draft says. Raises ``NotFound``."""
        with self._desk.publishing:
            found = self._desk.project(project)
            sources = self._sources(found)
            place = self.place(found, kind, id, sources)
            text = papers.text_of(place, sources)
            data = None if text is None else papers.data_of(place, text, [])
            if not isinstance(data, dict):
                raise self._unknown(found, kind, id)
            changed = papers.text_with(place, text, {**cast(dict[str, Any], data), **values})
            return self._apply(found, sources, papers.with_text(sources, place, changed), comment, who)

    # Telling what changed

    def history(self, found: Project, kind: Kind, id: str, limit: int) -> list[Version]:
        """The versions in which a document changed, newest first."""
        place = self.place(found, kind, id, self._sources(found))
        says = speaker(self._desk, found)
        applied = self._desk.office.history(found.id)
        told: list[Version] = []
        for index, one in enumerate(applied):
            mine = self._digest(found.id, one.version).get(place.path)
            before = self._digest(found.id, applied[index + 1].version).get(place.path) if index + 1 < len(applied) else None
            if mine == before:
                continue
            edits = []
            if mine is not None and before is not None:
                older = self._data(found, place, applied[index + 1].version)
                edits = says.edits(place.kind, older, self._data(found, place, one.version))
            what = "add" if before is None else "remove" if mine is None else "change"
            told.append(Version(one.version, Instant(one.applied_at), one.comment, one.author, what, edits))
            if len(told) == limit:
                break
        if not told and self._desk.drafts.draft(found.id, place.path) is None:
            raise self._unknown(found, kind, id)
        return told

    def compared(self, found: Project, kind: Kind, id: str, start: int, end: int) -> DocumentDiff:
        """What differs between two versions of a document; 0 is its draft."""
        place = self.place(found, kind, id, self._sources(found))
        texts = [self._text_at(found, place, version) for version in (start, end)]
        data = [None if text is None else papers.data_of(place, text, []) for text in texts]
        edits = speaker(self._desk, found).edits(place.kind, data[0], data[1])
        return DocumentDiff(start, end, edits, texts[0] or "", texts[1] or "")

    # Inside

    def _sources(self, found: Project, version: int = 0) -> Sources:
        if version:
            self._known_version(found, version)
        return self._desk.office.sources(found.id, version or found.version)

    def _known_version(self, found: Project, version: int) -> None:
        if version not in {one.version for one in self._desk.office.history(found.id)}:
            raise NotFound("version", f"project {found.id} has no version {version}, or not any more")

    def _text_at(self, found: Project, place: Place, version: int) -> str | None:
        if version:
            return papers.text_of(place, self._sources(found, version))
        kept = self._desk.drafts.draft(found.id, place.path)
        return None if kept is None else kept.text

    def _data(self, found: Project, place: Place, version: int) -> Any:
        text = self._text_at(found, place, version)
        return None if text is None else papers.data_of(place, text, [])

    def _unknown(self, found: Project, kind: Kind, id: str) -> NotFound:
        known = ", ".join(place.id for place in papers.places(self._sources(found)) if place.kind == kind) or "none yet"
        return NotFound("id", f"nothing is called {id!r} in {kind}; there are {known}")

    def _called(self, found: Project, place: Place, text: str) -> Called:
        """What the document is called; its id when it does not say."""
        field = _NAMES.get(place.kind)
        data = papers.data_of(place, text, []) if field is not None else None
        if place.kind == "templates" and isinstance(data, dict):
            parts = cast(dict[str, str], data)
            data = papers.data_of(Place("templates", place.id, "template.yaml"), parts.get("template.yaml", ""), [])
        words = cast(dict[str, Any], data).get(field or "") if isinstance(data, dict) else None
        otherwise = _id(found, place)
        match words:
            case {"ja": str(ja), "en": str(en)}:
                return Called(ja or otherwise, en or otherwise)
            case str() if words:
                return Called(words, words)
            case _:
                return Called(otherwise, otherwise)

    def _written(self, place: Place, before: str | None, change: DraftChange) -> str:
        text = change.text if change.text is not None else papers.text_with(place, before, change.document)
        if text is None:
            raise BadRequest("document", f"expected the data of {place.path} as it is told")
        if len(text.encode()) > LARGEST_FILE:
            raise BadRequest("document", f"expected at most {LARGEST_FILE:,} bytes")
        return text

    def _together(self, found: Project, place: Place, known: Kept, change: DraftChange) -> str:
        """Both people's changes as text. Raises ``Conflict``."""
        theirs = papers.data_of(place, known.text, [])
        mine = change.document if change.text is None else papers.data_of(place, change.text, [])
        if theirs is None or mine is None:
            raise Conflict(Dispute(place.kind, place.id, "draft", self.told(found, known), found.version, mine, []))
        document, clashes = merged(place.kind, change.base, mine, theirs)
        if clashes or change.base is None:
            contested = self._contested(found, place, clashes)
            raise Conflict(Dispute(place.kind, place.id, "draft", self.told(found, known), found.version, document, contested))
        return papers.text_with(place, known.text, document) or known.text

    def _up_to_date(self, found: Project, place: Place, draft: Kept, sources: Sources) -> str:
        """The draft's text, with what was published since it was begun. Raises ``Conflict``."""
        head = papers.text_of(place, sources)
        try:
            base = papers.text_of(place, self._desk.office.sources(found.id, draft.base_version)) if draft.base_version else None
        except LedgerError:  # that version is not kept any more
            base = None
        if head is None or head in (base, draft.text):
            return draft.text
        older, mine, theirs = (None if text is None else papers.data_of(place, text, []) for text in (base, draft.text, head))
        if mine is None:
            return draft.text
        document, clashes = merged(place.kind, older, mine, theirs)
        if clashes:
            contested = self._contested(found, place, clashes)
            told = self.told(found, draft)
            raise Conflict(Dispute(place.kind, _id(found, place), "version", told, found.version, document, contested))
        return papers.text_with(place, head, document) or draft.text

    def _contested(self, found: Project, place: Place, clashes: Iterable[Any]) -> list[Contested]:
        says = speaker(self._desk, found)
        return [
            Contested(
                clash.path,
                clash.steps,
                clash.base,
                clash.mine,
                clash.theirs,
                *(says.said(place.kind, clash.path, data) for data in (clash.base, clash.mine, clash.theirs)),
            )
            for clash in clashes
        ]

    def _looked_at(self, found: Project, named: Named) -> Kept:
        """The draft, still of the revision that was named. Raises ``NotFound`` and ``Conflict``."""
        kept = self.draft(found, named.kind, named.id)
        if kept.revision != named.revision:
            raise self._changed_meanwhile(found, kept)
        return kept

    def _changed_meanwhile(self, found: Project, kept: Kept) -> Conflict:
        told = self.told(found, kept)
        return Conflict(Dispute(told.kind, told.id, "draft", told, found.version, told.document, []))

    def _check_approval(self, kept: Sequence[Kept], who: Who) -> None:
        for draft in kept:
            if draft.state != "submitted":
                raise NeedsApproval(draft.path, f"{draft.path} needs a second person's yes: submit it first")
            if draft.submitted_by == who.id or draft.author == who.id:
                raise NeedsApproval(draft.path, f"{draft.path} needs the yes of somebody who did not write or submit it")

    def _compiled(self, found: Project, sources: Sources) -> Project:
        return compiled(sources, found, found.version + 1, self._desk.fresh_key)

    def _apply(self, found: Project, before: Sources, after: Sources, comment: str, who: Who) -> Changes:
        project = self._compiled(found, after)
        changes = plan((found, before), (project, after))
        if not changes.is_empty:
            author = "" if who.kind == "machine" else who.name
            self._desk.office.apply(project, after, self._desk.clock(), comment, author)
        return changes

    def _changed_in(self, found: Project, paths: Sequence[str]) -> dict[str, tuple[int, Instant]]:
        """The version that last changed each document, and when that was."""
        left = set(paths)
        answer: dict[str, tuple[int, Instant]] = {}
        applied = self._desk.office.history(found.id)
        for index, one in enumerate(applied):
            mine = self._digest(found.id, one.version)
            older = self._digest(found.id, applied[index + 1].version) if index + 1 < len(applied) else {}
            for path in [path for path in left if path in mine and mine[path] != older.get(path)]:
                answer[path] = (one.version, Instant(one.applied_at))
                left.discard(path)
            left = {path for path in left if path in mine}
            if not left:
                break
        return answer

    def _digest(self, project: ProjectId, version: int) -> dict[str, bytes]:
        """What each document of a version is, in short; versions never change."""
        known = self._digests.get((project, version))
        if known is None:
            sources = self._desk.office.sources(project, version)
            known = {
                place.path: hashlib.sha256((papers.text_of(place, sources) or "").encode()).digest()
                for place in papers.places(sources)
            }
            self._digests[project, version] = known
        return known


def _concerns_visitors(draft: Kept, sources: Sources) -> bool:
    """Whether publishing the draft may change what visitors see: not for what nothing uses yet, nor for campaigns not live."""
    place = papers.place_of(draft.path)
    before = papers.text_of(place, sources)
    if place.kind != "campaigns":
        return before is not None
    documents = (papers.data_of(place, text, []) for text in (before, draft.text) if text is not None)
    return any(isinstance(data, dict) and cast(dict[str, Any], data).get("state") == "live" for data in documents)


def _id(found: Project, place: Place) -> str:
    return found.id if place.kind == "project" else place.id


def _mark(kept: Kept) -> Mark:
    return Mark(kept.revision, kept.base_version, kept.author_name, kept.updated_at, kept.state)
