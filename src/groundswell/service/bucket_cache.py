"""Whose buckets are, remembered for a few seconds, so that storing an object costs no query."""

from __future__ import annotations

import time
from collections.abc import Callable

from groundswell.domain.buckets import Bucket

SECONDS = 5.0
"""How long a bucket removed by another process of this server may still be taken for one."""


class BucketCache:
    """name -> its bucket; bounded, forgets everything when full."""

    def __init__(self, *, size: int = 10_000, seconds: float = SECONDS, timer: Callable[[], float] = time.monotonic):
        self._size, self._seconds, self._timer = size, seconds, timer
        self._found: dict[str, tuple[float, Bucket]] = {}

    def get(self, name: str) -> Bucket | None:
        """The bucket, if remembered and fresh."""
        entry = self._found.get(name)
        return None if entry is None or entry[0] < self._timer() else entry[1]

    def put(self, bucket: Bucket) -> None:
        """Remember what was just read."""
        if len(self._found) >= self._size:
            self._found.clear()
        self._found[bucket.name] = (self._timer() + self._seconds, bucket)

    def forget(self, name: str) -> None:
        """It was changed or removed."""
        self._found.pop(name, None)
