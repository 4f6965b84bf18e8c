"""The loops of `groundswell.consolidation.csr`, where each is described."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Index = NDArray[np.int32]
Offsets = NDArray[np.int64]


@njit(cache=True)
def stable_order(owner: Index, free: Offsets) -> NDArray[np.int64]:
    """Counting sort. `free` (N,) holds each object's next free place and is used up."""
    order = np.empty(owner.size, np.int64)
    for row in range(owner.size):
        order[free[owner[row]]] = row
        free[owner[row]] += 1
    return order


@njit(cache=True)
def mark_replaced(offsets: Offsets, worker: Index, last_row: Offsets, kept: NDArray[np.bool_]) -> int:
    """Clear `kept` where the same worker has a later row of the same object; returns how many. `last_row` (W,): -1."""
    replaced = 0
    for n in range(offsets.size - 1):
        for row in range(offsets[n], offsets[n + 1]):
            earlier = last_row[worker[row]]
            if earlier >= offsets[n]:
                kept[earlier] = False
                replaced += 1
            last_row[worker[row]] = row
    return replaced
