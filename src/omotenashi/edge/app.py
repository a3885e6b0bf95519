"""The two doors of the edge: one for strangers, one for our own console. Both raw ASGI, both one small table of routes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from gzip import compress
from hashlib import blake2b
from typing import Final

from msgspec import Struct

from omotenashi.blobs.port import Blobs
from omotenashi.ledger.port import LogWriter, StorageFailed
from omotenashi.model.ids import Instant
from omotenashi.model.reasons import Refusal

from .assets import Fetch, send_asset
from .calls import CallsDoor
from .consents import ConsentsDoor
from .fittings import Fittings
from .http import ANYBODY, JSON, Addresses, HeaderList, Receive, Scope, Send, answer, answer_refusal, encode, header
from .imports import Imports
from .internal import Internal
from .limits import Allowance, Limits
from .metrics import Metrics
from .pages import Pages
from .ports import Index, Office, People, Writer
from .projects import Networks, Projects
from .record import RecordDoor
from .request import Refused
from .road import Road
from .server_api import ServerApi
from .support import SupportDoor
from .track import Track

logger = logging.getLogger(__name__)

Door = Callable[[Scope, Receive, Send], Awaitable[None]]
Kept = tuple[Index, Blobs, Callable[[], int]]
"""Where recordings go: their index, their bytes, and how many bytes the disk has left."""

TAG_SECONDS: Final = 300
PREFLIGHT_SECONDS: Final = 86_400


class EdgeSettings(Struct, frozen=True):
    """What the edge is told from outside.

    ``secret`` makes visitor ids and must stay the same for ever. ``tag`` is the built tag.js, ``chunks`` are the files beside
    it that it loads when they are needed, by name. ``proxies`` are the addresses or networks that may speak for a client in
    ``X-Forwarded-For`` and in ``country_header``. ``most_waiting`` pages may wait for calls at once.
    """

    secret: bytes
    internal_token: str
    tag: bytes = b""
    chunks: dict[str, bytes] = {}
    proxies: tuple[str, ...] = ()
    country_header: str = "cf-ipcountry"
    allowance: Allowance = Allowance()
    most_waiting: int = 20_000


async def no_assets(key: str) -> bytes | None:
    """A store in which there is nothing."""
    return None


class Edge:
    """Everything of the edge, put together: `public` and `internal` are ASGI applications, `watch` its only loop."""

    def __init__(
        self,
        settings: EdgeSettings,
        log: LogWriter,
        people: People,
        office: Office,
        projects: Projects,
        write: Writer,
        clock: Callable[[], Instant],
        fetch: Fetch = no_assets,
        recordings: Kept | None = None,
    ) -> None:
        self.metrics = Metrics()
        self.projects = projects
        self.road = Road(log, people, office, self.projects, write, settings.secret, clock, self.metrics)
        limits = Limits(settings.allowance)
        addresses = Addresses(Networks(settings.proxies))
        pages = Pages(projects, limits, addresses, clock)
        self._fittings = Fittings(projects, pages, clock)
        support = SupportDoor(self.road, pages)
        self.record = None if recordings is None else RecordDoor(self.road, pages, *recordings)
        told = None if self.record is None else self.record.told
        index = None if recordings is None else recordings[0]
        self.calls = CallsDoor(self.road, pages, clock, index, settings.most_waiting)
        self.public: Door = Public(
            Track(self.road, limits, addresses, settings.country_header.encode("latin-1"), self.metrics, told),
            ServerApi(self.road, self.metrics),
            Imports(self.road, self.metrics),
            self.road,
            self._fittings,
            ConsentsDoor(self.road, pages),
            support,
            self.calls,
            {"tag.js": settings.tag, **settings.chunks},
            fetch,
            self.record,
        )
        self.internal: Door = Private(
            Internal(self.road, limits, self.metrics, settings.internal_token, self._gauges),
            self._fittings,
            support,
            self.metrics,
        )

    def start(self) -> None:
        """Announces the projects' versions in the log. Call once: after ``people.reload``, before the first request."""
        self.projects.announce()

    async def watch(self) -> None:
        """Follows the office, keeps the counts of recordings and tells who is watched, until cancelled."""
        recorded = () if self.record is None else (self.record.tend(), self.calls.tend())
        await asyncio.gather(self.projects.watch(), *recorded)

    def close(self) -> None:
        """Lets go who waits at the doors: before the servers are asked to end."""
        self._fittings.close()
        self.calls.close()

    async def stop(self) -> None:
        """Waits until everything that was taken is on disk, or a recovery that runs has ended."""
        if self.road.recovery is not None:
            self.road.recovery.cancel()
            await asyncio.gather(self.road.recovery, return_exceptions=True)
            return
        with suppress(StorageFailed):  # who waits for it was told
            await self.road.log.committed(self.road.log.appended)

    def _gauges(self) -> dict[str, float]:
        log = self.road.log
        return {
            "log_appended_position": log.appended,
            "log_landed_position": log.landed,
            "storage_healthy": float(self.road.recovery is None and log.failure is None),
            "projects": len(self.projects.by_id),
            **{f"people_{name}": count for name, count in self.road.people.counts().items()},
            **({} if self.record is None else self.record.counts()),
        }


