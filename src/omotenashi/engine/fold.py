"""One fold carries the house: a profile is the fold of its log, live, in recovery and in a rehearsal alike.

In place, for speed: the caller owns the profile. What a bounded memory keeps is always the greatest by
order key, so that a late event, a merge or a back-filled base gives the same as having been there in time.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from omotenashi.model.consents import LATER, REQUEST_MS, REQUESTED
from omotenashi.model.entries import Config, Erased, Event, Goal, LogEntry, Merged, Released, Reserved
from omotenashi.model.ids import CampaignId, Instant, PageViewId, PersonId
from omotenashi.model.profiles import (
    Asked,
    Consent,
    Delivery,
    Key,
    Landing,
    Lease,
    PageView,
    Profile,
    Register,
    Request,
    Session,
    Stream,
)
from omotenashi.model.values import Scalar, Value, Values

from .recent import remember
from .stamp import stream_of

if TYPE_CHECKING:
    from .plan import Plan

SESSIONS_KEPT = 8
PAGE_VIEWS_KEPT = 16
STREAMS_KEPT = 16
OPENED_LEASES_KEPT = 32
DAYS_KEPT = 2

pack_values = msgspec.msgpack.Encoder().encode
unpack_values: Callable[[bytes], Values] = msgspec.msgpack.Decoder(dict[str, Any]).decode

NOT_ATTRIBUTES = frozenset({"user_id", "signature"})


def fold(profile: Profile, entry: LogEntry, plan: "Plan") -> Profile:
    """The person after ``entry``. Entries come in the order of ``seq``; `Merged` goes through `engine.merge`."""
    kind = type(entry)
    if kind is Event:
        _event(profile, entry, plan)  # type: ignore[arg-type]
    elif kind is Reserved:
        _reserved(profile, entry, plan)  # type: ignore[arg-type]
    elif kind is Released:
        _released(profile, entry)  # type: ignore[arg-type]
    elif kind is Goal:
        _goal(profile, entry)  # type: ignore[arg-type]
    elif kind is Erased:
        return Profile(PersonId(profile.person), seq=entry.seq, now=entry.now)
    elif kind is Merged or kind is Config:
        raise TypeError(f"{kind.__name__} is not folded into one profile by itself")
    profile.seq = entry.seq
    if entry.now > profile.now:
        profile.now = entry.now
    return profile


def _event(p: Profile, e: Event, plan: "Plan") -> None:
    at = e.at
    key: Key = (at, e.received_at, e.index, e.id)
    if not p.based:
        p.based[p.person] = e.config  # known since this version: older ones owe this person no base
    if e.source == "engine":
        _statistics(p, e, plan)
        return
    if e.source != "import":
        remember(p, e.id, e.received_at)
    newest = at > p.last_at  # then it is later than every register, and their keys need not be looked at
    if newest:
        p.last_at = at
    if not p.first_seen_at or at < p.first_seen_at:
        p.first_seen_at = at
    user_id = e.user_id
    if user_id is not None and p.user_id is None:
        p.user_id = user_id
    source = e.source
    is_theirs = source != "console"  # what staff did is no visit of theirs
    if is_theirs and source != "server":  # a server does not know who sits at the browser
        register = p.logged_in
        if newest or register is None or key > register.key:
            p.logged_in = Register(key, user_id is not None)
    if e.device is not None:
        register = p.device
        if newest or register is None or key > register.key:
            p.device = Register(key, [e.device, e.os, e.browser, e.language, e.country])
    session = _session(p, e) if is_theirs else None
    name = e.name
    if name == "view":
        p.views += 1
        _landed(p, session, e, key, newest)
    if e.page_view is not None:
        _page_view(p, e, e.page_view)
    if name == "identify" or name == "attribute":
        for path, scalars in flattened(e.values):
            if path in NOT_ATTRIBUTES:
                continue
            register = p.attributes.get(path)
            if register is None or key > register.key:
                p.attributes[path] = Register(key, scalars)
    elif name == "consent":
        _consent(p, e, key)
    elif name[0] == "_":
        _message(p, e, key)
    _statistics(p, e, plan)


def _statistics(p: Profile, e: Event, plan: "Plan") -> None:
    folder = plan.folders.get(e.name) if e.config == plan.version else plan.folders_at(e.config).get(e.name)
    if folder is not None:
        folder(p.accumulators, e)


def _session(p: Profile, e: Event) -> Session | None:
    at = e.at
    visible_until = at if e.visible_ms else None
    stream_id: Any = e.visitor if e.batch is None else stream_of(e.visitor, e.batch)
    stream = p.streams.get(stream_id)
    if stream is None or at >= stream.last_at:
        if stream is None or e.opened_session:
            before = stream.visible_until if stream is not None else Instant(0)
            p.streams[stream_id] = Stream(e.session, e.session_started_at, at, before if visible_until is None else visible_until)
            if len(p.streams) > STREAMS_KEPT:
                del p.streams[min(p.streams, key=lambda name: (p.streams[name].last_at, name))]
        elif stream.session == e.session:
            stream.last_at = at
            if visible_until is not None:
                stream.visible_until = visible_until
    sessions = p.sessions
    if e.opened_session:
        p.visits += 1
        session = Session(e.session, e.session_started_at, at)
        sessions.append(session)
        if len(sessions) > 1:
            keep_latest_sessions(p)
    else:
        for session in sessions:
            if session.id == e.session:
                break
        else:
            return None
        if at > session.ended_at:
            session.ended_at = at
    if e.visible_ms:
        session.visible_ms += e.visible_ms
    if e.name == "view":
        session.page_views += 1
    return session


def keep_latest_sessions(p: Profile) -> None:
    """Keeps the greatest by (started_at, id), greatest first."""
    p.sessions.sort(key=lambda session: (session.started_at, session.id), reverse=True)
    del p.sessions[SESSIONS_KEPT:]


def _landed(p: Profile, session: Session | None, e: Event, key: Key, newest: bool) -> None:
    get = e.values.get
    landing = Landing(
        key,
        url if type(url := get("url")) is str else "",
        host if type(host := get("host")) is str else "",
        path if type(path := get("path")) is str else "",
        _texts(query) if (query := get("query")) is not None else {},
        referrer if type(referrer := get("referrer")) is str and referrer else None,
        _texts(utm) if (utm := get("utm")) is not None else {},
        ad if type(ad := get("ad")) is str and ad else None,
        title if type(title := get("title")) is str and title else None,
    )
    if session is not None and (session.landing is None or (not newest and key < session.landing.key)):
        session.landing = landing
    if newest or p.page is None or key > p.page.key:
        p.page = landing
    if p.first_landing is None or (not newest and key < p.first_landing.key):
        p.first_landing = landing


def _texts(value: Value) -> dict[str, str]:
    return {name: text for name, text in value.items() if type(text) is str} if type(value) is dict else {}


def _page_view(p: Profile, e: Event, name: PageViewId) -> None:
    kept = p.page_views
    page_view = kept.get(name)
    if page_view is None:
        page_view = PageView(name, e.at)
        latest = kept[next(reversed(kept))] if kept else None
        kept[name] = page_view
        if latest is not None and (latest.at, latest.id) > (e.at, name):
            p.page_views = latest_page_views(kept)
        elif len(kept) > PAGE_VIEWS_KEPT:
            del kept[next(iter(kept))]
    if e.page_visible_ms > page_view.visible_ms:
        page_view.visible_ms = e.page_visible_ms
    if e.name == "view":
        page_view.view = pack_values(e.values)


def latest_page_views(page_views: dict[PageViewId, PageView]) -> dict[PageViewId, PageView]:
    """The 16 greatest by (at, id), in that order."""
    ordered = sorted(page_views.values(), key=lambda page_view: (page_view.at, page_view.id))
    return {page_view.id: page_view for page_view in ordered[-PAGE_VIEWS_KEPT:]}


def flattened(values: Values, prefix: str = "") -> list[tuple[str, list[Scalar]]]:
    """Every dotted path of an event's values with its scalars; objects in lists contribute to one path."""
    found: dict[str, list[Scalar]] = {}
    _flatten(values, prefix, found)
    return list(found.items())


