"""Locks on files: fair turns for the processes that write one SQLite file, and names that one process has at a time.

SQLite lets a waiting writer poll, so a busy server would keep a runner out for as long as it has work. Two file locks
make a queue: who wants to write first takes the gate, then the room, then opens the gate; who leaves the room finds the
gate taken by whoever waits. The kernel drops both when a process is killed.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

try:
    import fcntl
except ImportError:  # no such locks on Windows: SQLite's own waiting has to do
    fcntl = None  # type: ignore[assignment]


class Turnstile:
    """A context manager around one write transaction; for one thread at a time."""

    def __init__(self, database: Path) -> None:
        self._gate = self._open(database, "gate")
        self._room = self._open(database, "room")

    def _open(self, database: Path, name: str) -> int:
        return os.open(f"{database}-{name}", os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)

    def __enter__(self) -> None:
        if fcntl is not None:
            fcntl.flock(self._gate, fcntl.LOCK_EX)
            fcntl.flock(self._room, fcntl.LOCK_EX)
            fcntl.flock(self._gate, fcntl.LOCK_UN)

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
