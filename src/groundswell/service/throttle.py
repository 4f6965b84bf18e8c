"""Slows down guessing of passwords."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network

from groundswell.domain.errors import TooManyRequests, Unauthenticated
from groundswell.domain.people import Account


class Throttle:
    """Refuses a key after `limit` failures within `seconds`; remembers the `size` most recent keys."""

    def __init__(
        self, *, limit: int = 10, seconds: float = 300, size: int = 10_000, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._seconds, self._size, self._timer = limit, seconds, size, timer
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def check(self, key: str) -> None:
        """Raises TooManyRequests while the key is refused."""
        recent = self._recent(key)
        if len(recent) >= self._limit:
            wait_s = int(self._seconds - (self._timer() - recent[0])) + 1
            raise TooManyRequests(f"too many wrong passwords; try again in {wait_s} seconds")

    @contextmanager
    def counting_failures(self, key: str) -> Iterator[None]:
        """Counts an Unauthenticated raised inside; success forgets the key's failures."""
        try:
            yield
        except Unauthenticated:
            self.count(key)
            raise
        self._failures.pop(key, None)

    def count(self, key: str) -> None:
        """Count one failure."""
        self._failures[key] = [*self._recent(key), self._timer()]
        self._failures.move_to_end(key)
        if len(self._failures) > self._size:
            self._failures.popitem(last=False)

    def _recent(self, key: str) -> list[float]:
        since = self._timer() - self._seconds
        return [at for at in self._failures.get(key, ()) if at > since]


class SignInThrottle:
    """Failures of signing in: for an address from one network, for an address from everywhere, and for a network.

    The first is the smallest, so that one who guesses is stopped before the account is closed to its owner elsewhere;
    the second stops those who guess from many networks, the third those who try one password on many accounts.
    """

    def __init__(self, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._pair = Throttle(limit=10, seconds=300, timer=timer)
        self._account = Throttle(limit=50, seconds=900, timer=timer)
        self._network = Throttle(limit=100, seconds=900, timer=timer)

    def check(self, email: str, network: str) -> None:
        """Raises TooManyRequests while any of them is refused."""
        for throttle, key in self._counted(email, network):
            throttle.check(key)

    @contextmanager
    def counting_failures(self, email: str, network: str) -> Iterator[None]:
        """Counts an Unauthenticated raised inside for all three; success forgets those of the address from here."""
        with self._pair.counting_failures(f"{email} {_block(network)}"):
            try:
                yield
            except Unauthenticated:
                self._account.count(email)
                self._network.count(_block(network))
                raise

    @contextmanager
    def proving(self, account: Account) -> Iterator[None]:
        """The same for who is signed in and proves once more who they are: a session that was taken guesses no more."""
        email, own = account.email.lower(), f"account {account.id}"  # no network: others' are not closed by it
        self.check(email, own)
        with self.counting_failures(email, own):
            yield

    def _counted(self, email: str, network: str) -> tuple[tuple[Throttle, str], ...]:
        block = _block(network)
        return ((self._pair, f"{email} {block}"), (self._account, email), (self._network, block))


def _block(network: str) -> str:
    """An address's network: of IPv6 the /64 that one customer has."""
    try:
        found = ip_address(network)
    except ValueError:
        return network
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else network
