"""``POST /v1/import?batch=NAME``: history, line by line, in a lane of its own.

About two milliseconds at a time are spent here, then everybody else has a turn; what waits to be written is
kept small. Rows of a batch only go up, and the edge remembers the next one it wants: after a broken
connection or a crash the same file is simply sent again. Nothing is decided for history.
"""

import asyncio
import zlib
from collections import deque
from collections.abc import AsyncIterator
from time import perf_counter
from typing import Final
from urllib.parse import parse_qs

from msgspec import Struct

from omotenashi.model.ids import Instant, ProjectId
from omotenashi.model.reasons import Drop, Refusal
from omotenashi.model.values import LARGEST_NUMBER
from omotenashi.model.wire import Rejected

from .admit import Dropped, Facts
from .http import JSON, Receive, Scope, Send, answer, encode, header
from .identity import is_id
from .metrics import Metrics
from .projects import Running
from .request import EVENT_LIMIT, UNREADABLE, Refused, import_line
from .road import Passage, Road, storage_failed
from .server_api import secret_project, server_draft, whose
from .track import unreadable

SLICE_SECONDS: Final = 0.002
IN_FLIGHT: Final = 2_000
"""Entries that may wait for the disk on behalf of one import."""
INFLATE_STEP: Final = 64 * 1024
REJECTED_SHOWN: Final = 100


class NextRow(Struct, rename="camel"):
    """Where to begin: everything below ``next_row`` was taken or rejected for good."""

    batch: str
    next_row: int


class ImportAnswer(Struct, rename="camel"):
    """``rejected`` shows the first 100; ``index`` in it is the row. ``repeated`` rows had been taken before."""

    batch: str
    accepted: int
    repeated: int
    rejected_rows: int
    rejected: list[Rejected]
    next_row: int


class _Waiting:
    """What one import has appended and not yet seen on disk: (position, entries), oldest first."""

    __slots__ = ("entries", "groups")

    def __init__(self) -> None:
        self.groups: deque[tuple[int, int]] = deque()
        self.entries = 0


