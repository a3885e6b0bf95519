"""One event's turn: stamped, folded, its goals judged, decided upon, and the outcomes folded.

The live edge, the server's lane, the import's lane, the rehearsal of a draft and the tests all take this
road; only who calls it, and with which clock, differs.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from omotenashi.model.campaigns import Action
from omotenashi.model.drafts import Draft
from omotenashi.model.entries import Entry, Event, Goal, LogEntry, Merged, Released, Reserved
from omotenashi.model.ids import ActionId, EventId, Instant, PersonId, UserId
from omotenashi.model.outcomes import Shown
from omotenashi.model.profiles import Lease, Profile
from omotenashi.model.rules import Statistic
from omotenashi.model.values import Values, elements, micros

from .decide import HOLDOUT_ACTION, decide, open_reservations, page_view_of
from .fold import fold, unpack_values
from .merge import absorb
from .plan import Plan
from .stamp import stamp
from .statistics import merge as merge_accumulators
from .trial import Verdict, decide_on_trial

FRESH_MS = 60_000
"""An event that was older than this when it arrived is no reason to show anything; ``now`` may run ahead of a clock put back."""

_NOTHING: Values = {}

Bases = Callable[[PersonId, int, int], Sequence[tuple[str, object]]]
"""Back-filled accumulators by statistic id, of one id that people were logged under: born after a version, up to another."""


class Turn(Struct):
    """What to append, what to hand to the page with the values its texts name, and when to ask again."""

    event: Event
    entries: list[LogEntry]
    handed: list["Handed"]
    recheck_ms: int | None = None
    verdicts: Sequence[Verdict] = ()  # of a test


class Handed(Struct):
    """A reservation on its way to the page."""

    reserved: Reserved
    action: Action
    context: dict[str, object]


def turn(p: Profile, draft: Draft, now: Instant, plan: Plan) -> Turn:
    """Takes one draft through the house. ``p`` is changed in place; ``entries`` is what its log gains, in order.

    Nothing is decided for a draft that no waiting, visible page sent, or that is older than a minute.
    """
    event = stamp(p, draft, now, plan.project.id, plan.version)
    fold(p, event, plan)
    entries: list[LogEntry] = [event]
    if plan.goals and event.name in plan.goals and not event.test:
        _judge_goals(p, event, plan, entries)
    name = event.name
    if name == "_release":
        _release(p, event, plan, entries)
        return Turn(event, entries, [])
    if not draft.fetch or draft.source != "tag" or draft.received_at - event.at > FRESH_MS:
        return Turn(event, entries, [])
    listening = plan.listening.get("view" if name == "_recheck" else name)
    if listening is None:
        return Turn(event, entries, [])
    values = page = event.values
    if name == "_recheck" or (name != "view" and listening.reads_page):
        known = page_view_of(p, event.page_view)
        page = unpack_values(known.view) if known is not None and known.view else _NOTHING
        if name == "_recheck" and not page:
            return Turn(event, entries, [])
        values = page if name == "_recheck" else event.values
    verdicts: Sequence[Verdict] = ()
    if draft.trial is None:
        decision = decide(p, event, values, page, plan, listening, now)
    else:
        decision, verdicts = decide_on_trial(p, event, values, page, plan, listening, now, draft.trial)
    event.gates = decision.gates
    handed: list[Handed] = []
    for shown in decision.shown:
        action = action_of(plan, shown)
        reserved = shown.reserved
        reserved.seq = p.seq + 1
        fold(p, reserved, plan)
        entries.append(reserved)
        handed.append(Handed(reserved, action, {} if action.holdout else plan.context(action, p, values, now)))
        if not reserved.script and not reserved.holdout:
            entries.append(_emit(p, event, plan, "_message_ready", shown.campaign, shown.action, reserved.reservation, None))
    for withheld in decision.suppressed:
        entries.append(_emit(p, event, plan, "_message_suppressed", withheld.campaign, withheld.action, None, withheld.winner))
    return Turn(event, entries, handed, decision.recheck_ms, verdicts)


def action_of(plan: Plan, shown: Shown) -> Action:
    """The action behind an outcome."""
    if shown.action == HOLDOUT_ACTION.id:
        return HOLDOUT_ACTION
    return next(action for action in plan.by_id[shown.campaign].actions if action.id == shown.action)


def again(p: Profile, event: EventId, now: Instant, plan: Plan) -> list[Handed]:
    """What the answer to a duplicate carries: the event's reservations that its page may still show."""
    return [handed for lease in open_reservations(p, event, now) if (handed := _handed_again(p, lease, now, plan))]


def _handed_again(p: Profile, lease: Lease, now: Instant, plan: Plan) -> Handed | None:
    campaign = plan.by_id.get(lease.campaign)
    if campaign is None or plan.project.messages_stopped:
        return None
    action = next((action for action in campaign.actions if action.id == lease.action), None)
    if lease.holdout:
        action = action or HOLDOUT_ACTION
    if action is None:
        return None
    known = page_view_of(p, lease.page_view)
    values = unpack_values(known.view) if known is not None and known.view else _NOTHING
    if not action.holdout and plan.missing_variable(action, p, values, now) is not None:
        return None
    reserved = Reserved(
        project=plan.project.id,
        person=p.person,
        seq=0,
        now=now,
        config=plan.version,
        at=lease.reserved_at,
        received_at=lease.reserved_at,
        index=0,
        id=EventId(""),
        reservation=lease.reservation,
        campaign=lease.campaign,
        action=lease.action,
        holdout=lease.holdout,
        exclusive=lease.exclusive,
        script=campaign.script,
        page_view=lease.page_view,
        session=lease.session,
        event=EventId(lease.event),
        until=lease.until,
        lapses_at=lease.lapses_at,
        test=lease.test,
    )
    return Handed(reserved, action, {} if action.holdout else plan.context(action, p, values, now))


