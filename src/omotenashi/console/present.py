"""Who is on the site: the last minutes of the log, person by person, and whoever wants to be told when it grows.

Filled from the end of the log as it is written (``hear``), on the event loop, and lost with the process: what must not
be missed is read from the warehouse. A person is present for five minutes after the last thing their browser said.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from msgspec import Struct

from omotenashi.model.entries import Config, Erased, Event, Goal, LogEntry, Merged
from omotenashi.model.ids import CampaignId, Instant, PersonId, ProjectId

WINDOW_MS: Final = 5 * 60_000
KEPT: Final = 5_000
"""People a project: beyond so many at once, those who were silent longest are let go early."""
RECENT: Final = 5_000
"""Entries that whoever begins to listen to one person may still be told, over all projects."""
QUEUE: Final = 1_000
"""Entries that wait for a slow listener; the oldest give way."""
BEAT_MS: Final = 5_000
"""The pulse is counted in pieces of this length."""


class Presence(Struct):
    """One person on the site. ``since`` is when this session began, ``at`` the latest thing the browser said (received).

    ``seq`` is that of the person's latest entry of any kind; ``campaign`` the message shown last in these minutes.
    """

    person: PersonId
    visitor: str
    user_id: str | None
    since: Instant
    at: Instant
    seq: int
    event: str
    values: dict[str, Any]
    url: str = ""
    title: str = ""
    device: str | None = None
    os: str | None = None
    browser: str | None = None
    language: str | None = None
    country: str | None = None
    hidden: bool = False
    campaign: CampaignId | None = None
    test: bool = False


class Beat(Struct, frozen=True):
    """What came in within one piece of the pulse that begins at ``at``: events of browsers, messages opened, goals."""

    at: Instant
    events: int
    shown: int
    goals: int


class Moved:
    """What changed for somebody who watches a project, since they looked last.

    Of more than ``KEPT`` people the single changes are forgotten, so that a watcher who is slow holds no memory.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._people: set[PersonId] = set()
        self._gone: set[PersonId] = set()
        self._forgotten = False
        self.over = False

    def touch(self, person: PersonId, gone: bool = False) -> None:
        """Somebody did something, or left."""
        (self._gone if gone else self._people).add(person)
        (self._people if gone else self._gone).discard(person)
        if len(self._people) + len(self._gone) > KEPT:
            self._people, self._gone, self._forgotten = set(), set(), True
        self._event.set()

    def end(self) -> None:
        """Nothing more will come."""
        self.over = True
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Returns when something has changed, or after ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            pass

    def take(self) -> tuple[set[PersonId], set[PersonId]] | None:
        """Who did something, and who is gone, since the last time; None when those were too many to remember."""
        people, gone, forgotten = self._people, self._gone, self._forgotten
        self._people, self._gone, self._forgotten = set(), set(), False
        if not self.over:
            self._event.clear()
        return None if forgotten else (people, gone)


