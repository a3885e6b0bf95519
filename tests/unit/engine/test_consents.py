"""When a person is asked for a purpose, and what each of the four ways a question can end does to the next one."""

import msgspec
import pytest

from omotenashi.engine.consents import erased_until, waiting
from omotenashi.engine.explain import why
from omotenashi.engine.rules.words import Names
from omotenashi.engine.turn import Turn, merge
from omotenashi.model import profiles
from omotenashi.model.campaigns import Action, AskAgain, Campaign, Frequency, Purpose, Stop
from omotenashi.model.outcomes import Gate
from omotenashi.model.profiles import Profile
from omotenashi.model.rules import Compare, Fact, Op

from .person import DAY, HOUR, MINUTE, Person, campaign, project, shown

WAITS = AskAgain(ignored=HOUR, later=2 * DAY, closed=7 * DAY, refused=90 * DAY)
RECORD = Purpose("record", "unknown", ask_again=WAITS)
OFTEN = Frequency("access")
NOBODY = Compare(Fact("visits"), Op.GT, 1_000)


def asking(**changes: object) -> Campaign:
    return campaign("permission", asks="record", frequency=OFTEN, **changes)


def hanako(purpose: Purpose = RECORD, *campaigns: Campaign) -> Person:
    return Person(project(*(campaigns or (asking(),)), purposes=(purpose,)))


def says(who: Person, state: str, **values: str) -> None:
    who.send("consent", {"purpose": "record", "state": state, **values})


def ends(who: Person, taken: Turn, how: str) -> None:
    """The visitor ends the question in one of the four ways, as the tag tells of it."""
    reservation = taken.handed[0].reserved.reservation
    who.opens(taken)
    if how in ("later", "refused"):
        says(who, "later" if how == "later" else "denied", reservation=reservation)
        who.closes(taken)
    elif how == "closed":
        who.closes(taken, by="escape")


@pytest.mark.parametrize(("how", "wait_ms"), msgspec.structs.asdict(WAITS).items())
def test_each_answer_is_asked_again_exactly_when_its_policy_says(how: str, wait_ms: int) -> None:
    who = hanako()
    ends(who, who.view(), how)
    assert who.profile.asked["record"].answer == how
    assert who.wait(wait_ms - 1).view().event.gates == bytes([Gate.ASKED])
    assert shown(who.wait(1).view()) == ["permission"]
    assert msgspec.structs.asdict(who.replayed()) == msgspec.structs.asdict(who.profile)


@pytest.mark.parametrize("how", ["ignored", "later", "closed", "refused"])
def test_an_answer_without_a_wait_is_never_asked_again(how: str) -> None:
    who = hanako(Purpose("record", "unknown"))
    ends(who, who.view(), how)
    assert who.wait(3650 * DAY).view().event.gates == bytes([Gate.ASKED])


@pytest.mark.parametrize("how", ["ignored", "later", "closed", "refused"])
def test_the_page_is_told_when_time_alone_lets_it_ask_again(how: str) -> None:
    who = hanako()
    ends(who, who.view(), how)
    wait_ms = getattr(WAITS, how)
    recheck_ms = who.wait(wait_ms - 10 * MINUTE).view().recheck_ms
    assert recheck_ms == 10 * MINUTE
    assert shown(who.wait(recheck_ms).send("_recheck")) == ["permission"]


def test_a_question_that_never_comes_back_asks_for_no_recheck() -> None:
    who = hanako(Purpose("record", "unknown"))
    ends(who, who.view(), "later")
    assert who.view().recheck_ms is None


def test_a_closed_tab_or_a_timer_leaves_the_question_without_an_answer() -> None:
    for by in ("timer", "navigation"):
        who = hanako()
        taken = who.view()
        who.opens(taken)
        who.closes(taken, by=by)
        assert who.profile.asked["record"].answer == "ignored"


def test_two_tabs_ask_once() -> None:
    who = hanako()
    assert shown(who.view()) == ["permission"]
    assert who.view().event.gates == bytes([Gate.ASKED])
    assert shown(who.wait(HOUR).view()) == ["permission"], "a place that was never opened counts as ignored"


def test_closing_an_old_question_does_not_undo_a_later_answer() -> None:
    who = hanako()
    first = who.view()
    who.opens(first)
    second = who.wait(HOUR).view()
    who.opens(second)
    says(who, "later", reservation=second.handed[0].reserved.reservation)
    who.closes(first)
    assert who.profile.asked["record"].answer == "later"


def test_whoever_has_granted_is_not_asked_and_is_asked_anew_when_the_grant_has_expired() -> None:
    who = hanako(Purpose("record", "unknown", expires_days=365, ask_again=WAITS))
    ends(who, who.view(), "later")
    says(who, "granted")
    assert who.wait(10 * DAY).view().event.gates == bytes([Gate.ASKED])
    assert shown(who.wait(355 * DAY).view()) == ["permission"]


def test_a_withdrawal_waits_as_a_refusal_does() -> None:
    who = hanako()
    says(who, "granted")
    says(who, "withdrawn")
    assert who.wait(90 * DAY - 1).view().event.gates == bytes([Gate.ASKED])
    assert shown(who.wait(1).view()) == ["permission"]


def test_a_grant_under_another_policy_counts_no_more_where_the_purpose_asks_anew_and_a_refusal_still_does() -> None:
    renewed = Purpose("record", "unknown", policy="2026-10", reask=True, ask_again=WAITS)
    who = hanako(renewed)
    says(who, "granted", policy="2025-04")
    assert who.plan.consent(who.profile, "record", who.now) == "unknown"
    assert shown(who.view()) == ["permission"]
    says(who, "granted", policy="2026-10")
    assert who.plan.consent(who.profile, "record", who.now) == "granted"
    says(who, "denied", policy="2025-04")
    assert who.plan.consent(who.profile, "record", who.now) == "denied"
    kept = hanako(msgspec.structs.replace(renewed, reask=False))
    says(kept, "granted", policy="2025-04")
    assert kept.plan.consent(kept.profile, "record", kept.now) == "granted"


