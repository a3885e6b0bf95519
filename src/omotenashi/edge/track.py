"""``POST /v1/track``: what a tag says, and what its page may show."""

from collections.abc import Callable
from time import perf_counter
from typing import Final

from omotenashi.engine.trial import is_tester, opened
from omotenashi.model.drafts import Draft
from omotenashi.model.entries import Event
from omotenashi.model.ids import EventId, Instant, VisitorId
from omotenashi.model.reasons import Drop, Ignored, Refusal
from omotenashi.model.trials import MEMBERSHIP, Trial
from omotenashi.model.wire import Record, TrackAnswer, TrackRequest

from .admit import Dropped, Facts
from .cookies import renewed
from .enrich import country, device, language
from .http import Addresses, Receive, Scope, Send, answer, decoded, encode, json_for, packed, whole_body
from .identity import is_visitor_id
from .limits import Limits
from .metrics import Metrics
from .pages import of_page
from .projects import Projects, Running
from .request import EVENT_LIMIT, UNREADABLE, Refused, complaint, track, track_event
from .road import Passage, Road

NOTHING = encode(TrackAnswer(0))
OFF: Final = "off"
"""What a browser says as its ``test`` when its person is one of the test people, but wants to be a visitor like others."""
_plain = [encode(TrackAnswer(accepted)) for accepted in range(101)]


Telling = Callable[[Passage, Running, TrackRequest], tuple[Record | None, bool]]
"""What a page is told of recording: what to record with, if that is new to it, and whether it must stop."""


