"""Event ids that were taken already: remembered by hash for a day; never fewer than 512, never more than 8,192.

The upper bound is for a browser gone wild: at 8,192 events a day its own oldest retries may count twice.
"""

from functools import lru_cache
from hashlib import blake2b

from omotenashi.model.profiles import Profile

KEPT_MS = 24 * 3_600_000
KEPT_AT_LEAST = 512
KEPT_AT_MOST = 8_192
_ENTRY = 12  # 8 bytes of hash, 4 of received seconds


@lru_cache(maxsize=256)  # asked at admission, and again when it is remembered
def _hash(event_id: str) -> bytes:
    return blake2b(event_id.encode(), digest_size=8).digest()


def was_seen(profile: Profile, event_id: str) -> bool:
    """Whether this id stands in the person's log already. False alarms: about 2^-53 a call."""
    return bool(profile.recent) and _hash(event_id) in profile.recent


def remember(profile: Profile, event_id: str, received_at: int) -> None:
    """Adds the id, and forgets those older than a day beyond the last 512."""
    recent = profile.recent
    recent += _hash(event_id) + (received_at // 1000).to_bytes(4, "big")
    if len(recent) > KEPT_AT_LEAST * _ENTRY:
        oldest = (received_at - KEPT_MS) // 1000
        surplus = len(recent) - KEPT_AT_LEAST * _ENTRY
        drop = max(0, len(recent) - KEPT_AT_MOST * _ENTRY)
        while drop < surplus and int.from_bytes(recent[drop + 8 : drop + _ENTRY], "big") < oldest:
            drop += _ENTRY
        if drop:
            del recent[:drop]


def union(one: bytearray, other: bytearray) -> bytearray:
    """The memories of two people as one, oldest first."""
    entries = {bytes(data[i : i + _ENTRY]) for data in (one, other) for i in range(0, len(data), _ENTRY)}
    return bytearray().join(sorted(entries, key=lambda entry: (entry[8:], entry))[-KEPT_AT_MOST:])