class Heard:
    """What one person does, entry by entry, for somebody who listens. ``over``: nothing more will come."""

    def __init__(self, people: set[PersonId]) -> None:
        self.people = people
        self.over = False
        self._entries: deque[tuple[int, LogEntry]] = deque(maxlen=QUEUE)
        self._event = asyncio.Event()

    def put(self, position: int, entry: LogEntry) -> None:
        self._entries.append((position, entry))
        self._event.set()

    def end(self) -> None:
        self.over = True
        self._event.set()

    async def next(self, seconds: float) -> list[tuple[int, LogEntry]]:
        """Everything that came meanwhile; [] when nothing did within ``seconds``, or all is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return []
        if not self.over:
            self._event.clear()
        entries = list(self._entries)
        self._entries.clear()
        return entries


class _Site:
    def __init__(self) -> None:
        self.people: OrderedDict[PersonId, Presence] = OrderedDict()  # who was silent longest stands first
        self.beats: deque[list[int]] = deque(maxlen=WINDOW_MS // BEAT_MS + 1)
        self.watching: list[Moved] = []


class Present:
    """Everybody who is on some project's site. For one event loop."""

    def __init__(self, clock: Callable[[], Instant]) -> None:
        self._clock = clock
        self._sites: dict[ProjectId, _Site] = {}
        self._recent: deque[tuple[int, LogEntry]] = deque(maxlen=RECENT)
        self._listening: list[tuple[ProjectId, Heard]] = []
        self._over = False

    # --- being told ---

    def hear(self, entries: Sequence[tuple[int, LogEntry]]) -> None:
        """What the log gained, in its order."""
        oldest = self._clock() - WINDOW_MS
        for position, entry in entries:
            if entry.received_at < oldest or isinstance(entry, Config) or (isinstance(entry, Event) and entry.batch is not None):
                continue
            site = self._sites.setdefault(entry.project, _Site())
            match entry:
                case Event() if entry.source == "tag":
                    self._met(site, entry)
                case Merged():
                    self._became(site, entry)
                case Erased():
                    for person in entry.people:
                        self._leave(site, person)
                case _:
                    known = site.people.get(entry.person)
                    if known is not None:
                        known.seq = max(known.seq, entry.seq)
                        self._touch(site, entry.person)
            self._count(site, entry)
            self._recent.append((position, entry))
            for project, heard in self._listening:
                if project == entry.project and _is_about(entry, heard.people):
                    heard.put(position, entry)

    def close(self) -> None:
        """Nobody is told anything any more; whoever waits is woken."""
        self._over = True
        for site in self._sites.values():
            for moved in site.watching:
                moved.end()
        for _, heard in self._listening:
            heard.end()

    # --- asking ---

    def people(self, project: ProjectId) -> list[Presence]:
        """Who is here, the latest first."""
        site = self._sites.get(project)
        if site is None:
            return []
        self._tidy(site)
        return list(reversed(site.people.values()))

    def person(self, project: ProjectId, person: PersonId) -> Presence | None:
        """One of them; None when they are not here."""
        site = self._sites.get(project)
        if site is None:
            return None
        self._tidy(site)
        return site.people.get(person)

    def pulse(self, project: ProjectId) -> list[Beat]:
        """The last five minutes in pieces, the oldest first, the one that runs last; pieces without events are there too."""
        now = self._clock() // BEAT_MS
        site = self._sites.get(project)
        known = {beat[0]: beat for beat in site.beats} if site is not None else {}
        first = now - WINDOW_MS // BEAT_MS + 1
        return [Beat(Instant(n * BEAT_MS), *known.get(n, (n, 0, 0, 0))[1:]) for n in range(first, now + 1)]

    @contextmanager
    def watching(self, project: ProjectId) -> Generator[Moved]:
        """Told of everybody on a site, as long as it lasts."""
        site = self._sites.setdefault(project, _Site())
        moved = Moved()
        if self._over:
            moved.end()
        site.watching.append(moved)
        try:
            yield moved
        finally:
            site.watching.remove(moved)

    @contextmanager
    def listening(self, project: ProjectId, people: set[PersonId]) -> Generator[Heard]:
        """Told of one person, under all their ids, beginning with what is remembered of the last minutes."""
        heard = Heard(people)
        if self._over:
            heard.end()
        for position, entry in self._recent:
            if entry.project == project and _is_about(entry, people):
                heard.put(position, entry)
        listener = (project, heard)
        self._listening.append(listener)
        try:
            yield heard
        finally:
            self._listening.remove(listener)

    # --- the register ---

    def _met(self, site: _Site, e: Event) -> None:
        known = site.people.get(e.person)
        if known is None:
            known = site.people[e.person] = Presence(
                e.person, e.visitor, e.user_id, e.session_started_at, e.received_at, e.seq, e.name, e.values
            )
            while len(site.people) > KEPT:
                self._leave(site, next(iter(site.people)))
        known.seq = max(known.seq, e.seq)
        known.at = max(known.at, e.received_at)
        known.since = e.session_started_at if not e.late else known.since
        known.hidden = e.name == "_visibility"
        known.test = e.test
        known.user_id = e.user_id or known.user_id
        known.device, known.os, known.browser = e.device or known.device, e.os or known.os, e.browser or known.browser
        known.language, known.country = e.language or known.language, e.country or known.country
        if e.name not in ("_visibility", "_recheck", "_release"):
            known.event, known.values = e.name, e.values
        if e.name == "view":
            known.url, known.title = str(e.values.get("url", "")), str(e.values.get("title", ""))
        elif e.name == "_message_open" and e.values.get("holdout") is not True:
            known.campaign = CampaignId(str(e.values.get("campaign", "")))
        site.people.move_to_end(e.person)
        self._touch(site, e.person)

    def _became(self, site: _Site, merged: Merged) -> None:
        absorbed = site.people.pop(merged.absorbed, None)
        if absorbed is None:
            return
        for moved in site.watching:
            moved.touch(merged.absorbed, gone=True)
        known = site.people.get(merged.person)
        if known is None or known.at <= absorbed.at:
            absorbed.person, absorbed.user_id, absorbed.seq = merged.person, merged.user_id, merged.seq
            site.people[merged.person] = absorbed
        else:
            known.seq = max(known.seq, merged.seq)
        site.people.move_to_end(merged.person)
        self._touch(site, merged.person)

    def _leave(self, site: _Site, person: PersonId) -> None:
        if site.people.pop(person, None) is not None:
            for moved in site.watching:
                moved.touch(person, gone=True)

    def _touch(self, site: _Site, person: PersonId) -> None:
        for moved in site.watching:
            moved.touch(person)

    def _tidy(self, site: _Site) -> None:
        oldest = self._clock() - WINDOW_MS
        while site.people:
            person, longest = next(iter(site.people.items()))
            if longest.at >= oldest:
                return
            self._leave(site, person)

    def _count(self, site: _Site, entry: LogEntry) -> None:
        number = entry.received_at // BEAT_MS
        if not site.beats or site.beats[-1][0] < number:
            site.beats.append([number, 0, 0, 0])
        beat = next((beat for beat in reversed(site.beats) if beat[0] == number), None)
        if beat is None:
            return
        if isinstance(entry, Goal):
            beat[3] += not entry.holdout
        elif isinstance(entry, Event) and entry.source not in ("engine", "console") and not entry.test:
            beat[1] += 1
            beat[2] += entry.name == "_message_open" and entry.values.get("holdout") is not True


def _is_about(entry: LogEntry, people: set[PersonId]) -> bool:
    if isinstance(entry, Merged) and entry.person in people:
        people.add(entry.absorbed)
    elif isinstance(entry, Merged) and entry.absorbed in people:
        people.add(entry.person)
    return entry.person in people
