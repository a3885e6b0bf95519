"""A rule as one Python expression, so that many rules can stand in one generated function.

Only a parsed tree becomes source: names and constants enter by ``repr``, everything else (patterns, sets,
calendars, slow readings) through the namespace. The expression reads these locals, which its function must have:

- ``p`` the profile, ``a = p.accumulators``, ``v`` the event's values (a dict, never None), ``now``;
- what ``Emitter.preamble()`` declares, on demand: ``sessions current previous current_id previous_id device today
  minute``, day starts ``day_start_N``, and ``known_N``, what several rules read and only the first one computes;
- it assigns ``x c r t`` freely, so nobody else may keep anything there.
"""

import linecache
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from omotenashi.engine import statistics
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
from omotenashi.model.values import Values, elements, micros

from . import evaluate, facts
from .comparison import compiled_pattern, instant_scale, judge
from .environment import Environment

_LARGEST_INLINE: Final = 1_500  # characters; a longer segment gets a function of its own
_ORDERS: Final = {Op.GT: ">", Op.GE: ">=", Op.LT: "<", Op.LE: "<="}
_TEXT_CALLS: Final = {Op.STARTS: "startswith", Op.ENDS: "endswith"}
_PLAIN_PATTERN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/:=&%#@!~, ")


@dataclass(frozen=True)
class Reading:
    """How a subject is read. ``guard``: an expression that is true when it is present ("" = always); after it has run,
    ``value`` is the value. ``kind`` says what it can be; ``unit`` is what the constants are written in."""

    guard: str
    value: str
    kind: str  # "number" "text" "boolean" "any"
    unit: str = ""  # "" as they are, "micros", or the name of the count that millionths are multiplied by


