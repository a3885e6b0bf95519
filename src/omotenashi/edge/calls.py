"""``POST /v1/calls``: an open page hears that something is wanted of it, while its visitor only reads.

A page asks of its own accord when something happens on it. Here it waits, in sight and with somebody there, and is answered when
staff wish its person to be asked, when a choice of theirs has changed elsewhere, or when somebody begins to watch its recording.
It is told to look and no more: what there is, is decided on the ordinary road, by the page's next request. A wish of the staff's
that could not be done at once, such as while another message stood there, is looked at again for some minutes.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec

from omotenashi.engine.consents import changed_at, is_wished
from omotenashi.ledger.port import LedgerError
from omotenashi.model.ids import Instant, SessionId, VisitorId
from omotenashi.model.wire import CallsAnswer, CallsRequest

from .http import Receive, Scope, Send, answer, encode, json_for, left, whole_body
from .pages import Pages
from .ports import Index
from .projects import Running
from .request import read
from .road import Road

logger = logging.getLogger(__name__)

LONGEST: Final = 1_024
WAIT_SECONDS: Final = 45.0
"""Less than what proxies allow a request."""
WATCHED_SECONDS: Final = 0.5
"""So often it is looked who is watched, while a page waits that is recorded."""
MOST_OF_VISITOR: Final = 8
LATER_MS: Final = 60_000

_decode = msgspec.json.Decoder(CallsRequest).decode


class CallsDoor:
    """The pages' route, and its look at who is watched. Without an index nothing is recorded here.

    ``most`` pages may wait at once; those beyond look again after a while instead.
    """

    def __init__(
        self,
        road: Road,
        pages: Pages,
        clock: Callable[[], Instant],
        index: Index | None,
        most: int,
    ) -> None:
        self._road = road
        self._pages = pages
        self._clock = clock
        self._index = index
        self._most = most
        self._closed = False

    def close(self) -> None:
        """Lets everybody go who waits."""
        self._closed = True
        self._road.listening.wake_all()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads, waits, answers. Raises ``Refused``."""
        request = read(_decode, await whole_body(receive, LONGEST))
        asker = self._pages.let_in(scope, request.key, request.visitor)
        told = await self._awaited(request, asker.running, receive)
        await answer(send, 200, json_for(asker.origin), encode(told))

    async def _awaited(self, request: CallsRequest, running: Running, receive: Receive) -> CallsAnswer:
        visitor = VisitorId(request.visitor)
        listening = self._road.listening
        if listening.count >= self._most or listening.pages_of(running.id, visitor) >= MOST_OF_VISITOR:
            told = self._look(request, running) or CallsAnswer(request.after)
            told.wait_ms = random.randrange(LATER_MS // 2, LATER_MS)  # so that not all come back at once
            return told
        recording = None if request.recording is None else SessionId(request.recording)
        with listening.waiting(running.id, visitor, recording) as waiter:
            gone = asyncio.ensure_future(left(receive))
            gone.add_done_callback(lambda _: waiter.woken.set())
            try:
                async with asyncio.timeout(WAIT_SECONDS):
                    while not (self._closed or gone.done()):
                        waiter.woken.clear()
                        told = self._look(request, self._road.projects.by_key.get(request.key, running))
                        if told is not None:
                            return told
                        if waiter.watched and not request.watched:
                            return CallsAnswer(request.after, watched=True)
                        await waiter.woken.wait()
            except TimeoutError:
                pass
            finally:
                gone.cancel()
                with suppress(asyncio.CancelledError):
                    await gone
        profile = self._road.open(running).visitor(visitor)
        return CallsAnswer(request.after, look=is_wished(profile, self._clock()))

    def _look(self, request: CallsRequest, running: Running) -> CallsAnswer | None:
        """The call to look, when something has changed since the page last did."""
        profile = self._road.open(running).visitor(VisitorId(request.visitor))
        changed = changed_at(profile, self._clock())
        return CallsAnswer(changed + 1, look=True) if changed is not None and changed >= request.after else None

    # Beside the requests

    async def tend(self) -> None:
        """Tells pages that they are watched, until cancelled."""
        while self._index is not None:
            await asyncio.sleep(WATCHED_SECONDS)
            await self.tend_once(self._index)

    async def tend_once(self, index: Index) -> None:
        """One round of `tend`. Where the index does not answer, pages hear of it with their next chunk."""
        listening = self._road.listening
        if not listening.has_recorded:
            return
        try:
            for project, recording in await asyncio.to_thread(index.watched, self._clock()):
                listening.watched(project, recording)
        except LedgerError as error:
            logger.warning("The index of recordings does not answer: %s", error)
