"""When somebody may be asked for a purpose (again), and what a withdrawal takes with it."""

from typing import Final

from msgspec import Struct

from omotenashi.model.campaigns import Campaign, Project, Purpose
from omotenashi.model.ids import Instant
from omotenashi.model.profiles import Profile

from .rules.facts import consent_state

WISHED_MS: Final = 15 * 60_000
"""So long whoever wished a person to be asked may still be on the telephone with them."""
_WAITS: Final = ("ignored", "later", "closed", "refused")


class Waiting(Struct, frozen=True):
    """Why a purpose is not asked for now. ``answer`` is ``granted``, or how the latest question ended, at ``at``.

    It may be asked again ``wait_ms`` after that; 0 is never, as far as time alone decides.
    """

    answer: str
    at: Instant
    wait_ms: int

    def left_ms(self, now: Instant) -> int | None:
        """Milliseconds until it may be asked again; None when time alone will not do."""
        return self.at + self.wait_ms - now if self.wait_ms else None


def waiting(p: Profile, purpose: str, purposes: dict[str, Purpose], now: Instant) -> Waiting | None:
    """What keeps ``purpose`` from being asked for; None when it may be asked now.

    A message that asks and may still be opened counts as one that was left without an answer.
    """
    if consent_state(p, purpose, now, purposes) == "granted":
        chosen = p.consents.get(purpose)
        return Waiting("granted", Instant(0 if chosen is None else chosen.key[0]), 0)
    asked = p.asked.get(purpose)
    answer, at = ("", 0) if asked is None or asked.answer not in _WAITS else (asked.answer, asked.key[0])
    for lease in p.leases:
        if (
            lease.asks == purpose
            and lease.opened_at is None
            and lease.lapses_at >= now
            and lease.reserved_at > at
            and not (lease.test or lease.holdout)
        ):
            answer, at = "ignored", int(lease.reserved_at)
    if not answer:
        return None
    rules = purposes.get(purpose)
    wait_ms: int = 0 if rules is None else getattr(rules.ask_again, answer)
    return None if wait_ms and now - at >= wait_ms else Waiting(answer, Instant(at), wait_ms)


def is_requested(p: Profile, c: Campaign, now: Instant) -> bool:
    """Whether staff want this person asked by this campaign, and it was not done yet."""
    request = p.requested.get(c.asks) if c.asks is not None else None
    return request is not None and request.campaign == c.id and now < request.until


def changed_at(p: Profile, now: Instant) -> Instant | None:
    """When the edge last took something that an open page of this person may have to act on; None when there is nothing.

    A choice for a purpose, or a wish of the staff's that still stands.
    """
    keys = [chosen.key for chosen in p.consents.values()]
    keys += [request.key for request in p.requested.values() if now < request.until]
    return Instant(max(key[1] for key in keys)) if keys else None


def is_wished(p: Profile, now: Instant) -> bool:
    """Whether staff have lately wished this person to be asked, and it was not done yet."""
    return any(now < request.until and now - request.key[1] <= WISHED_MS for request in p.requested.values())


def erased_until(p: Profile, purpose: str, project: Project) -> Instant | None:
    """Up to when what the purpose has collected of this person is to be erased: their withdrawal, where it erases."""
    chosen = p.consents.get(purpose)
    if chosen is None or chosen.state != "withdrawn":
        return None
    erases = any(one.name == purpose and one.erase for one in project.purposes)
    return Instant(chosen.key[0]) if erases else None
