"""How often somebody may try to sign in: failures are counted by address and by account, and forgotten after a while."""

from collections.abc import Callable
from typing import Final

from omotenashi.console.errors import TooMany
from omotenashi.model.ids import Instant

WINDOW_MS: Final = 15 * 60_000
OF_ADDRESS: Final = 20
"""An office stands behind one address."""
OF_ACCOUNT: Final = 10
REMEMBERED: Final = 10_000
"""How many addresses and accounts are kept in mind; beyond it the oldest failures are forgotten first."""


class Attempts:
    """Failures of the last quarter of an hour, in memory: a restart forgives, and nobody can restart us from outside."""

    def __init__(self, clock: Callable[[], Instant]) -> None:
        self._clock = clock
        self._failures: dict[str, list[Instant]] = {}

    def check(self, address: str, account: str) -> None:
        """Raises ``TooMany`` when either failed too often; it says when the oldest failure will be forgotten."""
        for name, most in _names(address, account):
            failures = self._recent(name)
            if len(failures) >= most:
                seconds = max(1, (failures[-most] + WINDOW_MS - self._clock()) // 1000 + 1)
                raise TooMany(seconds, f"too many attempts failed; try again in {seconds} seconds")

    def failed(self, address: str, account: str) -> None:
        """Count a failure."""
        for name, _ in _names(address, account):
            self._failures[name] = [*self._recent(name), self._clock()]
        while len(self._failures) > REMEMBERED:
            self._failures.pop(next(iter(self._failures)))

    def succeeded(self, account: str) -> None:
        """Forget the failures of an account. Those of the address stay: it may have tried others."""
        self._failures.pop(f"account {account}", None)

    def _recent(self, name: str) -> list[Instant]:
        since = self._clock() - WINDOW_MS
        recent = [at for at in self._failures.pop(name, []) if at > since]
        if recent:
            self._failures[name] = recent
        return recent


def _names(address: str, account: str) -> list[tuple[str, int]]:
    names = [(f"address {address}", OF_ADDRESS)]
    return [*names, (f"account {account}", OF_ACCOUNT)] if account else names
