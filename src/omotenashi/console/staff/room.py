"""The staff's room: what every route about staff has at hand, and who somebody with a key is."""

from collections.abc import Callable
from typing import Final

from omotenashi.model.ids import Instant
from omotenashi.model.staff import Session

from . import keys
from .addresses import Networks
from .attempts import Attempts
from .openid import Provider
from .passwords import Passwords
from .ports import Accounts, Audit
from .who import MACHINE, Who, rights

IDLE_MS: Final = 3 * 86_400_000
"""A session that nobody used for so long is over."""
LONGEST_MS: Final = 30 * 86_400_000
"""However it is used, a session is over so long after it began."""
SEEN_MS: Final = 60_000
"""How exactly it is kept when a session or a token was last used."""


class Room:
    """``machine`` is the token in the data folder, whose holder may do everything; ``url`` is where staff reach the console.

    ``proxies`` may say for whom they speak; ``is_secure``: staff reach the console encrypted. ``cookie`` is what the session's
    cookie is called: consoles on several ports of one machine do not take each other's. ``pending`` are second factors that
    are being set up: secrets by account.
    """

    def __init__(
        self,
        accounts: Accounts,
        audit: Audit,
        clock: Callable[[], Instant],
        machine: str,
        url: Callable[[], str],
        proxies: Networks = (),
        *,
        is_secure: bool = False,
        passwords: Passwords | None = None,
        openid: Provider | None = None,
    ) -> None:
        self.accounts = accounts
        self.audit = audit
        self.clock = clock
        self.url = url
        self.proxies = proxies
        self.is_secure = is_secure
        self.cookie = f"{'__Host-' if is_secure else ''}omotenashi_{keys.hashed(machine)[:8]}"
        self.passwords = passwords or Passwords()
        self.openid = openid
        self.attempts = Attempts(clock)
        self.pending: dict[str, str] = {}
        self._machine = machine

    def of_bearer(self, key: str) -> Who | None:
        """Whom the machine's token or an API token stands for; None for any other text."""
        if keys.same(key, self._machine):
            return MACHINE
        if not key.startswith(keys.TOKEN_PREFIX):
            return None
        token, now = self.accounts.token(keys.hashed(key)), self.clock()
        if token is None or (token.expires_at and token.expires_at <= now):
            return None
        if token.seen_at + SEEN_MS < now:
            self.accounts.saw_token(token.hash, now)
        return Who(token.id, token.name, "token", "en", {token.project: frozenset(token.scopes)})

    def of_session(self, secret: str, address: str) -> Who | None:
        """Who is signed in by the session of this secret; None when it is over, was ended, or never was."""
        session, now = self.accounts.session(keys.hashed(secret)), self.clock()
        if session is None or is_over(session, now):
            return None
        account = self.accounts.account(session.staff)
        if account is None:
            return None
        if session.seen_at + SEEN_MS < now or session.address != address:
            self.accounts.saw_session(session, now, address)
        granted = rights(self.accounts.grants(account.id))
        return Who(account.id, account.name, "member", account.language, granted, account.mail, session.hash)


def is_over(session: Session, now: Instant) -> bool:
    """Whether a session is too old, or was not used for too long."""
    return session.seen_at + IDLE_MS < now or session.made_at + LONGEST_MS < now
