"""The loops of `groundswell.consolidation.cells`, where each is described."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]


@njit(cache=True, nogil=True)
def pass_cells(
    offsets: Offsets,
    worker: Index,
    label: Index,
    gold: Index,
    classes: Index,
    log_weight: Floats,
    log_table: Floats,
    counts: Floats,
    mass: Floats,
    posterior: Floats,
) -> float:
    size = classes.size
    share = np.empty(size)
    total = 0.0
    for n in range(offsets.size - 1):
        start, stop = offsets[n], offsets[n + 1]
        for g in range(size):
            share[g] = log_weight[g] if gold[n] < 0 or gold[n] == classes[g] else -1e300
        for m in range(start, stop):
            chances = log_table[worker[m], label[m]]
            for g in range(size):
                share[g] += chances[g]
        highest = share.max()
        norm = 0.0
        for g in range(size):
            share[g] = math.exp(share[g] - highest)
            norm += share[g]
        for g in range(size):
            share[g] /= norm
            posterior[n, classes[g]] += share[g]
        if start == stop and gold[n] < 0:
            continue
        total += highest + math.log(norm)
        for g in range(size):
            mass[g] += share[g]
        for m in range(start, stop):
            sums = counts[worker[m], label[m]]
            for g in range(size):
                sums[g] += share[g]
    return total


@njit(cache=True, nogil=True)
def sum_cells(offsets: Offsets, worker: Index, label: Index, share: Floats, counts: Floats, mass: Floats) -> None:
    for n in range(offsets.size - 1):
        if offsets[n] == offsets[n + 1]:
            continue
        for g in range(mass.size):
            mass[g] += share[n, g]
        for m in range(offsets[n], offsets[n + 1]):
            sums = counts[worker[m], label[m]]
            for g in range(mass.size):
                sums[g] += share[n, g]
