"""What every profile knows by itself: the closed list of built-in facts, and where each is read."""

from collections.abc import Callable
from typing import Final, Literal

from msgspec import Struct

from omotenashi.model.campaigns import Purpose
from omotenashi.model.profiles import Landing, Profile
from omotenashi.model.values import Scalar

Kind = Literal["boolean", "number", "text", "instant"]
Root = Literal["member", "logged_in", "profile", "device", "session", "landing"]

DAY_MS: Final = 86_400_000
UTM: Final = ("source", "medium", "campaign", "term", "content")


class Fact(Struct, frozen=True):
    """Where a fact is read. ``place``: which session (0 latest, 1 previous) or which landing a value is of."""

    name: str
    kind: Kind
    root: Root
    place: Literal["", "session", "previous_session", "first", "page"] = ""
    attribute: str = ""
    key: str = ""  # in ``query`` and ``utm``
    index: int = 0  # in the device register


_PLAIN: Final = {
    fact.name: fact
    for fact in (
        Fact("member", "boolean", "member"),
        Fact("logged_in", "boolean", "logged_in"),
        Fact("visits", "number", "profile", attribute="visits"),
        Fact("views", "number", "profile", attribute="views"),
        Fact("first_seen_at", "instant", "profile", attribute="first_seen_at"),
        Fact("last_seen_at", "instant", "profile", attribute="last_at"),
        Fact("device", "text", "device", index=0),
        Fact("os", "text", "device", index=1),
        Fact("browser", "text", "device", index=2),
        Fact("language", "text", "device", index=3),
        Fact("country", "text", "device", index=4),
    )
}
_OF_SESSION: Final = {"page_views": "page_views", "seconds": "visible_ms", "started_at": "started_at"}
_OF_PAGE: Final = ("url", "host", "path", "title")

FACTS: Final[tuple[str, ...]] = (
    *_PLAIN,
    *(f"{place}.{name}" for place in ("session", "previous_session") for name in _OF_SESSION),
    *(f"{place}.landing.{name}" for place in ("session", "previous_session", "first") for name in (*_OF_PAGE, "query.X")),
    *(f"{place}.referrer" for place in ("session", "previous_session", "first", "page")),
    *(f"{place}.ad" for place in ("session", "previous_session", "first")),
    *(f"{place}.utm.{name}" for place in ("session", "previous_session", "first") for name in UTM),
    *(f"page.{name}" for name in (*_OF_PAGE, "query.X")),
)
"""Every name; ``X`` stands for the name of a query parameter."""


def known(name: str) -> Fact | None:
    """The fact of this name, None when there is none such."""
    plain = _PLAIN.get(name)
    if plain is not None:
        return plain
    place, _, rest = name.partition(".")
    if place == "page":
        return _landing_fact(name, place, rest) if rest == "referrer" else _page_fact(name, place, rest)
    if place in ("session", "previous_session") and rest in _OF_SESSION:
        kind: Kind = "instant" if rest.endswith("_at") else "number"
        return Fact(name, kind, "session", place, _OF_SESSION[rest])  # type: ignore[arg-type]
    if place in ("session", "previous_session", "first"):
        if rest.startswith("landing."):
            return _page_fact(name, place, rest.removeprefix("landing."))
        return _landing_fact(name, place, rest)
    return None


def reader(fact: Fact) -> Callable[[Profile], Scalar | None]:
    """How the fact is read from a profile; None when it is missing."""
    if fact.root == "member":
        return lambda profile: profile.user_id is not None
    if fact.root == "logged_in":
        return lambda profile: profile.logged_in is not None and profile.logged_in.value is True
    if fact.root == "profile":
        attribute = fact.attribute
        if fact.kind == "instant":
            return lambda profile: getattr(profile, attribute) or None
        return lambda profile: getattr(profile, attribute)
    if fact.root == "device":
        index = fact.index
        return lambda profile: None if profile.device is None else profile.device.value[index]
    if fact.root == "session":
        return _session_reader(fact)
    return _landing_reader(fact)


def consent_state(profile: Profile, purpose: str, now: int, purposes: dict[str, Purpose]) -> str:
    """``unknown granted denied withdrawn expired``. Without a choice, an opt-out purpose counts as granted.

    A grant expires ``expires_days`` x 24 hours after it was given, and one under another policy than the purpose's counts as
    no choice where the purpose says ``reask``; a refusal stays one.
    """
    rules = purposes.get(purpose)
    chosen = profile.consents.get(purpose)
    if chosen is None:
        return "unknown" if rules is None else rules.default
    if rules is None or chosen.state != "granted":
        return chosen.state
    if rules.reask and chosen.policy != rules.policy:
        return rules.default
    if rules.expires_days and chosen.key[0] + rules.expires_days * DAY_MS <= now:
        return "expired"
    return "granted"


def landing(profile: Profile, place: str) -> Landing | None:
    """The landing or page that ``session``, ``previous_session``, ``first`` or ``page`` names."""
    if place == "first":
        return profile.first_landing
    if place == "page":
        return profile.page
    index = 1 if place == "previous_session" else 0
    return profile.sessions[index].landing if len(profile.sessions) > index else None


def _page_fact(name: str, place: str, rest: str) -> Fact | None:
    if rest in _OF_PAGE:
        return Fact(name, "text", "landing", place, rest)  # type: ignore[arg-type]
    if rest.startswith("query.") and len(rest) > len("query."):
        return Fact(name, "text", "landing", place, "query", rest.removeprefix("query."))  # type: ignore[arg-type]
    return None


def _landing_fact(name: str, place: str, rest: str) -> Fact | None:
    if rest in ("referrer", "ad"):
        return Fact(name, "text", "landing", place, rest)  # type: ignore[arg-type]
    if rest.startswith("utm.") and rest.removeprefix("utm.") in UTM:
        return Fact(name, "text", "landing", place, "utm", rest.removeprefix("utm."))  # type: ignore[arg-type]
    return None


def _session_reader(fact: Fact) -> Callable[[Profile], Scalar | None]:
    index = 1 if fact.place == "previous_session" else 0
    attribute = fact.attribute

    def read(profile: Profile) -> Scalar | None:
        if len(profile.sessions) <= index:
            return None
        value: int = getattr(profile.sessions[index], attribute)
        return value // 1000 if attribute == "visible_ms" else value

    return read


def _landing_reader(fact: Fact) -> Callable[[Profile], Scalar | None]:
    place, attribute, key = fact.place, fact.attribute, fact.key

    def read(profile: Profile) -> Scalar | None:
        found = landing(profile, place)
        if found is None:
            return None
        value = getattr(found, attribute)
        return value.get(key) if key else value  # type: ignore[no-any-return]

    return read
