"""One process of a function, from outside: started, asked, and ended, never waited for longer than said.

Whoever calls waits in one loop that writes the request, reads the answer and empties the error stream, and leaves it
at the deadline, when the process has ended, or when it says more than it may. Nothing else waits for the process.
"""

from __future__ import annotations

import base64
import os
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import orjson

from groundswell.hooks.sandbox import WAY, WAY_PORT, Sandbox

MAX_ANSWER_BYTES = 64 << 20  # a whole batch's labels
_WORDS_BYTES = 4_096  # kept of what a function prints: the end
_CHUNK_BYTES = 1 << 16
_LOOK_EVERY_S = 0.05  # whether the process still lives, while nothing comes
_GONE_S = 2.0  # how long a killed process may take to be gone before its folder is removed anyway


@dataclass(frozen=True)
class Order:
    """What a process is to load."""

    name: str
    module: str
    function: str
    code: bytes | None = None  # a zip file with the module; None: an installed module
    path: tuple[str, ...] = ()  # folders to import from besides the interpreter's own
    environment: Mapping[str, str] = field(default_factory=dict)
    version: int = 1
    arn: str = ""
    timeout_s: float | None = None  # of one call; None: what is usual on this server
    writes: tuple[str, ...] = ()  # beginnings of the s3:// addresses that it may write
    way: Path | None = None  # the Unix socket that leads to this server; taken where the sandbox is closed


class ChildFailed(Exception):
    """The process did not answer; `kind` says how."""

    def __init__(self, kind: Literal["hung", "ended", "too long", "cannot run"], message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Child:
    """A function's process. Not for two threads at once, but `stop` may be called from any."""

    def __init__(self, sandbox: Sandbox, order: Order) -> None:
        """Start it; `load` comes next. Raises OSError."""
        self.version = order.version
        self.started_at = time.monotonic()
        self._order = order
        self._sandbox = sandbox
        self._folder = sandbox.new_folder()
        self._answer = bytearray()
        self._words = bytearray()
        self._talking = threading.Lock()
        self._process = subprocess.Popen(
            sandbox.command(_program(), order.path, way=order.way),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=sandbox.environment(self._folder or "/tmp", order.environment),
            cwd=self._folder or "/",
            start_new_session=True,
            bufsize=0,
        )
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)

    def load(self, *, timeout_s: float) -> None:
        """Wait until the function is loaded. Raises ChildFailed."""
        said = self._exchange(orjson.dumps(_order(self._sandbox, self._order)), timeout_s)
        if "error" in said:
            raise ChildFailed("cannot run", said["error"])

    @property
    def is_running(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def ask(self, event: Mapping[str, Any], *, files: Mapping[str, str], timeout_s: float) -> dict[str, Any]:
        """What the function says: {"answer": ...} or {"error": ...}. `files`: texts to put in its folder before.

        Raises ChildFailed; then the process is of no more use.
        """
        message = {"event": event, "files": files, "seconds": timeout_s}
        return self._exchange(orjson.dumps(message, default=str), timeout_s)

    def last_words(self) -> str:
        """The end of what it printed, for a message."""
        text = bytes(self._words).decode("utf-8", "replace").strip()
        return f"; it said: {' | '.join(text.splitlines()[-20:])}" if text else ""

    def stop(self) -> None:
        """Kill it and whatever it started. Returns at once; what is left behind is cleared away in the background."""
        self._kill(signal.SIGKILL if self._sandbox.mode == "bubblewrap" else signal.SIGTERM)
        threading.Thread(target=self._clear, name="hook clearing", daemon=True).start()

    def _kill(self, number: int) -> None:
        """A sandbox's first process takes all others along; a warden (see `child`) ends them when it is told to."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _clear(self) -> None:
        for _ in range(2):
            try:
                self._process.wait(_GONE_S)
                break
            except subprocess.TimeoutExpired:
                self._kill(signal.SIGKILL)
        with self._talking:  # whoever still waits sees the end first: a closed pipe's number may be another file's soon
            for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _exchange(self, message: bytes, timeout_s: float) -> dict[str, Any]:
        """Write a line, read a line."""
        deadline = time.monotonic() + timeout_s
        unsent = memoryview(message + b"\n")
        stdin, stdout, stderr = self._process.stdin, self._process.stdout, self._process.stderr
        assert stdin is not None and stdout is not None and stderr is not None
        with self._talking, selectors.DefaultSelector() as waiting:
            if stdin.closed:
                raise ChildFailed("ended", "it was stopped")
            waiting.register(stdin, selectors.EVENT_WRITE)
            waiting.register(stdout, selectors.EVENT_READ)
            waiting.register(stderr, selectors.EVENT_READ)
            while b"\n" not in self._answer:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise ChildFailed("hung", "no answer in time")
                ended = self._process.poll() is not None
                for key, _ in waiting.select(0 if ended else min(left, _LOOK_EVERY_S)):
                    if key.fileobj is stdin:
                        unsent = self._write(stdin.fileno(), unsent)
                        if not unsent:
                            waiting.unregister(stdin)
                    elif not self._read(key.fd, self._answer if key.fileobj is stdout else self._words):
                        waiting.unregister(key.fileobj)
                del self._words[:-_WORDS_BYTES]
                if len(self._answer) > MAX_ANSWER_BYTES:
                    raise ChildFailed("too long", f"it answered more than {MAX_ANSWER_BYTES:,} bytes")
                if b"\n" not in self._answer and (ended or stdout not in waiting.get_map()):
                    raise ChildFailed("ended", "its process ended before it answered")
        line, _, rest = bytes(self._answer).partition(b"\n")
        self._answer = bytearray(rest)
        try:
            found: dict[str, Any] = orjson.loads(line)
            known: dict[str, Any] = {key: found[key] for key in ("ready", "answer", "error") if key in found}
        except (ValueError, TypeError) as error:
            raise ChildFailed("ended", "its process wrote something else than an answer") from error
        if not known:
            raise ChildFailed("ended", "its process wrote something else than an answer")
        return known

    @staticmethod
    def _write(pipe: int, unsent: memoryview) -> memoryview:
        try:
            return unsent[os.write(pipe, unsent[:_CHUNK_BYTES]) :]
        except BlockingIOError:
            return unsent
        except OSError:  # it does not read any more; whether it answers nevertheless is seen on the other side
            return unsent[len(unsent) :]

    @staticmethod
    def _read(pipe: int, into: bytearray) -> bool:
        """Whether there may be more."""
        try:
            chunk = os.read(pipe, _CHUNK_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        into += chunk
        return bool(chunk)


@cache
def _program() -> str:
    return Path(__file__).with_name("child.py").read_text("utf-8")


def _order(sandbox: Sandbox, order: Order) -> dict[str, Any]:
    return {
        "name": order.name,
        "version": order.version,
        "arn": order.arn,
        "module": order.module,
        "function": order.function,
        "code": None if order.code is None else base64.b64encode(order.code).decode(),
        "path": list(order.path),
        "limits": sandbox.limits(),
        "user": None if sandbox.identity is None else dict(zip(("uid", "gid"), sandbox.identity, strict=True)),
        "way": {"port": WAY_PORT, "socket": WAY} if sandbox.closed and order.way else None,
        "server": None if sandbox.mode == "bubblewrap" else os.getpid(),
    }
