"""Backends: one function over many items, with something large that all calls share.

A backend keeps the order of the items and survives the death of a worker process: what the dead one had is computed
again. Functions and items must be picklable for all but `Serial` and `Threads`.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from groundswell.compute.backend import Backend, Closing, Item, Result, Shared
from groundswell.domain.errors import InvalidInput, Unavailable

_ATTEMPTS = 3  # a pool that breaks this often is broken by the work itself


class Serial(Closing):
    """In this thread, one after the other."""

    def map(self, function: Callable[[Item, Shared], Result], items: Sequence[Item], shared: Shared) -> list[Result]:
        """See `Backend.map`."""
        return [function(item, shared) for item in items]


class Threads(Closing):
    """In threads of this process: for compiled work, which lets other threads run."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._executor: Executor = ThreadPoolExecutor(width)

    def map(self, function: Callable[[Item, Shared], Result], items: Sequence[Item], shared: Shared) -> list[Result]:
        """See `Backend.map`."""
        return list(self._executor.map(function, items, [shared] * len(items)))

    def close(self) -> None:
        """Wait for the threads to end."""
        self._executor.shutdown()


class Processes(Closing):
    """In processes of this machine, started afresh so that no lock or connection is inherited."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._executor = self._start()

    def map(self, function: Callable[[Item, Shared], Result], items: Sequence[Item], shared: Shared) -> list[Result]:
        """See `Backend.map`. A dead process breaks the pool: a new one computes everything again."""
        for _ in range(_ATTEMPTS):
            try:
                return list(self._executor.map(function, items, [shared] * len(items)))
            except BrokenProcessPool:
                self._executor.shutdown(wait=True, cancel_futures=True)
                self._executor = self._start()
        raise Unavailable(
            f"worker processes died {_ATTEMPTS} times in a row while computing; most often memory ran out: "
            "use fewer processes or smaller shards"
        )

    def close(self) -> None:
        """End the processes."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.width, mp_context=multiprocessing.get_context("spawn"))


def open_backend(url: str) -> Backend:
    """The backend a setting names: `serial`, `threads:2`, `processes:4`, `ray` (here), `ray://host:10001`.

    Raises: InvalidInput, for anything else; Unavailable, when Ray is not installed or does not answer.
    """
    kind, _, rest = url.partition(":")
    if url == "serial":
        return Serial()
    if kind in ("threads", "processes") and rest.isdecimal() and int(rest) > 0:
        return Threads(int(rest)) if kind == "threads" else Processes(int(rest))
    if kind == "ray":
        from groundswell.compute.ray_backend import RayBackend

        return RayBackend.connect(None if url == "ray" else url)
    raise InvalidInput(
        f"a compute backend is serial, threads:N, processes:N, ray or ray://host:port; given was {url!r}",
        field="compute",
    )
