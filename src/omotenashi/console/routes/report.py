"""What a campaign did: from coming to the goal, by arm and day, with a verdict, its troubles, and who is behind each number."""

from datetime import date
from functools import partial
from typing import Annotated, Final, Literal, get_args

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, Parameter
from msgspec import Struct

from omotenashi.configuration.names import Called
from omotenashi.console.access import Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest
from omotenashi.console.faces import called
from omotenashi.console.proof import Proof, proof
from omotenashi.console.setups import Begun, Setups
from omotenashi.engine.calendar import Calendar
from omotenashi.engine.verdict.difference import Interval, Rate, interval
from omotenashi.model import profiles
from omotenashi.model.campaigns import Action, Campaign, Project
from omotenashi.model.ids import ActionId, CampaignId, Day, Instant, PersonId
from omotenashi.model.outcomes import Gate
from omotenashi.warehouse.questions import answers, cell, endings, met, results, stream, troubles
from omotenashi.warehouse.questions import judged as judging
from omotenashi.warehouse.questions.results import ArmResult
from omotenashi.warehouse.store import Store

MOST_DAYS: Final = 400
"""The longest period; what is asked beyond it begins so many days before its end."""

What = Literal[
    "came", "reached", "stopped", "withheld", "shown", "clicked", "closed", "answered", "covered", "gave_way", "failed",
    "judged", "goal", "crossed",
]  # fmt: skip
Side = Literal["", "message", "holdout"]


class Period(Struct):
    """Whole days of the project: ``first`` to ``last`` (ISO dates), which is from ``start`` to just before ``end``."""

    first: str
    last: str
    start: Instant
    end: Instant
    time_zone: str


class Passage(Struct):
    """``reached`` people came to the gate, ``stopped`` of them came no further; ``withheld`` were stopped there at least once.

    ``decisions`` ended there. The gates ``shown`` and ``holdout`` are those of whoever passed all others.
    """

    gate: str
    reached: int
    stopped: int
    withheld: int
    decisions: int


class Met(Struct):
    """People who really saw a message, or for the holdout, would have; ``judged`` met one arm alone, ``achieved`` the goal."""

    shown: int
    clicked: int
    judged: int
    achieved: int


class Numbers(Struct):
    """One arm on one ``day`` (ISO date), or with "" over the whole period. Rates are None when nobody was there to have one.

    ``shown`` counts displays, ``people`` who had them; ``closed`` by their own hand. ``judged`` met this arm alone, and the
    goals' rate and value are theirs; a goal belongs to the day of the exposure that it follows.
    """

    day: str
    shown: int
    people: int
    clicked: int
    clickers: int
    closed: int
    goals: int
    judged: int
    achievers: int
    click_rate: float | None
    goal_rate: float | None
    goal_value: float
    goal_value_per_person: float | None


class Arm(Struct):
    """One arm. ``weight`` in tenths of a percent, None when it is not configured any more; ``goal_rate`` lies ``within``."""

    action: ActionId
    name: str
    holdout: bool
    weight: int | None
    whole: Numbers
    days: list[Numbers]
    within: Interval | None


class Marked(Struct):
    """A version that changed this campaign, put in force ``at`` this instant."""

    version: int
    at: Instant
    comment: str
    author: str


class Since(Struct):
    """What the verdict rests on: everyone first shown since ``at``, when (``why``) shares or goal became what they are.

    ``people`` are judged, ``crossed`` are left out: they met two arms.
    """

    at: Instant
    why: str
    people: int
    crossed: int


class Report(Struct):
    """A campaign over a period, and the verdict on it. Nothing that happened before ``as_of`` is missing, but for seconds."""

    campaign: CampaignId
    name: Called
    goal: Called | None
    goal_event: str
    values: bool
    period: Period
    as_of: Instant
    since: Since
    proof: Proof
    came: int
    stream: list[Passage]
    message: Met
    holdout: Met
    arms: list[Arm]
    versions: list[Marked]


class Ending(Struct):
    """``how`` displays of an action ended: closed by what, or why the place was given back unopened."""

    action: ActionId
    how: str
    times: int
    people: int


class Suppression(Struct):
    """Gave way to ``winner``."""

    winner: CampaignId
    name: Called
    times: int
    people: int


