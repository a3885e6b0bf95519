"""One rule, asked of everybody in SQL, and of one profile by the closure: the same people, always.

Profiles are made by the real fold and the real merge; the warehouse is loaded by the real sink.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.property.histories import (
    EXAMPLES,
    LISTS,
    PURPOSES,
    Coverage,
    History,
    histories,
    leaves,
    person_rules,
)

from omotenashi.engine import plan as plans
from omotenashi.engine.fold import fold
from omotenashi.engine.merge import absorb
from omotenashi.engine.rules import evaluate
from omotenashi.engine.rules.environment import Environment
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Event, LogEntry, Merged
from omotenashi.model.ids import EventId, Instant, PersonId, ProjectId, SegmentId, SessionId, UserId
from omotenashi.model.profiles import Profile
from omotenashi.model.rules import Compare, Rule
from omotenashi.warehouse.compile import people_by_rule, people_where, shape
from omotenashi.warehouse.sink import Sink
from omotenashi.warehouse.store import Store, open_store

SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
PROJECTS = count(1)


class OpenRange:
    """Remembers the one range that is being loaded, as the office does."""

    def __init__(self) -> None:
        self.load: tuple[int, int, str] | None = None

    def load_begun(self, table: str, first: int, last: int, token: str) -> None:
        self.load = (first, last, token)

    def load_done(self, table: str, last: int, reader: str | None = None) -> None:
        self.load = None

    def open_load(self, table: str) -> tuple[int, int, str] | None:
        return self.load


class Warehouse:
    """A store that is loaded, example by example, each a project of its own."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.sink = Sink(store, OpenRange(), lambda project, config, name: ())
        self.position = 0

    def load(self, entries: list[LogEntry]) -> None:
        first = self.position + 1
        self.position += len(entries)
        self.sink.load(first, self.position, list(enumerate(entries, first)))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    store = open_store(tmp_path_factory.mktemp("warehouse"))
    yield Warehouse(store)
    store.close()


@pytest.fixture(scope="module")
def coverage() -> Iterator[Coverage]:
    coverage = Coverage()
    yield coverage
    print("\n" + coverage.table())


def nested(attributes: dict[str, list[Any]]) -> dict[str, Any]:
    """Attributes as an ``identify`` gives them: one scalar plain, several in a list."""
    values: dict[str, Any] = {}
    for path, found in attributes.items():
        *objects, name = path.split(".")
        place = values
        for each in objects:
            place = place.setdefault(each, {})
        place[name] = found[0] if len(found) == 1 else found
    return values


def beside(history: History, project: str, person: str, draw: Any) -> list[Event]:
    """Identities, attributes and consents of a history, as the events that give them."""
    told: list[tuple[str, dict[str, Any], int]] = []
    if history.attributes:
        told.append((draw(st.sampled_from(("identify", "attribute"))), nested(history.attributes), history.now))
        told.append(("identify", {"rank": "older", "user_id": "x"}, history.now - draw(st.sampled_from((0, 1, 1000)))))
    for purpose, (at, state) in history.consents.items():
        told.append(("consent", {"purpose": purpose, "state": state}, at))
    if history.user_id is not None and not told:
        told.append(("identify", {"user_id": history.user_id}, history.now))
    return [
        Event(
            project=ProjectId(project),
            person=PersonId(person),
            seq=0,
            now=Instant(history.now),
            config=1,
            at=Instant(at),
            received_at=Instant(history.now),
            index=number,
            id=EventId(f"{person}-told-{number}"),
            name=name,
            values=values,
            visitor=history.events[0].visitor if history.events else person,  # type: ignore[arg-type]
            user_id=None if history.user_id is None else UserId(history.user_id),
            session=SessionId(f"{person}-told"),
            session_started_at=Instant(told[0][2]),
            opened_session=number == 0,
            late=False,
            source=draw(st.sampled_from(("tag", "server", "import"))),
            device=draw(st.sampled_from((None, "phone", "desktop"))),
            os=draw(st.sampled_from((None, "iOS"))),
        )
        for number, (name, values, at) in enumerate(told)
    ]


def logged(history: History, project: str, person: str, draw: Any) -> list[Event]:
    """All of a person's entries, in an order of arrival; the engine's own events among them."""
    events = [msgspec.structs.replace(event, project=ProjectId(project)) for event in history.events]
    for event in events:
        if not event.opened_session and draw(st.integers(0, 5)) == 0:
            event.source = "engine"
    told = beside(history, project, person, draw)
    place = draw(st.integers(0, len(events)))
    events[place:place] = told
    for number, event in enumerate(events, 1):
        event.seq = number
    return events


@SETTINGS
@given(data=st.data())
def test_sql_finds_exactly_the_people_for_whom_the_closure_holds(
    warehouse: Warehouse, coverage: Coverage, data: st.DataObject
) -> None:
    zone = data.draw(st.sampled_from(("Asia/Tokyo", "America/New_York", "Europe/London", "Asia/Kathmandu")))
    people = [data.draw(histories(f"visitor-{number}", zone)) for number in range(data.draw(st.integers(1, 3)))]
    now = Instant(max(history.now for history in people))
    calendar = people[0].calendar
    first = data.draw(person_rules(now, calendar))
    more = data.draw(st.lists(person_rules(now, calendar, ("s0",)), min_size=3, max_size=8))
    rules: dict[SegmentId, Rule] = {SegmentId(f"s{number}"): rule for number, rule in enumerate((first, *more))}
    for rule in (first, *more):
        for leaf in leaves(rule):
            rules[SegmentId(f"leaf{len(rules)}")] = leaf

    project = Project(
        ProjectId(f"shop{next(PROJECTS)}"),
        "Shop",
        version=1,
        time_zone=zone,
        segments=rules,
        lists={name: tuple(members) for name, members in LISTS.items()},
        purposes=tuple(PURPOSES.values()),
    )
    plan = plans.build(project, 1)
    profiles: dict[PersonId, Profile] = {}
    entries: list[LogEntry] = []
    for number, history in enumerate(people):
        person = PersonId(f"visitor-{number}")
        events = logged(history, project.id, person, data.draw)
        if events:
            profiles[person] = Profile(person)
        for event in events:
            entries.append(event)
            fold(profiles[person], event, plan)
    while len(profiles) > 1 and data.draw(st.booleans()):
        into, absorbed = data.draw(st.permutations(sorted(profiles)))[:2]
        entry = Merged(
            project=project.id,
            person=into,
            seq=profiles[into].seq + 1,
            now=now,
            config=1,
            at=now,
            received_at=now,
            index=0,
            id=EventId(f"merge-{len(entries)}"),
            absorbed=absorbed,
            absorbed_seq=profiles[absorbed].seq,
            user_id=UserId("user-1"),
        )
        entries.append(entry)
        profiles[into] = absorb(profiles[into], profiles.pop(absorbed), entry, plan)
    warehouse.load(entries)

    env = Environment(calendar, plan.segments, LISTS, PURPOSES)
    seen = shape(warehouse.store, project.id)
    found = people_by_rule(plan.segments, env, project.id, now, seen).members(warehouse.store)
    for name, rule in plan.segments.items():
        holds = evaluate.closure(rule, env)
        expected = {person for person, profile in profiles.items() if holds(profile, None, now)}
        assert found[name] == expected, (rule, entries)
        if isinstance(rule, Compare):
            for person in profiles:
                coverage.record(rule, person in expected)
    one = data.draw(st.sampled_from(sorted(rules)))
    asked = people_where(plan.segments[one], env, project.id, now, seen)
    assert asked.members(warehouse.store) == found[one]
