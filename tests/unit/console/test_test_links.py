"""Test links as staff make them, and as the edge opens them."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.unit.configuration.folders import SMALL, fresh_key
from tests.unit.console.consoles import NOON, House, console

from omotenashi.engine.trial import opened
from omotenashi.model.ids import Instant, ProjectId
from omotenashi.model.trials import Trial

WAY = "/api/projects/shop/test-links"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[House]:
    with console(tmp_path) as house:
        project = SMALL["project.yaml"] + "origins: [https://shop.example]\n"
        assert house.apply({**SMALL, "project.yaml": project})[0] == 200
        yield house


def _trial(url: str, now: int = NOON) -> Trial | None:
    (said,) = parse_qs(urlsplit(url).query)["omotenashi_test"]
    return opened(fresh_key("identity"), ProjectId("shop"), said, Instant(now))


def test_a_link_shows_every_draft_for_a_day_when_nothing_is_named(shop: House) -> None:
    status, found = shop.ask("POST", WAY, {"url": "https://shop.example/tea?size=100%20g&sale#top"})
    assert status == 200
    assert found["until"] == NOON + 24 * 3_600_000
    assert found["url"].startswith("https://shop.example/tea?size=100%20g&sale&omotenashi_test=")
    assert found["url"].endswith("#top")
    assert _trial(found["url"].removesuffix("#top")) == Trial(drafts=True, until=Instant(found["until"]))
    assert _trial(found["url"].removesuffix("#top"), found["until"]) is None


def test_a_link_of_named_campaigns_and_actions_shows_no_other_draft(shop: House) -> None:
    action = next(iter(shop.ask("GET", "/api/projects/shop/names")[1]["actions"]))
    asked = {"url": "https://shop.example/?omotenashi_test=old", "campaigns": ["hello"], "actions": [action], "hours": 2}
    found = shop.ask("POST", WAY, asked)[1]
    trial = _trial(found["url"])
    assert trial == Trial(campaigns=("hello",), actions=(action,), until=Instant(NOON + 2 * 3_600_000))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "status", "where", "words"),
    [
        ({"url": "shop.example"}, 400, "url", "expected the address of a page"),
        ({"url": "https://[shop"}, 400, "url", "expected the address of a page"),
        ({"url": "javascript:alert(1)"}, 400, "url", "expected the address of a page"),
        ({"url": "https://elsewhere.example/"}, 400, "url", "expected a page of https://shop.example"),
        ({"url": "https://shop.example/", "campaigns": ["bye"]}, 404, "campaign", "no campaign 'bye'; there are hello"),
        ({"url": "https://shop.example/", "actions": ["bye"]}, 404, "actions", "no action 'bye'"),
        ({"url": "https://shop.example/", "hours": 0}, 400, "hours", ""),
    ],
)
def test_a_link_that_could_not_work_is_refused(asked: object, status: int, where: str, words: str, shop: House) -> None:
    found, answer = shop.ask("POST", WAY, asked)
    assert (found, answer["error"]["where"]) == (status, where)
    assert words in answer["error"]["message"]
