"""A rule as SQL: the reading that asks it of everybody at once.

One pass over the entries of the events that the rule names: each statistic, fact, attribute and consent is
one aggregate with ``-If``, grouped by who the person is today; the rule is the ``WHERE`` over those. Whoever
has no such entry is answered as an empty profile is. Nothing of a rule's text becomes SQL: constants are bound
parameters or numbers, field names are spelled by `paths`.

Numbers are read as Float64, which holds every admitted one exactly; sums and averages as Int128 millionths;
days as instants computed by `engine.calendar`. So the answer equals the closure's, to the last person.
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from omotenashi.engine.rules import facts
from omotenashi.engine.rules.comparison import instant_scale
from omotenashi.engine.rules.environment import Environment
from omotenashi.engine.rules.evaluate import UnknownName, closure, is_exact, plain_operator, scale
from omotenashi.engine.statistics import MINUTE_MS, bounds
from omotenashi.model.ids import Instant, PersonId, ProjectId
from omotenashi.model.profiles import Profile
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
KEY: Final = "order_key"
NOTHING: Final = "(toUInt8(0), toFloat64(0), '')"
ROOTS: Final = (
    "SELECT person AS absorbed, argMax(root, position) AS root FROM aliases WHERE project = {project:String} GROUP BY person"
)


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
class Sorted:
    """Several rules asked together: ``sql`` selects ``person`` and one flag a rule, in the order of ``empty``.

    ``empty`` says for each rule whether it holds for somebody without any entry that it asks about;
    such people are not in the answer. ``universe`` selects everybody.
    """

    sql: str
    universe: str
    parameters: dict[str, Any]
    empty: dict[str, bool]

    def sizes(self, store: Store) -> dict[str, int]:
        """How many people each rule holds for."""
        if not self.empty:
            return {}
        everyone = f"(SELECT count() FROM ({self.universe}))"
        asked = ", ".join(
            f"{everyone} - countIf(NOT c{number})" if empty else f"countIf(c{number})"
            for number, empty in enumerate(self.empty.values())
        )
        (row,) = store.ask(f"SELECT {asked} FROM ({self.sql})", self.parameters)
        return {name: int(size) for name, size in zip(self.empty, row, strict=True)}

    def members(self, store: Store) -> dict[str, set[PersonId]]:
        """The people of each rule; for tests and small groups."""
        everyone = {PersonId(person) for (person,) in store.ask(self.universe, self.parameters)}
        found = {name: set(everyone) if empty else set[PersonId]() for name, empty in self.empty.items()}
        for person, *flags in store.ask(self.sql, self.parameters):
            for name, flag in zip(self.empty, flags, strict=True):
                if flag:
                    found[name].add(PersonId(person))
                else:
                    found[name].discard(PersonId(person))
        return found


def people_where(rule: Rule, env: Environment, project: ProjectId, now: Instant, seen: Shape) -> People:
    """The people for whom the rule holds at ``now``.

    Raises ``ValueError`` for a rule that asks about an event at hand, and `UnknownName` for a fact, segment
    or list that ``env`` does not have.
    """
    return _Compiler(env, project, now, seen).people(rule)


def people_by_rule(rules: Mapping[str, Rule], env: Environment, project: ProjectId, now: Instant, seen: Shape) -> "Sorted":
    """Many rules in one pass over the entries; raises what `people_where` raises."""
    return _Compiler(env, project, now, seen).sorted(rules)


def everybody(project: ProjectId, seen: Shape) -> People:
    """Everyone who has an entry, merged people once."""
    compiler = _Compiler(None, project, Instant(0), seen)
    return People(compiler.universe(), compiler.parameters)


def person_of(seen: Shape, logged: str = "logged") -> tuple[str, str]:
    """SQL of who a logged person is today, and the join that it needs; the project is the parameter ``project``."""
    if not seen.merged:
        return logged, ""
    return (
        f"if(alias_of.root = '', {logged}, alias_of.root)",
        f"LEFT ANY JOIN ({ROOTS}) AS alias_of ON {logged} = alias_of.absorbed",
    )


def elements_of(seen: Shape, event: str, path: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """SQL of a field's elements on a row of ``entries``, as (kind, number, text), and its parameters."""
    compiler = _Compiler(None, ProjectId(""), Instant(0), seen)
    elements = compiler.raw_elements((event,), path)
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
class _Names:
    """The events that are read. ``everything``: all of them. ``since``: before that instant, nothing of that name matters."""

    everything: bool = False
    since: dict[str, int | None] = field(default_factory=dict)

    def add(self, name: str, since: int | None = None) -> None:
        if name in self.since:
            known = self.since[name]
            since = None if known is None or since is None else min(known, since)
        self.since[name] = since


