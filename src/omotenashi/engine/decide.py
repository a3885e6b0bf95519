"""Which of the project's campaigns this person is served now, gate by gate.

`decide` reads a profile into which the deciding event was folded already; it changes nothing. What it
reserves are entries, and are folded like the rest. The gates up to the page rule are one generated function
per event name (`engine.plan`); from consent on they are few people's business and written out here.
"""

from collections.abc import Iterator
from hashlib import blake2b

from msgspec import Struct

from omotenashi.model.campaigns import Action, Campaign
from omotenashi.model.entries import Event, Reserved
from omotenashi.model.ids import ActionId, CampaignId, EventId, Instant, PageViewId, ReservationId
from omotenashi.model.outcomes import Gate, Outcome, Shown, Withheld
from omotenashi.model.profiles import Delivery, Lease, PageView, Profile
from omotenashi.model.values import Values

from .arms import GLOBAL_HOLDOUT, arm, in_global_holdout
from .consents import is_requested, waiting
from .plan import Listening, Plan

LEASE_MS = 60_000
"""How long after its display delay a page may begin to show what it was handed."""
PATIENT_LEASE_MS = 30 * 60_000
"""The same when the page waits for the visitor to scroll."""
LONGEST_OFFLINE_MS = 24 * 3_600_000
"""How late the report of an opening may come; until then an unopened place is not given away."""

_AUDIENCE, _GAP, _SUPPRESSED = int(Gate.AUDIENCE), int(Gate.GAP), Gate.SUPPRESSED  # looking a member up at its enum is slow
_ASKED = int(Gate.ASKED)

HOLDOUT_ACTION = Action(GLOBAL_HOLDOUT, "global holdout", 1_000, holdout=True)


class Decision(Struct):
    """``gates`` for the log; ``shown`` to be reserved in order; ``suppressed`` to be told, with their winners."""

    gates: bytes
    shown: list[Shown]
    suppressed: list[Withheld]
    recheck_ms: int | None


def decide(p: Profile, e: Event, v: Values, g: Values, plan: Plan, listening: Listening, now: Instant) -> Decision:
    """Decides on event ``e`` for the campaigns that listen to it.

    ``v`` are the values that triggers see, ``g`` those of the page view. ``p`` must be the profile after ``e``.
    """
    gates = listening.screen(p, v, g, now)
    shown: list[Shown] = []
    suppressed: list[Withheld] = []
    requested = _put_requested(p, e, v, g, plan, listening, now, gates, shown, suppressed) if p.requested else ()
    at = gates.find(0)
    while at >= 0:
        if at in requested:
            at = gates.find(0, at + 1)
            continue
        campaign = listening.campaigns[at]
        gate, outcome = rest(p, e, v, campaign, plan, now, shown)
        gates[at] = gate
        if type(outcome) is Shown:
            shown.append(outcome)
        elif gate is _SUPPRESSED:
            suppressed.append(outcome)  # type: ignore[arg-type]
        at = gates.find(0, at + 1)
    return Decision(bytes(gates), shown, suppressed, soonest_recheck(p, e, gates, listening, plan, now))


def _put_requested(
    p: Profile,
    e: Event,
    v: Values,
    g: Values,
    plan: Plan,
    listening: Listening,
    now: Instant,
    gates: bytearray,
    shown: list[Shown],
    suppressed: list[Withheld],
) -> list[int]:
    """What staff wish this person to be asked comes first; the places that are decided with that."""
    decided: list[int] = []
    for place, campaign in enumerate(listening.campaigns):
        if is_requested(p, campaign, now):
            gate, outcome = as_requested(p, e, v, g, campaign, plan, now, shown)
            gates[place] = gate
            decided.append(place)
            if type(outcome) is Shown:
                shown.append(outcome)
            elif gate == _SUPPRESSED:
                suppressed.append(outcome)  # type: ignore[arg-type]
    return decided


