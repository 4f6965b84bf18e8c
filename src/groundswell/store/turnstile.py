"""Locks on files: fair turns for the processes that write one SQLite file, and names that one process has at a time.

SQLite lets a waiting writer poll, so a busy server would keep a runner out for as long as it has work. Two file locks
make a queue: who wants to write first takes the gate, then the room, then opens the gate; who leaves the room finds the
gate taken by whoever waits. The kernel drops both when a process is killed; one that is only
stopped keeps them, so who waits gives up after a while.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import TracebackType

try:
    import fcntl
except ImportError:  # no such locks on Windows: SQLite's own waiting has to do
    fcntl = None  # type: ignore[assignment]

_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.0001, 0.001


class Turnstile:
    """A context manager around one write transaction; for one thread at a time.

    patience_s : how long to wait for the others, then TimeoutError; None: as long as they take.
    """

    def __init__(self, database: Path, *, patience_s: float | None = None) -> None:
        self._patience_s = patience_s
        self._gate = self._open(database, "gate")
        self._room = self._open(database, "room")

    def _open(self, database: Path, name: str) -> int:
        return os.open(f"{database}-{name}", os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)

    def __enter__(self) -> None:
        if fcntl is not None:
            until = None if self._patience_s is None else time.monotonic() + self._patience_s
            self._take(self._gate, until)
            try:
                self._take(self._room, until)
            finally:
                fcntl.flock(self._gate, fcntl.LOCK_UN)

    def _take(self, lock: int, until: float | None) -> None:
        pause = _SHORTEST_PAUSE_S
        while until is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > until:
                    raise TimeoutError(
                        f"another process has been writing for {self._patience_s:g} s; is it stopped?"
                    ) from None
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
        fcntl.flock(lock, fcntl.LOCK_EX)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if fcntl is not None:
            fcntl.flock(self._room, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._gate)
        os.close(self._room)


def lock_at_once(file: int) -> bool:
    """Lock a file for as long as it is open and the process lives; False when another one has it."""
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    return True