class _Compiler:
    """Collects the columns, aggregates and parameters of one question."""

    def __init__(self, env: Environment | None, project: ProjectId, now: Instant, seen: Shape) -> None:
        self._env = env
        self._now = now
        self._shape = seen
        self.parameters: dict[str, Any] = {"project": project}
        self._bound: dict[tuple[str, Any], str] = {}
        self._columns: dict[str, str] = {}  # row expression -> its name
        self._aggregates: dict[str, str] = {}  # aggregate -> its name
        self._names = _Names()
        self._sessions = False
        self._following: list[str] = []

    @property
    def env(self) -> Environment:
        assert self._env is not None
        return self._env

    def people(self, rule: Rule) -> People:
        condition = self._rule(rule)
        empty = closure(rule, self.env)(Profile(PersonId("")), None, self._now)
        if condition in (TRUE, FALSE) or not self._aggregates:
            sql = self.universe() if empty else "SELECT '' AS person WHERE 0"
            return People(sql, self.parameters)
        grouped = self._grouped()
        if not empty:
            return People(f"SELECT person FROM ({grouped}) WHERE {condition}", self.parameters)
        others = f"SELECT person FROM ({grouped}) WHERE NOT ({condition})"
        return People(f"SELECT person FROM ({self.universe()}) WHERE person NOT IN ({others})", self.parameters)

    def sorted(self, rules: Mapping[str, Rule]) -> Sorted:
        conditions = [self._rule(rule) for rule in rules.values()]
        empty = {name: closure(rule, self.env)(Profile(PersonId("")), None, self._now) for name, rule in rules.items()}
        flags = ", ".join(f"toBool({condition}) AS c{number}" for number, condition in enumerate(conditions))
        if self._aggregates:
            sql = f"SELECT person{', ' if flags else ''}{flags} FROM ({self._grouped()})"
        else:
            sql = f"SELECT '' AS person{', ' if flags else ''}{flags} WHERE 0"
        return Sorted(sql, self.universe(), self.parameters, empty)

    def universe(self) -> str:
        person, join = person_of(self._shape)
        inner = "SELECT person AS logged FROM people WHERE project = {project:String}"
        return f"SELECT DISTINCT {person} AS person FROM ({inner}) AS told {join}"

    def _grouped(self) -> str:
        columns = ["person AS logged", *(f"{text} AS {name}" for text, name in self._columns.items())]
        person, alias_join = person_of(self._shape)
        read = f"SELECT {', '.join(columns)} FROM entries PREWHERE {self._wanted()}"
        placed = f"SELECT *, {person} AS person FROM ({read}) AS told {alias_join}"
        if self._sessions:
            placed = f"SELECT * FROM ({placed}) AS placed LEFT ANY JOIN ({self._latest_sessions()}) AS latest_of USING (person)"
        aggregates = ", ".join(f"{text} AS {name}" for text, name in self._aggregates.items())
        return f"SELECT person, {aggregates} FROM ({placed}) GROUP BY person"

    def _wanted(self) -> str:
        project = "project = {project:String}"
        if self._names.everything:
            return project
        always = sorted(name for name, since in self._names.since.items() if since is None)
        parts = [f"name IN {self._bind(always, 'Array(String)')}"] if always else []
        for name, since in sorted(self._names.since.items()):
            if since is not None:
                parts.append(f"(name = {self._bind(name)} AND at >= {since})")
        return f"{project} AND ({' OR '.join(parts)})"

    def _latest_sessions(self) -> str:
        person, join = person_of(self._shape)
        inner = "SELECT person AS logged, session, started_at FROM sessions WHERE project = {project:String}"
        ranked = "concat(leftPad(hex(started_at), 16, '0'), session)"  # orders as (started_at, session) does
        if any("session_1" in text or "started_1" in text for text in self._aggregates):
            latest = f"arrayReverseSort(groupUniqArray(({ranked}, started_at)))"
            found = (
                f"{latest} AS latest, substring(latest[1].1, 17) AS session_0, latest[1].2 AS started_0, "
                "substring(latest[2].1, 17) AS session_1, latest[2].2 AS started_1"
            )
        else:
            found = f"substring(max({ranked}), 17) AS session_0, max(started_at) AS started_0"
        return f"SELECT person, {found} FROM (SELECT *, {person} AS person FROM ({inner}) AS told {join}) GROUP BY person"

    # Binding

    def _bind(self, value: Any, kind: str = "String") -> str:
        same = (kind, tuple(value) if isinstance(value, list) else value)
        name = self._bound.get(same)
        if name is None:
            name = self._bound[same] = f"p{len(self._bound)}"
            self.parameters[name] = value
        return f"{{{name}:{kind}}}"

    def _column(self, expression: str) -> str:
        """The name of a row expression that the innermost query reads from the table."""
        return self._columns.setdefault(expression, f"r{len(self._columns)}")

    def _base(self, *columns: str) -> None:
        for name in columns:
            self._columns[name] = name

    def _aggregate(self, expression: str) -> str:
        return self._aggregates.setdefault(expression, f"a{len(self._aggregates)}")

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
        for name in ATTRIBUTES:
            self._names.add(name)
        self._base("order_key", "name", "source")
        elements = self._elements(ATTRIBUTES, path)
        given = f"name IN ('attribute', 'identify') AND source != 'engine' AND notEmpty({elements})"
        latest = _elements_reading(elements)
        present = f"{self._aggregate(f'countIf({given})')} != 0"
        return _Reading(present, lambda judge: self._picked("argMaxIf", latest.any_of(judge), given))

    def _consent(self, purpose: str) -> _Reading:
        self._names.add("consent")
        self._base("at", "order_key", "name", "source")
        state = self._column("ifNull(values.`state`.:String, '')")
        given_purpose = self._column("values.`purpose`.:String")
        given = _both(
            (
                "name = 'consent' AND source != 'engine'",
                f"{given_purpose} = {self._bind(purpose)}",
                f"{state} IN ('granted', 'denied', 'withdrawn')",
            )
        )
        chosen = self._aggregate(f"argMaxIf(({state}, at), {KEY}, {given})")
        rules = self.env.purposes.get(purpose)
        default = self._bind("unknown" if rules is None else rules.default)
        expired = FALSE
        if rules is not None and rules.expires_days:
            expired = f"({chosen}.1 = 'granted' AND {chosen}.2 + {rules.expires_days * facts.DAY_MS} <= {self._now})"
        return _text_reading(f"multiIf({chosen}.1 = '', {default}, {expired}, 'expired', {chosen}.1)", TRUE)

    def _user_id(self) -> str:
        """Who the person is as a member: their own earliest, else that of those they absorbed."""
        self._names.everything = True
        self._base("position", "user_id", "name", "source")
        known = "user_id != '' AND (source != 'engine' OR name = '#merged')"
        if self._shape.merged:
            rank = "multiIf(name = '#merged', 2, logged != person, 1, 0)"
            return self._aggregate(f"argMinIf(user_id, ({rank}, position), {known})")
        return self._aggregate(f"argMinIf(user_id, position, {known})")

    # Facts

    def _fact(self, fact: facts.Fact) -> _Reading:
        match fact.root:
            case "member":
                return _flag_reading(f"{self._user_id()} != ''")
            case "logged_in":
                self._everybodys("order_key", "user_id")
                return _flag_reading(self._aggregate(f"argMaxIf(user_id != '', {KEY}, source != 'engine')"))
            case "profile":
                return self._profile(fact)
            case "device":
                self._everybodys("order_key", "device", fact.name)
                return self._text_picked("argMaxIf", fact.name, "source != 'engine' AND isNotNull(device)")
            case "session":
                return self._session(fact)
            case "landing":
                return self._landing(fact)

    def _everybodys(self, *columns: str) -> None:
        self._names.everything = True
        self._base("source", *columns)

    def _profile(self, fact: facts.Fact) -> _Reading:
        if fact.name == "views":
            self._names.add("view")
            self._base("name", "source")
            return _number_reading(self._aggregate("countIf(name = 'view' AND source != 'engine')"), TRUE)
        if fact.name == "visits":
            self._everybodys("opened_session")
            return _number_reading(self._aggregate("countIf(opened_session AND source != 'engine')"), TRUE)
        self._everybodys("at")
        function = "minIf" if fact.name == "first_seen_at" else "maxIf"
        value = self._aggregate(f"{function}(at, source != 'engine')")
        return _number_reading(value, f"{value} != 0")

    def _session(self, fact: facts.Fact) -> _Reading:
        self._everybodys("session", "name")
        self._sessions = True
        place = 1 if fact.place == "previous_session" else 0
        present = f"{self._aggregate(f'any(session_{place})')} != ''"
        if fact.attribute == "started_at":
            return _number_reading(self._aggregate(f"any(started_{place})"), present)
        of_session = f"session = session_{place} AND source != 'engine'"
        if fact.attribute == "page_views":
            return _number_reading(self._aggregate(f"countIf(name = 'view' AND {of_session})"), present)
        self._base("visible_ms")
        return _number_reading(f"intDiv({self._aggregate(f'sumIf(visible_ms, {of_session})')}, 1000)", present)

    def _landing(self, fact: facts.Fact) -> _Reading:
        self._names.add("view")
        self._base("order_key", "name", "source")
        path = (fact.attribute, fact.key) if fact.key else (fact.attribute,)
        text = self._column(f"values.{column(path)}.:String")
        given = "name = 'view' AND source != 'engine'"
        if fact.place in ("session", "previous_session"):
            self._sessions = True
            self._base("session")
            given += f" AND session = session_{1 if fact.place == 'previous_session' else 0}"
        function = "argMaxIf" if fact.place == "page" else "argMinIf"
        if fact.attribute in ("url", "host", "path"):
            text = f"ifNull({text}, '')"
        elif not fact.key:
            text = f"nullIf({text}, '')"
        return self._text_picked(function, text, given)

    def _text_picked(self, function: str, text: str, given: str) -> _Reading:
        """The text (or null) of the row that stands first or last among those given."""
        present = self._picked(function, f"isNotNull({text})", given)

        def any_of(judge: _Judge) -> str:
            return FALSE if judge.text is None else self._picked(function, f"ifNull({judge.text(text)}, 0)", given)

        return _Reading(present, any_of)

    def _picked(self, function: str, judged: str, given: str) -> str:
        """Whether the row that stands first (``argMinIf``) or last (``argMaxIf``) among those given passes."""
        if judged == FALSE:
            return FALSE
        return f"{self._aggregate(f'{function}(toUInt8({judged}), {KEY}, {given})')} = 1"

    # Statistics

    def _statistic(self, s: Statistic) -> _Reading:
        given = self._given(s)
        if not s.path:
            return self._of_events(s, given)
        if self._listed((s.event,), s.path):
            return self._of_elements(s, given)
        return self._of_scalars(s, given)

    def _given(self, s: Statistic) -> str:
        """The condition under which a row counts: its event, its filter, its period."""
        self._base("name")
        parts = [f"name = {self._bind(s.event)}"]
        period = s.period
        since: int | None = None
        if period.kind in ("session", "previous_session"):
            self._sessions = True
            self._base("session")
            which = f"session_{0 if period.kind == 'session' else 1}"
            parts.append(f"{which} != '' AND session = {which}")
        elif period.kind != "all":
            self._base("at")
            if period.kind == "between":
                since, until = bounds(period, self.env.calendar)
                parts.append(f"at < {until}")
            elif period.kind == "days":
                since = self.env.calendar.day_start(self.env.calendar.day(self._now) - period.n + 1)
            else:
                since = (self._now // MINUTE_MS - 60 * period.n + 1) * MINUTE_MS
            parts.append(f"at >= {since}")
        self._names.add(s.event, since)
        if s.where is not None:
            parts.append(self._filter(s.where, s.event))
        return _both(parts)

    def _of_events(self, s: Statistic, given: str) -> _Reading:
        """Without a field, an event is one element: ``true``."""
        count = self._aggregate(f"countIf({given})")
        match s.aggregate:
            case Aggregate.COUNT:
                return _number_reading(count, TRUE)
            case Aggregate.DISTINCT:
                return _number_reading(f"least({count}, 1)", TRUE)
            case Aggregate.FIRST_AT | Aggregate.LAST_AT:
                return self._moment(s.aggregate, given, f"{count} != 0")
            case Aggregate.FIRST | Aggregate.LAST:
                flag = _flag_reading(TRUE)
                return _Reading(f"{count} != 0", lambda judge: _both((f"{count} != 0", flag.any_of(judge))))
            case _:
                return _Reading(FALSE, lambda judge: FALSE)

    def _moment(self, aggregate: Aggregate, given: str, present: str) -> _Reading:
        self._base("at")
        return _number_reading(
            self._aggregate(f"{'minIf' if aggregate is Aggregate.FIRST_AT else 'maxIf'}(at, {given})"), present
        )

    def _of_scalars(self, s: Statistic, given: str) -> _Reading:
        number = self._number(s.path)
        is_there = self._field(s.path, s.event).present
        match s.aggregate:
            case Aggregate.COUNT:
                return _number_reading(self._aggregate(f"countIf({given} AND {is_there})"), TRUE)
            case Aggregate.DISTINCT:
                different = self._aggregate(f"uniqExactIf({self._element(s.path)}, {given} AND {is_there})")
                return _number_reading(f"least({different}, {DISTINCT_LIMIT})", TRUE)
            case Aggregate.MIN | Aggregate.MAX:
                some = self._aggregate(f"countIf({given} AND isNotNull({number}))")
                value = self._aggregate(f"{s.aggregate.value}If(ifNull({number}, 0), {given} AND isNotNull({number}))")
                return _number_reading(value, f"{some} != 0")
            case Aggregate.FIRST | Aggregate.LAST:
                self._base("order_key")
                function = "argMinIf" if s.aggregate is Aggregate.FIRST else "argMaxIf"
                of_row = self._field(s.path, s.event)
                given = f"{given} AND {of_row.present}"
                present = f"{self._aggregate(f'countIf({given})')} != 0"
                return _Reading(present, lambda judge: self._picked(function, of_row.any_of(judge), given))
            case Aggregate.PREVIOUS:
                return self._previous(f"[{self._element(s.path)}]", f"{given} AND {is_there}")
            case Aggregate.FIRST_AT | Aggregate.LAST_AT:
                some = self._aggregate(f"countIf({given} AND {is_there})")
                return self._moment(s.aggregate, f"{given} AND {is_there}", f"{some} != 0")
            case Aggregate.SUM | Aggregate.AVG:
                raise AssertionError("sums and averages are compared exactly")

    def _of_elements(self, s: Statistic, given: str) -> _Reading:
        elements = self._elements((s.event,), s.path)
        numbers = f"arrayMap(x -> x.2, arrayFilter(x -> x.1 = 1, {elements}))"
        match s.aggregate:
            case Aggregate.COUNT:
                return _number_reading(self._aggregate(f"sumIf(length({elements}), {given})"), TRUE)
            case Aggregate.DISTINCT:
                different = self._aggregate(f"uniqExactArrayIf({elements}, {given})")
                return _number_reading(f"least({different}, {DISTINCT_LIMIT})", TRUE)
            case Aggregate.MIN | Aggregate.MAX:
                some = self._aggregate(f"countIf({given} AND notEmpty({numbers}))")
                value = self._aggregate(f"{s.aggregate.value}ArrayIf({numbers}, {given})")
                return _number_reading(value, f"{some} != 0")
            case Aggregate.FIRST | Aggregate.LAST:
                self._base("order_key")
                function, end = ("argMinIf", 1) if s.aggregate is Aggregate.FIRST else ("argMaxIf", -1)
                given = f"{given} AND notEmpty({elements})"
                present = f"{self._aggregate(f'countIf({given})')} != 0"
                of_row = _element_reading(f"{elements}[{end}]")
                return _Reading(present, lambda judge: self._picked(function, of_row.any_of(judge), given))
            case Aggregate.PREVIOUS:
                return self._previous(elements, f"{given} AND notEmpty({elements})")
            case Aggregate.FIRST_AT | Aggregate.LAST_AT:
                some = self._aggregate(f"countIf({given} AND notEmpty({elements}))")
                return self._moment(s.aggregate, f"{given} AND notEmpty({elements})", f"{some} != 0")
            case Aggregate.SUM | Aggregate.AVG:
                raise AssertionError("sums and averages are compared exactly")

    def _previous(self, elements: str, given: str) -> _Reading:
        self._base("order_key")
        collected = f"groupArrayIf(({KEY}, {elements}), {given})"
        in_order = f"arrayFlatten(arrayMap(x -> x.2, arraySort(x -> x.1, {collected})))"
        values = self._aggregate(in_order)
        return _element_reading(self._aggregate(f"arrayLast(x -> x != {values}[-1], {values})"))

    def _exact(self, s: Statistic, op: Op, value: Constant) -> str:
        """A sum or an average against a constant, in whole millionths; an average by multiplying, not dividing."""
        given = self._given(s)
        if not s.path:
            return TRUE if op is Op.MISSING else FALSE
        if self._listed((s.event,), s.path):
            numbers = f"arrayMap(x -> x.2, arrayFilter(x -> x.1 = 1, {self._elements((s.event,), s.path)}))"
            many = self._aggregate(f"sumIf(length({numbers}), {given})")
            total = f"arrayReduce('sum', arrayMap(x -> {_micros_of('x')}, {numbers}))"
            millionths = self._aggregate(f"sumIf({total}, {given} AND notEmpty({numbers}))")
        else:
            number = self._number(s.path)
            many = self._aggregate(f"countIf({given} AND isNotNull({number}))")
            millionths = self._aggregate(f"sumIf({_micros_of(f'ifNull({number}, 0)')}, {given} AND isNotNull({number}))")
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

    def _raw_number(self, path: tuple[str, ...]) -> str:
        return f"coalesce(values.{column(path)}.:Float64, toFloat64(values.{column(path)}.:Int64))"

    def _number(self, path: tuple[str, ...]) -> str:
        return self._column(self._raw_number(path))

    def _raw_element(self, path: tuple[str, ...]) -> str:
        number, text, flag = self._raw_number(path), f"values.{column(path)}.:String", f"values.{column(path)}.:Bool"
        return (
            f"multiIf(isNotNull({number}), (toUInt8(1), ifNull({number}, 0), ''), "
            f"isNotNull({text}), (toUInt8(2), toFloat64(0), ifNull({text}, '')), "
            f"isNotNull({flag}), (toUInt8(3), toFloat64(ifNull({flag}, false)), ''), {NOTHING})"
        )

    def _element(self, path: tuple[str, ...]) -> str:
        """The field as one (kind, number, text); kind 0 when missing."""
        return self._column(self._raw_element(path))

    def _elements(self, names: tuple[str, ...], path: tuple[str, ...]) -> str:
        """The field as an array of (kind, number, text)."""
        return self._column(self.raw_elements(names, path))

    def raw_elements(self, names: tuple[str, ...], path: tuple[str, ...]) -> str:
        alone = f"arrayFilter(x -> x.1 != 0, [{self._raw_element(path)}])"
        if not self._listed(names, path):
            return alone
        listed = f"lists[{self._bind(key(path))}]"
        return f"if(notEmpty({listed}), {listed}, {alone})"

    def _filter(self, rule: Rule, name: str) -> str:
        """A rule that sees one event, as a condition on its row."""
        match rule:
            case All(of=of):
                return _both([self._filter(part, name) for part in of])
            case AnyOf(of=of):
                return _either([self._filter(part, name) for part in of])
            case Not(of=of):
                return self._not(self._filter(of, name))
            case Compare(subject=Field(path=path)):
                return self._judged(self._field(path, name), rule.op, rule.value, instant_scale(path[-1]) or 1, now=0)
            case _:
                raise ValueError(f"a filter sees one event; it cannot ask for {rule!r}")

    def _field(self, path: tuple[str, ...], name: str) -> _Reading:
        if self._listed((name,), path):
            return _elements_reading(self._elements((name,), path))
        number = self._number(path)
        text = self._column(f"values.{column(path)}.:String")
        flag = self._column(f"values.{column(path)}.:Bool")

        def any_of(judge: _Judge) -> str:
            return _either(
                f"ifNull({ask(found)}, 0)"
                for found, ask in ((number, judge.number), (text, judge.text), (flag, judge.flag))
                if ask is not None
            )

        return _Reading(f"(isNotNull({number}) OR isNotNull({text}) OR isNotNull({flag}))", any_of)
