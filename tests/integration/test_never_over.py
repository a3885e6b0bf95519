"""Never over: a limit of three is three, however many triggers come at once and whatever goes wrong in between.

A real edge process and real connections; the edge's clock stands still until a test moves it, and only moves on.
Five projects, each with limits of its own, so that one edge serves all tests.
"""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from tests.integration.edge_house import NOON, midori, welcome
from tests.integration.edge_process import EdgeProcess, Line, edge_process, said

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.decide import LEASE_MS, LONGEST_OFFLINE_MS
from omotenashi.model.campaigns import Action, Campaign, Frequency, Key, Project, Stop
from omotenashi.model.entries import Reserved

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("never over")]

DAY_MS = 86_400_000
TRIGGERS = 200
THREE = 3
tokyo = Calendar("Asia/Tokyo")


def often(name: str, **changes: Any) -> Campaign:
    """A campaign that every page view would be shown, were it not for the limits."""
    actions = (Action(f"{name}-1", "plain", 1000, template="modal"),)
    return welcome(id=name, trigger="b", frequency=Frequency("access"), exclusive=False, actions=actions, **changes)


def project(name: str, *campaigns: Campaign, **changes: Any) -> Project:
    return midori(*campaigns, id=name, name=name, keys=(Key(f"{name}-key", "public"),), **changes)


PROJECTS = (
    project("cap", often("one"), cap_per_day=THREE),  # three messages a day, whichever
    project("cap-of-many", *(often(f"m{i}") for i in range(5)), cap_per_day=THREE),
    project("ever", often("one", stop=Stop(shown=THREE))),  # three times in a life
    project("daily", often("one", stop=Stop(shown_per_day=THREE))),
    project(
        "once",
        often("access"),
        *(
            msgspec.structs.replace(often(each), frequency=Frequency(each, 2))  # type: ignore[arg-type]
            for each in ("session", "user", "days")
        ),
    ),
)
names = (f"{number:06}" for number in itertools.count())


def somebody() -> str:
    """A visitor nobody has seen."""
    return f"visitor-{next(names):-<22}"


def trigger(at: str, who: str, name: str, page: str | None = None) -> bytes:
    return said(who, {"id": name, "name": "b"}, page=page or f"page-{name}", key=f"{at}-key")


def triggers(at: str, who: str, count: int = TRIGGERS) -> list[bytes]:
    """So many triggers of one person, each from a page view of its own."""
    return [trigger(at, who, f"b-{next(names)}-{number}") for number in range(count)]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def edge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EdgeProcess]:
    async with edge_process(tmp_path_factory.mktemp("never_over"), *PROJECTS, profile_seconds="0.2") as edge:
        yield edge


