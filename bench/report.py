"""How long a campaign's report takes to ask, over a million events of a hundred thousand people.

Half of the events are those of the `warehouse` part; the other half is one campaign's: views that it decided on, messages opened
or held out, clicked and closed, goals, errors. Made by SQL in the sink's own table; ``body``, which a report reads of answers
alone, is left empty. The questions are those that the console asks when the page is opened, over sixty days.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from omotenashi.engine.calendar import Calendar
from omotenashi.model.ids import CampaignId, Day, Instant
from omotenashi.model.outcomes import Gate
from omotenashi.warehouse.questions.endings import closings
from omotenashi.warehouse.questions.judged import judged
from omotenashi.warehouse.questions.met import met
from omotenashi.warehouse.questions.results import results
from omotenashi.warehouse.questions.stream import stream
from omotenashi.warehouse.questions.troubles import conflicts, mistakes, suppressions
from omotenashi.warehouse.store import Store, open_store

from . import house, site, warehouse
from .results import Number, Part, Round

WANTED_SECONDS: Final = 1.0
EVENTS: Final = 1_000_000
PEOPLE: Final = 100_000
ROUNDS: Final = 5
DAYS: Final = 60
CAMPAIGN: Final = CampaignId("welcome")
DECIDED: Final = 3
"""Views of a person that the campaign decided on; the other events follow from the last of them."""


def measure(quick: bool) -> Part:
    """Each question by itself, then the four that the verdict waits for."""
    events, people = (EVENTS // 20, PEOPLE // 20) if quick else (EVENTS, PEOPLE)
    calendar = Calendar("Asia/Tokyo")
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory(prefix="omotenashi-bench-") as name:
        store = open_store(Path(name) / "warehouse")
        now = house.now()
        fill(store, events, people, now)
        end = calendar.day_start(Day(calendar.day(now) + 1))
        days = [Day(calendar.day(now) - ago) for ago in range(DAYS, -1, -1)]
        span = (site.PROJECT, CAMPAIGN, calendar.day_start(days[0]), end)
        main: dict[str, Callable[[], object]] = {
            "stream": lambda: stream(store, *span),
            "people": lambda: met(store, *span),
            "arms by day": lambda: results(store, site.PROJECT, CAMPAIGN, days, calendar),
            "verdict": lambda: judged(store, *span, calendar),
        }
        others: dict[str, Callable[[], object]] = {
            "how messages ended": lambda: closings(store, *span),
            "gave way": lambda: suppressions(store, *span),
            "covered": lambda: conflicts(store, *span),
            "errors": lambda: mistakes(store, *span),
        }
        shown, held = met(store, *span)
        if not (0 < held.shown < shown.shown and 0 < shown.achieved < shown.judged):
            raise RuntimeError(f"the report: expected some shown, some held out and some goals, got {shown}, {held}")
        for number in range(2 if quick else ROUNDS + 1):
            took: Round = {"round": str(number)}
            for words, ask in (main | others).items():
                begun = time.perf_counter()
                ask()
                took[words] = time.perf_counter() - begun
            took["report"] = sum(float(took[words]) for words in main)
            rounds.append(took)
        store.close()
    counted = rounds[1:]  # the first warms up
    return Part(
        "A campaign's report",
        tuple(
            Number(words, median(float(one[words]) for one in counted), "s", WANTED_SECONDS, at_most=True)
            for words in ("report", *main, *others)
        ),
        tuple(rounds),
        f"{events:,} events of {people:,} people, {DAYS} days; `report` is what the page waits for: the four after it together.",
    )


def fill(store: Store, events: int, people: int, now: Instant) -> None:
    """Makes about ``events`` events, half of them the campaign's: one person in ten is held out, one in five reaches the goal."""
    warehouse.fill(store, events // 2, people, now)
    own = max(events // 2 - people * DECIDED, people)
    place = f"{events} + number"
    for turn in range(DECIDED):
        passed = f"multiIf(held, {Gate.HOLDOUT:d}, {Gate.SHOWN:d})" if turn == DECIDED - 1 else f"{Gate.AUDIENCE:d}"
        _insert(store, people, now, f"{place} + {turn * people}", "'view'", "'{}'", turn, f"[{passed}, {Gate.FREQUENCY:d}]")
    opened = '\'{"by":"button","selector":"a.to-cart","share":0.4,"winner":"other","message":"broken"}\''
    kinds = (
        "arrayElement(['_message_open', '_message_open', '_message_click', '_message_close', '#goal', '_message_open', "
        "'_message_conflict', '_message_suppressed', '_error', '_message_open'], 1 + intDiv(number, 2) % 10)"
    )
    _insert(store, people, now, f"{place} + {DECIDED * people}", "'_message_open'", opened, DECIDED, "[]")
    _insert(store, own - people, now, f"{place} + {(DECIDED + 1) * people}", kinds, opened, DECIDED + 1, "[]", people)


def _insert(
    store: Store, count: int, now: Instant, position: str, name: str, values: str, turn: int, gates: str, people: int = 0
) -> None:
    if count <= 0:
        return
    store.run(
        f"""
        INSERT INTO entries (position, project, name, person, at, received_at, place, id, seq, config, visitor, session,
            session_started_at, opened_session, source, page_view, values, listeners, gates, campaign, action, holdout,
            value_micros)
        SELECT {position}, '{site.PROJECT}', {name}, leftPad(toString(who), 22, 'p') AS person,
            {now} - cityHash64(who) % ({DAYS} * {warehouse.DAY_MS}) + {turn} * 1000 AS at, at, 0,
            concat('c', toString({position})), 1, 1, person, concat('s', toString(who)), at, false, 'import', '', {values},
            if(notEmpty({gates}), '{CAMPAIGN}\\nother', ''), {gates}, if(notEmpty({gates}), '', '{CAMPAIGN}'),
            if(notEmpty({gates}), '', if(held, 'hld', 'd1K')), notEmpty({gates}) = 0 AND held, 1000000
        FROM (SELECT number, number % {people or count} AS who, cityHash64(who, 1) % 10 = 0 AS held FROM numbers({count}))
        """
    )
