"""Real shop events through the import, as they are and spread over sixty days: whatever is asked equals plain Python.

The events are REES46's ("eCommerce behavior data from multi category store", Open CDP), 2 h 50 min of 1 October 2019.
They are not part of this project: the tests look for them in $OMOTENASHI_SHARED, by default ``shared`` beside it.
"""

import csv
import gzip
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec import Struct
from tests.integration.whole_house import ROOT, House, sources, whole_house

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("real input")]

FILE = Path(os.environ.get("OMOTENASHI_SHARED", ROOT.parent / "shared")) / "data" / "rees46_2019-10-01_head.csv.gz"
TOKYO = ZoneInfo("Asia/Tokyo")
DAY_MS = 86_400_000
SILENCE_MS = 30 * 60_000


class Row(Struct, frozen=True):
    """One event of the file; ``price`` as it is written there."""

    at: int
    name: str
    user: str
    session: str
    brand: str
    price: Decimal
    product: str
    category: str


def rows() -> list[Row]:
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as stream:
        return [
            Row(
                int(datetime.strptime(line["event_time"], "%Y-%m-%d %H:%M:%S %Z").replace(tzinfo=UTC).timestamp() * 1000),
                line["event_type"],
                line["user_id"],
                line["user_session"],
                line["brand"],
                Decimal(line["price"]),
                line["product_id"],
                line["category_code"],
            )
            for line in csv.DictReader(stream)
        ]


def spread(told: list[Row], end: int, days: int) -> list[Row]:
    """The same visits, each as long as it was, over so many days up to ``end``; by time again."""
    first, last = told[0].at, told[-1].at
    began: dict[str, int] = {}
    for row in told:
        began.setdefault(row.session, row.at)
    moved = [
        msgspec.structs.replace(
            row,
            at=row.at - began[row.session] + end - days * DAY_MS + (began[row.session] - first) * days * DAY_MS // (last - first),
        )
        for row in told
    ]
    return sorted((row for row in moved if row.at <= end), key=lambda row: row.at)


def imported(told: list[Row], named: Callable[[Row], dict[str, str]]) -> bytes:
    """The body of an import; what is empty in the file is left out."""
    lines = (
        {
            "row": number,
            **named(row),
            "name": row.name,
            "at": row.at,
            "values": {
                field: value
                for field, value in {
                    "product": int(row.product),
                    "brand": row.brand,
                    "category": row.category,
                    "price": float(row.price),
                }.items()
                if value != ""
            },
        }
        for number, row in enumerate(told)
    )
    return gzip.compress(b"\n".join(msgspec.json.encode(line) for line in lines), 1)


class Person:
    """What somebody did, and the visits that it falls into: a new one after more than thirty minutes of silence."""

    def __init__(self) -> None:
        self.visits: list[list[Row]] = []

    def did(self, row: Row) -> None:
        if not self.visits or row.at - self.visits[-1][-1].at > SILENCE_MS:
            self.visits.append([])
        self.visits[-1].append(row)

    def all(self, name: str) -> list[Row]:
        return [row for visit in self.visits for row in visit if row.name == name]

    def latest(self, name: str) -> list[Row]:
        return [row for row in self.visits[-1] if row.name == name]

    def previous(self, name: str) -> list[Row]:
        return [row for row in self.visits[-2] if row.name == name] if len(self.visits) > 1 else []


def people(told: Iterable[Row]) -> dict[str, Person]:
    found: defaultdict[str, Person] = defaultdict(Person)
    for row in told:
        found[row.user].did(row)
    return dict(found)


def day(at: int) -> date:
    return datetime.fromtimestamp(at / 1000, TOKYO).date()


def prices(done: list[Row]) -> list[Decimal]:
    return [row.price for row in done]


def brands(done: list[Row]) -> list[str]:
    return [row.brand for row in done if row.brand]


class Asked(Struct, frozen=True):
    """A rule, and the same said in Python of a person and an instant."""

    rule: Any
    holds: Callable[[Person, int], bool]


