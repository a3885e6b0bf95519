"""``POST /v1/record``: what a page shows, a few seconds at a time, of those who may be recorded.

Whether a visit is recorded is asked of the profile at every page view, and again at every chunk, so that consent that was
withdrawn in one tab ends the recording in all of them. A chunk is answered when its bytes and its row stand.
"""

import asyncio
import hmac
import logging
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable
from gzip import compress
from re import compile as regular
from typing import Final
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from omotenashi.blobs.port import Blobs, BlobsFailed
from omotenashi.engine.decide import page_view_of
from omotenashi.engine.fold import unpack_values
from omotenashi.engine.recent import was_seen
from omotenashi.engine.recording import Recorded
from omotenashi.ledger.port import LedgerError
from omotenashi.model.campaigns import Recorder
from omotenashi.model.drafts import Draft
from omotenashi.model.entries import Event, Merged
from omotenashi.model.ids import EventId, Instant, PageViewId, PersonId, ProjectId, SessionId, VisitorId
from omotenashi.model.profiles import Profile
from omotenashi.model.reasons import NotRecorded, Refusal
from omotenashi.model.recordings import LARGEST_CHUNK, LEAST_FREE, Chunk, Recording, Taken, blob_key
from omotenashi.model.wire import Masks, Record, RecordAnswer, RecordRequest, TrackRequest

from .enrich import device
from .http import Receive, Scope, Send, answer, encode, header, json_for, whole_body
from .identity import is_id
from .pages import Pages
from .ports import Index
from .projects import Running
from .request import UNREADABLE, Refused, complaint, inflated
from .road import Passage, Road

logger = logging.getLogger(__name__)

PACKED_LIMIT: Final = 1024 * 1024
EVENTS_LIMIT: Final = 100_000
HREF_LIMIT: Final = 4_096
NEXT_MS: Final = 5_000
WATCHED_MS: Final = 700
TEND_SECONDS: Final = 5.0
LONGEST_WAIT_MS: Final = 24 * 3_600_000
BEGUN: Final = "_live_record_start"
_TAB = regular(r"[A-Za-z0-9_-]{1,64}").fullmatch
_GZIP: Final = b"\x1f\x8b"

_SAID: Final = {
    NotRecorded.OFF: "This project records nothing.",
    NotRecorded.STOPPED: "Recording is stopped.",
    NotRecorded.NO_CONSENT: "This person has not granted what recording needs.",
    NotRecorded.AUDIENCE: "This person is not among those who are recorded.",
    NotRecorded.PAGE: "This page is not recorded.",
    NotRecorded.SAMPLE: "This visit is not among the share that is recorded.",
    NotRecorded.TOO_LONG: "This visit has been recorded as long as one may be.",
    NotRecorded.QUOTA: "There is no room for more recordings.",
    NotRecorded.BOT: "A robot is not recorded.",
    NotRecorded.STAFF: "Staff are not recorded.",
    NotRecorded.OVER: "This visit is over.",
    NotRecorded.ERASED: "What was recorded of this visit is being removed.",
}


class _Data(Struct):
    """Of an rrweb event's ``data``, what the index keeps."""

    source: int | None = None
    type: int | None = None
    href: str | None = None
    width: float | None = None
    height: float | None = None


class _RrwebEvent(Struct):
    type: int
    timestamp: float
    data: _Data | None = None


_events = msgspec.json.Decoder(list[_RrwebEvent]).decode
_FULL, _INCREMENTAL, _META = 2, 3, 4  # rrweb's types of events
_MOUSE, _CLICK = 2, 2  # its source of presses, and their type of a click


class Found(Struct, frozen=True):
    """What a chunk says of itself: its bytes as they are kept, and page time in ms."""

    packed: bytes
    from_ms: int
    to_ms: int
    events: int
    clicks: int
    full: bool
    url: str
    width: int
    height: int


