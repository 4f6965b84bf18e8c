"""Runners that die between any two of their effects."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class Killed(BaseException):
    """The process is gone: nothing after this line runs."""


class Fuse:
    """Counts effects of the runner (writes to store and storage) and kills it at one of them, before or after it."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.after = False
        self.seen = 0

    def burn(self, effect: Callable[[], Any]) -> Any:
        self.seen += 1
        if self.left is None:
            return effect()
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed
        result = effect()
        if self.left == 0:
            raise Killed
        return result


class Crashing:
    """A store or a storage whose writes burn a fuse."""

    def __init__(self, inner: Any, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in ("write", "write_stream"):
            return found
        return lambda *args, **kwargs: self._fuse.burn(lambda: _durable(found(*args, **kwargs)))


def _durable(result: Any) -> Any:
    if isinstance(result, Future):
        result.result()
    return result
