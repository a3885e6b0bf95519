"""The fast form of ``statistics.add``: one generated function for each event name.

Statistics of one name are grouped by filter and by field, so that each filter, field, day, minute and order key
is worked out once an event. A field that holds a list or an object is left to the reference.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final

from omotenashi.model.entries import Event
from omotenashi.model.rules import Aggregate, Rule, Statistic
from omotenashi.model.values import MICRO

from .calendar import Calendar
from .rules.environment import Environment
from .rules.generate import Emitter, function
from .statistics import add, bounds, hashed, in_window, latest_sessions, smallest

Folder = Callable[[dict[str, Any], Event], None]
"""Adds one event to a person's accumulators, in place."""

_NUMERIC: Final = (Aggregate.SUM, Aggregate.AVG, Aggregate.MIN, Aggregate.MAX)
_REGISTERS: Final = (Aggregate.FIRST, Aggregate.LAST, Aggregate.PREVIOUS)
_OF_TIME: Final = (Aggregate.FIRST_AT, Aggregate.LAST_AT)


def folders(statistics: Iterable[Statistic], calendar: Calendar) -> dict[str, Folder]:
    """For each event name that any statistic listens to, the function that updates all of them."""
    by_event: dict[str, list[Statistic]] = defaultdict(list)
    for statistic in sorted({statistic.id: statistic for statistic in statistics}.values(), key=lambda each: each.id):
        by_event[statistic.event].append(statistic)
    return {event: _folder(event, of_event, calendar) for event, of_event in by_event.items()}


def _folder(event: str, statistics: list[Statistic], calendar: Calendar) -> Folder:
    writer = _Writer(calendar)
    by_filter: dict[str, list[Statistic]] = defaultdict(list)
    for statistic in statistics:
        by_filter[repr(statistic.where)].append(statistic)  # rules about 1 and about true are equal to Python, and differ
    for filtered in by_filter.values():
        writer.filtered(filtered[0].where, filtered)
    made: Folder = function("fold", writer.source(event), writer.emitter.namespace)
    return made


