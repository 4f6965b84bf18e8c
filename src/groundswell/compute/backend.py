"""What a backend is: one function over many items, with something large that all calls share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

Item = TypeVar("Item")
Shared = TypeVar("Shared")
Result = TypeVar("Result")


class Backend(Protocol):
    """Where functions run."""

    width: int  # how many calls can run at once

    def place(self, item: Any) -> Any:
        """Put an item where the workers are, once; `map` takes what this returns in its stead."""

    def map(self, function: Callable[[Item, Shared], Result], items: Sequence[Item], shared: Shared) -> list[Result]:
        """function(item, shared) for each item, in their order. Raises: Unavailable, when workers keep dying."""

    def close(self) -> None:
        """Free the workers."""


class Closing:
    """`with` for backends."""

    width = 1

    def place(self, item: Any) -> Any:
        return item

    def close(self) -> None:
        """Nothing to free."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