class Emitter:
    """Turns rules into expressions and collects, in ``namespace``, what they refer to.

    Rules of one function share one emitter. Raises `evaluate.UnknownName` as the closures do.
    """

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.namespace: dict[str, Any] = {"day_of": env.calendar.day, "day_start": env.calendar.day_start}
        self._locals: dict[str, str] = {}
        self._names: dict[tuple[str, Any], str] = {}
        self._segments: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def expression(self, rule: Rule) -> str:
        """An expression whose truth is the rule's. It is enclosed so that ``and``, ``or``, ``not`` may stand around it."""
        if isinstance(rule, All):
            parts = sorted((self.expression(part) for part in rule.of), key=_cost)
            return "True" if not parts else parts[0] if len(parts) == 1 else f"({' and '.join(parts)})"
        if isinstance(rule, AnyOf):
            parts = sorted((self.expression(part) for part in rule.of), key=_cost)
            return "False" if not parts else parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"
        if isinstance(rule, Not):
            return f"(not {self.expression(rule.of)})"
        if isinstance(rule, InSegment):
            return self._segment(rule.segment)
        if isinstance(rule, InList):
            if rule.list not in self.env.lists:
                raise evaluate.UnknownName(f"list: there is no list {rule.list!r}")
            return f"(p.user_id in {self.constant('users', self.env.lists[rule.list])})"
        return self._compare(evaluate.plain_operator(rule))

    def preamble(self) -> list[str]:
        """The lines that declare the locals which the expressions made so far need, in order."""
        not_yet = [" = ".join((*self._known.values(), "None"))] if self._known else []
        return [*self._locals.values(), *not_yet]

    def constant(self, prefix: str, value: Any) -> str:
        """The name under which the namespace holds this value; equal hashable values share one."""
        key: tuple[str, Any]
        try:
            key = (prefix, (value.__class__, hash(value), value))
        except TypeError:
            key = (prefix, id(value))
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"{prefix}_{len(self._names)}"
            self.namespace[name] = value
        return name

    def value_at(self, path: tuple[str, ...]) -> str:
        """An expression for what stands at a path of ``v``: a scalar, None, or the list or object to be walked slowly."""
        value = f"v.get({path[0]!r})"
        for name in path[1:]:
            value = f"(x.get({name!r}) if (c := (x := {value}).__class__) is dict else x if c is list else None)"
        return value

    def _once(self, expression: str) -> str:
        """The expression, whose value is never None, so that a second rule with it finds the value instead of looking again."""
        name = self._known.get(expression)
        if name is None:
            name = self._known[expression] = f"known_{len(self._known)}"
        return f"({name} if {name} is not None else ({name} := {expression}))"

    def _declare(self, name: str) -> str:
        if name not in self._locals:
            line = _LOCALS[name]
            for needed in _NEEDS.get(name, ()):
                self._declare(needed)
            self._locals[name] = line
        return name

    def _segment(self, name: Any) -> str:
        known = self._segments.get(name)
        if known is not None:
            return known
        if name not in self.env.segments:
            raise evaluate.UnknownName(f"segment: there is no segment {name!r}")
        emitted = self.expression(self.env.segments[name])
        if len(emitted) > _LARGEST_INLINE:
            inside = predicate(self.env.segments[name], self.env, f"segment {name}")
            emitted = f"{self.constant('segment', inside)}(p, v, now)"
        self._segments[name] = known = emitted if emitted in ("True", "False") else self._once(f"bool({emitted})")
        return known

    def _compare(self, rule: Compare) -> str:
        subject = rule.subject
        if isinstance(subject, Field):
            return self._field(rule, subject)
        if isinstance(subject, Attribute):
            return self._attribute(rule, subject)
        if isinstance(subject, Statistic):
            reading = self._statistic(subject)
            if reading is None:
                return self._slow_statistic(rule, subject)
        elif isinstance(subject, Consented):
            state = self.constant("consent", _consent_reader(subject.purpose, self.env))
            reading = Reading("", f"{state}(p, now)", "text")
        else:
            reading = self._fact(subject)
        if rule.op is Op.EXISTS:
            return f"({reading.guard})" if reading.guard else "True"
        if rule.op is Op.MISSING:
            return f"(not ({reading.guard}))" if reading.guard else "False"
        tested = self._tested(reading, rule, evaluate.scale(subject) or 1)
        return f"({reading.guard} and {tested})" if reading.guard else f"({tested})"

    def _field(self, rule: Compare, subject: Field) -> str:
        value = self.value_at(subject.path)
        path = subject.path
        scale = instant_scale(path[-1]) or 1
        judged = judge(rule.op, rule.value, self.env.calendar, scale)
        if _is_relative(rule.value):
            walk = f"{self.constant('nested', lambda v, now: judged(elements(v, path), now))}(v, now)"
        else:
            walk = f"{self.constant('nested', lambda v: judged(elements(v, path), 0))}(v)"
        is_nested = "(c := x.__class__) is list or c is dict"
        if rule.op is Op.EXISTS:
            return f"((x := {value}) is not None and ({walk} if {is_nested} else True))"
        if rule.op is Op.MISSING:
            return f"((x := {value}) is None or ({walk} if {is_nested} else False))"
        tested = self._tested(Reading("", "x", "any"), rule, scale)
        return f"((x := {value}) is not None and ({walk} if {is_nested} else ({tested})))"

    def _attribute(self, rule: Compare, subject: Attribute) -> str:
        name = ".".join(subject.path)
        present = f"(r := p.attributes.get({name!r})) is not None and r.value"
        if rule.op is Op.EXISTS:
            return f"({present})"
        if rule.op is Op.MISSING:
            return f"(not ({present}))"
        if rule.op is Op.EQ and isinstance(rule.value, str):
            return f"({present} and {rule.value!r} in r.value)"
        scale = instant_scale(name) or 1
        judged = self.constant("judged", judge(rule.op, rule.value, self.env.calendar, scale))
        tested = self._tested(Reading("", "x", "any"), rule, scale)
        only = "len(r.value) == 1 and (x := r.value[0]) is not None"  # the usual case, without a call
        return f"({present} and (({tested}) if {only} else {judged}(r.value, now)))"

    def _fact(self, subject: Fact) -> Reading:
        fact = facts.known(subject.name)
        if fact is None:
            raise evaluate.UnknownName(f"fact: there is no fact {subject.name!r}")
        if fact.root == "member":
            return Reading("", "(p.user_id is not None)", "boolean")
        if fact.root == "logged_in":
            return Reading("", "(p.logged_in is not None and p.logged_in.value is True)", "boolean")
        if fact.root == "profile":
            return Reading("" if fact.kind == "number" else f"p.{fact.attribute}", f"p.{fact.attribute}", "number")
        if fact.root == "device":
            device = self._declare("device")
            return Reading(f"{device} is not None and (x := {device}[{fact.index}]) is not None", "x", "text")
        if fact.root == "session":
            session = self._declare("current" if fact.place == "session" else "previous")
            value = f"{session}.{fact.attribute}"
            return Reading(f"{session} is not None", f"{value} // 1000" if fact.attribute == "visible_ms" else value, "number")
        return self._landing(fact)

    def _landing(self, fact: facts.Fact) -> Reading:
        if fact.place == "first":
            guard = "(r := p.first_landing) is not None"
        elif fact.place == "page":
            guard = "(r := p.page) is not None"
        else:
            session = self._declare("current" if fact.place == "session" else "previous")
            guard = f"{session} is not None and (r := {session}.landing) is not None"
        value = f"r.{fact.attribute}.get({fact.key!r})" if fact.key else f"r.{fact.attribute}"
        return Reading(f"{guard} and (x := {value}) is not None", "x", "text")

    def _statistic(self, statistic: Statistic) -> Reading | None:
        """The inline reading of a statistic, None for the few that are read by a call."""
        aggregate, period = statistic.aggregate, statistic.period
        get = f"a.get({str(statistic.id)!r})"
        if period.kind in ("days", "hours"):
            if aggregate not in (Aggregate.COUNT, Aggregate.SUM, Aggregate.DISTINCT):
                return None
            self.namespace |= {"total": total, "different": different}
            floor = (
                f"{self._declare('today')} - {period.n}"
                if period.kind == "days"
                else f"{self._declare('minute')} - {period.n * 60}"
            )
            if aggregate is Aggregate.COUNT:
                return Reading("", self._once(f"0 if (t := {get}) is None else total(t, {floor}) or 0"), "number")
            if aggregate is Aggregate.DISTINCT:
                return Reading("", self._once(f"0 if (t := {get}) is None else different(t, {floor})"), "number")
            found = self._once(f"False if (t := {get}) is None or (t := total(t, {floor})) is None else t")
            return Reading(f"(x := {found}) is not False", "x", "number", "micros")
        if period.kind in ("session", "previous_session"):
            session = self._declare("current_id" if period.kind == "session" else "previous_id")
            kept = f"(t := {get}) is not None and (t := t.get({session})) is not None"
            inner = "t[1]"
        else:
            kept, inner = "", get
        if aggregate is Aggregate.COUNT:
            return Reading("", f"(t[1] if {kept} else 0)" if kept else f"a.get({str(statistic.id)!r}, 0)", "number")
        if aggregate is Aggregate.DISTINCT:
            return Reading("", f"(len({inner}) if {kept} else 0)" if kept else f"len(a.get({str(statistic.id)!r}, ()))", "number")
        guard = f"{kept} and (r := {inner}) is not None" if kept else f"(r := {inner}) is not None"
        if aggregate is Aggregate.SUM:
            return Reading(guard, "r", "number", "micros")
        if aggregate is Aggregate.AVG:
            return Reading(guard, "r[0]", "number", "r[1]")
        if aggregate in (Aggregate.FIRST, Aggregate.LAST):
            return Reading(f"{guard} and (x := r[1]) is not None", "x", "any")
        if aggregate is Aggregate.PREVIOUS:
            return Reading(f"{guard} and (r := r[1]) is not None and (x := r[1]) is not None", "x", "any")
        return Reading(guard, "r", "number")

    def _slow_statistic(self, rule: Compare, statistic: Statistic) -> str:
        call = f"{self.constant('statistic', evaluate.closure(rule, self.env))}(p, v, now)"
        if rule.op is Op.MISSING or statistic.aggregate in statistics.ALWAYS_PRESENT:
            return call
        return f"({str(statistic.id)!r} in a and {call})"

    def _tested(self, reading: Reading, rule: Compare, scale: int) -> str:
        """A rule's operator, negated or not, on a value that is present."""
        positive = NEGATIONS.get(rule.op, rule.op)
        tested = self._test(reading, positive, rule.value, scale)
        return tested if positive is rule.op else f"not ({tested})"

    def _test(self, reading: Reading, op: Op, value: Constant, scale: int) -> str:
        """A positive operator on a value that is present."""
        found = reading.value
        if isinstance(value, When | Span):
            return self._dated_test(reading, op, value, scale)
        if op in _ORDERS:
            return self._numeric(reading, f"{found} {_ORDERS[op]} {_number(value, reading)}")
        if op is Op.BETWEEN:
            low, high = value  # type: ignore[misc]
            return self._numeric(reading, f"{_number(low, reading)} <= {found} <= {_number(high, reading)}")
        if op is Op.EQ:
            return self._equal(reading, value)
        if op is Op.IN:
            return self._in(reading, value)  # type: ignore[arg-type]
        return self._textual(reading, op, str(value))

    def _dated_test(self, reading: Reading, op: Op, value: When | Span, scale: int) -> str:
        found = reading.value if scale == 1 else f"{reading.value} * {scale}"
        if isinstance(value, Span):
            return self._numeric(reading, f"{self._instant(value.start)} <= {found} <= {self._instant(value.end)}")
        order = "==" if op is Op.EQ else _ORDERS[op]
        return self._numeric(reading, f"{found} {order} {self._instant(value)}")

    def _instant(self, when: When) -> str:
        if when.at is not None:
            return repr(when.at)
        if when.ago_ms is not None:
            return f"(now - {when.ago_ms})"
        days = (when.days or 0) + (1 if when.last else 0)
        name = f"day_start_{'m' if days < 0 else ''}{abs(days)}"
        if name not in self._locals:
            self._declare("today")
            self._locals[name] = f"{name} = day_start(today + {days})"
        return f"({name} - 1)" if when.last else name

    def _numeric(self, reading: Reading, comparison: str) -> str:
        if reading.kind == "number":
            return comparison
        if reading.kind != "any":
            return "False"
        return f"((c := {reading.value}.__class__) is int or c is float) and {comparison}"

    def _equal(self, reading: Reading, value: Constant) -> str:
        found = reading.value
        if isinstance(value, bool):
            if reading.kind == "boolean":
                return found if value else f"not {found}"
            return f"{found} is {value!r}" if reading.kind == "any" else "False"
        if isinstance(value, str):
            return f"{found} == {value!r}" if reading.kind in ("text", "any") else "False"
        if reading.kind == "number":
            return f"{found} == {_number(value, reading)}"
        if reading.kind != "any":
            return "False"
        coerced = {0: f" and {found} is not False", 1: f" and {found} is not True"}.get(value, "")  # type: ignore[arg-type]
        return f"{found} == {value!r}{coerced}"

    def _in(self, reading: Reading, choices: tuple[Any, ...]) -> str:
        found = reading.value
        if reading.unit not in ("", "micros") or len(choices) < 2:
            return _either([self._equal(reading, choice) for choice in choices])
        if reading.unit == "micros":
            choices = tuple(
                micros(choice) for choice in choices if isinstance(choice, int | float) and choice.__class__ is not bool
            )
        flags = [choice for choice in choices if isinstance(choice, bool)]
        others = frozenset(choice for choice in choices if not isinstance(choice, bool))
        contained = f"{found} in {self.constant('choices', others)}"
        if reading.kind == "boolean":
            return _either([self._equal(reading, flag) for flag in flags])
        if not flags and 0 not in others and 1 not in others:
            return contained
        if reading.kind != "any":
            return contained
        of_flags = _either([f"{found} is {flag!r}" for flag in flags])
        return f"({of_flags} if {found}.__class__ is bool else {contained})"

    def _textual(self, reading: Reading, op: Op, text: str) -> str:
        if reading.kind not in ("text", "any"):
            return "False"
        found = reading.value
        is_text = f"{found}.__class__ is str and " if reading.kind == "any" else ""
        if op is Op.MATCHES and text and _PLAIN_PATTERN.issuperset(text):
            op = Op.CONTAINS
        if op is Op.CONTAINS:
            return f"{is_text}{text!r} in {found}"
        if op is Op.MATCHES:
            return f"{is_text}{self.constant('search', _search(text))}({found}) is not None"
        return f"{is_text}{found}.{_TEXT_CALLS[op]}({text!r})"


