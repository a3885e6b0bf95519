"""Whatever two browsers of one person do, in whatever order, limits hold exactly: a message is handed out when and only
when a model in twenty lines of Python, which knows nothing of leases' machinery, says that there is a place."""

import asyncio
import os
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from tests.integration.edge_house import NOON, House, PaperOffice, midori, visitor, welcome

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.decide import LEASE_MS, LONGEST_OFFLINE_MS
from omotenashi.model.campaigns import Frequency, Stop

EXAMPLES = int(os.environ.get("OMOTENASHI_EXAMPLES", "60"))
CAP, EVER = 3, 5
MIDNIGHT = Calendar("Asia/Tokyo").day_start(Calendar("Asia/Tokyo").day(NOON) + 1)
SHOP = midori(welcome(trigger="b", frequency=Frequency("access"), exclusive=False, stop=Stop(shown=EVER)), cap_per_day=CAP)


@dataclass
class Place:
    """One message that was handed out."""

    person: int
    day: int
    lapses_at: int
    trigger: dict[str, Any]
    opened: bool = False
    released: bool = False


@dataclass
class Model:
    """What must be true. ``now`` never goes back; before both browsers identify they are two people."""

    now: int = 0
    places: dict[str, Place] = field(default_factory=dict)
    members: set[int] = field(default_factory=set)

    def person(self, browser: int) -> int:
        return 0 if browser in self.members else 1 + browser

    def asked(self, clock: int) -> None:
        self.now = max(self.now, clock)

    def taken(self, browser: int, at: int) -> list[Place]:
        """The places of this person that are used, or may still be used."""
        mine = [place for place in self.places.values() if place.person == self.person(browser)]
        return [place for place in mine if place.opened or (not place.released and place.lapses_at >= at)]

    def has_place(self, browser: int, day: int) -> bool:
        taken = self.taken(browser, self.now)
        return len(taken) < EVER and sum(place.day == day for place in taken) < CAP

    def identified(self, browser: int) -> None:
        before = self.person(browser)
        self.members.add(browser)
        for place in self.places.values():
            if place.person == before:
                place.person = 0


browsers = st.integers(0, 1)
ASIDE = (1, 1_000, LEASE_MS, LEASE_MS + 1, 3_600_000, LONGEST_OFFLINE_MS, LEASE_MS + LONGEST_OFFLINE_MS)
clocks = st.sampled_from((*ASIDE, ASIDE[-1] + 1, -1, -LEASE_MS, -3_600_000))
anyone = st.integers(0, 1_000)
step = st.one_of(
    st.tuples(st.just("trigger"), browsers),
    st.tuples(st.just("triggers"), browsers),
    st.tuples(st.just("retry"), anyone),
    st.tuples(st.just("open"), anyone),
    st.tuples(st.just("open"), anyone),
    st.tuples(st.just("release"), anyone),
    st.tuples(st.just("wait"), clocks),
    st.tuples(st.just("midnight"), st.integers(-1, 1)),
    st.tuples(st.just("identify"), browsers),
    st.tuples(st.just("restart"), st.just(0)),
)
steps = st.integers(0, 40).flatmap(lambda count: st.lists(step, min_size=count, max_size=count))


class Play:
    """One history, told to the house and to the model."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.model = Model()
        self.calendar = Calendar("Asia/Tokyo")
        self.sent: list[tuple[int, dict[str, Any]]] = []
        self.nights = 0

    async def say(self, browser: int, said: dict[str, Any]) -> dict[str, Any]:
        self.model.asked(self.house.now)
        page = {"id": f"page-{said['id']}", "url": "https://midori.example/", "visible": True}
        answer = await self.house.track(said, visitor=visitor(f"browser-{browser}"), page=page)
        assert answer.status == 200, answer.body
        return answer.json

    async def trigger(self, browser: int) -> None:
        said = self.house.event("b")
        self.sent.append((browser, said))
        self.model.asked(self.house.now)
        day = self.calendar.day(self.model.now)
        expected = self.model.has_place(browser, day)
        messages = (await self.say(browser, said)).get("messages", [])
        assert len(messages) == expected, (messages, self.model)
        for message in messages:
            lapses_at = message["until"] + LONGEST_OFFLINE_MS
            assert message["reservation"] not in self.model.places
            self.model.places[message["reservation"]] = Place(self.model.person(browser), day, lapses_at, said)
        event("shown" if messages else "full")

    async def triggers(self, browser: int) -> None:
        for _ in range(CAP + 1):
            await self.trigger(browser)

    async def retry(self, which: int) -> None:
        if self.sent:
            browser, said = self.sent[which % len(self.sent)]
            answer = await self.say(browser, said)
            known = {name for name, place in self.model.places.items() if place.trigger is said}
            assert {message["reservation"] for message in answer.get("messages", [])} <= known
            assert answer["accepted"] == 0

    def one_of_the_latest(self, which: int) -> list[tuple[str, Place]]:
        latest = list(self.model.places.items())[-6:]
        return [latest[which % len(latest)]] if latest else []

    async def open(self, which: int) -> None:
        for name, place in self.one_of_the_latest(which):
            browser = next(browser for browser, said in self.sent if said is place.trigger)
            answer = await self.say(browser, self.house.event("_message_open", {"reservation": name}))
            if answer["accepted"]:
                assert not place.released
                place.opened = True
            else:
                assert place.released or place.lapses_at < self.model.now or place.opened
            event("opened" if answer["accepted"] else "refused")

    async def release(self, which: int) -> None:
        for name, place in self.one_of_the_latest(which):
            browser = next(browser for browser, said in self.sent if said is place.trigger)
            answer = await self.say(browser, self.house.event("_release", {"reservation": name}))
            place.released |= bool(answer["accepted"]) and not place.opened

    async def wait(self, ms: int) -> None:
        self.house.now += ms

    async def midnight(self, ms: int) -> None:
        self.nights += 1
        self.house.now = max(self.house.now, MIDNIGHT + self.nights * 86_400_000 + ms)

    async def identify(self, browser: int) -> None:
        await self.say(browser, self.house.event("identify", {"user_id": "member"}))
        self.model.identified(browser)

    async def restart(self, _: int) -> None:
        await self.house.restart()

    def check(self) -> None:
        """Never over, whoever the places were taken by before they became one person."""
        people = Counter((place.person, place.day) for place in self.model.places.values() if place.opened)
        most = CAP * (len(self.model.members) or 1)  # each browser alone may have been shown as many before it identified
        assert all(count <= most for count in people.values())


async def _played(folder: Path, told: list[tuple[str, int]]) -> None:
    house = House(folder, PaperOffice(SHOP))
    await house.open()
    try:
        play = Play(house)
        for name, value in told:
            await getattr(play, name)(value)
        play.check()
    finally:
        await house.close()


@pytest.fixture(scope="module")
def runner() -> Any:
    with asyncio.Runner() as runner:
        yield runner


@example(told=[("wait", -3_600_000), ("trigger", 0)])  # a clock put back does not make a fresh event old
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told=steps)
def test_a_message_is_handed_out_exactly_when_there_is_a_place(runner: asyncio.Runner, told: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        runner.run(_played(Path(folder), told))
