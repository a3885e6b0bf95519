"""Entries for tests: everything has a default except what the test is about."""

from typing import Any

from omotenashi.model.entries import Event, Goal, LogEntry, Merged
from omotenashi.model.ids import ActionId, CampaignId, EventId, Instant, PersonId, ProjectId, SessionId, UserId, VisitorId
from omotenashi.warehouse.sink import Sink
from omotenashi.warehouse.store import Store

NOON = 1_780_000_000_000
MINUTE = 60_000
DAY = 86_400_000


def event(person: str, name: str, values: dict[str, Any] | None = None, at: int = NOON, **more: Any) -> Event:
    known: dict[str, Any] = {
        "project": ProjectId("shop"),
        "person": PersonId(person),
        "seq": 1,
        "now": Instant(at),
        "config": 1,
        "at": Instant(at),
        "received_at": Instant(at),
        "index": 0,
        "id": EventId(f"{person}-{name}-{at}"),
        "name": name,
        "values": values or {},
        "visitor": VisitorId(person),
        "user_id": None,
        "session": SessionId(f"{person}-session"),
        "session_started_at": Instant(at),
        "opened_session": False,
        "late": False,
        "source": "tag",
    }
    return Event(**{**known, **more})


def goal(person: str, campaign: str, action: str, exposed_at: int, micros: int | None = None, **more: Any) -> Goal:
    at = exposed_at + MINUTE
    known: dict[str, Any] = {
        "project": ProjectId("shop"),
        "person": PersonId(person),
        "seq": 9,
        "now": Instant(at),
        "config": 1,
        "at": Instant(at),
        "received_at": Instant(at),
        "index": 0,
        "id": EventId(f"{person}-goal-{at}"),
        "campaign": CampaignId(campaign),
        "action": ActionId(action),
        "holdout": False,
        "exposed_at": Instant(exposed_at),
        "event": EventId("e"),
        "first": True,
        "value_micros": micros,
    }
    return Goal(**{**known, **more})


def merged(into: str, absorbed: str, at: int = NOON) -> Merged:
    return Merged(
        project=ProjectId("shop"),
        person=PersonId(into),
        seq=5,
        now=Instant(at),
        config=1,
        at=Instant(at),
        received_at=Instant(at),
        index=0,
        id=EventId(f"{into}-{absorbed}"),
        absorbed=PersonId(absorbed),
        absorbed_seq=1,
        user_id=UserId("user"),
    )


class OpenRange:
    """Remembers the one range that is being loaded, as the office does."""

    def __init__(self) -> None:
        self.load: tuple[int, int, str] | None = None

    def load_begun(self, table: str, first: int, last: int, token: str) -> None:
        self.load = (first, last, token)

    def load_done(self, table: str, last: int, reader: str | None = None) -> None:
        self.load = None

    def open_load(self, table: str) -> tuple[int, int, str] | None:
        return self.load


class Loader:
    """Loads entries one batch after another."""

    def __init__(self, store: Store, campaigns: tuple[str, ...] = ("welcome", "sale")) -> None:
        self.store = store
        self.ranges = OpenRange()
        self.campaigns = tuple(CampaignId(campaign) for campaign in campaigns)
        self.sink = self.another_sink()
        self.position = 0

    def another_sink(self) -> Sink:
        """A sink as a new process has it."""
        return Sink(self.store, self.ranges, lambda project, config, name: self.campaigns)

    def load(self, *entries: LogEntry) -> None:
        first = self.position + 1
        self.position += len(entries)
        self.sink.load(first, self.position, list(enumerate(entries, first)))
