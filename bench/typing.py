"""How long the number beside a rule takes to follow while the rule is being typed, over one and over ten million events.

The rules are those that the console's builder asks for, key by key, when somebody writes: those who looked at tea for 5,000
within thirty days, in five visits or more, and did not buy, or lately looked for a gift. Each is parsed as the console parses it.
"""

import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules import parse
from omotenashi.engine.rules.environment import Environment
from omotenashi.model.rules import Rule
from omotenashi.warehouse.questions.size import size
from omotenashi.warehouse.store import open_store

from . import house, site, warehouse
from .results import Number, Part, Round

MEDIAN_SECONDS: Final = 1.0
P95_SECONDS: Final = 2.0
SIZES: Final = {"1 million": 1_000_000, "10 million": 10_000_000}
ROUNDS: Final = 3
SPENT: Final[dict[str, Any]] = {"event": "product_view", "field": "price", "aggregate": "sum", "op": ">="}
MONTH: Final[dict[str, Any]] = {**SPENT, "value": 5_000, "period": "30 days"}
TEA: Final[dict[str, Any]] = {**MONTH, "where": {"field": "category", "op": "=", "value": "tea"}}
OFTEN: Final[dict[str, Any]] = {"fact": "visits", "op": ">=", "value": 5}
GIFT: Final[dict[str, Any]] = {
    "event": "search",
    "period": "7 days",
    "where": {"field": "words", "op": "contains", "value": "gift"},
}


def typed() -> list[Any]:
    """The rule after each key that changes it."""
    return [
        [],
        {"event": "product_view", "op": "exists"},
        {"event": "product_view", "field": "price", "aggregate": "last", "op": "exists"},
        *({**SPENT, "value": value} for value in (1, 5, 50, 500, 5_000)),
        MONTH,
        {**MONTH, "where": {"field": "category", "op": "exists"}},
        *({**MONTH, "where": {"field": "category", "op": "=", "value": value}} for value in ("t", "te", "tea")),
        [TEA, {"fact": "visits", "op": ">=", "value": 1}],
        [TEA, OFTEN],
        [TEA, OFTEN, {"event": "buy", "op": "exists"}],
        [TEA, OFTEN, {"event": "buy", "op": "missing"}],
        {"any": [[TEA, OFTEN, {"event": "buy", "op": "missing"}], {**GIFT, "op": "exists"}]},
        {"any": [[TEA, OFTEN, {"event": "buy", "op": "missing"}], {**GIFT, "op": ">=", "value": 2}]},
    ]


def measure(quick: bool) -> Part:
    """Every rule of the sequence, one after another, a few times."""
    calendar = Calendar("Asia/Tokyo")
    rules = [_parsed(tree, calendar) for tree in typed()]
    sizes = {"200 thousand": 200_000} if quick else SIZES
    numbers: list[Number] = []
    rounds: list[Round] = []
    for title, events in sizes.items():
        took: list[float] = []
        with tempfile.TemporaryDirectory(prefix="omotenashi-bench-") as name:
            store = open_store(Path(name) / "warehouse")
            now = house.now()
            warehouse.fill(store, events, warehouse.PEOPLE if not quick else warehouse.PEOPLE // 50, now)
            for number in range(1 if quick else ROUNDS):
                told: Round = {"round": f"{title}, {number}"}
                for key, rule in enumerate(rules):
                    begun = time.perf_counter()
                    size(store, rule, Environment(calendar), site.PROJECT, now, sample=0)
                    told[f"key_{key:02}_s"] = time.perf_counter() - begun
                took += [float(value) for value in told.values() if not isinstance(value, str)]
                rounds.append(told)
            store.close()
        numbers.append(Number(f"size after a key, {title} events, median", median(took), "s", MEDIAN_SECONDS, at_most=True))
        numbers.append(
            Number(f"size after a key, {title} events, p95", quantiles(took, n=20)[-1], "s", P95_SECONDS, at_most=True)
        )
    return Part("Typing", tuple(numbers), tuple(rounds), f"{len(rules)} rules as they grow; nobody else asks meanwhile.")


def _parsed(tree: Any, calendar: Calendar) -> Rule:
    found = parse.rule(tree, "person", parse.Known(calendar))
    if isinstance(found, list):
        raise ValueError(f"a rule of the bench: {found[0].path}: {found[0].message}")
    return found
