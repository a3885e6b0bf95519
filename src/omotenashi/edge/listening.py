"""The open pages that wait to hear whether something is wanted of them, by visitor and by recording. See ``calls.py``."""

import asyncio
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Final

from omotenashi.model.consents import REQUESTED
from omotenashi.model.ids import ProjectId, SessionId, VisitorId

HEEDED: Final = frozenset({"consent", REQUESTED})
"""Events after which a person's open pages have to look."""


class Waiter:
    """One page. ``woken`` says that it may have to be answered, ``watched`` that somebody looks at its recording."""

    __slots__ = ("watched", "woken")

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.watched = False


class Listening:
    """Everybody who waits."""

    def __init__(self) -> None:
        self.count = 0
        self._of: dict[tuple[ProjectId, VisitorId], set[Waiter]] = {}
        self._recorded: dict[tuple[ProjectId, SessionId], set[Waiter]] = {}

    @property
    def has_recorded(self) -> bool:
        """Whether a page waits that is being recorded."""
        return bool(self._recorded)

    def pages_of(self, project: ProjectId, visitor: VisitorId) -> int:
        """How many pages of one browser wait."""
        return len(self._of.get((project, visitor), ()))

    @contextmanager
    def waiting(self, project: ProjectId, visitor: VisitorId, recording: SessionId | None) -> Generator[Waiter]:
        """As long as the page waits."""
        waiter = Waiter()
        self.count += 1
        self._of.setdefault((project, visitor), set()).add(waiter)
        if recording is not None:
            self._recorded.setdefault((project, recording), set()).add(waiter)
        try:
            yield waiter
        finally:
            self.count -= 1
            self._of[project, visitor].discard(waiter)
            if not self._of[project, visitor]:
                del self._of[project, visitor]
            if recording is not None:
                self._recorded[project, recording].discard(waiter)
                if not self._recorded[project, recording]:
                    del self._recorded[project, recording]

    def wake(self, project: ProjectId, visitors: Iterable[VisitorId]) -> None:
        """Something has changed of the person who has these browsers."""
        for visitor in visitors:
            for waiter in self._of.get((project, visitor), ()):
                waiter.woken.set()

    def watched(self, project: ProjectId, recording: SessionId) -> None:
        """Somebody watches this visit just now."""
        for waiter in self._recorded.get((project, recording), ()):
            waiter.watched = True
            waiter.woken.set()

    def wake_all(self) -> None:
        """Lets everybody look, such as before the end."""
        for waiters in self._of.values():
            for waiter in waiters:
                waiter.woken.set()
