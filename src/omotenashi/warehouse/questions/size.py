"""How many people does a rule hold for, and who are some of them?"""

from collections.abc import Mapping

from msgspec import Struct

from omotenashi.engine.rules.environment import Environment
from omotenashi.model.ids import Instant, PersonId, ProjectId
from omotenashi.model.rules import Rule
from omotenashi.warehouse.compile import everybody, people_by_rule, people_where, shape
from omotenashi.warehouse.store import Store


class Size(Struct, frozen=True):
    """``people`` out of ``everybody``; ``sample`` names a few of them, always the same ones."""

    people: int
    everybody: int
    sample: tuple[PersonId, ...]


def size(store: Store, rule: Rule, env: Environment, project: ProjectId, now: Instant, sample: int = 10) -> Size:
    """The size of a rule over all history, seen from ``now``. Raises what `compile.people_where` raises."""
    seen = shape(store, project)
    people = people_where(rule, env, project, now, seen)
    asked = f"SELECT count(), arraySort(groupArraySorted({int(sample)})(person)) FROM ({people.sql})"
    if sample <= 0:
        asked = f"SELECT count(), [] FROM ({people.sql})"
    ((found, some),) = store.ask(asked, people.parameters)
    return Size(int(found), everybody(project, seen).size(store), tuple(PersonId(person) for person in some))


def sizes(store: Store, rules: Mapping[str, Rule], env: Environment, project: ProjectId, now: Instant) -> dict[str, int]:
    """The sizes of many rules in one pass over the entries."""
    return people_by_rule(rules, env, project, now, shape(store, project)).sizes(store)
