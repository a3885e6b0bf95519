"""Campaigns as a list, their switches between live and paused, copies, and what to know before one is published."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final, Literal, cast
from urllib.parse import parse_qsl, urlsplit

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from omotenashi.configuration import papers
from omotenashi.configuration.compile import compiled
from omotenashi.configuration.names import Called
from omotenashi.configuration.plan import Changes
from omotenashi.configuration.problems import Problem, Refused
from omotenashi.configuration.saying import NOTHING, Said
from omotenashi.console import access
from omotenashi.console.access import Who
from omotenashi.console.desk import Desk
from omotenashi.console.drafting import DraftChange, Drafting, speaker
from omotenashi.console.drafts import Draft, Mark
from omotenashi.console.errors import BadRequest, NeedsApproval
from omotenashi.engine import plan as plans
from omotenashi.engine.calendar import Calendar
from omotenashi.engine.plan import Plan
from omotenashi.engine.statistics import used_by
from omotenashi.model.campaigns import Campaign, Project
from omotenashi.model.ids import Day, Instant, PersonId
from omotenashi.model.profiles import Profile
from omotenashi.model.rules import EVERYONE, All, Compare, Fact, Op, Rule, When
from omotenashi.warehouse.questions.trends import Trend, trends

DAY_MS: Final = 86_400_000
TREND_DAYS: Final = 14
MOST_ADDRESSES: Final = 200
"""How many of the most visited addresses are looked at for campaigns that meet on a page."""
MOST_PAGES: Final = 5
REACH_DAYS: Final = (7, 30)

State = Literal["live", "draft", "paused", "archived"]
Status = Literal["new", "draft", "waiting", "preparing", "live", "over", "paused", "archived"]


class CampaignLine(Struct):
    """A campaign in the list. ``new``: nothing of it is published yet. ``waiting`` and ``over``: live, outside its dates.

    ``shown`` and ``clicked`` are of the last 14 days, the oldest first; ``templates`` and ``arms`` of those who see something.
    """

    id: str
    name: Called
    status: Status
    state: State
    audience: Said
    trigger: str
    priority: int
    exclusive: bool
    templates: list[str]
    arms: int
    holdout: bool
    goal: str
    shown: list[int]
    clicked: list[int]
    version: int
    changed_at: Instant
    draft: Mark | None


class Campaigns(Struct):
    """All campaigns of a project. The trends run from day ``start`` to day ``end``, which is today, as of ``as_of``."""

    campaigns: list[CampaignLine]
    start: str
    end: str
    as_of: Instant
    messages_stopped: bool
    approval: bool


class Restated(Struct):
    """The state that a campaign shall have."""

    state: State


class Turned(Struct):
    """The state it had before, with which this is undone, and what changed."""

    before: State
    changes: Changes


class Copying(Struct):
    """The id that the copy shall have; "" chooses one."""

    id: str = ""


class Reach(Struct):
    """Of the people who were here in the last ``days`` days, how many are in the audience as they are today."""

    days: int
    people: int
    everybody: int


class Arrived(Struct):
    """How often something that the campaign listens for happened in the last 7 days, and on how many people's days."""

    what: Literal["trigger", "pages"]
    event: str
    events: int
    people_a_day: float


class Finding(Struct):
    """Something to know before publishing. ``about`` is an event, a campaign's id or a selector, by ``kind``.

    never_came: the event ``about`` was never received; ``where`` says what for (trigger, audience, goal, variable).
    lately_silent: it was, but not in the last 30 days. nobody: no one of the last 30 days is in the audience.
    no_page: no page that was seen fits. goes_before, gives_way: another exclusive campaign meets it on the pages ``where``.
    """

    kind: Literal[
        "never_came",
        "lately_silent",
        "nobody",
        "no_page",
        "goes_before",
        "gives_way",
        "nothing_protected",
        "only_reports",
        "no_goal",
        "no_holdout",
        "over",
        "stopped",
    ]
    level: Literal["warning", "note"]
    about: str = ""
    where: list[str] = []


