"""Things got from addresses that strangers named: slowly enough to be polite, and never more than one can carry."""

import asyncio
import ssl
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from enum import StrEnum
from typing import Final

import httpx
from msgspec import Struct

from .guarded import Guarded, NotAllowed

SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 3.0
MOST_BYTES: Final = 5_000_000
MOST_REDIRECTS: Final = 3
AT_ONCE: Final = 4
AT_ONCE_OF_A_HOST: Final = 2
SILENT: Final = 3
"""So often in a row a host may give no answer; then it is left in peace for ``PEACE_SECONDS``."""
PEACE_SECONDS: Final = 60.0


class Why(StrEnum):
    """Why something could not be had."""

    ADDRESS = "address"
    """It is no address of the public network, or not one of HTTP."""
    SILENCE = "silence"
    """Nobody answered, or too slowly, or broke off."""
    STATUS = "status"
    """The answer was that there is none."""
    REDIRECTS = "redirects"
    TYPE = "type"
    """It is of a kind, or packed in a way, that is not wanted."""
    SIZE = "size"


class Fetched(Struct, frozen=True):
    """What stands at an address. ``url`` is where it was found in the end; ``type`` is in small letters, without parameters."""

    url: str
    type: str
    charset: str
    body: bytes
    etag: str
    modified: str


class Unchanged(Struct, frozen=True):
    """It is what it was when ``etag`` and ``modified`` were told."""


class Unfetched(Struct, frozen=True):
    """It could not be had."""

    why: Why


Answer = Fetched | Unchanged | Unfetched


class Fetcher:
    """Gets things over ``transport``: no cookies, no proxies, no names and passwords; ``agent`` says who asks."""

    def __init__(self, transport: Guarded, agent: str, *, seconds: float = SECONDS, most_bytes: int = MOST_BYTES) -> None:
        self._transport = transport
        self._agent = agent
        self._seconds = seconds
        self._most = most_bytes
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._turns_of: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE_OF_A_HOST))
        self._waiting: Counter[str] = Counter()
        self._silences: dict[str, tuple[int, float]] = {}

    async def get(
        self, url: str, takes: Callable[[str], bool], *, accept: str = "*/*", etag: str = "", modified: str = ""
    ) -> Answer:
        """What stands at ``url`` if ``takes`` says yes to its type; ``etag`` and ``modified`` are those of the last time."""
        headers = {"user-agent": self._agent, "accept": accept, "accept-encoding": "gzip"}
        if etag:
            headers["if-none-match"] = etag
        if modified:
            headers["if-modified-since"] = modified
        try:
            host = httpx.URL(url).host
        except (httpx.InvalidURL, ValueError):
            return Unfetched(Why.ADDRESS)
        self._waiting[host] += 1
        try:
            async with self._turns_of[host], self._turns:
                return await self._asked(host, url, headers, takes)
        finally:
            self._waiting[host] -= 1
            if not self._waiting[host]:
                del self._waiting[host], self._turns_of[host]

    async def _asked(self, host: str, url: str, headers: dict[str, str], takes: Callable[[str], bool]) -> Answer:
        now = asyncio.get_running_loop().time
        times, since = self._silences.get(host, (0, 0.0))
        if times >= SILENT and now() - since < PEACE_SECONDS:
            return Unfetched(Why.SILENCE)
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._followed(url, headers, takes)
        except NotAllowed:
            answer = Unfetched(Why.ADDRESS)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
            answer = Unfetched(Why.ADDRESS)
        except (httpx.HTTPError, TimeoutError, ssl.SSLError):
            answer = Unfetched(Why.SILENCE)
        if answer == Unfetched(Why.SILENCE):
            self._silences[host] = (times + 1, now())
        else:
            self._silences.pop(host, None)
        return answer

    async def _followed(self, url: str, headers: dict[str, str], takes: Callable[[str], bool]) -> Answer:
        here = httpx.URL(url)
        timeout = httpx.Timeout(self._seconds, connect=CONNECT_SECONDS).as_dict()
        for _ in range(MOST_REDIRECTS + 1):
            request = httpx.Request("GET", here, headers=headers, extensions={"timeout": timeout})
            response = await self._transport.handle_async_request(request)
            response.request = request
            try:
                if not response.has_redirect_location:
                    return await self._taken(here, response, takes)
                here = here.join(response.headers["location"])
            finally:
                await response.aclose()
        return Unfetched(Why.REDIRECTS)

    async def _taken(self, url: httpx.URL, response: httpx.Response, takes: Callable[[str], bool]) -> Answer:
        if response.status_code == 304:
            return Unchanged()
        if response.status_code != 200:
            return Unfetched(Why.STATUS)
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not takes(kind):
            return Unfetched(Why.TYPE)
        packed = response.headers.get("content-encoding", "identity").strip().lower()
        if packed not in ("identity", "gzip", "x-gzip", ""):
            return Unfetched(Why.TYPE)
        body = await self._body(response, packed.endswith("gzip"))
        if isinstance(body, Unfetched):
            return body
        return Fetched(
            str(url),
            kind,
            response.charset_encoding or "",
            body,
            response.headers.get("etag", ""),
            response.headers.get("last-modified", ""),
        )

    async def _body(self, response: httpx.Response, is_packed: bool) -> bytes | Unfetched:
        """Everything, unpacked; counted as it comes, so that no more than one piece too much is ever held."""
        unpacking = zlib.decompressobj(wbits=31)
        body = bytearray()
        came = 0
        async for piece in response.aiter_raw():
            came += len(piece)
            try:
                body += unpacking.decompress(piece, self._most - len(body) + 1) if is_packed else piece
            except zlib.error:
                return Unfetched(Why.TYPE)
            if len(body) > self._most or came > self._most:
                return Unfetched(Why.SIZE)
        if is_packed and not unpacking.eof:
            return Unfetched(Why.SILENCE)
        return bytes(body)

    async def close(self) -> None:
        """Ends what is open."""
        await self._transport.aclose()
