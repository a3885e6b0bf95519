"""What must be true of a stopped installation, whatever happened to it.

Three accounts of the same past are held against each other: what the crowd was told, what the warehouse has, and who
the profiles say people are. The log itself may have been pruned; the warehouse keeps each entry's body.
"""

from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import apsw
import msgspec
from msgspec import Struct
from tests.chaos.crowd import MIDORI, Crowd

from omotenashi.engine.fold import fold
from omotenashi.engine.merge import absorb
from omotenashi.engine.plan import Plan, build
from omotenashi.engine.statistics import add
from omotenashi.ledger.sqlite.log import LogReader
from omotenashi.ledger.sqlite.office import Desk
from omotenashi.model.entries import Config, Erased, Event, LogEntry, Merged, decode
from omotenashi.model.profiles import Profile, unpack
from omotenashi.warehouse.rows import read_body
from omotenashi.warehouse.store import open_store


class Books(Struct):
    """The warehouse's tables, read in a process of its own."""

    entries: list[tuple[int, str]]
    ids: list[tuple[str, int]]
    people: list[tuple[str]]
    sessions: list[tuple[str, str]]
    aliases: list[tuple[str, str]]


def read_books(folder: Path) -> Books:
    """All that the warehouse in ``folder`` has."""
    store = open_store(folder)
    try:
        return Books(
            store.ask("SELECT position, body FROM entries ORDER BY position"),  # type: ignore[arg-type]
            store.ask("SELECT id, count() FROM entries WHERE source != 'engine' AND name != '#config' GROUP BY id"),  # type: ignore[arg-type]
            store.ask("SELECT DISTINCT person FROM people FINAL"),  # type: ignore[arg-type]
            store.ask("SELECT person, session FROM sessions FINAL"),  # type: ignore[arg-type]
            store.ask("SELECT person, root FROM aliases FINAL"),  # type: ignore[arg-type]
        )
    finally:
        store.close()


class Verdict(Struct):
    """How much was looked at."""

    entries: int
    acknowledged: int
    unanswered: int
    people: int
    merged: int
    erasures: int
    statistics: int
    versions: int
    kept_log: int


def judge(data: Path, crowd: Crowd) -> Verdict:
    """Raises ``AssertionError`` at the first thing that is not as it must be."""
    for path in (*data.glob("log/*.db"), data / "profiles.db", data / "office.db"):
        connection = apsw.Connection(str(path))
        assert connection.pragma("integrity_check") == "ok", path
        connection.close()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as aside:
        books = aside.submit(read_books, data / "warehouse").result()
    entries: list[tuple[int, LogEntry]] = [(position, read_body(body)) for position, body in books.entries]
    _each_once(books, crowd)
    kept = _as_the_log(data, entries)
    plan = _plan(data)
    people, into, events = fold_all([entry for _, entry in entries], plan)
    erasures = sum(isinstance(entry, Erased) for _, entry in entries)
    known = {entry.person for _, entry in entries if not isinstance(entry, Config | Erased)}
    assert {person for (person,) in books.people} == known
    assert dict(books.aliases) == {absorbed: _root(into, absorbed) for absorbed in into}
    opened = {(entry.person, entry.session) for _, entry in entries if isinstance(entry, Event) and entry.opened_session}
    assert set(books.sessions) == opened
    _as_the_fold(data, people, into)
    looked = _as_counted(data, people, events, plan)
    present = {event for event, _ in books.ids}
    return Verdict(
        len(entries),
        len(crowd.acknowledged),
        len((present & crowd.sent) - crowd.acknowledged),
        len(people),
        len(into),
        erasures,
        looked,
        plan.version,
        kept,
    )


def _each_once(books: Books, crowd: Crowd) -> None:
    times = dict(books.ids)
    lost = crowd.acknowledged - times.keys()
    assert not lost, f"{len(lost)} acknowledged events are not in the warehouse, such as {sorted(lost)[:5]}"
    twice = {event: count for event, count in times.items() if count > 1}
    assert not twice, f"{len(twice)} events are in the warehouse more than once, such as {sorted(twice.items())[:5]}"
    kept = crowd.erased & times.keys()
    assert not kept, f"{len(kept)} events of erased people are in the warehouse, such as {sorted(kept)[:5]}"
    positions = [position for position, _ in books.entries]
    assert len(set(positions)) == len(positions), "a position is in the warehouse twice"


def _as_the_log(data: Path, entries: list[tuple[int, LogEntry]]) -> int:
    """What the log still keeps is in the warehouse as it is, except the erased; how many entries that are."""
    reader = LogReader(data / "log")
    try:
        rows: list[tuple[int, bytes]] = []
        after = reader.first() - 1
        while got := reader.read(after, 10_000):
            rows += got
            after = got[-1][0]
    finally:
        reader.close()
    assert rows, "the log keeps nothing"
    assert [position for position, _ in rows] == list(range(rows[0][0], rows[0][0] + len(rows)))
    assert rows[-1][0] == entries[-1][0], "the warehouse has not read all of the log"
    gone = _gone(entries)
    known = dict(entries)
    for position, body in rows:
        entry = decode(body)
        if isinstance(entry, Erased) or position >= gone.get(entry.person, 0):
            assert known[position] == entry, (position, entry)
        else:
            assert position not in known, (position, entry)
    return len(rows)


