"""Where an event stands in one person's log: its instant, its session, its visible seconds.

All of it is decided once, in arrival order, and written on the entry; no later event recuts it.
"""

from hashlib import blake2b

from omotenashi.model.drafts import Draft
from omotenashi.model.entries import Event
from omotenashi.model.ids import Instant, ProjectId, SessionId
from omotenashi.model.profiles import Profile

SESSION_GAP_MS = 30 * 60_000
SKEW_MS = 60_000
"""How much later than a session's first request the report of something that came after it can seem to be from earlier:
the first one was slow, by a cold connection, and time is told from arrival."""


def stream_of(visitor: str, batch: str | None) -> str:
    """What sessions are cut by: the visitor id; an import cuts its own, so that history does not chop up today."""
    return visitor if batch is None else f"{visitor}/{batch}"


def _session_id(stream: str, event_id: str) -> SessionId:
    return SessionId(blake2b(f"{stream}\n{event_id}".encode(), digest_size=9).hexdigest())


def stamp(profile: Profile, draft: Draft, now: Instant, project: ProjectId, config: int) -> Event:
    """The next entry of this person's log.

    ``at`` is never earlier than the person's last event, unless the event waited in an offline queue or a
    server gave its past time. Sessions are cut after more than 30 minutes of silence of the visitor id; a
    late event joins the kept session that contains it or that a slow first request made begin just after it, else a
    closed one of its own. What staff did is no visit: it opens none.
    """
    at = draft.at
    started_at: Instant
    late = at < profile.last_at
    if late and not draft.offline and draft.source == "tag":
        at = profile.last_at
        late = False
    stream_id: str = draft.visitor if draft.batch is None else stream_of(draft.visitor, draft.batch)
    stream = profile.streams.get(stream_id)  # type: ignore[call-overload]
    visible_ms = 0
    opened = False
    if stream is not None and at >= stream.last_at and at - stream.last_at <= SESSION_GAP_MS:
        session, started_at = stream.session, stream.started_at
    else:
        session, started_at = None, at
        if stream is not None and at < stream.last_at:
            for kept in profile.sessions:
                if kept.started_at - SKEW_MS <= at <= kept.ended_at:
                    session, started_at = kept.id, kept.started_at
                    at = max(at, started_at)
                    late = at < profile.last_at
                    break
        if session is None and draft.source == "console" and profile.sessions:
            session, started_at = profile.sessions[0].id, profile.sessions[0].started_at
        elif session is None:
            opened = draft.source != "console"
            session = _session_id(stream_id, draft.id)
    if draft.page_visible_ms > 0 and draft.page_view is not None:
        page_view = profile.page_views.get(draft.page_view)
        visible_ms = draft.page_visible_ms - (0 if page_view is None else page_view.visible_ms)
        if stream is not None and visible_ms > 0:
            visible_ms = min(visible_ms, at - stream.visible_until)  # two tabs at once count once
        visible_ms = max(visible_ms, 0)
    return Event(
        project=project,
        person=profile.person,
        seq=profile.seq + 1,
        now=now,
        config=config,
        at=at,
        received_at=draft.received_at,
        index=draft.index,
        id=draft.id,
        name=draft.name,
        values=draft.values,
        visitor=draft.visitor,
        user_id=draft.user_id,
        session=session,
        session_started_at=started_at,
        opened_session=opened,
        late=late,
        source=draft.source,
        page_view=draft.page_view,
        visible_ms=visible_ms,
        device=draft.device,
        os=draft.os,
        browser=draft.browser,
        language=draft.language,
        country=draft.country,
        test=draft.test,
        batch=draft.batch,
        row=draft.row,
        page_visible_ms=draft.page_visible_ms,
    )
