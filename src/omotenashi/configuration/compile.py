"""A folder's files into the one document the engine reads: everything is checked, and every mistake is said.

``compiled`` walks the kinds in the order in which they need each other: the project, tables and lists, derived events, segments,
templates, campaigns. What cannot be read is left out and its name kept, so that one mistake is reported once.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar, cast
from zoneinfo import ZoneInfo

import msgspec
from liquid.exceptions import LiquidError
from msgspec import UNSET, Struct, UnsetType

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules import facts, parse
from omotenashi.engine.statistics import used_by
from omotenashi.model.campaigns import (
    RECORDER,
    Action,
    AskAgain,
    Campaign,
    Display,
    Filling,
    Frequency,
    Gap,
    GoalRule,
    Hours,
    Key,
    Project,
    Purpose,
    Recorder,
    Row,
    Schedule,
    Signals,
    Slot,
    Stop,
    Template,
    Testers,
    Variable,
)
from omotenashi.model.ids import ActionId, CampaignId, Instant, ProjectId, SegmentId
from omotenashi.model.rules import EVERYONE, All, AnyOf, Compare, Fact, Field, InSegment, Not, Op, Rule, Statistic

from . import documents, fillings, gallery, liquid, placement, schema, tables, theme
from .actions import HOLDOUT, WHOLE, published, shared, short_id, tenths
from .display import check, display, over
from .documents import Document, joined
from .durations import milliseconds
from .folder import Sources, misplaced
from .kinds import (
    ActionSource,
    Bilingual,
    CampaignSource,
    DerivedSource,
    GoalSource,
    PagesSource,
    ProjectSource,
    PurposeSource,
    RecordingPagesSource,
    RecordingSource,
    ScheduleSource,
    SegmentSource,
    StopSource,
    TableSource,
    TemplateSource,
    TestersSource,
    ThemeSource,
    VariableSource,
)
from .problems import Problem, Refused
from .render import prepare
from .selectors import unfit_selector
from .values import GIVEN

T = TypeVar("T", bound=Struct)

FreshKey = Callable[[str], str]
"""Makes a new unguessable key of a kind: ``public``, ``staging``, ``secret`` or ``identity``."""

_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ROWS_SHOWN: Final = 10
"""How many rows of a table a list takes when nothing else is said."""
PERSONALISE: Final = "personalise"
"""The purpose without which a person is shown no messages, where a project has it."""
_DAY_MINUTES: Final = 24 * 60
_RESERVED_NAMES: Final = frozenset(("view", "identify", "attribute", "consent"))


def compiled(sources: Sources, previous: Project | None, version: int, fresh_key: FreshKey) -> Project:
    """The project that the files describe, as version ``version``.

    From ``previous``, the version in force, come what must not change by itself: the short ids of actions, the birth
    of statistics, and keys that the files do not name. Raises ``Refused`` with every mistake there is.
    """
    reading = _Reading(sources, previous, version, fresh_key)
    project = reading.project()
    if not reading.problems:
        reading.try_out(project)
    if reading.problems:
        raise Refused(reading.problems)
    return project


class _Reading:
    def __init__(self, sources: Sources, previous: Project | None, version: int, fresh_key: FreshKey) -> None:
        self.sources = sources
        self.previous = previous
        self.version = version
        self.fresh_key = fresh_key
        self.problems: list[Problem] = misplaced(sources)
        self.documents: dict[str, Document] = {}
        self.language = "ja"
        self.calendar = Calendar("UTC")
        self.derived: dict[str, tuple[str, Rule]] = {}
        self.event_names: dict[str, str] = {}
        self.segment_names = frozenset(self._names("segments"))
        self.list_names: frozenset[str] = frozenset(self._names("lists", ".txt"))
        self.purposes: frozenset[str] = frozenset()
        self.tables: dict[str, dict[str, Row]] = {}
        self.templates: dict[str, Template] = {}
        self.described: dict[str, TemplateSource] = {}
        self.own_templates = frozenset(path.split("/")[1] for path in sources if path.startswith("templates/"))

    def project(self) -> Project:
        source = self._read("project.yaml", ProjectSource)
        if source is None:
            if "project.yaml" not in self.sources:
                self._wrong("project.yaml", "", "is missing")
            source = ProjectSource(id="unread", name="unread")
        self.language = source.language
        self._read_calendar(source)
        self.purposes = frozenset(purpose.name for purpose in source.purposes)
        self.tables = self._tables()
        self.derived = self._derived()
        segments, segment_names = self._segments()
        for name in sorted(self.own_templates):
            self._read_template(name)
        project_id = ProjectId(source.id)
        campaigns = self._campaigns(project_id)
        if self.previous is not None and self.previous.id != project_id:
            self._wrong("project.yaml", "id", f"expected {self.previous.id}, the project's id since its first version")
        project = Project(
            id=project_id,
            name=self._words(source.name),
            version=self.version,
            time_zone=source.time_zone,
            language=source.language,
            keys=self._keys(source),
            origins=tuple(source.origins),
            require_signed_identity=source.require_signed_identity,
            identity_secret=self.previous.identity_secret if self.previous else self.fresh_key("identity"),
            global_holdout=self._share("project.yaml", "global_holdout", source.global_holdout),
            cap_per_day=source.cap_per_day,
            gap=Gap(source.gap.seconds, source.gap.page_views),
            purposes=self._purposes(source.purposes),
            cookie_domain=source.cookie_domain,
            staff_addresses=self._addresses(source.staff_addresses),
            messages_stopped=bool(self.previous and self.previous.messages_stopped),
            recording_stopped=bool(self.previous and self.previous.recording_stopped),
            derived=self.derived,
            segments=segments,
            segment_names=segment_names,
            lists={name: self._list(name) for name in sorted(self.list_names)},
            campaigns=campaigns,
            templates=dict(sorted(self.templates.items())),
            tables=self.tables,
            style=theme.tokens(self._theme(source.theme)) + gallery.base(),
            protect=self._protected(source.protect),
            event_names=self.event_names,
            testers=_testers(source.testers),
            private_query=tuple(source.private.query),
            private_titles=source.private.titles,
            recorder=self._recorder(source.recording),
            approval=source.approval,
            friction=source.friction,
            ignored=self._ignored(source.ignore, campaigns),
        )
        return msgspec.structs.replace(project, statistics=self._statistics(project))

    def try_out(self, project: Project) -> None:
        """Render what can be rendered without a person: a text that never works must not be published."""
        for campaign in project.campaigns:
            for index, action in enumerate(campaign.actions):
                if action.holdout:
                    continue
                try:
                    prepare(action, project.templates[action.template])
                except LiquidError as error:
                    self._wrong(f"campaigns/{campaign.id}.yaml", f"actions[{index}]", f"cannot be rendered: {error}")

    # Reading files

    def _wrong(self, file: str, path: str, message: str) -> None:
        document = self.documents.get(file)
        self.problems.append(Problem(file, document.line(path) if document else 0, path, message))

    def _wrong_below(self, file: str, above: str, path: str, message: str) -> None:
        self._wrong(file, joined(above, path), message)

    def _read(self, file: str, kind: type[T], given: str | None = None) -> T | None:
        """The file, or the text ``given`` for it, as its kind's struct; None when it is not right, which is said."""
        text = self.sources.get(file) if given is None else given
        if text is None:
            return None
        document = documents.read(file, text, self.problems)
        if document is None:
            return None
        self.documents[file] = document
        wrong = schema.check(kind, file, document)
        self.problems.extend(wrong)
        return _sound(document.data, kind, wrong)

    def _names(self, folder: str, suffix: str = ".yaml") -> list[str]:
        files = (path.split("/") for path in sorted(self.sources))
        return [
            parts[1].removesuffix(suffix)
            for parts in files
            if parts[0] == folder and len(parts) == 2 and parts[1].endswith(suffix)
        ]

    def _words(self, words: str | Bilingual | UnsetType) -> str:
        if isinstance(words, Bilingual):
            return words.ja if self.language == "ja" else words.en
        return "" if words is UNSET else words

    # The project

    def _read_calendar(self, source: ProjectSource) -> None:
        try:
            ZoneInfo(source.time_zone)
        except (ValueError, OSError, KeyError):
            self._wrong("project.yaml", "time_zone", f"expected a time zone name such as Asia/Tokyo; found {source.time_zone!r}")
        else:
            self.calendar = Calendar(source.time_zone)

    def _keys(self, source: ProjectSource) -> tuple[Key, ...]:
        before = {key.kind: key.key for key in self.previous.keys} if self.previous else {}
        kinds = ("public", "staging", "secret")
        keys = tuple(
            Key(given if isinstance(given := getattr(source.keys, kind), str) else before.get(kind) or self.fresh_key(kind), kind)
            for kind in kinds
        )
        if len({key.key for key in keys}) < len(keys):
            self._wrong("project.yaml", "keys", "expected three different keys")
        return keys

    def _purposes(self, sources: list[PurposeSource]) -> tuple[Purpose, ...]:
        names = [one.name for one in sources]
        for index, one in enumerate(sources):
            if one.name in names[:index]:
                self._wrong(
                    "project.yaml", f"purposes[{index}].name", f"expected a name of its own; {one.name} stands here twice"
                )
        return tuple(_purpose(one) for one in sources)

    def _addresses(self, addresses: list[str]) -> tuple[str, ...]:
        for index, address in enumerate(addresses):
            try:
                ipaddress.ip_network(address, strict=False)
            except ValueError:
                self._wrong("project.yaml", f"staff_addresses[{index}]", f"expected an IP address or network; found {address!r}")
        return tuple(addresses)

    def _theme(self, source: ThemeSource) -> ThemeSource:
        """The theme, as far as its values are safe in a style sheet; what is not is said."""
        for path, value, wanted in theme.unfit(source):
            self._wrong("project.yaml", path, f"expected {wanted}; found {value!r}")
        return source

    def _protected(self, selectors: list[str]) -> tuple[str, ...]:
        for index, selector in enumerate(selectors):
            expected = unfit_selector(selector)
            if expected:
                self._wrong("project.yaml", f"protect[{index}]", f"expected {expected}; found {selector!r}")
        return tuple(selectors)

    def _recorder(self, source: RecordingSource | UnsetType) -> Recorder | None:
        if isinstance(source, UnsetType):
            return None
        file = "project.yaml"
        consent = None if isinstance(source.consent, UnsetType) else source.consent
        if consent is not None and consent not in self.purposes:
            self._unknown(file, "recording.consent", consent, self.purposes, "purpose of project.yaml")
        for name in ("text", "block", "unmask"):
            for index, selector in enumerate(getattr(source.mask, name)):
                expected = unfit_selector(selector)
                if expected:
                    self._wrong(file, f"recording.mask.{name}[{index}]", f"expected {expected}; found {selector!r}")
        return Recorder(
            by=source.by,
            consent=consent,
            who=EVERYONE if isinstance(source.who, UnsetType) else self._rule(file, "recording.who", source.who, "person"),
            pages=self._pages(file, source.pages, "recording.pages"),
            share=self._share(file, "recording.share", source.share),
            minimum_seconds=source.minimum_seconds,
            max_minutes=source.max_minutes,
            inputs=source.mask.inputs,
            text=tuple(source.mask.text),
            block=tuple(source.mask.block),
            unmask=tuple(source.mask.unmask),
            query=tuple(source.mask.query),
            canvas=source.canvas,
            indicator=source.indicator,
            keep_days=source.keep_days,
            quota_megabytes=source.quota_megabytes,
        )

    def _ignored(self, names: list[str], campaigns: tuple[Campaign, ...]) -> tuple[str, ...]:
        """Names that may be turned away: those that mean something here, or that somebody waits for, may not."""
        waits = {campaign.trigger: f"starts the campaign {campaign.id}" for campaign in campaigns}
        waits |= {campaign.goal.event: f"is the goal of the campaign {campaign.id}" for campaign in campaigns if campaign.goal}
        waits |= {sent: f"is what the derived event {name} is made of" for name, (sent, _) in self.derived.items()}
        for index, name in enumerate(names):
            if name in _RESERVED_NAMES or name.startswith("_"):
                reason = "means something to Omotenashi itself"
            elif name in self.derived:
                reason = "is a derived event, which nobody sends"
            elif name in waits:
                reason = waits[name]
            else:
                continue
            self._wrong("project.yaml", f"ignore[{index}]", f"expected an event that can be ignored; {name} {reason}")
        return tuple(dict.fromkeys(names))

    def _share(self, file: str, path: str, share: str | float) -> int:
        weight = tenths(share)
        if weight is None:
            self._wrong(file, path, f"expected a share between 0% and 100% in steps of 0.1%; found {share}")
        return weight or 0

    # Tables and lists

    def _tables(self) -> dict[str, dict[str, Row]]:
        found: dict[str, dict[str, Row]] = {}
        for name in self._names("tables"):
            source = self._read(f"tables/{name}.yaml", TableSource)
            found[name] = {} if source is None else source.rows
        for name in self._names("tables", ".csv"):
            file = f"tables/{name}.csv"
            if name in found:
                self._wrong(file, "", f"expected one table of this name; there is tables/{name}.yaml too")
            found[name] = self._csv(file)
        return found

    def _csv(self, file: str) -> dict[str, Row]:
        table = tables.read_csv(self.sources[file])
        self.problems.extend(Problem(file, one.line, one.column, one.message) for one in table.problems)
        return table.rows

    def _list(self, name: str) -> tuple[str, ...]:
        lines = (line.strip() for line in self.sources[f"lists/{name}.txt"].removeprefix("\ufeff").splitlines())
        return tuple(sorted({line for line in lines if line}))

    # Rules

    def _rule(self, file: str, path: str, data: Any, place: parse.Place) -> Rule:
        """The parsed rule; everyone, when it is not right, which is then said."""
        if data is UNSET:
            return EVERYONE
        known = parse.Known(
            calendar=self.calendar,
            derived=self.derived,
            segments=self.segment_names,
            lists=self.list_names,
            purposes=self.purposes,
        )
        parsed = parse.rule(data, place, known, path)
        if isinstance(parsed, list):
            for mistake in parsed:
                self._wrong(file, mistake.path, mistake.message)
            return EVERYONE
        return parsed

    def _derived(self) -> dict[str, tuple[str, Rule]]:
        """Every derived event as the name that is really sent and the whole rule; chains are followed, circles refused."""
        sources: dict[str, DerivedSource] = {}
        for name in self._names("events"):
            file = f"events/{name}.yaml"
            source = self._read(file, DerivedSource)
            if source is None:
                continue
            if not re.fullmatch(r"[A-Za-z$][A-Za-z0-9_$]{0,127}", name) or name in _RESERVED_NAMES:
                self._wrong(
                    file,
                    "",
                    "expected a file name that is a free event name: letters, digits, _ and $, not starting with _ or a digit",
                )
            sources[name] = source
            self.event_names[name] = self._words(source.label) or name
        rules = {name: self._rule(f"events/{name}.yaml", "where", source.where, "filter") for name, source in sources.items()}
        derived: dict[str, tuple[str, Rule]] = {}
        for name, source in sources.items():
            parts = [rules[name]]
            base = source.from_
            seen = {name}
            while base in sources and base not in seen:
                seen.add(base)
                parts.append(rules[base])
                base = sources[base].from_
            if base in seen:
                self._wrong(f"events/{name}.yaml", "from", f"expected an event that is not made from {name} itself")
                continue
            derived[name] = (base, _every(*reversed(parts)))
        return derived

    def _expanded(self, event: str, where: Rule) -> tuple[str, Rule]:
        """The really sent name of an event, and its rule joined with ``where``."""
        base, rule = self.derived.get(event, (event, EVERYONE))
        return base, _every(rule, where)

    def _segments(self) -> tuple[dict[SegmentId, Rule], dict[SegmentId, str]]:
        rules: dict[SegmentId, Rule] = {}
        names: dict[SegmentId, str] = {}
        for name in self._names("segments"):
            source = self._read(f"segments/{name}.yaml", SegmentSource)
            segment = SegmentId(name)
            rules[segment] = EVERYONE if source is None else self._rule(f"segments/{name}.yaml", "rule", source.rule, "person")
            names[segment] = name if source is None else self._words(source.name)
        for segment in rules:
            circle = _circle(segment, rules)
            if circle:
                self._wrong(f"segments/{segment}.yaml", "rule", f"expected no circle of segments; found {' → '.join(circle)}")
        return rules, names

    def _statistics(self, project: Project) -> dict[str, int]:
        """Every statistic that a rule or a text needs, with the version it was born in."""
        found: set[str] = set()
        recorded = () if project.recorder is None else (project.recorder.who,)
        for rule in (*project.segments.values(), *(campaign.audience for campaign in project.campaigns), *recorded):
            if not self.problems:  # a rule may name a segment that could not be read
                found.update(used_by(rule, project.segments))
        for campaign in project.campaigns:
            for action in campaign.actions:
                for variable in action.variables.values():
                    found.update(one.statistic.id for one in (variable, variable.key) if one and one.statistic)
        before = self.previous.statistics if self.previous else {}
        return {statistic: before.get(statistic, self.version) for statistic in sorted(found)}

    # Templates

    def _read_template(self, name: str) -> None:
        """A template of the project's own, or a built-in one that a campaign uses."""
        own = name in self.own_templates
        parts = {part: text for part in gallery.PARTS if (text := self.sources.get(f"templates/{name}/{part}")) is not None}
        where = f"templates/{name}" if own else f"(built in) templates/{name}"
        template = self._template(name, where, parts if own else gallery.sources(name))
        if template is not None:
            self.templates[name] = template

    def _template(self, name: str, where: str, parts: Mapping[str, str]) -> Template | None:
        file = f"{where}/template.yaml"
        if "template.yaml" not in parts:
            self._wrong(file, "", "is missing")
            return None
        source = self._read(file, TemplateSource, parts["template.yaml"])
        if source is None:
            return None
        self.described[name] = source
        check(source.display, source.kind, partial(self._wrong_below, file, "display"))
        reader = self._reader(file)
        slots = {variable: reader.slot(f"variables.{variable}", one) for variable, one in source.variables.items()}
        body, style, script = (parts.get(part, "") for part in gallery.PARTS[1:])
        if not body and source.kind != "script":
            self._wrong(f"{where}/body.liquid", "", "is missing")
        if not script and source.kind == "script":
            self._wrong(f"{where}/script.js", "", "is missing")
        self._check_parts(where, slots, body, style, script)
        return Template(
            name,
            source.kind,
            body,
            style,
            script,
            {variable: slot.default for variable, slot in slots.items() if slot.default is not None},
            {variable: slot.type for variable, slot in slots.items()},
            {variable: slot.choices for variable, slot in slots.items() if slot.choices},
            {variable: slot.fields for variable, slot in slots.items() if slot.fields},
        )

    def _check_parts(self, where: str, slots: Mapping[str, Slot], body: str, style: str, script: str) -> None:
        known = frozenset(slots) | GIVEN
        for part, text in (("body.liquid", body), ("style.css", style), ("script.js", script)):
            for message in liquid.mistakes(text, known):
                self._wrong(f"{where}/{part}", "", message)
        for message in (*placement.misplaced(body, slots), *placement.unheard(body)):
            self._wrong(f"{where}/body.liquid", "", message)
        for expression in placement.outputs(style):
            if expression not in slots or slots[expression].type not in ("color", "number", "choice"):
                wanted = "expected a variable of type color, number or choice"
                self._wrong(f"{where}/style.css", "", f"{{{{ {expression} }}}}: {wanted}")
        for expression in placement.unguarded(script, "json"):
            if expression in slots and slots[expression].type == "code":
                continue
            self._wrong(f"{where}/script.js", "", f"{{{{ {expression} }}}}: expected the filter json")

    def _reader(self, file: str) -> fillings.Reader:
        return fillings.Reader(self.calendar, partial(self._wrong, file))

    # Campaigns

    def _campaigns(self, project: ProjectId) -> tuple[Campaign, ...]:
        sources: dict[CampaignId, CampaignSource] = {}
        for name in self._names("campaigns"):
            file = f"campaigns/{name}.yaml"
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
                self._wrong(file, "", "expected a file name of letters, digits, - and _")
            source = self._read(file, CampaignSource)
            if source is not None:
                sources[CampaignId(name)] = source
        ids = self._action_ids(project, sources)
        campaigns = [self._campaign(campaign, source, ids) for campaign, source in sources.items()]
        return tuple(sorted(campaigns, key=lambda campaign: (campaign.priority, campaign.id)))

    def _action_ids(
        self, project: ProjectId, sources: Mapping[CampaignId, CampaignSource]
    ) -> dict[tuple[CampaignId, str], ActionId]:
        """An id for every action: the one it is given, else the one it has, else a new one."""
        before = published(self.previous)
        ids: dict[tuple[CampaignId, str], ActionId] = {}
        owners: dict[ActionId, tuple[CampaignId, str]] = {}
        arms = [(c, _arm_name(action), action) for c, source in sources.items() for action in source.actions]
        for campaign, name, action in arms:
            if isinstance(action.id, str):
                ids[campaign, name] = ActionId(action.id)
        for campaign, name, _ in arms:
            if (campaign, name) in before:
                ids.setdefault((campaign, name), before[campaign, name])
        for key, given in ids.items():
            if given in owners:
                self._wrong(
                    f"campaigns/{key[0]}.yaml", "actions", f"the id {given} belongs to {owners[given][1]!r} of {owners[given][0]}"
                )
            owners[given] = key
        taken = set(owners) | set(before.values())
        for campaign, name, _ in arms:
            if (campaign, name) not in ids:
                ids[campaign, name] = short_id(project, campaign, name, taken)
                taken.add(ids[campaign, name])
        return ids

    def _campaign(self, campaign: CampaignId, source: CampaignSource, ids: Mapping[tuple[CampaignId, str], ActionId]) -> Campaign:
        file = f"campaigns/{campaign}.yaml"
        trigger, where = self._expanded(source.trigger.event, self._rule(file, "trigger.where", source.trigger.where, "event"))
        actions = self._actions(file, campaign, source.actions, ids)
        kinds = {self.templates[action.template].kind == "script" for action in actions if action.template in self.templates}
        if len(kinds) > 1:
            self._wrong(file, "actions", "expected either scripts or messages, not both in one campaign")
        script = kinds == {True}
        for path, purpose in (("consent", source.consent), ("asks", source.asks)):
            if isinstance(purpose, str) and purpose not in self.purposes:
                self._unknown(file, path, purpose, self.purposes, "purpose of project.yaml")
        asks = None if isinstance(source.asks, UnsetType) else source.asks
        if asks is not None and asks == source.consent:
            self._wrong(file, "consent", f"expected another purpose than {asks}, which the campaign asks for")
        return Campaign(
            id=campaign,
            name=self._words(source.name),
            trigger=trigger,
            actions=actions,
            live=source.state == "live",
            draft=source.state == "draft",
            priority=source.priority,
            audience=self._audience(file, source),
            where=where,
            pages=self._pages(file, source.pages),
            schedule=self._schedule(file, source.schedule),
            frequency=_frequency(source.frequency),
            stop=_stop(source.stop),
            exclusive=source.exclusive and not script,
            script=script,
            consent=source.consent if isinstance(source.consent, str) else self._personalised(source),
            asks=asks,
            goal=self._goal(file, source.goal),
        )

    def _personalised(self, source: CampaignSource) -> str | None:
        """Where there is a purpose `personalise`, it is what campaigns need that name none. Asking, and recording, is none."""
        if PERSONALISE not in self.purposes or isinstance(source.asks, str):
            return None
        return None if any(action.template == RECORDER for action in source.actions) else PERSONALISE

    def _unknown(self, file: str, path: str, found: str, known: frozenset[str], what: str) -> None:
        self._wrong(file, path, f"unknown {what} {found!r}; expected one of {', '.join(sorted(known)) or 'none, there are none'}")

    def _audience(self, file: str, source: CampaignSource) -> Rule:
        parts: list[Rule] = []
        if source.who != "everyone":
            parts.append(Compare(Fact("member"), Op.EQ, source.who == "members"))
        for path, names in (("include", source.include), ("exclude", source.exclude)):
            for index, name in enumerate(names):
                if name not in self.segment_names:
                    self._unknown(file, f"{path}[{index}]", name, self.segment_names, "segment")
        if source.include:
            included: tuple[Rule, ...] = tuple(InSegment(SegmentId(name)) for name in source.include)
            parts.append(included[0] if len(included) == 1 else AnyOf(included))
        parts.extend(Not(InSegment(SegmentId(name))) for name in source.exclude)
        return _every(*parts, self._rule(file, "rule", source.rule, "person"))

    def _pages(self, file: str, source: PagesSource | RecordingPagesSource, path: str = "pages") -> Rule:
        included = [self._pattern(file, f"{path}.include[{i}]", pattern) for i, pattern in enumerate(source.include)]
        excluded = [self._pattern(file, f"{path}.exclude[{i}]", pattern) for i, pattern in enumerate(source.exclude)]
        parts: list[Rule] = []
        if included:
            parts.append(included[0] if len(included) == 1 else AnyOf(tuple(included)))
        if excluded:
            parts.append(Not(excluded[0] if len(excluded) == 1 else AnyOf(tuple(excluded))))
        return _every(*parts)

    def _pattern(self, file: str, path: str, pattern: Any) -> Rule:
        if isinstance(pattern, dict):
            parts = cast(dict[str, Any], pattern)
            if list(parts) == ["rule"]:
                return self._rule(file, joined(path, "rule"), parts["rule"], "event")
        if not isinstance(pattern, str) or not re.match(r"(/|\*|https?://)", pattern) or "?" in pattern or "#" in pattern:
            self._wrong(
                file,
                path,
                "expected a path such as /sale*, an address such as https://shop.example/sale*, or {rule: ...}; "
                "a query is a rule, such as {rule: {field: query.plan, value: gold}}",
            )
            return EVERYONE
        subject = Field(("url",) if pattern.startswith("http") else ("path",))
        stem, star, rest = pattern.partition("*")
        if not star:
            return Compare(subject, Op.EQ, pattern)
        if not rest:
            return Compare(subject, Op.STARTS, stem) if stem else EVERYONE
        return Compare(subject, Op.MATCHES, "^" + ".*".join(re.escape(part) for part in pattern.split("*")) + "$")

    def _schedule(self, file: str, source: ScheduleSource) -> Schedule:
        start = self._instant(file, "schedule.start", source.start, 0)
        end = self._instant(file, "schedule.end", source.end, 1)
        if start is not None and end is not None and end <= start:
            self._wrong(file, "schedule.end", "expected an end after the start")
        hours: list[Hours] = []
        for index, part in enumerate(source.hours):
            begins, ends = _minute(part.from_), _minute(part.to)
            weekdays = tuple(sorted({_WEEKDAYS.index(day) for day in part.days or _WEEKDAYS}))
            if begins == ends:
                self._wrong(
                    file, f"schedule.hours[{index}].to", "expected a time that differs from `from`; a whole day is 00:00 to 24:00"
                )
            elif begins < ends:
                hours.append(Hours(weekdays, begins, ends))
            else:
                hours.append(Hours(weekdays, begins, _DAY_MINUTES))
                if ends:
                    hours.append(Hours(tuple(sorted((day + 1) % 7 for day in weekdays)), 0, ends))
        return Schedule(start, end, tuple(hours))

    def _instant(self, file: str, path: str, text: str | UnsetType, days_more: int) -> Instant | None:
        """The instant of a local time; a day alone is its first instant, ``days_more`` days later."""
        if text is UNSET:
            return None
        try:
            if "T" in text:
                return self.calendar.parse_instant(text)
            return self.calendar.day_start(self.calendar.parse_day(text) + days_more)
        except ValueError:
            self._wrong(file, path, f"expected a day of the calendar; found {text!r}")
            return None

    def _goal(self, file: str, source: GoalSource | UnsetType) -> GoalRule | None:
        if source is UNSET:
            return None
        event, where = self._expanded(source.event, self._rule(file, "goal.where", source.where, "event"))
        value = tuple(source.value.split(".")) if isinstance(source.value, str) else ()
        if source.within == "session":
            return GoalRule(event, where, "session", 0, value)
        number, unit = source.within.split()
        return GoalRule(event, where, "hours" if unit.startswith("hour") else "days", int(number), value)

    def _actions(
        self,
        file: str,
        campaign: CampaignId,
        sources: list[ActionSource],
        ids: Mapping[tuple[CampaignId, str], ActionId],
    ) -> tuple[Action, ...]:
        names: set[str] = set()
        weights: list[int | None] = []
        actions: list[Action] = []
        for index, source in enumerate(sources):
            path = f"actions[{index}]"
            name = _arm_name(source)
            if name in names:
                self._wrong(file, path, f"expected a name of its own; {name!r} stands here twice")
            names.add(name)
            if isinstance(source.holdout, UnsetType):
                weights.append(
                    None if isinstance(source.weight, UnsetType) else self._share(file, f"{path}.weight", source.weight)
                )
                actions.append(self._message(file, path, source, ids[campaign, name]))
            else:
                weights.append(self._share(file, f"{path}.holdout", source.holdout))
                for unwanted in ("weight", "template", "texts", "variables"):
                    if getattr(source, unwanted) not in (UNSET, {}):
                        self._wrong(file, f"{path}.{unwanted}", "expected nothing else beside holdout")
                actions.append(Action(ids[campaign, name], name, 0, holdout=True))
        final = shared(weights)
        if final is None:
            total = sum(weight or 0 for weight in weights)
            self._wrong(file, "actions", f"expected weights of at most 100% in all; found {total / 10:g}%")
            return tuple(actions)
        if (
            0 in final
            and None in weights
            and sum(final) == WHOLE
            and any(w is None and f == 0 for w, f in zip(weights, final, strict=True))
        ):
            self._wrong(file, "actions", "expected something left for the actions without a weight; the others already have 100%")
        return tuple(msgspec.structs.replace(action, weight=weight) for action, weight in zip(actions, final, strict=True))

    def _message(self, file: str, path: str, source: ActionSource, action: ActionId) -> Action:
        for needed in ("name", "template"):
            if getattr(source, needed) is UNSET:
                self._wrong(file, f"{path}.{needed}", "is missing")
        variables = {
            name: self._variable(file, f"{path}.variables.{name}", variable) for name, variable in source.variables.items()
        }
        name = source.template if isinstance(source.template, str) else ""
        self._find_template(f"{file}", f"{path}.template", name)
        described = self.described.get(name)
        rows = {
            name: frozenset(("key", *(column for row in self.tables.get(variable.table, {}).values() for column in row)))
            for name, variable in variables.items()
            if variable.source == "rows"
        }
        texts = self._texts(file, f"{path}.texts", name, source.texts, fillings.Offered(frozenset(variables) | GIVEN, rows))
        shown = Display()
        if described is not None:
            wrong = partial(self._wrong_below, file, f"{path}.display")
            check(source.display, described.kind, wrong)
            shown = display(over(source.display, described.display), described.kind, wrong)
        return Action(action, _arm_name(source), 0, template=name, texts=texts, variables=variables, display=shown)

    def _find_template(self, file: str, path: str, name: str) -> None:
        if not name or name in self.templates or name in self.own_templates:
            return
        if name in gallery.names():
            self._read_template(name)
        else:
            self._unknown(file, path, name, self.own_templates | frozenset(gallery.names()), "template")

    def _texts(
        self, file: str, path: str, template: str, given: Mapping[str, Any], offered: fillings.Offered
    ) -> dict[str, Filling]:
        """What the action puts into the template's variables; nothing is checked against a template that could not be read."""
        described, whole = self.described.get(template), self.templates.get(template)
        if described is None or whole is None:
            return {}
        reader = self._reader(file)
        texts: dict[str, Filling] = {}
        for name, data in given.items():
            variable = described.variables.get(name)
            if variable is None:
                self._unknown(
                    file, f"{path}.{name}", name, frozenset(described.variables), f"variable of the template {template}:"
                )
            else:
                texts[name] = reader.filling(f"{path}.{name}", data, variable, offered)
        for name in described.variables:
            if name not in given and name not in whole.defaults:
                self._wrong(file, f"{path}.{name}", f"is missing; the template {template} has no default for it")
        self._check_wishes(file, path, whole, texts)
        return texts

    def _check_wishes(self, file: str, path: str, template: Template, texts: Mapping[str, Filling]) -> None:
        """What can only be said once campaign, template and project are known: the purposes and states that are named exist."""
        states = placement.states(template.body)
        filled = {**template.defaults, **texts}
        for name, kind in template.types.items():
            named = filled.get(name, "")
            if (
                kind == "purpose"
                and isinstance(named, str)
                and named
                and not liquid.is_liquid(named)
                and named not in self.purposes
            ):
                self._unknown(file, f"{path}.{name}", named, self.purposes, "purpose of project.yaml")
        for place, act in fillings.acts(filled):
            if act.purpose and act.purpose not in self.purposes:
                self._unknown(file, f"{path}.{place}.purpose", act.purpose, self.purposes, "purpose of project.yaml")
            for part, state in (("state", act.state), ("then", "" if act.then == "close" else act.then)):
                if state and states is not None and state not in states:
                    self._unknown(file, f"{path}.{place}.{part}", state, states, f"state of the template {template.name}:")

    def _variable(self, file: str, path: str, source: VariableSource) -> Variable:
        default = None if isinstance(source.default, UnsetType) else source.default
        kinds = [kind for kind in ("event", "attribute", "fact", "statistic", "table") if getattr(source, kind) is not UNSET]
        if len(kinds) != 1:
            self._wrong(
                file,
                path,
                f"expected exactly one of event, attribute, fact, statistic, table; found {' and '.join(kinds) or 'none'}",
            )
            return Variable("event", ("?",), default="")
        if kinds[0] != "table":
            for beside in ("column", "key", "match", "limit"):
                if getattr(source, beside) is not UNSET:
                    self._wrong(file, f"{path}.{beside}", "expected only beside table")
        if isinstance(default, list):
            if kinds[0] != "table" or source.column is not UNSET or default:
                self._wrong(file, f"{path}.default", "expected a single value; [] is the default of rows of a table")
            default = None
        match kinds[0]:
            case "statistic":
                return Variable(
                    "statistic", statistic=self._statistic(file, f"{path}.statistic", source.statistic), default=default
                )
            case "table" if source.column is UNSET and source.key is UNSET:
                return self._rows_of(file, path, source)
            case "table":
                for beside in ("match", "limit"):
                    if getattr(source, beside) is not UNSET:
                        self._wrong(file, f"{path}.{beside}", "expected only with rows of a table, without column and key")
                return self._looked_up(file, path, source, default)
            case "fact":
                if facts.known(str(source.fact)) is None:
                    self._unknown(file, f"{path}.fact", str(source.fact), frozenset(facts.FACTS), "fact")
                return Variable("fact", tuple(str(source.fact).split(".")), default=default)
            case "attribute":
                return Variable("attribute", tuple(str(source.attribute).split(".")), default=default)
            case _:
                return Variable("event", tuple(str(source.event).split(".")), default=default)

    def _rows_of(self, file: str, path: str, source: VariableSource) -> Variable:
        table = str(source.table)
        rows = self.tables.get(table)
        if rows is None:
            self._unknown(file, f"{path}.table", table, frozenset(self.tables), "table")
        if not isinstance(source.default, UnsetType) and not isinstance(source.default, list):
            self._wrong(file, f"{path}.default", f"expected [], the only default of rows; found {source.default!r}")
        key, column = None, ""
        if not isinstance(source.match, UnsetType):
            column = source.match.column
            columns = frozenset(name for row in (rows or {}).values() for name in row)
            if rows and column not in columns:
                self._unknown(file, f"{path}.match.column", column, columns, f"column of {table}:")
            if source.match.value.table is not UNSET:
                self._wrong(file, f"{path}.match.value", "expected an event, attribute, fact or statistic")
            else:
                key = self._variable(file, f"{path}.match.value", source.match.value)
        limit = ROWS_SHOWN if isinstance(source.limit, UnsetType) else source.limit
        return Variable("rows", table=table, column=column, key=key, limit=limit, may_be_empty=isinstance(source.default, list))

    def _looked_up(self, file: str, path: str, source: VariableSource, default: Any) -> Variable:
        table, column = str(source.table), str(source.column)
        rows = self.tables.get(table)
        if rows is None:
            self._unknown(file, f"{path}.table", table, frozenset(self.tables), "table")
        elif source.column is UNSET:
            self._wrong(file, f"{path}.column", "is missing")
        elif rows and not any(column in row for row in rows.values()):
            self._unknown(
                file, f"{path}.column", column, frozenset(name for row in rows.values() for name in row), f"column of {table}:"
            )
        if isinstance(source.key, UnsetType):
            self._wrong(file, f"{path}.key", "is missing; it says where the row's key comes from, such as {event: item}")
            return Variable("table", table=table, column=column, default=default)
        if source.key.table is not UNSET:
            self._wrong(file, f"{path}.key", "expected an event, attribute, fact or statistic")
            return Variable("table", table=table, column=column, default=default)
        key = self._variable(file, f"{path}.key", source.key)
        return Variable("table", table=table, column=column, key=key, default=default)

    def _statistic(self, file: str, path: str, data: Any) -> Statistic | None:
        if not isinstance(data, dict):
            self._wrong(file, path, "expected {event, field, aggregate, period, where}")
            return None
        asked = cast(dict[str, Any], data)
        if "op" in asked or "value" in asked:
            self._wrong(file, path, "expected a statistic, which is not compared: no op and no value")
            return None
        rule = self._rule(file, path, {**asked, "op": "exists"}, "person")
        if isinstance(rule, Compare) and isinstance(rule.subject, Statistic):
            return rule.subject
        return None


