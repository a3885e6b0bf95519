"""``POST /v1/consents``: what a visitor has chosen, purpose by purpose, for the page of choices and for consent tools."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec import Struct

from omotenashi.model.campaigns import Purpose, Signals
from omotenashi.model.ids import Instant, VisitorId
from omotenashi.model.reasons import Refusal

from .http import Addresses, Receive, Scope, Send, answer, encode, header, json_for, packed, whole_body
from .identity import is_visitor_id
from .limits import Limits
from .request import UNREADABLE, Refused, complaint
from .road import Road
from .track import of_page

LONGEST: Final = 4_096


class ConsentsRequest(Struct):
    """Whose choices: the project's public key, and the visitor's own id."""

    key: str
    visitor: str


class Choice(Struct, omit_defaults=True):
    """One purpose. ``shown`` names the label and text of a language; ``at`` is when the person chose, 0 while they have not."""

    name: str
    label: dict[str, str]
    text: dict[str, str]
    shown: dict[str, str]
    state: str
    at: int
    policy: str
    signals: Signals | None = None


class Choices(Struct):
    """All purposes in the project's order; ``language`` is the project's, ``style`` its messages' theme."""

    purposes: list[Choice]
    language: str
    style: str


_decode = msgspec.json.Decoder(ConsentsRequest).decode


class ConsentsDoor:
    """The page's route. It reads; what a visitor chooses is an event like others."""

    def __init__(self, road: Road, limits: Limits, addresses: Addresses, clock: Callable[[], Instant]) -> None:
        self._road = road
        self._limits = limits
        self._addresses = addresses
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads, looks the person up, answers. Raises ``Refused``."""
        try:
            request = _decode(await whole_body(receive, LONGEST))
        except UNREADABLE as error:
            message, where = complaint(error)
            raise Refused(Refusal.BAD_BODY, message, where) from None
        headers = scope["headers"]
        origin = header(headers, b"origin")
        running = of_page(self._road.projects, request.key, origin)
        if not is_visitor_id(request.visitor):
            raise Refused(Refusal.BAD_VISITOR, "A visitor id has 22 to 64 characters of A-Z a-z 0-9 _ -.", "visitor")
        now = self._clock()
        client = scope["client"]
        address = self._addresses.of(client[0] if client else "", header(headers, b"x-forwarded-for"))
        exceeded = self._limits.exceeded(request.visitor, address, now)
        if exceeded:
            raise Refused(
                Refusal.RATE_LIMITED, f"Too many requests from one {exceeded}.", exceeded, self._limits.retry_after(now)
            )
        profile = self._road.open(running).visitor(VisitorId(request.visitor))
        now = Instant(max(now, profile.now))
        choices = [
            Choice(
                purpose.name,
                purpose.label,
                purpose.text,
                shown(purpose),
                running.consent(profile, purpose.name, now),
                profile.consents[purpose.name].key[0] if purpose.name in profile.consents else 0,
                purpose.policy,
                purpose.signals,
            )
            for purpose in running.project.purposes
        ]
        told = encode(Choices(choices, running.project.language, running.project.style))
        body, answering = packed(told, json_for(origin), header(headers, b"accept-encoding"))
        await answer(send, 200, answering, body)


def shown(purpose: Purpose) -> dict[str, str]:
    """A name for what is read of a purpose in each language: 96 bits of BLAKE2b over policy, label and text, in hex."""
    return {
        language: blake2b(
            f"{purpose.policy}\n{purpose.label.get(language, '')}\n{purpose.text.get(language, '')}".encode(), digest_size=12
        ).hexdigest()
        for language in ("ja", "en")
    }
