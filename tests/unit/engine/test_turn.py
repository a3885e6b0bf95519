"""One event's turn: what is counted when, and what comes back."""

import msgspec
from tests.unit.engine.person import DAY, HOUR, MINUTE, NOON, Person, campaign, project, shown

from omotenashi.engine.statistics import identified
from omotenashi.engine.turn import again
from omotenashi.model.campaigns import Action, Display, Embed, Frequency, Gap, GoalRule, Row, Stop, Variable
from omotenashi.model.entries import Event, Goal, Released, Reserved
from omotenashi.model.outcomes import Gate
from omotenashi.model.rules import Aggregate, All, Compare, Fact, Field, Not, Op, Period


def test_an_event_counts_for_the_decision_it_triggers() -> None:
    carts = identified("cart", (), None, Aggregate.COUNT, Period())
    who = Person(project(campaign(trigger="cart", audience=Compare(carts, Op.GE, 1)), statistics={carts.id: 1}))
    assert shown(who.send("cart")) == ["welcome"]


def test_a_reservation_is_followed_by_message_ready_but_not_for_a_script_or_a_holdout() -> None:
    holdout = (Action("h0", "holdout", 1000, holdout=True),)
    who = Person(
        project(
            campaign("a", exclusive=False),
            campaign("b", exclusive=False, script=True),
            campaign("c", exclusive=False, actions=holdout),
        )
    )
    entries = who.view().entries
    assert [e.name for e in entries if isinstance(e, Event)] == ["view", "_message_ready"]
    assert [e.campaign for e in entries if isinstance(e, Reserved)] == ["a", "b", "c"]
    assert [e.seq for e in entries] == list(range(1, 6))


def test_an_unopened_reservation_holds_its_place_and_lapses_a_day_after_its_lease() -> None:
    who = Person(project(campaign(frequency=Frequency("user"))))
    first = who.view()
    assert shown(first) == ["welcome"]
    assert shown(who.wait(HOUR).view()) == []
    lapses = first.handed[0].reserved.lapses_at
    assert shown(who.wait(lapses - who.now).view()) == []
    assert shown(who.wait(1).view()) == ["welcome"]


def test_a_released_reservation_gives_its_place_back_at_once() -> None:
    who = Person(project(campaign(frequency=Frequency("user"))))
    first = who.view()
    released = who.send("_release", {"reservation": first.handed[0].reserved.reservation}, fetch=False)
    assert [type(e) for e in released.entries] == [Event, Released]
    assert shown(who.view()) == ["welcome"]


def test_why_a_reservation_was_given_back_is_kept() -> None:
    who = Person(project(campaign(frequency=Frequency("access"))))
    for values, kept in (({"reason": "scroll"}, "scroll"), ({}, "")):
        reservation = who.view().handed[0].reserved.reservation
        entry = who.send("_release", {"reservation": reservation, **values}, fetch=False).entries[1]
        assert isinstance(entry, Released)
        assert entry.reason == kept


def test_a_message_that_waits_for_the_visitor_has_half_an_hour_and_so_has_its_holdout() -> None:
    def lease(display: Display, *, holdout: bool = False) -> int:
        arms = (Action("d1K", "plain", 0 if holdout else 1000, template="modal", display=display),)
        held = (Action("h0", "holdout", 1000, holdout=True),) if holdout else ()
        who = Person(project(campaign(actions=held + arms)))
        return who.view().handed[0].reserved.until - who.now

    usual = lease(Display())
    assert usual < 30 * MINUTE
    waiting = (
        Display(scroll_percent=50),
        Display(idle_ms=1000),
        Display(visible=".price"),
        Display(exit=True),
        Display(returning=True),
        Display(manual=True),
        Display(requires=(".a",)),
        Display(embed=Embed(".a", "after")),
    )
    assert {lease(display) for display in waiting} == {30 * MINUTE}
    assert {lease(display, holdout=True) for display in waiting} == {30 * MINUTE}
    assert lease(Display(forbids=(".a",), z_index=3, delay_ms=500)) == usual + 500