def function(name: str, source: str, namespace: dict[str, Any]) -> Callable[..., Any]:
    """The function ``name`` that ``source`` defines. Its lines can be read in tracebacks."""
    filename = f"<rules: {name} {abs(hash(source)):x}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    scope = dict(namespace)
    exec(compile(source, filename, "exec"), scope)
    made: Callable[..., Any] = scope[name]
    return made


def predicate(rule: Rule, env: Environment, title: str = "rule") -> Callable[[Profile, Values | None, int], bool]:
    """One rule as one generated function with the signature of `evaluate.closure`."""
    emitter = Emitter(env)
    expression = emitter.expression(rule)
    lines = [
        "def holds(p, v, now):",
        f"    {title!r}",
        "    a = p.accumulators",
        "    v = v or {}",
        *(f"    {line}" for line in emitter.preamble()),
        f"    return bool({expression})",
        "",
    ]
    return function("holds", "\n".join(lines), emitter.namespace)


def _cost(expression: str) -> tuple[int, int, int]:
    """Sorts the parts of a conjunction: what is answered by one look first, sums over buckets and patterns last."""
    calls = sum(expression.count(name) for name in ("total(", "different(", "search_", "segment_"))
    return (calls, expression.count("("), len(expression))


def total(buckets: dict[int, int], floor: int) -> int | None:
    """The sum of the buckets after ``floor``, None when there are none."""
    if buckets and min(buckets) > floor:  # the usual case, and three times as fast as looking at each
        return sum(buckets.values())
    found: int | None = None
    for bucket, count in buckets.items():
        if bucket > floor:
            found = count if found is None else found + count
    return found