def asked(between: tuple[date, date]) -> dict[str, Asked]:
    start, end = between
    return {
        "left_a_cart": Asked(
            [{"event": "cart", "op": "exists"}, {"event": "purchase", "op": "missing"}],
            lambda one, now: bool(one.all("cart")) and not one.all("purchase"),
        ),
        "bought": Asked({"event": "purchase", "op": ">=", "value": 1}, lambda one, now: bool(one.all("purchase"))),
        "looked_a_lot": Asked({"event": "view", "op": ">=", "value": 10}, lambda one, now: len(one.all("view")) >= 10),
        "saw_samsung": Asked(
            {"event": "view", "field": "brand", "op": "ever", "value": "samsung"},
            lambda one, now: "samsung" in brands(one.all("view")),
        ),
        "spent_500": Asked(
            {"event": "purchase", "field": "price", "aggregate": "sum", "op": ">=", "value": 500},
            lambda one, now: bool(one.all("purchase")) and sum(prices(one.all("purchase"))) >= 500,
        ),
        "came_back": Asked({"fact": "visits", "op": ">=", "value": 2}, lambda one, now: len(one.visits) >= 2),
        "one_visit_of_many_views": Asked(
            [{"fact": "visits", "op": "=", "value": 1}, {"fact": "session.page_views", "op": ">", "value": 5}],
            lambda one, now: len(one.visits) == 1 and len(one.latest("view")) > 5,
        ),
        "looked_last_time": Asked(
            {"event": "view", "period": "previous_session", "op": ">=", "value": 3},
            lambda one, now: len(one.previous("view")) >= 3,
        ),
        "bought_last_time_and_not_now": Asked(
            [
                {"event": "purchase", "period": "previous_session", "op": "exists"},
                {"event": "purchase", "period": "session", "op": "missing"},
            ],
            lambda one, now: bool(one.previous("purchase")) and not one.latest("purchase"),
        ),
        "dearer_than_last_time": Asked(
            {
                "event": "view",
                "field": "price",
                "aggregate": "max",
                "period": "previous_session",
                "op": "between",
                "value": [100, 200],
            },
            lambda one, now: bool(one.previous("view")) and 100 <= max(prices(one.previous("view"))) <= 200,
        ),
        "saw_no_brand": Asked(
            {"event": "view", "field": "brand", "aggregate": "last", "op": "missing"},
            lambda one, now: not brands(one.all("view")),
        ),
        "last_brand_is_apple": Asked(
            {"event": "view", "field": "brand", "op": "=", "value": "apple"},
            lambda one, now: brands(one.all("view"))[-1:] == ["apple"],
        ),
        "three_brands": Asked(
            {"event": "view", "field": "brand", "aggregate": "distinct", "op": ">=", "value": 3},
            lambda one, now: len(set(brands(one.all("view")))) >= 3,
        ),
        "likes_it_dear": Asked(
            {"event": "view", "field": "price", "aggregate": "avg", "op": ">", "value": 300},
            lambda one, now: sum(prices(one.all("view"))) > 300 * len(one.all("view")),
        ),
        "saw_a_bargain": Asked(
            {"event": "view", "where": {"field": "price", "op": "<", "value": 10}, "op": ">=", "value": 2},
            lambda one, now: sum(price < 10 for price in prices(one.all("view"))) >= 2,
        ),
        "looked_this_week": Asked(
            {"event": "view", "period": "7 days", "op": ">=", "value": 2},
            lambda one, now: sum(day(row.at) > day(now) - timedelta(days=7) for row in one.all("view")) >= 2,
        ),
        "looked_between": Asked(
            {"event": "view", "period": {"between": [start.isoformat(), end.isoformat()]}, "op": ">=", "value": 3},
            lambda one, now: sum(start <= day(row.at) <= end for row in one.all("view")) >= 3,
        ),
        "long_away": Asked(
            {"event": "view", "aggregate": "last_at", "op": "<", "value": {"ago": "20 days"}},
            lambda one, now: bool(one.all("view")) and one.all("view")[-1].at < now - 20 * DAY_MS,
        ),
    }