class Imports:
    """The route for history."""

    def __init__(self, road: Road, metrics: Metrics) -> None:
        self._road = road
        self._metrics = metrics

    async def next_row(self, scope: Scope, send: Send) -> None:
        """``GET /v1/import?batch=NAME``: the next row wanted; it answers when what is below is on disk."""
        running = secret_project(self._road.projects, scope["headers"])
        batch = _batch(scope)
        self._road.open(running)
        row = self._road.people.next_row(running.id, batch)
        await self._road.on_disk(self._road.log.appended)
        await answer(send, 200, JSON, encode(NextRow(batch, row)))

    async def take(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads lines as they come, whatever their number. Raises ``Refused``."""
        running = secret_project(self._road.projects, scope["headers"])
        batch = _batch(scope)
        encoding = header(scope["headers"], b"content-encoding").strip().lower()
        if encoding not in (b"", b"identity", b"gzip", b"x-gzip"):
            raise Refused(Refusal.BAD_BODY, "Content-Encoding is gzip or identity.", "content-encoding")
        epoch = self._road.epoch
        told = ImportAnswer(batch, 0, 0, 0, [], self._road.people.next_row(running.id, batch))
        waiting = _Waiting()
        rest = b""
        async for part in _plain(receive, gzip=encoding.endswith(b"gzip")):
            lines = (rest + part).split(b"\n")
            rest = lines.pop()
            if len(rest) > EVENT_LIMIT:
                raise Refused(Refusal.BAD_BODY, f"A line has at most {EVENT_LIMIT} bytes.", f"row {told.next_row}")
            await self._lines(lines, running, told, waiting, epoch)
        if rest:
            await self._lines([rest], running, told, waiting, epoch)
        self._check(epoch)
        if waiting.groups:
            await self._road.on_disk(waiting.groups[-1][0])
        await answer(send, 200, JSON, encode(told))

    async def _lines(self, lines: list[bytes], running: Running, told: ImportAnswer, waiting: _Waiting, epoch: int) -> None:
        place = 0
        while place < len(lines):
            passage = await self._open(running.id)
            self._check(epoch)
            until = perf_counter() + SLICE_SECONDS
            next_row = self._road.people.next_row(passage.running.id, told.batch)
            received_at = self._road.clock()
            facts = Facts(passage.running, "import", received_at)
            rejected_before = len(passage.rejected)
            try:
                while place < len(lines):
                    line = lines[place]
                    place += 1
                    if line and not line.isspace():
                        next_row = self._take(line, next_row, passage, facts, told, received_at)
                    if not place & 7 and perf_counter() >= until:
                        break
                position = passage.close()
                self._road.people.imported(passage.running.id, told.batch, next_row, position or self._road.log.appended)
            except Exception as error:
                raise passage.abandon(error) from error
            told.next_row = max(told.next_row, next_row)
            told.accepted += passage.accepted
            told.rejected_rows += len(passage.rejected) - rejected_before
            told.rejected += passage.rejected[: max(0, REJECTED_SHOWN - len(told.rejected))]
            self._metrics.import_rows += passage.accepted
            self._metrics.events["import"] += passage.accepted
            if position:
                waiting.groups.append((position, len(passage.entries)))
                waiting.entries += len(passage.entries)
            await asyncio.sleep(0)
            while waiting.entries > IN_FLIGHT:
                self._check(epoch)
                position, count = waiting.groups.popleft()
                await self._road.on_disk(position)
                waiting.entries -= count

    def _check(self, epoch: int) -> None:
        """Raises ``Refused`` when a recovery came in between: rows that were not on disk by then are wanted again."""
        if self._road.epoch != epoch:
            raise storage_failed()

    async def _open(self, project: ProjectId) -> Passage:
        """A passage under the project's present version; while the queue is full, this lane waits."""
        while True:
            try:
                running = self._road.projects.by_id[project]
                return self._road.open(running)
            except Refused as refused:
                if refused.code is not Refusal.BUSY:
                    raise
                await asyncio.sleep(0.02)

    def _take(self, raw: bytes, next_row: int, passage: Passage, facts: Facts, told: ImportAnswer, received_at: Instant) -> int:
        """Takes one line; the next row wanted after it."""
        if len(raw) > EVENT_LIMIT:
            passage.drop(next_row, Dropped(Drop.EVENT_TOO_LARGE, f"A line has at most {EVENT_LIMIT} bytes.", "line"))
            return next_row
        try:
            line = import_line(raw)
        except UNREADABLE as error:
            passage.drop(next_row, unreadable(error))
            return next_row
        row = line.row
        if not 0 <= row <= LARGEST_NUMBER:
            passage.drop(next_row, Dropped(Drop.BAD_VALUE, "row is a number from 0 to 2^53-1.", "row"))
            return next_row
        if row < next_row:
            told.repeated += 1
            return next_row
        facts.occurred_at = line.at
        draft = server_draft(line.id or f"{told.batch}:{row}", line.name, line.values, row, received_at, "import")
        draft.batch = told.batch
        draft.row = row
        if passage.admitted(draft, facts):
            profile = whose(passage, draft, line.visitor, line.user_id)
            if isinstance(profile, Dropped):
                passage.drop(row, profile, draft.id)
            else:
                if draft.name == "identify" and draft.user_id is not None:
                    profile = passage.identify(draft, profile, draft.user_id)
                passage.fold(draft, profile)
        return row + 1


def _batch(scope: Scope) -> str:
    """The batch's name, from the query. Raises ``Refused``."""
    names = parse_qs(scope["query_string"].decode("latin-1")).get("batch", [])
    if len(names) != 1 or not is_id(names[0]):
        raise Refused(Refusal.BAD_BODY, "batch is 1 to 128 characters of A-Z a-z 0-9 _ . : / -.", "batch")
    return names[0]


async def _plain(receive: Receive, gzip: bool) -> AsyncIterator[bytes]:
    """The body's parts as they come, inflated in steps so that no small part becomes a huge one."""
    inflater = zlib.decompressobj(31) if gzip else None
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(Refusal.BAD_BODY, "The body ends too early.", "body")
        part: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        if inflater is None:
            for start in range(0, len(part), INFLATE_STEP):
                yield part[start : start + INFLATE_STEP]
            continue
        try:
            while part:
                yield inflater.decompress(part, INFLATE_STEP)
                part = inflater.unconsumed_tail
                if inflater.eof and inflater.unused_data:  # gzip files may follow each other
                    part = inflater.unused_data
                    inflater = zlib.decompressobj(31)
        except zlib.error as error:
            message = "The body is not gzip, though Content-Encoding says so."
            raise Refused(Refusal.BAD_BODY, message, "content-encoding") from error
    if inflater is not None and not inflater.eof:
        raise Refused(Refusal.BAD_BODY, "The gzip body ends too early.", "body")
