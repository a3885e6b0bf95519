"""What the rest of the house may ask of a ledger, whatever stores it.

The tree of what can go wrong::

    LedgerError
    ├── Busy            the queue before the disk is full; nothing was taken, try again soon
    ├── StorageFailed   the disk refused; nothing of it counts as written, recovery is needed
    ├── InUse           another process already writes this log
    ├── Pruned          these positions are no longer kept
    ├── Outdated        somebody applied another version in between
    ├── TooNew          the file was written by a newer Omotenashi
    └── Occupied        there is already something where a copy should go

The SQLite tenants live in ``ledger.sqlite``. Another tenant passes the same contract suite.
"""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from msgspec import Struct

from omotenashi.model.entries import LogEntry
from omotenashi.model.ids import Instant, PersonId, ProjectId, UserId, VisitorId


class LedgerError(Exception):
    """Something the ledger could not do; the message says what and where."""


class Busy(LedgerError):
    """The bounded queue is full. Nothing was taken; trying again in a second is right."""


class StorageFailed(LedgerError):
    """The disk refused a write, or what it holds could not be read. Nothing unacknowledged may be believed."""


class InUse(LedgerError):
    """Another process already writes here."""


class Pruned(LedgerError):
    """Positions were asked for that every reader had passed, and that are gone. ``first`` is the oldest kept."""

    def __init__(self, asked: int, first: int) -> None:
        super().__init__(f"position {asked} is no longer kept; the oldest one is {first}")
        self.asked = asked
        self.first = first


class Outdated(LedgerError):
    """A configuration was made from version ``head - 1``, but another one was applied meanwhile."""


class TooNew(LedgerError):
    """A file's schema is newer than this program knows."""


class Occupied(LedgerError):
    """A copy would overwrite something."""


# --- the log ---------------------------------------------------------------------------------------------------


class LogWriter(Protocol):
    """The edge's side of the log. One writer at a time."""

    @property
    def appended(self) -> int:
        """The last position given out; 0 before the first."""
        ...

    @property
    def landed(self) -> int:
        """The last position that is on disk."""
        ...

    @property
    def recoveries(self) -> int:
        """How often the log was taken up again; whoever keeps what follows from it must then read it again."""
        ...

    @property
    def failure(self) -> str | None:
        """Why the log takes nothing, or None while all is well."""
        ...

    def ready(self) -> None:
        """Nothing, or ``Busy`` or ``StorageFailed``. Ask before folding: what is folded must be appended."""
        ...

    def append(self, entries: Sequence[LogEntry]) -> int:
        """Queue entries, in order, as one whole; the position of the last one."""
        ...

    async def committed(self, position: int) -> None:
        """Return once everything up to ``position`` is on disk. ``StorageFailed`` if it will not be."""
        ...

    async def recover(self) -> None:
        """After ``StorageFailed``: take up the log again where the disk has it. ``StorageFailed`` if it still refuses."""
        ...


class LogSource(Protocol):
    """Anybody's view of the log, from any process: committed entries only, in order."""

    def read(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Up to ``limit`` (position, packed entry) with positions above ``after``; [] at the end. May raise ``Pruned``."""
        ...

    def last(self) -> int:
        """The last committed position; 0 when nothing was ever written."""
        ...


# --- profiles --------------------------------------------------------------------------------------------------


class PackedProfile(Struct, frozen=True, gc=False):
    """A profile as it is stored. ``position``: every entry it contains stands at or before it in the log."""

    project: ProjectId
    person: PersonId
    seq: int
    body: bytes
    position: int


class MergeWritten(Struct, frozen=True):
    """``absorbed`` became ``into``: its row goes, its names point to ``into``, and ``into`` holds both."""

    position: int
    into: PackedProfile
    absorbed: PersonId


class UserRemembered(Struct, frozen=True):
    position: int
    project: ProjectId
    user_id: UserId
    person: PersonId


class RowsImported(Struct, frozen=True):
    position: int
    project: ProjectId
    batch: str
    next_row: int


class PeopleErased(Struct, frozen=True):
    position: int
    project: ProjectId
    people: tuple[PersonId, ...]


Deed = MergeWritten | UserRemembered | RowsImported | PeopleErased
"""What stands beside profiles and must be written in the order it happened."""


class ProfileRows(Protocol):
    """Profiles behind the log: always equal to the fold of the log up to somewhere, never ahead of it."""

    def synced(self) -> int:
        """Every entry up to this position is contained in the rows."""
        ...

    def profile(self, project: ProjectId, person: PersonId) -> bytes | None: ...

    def person_of_visitor(self, project: ProjectId, visitor: VisitorId) -> PersonId | None:
        """Whom a visitor id was merged into; None while it is its own person."""
        ...

    def person_of_user(self, project: ProjectId, user_id: UserId) -> PersonId | None: ...

    def names_of(self, project: ProjectId, person: PersonId) -> list[tuple[str, str]]:
        """All that points to a person: ("visitor", merged visitor id) and ("user", user id)."""
        ...

    def next_row(self, project: ProjectId, batch: str) -> int: ...

    def erasures(self) -> dict[tuple[ProjectId, PersonId], int]:
        """Erasures above ``synced`` that the rows already contain: (project, person) -> position."""
        ...

    def write(self, profiles: Sequence[PackedProfile], deeds: Sequence[Deed], synced: int | None) -> None:
        """The deeds in their order, then the profiles: all of it or nothing.

        A crash may take the latest writes back, whole and newest first, until ``sync``. A row never replaces one of a
        later position. May raise ``StorageFailed``; ``reopen`` comes next then.
        """
        ...

    def sync(self) -> None:
        """What was written before is on disk. May raise ``StorageFailed``; ``reopen`` comes next then."""
        ...

    def reopen(self) -> None:
        """Take up the file again after ``StorageFailed``."""
        ...


# --- the office: whoever needs some of its papers declares the port it wants; these are the words they share ---


class Applied(Struct, frozen=True):
    """One line of a project's history. ``applied_at`` is an Instant; ``author`` is a name, "" for the command line."""

    version: int
    applied_at: int
    comment: str
    author: str = ""


class Switches(Struct, frozen=True):
    """The emergency stop of a project; not part of any version."""

    messages_stopped: bool = False
    recording_stopped: bool = False


class Backfill(Struct, frozen=True):
    """How far the statistics born in ``version`` are folded over older history. ``state``: waiting, running, done."""

    project: ProjectId
    version: int
    state: str
    done: int
    total: int


# --- the staff's file -------------------------------------------------------------------------------------------


class Draft(Struct, frozen=True):
    """``revision`` counts its changes from 1; ``base_version`` is the version in force that it was made from, 0 for none.

    A submitted draft waits for a second person's yes; ``comment``, ``submitted_by`` and ``submitted_name`` are "" until then.
    """

    path: str
    revision: int
    base_version: int
    text: str
    author: str
    author_name: str
    updated_at: Instant
    state: Literal["open", "submitted"] = "open"
    comment: str = ""
    submitted_by: str = ""
    submitted_name: str = ""


class Saved(Struct, frozen=True):
    """Something kept under a name, such as a search. ``author`` is the name of the member of staff who kept it first."""

    id: str
    kind: str
    name: str
    document: Any
    author: str
    created_at: Instant
