"""What a person has allowed: read with its ledger, set by staff, exported, and asked for now."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.configuration.folders import SMALL, campaign
from tests.unit.console.consoles import NOON, House, console
from tests.unit.warehouse.made import DAY, Loader, event

from omotenashi.console.asked import Warehouse
from omotenashi.model.ids import PersonId
from omotenashi.model.profiles import Asked, Consent, Profile, Request
from omotenashi.warehouse.store import open_store

PROJECT = """
id: shop
name: Shop
purposes:
  - name: record
    label: { ja: 画面の記録, en: Recording }
    default: unknown
    expires_days: 365
    policy: "2026-10"
    ask_again: { later: 3 days }
  - { name: mail, default: unknown }
"""
CONSENTS = "/api/projects/shop/people/hanako/consents"


def said(state: str, at: int, **more: Any) -> Any:
    test = more.pop("test", False)
    source = more.pop("via", "tag")
    return event("hanako", "consent", {"purpose": "record", "state": state, **more}, at=at, test=test, source=source)


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loader]:
    store = open_store(tmp_path_factory.mktemp("warehouse"))
    loader = Loader(store, ("hello",))
    loader.load(
        said("later", NOON - 3 * DAY, source="template", reservation="r1", campaign="hello", text="d1K@1"),
        said("granted", NOON - 2 * DAY, source="template", policy="2026-10", text="d1K@1", campaign="hello"),
        said("withdrawn", NOON - DAY, via="console", source="console", by="=HANAKO()"),
        event("taro", "consent", {"purpose": "record", "state": "denied"}, at=NOON),
        event("hanako", "view", {"path": "/"}, at=NOON),
    )
    yield loader
    store.close()


@pytest.fixture
def house(tmp_path: Path, loader: Loader) -> Iterator[House]:
    with console(tmp_path, Warehouse(loader.store, lambda: loader.position)) as one:
        asking = campaign("asks: record\n")
        assert one.apply({**SMALL, "project.yaml": PROJECT, "campaigns/hello.yaml": asking})[0] == 200
        hanako = Profile(PersonId("hanako"), seq=4, now=NOON, first_seen_at=NOON, last_at=NOON)
        key = (NOON - DAY, NOON - DAY, 0, "c")
        hanako.consents = {"record": Consent(key, "withdrawn", "2026-10", "console", "")}
        hanako.asked = {"record": Asked(key, "later")}
        one.shelf.profiles["hanako"] = hanako
        yield one


def test_the_state_says_since_when_by_whom_and_when_it_may_be_asked_again(house: House) -> None:
    status, told = house.ask("GET", CONSENTS)
    assert status == 200, told
    record, mail = told["purposes"]
    assert (record["state"], record["at"], record["source"], record["policy"]) == ("withdrawn", NOON - DAY, "console", "2026-10")
    assert (record["label"], record["by_default"]) == ({"ja": "画面の記録", "en": "Recording"}, False)
    assert (record["answer"], record["again_at"], record["campaign"]) == ("later", NOON + 2 * DAY, "hello")
    assert (mail["state"], mail["by_default"], mail["answer"], mail["campaign"]) == ("unknown", True, "", "")


def test_the_ledger_is_this_persons_newest_first(house: House) -> None:
    _, told = house.ask("GET", CONSENTS)
    assert [(one["state"], one["source"], one["at"]) for one in told["changes"]] == [
        ("withdrawn", "console", NOON - DAY),
        ("granted", "template", NOON - 2 * DAY),
        ("later", "template", NOON - 3 * DAY),
    ]
    assert told["changes"][0]["by"] == "=HANAKO()"
    assert (told["changes"][1]["text"], told["changes"][1]["campaign"]) == ("d1K@1", "hello")


def test_the_ledger_goes_out_as_json_and_as_a_table_without_formulas(house: House) -> None:
    headers = {"Authorization": "Bearer a-token-of-the-console"}
    as_csv = house.client.post(f"{CONSENTS}/export", json={"format": "csv"}, headers=headers)
    assert as_csv.headers["content-disposition"] == 'attachment; filename="consents-hanako.csv"'
    rows = list(csv.DictReader(io.StringIO(as_csv.content.decode("utf-8-sig"))))
    assert [row["state"] for row in rows] == ["withdrawn", "granted", "later"]
    assert rows[0]["by"] == "'=HANAKO()"
    as_json = house.client.post(f"{CONSENTS}/export", json={"format": "json"}, headers=headers)
    assert [one["state"] for one in as_json.json()["changes"]] == ["withdrawn", "granted", "later"]


def test_staff_set_a_consent_through_the_edge_under_their_name(house: House) -> None:
    status, answer = house.ask("POST", CONSENTS, {"purpose": "mail", "state": "granted"})
    assert (status, answer) == (200, {"accepted": 1})
    (sent,) = house.edge.sent
    assert sent["person"] == "hanako"
    assert sent["events"] == [{"name": "consent", "values": {"purpose": "mail", "state": "granted", "by": "CLI"}}]
    line = house.ask("GET", "/api/projects/shop/audit")[1]["lines"][0]
    assert (line["kind"], line["object"]) == ("consent", "hanako")
    assert line["differences"] == [{"path": "mail", "before": "unknown", "after": "granted"}]


def test_asking_now_needs_a_live_campaign_that_asks_and_a_purpose_that_is_not_granted(house: House) -> None:
    status, answer = house.ask("POST", f"{CONSENTS}/ask", {"purpose": "record"})
    assert (status, answer["campaign"], answer["until"]) == (200, "hello", NOON + DAY)
    (sent,) = house.edge.sent
    (event_sent,) = sent["events"]
    assert (event_sent["name"], event_sent["values"]["campaign"]) == ("_consent_requested", "hello")
    assert house.ask("POST", f"{CONSENTS}/ask", {"purpose": "mail"})[1]["error"]["where"] == "purpose"
    house.shelf.profiles["hanako"].consents["record"] = Consent((NOON, NOON, 0, "d"), "granted", "2026-10")
    status, refused = house.ask("POST", f"{CONSENTS}/ask", {"purpose": "record"})
    assert (status, refused["error"]["where"]) == (400, "purpose")


def test_a_standing_wish_to_ask_is_told(house: House) -> None:
    house.shelf.profiles["hanako"].requested = {"record": Request((NOON, NOON, 0, "q"), "hello", NOON + DAY)}  # type: ignore[arg-type]
    assert house.ask("GET", CONSENTS)[1]["purposes"][0]["requested_until"] == NOON + DAY


@pytest.mark.parametrize("path", ["", "/ask"])
def test_a_purpose_that_is_not_the_projects_is_named(house: House, path: str) -> None:
    status, refused = house.ask("POST", CONSENTS + path, {"purpose": "ads", "state": "granted"})
    assert (status, refused["error"]["where"]) == (400, "purpose")
    assert "record, mail" in refused["error"]["message"]
