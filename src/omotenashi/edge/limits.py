"""How much one visitor, and one address, may ask of the edge.

Windows are fixed and counted, not smoothed: two dictionary look-ups a request, and memory that empties
itself. Carriers put thousands of people behind one address, so that limit is generous by default.
"""

from typing import Final

from msgspec import Struct

from omotenashi.model.reasons import Refusal

from .request import Refused

WINDOW_MS: Final = 10_000


class Allowance(Struct, frozen=True):
    """Requests per window of ten seconds; 0 is no limit."""

    per_visitor: int = 1_000
    per_address: int = 30_000


class Limits:
    """Counts the requests of the current window."""

    __slots__ = ("_addresses", "_allowance", "_ends_at", "_previous", "_visitors")

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._ends_at = 0
        self._visitors: dict[str, int] = {}
        self._addresses: dict[str, int] = {}
        self._previous: tuple[str, int, int] = ("", 0, 0)

    def exceeded(self, visitor: str, address: str, now: int) -> str:
        """Counts one request. The name of the limit that it breaks, ``visitor`` or ``address``, or ``""``."""
        if now >= self._ends_at or now < self._ends_at - WINDOW_MS:
            self._turn_over(now)
        count = self._addresses.get(address, 0) + 1
        self._addresses[address] = count
        if count > self._allowance.per_address > 0:
            return "address"
        count = self._visitors.get(visitor, 0) + 1
        self._visitors[visitor] = count
        return "visitor" if count > self._allowance.per_visitor > 0 else ""

    def admit(self, visitor: str, address: str, now: int) -> None:
        """Counts one request. Raises ``Refused`` when it is one too many."""
        exceeded = self.exceeded(visitor, address, now)
        if exceeded:
            raise Refused(Refusal.RATE_LIMITED, f"Too many requests from one {exceeded}.", exceeded, self.retry_after(now))

    def retry_after(self, now: int) -> int:
        """Whole seconds until the window ends, at least 1."""
        return max(1, -(-(self._ends_at - now) // 1000))

    def busiest(self) -> tuple[str, float, int]:
        """The address that sent most in the last full window (or this one, if it is the first), its share, the total.

        One address with nearly everything means that a proxy stands in front and is not trusted.
        """
        return (
            self._summary()
            if self._previous[2] == 0
            else (self._previous[0], self._previous[1] / self._previous[2], self._previous[2])
        )

    def _summary(self) -> tuple[str, float, int]:
        total = sum(self._addresses.values())
        if total == 0:
            return ("", 0.0, 0)
        address = max(self._addresses, key=self._addresses.__getitem__)
        return (address, self._addresses[address] / total, total)

    def _turn_over(self, now: int) -> None:
        address, share, total = self._summary()
        if total:
            self._previous = (address, round(share * total), total)
        self._visitors = {}
        self._addresses = {}
        self._ends_at = now + WINDOW_MS
