"""What stands in each kind of file: the one definition behind the checks, the published JSON Schema and the types.

``description`` is what an editor shows and what an error says was expected, so each is a noun phrase.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

RuleSource = Annotated[Any, Meta(extra_json_schema={"$ref": "#/$defs/Rule"})]
"""Parsed by ``engine.rules.parse``, which has its own words for what it expects."""

PatternSource = Annotated[Any, Meta(extra_json_schema={"$ref": "#/$defs/Pattern"})]
"""A page pattern; ``compile`` has its own words for what it expects."""

FillingSource = Annotated[Any, Meta(extra_json_schema={"$ref": "#/$defs/Filling"})]
"""What is put into a template's variable; ``fillings`` has its own words, because the variable's type decides."""

Name = Annotated[str, Meta(min_length=1, max_length=200, description="a name of 1 to 200 characters")]
EventName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z_$][A-Za-z0-9_$]{0,127}$",
        description="an event name: letters, digits, _ and $, not starting with a digit",
    ),
]
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="an id of letters, digits, - and _")]
VariableName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$", description="a variable name: letters, digits and _, not starting with a digit"
    ),
]
PercentText = Annotated[
    str, Meta(pattern=r"^[0-9]{1,3}(\.[0-9])?%$", description="a share between 0% and 100% in steps of 0.1%, such as 12.5%")
]
PercentNumber = Annotated[float, Meta(ge=0, le=100, description="a share between 0 and 100 in steps of 0.1")]
Percent = PercentText | PercentNumber
Duration = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]+(\.[0-9]+)? ?(ms|s|seconds?|m|minutes?|h|hours?|d|days?)$",
        description="a length of time such as 500ms, 3s or 2 minutes",
    ),
]
LocalTime = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?$",
        description="a day or minute in the project's time zone, such as 2026-11-21 or 2026-11-21T09:00",
    ),
]
ClockTime = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$", description="a time of day such as 09:00")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Language = Literal["ja", "en"]
Selector = Annotated[
    str, Meta(min_length=1, max_length=500, description="a CSS selector such as .price, of at most 500 characters")
]
Pixels = Annotated[int, Meta(ge=0, le=1_000, description="a whole number of pixels, 0 to 1000")]
Colour = Annotated[str, Meta(min_length=1, max_length=100, description="a CSS colour such as #27406b")]
Position = Literal["top-left", "top", "top-right", "left", "center", "right", "bottom-left", "bottom", "bottom-right"]
ChoiceValue = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./% -]{0,63}$", description="a value of letters, digits, spaces and _ . / % -"),
]
Whole = Annotated[int, Meta(ge=0, description="a whole number, 0 or more")]
Positive = Annotated[int, Meta(ge=1, description="a whole number, 1 or more")]


class Bilingual(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The same words in Japanese and in English."""

    ja: str
    en: str


Words = Name | Bilingual
Text = str | Bilingual


class GapSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How long a person is left in peace after a message; both must have passed."""

    seconds: Whole = 0
    page_views: Whole = 0


class AskAgainSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How long after each answer the same person is asked again; what is left out is never asked again."""

    ignored: Duration | UnsetType = UNSET
    later: Duration | UnsetType = UNSET
    closed: Duration | UnsetType = UNSET
    refused: Duration | UnsetType = UNSET


class SignalsSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a consent tool on the page answers for the purpose: granted when all that is named here is.

    ``tcf`` are purposes of the IAB's framework, with ``vendor`` for one vendor; ``google`` are types of Google's consent mode.
    With ``gpc`` the browser's Global Privacy Control refuses for whoever has not chosen.
    """

    tcf: list[Annotated[int, Meta(ge=1, le=24, description="a purpose of the IAB's framework, 1 to 24")]] = []
    vendor: Whole = 0
    google: list[Annotated[str, Meta(pattern=r"^[a-z_]{1,64}$", description="a consent type such as analytics_storage")]] = []
    gpc: bool = False


class PurposeSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something a person can consent to. ``default: unknown`` asks first; ``granted`` lets them object.

    ``label`` and ``text`` are what visitors read. A grant under another ``policy`` counts no more where ``reask`` is on; with
    ``erase`` a withdrawal erases what the purpose had collected.
    """

    name: Id
    label: Words | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    default: Literal["granted", "unknown"] = "granted"
    expires_days: Whole = 0
    policy: Annotated[str, Meta(max_length=64, description="a policy's version of at most 64 characters")] = ""
    reask: bool = False
    ask_again: AskAgainSource = AskAgainSource()
    erase: bool = False
    signals: SignalsSource | UnsetType = UNSET


class TestersSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who always tests: they see drafts, and what they do counts in no report. A mail is compared with ``email``."""

    user_ids: list[Annotated[str, Meta(min_length=1, max_length=256, description="a user_id of 1 to 256 characters")]] = []
    mails: list[Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$", description="a mail address such as hanako@shop.example")]] = []
    visitors: list[
        Annotated[
            str, Meta(pattern=r"^[A-Za-z0-9_-]{22,64}$", description="a visitor id of 22 to 64 characters of A-Z a-z 0-9 _ -")
        ]
    ] = []


class KeysSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Keys of one's own; those left out are made at the first ``apply`` and kept from then on."""

    public: Annotated[str, Meta(min_length=8, max_length=128, description="a key of 8 to 128 characters")] | UnsetType = UNSET
    staging: Annotated[str, Meta(min_length=8, max_length=128, description="a key of 8 to 128 characters")] | UnsetType = UNSET
    secret: Annotated[str, Meta(min_length=16, max_length=128, description="a key of 16 to 128 characters")] | UnsetType = UNSET


class DarkSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The colours of messages where the visitor prefers a dark screen."""

    accent: Colour | UnsetType = UNSET
    on_accent: Colour | UnsetType = UNSET
    paper: Colour | UnsetType = UNSET
    ink: Colour | UnsetType = UNSET
    muted: Colour | UnsetType = UNSET
    line: Colour | UnsetType = UNSET
    shadow: Annotated[str, Meta(max_length=300, description="a CSS shadow such as 0 8px 32px rgb(0 0 0 / .2)")] | UnsetType = (
        UNSET
    )


class ThemeSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How all messages of the project look: colours, roundness, type and shadow. What is left out stays neutral."""

    accent: Colour | UnsetType = UNSET
    on_accent: Colour | UnsetType = UNSET
    paper: Colour | UnsetType = UNSET
    ink: Colour | UnsetType = UNSET
    muted: Colour | UnsetType = UNSET
    line: Colour | UnsetType = UNSET
    radius: Annotated[int, Meta(ge=0, le=64, description="a whole number of pixels, 0 to 64")] | UnsetType = UNSET
    font: Annotated[str, Meta(max_length=300, description="CSS font families such as 'Noto Sans JP', sans-serif")] | UnsetType = (
        UNSET
    )
    shadow: Annotated[str, Meta(max_length=300, description="a CSS shadow such as 0 8px 32px rgb(0 0 0 / .2)")] | UnsetType = (
        UNSET
    )
    dark: DarkSource = DarkSource()


class PrivateSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is not kept of the pages people see: values of parameters in their addresses (``"*"``: of all), and their titles."""

    query: list[
        Annotated[str, Meta(pattern=r"^(\*|[A-Za-z0-9_.$~-]{1,128})$", description='the name of a query parameter, or "*"')]
    ] = []
    titles: bool = False


class MasksSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What never leaves the page. ``inputs: sensitive`` shows what is entered, except passwords, mail addresses and the like."""

    inputs: Literal["all", "sensitive"] = "all"
    text: list[Selector] = []
    block: list[Selector] = []
    unmask: list[Selector] = []
    query: list[Annotated[str, Meta(min_length=1, max_length=128, description="the name of a query parameter")]] = []


class RecordingPagesSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where it is recorded: on any of ``include`` (all pages if there are none) and on none of ``exclude``."""

    include: list[PatternSource] = []
    exclude: list[PatternSource] = []


class RecordingSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whose screens are recorded, and how. ``by: campaign`` leaves it to campaigns that deliver the recorder."""

    by: Literal["rule", "campaign"] = "rule"
    consent: Id | UnsetType = UNSET
    who: RuleSource | UnsetType = UNSET
    pages: RecordingPagesSource = RecordingPagesSource()
    share: Percent = "100%"
    minimum_seconds: Annotated[int, Meta(ge=0, le=3_600, description="a whole number of seconds, 0 to 3600")] = 5
    max_minutes: Annotated[int, Meta(ge=1, le=1_440, description="a whole number of minutes, 1 to 1440")] = 60
    mask: MasksSource = MasksSource()
    canvas: bool = False
    indicator: bool = False
    keep_days: Annotated[int, Meta(ge=1, le=3_650, description="a whole number of days, 1 to 3650")] = 30
    quota_megabytes: Annotated[int, Meta(ge=1, le=100_000_000, description="a whole number of megabytes, 1 or more")] = 2_000


class ProjectSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``project.yaml``: the site, and what holds for all of its messages."""

    id: Id
    name: Words
    time_zone: Annotated[str, Meta(description="a time zone name such as Asia/Tokyo")] = "Asia/Tokyo"
    language: Language = "ja"
    origins: list[
        Annotated[str, Meta(pattern=r"^https?://[^/\s]+$", description="an origin such as https://shop.example, without a path")]
    ] = []
    gap: GapSource = GapSource()
    cap_per_day: Whole = 0
    global_holdout: Percent = "0%"
    purposes: list[PurposeSource] = []
    require_signed_identity: bool = False
    staff_addresses: list[Annotated[str, Meta(description="an IP address or network such as 192.0.2.0/24")]] = []
    cookie_domain: str = ""
    theme: ThemeSource = ThemeSource()
    protect: list[Selector] = []
    keys: KeysSource = KeysSource()
    testers: TestersSource = TestersSource()
    private: PrivateSource = PrivateSource()
    recording: RecordingSource | UnsetType = UNSET
    approval: bool = False
    friction: Annotated[bool, Meta(description="tell of rage clicks, dead clicks and the like as events")] = False
    ignore: list[EventName] = []


class DerivedSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``events/NAME.yaml``: a rule over an event that gives it a name of its own, for the past too."""

    from_: EventName = field(name="from")
    where: RuleSource
    label: Words | UnsetType = UNSET


class SegmentSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``segments/ID.yaml``: a named rule that is true or false of a person."""

    name: Words
    rule: RuleSource
    folder: Annotated[str, Meta(max_length=100, description="a folder's name of at most 100 characters")] = ""


class TriggerSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The event that asks for a decision."""

    event: EventName
    where: RuleSource | UnsetType = UNSET


class PagesSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where it may show: on any of ``include`` (all pages if there are none) and on none of ``exclude``.

    A pattern is a path in which ``*`` stands for anything, such as ``/sale*``, or ``{rule: ...}`` over the page view.
    """

    include: list[PatternSource] = []
    exclude: list[PatternSource] = []


class HoursSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Part of each of these days (of every day if there are none); past midnight it runs into the next day."""

    from_: ClockTime = field(name="from")
    to: ClockTime
    days: list[Weekday] = []


class ScheduleSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """From ``start`` until ``end``; an end that is a day includes that day."""

    start: LocalTime | UnsetType = UNSET
    end: LocalTime | UnsetType = UNSET
    hours: list[HoursSource] = []


class StopSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """No more to a person once any of these is reached; ``_per_day`` counts the project's calendar days."""

    shown: Positive | UnsetType = UNSET
    shown_per_day: Positive | UnsetType = UNSET
    closed: Positive | UnsetType = UNSET
    closed_per_day: Positive | UnsetType = UNSET
    clicked: Positive | UnsetType = UNSET
    clicked_per_day: Positive | UnsetType = UNSET
    answered: bool = False
    goal: bool = False


class MatchSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which rows of a table: those whose ``column`` equals a value of the person or the event."""

    column: Annotated[str, Meta(min_length=1, description="a column of the table")]
    value: "VariableSource"


class VariableSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A value for the texts. Exactly one of ``event``, ``attribute``, ``fact``, ``statistic``, ``table``.

    Without a ``default`` a person for whom it is missing does not get the message. ``table`` with ``column`` and ``key`` is one
    cell; without them it is rows for a list: the first ``limit``, those that ``match`` if that is given.
    """

    event: Annotated[str, Meta(min_length=1, description="a field of the triggering event")] | UnsetType = UNSET
    attribute: Annotated[str, Meta(min_length=1, description="the name of an attribute")] | UnsetType = UNSET
    fact: Annotated[str, Meta(min_length=1, description="the name of a fact, such as visits")] | UnsetType = UNSET
    statistic: Annotated[Any, Meta(extra_json_schema={"$ref": "#/$defs/Statistic"})] | UnsetType = UNSET
    table: Annotated[str, Meta(min_length=1, description="the name of a table")] | UnsetType = UNSET
    column: Annotated[str, Meta(min_length=1, description="a column of the table")] | UnsetType = UNSET
    key: "VariableSource | UnsetType" = UNSET
    match: MatchSource | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=50, description="a whole number, 1 to 50")] | UnsetType = UNSET
    default: str | int | float | bool | list[Any] | UnsetType = UNSET


class PhoneSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What differs in windows narrower than 600 px."""

    position: Position | UnsetType = UNSET
    margin: Pixels | UnsetType = UNSET


class EmbedSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where in the page a message of kind ``embed`` stands: at the first element of ``selector``."""

    selector: Selector
    place: Literal["before", "after", "replace", "prepend", "append"] = "after"


class DisplaySource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How and when the page shows it. All conditions that are named must hold together; what is left out is the template's."""

    position: Position | UnsetType = UNSET
    delay: Duration | UnsetType = UNSET
    scroll: Percent | UnsetType = UNSET
    hide_after: Duration | UnsetType = UNSET
    idle: Duration | UnsetType = UNSET
    visible: Selector | UnsetType = UNSET
    exit: bool | UnsetType = UNSET
    on_return: bool | UnsetType = UNSET
    manual: bool | UnsetType = UNSET
    margin: Pixels | UnsetType = UNSET
    phone: PhoneSource | UnsetType = UNSET
    z_index: Annotated[int, Meta(ge=0, le=2_147_483_647, description="a whole number, 0 to 2147483647")] | UnsetType = UNSET
    requires: list[Selector] | UnsetType = UNSET
    forbids: list[Selector] | UnsetType = UNSET
    embed: EmbedSource | UnsetType = UNSET
    guard: Literal["report", "move", "hide"] | UnsetType = UNSET


class ActionSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One arm: a template with its texts, or ``holdout: 10%``, the share that is deliberately shown nothing.

    Arms without a ``weight`` share what the others leave.
    """

    holdout: Percent | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9]{3,12}$", description="an id of 3 to 12 letters and digits")] | UnsetType = (
        UNSET
    )
    weight: Percent | UnsetType = UNSET
    template: Annotated[str, Meta(min_length=1, description="the name of a template")] | UnsetType = UNSET
    texts: dict[VariableName, FillingSource] = {}
    variables: dict[VariableName, VariableSource] = {}
    display: DisplaySource = DisplaySource()


class GoalSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The event that says the campaign worked, within a time after the message was seen."""

    event: EventName
    where: RuleSource | UnsetType = UNSET
    within: Annotated[
        str,
        Meta(
            pattern=r"^(session|[1-9][0-9]{0,3} (hours?|days?))$", description='session, or a time such as "24 hours" or "7 days"'
        ),
    ] = "session"
    value: Annotated[str, Meta(min_length=1, description="the field that holds the goal's worth")] | UnsetType = UNSET


class CampaignSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``campaigns/ID.yaml``: what is said, to whom, when and how often."""

    name: Words
    trigger: TriggerSource
    actions: Annotated[list[ActionSource], Meta(min_length=1, description="a list of at least one action")]
    state: Literal["live", "draft", "paused", "archived"] = "draft"
    who: Literal["everyone", "members", "visitors"] = "everyone"
    include: list[Id] = []
    exclude: list[Id] = []
    rule: RuleSource | UnsetType = UNSET
    pages: PagesSource = PagesSource()
    schedule: ScheduleSource = ScheduleSource()
    frequency: Annotated[
        str,
        Meta(
            pattern=r"^(access|session|user|every [1-9][0-9]{0,2} days?)$",
            description='access, session, user, or "every N days"',
        ),
    ] = "session"
    stop: StopSource = StopSource()
    priority: Annotated[int, Meta(ge=0, le=1_000_000, description="a whole number; smaller comes first")] = 100
    exclusive: bool = True
    consent: Id | UnsetType = UNSET
    asks: Id | UnsetType = UNSET
    goal: GoalSource | UnsetType = UNSET


class ChoiceSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One of the values of a variable of type choice."""

    value: ChoiceValue
    label: Words | UnsetType = UNSET


class TemplateVariable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A place in a template that a campaign fills. ``type`` decides what may stand there and how it is made safe.

    Without a ``default`` a campaign must fill it; ``required`` says that it may not be left empty. ``example`` is shown where
    templates are looked at.
    """

    type: Literal[
        "text",
        "html",
        "url",
        "image",
        "color",
        "number",
        "flag",
        "choice",
        "selector",
        "time",
        "phone",
        "list",
        "purpose",
        "name",
        "action",
        "code",
    ] = "text"
    default: FillingSource = UNSET
    example: FillingSource = UNSET
    label: Words | UnsetType = UNSET
    help: Words | UnsetType = UNSET
    required: bool = False
    min: float | UnsetType = UNSET
    max: float | UnsetType = UNSET
    max_length: Positive | UnsetType = UNSET
    choices: list[ChoiceSource] = []
    fields: dict[VariableName, "TemplateVariable"] = {}
    min_items: Whole | UnsetType = UNSET
    max_items: Positive | UnsetType = UNSET


class TemplateSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``templates/NAME/template.yaml``: what the template is, and what can be filled in.

    ``display`` is how an action shows it that says nothing else.
    """

    kind: Literal["modal", "notification", "bar", "embed", "script"]
    label: Words | UnsetType = UNSET
    intent: Literal["show", "ask", "consent", "script"] = "show"
    description: Words | UnsetType = UNSET
    variables: dict[VariableName, TemplateVariable] = {}
    display: DisplaySource = DisplaySource()


class ButtonSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a button does without code. ``name`` is what its click is called; ``then`` is ``close``, or the state shown after."""

    do: Literal["open", "call", "event", "grant", "deny", "later", "go", "close"]
    name: Name | UnsetType = UNSET
    then: Id | UnsetType = UNSET
    url: Text | UnsetType = UNSET
    new_tab: bool = False
    phone: Text | UnsetType = UNSET
    event: EventName | UnsetType = UNSET
    values: dict[EventName, str | int | float | bool] = {}
    purpose: Id | UnsetType = UNSET
    state: Id | UnsetType = UNSET


class RowsSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A list filled from a variable that is rows of a table; ``columns`` names the column of a field that is called otherwise."""

    rows: VariableName
    columns: dict[VariableName, Annotated[str, Meta(min_length=1, description="a column of the table")]] = {}


class TableSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``tables/NAME.yaml``: rows by key, readable in texts."""

    rows: dict[str, dict[str, str | int | float | bool | None]]


KINDS: dict[str, type[Struct]] = {
    "project": ProjectSource,
    "event": DerivedSource,
    "segment": SegmentSource,
    "campaign": CampaignSource,
    "template": TemplateSource,
    "table": TableSource,
}
