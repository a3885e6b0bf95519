"""What recorded pages were dressed in is asked for once, kept by its content, and given again to whoever looks at a replay.

Each recording is tied to what an address was when it was first looked for, so that it stays what it was after the site has
changed; another recording asks again when an hour has gone by. What nothing is tied to any more goes.
"""

import asyncio
import re
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from hashlib import sha256
from itertools import islice
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from omotenashi.blobs.port import Blobs
from omotenashi.model.ids import Instant, ProjectId, SessionId
from omotenashi.model.materials import BLOBS, SHEET, Asked, Material, blob_key
from omotenashi.outbound.fetch import Answer as Got
from omotenashi.outbound.fetch import Fetched, Unchanged, Unfetched, Why

from .css import Kind, rewritten, text_of

T = TypeVar("T")

FRESH_MS: Final = 3_600_000
"""So long what an address was counts as what it is, and one that failed is not asked again."""
FORGET_MS: Final = 7 * 86_400_000
MOST_ADDRESSES: Final = 500
MOST_BYTES: Final = 60_000_000
"""Of one recording."""
LEVELS: Final = 3
"""A page names sheets, which name pictures and sheets, which name pictures."""
HOSTS: Final = 3
"""Asked at once by the worker, each for one thing at a time: whoever watches need not wait for it."""
MOST_GOING: Final = 200
REMEMBERED: Final = 500
UNKNOWN: Final = frozenset(("", "application/octet-stream", "binary/octet-stream"))
_LOOK: Final = re.compile(
    r"(?:image|font)/[a-z0-9.+-]{1,60}|application/(?:x-)?font-[a-z0-9.+-]{1,60}|application/vnd\.ms-(?:fontobject|opentype)"
)
ACCEPT: Final[Mapping[Kind, str]] = {
    "sheet": "text/css,*/*;q=0.1",
    "look": "image/avif,image/webp,image/png,image/svg+xml,image/*,font/*;q=0.9,*/*;q=0.1",
}
_BEGINNINGS: Final = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
    b"\x00\x00\x01\x00": "image/x-icon",
    b"wOFF": "font/woff",
    b"wOF2": "font/woff2",
    b"OTTO": "font/otf",
    b"\x00\x01\x00\x00": "font/ttf",
    b"true": "font/ttf",
    b"ttcf": "font/collection",
}


class Index(Protocol):
    """What it needs of the index of recordings; see ``ledger.sqlite.materials``."""

    def shown(self, project: ProjectId, recording: SessionId) -> dict[str, Material]: ...

    def shown_at(self, project: ProjectId, recording: SessionId, url: str) -> Material | None: ...

    def missing(self, project: ProjectId, recording: SessionId) -> int: ...

    def asked(self, project: ProjectId, url: str) -> Asked | None: ...

    def put(self, project: ProjectId, recording: SessionId, url: str, material: Material, asked: Asked) -> None: ...

    def tie(self, project: ProjectId, recording: SessionId, urls: Iterable[str], since: Instant) -> None: ...

    def put_shown(self, project: ProjectId, recording: SessionId, url: str, sha: str) -> Material | None: ...

    def unused(self, most: int) -> list[tuple[ProjectId, str]]: ...

    def drop(self, project: ProjectId, sha: str) -> bool: ...

    def forget(self, before: Instant) -> None: ...

    def all(self) -> set[tuple[str, str]]: ...


class Outside(Protocol):
    """What it needs of the way out; see ``outbound.fetch``."""

    def get(
        self, url: str, takes: Callable[[str], bool], *, accept: str = "*/*", etag: str = "", modified: str = ""
    ) -> Awaitable[Got]: ...


