"""The loops of `groundswell.consolidation.item_effects`, where each is described."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]


@njit(cache=True, nogil=True)
def start_effects(
    offsets: Offsets,
    worker: Index,
    label: Index,
    posterior: Floats,
    weight: Floats,
    counts: Floats,
    met: Floats,
    mass: Floats,
) -> None:
    size = posterior.shape[1]
    for n in range(offsets.size - 1):
        for k in range(size):
            share = posterior[n, k]
            if offsets[n] < offsets[n + 1]:
                mass[k] += share
            for m in range(offsets[n], offsets[n + 1]):
                counts[worker[m], k, label[m]] += share
                for s in range(weight.size):
                    met[worker[m], k, s] += share * weight[s]


@njit(cache=True, nogil=True)
def pass_effects(
    offsets: Offsets,
    worker: Index,
    label: Index,
    gold: Index,
    log_confusion: Floats,
    log_norm: Floats,
    shift: Floats,
    log_weight: Floats,
    counts: Floats,
    met: Floats,
    mass: Floats,
    posterior: Floats,
) -> float:
    size, points = log_weight.shape
    share, pull = np.empty((size, points)), np.empty(points)
    total = 0.0
    for n in range(offsets.size - 1):
        start, stop = offsets[n], offsets[n + 1]
        pull[:] = 0.0
        share[:] = log_weight
        for m in range(start, stop):
            w, given = worker[m], label[m]
            for s in range(points):
                pull[s] += shift[given, s]
            for k in range(size):
                chance = log_confusion[w, k, given]
                for s in range(points):
                    share[k, s] += chance - log_norm[w, k, s]
        highest = -1e300
        for k in range(size):
            for s in range(points):
                share[k, s] = share[k, s] + pull[s] if gold[n] < 0 or gold[n] == k else -1e300
                highest = max(highest, share[k, s])
        norm = 0.0
        for k in range(size):
            for s in range(points):
                share[k, s] = math.exp(share[k, s] - highest)
                norm += share[k, s]
        for k in range(size):
            for s in range(points):
                share[k, s] /= norm
                posterior[n, k] += share[k, s]
        if start == stop and gold[n] < 0:
            continue
        total += highest + math.log(norm)
        for k in range(size):
            mass[k] += posterior[n, k]
            for m in range(start, stop):
                counts[worker[m], k, label[m]] += posterior[n, k]
                for s in range(points):
                    met[worker[m], k, s] += share[k, s]
    return total
