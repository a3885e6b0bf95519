"""What a recorded page showed is asked for of us alone, by whoever was given the events, as it was when it was kept."""

import gzip
from collections.abc import Iterator
from itertools import count
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


@pytest.fixture(scope="module")
def place() -> Iterator[Site]:
    with site() as one:
        yield one


@pytest.fixture(scope="module")
def console_there(tmp_path_factory: pytest.TempPathFactory, store: Store, place: Site) -> Iterator[tuple[House, Path]]:
    folder = tmp_path_factory.mktemp("console")
    with console(folder, listed={place.place}) as one:
        one.questions.store = store
        elsewhere = {**SMALL, "project.yaml": SMALL["project.yaml"].replace("id: shop", "id: elsewhere")}
        assert (one.apply(SMALL)[0], one.apply(elsewhere)[0]) == (200, 200)
        put(one, folder, taken(39), [])
        yield one, folder


class Visit:
    """A recording of a page of a shop that nobody else has seen."""

    def __init__(self, house: House, folder: Path, place: Site, number: int) -> None:
        self.house = house
        self.folder = folder
        self.number = number
        self.id = f"visit-{number:02d}"
        self.url = f"{place.url}/{number}"
        self.site = place
        place.asked.clear()
        place.pages = {
            f"/{number}/tea.png": Page(PNG),
            f"/{number}/drawn.svg": Page(SVG, "image/svg+xml"),
            f"/{number}/a/b.css": Page(b"@import 'c.css'; a{background:url(../tea.png)}", "text/css"),
        }
        put(house, folder, taken(number), page(self.url))

    @property
    def where(self) -> str:
        return f"/api/projects/shop/recordings/{self.id}"

    @property
    def paths(self) -> list[str]:
        """What the shop was asked for."""
        return [path.split("/", 2)[2] for path in self.site.paths]

    def opened(self) -> Any:
        return self.house.ask("POST", f"{self.where}/viewings")[1]

    def addresses(self) -> list[str]:
        """What stands in the events that are served: the sheet's address, three pictures', and a link's."""
        chunks = self.house.ask("GET", f"{self.where}/chunks", tab="tab", viewing=self.opened()["viewing"])[1]
        return named(chunks[0]["events"])


NUMBERS = count(1)


@pytest.fixture
def visit(console_there: tuple[House, Path], place: Site) -> Visit:
    house, folder = console_there
    return Visit(house, folder, place, next(NUMBERS))


def page(url: str) -> list[dict[str, Any]]:
    nodes = [
        {"type": 2, "id": 3, "tagName": "link", "attributes": {"rel": "stylesheet", "href": f"{url}/a/b.css"}},
        {"type": 2, "id": 4, "tagName": "img", "attributes": {"src": f"{url}/tea.png?a=1&b=茶"}},
        {"type": 2, "id": 5, "tagName": "img", "attributes": {"src": f"{url}/never.png"}},
        {"type": 2, "id": 6, "tagName": "use", "attributes": {"href": f"{url}/drawn.svg#cup"}},
        {"type": 2, "id": 7, "tagName": "a", "attributes": {"href": f"{url}/logout"}},
    ]
    root = {"type": 2, "id": 2, "tagName": "html", "attributes": {}, "childNodes": nodes}
    return [
        {"type": 4, "timestamp": 1, "data": {"href": url}},
        {"type": 2, "timestamp": 1, "data": {"node": {"type": 0, "id": 1, "childNodes": [root]}}},
    ]


def named(events: list[Any]) -> list[str]:
    nodes = events[1]["data"]["node"]["childNodes"][0]["childNodes"]
    return [node["attributes"].get("href") or node["attributes"]["src"] for node in nodes]


def got(house: House, address: str) -> Any:
    """What is answered to whoever can read the data folder."""
    return house.client.get(address, headers={"Authorization": f"Bearer {TOKEN}"})


def test_events_name_addresses_of_ours_that_hold_nothing_to_misread(visit: Visit) -> None:
    *loaded, link = visit.addresses()
    assert link == f"{visit.url}/logout"
    for address in loaded:
        assert address.startswith(f"/replay/shop/{visit.id}/material?kind=")
        assert not {*" \"'(),<>\\;"} & {*address}
    assert loaded[3].endswith("#cup")


