"""Whoever asks in Japanese is told in Japanese what is wrong; whoever does not say, in English."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import House, console

from omotenashi.console.speaking import language_of

DRAFT = "/api/projects/shop/drafts/campaigns/hello"
SURPRISE = {**SMALL, "project.yaml": SMALL["project.yaml"] + "gap: {seconds: soon}\n"}


@pytest.fixture
def english(tmp_path: Path) -> Iterator[House]:
    with console(tmp_path) as one:
        assert one.apply(SMALL)[0] == 200
        yield one


@pytest.fixture
def japanese(english: House) -> House:
    english.client.headers["Accept-Language"] = "ja-JP,ja;q=0.9,en;q=0.8"
    return english


def test_a_refused_configuration_says_what_to_write_in_japanese(japanese: House) -> None:
    status, answer = japanese.apply(SURPRISE)
    assert (status, answer["error"]["code"], answer["error"]["message"]) == (
        422,
        "bad_configuration",
        "1件の問題があります。何も変更していません。",
    )
    (problem,) = answer["error"]["problems"]
    assert (problem["path"], problem["message"]) == ("gap.seconds", "0以上の整数を指定してください（入力：「soon」）。")


def test_the_place_of_a_refusal_stays_as_it_is(japanese: House, english: House) -> None:
    here = japanese.apply(SURPRISE)[1]["error"]["where"]
    del english.client.headers["Accept-Language"]
    assert here.rpartition(": ")[0] == english.apply(SURPRISE)[1]["error"]["where"].rpartition(": ")[0]


def test_programs_are_told_in_english(english: House) -> None:
    (problem,) = english.apply(SURPRISE)[1]["error"]["problems"]
    assert problem["message"] == 'expected a whole number, 0 or more; found "soon"'


def test_what_is_not_there_is_told_in_japanese(japanese: House) -> None:
    error = japanese.ask("GET", "/api/projects/shop/campaigns/nobody/report")[1]["error"]
    assert (error["code"], error["message"]) == (
        "not_found",
        "接客サービス「nobody」はありません。あるのは次のとおりです：hello",
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        (
            "PUT",
            DRAFT,
            {"revision": 0, "document": {"name": "Hello", "trigger": {"event": "view"}, "actions": []}},
            "1つ以上のアクションを指定してください（入力：なし）。",
        ),
        ("POST", "/api/projects/shop/rules/read", {"rule": {"fact": "visits"}}, "比べ方を指定してください：=, !=, >"),
        (
            "POST",
            "/api/projects/shop/preview",
            {"action": {"template": "card", "texts": {"title": "Hi", "titel": "Hi"}}},
            "テンプレート card に変数「titel」はありません。",
        ),
    ],
)
def test_problems_are_told_in_japanese_wherever_they_are_answered(
    japanese: House, method: str, path: str, body: Any, said: str
) -> None:
    status, answer = japanese.ask(method, path, body)
    assert (status, [problem["message"][: len(said)] for problem in answer["problems"]]) == (200, [said])


def test_a_draft_that_somebody_else_changed_says_its_problems_in_japanese(japanese: House) -> None:
    wrong = {"name": "Hello", "trigger": {"event": "view"}, "actions": []}
    japanese.ask("PUT", DRAFT, {"revision": 0, "document": wrong})
    status, answer = japanese.ask("PUT", DRAFT, {"revision": 0, "text": "name: Other\n"})
    assert status == 409
    (problem,) = answer["error"]["dispute"]["draft"]["problems"]
    assert problem["message"] == "1つ以上のアクションを指定してください（入力：なし）。"


def test_what_doctor_finds_is_told_in_japanese(japanese: House) -> None:
    told = {fact["name"]: fact["message"] for fact in japanese.ask("GET", "/api/doctor")[1]}
    assert (told["edge"], told["disk"]) == ("応答しています。ログに書き込めます。", "plenty")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("*", "en"),
        ("ja", "ja"),
        ("en-GB,ja;q=0.5", "en"),
        ("fr, ja;q=0.3", "ja"),
        ("en;q=0.2, ja;q=0.7", "ja"),
        ("ja;q=0", "en"),
        ("ja;q=much", "en"),
    ],
)
def test_the_language_is_the_one_that_a_request_likes_best(accepted: str, language: str) -> None:
    assert language_of({"accept-language": accepted}) == language
