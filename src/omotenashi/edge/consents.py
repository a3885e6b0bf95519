"""``POST /v1/consents``: what a visitor has chosen, purpose by purpose, for the page of choices and for consent tools."""

from hashlib import blake2b
from typing import Final

import msgspec
from msgspec import Struct

from omotenashi.model.campaigns import Purpose, Signals
from omotenashi.model.ids import Instant, VisitorId

from .http import Receive, Scope, Send, answer, encode, header, json_for, packed, whole_body
from .pages import Pages
from .request import read
from .road import Road

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

    def __init__(self, road: Road, pages: Pages) -> None:
        self._road = road
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads, looks the person up, answers. Raises ``Refused``."""
        request = read(_decode, await whole_body(receive, LONGEST))
        asker = self._pages.let_in(scope, request.key, request.visitor)
        running = asker.running
        profile = self._road.open(running).visitor(VisitorId(request.visitor))
        now = Instant(max(asker.now, profile.now))
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
        body, answering = packed(told, json_for(asker.origin), header(scope["headers"], b"accept-encoding"))
        await answer(send, 200, answering, body)


def shown(purpose: Purpose) -> dict[str, str]:
    """A name for what is read of a purpose in each language: 96 bits of BLAKE2b over policy, label and text, in hex."""
    return {
        language: blake2b(
            f"{purpose.policy}\n{purpose.label.get(language, '')}\n{purpose.text.get(language, '')}".encode(), digest_size=12
        ).hexdigest()
        for language in ("ja", "en")
    }