class RecordDoor:
    """The recorder's route, and what ``/v1/track`` tells pages of recording."""

    def __init__(self, road: Road, pages: Pages, index: Index, blobs: Blobs, free: Callable[[], int]) -> None:
        self._road = road
        self._pages = pages
        self._index = index
        self._blobs = blobs
        self._free = free
        self._noted: Counter[tuple[ProjectId, NotRecorded]] = Counter()
        self._merges: list[tuple[ProjectId, PersonId, PersonId]] = []
        self._used: dict[ProjectId, int] = {}
        self._is_full = False

    # What pages are told by `/v1/track`

    def told(self, passage: Passage, running: Running, request: TrackRequest) -> tuple[Record | None, bool]:
        """What the page is to record with, None when nothing or as before; and whether it must stop what it does."""
        for entry in passage.entries:
            if type(entry) is Merged:
                self._merges.append((running.id, entry.absorbed, entry.person))
        page = request.page
        if page is None or (request.recording is None and running.recording.is_off):
            return None, False
        visitor = VisitorId(passage.moved_to or request.visitor)
        asked = self._asked(passage, running, passage.visitor(visitor), visitor, PageViewId(page.id))
        if isinstance(asked, NotRecorded):
            begun = any(type(entry) is Event and entry.opened_session and entry.source == "tag" for entry in passage.entries)
            if begun and asked is not NotRecorded.OFF:
                self._noted[running.id, asked] += 1
            return None, request.recording is not None
        if request.recording == asked.session:
            return None, False
        return self._record(running, asked, visitor, passage.now), False

    def _asked(
        self, passage: Passage, running: Running, profile: Profile, visitor: VisitorId, page_view: PageViewId
    ) -> Recorded | NotRecorded:
        known = page_view_of(profile, page_view)
        page = unpack_values(known.view) if known is not None and known.view else None
        asked = running.recording.asked(profile, visitor, page, passage.now)
        if isinstance(asked, Recorded) and self._no_room(running.id, running.recording.recorder):
            return NotRecorded.QUOTA
        return asked

    def _no_room(self, project: ProjectId, recorder: Recorder) -> bool:
        return self._is_full or self._used.get(project, 0) >= recorder.quota

    def _record(self, running: Running, asked: Recorded, visitor: VisitorId, now: Instant) -> Record:
        recorder = running.recording.recorder
        return Record(
            asked.session,
            token(self._road.secret, running.id, asked.session, visitor, asked.until),
            max(0, asked.until - now),
            Masks(recorder.inputs, recorder.text, recorder.block, recorder.unmask, recorder.query),
            recorder.indicator,
            recorder.canvas,
        )

    # The recorder's route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads a chunk, asks whether it may be kept, keeps it, answers. Raises ``Refused``, also with a ``NotRecorded``."""
        headers = scope["headers"]
        request = _request(scope["query_string"])
        asker = self._pages.let_in(scope, request.key, request.visitor)
        running = asker.running
        if device(header(headers, b"user-agent")).bot:
            raise self._refused(running, NotRecorded.BOT)
        if running.staff and asker.address in running.staff:
            raise self._refused(running, NotRecorded.STAFF)
        if not is_token(self._road.secret, running.id, request):
            raise Refused(Refusal.UNAUTHORIZED, "The token is not that of this visitor's recording.", "token")
        body = await whole_body(receive, PACKED_LIMIT)
        found = await asyncio.to_thread(read, body)
        told = await self._keep(running, request, found, device(header(headers, b"user-agent")).device)
        await answer(send, 200, json_for(asker.origin), encode(told))

    async def _keep(self, running: Running, request: RecordRequest, found: Found, kind: str) -> RecordAnswer:
        recording = SessionId(request.recording)
        try:
            known, has = await asyncio.to_thread(self._look, running.id, recording, request.tab, request.seq)
            asked, position, now, person = self._judge(running, request, is_new=known is None)
            if isinstance(asked, NotRecorded):
                raise self._refused(running, asked)
            if known is not None and known.state == "erasing":
                raise self._refused(running, NotRecorded.ERASED)
            if position:
                await self._road.on_disk(position)
            if asked.session != recording:
                return RecordAnswer(False, NEXT_MS, record=self._record(running, asked, VisitorId(request.visitor), now))
            if not has:
                taken = _taken(request, found, now, person, kind)
                await asyncio.to_thread(self._store, running.id, taken, found.packed)
                again, _, _, _ = self._judge(running, request, is_new=False)
                if isinstance(again, NotRecorded) and again is not NotRecorded.QUOTA:  # withdrawn while it was written
                    await asyncio.to_thread(self._give_back, running.id, taken.chunk)
                    raise self._refused(running, again)
            watched = await asyncio.to_thread(self._index.is_watched, running.id, recording, now)
        except (BlobsFailed, LedgerError) as error:
            logger.warning("A chunk could not be kept: %s", error)
            raise Refused(Refusal.STORAGE_FAILED, "The storage does not answer; keep it and try again.", "", 1) from error
        return RecordAnswer(True, WATCHED_MS if watched else NEXT_MS, watched)

    def _judge(
        self, running: Running, request: RecordRequest, *, is_new: bool
    ) -> tuple[Recorded | NotRecorded, int, Instant, PersonId]:
        """What the profile says at this moment; the first chunk of a recording leaves an event in the person's log."""
        visitor = VisitorId(request.visitor)
        passage = self._road.open(running)
        try:
            profile = passage.visitor(visitor)
            asked = self._asked(passage, running, profile, visitor, PageViewId(request.page))
            begun = EventId(f"{request.recording}.record")
            is_now = isinstance(asked, Recorded) and asked.session == request.recording
            if is_new and is_now and not was_seen(profile, begun):
                at = passage.now
                values: dict[str, object] = {"recording": request.recording}
                stands = Draft(
                    id=begun, name=BEGUN, values=values, at=at, received_at=at, index=0, visitor=visitor,
                    user_id=profile.user_id, source="engine", page_view=PageViewId(request.page), fetch=False,
                )  # fmt: skip
                passage.fold(stands, profile)
            return asked, passage.close(), passage.now, profile.person
        except Exception as error:
            raise passage.abandon(error) from error

    def _look(self, project: ProjectId, recording: SessionId, tab: str, seq: int) -> tuple[Recording | None, bool]:
        self._used[project] = self._index.used(project)
        known = self._index.one(project, recording)
        return known, known is not None and self._index.has(project, recording, tab, seq)

    def _store(self, project: ProjectId, taken: Taken, packed: bytes) -> None:
        chunk = taken.chunk
        self._blobs.put(blob_key(project, chunk.recording, chunk.tab, chunk.seq), packed)
        self._index.take(project, taken)

    def _give_back(self, project: ProjectId, chunk: Chunk) -> None:
        self._index.give_back(project, chunk.recording, chunk.tab, chunk.seq)
        self._blobs.delete(blob_key(project, chunk.recording, chunk.tab, chunk.seq))

    def _refused(self, running: Running, why: NotRecorded) -> Refused:
        self._noted[running.id, why] += 1
        return Refused(why, _SAID[why], "recording")

    def counts(self) -> dict[str, float]:
        """Of all projects, for whoever watches over the server; ``full``: nothing is recorded somewhere for want of room."""
        full = any(self._no_room(running.id, running.recording.recorder) for running in self._road.projects.by_id.values())
        return {"recordings_bytes": sum(self._used.values()), "recordings_full": float(full)}

    # Beside the requests

    async def tend(self) -> None:
        """Writes down what was counted, and looks how much room there is; until cancelled."""
        while True:
            await self.tend_once()
            await asyncio.sleep(TEND_SECONDS)

    async def tend_once(self) -> None:
        """One round of `tend`. A disk that refuses is tried again at the next."""
        noted, self._noted = self._noted, Counter()
        merges, self._merges = self._merges, []
        try:
            await asyncio.to_thread(self._tend, noted, merges)
        except (LedgerError, OSError) as error:
            logger.warning("The index of recordings does not answer: %s", error)
            self._noted.update(noted)
            self._merges[:0] = merges

    def _tend(self, noted: Counter[tuple[ProjectId, NotRecorded]], merges: list[tuple[ProjectId, PersonId, PersonId]]) -> None:
        self._is_full = self._free() < LEAST_FREE
        for running in list(self._road.projects.by_id.values()):
            self._used[running.id] = self._index.used(running.id)
        for project, absorbed, into in merges:
            self._index.moved(project, absorbed, into)
        now = self._road.clock()
        for key in list(noted):
            self._index.refuse(*key, now, noted.pop(key))


