"""What a recorded page showed is asked for of us alone, by whoever was given the events, as it was when it was kept."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import TOKEN, House, console
from tests.unit.console.personas import member
from tests.unit.console.test_recordings import put, taken
from tests.unit.outbound.sites import Page, Site, site

from omotenashi.model.ids import ProjectId, SessionId
from omotenashi.model.staff import Grant
from omotenashi.warehouse.store import Store, open_store

PNG = b"\x89PNG tea"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(tmp_path_factory.mktemp("warehouse"))
    yield opened
    opened.close()


@pytest.fixture
def shop() -> Iterator[Site]:
    with site() as one:
        one.pages = {
            "/tea.png": Page(PNG),
            "/drawn.svg": Page(SVG, "image/svg+xml"),
            "/a/b.css": Page(b"@import 'c.css'; a{background:url(../tea.png)}", "text/css"),
        }
        yield one


@pytest.fixture
def house(tmp_path: Path, store: Store, shop: Site) -> Iterator[House]:
    """A console with two recordings of a page of the shop."""
    with console(tmp_path, listed={shop.place}) as one:
        one.questions.store = store
        elsewhere = {**SMALL, "project.yaml": SMALL["project.yaml"].replace("id: shop", "id: elsewhere")}
        assert (one.apply(SMALL)[0], one.apply(elsewhere)[0]) == (200, 200)
        for n in (0, 1):
            put(one, tmp_path, taken(n, 0), page(shop))
        yield one


def page(shop: Site) -> list[dict[str, Any]]:
    nodes = [
        {"type": 2, "id": 3, "tagName": "link", "attributes": {"rel": "stylesheet", "href": f"{shop.url}/a/b.css"}},
        {"type": 2, "id": 4, "tagName": "img", "attributes": {"src": f"{shop.url}/tea.png?a=1&b=茶"}},
        {"type": 2, "id": 5, "tagName": "img", "attributes": {"src": f"{shop.url}/never.png"}},
        {"type": 2, "id": 6, "tagName": "use", "attributes": {"href": f"{shop.url}/drawn.svg#cup"}},
        {"type": 2, "id": 7, "tagName": "a", "attributes": {"href": f"{shop.url}/logout"}},
    ]
    root = {"type": 2, "id": 2, "tagName": "html", "attributes": {}, "childNodes": nodes}
    return [
        {"type": 4, "timestamp": 1, "data": {"href": shop.url}},
        {"type": 2, "timestamp": 1, "data": {"node": {"type": 0, "id": 1, "childNodes": [root]}}},
    ]


def addresses(house: House, recording: str = "visit-00") -> list[str]:
    """What stands in the events that are served: the sheet's address, three pictures', and a link's."""
    where = f"/api/projects/shop/recordings/{recording}"
    opened = house.ask("POST", f"{where}/viewings")[1]
    chunks = house.ask("GET", f"{where}/chunks", tab="tab", viewing=opened["viewing"])[1]
    nodes = chunks[0]["events"][1]["data"]["node"]["childNodes"][0]["childNodes"]
    return [node["attributes"].get("href") or node["attributes"]["src"] for node in nodes]


def got(house: House, address: str) -> Any:
    """What is answered to whoever can read the data folder."""
    return house.client.get(address, headers={"Authorization": f"Bearer {TOKEN}"})


def test_events_name_addresses_of_ours_that_hold_nothing_to_misread(house: House, shop: Site) -> None:
    *loaded, link = addresses(house)
    assert link == f"{shop.url}/logout"
    for address in loaded:
        assert address.startswith("/replay/shop/visit-00/material?kind=")
        assert not {*" \"'(),<>\\;"} & {*address}
    assert loaded[3].endswith("#cup")


