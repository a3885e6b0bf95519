"""Fittings: a message that is still being written, drawn on the site itself by the browser that opened its link.

The console puts what was written, the page asks for what it has not seen, and waits for it. Nothing of it is an event, nothing
is kept, and a place nobody came to for a while is forgotten. A page gets in with the signed token of its link, for one project
and until its end.
"""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from omotenashi.engine.trial import opened
from omotenashi.model.ids import Instant, ProjectId
from omotenashi.model.reasons import Refusal
from omotenashi.model.trials import Trial
from omotenashi.model.wire import FittingAnswer, FittingRequest

from .http import JSON, Receive, Scope, Send, answer, encode, header, json_for, left, packed, whole_body
from .pages import Pages
from .projects import Projects, Running
from .request import Refused, read

WAIT_SECONDS: Final = 20.0
"""So long a page waits for something new before it asks again; proxies give up after thirty or sixty."""
LOOK_SECONDS: Final = 0.5
"""How often whoever waits looks whether the link is over, or the messages were stopped."""
FORGOTTEN_MS: Final = 2 * 3_600_000
MOST_FITTINGS: Final = 200
MOST_VIEWERS: Final = 12
"""Browsers in one fitting: those that wait, and those that are told of."""
LONGEST_ASKED: Final = 16 * 1024
LONGEST_DRAWN: Final = 512 * 1024
LONGEST_URL: Final = 2_000
PHONE: Final = "/phone"
"""How the place of a link ends that was read from a code, so that the console can tell its own browser from a phone."""


class PutRequest(Struct, forbid_unknown_fields=True):
    """``POST /internal/fittings``: a message by language, None while there is none; left out, it is only looked."""

    project: str
    fitting: str
    drawn: dict[str, Raw] | UnsetType | None = UNSET


class Viewer(Struct):
    """A browser in a fitting: the visitor it is, the page it shows, and how many of its requests wait just now."""

    visitor: str
    phone: bool
    url: str
    seen_at: Instant
    waiting: int = 0


class Told(Struct):
    """What the console is told. Without ``mark`` nothing was put since this process began."""

    mark: str
    viewers: list[Viewer]


class Fitting:
    """One place: what is drawn there, and who looks at it."""

    def __init__(self, now: Instant) -> None:
        self.mark = ""
        self.drawn: dict[str, Raw] | None = None
        self.viewers: dict[tuple[str, bool], Viewer] = {}
        self.touched_at = now
        self.changed = asyncio.Event()

    def put(self, drawn: dict[str, Raw] | None) -> None:
        """Draws something else, and wakes who waits for it."""
        self.mark, self.drawn = token_hex(6), drawn
        self.wake()

    def wake(self) -> None:
        """Everybody who waits looks again."""
        self.changed.set()
        self.changed = asyncio.Event()

    @property
    def waiting(self) -> int:
        return sum(viewer.waiting for viewer in self.viewers.values())

    @contextmanager
    def viewed(self, request: FittingRequest, phone: bool, now: Instant) -> Generator[None]:
        """As long as the browser waits. Raises ``Refused`` when too many do."""
        if self.waiting >= MOST_VIEWERS:
            raise Refused(Refusal.RATE_LIMITED, "Too many browsers look at this at once.", "test", 5)
        viewer = self.viewers.pop((request.visitor, phone), None) or Viewer(request.visitor, phone, "", now)
        self.viewers[request.visitor, phone] = viewer  # the latest stands last
        viewer.url, viewer.seen_at = request.url[:LONGEST_URL], now
        viewer.waiting += 1
        for gone in [key for key, one in self.viewers.items() if not one.waiting][: max(0, len(self.viewers) - MOST_VIEWERS)]:
            del self.viewers[gone]
        try:
            yield
        finally:
            viewer.waiting -= 1


_request = msgspec.json.Decoder(FittingRequest).decode
_put = msgspec.json.Decoder(PutRequest).decode


