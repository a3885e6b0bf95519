"""`spec/decisions.json`: for each gate one person passes and one fails on that gate alone, and is told why."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.engine.person import Person

from omotenashi.engine.explain import why
from omotenashi.engine.fold import fold
from omotenashi.engine.rules.words import Names
from omotenashi.engine.turn import Turn
from omotenashi.model.campaigns import Project
from omotenashi.model.outcomes import Gate
from omotenashi.model.profiles import Profile

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "spec" / "decisions.json").read_text())
NAMES = [case["name"] for case in CASES]


def walked(case: dict[str, Any], side: str) -> tuple[Person, Turn]:
    """The person after the steps of one side, and the last turn."""
    document = case.get(f"{side}_project", case["project"])
    of = msgspec.convert(document, Project)
    who = Person(of, visitor=case.get(f"{side}_visitor", "visitor-0"), ready=case.get(f"{side}_ready", of.version))
    handing: Turn | None = None
    opened = 0
    taken: Turn | None = None
    for step in case[side]["steps"]:
        who.wait(step.get("wait_ms", 0))
        if "event" in step:
            taken = who.send(step["event"], dict(step.get("values", {})))
            handing = taken if taken.handed else handing
            continue
        assert handing is not None, "nothing was shown to act on"
        if "open" in step:
            opened = step["open"]
            who.opens(handing, opened)
        elif "close" in step:
            who.closes(handing, opened, step["close"])
        elif "click" in step:
            who.clicks(handing, opened)
        else:
            who.send("_answer_question", {"reservation": handing.handed[opened].reserved.reservation, "question": step["answer"]})
    assert taken is not None
    return who, taken


@pytest.mark.parametrize("case", CASES, ids=NAMES)
@pytest.mark.parametrize("side", ["passes", "fails"])
def test_the_gates_of_the_golden_are_the_gates_of_the_engine(case: dict[str, Any], side: str) -> None:
    _, taken = walked(case, side)
    assert list(taken.event.gates) == case[side]["gates"]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_who_failed_is_told_at_which_gate_and_what_was_compared_in_both_languages(case: dict[str, Any]) -> None:
    """The person as they were when it was decided, folded from the log, is told the same gate again."""
    who, taken = walked(case, "fails")
    gate = Gate[case["gate"]]
    place = list(taken.event.gates).index(gate)
    campaign = who.plan.listening["view"].campaigns[place]
    before = who.profile
    if gate is not Gate.SUPPRESSED:  # whose winner was reserved in the same decision
        before = Profile(who.profile.person)
        for entry in who.log[: who.log.index(taken.event) + 1]:
            fold(before, entry, who.plan)
    explained = why(before, campaign.id, taken.event, taken.event.values, who.plan, who.now, Names())
    assert explained.gate == gate
    if gate is not Gate.HOLDOUT:
        failed = [row for row in explained.compared if not row.passed]
        assert failed, "nothing is said to have failed"
        for row in failed:
            assert row.subject_en
            assert row.subject_ja
            assert row.wanted_en
            assert row.wanted_ja
            assert row.path


def test_every_gate_that_the_engine_can_judge_has_a_case() -> None:
    on_paper = set(Gate) - {Gate.SHOWN, Gate.NOT_ANSWERABLE}
    assert {Gate[case["gate"]] for case in CASES} == on_paper
