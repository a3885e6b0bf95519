"""A visitor's support code: six digits of their own for a quarter of an hour, and nobody else's way to them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from omotenashi.edge import support
from omotenashi.edge.limits import Allowance

from .edge_house import PUBLIC, SECRET, House, Response, house, midori, request, visitor

MINUTE = 60_000


async def ask(one: House, name: str = "hanako", peer: str = "203.0.113.9", **changes: Any) -> Response:
    body = msgspec.json.encode({"key": PUBLIC, "visitor": visitor(name), **changes})
    return await request(one.edge.public, "POST", "/v1/support-code", body, peer=peer)


async def look(one: House, code: str, project: str = "midori") -> str:
    answer = await one.ours("POST", "/internal/support-codes", {"project": project, "code": code})
    assert answer.status == 200, answer.body
    return str(answer.json["person"])


async def test_the_code_leads_to_the_person_until_its_time_is_over(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.track(one.event("view"))
        told = await ask(one)
        assert told.json["leftMs"] == 15 * MINUTE
        code = told.json["code"]
        assert len(code) == 6
        assert code.isdecimal()
        assert await look(one, code) == one.profile(visitor()).person
        one.now += 15 * MINUTE - 1
        assert await look(one, code) == visitor()
        one.now += 1
        assert await look(one, code) == ""


async def test_who_asks_again_is_told_the_same_code_and_gets_a_new_one_afterwards(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        first = (await ask(one)).json
        one.now += 5 * MINUTE
        again = (await ask(one)).json
        assert (again["code"], again["leftMs"]) == (first["code"], 10 * MINUTE)
        other = (await ask(one, "taro")).json
        assert other["code"] != first["code"]
        one.now += 10 * MINUTE
        renewed = (await ask(one)).json
        assert renewed["leftMs"] == 15 * MINUTE
        assert await look(one, renewed["code"]) == visitor()


async def test_a_code_leads_nowhere_in_another_project(tmp_path: Path) -> None:
    async with house(tmp_path, midori(), midori(id="kura", keys=())) as one:
        code = (await ask(one)).json["code"]
        assert await look(one, code, "kura") == ""
        unknown = await one.ours("POST", "/internal/support-codes", {"project": "nowhere", "code": code})
        assert (unknown.status, unknown.error["where"]) == (404, "project")


async def test_only_our_own_console_may_look(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        body = msgspec.json.encode({"project": "midori", "code": "000000"})
        assert (await request(one.edge.internal, "POST", "/internal/support-codes", body)).status == 401
        assert (await request(one.edge.public, "POST", "/internal/support-codes", body)).status == 404


@pytest.mark.parametrize(
    ("changes", "status", "where"),
    [
        ({"key": SECRET}, 403, "key"),
        ({"key": "nobody"}, 401, "key"),
        ({"visitor": "short"}, 400, "visitor"),
        ({"visitor": 7}, 400, "visitor"),
    ],
)
async def test_what_is_no_page_of_the_project_gets_none(tmp_path: Path, changes: dict[str, Any], status: int, where: str) -> None:
    async with house(tmp_path) as one:
        refused = await ask(one, **changes)
        assert (refused.status, refused.error["where"]) == (status, where)


async def test_one_address_and_one_project_have_only_so_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "MOST_OF_ADDRESS", 3)
    monkeypatch.setattr(support, "MOST", 5)
    async with house(tmp_path) as one:
        for number in range(3):
            assert (await ask(one, f"v{number}")).status == 200
        refused = await ask(one, "v3")
        assert (refused.status, refused.error["where"]) == (429, "address")
        assert (await ask(one, "v0")).status == 200, "who has one keeps it"
        for number in range(3, 5):
            assert (await ask(one, f"v{number}", peer="203.0.113.10")).status == 200
        assert (await ask(one, "v9", peer="203.0.113.11")).status == 503
        one.now += 15 * MINUTE
        assert (await ask(one, "v9")).status == 200


async def test_asking_too_fast_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path, allowance=Allowance(per_visitor=2)) as one:
        assert [(await ask(one)).status for _ in range(3)] == [200, 200, 429]
