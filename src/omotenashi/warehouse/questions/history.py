"""How many people did a rule hold for, at the end of each of some days?"""

from collections.abc import Sequence

from omotenashi.engine.rules.environment import Environment
from omotenashi.model.ids import Instant, ProjectId
from omotenashi.model.rules import Rule
from omotenashi.warehouse.compile import people_where, shape
from omotenashi.warehouse.store import Store


def history(store: Store, rule: Rule, env: Environment, project: ProjectId, instants: Sequence[Instant]) -> list[int]:
    """The size at each instant, from what had happened by then. Raises what `compile.people_where` raises."""
    seen = shape(store, project)
    return [people_where(rule, env, project, instant, seen, until=instant).size(store) for instant in instants]