class Materials:
    """``has_room`` says whether a project may still keep something. One for the whole process: nobody else writes or removes."""

    def __init__(
        self, index: Index, blobs: Blobs, outside: Outside, clock: Callable[[], Instant], has_room: Callable[[ProjectId], bool]
    ) -> None:
        self._index = index
        self._blobs = blobs
        self._outside = outside
        self._clock = clock
        self._has_room = has_room
        self._storing = threading.Lock()
        self._going: dict[tuple[ProjectId, SessionId, str], asyncio.Task[Material | None]] = {}
        self._turns: WeakValueDictionary[tuple[ProjectId, str], asyncio.Lock] = WeakValueDictionary()
        self._threads: set[asyncio.Future[Any]] = set()
        self._named: OrderedDict[str, dict[str, Kind]] = OrderedDict()

    async def keep(self, project: ProjectId, recording: SessionId, wanted: Mapping[str, Kind]) -> None:
        """Asks for everything that these addresses of a recording name, and what the sheets among it name, and keeps it."""
        met: set[str] = set()
        for _ in range(LEVELS):
            met |= wanted.keys()
            known = await self._in_thread(lambda: self._index.shown(project, recording))
            fresh = list(islice((url for url in wanted if url not in known), max(MOST_ADDRESSES - len(known), 0)))
            if fresh:
                since = Instant(self._clock() - FRESH_MS)
                await self._in_thread(lambda urls=fresh, since=since: self._index.tie(project, recording, urls, since))
                known = await self._in_thread(lambda: self._index.shown(project, recording))
                await self._ask_all(project, recording, {url: wanted[url] for url in fresh if url not in known}, known)
                known = await self._in_thread(lambda: self._index.shown(project, recording))
            sheets = [one for url in wanted if (one := known.get(url)) is not None and one.type == SHEET]
            named = [await self._in_thread(lambda one=one: self._names(project, one)) for one in sheets]
            wanted = {url: kind for names in named for url, kind in names.items() if url not in met}
            if not wanted:
                return

    async def shown(
        self, project: ProjectId, recording: SessionId, url: str, kind: Kind, seconds: float
    ) -> tuple[Material, bytes] | None:
        """What this address was for the recording, asked for now if nobody has yet; None when it cannot be had in time."""
        material = await self._in_thread(lambda: self._index.shown_at(project, recording, url))
        if material is None or not material.sha:
            known = await self._in_thread(lambda: self._index.shown(project, recording)) if material is None else {}
            if _is_too_much(known):
                return None
            try:
                async with asyncio.timeout(seconds):
                    material = await asyncio.shield(self._task(project, recording, url, kind))
            except TimeoutError:
                return None
        if material is None or not material.sha:
            return None
        body = await self._blobs.fetch(blob_key(project, material.sha))
        return None if body is None else (material, body)

    def missing(self, project: ProjectId, recording: SessionId) -> int:
        """How many addresses of a recording could not be had."""
        return self._index.missing(project, recording)

    def tidy(self, *, thoroughly: bool) -> None:
        """Removes what no recording shows any more; ``thoroughly`` also bytes without a row, that a kill in the middle left."""
        while gone := self._index.unused(100):
            for project, sha in gone:
                with self._storing:
                    if self._index.drop(project, sha):
                        self._blobs.delete(blob_key(project, sha))
        if thoroughly:
            self._index.forget(Instant(self._clock() - FORGET_MS))
            with self._storing:
                known = self._index.all()
                for key in self._blobs.keys(BLOBS):
                    if tuple(key.split("/")[1:]) not in known:
                        self._blobs.delete(key)

    async def close(self) -> None:
        """Ends what is being asked for; what is being written is waited for."""
        for task in self._going.values():
            task.cancel()
        await asyncio.gather(*self._going.values(), *self._threads, return_exceptions=True)

    async def _ask_all(
        self, project: ProjectId, recording: SessionId, wanted: Mapping[str, Kind], known: Mapping[str, Material]
    ) -> None:
        """Host by host, as far as the recording may take."""
        taken = sum(one.bytes for one in known.values())
        hosts: defaultdict[str, list[tuple[str, Kind]]] = defaultdict(list)
        for url, kind in wanted.items():
            hosts[_host(url)].append((url, kind))
        turns = asyncio.Semaphore(HOSTS)

        async def one_by_one(several: list[tuple[str, Kind]]) -> None:
            nonlocal taken
            async with turns:
                for url, kind in several:
                    if taken > MOST_BYTES:
                        return
                    material = await asyncio.shield(self._task(project, recording, url, kind))
                    taken += 0 if material is None else material.bytes

        async with asyncio.TaskGroup() as group:
            for several in hosts.values():
                group.create_task(one_by_one(several))

    def _task(self, project: ProjectId, recording: SessionId, url: str, kind: Kind) -> asyncio.Task[Material | None]:
        """The one task that finds out what an address was for a recording; it goes on when nobody waits for it any more."""
        key = (project, recording, url)
        task = self._going.get(key)
        if task is None:
            task = self._going[key] = asyncio.create_task(self._found(project, recording, url, kind))
            task.add_done_callback(lambda _: self._going.pop(key, None))
        return task

    async def _found(self, project: ProjectId, recording: SessionId, url: str, kind: Kind) -> Material | None:
        """What stands there now, tied to the recording. None when it may not be kept."""
        turn = self._turns.setdefault((project, url), asyncio.Lock())
        async with turn:
            before = await self._in_thread(lambda: self._index.asked(project, url)) or Asked(Instant(0), "")
            if self._clock() - before.at < FRESH_MS:
                known = await self._in_thread(lambda: self._index.put_shown(project, recording, url, before.sha))
                if known is not None:
                    return known
                before = Asked(Instant(0), "")
            if len(self._going) > MOST_GOING or not await self._in_thread(lambda: self._has_room(project)):
                return None
            got = await self._outside.get(url, is_wanted, accept=ACCEPT[kind], etag=before.etag, modified=before.modified)
            return await self._in_thread(lambda: self._stored(project, recording, url, before, got))

    def _stored(self, project: ProjectId, recording: SessionId, url: str, before: Asked, got: Got) -> Material:
        """Bytes first, then rows; nobody removes anything meanwhile."""
        now = self._clock()
        with self._storing:
            match got:
                case Fetched():
                    body, kind = dressed(got)
                    if not kind:
                        return self._without(project, recording, url, before, Why.TYPE)
                    material = Material(sha256(body).hexdigest(), kind, len(body))
                    self._blobs.put(blob_key(project, material.sha), body)
                    asked = Asked(now, material.sha, got.etag[:500], got.modified[:100])
                    self._index.put(project, recording, url, material, asked)
                    return material
                case Unchanged():
                    known = self._index.put_shown(project, recording, url, before.sha)
                    if known is None or not known.sha:
                        return self._without(project, recording, url, Asked(now, ""), Why.STATUS)
                    asked = Asked(now, before.sha, before.etag, before.modified)
                    self._index.put(project, recording, url, known, asked)
                    return known
                case Unfetched(why):
                    return self._without(project, recording, url, before, why)

    def _without(self, project: ProjectId, recording: SessionId, url: str, before: Asked, why: Why) -> Material:
        """It could not be had: what stood there when it last could, if that is still kept."""
        known = self._index.put_shown(project, recording, url, before.sha) or Material("")
        asked = Asked(self._clock(), known.sha, before.etag, before.modified, why)
        self._index.put(project, recording, url, known, asked)
        return known

    def _names(self, project: ProjectId, sheet: Material) -> dict[str, Kind]:
        """What a kept sheet names."""
        known = self._named.get(sheet.sha)
        if known is None:
            body = self._blobs.get(blob_key(project, sheet.sha)) or b""
            found: dict[str, Kind] = {}
            rewritten(body.decode("utf-8", "replace"), "", lambda url, kind: _noted(found, url, kind))
            known = self._named[sheet.sha] = found
            while len(self._named) > REMEMBERED:
                self._named.popitem(last=False)
        return known

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Beside the loop; once begun it is ended."""
        done = asyncio.ensure_future(asyncio.to_thread(work))
        self._threads.add(done)
        done.add_done_callback(self._threads.discard)
        return await asyncio.shield(done)


def is_wanted(kind: str) -> bool:
    """Whether something of this content type can belong to how a page looks; what is not named is looked at."""
    return kind == SHEET or kind in UNKNOWN or _is_look(kind)


def dressed(got: Fetched) -> tuple[bytes, str]:
    """The bytes to keep and their type; type "" of what is no sheet, picture or font.

    A sheet is kept in UTF-8, and names whole addresses: it may be found under several of its own.
    """
    if got.type == SHEET:
        text = text_of(got.body, got.charset)
        return rewritten(text, got.url, lambda url, _: url).encode("utf-8", "replace"), SHEET
    if got.type in UNKNOWN:
        return got.body, _looks_like(got.body)
    return got.body, got.type


def _is_look(kind: str) -> bool:
    return _LOOK.fullmatch(kind) is not None


def _looks_like(body: bytes) -> str:
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body[4:8] == b"ftyp" and body[8:12] in (b"avif", b"avis"):
        return "image/avif"
    return next((kind for start, kind in _BEGINNINGS.items() if body.startswith(start)), "")


def _is_too_much(known: Mapping[str, Material]) -> bool:
    return len(known) >= MOST_ADDRESSES or sum(one.bytes for one in known.values()) > MOST_BYTES


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _noted(found: dict[str, Kind], url: str, kind: Kind) -> str:
    found.setdefault(url, kind)
    return url
