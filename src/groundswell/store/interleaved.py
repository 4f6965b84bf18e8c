"""Several units of work in one thread, each going on while the others wait for the database.

Every unit in hand has a writer, a greenlet with a connection of its own. Where it would wait for its socket, the thread
looks which of the others can go on. Threads that wait for each other's interpreter lock at every message would take a
third more of the processor.
"""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from greenlet import greenlet

U = TypeVar("U")

_LONGEST_S = 1.0  # between looks at who has waited too long


class Interleaved(Generic[U]):
    """A queue of units and the writers that take them.

    writers : how many; each is `work` with its number, which asks `next` for units until it gets None and calls `ready`
        where it would wait.
    """

    def __init__(self, writers: int, work: Callable[[int], None]) -> None:
        self._writers = writers
        self._work = work
        self._queue: deque[U] = deque()
        self._idle: deque[greenlet] = deque()
        self._waiting: dict[int, tuple[greenlet, float, bool]] = {}  # by socket: who, until when, to write as well
        self._closed = False
        self._asleep = False
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll is not None:
            self._poll.register(self._bell, select.POLLIN)

    def put(self, unit: U) -> None:
        """Have a unit done; from any thread."""
        self._queue.append(unit)
        if self._asleep:
            self._asleep = False
            self._ringer.send(b"!")

    def close(self) -> None:
        """Let `run` end when everything is done."""
        self._closed = True
        self._ringer.send(b"!")

    def run(self) -> None:
        """The thread's work."""
        self._hub = greenlet.getcurrent()
        for number in range(self._writers):
            greenlet(self._work).switch(number)
        while not self._closed or self._queue or self._waiting:
            while self._queue and self._idle:
                self._idle.popleft().switch(self._queue.popleft())
            self._go_on()
        while self._idle:
            self._idle.popleft().switch(None)
        self._bell.close()
        self._ringer.close()

    def next(self) -> U | None:
        """For a writer: the next unit; None when there will be none."""
        self._idle.append(greenlet.getcurrent())
        found: U | None = self._hub.switch()
        return found

    def ready(self, file: int, seconds: float, writing: bool) -> bool:
        """For a writer: whether its socket can be read (or written) before so many seconds are over."""
        self._waiting[file] = (greenlet.getcurrent(), time.monotonic() + seconds, writing)
        if self._poll is not None:
            self._poll.register(file, select.POLLIN | (select.POLLOUT if writing else 0))
        return bool(self._hub.switch())

    def _go_on(self) -> None:
        """Let those go on whose sockets are ready, and those whose time is over."""
        self._asleep = True
        files = self._ready_files(0.0 if self._closed or (self._queue and self._idle) else _LONGEST_S)
        self._asleep = False
        for file in files:
            if file in self._waiting:
                self._leave(file).switch(True)
            elif file == self._bell.fileno():
                self._bell.recv(4096)
        now = time.monotonic()
        for file in [file for file, (_, until, _) in self._waiting.items() if until < now]:
            self._leave(file).switch(False)

    def _ready_files(self, seconds: float) -> list[int]:
        if self._poll is not None:
            return [file for file, _ in self._poll.poll(seconds * 1000)]
        both = [file for file, (_, _, writing) in self._waiting.items() if writing]  # Windows
        reads, writes, _ = select.select([*self._waiting, self._bell.fileno()], both, [], seconds)
        return list({*reads, *writes})

    def _leave(self, file: int) -> greenlet:
        if self._poll is not None:
            self._poll.unregister(file)
        return self._waiting.pop(file)[0]
