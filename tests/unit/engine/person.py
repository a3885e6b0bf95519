"""A person on paper: drafts taken through `engine.turn`, one after the other, with a clock one sets."""

from typing import Any

import msgspec

from omotenashi.engine import plan as planning
from omotenashi.engine.fold import fold
from omotenashi.engine.merge import absorb
from omotenashi.engine.plan import Plan
from omotenashi.engine.turn import Turn, turn
from omotenashi.model.campaigns import Action, Campaign, Project
from omotenashi.model.drafts import Draft
from omotenashi.model.entries import LogEntry, Merged
from omotenashi.model.profiles import Profile

NOON = 1_763_694_000_000  # 2025-11-21 12:00 in Tokyo
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
PLAIN = (Action("d1K", "plain", 1000, template="modal"),)


def campaign(id: str = "welcome", /, **changes: Any) -> Campaign:
    """A campaign on every view, once a session, to everyone; ``changes`` as in `Campaign`."""
    return msgspec.structs.replace(Campaign(id, id.title(), "view", PLAIN), **changes)


def project(*campaigns: Campaign, **changes: Any) -> Project:
    """A project in Tokyo at version 1 with these campaigns, in deciding order."""
    ordered = tuple(sorted(campaigns, key=lambda c: (c.priority, c.id)))
    return msgspec.structs.replace(Project("midori", "Midori", version=1, campaigns=ordered), **changes)


class Person:
    """One visitor. Every call is one request; time stands still unless `wait` is called."""

    def __init__(self, of: Project, visitor: str = "hanako", now: int = NOON, ready: int = 1) -> None:
        self.plan: Plan = planning.build(of, ready)
        self.profile = Profile(visitor)
        self.visitor = visitor
        self.now = now
        self.log: list[LogEntry] = []
        self.count = 0
        self.user_id: str | None = None
        self.page_view = f"{visitor}-page-0"

    def wait(self, ms: int) -> "Person":
        self.now += ms
        return self

    def adopt(self, of: Project, ready: int = 1) -> "Person":
        """The same person under another configuration."""
        self.plan = planning.build(of, ready)
        return self

    def send(self, name: str, values: dict[str, Any] | None = None, **changes: Any) -> Turn:
        self.count += 1
        if name == "view":
            self.page_view = changes.pop("page_view", None) or f"{self.visitor}-page-{self.count}"
            path = (values or {}).get("path", "/")
            values = {"url": f"https://midori.example{path}", "host": "midori.example", "path": path, **(values or {})}
        draft = Draft(
            id=f"{self.visitor}-{self.count}",
            name=name,
            values=values or {},
            at=self.now,
            received_at=self.now,
            index=0,
            visitor=self.visitor,
            user_id=self.user_id,
            page_view=self.page_view,
            device="phone",
            os="iOS",
            browser="Safari",
            language="ja",
        )
        taken = turn(self.profile, msgspec.structs.replace(draft, **changes), self.now, self.plan)
        self.log.extend(taken.entries)
        return taken

    def view(self, path: str = "/", **changes: Any) -> Turn:
        return self.send("view", {"path": path}, **changes)

    def opens(self, taken: Turn, place: int = 0, **values: Any) -> Turn:
        return self.send("_message_open", {"reservation": taken.handed[place].reserved.reservation, **values})

    def closes(self, taken: Turn, place: int = 0, by: str = "button") -> Turn:
        return self.send("_message_close", {"reservation": taken.handed[place].reserved.reservation, "by": by})

    def clicks(self, taken: Turn, place: int = 0) -> Turn:
        return self.send("_message_click", {"reservation": taken.handed[place].reserved.reservation, "name": "main"})

    def replayed(self, absorbed: dict[str, Profile] | None = None) -> Profile:
        """The fold of the log from nothing."""
        profile = Profile(self.profile.person)
        for entry in self.log:
            if isinstance(entry, Merged):
                profile = absorb(profile, (absorbed or {})[entry.absorbed], entry, self.plan)
            else:
                profile = fold(profile, entry, self.plan)
        return profile


def shown(taken: Turn) -> list[str]:
    """The campaigns handed to the page, holdouts too."""
    return [handed.reserved.campaign for handed in taken.handed]