class Conflict(Struct):
    """``selector`` was covered, up to ``share`` of it; ``other`` is the action of a covered message, of that ``campaign``."""

    selector: str
    other: ActionId
    campaign: CampaignId
    times: int
    people: int
    share: float
    latest_at: Instant


class Mistake(Struct):
    """An error. ``person`` is "" for those who may not see people."""

    at: Instant
    person: PersonId
    action: ActionId
    message: str
    url: str


class Troubles(Struct):
    """How displays ended, what was in the way, what failed."""

    period: Period
    as_of: Instant
    closings: list[Ending]
    releases: list[Ending]
    suppressions: list[Suppression]
    conflicts: list[Conflict]
    mistakes: list[Mistake]


class Choice(Struct):
    value: str | float | bool
    times: int
    people: int


class Text(Struct):
    at: Instant
    person: PersonId
    text: str


class Question(Struct):
    """``choices`` with how often each was given, or free ``texts``, the latest first."""

    field: str
    times: int
    people: int
    mean: float | None
    choices: list[Choice]
    texts: list[Text]


class Answers(Struct):
    """What was answered. ``withheld``: texts that people wrote are only told to those who may see people."""

    period: Period
    as_of: Instant
    read: int
    people: int
    more: bool
    withheld: bool
    questions: list[Question]


class Counted(Struct):
    """Somebody behind a number; ``at``: when it last counted. ``name`` and ``user_id`` are "" when they never said."""

    person: PersonId
    at: Instant
    name: str
    user_id: str
    visits: int
    last_at: Instant | None


