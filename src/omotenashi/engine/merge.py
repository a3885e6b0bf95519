"""Two people who turn out to be one: the profile of the union of their logs.

Sums add, registers keep the greater key, bounded memories keep the greatest of both. The earlier arm wins
and a campaign whose arms differed is marked crossed, so that verdicts can leave the person out.
"""

from omotenashi.model.entries import Merged
from omotenashi.model.ids import PersonId
from omotenashi.model.profiles import Delivery, Landing, Profile, Register

from .fold import DAYS_KEPT, STREAMS_KEPT, keep_latest_sessions, latest_page_views, prune_leases
from .plan import Plan
from .recent import union
from .statistics import merge as merge_accumulators


def absorb(into: Profile, absorbed: Profile, entry: Merged, plan: Plan) -> Profile:
    """``into`` after it has taken ``absorbed`` in; ``absorbed`` must not be used afterwards.

    Both must hold every base that is ready (`engine.turn.put_bases`), or each its own gap in ``based``.
    """
    since_into = into.views - into.message_view
    since_absorbed = absorbed.views - absorbed.message_view
    into.user_id = into.user_id or absorbed.user_id or entry.user_id
    into.logged_in = _later(into.logged_in, absorbed.logged_in)
    into.device = _later(into.device, absorbed.device)
    into.page = _later_view(into.page, absorbed.page)
    into.first_landing = _earlier_view(into.first_landing, absorbed.first_landing)
    seen = [at for at in (into.first_seen_at, absorbed.first_seen_at) if at]
    into.first_seen_at = min(seen, default=into.first_seen_at)
    into.last_at = max(into.last_at, absorbed.last_at)
    into.visits += absorbed.visits
    into.views += absorbed.views
    into.sessions.extend(absorbed.sessions)
    keep_latest_sessions(into)
    into.streams.update(absorbed.streams)
    while len(into.streams) > STREAMS_KEPT:
        del into.streams[min(into.streams, key=lambda name: (into.streams[name].last_at, name))]
    into.page_views = latest_page_views(absorbed.page_views | into.page_views)
    for path, register in absorbed.attributes.items():
        into.attributes[path] = _later(into.attributes.get(path), register) or register
    for purpose, consent in absorbed.consents.items():
        known = into.consents.get(purpose)
        if known is None or consent.key > known.key:
            into.consents[purpose] = consent
    for purpose, asked in absorbed.asked.items():
        latest = into.asked.get(purpose)
        if latest is None or asked.key > latest.key:
            into.asked[purpose] = asked
    for purpose, request in absorbed.requested.items():
        wish = into.requested.get(purpose)
        if wish is None or request.key > wish.key:
            into.requested[purpose] = request
    for key, accumulator in absorbed.accumulators.items():
        mine = into.accumulators.get(key)
        statistic = plan.statistics.get(key)
        if mine is None or statistic is None:
            into.accumulators[key] = accumulator
        else:
            into.accumulators[key] = merge_accumulators(statistic, mine, accumulator)
    crossed = set(into.crossed) | set(absorbed.crossed)
    for campaign, theirs in absorbed.deliveries.items():
        ours = into.deliveries.get(campaign)
        if ours is None:
            into.deliveries[campaign] = theirs
        else:
            if ours.arm is not None and theirs.arm is not None and ours.arm != theirs.arm:
                crossed.add(campaign)
            _add_delivery(ours, theirs)
    into.crossed = sorted(crossed)
    into.leases = sorted(into.leases + absorbed.leases, key=lambda lease: (lease.reserved_at, lease.reservation))
    _add_days(into.caps, absorbed.caps)
    if absorbed.message_at > into.message_at:
        into.message_at, since_into = absorbed.message_at, since_absorbed
    into.message_view = into.views - since_into
    into.recent = union(into.recent, absorbed.recent)
    for person, version in absorbed.based.items():
        into.based[PersonId(person)] = version
    into.seq = entry.seq
    into.now = max(into.now, absorbed.now, entry.now)
    prune_leases(into, into.now)
    return into


def _later(one: Register | None, other: Register | None) -> Register | None:
    if one is None or other is None:
        return one or other
    return one if one.key > other.key else other


def _later_view(one: Landing | None, other: Landing | None) -> Landing | None:
    if one is None or other is None:
        return one or other
    return one if one.key > other.key else other


def _earlier_view(one: Landing | None, other: Landing | None) -> Landing | None:
    if one is None or other is None:
        return one or other
    return one if one.key < other.key else other


def _add_days(days: dict[int, int], others: dict[int, int]) -> None:
    for day, count in others.items():
        days[day] = days.get(day, 0) + count
    while len(days) > DAYS_KEPT:
        del days[min(days)]


def _add_delivery(ours: Delivery, theirs: Delivery) -> None:
    if ours.arm is None or (theirs.arm is not None and (theirs.assigned_at, theirs.arm) < (ours.assigned_at, ours.arm)):
        ours.arm, ours.assigned_at = theirs.arm, theirs.assigned_at
    ours.shown += theirs.shown
    ours.clicked += theirs.clicked
    ours.closed += theirs.closed
    ours.answered = ours.answered or theirs.answered
    ours.goals += theirs.goals
    _add_days(ours.shown_days, theirs.shown_days)
    _add_days(ours.clicked_days, theirs.clicked_days)
    _add_days(ours.closed_days, theirs.closed_days)
    ours.last_day = max(ours.last_day, theirs.last_day)
    if theirs.exposed_at is not None and (ours.exposed_at is None or theirs.exposed_at > ours.exposed_at):
        ours.exposed_at = theirs.exposed_at
        ours.exposed_session = theirs.exposed_session
        ours.exposed_action = theirs.exposed_action
        ours.exposed_holdout = theirs.exposed_holdout
