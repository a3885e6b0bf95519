"""Never late: whatever was acknowledged before a decision is in that decision, every time.

A real edge process, real connections. The message of everybody who did A is triggered by B; beside it stand one that
asks what A said, one for those who did A twice and one for those who did not, so that an answer is right only when it is
exactly right.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from tests.integration.edge_house import midori, welcome
from tests.integration.edge_process import AS_SERVER, EdgeProcess, Lines, crowd, edge_process, imported, said

from omotenashi.engine.statistics import identified
from omotenashi.model.campaigns import Action, Project
from omotenashi.model.rules import Aggregate, Compare, Not, Op, Period

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("never late")]

PEOPLE = 1_000
COUNT = identified("a", (), None, Aggregate.COUNT, Period())
COLOUR = identified("a", ("colour",), None, Aggregate.LAST, Period())
DID_A = frozenset({"did_a", "red_a"})
TWICE = DID_A | {"twice_a"}
NOT_A = frozenset({"not_a"})


def shop(version: int = 1) -> Project:
    did = Compare(COUNT, Op.GE, 1)
    messages = (
        ("did_a", did),
        ("red_a", Compare(COLOUR, Op.EQ, "red")),
        ("not_a", Not(did)),
        ("twice_a", Compare(COUNT, Op.EQ, 2)),
    )
    return midori(
        *(
            welcome(
                id=name,
                trigger="b",
                audience=rule,
                exclusive=False,
                actions=(Action(f"{name}-1", "plain", 1000, template="modal"),),
            )
            for name, rule in messages
        ),
        version=version,
        statistics={COUNT.id: 1, COLOUR.id: 1},
    )


def event(who: str, name: str, **values: object) -> dict[str, Any]:
    return {"id": f"{who}.{name}", "name": name, "values": values}


def a(who: str) -> dict[str, Any]:
    return event(who, "a", colour="red", note="x" * 40)


def person(kind: str, number: int) -> str:
    return f"{kind}-{number:-<21}"[:40]


def shown(answer: dict[str, Any]) -> frozenset[str]:
    assert "rejected" not in answer, answer
    return frozenset(message["campaign"] for message in answer.get("messages", ()))


async def b(lines: Lines, who: str) -> frozenset[str]:
    """What the page is handed for trigger B."""
    return shown(await lines.ask("/v1/track", said(who, event(who, "b"))))


async def tell(lines: Lines, who: str, *events: dict[str, Any]) -> None:
    answer = await lines.ask("/v1/track", said(who, *events))
    assert answer == {"accepted": len(events)}, answer


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def edge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EdgeProcess]:
    """One edge for the file, so small that most of the thousand do not fit into its memory."""
    folder = tmp_path_factory.mktemp("never_late")
    async with edge_process(folder, shop(), hot_people="16", packed_megabytes="1", profile_seconds="0.2") as edge:
        yield edge


async def test_b_on_another_connection_right_after_a(edge: EdgeProcess) -> None:
    async with edge.lines(32) as first, edge.lines(32) as second:

        async def visit(number: int) -> frozenset[str]:
            who = person("two-lines", number)
            await tell(first, who, a(who))
            return await b(second, who)

        assert Counter(await crowd(PEOPLE, visit)) == {DID_A: PEOPLE}


async def test_an_a_that_was_sent_again_counts_once(edge: EdgeProcess) -> None:
    async with edge.lines(32) as first, edge.lines(32) as second:

        async def visit(number: int) -> frozenset[str]:
            who = person("retried", number)
            await tell(first, who, a(who))
            again = await second.ask("/v1/track", said(who, a(who)))
            assert [rejected["code"] for rejected in again["rejected"]] == ["duplicate"]
            return await b(first, who)

        assert Counter(await crowd(PEOPLE, visit)) == {DID_A: PEOPLE}


async def test_whoever_did_not_do_a_is_not_shown_its_message(edge: EdgeProcess) -> None:
    async with edge.lines(32) as lines:
        answers = await crowd(PEOPLE, lambda number: b(lines, person("never-a", number)))
        assert Counter(answers) == {NOT_A: PEOPLE}


async def test_both_in_one_batch(edge: EdgeProcess) -> None:
    async with edge.lines(32) as lines:

        async def visit(number: int) -> frozenset[str]:
            who = person("batch", number)
            return shown(await lines.ask("/v1/track", said(who, a(who), event(who, "b"))))

        assert Counter(await crowd(PEOPLE, visit)) == {DID_A: PEOPLE}


async def test_a_profile_that_was_evicted_in_between(edge: EdgeProcess) -> None:
    async with edge.lines(32) as first, edge.lines(32) as second:

        async def do_a(number: int) -> None:
            who = person("evicted", number)
            await tell(first, who, event(who, "attribute", note=f"{number}" + "x" * 4_000), a(who))

        await crowd(PEOPLE, do_a)
        async with asyncio.timeout(30):
            while await edge.gauge("people_dirty"):
                await asyncio.sleep(0.05)
        assert await edge.gauge("people_hot") <= 16
        assert await edge.gauge("people_packed") < PEOPLE / 2  # the others are on disk only
        answers = await crowd(PEOPLE, lambda number: b(second, person("evicted", number)))
        assert Counter(answers) == {DID_A: PEOPLE}


@pytest.mark.parametrize("how", ["kill", "stop"])
async def test_an_edge_that_was_restarted_in_between(edge: EdgeProcess, how: str) -> None:
    async with edge.lines(32) as lines:

        async def do_a(number: int) -> None:
            who = person(how, number)
            await tell(lines, who, a(who))

        await crowd(PEOPLE, do_a)
        await (edge.kill() if how == "kill" else edge.stop())
    await edge.start()
    async with edge.lines(32) as lines:
        answers = await crowd(PEOPLE, lambda number: b(lines, person(how, number)))
        assert Counter(answers) == {DID_A: PEOPLE}


async def test_an_identify_in_between_that_makes_a_member(edge: EdgeProcess) -> None:
    async with edge.lines(24) as first, edge.lines(24) as second, edge.lines(24) as third:

        async def visit(number: int) -> frozenset[str]:
            who = person("signs-up", number)
            await tell(first, who, a(who))
            await tell(second, who, event(who, "identify", user_id=f"new-{number}"))
            return await b(third, who)

        assert Counter(await crowd(PEOPLE, visit)) == {DID_A: PEOPLE}


async def test_an_identify_in_between_that_merges_into_a_member_known_from_elsewhere(edge: EdgeProcess) -> None:
    async with edge.lines(24) as first, edge.lines(24) as second, edge.lines(24) as third:

        async def visit(number: int) -> tuple[frozenset[str], frozenset[str]]:
            phone, laptop, user_id = person("phone", number), person("laptop", number), f"known-{number}"
            await tell(first, phone, event(phone, "identify", user_id=user_id), *([a(phone)] if number % 2 else []))
            await tell(first, laptop, a(laptop))
            await tell(second, laptop, event(laptop, "identify", user_id=user_id))
            return await b(third, laptop), await b(first, phone)

        # One person now: b comes from the phone in another session, and is served for what both did.
        assert Counter(await crowd(PEOPLE, visit)) == {(DID_A, DID_A): PEOPLE / 2, (TWICE, TWICE): PEOPLE / 2}


async def test_what_a_member_did_elsewhere_counts_where_they_sign_in_next(edge: EdgeProcess) -> None:
    async with edge.lines(24) as first, edge.lines(24) as second, edge.lines(24) as third:

        async def visit(number: int) -> frozenset[str]:
            phone, laptop, user_id = person("at-work", number), person("at-home", number), f"member-{number}"
            await tell(first, phone, event(phone, "identify", user_id=user_id), a(phone))
            await tell(second, laptop, event(laptop, "identify", user_id=user_id))
            return await b(third, laptop)

        assert Counter(await crowd(PEOPLE, visit)) == {DID_A: PEOPLE}


async def test_a_an_identify_and_b_in_one_batch(edge: EdgeProcess) -> None:
    async with edge.lines(32) as lines:

        async def visit(number: int) -> frozenset[str]:
            other, who, user_id = person("other", number), person("at-once", number), f"at-once-{number}"
            if number % 2:
                await tell(lines, other, event(other, "identify", user_id=user_id))
            batch = said(who, a(who), event(who, "identify", user_id=user_id), event(who, "b"))
            return shown(await lines.ask("/v1/track", batch))

        assert Counter(await crowd(PEOPLE, visit)) == {DID_A: PEOPLE}


async def test_a_second_member_on_the_same_browser_is_somebody_else(edge: EdgeProcess) -> None:
    async with edge.lines(24) as first, edge.lines(24) as second:

        async def visit(number: int) -> tuple[frozenset[str], frozenset[str]]:
            who = person("family", number)
            await tell(first, who, event(who, "identify", user_id=f"father-{number}"), a(who))
            moved = await second.ask("/v1/track", said(who, event(f"{who}-2", "identify", user_id=f"mother-{number}")))
            return await b(first, moved["visitor"]), await b(second, who)

        assert Counter(await crowd(PEOPLE, visit)) == {(NOT_A, DID_A): PEOPLE}


async def test_an_a_that_a_server_sent(edge: EdgeProcess) -> None:
    async with edge.lines(32) as first, edge.lines(32) as second:

        async def visit(number: int) -> frozenset[str]:
            who = person("server", number)
            sent = {"events": [{"visitor": who, **a(who)}]}
            assert await first.ask("/v1/events", msgspec.json.encode(sent), **AS_SERVER) == {"accepted": 1}
            return await b(second, who)

        assert Counter(await crowd(PEOPLE, visit)) == {DID_A: PEOPLE}


async def test_an_a_that_was_imported(edge: EdgeProcess) -> None:
    rows = [
        {
            "row": number,
            "visitor": person("history", number),
            "name": "a",
            "at": edge.clock() - 5_000,
            "values": {"colour": "red"},
        }
        for number in range(PEOPLE)
    ]
    async with edge.lines(32) as lines:
        answer = await lines.ask("/v1/import?batch=never-late", imported(rows), **AS_SERVER, **{"content-encoding": "gzip"})
        assert (answer["accepted"], answer["nextRow"]) == (PEOPLE, PEOPLE)
        answers = await crowd(PEOPLE, lambda number: b(lines, person("history", number)))
        assert Counter(answers) == {DID_A: PEOPLE}


async def test_a_configuration_that_is_applied_in_between(edge: EdgeProcess) -> None:
    async with edge.lines(32) as first, edge.lines(32) as second:
        applied = asyncio.create_task(_apply(edge))

        async def visit(round_number: int, number: int) -> frozenset[str]:
            who = person("applied", round_number * PEOPLE + number)
            await tell(first, who, a(who))
            return await b(second, who)

        rounds = 0
        while not applied.done() or not rounds:
            assert Counter(await crowd(PEOPLE, partial(visit, rounds))) == {DID_A: PEOPLE}
            rounds += 1
        await applied
    configs = {entry.config for entry in edge.events("b") if entry.visitor.startswith("applied-")}
    assert len(configs) > 1


async def _apply(edge: EdgeProcess) -> None:
    for version in range(2, 6):
        edge.apply(shop(version))
        await asyncio.sleep(0.4)  # the edge looks five times a second