def token(secret: bytes, project: ProjectId, recording: str, visitor: str, until: int) -> str:
    """What lets a page add to one visitor's recording until then: the instant and 128 bits of HMAC-SHA256 over all of it."""
    # No other thing that is sealed with this secret begins with this byte.
    seal = hmac.digest(secret, b"\xfd" + msgspec.json.encode((project, recording, visitor, until)), "sha256")[:16]
    return f"{until:x}.{urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def is_token(secret: bytes, project: ProjectId, request: RecordRequest) -> bool:
    """Whether the token was given to this visitor for this recording. Whether its time is over the profile says."""
    written, _, _ = request.token.partition(".")
    try:
        until = int(written, 16)
    except ValueError:
        return False
    return hmac.compare_digest(token(secret, project, request.recording, request.visitor, until).encode(), request.token.encode())


def read(body: bytes) -> Found:
    """What is in a chunk, gzipped or not. Raises ``Refused`` when it is not a JSON array of rrweb events."""
    gzipped = body.startswith(_GZIP)
    plain = inflated(body, LARGEST_CHUNK) if gzipped else body
    try:
        events = _events(plain)
    except UNREADABLE as error:
        message, where = complaint(error)
        raise Refused(Refusal.BAD_BODY, message, where or "body") from None
    if not 0 < len(events) <= EVENTS_LIMIT:
        raise Refused(Refusal.BAD_BODY, f"A chunk has 1 to {EVENTS_LIMIT} events.", "body")
    times = [event.timestamp for event in events]
    pages = [event.data for event in events if event.type == _META and event.data is not None]
    first = pages[0] if pages else _Data()
    url = next((page.href for page in reversed(pages) if page.href), "")
    return Found(
        body if gzipped else compress(plain, 6, mtime=0),
        int(min(times)),
        int(max(times)),
        len(events),
        sum(
            event.type == _INCREMENTAL and event.data is not None and (event.data.source, event.data.type) == (_MOUSE, _CLICK)
            for event in events
        ),
        any(event.type == _FULL for event in events),
        url[:HREF_LIMIT],
        int(first.width or 0),
        int(first.height or 0),
    )


