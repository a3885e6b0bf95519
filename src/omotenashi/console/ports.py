"""What the console wants of the rooms it is given."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from omotenashi.ledger.port import Applied, Backfill, Draft, Saved, Switches
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Released
from omotenashi.model.ids import CampaignId, Day, Instant, PersonId, ProjectId, SessionId, StatisticId
from omotenashi.model.recordings import Chunk, Recording, State
from omotenashi.model.rules import Rule
from omotenashi.model.viewings import Note, Viewing
from omotenashi.warehouse.questions.daily import Daily
from omotenashi.warehouse.questions.found import Found
from omotenashi.warehouse.questions.funnel import Stage
from omotenashi.warehouse.questions.health import Fared
from omotenashi.warehouse.questions.overlap import Shared
from omotenashi.warehouse.questions.results import ArmResult
from omotenashi.warehouse.questions.seen import SeenEvent, SeenField
from omotenashi.warehouse.questions.size import Size
from omotenashi.warehouse.questions.story import Told
from omotenashi.warehouse.questions.today import Today
from omotenashi.warehouse.questions.top_values import TopValue
from omotenashi.warehouse.questions.volume import Volume
from omotenashi.warehouse.store import Store

Answer = TypeVar("Answer")


class Office(Protocol):
    """Configurations by version, switches, back-fills: the ledger's office, whose only writer this process is."""

    def heads(self) -> dict[ProjectId, int]: ...

    def head(self, project: ProjectId) -> int: ...

    def configuration(self, project: ProjectId, version: int) -> Project: ...

    def sources(self, project: ProjectId, version: int) -> dict[str, str]: ...

    def history(self, project: ProjectId) -> list[Applied]: ...

    def apply(
        self, project: Project, sources: Mapping[str, str], applied_at: Instant, comment: str = "", author: str = ""
    ) -> int: ...

    def switches(self, project: ProjectId) -> Switches: ...

    def set_switches(self, project: ProjectId, switches: Switches) -> None: ...

    def ready_version(self, project: ProjectId) -> int: ...

    def backfills(self) -> list[Backfill]: ...

    def bases(
        self, project: ProjectId, person: PersonId, after_version: int, up_to_version: int
    ) -> list[tuple[StatisticId, Any]]: ...

    def cursors(self) -> Mapping[str, int]: ...


class Drafts(Protocol):
    """What somebody is changing and nobody has published, one draft a document."""

    def draft(self, project: ProjectId, path: str) -> Draft | None: ...

    def drafts(self, project: ProjectId) -> list[Draft]: ...

    def put(self, project: ProjectId, draft: Draft) -> Draft | None:
        """Keep this draft, if what is kept is of ``revision - 1``, or nothing. None when it is, else what is in the way."""
        ...

    def drop(self, project: ProjectId, path: str, revision: int) -> bool:
        """Throw the draft away if it still is of this revision; whether nothing of it is left."""
        ...


class Shelf(Protocol):
    """Packed profiles, up to two seconds behind the edge's memory."""

    def profile(self, project: ProjectId, person: PersonId) -> bytes | None: ...

    def person(self, project: ProjectId, name: str) -> PersonId | None: ...


class SavedThings(Protocol):
    """What was kept under a name: searches, and the like."""

    def of_kind(self, project: ProjectId, kind: str) -> list[Saved]: ...

    def count(self, project: ProjectId) -> int: ...

    def put(self, project: ProjectId, saved: Saved) -> None: ...

    def drop(self, project: ProjectId, key: str) -> bool:
        """Whether there was one."""
        ...


class RecordingIndex(Protocol):
    """The index of recordings, which the edge writes as chunks come."""

    def one(self, project: ProjectId, recording: SessionId) -> Recording | None: ...

    def of_person(self, project: ProjectId, person: PersonId) -> list[Recording]: ...

    def going_on(self, project: ProjectId, since: Instant) -> list[Recording]: ...

    def chunks(self, project: ProjectId, recording: SessionId) -> list[Chunk]: ...

    def used(self, project: ProjectId) -> int: ...

    def refused(self, project: ProjectId, since: Instant) -> dict[str, int]: ...

    def watch(self, project: ProjectId, recording: SessionId, until: Instant) -> None: ...

    def protect(self, project: ProjectId, recording: SessionId, *, kept: bool) -> bool: ...

    def set_state(self, project: ProjectId, recording: SessionId, state: State) -> None: ...


class ReplayIndex(Protocol):
    """The same index, as those ask who look for recordings and play them."""

    def between(self, project: ProjectId, since: Instant, until: Instant) -> list[Recording]: ...

    def after(self, project: ProjectId, recording: SessionId, tab: str, seq: int, most: int) -> list[Chunk]: ...

    def latest(self, project: ProjectId, recording: SessionId) -> dict[str, int]: ...


