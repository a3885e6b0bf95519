"""How long it takes to say how many people a rule holds for, over ten million events.

The events are made inside ClickHouse from a row of numbers, in the very table that the sink writes; only their
``body``, which no rule reads, is left empty.
"""

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules.environment import Environment
from omotenashi.model.ids import Instant
from omotenashi.model.rules import Aggregate, All, Compare, Op, Rule
from omotenashi.warehouse.questions.size import size
from omotenashi.warehouse.store import Store, open_store

from . import house, site
from .results import Number, Part, Round

WANTED_SECONDS: Final = 1.0
EVENTS: Final = 10_000_000
BLOCK: Final = 1_000_000
PEOPLE: Final = 100_000
ROUNDS: Final = 5
DAY_MS: Final = 86_400_000
SHARES: Final = (("view", 60), ("product_view", 25), ("cart", 8), ("search", 5), ("buy", 2))
VALUES: Final = {
    "view": """concat('{"path":"/products/', toString(n % 240), '","host":"shop.example","url":"https://shop.example/products/',
        toString(n % 240), '","title":"Midori"}')""",
    "product_view": """concat('{"product_id":"p', toString(n % 240), '","category":"',
        arrayElement({categories}, 1 + n % 12), '","price":', toString(300 + n * 37 % 9000), '}')""",
    "cart": """concat('{"in_cart_price":', toString(300 + n * 37 % 9000), '}')""",
    "search": """concat('{"words":"', arrayElement(['gift set', 'sencha', 'iron teapot'], 1 + n % 3), '","hits":3}')""",
    "buy": """concat('{"transaction_id":"t', toString(n), '","revenue":', toString(1000 + n * 37 % 9000), '}')""",
}
FIELDS: Final = {
    "view": (("path", 2), ("host", 2), ("url", 2), ("title", 2)),
    "product_view": (("product_id", 2), ("category", 2), ("price", 1)),
    "cart": (("in_cart_price", 1),),
    "search": (("words", 2), ("hits", 1)),
    "buy": (("transaction_id", 2), ("revenue", 1)),
}


def rule() -> Rule:
    """Three conditions on three kinds of events: interest in tea this month, what was spent in all, here this week."""
    return All(
        (
            site.count("product_view", Op.GE, 3, site.days(30), site.field("category", Op.EQ, "tea")),
            Compare(site.statistic("buy", Aggregate.SUM, "revenue"), Op.GE, 5_000),
            site.count("view", Op.GE, 1, site.days(7)),
        )
    )


def facts_rule() -> Rule:
    """Three conditions of which two are about sessions: visits, the last one's views, something bought ever."""
    return All(
        (
            site.fact("visits", Op.GE, 5),
            site.count("view", Op.GE, 2, site.SESSION),
            site.count("buy", Op.GE, 1),
        )
    )


def measure(quick: bool) -> Part:
    """Ten million events of 100,000 people over sixty days; the same questions again and again."""
    events = 200_000 if quick else EVENTS
    now = house.now()
    env = Environment(Calendar("Asia/Tokyo"))
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory(prefix="omotenashi-bench-") as name:
        store = open_store(Path(name) / "warehouse")
        begun = time.perf_counter()
        fill(store, events, PEOPLE if not quick else PEOPLE // 50, now)
        filled_s = time.perf_counter() - begun
        found: dict[str, int] = {}
        for number in range(2 if quick else ROUNDS):
            told: Round = {"round": f"{number}"}
            for title, asked in (("rule", rule()), ("facts", facts_rule())):
                begun = time.perf_counter()
                found[title] = size(store, asked, env, site.PROJECT, now).people
                told[f"{title}_s"] = time.perf_counter() - begun
            rounds.append(told)
        rows = store.ask("SELECT count() FROM entries")[0][0]
        disk = store.ask("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'entries'")[0][0]
        store.close()
    if rows != events:
        raise RuntimeError(f"the warehouse: expected {events:,} entries, found {rows:,}")
    if not all(0 < count < PEOPLE for count in found.values()):
        raise RuntimeError(f"the rules: expected each to hold for some and not for all, got {found}")
    return Part(
        "Warehouse",
        (
            Number("size of a rule of three conditions", _middle(rounds, "rule_s"), "s", WANTED_SECONDS, at_most=True),
            Number("the same with visits and the session", _middle(rounds, "facts_s"), "s"),
            Number("people found by the two", float(found["rule"]), "", about=f"and {found['facts']:,}"),
            Number("events", float(events), "", about=f"made in {filled_s:.0f} s"),
            Number("on disk, without bodies", float(disk) / events, "bytes an event"),
        ),
        tuple(rounds),
    )


def _middle(rounds: list[Round], name: str) -> float:
    return median(float(each[name]) for each in rounds)


def fill(store: Store, events: int, people: int, now: Instant) -> None:
    """Makes ``events`` events of ``people`` people: each person's in order over sixty days, ten to a session."""
    kinds = [name for name, share in SHARES for _ in range(share)]
    categories = "[" + ", ".join(f"'{category}'" for category in site.CATEGORIES) + "]"
    each = events // people
    step = 60 * DAY_MS // max(each, 1)
    names = "[" + ", ".join(f"'{name}'" for name in kinds) + "]"
    values = " ".join(f"WHEN name = '{name}' THEN {sql.replace('{categories}', categories)}" for name, sql in VALUES.items())
    for first in range(0, events, BLOCK):
        store.run(
            f"""
            INSERT INTO entries (position, project, name, person, at, received_at, place, id, seq, config, visitor, session,
                session_started_at, opened_session, source, page_view, device, os, browser, language, values)
            SELECT n + 1, '{site.PROJECT}', arrayElement({names}, 1 + cityHash64(n) % 100) AS name,
                leftPad(toString(who), 22, 'p') AS person, {now} - 60 * {DAY_MS} + turn * {step} + who % {step} AS at, at, 0,
                concat('e', toString(n)), turn + 1, 1, person, concat('s', toString(who), '-', toString(intDiv(turn, 10))),
                {now} - 60 * {DAY_MS} + intDiv(turn, 10) * 10 * {step} + who % {step}, turn % 10 = 0, 'import', '', 'phone',
                'iOS', 'Safari', 'ja', CASE {values} ELSE '{{}}' END
            FROM (SELECT number AS n, number % {people} AS who, intDiv(number, {people}) AS turn
                  FROM numbers({first}, {min(BLOCK, events - first)}))
            """
        )
    for name, paths in FIELDS.items():
        for path, kind in paths:
            store.run(f"INSERT INTO fields VALUES ('{site.PROJECT}', '{name}', '{path}', {kind}, false)")
    store.run("INSERT INTO people SELECT project, person, max(position) FROM entries GROUP BY project, person")
    store.run(
        "INSERT INTO sessions SELECT project, person, session, any(session_started_at), max(position) FROM entries "
        "GROUP BY project, person, session"
    )
