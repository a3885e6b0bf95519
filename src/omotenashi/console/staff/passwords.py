"""Passwords: which are taken, and how they are kept and compared (argon2id, RFC 9106)."""

import asyncio
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from omotenashi.console.errors import BadRequest

SHORTEST: Final = 12
LONGEST: Final = 512
DISTINCT: Final = 5
AT_ONCE: Final = 2
"""How many are hashed at the same time; each takes 64 MB for a moment."""

_COMMON: Final = frozenset(
    (
        "password",
        "passwort",
        "passw0rd",
        "p@ssword",
        "p@ssw0rd",
        "motdepasse",
        "contrasena",
        "qwerty",
        "qwertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "azerty",
        "letmein",
        "welcome",
        "iloveyou",
        "admin",
        "administrator",
        "root",
        "superman",
        "batman",
        "dragon",
        "monkey",
        "football",
        "baseball",
        "sunshine",
        "princess",
        "trustno",
        "changeme",
        "changemenow",
        "secret",
        "hello",
        "login",
        "master",
        "omotenashi",
        "passwordpassword",
        "adminadmin",
    )
)
_PLAIN: Final = "0123456789!?.,;:-_#$%&*+@ "
"""What people add to a word that was refused."""
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)


class Passwords:
    """``hasher`` decides the cost; tests take a cheap one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._nobodys = cache(lambda: self._hasher.hash("the password of nobody"))

    async def hashed(self, password: str) -> str:
        """What is kept of a password."""
        async with self._at_once:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def is_right(self, password: str, kept: str) -> bool:
        """Whether this is the password. With nothing kept it takes as long to say no: nobody learns who has an account."""
        async with self._at_once:
            return await asyncio.to_thread(self._verified, password, kept)

    def _verified(self, password: str, kept: str) -> bool:
        try:
            return self._hasher.verify(kept or self._nobodys(), password) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


def check(password: str, mail: str, name: str = "", where: str = "password") -> None:
    """Raises ``BadRequest`` when a password is too short, or the first that somebody would try."""
    folded = password.casefold()
    if len(password) < SHORTEST:
        raise BadRequest(where, f"expected a password of at least {SHORTEST} characters; a sentence is a good one")
    if len(password) > LONGEST:
        raise BadRequest(where, f"expected a password of at most {LONGEST} characters")
    if len(set(folded)) < DISTINCT:
        raise BadRequest(where, f"expected a password of at least {DISTINCT} different characters")
    own = [part for part in (mail.casefold(), mail.casefold().partition("@")[0], name.casefold()) if len(part) >= 4]
    rest = folded
    for part in own:
        rest = rest.replace(part, "")
    if rest != folded and (len(rest) < SHORTEST // 2 or len(rest.strip(_PLAIN)) < 4):
        raise BadRequest(where, "expected a password that is not made of your name or mail address")
    core = folded.strip(_PLAIN)
    if core in _COMMON or not core or any(folded in row + row or folded in (row + row)[::-1] for row in _ROWS):
        raise BadRequest(where, "expected a password that is not among the first that somebody would try")