class Script(Struct, frozen=True):
    """A script as it is served: plain, gzipped, and its name for caches."""

    plain: bytes
    packed: bytes
    etag: bytes

    @classmethod
    def of(cls, plain: bytes) -> "Script":
        """Packed once, at the start."""
        return cls(plain, compress(plain, 9, mtime=0), b'"%s"' % blake2b(plain, digest_size=12).hexdigest().encode())


class Public:
    """The door for strangers."""

    def __init__(
        self,
        track: Track,
        server: ServerApi,
        imports: Imports,
        road: Road,
        fittings: Fittings,
        consents: ConsentsDoor,
        support: SupportDoor,
        calls: CallsDoor,
        scripts: dict[str, bytes],
        fetch: Fetch,
        record: RecordDoor | None,
    ) -> None:
        self._track = track
        self._server = server
        self._imports = imports
        self._road = road
        self._fittings = fittings
        self._consents = consents
        self._support = support
        self._calls = calls
        self._scripts = {f"/{name}": Script.of(plain) for name, plain in scripts.items()}
        self._fetch = fetch
        self._record = record

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, whatever it is. Whatever goes wrong is answered with the one error body."""
        if scope["type"] != "http":
            await _lifespan(scope, receive, send)
            return
        try:
            if scope["path"] == "/v1/track" and scope["method"] == "POST":
                await self._track(scope, receive, send)
            elif scope["path"] == "/v1/record" and scope["method"] == "POST" and self._record is not None:
                await self._record(scope, receive, send)
            else:
                await self._other(scope, receive, send)
        except Refused as refused:
            self._road.metrics.refused[refused.code] += 1
            await answer_refusal(send, refused, ANYBODY)
        except Exception:  # noqa: BLE001  (the floor's edge)
            await _broken(send, self._road.metrics, ANYBODY)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if path in ("/v1/track", "/v1/record"):
            _allow(method, "OPTIONS")
            await self._preflight(scope, send)
        elif path in self._scripts:
            _allow(method, "GET", "HEAD")
            await self._send_script(self._scripts[path], scope, send)
        elif path.startswith("/assets/"):
            _allow(method, "GET", "HEAD")
            await send_asset(self._fetch, scope, send)
        elif path == "/v1/fitting":
            _allow(method, "POST")
            await self._fittings.page(scope, receive, send)
        elif path == "/v1/consents":
            _allow(method, "POST")
            await self._consents(scope, receive, send)
        elif path == "/v1/support-code":
            _allow(method, "POST")
            await self._support.page(scope, receive, send)
        elif path == "/v1/calls":
            _allow(method, "POST")
            await self._calls(scope, receive, send)
        elif path == "/v1/events":
            _allow(method, "POST")
            await self._server(scope, receive, send)
        elif path == "/v1/import":
            _allow(method, "POST", "GET")
            if method == "GET":
                await self._imports.next_row(scope, send)
            else:
                await self._imports.take(scope, receive, send)
        elif path == "/health":
            _allow(method, "GET", "HEAD")
            healthy = self._road.recovery is None and self._road.log.failure is None
            await answer(send, 200 if healthy else 503, JSON, encode({"healthy": healthy}))
        else:
            raise Refused(Refusal.NOT_FOUND, "There is nothing at this address.", "path")

    async def _preflight(self, scope: Scope, send: Send) -> None:
        """A preflight knows no key yet: it is granted to every origin that any project allows."""
        origin = header(scope["headers"], b"origin")
        projects = self._road.projects
        if not projects.any_origin and origin.decode("latin-1").lower() not in projects.origins:
            raise Refused(Refusal.ORIGIN_NOT_ALLOWED, "This origin is not one of any project's.", "origin")
        await answer(
            send,
            204,
            [
                (b"access-control-allow-origin", origin or b"*"),
                (b"access-control-allow-methods", b"POST"),
                (b"access-control-allow-headers", b"content-type, content-encoding"),
                (b"access-control-max-age", b"%d" % PREFLIGHT_SECONDS),
                (b"vary", b"origin"),
            ],
            b"",
        )

    async def _send_script(self, script: Script, scope: Scope, send: Send) -> None:
        headers: HeaderList = [
            (b"content-type", b"text/javascript; charset=utf-8"),
            (b"cache-control", b"public, max-age=%d, stale-while-revalidate=86400" % TAG_SECONDS),
            (b"etag", script.etag),
            (b"access-control-allow-origin", b"*"),
            (b"cross-origin-resource-policy", b"cross-origin"),
            (b"vary", b"accept-encoding"),
        ]
        if not script.plain:
            raise Refused(Refusal.NOT_FOUND, "This edge was started without a tag.", "path")
        if script.etag in header(scope["headers"], b"if-none-match"):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        body = script.plain
        if b"gzip" in header(scope["headers"], b"accept-encoding"):
            headers.append((b"content-encoding", b"gzip"))
            body = script.packed
        if scope["method"] == "HEAD":
            await send(
                {"type": "http.response.start", "status": 200, "headers": [*headers, (b"content-length", b"%d" % len(body))]}
            )
            await send({"type": "http.response.body", "body": b""})
            return
        await answer(send, 200, headers, body)


class Private:
    """The door for our own console: every route wants the token, except health and the metrics."""

    def __init__(self, internal: Internal, fittings: Fittings, support: SupportDoor, metrics: Metrics) -> None:
        self._internal = internal
        self._fittings = fittings
        self._support = support
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request of ours."""
        if scope["type"] != "http":
            await _lifespan(scope, receive, send)
            return
        try:
            await self._route(scope, receive, send)
        except Refused as refused:
            await answer_refusal(send, refused, JSON)
        except Exception:  # noqa: BLE001  (the floor's edge)
            await _broken(send, self._metrics, JSON)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if path == "/metrics":
            _allow(method, "GET")
            await self._internal.metrics(send)
            return
        if path == "/health":
            _allow(method, "GET")
            await self._internal.health(send)
            return
        self._internal.check(scope)
        if path == "/internal/events":
            _allow(method, "POST")
            await self._internal.events(scope, receive, send)
        elif path == "/internal/erase":
            _allow(method, "POST")
            await self._internal.erase(scope, receive, send)
        elif path == "/internal/refusals":
            _allow(method, "GET")
            await self._internal.refusals(scope, send)
        elif path == "/internal/fittings":
            _allow(method, "POST")
            await self._fittings.internal(receive, send)
        elif path == "/internal/support-codes":
            _allow(method, "POST")
            await self._support.internal(receive, send)
        elif path == "/internal/health":
            _allow(method, "GET")
            await self._internal.health(send)
        else:
            raise Refused(Refusal.NOT_FOUND, "There is nothing at this address.", "path")


def _allow(method: str, *methods: str) -> None:
    if method not in methods:
        raise Refused(Refusal.METHOD_NOT_ALLOWED, f"This address takes {' and '.join(methods)}.", "method")


async def _broken(send: Send, metrics: Metrics, headers: HeaderList) -> None:
    """The root's answer to an error of our own."""
    metrics.failures += 1
    logger.exception("A request ended in an error of our own")
    refused = Refused(Refusal.INTERNAL, "Something broke here; it is not your fault. Keep it and try again.", "", 1)
    await answer_refusal(send, refused, headers)


async def _lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """Start and stop are `boot`'s business; the server only wants to be told that nothing is missing."""
    while scope["type"] == "lifespan":
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
