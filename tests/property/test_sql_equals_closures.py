"""One rule, asked of everybody in SQL, and of one profile by the closure: the same people, always.

Profiles are made by the real fold and the real merge; the warehouse is loaded by the real sink. One test draws people
and rules at random; the other goes through every operator x type x aggregate x period, each seen true and false.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, islice
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.property.histories import (
    CALENDARS,
    EXAMPLES,
    LISTS,
    PURPOSES,
    Coverage,
    History,
    history,
    leaves,
    person_rule,
)
from tests.property.sweep import combinations, telling

from omotenashi.engine import plan as plans
from omotenashi.engine.fold import fold
from omotenashi.engine.merge import absorb
from omotenashi.engine.rules import evaluate, generate
from omotenashi.engine.rules.environment import Environment
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Event, LogEntry, Merged
from omotenashi.model.ids import EventId, Instant, PersonId, ProjectId, SegmentId, SessionId, UserId
from omotenashi.model.profiles import Profile
from omotenashi.model.rules import Compare, Rule
from omotenashi.warehouse.compile import people_by_rule, people_where, shape
from omotenashi.warehouse.sink import Sink
from omotenashi.warehouse.store import Store, open_store

BATCH = 10  # examples that are asked together, of the same people: most of the time goes into planning a question
FEW = 16
ASKED = 60  # rules of the sweep that are asked together
CROWD = 40
SETTINGS = settings(
    max_examples=-(-EXAMPLES // BATCH),
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


def beside(dice: Random, history: History, project: str, person: str) -> list[Event]:
    """Identities, attributes and consents of a history, as the events that give them."""
    told: list[tuple[str, dict[str, Any], int]] = []
    if history.attributes:
        told.append((dice.choice(("identify", "attribute")), nested(history.attributes), history.now))
        told.append(("identify", {"rank": "older", "user_id": "x"}, history.now - dice.choice((0, 1, 1000))))
    for purpose, (at, state, policy) in history.consents.items():
        given = {"purpose": purpose, "state": state, **({"policy": policy} if policy else {})}
        told.append(("consent", given, at))
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
            source=dice.choice(("tag", "server", "import")),
            device=dice.choice((None, "phone", "desktop")),
            os=dice.choice((None, "iOS")),
        )
        for number, (name, values, at) in enumerate(told)
    ]


def logged(dice: Random, history: History, project: str, person: str) -> list[Event]:
    """All of a person's entries, in an order of arrival; the engine's own events among them."""
    events = [msgspec.structs.replace(event, project=ProjectId(project)) for event in history.events]
    for event in events:
        if not event.opened_session and dice.random() < 0.15:
            event.source = "engine"
    place = dice.randint(0, len(events))
    events[place:place] = beside(dice, history, project, person)
    for number, event in enumerate(events, 1):
        event.seq = number
    return events


@dataclass
class Scene:
    """Some people of one project, as they were logged, and what is asked about them at one instant."""

    dice: Random
    zone: str
    people: list[History]
    project: ProjectId
    logs: dict[PersonId, list[Event]]

    @property
    def now(self) -> Instant:
        return Instant(max((history.now for history in self.people), default=0))

    def lived(self, rules: Mapping[SegmentId, Rule]) -> tuple[list[LogEntry], dict[PersonId, Profile], Environment]:
        """Their entries, merges among them, and their profiles when these rules were in force from the beginning."""
        project = Project(
            self.project,
            "Shop",
            version=1,
            time_zone=self.zone,
            segments=dict(rules),
            lists={name: tuple(members) for name, members in LISTS.items()},
            purposes=tuple(PURPOSES.values()),
        )
        plan = plans.build(project, 1)
        dice = Random(self.project)
        entries: list[LogEntry] = []
        profiles: dict[PersonId, Profile] = {}
        for person, events in self.logs.items():
            profiles[person] = Profile(person)
            for event in events:
                entries.append(event)
                fold(profiles[person], event, plan)
        while len(profiles) > 1 and dice.random() < 0.5:
            into, absorbed = dice.sample(sorted(profiles), 2)
            entry = Merged(
                project=self.project,
                person=into,
                seq=profiles[into].seq + 1,
                now=self.now,
                config=1,
                at=self.now,
                received_at=self.now,
                index=0,
                id=EventId(f"merge-{len(entries)}"),
                absorbed=absorbed,
                absorbed_seq=profiles[absorbed].seq,
                user_id=UserId("user-1"),
            )
            entries.append(entry)
            profiles[into] = absorb(profiles[into], profiles.pop(absorbed), entry, plan)
        return entries, profiles, Environment(CALENDARS[self.zone], plan.segments, LISTS, PURPOSES)


def scene(dice: Random, size: int, silent: float = 0.2) -> Scene:
    """``silent``: which share of people tells nothing of itself, so that nothing comes after their last event."""
    zone = dice.choice(("Asia/Tokyo", "America/New_York", "Europe/London", "Asia/Kathmandu"))
    project = ProjectId(f"shop{next(PROJECTS)}")
    people = [history(dice, f"visitor-{number}", zone) for number in range(size)]
    for each in people:
        if dice.random() < silent:
            each.attributes, each.consents, each.user_id = {}, {}, None
    logs = {
        PersonId(f"visitor-{number}"): events
        for number, each in enumerate(people)
        if (events := logged(dice, each, project, f"visitor-{number}"))
    }
    return Scene(dice, zone, people, project, logs)


def test_sql_finds_exactly_the_people_for_whom_the_closure_holds(warehouse: Warehouse) -> None:
    coverage = Coverage()
    examples = count()

    @SETTINGS
    @given(seeds=st.lists(st.integers(0, 2**64 - 1), min_size=BATCH, max_size=BATCH))
    def agree(seeds: list[int]) -> None:
        dice = Random(repr(seeds))
        crowd = scene(dice, dice.choice((1, 2, FEW, FEW, FEW)))
        calendar = CALENDARS[crowd.zone]
        rules: dict[SegmentId, Rule] = {}
        for seed in seeds:
            example = f"example{next(examples)}"
            dice = Random(seed)
            rules[SegmentId(example)] = person_rule(dice, crowd.now, calendar)
            for number in range(dice.randint(1, 4)):
                rules[SegmentId(f"{example}-{number}")] = person_rule(dice, crowd.now, calendar, (example,))
        for rule in list(rules.values()):
            for leaf in leaves(rule):
                rules[SegmentId(f"leaf{len(rules)}")] = leaf
        entries, profiles, env = crowd.lived(rules)
        warehouse.load(entries)
        seen = shape(warehouse.store, crowd.project)
        found = people_by_rule(env.segments, env, crowd.project, crowd.now, seen).members(warehouse.store)
        expected: dict[str, set[PersonId]] = {}
        for name, rule in env.segments.items():
            holds = evaluate.closure(rule, env)
            expected[name] = {person for person, profile in profiles.items() if holds(profile, None, crowd.now)}
            assert found[name] == expected[name], rule
            if isinstance(rule, Compare):
                for person in profiles:
                    coverage.record(rule, person in expected[name])
        for one in dice.sample(sorted(env.segments), 2):
            alone = people_where(env.segments[one], env, crowd.project, crowd.now, seen)
            assert alone.members(warehouse.store) == expected[one], env.segments[one]

    agree()
    assert next(examples) >= EXAMPLES
    print("\n" + coverage.table())


def test_every_operator_type_aggregate_and_period_is_seen_true_and_false_in_all_three_readings(warehouse: Warehouse) -> None:
    crowd = scene(Random("every combination"), CROWD, silent=0.8)
    apart = [History(crowd.zone, crowd.now, events) for events in crowd.logs.values()]
    chosen = telling(apart, crowd.now, CALENDARS[crowd.zone])
    missed = sorted(combinations() - set(chosen))
    assert not missed, f"no people and constant were found that tell true from false: {missed}"
    rules = {SegmentId(f"rule{number}"): rule for number, rule in enumerate(chosen.values())}
    entries, profiles, env = crowd.lived(rules)
    warehouse.load(entries)
    seen = shape(warehouse.store, crowd.project)
    coverage = Coverage()
    waiting = iter(rules.items())
    while some := dict(islice(waiting, ASKED)):
        found = people_by_rule(some, env, crowd.project, crowd.now, seen).members(warehouse.store)
        for name, rule in some.items():
            kept = env.segments[name]  # the same rule, of statistics as the plan keeps them
            closure, generated = evaluate.closure(kept, env), generate.predicate(kept, env)
            for person, profile in profiles.items():
                expected = closure(profile, None, crowd.now)
                assert generated(profile, None, crowd.now) is expected, (rule, person)
                assert (person in found[name]) is expected, (rule, person)
                coverage.record(rule, expected)
    print("\n" + coverage.table())
    assert combinations() - coverage.both() == set()
