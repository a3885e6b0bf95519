"""Fittings at the edge: what the console draws comes to who opened the link, soon, and to nobody else; nothing of it counts."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.integration.edge_house import NOON, PUBLIC, SECRET, Held, House, house, midori, visitor, welcome

from omotenashi.edge.fittings import MOST_VIEWERS
from omotenashi.edge.limits import Allowance
from omotenashi.engine.trial import token
from omotenashi.ledger.port import Switches
from omotenashi.model.campaigns import Key, Project, Testers
from omotenashi.model.entries import Reserved
from omotenashi.model.ids import CampaignId, Instant, ProjectId
from omotenashi.model.trials import Trial

SEAL = "the identity secret of midori"
NAME = "a-fitting-nobody-guesses"
HOUR = 3_600_000
TEA = {"kind": "modal", "html": "<h2>Tea</h2>", "css": "", "script": "", "display": {}}


def shop(**changes: Any) -> Project:
    return midori(welcome(), identity_secret=SEAL, **changes)


def link(fitting: str = NAME, project: str = "midori", until: int = NOON + HOUR, secret: str = SEAL) -> str:
    trial = Trial(campaigns=(CampaignId("welcome"),), until=Instant(until), fitting=fitting)
    return token(secret, ProjectId(project), trial)


class Tab(Held):
    """A page that asks once and waits."""

    def __init__(self, one: House, headers: dict[str, str] | None = None, **changes: Any) -> None:
        asked = {"key": PUBLIC, "test": link(), "visitor": visitor(), "after": "", "url": "https://midori.example/tea", **changes}
        super().__init__(one.edge.public, "/v1/fitting", asked, headers)


async def put(one: House, drawn: Any, fitting: str = NAME, project: str = "midori") -> Any:
    answer = await one.ours("POST", "/internal/fittings", {"project": project, "fitting": fitting, "drawn": drawn})
    assert answer.status == 200, answer.body
    return answer.json


async def told(one: House, fitting: str = NAME) -> Any:
    """What the console is told of the fitting, once whoever was asking has come to wait."""
    for _ in range(20):
        await asyncio.sleep(0)
    return (await one.ours("POST", "/internal/fittings", {"project": "midori", "fitting": fitting})).json


async def test_a_page_that_waits_is_told_of_each_change_and_the_console_of_who_looks(tmp_path: Path) -> None:
    async with house(tmp_path, shop()) as one:
        waiting = Tab(one)
        seen = await told(one)
        assert seen == {
            "mark": "",
            "viewers": [
                {"visitor": visitor(), "phone": False, "url": "https://midori.example/tea", "seen_at": NOON, "waiting": 1}
            ],
        }
        await put(one, {"ja": TEA, "en": TEA})
        first = (await waiting.answer()).json
        assert first["drawn"]["ja"] == TEA
        again = Tab(one, after=first["mark"])
        assert (await told(one))["viewers"][0]["waiting"] == 1
        await put(one, {"ja": {**TEA, "html": "<h2>Pots</h2>"}})
        second = (await again.answer()).json
        assert second["drawn"]["ja"]["html"] == "<h2>Pots</h2>"
        assert (await Tab(one, after=first["mark"]).answer()).json == second
        entries = one.entries()
        assert [entries, one.events()] == [entries[:1], []]


async def test_a_page_that_is_closed_is_not_there_any_more(tmp_path: Path) -> None:
    async with house(tmp_path, shop()) as one:
        tab, phone = Tab(one), Tab(one, test=link(f"{NAME}/phone"), visitor=visitor("taro"))
        assert [(seen["phone"], seen["waiting"]) for seen in (await told(one))["viewers"]] == [(False, 1), (True, 1)]
        await tab.close()
        assert [seen["waiting"] for seen in (await told(one))["viewers"]] == [0, 1]
        await phone.close()


@pytest.mark.parametrize(
    "said",
    [
        link(until=NOON),
        link(project="elsewhere"),
        link(secret="another secret"),
        token(SEAL, ProjectId("midori"), Trial(drafts=True, until=Instant(NOON + HOUR))),
        NAME,
        "",
    ],
    ids=["over", "another project's", "another secret's", "a test link", "a bare name", "nothing"],
)
async def test_a_link_that_is_not_good_here_shows_nothing_and_makes_nothing(said: str, tmp_path: Path) -> None:
    async with house(tmp_path, shop()) as one:
        await put(one, {"ja": TEA})
        assert (await Tab(one, test=said).answer()).json == {"over": True}
        assert (await told(one))["viewers"] == []


async def test_a_link_ends_while_a_page_waits(tmp_path: Path) -> None:
    async with house(tmp_path, shop()) as one:
        mark = (await put(one, {"ja": TEA}))["mark"]
        tab = Tab(one, after=mark)
        assert (await told(one))["viewers"][0]["waiting"] == 1
        one.now = NOON + HOUR
        assert (await tab.answer()).json == {"over": True}


async def test_another_projects_page_and_origin_and_a_secret_key_are_refused(tmp_path: Path) -> None:
    other = Project(ProjectId("other"), "Other", version=1, keys=(Key("other-key", "public"),), identity_secret=SEAL)
    async with house(tmp_path, shop(origins=("https://midori.example",)), other) as one:
        await put(one, {"ja": TEA})
        assert (await Tab(one, key="other-key").answer()).json == {"over": True}
        elsewhere = await Tab(one, {"origin": "https://elsewhere.example"}).answer()
        assert (elsewhere.status, elsewhere.error["code"]) == (403, "origin_not_allowed")
        assert (await Tab(one, {"origin": "https://midori.example"}).answer()).json["drawn"] == {"ja": TEA}
        assert (await Tab(one, key=SECRET).answer()).error["code"] == "wrong_key_kind"
        assert (await Tab(one, key="unknown").answer()).status == 401
        assert (await Tab(one, visitor="hanako").answer()).error["where"] == "visitor"
        assert (await Tab(one, test=7).answer()).error["where"] == "test"


async def test_nobody_asks_without_end_and_no_more_than_a_handful_wait(tmp_path: Path) -> None:
    async with house(tmp_path, shop(), allowance=Allowance(per_visitor=3)) as one:
        tabs = [Tab(one, visitor=visitor(f"v{number}")) for number in range(MOST_VIEWERS)]
        assert len((await told(one))["viewers"]) == MOST_VIEWERS
        assert (await Tab(one, visitor=visitor("late")).answer()).status == 429
        one.edge.close()
        assert [(await tab.answer()).status for tab in tabs] == [200] * MOST_VIEWERS
        statuses = [(await Tab(one, visitor=visitor("hasty")).answer()).status for _ in range(4)]
        assert statuses == [200, 200, 200, 429]


async def test_the_emergency_stop_takes_it_off_the_page(tmp_path: Path) -> None:
    async with house(tmp_path, shop()) as one:
        mark = (await put(one, {"ja": TEA}))["mark"]
        tab = Tab(one, after=mark)
        assert (await told(one))["viewers"][0]["waiting"] == 1
        one.office.switch("midori", Switches(messages_stopped=True))
        one.edge.projects.look()
        stopped = (await tab.answer()).json
        assert stopped == {"mark": f"{mark}!", "stopped": True}


async def test_the_campaign_in_force_gives_way_to_what_is_being_written(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome(), welcome(id="other", exclusive=False), identity_secret=SEAL)) as one:
        answer = (await one.track(one.event("view"), test=link())).json
        assert answer["fitting"] is True
        assert [message["campaign"] for message in answer["messages"]] == ["other"]
        assert {line["campaign"]: line["gate"] for line in answer["trace"]} == {"welcome": "not_answerable", "other": "shown"}
        assert [(entry.campaign, entry.test) for entry in one.entries() if isinstance(entry, Reserved)] == [("other", True)]
        assert [event.test for event in one.events("view")] == [True]
        assert "fitting" not in (await one.track(one.event("view"), visitor=visitor("taro"))).json


async def test_the_console_can_draw_for_its_projects_only_and_within_reason(tmp_path: Path) -> None:
    async with house(tmp_path, shop()) as one:
        for body, status in [
            ({"project": "nowhere", "fitting": NAME}, 404),
            ({"project": "midori", "fitting": "short"}, 400),
            ({"project": "midori", "fitting": NAME, "drawn": 7}, 400),
            ({"project": "midori", "fitting": NAME, "drawn": {"ja": "x" * 600_000}}, 413),
        ]:
            assert (await one.ours("POST", "/internal/fittings", body)).status == status
        assert (await told(one, "never-heard-of-this-fitting")) == {"mark": "", "viewers": []}


async def test_a_browser_that_is_a_test_person_sees_drafts_and_counts_nowhere(tmp_path: Path) -> None:
    project = midori(welcome(live=False, draft=True), identity_secret=SEAL, testers=Testers(visitors=(visitor(),)))
    async with house(tmp_path, project) as one:
        mine = (await one.track(one.event("view"))).json
        theirs = (await one.track(one.event("view"), visitor=visitor("taro"))).json
        assert [message["campaign"] for message in mine["messages"]] == ["welcome"]
        assert "messages" not in theirs
        assert [event.test for event in one.events("view")] == [True, False]