def test_what_was_never_asked_for_is_asked_for_once_and_kept(house: House, shop: Site) -> None:
    _, picture, missing, drawn, _ = addresses(house)
    answer = got(house, picture)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PNG, "image/png")
    shop.pages.clear()
    assert got(house, picture).content == PNG
    assert got(house, missing).status_code == got(house, missing).status_code == 404
    assert shop.paths == ["/tea.png?a=1&b=%E8%8C%B6", "/never.png"]
    assert got(house, drawn.partition("#")[0]).status_code == 404
    opened = house.ask("POST", "/api/projects/shop/recordings/visit-00/viewings")[1]
    assert opened["missing"] == 2


def test_whatever_is_answered_can_run_nothing_and_is_kept_by_this_browser_alone(house: House) -> None:
    drawn = addresses(house)[3].partition("#")[0]
    answer = got(house, drawn)
    assert (answer.content, answer.headers["content-type"]) == (SVG, "image/svg+xml")
    policy = answer.headers["content-security-policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, max-age=86400, immutable"


def test_a_sheet_names_addresses_of_the_same_recording(house: House, shop: Site) -> None:
    answer = got(house, addresses(house)[0])
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    first, second = answer.text.split('url("')[1:]
    assert shop.url not in answer.text
    assert got(house, second.partition('"')[0]).content == PNG
    assert got(house, first.partition('"')[0]).status_code == 404
    assert "/a/c.css" in shop.paths


def test_only_what_was_recorded_can_be_asked_for(house: House, shop: Site) -> None:
    picture = addresses(house)[1]
    for other in (
        picture.replace("tea.png", "secret.png"),
        picture.replace("kind=look", "kind=sheet"),
        picture.replace("visit-00", "visit-01"),
        picture.replace("visit-00", "visit-99"),
        picture.replace("key=", "key=0"),
        picture.replace("/replay/shop/", "/replay/elsewhere/"),
        picture + "a" * 5_000,
    ):
        assert got(house, other).status_code == 404
    for wrong in (picture.replace("kind=look", "kind=page"), picture.partition("&u=")[0]):
        assert got(house, wrong).status_code == 400
    assert shop.asked == []


def test_it_takes_the_right_to_recordings_of_this_project(house: House) -> None:
    picture = addresses(house)[1]
    sees = member(house, "sees", Grant("shop", "viewer", ("recordings",)))
    reads = member(house, "reads", Grant("shop", "viewer"))
    other = member(house, "other", Grant("elsewhere", "admin", ("recordings",)))
    assert [house.client.get(picture, headers=one.headers).status_code for one in (sees, reads, other)] == [200, 403, 404]
    assert house.client.get(picture, headers={"Authorization": ""}).status_code == 401


def test_a_recording_that_is_going_shows_nothing_any_more(house: House) -> None:
    picture = addresses(house)[1]
    assert got(house, picture).status_code == 200
    house.recordings.set_state(ProjectId("shop"), SessionId("visit-00"), "erasing")
    assert got(house, picture).status_code == 404


def test_the_screen_may_ask_nobody_but_us(house: House) -> None:
    policy = house.client.get("/replay").headers["content-security-policy"]
    assert "http" not in policy


def test_a_heatmaps_picture_names_addresses_of_ours_too(house: House, shop: Site) -> None:
    (_, full) = house.ask("POST", "/api/projects/shop/heatmaps", {"device": "phone", "page": "/"})[1]["picture"]
    nodes = full["data"]["node"]["childNodes"][0]["childNodes"]
    assert got(house, nodes[1]["attributes"]["src"]).content == PNG


def test_half_a_letter_in_a_page_spoils_nothing(house: House, tmp_path: Path) -> None:
    put(house, tmp_path, taken(2), gzip.compress(b'[{"type":6,"data":{"said":"\\ud83d"}}]'))
    opened = house.ask("POST", "/api/projects/shop/recordings/visit-02/viewings")[1]
    answer = got(house, f"/api/projects/shop/recordings/visit-02/chunks?tab=tab&viewing={opened['viewing']}")
    assert b"\\ud83d" in answer.content