def _sound(data: Any, kind: type[T], wrong: list[Problem]) -> T | None:
    """The struct without the keys that are wrong, so that the rest is checked too; None when that would mislead.

    Without its purposes, a project would make every consent look unknown; without its variables, a template every text.
    """
    if not wrong:
        return msgspec.convert(data, kind)
    keys = {re.split(r"[.\[]", problem.path, maxsplit=1)[0] for problem in wrong}
    if kind not in (CampaignSource, ProjectSource) or "purposes" in keys or not isinstance(data, dict):
        return None
    whole = cast(dict[str, Any], data)
    try:
        return msgspec.convert({key: value for key, value in whole.items() if key not in keys}, kind)
    except msgspec.ValidationError:
        return None


def _every(*rules: Rule) -> Rule:
    """All of them, flat: nested lists of conditions read as one."""
    parts: list[Rule] = []
    for rule in rules:
        parts.extend(rule.of if isinstance(rule, All) else (rule,))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _circle(start: SegmentId, rules: Mapping[SegmentId, Rule]) -> list[str]:
    """The way from a segment back to itself, [] when there is none."""

    def way(segment: SegmentId, path: list[str]) -> list[str]:
        for named in _named(rules.get(segment, EVERYONE)):
            if named == start:
                return [*path, named]
            if named not in path and (found := way(named, [*path, named])):
                return found
        return []

    return way(start, [start])


