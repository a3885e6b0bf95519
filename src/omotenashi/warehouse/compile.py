"""A rule as SQL: the reading that asks it of everybody at once.

Everybody is joined with what was read of them. Each *read* is one pass over the rows of one event name (of all,
for a few facts), of no more columns and no more days than its conditions need; it makes one aggregate of each
statistic, fact, attribute and consent, grouped by who the person is today. The rule is the ``WHERE`` over those;
whoever has no such row gets an aggregate's nothing, as an empty profile does. Nothing of a rule's text becomes SQL:
constants are bound parameters or numbers, field names are spelled by `paths`.

Numbers are read as Float64, which holds every admitted one exactly; sums and averages as Int128 millionths;
days as instants computed by `engine.calendar`. So the answer equals the closure's, to the last person.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, cast

from omotenashi.engine.rules import facts
from omotenashi.engine.rules.comparison import instant_scale
from omotenashi.engine.rules.environment import Environment
from omotenashi.engine.rules.evaluate import UnknownName, is_exact, plain_operator, scale
from omotenashi.engine.statistics import MINUTE_MS, bounds
from omotenashi.model.ids import Instant, PersonId, ProjectId
from omotenashi.model.rules import (
    DISTINCT_LIMIT,
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
    Rule,
    Span,
    Statistic,
    When,
)
from omotenashi.model.values import micros

from .paths import column, key
from .store import Store

ATTRIBUTES: Final = ("attribute", "identify")
NOT_ATTRIBUTES: Final = ("signature", "user_id")
WHO_TODAY: Final = "if(alias_of.root_who = 0, logged, alias_of.root_who)"
NOTHING: Final = "(toUInt8(0), toFloat64(0), '')"
ROOTS: Final = (
    "SELECT who AS absorbed, argMax(root_who, position) AS root_who, argMax(root, position) AS root "
    "FROM aliases WHERE project = {project:String} GROUP BY who"
)
NO_VISIT: Final = "sipHash64('')"
JOIN_ROOTS: Final = f"LEFT ANY JOIN ({ROOTS}) AS alias_of ON logged = alias_of.absorbed"


class Shape:
    """What a project's entries look like: which fields are ever reached through a list, whether anyone was merged."""

    def __init__(self, listed: Iterable[tuple[str, str]], merged: bool) -> None:
        self._listed = frozenset(listed)
        self.merged = merged

    def is_listed(self, name: str, path: str) -> bool:
        """Whether this field (a `paths.key`) of this event was ever in a list."""
        return (name, path) in self._listed


def shape(store: Store, project: ProjectId) -> Shape:
    """The shape of what is loaded now. Ask again for every question: a field may become a list at any time."""
    which = {"project": project}
    listed = store.ask("SELECT DISTINCT name, path FROM fields WHERE project = {project:String} AND listed", which)
    merged = store.ask("SELECT count() > 0 FROM aliases WHERE project = {project:String}", which)
    return Shape(((str(name), str(path)) for name, path in listed), bool(merged[0][0]))


@dataclass(frozen=True)
class People:
    """A question for people: ``sql`` selects one column, ``person``, each person once."""

    sql: str
    parameters: dict[str, Any]

    def size(self, store: Store) -> int:
        """How many they are."""
        return int(store.ask(f"SELECT count() FROM ({self.sql})", self.parameters)[0][0])

    def members(self, store: Store) -> set[PersonId]:
        """All of them; for tests and small groups."""
        return {PersonId(person) for (person,) in store.ask(self.sql, self.parameters)}


@dataclass(frozen=True)
class Events:
    """A question for events: ``sql`` selects ``at`` and ``who``, the person of today as a number, one row an event."""

    sql: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Sorted:
    """Several rules asked together: ``sql`` selects everybody's ``person`` and one flag a rule, in the order of ``names``."""

    sql: str
    parameters: dict[str, Any]
    names: tuple[str, ...]

    def sizes(self, store: Store) -> dict[str, int]:
        """How many people each rule holds for."""
        if not self.names:
            return {}
        asked = ", ".join(f"countIf(c{number})" for number in range(len(self.names)))
        (row,) = store.ask(f"SELECT {asked} FROM ({self.sql})", self.parameters)
        return {name: int(size) for name, size in zip(self.names, row, strict=True)}

    def shared(self, store: Store) -> dict[str, tuple[int, int]]:
        """How many people each rule after the first holds for, and how many of those the first one holds for too."""
        asked = ", ".join(f"countIf(c{number}), countIf(c0 AND c{number})" for number in range(1, len(self.names)))
        if not asked:
            return {}
        (row,) = store.ask(f"SELECT {asked} FROM ({self.sql})", self.parameters)
        pairs = zip(row[::2], row[1::2], strict=True)
        return {name: (int(size), int(both)) for name, (size, both) in zip(self.names[1:], pairs, strict=True)}

    def members(self, store: Store) -> dict[str, set[PersonId]]:
        """The people of each rule; for tests and small groups."""
        found: dict[str, set[PersonId]] = {name: set() for name in self.names}
        for person, *flags in store.ask(self.sql, self.parameters):
            for name, flag in zip(self.names, flags, strict=True):
                if flag:
                    found[name].add(PersonId(person))
        return found