def members(known: dict[str, Person], questions: dict[str, Asked], now: int) -> dict[str, frozenset[str]]:
    return {
        segment: frozenset(user for user, one in known.items() if question.holds(one, now))
        for segment, question in questions.items()
    }


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def assert_everybody_is_found(
    house: House, project: str, known: dict[str, Person], name: Callable[[str], str], questions: dict[str, Asked]
) -> None:
    """By the warehouse, rule by rule; by the live profiles, person by person. Again when time changed the answer meanwhile."""
    for _ in range(3):
        before = members(known, questions, now_ms())
        sizes = {segment: house.size(project, question.rule) for segment, question in questions.items()}
        found: defaultdict[str, set[str]] = defaultdict(set)
        for user in known:
            for segment in house.ask(f"/api/projects/{project}/people/{name(user)}")["segments"]:
                found[segment].add(user)
        if members(known, questions, now_ms()) == before:
            break
    assert sizes == {segment: len(users) for segment, users in before.items()}
    assert {segment: frozenset(found[segment]) for segment in questions} == before


def segments(questions: dict[str, Asked]) -> dict[str, Any]:
    return {segment: {"name": segment, "rule": question.rule} for segment, question in questions.items()}


@pytest.fixture(scope="module")
def morning() -> list[Row]:
    if not FILE.is_file():
        pytest.skip(f"{FILE} is not here; name the folder that holds data/{FILE.name} in OMOTENASHI_SHARED")
    return rows()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, morning: list[Row]) -> Iterator[House]:
    with whole_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


def test_a_real_morning_is_counted_as_it_was(house: House, morning: list[Row]) -> None:
    told = morning
    questions = asked((date(2019, 10, 1), date(2019, 10, 1)))
    house.apply(sources(project={"id": "morning"}, segments=segments(questions)))
    secret = house.keys("morning")["secret"]
    whole = imported(told, lambda row: {"user_id": row.user})
    answer = house.send("/v1/import?batch=rees46", secret, imported(told[:9_000], lambda row: {"user_id": row.user}))
    assert (answer["accepted"], answer["rejected"], answer["nextRow"]) == (9_000, [], 9_000)
    assert house.next_row("rees46", secret) == 9_000
    answer = house.send("/v1/import?batch=rees46", secret, whole)
    assert (answer["accepted"], answer["repeated"], answer["rejected"], answer["nextRow"]) == (8_434, 9_000, [], 17_434)
    house.loaded()
    house.written()
    known = people(told)
    right = members(known, questions, now_ms())
    assert {
        segment: len(right[segment]) for segment in ("left_a_cart", "bought", "looked_a_lot", "saw_samsung", "spent_500")
    } == {
        "left_a_cart": 49,
        "bought": 193,
        "looked_a_lot": 408,
        "saw_samsung": 768,
        "spent_500": 36,
    }
    assert (len(known), sum(len(one.visits) for one in known.values())) == (4_504, 4_518)
    assert [segment for segment, users in right.items() if not users] == ["bought_last_time_and_not_now", "looked_this_week"]
    assert_everybody_is_found(house, "morning", known, lambda user: user, questions)


def test_the_same_people_over_sixty_days_are_counted_also_by_rules_that_come_later(house: House, morning: list[Row]) -> None:
    end = now_ms() - 3_600_000
    told = spread(morning, end, days=60)
    house.apply(sources(project={"id": "season"}))
    secret = house.keys("season")["secret"]
    answer = house.send("/v1/import?batch=spread", secret, imported(told, lambda row: {"visitor": visitor(row.user)}))
    assert (answer["accepted"], answer["rejected"]) == (len(told), [])
    questions = asked((day(end - 30 * DAY_MS), day(end - 10 * DAY_MS)))
    house.ready("season", house.apply(sources(project={"id": "season"}, segments=segments(questions))))
    house.loaded()
    house.written()
    known = people(told)
    assert all(members(known, questions, now_ms()).values())
    assert_everybody_is_found(house, "season", known, visitor, questions)


def visitor(user: str) -> str:
    return f"rees46-visitor-{user:0>12}"
