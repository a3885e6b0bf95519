"""Recordings found, opened, read and left notes at: thirty of them with known facts, over a real index and a real warehouse."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.configuration.folders import SMALL, campaign
from tests.unit.console.consoles import NOON, TOKEN, House, console
from tests.unit.console.personas import Persona, member
from tests.unit.console.test_streams import listening
from tests.unit.warehouse.made import DAY, Loader, event

from omotenashi.blobs.store import folder as blobs
from omotenashi.console.asked import Warehouse
from omotenashi.model.entries import Event, LogEntry
from omotenashi.model.ids import Instant, PageViewId, PersonId, ProjectId, SessionId, UserId, VisitorId
from omotenashi.model.outcomes import Gate
from omotenashi.model.profiles import Profile
from omotenashi.model.recordings import Chunk, Taken, blob_key
from omotenashi.model.staff import Grant
from omotenashi.warehouse.store import Store, open_store

SHOP = ProjectId("shop")
MINUTE = 60_000
SEARCH = "/api/projects/shop/recordings/search"
ALL = range(30)


def visit(number: int) -> SessionId:
    return SessionId(f"visit-{number:02d}")


def begun(number: int) -> Instant:
    """The higher the number, the later."""
    return Instant(NOON - (40 - number) * 10 * MINUTE)


def is_member(n: int) -> bool:
    return n % 3 == 0


def is_known(person: int) -> bool:
    """Whether a person has said who they are, once."""
    return person % 5 == 1


def came_before(person: int) -> bool:
    """Whether a person has been here once more, unrecorded."""
    return person % 4 == 0


def pages(n: int) -> int:
    return 2 if n % 6 else 1


def device(n: int) -> str:
    return ("phone", "desktop", "tablet")[n % 3 if n % 2 else 0]


def seconds(n: int) -> int:
    return 5 + 20 * n


def clicks(n: int) -> int:
    return (n * 7) % 11


def happened(n: int) -> list[Event]:
    """What the log tells of a visit. Person n // 2 made it, so everybody came twice."""
    at = begun(n)
    common: dict[str, Any] = {"session": visit(n), "session_started_at": at}

    def did(name: str, values: dict[str, Any] | None = None, second: int = 1, **more: Any) -> Event:
        return event(f"p{n // 2:02d}", name, values, at + second * 1000, **{**common, **more})

    gate = Gate.SHOWN if n < 12 else Gate.HOLDOUT if n < 15 else Gate.FREQUENCY if n < 20 else Gate.AUDIENCE
    told = [
        did(
            "view",
            {"url": f"https://shop.example/{'Sale' if n % 4 == 0 else 'tea'}/{n}"},
            0,
            gates=bytes([gate]),
            opened_session=True,
            user_id=UserId(f"m{n // 2}") if is_known(n // 2) and n % 2 else None,
        )
    ]
    if came_before(n // 2) and n % 2:
        earlier = {"session": SessionId(f"earlier-{n:02d}"), "session_started_at": at - DAY, "opened_session": True}
        told.insert(0, did("view", {"url": "https://shop.example/earlier"}, -86_400, **earlier))
    if is_member(n // 2):
        told.append(did("attribute", {"rank": "gold"}))
    if n < 15:
        told.append(did("_message_open", {"campaign": "hello", "action": "A", "holdout": n >= 12}, 2))
    if n < 5:
        told.append(did("_message_click", {"campaign": "hello", "action": "A"}, 3))
    if 5 <= n < 8:
        told.append(did("_message_close", {"campaign": "hello", "action": "A", "by": "button"}, 4))
    if n == 8:
        told.append(did("_message_close", {"campaign": "hello", "action": "A", "by": "navigation"}, 4))
    if n in (2, 9):
        told.append(did("_message_conflict", {"campaign": "hello", "action": "A"}, 5))
    if n % 10 == 7:
        told.append(did("buy", {"revenue": n * 100}, 6))
    if n == 21:
        told += [did("_rage_click", {}, 7), did("_rage_click", {}, 8)]
    if n == 22:
        told.append(did("_dead_click", {}, 7))
    return told


def taken(n: int, seq: int = 0) -> Taken:
    length = seconds(n) * 1000
    at = begun(n) + seq * length // 2
    chunk = Chunk(
        visit(n), "tab", seq, PageViewId(f"page-{seq % pages(n)}"), Instant(at), Instant(at + length // 2), 10, 4, seq == 0
    )
    return Taken(
        chunk,
        PersonId(f"p{n // 2:02d}"),
        VisitorId(f"v{n}"),
        clicks(n) if seq == 0 else 0,
        f"https://shop.example/{n}",
        device(n),
    )


def put(house: House, folder: Path, one: Taken, events: list[dict[str, Any]] | bytes) -> None:
    """A chunk, as the edge stores it."""
    body = events if isinstance(events, bytes) else gzip.compress(msgspec.json.encode(events))
    chunk = one.chunk
    blobs(folder / "blobs").put(blob_key(SHOP, chunk.recording, chunk.tab, chunk.seq), body)
    house.recordings.take(SHOP, one)


@pytest.fixture(scope="module")  # a process has one warehouse open at a time
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(tmp_path_factory.mktemp("warehouse"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, store: Store) -> Iterator[House]:
    """A console over thirty recordings; nobody changes them."""
    folder = tmp_path_factory.mktemp("archive")
    entries: list[LogEntry] = [told for n in ALL for told in happened(n)]
    Loader(store, ("hello",)).load(*entries)
    with console(folder, Warehouse(store, lambda: len(entries))) as house:
        assert house.apply({**SMALL, "campaigns/hello.yaml": campaign()})[0] == 200
        for n in ALL:
            for seq in (0, 1):
                put(house, folder, taken(n, seq), [{"type": 4, "timestamp": 1, "data": {}}])
        house.shelf.profiles["p03"] = Profile(PersonId("p03"), visits=2, last_at=NOON, now=NOON)
        yield house


def found(house: House, **asked: Any) -> list[int]:
    """The numbers of the recordings that are found, in the order of the answer."""
    status, answer = house.ask("POST", SEARCH, {"limit": 200, **asked})
    assert status == 200, answer
    assert answer["total"] == len(answer["recordings"])
    return [int(one["id"].removeprefix("visit-")) for one in answer["recordings"]]


SAW = {"campaign": "hello", "how": "saw"}
CASES: dict[str, tuple[dict[str, Any], Callable[[int], bool]]] = {
    "nothing is asked": ({}, lambda n: True),
    "the person is in a segment": ({"rule": {"segment": "gold"}}, lambda n: is_member(n // 2)),
    "the person came often": ({"rule": {"fact": "visits", "op": ">=", "value": 3}}, lambda n: came_before(n // 2)),
    "a member": ({"rule": {"fact": "member", "op": "=", "value": True}}, lambda n: is_known(n // 2)),
    "a visitor": ({"rule": {"fact": "member", "op": "=", "value": False}}, lambda n: not is_known(n // 2)),
    "a member in a segment who came often": (
        {
            "rule": {
                "all": [
                    {"segment": "gold"},
                    {"fact": "member", "op": "=", "value": True},
                    {"fact": "visits", "op": ">=", "value": 2},
                ]
            }
        },
        lambda n: is_member(n // 2) and is_known(n // 2),
    ),
    "one person": ({"person": "p03"}, lambda n: n // 2 == 3),
    "nobody of this name": ({"person": "nobody"}, lambda n: False),
    "pages": ({"pages": 2}, lambda n: pages(n) >= 2),
    "a device": ({"devices": ["tablet", "desktop"]}, lambda n: device(n) in ("tablet", "desktop")),
    "a page, in capitals or not": ({"page": "/sale/"}, lambda n: n % 4 == 0),
    "a length": ({"shortest": 100, "longest": 300}, lambda n: 100 <= seconds(n) <= 300),
    "clicks": ({"clicks": 6}, lambda n: clicks(n) >= 6),
    "an event": ({"events": [{"event": "buy"}]}, lambda n: n % 10 == 7),
    "an event with a value": (
        {"events": [{"event": "buy", "where": {"field": "revenue", "op": ">", "value": 1000}}]},
        lambda n: n in (17, 27),
    ),
    "two events in one visit": (
        {"events": [{"event": "buy"}, {"event": "_message_open", "never": True}]},
        lambda n: n % 10 == 7 and n >= 15,
    ),
    "no event of this value": (
        {"events": [{"event": "buy", "where": {"field": "revenue", "op": ">", "value": 1000}, "never": True}]},
        lambda n: n not in (17, 27),
    ),
    "no such event": ({"events": [{"event": "buy", "never": True}]}, lambda n: n % 10 != 7),
    "a message was seen": ({"campaigns": [SAW]}, lambda n: n < 12),
    "a message was clicked": ({"campaigns": [{**SAW, "how": "clicked"}]}, lambda n: n < 5),
    "a message was seen and not clicked": ({"campaigns": [SAW, {**SAW, "how": "clicked", "never": True}]}, lambda n: 5 <= n < 12),
    "a message was closed by hand": ({"campaigns": [{**SAW, "how": "closed"}]}, lambda n: 5 <= n < 8),
    "held out": ({"campaigns": [{**SAW, "how": "holdout"}]}, lambda n: 12 <= n < 15),
    "withheld anywhere": ({"campaigns": [{**SAW, "how": "withheld"}]}, lambda n: n >= 15),
    "withheld at a gate": ({"campaigns": [{**SAW, "how": "withheld", "gate": "frequency"}]}, lambda n: 15 <= n < 20),
    "in the audience": ({"campaigns": [{**SAW, "how": "audience"}]}, lambda n: n < 20),
    "a message covered something": ({"conflict": True}, lambda n: n in (2, 9)),
    "one kind of friction": ({"trouble": ["_rage_click"]}, lambda n: n == 21),
    "any friction": ({"trouble": ["_rage_click", "_dead_click"]}, lambda n: n in (21, 22)),
    "not withheld at a gate": (
        {"campaigns": [{**SAW, "how": "withheld", "gate": "frequency", "never": True}]},
        lambda n: not 15 <= n < 20,
    ),
    "a message was seen that covered something, and nothing else": (
        {"campaigns": [SAW, {**SAW, "how": "clicked", "never": True}], "conflict": True},
        lambda n: n == 9,
    ),
    "a time": ({"since": begun(10), "until": begun(20)}, lambda n: 10 <= n < 20),
    "several at once": (
        {"campaigns": [SAW], "page": "sale", "rule": {"segment": "gold"}},
        lambda n: n in (0, 1, 6, 7) and n % 4 == 0,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_filter_finds_exactly_the_visits_it_is_true_of(archive: House, case: str) -> None:
    asked, is_so = CASES[case]
    assert found(archive, **asked) == sorted((n for n in ALL if is_so(n)), reverse=True)


def test_orders_are_those_asked_for_and_a_random_one_is_the_same_again(archive: House) -> None:
    assert found(archive, order="longest") == sorted(ALL, reverse=True)
    assert [clicks(n) for n in found(archive, order="busiest")] == sorted((clicks(n) for n in ALL), reverse=True)
    once = found(archive, order="random", seed=4)
    assert sorted(once) == list(ALL)
    assert once == found(archive, order="random", seed=4) != found(archive, order="random", seed=5)


def test_a_page_of_the_list_tells_how_many_there_are_and_what_happened_in_each(archive: House) -> None:
    answer = archive.ask("POST", SEARCH, {"limit": 2, "offset": 28})[1]
    assert (answer["total"], [one["id"] for one in answer["recordings"]]) == (30, ["visit-01", "visit-00"])
    marks = {one["name"]: one["times"] for one in answer["recordings"][0]["marks"]}
    assert marks == {"_message_open": 1, "_message_click": 1}
    assert archive.ask("POST", SEARCH, {"limit": 0})[1]["recordings"] == []
    (raging,) = archive.ask("POST", SEARCH, {"trouble": ["_rage_click"]})[1]["recordings"]
    assert raging["marks"] == [{"name": "_rage_click", "campaign": "", "holdout": False, "times": 2}]


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({"since": 5, "until": 4}, "since"),
        ({"trouble": ["_sneeze"]}, "trouble"),
        ({"campaigns": [{**SAW, "how": "withheld", "gate": "moon"}]}, "campaigns.0.gate"),
        ({"events": [{"event": "buy", "where": {"field": "revenue", "op": "~"}}]}, "events.0.where.op"),
    ],
)
def test_a_filter_that_cannot_be_asked_names_its_place(archive: House, asked: Any, where: str) -> None:
    status, answer = archive.ask("POST", SEARCH, asked)
    assert (status, answer["error"]["where"]) == (400, where)


@pytest.fixture
def shop(tmp_path: Path, store: Store) -> Iterator[tuple[House, Path]]:
    """A console with three recordings."""
    with console(tmp_path) as house:
        house.questions.store = store
        assert house.apply(SMALL)[0] == 200
        for n in (0, 1, 2):
            for seq in (0, 1):
                put(house, tmp_path, taken(n, seq), [{"type": 2 + seq, "timestamp": 10 + seq, "data": {"line": "a\nb"}}])
        yield house, tmp_path


def look(house: House, recording: str = "visit-00") -> Any:
    status, opened = house.ask("POST", f"/api/projects/shop/recordings/{recording}/viewings")
    assert status == 201
    return opened


def test_whoever_opens_a_recording_stands_in_the_audit_log_each_time(shop: tuple[House, Path]) -> None:
    house, _ = shop
    first = look(house)
    assert (first["recording"]["watched_by"], first["watchers"]) == (1, [])
    assert look(house)["watchers"] == ["CLI"]
    lines = [line for line in house.staff.audit.page(["shop"], limit=100) if line.operation == "viewings.look"]
    assert [(line.object, line.who_name, msgspec.json.decode(line.after)) for line in lines] == [
        ("visit-00", "CLI", {"person": "p00"})
    ] * 2


def test_chunks_are_read_with_a_viewing_of_this_recording_and_of_ones_own_alone(shop: tuple[House, Path]) -> None:
    house, _ = shop
    opened = look(house)
    where = "/api/projects/shop/recordings/visit-00/chunks"
    status, chunks = house.ask("GET", where, tab="tab", viewing=opened["viewing"])
    assert status == 200
    assert [(one["seq"], one["events"][0]["type"]) for one in chunks] == [(0, 2), (1, 3)]
    assert chunks[0]["events"][0]["data"]["line"] == "a\nb"
    assert [one["seq"] for one in house.ask("GET", where, tab="tab", viewing=opened["viewing"], most=1)[1]] == [0]
    assert [one["seq"] for one in house.ask("GET", where, tab="tab", viewing=opened["viewing"], after=0)[1]] == [1]
    assert house.ask("GET", where, tab="tab", viewing=opened["viewing"], after=1)[1] == []
    other = look(house, "visit-01")["viewing"]
    for viewing in (other, "guessed", ""):
        status, answer = house.ask("GET", where, tab="tab", viewing=viewing)
        assert (status, answer["error"]["where"]) == (403, "viewing")


@pytest.mark.parametrize(
    "bytes_of_it",
    [b"no gzip", gzip.compress(b"{"), gzip.compress(b'{"a": 1}'), gzip.compress(b"[1]")[:-9]],
    ids=["no gzip", "no JSON", "no list", "cut short"],
)
def test_a_damaged_chunk_is_an_empty_one(shop: tuple[House, Path], bytes_of_it: bytes) -> None:
    house, folder = shop
    put(house, folder, taken(3), bytes_of_it)
    opened = look(house, "visit-03")
    chunks = house.ask("GET", "/api/projects/shop/recordings/visit-03/chunks", tab="tab", viewing=opened["viewing"])[1]
    assert chunks[0]["events"] == []


def test_a_recording_is_watched_by_me_by_somebody_by_nobody(shop: tuple[House, Path]) -> None:
    house, _ = shop
    look(house)
    assert found(house, watched="me") == [0]
    assert found(house, watched="somebody") == [0]
    assert found(house, watched="nobody") == [2, 1]
    assert found(house, watched="not_me") == [2, 1]


def test_notes_labels_and_keeping_stay_with_a_recording_and_go_with_it(shop: tuple[House, Path]) -> None:
    house, _ = shop
    base = "/api/projects/shop/recordings/visit-01"
    notes = house.ask("POST", f"{base}/notes", {"text": " Here they stop. ", "place": 4_000})[1]
    assert [(one["text"], one["place"], one["mine"]) for one in notes] == [("Here they stop.", 4_000, True)]
    assert house.ask("PUT", f"{base}/labels", {"labels": ["cart", "cart", " ask "]}) == (200, {"labels": ["ask", "cart"]})
    assert house.ask("PUT", f"{base}/protection", {"kept": True}) == (200, {"kept": True})
    assert found(house, noted=True) == found(house, label="ask") == [1]
    card = look(house, "visit-01")["recording"]
    assert (card["notes"], card["labels"], card["protected"]) == (1, ["ask", "cart"], True)
    assert house.ask("DELETE", f"{base}/notes/nothing")[0] == 404
    assert house.ask("DELETE", f"{base}/notes/{notes[0]['id']}") == (200, [])
    response = house.client.delete(base, headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 204
    assert found(house) == [2, 0]
    assert house.ask("POST", f"{base}/viewings")[0] == 404
    assert [key for _, key in house.recordings.erasing()] == ["visit-01"]


def test_who_may_not_see_recordings_is_refused_and_who_has_no_grant_knows_of_none(shop: tuple[House, Path]) -> None:
    house, _ = shop
    admin = member(house, "admin", Grant("shop", "admin", ("people", "sql")))
    stranger = member(house, "stranger", Grant("elsewhere", "admin", ("recordings",)))
    asked: list[tuple[str, str, Any]] = [
        ("POST", SEARCH, {}),
        ("GET", "/api/projects/shop/recordings/keeping", None),
        ("GET", "/api/projects/shop/live", None),
        ("GET", "/api/projects/shop/live/stream", None),
        ("POST", "/api/projects/shop/recordings/visit-00/viewings", None),
        ("GET", "/api/projects/shop/recordings/visit-00/chunks?tab=tab&viewing=x", None),
        ("GET", "/api/projects/shop/recordings/visit-00/moments?viewing=x", None),
        ("GET", "/api/projects/shop/recordings/visit-00/stream?viewing=x", None),
        ("POST", "/api/projects/shop/recordings/visit-00/notes", {"text": "a"}),
        ("PUT", "/api/projects/shop/recordings/visit-00/labels", {"labels": []}),
        ("PUT", "/api/projects/shop/recordings/visit-00/protection", {"kept": True}),
        ("DELETE", "/api/projects/shop/recordings/visit-00", None),
    ]

    def status(persona: Persona, method: str, path: str, body: Any) -> int:
        return house.client.request(method, path, json=body, headers=persona.headers).status_code

    for method, path, body in asked:
        assert status(admin, method, path, body) == 403, path
        assert status(stranger, method, path, body) == 404, path


def test_another_projects_recording_is_not_found(shop: tuple[House, Path]) -> None:
    house, _ = shop
    assert house.apply({"project.yaml": "id: other\nname: Other\n"})[0] == 200
    assert house.ask("POST", "/api/projects/other/recordings/visit-00/viewings")[0] == 404
    assert house.ask("POST", "/api/projects/other/recordings/search", {})[1]["total"] == 0
    viewing = look(house)["viewing"]
    assert house.ask("GET", "/api/projects/other/recordings/visit-00/chunks", tab="tab", viewing=viewing)[0] == 404


def test_only_those_whose_pages_spoke_lately_are_live(shop: tuple[House, Path]) -> None:
    house, folder = shop
    assert house.ask("GET", "/api/projects/shop/live")[1]["total"] == 0
    late = taken(4)
    now = msgspec.structs.replace(late.chunk, from_at=Instant(NOON - 9_000), to_at=Instant(NOON - 2_000))
    put(house, folder, msgspec.structs.replace(late, chunk=now), [])
    (card,) = house.ask("GET", "/api/projects/shop/live")[1]["recordings"]
    assert (card["id"], card["live"]) == ("visit-04", True)


async def test_whoever_follows_a_visit_is_told_what_came_and_the_page_that_it_is_watched(shop: tuple[House, Path]) -> None:
    house, folder = shop
    hanako = member(house, "hanako", Grant("shop", "viewer", ("recordings",)))
    base = "/api/projects/shop/recordings/visit-00"
    viewing = hanako.ask(house, "POST", f"{base}/viewings")[1]["viewing"]
    async with listening(house, hanako, f"{base}/stream?viewing={viewing}&after=tab.0") as (listener, _):
        name, standing = await listener.next()
        assert (name, standing["watchers"], standing["open"]) == ("standing", 1, True)
        name, chunk = await listener.next()
        assert (name, chunk["tab"], chunk["seq"], chunk["events"][0]["type"]) == ("chunk", "tab", 1, 3)
        assert house.recordings.is_watched(SHOP, visit(0), NOON)
        put(house, folder, taken(0, 2), [{"type": 2, "timestamp": 3, "data": {}}])
        name, chunk = await listener.next()
        assert (name, chunk["seq"]) == ("chunk", 2)
