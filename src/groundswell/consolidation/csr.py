"""Grouping annotations by object, over index arrays.

An array of offsets (N + 1,) over rows sorted by object is the one layout every kernel of this room reads.
Elsewhere: the loops for large inputs (`compiled/csr.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.fast import twinned
from groundswell.consolidation.sums import owners

Index = NDArray[np.int32]
Offsets = NDArray[np.int64]


def group_by_object(owner: Index, n_objects: int) -> tuple[Offsets, NDArray[np.int64] | None]:
    """Offsets (N + 1,) of each object's rows, and the stable order (M,) that sorts rows by object; None when sorted."""
    offsets = np.zeros(n_objects + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=n_objects), out=offsets[1:])
    if bool(np.all(owner[1:] >= owner[:-1])):
        return offsets, None
    return offsets, stable_order(owner, offsets[:-1].copy())


def keep_last_answers(offsets: Offsets, worker: Index, n_workers: int) -> NDArray[np.bool_] | None:
    """Which rows (M,) are a worker's last answer to their object; None when all are."""
    kept = np.ones(worker.size, np.bool_)
    return None if mark_replaced(offsets, worker, np.full(n_workers, -1, np.int64), kept) == 0 else kept


@twinned(lambda owner, free: owner.size)
def stable_order(owner: Index, free: Offsets) -> NDArray[np.int64]:
    """(M,) the stable order that sorts rows by object. `free` (N,): each object's first place; it may be used up."""
    return np.argsort(owner, kind="stable")


@twinned(lambda offsets, worker, last_row, kept: worker.size)
def mark_replaced(offsets: Offsets, worker: Index, last_row: Offsets, kept: NDArray[np.bool_]) -> int:
    """Clear `kept` where the same worker has a later row of the same object; returns how many. `last_row` (W,): -1."""
    owner = owners(offsets)
    order = np.lexsort((worker, owner))
    again = order[:-1][(np.diff(owner[order]) == 0) & (np.diff(worker[order]) == 0)]
    kept[again] = False
    return len(again)