class Cell(Struct):
    """The people behind one number: ``everybody`` says how many; ``people`` are one page of them, latest first."""

    campaign: CampaignId
    name: Called
    what: What
    gate: str
    arm: str
    arm_name: str
    side: Side
    winner: str
    period: Period
    as_of: Instant
    everybody: int
    people: list[Counted]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/campaigns/{campaign}/report`` and ``/people``."""
    setups = Setups(desk)

    def asked(project: str, campaign: str, start: str, end: str) -> tuple[Project, Campaign, Period, Begun]:
        found = desk.project(project)
        one = desk.campaign(found, campaign)
        calendar = Calendar(found.time_zone)
        now = desk.clock()
        last = min(_day(calendar, "end", end) if end else calendar.day(now), calendar.day(now))
        begun = setups.begun(found.id, one.id, calendar.day_start(last + 1))
        first = _day(calendar, "start", start) if start else calendar.day(begun.at)
        if first > last:
            raise BadRequest("start", "expected a day not after the end, nor after today")
        first = Day(max(first, last - MOST_DAYS + 1))
        span = (calendar.day_start(first), calendar.day_start(last + 1))
        return found, one, Period(_date(first), _date(last), *span, found.time_zone), begun

    def versions(project: Project, campaign: CampaignId, period: Period) -> list[Marked]:
        """Versions of the period whose file of this campaign is not that of the version before."""
        path = f"campaigns/{campaign}.yaml"
        history = [one for one in desk.office.history(project.id) if one.applied_at < period.end]
        marked: list[Marked] = []
        for one, earlier in zip(history, [*history[1:], None], strict=True):
            if one.applied_at < period.start or len(marked) == 50:
                break
            before = desk.office.sources(project.id, earlier.version).get(path) if earlier else None
            if desk.office.sources(project.id, one.version).get(path) != before:
                marked.append(Marked(one.version, Instant(one.applied_at), one.comment, one.author))
        return marked[::-1]

    @get("/api/projects/{project:str}/campaigns/{campaign:str}/report", opt={"needs": "read"}, sync_to_thread=True)
    def report(project: FromPath[str], campaign: FromPath[str], start: FromQuery[str] = "", end: FromQuery[str] = "") -> Report:
        """A campaign's stream, arms and verdict over whole days (ISO dates); unless said, since its shares last changed."""
        found, one, period, begun = asked(project, campaign, start, end)
        calendar = Calendar(found.time_zone)
        since, until = period.start, period.end
        days = [Day(day) for day in range(calendar.day(since), calendar.day(until - 1) + 1)]

        def put(store: Store) -> tuple[list[stream.Passage], tuple[met.Met, met.Met], list[ArmResult], judging.Trial]:
            return (
                stream.stream(store, found.id, one.id, since, until),
                met.met(store, found.id, one.id, since, until),
                results.results(store, found.id, one.id, days, calendar),
                judging.judged(store, found.id, one.id, begun.at, until, calendar),
            )

        gates, (shown, held), arms, trial = desk.questions.ask(put)
        names = desk.names(found)
        goal = one.goal.event if one.goal else ""
        return Report(
            one.id,
            names.campaigns.get(one.id, Called(one.name, one.name)),
            names.events.get(goal, Called(goal, goal)) if goal else None,
            goal,
            bool(one.goal and one.goal.value),
            period,
            desk.clock(),
            Since(begun.at, begun.why, sum(arm.rate.people for arm in trial.arms), trial.crossed),
            proof(found, one, trial),
            gates[0].reached if gates else 0,
            [Passage(gate.gate.name.lower(), gate.reached, gate.last, gate.people, gate.decisions) for gate in gates],
            _met(shown),
            _met(held),
            _arms(one, arms),
            versions(found, one.id, period),
        )

    @get("/api/projects/{project:str}/campaigns/{campaign:str}/report/troubles", opt={"needs": "read"}, sync_to_thread=True)
    def report_troubles(
        who: NamedDependency[Who],
        project: FromPath[str],
        campaign: FromPath[str],
        start: FromQuery[str] = "",
        end: FromQuery[str] = "",
    ) -> Troubles:
        """How a campaign's displays ended, to whom it gave way, what it covered, and its last hundred errors."""
        found, one, period, _ = asked(project, campaign, start, end)
        which = {"project": found.id, "campaign": one.id, "start": period.start, "end": period.end}
        ask, names = desk.questions.ask, desk.names(found)
        owner = {action.id: other.id for other in found.campaigns for action in other.actions}
        open_names = who.may("people", found.id)
        return Troubles(
            period,
            desk.clock(),
            [_ending(each) for each in ask(partial(endings.closings, **which))],
            [_ending(each) for each in ask(partial(endings.releases, **which))],
            [
                Suppression(
                    each.winner, names.campaigns.get(each.winner, Called(each.winner, each.winner)), each.times, each.people
                )
                for each in ask(partial(troubles.suppressions, **which))
            ],
            [
                Conflict(
                    each.selector,
                    each.other,
                    owner.get(each.other, CampaignId("")),
                    each.times,
                    each.people,
                    each.share,
                    each.latest_at,
                )
                for each in ask(partial(troubles.conflicts, **which))
            ],
            [
                Mistake(each.at, each.person if open_names else PersonId(""), each.action, each.message, each.url)
                for each in ask(partial(troubles.mistakes, **which))
            ],
        )

    @get("/api/projects/{project:str}/campaigns/{campaign:str}/report/answers", opt={"needs": "read"}, sync_to_thread=True)
    def report_answers(
        who: NamedDependency[Who],
        project: FromPath[str],
        campaign: FromPath[str],
        start: FromQuery[str] = "",
        end: FromQuery[str] = "",
    ) -> Answers:
        """What people answered to a campaign's questions."""
        found, one, period, _ = asked(project, campaign, start, end)
        told = desk.questions.ask(lambda store: answers.answers(store, found.id, one.id, period.start, period.end))
        open_names = who.may("people", found.id)
        return Answers(
            period,
            desk.clock(),
            told.read,
            told.people,
            told.more,
            not open_names and any(each.texts for each in told.questions),
            [_question(each, open_names) for each in told.questions],
        )

    @get("/api/projects/{project:str}/campaigns/{campaign:str}/people", opt={"needs": ("read", "people")}, sync_to_thread=True)
    def report_people(
        project: FromPath[str],
        campaign: FromPath[str],
        what: FromQuery[What],
        gate: FromQuery[str] = "",
        arm: FromQuery[str] = "",
        side: FromQuery[Side] = "",
        winner: FromQuery[str] = "",
        start: FromQuery[str] = "",
        end: FromQuery[str] = "",
        limit: Annotated[int, Parameter(ge=1, le=500)] = 50,
        offset: Annotated[int, Parameter(ge=0, le=10_000_000)] = 0,
    ) -> Cell:
        """The people behind one number of a campaign's report: at a gate, in an arm, on a side, or all."""
        found, one, period, begun = asked(project, campaign, start, end)
        page = cell.Page(limit, offset)
        of = cell.Of(ActionId(arm) if arm else None, side)
        stopped_at = _gate(gate) if what in get_args(cell.Passing) else Gate.SHOWN
        which = (found.id, one.id)
        span = (period.start, period.end, page)

        def put(store: Store) -> cell.Cell:
            match what:
                case "came" | "reached" | "stopped" | "withheld":
                    return cell.at_gate(store, *which, what, stopped_at, *span)
                case "judged" | "goal":
                    return cell.proving(store, *which, what, of, *span)
                case "crossed":
                    return cell.crossed(store, *which, begun.at, *span[1:])
                case _:
                    return cell.of_arm(store, *which, what, of, CampaignId(winner) if winner else None, *span)

        behind = desk.questions.ask(put)
        names = {action.id: action.name for action in one.actions}
        return Cell(
            one.id,
            desk.names(found).campaigns.get(one.id, Called(one.name, one.name)),
            what,
            gate,
            arm,
            names.get(ActionId(arm), arm),
            side,
            winner,
            period,
            desk.clock(),
            behind.everybody,
            [_counted(desk, found, person, at) for person, at in behind.people],
        )

    return [report, report_troubles, report_answers, report_people]