def as_requested(
    p: Profile, e: Event, v: Values, g: Values, c: Campaign, plan: Plan, now: Instant, shown: list[Shown]
) -> tuple[int, Outcome]:
    """The gates that hold for a campaign that staff wish this person to be asked by.

    Schedule, audience, frequency, stop, holdout, cap, gap and the wait before asking again do not.
    """
    if plan.project.messages_stopped:
        return Gate.STOPPED_BY_SWITCH, Withheld(c.id, Gate.STOPPED_BY_SWITCH)
    if not c.live:
        return Gate.NOT_LIVE, Withheld(c.id, Gate.NOT_LIVE)
    if not plan.closure(c.id, "where")(p, v, now):
        return Gate.TRIGGER, Withheld(c.id, Gate.TRIGGER)
    if not plan.closure(c.id, "pages")(p, g, now):
        return Gate.PAGE, Withheld(c.id, Gate.PAGE)
    if c.consent is not None and plan.consent(p, c.consent, now) != "granted":
        return Gate.CONSENT, Withheld(c.id, Gate.CONSENT)
    if plan.consent(p, str(c.asks), now) == "granted":
        return Gate.ASKED, Withheld(c.id, Gate.ASKED)
    if any(lease.campaign == c.id and is_held(lease, now) for lease in p.leases):
        return Gate.FREQUENCY, Withheld(c.id, Gate.FREQUENCY)
    visible = [action for action in c.actions if not action.holdout]
    own = arm_of(p, c, p.deliveries.get(c.id), plan)
    action = own if own is not None and not own.holdout else next(iter(visible), None)
    if action is None:
        return Gate.ARM, Withheld(c.id, Gate.ARM)
    if plan.missing_variable(action, p, v, now) is not None:
        return Gate.MISSING_VARIABLE, Withheld(c.id, Gate.MISSING_VARIABLE, action=action.id)
    winner = winner_over(p, e, now, shown) if c.exclusive else None
    if winner is not None:
        return Gate.SUPPRESSED, Withheld(c.id, Gate.SUPPRESSED, winner=winner, action=action.id)
    return Gate.SHOWN, Shown(c.id, action.id, reservation(p, e, c, action, now, len(shown)))


def soonest_recheck(p: Profile, e: Event, gates: bytearray, listening: Listening, plan: Plan, now: Instant) -> int | None:
    """Milliseconds until time alone could change one of these outcomes; None when it could not."""
    soonest: int | None = None
    gap_ms = plan.project.gap.seconds * 1000
    if gap_ms and _GAP in gates:
        soonest = gap_ms - (now - _last_message(p, now)[0])
    if listening.patient and e.page_view is not None:
        soonest = _sooner(soonest, _audience_recheck(p, gates, listening))
    if _ASKED in gates:
        soonest = _sooner(soonest, _asked_recheck(p, gates, listening, plan, now))
    return soonest


def _asked_recheck(p: Profile, gates: bytearray, listening: Listening, plan: Plan, now: Instant) -> int | None:
    """Milliseconds until the first of the purposes that were not asked for may be asked for again."""
    soonest: int | None = None
    for place, campaign in enumerate(listening.campaigns):
        held = waiting(p, campaign.asks, plan.env.purposes, now) if gates[place] == _ASKED and campaign.asks else None
        soonest = _sooner(soonest, None if held is None else held.left_ms(now))
    return soonest


def _sooner(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)


def _audience_recheck(p: Profile, gates: bytearray, listening: Listening) -> int | None:
    """Visible milliseconds until a comparison of the session's seconds could change an outcome."""
    if not p.sessions:
        return None
    visible_ms = p.sessions[0].visible_ms
    waits = [
        seconds * 1000 - visible_ms
        for place, thresholds in listening.patient
        if gates[place] == _AUDIENCE
        for seconds in thresholds
        if seconds * 1000 > visible_ms
    ]
    return int(min(waits)) if waits else None


