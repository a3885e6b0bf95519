"""Which network addresses belong to everybody, and which are somebody's inside."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as a network that speaks IPv6 alone sees them (NAT64, RFC 6052)."""
_COMPATIBLE: Final = IPv6Network("::/96")


def is_public(address: str) -> bool:
    """Whether anybody in the world may mean this address: no loopback, private, link-local, shared, multicast or reserved one.

    An IPv6 address that stands for one of IPv4 (mapped, 6to4, NAT64) is judged by that one. What is no address is not public.
    """
    try:
        one = ip_address(address)
    except ValueError:
        return False
    if isinstance(one, IPv6Address):
        if one.scope_id is not None or one in _COMPATIBLE or one.teredo is not None or one.is_site_local:
            return False
        inside = one.ipv4_mapped or one.sixtofour or (IPv4Address(int(one) & 0xFFFFFFFF) if one in _TRANSLATED else None)
        if inside is not None:
            return is_public(str(inside))
    return one.is_global and not one.is_multicast and not one.is_reserved