GOODS: dict[str, Row] = {
    "sencha": {"name": "Sencha", "category": "tea", "price": 1200},
    "hagi": {"name": "Hagi cup", "category": "cup"},
    "matcha": {"name": "Matcha", "category": "tea"},
    "gyokuro": {"name": "Gyokuro", "category": "tea"},
}


def rows_for(variable: Variable, **attributes: str) -> list[str] | None:
    """The keys of the rows that somebody with these attributes is shown; None when the message is withheld."""
    arms = (Action("d1K", "plain", 1000, template="modal", variables={"goods": variable}),)
    who = Person(project(campaign(actions=arms), tables={"goods": GOODS}))
    if attributes:
        who.send("attribute", dict(attributes))
    handed = who.view().handed
    return [row["key"] for row in handed[0].context["goods"]] if handed else None  # type: ignore[attr-defined]


def test_rows_of_a_table_are_those_that_match_in_its_order_and_no_more_than_asked_for() -> None:
    favourite = Variable("rows", table="goods", column="category", key=Variable("attribute", ("likes",)), limit=2)
    assert rows_for(Variable("rows", table="goods", limit=3)) == ["sencha", "hagi", "matcha"]
    assert rows_for(favourite, likes="tea") == ["sencha", "matcha"]
    assert rows_for(favourite, likes="cup") == ["hagi"]


def test_rows_that_are_not_there_withhold_the_message_unless_none_are_fine() -> None:
    favourite = Variable("rows", table="goods", column="category", key=Variable("attribute", ("likes",)), limit=2)
    none_are_fine = msgspec.structs.replace(favourite, may_be_empty=True)
    assert rows_for(favourite, likes="coffee") is None
    assert rows_for(favourite) is None
    assert rows_for(none_are_fine, likes="coffee") == []
    assert rows_for(none_are_fine) == []


def test_an_opened_reservation_cannot_be_released() -> None:
    who = Person(project(campaign(frequency=Frequency("user"))))
    first = who.view()
    who.opens(first)
    who.send("_release", {"reservation": first.handed[0].reserved.reservation}, fetch=False)
    assert shown(who.view()) == []


def test_a_duplicate_is_answered_with_what_it_reserved_until_that_is_opened() -> None:
    who = Person(project(campaign()))
    first = who.view()
    event = first.event.id
    repeated = again(who.profile, event, who.now, who.plan)
    assert [h.reserved.reservation for h in repeated] == [first.handed[0].reserved.reservation]
    who.opens(first)
    assert again(who.profile, event, who.now, who.plan) == []


def test_a_days_count_belongs_to_the_day_of_the_reservation() -> None:
    daily = campaign(frequency=Frequency("access"), stop=Stop(shown_per_day=1))
    who = Person(project(daily))
    who.wait(12 * HOUR - 1000)  # one second before midnight
    first = who.view()
    who.wait(2000)
    who.opens(first)  # opened after midnight, counted before
    assert shown(who.view()) == ["welcome"]


def test_frequencies_are_per_page_view_session_person_and_days() -> None:
    for frequency, expected in {
        Frequency("access"): [False, True, True, True],
        Frequency("session"): [False, False, True, True],
        Frequency("user"): [False, False, False, False],
        Frequency("days", 1): [False, False, False, True],
    }.items():
        who = Person(project(campaign(frequency=frequency, exclusive=False)))
        who.opens(who.view())
        again_on_page = shown(who.send("_recheck")) != []
        next_page = who.view()
        if next_page.handed:
            who.opens(next_page)
        next_session = who.wait(31 * MINUTE).view()
        if next_session.handed:
            who.opens(next_session)
        next_day = who.wait(DAY).view()
        found = [again_on_page, bool(next_page.handed), bool(next_session.handed), bool(next_day.handed)]
        assert found == expected, frequency


def test_an_exclusive_campaign_gives_way_to_one_that_is_open_on_the_page_and_says_to_whom() -> None:
    who = Person(project(campaign("first", priority=1), campaign("second", priority=2)))
    both = who.view()
    assert shown(both) == ["first"]
    assert list(both.event.gates) == [Gate.SHOWN, Gate.SUPPRESSED]
    told = [e for e in both.entries if isinstance(e, Event) and e.name == "_message_suppressed"]
    assert [(e.values["campaign"], e.values["winner"]) for e in told] == [("second", "first")]
    who.opens(both)
    assert shown(who.send("_recheck")) == []
    who.closes(both)
    assert shown(who.send("_recheck")) == ["second"]


