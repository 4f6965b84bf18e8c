"""Heavy work as futures: begun here, done by another process, taken up when it is done.

For work that would keep a server's or a runner's thread from everything else: fits, masks. Elsewhere: one function over
many parts, waited for (`backends.py`).
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Protocol, TypeVar

from groundswell.domain.errors import InvalidInput, Unavailable

Result = TypeVar("Result")

_ATTEMPTS = 3  # deaths of worker processes that one piece of work survives


class Elsewhere(Protocol):
    """Where work is done meanwhile."""

    is_here: bool  # whether `submit` does the work itself before it returns

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Begin function(*arguments). All must be picklable, and are what they were now.

        The future raises what the function raises, and Unavailable when the processes that do it keep dying.
        """

    def close(self) -> None:
        """End the workers at once; what is under way is lost."""


class Here:
    """In the caller's thread, before `submit` returns: for tests, and where there is no room for a second process."""

    is_here = True

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """See `Elsewhere.submit`."""
        future: Future[Result] = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    def close(self) -> None:
        """Nothing to end."""


class Aside:
    """In threads of this process: only where memory for other processes is missing, since threads share one lock."""

    is_here = False

    def __init__(self, width: int) -> None:
        self._threads = ThreadPoolExecutor(width, thread_name_prefix="compute")

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """See `Elsewhere.submit`."""
        return self._threads.submit(_run, pickle.dumps((function, arguments)))

    def close(self) -> None:
        """See `Elsewhere.close`; what a thread has begun it ends."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Processes:
    """In processes of this machine, which start when they are first needed and end with this one, however it ends.

    Started afresh, not forked: this process has threads. They are nice to others, and use one thread each.
    """

    is_here = False

    def __init__(self, width: int) -> None:
        self._width = width
        self._lock = threading.Lock()
        self._pool: _Pool | None = None
        self._closed = False

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """See `Elsewhere.submit`. A process that dies is replaced, and its work done again."""
        work = pickle.dumps((function, arguments), protocol=pickle.HIGHEST_PROTOCOL)
        future: Future[Result] = Future()
        future.set_running_or_notify_cancel()
        self._begin(work, future, 1)
        return future

    def close(self) -> None:
        """See `Elsewhere.close`."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _begin(self, work: bytes, future: Future[Result], attempt: int) -> None:
        try:
            pool = self._open_pool()
            inner: Future[Result] = pool.executor.submit(_run, work)
        except (BrokenProcessPool, RuntimeError) as broken:
            self._again(work, future, attempt, broken)
        else:
            inner.add_done_callback(partial(self._pass_on, pool, work, future, attempt))

    def _pass_on(self, pool: _Pool, work: bytes, future: Future[Result], attempt: int, inner: Future[Result]) -> None:
        error = Unavailable("the work was given up") if inner.cancelled() else inner.exception()
        if isinstance(error, BrokenProcessPool):
            with self._lock:
                if self._pool is pool:  # the first of its works to hear of it
                    self._pool = None
            pool.close()
            self._again(work, future, attempt, error)
        elif error is not None:
            future.set_exception(error)
        else:
            future.set_result(inner.result())

    def _again(self, work: bytes, future: Future[Result], attempt: int, error: Exception) -> None:
        if attempt < _ATTEMPTS and not self._closed:
            self._begin(work, future, attempt + 1)
        else:
            said = f"a process that computes died {attempt} times, most often because memory ran out: {error}"
            future.set_exception(Unavailable(said))

    def _open_pool(self) -> _Pool:
        with self._lock:
            if self._closed:
                raise RuntimeError("closed")
            if self._pool is None:
                self._pool = _Pool(self._width)
            return self._pool


class _Pool:
    """Processes that end when this end of a pipe does, by `close` or with this process."""

    def __init__(self, width: int) -> None:
        context = multiprocessing.get_context("spawn")
        their_end, self._our_end = context.Pipe(duplex=False)
        self._their_end = their_end
        self.executor = ProcessPoolExecutor(width, context, initializer=_begin_process, initargs=(their_end,))

    def close(self) -> None:
        self._our_end.close()
        self.executor.shutdown(wait=False, cancel_futures=True)


def _begin_process(their_end: Connection) -> None:
    """What a worker process does first."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    if hasattr(os, "nice"):
        os.nice(10)
    threading.Thread(target=_end_with, args=(their_end,), daemon=True).start()


def _end_with(their_end: Connection) -> None:
    try:
        their_end.recv_bytes()
    except (EOFError, OSError):
        os._exit(0)


def _run(work: bytes) -> Any:
    function, arguments = pickle.loads(work)
    return function(*arguments)


def open_elsewhere(url: str) -> Elsewhere:
    """What a setting names: `serial`, `threads:N`, `processes:N`, `ray` (here), `ray://host:10001`.

    Raises: InvalidInput, for anything else; Unavailable, when Ray is not installed or does not answer.
    """
    kind, _, rest = url.partition(":")
    if url == "serial":
        return Here()
    if kind in ("threads", "processes") and rest.isdecimal() and int(rest) > 0:
        return Aside(int(rest)) if kind == "threads" else Processes(int(rest))
    if kind == "ray":
        from groundswell.compute.ray_backend import RayFutures

        return RayFutures.connect(None if url == "ray" else url)
    raise InvalidInput(
        f"where to compute is serial, threads:N, processes:N, ray or ray://host:port; given was {url!r}",
        field="compute",
    )
