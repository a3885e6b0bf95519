"""The catalogue of events over a real warehouse: what is known, unknown, broken, silent, ignored and turned away."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import NOON, House, console
from tests.unit.warehouse.made import DAY, Loader, event

from omotenashi.console.ports import EdgeUnreachable
from omotenashi.engine.calendar import Calendar
from omotenashi.model.known_events import EXPECTED
from omotenashi.warehouse.schema import TABLES
from omotenashi.warehouse.store import Store, open_store

TODAY = Calendar("Asia/Tokyo").day(NOON)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(tmp_path_factory.mktemp("warehouse"))
    yield store
    store.close()


@pytest.fixture
def house(opened: Store, tmp_path: Path) -> Iterator[House]:
    for table in TABLES:
        opened.run(f"TRUNCATE TABLE {table}")
    Loader(opened).load(
        event("ann", "view", {"path": "/", "title": "Midori"}, NOON),
        event("ben", "view", {"path": "/tea", "title": 7}, NOON - DAY),
        event("ann", "buy", {"revenue": 1_200}, NOON),
        event("ben", "buy", {"revenue": "1,200"}, NOON - 1),
        event("cat", "buy", {"revenue": 900}, NOON - 40 * DAY),
        event("ann", "hover", {"x": 1}, NOON),
        *(event("ann", "newsletter", at=NOON - days * DAY) for days in range(3, 10)),
        event("tester", "secret", test=True, at=NOON),
    )
    with console(tmp_path) as one:
        one.questions.store = opened
        project = SMALL["project.yaml"] + "ignore: [scroll]\n"
        files = {
            **SMALL,
            "project.yaml": project,
            "segments/buyers.yaml": "name: Buyers\nrule: {event: buy, op: '>=', value: 1}\n",
        }
        assert one.apply(files)[0] in (200, 201)
        yield one


def asked(house: House, path: str = "") -> Any:
    status, answer = house.ask("GET", f"/api/projects/shop/catalogue{path}")
    assert status == 200, answer
    return answer


def test_every_event_is_listed_with_its_days_and_what_is_the_matter_with_it(house: House) -> None:
    house.edge.turned_away = [
        {"name": "buy", "code": "bad_value", "where": "values.x", "message": "No.", "times": 3, "at": NOON},
        {"name": "no good", "code": "bad_name", "where": "name", "message": "No.", "times": 1, "at": NOON},
        {"name": "scroll", "code": "ignored", "where": "name", "message": "No.", "times": 9, "at": NOON},
    ]
    told = asked(house)
    assert told["days"][-1] == date.fromordinal(TODAY).isoformat()
    assert len(told["days"]) == 28
    events = {one["name"]: one for one in told["events"]}
    assert list(events) == ["newsletter", "buy", "view", "hover", "scroll", "no good"]
    assert events["view"]["by_day"][-2:] == [1, 1]
    assert {name: one["standing"] for name, one in events.items()} == {
        "newsletter": "unknown",
        "buy": "conventional",
        "view": "reserved",
        "hover": "unknown",
        "scroll": "unknown",
        "no good": "unknown",
    }
    assert [use["id"] for use in events["buy"]["used_in"]] == ["buyers"]
    assert sorted(use["id"] for use in events["view"]["used_in"]) == ["hello", "sale_view"]
    assert {name for name, one in events.items() if one["silent"]} == {"newsletter"}
    assert {name for name, one in events.items() if one["ignored"]} == {"scroll"}
    assert {name: one["mixed"] for name, one in events.items() if one["mixed"]} == {"view": ["title"], "buy": ["revenue"]}
    assert (events["buy"]["refused"], events["scroll"]["refused"], events["no good"]["refused"]) == (3, 0, 1)
    assert (events["buy"]["events"], events["buy"]["people"], events["buy"]["first_at"]) == (3, 3, NOON - 40 * DAY)
    assert told["counted_since"] == NOON - 60_000


def test_one_event_tells_its_fields_and_which_came_wrongly(house: House) -> None:
    buy = asked(house, "/buy")
    assert buy["counted"] == 2
    (revenue,) = buy["fields"]
    assert (revenue["expected"], revenue["wrong"], revenue["share"], revenue["distinct"]) == ("number", True, 1.0, 2)
    assert {kind["kind"]: kind["events"] for kind in revenue["kinds"]} == {"number": 1, "text": 1}
    assert [one["values"] for one in buy["latest"]] == [{"revenue": 1_200}, {"revenue": "1,200"}, {"revenue": 900}]
    view = {field["path"]: field for field in asked(house, "/view")["fields"]}
    assert (view["path"]["wrong"], view["title"]["wrong"]) == (False, True)
    status, error = house.ask("GET", "/api/projects/shop/catalogue/secret")
    assert (status, error["error"]["where"]) == (404, "event")


def test_without_the_edge_the_rest_is_told(house: House) -> None:
    house.edge.trouble = EdgeUnreachable("down")
    told = asked(house)
    assert (told["counted_since"], told["refused"], len(told["events"])) == (None, [], 5)


def test_a_length_of_time_outside_the_limits_is_refused(house: House) -> None:
    for days in (6, 91):
        assert house.ask("GET", "/api/projects/shop/catalogue", days=days)[0] == 400


def test_every_name_and_field_that_is_expected_stands_in_the_specification() -> None:
    written = (ROOT / "spec" / "events.md").read_text("utf-8")
    for name, fields in EXPECTED.items():
        assert f"`{name}`" in written
        for field in fields:
            assert f"`{field}`" in written, (name, field)
