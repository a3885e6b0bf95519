"""Whoever withdraws ``measure``, where that erases, is forgotten at once; only their choices stay, and hold."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from omotenashi.model.campaigns import Project, Purpose
from omotenashi.model.entries import Erased

from .edge_house import House, house, midori, visitor

HANAKO, PHONE = visitor("hanako"), visitor("phone")


def shop(*, erase: bool = True) -> Project:
    """Measures until somebody objects."""
    return midori(purposes=(Purpose("measure", "granted", erase=erase), Purpose("mail", "unknown", policy="2026-10")))


async def says(one: House, name: str, values: dict[str, Any], **changes: Any) -> dict[str, Any]:
    one.now += 1_000
    answer = await one.track(one.event(name, values), **changes)
    return answer.json  # type: ignore[no-any-return]


async def lived(one: House) -> None:
    """Hanako is a member with two browsers, and may be written to."""
    await says(one, "identify", {"user_id": "m1", "mail": "hanako@midori.example"})
    await says(one, "identify", {"user_id": "m1"}, visitor=PHONE)
    await says(one, "view", {})
    await says(one, "consent", {"purpose": "mail", "state": "granted"})


def known(one: House, name: str) -> dict[str, tuple[str, str]]:
    profile = one.profile(name)
    assert profile.user_id is None
    assert profile.attributes == {}
    return {purpose: (chosen.state, chosen.source) for purpose, chosen in profile.consents.items()}


async def test_nothing_but_the_choices_is_left_and_they_hold_in_every_browser(tmp_path: Path) -> None:
    async with house(tmp_path, shop()) as one:
        await lived(one)
        given_at = one.now
        assert await says(one, "consent", {"purpose": "measure", "state": "withdrawn"}) == {"accepted": 1}
        for name in (HANAKO, PHONE):
            assert known(one, name) == {"mail": ("granted", "erasure"), "measure": ("withdrawn", "erasure")}
            assert (one.profile(name).consents["mail"].policy, one.profile(name).consents["mail"].key[0]) == ("2026-10", given_at)
            refused = await says(one, "view", {}, visitor=name)
            assert [each["code"] for each in refused["rejected"]] == ["consent"]
        (erased,) = [entry for entry in one.entries() if isinstance(entry, Erased)]
        assert erased.people == sorted([HANAKO, PHONE])
        after = one.entries()[one.entries().index(erased) + 1 :]
        assert {entry.name for entry in one.events() if entry in after} == {"consent"}
        await one.restart()
        for name in (HANAKO, PHONE):
            assert known(one, name)["measure"] == ("withdrawn", "erasure")


async def test_whoever_grants_it_again_is_somebody_new_and_may_withdraw_again(tmp_path: Path) -> None:
    async with house(tmp_path, shop()) as one:
        await lived(one)
        await says(one, "consent", {"purpose": "measure", "state": "withdrawn"})
        await says(one, "consent", {"purpose": "measure", "state": "granted"})
        assert (await says(one, "view", {}))["accepted"] == 1
        await says(one, "consent", {"purpose": "mail", "state": "denied"})
        assert len([entry for entry in one.entries() if isinstance(entry, Erased)]) == 1
        await says(one, "consent", {"purpose": "measure", "state": "withdrawn"})
        assert len([entry for entry in one.entries() if isinstance(entry, Erased)]) == 2
        assert known(one, HANAKO) == {"mail": ("denied", "erasure"), "measure": ("withdrawn", "erasure")}


@pytest.mark.parametrize("door", ["console", "server"])
async def test_it_does_not_matter_who_says_it(tmp_path: Path, door: str) -> None:
    async with house(tmp_path, shop()) as one:
        await lived(one)
        values = {"purpose": "measure", "state": "withdrawn"}
        if door == "console":
            asked = {"project": "midori", "user_id": "m1", "key": "k", "events": [{"name": "consent", "values": values}]}
            await one.ours("POST", "/internal/events", asked)
        else:
            event = {"id": "s1", "name": "consent", "user_id": "m1", "values": values}
            answer = await one.secret("POST", "/v1/events", msgspec.json.encode({"events": [event]}))
            assert answer.json["accepted"] == 1
        assert known(one, HANAKO)["measure"] == known(one, PHONE)["measure"] == ("withdrawn", "erasure")


async def test_another_answer_and_a_purpose_that_erases_nothing_leave_everything(tmp_path: Path) -> None:
    async with house(tmp_path, shop(erase=False)) as one:
        await lived(one)
        await says(one, "consent", {"purpose": "measure", "state": "withdrawn"})
        assert one.profile(HANAKO).user_id == "m1"
    async with house(tmp_path / "denied", shop()) as one:
        await lived(one)
        await says(one, "consent", {"purpose": "measure", "state": "denied"})
        await says(one, "consent", {"purpose": "mail", "state": "withdrawn"})
        assert one.profile(HANAKO).user_id == "m1"
        assert not any(isinstance(entry, Erased) for entry in one.entries())
