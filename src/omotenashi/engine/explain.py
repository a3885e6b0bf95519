"""Why was it not shown? The decision taken again, slowly, with every value that was compared."""

from typing import Final

from omotenashi.model.campaigns import Campaign
from omotenashi.model.entries import Event
from omotenashi.model.ids import CampaignId, Instant
from omotenashi.model.outcomes import Compared, Gate, Withheld
from omotenashi.model.profiles import Profile
from omotenashi.model.values import Scalar, Values

from .arms import bucket
from .consents import Waiting, is_requested, waiting
from .decide import (
    arm_of,
    counted_today,
    exclusive_on,
    is_due,
    is_held,
    is_in_gap,
    is_stopped,
)
from .plan import Plan, born
from .rules.explain import Names, compared
from .schedule import is_open
from .statistics import used_by


def _row(path: str, ja: str, en: str, wanted_ja: str, wanted_en: str, found: Scalar | None, passed: bool = False) -> Compared:
    return Compared(path, ja, en, wanted_ja, wanted_en, found, passed)


def why(
    p: Profile, campaign_id: CampaignId, event: Event | None, page: Values, plan: Plan, now: Instant, names: Names
) -> Withheld:
    """The first gate that fails for this person at ``now``, with the values compared.

    ``event`` is the event to decide on, already folded; without one the trigger gate is judged as failed only
    if the campaign's own trigger name differs. When every gate passes the answer is ``Withheld(gate=SHOWN)``,
    or ``HOLDOUT`` for an arm that shows nothing. Raises ``KeyError`` for an unknown campaign.
    """
    c = plan.by_id[campaign_id]
    values = event.values if event is not None else page
    for gate, rows in _gates(p, c, event, values, page, plan, now, names):
        if rows is not None:
            winner = exclusive_on(p, event.page_view if event else None, now) if gate == Gate.SUPPRESSED else None
            return Withheld(c.id, gate, tuple(rows), winner=winner)
    action = arm_of(p, c, p.deliveries.get(c.id), plan)
    held_out = action is not None and action.holdout and not is_requested(p, c, now)
    return Withheld(c.id, Gate.HOLDOUT if held_out else Gate.SHOWN, action=action.id if action else None)


