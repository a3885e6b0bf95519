"""How many people do several rules hold for, and how many of them does one rule hold for too?"""

from collections.abc import Mapping

from msgspec import Struct

from omotenashi.engine.rules.environment import Environment
from omotenashi.model.ids import Instant, ProjectId
from omotenashi.model.rules import Rule
from omotenashi.warehouse.compile import people_by_rule, shape
from omotenashi.warehouse.store import Store


class Shared(Struct, frozen=True):
    """``people`` of the other rule, ``both`` of them in the first one too."""

    people: int
    both: int


def overlap(
    store: Store, rule: Rule, others: Mapping[str, Rule], env: Environment, project: ProjectId, now: Instant
) -> dict[str, Shared]:
    """By the names of ``others``; one pass over the entries."""
    asked = people_by_rule({"": rule, **others}, env, project, now, shape(store, project))
    return {name: Shared(*found) for name, found in asked.shared(store).items()}
