"""A person, as the fold of that person's log.

Mutable on purpose: the fold owns the one copy and changes it in place, a decision reads it between two
folds, and everything else sees packed bytes. A half-folded profile never leaves memory: if the log's
commit fails, the edge throws its profiles away and folds again from disk.
"""

from typing import Any

import msgspec
from msgspec import Struct

from .ids import ActionId, CampaignId, Instant, PageViewId, PersonId, ReservationId, SessionId, UserId, VisitorId
from .values import Scalar

Key = tuple[int, int, int, str]
"""Order key: at, received_at, index, id."""


class Landing(Struct, array_like=True, gc=False):
    """The session's first view by order key, and where it came from."""

    key: Key
    url: str
    host: str
    path: str
    query: dict[str, str]
    referrer: str | None
    utm: dict[str, str]
    ad: str | None
    title: str | None = None


class Session(Struct, array_like=True, gc=False):
    id: SessionId
    started_at: Instant
    ended_at: Instant
    page_views: int = 0
    visible_ms: int = 0
    landing: Landing | None = None
    shown: tuple[CampaignId, ...] = ()  # campaigns displayed (or held out) in this session


class Stream(Struct, array_like=True, gc=False):
    """Where a visitor id's session stands: what the next event of that browser is cut against."""

    session: SessionId
    started_at: Instant
    last_at: Instant
    visible_until: Instant = Instant(0)


class PageView(Struct, array_like=True, gc=False):
    """One of the last 16, by id. ``view`` is the packed ``values`` of its view event, for `_recheck` and page rules."""

    id: PageViewId
    at: Instant
    visible_ms: int = 0  # cumulative, as the page counted it
    view: bytes = b""
    shown: tuple[CampaignId, ...] = ()  # campaigns displayed (or held out) on it


class Lease(Struct, array_like=True, gc=False):
    """A reservation while it still matters: open leases hold a place, opened ones accept clicks and closes."""

    reservation: ReservationId
    campaign: CampaignId
    action: ActionId
    holdout: bool
    exclusive: bool
    page_view: PageViewId | None
    session: SessionId
    event: str  # the triggering event's id
    reserved_at: Instant
    day: int
    view_number: int  # the person's ``views`` then
    until: Instant
    lapses_at: Instant
    opened_at: Instant | None = None
    closed: bool = False
    test: bool = False
    script: bool = False  # takes a place like any other, but is no message: no cap, no gap
    asks: str = ""  # the purpose that the message asks for
    config: int = 0  # the configuration version whose text was handed over


class Delivery(Struct, array_like=True, gc=False):
    """What one campaign has done to this person. Days are ordinals; the two latest are kept.

    A holdout counts as shown here: its gates, slots and counters are those of everybody else.
    """

    arm: ActionId | None = None
    assigned_at: Instant = Instant(0)
    shown: int = 0
    clicked: int = 0
    closed: int = 0
    answered: bool = False
    goals: int = 0
    shown_days: dict[int, int] = {}
    clicked_days: dict[int, int] = {}
    closed_days: dict[int, int] = {}
    last_day: int = 0  # the day of the latest settled reservation
    exposed_at: Instant | None = None  # latest exposure, holdout too
    exposed_session: SessionId | None = None
    exposed_action: ActionId | None = None
    exposed_holdout: bool = False


class Consent(Struct, array_like=True, gc=False):
    """``granted`` ``denied`` or ``withdrawn``; expiry is computed from ``key[0]``.

    ``policy`` is the version it was given under, ``source`` how it came (one of ``model.consents.SOURCES``), ``text`` names what
    was shown when the person chose.
    """

    key: Key
    state: str
    policy: str = ""
    source: str = ""
    text: str = ""


class Asked(Struct, array_like=True, gc=False):
    """How the latest question for a purpose ended: ``granted``, or one of ``model.consents.ANSWERS``, at ``key[0]``.

    ``reservation`` is the message that asked, "" when the person chose unasked.
    """

    key: Key
    answer: str
    reservation: str = ""


class Request(Struct, array_like=True, gc=False):
    """Staff want this person asked by ``campaign`` at the next moment, until ``until``."""

    key: Key
    campaign: CampaignId
    until: Instant


class Register(Struct, array_like=True, gc=False):
    """A value and the order key it came with; the greater key wins."""

    key: Key
    value: Any


class Profile(Struct, array_like=True):
    """All that decisions need of one person, about 4 KB packed.

    ``sessions`` are the 8 greatest by (started_at, id), greatest first. ``accumulators`` are keyed by
    statistic id; their shapes are ``engine.statistics``' own. ``based`` says, for each id this person was
    logged under, up to which configuration version back-filled bases were merged in. ``recent`` packs
    12 bytes an event id: 8 of hash, 4 of received seconds.
    """

    person: PersonId
    seq: int = 0
    now: Instant = Instant(0)
    last_at: Instant = Instant(0)
    user_id: UserId | None = None
    logged_in: Register | None = None  # value: bool
    first_seen_at: Instant = Instant(0)
    visits: int = 0
    views: int = 0
    sessions: list[Session] = []
    first_landing: Landing | None = None
    page: Landing | None = None  # the latest view, by order key
    streams: dict[VisitorId, Stream] = {}
    page_views: dict[PageViewId, PageView] = {}  # ordered by (at, id)
    device: Register | None = None  # value: [device, os, browser, language, country]
    attributes: dict[str, Register] = {}  # by dotted path; value: list of scalars
    consents: dict[str, Consent] = {}
    accumulators: dict[str, Any] = {}
    deliveries: dict[CampaignId, Delivery] = {}
    leases: list[Lease] = []
    caps: dict[int, int] = {}  # day -> messages settled that day, over all channels
    message_at: Instant = Instant(0)  # when the latest opened reservation was made, for the gap
    message_view: int = 0  # ``views`` at that moment
    recent: bytearray = bytearray()
    crossed: list[CampaignId] = []  # campaigns whose arms differed at a merge
    based: dict[PersonId, int] = {}
    asked: dict[str, Asked] = {}  # by purpose
    requested: dict[str, Request] = {}  # by purpose


pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Profile).decode


class _Head(Struct, array_like=True, gc=False):
    """How a packed profile begins."""

    person: PersonId
    seq: int


_head = msgspec.msgpack.Decoder(_Head).decode


def seq_of(packed: bytes) -> int:
    """The ``seq`` of a packed profile, without unpacking the rest."""
    return _head(packed).seq


def attribute(profile: Profile, path: str) -> list[Scalar]:
    """The scalars of an attribute, [] when missing."""
    register = profile.attributes.get(path)
    return [] if register is None else register.value
