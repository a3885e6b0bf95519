"""Somebody is erased through the edge: nothing that the house keeps to answer from still knows them."""

import gzip
import time
from pathlib import Path
from typing import Any

import apsw
import httpx
import msgspec
import pytest
from tests.integration.whole_house import House, bearer, sources, until, whole_house

from omotenashi import settings
from omotenashi.boot.serving import running
from omotenashi.warehouse.archive import erase_leftovers
from omotenashi.warehouse.store import open_store

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("back-fill")]

VIEWS: dict[str, Any] = {"event": "view", "op": ">=", "value": 2}
MARK = "only-ann-ever-saw-this"


def history(now: int) -> bytes:
    lines = [
        {"row": row, "user_id": user, "name": "view", "at": now - 3_600_000 + row, "values": {"url": f"https://shop/{page}"}}
        for row, (user, page) in enumerate((("ann", MARK), ("ann", MARK), ("ben", "sale"), ("ben", "sale"), ("cam", "sale")))
    ]
    return gzip.compress(b"\n".join(msgspec.json.encode(line) for line in lines))


def rows(file: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def erase(house: House, user: str) -> list[str]:
    """Every name that they were logged under."""
    url = running(house.folder, "edge")["internal"] + "/internal/erase"
    token = settings.secret(house.folder / "internal.token")
    body = {"project": "shop", "key": f"erase-{user}", "user_id": user}
    answer = httpx.post(url, json=body, headers=bearer(token), trust_env=False)
    assert answer.is_success, answer.text
    return list(answer.json()["erased"])


def test_nothing_knows_the_erased_any_more(tmp_path: Path) -> None:
    with whole_house(tmp_path / "data") as house:
        data = house.folder
        house.apply(sources())
        answer = house.send("/v1/import?batch=past", house.keys("shop")["secret"], history(time.time_ns() // 1_000_000))
        assert answer["accepted"] == 5
        version = house.apply(sources(segments={"often": {"name": "Often", "rule": VIEWS}}))
        house.ready("shop", version)
        house.loaded()
        house.written()
        assert house.size("shop", VIEWS) == 2
        everyone = {person for (person,) in rows(data / "office.db", "SELECT person FROM bases")}
        assert len(everyone) == 3

        (ann,) = erase(house, "ann")
        assert ann in everyone
        house.loaded()
        house.written()
        assert house.size("shop", VIEWS) == 1
        until(lambda: ann not in {person for (person,) in rows(data / "office.db", "SELECT person FROM bases")}, "the base to go")
        assert rows(data / "profiles.db", f"SELECT * FROM profiles WHERE person = '{ann}'") == []
        assert rows(data / "profiles.db", f"SELECT * FROM aliases WHERE person = '{ann}' OR key = 'ann'") == []
        token = settings.secret(data / "console.token")
        asked = running(data, "console")["console"] + f"/api/projects/shop/people/{ann}/story"
        assert httpx.get(asked, headers=bearer(token), trust_env=False).status_code == 404

    store = open_store(data / "warehouse")
    try:
        erase_leftovers(store)
        raw = "SETTINGS apply_deleted_mask = 0"
        assert store.ask(f"SELECT name FROM entries WHERE person = '{ann}' {raw}") == [("#erased",)]
        for table in ("people", "sessions", "aliases"):
            assert store.ask(f"SELECT * FROM {table} WHERE person = '{ann}' {raw}") == []
        assert store.ask(f"SELECT count() FROM entries WHERE position(body, '{MARK}') > 0 {raw}") == [(0,)]
        assert store.ask("SELECT count() FROM entries WHERE name = 'view'") == [(3,)]
    finally:
        store.close()