def different(buckets: dict[int, dict[int, int]], floor: int) -> int:
    """How many values the buckets after ``floor`` hold between them, as far as they are told apart."""
    found: dict[int, int] | None = None
    for bucket, hashes in buckets.items():
        if bucket > floor:
            found = hashes if found is None else {**found, **hashes}
    return 0 if found is None else min(len(found), DISTINCT_LIMIT)


_LOCALS: Final = {
    "sessions": "sessions = p.sessions",
    "current": "current = sessions[0] if sessions else None",
    "previous": "previous = sessions[1] if len(sessions) > 1 else None",
    "current_id": "current_id = current.id if current is not None else None",
    "previous_id": "previous_id = previous.id if previous is not None else None",
    "device": "device = p.device.value if p.device is not None else None",
    "today": "today = day_of(now)",
    "minute": "minute = now // 60000",
}
_NEEDS: Final = {
    "current": ("sessions",),
    "previous": ("sessions",),
    "current_id": ("current",),
    "previous_id": ("previous",),
}


def _number(value: Any, reading: Reading) -> str:
    if reading.unit == "":
        return repr(value)
    if reading.unit == "micros":
        return repr(micros(value))
    return f"{micros(value)!r} * {reading.unit}"


def _either(parts: list[str]) -> str:
    return f"({' or '.join(f'({part})' for part in parts)})" if parts else "False"


def _is_relative(value: Constant) -> bool:
    if isinstance(value, Span):
        return value.start.at is None or value.end.at is None
    return isinstance(value, When) and value.at is None


def _search(pattern: str) -> Callable[[str], object]:
    search: Callable[[str], object] = compiled_pattern(pattern).search
    return search


def _consent_reader(purpose: str, env: Environment) -> Callable[[Profile, int], str]:
    purposes = env.purposes
    return lambda p, now: facts.consent_state(p, purpose, now, purposes)