class Viewings(Protocol):
    """What staff leave at recordings."""

    def put_viewing(self, project: ProjectId, viewing: Viewing) -> None: ...

    def viewing(self, project: ProjectId, key: str) -> Viewing | None: ...

    def of_recording(self, project: ProjectId, recording: str) -> list[Viewing]: ...

    def watched(self, project: ProjectId) -> dict[str, set[str]]: ...

    def put_note(self, project: ProjectId, note: Note) -> None: ...

    def notes(self, project: ProjectId, recording: str) -> list[Note]: ...

    def noted(self, project: ProjectId) -> dict[str, int]: ...

    def drop_note(self, project: ProjectId, recording: str, key: str) -> bool: ...

    def labels(self, project: ProjectId) -> dict[str, tuple[str, ...]]: ...

    def labels_of(self, project: ProjectId, recording: str) -> tuple[str, ...]: ...

    def set_labels(self, project: ProjectId, recording: str, labels: Collection[str]) -> None: ...

    def forget(self, project: ProjectId, recording: str) -> None: ...


class Edge(Protocol):
    """The edge's internal port."""

    async def send(self, request: dict[str, Any]) -> dict[str, Any]:
        """``POST /internal/events``. Raises ``EdgeUnreachable`` or ``EdgeRefused``."""
        ...

    async def erase(self, request: dict[str, Any]) -> dict[str, Any]:
        """``POST /internal/erase``. Raises ``EdgeUnreachable`` or ``EdgeRefused``."""
        ...

    async def refusals(self, project: ProjectId) -> dict[str, Any]:
        """``GET /internal/refusals``. Raises ``EdgeUnreachable`` or ``EdgeRefused``."""
        ...

    async def fitting(self, request: dict[str, Any]) -> dict[str, Any]:
        """``POST /internal/fittings``. Raises ``EdgeUnreachable`` or ``EdgeRefused``."""
        ...

    async def support_code(self, request: dict[str, Any]) -> dict[str, Any]:
        """``POST /internal/support-codes``. Raises ``EdgeUnreachable`` or ``EdgeRefused``."""
        ...

    async def health(self) -> dict[str, Any]:
        """``GET /internal/health``. Raises ``EdgeUnreachable``."""
        ...


class EdgeUnreachable(Exception):
    """The edge does not answer on its internal port."""


class EdgeRefused(Exception):
    """The edge answered with an error of its own, passed on as it is."""

    def __init__(self, status: int, code: str, message: str, where: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.where = where


class QuestionFailed(Exception):
    """The warehouse could not answer; the message is its own."""


class Questions(Protocol):
    """The warehouse: questions about many people, a few seconds behind. Each may raise ``QuestionFailed``."""

    def story(self, project: Project, person: PersonId, limit: int, before: tuple[Instant, int] | None) -> list[Told]: ...

    def unopened(self, project: Project, person: PersonId, campaign: CampaignId) -> Released | None: ...

    def latest(self, project: Project, limit: int) -> list[tuple[PersonId, Instant]]: ...

    def size(self, project: Project, rule: Rule, now: Instant) -> Size: ...

    def sizes(self, project: Project, rules: Mapping[str, Rule], now: Instant) -> dict[str, int]: ...

    def sizes_at(self, project: Project, rule: Rule, instants: Sequence[Instant]) -> list[int]:
        """The size of a rule at each instant, from what had happened by then."""
        ...

    def overlap(self, project: Project, rule: Rule, others: Mapping[str, Rule], now: Instant) -> dict[str, Shared]: ...

    def daily(self, project: Project, event: str, where: Rule, days: Sequence[Day]) -> list[Daily]: ...

    def seen_events(self, project: Project) -> list[SeenEvent]: ...

    def seen_fields(self, project: Project, events: Collection[str]) -> list[SeenField]: ...

    def top_of_device(self, project: Project, fact: str, limit: int) -> list[TopValue]: ...

    def some_people(self, project: Project, limit: int) -> list[PersonId]: ...

    def top(self, project: Project, event: str, path: tuple[str, ...], limit: int) -> list[TopValue]: ...

    def funnel(self, project: Project, campaign: CampaignId, start: Instant, end: Instant) -> list[Stage]: ...

    def results(self, project: Project, campaign: CampaignId, start: Instant, end: Instant) -> list[ArmResult]:
        """Whole days of the project from the one of ``start`` to the one of ``end``."""
        ...

    def today(self, project: Project, before: Sequence[Instant], hours: Sequence[Instant], end: Instant, now: Instant) -> Today:
        """Two days by the beginnings of their hours: another day, which ends at ``end``, and today until ``now``."""
        ...

    def health(self, project: Project, since: Instant, month: Instant) -> list[Fared]: ...

    def volume(self, project: Project, start: Instant, before: Instant, until: Instant) -> Volume: ...

    def people(
        self, project: Project, rule: Rule, now: Instant, limit: int | None = None, before: tuple[Instant, str] | None = None
    ) -> Found:
        """Who a rule holds for, latest first, after the one that ``before`` names; all of them without a limit."""
        ...

    def named(self, project: Project, text: str) -> list[PersonId]: ...

    def ask(self, question: Callable[[Store], Answer]) -> Answer:
        """Any question of ``warehouse.questions``, put to a store that answers nobody else meanwhile."""
        ...

    def loaded(self) -> int:
        """The last position of the log that is in the warehouse."""
        ...
