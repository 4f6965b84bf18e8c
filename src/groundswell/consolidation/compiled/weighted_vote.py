"""The loop of `groundswell.consolidation.weighted_vote`, where it is described."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]


@njit(cache=True)
def weighted_shares(
    offsets: Offsets, worker: Index, label: Index, weight: Floats, gold: Index, n_labels: int
) -> Floats:
    shares = np.zeros((offsets.size - 1, n_labels))
    for n in range(offsets.size - 1):
        if gold[n] >= 0:
            shares[n, gold[n]] = 1.0
            continue
        total = 0.0
        for m in range(offsets[n], offsets[n + 1]):
            shares[n, label[m]] += weight[worker[m]]
            total += weight[worker[m]]
        for k in range(n_labels):
            shares[n, k] = shares[n, k] / total if total > 0 else 1.0 / n_labels
    return shares