def _gates(
    p: Profile, c: Campaign, e: Event | None, v: Values, g: Values, plan: Plan, now: Instant, names: Names
) -> "list[tuple[Gate, list[Compared] | None]]":
    """Every gate in order; None where it passes, else what it compared."""
    project = plan.project
    found: list[tuple[Gate, list[Compared] | None]] = []
    requested = is_requested(p, c, now)
    passed = _NOT_REQUESTED if requested else frozenset[Gate]()

    def gate(name: Gate, failed: bool, *rows: Compared) -> None:
        found.append((name, list(rows) if failed and name not in passed else None))

    gate(
        Gate.STOPPED_BY_SWITCH,
        project.messages_stopped,
        _row("project", "緊急停止", "Emergency stop", "停止していない", "not stopped", True),
    )
    gate(Gate.NOT_LIVE, not c.live, _row("campaign.state", "公開状態", "State", "公開中", "live", "not live"))
    gate(
        Gate.OFF_SCHEDULE,
        not is_open(c.schedule, plan.calendar)(now),
        _row(
            "campaign.schedule",
            "配信スケジュール",
            "Schedule",
            "配信期間・曜日・時間帯の中",
            "inside its dates and hours",
            int(now),
        ),
    )
    unready = max((born(key) for key in used_by(c.audience, plan.segments)), default=0)
    gate(
        Gate.PREPARING,
        c.id in plan.preparing,
        _row(
            "campaign.audience",
            "過去データの準備",
            "Back-fill",
            f"設定版 {unready} まで準備済み",
            f"version {unready} ready",
            plan.ready,
        ),
    )
    audience = compared(c.audience, p, {}, now, plan.env, names)
    gate(Gate.AUDIENCE, not _holds(plan, c, "audience", p, v, now), *audience)
    if e is not None and e.name not in (c.trigger, "_recheck"):
        gate(
            Gate.TRIGGER,
            True,
            _row("campaign.trigger.event", "配信トリガー", "Trigger event", c.trigger, c.trigger, e.name),
        )
    else:
        gate(Gate.TRIGGER, not _holds(plan, c, "where", p, v, now), *compared(c.where, p, v, now, plan.env, names))
    gate(Gate.PAGE, not _holds(plan, c, "pages", p, g, now), *compared(c.pages, p, g, now, plan.env, names))
    state = plan.consent(p, c.consent, now) if c.consent is not None else "granted"
    gate(
        Gate.CONSENT,
        state != "granted",
        _row("campaign.consent", f"許諾「{c.consent}」", f"Consent to {c.consent}", "許諾済み", "granted", state),
    )
    kept = waiting(p, c.asks, plan.env.purposes, now) if c.asks is not None else None
    if kept is not None and kept.answer != "granted" and requested:
        kept = None
    gate(Gate.ASKED, kept is not None, *(_asked_rows(c, kept, now) if kept is not None else ()))
    held = [lease for lease in p.leases if is_held(lease, now)]
    mine = [lease for lease in held if lease.campaign == c.id]
    today = plan.calendar.day(now)
    delivery = p.deliveries.get(c.id)
    shown = delivery.shown if delivery else 0
    per_ja = {"access": "アクセスごとに1回", "session": "セッションごとに1回", "user": "ユーザーごとに1回"}
    per_en = {"access": "once a page view", "session": "once a session", "user": "once a person"}
    per, days = c.frequency.per, c.frequency.days
    deciding = e if e is not None else _standing_event(p, plan, now)
    gate(
        Gate.FREQUENCY,
        bool(mine) if requested else not is_due(p, deciding, c, delivery, held, today),
        _row(
            "campaign.frequency",
            "配信頻度（表示済み＋表示待ち）",
            "Frequency (shown and waiting)",
            per_ja.get(per, f"{days}日ごとに1回"),
            per_en.get(per, f"once every {days} days"),
            shown + len(mine),
        ),
    )
    gate(Gate.STOPPED, is_stopped(c, delivery, held, today), *_stop_rows(c, p, today, len(mine)))
    action = arm_of(p, c, delivery, plan)
    place = bucket(project.id, c.id, p.person)
    gate(
        Gate.ARM,
        action is None,
        _row(
            "campaign.actions",
            "振り分け（0〜999）",
            "Arm bucket (0-999)",
            f"{sum(a.weight for a in c.actions)} 未満",
            f"below {sum(a.weight for a in c.actions)}",
            place,
        ),
    )
    if action is None:
        return found
    missing = plan.missing_variable(action, p, v, now)
    gate(
        Gate.MISSING_VARIABLE,
        missing is not None,
        _row(
            f"campaign.actions.{action.name}.variables.{missing}",
            f"変数「{missing}」",
            f"Variable {missing}",
            "値がある",
            "has a value",
            None,
        ),
    )
    counted = counted_today(p, held, today)
    cap = project.cap_per_day
    gate(
        Gate.CAP,
        bool(cap) and not c.script and counted >= cap,
        _row(
            "project.cap_per_day",
            "1日の合計表示回数",
            "Messages today, all channels",
            f"{cap} 回未満",
            f"fewer than {cap}",
            counted,
        ),
    )
    gap = project.gap
    gate(
        Gate.GAP,
        not c.script and is_in_gap(p, plan, now),
        _row(
            "project.gap",
            "前の接客からの間隔",
            "Since the previous message",
            f"{gap.seconds}秒かつ{gap.page_views}PV以上",
            f"at least {gap.seconds} s and {gap.page_views} page views",
            (now - p.message_at) // 1000 if p.message_at else None,
        ),
    )
    winner = exclusive_on(p, e.page_view, now) if e is not None else None
    gate(
        Gate.SUPPRESSED,
        c.exclusive and winner is not None,
        _row(
            "campaign.exclusive",
            "同時配信の制御",
            "One at a time",
            "ほかの接客が表示されていない",
            "no other message on this page",
            winner,
        ),
    )
    return found


