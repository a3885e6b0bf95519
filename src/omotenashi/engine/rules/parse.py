"""From YAML or JSON to a rule: the only door by which untrusted text becomes one.

Every mistake is collected, each with its path in the tree (``rule.all[1].where.op``) and what was expected there.
``spec/conditions.md`` describes the syntax.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, Final, Literal

import re2
from msgspec import Struct, field

from omotenashi.engine.calendar import DAY_MS, MINUTE_MS, Calendar
from omotenashi.engine.statistics import identified
from omotenashi.model.ids import SegmentId
from omotenashi.model.rules import (
    DAYS_LIMIT,
    DISTINCT_LIMIT,
    EVERYONE,
    HOURS_LIMIT,
    NEGATIONS,
    Aggregate,
    All,
    AnyOf,
    Attribute,
    Compare,
    Consented,
    Constant,
    Fact,
    Field,
    InList,
    InSegment,
    Not,
    Op,
    Period,
    Rule,
    Span,
    Statistic,
    Subject,
    When,
)
from omotenashi.model.values import Scalar, admitted_number

from . import facts
from .comparison import compiled_pattern
from .evaluate import scale

Place = Literal["person", "event", "filter"]
"""Where a rule stands: it asks about a person; about one event, now (triggers, pages, goals); or about one event at
any time (filters of statistics, derived events), where a date cannot be relative."""


class Known(Struct, frozen=True):
    """The names that a rule may use. ``derived``: name -> (really sent name, its whole rule)."""

    calendar: Calendar
    segments: Collection[str] = frozenset()
    lists: Collection[str] = frozenset()
    purposes: Collection[str] = frozenset()
    derived: Mapping[str, tuple[str, Rule]] = field(default_factory=dict)


class Mistake(Struct, frozen=True):
    """What is wrong at one place of the tree, and what was expected there."""

    path: str
    message: str


def rule(tree: Any, place: Place, known: Known, path: str = "rule") -> Rule | list[Mistake]:
    """The rule that ``tree`` (lists, dicts, scalars) writes, or every mistake in it. ``path`` names its root."""
    reader = _Reader(known)
    read = reader.rule(tree, place, path, 0)
    return reader.mistakes or read


_NODES: Final = ("all", "any", "not", "segment", "list", "event", "field", "fact", "attribute", "consent")
_NODE_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "event": ("event", "field", "aggregate", "period", "where", "op", "value"),
    "field": ("field", "op", "value"),
    "fact": ("fact", "op", "value"),
    "attribute": ("attribute", "op", "value"),
    "consent": ("consent", "op", "value"),
}
_EVER: Final = "ever"
_PRESENCE: Final = (Op.EXISTS, Op.MISSING)
_EQUALITY: Final = (Op.EQ, Op.NE)
_CHOICE: Final = (Op.IN, Op.NOT_IN)
_ORDER: Final = (Op.GT, Op.GE, Op.LT, Op.LE)
_RANGE: Final = (Op.BETWEEN, Op.NOT_BETWEEN)
_TEXTUAL: Final = (
    Op.CONTAINS, Op.NOT_CONTAINS, Op.STARTS, Op.NOT_STARTS, Op.ENDS, Op.NOT_ENDS, Op.MATCHES, Op.NOT_MATCHES,
)  # fmt: skip
OPERATORS: Final[dict[str, tuple[Op, ...]]] = {
    "boolean": (*_EQUALITY, *_PRESENCE),
    "number": (*_EQUALITY, *_ORDER, *_RANGE, *_CHOICE, *_PRESENCE),
    "instant": (*_EQUALITY, *_ORDER, *_RANGE, *_PRESENCE),
    "text": (*_EQUALITY, *_CHOICE, *_TEXTUAL, *_PRESENCE),
    "state": (*_EQUALITY, *_CHOICE),
    "any": tuple(Op),
}
"""Which operators fit, by the kind of what is compared; `any` is what may be of every kind."""

_STATES: Final = ("unknown", "granted", "denied", "withdrawn", "expired")
_NUMERIC: Final = (Aggregate.COUNT, Aggregate.SUM, Aggregate.AVG, Aggregate.MIN, Aggregate.MAX, Aggregate.DISTINCT)
_WITHOUT_FIELD: Final = (Aggregate.COUNT, Aggregate.FIRST_AT, Aggregate.LAST_AT)
_EVENT_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,127}")
_AMOUNT: Final = re.compile(r"(\d{1,6}) +(minute|hour|day|week)s?")
_UNIT_MS: Final = {"minute": MINUTE_MS, "hour": 60 * MINUTE_MS, "day": DAY_MS, "week": 7 * DAY_MS}
_DEEPEST: Final = 16
_MOST_NODES: Final = 500
_MOST_CHOICES: Final = 1_000
_LONGEST_TEXT: Final = 2_048
_LONGEST_PATTERN: Final = 500
_FARTHEST_DAYS: Final = 36_500
_NOTHING: Final = EVERYONE  # stands where a mistake was


class _Reader:
    def __init__(self, known: Known) -> None:
        self.known = known
        self.mistakes: list[Mistake] = []
        self.nodes = 0

    def wrong(self, path: str, message: str) -> None:
        self.mistakes.append(Mistake(path, message))

    def rule(self, tree: Any, place: Place, path: str, depth: int) -> Rule:
        self.nodes += 1
        if self.nodes == _MOST_NODES + 1:
            self.wrong(path, f"expected at most {_MOST_NODES} conditions in one rule")
        if self.nodes > _MOST_NODES:
            return _NOTHING
        if depth > _DEEPEST:
            self.wrong(path, f"expected conditions nested at most {_DEEPEST} deep")
            return _NOTHING
        if isinstance(tree, list):
            return All(self.parts(tree, place, path, depth))
        if not isinstance(tree, dict):
            self.wrong(path, f"expected a condition or a list of conditions, got {_shown(tree)}")
            return _NOTHING
        node = next((name for name in _NODES if name in tree), None)
        if node is None:
            self.wrong(path, f"expected one of {_listed(_NODES)}{_near(tree, _NODES)}")
            return _NOTHING
        if not self.only(tree, _NODE_KEYS.get(node, (node,)), path):
            return _NOTHING
        if node in ("all", "any"):
            return self.group(node, tree[node], place, path, depth)
        if node == "not":
            return Not(self.rule(tree["not"], place, f"{path}.not", depth + 1))
        if node == "field":
            return self.of_field(tree, place, path)
        if place != "person":
            self.wrong(f"{path}.{node}", "expected a field: this condition sees one event, not a person")
            return _NOTHING
        if node == "segment":
            name = self.name(tree["segment"], self.known.segments, f"{path}.segment", "segment")
            return _NOTHING if name is None else InSegment(SegmentId(name))
        if node == "list":
            name = self.name(tree["list"], self.known.lists, f"{path}.list", "list")
            return _NOTHING if name is None else InList(name)
        if node == "event":
            return self.of_event(tree, path, depth)
        if node == "fact":
            return self.of_fact(tree, path)
        if node == "attribute":
            names = self.path_of(tree["attribute"], f"{path}.attribute")
            return _NOTHING if names is None else self.compare(Attribute(names), "any", tree, path)
        name = self.name(tree["consent"], self.known.purposes, f"{path}.consent", "purpose")
        return _NOTHING if name is None else self.compare(Consented(name), "state", tree, path)

    # Nodes

    def parts(self, trees: list[Any], place: Place, path: str, depth: int) -> tuple[Rule, ...]:
        return tuple(self.rule(tree, place, f"{path}[{index}]", depth + 1) for index, tree in enumerate(trees))

    def group(self, node: str, trees: Any, place: Place, path: str, depth: int) -> Rule:
        path = f"{path}.{node}"
        if not isinstance(trees, list):
            self.wrong(path, f"expected a list of conditions, got {_shown(trees)}")
            return _NOTHING
        if node == "any" and not trees:
            self.wrong(path, "expected at least one condition: none of nothing is ever true")
        parts = self.parts(trees, place, path, depth)
        return All(parts) if node == "all" else AnyOf(parts)

    def of_field(self, tree: dict[str, Any], place: Place, path: str) -> Rule:
        if place == "person":
            self.wrong(
                f"{path}.field",
                "expected an event, fact, attribute, segment or list here; a field belongs to an event: {event: ..., field: ...}",
            )
            return _NOTHING
        names = self.path_of(tree["field"], f"{path}.field")
        if names is None:
            return _NOTHING
        return self.compare(Field(names), "any", tree, path, fixed=place == "filter")

    def of_fact(self, tree: dict[str, Any], path: str) -> Rule:
        name = tree["fact"]
        fact = facts.known(name) if isinstance(name, str) else None
        if fact is None:
            self.wrong(f"{path}.fact", f"expected a fact such as {_listed(facts.FACTS[:6])}{_near([name], facts.FACTS)}")
            return _NOTHING
        return self.compare(Fact(fact.name), fact.kind, tree, path)

    def of_event(self, tree: dict[str, Any], path: str, depth: int) -> Rule:
        before = len(self.mistakes)
        event = self.event(tree["event"], f"{path}.event")
        names = () if tree.get("field") is None else self.path_of(tree["field"], f"{path}.field")
        where: Rule = EVERYONE
        if tree.get("where") is not None:
            where = self.rule(tree["where"], "filter", f"{path}.where", depth + 1)
        period = self.period(tree.get("period", "all"), f"{path}.period")
        aggregate = self.aggregate(tree, names or (), path)
        if event is None or names is None or period is None or aggregate is None:
            return _NOTHING
        sent, derived = self.known.derived.get(event, (event, EVERYONE))
        where = _joined(derived, where)
        if tree.get("op") == _EVER:
            return self.ever(tree, sent, names, where, period, path)
        if len(self.mistakes) > before and any(mistake.path.startswith(f"{path}.where") for mistake in self.mistakes[before:]):
            where = EVERYONE
        statistic = identified(sent, names, where, aggregate, period)
        return self.compare(statistic, _kind(statistic), tree, path)

    def ever(self, tree: dict[str, Any], event: str, names: tuple[str, ...], where: Rule, period: Period, path: str) -> Rule:
        """*Ever equals X* is a filtered count: at least one event had it."""
        if not names:
            self.wrong(f"{path}.field", "expected a field for `ever`: which value of the event was ever equal?")
            return _NOTHING
        if "aggregate" in tree:
            self.wrong(f"{path}.aggregate", "expected no aggregate with `ever`, which counts by itself")
            return _NOTHING
        value = tree.get("value")
        op = Op.IN if isinstance(value, list) else Op.EQ
        if "value" not in tree:
            self.wrong(f"{path}.value", "expected a value, or a list of values, that the field ever had")
            return _NOTHING
        constant = self.constant(Field(names), "any", op, value, f"{path}.value", fixed=True)
        if constant is None:
            return _NOTHING
        had = _joined(where, _compared(Field(names), op, constant, value))
        return Compare(identified(event, (), had, Aggregate.COUNT, period), Op.GE, 1)

    # Parts of a comparison

    def compare(self, subject: Subject, kind: str, tree: dict[str, Any], path: str, fixed: bool = False) -> Rule:
        op = self.operator(tree, kind, path)
        if op is None:
            return _NOTHING
        if op in _PRESENCE:
            if tree.get("value") is not None:
                self.wrong(f"{path}.value", f"expected no value with `{op}`")
            return Compare(subject, op)
        if "value" not in tree or tree["value"] is None:
            self.wrong(f"{path}.value", f"expected a value to compare with `{op}`; nothing there is {Op.MISSING.value!r}")
            return _NOTHING
        constant = self.constant(subject, kind, op, tree["value"], f"{path}.value", fixed)
        return _NOTHING if constant is None else _compared(subject, op, constant, tree["value"])

    def operator(self, tree: dict[str, Any], kind: str, path: str) -> Op | None:
        allowed = [op.value for op in OPERATORS[kind]]
        written = tree.get("op")
        if isinstance(written, str) and written in allowed:
            return Op(written)
        if kind != "state" and "event" in tree:
            allowed.append(_EVER)
        if "op" not in tree:
            self.wrong(f"{path}.op", f"expected an operator: {_listed(allowed)}")
        else:
            what = {"any": "", "state": " for a consent"}.get(kind, f" for a {kind}")
            self.wrong(f"{path}.op", f"expected one of {_listed(allowed)}{what}, got {_shown(written)}")
        return None

    def constant(self, subject: Subject, kind: str, op: Op, value: Any, path: str, fixed: bool = False) -> Constant:
        """The constant that stands beside ``op``; None after a mistake. A day's edges are chosen by the operator."""
        positive = NEGATIONS.get(op, op)
        dated = scale(subject) is not None
        if dated and (_is_dated(value) or kind == "instant"):
            return self.dated(op, value, path, fixed)
        if _is_dated(value):
            self.wrong(path, "expected a plain value: dates go with fields and attributes named *_at (ms) or *_date (s)")
            return None
        if positive is Op.IN:
            return self.choices(subject, kind, value, path)
        if positive is Op.BETWEEN:
            if not isinstance(value, list) or len(value) != 2:
                self.wrong(path, f"expected [lowest, highest], got {_shown(value)}")
                return None
            low, high = (self.number(subject, op, each, f"{path}[{place}]") for place, each in enumerate(value))
            if low is None or high is None:
                return None
            if low > high:
                self.wrong(path, f"expected the lower number first, got {_shown(value)}")
            return (low, high)
        if positive in _ORDER:
            return self.number(subject, op, value, path)
        if positive in _TEXTUAL:
            return self.text(positive, value, path)
        return self.scalar(subject, kind, op, value, path)

    def scalar(self, subject: Subject, kind: str, op: Op, value: Any, path: str) -> Scalar | None:
        if kind == "number":
            return self.number(subject, op, value, path)
        if kind == "state":
            if value not in _STATES:
                self.wrong(path, f"expected one of {_listed(_STATES)}, got {_shown(value)}")
                return None
            return str(value)
        if kind == "boolean":
            if not isinstance(value, bool):
                self.wrong(path, f"expected true or false, got {_shown(value)}")
                return None
            return value
        if kind == "text" and not isinstance(value, str):
            hint = f"; put it in quotes: '{value}'" if isinstance(value, int | float) else ""
            self.wrong(path, f"expected a text, got {_shown(value)}{hint}")
            return None
        if isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return self.number(subject, op, value, path)
        if isinstance(value, str) and len(value) <= _LONGEST_TEXT:
            return value
        self.wrong(path, f"expected a text of at most {_LONGEST_TEXT} characters, a number, true or false, got {_shown(value)}")
        return None

    def number(self, subject: Subject, op: Op, value: Any, path: str) -> int | float | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(path, f"expected a number, got {_shown(value)}")
            return None
        try:
            number = admitted_number(value)
        except ValueError as refused:
            self.wrong(path, f"expected {str(refused).removeprefix('a number must be ')}, got {_shown(value)}")
            return None
        if isinstance(subject, Statistic) and subject.aggregate is Aggregate.DISTINCT:
            highest = DISTINCT_LIMIT if op in (Op.GE, Op.LT) else DISTINCT_LIMIT - 1
            if number > highest:
                self.wrong(path, f"expected at most {highest}: different values are counted up to {DISTINCT_LIMIT}")
                return None
        return number

    def text(self, op: Op, value: Any, path: str) -> str | None:
        if not isinstance(value, str) or not value or len(value) > _LONGEST_TEXT:
            self.wrong(path, f"expected a text of 1 to {_LONGEST_TEXT} characters, got {_shown(value)}")
            return None
        if op is not Op.MATCHES:
            return value
        if len(value) > _LONGEST_PATTERN:
            self.wrong(path, f"expected a pattern of at most {_LONGEST_PATTERN} characters")
            return None
        try:
            compiled_pattern(value)
        except (re2.error, UnicodeEncodeError) as refused:
            reason = refused.args[0] if refused.args else refused
            reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
            self.wrong(path, f"expected an RE2 regular expression: {reason}")
            return None
        return value

    def choices(self, subject: Subject, kind: str, value: Any, path: str) -> tuple[Scalar, ...] | None:
        if not isinstance(value, list) or not 1 <= len(value) <= _MOST_CHOICES:
            self.wrong(path, f"expected a list of 1 to {_MOST_CHOICES} values, got {_shown(value)}")
            return None
        read = [self.scalar(subject, kind, Op.EQ, each, f"{path}[{place}]") for place, each in enumerate(value)]
        choices = tuple(each for each in read if each is not None)
        return choices if len(choices) == len(read) else None

    # Dates

    def dated(self, op: Op, value: Any, path: str, fixed: bool) -> When | Span | None:
        positive = NEGATIONS.get(op, op)
        if positive is Op.BETWEEN:
            if not isinstance(value, list) or len(value) != 2:
                self.wrong(path, f"expected [first date, last date], got {_shown(value)}")
                return None
            start = self.when(value[0], f"{path}[0]", False, fixed)
            end = self.when(value[1], f"{path}[1]", True, fixed)
            return None if start is None or end is None else Span(start, end)
        if positive is Op.EQ:
            if isinstance(value, dict) and "ago" in value:
                self.wrong(path, f"expected a date or a day for `{op}`; `ago` is to the millisecond, so use < or >")
                return None
            start, end = self.when(value, path, False, fixed), self.when(value, path, True, fixed, quiet=True)
            return None if start is None or end is None else start if start == end else Span(start, end)
        if positive not in _ORDER:
            self.wrong(
                path,
                f"expected a plain value with `{op}`; dates go with {_listed(OPERATORS['instant'][:-2])}",
            )
            return None
        return self.when(value, path, op in (Op.GT, Op.LE), fixed)

    def when(self, value: Any, path: str, last: bool, fixed: bool, quiet: bool = False) -> When | None:
        """One named instant; of a whole day the first millisecond, or with ``last`` the last one."""
        mistakes = len(self.mistakes)
        found = self._when(value, path, last, fixed)
        if quiet:
            del self.mistakes[mistakes:]
        return found

    def _when(self, value: Any, path: str, last: bool, fixed: bool) -> When | None:
        if not isinstance(value, dict) or len(value) != 1 or next(iter(value)) not in ("date", "ago", "today"):
            self.wrong(path, 'expected {date: "2026-11-21"}, {date: "2026-11-21T09:00"}, {ago: "3 days"} or {today: -7}')
            return None
        ((form, written),) = value.items()
        if form == "date":
            return self.fixed_date(written, f"{path}.date", last)
        if fixed:
            self.wrong(f"{path}.{form}", "expected a fixed date: what a filter counted cannot change as time passes")
            return None
        if form == "today":
            if isinstance(written, bool) or not isinstance(written, int) or abs(written) > _FARTHEST_DAYS:
                self.wrong(f"{path}.today", f"expected a whole number of days from today, such as -7, got {_shown(written)}")
                return None
            return When(days=written, last=last)
        amount = _AMOUNT.fullmatch(written) if isinstance(written, str) else None
        if amount is None or int(amount[1]) * _UNIT_MS[amount[2]] > _FARTHEST_DAYS * DAY_MS:
            self.wrong(f"{path}.ago", f'expected such as "30 minutes", "2 hours" or "3 days", got {_shown(written)}')
            return None
        return When(ago_ms=int(amount[1]) * _UNIT_MS[amount[2]])

    def fixed_date(self, written: Any, path: str, last: bool) -> When | None:
        calendar = self.known.calendar
        try:
            if not isinstance(written, str):
                raise ValueError
            if "T" in written or " " in written:
                at = calendar.parse_instant(written)
            else:
                day = calendar.parse_day(written)
                at = calendar.day_start(day + 1) - 1 if last else calendar.day_start(day)
        except (ValueError, OverflowError):
            self.wrong(path, f'expected a date such as "2026-11-21" or "2026-11-21T09:00", got {_shown(written)}')
            return None
        return When(at=at)

    # Names

    def only(self, tree: dict[str, Any], allowed: tuple[str, ...], path: str) -> bool:
        unknown = [key for key in tree if key not in allowed]
        for key in unknown:
            self.wrong(f"{path}.{key}", f"expected only {_listed(allowed)} here{_near([key], allowed)}")
        return not unknown

    def name(self, written: Any, names: Collection[str], path: str, what: str) -> str | None:
        if isinstance(written, str) and written in names:
            return written
        known = f"expected the name of a {what}" + (f": {_listed(sorted(names)[:10])}" if names else "; there is none yet")
        self.wrong(path, f"{known}{_near([written], names) or f', got {_shown(written)}'}")
        return None

    def event(self, written: Any, path: str) -> str | None:
        if isinstance(written, str) and _EVENT_NAME.fullmatch(written):
            return written
        self.wrong(path, f"expected an event name: letters, digits, _ and $, at most 128, no digit first, got {_shown(written)}")
        return None

    def path_of(self, written: Any, path: str) -> tuple[str, ...] | None:
        names = tuple(written.split(".")) if isinstance(written, str) else ()
        if names and all(0 < len(name) <= 128 and name.isprintable() for name in names) and len(names) <= 8:
            return names
        self.wrong(path, f"expected a name, or names with dots between such as items.sku, got {_shown(written)}")
        return None

    def aggregate(self, tree: dict[str, Any], names: tuple[str, ...], path: str) -> Aggregate | None:
        written = tree.get("aggregate", "last" if names else "count")
        allowed = [each.value for each in Aggregate]
        if not isinstance(written, str) or written not in allowed:
            self.wrong(f"{path}.aggregate", f"expected one of {_listed(allowed)}, got {_shown(written)}")
            return None
        aggregate = Aggregate(written)
        if not names and aggregate not in _WITHOUT_FIELD and "field" not in tree:
            self.wrong(f"{path}.field", f"expected a field: `{aggregate}` of what?")
            return None
        return aggregate

    def period(self, written: Any, path: str) -> Period | None:
        if written in ("all", "session", "previous_session"):
            return Period(written)
        if isinstance(written, dict) and list(written) == ["between"]:
            return self.between(written["between"], f"{path}.between")
        amount = _AMOUNT.fullmatch(written) if isinstance(written, str) else None
        if amount is not None and amount[2] != "minute":
            n = int(amount[1]) * (7 if amount[2] == "week" else 1)
            kind: Literal["hours", "days"] = "hours" if amount[2] == "hour" else "days"
            limit = HOURS_LIMIT if kind == "hours" else DAYS_LIMIT
            if 1 <= n <= limit:
                return Period(kind, n)
            self.wrong(path, f"expected 1 to {limit} {kind}, got {_shown(written)}")
            return None
        self.wrong(
            path,
            'expected all, session, previous_session, such as "7 days", "4 weeks" or "24 hours", '
            f'or {{between: ["2026-01-01", "2026-01-31"]}}, got {_shown(written)}',
        )
        return None

    def between(self, written: Any, path: str) -> Period | None:
        try:
            if not isinstance(written, list) or not all(isinstance(each, str) for each in written):
                raise ValueError
            start, end = (date.fromisoformat(each) for each in written)
            if start > end or start.year < 1970 or end.year > 9000:
                raise ValueError
        except ValueError:
            self.wrong(path, f'expected [first day, last day] such as ["2026-01-01", "2026-01-31"], got {_shown(written)}')
            return None
        return Period("between", 0, start.isoformat(), end.isoformat())


