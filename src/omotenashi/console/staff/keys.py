"""Secrets that are shown once and kept as hashes: those of sessions, links and tokens."""

import hashlib
import hmac
import secrets
from typing import Final

TOKEN_PREFIX: Final = "omo_"
"""With which every API token begins, so that one that leaked can be found."""


def fresh() -> str:
    """256 unguessable bits."""
    return secrets.token_urlsafe(32)


def fresh_id(kind: str) -> str:
    """A name for a new thing, such as ``tok_Zk3...``; it tells nothing and opens nothing."""
    return f"{kind}_{secrets.token_urlsafe(9)}"


def hashed(secret: str) -> str:
    """What is kept of a secret of many bits; no salt is needed, for nobody can try them all."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf(session: str) -> str:
    """What a page has to send along with everything that changes something; whoever cannot read our pages cannot know it."""
    return hmac.new(session.encode(), b"csrf", hashlib.sha256).hexdigest()[:32]


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, found out in a time that does not tell how much of them is."""
    return hmac.compare_digest(one.encode(), other.encode())
