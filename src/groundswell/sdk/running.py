"""What the parts of a client need of it: to run calls, stream files and send some."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from groundswell.sdk.calls import Call

T = TypeVar("T")


class Running(Protocol):
    """A client, as `jobs`, `work` and `workforce` use it."""

    @property
    def url(self) -> str: ...
    def run(self, call: Call[T]) -> T: ...
    def stream(self, path: str) -> Iterator[bytes]: ...
    def upload(self, files: Iterable[tuple[str, Path]], *, on_file: Callable[[str], None] | None = None) -> str: ...


class AsyncRunning(Protocol):
    """The same of an asynchronous client."""

    @property
    def url(self) -> str: ...
    def run(self, call: Call[T]) -> Awaitable[T]: ...
    def stream(self, path: str) -> AsyncIterator[bytes]: ...
    async def upload(
        self, files: Iterable[tuple[str, Path]], *, on_file: Callable[[str], None] | None = None
    ) -> str: ...
