"""Who is who: visitors, members, second members, merges, erasures; over a real ledger."""

import hmac
from pathlib import Path

import pytest
from tests.integration.edge_house import House, house, midori, request, visitor, welcome

from omotenashi.edge.identity import second_visitor, signature
from omotenashi.edge.turned_away import KEPT, Refusals
from omotenashi.engine.statistics import identified
from omotenashi.ledger.people import People
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Erased, Merged
from omotenashi.model.ids import Instant, ProjectId
from omotenashi.model.rules import Aggregate, Compare, Op, Period

HANAKO, TARO = visitor("hanako"), visitor("taro")


async def identify(one: House, who: str, user_id: str, **values: object) -> object:
    return (await one.track(one.event("identify", {"user_id": user_id, **values}), visitor=who)).json


async def test_a_visitor_who_identifies_first_becomes_the_member(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        assert await identify(one, HANAKO, "u1", rank="gold") == {"accepted": 1}
        profile = one.profile(HANAKO)
        assert (profile.person, profile.user_id) == (HANAKO, "u1")
        assert profile.attributes["rank"].value == ["gold"]
        assert one.people.member("midori", "u1") == HANAKO


async def test_a_visitor_who_turns_out_to_be_a_known_member_is_merged_into_that_person(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await identify(one, HANAKO, "u1")
        await one.track(one.event("cart"), one.event("cart"), visitor=TARO)
        answer = await one.track(one.event("before"), one.event("identify", {"user_id": "u1"}), one.event("after"), visitor=TARO)
        assert answer.json == {"accepted": 3}
        assert one.profile(TARO) is one.profile(HANAKO)
        (merged,) = [entry for entry in one.entries() if isinstance(entry, Merged)]
        assert (merged.person, merged.absorbed, merged.absorbed_seq, merged.user_id) == (HANAKO, TARO, 3, "u1")
        assert [(event.name, event.person) for event in one.events()][-3:] == [
            ("before", TARO),
            ("identify", HANAKO),
            ("after", HANAKO),
        ]
        assert [entry.seq for entry in one.entries() if entry.person == HANAKO] == [1, 2, 3, 4]
        assert one.profile(TARO).visits == 2


async def test_a_merge_is_in_the_rows_before_its_answer_and_survives_a_restart(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await identify(one, HANAKO, "u1")
        await identify(one, TARO, "u1")
        assert one.rows.person_of_visitor("midori", TARO) == HANAKO
        before = one.profile(TARO)
        await one.restart()
        after = one.profile(TARO)
        assert after.person == HANAKO
        assert after == before


async def test_events_of_a_merged_batch_that_is_sent_again_are_all_duplicates(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await identify(one, HANAKO, "u1")
        batch = [one.event("before"), one.event("identify", {"user_id": "u1"}), one.event("after")]
        await one.track(*batch, visitor=TARO)
        await one.restart()
        again = await one.track(*batch, visitor=TARO)
        assert [r["code"] for r in again.json["rejected"]] == ["duplicate"] * 3
        assert len([entry for entry in one.entries() if isinstance(entry, Merged)]) == 1


async def test_a_second_member_on_one_browser_gets_another_visitor_id_and_a_retry_the_same(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await identify(one, HANAKO, "u1")
        batch = [one.event("before"), one.event("identify", {"user_id": "u2"}), one.event("after")]
        answer = await one.track(*batch)
        moved = answer.json["visitor"]
        assert moved == second_visitor(b"a secret", "midori", HANAKO, "u2")
        assert len(moved) == 22
        assert [(event.name, event.person) for event in one.events()][-3:] == [
            ("before", HANAKO),
            ("identify", moved),
            ("after", moved),
        ]
        assert one.profile(HANAKO).user_id == "u1"
        assert one.profile(moved).user_id == "u2"
        again = await one.track(*batch)
        assert again.json["visitor"] == moved
        assert [r["code"] for r in again.json["rejected"]] == ["duplicate"] * 3


async def test_a_second_member_who_is_known_elsewhere_is_that_person(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await identify(one, HANAKO, "u1")
        await identify(one, TARO, "u2")
        moved = (await one.track(one.event("identify", {"user_id": "u2"}))).json["visitor"]
        assert one.profile(moved) is one.profile(TARO)
        await one.restart()
        assert one.profile(moved) is one.profile(TARO)


async def test_only_an_identify_changes_who_somebody_is(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await identify(one, HANAKO, "u1")
        await one.track(one.event("a"), visitor=TARO, user_id="u1")
        assert one.profile(TARO).user_id is None
        assert one.events("a")[0].user_id is None
        await one.track(one.event("b"), user_id="u1")
        assert one.events("b")[0].user_id == "u1"


async def test_where_identities_are_signed_nobody_becomes_a_member_without_the_signature(tmp_path: Path) -> None:
    async with house(tmp_path, midori(require_signed_identity=True, identity_secret="s3")) as one:
        for values in ({}, {"signature": "00"}, {"signature": 7}, {"signature": signature("other", "u1")}):
            answer = await one.track(one.event("identify", {"user_id": "u1", **values}))
            assert [(r["code"], r["where"]) for r in answer.json["rejected"]] == [("bad_identity", "values.signature")]
        assert one.profile(HANAKO).user_id is None
        good = hmac.new(b"s3", b"u1", "sha256").hexdigest()
        assert await identify(one, HANAKO, "u1", signature=good) == {"accepted": 1}
        assert "signature" not in one.events("identify")[0].values


@pytest.mark.parametrize("user_id", ["", "x" * 257, 7, True, ["u"], {"id": "u"}])
async def test_a_user_id_is_a_text(tmp_path: Path, user_id: object) -> None:
    async with house(tmp_path) as one:
        answer = await one.track(one.event("identify", {"user_id": user_id}))
        assert (answer.json["rejected"][0]["code"], answer.json["rejected"][0]["where"]) == (
            "bad_identity",
            "values.user_id",
        )


def did_a() -> Project:
    """A project whose only message is for those who did A, triggered by B."""
    did = identified("a", (), None, Aggregate.COUNT, Period())
    return midori(welcome(trigger="b", audience=Compare(did, Op.GE, 1)), statistics={did.id: 1})


@pytest.mark.parametrize("known", [False, True])
async def test_an_identify_between_two_events_of_a_batch_is_never_late(tmp_path: Path, known: bool) -> None:
    async with house(tmp_path, did_a()) as one:
        if known:
            await identify(one, TARO, "u1")
        for i in range(20):
            who = visitor(f"visitor-{i}")
            answer = await one.track(
                one.event("a"),
                one.event("identify", {"user_id": "u1" if known else f"u{i}"}),
                one.event("b"),
                visitor=who,
                page={"id": f"page-{i}", "visible": True},
            )
            if not known or i == 0:
                assert [message["campaign"] for message in answer.json["messages"]] == ["welcome"]


async def test_a_back_filled_base_is_merged_in_at_the_next_touch_and_only_once(tmp_path: Path) -> None:
    carts = identified("cart", (), None, Aggregate.COUNT, Period())
    rule = Compare(carts, Op.GE, 3)
    async with house(tmp_path) as one:
        await one.track(one.event("cart"), one.event("cart"))  # version 1 does not count carts
        version2 = midori(welcome(audience=rule), version=2, statistics={carts.id: 2})
        one.office.apply(version2, ready=1)
        one.edge.projects.look()
        answer = await one.track(one.event("cart"), one.event("view"))
        assert answer.json == {"accepted": 2}  # preparing
        one.office.kept_bases[HANAKO] = [(2, carts.id, 2), (1, carts.id, 50)]
        one.office.apply(version2, ready=2)
        one.edge.projects.look()
        for _ in range(2):
            shown = await one.track(one.event("view"), page={"id": f"page-{_}", "visible": True})
            assert ("messages" in shown.json) == (_ == 0)
            assert one.profile(HANAKO).accumulators[f"{carts.id}.2"] == 3
            await one.restart()


async def test_a_statistic_that_was_dropped_and_came_back_takes_only_its_own_base(tmp_path: Path) -> None:
    carts = identified("cart", (), None, Aggregate.COUNT, Period())
    counting = {"segments": {"carts": Compare(carts, Op.GE, 1)}}
    async with house(tmp_path) as one:
        await one.track(one.event("cart"))
        one.office.kept_bases[HANAKO] = [(2, carts.id, 1), (4, carts.id, 1)]
        one.office.apply(midori(version=4, statistics={carts.id: 4}, **counting))
        one.edge.projects.look()
        await one.track(one.event("view"))
        assert one.profile(HANAKO).accumulators == {f"{carts.id}.4": 1}
        assert one.profile(HANAKO).based == {HANAKO: 4}


async def test_somebody_new_lacks_no_base(tmp_path: Path) -> None:
    carts = identified("cart", (), None, Aggregate.COUNT, Period())
    async with house(tmp_path, midori(welcome(audience=Compare(carts, Op.GE, 1)), statistics={carts.id: 1})) as one:
        one.office.kept_bases[HANAKO] = [(1, carts.id, 5)]
        await one.track(one.event("cart"))
        assert one.profile(HANAKO).based == {HANAKO: 1}
        assert one.profile(HANAKO).accumulators[f"{carts.id}.1"] == 1
        await one.restart()
        assert one.profile(HANAKO).based == {HANAKO: 1}


async def test_somebody_erased_is_somebody_new_when_they_return(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await identify(one, HANAKO, "u1")
        await identify(one, TARO, "u1")
        answer = await one.ours("POST", "/internal/erase", {"project": "midori", "key": "erase-1", "user_id": "u1"})
        assert (answer.status, answer.json) == (200, {"erased": sorted([HANAKO, TARO])})
        (erased,) = [entry for entry in one.entries() if isinstance(entry, Erased)]
        assert erased.people == sorted([HANAKO, TARO])
        assert one.people.member("midori", "u1") is None
        await one.track(one.event("a"))
        assert (one.profile(HANAKO).user_id, one.profile(HANAKO).visits) == (None, 1)
        await one.restart()
        assert (one.profile(HANAKO).user_id, one.profile(HANAKO).visits) == (None, 1)
        nobody = await one.ours("POST", "/internal/erase", {"project": "midori", "key": "erase-2", "user_id": "u9"})
        assert (nobody.status, nobody.error["code"]) == (404, "not_found")


async def test_our_own_process_adds_to_a_log_once_per_key(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.track(one.event("a"))
        body = {
            "project": "midori",
            "key": "mail-7",
            "person": HANAKO,
            "events": [{"name": "_mail_opened", "values": {"mail": "m1"}}],
        }
        assert (await one.ours("POST", "/internal/events", body)).json == {"accepted": 1}
        again = await one.ours("POST", "/internal/events", body)
        assert (again.json["accepted"], again.json["rejected"][0]["code"]) == (0, "duplicate")
        (event,) = one.events("_mail_opened")
        assert (event.person, event.source, event.id) == (HANAKO, "console", "mail-7:0")


@pytest.mark.parametrize(
    ("change", "status", "where"),
    [
        ({"project": "nobody"}, 404, "project"),
        ({"key": "no good"}, 400, "key"),
        ({"person": None}, 400, "person"),
        ({"visitor": TARO}, 400, "person"),
        ({"events": 1}, 400, "events"),
    ],
)
async def test_the_internal_port_names_the_field_at_fault(
    tmp_path: Path, change: dict[str, object], status: int, where: str
) -> None:
    async with house(tmp_path) as one:
        body = {"project": "midori", "key": "k", "person": HANAKO, "events": [], **change}
        answer = await one.ours("POST", "/internal/events", {k: v for k, v in body.items() if v is not None})
        assert (answer.status, answer.error["where"]) == (status, where)


async def test_health_and_metrics_tell_what_the_edge_did(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.track(one.event("a"), one.event("no good"))
        health = await one.ours("GET", "/internal/health")
        assert health.json["healthy"] is True
        assert health.json["projects"] == {"midori": 1}
        assert health.json["busiest_address"] == {"address": "203.0.113.9", "share": 1.0, "requests": 1}
        metrics = (await request(one.edge.internal, "GET", "/metrics")).body.decode()
        assert 'omotenashi_events_total{source="tag"} 1' in metrics
        assert 'omotenashi_events_dropped_total{reason="bad_name"} 1' in metrics
        assert "omotenashi_answer_seconds_count 1" in metrics
        assert "omotenashi_storage_healthy 1.0" in metrics
        assert (await request(one.edge.public, "GET", "/health")).json == {"healthy": True}


async def test_what_was_turned_away_is_told_by_kind(tmp_path: Path) -> None:
    async with house(tmp_path, midori(ignored=("scroll",))) as one:
        bad = one.event("cart", {"in_cart_price": 1e300})
        await one.track(one.event("a"), one.event("scroll"), one.event("scroll"), one.event("no good"))
        await one.track(bad, {**bad, "id": "another"})
        again = one.event("twice")
        await one.track(again)
        await one.track(again)
        told = (await one.ours("GET", "/internal/refusals?project=midori")).json
        kinds = [(kind["name"], kind["code"], kind["where"], kind["times"]) for kind in told["refusals"]]
        assert kinds == [
            ("cart", "bad_value", "values.in_cart_price", 2),
            ("no good", "bad_name", "name", 1),
            ("scroll", "ignored", "name", 2),
        ]
        assert told["refusals"][0]["message"].startswith("A number is finite")
        assert told["since"] <= told["refusals"][0]["at"]
        assert (await one.ours("GET", "/internal/refusals?project=nobody")).status == 404


def test_strangers_cannot_fill_the_memory_with_names() -> None:
    refusals = Refusals()
    for number in range(2 * KEPT):
        refusals.note(ProjectId("midori"), f"n{number}", "bad_name", "name", "No.", Instant(number))
    told = refusals.told(ProjectId("midori"))
    assert [one.name for one in told] == [f"n{number}" for number in range(2 * KEPT - 1, KEPT - 1, -1)]


def test_people_is_what_the_edge_asks_for() -> None:
    from omotenashi.edge import ports

    wanted = {name for name in vars(ports.People) if not name.startswith("_")}
    assert wanted <= set(dir(People))
