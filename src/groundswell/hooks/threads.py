"""A few threads of one job's own, for calls that may take their whole time: no other job waits for them.

They are daemons, so that a call which cannot be ended (a name server that does not answer) never holds the process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class OwnThreads:
    """At most `count` threads, started as they are needed."""

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._waiting: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._started = 0

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Run the work in one of the threads, in order."""
        future: Future[T] = Future()
        self._waiting.put((future, work))
        if self._started < self._count:
            self._started += 1
            threading.Thread(target=self._run, name=f"{self._name}-{self._started}", daemon=True).start()
        return future

    def close(self) -> None:
        """Let the threads end; what has not begun is cancelled, what has is not waited for."""
        while not self._waiting.empty():
            entry = self._waiting.get()
            if entry is not None:
                entry[0].cancel()
        for _ in range(self._started):
            self._waiting.put(None)

    def _run(self) -> None:
        while (entry := self._waiting.get()) is not None:
            future, work = entry
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)