class Track:
    """The tag's route. Each answer leaves when all it rests on is on disk."""

    def __init__(
        self,
        road: Road,
        limits: Limits,
        addresses: Addresses,
        country_header: bytes,
        metrics: Metrics,
        recording: Telling | None = None,
    ) -> None:
        self._road = road
        self._projects: Projects = road.projects
        self._limits = limits
        self._addresses = addresses
        self._country_header = country_header.lower()
        self._metrics = metrics
        self._recording = recording
        self._clock = road.clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads, takes, waits for the disk, answers. Raises ``Refused``."""
        body = await whole_body(receive)
        started = perf_counter()
        headers = dict(scope["headers"])
        user_agent = headers.get(b"user-agent", b"")
        origin = headers.get(b"origin", b"")
        accepts = headers.get(b"accept-language", b"")
        encoding = headers.get(b"content-encoding", b"")
        forwarded = headers.get(b"x-forwarded-for", b"")
        land = headers.get(self._country_header, b"")
        request = track(decoded(body, encoding) if encoding else body)
        running = of_page(self._projects, request.key, origin)
        answering = json_for(origin)
        trial = None if request.test is None else self._trial(request.test, running)
        seen = device(user_agent)
        client = scope["client"]
        peer: str = client[0] if client else ""
        address = self._addresses.of(peer, forwarded) if forwarded else peer
        if request.opted_out or seen.bot or (running.staff and trial is None and address in running.staff):
            why = Ignored.OPTED_OUT if request.opted_out else Ignored.BOT if seen.bot else Ignored.STAFF
            self._metrics.ignored[why] += 1
            await answer(send, 200, answering, NOTHING)
            return
        if not is_visitor_id(request.visitor):
            raise Refused(
                Refusal.BAD_VISITOR, "A visitor id has 22 to 64 characters of A-Z a-z 0-9 _ -: 128 random bits.", "visitor"
            )
        received_at = self._clock()
        self._limits.admit(request.visitor, address, received_at)
        passage = self._road.open(running)
        try:
            self._take(
                request,
                running,
                passage,
                received_at,
                Facts(running, "tag", received_at, sent_at=request.sent_at),
                running.kinds[request.key] == "staging",
                trial,
                (
                    seen.device,
                    seen.os,
                    seen.browser,
                    language(request.language) if request.language else language(accepts.decode("latin-1")),
                    country(land) if land and peer in self._addresses.trusted else None,
                ),
            )
            record, stop = (None, False) if self._recording is None else self._recording(passage, running, request)
            position = passage.close()
        except Exception as error:
            raise passage.abandon(error) from error
        self._metrics.events["tag"] += passage.accepted
        if position:
            await self._road.on_disk(position, passage.merged)
        if running.project.cookie_domain and origin:
            visitor = passage.moved_to or request.visitor
            answering = [
                *answering,
                *renewed(visitor, request.visitor, running.project.cookie_domain, origin, headers),
            ]
        begins = any(type(entry) is Event and entry.name == "view" for entry in passage.entries)
        listens = _listens(running, passage, request, record, begins=begins)
        body = _answer(passage, request, trial, record, stop, friction=begins and running.project.friction, listens=listens)
        told, answering = packed(body, answering, headers.get(b"accept-encoding", b""))
        await answer(send, 200, answering, told)
        self._metrics.answered(perf_counter() - started)

    def _trial(self, said: str, running: Running) -> Trial | None:
        return opened(running.project.identity_secret, running.id, said, self._clock())

    def _take(
        self,
        request: TrackRequest,
        running: Running,
        passage: Passage,
        received_at: Instant,
        facts: Facts,
        test: bool,
        trial: Trial | None,
        told: tuple[str, str, str, str | None, str | None],
    ) -> None:
        visitor = VisitorId(request.visitor)
        profile = passage.visitor(visitor)
        believed = request.user_id
        page = request.page
        fetch = request.fetch and page is not None and page.visible
        testers = running.testers if trial is None and request.test != OFF else None
        for index, raw in enumerate(request.events):
            if len(memoryview(raw)) > EVENT_LIMIT:
                passage.drop(index, too_large(index))
                continue
            try:
                event = track_event(raw)
            except UNREADABLE as error:
                passage.drop(index, unreadable(error))
                continue
            own_page = event.page
            facts.page = page if own_page is None else own_page
            facts.occurred_at = event.at
            draft = Draft(
                id=EventId(event.id),
                name=event.name,
                values=event.values,
                at=received_at,
                received_at=received_at,
                index=index,
                visitor=visitor,
                offline=event.offline,
                fetch=fetch and (own_page is None or (page is not None and own_page.id == page.id)),
                device=told[0],
                os=told[1],
                browser=told[2],
                language=told[3],
                country=told[4],
                test=test or trial is not None,
                trial=trial,
            )
            if not passage.admitted(draft, facts):
                continue
            if testers is not None and is_tester(testers, profile, visitor, draft.user_id, draft.name, draft.values):
                draft.test = True
                draft.trial = MEMBERSHIP
            if draft.user_id is None:
                if believed is not None and believed == profile.user_id:
                    draft.user_id = profile.user_id
            else:
                believed = draft.user_id
            profile = passage.take(draft, facts, profile)
            visitor = draft.visitor


def too_large(index: int) -> Dropped:
    """An event beyond the limit; it is not even read."""
    return Dropped(Drop.EVENT_TOO_LARGE, f"An event has at most {EVENT_LIMIT} bytes.", f"events.{index}")


def unreadable(error: Exception) -> Dropped:
    """An event whose JSON does not have the shape of an event."""
    message, where = complaint(error)
    if isinstance(error, RecursionError):
        return Dropped(Drop.TOO_DEEP, message, where)
    if where == "id" or where.endswith(".id"):
        return Dropped(Drop.BAD_ID, message, where)
    if where == "name":
        return Dropped(Drop.BAD_NAME, message, where)
    if where == "at":
        return Dropped(Drop.BAD_TIME, message, where)
    return Dropped(Drop.BAD_VALUE, message, where)


def _listens(running: Running, passage: Passage, request: TrackRequest, record: Record | None, *, begins: bool) -> bool:
    """Whether the page shall hear what is wanted of it: it is recorded, or its person may be asked for something."""
    if record is not None:
        return True
    if not (begins and request.fetch and request.page is not None):
        return False
    if request.recording is not None:
        return True
    if not running.asked:
        return False
    profile = passage.visitor(VisitorId(passage.moved_to or request.visitor))
    return any(running.consent(profile, purpose, passage.now) != "granted" for purpose in running.asked)


def _answer(
    passage: Passage,
    request: TrackRequest,
    trial: Trial | None,
    record: Record | None,
    stop: bool,
    *,
    friction: bool,
    listens: bool,
) -> bytes:
    recording = stop or record is not None
    test = passage.trace is not None or request.test is not None
    if not (
        passage.rejected
        or passage.messages
        or passage.moved_to
        or passage.recheck_ms is not None
        or recording
        or test
        or friction
        or listens
    ):
        return _plain[passage.accepted]
    body = TrackAnswer(passage.accepted, passage.rejected, passage.messages, stop_recording=stop, friction=friction)
    if record is not None:
        body.record = record
    if listens:
        body.calls = passage.now
    if passage.moved_to is not None:
        body.visitor = passage.moved_to
    if passage.recheck_ms is not None:
        body.recheck_ms = passage.recheck_ms
    if test:
        if passage.trace is not None or trial is not None:
            body.trace = passage.trace or []
        body.test_over = request.test not in (None, OFF) and trial is None
        body.fitting = trial is not None and trial.fitting != ""
    return encode(body)
