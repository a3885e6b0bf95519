"""Who are the people that a rule holds for?"""

from typing import Any

from msgspec import Struct

from omotenashi.engine.rules.environment import Environment
from omotenashi.model.ids import Instant, PersonId, ProjectId
from omotenashi.model.rules import EVERYONE, Rule
from omotenashi.warehouse.compile import people_where, shape
from omotenashi.warehouse.store import Store

from . import sql

LATELY_MS = 16 * 86_400_000
FIRST = (Instant(2**62), "")
EVERY_ONE = 2**31


class Found(Struct, frozen=True):
    """Some of ``total`` people, with the instant of the latest thing they did, latest first."""

    people: tuple[tuple[PersonId, Instant], ...]
    total: int


def found(
    store: Store,
    rule: Rule,
    env: Environment,
    project: ProjectId,
    now: Instant,
    limit: int = EVERY_ONE,
    before: tuple[Instant, str] = FIRST,
) -> Found:
    """Up to ``limit`` people after the one that ``before`` names by (last seen, person).

    Raises what `compile.people_where` raises. ``total`` is 0 where nobody comes after ``before``.
    """
    people = people_where(rule, env, project, now, shape(store, project))
    asked = sql("found").replace("__people__", people.sql)
    given = {**people.parameters, "project": project, "limit": limit, "before_last": before[0], "before_person": before[1]}
    rows: list[tuple[Any, ...]] = []
    # of everybody, the latest are most often found in the last days
    lately = min(now, before[0]) - LATELY_MS
    for since in (lately, 0) if rule == EVERYONE and limit < EVERY_ONE else (0,):
        rows = store.ask(asked, {**given, "since": since})
        if len(rows) == limit and rows[-1][1] >= since:
            break
    total = int(rows[0][2]) if rows else 0
    return Found(tuple((PersonId(person), Instant(int(last))) for person, last, _ in rows), total)
