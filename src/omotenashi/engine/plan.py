"""A project's configuration, compiled once for the fold and the decision.

Built again at every configuration version and whenever back-filled bases become ready; immutable after.
"""

from collections.abc import Callable, Iterable
from functools import cached_property

import msgspec

from omotenashi.model.campaigns import Action, Campaign, Project, Row, Schedule, Variable
from omotenashi.model.ids import CampaignId, Instant, SegmentId, StatisticId
from omotenashi.model.outcomes import Gate
from omotenashi.model.profiles import Profile
from omotenashi.model.rules import EVERYONE, All, AnyOf, Compare, InSegment, Not, Rule, Segments, Statistic
from omotenashi.model.values import Scalar, Values, elements

from .calendar import Calendar
from .folders import Folder, folders
from .rules import evaluate, facts, generate
from .rules.environment import Environment
from .rules.thresholds import thresholds
from .schedule import is_open
from .statistics import read, used_by

Screen = Callable[[Profile, Values, Values, Instant], bytearray]
"""(profile, event values, page values, now) -> one byte a campaign: 0 to go on, else the `Gate` that failed."""


class Listening(msgspec.Struct):
    """The campaigns that one event name triggers, in deciding order, and what screens them."""

    campaigns: tuple[Campaign, ...]
    screen: Screen
    patient: list[tuple[int, list[int | float]]]  # place, thresholds of session.seconds in its audience
    reads_page: bool  # whether any of them has a rule over the page


