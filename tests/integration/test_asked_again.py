"""The edge asks for a purpose again exactly when its policy says, whichever way the last question ended."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from omotenashi.model.campaigns import AskAgain, Frequency, Project, Purpose

from .edge_house import House, house, midori, welcome

HOUR, DAY = 3_600_000, 86_400_000
WAITS = AskAgain(ignored=HOUR, later=3 * DAY, closed=7 * DAY, refused=90 * DAY)


def shop(**changes: Any) -> Project:
    """A shop whose campaign asks whether it may record, at every view."""
    purpose = Purpose("record", "unknown", expires_days=365, policy="2026-10", ask_again=WAITS)
    return midori(welcome(asks="record", frequency=Frequency("access")), purposes=(msgspec.structs.replace(purpose, **changes),))


async def asked(one: House) -> str | None:
    """What another view brings: the reservation of the question, when it is asked."""
    one.count += 1
    page = {"id": f"page-{one.count}", "url": "https://midori.example/", "visible": True}
    found = (await one.track(one.event("view"), page=page)).json.get("messages", [])
    return found[0]["reservation"] if found else None


async def ends(one: House, how: str) -> None:
    """The question is seen, and ends in this way."""
    reservation = {"reservation": await asked(one)}
    consent = {"purpose": "record", **reservation}
    told = [one.event("_message_open", reservation)]
    if how in ("later", "refused", "granted"):
        told.append(one.event("consent", {**consent, "state": "denied" if how == "refused" else how}))
    by = {"ignored": "navigation", "closed": "escape"}.get(how, "button")
    told.append(one.event("_message_close", {**reservation, "by": by}))
    assert (await one.track(*told)).json["accepted"] == len(told)


@pytest.mark.parametrize(("how", "wait_ms"), msgspec.structs.asdict(WAITS).items())
async def test_each_answer_waits_its_own_time_also_over_a_restart(tmp_path: Path, how: str, wait_ms: int) -> None:
    async with house(tmp_path, shop()) as one:
        await ends(one, how)
        one.now += wait_ms - 1
        assert await asked(one) is None
        await one.restart()
        assert await asked(one) is None
        one.now += 1
        assert await asked(one) is not None


async def test_a_grant_is_asked_for_again_when_it_has_expired_and_not_before(tmp_path: Path) -> None:
    async with house(tmp_path, shop()) as one:
        await ends(one, "granted")
        one.now += 365 * DAY - 1
        assert await asked(one) is None
        one.now += 1
        assert await asked(one) is not None


@pytest.mark.parametrize(
    ("how", "reask", "is_asked"), [("granted", True, True), ("granted", False, False), ("refused", True, False)]
)
async def test_another_policy_asks_those_again_who_had_granted_where_the_purpose_says_so(
    tmp_path: Path, how: str, reask: bool, is_asked: bool
) -> None:
    async with house(tmp_path, shop(reask=reask)) as one:
        await ends(one, how)
        one.now += HOUR
        one.office.apply(msgspec.structs.replace(shop(reask=reask, policy="2027-04"), version=2))
        one.edge.projects.look()
        one.edge.start()
        assert (await asked(one) is not None) is is_asked