def _flatten(value: Value, path: str, found: dict[str, list[Scalar]]) -> None:
    if type(value) is dict:
        for name, inner in value.items():
            _flatten(inner, f"{path}.{name}" if path else name, found)
    elif type(value) is list:
        for inner in value:
            _flatten(inner, path, found)
    elif value is not None:
        found.setdefault(path, []).append(value)


def _consent(p: Profile, e: Event, key: Key) -> None:
    values = e.values
    purpose, state = values.get("purpose"), values.get("state")
    if type(purpose) is not str:
        return
    if state in ("granted", "denied", "withdrawn"):
        known = p.consents.get(purpose)
        if known is None or key > known.key:
            p.consents[purpose] = Consent(
                key, str(state), _text(values.get("policy")), _text(values.get("source")), _text(values.get("text"))
            )
    if e.test and state != "granted":
        return
    if state == LATER:
        _answered(p, purpose, Asked(key, LATER, _text(values.get("reservation"))))
    elif state in ("granted", "denied", "withdrawn"):
        _answered(p, purpose, Asked(key, "granted" if state == "granted" else "refused", _text(values.get("reservation"))))


def _answered(p: Profile, purpose: str, asked: Asked) -> None:
    known = p.asked.get(purpose)
    if known is None or asked.key > known.key:
        p.asked[purpose] = asked
    request = p.requested.get(purpose)
    if request is not None and asked.key > request.key:
        del p.requested[purpose]