def test_the_gap_counts_from_earlier_decisions_in_seconds_and_page_views() -> None:
    a, b = campaign("a", exclusive=False), campaign("b", exclusive=False, where=Compare(Field(("path",)), Op.NE, "/"))
    who = Person(project(a, b, gap=Gap(seconds=60, page_views=2)))
    who.opens(who.view())
    assert shown(who.view("/tea")) == []
    withheld = who.view("/tea")
    assert list(withheld.event.gates) == [Gate.FREQUENCY, Gate.GAP]
    assert withheld.recheck_ms == 60_000
    assert shown(who.wait(60_000).view("/tea")) == ["b"]


def test_recheck_comes_when_visible_seconds_could_change_the_outcome() -> None:
    patient = campaign(audience=Compare(Fact("session.seconds"), Op.GE, 180))
    who = Person(project(patient))
    assert who.view(page_visible_ms=0).recheck_ms == 180_000
    who.wait(100_000)
    asked = who.send("_recheck", page_visible_ms=100_000)
    assert asked.handed == []
    assert asked.recheck_ms == 80_000
    who.wait(80_000)
    assert shown(who.send("_recheck", page_visible_ms=180_000)) == ["welcome"]


def test_two_tabs_visible_at_once_count_their_seconds_once() -> None:
    who = Person(project(campaign()))
    who.view(page_view="one")
    who.view(page_view="two")
    who.wait(10_000)
    who.send("ping", page_view="one", page_visible_ms=10_000)
    who.send("ping", page_view="two", page_visible_ms=10_000)
    assert who.profile.sessions[0].visible_ms == 10_000
    who.wait(5_000)
    who.send("ping", page_view="two", page_visible_ms=15_000)
    assert who.profile.sessions[0].visible_ms == 15_000


def test_beacons_server_calls_and_old_events_only_fold() -> None:
    who = Person(project(campaign()))
    assert who.view(fetch=False).handed == []
    assert who.view(source="server").handed == []
    assert who.view(at=who.now - 61_000, offline=True).handed == []
    assert shown(who.view()) == ["welcome"]


def test_a_click_that_seems_older_than_the_slow_request_that_began_its_session_is_no_visit_of_its_own() -> None:
    who = Person(project(campaign()))
    who.view()
    who.wait(800)
    click = who.send("click", at=who.now - 1_000, offline=True).event
    assert (click.session, click.at, who.profile.visits) == (who.profile.sessions[0].id, NOON, 1)
    assert who.view().event.session == click.session
    yesterday = who.send("click", at=who.now - DAY, offline=True).event
    assert (yesterday.session == click.session, yesterday.at, who.profile.visits) == (False, who.now - DAY, 2)
    assert who.replayed() == who.profile


def test_a_goal_counts_within_its_window_only_and_is_first_once() -> None:
    for goal, waits, reached in (
        (GoalRule("buy"), 0, True),
        (GoalRule("buy"), 31 * MINUTE, False),
        (GoalRule("buy", window="hours", n=2), 2 * HOUR, True),
        (GoalRule("buy", window="hours", n=2), 2 * HOUR + 1, False),
        (GoalRule("buy", window="days", n=3), 3 * DAY, True),
        (GoalRule("buy", window="days", n=3), 3 * DAY + 1, False),
    ):
        who = Person(project(campaign(goal=goal, stop=Stop(goal=True), frequency=Frequency("access"))))
        who.opens(who.view())
        who.wait(waits)
        goals = [e for e in who.send("buy").entries if isinstance(e, Goal)]
        assert [g.first for g in goals] == ([True] if reached else []), goal
        if reached:
            assert [e.first for e in who.send("buy").entries if isinstance(e, Goal)] == [False]
            assert list(who.view().event.gates) == [Gate.STOPPED]


