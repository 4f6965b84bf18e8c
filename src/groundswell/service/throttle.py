"""Slows down guessing of passwords."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from groundswell.domain.errors import TooManyRequests, Unauthenticated


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
            raise TooManyRequests(f"too many wrong passwords for this address; try again in {wait_s} seconds")

    @contextmanager
    def counting_failures(self, key: str) -> Iterator[None]:
        """Counts an Unauthenticated raised inside; success forgets the key's failures."""
        try:
            yield
        except Unauthenticated:
            self._failures[key] = [*self._recent(key), self._timer()]
            self._failures.move_to_end(key)
            if len(self._failures) > self._size:
                self._failures.popitem(last=False)
            raise
        self._failures.pop(key, None)

    def _recent(self, key: str) -> list[float]:
        since = self._timer() - self._seconds
        return [at for at in self._failures.get(key, ()) if at > since]