def _text(value: Value) -> str:
    return value if type(value) is str else ""


# Messages: what the page did with a reservation


def _message(p: Profile, e: Event, key: Key) -> None:
    if e.name == REQUESTED:
        campaign, purpose = e.values.get("campaign"), e.values.get("purpose")
        if type(campaign) is str and type(purpose) is str:
            p.requested[purpose] = Request(key, CampaignId(campaign), Instant(e.at + REQUEST_MS))
        return
    reservation = e.values.get("reservation")
    if reservation is None:
        return
    for lease in p.leases:
        if lease.reservation == reservation:
            break
    else:
        return
    name = e.name
    if name == "_message_open":
        if lease.opened_at is None:
            lease.opened_at = e.at
            if lease.test:
                return
            _settle(p, lease, e)
            if lease.asks and not lease.holdout:
                _answered(p, lease.asks, Asked(key, "ignored", lease.reservation))  # until an answer comes
            page_view = None if lease.page_view is None else p.page_views.get(lease.page_view)
            if page_view is not None and lease.campaign not in page_view.shown:
                page_view.shown = (*page_view.shown, lease.campaign)
            for session in p.sessions:
                if session.id == lease.session and lease.campaign not in session.shown:
                    session.shown = (*session.shown, lease.campaign)
        return
    delivery = p.deliveries.get(lease.campaign)
    if name == "_message_close":
        if not lease.closed:
            lease.closed = True
            if delivery is not None and not lease.test and e.values.get("by") in ("button", "escape", "backdrop"):
                delivery.closed += 1
                _count_day(delivery.closed_days, lease.day)
                asked = p.asked.get(lease.asks)
                if asked is not None and asked.answer == "ignored" and asked.reservation == lease.reservation:
                    p.asked[lease.asks] = Asked(max(key, asked.key), "closed", lease.reservation)
    elif delivery is None or lease.test:
        return
    elif name == "_message_click":
        delivery.clicked += 1
        _count_day(delivery.clicked_days, lease.day)
    elif name == "_answer_question":
        delivery.answered = True


def _count_day(days: dict[int, int], day: int) -> None:
    days[day] = days.get(day, 0) + 1
    while len(days) > DAYS_KEPT:
        del days[min(days)]


def _settle(p: Profile, lease: Lease, e: Event) -> None:
    delivery = p.deliveries.setdefault(lease.campaign, Delivery())
    delivery.shown += 1
    _count_day(delivery.shown_days, lease.day)
    if lease.day > delivery.last_day:
        delivery.last_day = lease.day
    if delivery.exposed_at is None or e.at >= delivery.exposed_at:
        delivery.exposed_at = e.at
        delivery.exposed_session = lease.session
        delivery.exposed_action = lease.action
        delivery.exposed_holdout = lease.holdout
    if lease.script:
        return
    _count_day(p.caps, lease.day)
    if lease.reserved_at >= p.message_at:
        p.message_at = lease.reserved_at
        p.message_view = lease.view_number


def _reserved(p: Profile, r: Reserved, plan: "Plan") -> None:
    delivery = p.deliveries.get(r.campaign)
    if delivery is None:
        delivery = p.deliveries[r.campaign] = Delivery()
    if delivery.arm is None and not r.test:
        delivery.arm = r.action
        delivery.assigned_at = r.now
    p.leases.append(
        Lease(
            r.reservation,
            r.campaign,
            r.action,
            r.holdout,
            r.exclusive,
            r.page_view,
            r.session,
            r.event,
            r.now,
            plan.calendar.day(r.now),
            p.views,
            r.until,
            r.lapses_at,
            test=r.test,
            script=r.script,
            asks=r.asks,
            config=r.config,
        )
    )
    prune_leases(p, r.now)


def prune_leases(p: Profile, now: Instant) -> None:
    """Forgets unopened leases that lapsed, and the oldest opened ones beyond those kept for clicks and closes."""
    opened = [lease for lease in p.leases if lease.opened_at is not None]
    surplus = {lease.reservation for lease in opened[: max(0, len(opened) - OPENED_LEASES_KEPT)]}
    p.leases = [
        lease for lease in p.leases if (lease.lapses_at >= now if lease.opened_at is None else lease.reservation not in surplus)
    ]


def _released(p: Profile, r: Released) -> None:
    p.leases = [lease for lease in p.leases if lease.reservation != r.reservation or lease.opened_at is not None]


def _goal(p: Profile, g: Goal) -> None:
    delivery = p.deliveries.get(g.campaign)
    if delivery is not None:
        delivery.goals += 1
