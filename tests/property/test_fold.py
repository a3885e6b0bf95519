"""The fold does not care how a log is cut, nor in which profile a person's events were before they merged."""

import os
import random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.engine.person import DAY, HOUR, MINUTE, NOON, Person, campaign, project

from omotenashi.engine.fold import fold
from omotenashi.engine.merge import absorb
from omotenashi.engine.plan import Plan
from omotenashi.engine.statistics import identified
from omotenashi.model.entries import LogEntry, Merged, decode, encode
from omotenashi.model.profiles import Profile, pack, unpack
from omotenashi.model.rules import Aggregate, AnyOf, Compare, Op, Period

EXAMPLES = int(os.environ.get("OMOTENASHI_EXAMPLES", "0")) or 150
PERIODS = (
    Period(),
    Period("session"),
    Period("previous_session"),
    Period("days", 3),
    Period("hours", 5),
    Period("between", start="2025-11-20", end="2025-11-22"),
)
STATISTICS = [
    identified(
        "view",
        ("amount",) if aggregate not in (Aggregate.COUNT, Aggregate.FIRST_AT, Aggregate.LAST_AT) else (),
        None,
        aggregate,
        period,
    )
    for aggregate in Aggregate
    for period in PERIODS
]
PROJECT = project(
    campaign(exclusive=False),
    segments={"all": AnyOf(tuple(Compare(s, Op.EXISTS) for s in STATISTICS))},
    statistics={s.id: 1 for s in STATISTICS},
)

step = st.fixed_dictionaries(
    {
        "wait": st.sampled_from((0, 0, 1, 1000, 10 * MINUTE, 31 * MINUTE, 3 * HOUR, DAY)),
        "late": st.sampled_from((0, 0, 0, 1, 5 * MINUTE, HOUR, 20 * HOUR)),
        "name": st.sampled_from(("view", "view", "cart", "attribute", "consent")),
        "amount": st.one_of(
            st.integers(-3, 3), st.decimals(-2, 2, places=6).map(float), st.sampled_from(("a", "b", True, [1, 2, "a"], None))
        ),
        "visible": st.sampled_from((0, 1000, 60_000)),
    }
)
history = st.lists(step, max_size=14)


def lived(visitor: str, steps: list[dict[str, Any]]) -> Person:
    """A person with these steps behind them. Every third one opens what was shown to them."""
    who = Person(PROJECT, visitor=visitor)
    for n, s in enumerate(steps):
        who.wait(s["wait"])
        values = {"amount": s["amount"]} if s["amount"] is not None else {}
        if s["name"] == "consent":
            values = {"purpose": "record", "state": ("granted", "denied")[n % 2]}
        at = who.now - s["late"]
        taken = who.send(s["name"], values, at=at, offline=s["late"] > 0, page_visible_ms=s["visible"])
        if taken.handed and n % 3 == 0:
            who.opens(taken)
    return who


def folded(profile: Profile, log: list[LogEntry], plan: Plan) -> Profile:
    for entry in log:
        fold(profile, decode(encode(entry)), plan)
    return profile


@settings(max_examples=EXAMPLES, deadline=None)
@given(history, st.integers(0, 30))
def test_a_fold_in_two_sittings_is_the_fold_at_once(steps: list[dict[str, Any]], cut: int) -> None:
    who = lived("hanako", steps)
    first = folded(Profile("hanako"), who.log[:cut], who.plan)
    assert folded(unpack(pack(first)), who.log[cut:], who.plan) == who.profile == who.replayed()


def told(profile: Profile) -> dict[str, Any]:
    """What does not depend on the order in which a person's entries arrived."""
    plain = msgspec.to_builtins(profile)
    names = Profile.__struct_fields__
    view = dict(zip(names, plain, strict=True))
    independent = (
        "last_at",
        "logged_in",
        "first_seen_at",
        "visits",
        "views",
        "first_landing",
        "page",
        "device",
        "attributes",
        "consents",
        "caps",
    )
    chosen = {name: view[name] for name in independent}
    chosen["accumulators"] = {key: _plain(acc) for key, acc in profile.accumulators.items()}
    chosen["sessions"] = [(s.id, s.started_at, s.ended_at, s.page_views, s.visible_ms, s.landing) for s in profile.sessions]
    chosen["page_views"] = sorted(profile.page_views)
    return chosen


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in sorted(value.items(), key=lambda item: str(item[0]))}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


@settings(max_examples=EXAMPLES, deadline=None)
@given(history, history, st.randoms(use_true_random=False))
def test_a_merge_is_the_fold_of_the_union(one: list[dict[str, Any]], other: list[dict[str, Any]], dice: random.Random) -> None:
    a, b = lived("hanako", one), lived("taro", other)
    union: list[LogEntry] = []
    left, right = list(a.log), list(b.log)
    while left and right:  # in the order of arrival, as one project's clock has it
        earlier = left[0].now < right[0].now or (left[0].now == right[0].now and dice.random() < 0.5)
        union.append((left if earlier else right).pop(0))
    union += left + right
    at_once = Profile("hanako")
    for seq, entry in enumerate(union, 1):
        moved = decode(encode(entry))
        moved.person, moved.seq = "hanako", seq
        fold(at_once, moved, a.plan)
    merged = absorb(
        a.profile,
        b.profile,
        Merged(
            project="midori",
            person="hanako",
            seq=99,
            now=max(a.now, b.now),
            config=1,
            at=NOON,
            received_at=NOON,
            index=0,
            id="m",
            absorbed="taro",
            absorbed_seq=b.profile.seq,
            user_id="u",
        ),
        a.plan,
    )
    assert told(merged) == told(at_once)


def test_the_earlier_arm_wins_at_a_merge_and_the_person_is_marked_crossed() -> None:
    a, b = lived("hanako", []), lived("taro", [])
    for who, arm, at in ((a, "d1L", 2000), (b, "d1K", 1000)):
        who.view()
        who.profile.deliveries["welcome"].arm = arm
        who.profile.deliveries["welcome"].assigned_at = at
    entry = Merged(
        project="midori",
        person="hanako",
        seq=9,
        now=NOON,
        config=1,
        at=NOON,
        received_at=NOON,
        index=0,
        id="m",
        absorbed="taro",
        absorbed_seq=3,
        user_id="u",
    )
    merged = absorb(a.profile, b.profile, entry, a.plan)
    assert (merged.deliveries["welcome"].arm, merged.crossed) == ("d1K", ["welcome"])
