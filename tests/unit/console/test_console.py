"""The staff API: what each noun answers, and the one body of every error."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import NOON, TOKEN, House, console

from omotenashi.console.ports import EdgeRefused, EdgeUnreachable
from omotenashi.model.entries import Event, Goal, Released
from omotenashi.model.ids import CampaignId, EventId, PersonId, ProjectId, ReservationId
from omotenashi.model.outcomes import Gate
from omotenashi.model.profiles import Landing, Profile, Register, Session
from omotenashi.warehouse.questions.story import Told


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with console(tmp_path) as one:
        yield one


@pytest.fixture
def shop(house: House) -> House:
    """A house in which the small folder is in force, and Hanako is known."""
    assert house.apply(SMALL)[0] == 200
    house.shelf.profiles["hanako"] = Profile(
        "hanako",  # type: ignore[arg-type]
        user_id="u-1",  # type: ignore[arg-type]
        visits=2,
        views=5,
        first_seen_at=NOON,
        last_at=NOON,
        now=NOON,
        attributes={"rank": Register((1, 1, 0, "a"), ["gold"])},
        sessions=[Session("s", NOON, NOON, 5)],  # type: ignore[arg-type]
        page=Landing((1, 1, 0, "a"), "https://x/sale", "x", "/sale", {}, None, {}, None),
    )
    return house


ROUTES = [  # test_permissions asks all there are
    ("GET", "/api/projects"),
    ("POST", "/api/plan"),
    ("POST", "/api/apply"),
    ("GET", "/api/projects/shop/export"),
    ("GET", "/api/projects/shop/history"),
    ("GET", "/api/projects/shop/keys"),
    ("GET", "/api/projects/shop/names"),
    ("GET", "/api/projects/shop/templates"),
    ("GET", "/api/projects/shop/templates/card"),
    ("GET", "/api/projects/shop/templates/card/sample"),
    ("GET", "/api/projects/shop/people"),
    ("GET", "/api/projects/shop/people/hanako"),
    ("GET", "/api/projects/shop/people/hanako/story"),
    ("GET", "/api/projects/shop/people/hanako/why"),
    ("POST", "/api/projects/shop/size"),
    ("GET", "/api/projects/shop/values"),
    ("GET", "/api/projects/shop/campaigns/hello/funnel"),
    ("GET", "/api/projects/shop/campaigns/hello/results"),
    ("GET", "/api/projects/shop/switches"),
    ("POST", "/api/projects/shop/switches"),
    ("POST", "/api/projects/shop/test-links"),
    ("GET", "/api/projects/shop/backfills"),
    ("GET", "/api/recipes"),
    ("GET", "/api/recipes/welcome"),
    ("POST", "/api/projects/shop/recipes/welcome"),
    ("POST", "/api/projects/shop/recipes/welcome/plan"),
    ("POST", "/api/projects/shop/events"),
    ("POST", "/api/projects/shop/erase"),
    ("POST", "/api/backups"),
    ("GET", "/api/doctor"),
]


def is_error(body: Any, code: str) -> bool:
    error = body["error"]
    return list(body) == ["error"] and error["code"] == code and bool(error["message"]) and len(error["id"]) == 12


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if "/shop" in route[1]])
def test_every_route_of_a_project_says_that_there_is_no_such_project(house: House, method: str, path: str) -> None:
    bodies = {
        "size": {"rule": []},
        "events": {"events": [{"name": "a"}], "person": "p"},
        "erase": {"person": "p"},
        "test-links": {"url": "https://x"},
    }
    body = bodies.get(path.rsplit("/", 1)[1], {}) if method == "POST" else None
    query = {"campaign": "hello", "event": "view", "field": "path"} if method == "GET" else {}
    status, answer = house.ask(method, path, body, **query)
    assert (status, answer["error"]["where"]) == (404, "project")
    assert is_error(answer, "not_found")


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[0] == "POST"])
def test_every_body_that_is_not_json_is_told_in_the_one_shape(house: House, method: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    response = house.client.request(method, path, content=b"{", headers=headers)
    assert response.status_code == 400
    assert is_error(response.json(), "bad_body")


def test_unknown_addresses_and_methods_are_told_in_the_one_shape(house: House) -> None:
    assert is_error(house.ask("GET", "/api/nothing")[1], "not_found")
    assert is_error(house.ask("DELETE", "/api/projects")[1], "method_not_allowed")


def test_health_needs_no_token(house: House) -> None:
    assert house.client.get("/health").json() == {"healthy": True}


def test_a_plan_changes_nothing_and_an_apply_takes_effect(house: House) -> None:
    status, changes = house.ask("POST", "/api/plan", {"sources": SMALL})
    assert (status, changes["version"], len(changes["changes"])) == (200, 1, 6)
    assert house.office.heads() == {}
    assert house.apply(SMALL)[1]["version"] == 1
    assert house.ask("GET", "/api/projects")[1][0]["version"] == 1
    assert house.ask("GET", "/api/projects/shop/export")[1]["sources"] == SMALL


def test_applying_the_same_files_makes_no_new_version(shop: House) -> None:
    assert shop.apply(SMALL)[1]["changes"] == []
    assert [one["version"] for one in shop.ask("GET", "/api/projects/shop/history")[1]] == [1]


def test_a_bad_folder_changes_nothing_and_every_problem_is_told(shop: House) -> None:
    bad = {
        **SMALL,
        "segments/gold.yaml": "name: Gold\nrule: {fact: visit}\n",
        "project.yaml": SMALL["project.yaml"] + "surprise: 1\n",
    }
    status, answer = shop.apply(bad)
    assert (status, answer["error"]["code"]) == (422, "bad_configuration")
    assert [(one["file"], one["line"], one["path"]) for one in answer["error"]["problems"]] == [
        ("project.yaml", 5, "surprise"),
        ("segments/gold.yaml", 2, "rule.fact"),
    ]
    assert shop.office.head("shop") == 1  # type: ignore[arg-type]


def test_an_older_version_can_be_exported_and_an_unknown_one_is_told(shop: House) -> None:
    newer = {**SMALL, "segments/gold.yaml": SMALL["segments/gold.yaml"] + "# more\n"}
    assert shop.apply(newer)[1]["version"] == 2
    assert shop.ask("GET", "/api/projects/shop/export", version=1)[1]["sources"] == SMALL
    assert shop.ask("GET", "/api/projects/shop/export")[1]["sources"] == newer
    assert is_error(shop.ask("GET", "/api/projects/shop/export", version=9)[1], "not_found")


def test_keys_stay_the_same_over_versions(shop: House) -> None:
    keys = shop.ask("GET", "/api/projects/shop/keys")[1]
    assert [key["kind"] for key in keys] == ["public", "staging", "secret", "identity"]
    shop.apply({**SMALL, "segments/gold.yaml": SMALL["segments/gold.yaml"] + "# more\n"})
    assert shop.ask("GET", "/api/projects/shop/keys")[1] == keys


def test_things_have_names_in_both_languages(shop: House) -> None:
    names = shop.ask("GET", "/api/projects/shop/names")[1]
    assert names["campaigns"] == {"hello": {"ja": "Hello", "en": "Hello"}}
    assert names["segments"] == {"gold": {"ja": "ゴールド", "en": "Gold"}, "keen": {"ja": "Keen", "en": "Keen"}}
    assert names["events"] == {"sale_view": {"ja": "セール閲覧", "en": "Sale seen"}}
    assert sorted(name["en"] for name in names["actions"].values()) == ["A", "holdout"]
    shop.apply({**SMALL, "campaigns/hello.yaml": SMALL["campaigns/hello.yaml"].replace("Hello", "{ja: どうも, en: Hi}")})
    assert shop.ask("GET", "/api/projects/shop/names")[1]["campaigns"] == {"hello": {"ja": "どうも", "en": "Hi"}}


def test_templates_are_told_as_forms_and_shown_in_the_projects_theme(shop: House) -> None:
    shop.apply({**SMALL, "project.yaml": SMALL["project.yaml"] + "theme: {accent: '#5e7f3f'}\n"})
    forms = {form["name"]: form for form in shop.ask("GET", "/api/projects/shop/templates")[1]}
    assert {"card", "coupon", "survey"} <= set(forms)
    assert shop.ask("GET", "/api/projects/shop/templates/card")[1] == forms["card"]
    assert [question["name"] for question in forms["card"]["questions"]] == ["title", "url", "accent"]
    made = shop.ask("GET", "/api/projects/shop/templates/coupon/sample", language="en")[1]
    assert (made["kind"], made["display"]) == ("notification", {})
    assert "MIDORI500" in made["html"]
    assert "#5e7f3f" in made["css"]
    assert is_error(shop.ask("GET", "/api/projects/shop/templates/nothing")[1], "not_found")


def test_who_was_here_last_is_told_as_far_as_they_are_known(shop: House) -> None:
    (person,) = shop.ask("GET", "/api/projects/shop/people", limit=5)[1]
    assert (person["person"], person["user_id"], person["visits"]) == ("hanako", "u-1", 2)


def test_a_person_is_found_by_user_id_with_attributes_segments_and_consents(shop: House) -> None:
    person = shop.ask("GET", "/api/projects/shop/people/u-1")[1]
    assert person["person"] == "hanako"
    assert person["attributes"] == {"rank": ["gold"]}
    assert person["segments"] == ["gold"]
    assert person["consents"] == {"record": "unknown"}
    assert is_error(shop.ask("GET", "/api/projects/shop/people/nobody")[1], "not_found")


def test_why_names_the_gate_and_what_was_compared(shop: House) -> None:
    shop.apply({**SMALL, "campaigns/hello.yaml": SMALL["campaigns/hello.yaml"] + "who: visitors\n"})
    answer = shop.ask("GET", "/api/projects/shop/people/u-1/why", campaign="hello")[1]
    assert answer["gate"] in ("audience", "preparing")
    shop.apply({**SMALL, "campaigns/hello.yaml": SMALL["campaigns/hello.yaml"] + "pages: {exclude: ['/sale*']}\n"})
    answer = shop.ask("GET", "/api/projects/shop/people/u-1/why", campaign="hello")[1]
    assert answer["gate"] == "page"
    assert [row["found"] for row in answer["compared"]] == ["/sale"]
    assert answer["compared"][0]["subject_ja"]
    assert is_error(shop.ask("GET", "/api/projects/shop/people/u-1/why", campaign="bye")[1], "not_found")


def test_why_says_when_nothing_stands_in_the_way(shop: House) -> None:
    arms = "  - {name: A, template: card, texts: {title: Hi}}\n"
    shop.apply({**SMALL, "campaigns/hello.yaml": f"name: H\nstate: live\ntrigger: {{event: view}}\nactions:\n{arms}"})
    assert shop.ask("GET", "/api/projects/shop/people/u-1/why", campaign="hello")[1]["gate"] == "shown"


def test_why_tells_that_the_page_had_the_message_and_did_not_show_it(shop: House) -> None:
    def why() -> Any:
        return shop.ask("GET", "/api/projects/shop/people/u-1/why", campaign="hello")[1]["unshown"]

    assert why() is None
    given_back = Released(
        project=ProjectId("shop"),
        person=PersonId("hanako"),
        seq=3,
        now=NOON,
        config=1,
        at=NOON,
        received_at=NOON,
        index=0,
        id=EventId("r"),
        reservation=ReservationId("r1"),
        campaign=CampaignId("hello"),
        reason="scroll",
    )
    shop.questions.told.append(Told(7, given_back, ()))
    assert why() == {"at": NOON, "reason": "scroll"}
    story = shop.ask("GET", "/api/projects/shop/people/u-1/story")[1]["moments"]
    assert story[-1]["values"] == {"reservation": "r1", "campaign": "hello", "reason": "scroll"}


def test_the_emergency_stop_is_the_gate_at_once(shop: House) -> None:
    assert shop.ask("POST", "/api/projects/shop/switches", {"messages_stopped": True})[1] == {
        "messages_stopped": True,
        "recording_stopped": False,
    }
    assert shop.ask("GET", "/api/projects/shop/people/u-1/why", campaign="hello")[1]["gate"] == "stopped_by_switch"
    shop.ask("POST", "/api/projects/shop/switches", {"recording_stopped": True})
    assert shop.ask("GET", "/api/projects/shop/switches")[1] == {"messages_stopped": True, "recording_stopped": True}


def _event(position: int, name: str) -> Told:
    event = Event(
        project="shop",  # type: ignore[arg-type]
        person="hanako",  # type: ignore[arg-type]
        seq=position,
        now=NOON,
        config=1,
        at=NOON,
        received_at=NOON,
        index=0,
        id=f"e{position}",  # type: ignore[arg-type]
        name=name,
        values={"path": "/"},
        visitor="hanako",  # type: ignore[arg-type]
        user_id=None,
        session="s",  # type: ignore[arg-type]
        session_started_at=NOON,
        opened_session=False,
        late=False,
        source="tag",
    )
    return Told(position, event, (("hello", Gate.AUDIENCE),))  # type: ignore[arg-type]


def test_a_story_is_read_page_by_page(shop: House) -> None:
    goal = Goal(
        project="shop",  # type: ignore[arg-type]
        person="hanako",  # type: ignore[arg-type]
        seq=4,
        now=NOON,
        config=1,
        at=NOON,
        received_at=NOON,
        index=0,
        id="g",  # type: ignore[arg-type]
        campaign="hello",  # type: ignore[arg-type]
        action="d1K",  # type: ignore[arg-type]
        holdout=False,
        exposed_at=NOON,
        event="e3",  # type: ignore[arg-type]
        first=True,
        value_micros=1_500_000,
    )
    shop.questions.told = [Told(4, goal, ()), _event(3, "buy"), _event(2, "cart"), _event(1, "view")]
    first = shop.ask("GET", "/api/projects/shop/people/u-1/story", limit=2)[1]
    assert [moment["name"] for moment in first["moments"]] == ["goal", "buy"]
    assert first["moments"][0]["values"]["value"] == 1.5
    assert first["moments"][1]["gates"] == [{"campaign": "hello", "gate": "audience"}]
    second = shop.ask("GET", "/api/projects/shop/people/u-1/story", limit=9, before=first["older"])[1]
    assert [moment["name"] for moment in second["moments"]] == ["cart", "view"]
    assert second["older"] == ""
    assert is_error(shop.ask("GET", "/api/projects/shop/people/u-1/story", before="yesterday")[1], "bad_body")


def test_the_size_of_a_rule_is_asked_and_a_bad_rule_is_told_by_its_place(shop: House) -> None:
    rule = {"event": "sale_view", "op": ">=", "value": 2}
    size = shop.ask("POST", "/api/projects/shop/size", {"rule": rule})[1]
    assert (size["people"], size["everybody"], size["as_of"]) == (3, 10, NOON)
    assert "sample" not in size  # who they are is for those who may see people
    assert shop.questions.asked[0].subject.event == "view"  # type: ignore[union-attr]
    status, answer = shop.ask("POST", "/api/projects/shop/size", {"rule": {"any": [{"fact": "visit", "op": "=", "value": 1}]}})
    assert (status, answer["error"]["where"]) == (400, "rule.any[0].fact")


def test_values_funnel_and_results_are_answered_with_names_and_rates(shop: House) -> None:
    assert shop.ask("GET", "/api/projects/shop/values", event="buy", field="items.sku")[1] == [
        {"value": "buy.items.sku", "events": 30, "people": 2}
    ]
    funnel = shop.ask("GET", "/api/projects/shop/campaigns/hello/funnel")[1]
    assert [(stage["gate"], stage["reached"]) for stage in funnel["gates"]] == [("audience", 10), ("shown", 3)]
    assert funnel["end"] - funnel["start"] == 30 * 86_400_000
    (arm,) = shop.ask("GET", "/api/projects/shop/campaigns/hello/results")[1]["arms"]
    assert (arm["name"], arm["goal_rate"], arm["goal_value"], arm["goal_value_per_person"], arm["day"]) == (
        "A",
        0.5,
        12.0,
        1.5,
        "",
    )
    assert is_error(shop.ask("GET", "/api/projects/shop/campaigns/hello/results", start=NOON, end=5)[1], "bad_body")


def test_a_warehouse_that_fails_is_told_and_not_hidden(shop: House) -> None:
    shop.questions.broken = True
    status, answer = shop.ask("GET", "/api/projects/shop/campaigns/hello/funnel")
    assert (status, answer["error"]["message"]) == (503, "the disk is full")
    assert is_error(answer, "warehouse_failed")


def test_events_and_erasures_go_through_the_edge_with_a_key(shop: House) -> None:
    body = {"user_id": "u-1", "events": [{"name": "buy", "values": {"revenue": 1200}}]}
    assert shop.ask("POST", "/api/projects/shop/events", body) == (200, {"accepted": 1})
    (sent,) = shop.edge.sent
    assert (sent["project"], sent["user_id"], sent["events"]) == ("shop", "u-1", [{"name": "buy", "values": {"revenue": 1200}}])
    assert len(sent["key"]) == 24
    assert shop.ask("POST", "/api/projects/shop/erase", {"person": "hanako", "key": "k-1"})[0] == 200
    assert shop.edge.erased == [{"project": "shop", "key": "k-1", "person": "hanako"}]


@pytest.mark.parametrize("names", [{}, {"person": "a", "user_id": "b"}])
def test_a_person_is_named_exactly_once(shop: House, names: dict[str, str]) -> None:
    status, answer = shop.ask("POST", "/api/projects/shop/events", {**names, "events": [{"name": "a"}]})
    assert (status, answer["error"]["where"]) == (400, "person")


def test_what_the_edge_refuses_is_passed_on_and_an_absent_edge_is_told(shop: House) -> None:
    body = {"person": "p", "events": [{"name": "a"}]}
    shop.edge.trouble = EdgeRefused(404, "not_found", "Nobody is known by this name.", "person")
    status, answer = shop.ask("POST", "/api/projects/shop/events", body)
    assert (status, answer["error"]["where"]) == (404, "person")
    shop.edge.trouble = EdgeUnreachable("the edge does not answer on http://127.0.0.1:1: ConnectError")
    assert is_error(shop.ask("POST", "/api/projects/shop/events", body)[1], "edge_unreachable")
    facts = {fact["name"]: fact for fact in shop.ask("GET", "/api/doctor")[1]}
    assert facts["edge"]["state"] == "broken"


def test_the_doctor_warns_of_a_proxy_that_hides_everybody(shop: House) -> None:
    shop.edge.busiest = {"address": "10.0.0.1", "share": 0.97, "requests": 5_000}
    facts = {fact["name"]: fact for fact in shop.ask("GET", "/api/doctor")[1]}
    assert facts["proxies"]["message"] == "97% of all requests come from 10.0.0.1"
    assert "OMOTENASHI_PROXIES" in facts["proxies"]["advice"]
    assert facts["disk"]["state"] == "ok"


def test_new_statistics_wait_for_their_back_fill(shop: House) -> None:
    text = SMALL["campaigns/hello.yaml"] + "include: [keen]\n"
    shop.apply({**SMALL, "campaigns/hello.yaml": text})
    progress = shop.ask("GET", "/api/projects/shop/backfills")[1]
    assert (progress["version"], progress["ready"], progress["preparing"]) == (2, 0, ["hello"])
    assert [one["state"] for one in progress["backfills"]] == ["waiting", "waiting"]


def test_a_backup_is_asked_for_by_an_absolute_path(shop: House) -> None:
    assert shop.ask("POST", "/api/backups", {"target": "/somewhere/new"})[1]["last"] == 12
    assert is_error(shop.ask("POST", "/api/backups", {"target": "here"})[1], "bad_body")
    assert is_error(shop.ask("POST", "/api/backups", {"target": "/somewhere/full"})[1], "occupied")
