"""Support codes: six digits that a visitor reads out, and staff find their story by.

A code is kept here alone, for a quarter of an hour, and dies with the process. There are few at a time among a million, and
staff may guess only a few times: see the console's route.
"""

import secrets
from typing import Final

import msgspec
from msgspec import Struct

from omotenashi.model.ids import Instant, PersonId, ProjectId, VisitorId
from omotenashi.model.reasons import Refusal

from .http import JSON, Receive, Scope, Send, answer, encode, header, json_for, packed, whole_body
from .pages import Pages
from .request import Refused, read
from .road import Road

LASTS_MS: Final = 15 * 60_000
DIGITS: Final = 6
MOST: Final = 5_000
"""Codes of a project that live at once: a guess finds one of them in at most half a percent of all cases."""
MOST_OF_ADDRESS: Final = 100
LONGEST: Final = 4_096


class SupportCodeRequest(Struct):
    """Who asks for a code: the project's public key, and the visitor's own id."""

    key: str
    visitor: str


class SupportCode(Struct, rename="camel"):
    """``code`` is good for ``left_ms`` from now. ``language`` is the project's, ``style`` its messages' theme."""

    code: str
    left_ms: int
    language: str
    style: str


class LookRequest(Struct, forbid_unknown_fields=True):
    """``POST /internal/support-codes``: a code that somebody read out."""

    project: str
    code: str


class Living(Struct, frozen=True):
    """A code: whose it is, who asked for it, and until when."""

    visitor: VisitorId
    address: str
    until: Instant


_decode = msgspec.json.Decoder(SupportCodeRequest).decode
_decode_look = msgspec.json.Decoder(LookRequest).decode


class Codes:
    """The living codes of one project, the oldest first."""

    def __init__(self) -> None:
        self._living: dict[str, Living] = {}
        self._of: dict[VisitorId, str] = {}

    def give(self, visitor: VisitorId, address: str, now: Instant) -> tuple[str, Living]:
        """The visitor's living code, or a new one. Raises ``Refused`` when too many live."""
        self._forget(now)
        known = self._of.get(visitor)
        if known is not None:
            return known, self._living[known]
        if sum(living.address == address for living in self._living.values()) >= MOST_OF_ADDRESS:
            raise Refused(Refusal.RATE_LIMITED, "Too many support codes from one address.", "address", LASTS_MS // 1_000)
        if len(self._living) >= MOST:
            raise Refused(Refusal.BUSY, "Too many support codes are in use.", "", 60)
        code = _digits()
        while code in self._living:
            code = _digits()
        living = self._living[code] = Living(visitor, address, Instant(now + LASTS_MS))
        self._of[visitor] = code
        return code, living

    def whose(self, code: str, now: Instant) -> VisitorId | None:
        """The visitor whose living code this is."""
        self._forget(now)
        found = self._living.get(code)
        return None if found is None else found.visitor

    def _forget(self, now: Instant) -> None:
        for code in [code for code, living in self._living.items() if living.until <= now]:
            del self._of[self._living.pop(code).visitor]


class SupportDoor:
    """The page's route and the console's."""

    def __init__(self, road: Road, pages: Pages) -> None:
        self._road = road
        self._pages = pages
        self._codes: dict[ProjectId, Codes] = {}

    async def page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``POST /v1/support-code``: the visitor's code, the same while it lives. Raises ``Refused``."""
        request = read(_decode, await whole_body(receive, LONGEST))
        asker = self._pages.let_in(scope, request.key, request.visitor)
        project = asker.running.project
        code, living = self._of(asker.running.id).give(VisitorId(request.visitor), asker.address, asker.now)
        told = encode(SupportCode(code, living.until - asker.now, project.language, project.style))
        body, answering = packed(told, json_for(asker.origin), header(scope["headers"], b"accept-encoding"))
        await answer(send, 200, answering, body)

    async def internal(self, receive: Receive, send: Send) -> None:
        """``POST /internal/support-codes``: the person whose living code this is, "" when it is nobody's. Raises ``Refused``."""
        request = read(_decode_look, await whole_body(receive, LONGEST))
        running = self._road.projects.by_id.get(ProjectId(request.project))
        if running is None:
            raise Refused(Refusal.NOT_FOUND, "No project has this id.", "project")
        visitor = self._of(running.id).whose(request.code, self._road.clock())
        person = PersonId("") if visitor is None else self._road.open(running).visitor(visitor).person
        await answer(send, 200, JSON, encode({"person": person}))

    def _of(self, project: ProjectId) -> Codes:
        return self._codes.setdefault(project, Codes())


def _digits() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
