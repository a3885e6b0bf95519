"""People found, listed, told in full and copied; searches kept; the first page's lights."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.configuration.folders import SMALL, campaign
from tests.unit.console.consoles import NOON, TOKEN, House, console
from tests.unit.warehouse.made import event, goal, merged

from omotenashi.configuration.names import Called
from omotenashi.console.routes.home import health_of
from omotenashi.model.entries import Event, Reserved
from omotenashi.model.ids import ActionId, CampaignId, EventId, Instant, PersonId, ReservationId, SessionId
from omotenashi.model.outcomes import Gate
from omotenashi.model.profiles import Delivery, Profile, Register, Session
from omotenashi.model.rules import EVERYONE, All, Compare
from omotenashi.warehouse.questions.health import Fared
from omotenashi.warehouse.questions.story import Told

HEAD = {"Authorization": f"Bearer {TOKEN}"}
HOUR = 3_600_000
KEY = (NOON, NOON, 0, "a")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[House]:
    """A console in which Hanako, a member with a name, and Taro, a visitor, are known."""
    with console(tmp_path) as house:
        assert house.apply(SMALL)[0] == 200
        house.questions.names = ["hanako", "taro"]
        house.shelf.profiles["hanako"] = Profile(
            PersonId("hanako"),
            user_id="u-1",  # type: ignore[arg-type]
            seq=3,
            visits=2,
            views=5,
            first_seen_at=NOON,
            last_at=NOON,
            now=NOON,
            attributes={
                "rank": Register(KEY, ["gold"]),
                "name": Register(KEY, ["=HYPERLINK(1)"]),
                "points": Register(KEY, [-5]),
            },
            sessions=[Session(SessionId("s"), NOON, NOON, 5)],
            deliveries={CampaignId("hello"): Delivery(arm=ActionId("gone"), shown=2, clicked=1, exposed_at=NOON)},
        )
        house.shelf.profiles["taro"] = Profile(PersonId("taro"), visits=1, last_at=NOON, now=NOON)
        yield house


def listed(shop: House, *columns: str) -> list[list[str]]:
    response = shop.client.post("/api/projects/shop/people/csv", json={"columns": list(columns)}, headers=HEAD)
    assert response.status_code == 200
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_everybody_is_found_without_a_rule_and_a_rule_is_handed_on(shop: House) -> None:
    status, found = shop.ask("POST", "/api/projects/shop/people/search", {})
    assert status == 200
    assert [one["person"] for one in found["people"]] == ["hanako", "taro"]
    assert (found["total"], found["older"]) == (2, "")
    shop.ask("POST", "/api/projects/shop/people/search", {"rule": {"attribute": "rank", "op": "=", "value": "gold"}})
    assert shop.questions.asked[0] == EVERYONE
    assert isinstance(shop.questions.asked[1], Compare | All)


def test_people_come_page_by_page(shop: House) -> None:
    first = shop.ask("POST", "/api/projects/shop/people/search", {"limit": 1})[1]
    assert [one["person"] for one in first["people"]] == ["hanako"]
    second = shop.ask("POST", "/api/projects/shop/people/search", {"limit": 1, "before": first["older"]})[1]
    assert [one["person"] for one in second["people"]] == ["taro"]
    assert second["total"] is None


@pytest.mark.parametrize(
    ("body", "where"),
    [({"before": "yesterday"}, "before"), ({"before": "1."}, "before"), ({"rule": {"attribute": "a", "op": "~"}}, "rule.op")],
)
def test_a_search_that_cannot_be_asked_names_its_place(shop: House, body: Any, where: str) -> None:
    status, answer = shop.ask("POST", "/api/projects/shop/people/search", body)
    assert status == 400
    assert answer["error"]["where"] == where


def test_a_text_finds_by_id_and_by_name(shop: House) -> None:
    by_member = shop.ask("POST", "/api/projects/shop/people/search", {"text": "u-1"})[1]
    assert [one["person"] for one in by_member["people"]] == ["hanako"]
    by_name = shop.ask("POST", "/api/projects/shop/people/search", {"text": "tar"})[1]
    assert [one["person"] for one in by_name["people"]] == ["taro"]


def test_a_list_has_the_columns_asked_for_and_no_formula(shop: House) -> None:
    rows = listed(shop, "person", "user_id", "visits", "last_seen_at", "segments", "attribute:name", "attribute:points")
    assert rows == [
        ["Person", "Member id", "Visits", "Last seen", "Segments", "name", "points"],
        ["hanako", "u-1", "2", "2026-11-21 14:00:00", "Gold", "'=HYPERLINK(1)", "-5"],
        ["taro", "", "1", "2026-11-21 14:00:00", "", "", ""],
    ]


def test_a_list_is_told_in_the_audit_log_with_how_many_it_named(shop: House) -> None:
    listed(shop, "person")
    line = shop.ask("GET", "/api/projects/shop/audit")[1]["lines"][0]
    assert line["operation"] == "people_search.list_people"
    assert {"path": "people", "before": None, "after": 2} in line["differences"]


def test_a_column_that_does_not_exist_is_refused(shop: House) -> None:
    status, answer = shop.ask("POST", "/api/projects/shop/people/csv", {"columns": ["password"]})
    assert (status, answer["error"]["where"]) == (400, "columns")


def test_a_profile_is_told_in_words(shop: House) -> None:
    told = shop.ask("GET", "/api/projects/shop/people/u-1/profile")[1]
    assert (told["name"], told["seq"], told["ids"]) == ("=HYPERLINK(1)", 3, ["hanako"])
    assert {one["path"]: one["value"] for one in told["attributes"]}["rank"] == ["gold"]
    assert [one["name"]["en"] for one in told["statistics"]] == ["the number of “Sale seen” in the last 7 days"]
    assert told["consents"] == [{"purpose": "record", "state": "unknown", "at": None}]
    (delivery,) = told["deliveries"]
    assert (delivery["shown"], delivery["clicked"], delivery["action"], delivery["action_name"]) == (2, 1, "gone", "")


def test_a_copy_holds_the_profile_and_every_entry(shop: House) -> None:
    shop.questions.told = [
        Told(2, goal("hanako", "hello", "d1K", NOON), ()),
        Told(1, event("hanako", "view", {"path": "/"}, at=NOON), ((CampaignId("hello"), Gate.AUDIENCE),)),
    ]
    response = shop.client.post("/api/projects/shop/people/hanako/export", headers=HEAD)
    assert response.headers["content-disposition"] == 'attachment; filename="person-hanako.json"'
    copy = msgspec.json.decode(response.content)
    assert copy["profile"]["person"]["person"] == "hanako"
    assert [one["kind"] for one in copy["entries"]] == ["goal", "event"]
    assert copy["entries"][1]["values"] == {"path": "/"}
    assert copy["entries"][1]["gates"] == {"hello": "audience"}
    line = shop.ask("GET", "/api/projects/shop/audit")[1]["lines"][0]
    assert (line["operation"], line["object"]) == ("people_profile.export", "hanako")


def test_a_story_says_which_segments_were_entered_and_left(shop: House) -> None:
    gold = event("hanako", "attribute", {"rank": "gold"}, at=NOON, seq=1, opened_session=True)
    silver = event("hanako", "attribute", {"rank": "silver"}, at=NOON + 1, seq=2)
    shop.questions.told = [Told(2, silver, ()), Told(1, gold, ())]
    story = shop.ask("GET", "/api/projects/shop/people/hanako/story")[1]
    assert [(one.get("entered"), one.get("left")) for one in story["moments"]] == [(None, ["gold"]), (["gold"], None)]
    assert story["memberships"] is True


def test_a_long_story_says_on_each_of_its_pages_which_segments_were_entered_and_left(shop: House) -> None:
    ranks = ["gold" if n % 100 == 50 else "silver" if n % 100 == 70 else "" for n in range(6_000)]
    lines = [
        event(
            "hanako", "attribute" if rank else "view", {"rank": rank} if rank else {}, at=NOON + n, seq=n, opened_session=n == 0
        )
        for n, rank in enumerate(ranks)
    ]
    shop.questions.told = [Told(n + 1, entry, ()) for n, entry in reversed(list(enumerate(lines)))]
    older, found = "", {}
    while True:
        story = shop.ask("GET", "/api/projects/shop/people/hanako/story", limit=1000, before=older)[1]
        assert story["memberships"] is True
        found |= {one["position"]: (one.get("entered"), one.get("left")) for one in story["moments"]}
        older = story["older"]
        if not older:
            break
    assert len(found) == 6_000
    crossed = {position: change for position, change in found.items() if change != (None, None)}
    assert crossed == {n + 1: (["gold"], None) if rank == "gold" else (None, ["gold"]) for n, rank in enumerate(ranks) if rank}


def test_what_came_since_a_story_was_read_is_told_as_well(shop: House) -> None:
    gold = event("hanako", "attribute", {"rank": "gold"}, at=NOON, seq=1, opened_session=True)
    shop.questions.told = [Told(1, gold, ())]
    assert shop.ask("GET", "/api/projects/shop/people/hanako/story")[1]["moments"][0]["entered"] == ["gold"]
    shop.questions.told = [
        Told(2, event("hanako", "attribute", {"rank": "silver"}, at=NOON + 1, seq=2), ()),
        *shop.questions.told,
    ]
    assert shop.ask("GET", "/api/projects/shop/people/hanako/story")[1]["moments"][0]["left"] == ["gold"]


def test_two_browsers_that_became_one_person_do_not_enter_and_leave_by_turns(shop: House) -> None:
    gold = event("hanako", "attribute", {"rank": "gold"}, at=NOON, seq=1, opened_session=True)
    phone = [event("phone", "view", at=NOON + n, seq=n, opened_session=n == 1) for n in (1, 2)]
    again = event("hanako", "view", at=NOON + 3, seq=2)
    shop.questions.told = [
        Told(n, one, ())
        for n, one in ((5, merged("hanako", "phone", NOON + 4)), (4, again), (3, phone[1]), (2, phone[0]), (1, gold))
    ]
    story = shop.ask("GET", "/api/projects/shop/people/hanako/story")[1]
    assert [one.get("entered", one.get("left")) for one in story["moments"]] == [None, None, None, None, ["gold"]]


def test_why_then_compares_what_was_true_then(shop: House) -> None:
    shop.apply({**SMALL, "campaigns/hello.yaml": campaign("include: [gold]\n")})
    view: Event = event("hanako", "view", {"path": "/"}, at=NOON, config=2, gates=bytes([Gate.AUDIENCE]), opened_session=True)
    shop.questions.told = [
        Told(2, event("hanako", "attribute", {"rank": "gold"}, at=NOON + 1, seq=2), ()),
        Told(1, view, ((CampaignId("hello"), Gate.AUDIENCE),)),
    ]
    status, told = shop.ask("GET", "/api/projects/shop/people/hanako/why", campaign="hello", position=1)
    assert status == 200
    assert (told["gate"], told["now"]) == ("audience", NOON)
    assert [(row["subject_en"], row["found"], row["passed"]) for row in told["compared"]] == [
        ("the attribute “rank”", None, False)
    ]
    status, answer = shop.ask("GET", "/api/projects/shop/people/hanako/why", campaign="hello", position=2)
    assert (status, answer["error"]["where"]) == (404, "position")


def test_why_then_names_the_winner_that_was_logged(shop: House) -> None:
    view = event("hanako", "view", {"path": "/"}, at=NOON, gates=bytes([Gate.SUPPRESSED]), id=EventId("v"))
    gave_way = event(
        "hanako", "_message_suppressed", {"winner": "sale"}, source="engine", id=EventId("v._message_suppressed.hello")
    )
    shop.questions.told = [Told(2, gave_way, ()), Told(1, view, ((CampaignId("hello"), Gate.SUPPRESSED),))]
    told = shop.ask("GET", "/api/projects/shop/people/hanako/why", campaign="hello", position=1)[1]
    assert (told["gate"], told["winner"], told["compared"]) == ("suppressed", "sale", [])


def test_a_reservation_is_named_so_that_what_became_of_it_can_be_told(shop: House) -> None:
    reserved = Reserved(
        **{name: getattr(event("hanako", "view"), name) for name in ("project", "person", "seq", "now", "config", "at")},
        received_at=Instant(NOON),
        index=0,
        id=EventId("r"),
        reservation=ReservationId("r1"),
        campaign=CampaignId("hello"),
        action=ActionId("d1K"),
        holdout=False,
        exclusive=True,
        script=False,
        page_view=None,
        session=SessionId("s"),
        event=EventId("v"),
        until=Instant(NOON + 1),
        lapses_at=Instant(NOON + 2),
    )
    shop.questions.told = [Told(1, reserved, ())]
    (moment,) = shop.ask("GET", "/api/projects/shop/people/hanako/story")[1]["moments"]
    assert moment["values"]["reservation"] == "r1"


def test_a_search_is_kept_changed_and_let_go(shop: House) -> None:
    path = "/api/projects/shop/saved"
    kept = shop.ask("POST", path, {"kind": "people", "name": "Gold", "document": {"text": "a"}})
    assert kept[0] == 201
    assert shop.ask("PUT", f"{path}/{kept[1]['id']}", {"kind": "people", "name": "Golden", "document": {}})[0] == 200
    (one,) = shop.ask("GET", path, kind="people")[1]
    assert (one["name"], one["document"], one["author"]) == ("Golden", {}, "CLI")
    assert shop.ask("GET", path, kind="other")[1] == []
    assert shop.client.delete(f"{path}/{one['id']}", headers=HEAD).status_code == 204
    assert shop.client.delete(f"{path}/{one['id']}", headers=HEAD).status_code == 404
    assert shop.ask("PUT", f"{path}/{one['id']}", {"kind": "people", "name": "a", "document": {}})[0] == 404


def test_a_search_too_large_to_keep_is_refused(shop: House) -> None:
    status, answer = shop.ask(
        "POST", "/api/projects/shop/saved", {"kind": "people", "name": "a", "document": {"text": "a" * 40_000}}
    )
    assert (status, answer["error"]["where"]) == (400, "document")


def test_the_search_box_finds_people_campaigns_actions_and_segments(shop: House) -> None:
    def found(text: str) -> dict[str, Any]:
        return shop.ask("GET", "/api/projects/shop/search", q=text)[1]

    assert found("u-1")["people"][0] == {
        "person": "hanako",
        "label": "=HYPERLINK(1)",
        "hint": "u-1 · hanako",
        "user_id": "u-1",
        "last_seen_at": NOON,
    }
    assert [one["id"] for one in found("HELL")["campaigns"]] == ["hello"]
    action = shop.office.configuration("shop", 1).campaigns[0].actions[0]  # type: ignore[arg-type]
    assert found(action.id)["campaigns"][0]["hint"] == f"{action.id} A"
    assert [one["id"] for one in found("ゴールド")["segments"]] == ["gold"]
    assert found("nothing of the kind") == {"people": [], "campaigns": [], "segments": [], "people_searched": True}


def test_the_site_now_is_told_with_pages_and_segments(shop: House) -> None:
    shop.present.hear([(1, event("hanako", "view", {"url": "https://x/tea", "title": "Tea"}, at=NOON, seq=3))])
    told = shop.ask("GET", "/api/projects/shop/now")[1]
    assert (told["total"], told["faces"][0]["person"], told["faces"][0]["title"]) == (1, "hanako", "Tea")
    assert told["faces"][0]["segments"] == ["gold"]
    assert {one["segment"]: one["people"] for one in told["segments"]} == {"gold": 1, "keen": 0}


def test_home_tells_today_the_month_and_every_live_campaign(shop: House) -> None:
    shop.questions.fared = [Fared(CampaignId("hello"), 80, 20, 0, 1, 200, NOON)]
    home = shop.ask("GET", "/api/projects/shop/home")[1]
    assert (home["today"]["visitors"], home["before"]["visitors"], home["day"]) == (4, 2, "2026-11-21")
    assert len(home["hours"]) == 24
    assert [hour["today"] is None for hour in home["hours"]] == [False] * 15 + [True] * 9
    assert (home["month"]["start"], home["month"]["events"], home["month"]["shown"]) == ("2026-11-01", 1_000, 200)
    (campaign_told,) = home["campaigns"]
    assert (campaign_told["light"], campaign_told["published_at"]) == ("bad", NOON)
    assert [one["kind"] for one in campaign_told["troubles"]] == ["errors"]


@pytest.mark.parametrize(
    ("fared", "published", "light", "kinds"),
    [
        (Fared(CampaignId("a"), 90, 10, 0, 0, 0, NOON), NOON - HOUR, "bad", ["errors"]),
        (Fared(CampaignId("a"), 91, 10, 0, 0, 0, NOON), NOON - HOUR, "good", []),
        (Fared(CampaignId("a"), 0, 9, 0, 0, 0, NOON), NOON - HOUR, "good", []),
        (Fared(CampaignId("a"), 90, 0, 1, 0, 0, NOON), NOON - HOUR, "warning", ["conflicts"]),
        (Fared(CampaignId("a"), 0, 0, 0, 0, 0, None), NOON - HOUR, "warning", ["never_shown"]),
        (Fared(CampaignId("a"), 0, 0, 0, 0, 0, Instant(NOON - 2 * HOUR)), NOON - HOUR, "warning", ["never_shown"]),
        (Fared(CampaignId("a"), 0, 0, 0, 0, 0, None), NOON - HOUR + 1, "good", []),
        (Fared(CampaignId("a"), 0, 0, 0, 0, 0, None), None, "good", []),
    ],
)
def test_a_campaign_has_a_light(fared: Fared, published: int | None, light: str, kinds: list[str]) -> None:
    told = health_of(CampaignId("a"), Called("a", "a"), fared, None if published is None else Instant(published), Instant(NOON))
    assert (told.light, [one.kind for one in told.troubles]) == (light, kinds)