class Check(Struct):
    """What is known of a campaign before it is published, from the draft if there is one. Problems stand in its way."""

    campaign: str
    problems: list[Problem]
    audience: Said
    reach: list[Reach]
    arrived: list[Arrived]
    findings: list[Finding]
    as_of: Instant


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/campaigns``."""
    drafts = Drafting(desk)

    @get("/api/projects/{project:str}/campaigns", opt={"needs": "read"}, sync_to_thread=True)
    def campaigns(project: FromPath[str]) -> Campaigns:
        """Every campaign: how it stands, whom it is for, how often it was shown lately."""
        found, now = desk.project(project), desk.clock()
        calendar = Calendar(found.time_zone)
        today = calendar.day(now)
        days = [Day(day) for day in range(today - TREND_DAYS + 1, today + 1)]
        by_campaign = desk.questions.ask(lambda store: trends(store, found.id, days, calendar))
        plan, says = desk.plan(found), speaker(desk, found)
        by_id = {campaign.id: campaign for campaign in found.campaigns}
        sources = desk.office.sources(found.id, found.version)
        lines: list[CampaignLine] = []
        for listed in drafts.listed(found, "campaigns"):
            campaign = by_id.get(listed.id)  # type: ignore[call-overload]  ids are text
            trend = by_campaign.get(listed.id, Trend((0,) * TREND_DAYS, (0,) * TREND_DAYS))  # type: ignore[call-overload]
            state: State = "draft"
            if campaign is not None:
                place = papers.place("campaigns", listed.id, sources)
                state = _state(papers.data_of(place, sources[place.path], []))
            visible = [] if campaign is None else [action for action in campaign.actions if not action.holdout]
            lines.append(
                CampaignLine(
                    listed.id,
                    listed.name,
                    "new" if campaign is None else _status(campaign, state, plan, now),
                    state,
                    NOTHING if campaign is None else says.rule(campaign.audience),
                    "" if campaign is None else campaign.trigger,
                    100 if campaign is None else campaign.priority,
                    campaign is not None and campaign.exclusive,
                    list(dict.fromkeys(action.template for action in visible)),
                    len(visible),
                    campaign is not None and len(visible) < len(campaign.actions),
                    "" if campaign is None or campaign.goal is None else campaign.goal.event,
                    list(trend.shown),
                    list(trend.clicked),
                    listed.version,
                    listed.version_changed_at,
                    listed.draft,
                )
            )
        return Campaigns(lines, _date(days[0]), _date(days[-1]), now, found.messages_stopped, found.approval)

    @post(
        "/api/projects/{project:str}/campaigns/{campaign:str}/state", opt={"needs": "edit"}, status_code=200, sync_to_thread=True
    )
    def stated(
        request: Request[Any, Any, Any],
        project: FromPath[str],
        campaign: FromPath[str],
        data: JSONBody[Restated],
        who: NamedDependency[Who],
    ) -> Turned:
        """Pause a campaign, take it up again, archive it. Its draft, if it has one, stays what it is."""
        found = desk.project(project)
        desk.campaign(found, campaign)
        if data.state == "live" and found.approval and who.kind != "machine":
            raise NeedsApproval("state", "going live needs a second person's yes: change the draft's state and submit it")
        before = _state(drafts.document(found, "campaigns", campaign).document)
        comment = {"live": "taken up", "paused": "paused", "archived": "archived", "draft": "back to a draft"}[data.state]
        changes = drafts.rewrite(project, "campaigns", campaign, {"state": data.state}, f"{campaign}: {comment}", who)
        request.state.audit = access.Change("campaigns", campaign, {"state": before}, {"state": data.state})
        return Turned(before, changes)

    @post(
        "/api/projects/{project:str}/campaigns/{campaign:str}/copy", opt={"needs": "edit"}, status_code=200, sync_to_thread=True
    )
    def copied(project: FromPath[str], campaign: FromPath[str], data: JSONBody[Copying], who: NamedDependency[Who]) -> Draft:
        """A draft that says the same under another id, with actions of its own."""
        found = desk.project(project)
        original = drafts.document(found, "campaigns", campaign)
        content = original.draft.document if original.draft is not None else original.document
        if not isinstance(content, dict):
            raise BadRequest("campaign", f"{campaign} cannot be read, so it cannot be copied; mend it first")
        taken = {listed.id for listed in drafts.listed(found, "campaigns")}
        if data.id in taken:
            raise BadRequest("id", f"{data.id!r} is taken; choose another id, or leave it to us")
        wanted = data.id or next(name for n in range(2, len(taken) + 3) if (name := f"{_stem(campaign)}_{n}") not in taken)
        return drafts.put(found, "campaigns", wanted, DraftChange(0, document=_copy(cast(dict[str, Any], content))), who)

    @post(
        "/api/projects/{project:str}/campaigns/{campaign:str}/check",
        opt={"needs": "read", "audited": False},
        status_code=200,
        sync_to_thread=True,
    )
    def check(project: FromPath[str], campaign: FromPath[str]) -> Check:
        """What to know before publishing: whom it would reach, what never came, what it would meet."""
        found, now = desk.project(project), desk.clock()
        document = drafts.document(found, "campaigns", campaign)
        sources = desk.office.sources(found.id, found.version)
        if document.draft is not None:
            sources = papers.with_text(sources, papers.place("campaigns", campaign, sources), document.draft.text)
        try:
            tried = compiled(sources, found, found.version + 1, desk.fresh_key)
        except Refused as refused:
            mine = [problem for problem in refused.problems if problem.file == document.path]
            return Check(campaign, mine or list(refused.problems), NOTHING, [], [], [], now)
        wanted = desk.campaign(tried, campaign)
        says = speaker(desk, found)
        reach = _reach(desk, tried, wanted, now)
        arrived = _arrived(desk, tried, wanted, now)
        findings = [*_findings(desk, tried, wanted, reach, arrived, now)]
        return Check(campaign, [], says.rule(wanted.audience), reach, arrived, findings, now)

    return [campaigns, stated, copied, check]


def _state(data: Any) -> State:
    state = cast(dict[str, Any], data).get("state") if isinstance(data, dict) else None
    return cast(State, state) if state in ("live", "paused", "archived") else "draft"


def _status(campaign: Campaign, state: State, plan: Plan, now: Instant) -> Status:
    if state != "live":
        return state
    start, end = campaign.schedule.start, campaign.schedule.end
    if start is not None and now < start:
        return "waiting"
    if end is not None and now >= end:
        return "over"
    return "preparing" if campaign.id in plan.preparing else "live"


def _date(day: Day) -> str:
    return date.fromordinal(day).isoformat()


def _stem(campaign: str) -> str:
    return re.sub(r"_\d+$", "", campaign)[:60]


def _copy(data: dict[str, Any]) -> dict[str, Any]:
    """The campaign's data, not live, with another name, and without the ids that its actions carry for ever."""
    match data.get("name"):
        case {"ja": ja, "en": en}:
            name: Any = {"ja": f"{ja}（コピー）", "en": f"{en} (copy)"}
        case other:
            name = f"{other} (copy)"
    arms = [
        {key: value for key, value in cast(dict[str, Any], arm).items() if key != "id"} if isinstance(arm, dict) else arm
        for arm in data.get("actions") or []
    ]
    return {**data, "name": name, "state": "draft", "actions": arms}


