"""Connections to checked addresses only: the address that was checked is the one connected to.

A name is resolved once a connection, every address it has is checked, and the socket goes to one of those very
addresses: a name server that answers differently a moment later changes nothing. All waiting on a connection ends with
the deadline of the request it is for, which `client` sets.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from groundswell.domain.errors import Forbidden
from groundswell.net.networks import Networks

deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))
"""When, by `time.monotonic`, the request under way in this context must have ended."""


class GuardedTransport(httpx.HTTPTransport):
    """httpx's transport, over sockets that lead to the networks allowed and nowhere else."""

    def __init__(self, networks: Networks) -> None:
        super().__init__(trust_env=False)
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=16,
            max_keepalive_connections=4,
            keepalive_expiry=15.0,
            network_backend=GuardedBackend(networks),
        )


class GuardedBackend(httpcore.NetworkBackend):
    """Sockets to addresses that `networks` does not refuse."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises Forbidden when any address of the host is refused; which address it was is not said."""
        error: Exception | None = None
        for address in allowed_addresses(host, port, self._networks, timeout=_left(timeout)):
            try:
                return _Timed(self._sockets.connect_tcp(address, port, _left(timeout), local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error or httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.NetworkStream:
        raise Forbidden("sockets of this machine are not for requests")


class _Timed(httpcore.NetworkStream):
    """A stream on which nothing waits past the request's deadline, however slowly its bytes come."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        connection, unsent = self._stream.get_extra_info("socket"), memoryview(buffer)
        try:
            while unsent:  # a peer that reads a byte a second: each part has what is left of the time
                connection.settimeout(_left(timeout, httpcore.WriteTimeout))
                unsent = unsent[connection.send(unsent) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout("the request was not read in time") from error
        except OSError as error:
            raise httpcore.WriteError("the connection ended") from error

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def allowed_addresses(host: str, port: int, networks: Networks, *, timeout: float | None) -> list[str]:
    """The host's addresses, all of them allowed. Raises Forbidden, httpcore.ConnectError, httpcore.ConnectTimeout."""
    found = _resolved(host, port, timeout)
    for address in found:
        why = networks.refusal(address)
        if why is not None:
            raise Forbidden(
                f"this server may not send requests to {host!r}: its address is {why}. An administrator can allow "
                "its network (GROUNDSWELL_ALLOWED_NETWORKS)"
            )
    return found


def _resolved(host: str, port: int, timeout: float | None) -> list[str]:
    """Asked in a thread that is left behind when it takes too long: the system's resolver cannot be interrupted."""
    answers: list[Any] = []

    def ask() -> None:
        try:
            answers.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.append(error)

    asking = threading.Thread(target=ask, name="resolver", daemon=True)
    asking.start()
    asking.join(timeout)
    if not answers:
        raise httpcore.ConnectTimeout(f"the name {host!r} was not resolved in time")
    if isinstance(answers[0], Exception):
        raise httpcore.ConnectError(f"the name {host!r} is not known")
    return list(dict.fromkeys(str(entry[4][0]) for entry in answers[0]))


def _left(timeout: float | None, late: type[Exception] = httpcore.ConnectTimeout) -> float | None:
    """What a single wait may take: no longer than the request has left."""
    left = deadline.get() - time.monotonic()
    if left <= 0:
        raise late("the time for this request is over")
    if left == float("inf"):
        return timeout
    return left if timeout is None else min(left, timeout)
