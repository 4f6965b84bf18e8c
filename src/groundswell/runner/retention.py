"""Forgetting: events that are older than a setting allows, and what belonged to removed jobs; a few rows at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from groundswell.service.ports import Clock, Store

_LOOK_EVERY_S = 3_600.0
_REMOVE_EVERY_S = 10.0
_TOGETHER = 1_000


class Retention:
    """Looks once an hour; `days`: how long events are kept, 0 for ever."""

    def __init__(self, store: Store, clock: Clock, monotonic: Callable[[], float], *, days: int) -> None:
        self._store, self._clock, self._monotonic, self._days = store, clock, monotonic, days
        self._looked_at = -1e9

    def round(self) -> bool:
        """Forget some events that are too old; whether there were any."""
        now = self._monotonic()
        if not self._days or now - self._looked_at < _LOOK_EVERY_S:
            return False
        before = self._clock() - timedelta(days=self._days)
        forgotten = self._store.write(lambda tx: tx.events.prune(before, _TOGETHER)).result()
        if not forgotten:
            self._looked_at = now
        return bool(forgotten)


class Removal:
    """Takes away what belonged to removed jobs, whenever there is some."""

    def __init__(self, store: Store, monotonic: Callable[[], float]) -> None:
        self._store, self._monotonic = store, monotonic
        self._looked_at = -1e9

    def round(self) -> bool:
        """Remove some rows; whether there were any."""
        now = self._monotonic()
        if now - self._looked_at < _REMOVE_EVERY_S:
            return False
        removed = self._store.write(lambda tx: tx.jobs.purge(_TOGETHER)).result()
        if not removed:
            self._looked_at = now
        return bool(removed)
