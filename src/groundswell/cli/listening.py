"""The addresses a server will listen on, taken before anything else is made: a port that is taken is said at once."""

from __future__ import annotations

import contextlib
import errno
import os
import socket

from groundswell.domain.errors import Unavailable

_ADVICE = {
    errno.EADDRINUSE: "another program listens there; end it, or choose another port (--port)",
    errno.EACCES: "ports below 1024 are the system's; choose another (--port), or put a proxy before the server",
}


def bound_to(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of the host, none of them listening yet; port 0: the same free one for all.

    Raises Unavailable in one sentence that says what to do.
    """
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, number, _, address in dict.fromkeys(found):
            bound_port = sockets[0].getsockname()[1] if sockets else port
            sockets.append(_bound(family, kind, number, (address[0], bound_port, *address[2:])))
    except (OSError, UnicodeError) as error:
        for one in sockets:
            one.close()
        code = error.errno if isinstance(error, OSError) else None
        advice = _ADVICE.get(code or 0, "choose an address of this machine (--host)")
        reason = error.strerror or error if isinstance(error, OSError) else "this is no name of a host"
        raise Unavailable(f"cannot listen on {host} port {port}: {reason}; {advice}") from error
    return sockets


def address_of(host: str, sockets: list[socket.socket]) -> str:
    """The server's address for people."""
    port = sockets[0].getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bound(family: int, kind: int, protocol: int, address: tuple[object, ...]) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of a server before may linger
        if family == socket.AF_INET6:
            with contextlib.suppress(AttributeError, OSError):
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made
