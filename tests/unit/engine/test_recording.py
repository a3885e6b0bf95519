"""Whose screen is recorded, and from which event on it is not any more."""

import msgspec
import pytest

from omotenashi.engine.recording import Recorded, Recording, is_sampled
from omotenashi.model.campaigns import Action, Campaign, Purpose, Recorder
from omotenashi.model.ids import PageViewId, ProjectId, SessionId, VisitorId
from omotenashi.model.rules import Compare, Fact, Field, Op

from .person import MINUTE, Person, campaign, project

RECORD = Purpose("record", "unknown")
TWICE = Compare(Fact("visits"), Op.GE, 2)
DELIVERS: Campaign = campaign(
    "recorder", actions=(Action("r1K", "records", 1000, template="recorder"),), script=True, audience=TWICE
)


def recorded(who: Person, page: str | None = "/") -> str:
    """The session's recording, or the reason why there is none."""
    values = None if page is None else {"path": page, "url": f"https://midori.example{page}"}
    asked = Recording(who.plan).asked(who.profile, VisitorId(who.visitor), values, who.now)
    return asked.session if isinstance(asked, Recorded) else asked.value


def hanako(recorder: Recorder | None, *campaigns: Campaign, **changes: object) -> Person:
    who = Person(project(*campaigns, recorder=recorder, **changes))
    who.view()
    return who


def session(who: Person) -> str:
    return who.profile.streams[VisitorId(who.visitor)].session


def test_nobody_is_recorded_where_nothing_is_configured() -> None:
    assert recorded(hanako(None)) == "off"


def test_everybody_is_recorded_where_the_rule_leaves_nobody_out() -> None:
    who = hanako(Recorder())
    assert recorded(who) == session(who)


def test_the_emergency_stop_comes_before_everything() -> None:
    assert recorded(hanako(Recorder(), recording_stopped=True)) == "stopped"


def test_only_those_who_granted_are_recorded_from_that_event_until_they_withdraw() -> None:
    who = hanako(Recorder(consent="record"), purposes=(RECORD,))
    assert recorded(who) == "no_consent"
    who.send("consent", {"purpose": "record", "state": "granted"})
    assert recorded(who) == session(who)
    who.send("consent", {"purpose": "record", "state": "withdrawn"})
    assert recorded(who) == "no_consent"


def test_whoever_may_not_be_measured_is_not_recorded_either() -> None:
    who = hanako(Recorder(), purposes=(Purpose("measure", "unknown"),))
    assert recorded(who) == "no_consent"


def test_the_rule_over_people_is_true_at_once_and_false_at_once() -> None:
    who = hanako(Recorder(who=Compare(Fact("views"), Op.GE, 2)))
    assert recorded(who) == "audience"
    who.view()
    assert recorded(who) == session(who)


def test_only_the_pages_of_the_rule_are_recorded() -> None:
    who = hanako(Recorder(pages=Compare(Field(("path",)), Op.STARTS, "/tea")))
    assert recorded(who, "/tea/sencha") == session(who)
    assert recorded(who, "/account") == "page"
    assert recorded(who, None) == "page"


def test_a_page_that_is_not_known_any_more_matters_only_where_pages_do() -> None:
    who = hanako(Recorder())
    assert recorded(who, None) == session(who)


@pytest.mark.parametrize("share", [0, 1, 250, 999, 1000])
def test_a_share_of_the_visits_is_the_same_share_whoever_asks(share: int) -> None:
    visits = [SessionId(f"s{n}") for n in range(4_000)]
    chosen = [visit for visit in visits if is_sampled(ProjectId("midori"), visit, share)]
    assert chosen == [visit for visit in visits if is_sampled(ProjectId("midori"), visit, share)]
    assert abs(len(chosen) - 4 * share) <= 100
    assert set(chosen) <= {visit for visit in visits if is_sampled(ProjectId("midori"), visit, 1000)}


def test_a_visit_outside_the_share_says_so() -> None:
    assert recorded(hanako(Recorder(share=0))) == "sample"


def test_a_visit_is_recorded_until_its_last_minute() -> None:
    who = hanako(Recorder(max_minutes=20))
    who.wait(10 * MINUTE).view()
    who.wait(10 * MINUTE)
    assert recorded(who) == session(who)
    who.wait(1)
    assert recorded(who) == "too_long"


def test_a_visit_that_was_silent_for_too_long_is_over_and_the_next_is_another_recording() -> None:
    who = hanako(Recorder())
    first = session(who)
    who.wait(30 * MINUTE)
    assert recorded(who) == first
    who.wait(1)
    assert recorded(who) == "over"
    who.view()
    assert recorded(who) == session(who) != first


def opened(who: Person) -> None:
    taken = who.view()
    assert [each.reserved.campaign for each in taken.handed] == ["recorder"]
    who.opens(taken)


def test_whom_a_campaign_delivers_the_recorder_is_recorded_until_its_audience_is_false() -> None:
    few = msgspec.structs.replace(DELIVERS, audience=Compare(Fact("views"), Op.LE, 2))
    who = Person(project(few))
    opened(who)
    assert recorded(who) == session(who)
    who.view()
    assert recorded(who) == session(who)
    who.view()
    assert recorded(who) == "audience"


def test_a_recorder_that_was_delivered_in_an_earlier_visit_is_delivered_anew() -> None:
    who = Person(project(msgspec.structs.replace(DELIVERS, audience=Compare(Fact("visits"), Op.GE, 1))))
    opened(who)
    who.wait(31 * MINUTE).send("cart")
    assert recorded(who) == "audience"
    opened(who)
    assert recorded(who) == session(who)


def test_a_campaign_that_is_paused_records_nobody_any_more() -> None:
    everyone = msgspec.structs.replace(DELIVERS, audience=Compare(Fact("visits"), Op.GE, 1))
    who = Person(project(everyone))
    opened(who)
    who.adopt(project(msgspec.structs.replace(everyone, live=False)))
    assert recorded(who) == "off"


def test_a_rule_by_campaigns_leaves_everybody_else_out_and_keeps_its_limits() -> None:
    everyone = msgspec.structs.replace(DELIVERS, audience=Compare(Fact("visits"), Op.GE, 1))
    who = Person(project(everyone, recorder=Recorder(by="campaign", max_minutes=1)))
    who.send("cart")
    assert recorded(who) == "audience"
    opened(who)
    assert recorded(who) == session(who)
    assert recorded(who.wait(MINUTE + 1)) == "too_long"
    assert PageViewId(who.page_view) in who.profile.page_views