def _gone(entries: list[tuple[int, LogEntry]]) -> dict[str, int]:
    return {person: position for position, entry in entries if isinstance(entry, Erased) for person in entry.people}


def _plan(data: Path) -> Plan:
    desk = Desk.open(data / "office.db")
    try:
        head = desk.head(MIDORI)
        assert desk.ready_version(MIDORI) == head
        assert all(backfill.state == "done" for backfill in desk.backfills())
        return build(msgspec.structs.replace(desk.configuration(MIDORI, head), version=head), head)
    finally:
        desk.close()


def fold_all(entries: list[LogEntry], plan: Plan) -> tuple[dict[str, Profile], dict[str, str], dict[str, list[Event]]]:
    """The plain fold: everybody's profile, who was absorbed by whom, and everybody's events."""
    people: dict[str, Profile] = {}
    into: dict[str, str] = {}
    events: dict[str, list[Event]] = {}
    for entry in entries:
        if isinstance(entry, Config):
            continue
        if isinstance(entry, Erased):
            for person in entry.people:
                people.pop(person, None)
                events.pop(person, None)
                into.pop(person, None)
            continue
        profile = people.setdefault(entry.person, _nobody_yet(entry.person, entry))
        assert entry.person not in into, f"{entry.person} was absorbed, and has an entry {entry}"
        assert entry.seq == profile.seq + 1, f"{entry.person} has entry {entry.seq} after {profile.seq}"
        if isinstance(entry, Merged):
            absorbed = people.pop(entry.absorbed, None) or _nobody_yet(entry.absorbed, entry)
            assert absorbed.seq == entry.absorbed_seq, (
                f"{entry.absorbed} was absorbed at {entry.absorbed_seq}, but has {absorbed.seq}"
            )
            people[entry.person] = absorb(profile, absorbed, entry, plan)
            events.setdefault(entry.person, []).extend(events.pop(entry.absorbed, []))
            into[entry.absorbed] = entry.person
        else:
            people[entry.person] = fold(profile, entry, plan)
            if isinstance(entry, Event):
                events.setdefault(entry.person, []).append(entry)
    return people, into, events


def _nobody_yet(person: Any, entry: LogEntry) -> Profile:
    """Who is first heard of in ``entry`` owes no base of an older version."""
    return Profile(person, based={person: entry.config})


def _root(into: dict[str, str], person: str) -> str:
    while person in into:
        person = into[person]
    return person


def _rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(str(data / "profiles.db"))
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def _as_the_fold(data: Path, people: dict[str, Profile], into: dict[str, str]) -> None:
    """Everything of a profile that follows from the log alone."""
    found = {person: unpack(body) for person, body in _rows(data, "SELECT person, body FROM profiles WHERE project = 'midori'")}
    assert found.keys() == people.keys(), (
        f"profiles without a log or the other way round: {sorted(found.keys() ^ people.keys())[:5]}"
    )
    for person, expected in people.items():
        for field in msgspec.structs.fields(Profile):
            if field.name not in ("accumulators", "based"):
                mine, theirs = getattr(found[person], field.name), getattr(expected, field.name)
                assert mine == theirs, f"{person}: {field.name} is {mine}, and the log says {theirs}"
        assert found[person].based.keys() == expected.based.keys(), person
    names = _rows(data, "SELECT kind, key, person FROM aliases WHERE project = 'midori'")
    assert {key: person for kind, key, person in names if kind == "visitor"} == {gone: _root(into, gone) for gone in into}
    members = {profile.user_id: person for person, profile in people.items() if profile.user_id is not None}
    assert {key: person for kind, key, person in names if kind == "user"} == members


def _as_counted(data: Path, people: dict[str, Profile], events: dict[str, list[Event]], plan: Plan) -> int:
    """Every statistic of everybody, counted by the reference over all their events; how many stood against each other."""
    looked: Counter[str] = Counter()
    for person, body in _rows(data, "SELECT person, body FROM profiles WHERE project = 'midori'"):
        profile = unpack(body)
        assert set(profile.based.values()) == {plan.version}, f"{person} lacks bases: {profile.based}"
        for name, statistic in plan.statistics.items():
            expected: Any = None
            for event in events.get(person, ()):
                expected = add(expected, statistic, event, plan.calendar)
            mine = profile.accumulators.get(name)
            assert _plain(mine) == _plain(expected), f"{person}: {name} ({statistic}) is {mine}, and counted it is {expected}"
            looked[name] += expected is not None
    return sum(looked.values())


def _plain(accumulator: Any) -> Any:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(accumulator), strict=False)