class Plan:
    """Everything that the fold and the decision need of a project, at one configuration version."""

    def __init__(self, project: Project, ready: int) -> None:
        self.project = project
        self.version = project.version
        self.ready = ready
        self.calendar = Calendar(project.time_zone)
        self.segments: Segments = {name: self._keyed(rule) for name, rule in project.segments.items()}
        self.campaigns = tuple(self._keyed_campaign(campaign) for campaign in project.campaigns)
        self.by_id = {campaign.id: campaign for campaign in self.campaigns}
        self.recorded = EVERYONE if project.recorder is None else self._keyed(project.recorder.who)
        self.env = Environment(
            calendar=self.calendar,
            segments=self.segments,
            lists={name: frozenset(members) for name, members in project.lists.items()},
            purposes={purpose.name: purpose for purpose in project.purposes},
        )
        self.statistics: dict[str, Statistic] = {}
        for rule in self._live_rules():
            self.statistics.update({str(key): one for key, one in used_by(rule, self.segments).items()})
        for variable in self._variables():
            if variable.statistic is not None:
                self.statistics[variable.statistic.id] = variable.statistic
        self.folders = folders(self.statistics.values(), self.calendar)
        self._folders_at: dict[int, dict[str, Folder]] = {}
        self.preparing = frozenset(c.id for c in self.campaigns if self._is_preparing(c))
        self.listening = self._listening()
        self.goals = self._goals()

    def folders_at(self, version: int) -> dict[str, Folder]:
        """The folders of the statistics that existed at an older version: an entry is folded as it was logged."""
        known = self._folders_at.get(version)
        if known is None:
            older = [statistic for key, statistic in self.statistics.items() if born(key) <= version]
            known = self._folders_at[version] = folders(older, self.calendar)
        return known

    def consent(self, p: Profile, purpose: str, now: Instant) -> str:
        """unknown, granted, denied, withdrawn or expired."""
        return facts.consent_state(p, purpose, now, self.env.purposes)

    def segments_of(self, p: Profile, now: Instant) -> list[SegmentId]:
        """The segments that the person is in at this instant, in the project's order."""
        return self._members(p, now)

    def judge(self, segments: Iterable[SegmentId]) -> Callable[[Profile, Instant], list[SegmentId]]:
        """One function (profile, now) that says which of these segments somebody is in; see `rules.generate` for its locals."""
        emitter = generate.Emitter(self.env)
        body = [f"    if {emitter.expression(InSegment(name))}: held.append({name!r})" for name in segments]
        source = [
            "def members(p, now):",
            "    held = []",
            "    a = p.accumulators",
            "    v = {}",
            *(f"    {line}" for line in emitter.preamble()),
            *body,
            "    return held",
        ]
        return generate.function("members", "\n".join(source), emitter.namespace)

    def missing_variable(self, action: Action, p: Profile, v: Values, now: Instant) -> str | None:
        """The name of the first variable without a value or a default; None when the text can be written."""
        for name, variable in action.variables.items():
            if variable.source == "rows":
                if not variable.may_be_empty and not self.rows_of(variable, p, v, now):
                    return name
            elif variable.default is None and self.value_of(variable, p, v, now) is None:
                return name
        return None

    def context(self, action: Action, p: Profile, v: Values, now: Instant) -> dict[str, object]:
        """What the action's texts may name: its variables by name, defaults filled in."""
        context: dict[str, object] = {}
        for name, variable in action.variables.items():
            if variable.source == "rows":
                context[name] = self.rows_of(variable, p, v, now)
                continue
            value = self.value_of(variable, p, v, now)
            context[name] = variable.default if value is None else value
        return context

    def value_of(self, variable: Variable, p: Profile, v: Values, now: Instant) -> Scalar | None:
        """One variable's value: the first scalar its path reaches, or None when missing."""
        if variable.source == "event":
            return next(iter(elements(v, variable.path)), None)
        if variable.source == "attribute":
            register = p.attributes.get(".".join(variable.path))
            return register.value[0] if register is not None and register.value else None
        if variable.source == "fact":
            fact = facts.known(".".join(variable.path))
            return None if fact is None else facts.reader(fact)(p)
        if variable.source == "statistic" and variable.statistic is not None:
            return read(variable.statistic, p.accumulators.get(variable.statistic.id), p, now, self.calendar)
        if variable.source == "table" and variable.key is not None:
            row = self.project.tables.get(variable.table, {}).get(str(self.value_of(variable.key, p, v, now)))
            return None if row is None else row.get(variable.column)
        return None

    def rows_of(self, variable: Variable, p: Profile, v: Values, now: Instant) -> list[Row]:
        """The rows that a variable stands for, in the table's order, at most as many as it asks for; [] when none match."""
        if variable.key is None:
            return self._rows(variable.table, "").get("", [])[: variable.limit]
        wanted = self.value_of(variable.key, p, v, now)
        return [] if wanted is None else self._rows(variable.table, variable.column).get(spelled(wanted), [])[: variable.limit]

    def _rows(self, table: str, column: str) -> dict[str, list[Row]]:
        """A table's rows by the cells of a column, all of them under "" when it is no column; each row holds its ``key``."""
        known = self._rows_by.get((table, column))
        if known is None:
            known = self._rows_by[table, column] = {}
            for key, row in self.project.tables.get(table, {}).items():
                cell = row.get(column) if column else ""
                if cell is not None:
                    known.setdefault(spelled(cell), []).append({"key": key, **row})
        return known

    # Building

    def closure(self, campaign: CampaignId, part: str) -> evaluate.Closure:
        """The reference reading of a campaign's ``audience``, ``where`` or ``pages``."""
        known = self._campaign_closures.get((campaign, part))
        if known is None:
            known = evaluate.closure(getattr(self.by_id[campaign], part), self.env)
            self._campaign_closures[campaign, part] = known
        return known

    @cached_property
    def _rows_by(self) -> dict[tuple[str, str], dict[str, list[Row]]]:
        return {}

    @cached_property
    def _campaign_closures(self) -> dict[tuple[str, str], evaluate.Closure]:
        return {}

    @cached_property
    def _members(self) -> Callable[[Profile, Instant], list[SegmentId]]:
        return self.judge(self.segments)

    def _key(self, statistic: Statistic) -> Statistic:
        """Its accumulators' name: the hash of its definition and the version it was born in."""
        birth = self.project.statistics.get(statistic.id, self.version)
        return msgspec.structs.replace(statistic, id=StatisticId(f"{statistic.id}.{birth}"))

    def _keyed(self, rule: Rule) -> Rule:
        match rule:
            case Compare(subject=Statistic() as statistic):
                return Compare(self._key(statistic), rule.op, rule.value)
            case All(of=of):
                return All(tuple(self._keyed(part) for part in of))
            case AnyOf(of=of):
                return AnyOf(tuple(self._keyed(part) for part in of))
            case Not(of=part):
                return Not(self._keyed(part))
            case _:
                return rule

    def _keyed_campaign(self, campaign: Campaign) -> Campaign:
        actions = tuple(
            msgspec.structs.replace(action, variables={name: self._keyed_variable(v) for name, v in action.variables.items()})
            for action in campaign.actions
        )
        return msgspec.structs.replace(campaign, audience=self._keyed(campaign.audience), actions=actions)

    def _keyed_variable(self, variable: Variable) -> Variable:
        statistic = None if variable.statistic is None else self._key(variable.statistic)
        key = None if variable.key is None else self._keyed_variable(variable.key)
        return msgspec.structs.replace(variable, statistic=statistic, key=key)

    def _live_rules(self) -> Iterable[Rule]:
        yield from self.segments.values()
        for campaign in self.campaigns:
            yield campaign.audience
        yield self.recorded

    def _variables(self, campaigns: Iterable[Campaign] | None = None) -> Iterable[Variable]:
        for campaign in self.campaigns if campaigns is None else campaigns:
            for action in campaign.actions:
                for variable in action.variables.values():
                    yield variable
                    if variable.key is not None:
                        yield variable.key

    def _is_preparing(self, campaign: Campaign) -> bool:
        needed = set(used_by(campaign.audience, self.segments))
        needed.update(v.statistic.id for v in self._variables([campaign]) if v.statistic is not None)
        return any(born(key) > self.ready for key in needed)

    def _listening(self) -> dict[str, Listening]:
        by_event: dict[str, list[Campaign]] = {}
        for campaign in self.campaigns:
            by_event.setdefault(campaign.trigger, []).append(campaign)
        return {
            name: Listening(
                tuple(campaigns),
                self._screen(name, campaigns),
                [
                    (place, waits)
                    for place, campaign in enumerate(campaigns)
                    if (waits := [seconds for _, seconds in thresholds(campaign.audience, self.segments)])
                ],
                any(campaign.pages != EVERYONE for campaign in campaigns),
            )
            for name, campaigns in by_event.items()
        }

    def _always(self, campaign: Campaign) -> Gate | None:
        """The gate that this plan's campaign can never pass, whoever comes."""
        if self.project.messages_stopped:
            return Gate.STOPPED_BY_SWITCH
        if not campaign.live:
            return Gate.NOT_LIVE
        return None

    def _screen(self, name: str, campaigns: list[Campaign]) -> Screen:
        """One function for all campaigns of an event name, up to the page rule; see `rules.generate` for its locals."""
        emitter = generate.Emitter(self.env)
        preset = bytearray()
        body: list[str] = []
        for place, campaign in enumerate(campaigns):
            always = self._always(campaign)
            preset.append(Gate.AUDIENCE if always is None else always)
            if always is not None:
                continue
            indent = "    "
            if campaign.schedule != Schedule():
                schedule = emitter.constant("schedule", is_open(campaign.schedule, self.calendar))
                body.append(f"{indent}if not {schedule}(now): out[{place}] = {Gate.OFF_SCHEDULE:d}")
                body.append(f"{indent}else:")
                indent += "    "
            if campaign.id in self.preparing:
                body.append(f"{indent}out[{place}] = {Gate.PREPARING:d}")
                continue
            body.append(f"{indent}if {emitter.expression(campaign.audience)}:")
            indent += "    "
            passed = f"{indent}out[{place}] = {Gate.SHOWN:d}"
            if campaign.where != EVERYONE:
                body.append(f"{indent}if not {emitter.expression(campaign.where)}: out[{place}] = {Gate.TRIGGER:d}")
                passed = f"{indent}else: out[{place}] = {Gate.SHOWN:d}"
            if campaign.pages != EVERYONE:
                if name == "view":  # whose own values are the page's
                    on_page = emitter.expression(campaign.pages)
                else:
                    page = emitter.constant("page", generate.predicate(campaign.pages, self.env, f"pages of {campaign.id}"))
                    on_page = f"{page}(p, g, now)"
                word = "if" if campaign.where == EVERYONE else "elif"
                body.append(f"{indent}{word} not {on_page}: out[{place}] = {Gate.PAGE:d}")
                passed = f"{indent}else: out[{place}] = {Gate.SHOWN:d}"
            body.append(passed)
        source = [
            "def screen(p, v, g, now):",
            f"    out = bytearray({bytes(preset)!r})",
            "    a = p.accumulators",
            *(f"    {line}" for line in emitter.preamble()),
            *body,
            "    return out",
        ]
        return generate.function("screen", "\n".join(source), emitter.namespace)

    def _goals(self) -> dict[str, list[tuple[Campaign, evaluate.Closure]]]:
        goals: dict[str, list[tuple[Campaign, evaluate.Closure]]] = {}
        for campaign in self.campaigns:
            if campaign.goal is not None:
                closure = evaluate.closure(campaign.goal.where, self.env)
                goals.setdefault(campaign.goal.event, []).append((campaign, closure))
        return goals

    def listeners(self, event: str) -> tuple[CampaignId, ...]:
        """Whose gates stand in ``Event.gates`` of an event with this name, in order."""
        listening = self.listening.get("view" if event == "_recheck" else event)
        return () if listening is None else tuple(campaign.id for campaign in listening.campaigns)


def spelled(value: Scalar) -> str:
    """A value as the cells of tables are compared: 3 and 3.0 are the same, and true is a word."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def born(key: str) -> int:
    """The configuration version in an accumulators' key."""
    return int(key.rpartition(".")[2])


def build(project: Project, ready: int) -> Plan:
    """Compiles a project; ``ready`` is the configuration version up to which all back-filled bases stand."""
    return Plan(project, ready)
