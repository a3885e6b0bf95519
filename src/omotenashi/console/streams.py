"""Server-sent events: an answer that goes on while there is something to say, and while whoever asked may still hear it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.response import Stream
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from omotenashi.ledger.port import LedgerError

from .access import Guard
from .errors import Forbidden, NotFound

LONGEST_SECONDS: Final = 600
"""A stream ends after this; the browser opens it again."""
LOOK_AGAIN_SECONDS: Final = 2
"""How often it is looked whether whoever listens may still."""
FAREWELL_SECONDS: Final = 1
"""So long the end of a stream may take to be sent; after that the connection is dropped."""
SILENCE_SECONDS: Final = 15
"""So long nothing may come before a proxy takes the connection for dead."""
STILL_HERE: Final = b": still here\n\n"

_encode = msgspec.json.Encoder().encode


def told(event: str, said: object) -> bytes:
    """One message of a stream: the name of the event, and a struct as JSON."""
    return b"event: %s\ndata: %s\n\n" % (event.encode(), _encode(said))


def stream(messages: AsyncIterator[bytes]) -> Stream:
    """The answer that carries these messages as they come. Its path ends in ``/stream``: see ``Streams``."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return Stream(messages, media_type="text/event-stream; charset=utf-8", headers=headers)


class Streams:
    """Ends a stream soon after its session is over or its right is taken away, and after the longest time. ASGI middleware.

    Whoever reads slowly is no exception: what waits to be sent to them is given up. ``admit`` is asked every ``look_again``
    seconds, as it was when the stream began.
    """

    def __init__(self, app: ASGIApp, admit: Guard, look_again: float) -> None:
        self._app = app
        self._admit = admit
        self._look_again = look_again

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = scope.get("route_handler")
        if scope["type"] != "http" or route is None or not any(path.endswith("/stream") for path in route.paths):
            await self._app(scope, receive, send)
            return
        begun = asyncio.Event()

        async def sent(message: Message) -> None:
            begun.set()
            await send(message)

        async def answered() -> None:
            await self._app(scope, receive, sent)

        answering = asyncio.create_task(answered())
        try:
            if not await self._ended(answering, begun, scope, route):
                answering.cancel()
                await asyncio.wait((answering,))
                with suppress(TimeoutError):
                    async with asyncio.timeout(FAREWELL_SECONDS):
                        await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
        finally:
            answering.cancel()
        await answering

    async def _ended(self, answering: asyncio.Task[None], begun: asyncio.Event, scope: Scope, route: BaseRouteHandler) -> bool:
        """Whether the answer came to its own end; False when it has to be ended."""
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_SECONDS + SILENCE_SECONDS
        while not (await asyncio.wait((answering,), timeout=self._look_again))[0]:
            if begun.is_set() and (loop.time() > end or not await self._may_still(scope, route)):
                return False
        return True

    async def _may_still(self, scope: Scope, route: BaseRouteHandler) -> bool:
        try:
            await self._admit(Request(scope), route)
        except (HTTPException, Forbidden, NotFound, LedgerError):
            return False
        return True
