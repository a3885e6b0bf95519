"""What a project wants said, to whom, when and how often: the configuration as the engine reads it.

``configuration`` builds these from a folder of YAML and stores them whole, by version, as one document.
"""

from typing import Final, Literal

from msgspec import Struct, field

from .ids import ActionId, CampaignId, ProjectId, SegmentId
from .rules import EVERYONE, Rule, Statistic

Row = dict[str, str | int | float | bool | None]


class Frequency(Struct, frozen=True, omit_defaults=True):
    """At most once per page view (``access``), session, person, or every ``days`` days."""

    per: Literal["access", "session", "user", "days"] = "session"
    days: int = 0


class Stop(Struct, frozen=True, omit_defaults=True):
    """No more to this person once any of these is true. ``day`` is the project's calendar day."""

    shown: int | None = None
    shown_per_day: int | None = None
    closed: int | None = None
    closed_per_day: int | None = None
    clicked: int | None = None
    clicked_per_day: int | None = None
    answered: bool = False
    goal: bool = False


class Hours(Struct, frozen=True):
    """Minutes of the project's local day, ``start`` <= t < ``end``, on these weekdays (0 = Monday)."""

    weekdays: tuple[int, ...]
    start: int
    end: int


class Schedule(Struct, frozen=True, omit_defaults=True):
    """From ``start`` (inclusive) until ``end`` (exclusive), Instants; inside any of ``hours`` if there are some."""

    start: int | None = None
    end: int | None = None
    hours: tuple[Hours, ...] = ()


class GoalRule(Struct, frozen=True, omit_defaults=True):
    """The event that says the campaign worked, within a window after the last exposure."""

    event: str
    where: Rule = EVERYONE
    window: Literal["session", "hours", "days"] = "session"
    n: int = 0
    value: tuple[str, ...] = ()  # the field that holds the goal's worth, if any


class Variable(Struct, frozen=True, omit_defaults=True):
    """What a text may name between ``{{ }}``: a field of the triggering event, an attribute, a fact, a statistic, a table cell.

    Without a ``default`` a missing one withholds the message. ``table`` looks a row up by the value of ``key``. ``rows`` are
    the first ``limit`` rows of a table, those whose ``column`` equals the value of ``key`` if there is a key; when there are
    none the message is withheld, unless ``may_be_empty``.
    """

    source: Literal["event", "attribute", "fact", "statistic", "table", "rows"]
    path: tuple[str, ...] = ()
    statistic: Statistic | None = None
    table: str = ""
    column: str = ""
    key: "Variable | None" = None
    default: str | int | float | bool | None = None
    limit: int = 0
    may_be_empty: bool = False


Position = Literal["top-left", "top", "top-right", "left", "center", "right", "bottom-left", "bottom", "bottom-right"]


