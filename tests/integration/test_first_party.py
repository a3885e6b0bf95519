"""The visitor cookie, renewed by an edge that is mounted under the site's own host, and by no other."""

from pathlib import Path

import pytest
from tests.integration.edge_house import house, midori, visitor

SHOP = "https://www.midori.example"
OWN = {"origin": SHOP, "host": "www.midori.example", "cookie": f"other=1; _omo={visitor()}; more=2"}
PROJECT = midori(cookie_domain="midori.example")


async def test_a_page_of_the_same_host_gets_its_cookie_for_two_more_years(tmp_path: Path) -> None:
    async with house(tmp_path, PROJECT) as one:
        answer = await one.track(one.event("view"), headers=OWN)
        assert answer.headers["set-cookie"] == (
            f"_omo={visitor()}; Domain=midori.example; Path=/; Max-Age=63072000; SameSite=Lax; Secure"
        )
        plain = {**OWN, "origin": "http://midori.example:8080", "host": "midori.example:8080"}
        assert "Secure" not in (await one.track(one.event("view"), headers=plain)).headers["set-cookie"]


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "https://notmidori.example", "host": "notmidori.example"},
        {"origin": "https://shop.midori.example"},
        {"origin": "null"},
        {"origin": ""},
        {"host": ""},
        {"host": "edge.midori.example"},
        {"cookie": ""},
        {"cookie": f"_omo={visitor('taro')}"},
        {"cookie": f"x_omo={visitor()}"},
    ],
    ids=str,
)
async def test_no_other_request_sets_a_cookie(changes: dict[str, str], tmp_path: Path) -> None:
    async with house(tmp_path, PROJECT) as one:
        answer = await one.track(one.event("view"), headers={**OWN, **changes})
        assert (answer.status, "set-cookie" in answer.headers) == (200, False)


async def test_without_a_cookie_domain_and_for_who_opted_out_there_is_none(tmp_path: Path) -> None:
    async with house(tmp_path, PROJECT) as one:
        assert "set-cookie" not in (await one.track(one.event("view"), headers=OWN, opted_out=True)).headers
    async with house(tmp_path / "two", midori()) as one:
        assert "set-cookie" not in (await one.track(one.event("view"), headers=OWN)).headers


async def test_a_browser_that_becomes_somebody_else_gets_the_new_id_in_its_cookie(tmp_path: Path) -> None:
    async with house(tmp_path, PROJECT) as one:
        await one.track(one.event("identify", {"user_id": "u-1"}), headers=OWN)
        answer = await one.track(one.event("identify", {"user_id": "u-2"}), headers=OWN)
        assert answer.headers["set-cookie"].startswith(f"_omo={answer.json['visitor']}; ")