@pytest.fixture(autouse=True)
def _a_new_noon(edge: EdgeProcess) -> None:
    """Each test begins at noon, on a day on which nothing has happened."""
    edge.clock.set(NOON + ((edge.clock() - NOON) // DAY_MS + 2) * DAY_MS)


async def at_once(edge: EdgeProcess, bodies: Iterable[bytes]) -> list[dict[str, Any]]:
    """Every body on a connection of its own, all sent before the first answer is read; the messages handed out."""
    bodies = list(bodies)
    lines = [await Line.open(edge.port) for _ in bodies]
    try:
        for line, body in zip(lines, bodies, strict=True):
            line.send("/v1/track", body)
        answers = await asyncio.gather(*(line.answer() for line in lines))
    finally:
        for line in lines:
            line.close()
    assert {status for status, _ in answers} == {200}, answers
    return [message for _, body in answers for message in msgspec.json.decode(body).get("messages", ())]


async def tell(edge: EdgeProcess, at: str, who: str, name: str, **values: object) -> dict[str, Any]:
    line = await Line.open(edge.port)
    try:
        event = {"id": f"t-{next(names)}", "name": name, "values": values}
        answer: dict[str, Any] = await line.ask("/v1/track", said(who, event, page=f"page-of-{who}", key=f"{at}-key"))
        return answer
    finally:
        line.close()


async def opened(edge: EdgeProcess, at: str, who: str, *messages: dict[str, Any]) -> None:
    for message in messages:
        assert await tell(edge, at, who, "_message_open", reservation=message["reservation"]) == {"accepted": 1}


def ids(messages: Iterable[dict[str, Any]]) -> set[str]:
    return {message["reservation"] for message in messages}


def logged(edge: EdgeProcess, at: str, *who: str) -> list[Reserved]:
    return [entry for entry in edge.reserved() if entry.project == at and entry.person in who]


@pytest.mark.parametrize("at", ["cap", "cap-of-many", "ever", "daily"])
async def test_200_triggers_at_once_are_shown_exactly_three(edge: EdgeProcess, at: str) -> None:
    for _ in range(5):
        who = somebody()
        messages = await at_once(edge, triggers(at, who))
        assert (len(messages), len(ids(messages))) == (THREE, THREE)
        assert ids(messages) == {reserved.reservation for reserved in logged(edge, at, who)}
        await opened(edge, at, who, *messages)
        assert await at_once(edge, triggers(at, who, 50)) == []


async def test_200_triggers_at_once_from_one_page_view_are_shown_each_campaign_once(edge: EdgeProcess) -> None:
    who = somebody()
    messages = await at_once(edge, (trigger("once", who, f"o-{next(names)}", "the-page") for _ in range(TRIGGERS)))
    assert Counter(message["campaign"] for message in messages) == {"access": 1, "session": 1, "user": 1, "days": 1}


async def test_batches_of_a_hundred_triggers_are_shown_exactly_three(edge: EdgeProcess) -> None:
    who = somebody()
    batches = [
        said(
            who,
            *({"id": f"x-{next(names)}-{i}", "name": "b", "page": {"id": f"p-{b}-{i}"}} for i in range(100)),
            page=f"p-{b}-0",
            key="ever-key",
        )
        for b in range(8)
    ]
    singles = triggers("ever", who)
    assert len(ids(await at_once(edge, [*batches, *singles]))) == THREE


@pytest.mark.parametrize(("at", "how"), [("cap", "kill"), ("ever", "kill"), ("cap", "stop")])
async def test_a_restart_in_the_middle_of_200_triggers_leaves_it_at_three(edge: EdgeProcess, at: str, how: str) -> None:
    who = somebody()
    bodies = triggers(at, who)
    answered = 0
    enough = asyncio.Event()
    when = random.randrange(0, 60)

    async def insist(body: bytes) -> list[dict[str, Any]]:
        nonlocal answered
        answer = await edge.insist("/v1/track", body)
        answered += 1
        if answered >= when:
            enough.set()
        return list(answer.get("messages", ()))

    asked = [asyncio.create_task(insist(body)) for body in bodies]
    await enough.wait()
    await (edge.kill() if how == "kill" else edge.stop())
    await edge.start()
    messages = [message for each in await asyncio.gather(*asked) for message in each]
    assert (len(messages), len(ids(messages))) == (THREE, THREE)
    assert ids(messages) == {reserved.reservation for reserved in logged(edge, at, who)}
    assert await at_once(edge, triggers(at, who, 50)) == []


@pytest.mark.parametrize("at", ["cap", "ever"])
async def test_lost_answers_and_their_retries_are_the_same_three(edge: EdgeProcess, at: str) -> None:
    who = somebody()
    bodies = triggers(at, who)
    lines = [await Line.open(edge.port) for _ in bodies]
    for line, body in zip(lines, bodies, strict=True):
        line.send("/v1/track", body)
    await asyncio.sleep(0)
    for line in lines:
        line.close()  # what the edge says to these is lost
    retried = await at_once(edge, bodies)
    again = await at_once(edge, reversed(bodies))
    assert (len(retried), len(ids(retried))) == (THREE, THREE)
    assert ids(again) == ids(retried)
    await opened(edge, at, who, *again)
    assert await at_once(edge, bodies) == []  # all three have been opened: there is nothing left to hand out
    assert len(logged(edge, at, who)) == THREE


async def test_batches_with_an_identify_are_answered_the_same_again_though_the_edge_was_killed(edge: EdgeProcess) -> None:
    """The identify makes a member, or merges into one, or brings a second member to the browser; a trigger on either side."""
    people = [(somebody(), number % 3) for number in range(120)]
    for who, kind in people:
        if kind:
            await tell(
                edge, "ever", somebody() if kind == 1 else who, "identify", user_id=f"{'known' if kind == 1 else 'first'}-{who}"
            )

    def batch(who: str) -> bytes:
        return said(
            who,
            {"id": f"{who}-b1", "name": "b"},
            {"id": f"{who}-i", "name": "identify", "values": {"user_id": f"known-{who}"}},
            {"id": f"{who}-b2", "name": "b"},
            key="ever-key",
        )

    answered = asyncio.Semaphore(0)

    async def insist(who: str) -> set[str]:
        answer = await edge.insist("/v1/track", batch(who))
        answered.release()
        return ids(answer.get("messages", ()))

    asked = [asyncio.create_task(insist(who)) for who, _ in people]
    for _ in range(random.randrange(10, 60)):
        await answered.acquire()
    await edge.kill()
    await edge.start()
    first = await asyncio.gather(*asked)
    again = await asyncio.gather(*(insist(who) for who, _ in people))
    assert again == first
    handed: dict[str, set[str]] = {who: set() for who, _ in people}
    for reserved in edge.reserved():
        who = reserved.event.removesuffix("-b1").removesuffix("-b2")
        if who in handed:
            handed[who].add(reserved.reservation)
    assert first == [handed[who] for who, _ in people]
    # One page view is one place for one person; the second member on a browser is another person, with one more.
    assert [len(places) for places in first] == [2 if kind == 2 else 1 for _, kind in people]


async def test_places_that_are_never_opened_are_held_and_then_given_back(edge: EdgeProcess) -> None:
    who = somebody()
    first = await at_once(edge, triggers("ever", who))
    assert len(first) == THREE
    assert {message["until"] for message in first} == {edge.clock() + LEASE_MS}
    noon = edge.clock()
    for later in (1, LEASE_MS, LEASE_MS + 1, LEASE_MS + LONGEST_OFFLINE_MS):  # the last millisecond of a late report
        edge.clock.set(noon + later)
        assert await at_once(edge, triggers("ever", who, 50)) == []
    edge.clock.set(first[0]["until"] + LONGEST_OFFLINE_MS + 1)
    second = await at_once(edge, triggers("ever", who))
    assert (len(second), ids(first) & ids(second)) == (THREE, set())
    late = await tell(edge, "ever", who, "_message_open", reservation=first[0]["reservation"])
    assert [rejected["code"] for rejected in late["rejected"]] == ["unknown_reservation"]
    await opened(edge, "ever", who, *second)
    assert await at_once(edge, triggers("ever", who)) == []


@pytest.mark.parametrize("at", ["cap", "ever", "daily"])
async def test_a_page_that_releases_its_place_gives_back_exactly_that(edge: EdgeProcess, at: str) -> None:
    who = somebody()
    first = await at_once(edge, triggers(at, who))
    await opened(edge, at, who, first[0])
    for message in first:  # the release of an opened one changes nothing
        assert await tell(edge, at, who, "_release", reservation=message["reservation"]) == {"accepted": 1}
    second = await at_once(edge, triggers(at, who))
    assert (len(second), ids(first) & ids(second)) == (THREE - 1, set())
    assert await at_once(edge, triggers(at, who)) == []


async def test_an_opening_after_the_lease_counts_until_its_place_is_given_to_another(edge: EdgeProcess) -> None:
    who = somebody()
    in_time, offline, too_late = await at_once(edge, triggers("ever", who))
    await opened(edge, "ever", who, in_time)
    edge.clock.set(offline["until"] + LONGEST_OFFLINE_MS)  # a page that was offline for a day reports
    await opened(edge, "ever", who, offline)
    assert await at_once(edge, triggers("ever", who)) == []
    edge.clock.set(too_late["until"] + LONGEST_OFFLINE_MS + 1)
    refused = await tell(edge, "ever", who, "_message_open", reservation=too_late["reservation"])
    assert [(rejected["code"], rejected["where"]) for rejected in refused["rejected"]] == [("lease_over", "values.reservation")]
    (other,) = await at_once(edge, triggers("ever", who))
    await opened(edge, "ever", who, other)
    await tell(edge, "ever", who, "_message_open", reservation=other["reservation"])  # said twice, counted once
    assert await at_once(edge, triggers("ever", who)) == []


@pytest.mark.parametrize("at", ["cap", "cap-of-many", "daily"])
async def test_at_the_projects_midnight_there_are_three_more_and_a_days_count_stays_with_its_day(
    edge: EdgeProcess, at: str
) -> None:
    who = somebody()
    midnight = tokyo.day_start(tokyo.day(edge.clock()) + 1)
    edge.clock.set(midnight - 1)
    yesterday = await at_once(edge, triggers(at, who))
    assert len(yesterday) == THREE
    edge.clock.set(midnight)
    await opened(edge, at, who, *yesterday)  # opened today, but they belong to yesterday
    today = await at_once(edge, triggers(at, who))
    assert (len(today), ids(yesterday) & ids(today)) == (THREE, set())
    edge.clock.set(midnight - 3_600_000)  # the clock is put back: no second yesterday
    assert await at_once(edge, triggers(at, who)) == []
    edge.clock.set(midnight + 1)
    await opened(edge, at, who, *today)
    assert await at_once(edge, triggers(at, who)) == []


async def test_a_midnight_in_the_middle_of_200_triggers_and_a_restart(edge: EdgeProcess) -> None:
    who = somebody()
    midnight = tokyo.day_start(tokyo.day(edge.clock()) + 1)
    edge.clock.set(midnight - 1)
    bodies = triggers("cap", who)
    asked = [asyncio.create_task(edge.insist("/v1/track", body)) for body in bodies]
    await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    edge.clock.set(midnight)
    await edge.kill()
    await edge.start()
    messages = [message for answer in await asyncio.gather(*asked) for message in answer.get("messages", ())]
    days = Counter(tokyo.day(entry.now) for entry in edge.events("b") if entry.person == who)
    places = logged(edge, "cap", who)
    assert sum(days.values()) == TRIGGERS
    assert Counter(tokyo.day(reserved.now) for reserved in places) == {day: min(THREE, count) for day, count in days.items()}
    assert ids(messages) == {reserved.reservation for reserved in places}
    assert len(messages) == len(places)


@pytest.mark.parametrize("at", ["cap", "ever", "daily"])
async def test_two_browsers_of_one_member_share_their_three(edge: EdgeProcess, at: str) -> None:
    for order in (1, -1):  # the place that is still held is the member's, or comes with the other browser
        phone, laptop = somebody(), somebody()
        held = await at_once(edge, triggers(at, phone, 1))
        used = await at_once(edge, triggers(at, laptop, 1))
        await opened(edge, at, laptop, *used)
        for who in (phone, laptop)[::order]:
            await tell(edge, at, who, "identify", user_id=f"member-{phone}")
        more = await at_once(edge, [body for who in (phone, laptop) for body in triggers(at, who, 100)])
        assert (len(more), len(ids([*held, *used, *more]))) == (1, THREE)
        await opened(edge, at, laptop, *held, *more)
        assert await at_once(edge, triggers(at, phone)) == []


async def test_who_becomes_a_member_in_the_middle_of_200_triggers_is_never_shown_a_fourth(edge: EdgeProcess) -> None:
    for _ in range(5):
        phone, laptop = somebody(), somebody()
        user_id = f"member-{phone}"
        await tell(edge, "ever", phone, "identify", user_id=user_id)
        before = await at_once(edge, triggers("ever", phone, 2))
        bodies = triggers("ever", laptop)
        bodies.insert(0, said(laptop, {"id": "i", "name": "identify", "values": {"user_id": user_id}}, key="ever-key"))
        during = await at_once(edge, bodies)
        places = logged(edge, "ever", phone, laptop)
        assert ids([*before, *during]) == {reserved.reservation for reserved in places}
        alone = [reserved for reserved in places if reserved.person == laptop]  # before the two became one
        assert len(alone) <= THREE
        assert len(places) == max(THREE, len(before) + len(alone))
        assert await at_once(edge, triggers("ever", phone, 50)) == []
