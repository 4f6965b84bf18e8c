"""Threads of their own for reading the storage: a bucket that hangs takes these, and nobody's sign-in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from groundswell.domain.errors import Unavailable

T = TypeVar("T")

THREADS = 16
MOST_WAITING = 200
"""Pages of pictures ask for many at once; beyond this the storage does not keep up, and waiting only hides it."""


class MediaPool:
    """Runs blocking reads, at most THREADS at once; who comes when MOST_WAITING wait already is sent away."""

    def __init__(self, *, threads: int = THREADS, most_waiting: int = MOST_WAITING) -> None:
        self._limiter = anyio.CapacityLimiter(threads)
        self._most = threads + most_waiting
        self._asked = 0  # under way and waiting

    async def run(self, work: Callable[..., T], *given: Any) -> T:
        """The work's result; raises Unavailable when too many are waiting."""
        if self._asked >= self._most:
            raise Unavailable("the storage answers slowly and too many files are asked for; try again in some seconds")
        self._asked += 1
        try:
            # A reader that has gone away is not waited for: its thread ends when the storage answers or its time is up.
            return await anyio.to_thread.run_sync(partial(work, *given), limiter=self._limiter, abandon_on_cancel=True)
        finally:
            self._asked -= 1
