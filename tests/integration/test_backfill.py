"""New rules are applied while people come and go, and the worker is killed over it: until all of the past is counted nobody
is shown anything for them, and from then on every decision says what a plain count over the log says."""

import gzip
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest
from msgspec import Struct
from tests.integration.edge_house import PHONE
from tests.integration.whole_house import House, sources, until, whole_house

from omotenashi.ledger.sqlite.office import Desk
from omotenashi.model.entries import Event, LogEntry, Merged, order_key
from omotenashi.model.ids import ProjectId
from omotenashi.model.outcomes import Gate

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("back-fill")]

SHOP = ProjectId("shop")
TOKYO = ZoneInfo("Asia/Tokyo")
HOUR_MS = 3_600_000
PAST_PEOPLE, PAST_EVENTS, NEW_PEOPLE = 240, 60_000, 60
"""So many events that the past is counted in two buckets."""
BROWSERS = 4
"""Threads that send."""
ITEMS = [f"item{number}" for number in range(60)]


# What people did, by the log


class Person:
    """Everything that is known of one person, absorbed ones included, in the order of the log."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def did(self, name: str) -> list[Event]:
        return [event for event in self.events if event.name == name]

    def values(self, name: str, field: str) -> list[Any]:
        """By time, as order keys say."""
        return [event.values[field] for event in sorted(self.did(name), key=order_key)]

    def session(self, place: int) -> str | None:
        """The id of the latest session, or the ``place``-th before."""
        sessions = sorted(
            {(event.session_started_at, event.session) for event in self.events if event.source != "engine"}, reverse=True
        )
        return sessions[place][1] if len(sessions) > place else None

    def within(self, name: str, place: int) -> list[Event]:
        session = self.session(place)
        return [event for event in self.did(name) if event.session == session]


def day(at: int) -> date:
    return datetime.fromtimestamp(at / 1000, TOKYO).date()


def exactly(number: float) -> Fraction:
    return Fraction(str(number))


class Asked(Struct, frozen=True):
    """A rule, and the same said in Python of a person and an instant."""

    rule: Any
    holds: Callable[[Person, int], bool]


def tea(one: Person) -> list[Fraction]:
    return [exactly(event.values["price"]) for event in one.did("buy") if event.values["kind"] == "tea"]


def mean_price(one: Person) -> Fraction:
    paid = [exactly(event.values["price"]) for event in one.did("buy")]
    return sum(paid, Fraction(0)) / len(paid) if paid else Fraction(-1)


QUESTIONS = {
    "bought_often": Asked({"event": "buy", "op": ">=", "value": 55}, lambda one, now: len(one.did("buy")) >= 55),
    "spent_on_tea": Asked(
        {
            "event": "buy",
            "field": "price",
            "where": {"field": "kind", "op": "=", "value": "tea"},
            "aggregate": "sum",
            "op": ">=",
            "value": 900.5,
        },
        lambda one, now: bool(tea(one)) and sum(tea(one)) >= exactly(900.5),
    ),
    "saw_much": Asked(
        {"event": "view", "field": "item", "aggregate": "distinct", "op": ">=", "value": 56},
        lambda one, now: len(set(one.values("view", "item"))) >= 56,
    ),
    "saw_last": Asked(
        {"event": "view", "field": "item", "op": "in", "value": ITEMS[:30]},
        lambda one, now: bool({*one.values("view", "item")[-1:]} & {*ITEMS[:30]}),
    ),
    "saw_first": Asked(
        {"event": "view", "field": "item", "aggregate": "first", "op": "in", "value": ITEMS[30:]},
        lambda one, now: bool({*one.values("view", "item")[:1]} & {*ITEMS[30:]}),
    ),
    "saw_before": Asked(
        {"event": "view", "field": "item", "aggregate": "previous", "op": "in", "value": ITEMS[::2]},
        lambda one, now: saw_before(one) in ITEMS[::2],
    ),
    "buys_this_week": Asked(
        {"event": "buy", "period": "7 days", "op": ">=", "value": 8},
        lambda one, now: sum(day(event.at) > day(now) - timedelta(days=7) for event in one.did("buy")) >= 8,
    ),
    "looked_last_time": Asked(
        {"event": "view", "period": "previous_session", "op": ">=", "value": 2}, lambda one, now: len(one.within("view", 1)) >= 2
    ),
    "buys_now": Asked({"event": "buy", "period": "session", "op": "exists"}, lambda one, now: bool(one.within("buy", 0))),
    "buys_dear": Asked(
        {"event": "buy", "field": "price", "aggregate": "avg", "op": ">", "value": 50.25},
        lambda one, now: mean_price(one) > exactly(50.25),
    ),
    "never_bought_a_pot": Asked(
        {"not": {"event": "buy", "field": "kind", "op": "ever", "value": "pot"}},
        lambda one, now: "pot" not in one.values("buy", "kind"),
    ),
}


def saw_before(one: Person) -> str | None:
    seen = one.values("view", "item")
    return next((item for item in reversed(seen) if item != seen[-1]), None)


def configuration(questions: Iterable[str]) -> dict[str, str]:
    """One segment and one campaign a rule; the campaigns are asked for by the event ``ask``, as often as it comes."""
    campaigns = {
        segment: {
            "name": segment,
            "state": "live",
            "trigger": {"event": "ask"},
            "include": [segment],
            "frequency": "access",
            "exclusive": False,
            "actions": [{"name": "only", "template": "banner"}],
        }
        for segment in questions
    }
    return sources(
        segments={segment: {"name": segment, "rule": QUESTIONS[segment].rule} for segment in questions}, campaigns=campaigns
    )


# What people do


def bought_or_seen(dice: random.Random, number: int) -> dict[str, Any]:
    """Persons differ in what they like and pay."""
    if dice.random() < 0.3:
        kind = dice.choice(["tea", "tea", "pot"] if number % 4 else ["tea", "cup"])
        return {"name": "buy", "values": {"price": round(dice.uniform(0, 60 + number % 90), 2), "kind": kind}}
    return {"name": "view", "values": {"item": dice.choice(ITEMS if number % 3 else ITEMS[:50])}}


def visitor(number: int) -> str:
    return f"visitor-number-{number:0>8}"


def the_past(now: int) -> bytes:
    """Sixty days, gzipped; some people come often and some hardly ever."""
    dice = random.Random(1)
    often = [(number % 7) + 0.05 for number in range(PAST_PEOPLE)]
    lines = []
    for row in range(PAST_EVENTS):
        number = dice.choices(range(PAST_PEOPLE), often)[0] if row >= PAST_PEOPLE else row
        at = now - (PAST_EVENTS - row) * 60 * 24 * HOUR_MS // PAST_EVENTS - 25 * HOUR_MS
        lines.append({"row": row, "visitor": visitor(number), "at": at, **bought_or_seen(dice, number)})
    return gzip.compress(b"\n".join(msgspec.json.encode(line) for line in lines), 1)


class Traffic:
    """People who look, buy, log in and ask, over HTTP, insisting as the tag does until each request is answered."""

    def __init__(self, edge: str, key: str) -> None:
        self._edge = edge
        self._key = key
        self._stopping = threading.Event()
        self.acknowledged: list[str] = []
        self.shown: dict[str, frozenset[str]] = {}
        self.trouble: list[BaseException] = []
        self._threads = [threading.Thread(target=self._guarded, args=(number,)) for number in range(BROWSERS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        assert not self.trouble, self.trouble

    def everybody_asks(self) -> None:
        """Also those who were not seen since the past."""
        with httpx.Client(trust_env=False) as client:
            for number in range(PAST_PEOPLE + NEW_PEOPLE):
                self._send(client, number, [self._ask(f"last-{number}")])

    def _guarded(self, browser: int) -> None:
        try:
            self._browse(browser)
        except BaseException as error:  # noqa: BLE001  told by `stop`
            self.trouble.append(error)

    def _browse(self, browser: int) -> None:
        dice = random.Random(browser)
        logged_in: set[int] = set()
        with httpx.Client(trust_env=False) as client:
            for turn in range(1_000_000):
                if self._stopping.is_set():
                    return
                number = dice.randrange(browser, PAST_PEOPLE + NEW_PEOPLE, BROWSERS)
                if number % 12 == 11:
                    continue  # some only come at the end
                name = f"{browser}.{turn}"
                events = [{"id": f"{name}.{place}", **bought_or_seen(dice, number)} for place in range(dice.randrange(3))]
                if number % 3 == 0 and number not in logged_in and dice.random() < 0.1:
                    logged_in.add(number)
                    events.append({"id": f"{name}.login", "name": "identify", "values": {"user_id": f"user-{number % 40}"}})
                if events and dice.random() < 0.2:  # was without a network for hours
                    ago = dice.randrange(20 * HOUR_MS)
                    events[0] |= {"offline": True, "at": 2**40 - ago}
                self._send(client, number, [*events, self._ask(name)])
                time.sleep(0.01)

    def _ask(self, name: str) -> dict[str, Any]:
        return {"id": f"{name}.ask", "name": "ask", "values": {}}

    def _send(self, client: httpx.Client, number: int, events: list[dict[str, Any]]) -> None:
        page = {"id": f"page.{events[-1]['id']}", "url": "https://shop.example/", "visible": True}
        body = {"key": self._key, "visitor": visitor(number), "page": page, "events": events, "sent_at": 2**40}
        end = time.monotonic() + 60
        while True:
            try:
                answer = client.post(f"{self._edge}/v1/track", json=body, headers={"user-agent": PHONE})
                if answer.status_code == 200:
                    break
                assert answer.status_code == 503, answer.text
            except httpx.TransportError:
                pass
            assert time.monotonic() < end, "the edge does not answer"
            time.sleep(0.05)
        told = answer.json()
        assert all(one["code"] == "duplicate" for one in told.get("rejected", ())), told
        self.acknowledged += [event["id"] for event in events]
        self.shown[events[-1]["id"]] = frozenset(message["campaign"] for message in told.get("messages", ()))


@contextmanager
def traffic(house: House) -> Iterator[Traffic]:
    flowing = Traffic(house.edge, house.keys("shop")["public"])
    flowing.start()
    try:
        yield flowing
    finally:
        flowing.stop()


# What the log says


def retold(entries: Iterable[LogEntry], heard: Callable[[Event, Person], None]) -> dict[str, Person]:
    """Everybody at the end; ``heard`` gets each question with what its person had done by then."""
    people: dict[str, Person] = {}
    for entry in entries:
        if isinstance(entry, Merged):
            people[entry.person].events += people.pop(entry.absorbed).events
        elif isinstance(entry, Event):
            one = people.setdefault(entry.person, Person())
            one.events.append(entry)
            if entry.name == "ask":
                heard(entry, one)
    return people


class Verdict:
    """Holds every decision against the plain count."""

    def __init__(self, house: House, shown: dict[str, frozenset[str]]) -> None:
        desk = Desk.open(house.folder / "office.db")
        versions = [applied.version for applied in desk.history(SHOP)]
        self._campaigns = {version: [each.id for each in desk.configuration(SHOP, version).campaigns] for version in versions}
        desk.close()
        self._shown = shown
        self._ready = False
        self.told: Counter[str] = Counter()
        self.late = 0

    def __call__(self, ask: Event, one: Person) -> None:
        gates = dict(zip(self._campaigns[ask.config], ask.gates, strict=True))
        if ask.id in self._shown:
            assert self._shown[ask.id] == {campaign for campaign, gate in gates.items() if gate == Gate.SHOWN}, ask
        waiting = {campaign for campaign, gate in gates.items() if gate == Gate.PREPARING}
        if waiting:
            assert not self._ready, "what was ready is prepared again"
            assert waiting == gates.keys() - {"bought_often"}, ask
            self.told["preparing"] += 1
        elif ask.config > 1:
            self._ready = True
        for campaign, gate in gates.items():
            if campaign not in waiting:
                assert gate in (Gate.SHOWN, Gate.AUDIENCE), (campaign, Gate(gate))
                assert (gate == Gate.SHOWN) == QUESTIONS[campaign].holds(one, ask.now), (campaign, ask)
                self.told[f"{campaign} {'ready' if self._ready else 'before'} {Gate(gate).name}"] += 1


def test_new_rules_are_withheld_until_the_past_is_counted_and_then_exact(tmp_path: Path) -> None:
    with whole_house(tmp_path) as house:
        first = house.apply(configuration(["bought_often"]))
        house.ready("shop", first)
        answer = house.send("/v1/import?batch=past", house.keys("shop")["secret"], the_past(time.time_ns() // 1_000_000))
        assert (answer["accepted"], answer["rejected"]) == (PAST_EVENTS, [])
        desk = Desk.open(house.folder / "office.db")
        with traffic(house) as flowing:
            until(lambda: len(flowing.shown) > 200, "traffic")
            version = house.apply(configuration(QUESTIONS))
            house.kill("console")  # before it has begun
            progress = house.ask("/api/projects/shop/backfills")
            assert set(progress["preparing"]) == QUESTIONS.keys() - {"bought_often"}
            until(lambda: desk.backfill(SHOP, version).done == 1, "the first bucket")
            house.kill("console")  # in the middle
            house.kill("edge")
            house.ready("shop", version)
            asked = len(flowing.shown)
            until(lambda: len(flowing.shown) > asked + 200, "traffic after it is ready")
        flowing.everybody_asks()
        backfill = desk.backfill(SHOP, version)
        assert backfill is not None
        assert (backfill.state, backfill.done, backfill.total) == ("done", 2, 2)
        desk.close()
        house.loaded()
        entries = [entry for _, entry in house.log()]

        judged = Verdict(house, flowing.shown)
        people = retold(entries, judged)
        times = Counter(entry.id for entry in entries if isinstance(entry, Event) and entry.source == "tag")
        assert all(times[name] == 1 for name in flowing.acknowledged)
        assert judged.told["preparing"] > 20
        for segment in QUESTIONS:
            assert judged.told[f"{segment} ready SHOWN"] > 0, judged.told
            assert judged.told[f"{segment} ready AUDIENCE"] > 0, judged.told
        assert sum(isinstance(entry, Merged) for entry in entries) > 10
        assert sum(isinstance(entry, Event) and entry.late and entry.source == "tag" for entry in entries) > 50

        today = datetime.now(UTC)
        counted = {
            segment: sum(question.holds(one, ms(today)) for one in people.values()) for segment, question in QUESTIONS.items()
        }
        found = {segment: house.size("shop", question.rule) for segment, question in QUESTIONS.items()}
        if day(ms(datetime.now(UTC))) == day(ms(today)):
            assert found == counted


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
