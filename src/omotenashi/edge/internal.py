"""The internal port: bound to this machine and behind a bearer token; how the console and its worker speak to people's logs."""

import hmac
from collections.abc import Callable
from urllib.parse import parse_qs

from omotenashi.model.entries import Erased
from omotenashi.model.ids import EventId, ProjectId, UserId, VisitorId
from omotenashi.model.profiles import Profile
from omotenashi.model.reasons import Refusal
from omotenashi.model.wire import TrackAnswer

from .admit import Dropped, Facts
from .http import JSON, Receive, Scope, Send, answer, encode, header, plain_body
from .identity import is_id
from .limits import Limits
from .metrics import Metrics
from .projects import Running
from .request import (
    EVENT_LIMIT,
    EVENTS_LIMIT,
    UNREADABLE,
    EraseRequest,
    InternalRequest,
    Refused,
    erase_request,
    internal_request,
    read,
    server_event,
)
from .road import Passage, Road
from .server_api import server_draft, whose
from .track import too_large, unreadable

Gauges = Callable[[], dict[str, float]]


class Internal:
    """The routes of the internal port."""

    def __init__(self, road: Road, limits: Limits, metrics: Metrics, token: str, gauges: Gauges) -> None:
        self._road = road
        self._limits = limits
        self._metrics = metrics
        self._token = token.encode()
        self._gauges = gauges

    def check(self, scope: Scope) -> None:
        """Raises ``Refused`` unless the Authorization header holds the token."""
        scheme, _, token = header(scope["headers"], b"authorization").partition(b" ")
        if scheme.lower() != b"bearer" or not hmac.compare_digest(token.strip(), self._token):
            raise Refused(Refusal.UNAUTHORIZED, "Authorization is: Bearer, and the internal token.", "authorization")

    async def events(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``POST /internal/events``: events for one person, once per ``key``."""
        body = await plain_body(scope["headers"], receive)
        request = read(internal_request, body)
        if len(request.events) > EVENTS_LIMIT:
            raise Refused(Refusal.TOO_MANY_EVENTS, f"A request has at most {EVENTS_LIMIT} events.", "events")
        running = self._project(request.project)
        _check_key(request.key)
        _check_naming(request)
        received_at = self._road.clock()
        facts = Facts(running, "console", received_at)
        passage = self._road.open(running)
        try:
            for index, raw in enumerate(request.events):
                self._take(passage, facts, request, index, bytes(raw))
            position = passage.close()
        except Exception as error:
            raise passage.abandon(error) from error
        self._metrics.events["console"] += passage.accepted
        if position:
            await self._road.on_disk(position, passage.merged)
        await answer(send, 200, JSON, encode(TrackAnswer(passage.accepted, passage.rejected)))

    def _take(self, passage: Passage, facts: Facts, request: InternalRequest, index: int, raw: bytes) -> None:
        if len(raw) > EVENT_LIMIT:
            passage.drop(index, too_large(index))
            return
        try:
            event = server_event(raw)
        except UNREADABLE as error:
            passage.drop(index, unreadable(error))
            return
        facts.occurred_at = event.at
        draft = server_draft(event.id or f"{request.key}:{index}", event.name, event.values, index, facts.received_at, "console")
        if not passage.admitted(draft, facts):
            return
        profile = _named(passage, request, draft.visitor) if request.user_id is None else None
        if profile is None:
            found = whose(passage, draft, None, request.user_id)
            if isinstance(found, Dropped):
                passage.drop(index, found, draft.id)
                return
            profile = found
        else:
            draft.visitor = VisitorId(request.visitor or profile.person)
        passage.take(draft, facts, profile)

    async def erase(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``POST /internal/erase``: one person, under every id they were ever logged under."""
        body = await plain_body(scope["headers"], receive)
        request = read(erase_request, body)
        running = self._project(request.project)
        _check_key(request.key)
        _check_naming(request)
        passage = self._road.open(running)
        profile = self._known(passage, request)
        if profile is None or profile.seq == 0:
            raise Refused(Refusal.NOT_FOUND, "Nobody is known by this name.", "person")
        now = max(passage.now, profile.now)
        people = sorted({*profile.based, profile.person})
        entry = Erased(
            project=running.id,
            person=profile.person,
            seq=profile.seq + 1,
            now=now,
            config=running.plan.version,
            at=now,
            received_at=now,
            index=0,
            id=EventId(request.key),
            people=people,
        )
        try:
            position = self._road.log.append([entry])
            self._road.people.erased(running.id, people, position)
        except Exception as error:
            raise passage.abandon(error) from error
        await self._road.on_disk(position, merged=True)
        await answer(send, 200, JSON, encode({"erased": people}))

    async def health(self, send: Send) -> None:
        """``GET /internal/health``: whether events are taken, and what ``doctor`` wants to know."""
        address, share, total = self._limits.busiest()
        failure = self._road.log.failure
        body = {
            "healthy": self._road.recovery is None and failure is None,
            "storage": failure or ("recovering" if self._road.recovery is not None else "writes"),
            "appended": self._road.log.appended,
            "landed": self._road.log.landed,
            "projects": {str(each.id): each.plan.version for each in self._road.projects.by_id.values()},
            "busiest_address": {"address": address, "share": round(share, 4), "requests": total},
        }
        await answer(send, 200 if body["healthy"] else 503, JSON, encode(body))

    async def refusals(self, scope: Scope, send: Send) -> None:
        """``GET /internal/refusals?project=``: events that were turned away since this process began, by kind."""
        project = parse_qs(scope["query_string"].decode("latin-1")).get("project", [""])[0]
        told = self._road.refusals.told(self._project(project).id)
        await answer(send, 200, JSON, encode({"since": self._road.began, "refusals": told}))

    async def metrics(self, send: Send) -> None:
        """``GET /metrics``, for Prometheus."""
        text = self._metrics.text(self._gauges())
        await answer(send, 200, [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")], text.encode())

    def _project(self, project: str) -> Running:
        running = self._road.projects.by_id.get(ProjectId(project))
        if running is None:
            raise Refused(Refusal.NOT_FOUND, "No project has this id.", "project")
        return running

    def _known(self, passage: Passage, request: EraseRequest) -> Profile | None:
        if request.user_id is None:
            return _named(passage, request, VisitorId(""))
        person = self._road.people.member(passage.running.id, UserId(request.user_id))
        return None if person is None else passage.person(person)


def _named(passage: Passage, request: InternalRequest | EraseRequest, otherwise: VisitorId) -> Profile:
    """Whom ``visitor`` or ``person`` names; a person is found by its own first visitor id, even after a merge."""
    return passage.visitor(VisitorId(request.visitor or request.person or otherwise))


def _check_naming(request: InternalRequest | EraseRequest) -> None:
    named = [name for name in (request.person, request.visitor, request.user_id) if name is not None]
    if len(named) != 1 or not named[0]:
        raise Refused(Refusal.BAD_BODY, "A person is named by exactly one of person, visitor and user_id.", "person")


def _check_key(key: str) -> None:
    if not is_id(key):
        raise Refused(Refusal.BAD_BODY, "key has 1 to 128 characters of A-Z a-z 0-9 _ . : / -.", "key")
