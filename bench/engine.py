"""The engine alone, on one core: stamp, fold, decide, fold the outcomes, for events that were read and admitted already.

People are objects in memory, as the edge keeps its most active ones; the log, the profiles' file and the answers'
texts have no part in this.
"""

import gc
import os
from statistics import median
from time import perf_counter

from omotenashi.engine.plan import Plan, build
from omotenashi.engine.turn import turn
from omotenashi.model.drafts import Draft
from omotenashi.model.ids import Instant, PersonId
from omotenashi.model.outcomes import Gate
from omotenashi.model.profiles import Profile, unpack

from . import site, workload
from .machine import other_cores
from .results import Number, Part, Round

WANTED_PER_SECOND = 60_000
UNTIL = Instant(1_795_000_000_000)
HOT_PEOPLE = 5_000


def measure(quick: bool) -> Part:
    """Rounds of fresh events over people with a history; the median round counts."""
    os.sched_setaffinity(0, other_cores())
    plan = build(site.project(), 1)
    count = 500 if quick else HOT_PEOPLE
    profiles = [unpack(packed) for packed in workload.people(count, plan, UNTIL, 200 if quick else 1_000)]
    known = {profile.person: profile for profile in profiles}
    rounds: list[Round] = []
    per_round = 5_000 if quick else 60_000
    for number in range(3 if quick else 7):
        start = Instant(UNTIL + number * 10_000)
        pairs = [(known[PersonId(draft.visitor)], draft) for draft in workload.drafts(count, per_round, number, start)]
        rounds.append(_round(pairs, plan, number))
    paces = [float(each["per_second"]) for each in rounds[1:]]
    shown = median(float(each["with_message"]) for each in rounds[1:])
    walked = median(float(each["campaigns_walked"]) for each in rounds[1:])
    reached = median(float(each["reached_audience"]) for each in rounds[1:])
    return Part(
        "Engine alone",
        (
            Number("events on one core", median(paces), "a second", WANTED_PER_SECOND),
            Number("one event", 1e6 / median(paces), "µs"),
            Number("decisions that carry a message", shown * 100, "%"),
            Number("campaigns walked for one event", walked, ""),
            Number("of these, at the audience gate or beyond", reached, ""),
        ),
        tuple(rounds),
        f"{len(plan.statistics)} statistics, {len(plan.segments)} segments, {len(plan.campaigns)} campaigns, {count:,} people. "
        "The first round warms up and does not count.",
    )


def _round(pairs: list[tuple[Profile, Draft]], plan: Plan, number: int) -> Round:
    gc.collect()
    gc.freeze()
    gc.disable()
    begun = perf_counter()
    taken = [turn(profile, draft, draft.at, plan) for profile, draft in pairs]
    lasted = perf_counter() - begun
    gc.enable()
    gc.unfreeze()
    with_message = sum(any(not handed.reserved.holdout for handed in each.handed) for each in taken)
    gates = [gate for each in taken for gate in each.event.gates]
    early = (Gate.STOPPED_BY_SWITCH, Gate.NOT_LIVE, Gate.OFF_SCHEDULE, Gate.PREPARING)
    return {
        "round": f"{number}",
        "per_second": round(len(pairs) / lasted, 1),
        "with_message": with_message / len(pairs),
        "campaigns_walked": len(gates) / len(pairs),
        "reached_audience": sum(gate not in early for gate in gates) / len(pairs),
    }
