"""The people on a site as the page Now draws them: what the register knows, and what their profile adds."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from msgspec import Struct

from omotenashi.engine.turn import lacks_bases, put_bases
from omotenashi.model import profiles
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import Instant, PersonId, ProjectId
from omotenashi.model.profiles import Profile, attribute
from omotenashi.model.values import Scalar

from .desk import Desk
from .present import Presence

KNOWN: Final = 20_000
VALUES_SHOWN: Final = 8
LONGEST_VALUE: Final = 120


class Face(Struct, omit_defaults=True):
    """Somebody on the site. ``since``: when this session began; ``at``: the latest thing their browser said, ``event``.

    ``values`` are a few of that event's; ``views`` the pages of this session; ``campaign`` the message they saw last.
    """

    person: str
    at: Instant
    since: Instant
    event: str
    name: str = ""
    user_id: str | None = None
    values: dict[str, Scalar] = {}
    url: str = ""
    title: str = ""
    device: str | None = None
    os: str | None = None
    browser: str | None = None
    language: str | None = None
    country: str | None = None
    hidden: bool = False
    test: bool = False
    campaign: str | None = None
    visits: int = 0
    views: int = 0
    segments: list[str] = []


class _Known(Struct, frozen=True):
    seq: int
    plan: tuple[int, int]
    name: str
    visits: int
    views: int
    segments: tuple[str, ...]


class Faces:
    """Remembers what it has read of profiles until the person does something more. For any thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[ProjectId, PersonId], _Known] = OrderedDict()

    def of(self, project: Project, present: Iterable[Presence]) -> tuple[list[Face], set[PersonId]]:
        """Their faces, in the order given, and whose profile does not contain yet what they did last."""
        faces: list[Face] = []
        behind: set[PersonId] = set()
        for one in present:
            known = self._read(project, one)
            if known.seq < one.seq:
                behind.add(one.person)
            faces.append(_face(one, known))
        return faces, behind

    def counts(self, project: Project, present: Iterable[Presence]) -> dict[str, int]:
        """How many of them belong to each segment; every segment of the project is there."""
        held = Counter(segment for one in present for segment in self._read(project, one).segments)
        return {segment: held[segment] for segment in project.segments}

    def _read(self, project: Project, one: Presence) -> _Known:
        plan = self._desk.plan(project)
        stand = (plan.version, plan.ready)
        key = (project.id, one.person)
        with self._lock:
            known = self._known.get(key)
        if known is not None and known.seq >= one.seq and known.plan == stand:
            return known
        packed = self._desk.shelf.profile(project.id, one.person)
        if packed is None:
            return known or _Known(0, stand, "", 0, 0, ())
        profile = profiles.unpack(packed)
        if lacks_bases(profile, plan):
            put_bases(profile, partial(self._desk.office.bases, project.id), plan)
        now = Instant(max(self._desk.clock(), profile.now))
        segments = tuple(plan.segments_of(profile, now))
        views = profile.sessions[0].page_views if profile.sessions else 0
        known = _Known(profile.seq, stand, called(profile), profile.visits, views, segments)
        with self._lock:
            self._known[key] = known
            self._known.move_to_end(key)
            while len(self._known) > KNOWN:
                self._known.popitem(last=False)
        return known


def called(profile: Profile) -> str:
    """What people call somebody: the attribute ``name``, else the mail address; "" when they never said."""
    for path in ("name", "email"):
        found = attribute(profile, path)
        if found and isinstance(found[0], str):
            return found[0]
    return ""


def _face(one: Presence, known: _Known) -> Face:
    return Face(
        one.person,
        one.at,
        one.since,
        one.event,
        known.name,
        one.user_id,
        _some(one.values),
        one.url,
        one.title,
        one.device,
        one.os,
        one.browser,
        one.language,
        one.country,
        one.hidden,
        one.test,
        one.campaign,
        known.visits,
        known.views,
        list(known.segments),
    )


def _some(values: dict[str, Any]) -> dict[str, Scalar]:
    plain = ((name, value) for name, value in values.items() if isinstance(value, str | int | float | bool))
    shown = [(name, value) for name, value in plain if not (isinstance(value, str) and len(value) > LONGEST_VALUE)]
    return dict(shown[:VALUES_SHOWN])