def _emit(
    p: Profile,
    event: Event,
    plan: Plan,
    name: str,
    campaign: str,
    action: ActionId | None,
    reservation: str | None,
    winner: str | None,
) -> Event:
    """An event of the engine's own, right behind the one that caused it; it triggers nothing in this request."""
    said = {"campaign": campaign, "action": action, "reservation": reservation, "winner": winner}
    emitted = Event(
        **_head(p, event, f"{name}.{campaign}"),
        name=name,
        values={field: value for field, value in said.items() if value is not None},
        visitor=event.visitor,
        user_id=event.user_id,
        session=event.session,
        session_started_at=event.session_started_at,
        opened_session=False,
        late=event.late,
        source="engine",
        page_view=event.page_view,
        test=event.test,
    )
    fold(p, emitted, plan)
    return emitted


def _judge_goals(p: Profile, e: Event, plan: Plan, entries: list[LogEntry]) -> None:
    for campaign, matches in plan.goals[e.name]:
        delivery = p.deliveries.get(campaign.id)
        goal = campaign.goal
        if delivery is None or delivery.exposed_at is None or goal is None or e.at < delivery.exposed_at:
            continue
        if goal.window == "session":
            if e.session != delivery.exposed_session:
                continue
        elif e.at - delivery.exposed_at > goal.n * (3_600_000 if goal.window == "hours" else 86_400_000):
            continue
        if not matches(p, e.values, e.now):
            continue
        worth = next((x for x in elements(e.values, goal.value) if type(x) in (int, float)), None) if goal.value else None
        reached = Goal(
            **_head(p, e, f"goal.{campaign.id}"),
            campaign=campaign.id,
            action=delivery.exposed_action or ActionId(""),
            holdout=delivery.exposed_holdout,
            exposed_at=delivery.exposed_at,
            event=e.id,
            first=delivery.goals == 0,
            value_micros=None if worth is None else micros(worth),  # type: ignore[arg-type]
        )
        fold(p, reached, plan)
        entries.append(reached)


def _head(p: Profile, e: Event, suffix: str) -> dict[str, Any]:
    """What the next entry of this person's log has in common with the event it follows from."""
    return {
        "project": e.project,
        "person": p.person,
        "seq": p.seq + 1,
        "now": e.now,
        "config": e.config,
        "at": e.at,
        "received_at": e.received_at,
        "index": e.index,
        "id": EventId(f"{e.id}.{suffix}"),
    }


def _release(p: Profile, e: Event, plan: Plan, entries: list[LogEntry]) -> None:
    lease = next((known for known in p.leases if known.reservation == e.values.get("reservation")), None)
    if lease is None or lease.opened_at is not None:
        return
    released = Released(
        **_head(p, e, "released"),
        reservation=lease.reservation,
        campaign=lease.campaign,
        reason=str(e.values.get("reason", "")),
    )
    fold(p, released, plan)
    entries.append(released)


def merge(into: Profile, absorbed: Profile, user_id: UserId, cause: Entry | Draft, now: Instant, plan: Plan) -> Merged:
    """Makes one person of two and returns the entry that says so; it stands in ``into``'s log.

    Both profiles must hold every base that is ready: call `put_bases` on both before.
    """
    entry = Merged(
        project=plan.project.id,
        person=into.person,
        seq=into.seq + 1,
        now=now,
        config=plan.version,
        at=cause.at,
        received_at=Instant(cause.received_at),
        index=cause.index,
        id=EventId(f"{cause.id}.merged"),
        absorbed=absorbed.person,
        absorbed_seq=absorbed.seq,
        user_id=user_id,
    )
    absorb(into, absorbed, entry, plan)
    return entry


def lacks_bases(p: Profile, plan: Plan) -> bool:
    """Whether back-filled bases stand ready that this profile has not taken in."""
    ready = plan.ready
    return any(version < ready for version in p.based.values())


def put_bases(p: Profile, bases: Bases, plan: Plan) -> None:
    """Merges every base that is ready and lacking, for each id the person was logged under.

    Version by version, because a statistic that was dropped and came back counts anew.
    """
    births = plan.project.statistics
    for logged, after in list(p.based.items()):
        if after >= plan.ready:
            continue
        for version in sorted({version for version in births.values() if after < version <= plan.ready}):
            for statistic_id, accumulator in bases(logged, version - 1, version):
                key = f"{statistic_id}.{version}"
                statistic: Statistic | None = plan.statistics.get(key)
                if statistic is not None:
                    mine = p.accumulators.get(key)
                    p.accumulators[key] = accumulator if mine is None else merge_accumulators(statistic, mine, accumulator)
        p.based[logged] = plan.ready
