"""Test delivery at the edge: what a link shows, what it tells, and that nothing of it counts."""

from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from tests.integration.edge_house import NOON, STAGING, House, house, midori, visitor, welcome

from omotenashi.engine.trial import opened, token
from omotenashi.ledger.port import Switches
from omotenashi.model.campaigns import Action, Campaign, Frequency, Gap, GoalRule, Project, Purpose, Schedule, Stop, Testers
from omotenashi.model.entries import Goal, Reserved
from omotenashi.model.rules import Compare, Fact, Field, Op
from omotenashi.model.trials import Trial

SECRET = "the identity secret of midori"
DRAFT = welcome(live=False, draft=True)
NEVER = Compare(Fact("visits"), Op.GT, 99)
HOUR = 3_600_000


def shop(*campaigns: Campaign, **changes: Any) -> Project:
    return midori(*campaigns, identity_secret=SECRET, **changes)


def link(project: str = "midori", until: int = NOON + HOUR, **trial: Any) -> str:
    trial = trial or {"drafts": True}
    return token(SECRET, project, Trial(until=until, **trial))


def shown(answer: Any) -> list[str]:
    return [message["campaign"] for message in answer.json.get("messages", [])]


def gates(answer: Any) -> dict[str, str]:
    return {told["campaign"]: told["gate"] for told in answer.json["trace"]}


async def open_message(one: House, answer: Any, test: str | None) -> Any:
    return await one.track(one.event("_message_open", {"reservation": answer.json["messages"][0]["reservation"]}), test=test)


async def test_a_draft_is_shown_to_who_opened_a_link_and_to_nobody_else(tmp_path: Path) -> None:
    async with house(tmp_path, shop(DRAFT)) as one:
        tester = await one.track(one.event("view"), test=link())
        other = await one.track(one.event("view"), visitor=visitor("taro"))
        assert shown(tester) == ["welcome"]
        assert shown(other) == []
        assert "trace" not in other.json
        assert [event.test for event in one.events("view")] == [True, False]
        assert [entry.test for entry in one.entries() if isinstance(entry, Reserved)] == [True]


@pytest.mark.parametrize(
    "changes",
    [
        {"audience": NEVER},
        {"schedule": Schedule(end=NOON - HOUR)},
        {"stop": Stop(shown=0)},
        {"actions": (Action("h", "holdout", 1000, holdout=True), Action("d1K", "plain", 0, template="modal"))},
        {"actions": (Action("d1K", "plain", 0, template="modal"),)},
        {"live": False},
    ],
    ids=["audience", "schedule", "stop", "holdout", "arm", "paused"],
)
async def test_a_named_campaign_is_shown_whatever_would_withhold_it_from_others(changes: Any, tmp_path: Path) -> None:
    async with house(tmp_path, shop(welcome(**changes), cap_per_day=1, global_holdout=1000)) as one:
        for page in ("one", "two", "three"):
            answer = await one.track(
                one.event("view"),
                test=link(campaigns=("welcome",)),
                page={"id": page, "url": "https://midori.example/", "visible": True},
            )
            assert shown(answer) == ["welcome"]
            assert answer.json["messages"][0]["html"] == "<p>plain</p>"
            await open_message(one, answer, link())


async def test_trigger_pages_consent_and_the_emergency_stop_hold_for_a_test_too(tmp_path: Path) -> None:
    campaigns = [
        welcome(id="trigger", where=Compare(Field(("path",)), Op.EQ, "/cart"), live=False, draft=True),
        welcome(id="page", pages=Compare(Field(("path",)), Op.EQ, "/sale"), live=False, draft=True),
        welcome(id="consent", consent="mail", live=False, draft=True),
    ]
    project = shop(*campaigns, purposes=(Purpose("mail", "unknown"),))
    async with house(tmp_path, project) as one:
        answer = await one.track(one.event("view"), test=link())
        assert gates(answer) == {"trigger": "trigger", "page": "page", "consent": "consent"}
        looked = answer.json["trace"][1]["compared"]
        assert looked == [{"subject": looked[0]["subject"], "wanted": looked[0]["wanted"], "found": "/"}]
        assert "/sale" in looked[0]["wanted"]
        one.office.switch("midori", Switches(messages_stopped=True))
        one.edge.projects.look()
        assert set(gates(await one.track(one.event("view"), test=link())).values()) == {"stopped_by_switch"}


async def test_a_test_tells_every_listening_campaign_and_the_comparison_that_failed(tmp_path: Path) -> None:
    sale = welcome(id="sale", name="Sale", audience=NEVER, exclusive=False)
    greeting = welcome(exclusive=False)
    async with house(tmp_path, shop(greeting, sale)) as one:
        view = one.event("view")
        answer = await one.track(view, test=link(), language="en")
        first, second = answer.json["trace"]
        assert (first["event"], first["campaign"], first["name"], first["gate"]) == (view["id"], "welcome", "Welcome", "shown")
        assert first["reservation"] == answer.json["messages"][0]["reservation"]
        assert (second["gate"], second["compared"]) == (
            "audience",
            [{"subject": "the number of visits", "wanted": "is more than 99", "found": 1}],
        )
        in_japanese = await one.track(one.event("view"), test=link(), language="ja")
        assert in_japanese.json["trace"][1]["compared"][0]["subject"] == "来訪回数"