class OnPhone(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """What stands instead of the general position and margin in windows narrower than 600 px."""

    position: Position | None = None
    margin: int | None = None


class Embed(Struct, frozen=True, rename="camel"):
    """Where in the page a message of kind ``embed`` stands: at the first element of a CSS selector."""

    selector: str
    place: Literal["before", "after", "replace", "prepend", "append"]


class Display(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """How and when the page shows it; the tag judges these, and all that are given must hold. Camel case on the wire."""

    position: Position = "bottom-right"
    delay_ms: int = 0  # since the message arrived
    scroll_percent: int = 0
    hide_after_ms: int = 0
    idle_ms: int = 0  # without pointer, key, scroll or touch
    visible: str = ""  # a selector of which an element is inside the window
    exit: bool = False  # the pointer leaves the window at its top
    returning: bool = False  # the visitor comes back to the tab
    manual: bool = False  # the message's own script says when
    margin: int | None = None  # px from the window's edge
    phone: OnPhone | None = None
    z_index: int | None = None
    requires: tuple[str, ...] = ()  # the page has an element of each of these selectors
    forbids: tuple[str, ...] = ()  # and of none of these
    embed: Embed | None = None
    guard: Literal["report", "move", "hide"] = "report"  # what is done when it covers something one can press

    def may_wait(self) -> bool:
        """Whether it waits for something that only the visitor or the page can bring about, for as long as that takes."""
        return bool(
            self.scroll_percent
            or self.idle_ms
            or self.visible
            or self.exit
            or self.returning
            or self.manual
            or self.requires
            or self.embed
        )


class Act(Struct, frozen=True, omit_defaults=True, tag="act"):
    """What a button does without code. ``url``, ``phone`` and texts among ``values`` are Liquid.

    ``name`` is what its click is called; ``then`` is ``close``, or the state that is shown afterwards.
    """

    do: Literal["open", "call", "event", "grant", "deny", "later", "go", "close"]
    name: str = ""
    then: str = ""
    url: str = ""
    new_tab: bool = False
    phone: str = ""
    event: str = ""
    values: dict[str, str | int | float | bool] = field(default_factory=dict)
    purpose: str = ""
    state: str = ""


class RowsOf(Struct, frozen=True, omit_defaults=True, tag="rows"):
    """A list filled from the rows of a variable; ``columns`` renames: field of the list -> column of the table."""

    variable: str
    columns: dict[str, str] = field(default_factory=dict)


class Items(Struct, frozen=True, omit_defaults=True, tag="items"):
    """A list written out: each row by field."""

    rows: tuple[dict[str, "Filling"], ...] = ()


Filling = str | Act | RowsOf | Items
"""What a campaign puts into a template's variable: a Liquid text, a button's action, or a list."""


class Slot(Struct, frozen=True, omit_defaults=True):
    """A place that is filled: its type, and what stands there when nothing else does.

    ``choices`` are the values of type choice, ``fields`` the columns of type list.
    """

    type: str = "text"
    default: Filling | None = None
    choices: tuple[str, ...] = ()
    fields: dict[str, "Slot"] = field(default_factory=dict)


class Action(Struct, frozen=True, omit_defaults=True):
    """One arm of a campaign. ``weight`` is in tenths of a percent. The holdout arm has no template."""

    id: ActionId
    name: str
    weight: int
    holdout: bool = False
    template: str = ""
    texts: dict[str, Filling] = field(default_factory=dict)  # by the template's variable
    variables: dict[str, Variable] = field(default_factory=dict)  # names that the texts use
    display: Display = Display()


class Campaign(Struct, frozen=True, omit_defaults=True):
    """Decided in the order (``priority``, ``id``); a smaller priority comes first."""

    id: CampaignId
    name: str
    trigger: str  # event name; derived names are expanded into it and ``where``
    actions: tuple[Action, ...]
    live: bool = True
    priority: int = 100
    audience: Rule = EVERYONE
    where: Rule = EVERYONE  # of the triggering event
    pages: Rule = EVERYONE  # of the page view (fields url, host, path, query.X, title, referrer)
    schedule: Schedule = Schedule()
    frequency: Frequency = Frequency()
    stop: Stop = Stop()
    exclusive: bool = True  # gives way to any other exclusive one on the page view
    script: bool = False
    consent: str | None = None  # a purpose that must be granted
    asks: str | None = None  # a purpose that its message asks for
    goal: GoalRule | None = None
    draft: bool = False  # not live yet; shown to those who test


class Gap(Struct, frozen=True, omit_defaults=True):
    """Both must have passed since a message of an earlier decision; a holdout counts as one."""

    seconds: int = 0
    page_views: int = 0


class AskAgain(Struct, frozen=True, omit_defaults=True):
    """Milliseconds after each of ``model.consents.ANSWERS`` before the same person is asked again; 0 is never."""

    ignored: int = 0
    later: int = 0
    closed: int = 0
    refused: int = 0


class Signals(Struct, frozen=True, omit_defaults=True):
    """How a consent tool on the page, or the browser, answers for a purpose.

    Granted when all of ``tcf`` (IAB purpose numbers, with ``vendor`` if there is one) and all of ``google`` (consent types) are;
    with ``gpc`` the browser's Global Privacy Control is a refusal of whoever has not chosen.
    """

    tcf: tuple[int, ...] = ()
    vendor: int = 0
    google: tuple[str, ...] = ()
    gpc: bool = False


class Purpose(Struct, frozen=True, omit_defaults=True):
    """Something a person can consent to. ``label`` and ``text`` are by language, "" in both when there are none.

    A grant that was given under another ``policy`` counts no more where ``reask`` says so; with ``erase`` a withdrawal erases
    what the purpose had collected.
    """

    name: str
    default: Literal["granted", "unknown"] = "granted"  # opt-out or opt-in
    expires_days: int = 0
    label: dict[str, str] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    policy: str = ""
    reask: bool = False
    ask_again: AskAgain = AskAgain()
    erase: bool = False
    signals: Signals | None = None


class Recorder(Struct, frozen=True, omit_defaults=True):
    """Whose screens are recorded, and how. By ``rule``: all that ``who``, ``pages``, ``share`` and ``consent`` let through; by
    ``campaign``: only those to whom a campaign delivers the recorder, who are recorded either way.

    ``share`` is in tenths of a percent of the visits. ``inputs``: what people enter is masked everywhere, or only where it is
    sensitive by its kind. ``text``, ``block`` and ``unmask`` are selectors, ``query`` the parameters of addresses that are kept.
    """

    by: Literal["rule", "campaign"] = "rule"
    consent: str | None = None  # a purpose that must be granted
    who: Rule = EVERYONE
    pages: Rule = EVERYONE  # of the page view
    share: int = 1_000
    minimum_seconds: int = 5  # what is shorter is not kept
    max_minutes: int = 60
    inputs: Literal["all", "sensitive"] = "all"
    text: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    unmask: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    canvas: bool = False  # what is painted on canvases is recorded too
    indicator: bool = False
    keep_days: int = 30
    quota_megabytes: int = 2_000

    @property
    def quota(self) -> int:
        """The same in bytes."""
        return self.quota_megabytes * 1_000_000


RECORDER: Final = "recorder"
"""The template of a campaign that delivers the recorder."""


class Template(Struct, frozen=True, omit_defaults=True):
    """HTML body in Liquid, CSS beside it, and code that runs with the message as ``widget``."""

    name: str
    kind: Literal["modal", "notification", "bar", "embed", "script"]
    body: str
    style: str = ""
    script: str = ""
    defaults: dict[str, Filling] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)  # by variable
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of the variables of type choice
    fields: dict[str, dict[str, Slot]] = field(default_factory=dict)  # of the variables of type list

    def slots(self) -> dict[str, Slot]:
        """Everything that can be filled, by variable."""
        return {
            name: Slot(kind, self.defaults.get(name), self.choices.get(name, ()), self.fields.get(name, {}))
            for name, kind in self.types.items()
        }


class Testers(Struct, frozen=True, omit_defaults=True):
    """Who always tests: members by ``user_id`` or by the attribute ``email`` in lower case, browsers by visitor id."""

    user_ids: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    visitors: tuple[str, ...] = ()


class Key(Struct, frozen=True, omit_defaults=True):
    """``public`` stands in pages, ``staging`` too but every event it sends is a test, ``secret`` stays on servers."""

    key: str
    kind: Literal["public", "staging", "secret"]


class Project(Struct, frozen=True, omit_defaults=True):
    """A site, and everything that is configured for it, at one version."""

    id: ProjectId
    name: str
    version: int = 0
    time_zone: str = "Asia/Tokyo"
    language: Literal["ja", "en"] = "ja"
    keys: tuple[Key, ...] = ()
    origins: tuple[str, ...] = ()  # "https://shop.example"; () allows any
    require_signed_identity: bool = False
    identity_secret: str = ""
    global_holdout: int = 0  # tenths of a percent
    cap_per_day: int = 0  # messages a person a day over all channels; 0 is no cap
    gap: Gap = Gap()
    purposes: tuple[Purpose, ...] = ()
    cookie_domain: str = ""
    staff_addresses: tuple[str, ...] = ()
    messages_stopped: bool = False  # the emergency stop; not part of a version
    recording_stopped: bool = False
    derived: dict[str, tuple[str, Rule]] = field(default_factory=dict)  # name -> (really sent name, rule)
    segments: dict[SegmentId, Rule] = field(default_factory=dict)
    segment_names: dict[SegmentId, str] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    campaigns: tuple[Campaign, ...] = ()  # in deciding order
    templates: dict[str, Template] = field(default_factory=dict)
    tables: dict[str, dict[str, Row]] = field(default_factory=dict)
    style: str = ""  # stands before every template's own: the theme's tokens and what all templates share
    protect: tuple[str, ...] = ()  # selectors that no message may cover
    statistics: dict[str, int] = field(default_factory=dict)  # StatisticId -> version it was born in
    event_names: dict[str, str] = field(default_factory=dict)  # derived events as people call them
    testers: Testers | None = None
    ignored: tuple[str, ...] = ()  # events that are not taken, by name
    private_query: tuple[str, ...] = ()  # parameters of addresses whose values are not kept; "*" is every one
    private_titles: bool = False
    recorder: Recorder | None = None  # None: only where a campaign delivers the recorder
    approval: bool = False  # what is published needs a second person's yes
    friction: bool = False  # pages tell where they make trouble
