"""``POST /v1/events``: what a site's own servers say, with times of the past, under the secret key.

Server events are folded and judged as goals, and never answered with a message: no page is waiting.
"""

from collections.abc import Iterable

from omotenashi.model.drafts import Draft
from omotenashi.model.entries import Source
from omotenashi.model.ids import EventId, Instant, UserId, VisitorId
from omotenashi.model.profiles import Profile
from omotenashi.model.reasons import Drop, Refusal
from omotenashi.model.wire import TrackAnswer

from .admit import Dropped, Facts
from .http import JSON, Receive, Scope, Send, answer, encode, header, plain_body
from .identity import USER_ID_LIMIT, is_visitor_id
from .metrics import Metrics
from .projects import Projects, Running
from .request import EVENT_LIMIT, EVENTS_LIMIT, UNREADABLE, Refused, read, server_event, server_request
from .road import Passage, Road
from .track import too_large, unreadable


class ServerApi:
    """The route for servers."""

    def __init__(self, road: Road, metrics: Metrics) -> None:
        self._road = road
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Takes up to 100 events. Raises ``Refused``."""
        running = secret_project(self._road.projects, scope["headers"])
        body = await plain_body(scope["headers"], receive)
        request = read(server_request, body)
        if len(request.events) > EVENTS_LIMIT:
            raise Refused(Refusal.TOO_MANY_EVENTS, f"A request has at most {EVENTS_LIMIT} events.", "events")
        received_at = self._road.clock()
        facts = Facts(running, "server", received_at)
        passage = self._road.open(running)
        try:
            for index, raw in enumerate(request.events):
                self._take(passage, facts, index, bytes(raw), received_at)
            position = passage.close()
        except Exception as error:
            raise passage.abandon(error) from error
        self._metrics.events["server"] += passage.accepted
        if position:
            await self._road.on_disk(position, passage.merged)
        await answer(send, 200, JSON, encode(TrackAnswer(passage.accepted, passage.rejected)))

    def _take(self, passage: Passage, facts: Facts, index: int, raw: bytes, received_at: Instant) -> None:
        if len(raw) > EVENT_LIMIT:
            passage.drop(index, too_large(index))
            return
        try:
            event = server_event(raw)
        except UNREADABLE as error:
            passage.drop(index, unreadable(error))
            return
        facts.occurred_at = event.at
        draft = server_draft(event.id or f"s-{self._road.unused()}", event.name, event.values, index, received_at, "server")
        if not passage.admitted(draft, facts):
            return
        profile = whose(passage, draft, event.visitor, event.user_id)
        if isinstance(profile, Dropped):
            passage.drop(index, profile, draft.id)
        else:
            passage.take(draft, facts, profile)


def server_draft(event_id: str, name: str, values: object, index: int, received_at: Instant, source: Source) -> Draft:
    """A draft that no page waits for; whose it is comes later."""
    return Draft(
        id=EventId(event_id),
        name=name,
        values=values,  # type: ignore[arg-type]  # admit.put_values checks that it is an object
        at=received_at,
        received_at=received_at,
        index=index,
        visitor=VisitorId(""),
        source=source,
        fetch=False,
    )


def whose(passage: Passage, draft: Draft, visitor: str | None, user_id: str | None) -> Profile | Dropped:
    """The person that a server names by exactly one of ``visitor`` and ``user_id``; fills the draft's visitor."""
    if (visitor is None) == (user_id is None):
        return Dropped(Drop.BAD_IDENTITY, "A person is named by either visitor or user_id.", "user_id")
    if visitor is not None:
        if not is_visitor_id(visitor):
            return Dropped(Drop.BAD_IDENTITY, "A visitor id has 22 to 64 characters of A-Z a-z 0-9 _ -.", "visitor")
        draft.visitor = VisitorId(visitor)
        return passage.visitor(draft.visitor)
    if user_id is None or not 0 < len(user_id) <= USER_ID_LIMIT:
        return Dropped(Drop.BAD_IDENTITY, f"user_id is a text of 1 to {USER_ID_LIMIT} characters.", "user_id")
    if draft.user_id is not None and draft.user_id != user_id:
        return Dropped(Drop.BAD_IDENTITY, "An identify names the same user_id inside and outside its values.", "values.user_id")
    draft.user_id = UserId(user_id)
    profile, draft.visitor = passage.member(draft.user_id)
    return profile


def secret_project(projects: Projects, headers: Iterable[tuple[bytes, bytes]]) -> Running:
    """The project whose secret key stands in the Authorization header. Raises ``Refused``."""
    scheme, _, key = header(headers, b"authorization").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise Refused(Refusal.UNAUTHORIZED, "Authorization is: Bearer, and the project's secret key.", "authorization")
    key = key.strip()
    running = projects.by_key.get(key)
    if running is None:
        raise Refused(Refusal.UNKNOWN_KEY, "No project has this key.", "authorization")
    if running.kinds[key] != "secret":
        raise Refused(Refusal.WRONG_KEY_KIND, "This route takes the secret key, not a public one.", "authorization")
    return running