def _kind(statistic: Statistic) -> str:
    if scale(statistic) is not None and statistic.aggregate in (Aggregate.FIRST_AT, Aggregate.LAST_AT):
        return "instant"
    return "number" if statistic.aggregate in _NUMERIC else "any"


def _compared(subject: Subject, op: Op, constant: Constant, written: Any) -> Compare:
    """The comparison; ``=`` with a whole day means within that day."""
    if isinstance(constant, Span) and op in _EQUALITY:
        op = Op.BETWEEN if op is Op.EQ else Op.NOT_BETWEEN
    return Compare(subject, op, constant)


def _joined(*rules: Rule) -> Rule:
    """All of them, flat, without those that let everything pass."""
    parts: list[Rule] = []
    for each in rules:
        parts.extend(each.of if isinstance(each, All) else (each,))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _is_dated(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value))


def _listed(names: Collection[str]) -> str:
    return ", ".join(names)


def _near(written: Collection[Any], names: Collection[str]) -> str:
    """``"; did you mean ...?"`` when something that is known looks like what was written."""
    for each in written:
        near = get_close_matches(each, names, 1) if isinstance(each, str) else []
        if near:
            return f", got {_shown(each)}; did you mean {near[0]!r}?"
    return ""


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list) and any(isinstance(each, list | dict) for each in value):
        return "a list of lists or objects"
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 80 else text[:77] + "..."
