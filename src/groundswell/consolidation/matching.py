"""Which drawn instances of different workers are the same thing: clusters with no worker twice.

Agglomeration with average linkage over the pairs that are alike at all: the most similar two clusters join first, and
clusters that share a worker never join, because a worker does not draw one thing twice.
Elsewhere: the loops for large inputs (`compiled/matching.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.fast import twinned

if TYPE_CHECKING:
    from jaxtyping import Bool, Float64, Int64

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MARGIN = 1e-12  # similarities closer than this are equal


def cluster_instances(
    owner: Int64[Ints, " A"],
    first: Int64[Ints, " P"],
    second: Int64[Ints, " P"],
    similarity: Float64[Floats, " P"],
    *,
    join_at: float,
) -> Int64[Ints, " A"]:
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
    strong = similarity >= join_at - MARGIN
    root = connected(size, first[strong], second[strong])
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
        cluster[members] = members[agglomerate(alike, blocked, join_at)]
    return np.unique(cluster, return_inverse=True)[1].astype(np.int64)


@twinned(lambda size, first, second: size + first.size)
def connected(size: int, first: Ints, second: Ints) -> Ints:
    """(A,) the smallest instance each instance is connected with by pairs first, second (P,)."""
    root = np.arange(size)
    while first.size:
        low, high = np.minimum(root[first], root[second]), np.maximum(root[first], root[second])
        apart = low < high
        first, second = first[apart], second[apart]
        np.minimum.at(root, high[apart], low[apart])
        while not np.array_equal(root, root[root]):
            root = root[root]
    return root


@twinned(lambda alike, blocked, join_at: alike.size * 8)
def agglomerate(
    alike: Float64[Floats, "A A"], blocked: Bool[NDArray[np.bool_], "A A"], join_at: float
) -> Int64[Ints, " A"]:
    """(A,) the smallest member of each member's cluster. Uses up `alike` (A, A) and `blocked` (A, A).

    Every cluster remembers the later cluster most like it. Joining makes no two clusters more alike than the more alike
    of their parts were, so what is remembered changes only where it named one of the two that joined.
    """
    size = len(alike)
    table, apart = alike.tolist(), blocked.tolist()  # most tables are tiny: lists are read faster than arrays
    cluster, weight = list(range(size)), [1.0] * size
    best = [_most_alike(i, table, apart, cluster, np.inf) for i in range(size)]
    while True:
        a = -1
        for i in range(size):
            # The margin keeps rounding from deciding between equals.
            if cluster[i] == i and best[i][1] >= 0 and (a < 0 or best[i][0] > best[a][0] + MARGIN):
                a = i
        if a < 0 or best[a][0] < join_at:
            return np.array(cluster, np.int64)
        b = best[a][1]
        for k in range(size):
            mean = (table[a][k] * weight[a] + table[b][k] * weight[b]) / (weight[a] + weight[b])
            table[a][k] = table[k][a] = mean
            apart[a][k] = apart[k][a] = apart[a][k] or apart[b][k]
            if cluster[k] == b:
                cluster[k] = a
        weight[a] += weight[b]
        best[a] = _most_alike(a, table, apart, cluster, max(best[a][0], best[b][0]))
        for k in range(b):
            if cluster[k] == k and k != a and best[k][1] in (a, b):
                best[k] = _most_alike(k, table, apart, cluster, best[k][0])


def _most_alike(
    i: int, alike: list[list[float]], blocked: list[list[bool]], cluster: list[int], bound: float
) -> tuple[float, int]:
    """How alike the cluster after i most like it is, none being more so than `bound`, and which; -1, -1 for none."""
    best, at = -1.0, -1
    row, apart = alike[i], blocked[i]
    for j in range(i + 1, len(cluster)):
        if cluster[j] == j and not apart[j] and row[j] > best + MARGIN:
            best, at = row[j], j
            if best >= bound - MARGIN:
                break
    return best, at
