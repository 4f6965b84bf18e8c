"""Grouping annotations by object: linear-time kernels over index arrays.

An array of offsets (N + 1,) over rows sorted by object is the one layout every kernel of this room reads.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Index = NDArray[np.int32]
Offsets = NDArray[np.int64]


def group_by_object(owner: Index, n_objects: int) -> tuple[Offsets, NDArray[np.int64] | None]:
    """Offsets (N + 1,) of each object's rows, and the stable order (M,) that sorts rows by object; None when sorted."""
    offsets = np.zeros(n_objects + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=n_objects), out=offsets[1:])
    if _is_ascending(owner):
        return offsets, None
    return offsets, _stable_order(owner, offsets[:-1].copy())


def keep_last_answers(offsets: Offsets, worker: Index, n_workers: int) -> NDArray[np.bool_] | None:
    """Which rows (M,) are a worker's last answer to their object; None when all are."""
    kept = np.ones(worker.size, np.bool_)
    return None if _mark_replaced(offsets, worker, np.full(n_workers, -1, np.int64), kept) == 0 else kept


@njit(cache=True)
def _is_ascending(owner: Index) -> bool:
    for row in range(1, owner.size):
        if owner[row] < owner[row - 1]:
            return False
    return True


@njit(cache=True)
def _stable_order(owner: Index, free: Offsets) -> NDArray[np.int64]:
    """Counting sort. `free` (N,) holds each object's next free place and is used up."""
    order = np.empty(owner.size, np.int64)
    for row in range(owner.size):
        order[free[owner[row]]] = row
        free[owner[row]] += 1
    return order


@njit(cache=True)
def _mark_replaced(offsets: Offsets, worker: Index, last_row: Offsets, kept: NDArray[np.bool_]) -> int:
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
