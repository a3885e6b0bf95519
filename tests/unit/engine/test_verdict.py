"""The statistics are honest: simulated campaigns, looked at every day, and what is said of small numbers."""

import os
from collections.abc import Iterator
from math import inf

import numpy as np
import pytest

from omotenashi.engine.verdict.difference import (
    Rate,
    Worth,
    between_rates,
    between_worths,
    days_to_verdict,
    interval,
    running,
)
from omotenashi.engine.verdict.split import split
from omotenashi.engine.verdict.words import NARROW, Verdict, against, headline, meaning, verdict

FULL = os.environ.get("OMOTENASHI_FULL_STATISTICS") == "1"
CAMPAIGNS = 1_000
DAYS = 60 if FULL else 30


def campaigns(
    seed: int, rate: float, base: float, a_day: int, share: float = 0.5, slow: float = 0.0, count: int = CAMPAIGNS
) -> Iterator[list[tuple[Rate, Rate]]]:
    """Simulated campaigns day by day; with ``slow`` a goal comes a day later with that probability, and again, and again."""
    dice = np.random.default_rng(seed)
    for _ in range(count):
        people = dice.poisson(a_day, DAYS)
        shown = dice.binomial(people, share)
        held = people - shown
        goals = [_late(dice, dice.binomial(arm, chance), slow) for arm, chance in ((shown, rate), (held, base))]
        numbers = zip(shown.tolist(), goals[0], held.tolist(), goals[1], strict=True)
        yield [(Rate(a, b), Rate(c, d)) for a, b, c, d in numbers]


def _late(dice: np.random.Generator, goals: np.ndarray, slow: float) -> list[int]:
    if not slow:
        return goals.tolist()
    days = np.repeat(np.arange(DAYS), goals) + dice.geometric(1 - slow, goals.sum()) - 1
    return np.bincount(days, minlength=DAYS)[:DAYS].tolist()


def share_settled(seen: Iterator[list[tuple[Rate, Rate]]], count: int = CAMPAIGNS) -> float:
    """How many of the campaigns were called better or worse on any day of all."""
    settled = sum(any(verdict(found) in ("better", "worse") for found in running(days)) for days in seen)
    return settled / count


RARE_AND_COMMON = [(0.002, 3_000), (0.01, 400), (0.05, 400), (0.3, 100)]


@pytest.mark.parametrize(("rate", "a_day"), RARE_AND_COMMON)
@pytest.mark.parametrize("share", [0.5, 0.9, 0.95] if FULL else [0.5])
def test_of_a_thousand_campaigns_without_effect_looked_at_daily_five_in_a_hundred_are_called_at_most(
    rate: float, a_day: int, share: float
) -> None:
    assert share_settled(campaigns(1, rate, rate, a_day, share)) <= 0.05


@pytest.mark.parametrize("share", [0.9])
def test_a_small_holdout_and_goals_that_come_days_later_do_not_change_that(share: float) -> None:
    assert share_settled(campaigns(2, 0.05, 0.05, 400, share, slow=0.7)) <= 0.05


def test_three_comparisons_share_the_five_in_a_hundred() -> None:
    wrong = 0
    for one, other in zip(campaigns(3, 0.05, 0.05, 400), campaigns(4, 0.05, 0.05, 400), strict=True):
        arms = [[(a, b) for a, b in one], [(a, b) for a, b in other], [(a, c) for (a, _), (c, _) in zip(one, other, strict=True)]]
        wrong += any(found is not None and found.confidence >= 0.95 for days in arms for found in running(days, 3))
    assert wrong / CAMPAIGNS <= 0.05


def test_a_planted_lift_is_found() -> None:
    found = [running(days)[-1] for days in campaigns(5, 0.065, 0.05, 900, count=200)]
    assert sum(verdict(one) == "better" for one in found) >= 190
    assert all(one is not None and one.low <= 0.015 <= one.high for one in found)


def test_a_planted_harm_is_found() -> None:
    found = [running(days)[-1] for days in campaigns(6, 0.04, 0.055, 700, count=200)]
    assert sum(verdict(one) == "worse" for one in found) >= 190


def test_the_interval_holds_the_truth_on_every_day_of_nineteen_campaigns_in_twenty() -> None:
    missed = 0
    for days in campaigns(7, 0.065, 0.05, 400):
        missed += any(found is not None and not found.low <= 0.015 <= found.high for found in running(days))
    assert missed / CAMPAIGNS <= 0.05


def test_the_interval_of_one_rate_holds_it_on_every_day() -> None:
    missed = 0
    for days in campaigns(8, 0.05, 0.05, 400, count=400):
        people = achievers = 0
        inside = True
        for arm, _ in days:
            people, achievers = people + arm.people, achievers + arm.achievers
            found = interval(Rate(people, achievers))
            inside = inside and (found is None or found.low <= 0.05 <= found.high)
        missed += not inside
    assert missed / 400 <= 0.05


def test_a_division_of_52_to_48_raises_the_alarm_and_a_healthy_one_does_not() -> None:
    dice = np.random.default_rng(9)
    alarms = {0.5: 0, 0.52: 0}
    for share in alarms:
        for _ in range(200):
            people = np.cumsum(dice.multinomial(1_000, [share, 1 - share], size=30), axis=0)
            alarms[share] += any(split(day, (500, 500)).alarm for day in people.tolist())
    assert alarms[0.52] >= 199
    assert alarms[0.5] <= 4  # one in a hundred, and luck


