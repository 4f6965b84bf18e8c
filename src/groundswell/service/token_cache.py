"""Who a token belongs to, remembered for a few seconds, so that signing in costs the hot path no query."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

SECONDS = 10.0
"""How long a token dropped by another process of this server may still be honoured."""


class Somebody(Protocol):
    """Who acts: a principal, or an access key's."""

    @property
    def id(self) -> str:
        """The account's."""
        ...


S = TypeVar("S", bound=Somebody)


class TokenCache(Generic[S]):
    """What lets somebody in (a token's digest, an access key) -> who acts with it.

    Bounded: it forgets the oldest half when full.
    """

    def __init__(self, *, size: int = 20_000, seconds: float = SECONDS, timer: Callable[[], float] = time.monotonic):
        self._size = size
        self._seconds = seconds
        self._timer = timer
        self._found: dict[str, tuple[float, S]] = {}

    def get(self, key: str) -> S | None:
        """Who it is, if remembered and fresh."""
        entry = self._found.get(key)
        if entry is None or entry[0] < self._timer():
            return None
        return entry[1]

    def put(self, key: str, somebody: S) -> None:
        """Remember somebody just read from the store."""
        if len(self._found) >= self._size:
            for old in list(self._found)[: self._size // 2]:
                self._found.pop(old, None)
        self._found[key] = (self._timer() + self._seconds, somebody)

    def forget_token(self, key: str) -> None:
        """After signing out, or dropping a key."""
        self._found.pop(key, None)

    def forget_account(self, account_id: str) -> None:
        """After a change of roles, name or disabling."""
        for key in [key for key, (_, one) in list(self._found.items()) if one.id == account_id]:
            self._found.pop(key, None)
