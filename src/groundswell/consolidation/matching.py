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

_MARGIN = 1e-12  # similarities closer than this are equal


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
    # Clusters are alike on average only where two members are: what no such pairs connect never joins.
    strong = similarity >= join_at - _MARGIN
    root = _components(size, first[strong], second[strong])
    within = root[first] == root[second]
    first, second, similarity = first[within], second[within], similarity[within]
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
    """(A,) the smallest member of each member's cluster. Uses up `alike` (A, A) and `blocked` (A, A).

    Every cluster remembers the later cluster most like it. Joining makes no two clusters more alike than the more alike
    of their parts were, so what is remembered changes only where it named one of the two that joined.
    """
    size = alike.shape[0]
    cluster, weight = np.arange(size), np.ones(size)
    highest, partner = np.empty(size), np.empty(size, np.int64)
    for i in range(size):
        highest[i], partner[i] = _most_alike(i, alike, blocked, cluster, np.inf)
    while True:
        a = -1
        for i in range(size):
            # The margin keeps rounding from deciding between equals.
            if cluster[i] == i and partner[i] >= 0 and (a < 0 or highest[i] > highest[a] + _MARGIN):
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
        if cluster[j] == j and not blocked[i, j] and alike[i, j] > best + _MARGIN:
            best, at = alike[i, j], j
            if best >= bound - _MARGIN:
                break
    return best, at
