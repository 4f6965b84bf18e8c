"""Which drawn instances of different workers are the same thing: clusters with no worker twice.

Agglomeration with average linkage over the pairs that are alike at all: the most similar two clusters join first, and
clusters that share a worker never join, because a worker does not draw one thing twice.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def cluster_instances(owner: Ints, first: Ints, second: Ints, similarity: Floats, *, join_at: float) -> Ints:
    """(A,) number of each instance's cluster, counted from 0 in order of the first member.

    Parameters
    ----------
    owner : (A,) the worker who drew each instance.
    first, second, similarity : (P,) pairs of instances and how alike they are; pairs not named are not alike (0).
    join_at : clusters join while the mean similarity of their members, pair by pair, is at least this.
    Ties join the pair whose members come first, so give instances in an order that does not depend on who drew them.
    """
    size = len(owner)
    usable = (owner[first] != owner[second]) & (similarity > 0.0)
    first, second, similarity = first[usable], second[usable], similarity[usable]
    root = _components(size, first, second)
    cluster = np.arange(size)
    order = np.argsort(root[first], kind="stable")
    bounds = np.flatnonzero(np.diff(root[first][order], prepend=-1, append=size + 1))
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        pairs = order[start:end]
        members = np.unique(np.concatenate((first[pairs], second[pairs])))
        alike = np.zeros((len(members), len(members)))
        i, j = np.searchsorted(members, first[pairs]), np.searchsorted(members, second[pairs])
        alike[i, j] = alike[j, i] = similarity[pairs]
        blocked = owner[members][:, None] == owner[members][None, :]
        cluster[members] = members[_agglomerate(alike, blocked, join_at)]
    return np.unique(cluster, return_inverse=True)[1].astype(np.int64)


@njit(cache=True)
def _components(size: int, first: Ints, second: Ints) -> Ints:
    """(A,) the smallest instance each instance is connected with, by union-find over the pairs."""
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
def _agglomerate(alike: Floats, blocked: NDArray[np.bool_], join_at: float) -> Ints:
    """(A,) the smallest member of each member's cluster. Uses up `alike` (A, A) and `blocked` (A, A)."""
    size = alike.shape[0]
    cluster = np.arange(size)
    weight = np.ones(size)
    while True:
        best, a, b = -1.0, -1, -1
        for i in range(size):
            if cluster[i] == i:
                for j in range(i + 1, size):
                    # The margin keeps rounding from deciding between equals.
                    if cluster[j] == j and not blocked[i, j] and alike[i, j] > best + 1e-12:
                        best, a, b = alike[i, j], i, j
        if a < 0 or best < join_at:
            return cluster
        for k in range(size):
            alike[a, k] = (alike[a, k] * weight[a] + alike[b, k] * weight[b]) / (weight[a] + weight[b])
            alike[k, a] = alike[a, k]
            blocked[a, k] = blocked[a, k] or blocked[b, k]
            blocked[k, a] = blocked[a, k]
            if cluster[k] == b:
                cluster[k] = a
        weight[a] += weight[b]