def _taken(request: RecordRequest, found: Found, now: Instant, person: PersonId, kind: str) -> Taken:
    """The chunk in server time: as much before ``now`` as its events were before the request left."""
    sent = found.to_ms if request.sent_at is None else request.sent_at
    begun = now - min(max(sent - found.from_ms, 0), LONGEST_WAIT_MS)
    ended = now - min(max(sent - found.to_ms, 0), LONGEST_WAIT_MS)
    chunk = Chunk(
        SessionId(request.recording),
        request.tab,
        request.seq,
        PageViewId(request.page),
        Instant(begun),
        Instant(max(begun, ended)),
        len(found.packed),
        found.events,
        found.full,
    )
    return Taken(chunk, person, VisitorId(request.visitor), found.clicks, found.url, kind, found.width, found.height)


def _request(query: bytes) -> RecordRequest:
    """The query of the route. Raises ``Refused``."""
    said = dict(parse_qsl(query.decode("latin-1"), max_num_fields=32)) if query else {}
    try:
        request = msgspec.convert(said, RecordRequest, strict=False)
    except msgspec.ValidationError as error:
        message, where = complaint(error)
        raise Refused(Refusal.BAD_BODY, message, where) from None
    if not _TAB(request.tab):
        raise Refused(Refusal.BAD_BODY, "A tab has 1 to 64 characters of A-Z a-z 0-9 _ -.", "tab")
    if not _TAB(request.recording):
        raise Refused(Refusal.BAD_BODY, "A recording has 1 to 64 characters of A-Z a-z 0-9 _ -.", "recording")
    if not 0 <= request.seq < 1_000_000:
        raise Refused(Refusal.BAD_BODY, "seq counts the chunks of a tab, from 0 to 999999.", "seq")
    if not is_id(request.page):
        raise Refused(Refusal.BAD_BODY, "A page view's id has 1 to 128 characters of A-Z a-z 0-9 _ . : / -.", "page")
    return request
