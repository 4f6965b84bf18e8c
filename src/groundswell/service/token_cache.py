"""Who a token belongs to, remembered for a few seconds, so that signing in costs the hot path no query."""

from __future__ import annotations

import time
from collections.abc import Callable

from groundswell.domain.people import Principal

SECONDS = 10.0
"""How long a token dropped by another process of this server may still be honoured."""


class TokenCache:
    """token digest -> who acts with it; bounded, forgets the oldest half when full."""

    def __init__(self, *, size: int = 20_000, seconds: float = SECONDS, timer: Callable[[], float] = time.monotonic):
        self._size = size
        self._seconds = seconds
        self._timer = timer
        self._found: dict[str, tuple[float, Principal]] = {}

    def get(self, key: str) -> Principal | None:
        """Who it is, if remembered and fresh."""
        entry = self._found.get(key)
        if entry is None or entry[0] < self._timer():
            return None
        return entry[1]

    def put(self, key: str, principal: Principal) -> None:
        """Remember somebody just read from the store."""
        if len(self._found) >= self._size:
            for old in list(self._found)[: self._size // 2]:
                self._found.pop(old, None)
        self._found[key] = (self._timer() + self._seconds, principal)

    def forget_token(self, key: str) -> None:
        """After signing out, or dropping a key."""
        self._found.pop(key, None)

    def forget_account(self, account_id: str) -> None:
        """After a change of roles, name or disabling."""
        for key in [key for key, (_, one) in list(self._found.items()) if one.id == account_id]:
            self._found.pop(key, None)
