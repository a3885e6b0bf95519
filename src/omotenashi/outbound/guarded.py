"""A transport for httpx that connects to public addresses only.

A name is resolved once, every address it has is looked at, and the connection goes to one of those: a name that answers
otherwise a moment later gains nothing. Each request is judged anew, that of a redirect too. Connections are not kept, so that
none that was made for one name is used for another.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection
from functools import cache
from typing import Final

import httpx

from .addresses import is_public

Place = tuple[str, int]
"""A host, in small letters, and a port."""
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""All addresses of a host; raises ``OSError``."""

PORTS: Final = frozenset((80, 443))
MOST_TRIED: Final = 3
"""Addresses of one host to which a connection is tried."""


class NotAllowed(httpx.TransportError):
    """The request would leave the public network, or leave by another way than HTTP; nothing was sent."""


@cache
def _trusted() -> ssl.SSLContext:
    """Whom a certificate is taken from: those that browsers trust, whatever the environment says. Slow to make."""
    return httpx.create_ssl_context(trust_env=False)


async def resolved(host: str, port: int) -> list[str]:
    """All addresses of a host, as the system knows it. Raises ``OSError``."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


class Guarded(httpx.AsyncBaseTransport):
    """``allowed`` are places that the operator lists: they may be private, and have any port."""

    def __init__(self, allowed: Callable[[], Collection[Place]], resolve: Resolve = resolved) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._inner = httpx.AsyncHTTPTransport(
            verify=_trusted(), trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises ``NotAllowed``, and what httpx raises."""
        url = request.url
        if url.scheme not in ("http", "https") or not url.host:
            raise NotAllowed("expected an address that begins with http:// or https://")
        if url.userinfo:
            raise NotAllowed("expected an address without a name and a password")
        port = url.port or (443 if url.scheme == "https" else 80)
        is_listed = (url.host.lower(), port) in self._allowed()
        if port not in PORTS and not is_listed:
            raise NotAllowed(f"expected port 80 or 443; found {port}")
        name = url.raw_host.decode("ascii")
        try:
            addresses = await self._resolve(name.strip("[]"), port)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"{name}: {error}") from error
        if not addresses or not (is_listed or all(is_public(address) for address in addresses)):
            raise NotAllowed(f"{name} is not, or not only, a public address")
        return await self._sent(request, name, addresses[:MOST_TRIED])

    async def _sent(self, request: httpx.Request, name: str, addresses: list[str]) -> httpx.Response:
        """The answer of the first address with which a connection can be made."""
        for place, address in enumerate(addresses, 1):
            there = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,  # its Host is the name
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": name},
            )
            try:
                return await self._inner.handle_async_request(there)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if place == len(addresses):
                    raise
        raise httpx.ConnectError(f"{name} has no address")

    async def aclose(self) -> None:
        await self._inner.aclose()