def people_where(
    rule: Rule, env: Environment, project: ProjectId, now: Instant, seen: Shape, until: Instant | None = None
) -> People:
    """The people for whom the rule holds at ``now``; with ``until``, of those whose first session had begun by then, by
    nothing that happened later, under the names they have today.

    Raises ``ValueError`` for a rule that asks about an event at hand, and `UnknownName` for a fact, segment
    or list that ``env`` does not have.
    """
    return _Compiler(env, project, now, seen, until).people(rule)


def events_where(name: str, where: Rule, project: ProjectId, seen: Shape, since: Instant) -> Events:
    """The events of a name, from ``since`` on, for which a filter holds. Raises ``ValueError`` when it asks about a person."""
    return _Compiler(None, project, Instant(0), seen).events(name, where, since)


def visits_where(name: str, where: Rule, project: ProjectId, seen: Shape, since: Instant) -> Events:
    """The same, but ``sql`` selects ``at`` and ``session``: of which visits they were."""
    return _Compiler(None, project, Instant(0), seen).visits(name, where, since)


def people_by_rule(rules: Mapping[str, Rule], env: Environment, project: ProjectId, now: Instant, seen: Shape) -> "Sorted":
    """Many rules in one pass over the entries; raises what `people_where` raises."""
    return _Compiler(env, project, now, seen).sorted(rules)


def everybody(project: ProjectId, seen: Shape) -> People:
    """Everyone who has an entry, merged people once."""
    compiler = _Compiler(None, project, Instant(0), seen)
    return People(f"SELECT person FROM ({compiler.everybody()})", compiler.parameters)