async def test_what_is_tested_comes_before_live_campaigns_and_one_at_a_time_is_told_with_its_winner(tmp_path: Path) -> None:
    live = welcome(id="live", priority=1)
    draft = welcome(id="zz", priority=900, live=False, draft=True)
    async with house(tmp_path, shop(live, draft)) as one:
        answer = await one.track(one.event("view"), test=link())
        assert shown(answer) == ["zz"]
        assert [(told["campaign"], told["gate"], told.get("winner")) for told in answer.json["trace"]] == [
            ("live", "suppressed", "zz"),
            ("zz", "shown", None),
        ]


async def test_a_text_that_cannot_be_written_is_told_as_such(tmp_path: Path) -> None:
    broken = Action("d1K", "plain", 1000, template="modal", texts={"text": "broken"})
    async with house(tmp_path, shop(welcome(actions=(broken,)))) as one:
        answer = await one.track(one.event("view"), test=link())
        assert (gates(answer), shown(answer)) == ({"welcome": "unwritten"}, [])
        assert "reservation" not in answer.json["trace"][0]


async def test_a_link_can_ask_for_one_action(tmp_path: Path) -> None:
    arms = (Action("a1", "first", 1000, template="modal"), Action("b2", "second", 0, template="modal"))
    async with house(tmp_path, shop(welcome(actions=arms))) as one:
        answer = await one.track(one.event("view"), test=link(actions=("b2",)))
        assert answer.json["messages"][0]["action"] == "b2"


async def test_a_test_takes_no_place_moves_nobody_into_an_arm_and_reaches_no_goal(tmp_path: Path) -> None:
    campaign = welcome(frequency=Frequency("user"), goal=GoalRule("buy", window="session"), stop=Stop(closed=1))
    async with house(tmp_path, shop(campaign, cap_per_day=1, gap=Gap(seconds=600))) as one:
        tested = await one.track(one.event("view"), test=link(campaigns=("welcome",)))
        reservation = {"reservation": tested.json["messages"][0]["reservation"]}
        await one.track(
            one.event("_message_open", reservation),
            one.event("_message_click", {**reservation, "name": "link"}),
            one.event("_message_close", {**reservation, "by": "button"}),
            one.event("buy"),
            test=link(),
        )
        profile = one.profile(visitor())
        delivery = profile.deliveries["welcome"]
        assert (delivery.arm, delivery.shown, delivery.clicked, delivery.closed, delivery.exposed_at) == (None, 0, 0, 0, None)
        assert (profile.caps, profile.message_at, profile.visits) == ({}, 0, 1)
        assert not [entry for entry in one.entries() if isinstance(entry, Goal)]
        real = await one.track(one.event("view"), page={"id": "page-2", "url": "https://midori.example/", "visible": True})
        assert shown(real) == ["welcome"]


async def test_what_is_done_with_a_tested_message_stays_a_test_when_the_test_is_over(tmp_path: Path) -> None:
    async with house(tmp_path, shop(DRAFT)) as one:
        answer = await one.track(one.event("view"), test=link())
        await open_message(one, answer, None)
        assert one.events("_message_open")[0].test


@pytest.mark.parametrize(
    "said",
    [
        link(until=NOON),
        link(project="another"),
        token("another secret", "midori", Trial(drafts=True, until=NOON + HOUR)),
        token("", "midori", Trial(drafts=True, until=NOON + HOUR)),
        f"{link()}x",
        link().replace(".", ""),
        f"{urlsafe_b64encode(b'[1]').decode()}.AAAA",
        "",
        ".",
        "é.é",
        "x" * 5_000,
    ],
)
async def test_a_token_that_is_over_or_not_ours_shows_nothing_and_says_so(said: str, tmp_path: Path) -> None:
    async with house(tmp_path, shop(DRAFT)) as one:
        answer = await one.track(one.event("view"), test=said)
        assert answer.json == {"accepted": 1, "testOver": True}
        assert not one.events("view")[0].test


def test_a_project_without_a_secret_opens_no_link() -> None:
    assert opened("", "midori", token("", "midori", Trial(drafts=True, until=NOON + HOUR)), NOON) is None


async def test_test_people_test_wherever_they_are_known(tmp_path: Path) -> None:
    project = shop(DRAFT, testers=Testers(("u-1",), ("hanako@midori.example",)))
    async with house(tmp_path, project) as one:
        before = await one.track(one.event("view"))
        assert "trace" not in before.json
        named = await one.track(one.event("identify", {"user_id": "u-1"}), one.event("view"))
        assert shown(named) == ["welcome"]
        by_mail = await one.track(
            one.event("attribute", {"email": "Hanako@midori.example"}), one.event("view"), visitor=visitor("taro")
        )
        assert gates(by_mail) == {"welcome": "shown"}
        assert [event.test for event in one.events() if event.source == "tag"] == [False, True, True, True, True]


async def test_one_of_the_test_people_can_be_a_visitor_like_others(tmp_path: Path) -> None:
    async with house(tmp_path, shop(DRAFT, testers=Testers(("u-1",)))) as one:
        answer = await one.track(one.event("identify", {"user_id": "u-1"}), one.event("view"), test="off")
        assert answer.json == {"accepted": 2}
        assert not any(event.test for event in one.events())


async def test_a_link_works_at_an_address_of_staff_and_under_the_staging_key(tmp_path: Path) -> None:
    async with house(tmp_path, shop(DRAFT, staff_addresses=("203.0.113.0/24",))) as one:
        assert (await one.track(one.event("view"))).json == {"accepted": 0}
        assert shown(await one.track(one.event("view"), test=link())) == ["welcome"]
        staging = await one.track(one.event("view"), test=link(), key=STAGING, visitor=visitor("taro"))
        assert shown(staging) == ["welcome"]