def test_a_goals_worth_is_kept_in_millionths_and_belongs_to_the_arm_that_was_seen() -> None:
    who = Person(project(campaign(goal=GoalRule("buy", value=("revenue",)))))
    who.opens(who.view())
    (goal,) = [e for e in who.send("buy", {"revenue": 12.5}).entries if isinstance(e, Goal)]
    assert (goal.value_micros, goal.action, goal.holdout) == (12_500_000, "d1K", False)


def test_a_goal_before_the_exposure_is_none() -> None:
    who = Person(project(campaign(goal=GoalRule("buy"))))
    taken = who.view()
    assert not [e for e in who.send("buy").entries if isinstance(e, Goal)]
    who.wait(1).opens(taken)
    late = who.send("buy", at=who.now - 1, offline=True)
    assert not [e for e in late.entries if isinstance(e, Goal)]


def test_the_emergency_stop_withholds_everything_and_goes_on_measuring() -> None:
    stopped = Person(project(campaign(), messages_stopped=True))
    taken = stopped.view()
    assert (list(taken.event.gates), taken.handed, stopped.profile.visits) == ([Gate.STOPPED_BY_SWITCH], [], 1)


def test_campaigns_that_wait_for_a_back_fill_are_preparing() -> None:
    carts = identified("cart", (), None, Aggregate.COUNT, Period())
    needs = project(campaign(audience=Not(Compare(carts, Op.GE, 1))), version=2, statistics={carts.id: 2})
    who = Person(needs, ready=1)
    assert list(who.view().event.gates) == [Gate.PREPARING]
    assert shown(who.adopt(needs, ready=2).view()) == ["welcome"]


def test_a_holdout_goes_through_the_same_gates_slot_and_gap_as_a_shown_one() -> None:
    """Two people who differ in their arm only are decided upon alike, event by event."""
    arms = (Action("d1K", "shown", 500, template="modal"), Action("d1L", "holdout", 500, holdout=True))
    rules = project(
        campaign("a", actions=arms, frequency=Frequency("access"), stop=Stop(shown_per_day=2)),
        campaign("b", priority=200),
        gap=Gap(seconds=30),
        cap_per_day=3,
    )
    by_arm: dict[bool, list[list[int]]] = {}
    for n in range(20):
        who = Person(rules, visitor=f"visitor-{n}")
        trail: list[list[int]] = []
        holdout = None
        for wait in (0, 10_000, 40_000, 40_000, 40_000, HOUR):
            taken = who.wait(wait).view()
            trail.append([Gate.SHOWN if g == Gate.HOLDOUT else g for g in taken.event.gates])
            for place, handed in enumerate(taken.handed):
                who.opens(taken, place)
                if handed.reserved.campaign == "a":
                    holdout = handed.reserved.holdout
        assert holdout is not None
        by_arm.setdefault(holdout, []).append(trail)
    assert set(by_arm) == {True, False}
    trails = by_arm[True] + by_arm[False]
    assert all(trail == trails[0] for trail in trails)


def test_test_events_show_and_count_in_no_cap() -> None:
    who = Person(project(campaign(frequency=Frequency("access"), stop=Stop(shown=1)), cap_per_day=1))
    for _ in range(3):
        taken = who.view(test=True)
        assert shown(taken) == ["welcome"]
        who.opens(taken)
    assert shown(who.view()) == ["welcome"]


def test_a_test_display_takes_no_place_from_a_real_one_in_the_same_session() -> None:
    who = Person(project(campaign(frequency=Frequency("session"))))
    who.opens(who.view(test=True))
    assert shown(who.view()) == ["welcome"]


def test_the_fold_of_the_log_is_the_profile_that_decided() -> None:
    who = Person(project(campaign(goal=GoalRule("buy"), frequency=Frequency("access"))))
    for n in range(6):
        taken = who.wait(n * 9 * MINUTE).view(f"/{n}", page_visible_ms=0)
        if n % 2 == 0:
            who.opens(taken)
            who.clicks(taken)
            who.closes(taken)
        who.send("buy", {"revenue": n}, page_visible_ms=500)
    who.send("attribute", {"rank": "gold", "address": {"city": "京都"}})
    assert who.replayed() == who.profile


def test_a_rule_may_ask_for_everything_of_nothing() -> None:
    assert shown(Person(project(campaign(audience=All(())))).view()) == ["welcome"]
