"""Which network addresses a stranger's URL may lead to: those of the public internet, and what a setting allows."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

# Not all of them are "private" to Python's ipaddress, or were not in all its versions.
_REFUSED: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "of this machine"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "shared by a provider's customers"),
    ("127.0.0.0/8", "of this machine"),
    ("169.254.0.0/16", "link-local, where clouds keep credentials"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "for documentation"),
    ("192.88.99.0/24", "reserved"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "for tests of networks"),
    ("198.51.100.0/24", "for documentation"),
    ("203.0.113.0/24", "for documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    ("::/128", "of this machine"),
    ("::1/128", "of this machine"),
    ("64:ff9b:1::/48", "private"),
    ("100::/64", "discarded"),
    ("2001::/23", "reserved"),
    ("2001:db8::/32", "for documentation"),
    ("3fff::/20", "for documentation"),
    ("5f00::/16", "reserved"),
    ("fc00::/7", "private"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "private"),
    ("ff00::/8", "multicast"),
)
_TABLE = tuple((ipaddress.ip_network(network), why) for network, why in _REFUSED)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
# The public addresses of clouds' metadata services are in no private range.
_METADATA = frozenset(map(ipaddress.ip_address, ("168.63.129.16", "192.0.0.192", "100.100.100.200")))


class Networks:
    """The public internet, and the networks that `allowed` names besides (`10.1.0.0/16`, `127.0.0.1`)."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = tuple(ipaddress.ip_network(network.strip(), strict=False) for network in allowed)

    def refusal(self, address: str) -> str | None:
        """Why this address may not be reached ("private", "link-local", ...), or None when it may.

        An IPv4 address inside an IPv6 address (mapped, 6to4, NAT64) counts as the IPv4 address it leads to. What is no
        address is refused.
        """
        try:
            found = ipaddress.ip_address(address.partition("%")[0])  # fe80::1%eth0 names its interface
        except ValueError:
            return "no address"
        return next((why for one in _faces(found) if (why := self._refusal(one)) is not None), None)

    def _refusal(self, address: IPAddress) -> str | None:
        if any(address in network for network in self._allowed):
            return None
        if address in _METADATA:
            return "a cloud's metadata service"
        return next((why for network, why in _TABLE if address in network), None)


def _faces(address: IPAddress) -> tuple[IPAddress, ...]:
    """The addresses that a connection to this one may end at."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _NAT64:
        return (inside,)
    if address in _COMPATIBLE and int(address) > 1:
        return (address, inside)
    if address.sixtofour is not None:
        return (address, address.sixtofour)
    return (address,)


def check_networks(networks: Iterable[str]) -> None:
    """Raises ValueError that names what is no network."""
    for network in networks:
        try:
            ipaddress.ip_network(network.strip(), strict=False)
        except ValueError as error:
            raise ValueError(f"expected networks such as 10.1.0.0/16 or 127.0.0.1, got {network!r}") from error
