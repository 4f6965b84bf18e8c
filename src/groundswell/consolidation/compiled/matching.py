"""The loops of `groundswell.consolidation.matching`, where each is described."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from groundswell.consolidation.matching import MARGIN

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True)
def connected(size: int, first: Ints, second: Ints) -> Ints:
    root = np.arange(size)
    for p in range(first.size):
        i, j = first[p], second[p]
        while root[i] != i:
            i = root[i]
        while root[j] != j:
            j = root[j]
        low, high = min(i, j), max(i, j)
        root[high] = low
    for i in range(size):
        root[i] = root[root[i]]
    return root


@njit(cache=True)
def agglomerate(alike: Floats, blocked: NDArray[np.bool_], join_at: float) -> Ints:
    size = alike.shape[0]
    cluster, weight = np.arange(size), np.ones(size)
    highest, partner = np.empty(size), np.empty(size, np.int64)
    for i in range(size):
        highest[i], partner[i] = _most_alike(i, alike, blocked, cluster, np.inf)
    while True:
        a = -1
        for i in range(size):
            # The margin keeps rounding from deciding between equals.
            if cluster[i] == i and partner[i] >= 0 and (a < 0 or highest[i] > highest[a] + MARGIN):
                a = i
        if a < 0 or highest[a] < join_at:
            return cluster
        b = partner[a]
        for k in range(size):
            alike[a, k] = (alike[a, k] * weight[a] + alike[b, k] * weight[b]) / (weight[a] + weight[b])
            alike[k, a] = alike[a, k]
            blocked[a, k] = blocked[a, k] or blocked[b, k]
            blocked[k, a] = blocked[a, k]
            if cluster[k] == b:
                cluster[k] = a
        weight[a] += weight[b]
        highest[a], partner[a] = _most_alike(a, alike, blocked, cluster, max(highest[a], highest[b]))
        for k in range(b):
            if cluster[k] == k and k != a and (partner[k] == a or partner[k] == b):
                highest[k], partner[k] = _most_alike(k, alike, blocked, cluster, highest[k])


@njit(cache=True)
def _most_alike(i: int, alike: Floats, blocked: NDArray[np.bool_], cluster: Ints, bound: float) -> tuple[float, int]:
    """How alike the cluster after i most like it is, none being more so than `bound`, and which; -1, -1 for none."""
    best, at = -1.0, -1
    for j in range(i + 1, cluster.size):
        if cluster[j] == j and not blocked[i, j] and alike[i, j] > best + MARGIN:
            best, at = alike[i, j], j
            if best >= bound - MARGIN:
                break
    return best, at
