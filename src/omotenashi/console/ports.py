"""What the console wants of the rooms it is given."""

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct

from omotenashi.ledger.port import Applied, Backfill, Switches
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import CampaignId, Instant, PersonId, ProjectId
from omotenashi.model.outcomes import Gate
from omotenashi.model.rules import Rule
from omotenashi.model.values import Scalar


class Office(Protocol):
    """Configurations by version, switches, back-fills: the ledger's office, whose only writer this process is."""

    def heads(self) -> dict[ProjectId, int]: ...

    def head(self, project: ProjectId) -> int: ...

    def configuration(self, project: ProjectId, version: int) -> Project: ...

    def sources(self, project: ProjectId, version: int) -> dict[str, str]: ...

    def history(self, project: ProjectId) -> list[Applied]: ...

    def apply(self, project: Project, sources: Mapping[str, str], applied_at: Instant, comment: str = "") -> int: ...

    def switches(self, project: ProjectId) -> Switches: ...

    def set_switches(self, project: ProjectId, switches: Switches) -> None: ...

    def ready_version(self, project: ProjectId) -> int: ...

    def backfills(self) -> list[Backfill]: ...

    def cursors(self) -> Mapping[str, int]: ...


class Shelf(Protocol):
    """Packed profiles, up to a second behind the edge's memory."""

    def profile(self, project: ProjectId, person: PersonId) -> bytes | None: ...

    def person(self, project: ProjectId, name: str) -> PersonId | None: ...


class Edge(Protocol):
    """The edge's internal port."""

    async def send(self, request: dict[str, Any]) -> dict[str, Any]:
        """``POST /internal/events``. Raises ``EdgeUnreachable`` or ``EdgeRefused``."""
        ...

    async def erase(self, request: dict[str, Any]) -> dict[str, Any]:
        """``POST /internal/erase``. Raises ``EdgeUnreachable`` or ``EdgeRefused``."""
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


class Moment(Struct, frozen=True, omit_defaults=True):
    """One line of a person's story. ``gates``: what each listening campaign decided; ``detail`` is what the entry says besides."""

    at: Instant
    kind: str
    name: str
    session: str = ""
    source: str = ""
    values: dict[str, Any] = {}
    detail: dict[str, Any] = {}
    gates: tuple[tuple[CampaignId, Gate], ...] = ()


class Size(Struct, frozen=True):
    """How many people a rule holds for, of how many, and some of them."""

    people: int
    of: int
    sample: tuple[PersonId, ...]


class Top(Struct, frozen=True):
    """One value of a field: how many events had it, of how many people."""

    value: Scalar
    events: int
    people: int


class Passed(Struct, frozen=True):
    """How many decisions on a campaign ended at a gate, of how many people. Gate ``SHOWN`` and ``HOLDOUT`` passed them all."""

    gate: Gate
    decisions: int
    people: int


class Arm(Struct, frozen=True):
    """What became of the people of one arm, on one day (an ISO date) or, with ``day`` "", in all."""

    action: str
    holdout: bool
    day: str
    exposed: int
    clicked: int
    closed: int
    goals: int
    goal_rate: float
    value_sum: float
    value_mean: float


class Questions(Protocol):
    """The warehouse: questions about many people, a few seconds behind. Each may raise ``QuestionFailed``."""

    def story(self, project: Project, person: PersonId, limit: int, before: Instant | None) -> list[Moment]: ...

    def size(self, project: Project, rule: Rule, now: Instant) -> Size: ...

    def top(self, project: Project, event: str, path: tuple[str, ...], limit: int) -> list[Top]: ...

    def funnel(self, project: Project, campaign: CampaignId, start: Instant, end: Instant) -> list[Passed]: ...

    def results(self, project: Project, campaign: CampaignId, start: Instant, end: Instant) -> list[Arm]: ...

    def loaded(self) -> int:
        """The last position of the log that is in the warehouse."""
        ...
