"""The visitor cookie, renewed from here when the edge is mounted under the site's own host.

Browsers that forget cookies of scripts after a week keep those that a server of the site has set.
"""

from typing import Final

from .http import HeaderList

VISITOR_COOKIE: Final = b"_omo"
TWO_YEARS: Final = 2 * 365 * 24 * 3600


def renewed(visitor: str, was: str, domain: str, origin: bytes, headers: dict[bytes, bytes]) -> HeaderList:
    """The ``Set-Cookie`` that keeps ``visitor`` for two years, or none.

    It is sent only to a page of this very host, inside the project's ``cookie_domain``, that brought the cookie along with
    the same visitor ``was``: so it never stands on another site, and never undoes a logout that the page made meanwhile.
    """
    scheme, _, place = origin.partition(b"://")
    host = _name(place)
    own = domain.encode("latin-1", "replace").lstrip(b".").lower()
    if not host or host != _name(headers.get(b"host", b"")) or (host != own and not host.endswith(b"." + own)):
        return []
    brought = headers.get(b"cookie", b"").split(b"; ")
    if b"%s=%s" % (VISITOR_COOKIE, was.encode()) not in brought:
        return []
    secure = b"; Secure" if scheme == b"https" else b""
    parts = (VISITOR_COOKIE, visitor.encode(), own, TWO_YEARS, secure)
    return [(b"set-cookie", b"%s=%s; Domain=%s; Path=/; Max-Age=%d; SameSite=Lax%s" % parts)]


def _name(host: bytes) -> bytes:
    """The host without its port."""
    return host.rpartition(b":")[0].lower() if b":" in host else host.lower()
