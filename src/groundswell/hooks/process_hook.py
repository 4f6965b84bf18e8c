"""A hook that is a Python function in processes of its own: it can be slow, hang, print or crash without harm.

Processes stay up between calls, one for each call that is under way at a time. Each call has one deadline, over
starting the process, writing the request and reading the answer; one that fails it is killed with all it started.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Event, Lock, Thread, current_thread
from typing import Any

from groundswell.domain.errors import InvalidInput, Unavailable
from groundswell.hooks.child_process import Child, ChildFailed, Order
from groundswell.hooks.sandbox import Sandbox

MAX_AGE_S = 1_800.0
"""How long a process is asked again: the credentials it was given last twice as long."""
_PAYLOAD = "payload.json"  # in the function's working directory


class ProcessHook:
    """One function. `order_of` says what a process is to load; processes of an earlier version are not asked again."""

    def __init__(
        self,
        order_of: Callable[[], Order],
        sandbox: Callable[[], Sandbox],
        *,
        timeout_s: float,
        idle_s: float = 60.0,
        equipped: Callable[[Order, Sandbox], Order] = lambda order, sandbox: order,
    ) -> None:
        """equipped : the order with what a process that starts now is given besides (credentials are short-lived)."""
        self._order_of = order_of
        self._sandbox = sandbox
        self._equipped = equipped
        self._timeout_s = timeout_s
        self._idle_s = idle_s
        self._wake = Event()  # it is closed
        self._lock = Lock()  # over the three below; nothing waits while holding it
        self._idle: list[tuple[float, Child]] = []  # since when, oldest first
        self._watch: Thread | None = None  # lets go of those that have been idle for long
        self._busy: set[Child] = set()
        self._closed = False

    def call(self, event: Mapping[str, Any], *, payload: str | None = None) -> Any:
        """See `Hook.call`."""
        order = self._order_of()
        within_s = order.timeout_s or self._timeout_s
        deadline = time.monotonic() + within_s
        files = {}
        if payload is not None:
            files[_PAYLOAD] = payload
            event = {**event, "payload": {**event.get("payload", {}), "path": _PAYLOAD}}
        child = self._take(order)
        try:
            if child is None:
                child = self._start(order, deadline)
            said = child.ask(event, files=files, timeout_s=max(0.0, deadline - time.monotonic()))
        except ChildFailed as failed:
            raise self._told(order, failed, child, within_s) from failed
        except OSError as error:
            raise Unavailable(f"{_named(order)}: its process cannot be started: {error}") from error
        self._give_back(child)
        if "error" in said:
            raise InvalidInput(f"{_named(order)} failed: {said['error']}", field="hooks")
        return said.get("answer")

    def start(self, *, timeout_s: float | None = None) -> None:
        """Load the function once, without an event. Raises InvalidInput when it cannot run, Unavailable."""
        order, child, within_s = self._order_of(), None, timeout_s or self._timeout_s
        try:
            child = self._start(order, time.monotonic() + within_s)
        except ChildFailed as failed:
            raise self._told(order, failed, child, within_s) from failed
        except OSError as error:
            raise Unavailable(f"{_named(order)}: its process cannot be started: {error}") from error
        self._give_back(child)

    def close(self) -> None:
        """See `Hook.close`: calls under way end now."""
        with self._lock:
            self._closed = True
            children = [*(child for _, child in self._idle), *self._busy]
            self._idle.clear()
        self._wake.set()
        for child in children:
            child.stop()

    def _take(self, order: Order) -> Child | None:
        """An idle process of the order's version."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                _, child = self._idle.pop()
                self._busy.add(child)
            young = time.monotonic() - child.started_at < MAX_AGE_S
            if child.version == order.version and child.is_running and young:
                return child
            self._discard(child)

    def _start(self, order: Order, deadline: float) -> Child:
        sandbox = self._sandbox()
        child = Child(sandbox, self._equipped(order, sandbox))
        with self._lock:
            closed = self._closed
            self._busy.add(child)
        try:
            if closed:
                raise ChildFailed("ended", "it was stopped")
            child.load(timeout_s=deadline - time.monotonic())
        except ChildFailed as failed:
            self._discard(child)
            raise ChildFailed(failed.kind, f"{failed}{child.last_words()}") from failed
        return child

    def _give_back(self, child: Child) -> None:
        with self._lock:
            self._busy.discard(child)
            if not self._closed:
                self._idle.append((time.monotonic(), child))
                if self._watch is None:
                    self._watch = Thread(target=self._let_go, name="idle functions", daemon=True)
                    self._watch.start()
                return
        child.stop()

    def _let_go(self) -> None:
        """Stop what has been idle for long, until nothing is idle: a job may go on for weeks between two calls."""
        while True:
            with self._lock:
                before = time.monotonic() - self._idle_s
                old = [child for since, child in self._idle if since <= before]
                del self._idle[: len(old)]
                if not self._idle:
                    self._watch = None
            for child in old:
                child.stop()
            if self._watch is not current_thread():
                return
            self._wake.wait(self._idle_s / 4)

    def _discard(self, child: Child) -> None:
        child.stop()
        with self._lock:
            self._busy.discard(child)

    def _told(
        self, order: Order, failed: ChildFailed, child: Child | None, within_s: float
    ) -> InvalidInput | Unavailable:
        """The failure in one sentence, with the end of what the function printed."""
        said = child.last_words() if child is not None else ""
        if child is not None:
            self._discard(child)
        if failed.kind == "hung":
            words = said or str(failed).removeprefix("no answer in time")
            return Unavailable(f"{_named(order)}: no answer within {within_s:g} s, it was stopped{words}")
        if failed.kind == "cannot run":
            return InvalidInput(f"{_named(order)} cannot run: {failed}", field="hooks")
        return InvalidInput(f"{_named(order)}: {failed}{said}", field="hooks")


def _named(order: Order) -> str:
    return f"the function {order.name}"