def test_the_profile_knows_how_a_consent_came_and_what_was_shown() -> None:
    who = hanako()
    says(who, "granted", policy="2026-10", source="template", text="d1K@1")
    given = who.profile.consents["record"]
    assert (given.state, given.policy, given.source, given.text, given.key[0]) == (
        "granted",
        "2026-10",
        "template",
        "d1K@1",
        who.now,
    )


def test_later_decides_nothing() -> None:
    who = hanako()
    says(who, "granted")
    says(who, "later")
    assert who.plan.consent(who.profile, "record", who.now) == "granted"


def test_a_test_counts_as_no_question() -> None:
    who = hanako()
    taken = who.view(test=True)
    who.send("_message_open", {"reservation": taken.handed[0].reserved.reservation}, test=True)
    who.send("consent", {"purpose": "record", "state": "later"}, test=True)
    assert waiting(who.profile, "record", who.plan.env.purposes, who.now) is None


def test_a_holdout_was_never_asked() -> None:
    arms = (Action("d1K", "plain", 0, template="modal"), Action("d1L", "none", 1000, holdout=True))
    who = hanako(RECORD, asking(actions=arms))
    who.opens(who.view())
    assert who.view().event.gates == bytes([Gate.HOLDOUT])


def test_why_compares_the_time_since_the_last_answer_with_its_wait() -> None:
    who = hanako()
    ends(who, who.view(), "closed")
    who.wait(DAY)
    told = why(who.profile, "permission", None, {}, who.plan, who.now, Names())
    (row,) = told.compared
    assert (told.gate, row.path, row.found) == (Gate.ASKED, "purposes.record.ask_again.closed", 86_400)
    assert (row.wanted_ja, row.wanted_en) == ("604,800 秒以上", "at least 604,800")
    says(who, "granted")
    (row,) = why(who.profile, "permission", None, {}, who.plan, who.now, Names()).compared
    assert (row.path, row.wanted_en, row.found) == ("campaign.asks", "not granted yet", "granted")


def request(who: Person) -> None:
    who.send("_consent_requested", {"campaign": "permission", "purpose": "record"}, source="console", page_view=None)


def test_whom_staff_wish_to_ask_is_asked_at_the_next_moment_whatever_was_answered_before() -> None:
    who = hanako(RECORD, asking(stop=Stop(shown=1), audience=NOBODY), campaign("welcome", frequency=OFTEN, priority=1))
    assert shown(who.view()) == ["welcome"]
    request(who)
    assert why(who.profile, "permission", None, {}, who.plan, who.now, Names()).gate == Gate.SHOWN
    taken = who.view()
    assert shown(taken) == ["permission"], "it comes before what has a smaller priority"
    assert shown(who.view()) == ["welcome"], "one question at a time"
    who.opens(taken)
    assert shown(who.view()) == ["welcome"], "and only once"


def test_a_wish_to_ask_ends_with_an_answer_with_a_day_and_with_the_emergency_stop() -> None:
    never = asking(audience=NOBODY)
    for ending in ("answer", "day", "stop"):
        who = hanako(RECORD, never)
        request(who)
        if ending == "answer":
            says(who, "denied")
        elif ending == "day":
            who.wait(DAY)
        else:
            who.adopt(project(never, purposes=(RECORD,), messages_stopped=True))
        assert shown(who.view()) == []


def test_whoever_has_granted_is_not_asked_by_staff_either() -> None:
    who = hanako()
    says(who, "granted")
    who.wait(1)
    request(who)
    assert who.view().event.gates == bytes([Gate.ASKED])


def test_two_people_who_become_one_have_given_the_later_of_their_answers() -> None:
    of = project(asking(), purposes=(RECORD,))
    hanako, also = Person(of, "hanako"), Person(of, "phone")
    ends(hanako, hanako.view(), "closed")
    also.wait(MINUTE)
    ends(also, also.view(), "later")
    request(also)
    cause = also.log[-1]
    merge(hanako.profile, also.profile, "u-1", cause, also.now, hanako.plan)  # type: ignore[arg-type]
    assert hanako.profile.asked["record"].answer == "later"
    assert hanako.profile.requested["record"].campaign == "permission"


def test_a_profile_from_before_there_were_answers_is_read() -> None:
    who = hanako()
    ends(who, who.view(), "later")
    says(who, "granted", policy="2026-10", source="api")
    fields: list[object] = msgspec.msgpack.decode(profiles.pack(who.profile))
    names = [field.name for field in msgspec.structs.fields(Profile)]
    fields[names.index("consents")] = {"record": [[1, 1, 0, "a"], "granted"]}
    fields[names.index("leases")] = []
    old = profiles.unpack(msgspec.msgpack.encode(fields[: names.index("asked")]))
    assert (old.consents["record"].state, old.consents["record"].policy, old.asked, old.requested) == ("granted", "", {}, {})


def test_only_a_withdrawal_of_a_purpose_that_erases_takes_away_what_was_collected() -> None:
    for erase, state, erases in ((True, "withdrawn", True), (False, "withdrawn", False), (True, "denied", False)):
        of = project(asking(), purposes=(Purpose("record", "unknown", erase=erase),))
        who = Person(of)
        says(who, "granted")
        says(who.wait(MINUTE), state)
        assert erased_until(who.profile, "record", of) == (who.now if erases else None)
