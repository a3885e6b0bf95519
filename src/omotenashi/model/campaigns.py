"""What a project wants said, to whom, when and how often: the configuration as the engine reads it.

``configuration`` builds these from a folder of YAML and stores them whole, by version, as one document.
"""

from typing import Literal

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

    Without a ``default`` a missing one withholds the message. ``table`` looks a row up by the value of ``key``.
    """

    source: Literal["event", "attribute", "fact", "statistic", "table"]
    path: tuple[str, ...] = ()
    statistic: Statistic | None = None
    table: str = ""
    column: str = ""
    key: "Variable | None" = None
    default: str | int | float | bool | None = None


class Display(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """How the page shows it; the tag judges these. Camel case on the wire."""

    position: Literal["top-left", "top", "top-right", "left", "center", "right", "bottom-left", "bottom", "bottom-right"] = (
        "bottom-right"
    )
    delay_ms: int = 0
    scroll_percent: int = 0
    hide_after_ms: int = 0


class Action(Struct, frozen=True, omit_defaults=True):
    """One arm of a campaign. ``weight`` is in tenths of a percent. The holdout arm has no template."""

    id: ActionId
    name: str
    weight: int
    holdout: bool = False
    template: str = ""
    texts: dict[str, str] = field(default_factory=dict)  # the template's variables, each a Liquid text
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
    goal: GoalRule | None = None


class Gap(Struct, frozen=True, omit_defaults=True):
    """Both must have passed since a message of an earlier decision; a holdout counts as one."""

    seconds: int = 0
    page_views: int = 0


class Purpose(Struct, frozen=True, omit_defaults=True):
    name: str
    default: Literal["granted", "unknown"] = "granted"  # opt-out or opt-in
    expires_days: int = 0


class Template(Struct, frozen=True, omit_defaults=True):
    """HTML body in Liquid, CSS beside it. ``defaults`` are texts in the project's language."""

    name: str
    kind: Literal["modal", "notification", "bar", "script"]
    body: str
    style: str = ""
    script: str = ""
    defaults: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)  # text, html, url, image, color, number or flag, by variable


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
    statistics: dict[str, int] = field(default_factory=dict)  # StatisticId -> version it was born in
    event_names: dict[str, str] = field(default_factory=dict)  # derived events as people call them