_NOT_REQUESTED: Final = frozenset({Gate.OFF_SCHEDULE, Gate.PREPARING, Gate.AUDIENCE, Gate.STOPPED, Gate.CAP, Gate.GAP})
"""What does not count where staff wish the person to be asked."""

_ENDED: Final = {
    "ignored": ("答えのないまま", "left without an answer"),
    "later": ("「あとで」", "put off"),
    "closed": ("閉じられた", "closed"),
    "refused": ("お断り", "refused"),
}


def _asked_rows(c: Campaign, kept: Waiting, now: Instant) -> tuple[Compared, ...]:
    if kept.answer == "granted":
        return (
            _row(
                "campaign.asks", f"許諾「{c.asks}」", f"Consent to {c.asks}", "まだ許諾されていない", "not granted yet", "granted"
            ),
        )
    ja, en = _ENDED[kept.answer]
    return (
        _row(
            f"purposes.{c.asks}.ask_again.{kept.answer}",
            f"「{c.asks}」の前回のお願い（{ja}）からの秒数",
            f"Seconds since {c.asks} was asked for last ({en})",
            f"{kept.wait_ms / 1000:,.0f} 秒以上" if kept.wait_ms else "この答えのあとは尋ねない",
            f"at least {kept.wait_ms / 1000:,.0f}" if kept.wait_ms else "not asked again after this answer",
            (now - kept.at) / 1000,
        ),
    )


def _holds(plan: Plan, c: Campaign, part: str, p: Profile, v: Values, now: Instant) -> bool:
    return plan.closure(c.id, part)(p, v, now)


def _standing_event(p: Profile, plan: Plan, now: Instant) -> Event:
    """The person as they stand: in their latest session, on no particular page."""
    session = p.sessions[0] if p.sessions else None
    return Event(
        project=plan.project.id,
        person=p.person,
        seq=p.seq,
        now=now,
        config=plan.version,
        at=now,
        received_at=now,
        index=0,
        id="",  # type: ignore[arg-type]
        name="",
        values={},
        visitor=p.person,  # type: ignore[arg-type]
        user_id=p.user_id,
        session=session.id if session else "",  # type: ignore[arg-type]
        session_started_at=session.started_at if session else now,
        opened_session=False,
        late=False,
        source="console",
        page_view=next(reversed(p.page_views), None),
    )


def _stop_rows(c: Campaign, p: Profile, today: int, leased: int) -> list[Compared]:
    d = p.deliveries.get(c.id)
    stop = c.stop
    shown, closed, clicked = (d.shown, d.closed, d.clicked) if d else (0, 0, 0)
    rows: list[Compared] = []

    def limit(path: str, ja: str, en: str, most: int | None, found: int) -> None:
        if most is not None:
            rows.append(_row(f"campaign.stop.{path}", ja, en, f"{most} 回未満", f"fewer than {most}", found, found < most))

    limit("shown", "表示回数", "Times shown", stop.shown, shown + leased)
    limit("shown_per_day", "今日の表示回数", "Shown today", stop.shown_per_day, (d.shown_days.get(today, 0) if d else 0) + leased)
    limit("closed", "閉じた回数", "Times closed", stop.closed, closed)
    limit("closed_per_day", "今日閉じた回数", "Closed today", stop.closed_per_day, d.closed_days.get(today, 0) if d else 0)
    limit("clicked", "クリック回数", "Times clicked", stop.clicked, clicked)
    limit(
        "clicked_per_day", "今日のクリック回数", "Clicked today", stop.clicked_per_day, d.clicked_days.get(today, 0) if d else 0
    )
    if stop.answered:
        rows.append(
            _row(
                "campaign.stop.answered",
                "アンケート回答",
                "Survey answered",
                "未回答",
                "not yet",
                bool(d and d.answered),
                not (d and d.answered),
            )
        )
    if stop.goal:
        rows.append(
            _row(
                "campaign.stop.goal", "ゴール到達", "Goal reached", "未到達", "not yet", bool(d and d.goals), not (d and d.goals)
            )
        )
    return rows