def test_a_thousand_healthy_divisions_of_three_arms_raise_the_alarm_once_in_a_hundred_at_most() -> None:
    dice = np.random.default_rng(10)
    weights = (450, 450, 100)
    alarms = 0
    for _ in range(CAMPAIGNS):
        people = np.cumsum(dice.multinomial(400, [0.45, 0.45, 0.1], size=30), axis=0)
        alarms += any(split(day, weights).alarm for day in people.tolist())
    assert alarms <= 10


def test_a_value_per_person_without_effect_is_not_called_either_however_few_spend_much() -> None:
    dice = np.random.default_rng(11)
    wrong = 0
    for _ in range(CAMPAIGNS):
        bought = dice.random((2, 30, 150)) < 0.06
        spent = np.where(bought, dice.lognormal(8, 1, (2, 30, 150)), 0.0)
        totals, squares = np.cumsum(spent.sum(2), axis=1), np.cumsum((spent**2).sum(2), axis=1)
        for day in range(30):
            people = 150 * (day + 1)
            arm, base = (Worth(people, float(totals[n, day]), float(squares[n, day])) for n in (0, 1))
            found = between_worths(arm, base)
            if found is not None and found.confidence >= 0.95:
                wrong += 1
                break
    assert wrong / CAMPAIGNS <= 0.05


def test_a_value_per_person_that_is_larger_is_found() -> None:
    dice = np.random.default_rng(12)
    arms = [np.where(dice.random(20_000) < chance, dice.lognormal(8, 0.5, 20_000), 0.0) for chance in (0.08, 0.05)]
    arm, base = (Worth(20_000, float(one.sum()), float((one**2).sum())) for one in arms)
    found = between_worths(arm, base)
    assert found is not None
    assert found.low > 0
    assert found.estimate == pytest.approx(arms[0].mean() - arms[1].mean())


def test_nothing_is_said_of_few_people_or_few_goals() -> None:
    assert between_rates(Rate(90, 40), Rate(5_000, 10)) is None
    assert between_rates(Rate(9_000, 3), Rate(1_000, 0)) is None
    assert between_rates(Rate(0, 0), Rate(0, 0)) is None
    assert between_worths(Worth(500, 0, 0), Worth(500, 0, 0)) is None
    assert verdict(None) == "too_early"
    assert interval(Rate(0, 0)) is None


def test_the_interval_leaves_zero_exactly_when_the_confidence_reaches_95() -> None:
    for achievers in range(300, 460):
        found = between_rates(Rate(6_000, achievers), Rate(6_000, 300))
        assert found is not None
        assert (found.low > 0) == (found.confidence >= 0.95)
        shared = between_rates(Rate(6_000, achievers), Rate(6_000, 300), 4)
        assert shared is not None
        assert (shared.low > 0) == (shared.confidence >= 0.95)
        assert shared.confidence <= found.confidence


def test_the_days_to_a_verdict_end_where_the_interval_leaves_zero() -> None:
    arm, base = Rate(3_000, 190), Rate(3_000, 150)
    days = days_to_verdict(arm, base, 10)
    assert days is not None
    assert days > 0
    grown = [Rate(int(one.people * (1 + days / 10)), round(one.achievers * (1 + days / 10))) for one in (arm, base)]
    assert verdict(between_rates(grown[0], grown[1])) == "better"
    assert days_to_verdict(Rate(3_000, 300), Rate(3_000, 100), 10) == 0
    assert days_to_verdict(Rate(3_000, 150), Rate(3_000, 150), 10) is None
    assert days_to_verdict(arm, base, 0) is None
    assert days_to_verdict(Rate(5, 1), Rate(5, 1), 1) is None


@pytest.mark.parametrize(
    ("said", "confidence", "japanese", "english"),
    [
        (
            "likely_better",
            0.937,
            "4,120人に表示しました。ゴールに達したのは6.1%、未実施の人では4.8%。おそらく効果があります（93%）。",
            "Shown to 4,120 people; 6.1 % reached the goal, 4.8 % without it; likely better, 93 %.",
        ),
        (
            "worse",
            0.9999,
            "4,120人に表示しました。ゴールに達したのは6.1%、未実施の人では4.8%。逆効果でした（99%以上）。",
            "Shown to 4,120 people; 6.1 % reached the goal, 4.8 % without it; worse, over 99 %.",
        ),
    ],
)
def test_a_report_begins_with_a_sentence(said: Verdict, confidence: float, japanese: str, english: str) -> None:
    shown, base = Rate(4_120, 251), Rate(1_030, 49)
    assert headline(said, shown, base, confidence, "ja") == japanese
    assert headline(said, shown, base, confidence, "en").replace(NARROW, " ") == english


def test_every_verdict_has_words_of_its_own_and_says_what_its_percentage_is() -> None:
    verdicts: list[Verdict] = ["better", "likely_better", "open", "likely_worse", "worse", "too_early", "no_goal", "nobody"]
    for language in ("ja", "en"):
        said = {headline(one, Rate(10, 1), Rate(10, 1), 0.9, language) for one in verdicts}
        assert len(said) == len(verdicts)
        assert "B" in against("open", "B", Rate(10, 1), "A", Rate(10, 2), 0.1, language)
        assert meaning("too_early", 0, language) == ""
    assert "at most 7 would" in meaning("likely_better", 0.935, "en")
    assert "多くて7です" in meaning("likely_better", 0.935, "ja")
    assert "Nobody is held out" in headline("no_base", Rate(10, 1), None, 0, "en")


def test_more_people_never_widen_the_interval() -> None:
    width = inf
    for people in range(200, 40_000, 700):
        found = between_rates(Rate(people, people // 20), Rate(people, people // 20))
        assert found is not None
        assert found.high - found.low < width
        width = found.high - found.low
