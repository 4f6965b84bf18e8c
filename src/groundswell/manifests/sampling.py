"""A random part of a dataset, the same for the same seed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def sample_size(total: int, percent: float) -> int:
    """How many of `total` objects a percentage is: rounded, at least one where there is one."""
    return min(total, max(1, math.floor(total * percent / 100 + 0.5))) if total else 0


def sample(rows: Iterable[T], total: int, *, percent: float, seed: int) -> Iterator[T]:
    """Exactly `sample_size(total, percent)` of the first `total` rows, each equally likely, in their order.

    Selection sampling in one pass and constant memory.
    Source: Knuth, The Art of Computer Programming, volume 2, section 3.4.2, algorithm S.
    """
    generator = random.Random(seed)
    wanted = sample_size(total, percent)
    for seen, row in enumerate(rows):
        if not wanted or seen >= total:
            return
        if generator.random() * (total - seen) < wanted:
            wanted -= 1
            yield row