# Before publishing


def _reach(desk: Desk, tried: Project, campaign: Campaign, now: Instant) -> list[Reach]:
    here = {days: Compare(Fact("last_seen_at"), Op.GE, When(ago_ms=days * DAY_MS)) for days in REACH_DAYS}
    rules: dict[str, Rule] = {}
    for days, rule in here.items():
        rules[f"{days}"] = rule
        rules[f"{days} in"] = All((rule, campaign.audience))
    sizes = desk.questions.sizes(tried, rules, now)
    return [Reach(days, sizes[f"{days} in"], sizes[f"{days}"]) for days in REACH_DAYS]


def _arrived(desk: Desk, tried: Project, campaign: Campaign, now: Instant) -> list[Arrived]:
    today = Calendar(tried.time_zone).day(now)
    week = [Day(day) for day in range(today - 6, today + 1)]
    asked: list[tuple[Literal["trigger", "pages"], str, Rule]] = [("trigger", campaign.trigger, campaign.where)]
    if campaign.pages != EVERYONE:
        asked.append(("pages", "view", campaign.pages))
    told: list[Arrived] = []
    for what, event, where in asked:
        days = desk.questions.daily(tried, event, where, week)
        told.append(Arrived(what, event, sum(day.events for day in days), sum(day.people for day in days) / len(days)))
    return told


