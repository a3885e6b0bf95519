"""What the tag and the edge say to each other; ``spec/wire.md`` is the same in prose.

Requests are decoded loosely (``Any``) at the edge, because one bad event must not sink the good ones;
these structs are the answers, and the strict shape of the request's envelope.
"""

from typing import Any

from msgspec import UNSET, Raw, Struct, UnsetType


class PageContext(Struct, forbid_unknown_fields=False):
    """The page view that the request comes from. ``visible_ms`` is cumulative for this page view."""

    id: str
    url: str | None = None
    title: str | None = None
    referrer: str | None = None
    visible: bool = False
    visible_ms: int = 0


class TrackRequest(Struct):
    """``POST /v1/track``. Times are the browser's own ms; only differences to ``sent_at`` are believed."""

    key: str
    visitor: str
    events: list[Raw]
    sent_at: int | None = None
    page: PageContext | None = None
    fetch: bool = True  # false: a beacon; nothing can be shown
    opted_out: bool = False
    user_id: str | None = None  # the member the browser believes it is; only ``identify`` changes it
    language: str | None = None
    recording: str | None = None  # the visit that this page records just now
    test: str | None = None  # the token of a test link; "off": this browser does not test, whoever it belongs to


class TrackEvent(Struct):
    """One of ``events``. ``page`` overrides the envelope's for events queued on an earlier page."""

    id: str
    name: str
    at: int | None = None
    values: Any = None
    page: PageContext | None = None
    offline: bool = False


class Rejected(Struct, omit_defaults=True):
    """An event that was not taken: its place in the request, the reason, the field, a sentence."""

    index: int
    code: str
    message: str
    where: str = ""
    id: str = ""


class Message(Struct, omit_defaults=True, rename="camel"):
    """One thing to show. A holdout has no body: the tag waits for its display rule and reports ``_message_open``.

    ``protect`` are the project's selectors that no message may cover.
    """

    reservation: str
    campaign: str
    action: str
    kind: str  # modal, notification, bar, embed, script
    until: int  # server ms
    valid_ms: int  # until - now: the page may not begin to show after this long
    display: Any
    exclusive: bool = True
    holdout: bool = False
    html: str = ""
    css: str = ""
    script: str = ""
    protect: tuple[str, ...] = ()


class Looked(Struct, omit_defaults=True):
    """One comparison that failed, in the language of the page."""

    subject: str
    wanted: str
    found: Any = None


class Traced(Struct, omit_defaults=True):
    """What became of one campaign that listens to an event, for the panel of a test.

    ``gate`` is a `Gate` by its name, or ``unwritten`` when every gate was passed and the text could not be made.
    """

    event: str  # its id
    campaign: str
    name: str
    gate: str
    action: str = ""
    reservation: str = ""
    winner: str = ""
    compared: tuple[Looked, ...] = ()


class Masks(Struct, frozen=True, omit_defaults=True):
    """What never leaves the page: see ``model.campaigns.Recorder``."""

    inputs: str = "all"
    text: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    unmask: tuple[str, ...] = ()
    query: tuple[str, ...] = ()


class Record(Struct, omit_defaults=True, rename="camel"):
    """This page is to be recorded as part of the visit ``recording``, for so long. ``token`` goes with every chunk."""

    recording: str
    token: str
    left_ms: int
    mask: Masks = Masks()
    indicator: bool = False
    canvas: bool = False


class RecordRequest(Struct):
    """The query of ``POST /v1/record``; the body is the chunk, a JSON array of rrweb events, gzipped or not."""

    key: str
    visitor: str
    recording: str
    token: str
    tab: str
    seq: int
    page: str
    sent_at: int | None = None


class RecordAnswer(Struct, omit_defaults=True, rename="camel"):
    """``taken`` is false when the chunk belongs to a visit that is over; ``record`` then is the one that goes on.

    The next chunk is wanted after ``nextMs``; ``watched``: somebody follows this visit just now.
    """

    taken: bool
    next_ms: int
    watched: bool = False
    record: Record | UnsetType = UNSET


class TrackAnswer(Struct, omit_defaults=True, rename="camel"):
    """Always 200 when the request as a whole was taken. ``visitor`` is set when the browser must take a new id.

    ``trace`` is there for a test, and only then; ``test_over`` when the token is worth nothing any more; ``fitting`` when
    ``POST /v1/fitting`` tells this browser what to draw.
    """

    accepted: int
    rejected: list[Rejected] = []
    messages: list[Message] = []
    visitor: str | UnsetType = UNSET
    recheck_ms: int | UnsetType = UNSET
    stop_recording: bool = False
    record: Record | UnsetType = UNSET
    trace: list[Traced] | UnsetType = UNSET
    test_over: bool = False
    fitting: bool = False
    friction: bool = False  # the page shall tell where it makes trouble
    calls: int | UnsetType = UNSET  # the page shall wait at ``POST /v1/calls``, with this as its first ``after``


class CallsRequest(Struct):
    """``POST /v1/calls``: an open page waits. ``after`` is server ms: until when it knows what has changed of its person.

    ``recording`` is the visit that it records, ``watched`` that it knows of being watched.
    """

    key: str
    visitor: str
    after: int
    recording: str | None = None
    watched: bool = False


class CallsAnswer(Struct, omit_defaults=True, rename="camel"):
    """``after`` is that of the page's next request, which shall not come before ``wait_ms``.

    ``look``: the page shall send `_recheck`. ``watched``: somebody watches, so it shall send what it shows now.
    """

    after: int
    look: bool = False
    watched: bool = False
    wait_ms: int = 0


class FittingRequest(Struct):
    """``POST /v1/fitting``: what is to be drawn that is not yet here. ``after`` is the ``mark`` of what is; "" for nothing."""

    key: str
    test: str
    visitor: str
    after: str = ""
    url: str = ""


class FittingAnswer(Struct, omit_defaults=True):
    """``drawn`` is a message by language, None when there is none; as before when ``mark`` is. ``over``: ask no more.

    ``stopped``: the project's messages are stopped, and with them this one.
    """

    mark: str = ""
    drawn: dict[str, Raw] | None = None
    stopped: bool = False
    over: bool = False


class ErrorBody(Struct, omit_defaults=True):
    code: str
    message: str
    where: str = ""
    id: str = ""


class ErrorAnswer(Struct):
    error: ErrorBody
