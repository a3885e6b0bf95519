"""The log: a closed union of entries, and the order they stand in.

Everything that is true of a person follows from that person's entries. An entry is written once;
new fields are only ever appended, with a default, so that old files stay readable.
"""

from typing import Literal

import msgspec
from msgspec import Struct

from .ids import (
    ActionId,
    CampaignId,
    EventId,
    Instant,
    PageViewId,
    PersonId,
    ProjectId,
    ReservationId,
    SessionId,
    UserId,
    VisitorId,
)
from .values import Values

Source = Literal["tag", "server", "import", "engine", "console"]


class Entry(Struct, array_like=True, gc=False, kw_only=True):
    """What every entry carries. ``seq`` counts the person's entries from 1 without a gap.

    ``now`` is the decision clock, never going back within a project. ``config`` is the configuration
    version in force. (``at``, ``received_at``, ``index``, ``id``) is the order key, in the fold and in SQL.
    """

    project: ProjectId
    person: PersonId
    seq: int
    now: Instant
    config: int
    at: Instant
    received_at: Instant
    index: int
    id: EventId


class Event(Entry, tag="event", kw_only=True, array_like=True, gc=False):
    """Something a visitor did, a server said, or the engine emitted.

    The session is cut when the entry is made and stamped here; it is never recut. ``visible_ms`` is the
    visible time credited to this entry, already counted once for two tabs. ``gates`` holds one byte
    (``Gate``) per campaign that listens to this name, in deciding order; it is set by the decision, once,
    before the entry is written, and is empty when nothing was decided.
    """

    name: str
    values: Values
    visitor: VisitorId
    user_id: UserId | None
    session: SessionId
    session_started_at: Instant
    opened_session: bool
    late: bool
    source: Source
    page_view: PageViewId | None = None
    visible_ms: int = 0
    device: str | None = None  # "phone" "tablet" "desktop"
    os: str | None = None
    browser: str | None = None
    language: str | None = None
    country: str | None = None
    test: bool = False
    gates: bytes = b""
    batch: str | None = None  # the import's name
    row: int = -1  # its row there
    page_visible_ms: int = 0  # cumulative for the page view, as the page counted it


class Reserved(Entry, tag="reserved", kw_only=True, array_like=True, gc=False):
    """A place taken for one display. A lease until it is opened, released, or lapses.

    The page may not show after ``until``; unopened, the place is given back at ``lapses_at``.
    """

    reservation: ReservationId
    campaign: CampaignId
    action: ActionId
    holdout: bool
    exclusive: bool
    script: bool
    page_view: PageViewId | None
    session: SessionId
    event: EventId
    until: Instant
    lapses_at: Instant
    test: bool = False
    asks: str = ""  # the purpose that its message asks for


class Released(Entry, tag="released", kw_only=True, array_like=True, gc=False):
    """A reservation given back unopened, by the page or by the edge; ``reason`` is one of ``Unopened``, "" in old entries."""

    reservation: ReservationId
    campaign: CampaignId
    reason: str = ""


class Goal(Entry, tag="goal", kw_only=True, array_like=True, gc=False):
    """A campaign's goal, reached within its window after an exposure. ``first`` once per person and campaign."""

    campaign: CampaignId
    action: ActionId
    holdout: bool
    exposed_at: Instant
    event: EventId
    first: bool
    value_micros: int | None = None


class Merged(Entry, tag="merged", kw_only=True, array_like=True, gc=False):
    """``absorbed`` is from here on the same person as ``person``; its log up to ``absorbed_seq`` belongs here."""

    absorbed: PersonId
    absorbed_seq: int
    user_id: UserId


class Erased(Entry, tag="erased", kw_only=True, array_like=True, gc=False):
    """Whatever stands before this entry for these people does not exist any more."""

    people: list[PersonId]


class Config(Entry, tag="config", kw_only=True, array_like=True, gc=False):
    """The project runs on configuration ``config`` from here on. ``person`` is "", ``seq`` 0."""


LogEntry = Event | Reserved | Released | Goal | Merged | Erased | Config

encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(LogEntry).decode


def order_key(entry: Entry) -> tuple[int, int, int, str]:
    return (entry.at, entry.received_at, entry.index, entry.id)