def test_what_was_never_asked_for_is_asked_for_once_and_kept(visit: Visit) -> None:
    _, picture, missing, drawn, _ = visit.addresses()
    answer = got(visit.house, picture)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PNG, "image/png")
    visit.site.pages.clear()
    assert got(visit.house, picture).content == PNG
    assert got(visit.house, missing).status_code == got(visit.house, missing).status_code == 404
    assert visit.paths == ["tea.png?a=1&b=%E8%8C%B6", "never.png"]
    assert got(visit.house, drawn.partition("#")[0]).status_code == 404
    assert visit.opened()["missing"] == 2


def test_whatever_is_answered_can_run_nothing_and_is_kept_by_this_browser_alone(visit: Visit) -> None:
    answer = got(visit.house, visit.addresses()[3].partition("#")[0])
    assert (answer.content, answer.headers["content-type"]) == (SVG, "image/svg+xml")
    policy = answer.headers["content-security-policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, max-age=86400, immutable"


def test_a_sheet_names_addresses_of_the_same_recording(visit: Visit) -> None:
    answer = got(visit.house, visit.addresses()[0])
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert visit.url not in answer.text
    first, second = (part.partition('"')[0] for part in answer.text.split('url("')[1:])
    assert got(visit.house, second).content == PNG
    assert got(visit.house, first).status_code == 404
    assert "a/c.css" in visit.paths


def test_only_what_was_recorded_can_be_asked_for(visit: Visit) -> None:
    picture = visit.addresses()[1]
    for other in (
        picture.replace("tea.png", "secret.png"),
        picture.replace("kind=look", "kind=sheet"),
        picture.replace(visit.id, "visit-39"),
        picture.replace(visit.id, "visit-99"),
        picture.replace("key=", "key=0"),
        picture.replace("/replay/shop/", "/replay/elsewhere/"),
        picture + "a" * 5_000,
    ):
        assert got(visit.house, other).status_code == 404
    for wrong in (picture.replace("kind=look", "kind=page"), picture.partition("&u=")[0]):
        assert got(visit.house, wrong).status_code == 400
    assert visit.paths == []


def test_it_takes_the_right_to_recordings_of_this_project(visit: Visit) -> None:
    picture, house = visit.addresses()[1], visit.house
    sees = member(house, "sees", Grant("shop", "viewer", ("recordings",)))
    reads = member(house, "reads", Grant("shop", "viewer"))
    other = member(house, "other", Grant("elsewhere", "admin", ("recordings",)))
    assert [house.client.get(picture, headers=one.headers).status_code for one in (sees, reads, other)] == [200, 403, 404]
    house.client.cookies.clear()
    assert house.client.get(picture).status_code == 401


def test_a_recording_that_is_going_shows_nothing_any_more(visit: Visit) -> None:
    picture = visit.addresses()[1]
    assert got(visit.house, picture).status_code == 200
    visit.house.recordings.set_state(ProjectId("shop"), SessionId(visit.id), "erasing")
    assert got(visit.house, picture).status_code == 404


def test_the_screen_may_ask_nobody_but_us(visit: Visit) -> None:
    assert "http" not in visit.house.client.get("/replay").headers["content-security-policy"]


def test_a_heatmaps_picture_names_addresses_of_ours_too(visit: Visit) -> None:
    asked = {"device": taken(visit.number).device, "page": f"/{visit.number}"}
    picture = visit.house.ask("POST", "/api/projects/shop/heatmaps", asked)[1]["picture"]
    assert got(visit.house, named(picture)[1]).content == PNG


def test_half_a_letter_in_a_page_spoils_nothing(visit: Visit) -> None:
    put(visit.house, visit.folder, taken(visit.number, 1), gzip.compress(b'[{"type":6,"data":{"said":"\\ud83d"}}]'))
    answer = got(visit.house, f"{visit.where}/chunks?tab=tab&after=0&viewing={visit.opened()['viewing']}")
    assert b"\\ud83d" in answer.content
