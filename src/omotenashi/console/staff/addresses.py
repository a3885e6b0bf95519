"""From which address a request comes, and whether it came to us encrypted."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from litestar.connection import ASGIConnection

Networks = tuple[IPv4Network | IPv6Network, ...]


def address(connection: ASGIConnection[Any, Any, Any, Any], proxies: Networks) -> str:
    """The last address in the chain of ``X-Forwarded-For`` that is not one of our ``proxies``; the peer's without a chain."""
    found = connection.client.host if connection.client is not None else ""
    for part in reversed(connection.headers.get("x-forwarded-for", "").split(",")):
        if not part.strip() or not is_proxy(found, proxies):
            return found
        found = part.strip().strip("[]")
    return found


def is_proxy(host: str, proxies: Networks) -> bool:
    """Whether this is the address of a proxy that may speak for others."""
    parsed: IPv4Address | IPv6Address
    try:
        parsed = ip_address(host)
    except ValueError:
        return False
    return any(parsed in network for network in proxies)
