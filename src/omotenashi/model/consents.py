"""The closed lists around a person's consent: what one may say, how it came, how a question can end."""

from typing import Final, Literal, get_args

State = Literal["granted", "denied", "withdrawn"]
"""What a person can decide about one purpose."""

LATER: Final = "later"
"""What a person can say instead of deciding."""

STATES: Final[tuple[str, ...]] = (*get_args(State), LATER)
"""Every ``state`` of a `consent` event."""

Source = Literal["template", "api", "cmp", "console", "choices", "erasure"]
"""``template``: a message that asked. ``erasure``: said again after an erasure that the withdrawal itself had asked for."""

SOURCES: Final[tuple[str, ...]] = get_args(Source)
SAID_BY_PAGES: Final[tuple[str, ...]] = ("api", "cmp", "choices")
"""Those that a page may name; ``template`` follows from the reservation, the rest is ours."""

Answer = Literal["ignored", "later", "closed", "refused"]
"""How a question ends that brought no yes: left alone, put off, closed by the person, refused or withdrawn."""

ANSWERS: Final[tuple[Answer, ...]] = get_args(Answer)

REQUESTED: Final = "_consent_requested"
"""The event by which staff want one person asked at the next moment; its fields are ``campaign`` and ``purpose``."""

REQUEST_MS: Final = 24 * 3_600_000
"""How long such a wish stands."""

POLICY_LENGTH: Final = 64
TEXT_LENGTH: Final = 64
"""The longest name of a policy's version, and of the text that was shown."""