def _named(rule: Rule) -> list[SegmentId]:
    match rule:
        case InSegment(segment=segment):
            return [segment]
        case All(of=of) | AnyOf(of=of):
            return [segment for part in of for segment in _named(part)]
        case Not(of=part):
            return _named(part)
        case _:
            return []


def _arm_name(source: ActionSource) -> str:
    if isinstance(source.name, str):
        return source.name
    return "?" if isinstance(source.holdout, UnsetType) else HOLDOUT


def _purpose(source: PurposeSource) -> Purpose:
    again, signals = source.ask_again, source.signals
    return Purpose(
        source.name,
        source.default,
        source.expires_days,
        _by_language(source.label),
        _by_language(source.text),
        source.policy,
        source.reask,
        AskAgain(milliseconds(again.ignored), milliseconds(again.later), milliseconds(again.closed), milliseconds(again.refused)),
        source.erase,
        None
        if isinstance(signals, UnsetType)
        else Signals(tuple(signals.tcf), signals.vendor, tuple(signals.google), signals.gpc),
    )


def _by_language(words: str | Bilingual | UnsetType) -> dict[str, str]:
    if isinstance(words, Bilingual):
        return {"ja": words.ja, "en": words.en}
    return {} if words is UNSET else {"ja": words, "en": words}


def _testers(source: TestersSource) -> Testers | None:
    if not (source.user_ids or source.mails or source.visitors):
        return None
    return Testers(tuple(source.user_ids), tuple(mail.lower() for mail in source.mails), tuple(source.visitors))


def _frequency(text: str) -> Frequency:
    match text.split():
        case ["every", days, _]:
            return Frequency("days", int(days))
        case ["access"]:
            return Frequency("access")
        case ["user"]:
            return Frequency("user")
        case _:
            return Frequency("session")


def _stop(source: StopSource) -> Stop:
    limits = {
        name: value
        for name in ("shown", "shown_per_day", "closed", "closed_per_day", "clicked", "clicked_per_day")
        if isinstance(value := getattr(source, name), int)
    }
    return Stop(**limits, answered=source.answered, goal=source.goal)


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])
