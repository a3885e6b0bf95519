"""The routes for a site's own servers: events with past times, and the import lane."""

import asyncio
import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.integration.edge_house import NOON, PUBLIC, SECRET, House, house, midori, request, visitor, welcome

from omotenashi.model.campaigns import GoalRule
from omotenashi.model.entries import Goal, Reserved

DAY = 86_400_000
HANAKO = visitor("hanako")


async def events(one: House, *sent: dict[str, Any]) -> Any:
    return (await one.secret("POST", "/v1/events", msgspec.json.encode({"events": list(sent)}))).json


async def test_a_server_names_people_by_user_id_with_times_of_the_past(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        old = NOON - 40 * DAY
        assert await events(one, {"id": "s1", "name": "buy", "at": old, "values": {"revenue": 12.5}, "user_id": "u1"}) == {
            "accepted": 1
        }
        (buy,) = one.events("buy")
        assert (buy.at, buy.source, buy.user_id, len(buy.person)) == (old, "server", "u1", 22)
        await events(one, {"id": "s2", "name": "buy", "user_id": "u1"})
        assert {event.person for event in one.events("buy")} == {buy.person}
        await one.track(one.event("identify", {"user_id": "u1"}))
        assert one.profile(HANAKO).person == buy.person
        await one.restart()
        assert one.people.member("midori", "u1") == buy.person


async def test_a_server_never_makes_a_message_but_reaches_goals(tmp_path: Path) -> None:
    campaign = welcome(goal=GoalRule("buy", window="hours", n=24))
    async with house(tmp_path, midori(campaign)) as one:
        await events(one, {"id": "s0", "name": "view", "values": {"url": "https://midori.example/a?x=1"}, "visitor": HANAKO})
        assert not any(isinstance(entry, Reserved) for entry in one.entries())
        assert one.events("view")[0].values["path"] == "/a"
        message = (await one.track(one.event("view"))).json["messages"][0]
        await one.track(one.event("_message_open", {"reservation": message["reservation"]}))
        await events(one, {"id": "s1", "name": "buy", "visitor": HANAKO})
        (goal,) = [entry for entry in one.entries() if isinstance(entry, Goal)]
        assert (goal.campaign, goal.event) == ("welcome", "s1")


async def test_a_server_event_that_is_sent_twice_counts_once(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        event = {"id": "s1", "name": "buy", "user_id": "u1"}
        await events(one, event)
        assert (await events(one, event))["rejected"][0]["code"] == "duplicate"
        await events(one, {"name": "buy", "user_id": "u1"}, {"name": "buy", "user_id": "u1"})
        assert len(one.events("buy")) == 3


async def test_what_a_server_or_staff_did_says_nothing_of_who_sits_at_the_browser(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.track(one.event("identify", {"user_id": "u1"}))
        logged_in = one.profile(HANAKO).logged_in
        assert logged_in is not None
        assert logged_in.value is True
        body = {
            "project": "midori",
            "key": "k1",
            "visitor": HANAKO,
            "events": [{"name": "attribute", "values": {"rank": "gold"}}],
        }
        await one.ours("POST", "/internal/events", body)
        await events(one, {"id": "s1", "name": "shipped", "visitor": HANAKO})
        told = one.profile(HANAKO).logged_in
        assert told is not None
        assert told.value is True


async def test_what_staff_did_while_somebody_was_away_is_no_visit_of_theirs(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.track(one.event("view", {"url": "https://midori.example/"}))
        visit = msgspec.structs.replace(one.profile(HANAKO).sessions[0])
        one.now += 2 * DAY
        body = {
            "project": "midori",
            "key": "k1",
            "visitor": HANAKO,
            "events": [{"name": "attribute", "values": {"rank": "gold"}}],
        }
        await one.ours("POST", "/internal/events", body)
        profile = one.profile(HANAKO)
        assert (profile.visits, profile.sessions, profile.attributes["rank"].value) == (1, [visit], ["gold"])
        (told,) = one.events("attribute")
        assert (told.session, told.opened_session) == (visit.id, False)
        one.now += 60_000
        await one.track(one.event("view", {"url": "https://midori.example/"}))
        assert one.profile(HANAKO).visits == 2


@pytest.mark.parametrize(
    ("event", "code", "where"),
    [
        ({"name": "a"}, "bad_identity", "user_id"),
        ({"name": "a", "user_id": "u", "visitor": HANAKO}, "bad_identity", "user_id"),
        ({"name": "a", "user_id": ""}, "bad_identity", "user_id"),
        ({"name": "a", "visitor": "short"}, "bad_identity", "visitor"),
        ({"name": "a", "user_id": "u", "at": 1_763_694_000}, "bad_time", "at"),
        ({"name": "a", "user_id": "u", "at": NOON + 600_000}, "bad_time", "at"),
        ({"name": "a", "user_id": "u", "at": "yesterday"}, "bad_time", "at"),
        ({"name": "_message_open", "user_id": "u"}, "reserved_name", "name"),
        ({"name": "identify", "user_id": "u", "values": {"user_id": "w"}}, "bad_identity", "values.user_id"),
        ({"name": "a", "user_id": "u", "extra": 1}, "bad_value", "extra"),
        ({"user_id": "u"}, "bad_name", "name"),
    ],
)
async def test_a_server_event_that_is_left_out_says_why_and_where(
    tmp_path: Path, event: dict[str, Any], code: str, where: str
) -> None:
    async with house(tmp_path) as one:
        answer = await events(one, {"name": "good", "user_id": "u"}, event)
        assert answer["accepted"] == 1
        assert [(r["index"], r["code"], r["where"]) for r in answer["rejected"]] == [(1, code, where)]


@pytest.mark.parametrize(
    ("authorization", "status", "code"),
    [
        ("", 401, "unauthorized"),
        (SECRET, 401, "unauthorized"),
        ("Bearer nobody", 401, "unknown_key"),
        (f"Bearer {PUBLIC}", 403, "wrong_key_kind"),
    ],
)
async def test_servers_need_the_secret_key(tmp_path: Path, authorization: str, status: int, code: str) -> None:
    async with house(tmp_path) as one:
        for path in ("/v1/events", "/v1/import?batch=b"):
            answer = await request(one.edge.public, "POST", path, b'{"events":[]}', {"authorization": authorization})
            assert (answer.status, answer.error["code"], answer.error["where"]) == (status, code, "authorization")


# Imports


def lines(count: int, first: int = 0, **changes: Any) -> bytes:
    rows = [
        {"row": row, "user_id": f"u{row % 7}", "name": "buy", "at": NOON - DAY + row, "values": {"n": row}, **changes}
        for row in range(first, first + count)
    ]
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


async def test_an_import_is_taken_row_by_row_and_knows_where_to_go_on(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        answer = await one.secret("POST", "/v1/import?batch=b1", gzip.compress(lines(500)), content_encoding="gzip")
        assert answer.json == {
            "batch": "b1",
            "accepted": 500,
            "repeated": 0,
            "rejectedRows": 0,
            "rejected": [],
            "nextRow": 500,
        }
        assert [event.row for event in one.events("buy")] == list(range(500))
        assert {(event.batch, event.source) for event in one.events("buy")} == {("b1", "import")}
        assert (await one.secret("GET", "/v1/import?batch=b1")).json == {"batch": "b1", "nextRow": 500}
        assert (await one.secret("GET", "/v1/import?batch=b2")).json["nextRow"] == 0


async def test_an_import_that_is_sent_again_counts_once_also_after_a_restart(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.secret("POST", "/v1/import?batch=b", lines(60))
        await one.restart()
        assert (await one.secret("GET", "/v1/import?batch=b")).json["nextRow"] == 60
        answer = await one.secret("POST", "/v1/import?batch=b", lines(100))
        assert (answer.json["accepted"], answer.json["repeated"], answer.json["nextRow"]) == (40, 60, 100)
        assert sorted(event.row for event in one.events("buy")) == list(range(100))


async def test_a_bad_row_is_named_and_the_others_are_taken(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        body = lines(2) + b"{broken\n" + lines(1, 2, name="no good") + b"\n" + lines(1, 3)[:-1]
        answer = (await one.secret("POST", "/v1/import?batch=b", body)).json
        assert (answer["accepted"], answer["rejectedRows"], answer["nextRow"]) == (3, 2, 4)
        assert [(r["index"], r["code"]) for r in answer["rejected"]] == [(2, "bad_value"), (2, "bad_name")]


async def test_two_imports_of_one_batch_at_once_count_every_row_once(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        both = [one.secret("POST", "/v1/import?batch=b", lines(400)) for _ in range(2)]
        answers = await asyncio.gather(*both)
        assert sum(answer.json["accepted"] for answer in answers) == 400
        assert sorted(event.row for event in one.events("buy")) == list(range(400))


async def test_live_answers_go_on_while_an_import_runs(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome())) as one:
        running = asyncio.create_task(one.secret("POST", "/v1/import?batch=b", lines(3000)))
        await asyncio.sleep(0)
        live = 0
        while not running.done():
            assert (await one.track(one.event("view"), page={"id": f"p{live}", "visible": True})).status == 200
            live += 1
        assert live >= 3
        assert (await running).json["accepted"] == 3000
        assert not any(isinstance(entry, Reserved) and entry.person != HANAKO for entry in one.entries())


@pytest.mark.parametrize("query", ["", "?batch=", "?batch=a&batch=b", "?batch=no%20good"])
async def test_an_import_has_a_name(tmp_path: Path, query: str) -> None:
    async with house(tmp_path) as one:
        answer = await one.secret("POST", f"/v1/import{query}", lines(1))
        assert (answer.status, answer.error["where"]) == (400, "batch")


async def test_a_broken_gzip_import_keeps_what_came_before_and_goes_on_from_there(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        packed = gzip.compress(lines(2000))
        answer = await one.secret("POST", "/v1/import?batch=b", packed[:-100], content_encoding="gzip")
        assert (answer.status, answer.error["where"]) == (400, "body")
        next_row = (await one.secret("GET", "/v1/import?batch=b")).json["nextRow"]
        assert 0 < next_row < 2000
        rest = await one.secret("POST", "/v1/import?batch=b", packed, content_encoding="gzip")
        assert rest.json["repeated"] == next_row
        assert sorted(event.row for event in one.events("buy")) == list(range(2000))
