"""A hook that is a Python function, in a process of its own: it can be slow, hang, print or crash without harm.

The process stays up between calls. Events and answers are JSON lines over its standard input and output; what it
prints goes to its error stream, of which the end is quoted when it fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import IO, Any

import orjson

from groundswell.domain.errors import InvalidInput, Unavailable

_LINES_KEPT = 20
_SECRETS = ("GROUNDSWELL_SECRET_KEY", "GROUNDSWELL_ADMIN_PASSWORD", "GROUNDSWELL_DATABASE_URL")


class ProcessHook:
    """One function, of a module by name or of a file by path."""

    def __init__(self, source: str, function: str, *, timeout_s: float) -> None:
        self._source = source
        self._function = function
        self._timeout_s = timeout_s
        self._one_at_a_time = Lock()
        self._child: _Child | None = None

    def call(self, event: Mapping[str, Any]) -> Any:
        """See `Hook.call`; a call past its time ends the process, and the next call starts another."""
        with self._one_at_a_time:
            if self._child is None or self._child.process.poll() is not None:
                self._child = _Child(self._source, self._function)
            answer = self._child.ask(orjson.dumps(event, default=str), self._timeout_s)
            if answer is None:
                said, hung = self._child.last_words(), self._child.process.poll() is None
                self._stop()
                if hung:
                    raise Unavailable(f"{self._name}: no answer within {self._timeout_s:g} s, it was stopped{said}")
                raise InvalidInput(f"{self._name}: its process ended before it answered{said}", field="hooks")
        if "error" in answer:
            raise InvalidInput(f"{self._name} failed: {answer['error']}", field="hooks")
        return answer["answer"]

    def close(self) -> None:
        """See `Hook.close`."""
        with self._one_at_a_time:
            self._stop()

    @property
    def _name(self) -> str:
        return f"the hook {self._source}:{self._function}"

    def _stop(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None


class _Child:
    """The process and the threads that read what it writes."""

    def __init__(self, source: str, function: str) -> None:
        environment = {key: value for key, value in os.environ.items() if key not in _SECRETS}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "groundswell.hooks.child", source, function],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        self._answers: SimpleQueue[bytes] = SimpleQueue()
        self._said: deque[str] = deque(maxlen=_LINES_KEPT)
        self._readers = [
            Thread(target=self._read_answers, args=(self.process.stdout,), daemon=True),
            Thread(target=self._read_words, args=(self.process.stderr,), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def ask(self, event: bytes, timeout_s: float) -> dict[str, Any] | None:
        """The child's answer, or None when none came: it hangs or has ended."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(event + b"\n")
            self.process.stdin.flush()
            line = self._answers.get(timeout=timeout_s)
        except (BrokenPipeError, Empty):
            return None
        found: dict[str, Any] | None = orjson.loads(line) if line else None
        if found is None:
            self.process.wait(timeout=10)
        return found

    def last_words(self) -> str:
        """The end of what the child printed."""
        return f"; it said: {' | '.join(self._said)}" if self._said else ""

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join(timeout=5)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def _read_answers(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._answers.put(line)
        self._answers.put(b"")

    def _read_words(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._said.append(line.decode("utf-8", "replace").rstrip()[:500])