def elements_of(seen: Shape, event: str, path: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """SQL of a field's elements on a row of ``entries``, as (kind, number, text), and its parameters."""
    (elements,), parameters = elements_of_each(seen, event, [path])
    return elements, parameters


def elements_of_each(seen: Shape, event: str, paths: Sequence[tuple[str, ...]]) -> tuple[list[str], dict[str, Any]]:
    """The same of many fields, with the parameters of all."""
    compiler = _Compiler(None, ProjectId(""), Instant(0), seen)
    elements = [compiler.elements((event,), path) for path in paths]
    return elements, {name: value for name, value in compiler.parameters.items() if name != "project"}


# Readings: what was found, as SQL, and how one operator judges it


@dataclass(frozen=True)
class _Reading:
    """``present``; and ``any_of(judge)``: SQL of whether an element that is judged so exists."""

    present: str
    any_of: Callable[["_Judge"], str]


@dataclass(frozen=True)
class _Judge:
    """SQL conditions on one element, by what it is; "" where no element of that kind can pass."""

    number: Callable[[str], str] | None = None
    text: Callable[[str], str] | None = None
    flag: Callable[[str], str] | None = None


FALSE: Final = "0"
TRUE: Final = "1"


def _either(parts: Iterable[str]) -> str:
    kept = [part for part in parts if part != FALSE]
    if TRUE in kept:
        return TRUE
    return f"({' OR '.join(kept)})" if len(kept) > 1 else kept[0] if kept else FALSE


def _both(parts: Iterable[str]) -> str:
    kept = [part for part in parts if part != TRUE]
    if FALSE in kept:
        return FALSE
    return f"({' AND '.join(kept)})" if len(kept) > 1 else kept[0] if kept else TRUE


def _number_reading(expression: str, present: str) -> _Reading:
    def any_of(judge: _Judge) -> str:
        return FALSE if judge.number is None else _both((present, judge.number(expression)))

    return _Reading(present, any_of)


def _text_reading(expression: str, present: str) -> _Reading:
    def any_of(judge: _Judge) -> str:
        return FALSE if judge.text is None else _both((present, judge.text(expression)))

    return _Reading(present, any_of)


def _flag_reading(expression: str) -> _Reading:
    return _Reading(TRUE, lambda judge: FALSE if judge.flag is None else judge.flag(expression))


def _element_judged(judge: _Judge, element: str) -> str:
    """A condition on one (kind, number, text)."""
    return _either(
        _both((f"{element}.1 = {kind}", ask(f"{element}.{place}")))
        for kind, place, ask in ((1, 2, judge.number), (2, 3, judge.text), (3, 2, judge.flag and _as_flag(judge.flag)))
        if ask is not None
    )


def _as_flag(ask: Callable[[str], str]) -> Callable[[str], str]:
    return lambda expression: ask(f"({expression} = 1)")


def _of_nullable(found: str, ask: Callable[[str], str]) -> str:
    """Whether it is there and passes."""
    asked = ask(found)
    return f"isNotNull({found})" if asked == TRUE else f"ifNull({asked}, 0)"


def _element_reading(element: str) -> _Reading:
    return _Reading(f"{element}.1 != 0", lambda judge: _element_judged(judge, element))


def _elements_reading(elements: str) -> _Reading:
    def any_of(judge: _Judge) -> str:
        judged = _element_judged(judge, "x")
        return judged if judged in (FALSE, TRUE) else f"arrayExists(x -> {judged}, {elements})"

    return _Reading(f"notEmpty({elements})", any_of)


def _literal(number: int | float) -> str:
    """The number, bit for bit."""
    if type(number) is int:
        return f"toFloat64({number})"
    return f"reinterpretAsFloat64(toUInt64({struct.unpack('<Q', struct.pack('<d', number))[0]}))"


def _micros_of(number: str) -> str:
    """Whole millionths of a Float64, as `model.values.micros` rounds."""
    return f"if({number} = trunc({number}), toInt128(toInt64({number})) * 1000000, toInt128(roundBankers({number} * 1000000)))"


@dataclass
class _Read:
    """Some rows of ``entries``, read once: which ones, their columns, and what is made of them for each person.

    ``names``: of these events; empty means all. ``place``: only the rows of a person's latest session (0) or of the
    one before (1).
    """

    names: tuple[str, ...]
    place: int | None
    numbers: Iterator[int]
    columns: dict[str, str] = field(default_factory=dict)  # row expression -> its name
    aggregates: dict[str, str] = field(default_factory=dict)  # aggregate -> its name
    wanted: list[str] = field(default_factory=list)  # a row is read when one of these holds
    since: list[int | None] = field(default_factory=list)  # of each of them: nothing earlier matters

    def want(self, condition: str, since: int | None = None) -> None:
        """Rows for which this holds are needed; none of them is earlier than ``since``."""
        self.wanted.append(condition)
        self.since.append(since)

    def column(self, expression: str) -> str:
        """The name of a row expression that the innermost query reads from the table."""
        return self.columns.setdefault(expression, f"r{len(self.columns)}")

    def base(self, *columns: str) -> None:
        for name in columns:
            self.columns[name] = name

    def aggregate(self, expression: str) -> str:
        found = self.aggregates.get(expression)
        if found is None:
            found = self.aggregates[expression] = f"a{next(self.numbers)}"
        return found

    def number(self, path: tuple[str, ...]) -> str:
        return self.column(_number(path))

    def element(self, path: tuple[str, ...]) -> str:
        """The field as one (kind, number, text); kind 0 when missing."""
        return self.column(_element(path))

    def picked(self, function: str, judged: str, given: str) -> str:
        """Whether the row that stands first (``argMinIf``) or last (``argMaxIf``) among those given passes."""
        if judged == FALSE:
            return FALSE
        self.base("order_key")
        return f"{self.aggregate(f'{function}(toUInt8({judged}), order_key, {given})')} = 1"

    def text_picked(self, function: str, text: str, given: str) -> _Reading:
        """The text (or null) of the row that stands first or last among those given."""
        present = self.picked(function, f"isNotNull({text})", given)

        def any_of(judge: _Judge) -> str:
            return FALSE if judge.text is None else self.picked(function, _of_nullable(text, judge.text), given)

        return _Reading(present, any_of)


class _Compiler:
    """Collects the reads and parameters of one question."""

    def __init__(
        self, env: Environment | None, project: ProjectId, now: Instant, seen: Shape, until: Instant | None = None
    ) -> None:
        self._env = env
        self._now = now
        self._until = until
        self._shape = seen
        self.parameters: dict[str, Any] = {"project": project}
        self._bound: dict[tuple[str, Any], str] = {}
        self._reads: dict[tuple[tuple[str, ...], int | None], _Read] = {}
        self._numbers = count()
        self._latest = False  # whether the rule asks about the sessions themselves
        self._following: list[str] = []

    @property
    def env(self) -> Environment:
        assert self._env is not None
        return self._env

    def people(self, rule: Rule) -> People:
        condition = self._rule(rule)
        return People(f"SELECT person FROM {self._joined()} WHERE {condition}", self.parameters)

    def sorted(self, rules: Mapping[str, Rule]) -> Sorted:
        conditions = [self._rule(rule) for rule in rules.values()]
        flags = "".join(f", toBool({condition}) AS c{number}" for number, condition in enumerate(conditions))
        return Sorted(f"SELECT person{flags} FROM {self._joined()}", self.parameters, tuple(rules))

    def events(self, name: str, where: Rule, since: Instant) -> Events:
        read = _Read((name,), None, self._numbers)
        read.base("at")
        read.want(self._filter(where, name, read), since)
        columns = ", ".join(["who AS logged", *(f"{text} AS {column}" for text, column in read.columns.items())])
        rows = f"SELECT {columns} FROM entries WHERE {_both((self._rows(read), *read.wanted))}"
        today, join = (WHO_TODAY, JOIN_ROOTS) if self._shape.merged else ("logged", "")
        return Events(f"SELECT at, {today} AS who FROM ({rows}) AS told {join}", self.parameters)

    def visits(self, name: str, where: Rule, since: Instant) -> Events:
        read = _Read((name,), None, self._numbers)
        read.base("at", "session")
        read.want(self._filter(where, name, read), since)
        columns = ", ".join(f"{text} AS {column}" for text, column in read.columns.items())
        rows = f"SELECT {columns} FROM entries WHERE {_both((self._rows(read), *read.wanted))}"
        return Events(f"SELECT at, session FROM ({rows}) AS told", self.parameters)

    def everybody(self) -> str:
        """SQL of ``who`` and ``person``, each person of today once."""
        people = "SELECT who AS logged, person AS name FROM people WHERE project = {project:String}"
        if self._until is not None:
            people += f" AND who IN (SELECT who FROM sessions WHERE project = {{project:String}} AND started_at <= {self._until})"
        if not self._shape.merged:
            return f"SELECT logged AS who, any(name) AS person FROM ({people}) AS told GROUP BY who"
        named = "if(alias_of.root_who = 0, name, alias_of.root)"
        return f"SELECT {WHO_TODAY} AS who, any({named}) AS person FROM ({people}) AS told {JOIN_ROOTS} GROUP BY who"

    def _joined(self) -> str:
        joined = [f"({self.everybody()}) AS everybody"]
        if self._latest:
            joined.append(f"LEFT ANY JOIN ({self._sessions()}) AS latest_of USING (who)")
        for number, read in enumerate(read for read in self._reads.values() if read.aggregates):
            joined.append(f"LEFT ANY JOIN ({self._grouped(read)}) AS read_{number} USING (who)")
        return " ".join(joined)

    def _grouped(self, read: _Read) -> str:
        if read.place is not None:
            read.base("visit")
        columns = ", ".join(["who AS logged", *(f"{text} AS {name}" for text, name in read.columns.items())])
        rows = f"SELECT {columns} FROM entries WHERE {_both((self._rows(read), _either(dict.fromkeys(read.wanted))))}"
        today, join = (WHO_TODAY, JOIN_ROOTS) if self._shape.merged else ("logged", "")
        rows = f"SELECT *, {today} AS who FROM ({rows}) AS told {join}"
        if read.place is not None:
            of_session = f"visit = visit_{read.place} AND visit_{read.place} != {NO_VISIT}"
            latest = f"({self._sessions(read.place)}) AS latest_of USING (who)"
            rows = f"SELECT * FROM ({rows}) AS placed LEFT ANY JOIN {latest} WHERE {of_session}"
        aggregates = ", ".join(f"{text} AS {name}" for text, name in read.aggregates.items())
        return f"SELECT who, {aggregates} FROM ({rows}) AS grouped GROUP BY who"

    def _rows(self, read: _Read) -> str:
        """What the index and the small columns decide, before the others are read."""
        parts = ["project = {project:String}"]
        if len(read.names) == 1:
            parts.append(f"name = {self._bind(read.names[0])}")
        elif read.names:
            parts.append(f"name IN {self._bind(list(read.names), 'Array(String)')}")
        since = [instant for instant in read.since if instant is not None]
        if len(since) == len(read.since):
            parts.append(f"at >= {min(since)}")
        if self._until is not None:
            parts.append(f"at <= {self._until}")
        if read.place is not None:  # a sieve for the join that follows
            parts.append(f"visit IN (SELECT visit_{read.place} FROM ({self._sessions(read.place)}))")
        return " AND ".join(parts)

    def _sessions(self, deepest: int = 1) -> str:
        """SQL of everybody's latest session (0), and the one before (1): ``visit_N`` (`NO_VISIT` without one), ``started_N``."""
        rows = "SELECT who AS logged, place FROM sessions WHERE project = {project:String}"
        if self._until is not None:
            rows += f" AND started_at <= {self._until}"
        today, join = (WHO_TODAY, JOIN_ROOTS) if self._shape.merged else ("logged", "")
        places = "arrayReverseSort(groupUniqArray(place))" if deepest else "[max(place)]"
        found = "".join(
            f", sipHash64(substring(latest[{number + 1}], 17)) AS visit_{number}"
            f", reinterpretAsInt64(reverse(unhex(substring(latest[{number + 1}], 1, 16)))) AS started_{number}"
            for number in range(deepest + 1)
        )
        return f"SELECT {today} AS who, {places} AS latest{found} FROM ({rows}) AS told {join} GROUP BY who"

    def _read(self, *names: str, place: int | None = None) -> _Read:
        which = (names, place)
        read = self._reads.get(which)
        if read is None:
            read = self._reads[which] = _Read(names, place, self._numbers)
        return read

    # Binding

    def _bind(self, value: Any, kind: str = "String") -> str:
        same = (kind, tuple(value) if isinstance(value, list) else value)
        name = self._bound.get(same)
        if name is None:
            name = self._bound[same] = f"p{len(self._bound)}"
            self.parameters[name] = value
        return f"{{{name}:{kind}}}"

    # The tree

    def _rule(self, rule: Rule) -> str:
        match rule:
            case All(of=of):
                return _both([self._rule(part) for part in of])
            case AnyOf(of=of):
                return _either([self._rule(part) for part in of])
            case Not(of=of):
                return self._not(self._rule(of))
            case InSegment(segment=segment):
                if segment not in self.env.segments:
                    raise UnknownName(f"segment: there is no segment {segment!r}")
                if segment in self._following:
                    raise ValueError(f"segment: {segment!r} contains itself")
                self._following.append(segment)
                inner = self._rule(self.env.segments[segment])
                self._following.pop()
                return inner
            case InList(list=name):
                if name not in self.env.lists:
                    raise UnknownName(f"list: there is no list {name!r}")
                users = sorted(self.env.lists[name])
                return f"{self._user_id()} IN {self._bind([user for user in users if user], 'Array(String)')}"
            case Compare():
                return self._compare(rule)

    def _not(self, condition: str) -> str:
        return {TRUE: FALSE, FALSE: TRUE}.get(condition) or f"NOT ({condition})"

    def _compare(self, rule: Compare) -> str:
        rule = plain_operator(rule)
        subject = rule.subject
        if isinstance(subject, Field):
            raise ValueError(f"{'.'.join(subject.path)}: a question about people cannot ask for a field of the event at hand")
        if isinstance(subject, Statistic) and is_exact(subject):
            return self._exact(subject, rule.op, rule.value)
        return self._judged(self._reading(subject), rule.op, rule.value, scale(subject) or 1)

    def _judged(self, reading: _Reading, op: Op, value: Constant, scaled: int, now: int | None = None) -> str:
        if op is Op.EXISTS:
            return reading.present
        if op is Op.MISSING:
            return self._not(reading.present)
        positive = NEGATIONS.get(op, op)
        found = reading.any_of(self._judge(positive, value, scaled, self._now if now is None else now))
        return found if positive is op else _both((reading.present, self._not(found)))

    def _judge(self, op: Op, value: Constant, scaled: int, now: int) -> _Judge:
        if isinstance(value, When | Span):
            times = f" * {scaled}" if scaled != 1 else ""
            if isinstance(value, Span):
                start, end = self.env.calendar.instant(value.start, now), self.env.calendar.instant(value.end, now)
                return _Judge(number=lambda found: f"({found}{times} >= {start} AND {found}{times} <= {end})")
            instant = self.env.calendar.instant(value, now)
            return _Judge(number=lambda found: f"{found}{times} {op.value} {instant}")
        if op is Op.IN:
            return self._judge_in(cast(tuple[Any, ...], value))
        if op is Op.BETWEEN:
            low, high = cast(tuple[float, float], value)
            return _Judge(number=lambda found: f"({found} >= {_literal(low)} AND {found} <= {_literal(high)})")
        if type(value) is bool:
            wanted = "= 1" if value else "= 0"
            return _Judge(flag=lambda found: f"({found}) {wanted}") if op is Op.EQ else _Judge()
        if isinstance(value, int | float):
            return _Judge(number=lambda found: f"{found} {op.value} {_literal(value)}")
        if isinstance(value, str):
            return self._judge_text(op, value)
        return _Judge()

    def _judge_text(self, op: Op, value: str) -> _Judge:
        if value == "" and op in (Op.CONTAINS, Op.STARTS, Op.ENDS):
            return _Judge(text=lambda found: TRUE)
        bound = self._bind(value)
        if op is Op.EQ:
            return _Judge(text=lambda found: f"{found} = {bound}")
        if op is Op.CONTAINS:
            return _Judge(text=lambda found: f"position({found}, {bound}) > 0")
        if op is Op.STARTS:
            return _Judge(text=lambda found: f"startsWith({found}, {bound})")
        if op is Op.ENDS:
            return _Judge(text=lambda found: f"endsWith({found}, {bound})")
        if op is Op.MATCHES:
            return _Judge(text=lambda found: f"match({found}, {bound})")
        return _Judge()

    def _judge_in(self, values: tuple[Any, ...]) -> _Judge:
        flags = sorted({value for value in values if type(value) is bool})
        texts = sorted({value for value in values if type(value) is str})
        numbers = sorted({value for value in values if type(value) in (int, float)})
        listed = ", ".join(_literal(number) for number in numbers)
        bound = self._bind(texts, "Array(String)") if texts else ""
        return _Judge(
            number=(lambda found: f"{found} IN ({listed})") if numbers else None,
            text=(lambda found: f"{found} IN {bound}") if texts else None,
            flag=(lambda found: f"({found}) IN ({', '.join(str(int(flag)) for flag in flags)})") if flags else None,
        )

    # Subjects

    def _reading(self, subject: Fact | Attribute | Consented | Statistic) -> _Reading:
        match subject:
            case Fact(name=name):
                fact = facts.known(name)
                if fact is None:
                    raise UnknownName(f"fact: there is no fact {name!r}")
                return self._fact(fact)
            case Attribute(path=path):
                return self._attribute(path)
            case Consented(purpose=purpose):
                return self._consent(purpose)
            case Statistic():
                return self._statistic(subject)

    def _attribute(self, path: tuple[str, ...]) -> _Reading:
        if ".".join(path) in NOT_ATTRIBUTES:
            return _Reading(FALSE, lambda judge: FALSE)
        read = self._read(*ATTRIBUTES)
        read.base("source")
        elements = read.column(self.elements(ATTRIBUTES, path))
        given = f"source != 'engine' AND notEmpty({elements})"
        read.want(given)
        latest = _elements_reading(elements)
        present = f"{read.aggregate(f'countIf({given})')} != 0"
        return _Reading(present, lambda judge: read.picked("argMaxIf", latest.any_of(judge), given))

    def _consent(self, purpose: str) -> _Reading:
        read = self._read("consent")
        read.base("at", "order_key", "source")
        state = read.column("ifNull(values.`state`.:String, '')")
        given_purpose = read.column("ifNull(values.`purpose`.:String, '')")
        given = _both(
            (
                "source != 'engine'",
                f"{given_purpose} = {self._bind(purpose)}",
                f"{state} IN ('granted', 'denied', 'withdrawn')",
            )
        )
        read.want(given)
        policy = read.column("ifNull(values.`policy`.:String, '')")
        chosen = read.aggregate(f"argMaxIf(({state}, at, {policy}), order_key, {given})")
        rules = self.env.purposes.get(purpose)
        default = self._bind("unknown" if rules is None else rules.default)
        expired = FALSE
        if rules is not None and rules.expires_days:
            expired = f"({chosen}.1 = 'granted' AND {chosen}.2 + {rules.expires_days * facts.DAY_MS} <= {self._now})"
        outdated = FALSE
        if rules is not None and rules.reask:
            outdated = f"({chosen}.1 = 'granted' AND {chosen}.3 != {self._bind(rules.policy)})"
        return _text_reading(f"multiIf({chosen}.1 = '' OR {outdated}, {default}, {expired}, 'expired', {chosen}.1)", TRUE)

    def _user_id(self) -> str:
        """Who the person is as a member: their own earliest, else that of those they absorbed."""
        read = self._read()
        read.base("position", "user_id", "name", "source")
        known = "user_id != '' AND (source != 'engine' OR name = '#merged')"
        read.want(known)
        if self._shape.merged:
            rank = "multiIf(name = '#merged', 2, logged != who, 1, 0)"
            return read.aggregate(f"argMinIf(user_id, ({rank}, position), {known})")
        return read.aggregate(f"argMinIf(user_id, position, {known})")

    # Facts

    def _fact(self, fact: facts.Fact) -> _Reading:
        match fact.root:
            case "member":
                return _flag_reading(f"{self._user_id()} != ''")
            case "logged_in":
                given = "source IN ('tag', 'import')"
                read = self._everybodys(given, "user_id")
                return _flag_reading(read.picked("argMaxIf", "user_id != ''", given))
            case "profile":
                return self._profile(fact)
            case "device":
                given = "source != 'engine' AND isNotNull(device)"
                read = self._everybodys(given, "device", fact.name)
                return read.text_picked("argMaxIf", fact.name, given)
            case "session":
                return self._session(fact)
            case "landing":
                return self._landing(fact)

    def _everybodys(self, given: str, *columns: str, place: int | None = None) -> _Read:
        """The rows of every event for which ``given`` holds."""
        read = self._read(place=place)
        read.base("source", *columns)
        read.want(given)
        return read

    def _profile(self, fact: facts.Fact) -> _Reading:
        if fact.name == "views":
            read = self._read("view")
            read.base("source")
            read.want("source != 'engine'")
            return _number_reading(read.aggregate("countIf(source != 'engine')"), TRUE)
        if fact.name == "visits":
            given = "opened_session AND source != 'engine'"
            return _number_reading(self._everybodys(given, "opened_session").aggregate(f"countIf({given})"), TRUE)
        read = self._everybodys("source != 'engine'", "at")
        function = "minIf" if fact.name == "first_seen_at" else "maxIf"
        value = read.aggregate(f"{function}(at, source != 'engine')")
        return _number_reading(value, f"{value} != 0")

    def _session(self, fact: facts.Fact) -> _Reading:
        self._latest = True
        place = _place(fact.place)
        present = f"visit_{place} NOT IN (0, {NO_VISIT})"
        given = "source != 'engine'"
        if fact.attribute == "started_at":
            return _number_reading(f"started_{place}", present)
        if fact.attribute == "page_views":
            read = self._read("view", place=place)
            read.base("source")
            read.want(given)
            return _number_reading(read.aggregate(f"countIf({given})"), present)
        read = self._everybodys(f"{given} AND visible_ms != 0", "visible_ms", place=place)
        return _number_reading(f"intDiv({read.aggregate(f'sumIf(visible_ms, {given})')}, 1000)", present)

    def _landing(self, fact: facts.Fact) -> _Reading:
        read = self._read("view", place=_place(fact.place) if fact.place in ("session", "previous_session") else None)
        read.base("source")
        given = "source != 'engine'"
        read.want(given)
        path = (fact.attribute, fact.key) if fact.key else (fact.attribute,)
        text = read.column(f"values.{column(path)}.:String")
        if fact.attribute in ("url", "host", "path"):
            text = f"ifNull({text}, '')"
        elif not fact.key:
            text = f"nullIf({text}, '')"
        return read.text_picked("argMaxIf" if fact.place == "page" else "argMinIf", text, given)

    # Statistics

    def _statistic(self, s: Statistic) -> _Reading:
        read, given = self._given(s)
        if not s.path:
            return self._of_events(s, read, given)
        if self._listed((s.event,), s.path):
            return self._of_elements(s, read, given)
        return self._of_scalars(s, read, given)

    def _given(self, s: Statistic) -> tuple[_Read, str]:
        """The rows of its event in its period, and the condition under which a row counts: its days, its filter."""
        period = s.period
        place = _place(period.kind) if period.kind in ("session", "previous_session") else None
        read = self._read(s.event, place=place)
        parts: list[str] = []
        since: int | None = None
        if place is None and period.kind != "all":
            read.base("at")
            if period.kind == "between":
                since, until = bounds(period, self.env.calendar)
                parts.append(f"at < {until}")
            elif period.kind == "days":
                since = self.env.calendar.day_start(self.env.calendar.day(self._now) - period.n + 1)
            else:
                since = (self._now // MINUTE_MS - 60 * period.n + 1) * MINUTE_MS
            parts.append(f"at >= {since}")
        if s.where is not None:
            parts.append(self._filter(s.where, s.event, read))
        given = _both(parts)
        read.want(given, since)
        return read, given

    def _of_events(self, s: Statistic, read: _Read, given: str) -> _Reading:
        """Without a field, an event is one element: ``true``."""
        count = read.aggregate(f"countIf({given})")
        match s.aggregate:
            case Aggregate.COUNT:
                return _number_reading(count, TRUE)
            case Aggregate.DISTINCT:
                return _number_reading(f"least({count}, 1)", TRUE)
            case Aggregate.FIRST_AT | Aggregate.LAST_AT:
                return self._moment(s.aggregate, read, given, f"{count} != 0")
            case Aggregate.FIRST | Aggregate.LAST:
                flag = _flag_reading(TRUE)
                return _Reading(f"{count} != 0", lambda judge: _both((f"{count} != 0", flag.any_of(judge))))
            case _:
                return _Reading(FALSE, lambda judge: FALSE)

    def _moment(self, aggregate: Aggregate, read: _Read, given: str, present: str) -> _Reading:
        read.base("at")
        return _number_reading(read.aggregate(f"{'minIf' if aggregate is Aggregate.FIRST_AT else 'maxIf'}(at, {given})"), present)

    def _of_scalars(self, s: Statistic, read: _Read, given: str) -> _Reading:
        number = read.number(s.path)
        is_there = self._field(s.path, s.event, read).present
        match s.aggregate:
            case Aggregate.COUNT:
                return _number_reading(read.aggregate(f"countIf({given} AND {is_there})"), TRUE)
            case Aggregate.DISTINCT:
                different = read.aggregate(f"uniqExactIf({read.element(s.path)}, {given} AND {is_there})")
                return _number_reading(f"least({different}, {DISTINCT_LIMIT})", TRUE)
            case Aggregate.MIN | Aggregate.MAX:
                some = read.aggregate(f"countIf({given} AND isNotNull({number}))")
                value = read.aggregate(f"{s.aggregate.value}If(ifNull({number}, 0), {given} AND isNotNull({number}))")
                return _number_reading(value, f"{some} != 0")
            case Aggregate.FIRST | Aggregate.LAST:
                function = "argMinIf" if s.aggregate is Aggregate.FIRST else "argMaxIf"
                of_row = self._field(s.path, s.event, read)
                given = f"{given} AND {of_row.present}"
                present = f"{read.aggregate(f'countIf({given})')} != 0"
                return _Reading(present, lambda judge: read.picked(function, of_row.any_of(judge), given))
            case Aggregate.PREVIOUS:
                return self._previous(read, f"[{read.element(s.path)}]", f"{given} AND {is_there}")
            case Aggregate.FIRST_AT | Aggregate.LAST_AT:
                some = read.aggregate(f"countIf({given} AND {is_there})")
                return self._moment(s.aggregate, read, f"{given} AND {is_there}", f"{some} != 0")
            case Aggregate.SUM | Aggregate.AVG:
                raise AssertionError("sums and averages are compared exactly")

    def _of_elements(self, s: Statistic, read: _Read, given: str) -> _Reading:
        elements = read.column(self.elements((s.event,), s.path))
        numbers = f"arrayMap(x -> x.2, arrayFilter(x -> x.1 = 1, {elements}))"
        match s.aggregate:
            case Aggregate.COUNT:
                return _number_reading(read.aggregate(f"sumIf(length({elements}), {given})"), TRUE)
            case Aggregate.DISTINCT:
                different = read.aggregate(f"uniqExactArrayIf({elements}, {given})")
                return _number_reading(f"least({different}, {DISTINCT_LIMIT})", TRUE)
            case Aggregate.MIN | Aggregate.MAX:
                some = read.aggregate(f"countIf({given} AND notEmpty({numbers}))")
                value = read.aggregate(f"{s.aggregate.value}ArrayIf({numbers}, {given})")
                return _number_reading(value, f"{some} != 0")
            case Aggregate.FIRST | Aggregate.LAST:
                function, end = ("argMinIf", 1) if s.aggregate is Aggregate.FIRST else ("argMaxIf", -1)
                given = f"{given} AND notEmpty({elements})"
                present = f"{read.aggregate(f'countIf({given})')} != 0"
                of_row = _element_reading(f"{elements}[{end}]")
                return _Reading(present, lambda judge: read.picked(function, of_row.any_of(judge), given))
            case Aggregate.PREVIOUS:
                return self._previous(read, elements, f"{given} AND notEmpty({elements})")
            case Aggregate.FIRST_AT | Aggregate.LAST_AT:
                some = read.aggregate(f"countIf({given} AND notEmpty({elements}))")
                return self._moment(s.aggregate, read, f"{given} AND notEmpty({elements})", f"{some} != 0")
            case Aggregate.SUM | Aggregate.AVG:
                raise AssertionError("sums and averages are compared exactly")

    def _previous(self, read: _Read, elements: str, given: str) -> _Reading:
        read.base("order_key")
        collected = f"groupArrayIf((order_key, {elements}), {given})"
        in_order = f"arrayFlatten(arrayMap(x -> x.2, arraySort(x -> x.1, {collected})))"
        values = read.aggregate(in_order)
        return _element_reading(read.aggregate(f"arrayLast(x -> x != {values}[-1], {values})"))

    def _exact(self, s: Statistic, op: Op, value: Constant) -> str:
        """A sum or an average against a constant, in whole millionths; an average by multiplying, not dividing."""
        if not s.path:
            return TRUE if op is Op.MISSING else FALSE
        read, given = self._given(s)
        if self._listed((s.event,), s.path):
            numbers = f"arrayMap(x -> x.2, arrayFilter(x -> x.1 = 1, {read.column(self.elements((s.event,), s.path))}))"
            many = read.aggregate(f"sumIf(length({numbers}), {given})")
            total = f"arrayReduce('sum', arrayMap(x -> {_micros_of('x')}, {numbers}))"
            millionths = read.aggregate(f"sumIf({total}, {given} AND notEmpty({numbers}))")
        else:
            number = read.number(s.path)
            many = read.aggregate(f"countIf({given} AND isNotNull({number}))")
            millionths = read.aggregate(f"sumIf({_micros_of(f'ifNull({number}, 0)')}, {given} AND isNotNull({number}))")
        times = f" * toInt128({many})" if s.aggregate is Aggregate.AVG else ""
        present = f"{many} != 0"
        if op is Op.EXISTS:
            return present
        if op is Op.MISSING:
            return self._not(present)

        def against(order: str, constant: Any) -> str:
            if type(constant) not in (int, float):
                return FALSE
            return f"{millionths} {order} toInt128('{micros(constant)}'){times}"

        positive = NEGATIONS.get(op, op)
        if positive is Op.BETWEEN:
            low, high = cast(tuple[Any, Any], value)
            found = _both((against(">=", low), against("<=", high)))
        elif positive is Op.IN:
            found = _either(against("=", constant) for constant in cast(tuple[Any, ...], value))
        elif positive in (Op.EQ, Op.GT, Op.GE, Op.LT, Op.LE):
            found = against(positive.value, value)
        else:
            found = FALSE
        return _both((present, found if positive is op else self._not(found)))

    # Fields of a row

    def _listed(self, names: tuple[str, ...], path: tuple[str, ...]) -> bool:
        return any(self._shape.is_listed(name, key(path)) for name in names)

    def elements(self, names: tuple[str, ...], path: tuple[str, ...]) -> str:
        """SQL of a field of these events as an array of (kind, number, text)."""
        alone = f"arrayFilter(x -> x.1 != 0, [{_element(path)}])"
        if not self._listed(names, path):
            return alone
        listed = f"lists[{self._bind(key(path))}]"
        return f"if(notEmpty({listed}), {listed}, {alone})"

    def _filter(self, rule: Rule, name: str, read: _Read) -> str:
        """A rule that sees one event, as a condition on its row."""
        match rule:
            case All(of=of):
                return _both([self._filter(part, name, read) for part in of])
            case AnyOf(of=of):
                return _either([self._filter(part, name, read) for part in of])
            case Not(of=of):
                return self._not(self._filter(of, name, read))
            case Compare(subject=Field(path=path)):
                scaled = instant_scale(path[-1]) or 1
                return self._judged(self._field(path, name, read), rule.op, rule.value, scaled, now=0)
            case _:
                raise ValueError(f"a filter sees one event; it cannot ask for {rule!r}")

    def _field(self, path: tuple[str, ...], name: str, read: _Read) -> _Reading:
        if self._listed((name,), path):
            return _elements_reading(read.column(self.elements((name,), path)))
        number = read.number(path)
        text = read.column(f"values.{column(path)}.:String")
        flag = read.column(f"values.{column(path)}.:Bool")

        def any_of(judge: _Judge) -> str:
            return _either(
                _of_nullable(found, ask)
                for found, ask in ((number, judge.number), (text, judge.text), (flag, judge.flag))
                if ask is not None
            )

        return _Reading(f"(isNotNull({number}) OR isNotNull({text}) OR isNotNull({flag}))", any_of)


def _number(path: tuple[str, ...]) -> str:
    """SQL of a field's number, or null."""
    return f"coalesce(values.{column(path)}.:Float64, toFloat64(values.{column(path)}.:Int64))"


def _element(path: tuple[str, ...]) -> str:
    """SQL of a field as one (kind, number, text)."""
    number, text, flag = _number(path), f"values.{column(path)}.:String", f"values.{column(path)}.:Bool"
    return (
        f"multiIf(isNotNull({number}), (toUInt8(1), ifNull({number}, 0), ''), "
        f"isNotNull({text}), (toUInt8(2), toFloat64(0), ifNull({text}, '')), "
        f"isNotNull({flag}), (toUInt8(3), toFloat64(ifNull({flag}, false)), ''), {NOTHING})"
    )


def _place(period: str) -> int:
    """How many sessions back: 0 for ``session``, 1 for ``previous_session``."""
    return 1 if period == "previous_session" else 0
