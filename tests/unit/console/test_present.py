"""Who is on the site: five minutes of the log, person by person."""

import asyncio
from typing import Any

from tests.unit.warehouse.made import MINUTE, NOON, event, goal, merged

from omotenashi.console.present import KEPT, WINDOW_MS, Present
from omotenashi.model.entries import LogEntry
from omotenashi.model.ids import Instant, PersonId, ProjectId

SHOP = ProjectId("shop")


class Street:
    """A register with a clock one sets."""

    def __init__(self) -> None:
        self.now = NOON
        self.present = Present(lambda: Instant(self.now))
        self.position = 0

    def hear(self, *entries: LogEntry) -> None:
        lines: list[tuple[int, LogEntry]] = []
        for entry in entries:
            self.position += 1
            lines.append((self.position, entry))
        self.present.hear(lines)

    def here(self) -> list[str]:
        return [one.person for one in self.present.people(SHOP)]


def did(person: str, name: str, values: dict[str, Any] | None = None, at: int = NOON, **more: Any) -> LogEntry:
    return event(person, name, values, at=at, **more)


def test_whoever_did_something_last_stands_first_and_leaves_after_five_minutes() -> None:
    street = Street()
    street.hear(did("ann", "view"), did("ben", "view", at=NOON + 1), did("ann", "cart", at=NOON + MINUTE))
    street.now = NOON + MINUTE
    assert street.here() == ["ann", "ben"]
    street.now = NOON + 1 + WINDOW_MS + 1
    assert street.here() == ["ann"]
    assert street.present.person(SHOP, PersonId("ben")) is None


def test_servers_imports_and_staff_do_not_make_anybody_present() -> None:
    street = Street()
    street.hear(
        did("ann", "shipped", source="server"),
        did("ben", "view", source="import", batch="history"),
        did("cat", "note", source="console"),
        did("dan", "view", at=NOON - WINDOW_MS - 1),
    )
    assert street.here() == []


def test_a_face_keeps_its_page_and_its_message_while_other_things_happen() -> None:
    street = Street()
    street.hear(
        did("ann", "view", {"url": "https://shop.example/tea", "title": "Tea"}),
        did("ann", "_message_open", {"campaign": "welcome", "action": "d1K"}),
        did("ann", "_visibility"),
    )
    one = street.present.person(SHOP, PersonId("ann"))
    assert one is not None
    assert (one.title, one.campaign, one.event, one.hidden) == ("Tea", "welcome", "_message_open", True)
    street.hear(did("ann", "cart", seq=7))
    assert (one.event, one.hidden, one.seq) == ("cart", False, 7)


def test_a_visitor_who_turns_out_to_be_a_member_is_one_person() -> None:
    street = Street()
    street.hear(did("ann", "view"), did("anna", "view", at=NOON + 1), merged("ann", "anna", at=NOON + 2))
    assert street.here() == ["ann"]


def test_whoever_watches_is_told_who_moved_and_who_is_gone() -> None:
    street = Street()
    with street.present.watching(SHOP) as moved:
        street.hear(did("ann", "view"), did("ben", "view", project=ProjectId("other")))
        assert moved.take() == ({"ann"}, set())
        street.now += WINDOW_MS + 1
        street.here()
        assert moved.take() == (set(), {"ann"})


async def test_a_watcher_wakes_at_once_when_something_happens_and_when_all_is_over() -> None:
    street = Street()
    with street.present.watching(SHOP) as moved:
        waiting = asyncio.create_task(moved.wait(60))
        await asyncio.sleep(0)
        street.hear(did("ann", "view"))
        await asyncio.wait_for(waiting, 5)
        moved.take()
        waiting = asyncio.create_task(moved.wait(60))
        await asyncio.sleep(0)
        street.present.close()
        await asyncio.wait_for(waiting, 5)
        assert moved.over


async def test_whoever_listens_to_one_person_hears_the_last_minutes_first_and_all_their_names() -> None:
    street = Street()
    street.hear(did("ann", "view"), did("ben", "view"))
    with street.present.listening(SHOP, {PersonId("ann")}) as heard:
        assert [position for position, _ in await heard.next(5)] == [1]
        street.hear(merged("ann", "anna"), did("ben", "cart"), did("ann", "cart"))
        assert [position for position, _ in await heard.next(5)] == [3, 5]
        assert await heard.next(0.001) == []


def test_the_pulse_counts_events_messages_and_goals_in_pieces_of_five_seconds() -> None:
    street = Street()
    street.hear(
        did("ann", "view"),
        did("ann", "_message_open", {"campaign": "welcome"}),
        did("ben", "_message_open", {"campaign": "welcome", "holdout": True}),
        did("ann", "_message_ready", source="engine"),
        goal("ann", "welcome", "d1K", NOON - MINUTE),
        did("cat", "view", test=True),
    )
    pulse = street.present.pulse(SHOP)
    assert len(pulse) == 60
    assert (pulse[-1].events, pulse[-1].shown, pulse[-1].goals) == (3, 1, 1)
    assert sum(beat.events for beat in pulse[:-1]) == 0


def test_a_crowd_beyond_what_is_kept_lets_the_longest_silent_go() -> None:
    street = Street()
    street.hear(*(did(f"p{n}", "view", at=NOON - n % 2) for n in range(KEPT + 3)))
    assert len(street.here()) == KEPT
    assert "p0" not in street.here()