def rest(p: Profile, e: Event, v: Values, c: Campaign, plan: Plan, now: Instant, shown: list[Shown]) -> tuple[int, Outcome]:
    """The gates from consent on, for one campaign whose audience, trigger and page hold."""
    if c.consent is not None and plan.consent(p, c.consent, now) != "granted":
        return Gate.CONSENT, Withheld(c.id, Gate.CONSENT)
    if c.asks is not None and waiting(p, c.asks, plan.env.purposes, now) is not None:
        return Gate.ASKED, Withheld(c.id, Gate.ASKED)
    today = plan.calendar.day(now)
    delivery = p.deliveries.get(c.id)
    open_leases = [lease for lease in p.leases if is_held(lease, now)] if p.leases else []
    if not is_due(p, e, c, delivery, open_leases, today):
        return Gate.FREQUENCY, Withheld(c.id, Gate.FREQUENCY)
    if is_stopped(c, delivery, open_leases, today):
        return Gate.STOPPED, Withheld(c.id, Gate.STOPPED)
    action = arm_of(p, c, delivery, plan)
    if action is None:
        return Gate.ARM, Withheld(c.id, Gate.ARM)
    missing = plan.missing_variable(action, p, v, now)
    if missing is not None:
        return Gate.MISSING_VARIABLE, Withheld(c.id, Gate.MISSING_VARIABLE, action=action.id)
    cap = plan.project.cap_per_day
    if (
        cap
        and not c.script
        and counted_today(p, open_leases, today) + sum(not (s.reserved.script or s.reserved.test) for s in shown) >= cap
    ):
        return Gate.CAP, Withheld(c.id, Gate.CAP)
    if not c.script and is_in_gap(p, plan, now):
        return Gate.GAP, Withheld(c.id, Gate.GAP)
    if c.exclusive:
        winner = winner_over(p, e, now, shown)
        if winner is not None:
            return Gate.SUPPRESSED, Withheld(c.id, Gate.SUPPRESSED, winner=winner, action=action.id)
    outcome = Shown(c.id, action.id, reservation(p, e, c, action, now, len(shown)))
    return (Gate.HOLDOUT if action.holdout else Gate.SHOWN), outcome


def is_held(lease: Lease, now: Instant) -> bool:
    """An unopened place that may still be (or have been) used: it counts as shown. Test displays never count."""
    return lease.opened_at is None and lease.lapses_at >= now and not lease.test


def is_due(p: Profile, e: Event, c: Campaign, delivery: Delivery | None, held: list[Lease], today: int) -> bool:
    """Whether the campaign's frequency allows one more. Settled displays and held places count alike."""
    per = c.frequency.per
    if per == "access":
        if e.page_view is None:
            return True
        if any(lease.campaign == c.id and lease.page_view == e.page_view for lease in held):
            return False
        view = p.page_views.get(e.page_view)
        return view is None or c.id not in view.shown
    if per == "session":
        if any(lease.campaign == c.id and lease.session == e.session for lease in held):
            return False
        return not any(session.id == e.session and c.id in session.shown for session in p.sessions)
    if any(lease.campaign == c.id for lease in held):
        return per == "days" and all(today - lease.day >= c.frequency.days for lease in held if lease.campaign == c.id)
    if delivery is None or delivery.shown == 0:
        return True
    return per == "days" and today - delivery.last_day >= c.frequency.days


def is_stopped(c: Campaign, delivery: Delivery | None, held: list[Lease], today: int) -> bool:
    """Whether one of the campaign's stop conditions is true of this person."""
    stop = c.stop
    if stop.shown is not None or stop.shown_per_day is not None:
        leased = [lease for lease in held if lease.campaign == c.id]
        if stop.shown is not None and (delivery.shown if delivery else 0) + len(leased) >= stop.shown:
            return True
        if stop.shown_per_day is not None:
            settled = delivery.shown_days.get(today, 0) if delivery else 0
            if settled + sum(lease.day == today for lease in leased) >= stop.shown_per_day:
                return True
    if delivery is None:
        return False
    return (
        (stop.closed is not None and delivery.closed >= stop.closed)
        or (stop.closed_per_day is not None and delivery.closed_days.get(today, 0) >= stop.closed_per_day)
        or (stop.clicked is not None and delivery.clicked >= stop.clicked)
        or (stop.clicked_per_day is not None and delivery.clicked_days.get(today, 0) >= stop.clicked_per_day)
        or (stop.answered and delivery.answered)
        or (stop.goal and delivery.goals > 0)
    )