def _day(calendar: Calendar, where: str, text: str) -> Day:
    try:
        return calendar.parse_day(text)
    except ValueError:
        raise BadRequest(where, "expected a day such as 2026-11-21") from None


def _date(day: int) -> str:
    return date.fromordinal(day).isoformat()


def _gate(name: str) -> Gate:
    try:
        return Gate[name.upper() or "SHOWN"]
    except KeyError:
        known = ", ".join(gate.name.lower() for gate in stream.ORDER)
        raise BadRequest("gate", f"expected one of {known}") from None


def _met(one: met.Met) -> Met:
    return Met(one.shown, one.clicked, one.judged, one.achieved)


def _ending(one: endings.Ending) -> Ending:
    return Ending(one.action, one.how, one.times, one.people)


def _question(one: answers.Question, open_names: bool) -> Question:
    texts = [Text(each.at, each.person, each.text) for each in one.texts] if open_names else []
    return Question(
        one.field,
        one.times,
        one.people,
        one.mean,
        [Choice(each.value, each.times, each.people) for each in one.choices],
        texts,
    )


def _arms(campaign: Campaign, found: list[ArmResult]) -> list[Arm]:
    """Configured arms first, those that show a message before the holdout; also when nobody met them."""
    known: dict[ActionId, Action] = {action.id: action for action in campaign.actions if action.weight}
    order = sorted(known, key=lambda action: known[action].holdout)
    seen = dict.fromkeys(one.action for one in found)
    arms: list[Arm] = []
    for action in (*order, *(each for each in seen if each not in known)):
        own = [one for one in found if one.action == action]
        whole = next((one for one in own if one.day is None), None)
        if whole is None:
            whole = ArmResult(action, known[action].holdout, None, *(0,) * 9)
        days = [_numbers(one) for one in own if one.day is not None]
        within = interval(Rate(whole.judged, whole.achievers))
        name, weight = (known[action].name, known[action].weight) if action in known else ("", None)
        arms.append(Arm(action, name, whole.holdout, weight, _numbers(whole), days, within))
    return arms


def _numbers(one: ArmResult) -> Numbers:
    return Numbers(
        "" if one.day is None else _date(one.day),
        one.shown,
        one.people,
        one.clicked,
        one.clickers,
        one.closed,
        one.goals,
        one.judged,
        one.achievers,
        one.click_rate,
        one.goal_rate,
        one.goal_value,
        one.goal_value_per_person,
    )


def _counted(desk: Desk, project: Project, person: PersonId, at: Instant) -> Counted:
    packed = desk.shelf.profile(project.id, person)
    if packed is None:
        return Counted(person, at, "", "", 0, None)
    profile = profiles.unpack(packed)
    return Counted(person, at, called(profile), profile.user_id or "", profile.visits, profile.last_at)
