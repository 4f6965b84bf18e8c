"""Whether this server can do its work: its database answers and takes writes. Said at once, even where that hangs."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TimedOut
from threading import Lock

from groundswell.domain.errors import Unavailable
from groundswell.service.ports import Page, Store

PATIENCE_S = 2.0
"""A database that takes longer is as good as none: a load balancer asks every few seconds."""
KEPT_S = 1.0
"""How long an answer holds, so that asking often costs nothing."""


class Health:
    """Looks after the database with one thread of its own, so that a look that hangs is not joined by others."""

    def __init__(self, store: Store, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._store, self._timer = store, timer
        self._thread = ThreadPoolExecutor(1, "health")
        self._lock = Lock()
        self._began = 0.0
        self._look: Future[str | None] | None = None  # the last one; its result is the problem

    def check(self) -> None:
        """Raise Unavailable, with the reason, unless the database answers and takes writes."""
        with self._lock:
            now, look = self._timer(), self._look
            if look is None or (look.done() and now - self._began > KEPT_S):
                look = self._look = self._thread.submit(self._problem)
                self._began = now
            left = max(0.0, self._began + PATIENCE_S - now)
        try:
            problem = look.result(left)
        except TimedOut:
            raise Unavailable(f"the database has not answered for {PATIENCE_S:g} s") from None
        if problem is not None:
            raise Unavailable(problem)

    def _problem(self) -> str | None:
        try:
            self._store.read(lambda tx: tx.jobs.page(Page(limit=1)))
            self._store.write(lambda tx: tx.touch()).result()
        except Exception as error:  # whatever it is, it is the answer
            return str(error) or type(error).__name__
        return None
