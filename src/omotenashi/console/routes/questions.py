"""Questions about many people: the usual values of a field, a campaign's gates and results."""

from datetime import date
from typing import Annotated

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, Parameter
from msgspec import Struct

from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest
from omotenashi.model.ids import CampaignId, Day, Instant
from omotenashi.warehouse.questions.results import ArmResult
from omotenashi.warehouse.questions.top_values import TopValue

MONTH_MS = 30 * 86_400_000


class Stopped(Struct):
    """How many decisions, of how many people, ended at a gate, of those that ``reached`` it.

    The gates ``shown`` and ``holdout`` are those of decisions that passed all others.
    """

    gate: str
    events: int
    people: int
    reached: int


class Arm(Struct):
    """What became of one arm on one day, or with ``day`` "" in all. Rates are None when nobody was there to have one."""

    action: str
    name: str
    holdout: bool
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


class Funnel(Struct):
    """Where the decisions on a campaign ended, gate by gate, between two instants."""

    campaign: str
    start: Instant
    end: Instant
    gates: list[Stopped]


class Results(Struct):
    """What became of each arm on the days from ``start`` to ``end``."""

    campaign: str
    start: Instant
    end: Instant
    arms: list[Arm]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for values, funnels and results."""

    def span(start: int, end: int) -> tuple[Instant, Instant]:
        until = Instant(end) if end else desk.clock()
        since = Instant(start) if start else Instant(until - MONTH_MS)
        if since >= until:
            raise BadRequest("start", "expected a start before the end, both in ms")
        return since, until

    @get("/api/projects/{project:str}/values", opt={"needs": "read"}, sync_to_thread=True)
    def values(
        project: FromPath[str], event: FromQuery[str], field: FromQuery[str], limit: Annotated[int, Parameter(ge=1, le=1000)] = 30
    ) -> list[TopValue]:
        """The most frequent values of an event's field."""
        return desk.questions.top(desk.project(project), event, tuple(field.split(".")), limit)

    @get("/api/projects/{project:str}/campaigns/{campaign:str}/funnel", opt={"needs": "read"}, sync_to_thread=True)
    def funnel(project: FromPath[str], campaign: FromPath[str], start: FromQuery[int] = 0, end: FromQuery[int] = 0) -> Funnel:
        """A campaign's gates as a funnel; the last 30 days when nothing else is asked."""
        found = desk.project(project)
        asked = CampaignId(desk.campaign(found, campaign).id)
        since, until = span(start, end)
        stages = desk.questions.funnel(found, asked, since, until)
        gates = [Stopped(one.gate.name.lower(), one.events, one.people, one.reached) for one in stages]
        return Funnel(asked, since, until, gates)

    @get("/api/projects/{project:str}/campaigns/{campaign:str}/results", opt={"needs": "read"}, sync_to_thread=True)
    def results(project: FromPath[str], campaign: FromPath[str], start: FromQuery[int] = 0, end: FromQuery[int] = 0) -> Results:
        """A campaign's results by arm and day; the last 30 days when nothing else is asked."""
        found = desk.project(project)
        asked = desk.campaign(found, campaign)
        since, until = span(start, end)
        names = {action.id: action.name for action in asked.actions}
        arms = [_arm(one, names.get(one.action, "")) for one in desk.questions.results(found, asked.id, since, until)]
        return Results(asked.id, since, until, arms)

    return [values, funnel, results]


def _arm(one: ArmResult, name: str) -> Arm:
    return Arm(
        one.action,
        name,
        one.holdout,
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


def _date(day: Day) -> str:
    return date.fromordinal(day).isoformat()
