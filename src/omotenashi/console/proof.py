"""A campaign's trial as a report tells it: who is compared with whom, what follows from it, and whether it was fair."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from omotenashi.configuration.names import Called
from omotenashi.engine.arms import GLOBAL_HOLDOUT, WHOLE
from omotenashi.engine.verdict import words
from omotenashi.engine.verdict.difference import (
    Difference,
    Rate,
    Worth,
    between_rates,
    between_worths,
    days_to_verdict,
    running,
)
from omotenashi.engine.verdict.split import split
from omotenashi.engine.verdict.words import Verdict
from omotenashi.model.campaigns import Campaign, Project
from omotenashi.model.ids import ActionId
from omotenashi.warehouse.questions.judged import Judged, Trial

OTHERS: Final = 0.2
"""How much of the allowed error the arms one by one share among them; the rest is the main comparison's."""
PACE_DAYS: Final = 14
"""How many of the latest days say how many people come a day."""


class Side(Struct):
    """Some arms taken together: their ``actions``, ``people`` and ``achievers``, and what a person was worth on average."""

    actions: list[ActionId]
    people: int
    achievers: int
    rate: float | None
    value_per_person: float | None


class Comparison(Struct):
    """``arm`` beside ``base``: the ``difference`` of their rates and of what a person is worth, None while it is too early.

    ``days_left``: in how many days it would be settled if all goes on like this; None when that cannot be said or is far.
    """

    arm: Side
    base: Side
    verdict: Verdict
    sentence: Called
    difference: Difference | None
    value: Difference | None
    days_left: int | None


class Stood(Struct):
    """The difference as it stood at the end of a ``day`` (ISO date)."""

    day: str
    people: int
    difference: Difference | None


class Division(Struct):
    """How many people came into an arm, and how many of all the weights would have put there."""

    action: ActionId
    people: int
    expected: float


class Fairness(Struct):
    """Whether people were divided as configured; ``alarm`` when chance does not explain it. ``p`` is an always-valid p-value."""

    divisions: list[Division]
    p: float
    alarm: bool


class Proof(Struct):
    """All that is concluded. ``main`` compares whoever was shown something with whoever was held out; None without both."""

    headline: Called
    meaning: Called
    verdict: Verdict
    confidence: float
    main: Comparison | None
    others: list[Comparison]
    course: list[Stood]
    fairness: Fairness | None


class _Group(Struct, frozen=True):
    arms: tuple[Judged, ...]

    @property
    def rate(self) -> Rate:
        return Rate(sum(one.rate.people for one in self.arms), sum(one.rate.achievers for one in self.arms))

    @property
    def worth(self) -> Worth:
        worths = [one.worth for one in self.arms]
        return Worth(sum(one.people for one in worths), sum(one.total for one in worths), sum(one.squares for one in worths))

    def days(self, count: int) -> list[Rate]:
        return [
            Rate(sum(one.days[place].people for one in self.arms), sum(one.days[place].achievers for one in self.arms))
            for place in range(count)
        ]


def proof(project: Project, campaign: Campaign, trial: Trial) -> Proof:
    """What a trial of this campaign's present arms allows one to say."""
    met = {one.action: one for one in trial.arms}
    messages = [met[one.id] for one in campaign.actions if not one.holdout and one.id in met]
    held = _held(campaign, met)
    shown, base = _Group(tuple(messages)), _Group(tuple(held)) if held else None
    pairs = [(_Group((one,)), base) for one in messages] if base and len(messages) > 1 else []
    pairs += [(_Group((one,)), _Group((messages[0],))) for one in messages[1:]]
    parts = len(pairs) / OTHERS if base else len(pairs)
    names = {action.id: action.name for action in campaign.actions}
    days = len(trial.days)
    main = _compared(shown, base, 1 / (1 - OTHERS) if pairs else 1, days, names) if base and messages else None
    said, confidence = _verdict(campaign, shown, main)
    told = main.difference if main else None
    return Proof(
        _both(lambda language: words.headline(said, shown.rate, base.rate if base else None, confidence, language)),
        _both(lambda language: words.meaning(said, confidence, language)),
        said,
        confidence if told else 0.0,
        main,
        [_compared(arm, other, parts, days, names) for arm, other in pairs],
        _course(shown, base, 1 / (1 - OTHERS) if pairs else 1, trial) if base and messages else [],
        _fairness(project, campaign, met),
    )