class Fittings:
    """Every fitting of this process: the pages' route, and the console's."""

    def __init__(self, projects: Projects, pages: Pages, clock: Callable[[], Instant]) -> None:
        self._projects = projects
        self._pages = pages
        self._clock = clock
        self._places: dict[tuple[ProjectId, str], Fitting] = {}
        self._closed = False

    def close(self) -> None:
        """Lets everybody go who waits."""
        self._closed = True
        for fitting in self._places.values():
            fitting.wake()

    async def page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``POST /v1/fitting``: answers when there is something that the page has not drawn yet, at the latest after a while."""
        request = read(_request, await whole_body(receive, LONGEST_ASKED))
        asker = self._pages.let_in(scope, request.key, request.visitor)
        told = await self._awaited(request, asker.running, receive)
        body, answering = packed(encode(told), json_for(asker.origin), header(scope["headers"], b"accept-encoding"))
        await answer(send, 200, answering, body)

    async def internal(self, receive: Receive, send: Send) -> None:
        """``POST /internal/fittings``: what the console has drawn, and who looks at it."""
        request = read(_put, await whole_body(receive, LONGEST_DRAWN))
        running = self._projects.by_id.get(ProjectId(request.project))
        if running is None:
            raise Refused(Refusal.NOT_FOUND, "No project has this id.", "project")
        if not 22 <= len(request.fitting) <= 64:
            raise Refused(Refusal.BAD_BODY, "fitting has 22 to 64 characters.", "fitting")
        found = self._places.get((running.id, request.fitting))
        if not isinstance(request.drawn, UnsetType):
            found = self._place(running.id, request.fitting)
            found.put(request.drawn)
        told = Told("", []) if found is None else Told(found.mark, list(found.viewers.values()))
        await answer(send, 200, JSON, encode(told))

    async def _awaited(self, request: FittingRequest, running: Running, receive: Receive) -> FittingAnswer:
        trial = self._trial(request, running)
        if trial is None:
            return FittingAnswer(over=True)
        name, phone = trial.fitting.removesuffix(PHONE), trial.fitting.endswith(PHONE)
        fitting = self._place(running.id, name)
        loop = asyncio.get_running_loop()
        end = loop.time() + WAIT_SECONDS
        gone = asyncio.ensure_future(left(receive))
        try:
            with fitting.viewed(request, phone, self._clock()):
                while True:
                    running = self._projects.by_key.get(request.key, running)
                    if self._trial(request, running) is None:
                        return FittingAnswer(over=True)
                    told = _seen(fitting, running)
                    if told.mark != request.after or self._closed or gone.done() or loop.time() >= end:
                        return told
                    change = asyncio.ensure_future(fitting.changed.wait())
                    try:
                        await asyncio.wait((change, gone), timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        change.cancel()
        finally:
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone

    def _trial(self, request: FittingRequest, running: Running) -> Trial | None:
        """What the token lets the page draw; None when its time is over, or when it is no fitting's."""
        trial = opened(running.project.identity_secret, running.id, request.test, self._clock())
        return trial if trial is not None and trial.fitting else None

    def _place(self, project: ProjectId, name: str) -> Fitting:
        now = self._clock()
        for key, one in list(self._places.items()):
            if not one.waiting and one.touched_at + FORGOTTEN_MS < now:
                del self._places[key]
        while len(self._places) >= MOST_FITTINGS and (project, name) not in self._places:
            del self._places[min(self._places, key=lambda key: self._places[key].touched_at)]
        fitting = self._places.setdefault((project, name), Fitting(now))
        fitting.touched_at = now
        return fitting


def _seen(fitting: Fitting, running: Running) -> FittingAnswer:
    """What the page may draw. Its mark is another while the messages are stopped."""
    if running.project.messages_stopped:
        return FittingAnswer(f"{fitting.mark}!", stopped=True)
    return FittingAnswer(fitting.mark, fitting.drawn)