def _findings(
    desk: Desk, tried: Project, campaign: Campaign, reach: list[Reach], arrived: list[Arrived], now: Instant
) -> Iterator[Finding]:
    latest = {one.name: one.latest_at for one in desk.questions.seen_events(tried)}
    for event, uses in _needed(tried, campaign).items():
        if event.startswith("_"):
            continue
        if event not in latest:
            yield Finding("never_came", "warning", event, uses)
        elif latest[event] < now - 30 * DAY_MS:
            yield Finding("lately_silent", "warning", event, uses)
    if not reach[-1].people:
        yield Finding("nobody", "warning")
    if any(one.what == "pages" and not one.events for one in arrived) and "view" in latest:
        yield Finding("no_page", "warning")
    if tried.messages_stopped:
        yield Finding("stopped", "warning")
    if campaign.schedule.end is not None and campaign.schedule.end <= now:
        yield Finding("over", "warning")
    yield from _met(desk, tried, campaign)
    shown = [action for action in campaign.actions if not action.holdout]
    if not campaign.script:
        if not tried.protect:
            yield Finding("nothing_protected", "note")
        elif any(action.display.guard == "report" for action in shown):
            yield Finding("only_reports", "note", ", ".join(tried.protect))
    if campaign.goal is None:
        yield Finding("no_goal", "note")
    elif len(shown) == len(campaign.actions) and not tried.global_holdout:
        yield Finding("no_holdout", "note")


def _needed(tried: Project, campaign: Campaign) -> Mapping[str, list[str]]:
    """The events that the campaign cannot do without, and what each is for."""
    needed: dict[str, list[str]] = {campaign.trigger: ["trigger"]}
    for statistic in used_by(campaign.audience, tried.segments).values():
        needed.setdefault(statistic.event, []).append("audience")
    if campaign.goal is not None:
        needed.setdefault(campaign.goal.event, []).append("goal")
    for action in campaign.actions:
        for variable in action.variables.values():
            if variable.statistic is not None:
                needed.setdefault(variable.statistic.event, []).append("variable")
    return {event: list(dict.fromkeys(uses)) for event, uses in needed.items()}


def _met(desk: Desk, tried: Project, campaign: Campaign) -> Iterator[Finding]:
    """Other live exclusive campaigns that may show on the same pages, of which only one is shown."""
    others = [one for one in tried.campaigns if one.exclusive and one.live and one.id != campaign.id]
    if not campaign.exclusive or not others:
        return
    addresses = [str(top.value) for top in desk.questions.top(tried, "view", ("url",), MOST_ADDRESSES)]
    plan = plans.build(msgspec.structs.replace(tried, campaigns=(campaign, *others)), tried.version)
    pages = {one.id: _fitting(plan, one, addresses) for one in (campaign, *others)}
    order = {one.id: place for place, one in enumerate(tried.campaigns)}
    for other in others:
        shared = [path for path in pages[campaign.id] if path in pages[other.id]]
        if shared:
            kind = "goes_before" if order[campaign.id] < order[other.id] else "gives_way"
            yield Finding(kind, "note", other.id, shared[:MOST_PAGES])


def _fitting(plan: Plan, campaign: Campaign, addresses: Collection[str]) -> list[str]:
    """The paths of these addresses on which the campaign may show."""
    fits = plan.closure(campaign.id, "pages")
    nobody = Profile(PersonId(""))
    found: dict[str, None] = {}
    for address in addresses:
        try:
            parts = urlsplit(address)
            page = {"url": address, "host": parts.hostname or "", "path": parts.path, "query": dict(parse_qsl(parts.query))}
        except ValueError:
            continue
        if fits(nobody, page, Instant(0)):
            found[parts.path] = None
    return list(found)