def _held(campaign: Campaign, met: dict[ActionId, Judged]) -> list[Judged]:
    """The campaign's own holdouts, or where it has none, the project's; they see no message of any campaign."""
    own = [one.id for one in campaign.actions if one.holdout and one.weight]
    return [met[action] for action in own or [GLOBAL_HOLDOUT] if action in met]


def _verdict(campaign: Campaign, shown: _Group, main: Comparison | None) -> tuple[Verdict, float]:
    if not shown.rate.people:
        return "nobody", 0.0
    if campaign.goal is None:
        return "no_goal", 0.0
    if main is None:
        return "no_base", 0.0
    return main.verdict, main.difference.confidence if main.difference else 0.0


def _compared(arm: _Group, base: _Group, parts: float, days: int, names: dict[ActionId, str]) -> Comparison:
    found = between_rates(arm.rate, base.rate, parts)
    said = words.verdict(found)
    confidence = found.confidence if found else 0.0
    called, base_called = (_called(one, names) for one in (arm, base))

    def sentence(language: words.Language) -> str:
        of, to = getattr(called, language), getattr(base_called, language)
        return words.against(said, of, arm.rate, to, base.rate, confidence, language)

    return Comparison(
        _side(arm),
        _side(base),
        said,
        _both(sentence),
        found,
        between_worths(arm.worth, base.worth, parts),
        _days_left(arm, base, parts, days),
    )


def _days_left(arm: _Group, base: _Group, parts: float, days: int) -> int | None:
    """At the pace of the latest days: the whole is scaled, so the days that it took are counted at that pace."""
    came = [one.people + other.people for one, other in zip(arm.days(days), base.days(days), strict=True)]
    lately = came[-PACE_DAYS:]
    if not sum(lately):
        return None
    pace = sum(lately) / len(lately)
    return days_to_verdict(arm.rate, base.rate, max(round(sum(came) / pace), 1), parts)


def _course(arm: _Group, base: _Group, parts: float, trial: Trial) -> list[Stood]:
    days = list(zip(arm.days(len(trial.days)), base.days(len(trial.days)), strict=True))
    people = 0
    course: list[Stood] = []
    for day, (one, other), found in zip(trial.days, days, running(days, parts), strict=True):
        people += one.people + other.people
        course.append(Stood(date.fromordinal(day).isoformat(), people, found))
    return course


def _fairness(project: Project, campaign: Campaign, met: dict[ActionId, Judged]) -> Fairness | None:
    """None where there is nothing to divide."""
    weights = {action.id: action.weight * (WHOLE - project.global_holdout) for action in campaign.actions if action.weight}
    if project.global_holdout:
        weights[GLOBAL_HOLDOUT] = project.global_holdout * sum(action.weight for action in campaign.actions)
    if len(weights) < 2:
        return None
    people = [met[action].rate.people if action in met else 0 for action in weights]
    found = split(people, list(weights.values()))
    divisions = [Division(*one) for one in zip(weights, people, found.expected, strict=True)]
    return Fairness(divisions, found.p, found.alarm)


def _side(group: _Group) -> Side:
    rate, worth = group.rate, group.worth
    return Side(
        [one.action for one in group.arms],
        rate.people,
        rate.achievers,
        rate.share if rate.people else None,
        worth.mean if rate.people else None,
    )


def _called(group: _Group, names: dict[ActionId, str]) -> Called:
    if any(one.holdout for one in group.arms):
        return Called("未実施", "the holdout")
    names_of: Sequence[str] = [names.get(one.action, one.action) for one in group.arms]
    return Called("・".join(names_of), ", ".join(names_of))


def _both(say: Callable[[words.Language], str]) -> Called:
    return Called(say("ja"), say("en"))