def arm_of(p: Profile, c: Campaign, delivery: Delivery | None, plan: Plan) -> Action | None:
    """The person's action in this campaign; the global holdout comes before the campaign's own arms."""
    project = plan.project
    if in_global_holdout(project.id, project.global_holdout, p.person):
        return HOLDOUT_ACTION
    stored = delivery.arm if delivery is not None else None
    return arm(project.id, c, p.person, stored)


def counted_today(p: Profile, held: list[Lease], today: int) -> int:
    """Messages of today over all channels: settled and held."""
    return p.caps.get(today, 0) + sum(lease.day == today and not lease.script for lease in held)


def _last_message(p: Profile, now: Instant) -> tuple[Instant, int]:
    latest = (p.message_at, p.message_view)
    for lease in p.leases:
        if lease.opened_at is None and lease.until >= now and not (lease.test or lease.script) and lease.reserved_at > latest[0]:
            latest = (lease.reserved_at, lease.view_number)
    return latest


def is_in_gap(p: Profile, plan: Plan, now: Instant) -> bool:
    """Whether too little time or too few page views have passed since an earlier decision's message."""
    gap = plan.project.gap
    if not gap.seconds and not gap.page_views:
        return False
    at, view = _last_message(p, now)
    if not at:
        return False
    return now - at < gap.seconds * 1000 or p.views - view < gap.page_views


def winner_over(p: Profile, e: Event, now: Instant, shown: list[Shown]) -> CampaignId | None:
    """Whom an exclusive campaign gives way to: one on the page view already, or one that this decision reserved before."""
    winner = exclusive_on(p, e.page_view, now)
    return next((one.campaign for one in shown if one.reserved.exclusive), None) if winner is None else winner


def exclusive_on(p: Profile, page_view: PageViewId | None, now: Instant) -> CampaignId | None:
    """The exclusive campaign that is open, or may still open, on this page view."""
    for lease in p.leases:
        may_stand_there = lease.exclusive and lease.page_view == page_view and not lease.closed
        if may_stand_there and (lease.opened_at is not None or lease.until >= now):
            return lease.campaign
    return None


def shape_of(c: Campaign, action: Action) -> Action:
    """The action whose display is waited for: a holdout's exposure is the moment at which the others' message would open."""
    return next((other for other in c.actions if not other.holdout), action) if action.holdout else action


def reservation(p: Profile, e: Event, c: Campaign, action: Action, now: Instant, place: int) -> Reserved:
    """The place that is taken for one display, ``place`` entries after the event that decided it."""
    name = blake2b(f"{e.project}\n{p.person}\n{e.id}\n{c.id}".encode(), digest_size=12).hexdigest()
    display = shape_of(c, action).display
    patience = PATIENT_LEASE_MS if display.may_wait() else LEASE_MS
    until = now + display.delay_ms + patience
    return Reserved(
        project=e.project,
        person=p.person,
        seq=p.seq + 1 + place,
        now=now,
        config=e.config,
        at=now,
        received_at=e.received_at,
        index=e.index,
        id=EventId(f"{e.id}.{c.id}"),
        reservation=ReservationId(name),
        campaign=c.id,
        action=ActionId(action.id),
        holdout=action.holdout,
        exclusive=c.exclusive,
        script=c.script,
        page_view=e.page_view,
        session=e.session,
        event=e.id,
        until=Instant(until),
        lapses_at=Instant(until + LONGEST_OFFLINE_MS),
        test=e.test,
        asks=c.asks or "",
    )


def page_view_of(p: Profile, page_view: PageViewId | None) -> PageView | None:
    """What the person's memory of the last page views holds under this id."""
    return None if page_view is None else p.page_views.get(page_view)


def open_reservations(p: Profile, event: EventId, now: Instant) -> Iterator[Lease]:
    """What an event reserved and its page may still show: the answer to the event's duplicate."""
    return (lease for lease in p.leases if lease.event == event and lease.opened_at is None and lease.until >= now)
