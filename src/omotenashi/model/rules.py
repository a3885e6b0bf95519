"""A rule as data: a small tree that is evaluated, compiled to SQL and read aloud.

``engine.rules.parse`` makes it from YAML or JSON; nothing else constructs one from untrusted text.
Segments, triggers, goals, page conditions, derived events and filters are all a ``Rule``; which
subjects may stand in it depends on the place (a filter sees one event, a segment sees a person).
"""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

from .ids import SegmentId, StatisticId
from .values import Scalar


class Op(StrEnum):
    """Negated operators mean: present, and no element satisfies the positive one."""

    EQ = "="
    NE = "!="
    GT = ">"
    GE = ">="
    LT = "<"
    LE = "<="
    BETWEEN = "between"  # inclusive at both ends
    NOT_BETWEEN = "not_between"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    STARTS = "starts"
    NOT_STARTS = "not_starts"
    ENDS = "ends"
    NOT_ENDS = "not_ends"
    MATCHES = "matches"  # RE2, unanchored
    NOT_MATCHES = "not_matches"
    IN = "in"
    NOT_IN = "not_in"
    EXISTS = "exists"
    MISSING = "missing"


NEGATIONS: dict[Op, Op] = {
    Op.NE: Op.EQ,
    Op.NOT_BETWEEN: Op.BETWEEN,
    Op.NOT_CONTAINS: Op.CONTAINS,
    Op.NOT_STARTS: Op.STARTS,
    Op.NOT_ENDS: Op.ENDS,
    Op.NOT_MATCHES: Op.MATCHES,
    Op.NOT_IN: Op.IN,
}


class Aggregate(StrEnum):
    COUNT = "count"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    FIRST = "first"
    LAST = "last"
    PREVIOUS = "previous"  # the latest value that differs from the last
    DISTINCT = "distinct"  # saturates at DISTINCT_LIMIT
    FIRST_AT = "first_at"  # an instant
    LAST_AT = "last_at"


DISTINCT_LIMIT = 1_000
HOURS_LIMIT = 72
DAYS_LIMIT = 366


class Period(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """``all``, ``session``, ``previous_session``, ``days`` with n, ``hours`` with n, ``between`` with dates.

    ``days``: the last n calendar days of the project, today included. ``hours``: the last n x 60
    one-minute buckets, the current one included. ``between``: ``start`` and ``end`` are ISO dates, both inclusive.
    """

    kind: Literal["all", "session", "previous_session", "days", "hours", "between"] = "all"
    n: int = 0
    start: str = ""
    end: str = ""


class When(Struct, frozen=True, omit_defaults=True, tag="when"):
    """An instant that a rule names. Exactly one form is used.

    ``at``: fixed, Instant. ``ago_ms``: now minus that. ``days``: start of the project's today plus that many days;
    with ``last``, the last millisecond of that day instead.
    """

    at: int | None = None
    ago_ms: int | None = None
    days: int | None = None
    last: bool = False


class Span(Struct, frozen=True, tag="span"):
    """Two instants, for ``between`` on dates; both inclusive."""

    start: When
    end: When


Constant = Scalar | When | Span | tuple[Scalar, ...] | None


class Field(Struct, frozen=True, tag="field"):
    """A value of the event at hand. Only in filters, triggers, goals, pages and derived events."""

    path: tuple[str, ...]


class Fact(Struct, frozen=True, tag="fact"):
    """Something every profile knows by itself; the closed list is ``engine.rules.facts.FACTS``."""

    name: str  # such as "visits", "session.page_views", "session.landing.query.plan"


class Attribute(Struct, frozen=True, tag="attribute"):
    """The latest value, by order key, that an ``identify`` or ``attribute`` event gave."""

    path: tuple[str, ...]


class Consented(Struct, frozen=True, tag="consent"):
    """The state of one purpose: ``unknown granted denied withdrawn expired``; always present."""

    purpose: str


class Statistic(Struct, frozen=True, tag="statistic"):
    """Event name x optional field x optional filter x aggregate x period.

    ``id`` is the hash of the rest (``engine.statistics.identified``). ``event`` is a name that is really
    sent: derived events are expanded, their rule joined to ``where``, when the configuration is built.
    """

    id: StatisticId
    event: str
    path: tuple[str, ...]  # () = the event itself
    where: "Rule | None"
    aggregate: Aggregate
    period: Period


Subject = Field | Fact | Attribute | Consented | Statistic


class Compare(Struct, frozen=True, tag="compare"):
    subject: Subject
    op: Op
    value: Constant = None


class All(Struct, frozen=True, tag="all"):
    of: tuple["Rule", ...]  # () is true


class AnyOf(Struct, frozen=True, tag="any"):
    of: tuple["Rule", ...]  # () is false


class Not(Struct, frozen=True, tag="not"):
    of: "Rule"


class InSegment(Struct, frozen=True, tag="segment"):
    """Stays in the tree for words and screens; readings follow it through ``Segments``."""

    segment: SegmentId


class InList(Struct, frozen=True, tag="list"):
    """The person's ``user_id`` stands in an uploaded list."""

    list: str


Rule = Compare | All | AnyOf | Not | InSegment | InList
Segments = dict[SegmentId, Rule]
Lists = dict[str, frozenset[str]]
EVERYONE = All(())
