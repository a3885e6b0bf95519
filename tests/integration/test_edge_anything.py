"""Whatever strangers send, the edge answers, and no profile is ever ahead of the log."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.edge_house import PHONE, PUBLIC, House, PaperOffice, midori, request, visitor, welcome

from omotenashi.model.profiles import pack

NAMES = ("view", "identify", "consent", "attribute", "cart", "_message_open", "_message_close", "_recheck", "_release", "_error")
FIELDS = ("user_id", "signature", "purpose", "state", "by", "reservation", "url", "query", "campaign", "a", "", "a.b", "あ")

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["record", "granted", "escape", "u1"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
events = st.fixed_dictionaries(
    {"id": st.text("ab1", min_size=1, max_size=3) | anything, "name": st.sampled_from(NAMES) | anything},
    optional={
        "at": st.integers(-5, 2**70) | anything,
        "values": st.dictionaries(st.sampled_from(FIELDS), anything, max_size=5) | anything,
        "page": st.fixed_dictionaries({"id": st.sampled_from(["p1", "p2"]) | anything, "url": st.text() | anything}) | anything,
        "offline": st.booleans() | anything,
    },
)
requests = st.fixed_dictionaries(
    {"key": st.just(PUBLIC), "visitor": st.sampled_from([visitor("a"), visitor("b")]), "events": st.lists(events, max_size=5)},
    optional={
        "sent_at": st.integers(-5, 2**70),
        "page": st.fixed_dictionaries(
            {"id": st.sampled_from(["p1", "p2"]), "visible": st.booleans(), "visible_ms": st.integers()}
        ),
        "fetch": st.booleans(),
        "user_id": st.text(max_size=5),
        "language": st.text(max_size=5),
    },
)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def one(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("anything")
    house = House(folder, PaperOffice(midori(welcome())))
    runner.run(house.open())
    yield house
    runner.run(house.close())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(body=requests)
def test_any_json_is_answered_event_by_event(runner: asyncio.Runner, one: House, body: dict[str, Any]) -> None:
    answer = runner.run(request(one.edge.public, "POST", "/v1/track", msgspec.json.encode(body), {"user-agent": PHONE}))
    assert answer.status in (200, 400), answer.body
    if answer.status == 200:
        taken = answer.json["accepted"] + len(answer.json.get("rejected", []))
        assert taken == len(body["events"])
    assert one.edge.metrics.failures == 0
    assert one.edge.metrics.recoveries == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300), encoding=st.sampled_from(["", "gzip", "br"]))
def test_any_bytes_are_answered(runner: asyncio.Runner, one: House, body: bytes, encoding: str) -> None:
    for path in ("/v1/track", "/v1/events", "/v1/import?batch=b"):
        heads = {"user-agent": PHONE, "content-encoding": encoding, "authorization": "Bearer secret-key"}
        answer = runner.run(request(one.edge.public, "POST", path, body, heads))
        assert answer.status in (200, 400), (path, answer.body)
    assert one.edge.metrics.failures == 0


def test_after_all_that_the_log_alone_gives_the_same_people(runner: asyncio.Runner, one: House) -> None:
    before = {name: pack(one.profile(visitor(name))) for name in "ab"}
    runner.run(one.restart())
    assert {name: pack(one.profile(visitor(name))) for name in "ab"} == before