class _Writer:
    """Writes the body of one folder, line by line."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.emitter = Emitter(Environment(calendar))
        self.emitter.namespace |= {
            "elsewhere": _elsewhere,
            "in_window": in_window,
            "latest_sessions": latest_sessions,
            "smallest": smallest,
            "hashed": hashed,
        }
        self.lines: list[str] = []
        self.uses: set[str] = set()

    def source(self, event: str) -> str:
        head = ["def fold(a, e):", f"    {'Folds ' + event + ' into a, the accumulators.'!r}", "    v = e.values"]
        if self.uses & {"at", "day", "minute", "key"}:
            head.append("    at = e.at")
        if "day" in self.uses:
            head.append("    day = day_of(at)")
        if "minute" in self.uses:
            head.append("    minute = at // 60000")
        if "session" in self.uses:
            head.append("    session = e.session")
        if "key" in self.uses:
            head.append("    key = [at, e.received_at, e.index, e.id, 0]")
        head += [f"    {line}" for line in self.emitter.preamble()]
        return "\n".join([*head, *self.lines, ""])

    def filtered(self, where: Rule | None, statistics: list[Statistic]) -> None:
        depth = 1
        if where is not None:
            self.write(depth, f"if {self.emitter.expression(where)}:")
            depth += 1
        by_path: dict[tuple[str, ...], list[Statistic]] = defaultdict(list)
        for statistic in statistics:
            by_path[statistic.path].append(statistic)
        for path, of_path in by_path.items():
            if path:
                self.of_field(depth, path, of_path)
            else:
                for statistic in of_path:
                    self.collect(depth, statistic)

    def of_field(self, depth: int, path: tuple[str, ...], statistics: list[Statistic]) -> None:
        self.write(depth, f"y = {self.emitter.value_at(path)}")
        self.write(depth, "if y is not None:")
        self.write(depth + 1, "k = y.__class__")
        self.write(depth + 1, "if k is list or k is dict:")
        slow = self.emitter.constant("slow", (tuple(statistics), self.calendar))
        self.write(depth + 2, f"elsewhere(a, e, {slow})")
        self.write(depth + 1, "else:")
        for statistic in statistics:
            if statistic.aggregate not in _NUMERIC:
                self.collect(depth + 2, statistic)
        numeric = [statistic for statistic in statistics if statistic.aggregate in _NUMERIC]
        if numeric:
            self.write(depth + 2, "if k is int or k is float:")
            if any(statistic.aggregate in (Aggregate.SUM, Aggregate.AVG) for statistic in numeric):
                self.write(depth + 3, f"m = y * {MICRO} if k is int else round(y * {MICRO})")
            for statistic in numeric:
                self.collect(depth + 3, statistic)

    def collect(self, depth: int, statistic: Statistic) -> None:
        """The lines that add the element ``y`` (micros ``m``) to one statistic, whatever its period."""
        if not statistic.path and statistic.aggregate not in (Aggregate.COUNT, *_OF_TIME):
            self.collect_the_event_itself(depth, statistic)
            return
        period, name = statistic.period, repr(str(statistic.id))
        if period.kind == "all":
            self.into(depth, statistic, "a", name)
        elif period.kind == "between":
            start, end = bounds(period, self.calendar)
            self.uses.add("at")
            self.write(depth, f"if {start} <= at < {end}:")
            self.into(depth + 1, statistic, "a", name)
        elif period.kind in ("session", "previous_session"):
            self.uses.add("session")
            self.write(depth, f"if (b := a.get({name})) is None:")
            self.write(depth + 1, f"a[{name}] = {{session: [e.session_started_at, {self.fresh(statistic.aggregate)}]}}")
            self.write(depth, "elif (s := b.get(session)) is None:")
            self.write(depth + 1, f"b[session] = [e.session_started_at, {self.fresh(statistic.aggregate)}]")
            self.write(depth + 1, "if len(b) > 2:")
            self.write(depth + 2, f"a[{name}] = latest_sessions(b)")
            self.write(depth, "else:")
            self.write(depth + 1, "if e.session_started_at < s[0]:")
            self.write(depth + 2, "s[0] = e.session_started_at")
            self.into(depth + 1, statistic, "s", "1", present=True)
        else:
            bucket, width = ("minute", period.n * 60) if period.kind == "hours" else ("day", period.n)
            self.uses.add(bucket)
            self.write(depth, f"if (b := a.get({name})) is None:")
            self.write(depth + 1, f"a[{name}] = {{{bucket}: {self.fresh(statistic.aggregate)}}}")
            self.write(depth, f"elif {bucket} in b:")
            self.into(depth + 1, statistic, "b", bucket, present=True)
            self.write(depth, "else:")
            self.write(depth + 1, f"b[{bucket}] = {self.fresh(statistic.aggregate)}")
            self.write(depth + 1, f"a[{name}] = in_window(b, {width})")

    def collect_the_event_itself(self, depth: int, statistic: Statistic) -> None:
        """``last`` of an event without a field is ``true``, with its time; rare enough for the reference."""
        slow = self.emitter.constant("slow", ((statistic,), self.calendar))
        self.write(depth, f"elsewhere(a, e, {slow})")

    def into(self, depth: int, statistic: Statistic, holder: str, key: str, present: bool = False) -> None:
        """The lines that update ``holder[key]``; when it may be absent, also those that begin it."""
        aggregate = statistic.aggregate
        place = f"{holder}[{key}]"
        if not present:
            if aggregate is Aggregate.COUNT:
                self.write(depth, f"{place} = {holder}.get({key}, 0) + 1")
                return
            self.write(depth, f"if (r := {holder}.get({key})) is None:")
            self.write(depth + 1, f"{place} = {self.fresh(aggregate)}")
            self.write(depth, "else:")
            depth += 1
        elif aggregate is not Aggregate.COUNT:
            self.write(depth, f"r = {place}")
        for line in _UPDATES[aggregate]:
            self.write(depth, line.replace("PLACE", place))

    def fresh(self, aggregate: Aggregate) -> str:
        if aggregate in _REGISTERS:
            self.uses.add("key")
        if aggregate in _OF_TIME:
            self.uses.add("at")
        return _FRESH[aggregate]

    def write(self, depth: int, line: str) -> None:
        self.lines.append("    " * depth + line)


_FRESH: Final = {
    Aggregate.COUNT: "1",
    Aggregate.SUM: "m",
    Aggregate.AVG: "[m, 1]",
    Aggregate.MIN: "y",
    Aggregate.MAX: "y",
    Aggregate.FIRST: "[key, y]",
    Aggregate.LAST: "[key, y]",
    Aggregate.PREVIOUS: "[[key, y], None]",
    Aggregate.DISTINCT: "{hashed(y): 1}",
    Aggregate.FIRST_AT: "at",
    Aggregate.LAST_AT: "at",
}

_UPDATES: Final = {  # r is what stands at PLACE
    Aggregate.COUNT: ("PLACE += 1",),
    Aggregate.SUM: ("PLACE = r + m",),
    Aggregate.AVG: ("r[0] += m", "r[1] += 1"),
    Aggregate.MIN: ("if y < r:", "    PLACE = y"),
    Aggregate.MAX: ("if y > r:", "    PLACE = y"),
    Aggregate.FIRST: ("if key < r[0]:", "    PLACE = [key, y]"),
    Aggregate.LAST: ("if key > r[0]:", "    PLACE = [key, y]"),
    Aggregate.PREVIOUS: (
        "q = r[0]",
        "if key > q[0]:",
        "    if y != q[1] or (k is bool) is not (q[1].__class__ is bool):",
        "        r[1] = q",
        "    r[0] = [key, y]",
        "elif (y != q[1] or (k is bool) is not (q[1].__class__ is bool)) and (r[1] is None or key > r[1][0]):",
        "    r[1] = [key, y]",
    ),
    Aggregate.DISTINCT: (
        "if (h := hashed(y)) not in r:",
        "    r[h] = 1",
        "    if len(r) > 1000:",
        "        PLACE = smallest(r)",
    ),
    Aggregate.FIRST_AT: ("if at < r:", "    PLACE = at"),
    Aggregate.LAST_AT: ("if at > r:", "    PLACE = at"),
}


def _elsewhere(a: dict[str, Any], e: Event, slow: tuple[tuple[Statistic, ...], Calendar]) -> None:
    statistics, calendar = slow
    for statistic in statistics:
        accumulator = add(a.get(statistic.id), statistic, e, calendar)
        if accumulator is not None:
            a[statistic.id] = accumulator
