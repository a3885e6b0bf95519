"""Beside a story stands what can be watched of it, and of every other visit why it cannot."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import NOON, House, console
from tests.unit.console.test_recordings import taken
from tests.unit.warehouse.made import DAY, Loader, event

from omotenashi.console.asked import Warehouse
from omotenashi.engine.recording import is_sampled
from omotenashi.model.entries import Event
from omotenashi.model.ids import Instant, PersonId, ProjectId, SessionId
from omotenashi.model.profiles import Profile
from omotenashi.warehouse.store import open_store

SHOP = ProjectId("shop")
PROJECT = {
    "id": "shop",
    "name": "Shop",
    "purposes": [{"name": "record", "default": "unknown"}],
    "recording": {"consent": "record", "pages": {"exclude": ["/secret*"]}, "share": "50%"},
}
HOUR = 3_600_000


def session(name: str, *, sampled: bool = True) -> str:
    """An id of a session that is, or is not, among the half that is recorded."""
    return next(one for one in (f"{name}-{n}" for n in range(99)) if is_sampled(SHOP, SessionId(one), 500) is sampled)


def visit(name: str, at: int, path: str = "/", seconds: int = 60, *more: tuple[str, dict[str, Any]]) -> list[Event]:
    """A view, what else happened a second after it, and another view at the end."""
    common: dict[str, Any] = {"session": SessionId(name), "session_started_at": Instant(at)}
    values = {"url": f"https://shop.example{path}", "path": path}
    return [
        event("p00", "view", values, at, **common, opened_session=True),
        *(
            event("p00", what, given, at + 1000, **common, source="engine" if what.startswith("_") else "tag")
            for what, given in more
        ),
        event("p00", "view", values, at + seconds * 1000, **common),
    ]


BEGUN = ("_live_record_start", {"recording": "any"})
GRANTED = ("consent", {"purpose": "record", "state": "granted"})
LONG_AGO, UNASKED, SECRET, LEFT_OUT, SHORT, LOST, KEPT = (
    session("long-ago"),
    session("unasked"),
    session("secret"),
    session("left-out", sampled=False),
    session("short"),
    session("lost"),
    "visit-00",
)


@pytest.fixture(scope="module", name="house")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A person with seven visits, of which one was recorded and kept."""
    folder: Path = tmp_path_factory.mktemp("person")
    store = open_store(folder / "warehouse")
    told = [
        *visit(LONG_AGO, NOON - 40 * DAY),
        *visit(UNASKED, NOON - 20 * HOUR),
        *visit(SECRET, NOON - 18 * HOUR, "/secret/page", 60, GRANTED),
        *visit(LEFT_OUT, NOON - 16 * HOUR),
        *visit(SHORT, NOON - 14 * HOUR, "/", 3, BEGUN),
        *visit(LOST, NOON - 12 * HOUR, "/", 60, BEGUN),
        *visit(KEPT, NOON - 10 * HOUR, "/", 60, BEGUN),
    ]
    Loader(store, ()).load(*told)
    with console(folder, Warehouse(store, lambda: len(told))) as house:
        assert house.apply({**SMALL, "project.yaml": msgspec.json.encode(PROJECT).decode()})[0] == 200
        house.shelf.profiles["p00"] = Profile(PersonId("p00"), visits=7, last_at=NOON, now=NOON)
        house.recordings.take(SHOP, taken(0))
        yield house
    store.close()


def test_every_visit_can_be_watched_or_says_why_not(house: House) -> None:
    status, told = house.ask("GET", "/api/projects/shop/people/p00/recordings")
    assert status == 200
    assert [one["id"] for one in told["recordings"]] == [KEPT]
    assert told["reasons"] == {
        LONG_AGO: "expired",
        UNASKED: "no_consent",
        SECRET: "page",
        LEFT_OUT: "sample",
        SHORT: "too_short",
        LOST: "gone",
    }
    assert told["purpose"] == "record"
