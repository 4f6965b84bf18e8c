"""Who a request comes from when proxies pass it on: what they say is believed only from those that a setting names."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

Network = IPv4Network | IPv6Network


class TrustedProxies:
    """The proxies before this server, by address or network; none: forwarded addresses are not believed."""

    def __init__(self, networks: Sequence[str] = ()) -> None:
        self._networks: tuple[Network, ...] = tuple(ip_network(one, strict=False) for one in networks)

    def seen_through(self, scope: Scope) -> Scope:
        """The request as it came to the first proxy: its sender, and whether over TLS."""
        peer = scope.get("client")
        if not self._networks or peer is None or not self._trusts(peer[0]):
            return scope
        headers = Headers(scope=scope)
        found = dict(scope)
        sender = self._sender(headers.getlist("x-forwarded-for"))
        if sender is not None:
            found["client"] = (sender, 0)
        scheme = headers.get("x-forwarded-proto", "").rsplit(",", 1)[-1].strip().lower()
        if scheme in ("http", "https"):
            found["scheme"] = scheme
        return found

    def _sender(self, lines: Sequence[str]) -> str | None:
        """The last address of the chain that is no proxy of ours: those before it anybody may have written."""
        chain = [part.strip() for line in lines for part in line.split(",") if part.strip()]
        for address in reversed(chain):
            if not self._trusts(address):
                return address if _is_address(address) else None
        return chain[0] if chain else None

    def _trusts(self, address: str) -> bool:
        return _is_address(address) and any(ip_address(address) in network for network in self._networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
