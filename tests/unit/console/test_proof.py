"""What a trial's numbers are compared with, and since when they may be."""

import msgspec
import pytest
from tests.unit.configuration.folders import campaign, compile_small

from omotenashi.console.proof import Proof, proof
from omotenashi.engine.arms import GLOBAL_HOLDOUT
from omotenashi.engine.verdict.difference import Rate, Worth
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import ActionId, Day
from omotenashi.warehouse.questions.judged import Judged, Trial

GOAL = "goal: {event: buy, within: 7 days}\n"
TWO = "".join(f"  - {{name: {name}, weight: 40%, template: card, texts: {{title: Hi}}}}\n" for name in "AB")
HELD = "  - {holdout: 20%}\n"
ONE = "  - {name: A, template: card, texts: {title: Hi}}\n"


def project(text: str, holdout: int = 0) -> Project:
    return msgspec.structs.replace(compile_small(campaigns__hello=text), global_holdout=holdout)


def arm(action: str, people: int, achievers: int, *, holdout: bool = False) -> Judged:
    rate = Rate(people, achievers)
    return Judged(ActionId(action), holdout, rate, Worth(people, achievers * 10.0, achievers * 100.0), (rate,))


def judged(text: str, *numbers: tuple[int, int], holdout: int = 0, beside: tuple[Judged, ...] = ()) -> Proof:
    """The proof of a campaign whose arms have these (people, achievers), in their order."""
    found = project(text, holdout)
    (one,) = found.campaigns
    arms = [arm(action.id, *each, holdout=action.holdout) for action, each in zip(one.actions, numbers, strict=True)]
    return proof(found, one, Trial((*arms, *beside), 0, (Day(1),)))


@pytest.mark.parametrize(
    ("text", "numbers", "verdict"),
    [
        (campaign(GOAL, ONE), [(0, 0)], "nobody"),
        (campaign("", ONE), [(500, 0)], "no_goal"),
        (campaign(GOAL, ONE), [(500, 40)], "no_base"),
        (campaign(GOAL, TWO + HELD), [(40, 4), (40, 4), (20, 2)], "too_early"),
        (campaign(GOAL, TWO + HELD), [(4_000, 400), (4_000, 400), (2_000, 100)], "better"),
        (campaign(GOAL, TWO + HELD), [(4_000, 200), (4_000, 200), (2_000, 200)], "worse"),
        (campaign(GOAL, TWO + HELD), [(4_000, 200), (4_000, 200), (2_000, 100)], "open"),
    ],
)
def test_a_verdict_needs_somebody_a_goal_and_somebody_without(text: str, numbers: list[tuple[int, int]], verdict: str) -> None:
    found = judged(text, *numbers)
    assert found.verdict == verdict


def test_arms_are_compared_with_the_holdout_and_with_the_first() -> None:
    found = judged(campaign(GOAL, TWO + HELD), (4_000, 400), (4_000, 200), (2_000, 100))
    pairs = [(one.arm.people, one.arm.achievers, one.base.people, one.base.achievers) for one in found.others]
    assert pairs == [(4_000, 400, 2_000, 100), (4_000, 200, 2_000, 100), (4_000, 200, 4_000, 400)]
    assert [one.verdict for one in found.others] == ["better", "open", "worse"]


def test_arms_one_by_one_have_the_smaller_share_of_the_allowed_error() -> None:
    numbers = ((3_000, 210), (3_000, 210), (3_000, 150))
    found = judged(campaign(GOAL, TWO + HELD), *numbers)
    alone = judged(campaign(GOAL, ONE + "  - {holdout: 50%}\n"), (6_000, 420), (3_000, 150))
    assert found.main
    assert found.main.difference
    assert alone.main
    assert alone.main.difference
    assert found.others[0].difference
    assert found.main.difference.confidence < alone.main.difference.confidence
    assert found.others[0].difference.confidence < found.main.difference.confidence


def test_where_a_campaign_holds_nobody_out_the_projects_holdout_stands_in() -> None:
    beside = (arm(GLOBAL_HOLDOUT, 1_000, 50, holdout=True),)
    found = judged(campaign(GOAL, ONE), (9_000, 900), holdout=100, beside=beside)
    assert found.main
    assert found.fairness
    assert (found.verdict, found.main.base.people) == ("better", 1_000)
    assert [one.expected for one in found.fairness.divisions] == [9_000, 1_000]
    assert not found.fairness.alarm


def test_a_division_that_chance_does_not_explain_raises_the_alarm() -> None:
    found = judged(campaign(GOAL, TWO + HELD), (4_000, 200), (4_600, 200), (2_000, 100))
    assert found.fairness
    assert found.fairness.alarm
    assert judged(campaign(GOAL, ONE), (4_000, 200)).fairness is None
