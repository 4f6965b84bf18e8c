"""One request to an address that somebody else chose: a deadline over all of it, and no answer too long to hold."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpcore
import httpx

from groundswell.domain.errors import Unavailable
from groundswell.net.networks import Networks
from groundswell.net.transport import GuardedTransport, allowed_addresses, deadline

_REDIRECTS = 3
_KEEPS_THE_METHOD = frozenset({307, 308})
_PORTS = {"http": 80, "https": 443}
_CHUNK_BYTES = 1 << 16


@dataclass(frozen=True)
class Answer:
    """What a server said. Its body is the business of whoever asked; it is never quoted to people."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class GuardedClient:
    """Sends requests to the networks allowed. Safe to share between threads.

    Proxies and certificates named in the environment are not used: a proxy would look the name up once more.
    """

    def __init__(self, networks: Networks) -> None:
        self._client = httpx.Client(transport=GuardedTransport(networks), trust_env=False, follow_redirects=False)

    def post(
        self,
        url: str,
        content: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 10.0,
        max_bytes: int = 1 << 20,
    ) -> Answer:
        """Post and read the answer, all within `timeout_s`.

        Redirects are followed on the same host and only where they keep the method (307, 308); any other is returned as
        it is. Raises Forbidden for an address that is refused, Unavailable when there is no answer in time or one of
        more than `max_bytes`.
        """
        before = deadline.set(time.monotonic() + timeout_s)
        try:
            asked = httpx.URL(url)
            for _ in range(_REDIRECTS + 1):
                answer = self._once(asked, content, headers, timeout_s, max_bytes)
                onward = _onward(asked, answer)
                if onward is None:
                    break
                asked = onward
            return answer
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"{_shown(url)} {_reason(error, timeout_s)}") from error
        finally:
            deadline.reset(before)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _once(
        self, url: httpx.URL, content: bytes, headers: Mapping[str, str] | None, timeout_s: float, max_bytes: int
    ) -> Answer:
        given = {"Accept-Encoding": "identity", **(headers or {})}  # a packed answer's size is not known beforehand
        body = bytearray()
        with self._client.stream("POST", url, content=content, headers=given, timeout=timeout_s) as response:
            for chunk in response.iter_raw(_CHUNK_BYTES):
                body += chunk
                if len(body) > max_bytes:
                    raise Unavailable(f"{_shown(str(url))} answers more than {max_bytes:,} bytes")
        return Answer(response.status_code, dict(response.headers), bytes(body))


def check_url(url: str, networks: Networks, *, timeout_s: float = 5.0) -> None:
    """Raises Forbidden for a URL whose host is refused as it resolves now; a name that is not known may be so later."""
    try:
        asked = httpx.URL(url)
        allowed_addresses(asked.host, asked.port or _PORTS.get(asked.scheme, 0), networks, timeout=timeout_s)
    except (httpx.InvalidURL, httpcore.ConnectError, httpcore.ConnectTimeout):
        return


def _onward(asked: httpx.URL, answer: Answer) -> httpx.URL | None:
    """Where a redirect leads, when it may be followed."""
    if answer.status not in _KEEPS_THE_METHOD or "location" not in answer.headers:
        return None
    onward = asked.join(answer.headers["location"])
    same = onward.scheme == asked.scheme and onward.port == asked.port
    upgraded = asked.scheme == "http" and onward.scheme == "https" and asked.port is None and onward.port is None
    return onward if onward.host == asked.host and (same or upgraded) else None


def _reason(error: Exception, timeout_s: float) -> str:
    """In our own words: what the other side said stays out of it."""
    if isinstance(error, httpx.TimeoutException):
        return f"does not answer within {timeout_s:g} s"
    if isinstance(error, httpx.ConnectError):
        return f"does not answer: {error or 'no connection'}"
    return f"does not answer as HTTP: {type(error).__name__}"


def _shown(url: str) -> str:
    """A URL for messages: without a password in it, and not its query, where tokens are."""
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL:
        return "the address"
    return str(found.copy_with(username=None, password=None, query=None, fragment=None))
