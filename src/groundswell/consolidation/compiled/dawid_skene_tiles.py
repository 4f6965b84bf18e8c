"""Dawid and Skene's passes for many classes: rows in whole tiles, fetched ahead.

With many classes the tables outgrow the caches and memory's speed is the limit. Rows are padded to whole tiles, so that
vector instructions have no remainders, and large tables come in single precision, where responsibilities below 1e-7 are
not counted: posteriors then differ by about 1e-6 from those in double precision.
Shapes as in `dawid_skene_kernels.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from groundswell.consolidation.compiled.prefetch import prefetch

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]

TILE = 16  # classes; a row is padded to whole tiles

_AHEAD = 4  # objects whose rows are fetched before they are needed
_LINE = 16  # numbers of single precision in a cache line
_FAST = {"reassoc", "nsz", "contract"}  # sums may be reordered, nothing else


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def sum_in_tiles(
    offsets: Offsets, row: Index, gold: Index, prior: Floats, table: Floats, counts: Floats, classes: Floats
) -> float:
    return _tiled(offsets, row, gold, prior, table, counts, classes, 1e-17, 1e-60)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def sum_in_compact_tiles(
    offsets: Offsets, row: Index, gold: Index, prior: Floats, table: Any, counts: Floats, classes: Floats
) -> float:
    return _tiled(offsets, row, gold, prior, table, counts, classes, 1e-7, 1e-12)


@njit(nogil=True, error_model="numpy", fastmath=_FAST)
def _tiled(
    offsets: Offsets,
    row: Index,
    gold: Index,
    prior: Floats,
    table: Any,
    counts: Floats,
    classes: Floats,
    negligible: float,
    small: float,
) -> float:
    """The pass for many classes. Responsibilities up to `negligible` do not count; products below `small` rescale."""
    size, width = counts.shape[1], table.shape[1]
    flat, rates = table.ravel(), prior.astype(table.dtype)
    p = np.empty(width, table.dtype)
    chosen, mass = np.empty(size + 1, np.int64), np.empty(size)
    last, total = offsets.size - 1, 0.0
    for n in range(last):
        start, stop = offsets[n], offsets[n + 1]
        soon = min(n + _AHEAD, last - 1)
        for m in range(offsets[soon], offsets[soon + 1]):
            for k in range(0, width, _LINE):
                prefetch(flat, np.int64(row[m]) * width + k)
        if start == stop and gold[n] < 0:
            continue
        scale, likelihood = _product(row[start:stop], rates, flat, p, small)
        if gold[n] >= 0 or not likelihood > small * small:
            total += by_logs(row[start:stop], gold[n], prior[:size], table, mass)
            for k in range(size):
                p[k] = mass[k]
            likelihood = 1.0
        else:
            total += scale + math.log(likelihood)
        _count(row[start:stop], p, likelihood, negligible, chosen, mass, counts, classes)
    return total


@njit(nogil=True, error_model="numpy", fastmath=_FAST)
def _product(row: Index, rates: Any, flat: Any, p: Any, small: float) -> tuple[float, float]:
    """Write class rates times the chances of all answers into p (width,), four rows at a time.

    Returns what rescaling took out, as a log, and the sum of p.
    """
    width = p.size // TILE * TILE  # says to the compiler that tiles are whole
    for k in range(width):
        p[k] = rates[k]
    taken, m = 0.0, 0
    while m < row.size:
        a = np.int64(row[m]) * width
        if m + 3 < row.size:
            b, c, d = np.int64(row[m + 1]) * width, np.int64(row[m + 2]) * width, np.int64(row[m + 3]) * width
            for k in range(width):
                p[k] = (p[k] * flat[a + k] * flat[b + k]) * (flat[c + k] * flat[d + k])
            m += 4
        elif m + 1 < row.size:
            b = np.int64(row[m + 1]) * width
            for k in range(width):
                p[k] *= flat[a + k] * flat[b + k]
            m += 2
        else:
            for k in range(width):
                p[k] *= flat[a + k]
            m += 1
        if m < row.size:
            likelihood = p.sum()
            if 0.0 < likelihood < small:
                taken += math.log(likelihood)
                for k in range(width):
                    p[k] /= likelihood
    return taken, p.sum()


@njit(nogil=True, error_model="numpy", fastmath=_FAST)
def _count(
    row: Index, p: Any, likelihood: float, negligible: float, chosen: Any, mass: Floats, counts: Floats, classes: Floats
) -> None:
    """Add p / likelihood to the counts of every row, class by class where only few matter."""
    size, few = counts.shape[1], 0
    cut = likelihood * negligible
    for tile in range(0, size, TILE):
        part = 0.0
        for k in range(tile, tile + TILE):
            part += p[k]
        if part > cut:
            for k in range(tile, min(tile + TILE, size)):
                chosen[few] = k
                few += p[k] > cut
    if few * 4 > size:
        for k in range(size):
            mass[k] = p[k] / likelihood
            classes[k] += mass[k]
        for m in range(row.size):
            cells = counts[row[m]]
            for k in range(size):
                cells[k] += mass[k]
        return
    for i in range(few):
        mass[i] = p[chosen[i]] / likelihood
        classes[chosen[i]] += mass[i]
    for m in range(row.size):
        for i in range(few):
            counts[row[m], chosen[i]] += mass[i]


@njit(cache=True, nogil=True, error_model="numpy")
def by_logs(row: Index, gold: int, prior: Floats, table: Any, p: Any) -> Any:
    """Write one object's posterior into p (K,); returns its log likelihood. By logs: slow and never out of range."""
    for k in range(p.size):
        p[k] = math.log(prior[k])
        for m in range(row.size):
            p[k] += math.log(table[row[m], k])
    if gold >= 0:
        total = p[gold]
        p[:] = 0.0
        p[gold] = 1.0
        return total
    highest, mass = p.max(), 0.0
    for k in range(p.size):
        p[k] = math.exp(p[k] - highest)
        mass += p[k]
    for k in range(p.size):
        p[k] /= mass
    return highest + math.log(mass)
