"""Dawid and Skene's E and M step in one compiled pass over annotations sorted by object.

Parameters live in tables with one row for each worker and answer, `row = w * K + l`, and the true class along it: an
annotation then reads one run of numbers and adds to another. Probabilities are multiplied, not their logs added: K
exponentials an object would cost more than all the rest, and rescaling keeps the products within range.

With many classes the tables outgrow the caches and memory's speed is the limit. Rows are then padded to whole tiles and
fetched ahead, and large tables are read in single precision (`COMPACT`), where responsibilities below 1e-7 are not
counted: posteriors then differ by about 1e-6 from those in double precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from groundswell.consolidation.prefetch import prefetch

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]

COMPACT = 1 << 20  # cells of a (W, K, K) table from which it may be read in single precision

_UNROLLED = 8  # up to this many classes the loops over them are unrolled
_RESCALE_EVERY = 16  # factors in double precision; each is above 1e-16, so that a product stays above 1e-256 in between
_SMALL = 1e-100  # products of likelihoods below this are moved into the log
_TILE = 16  # classes; a row is padded to whole tiles
_AHEAD = 4  # objects whose rows are fetched before they are needed
_LINE = 16  # numbers of single precision in a cache line
_FAST = {"reassoc", "nsz", "contract"}  # sums may be reordered, nothing else

EmPass = Callable[..., float]


@njit(cache=True, nogil=True)
def row_of(worker: Index, label: Index, n_labels: int) -> Index:
    """(M,) table row of each annotation."""
    row = np.empty(worker.size, np.int32)
    for m in range(worker.size):
        row[m] = worker[m] * n_labels + label[m]
    return row


def em_pass(table: Floats, *, exact: bool) -> tuple[EmPass, NDArray[Any]]:
    """The pass for a table (W, K, K), and the table as that pass reads it.

    The pass is `f(offsets, row, gold, prior, table, counts, classes) -> log likelihood`: offsets (N + 1,), row (M,),
    gold (N,) known class or -1, prior (K,); it adds responsibilities to counts (W * K, K) and classes (K,) in place.
    Objects without annotations add nothing, unless they are gold.
    exact : double precision even for large tables.
    """
    size = table.shape[2]
    if size <= _UNROLLED:
        return _unrolled(max(size, 1)), table.reshape(-1, max(size, 1))
    width = -(-size // _TILE) * _TILE
    small = not exact and table.size >= COMPACT
    padded = np.zeros((table.shape[0] * size, width), np.float32 if small else np.float64)
    padded[:, :size] = table.reshape(-1, size)
    return (_tiled_compact if small else _tiled_exact), padded


@cache
def _unrolled(size: int) -> EmPass:
    @njit(cache=True, nogil=True, error_model="numpy")
    def run(offsets: Any, row: Any, gold: Any, prior: Any, table: Any, counts: Any, classes: Any) -> float:
        p = np.empty(size)
        total, product = 0.0, 1.0
        for n in range(offsets.size - 1):
            start, stop = offsets[n], offsets[n + 1]
            if start == stop and gold[n] < 0:
                continue
            for k in range(size):
                p[k] = prior[k]
            for m in range(start, stop):
                for k in range(size):
                    p[k] *= table[row[m], k]
                if (m - start) % _RESCALE_EVERY == _RESCALE_EVERY - 1:
                    highest = p.max()
                    total += math.log(highest)
                    for k in range(size):
                        p[k] /= highest
            mass = 0.0
            if gold[n] >= 0:
                mass = p[gold[n]]
                for k in range(size):
                    p[k] = 0.0
                p[gold[n]] = 1.0
            else:
                for k in range(size):
                    mass += p[k]
                scale = 1.0 / mass
                for k in range(size):
                    p[k] *= scale
            if mass < _SMALL:
                total += math.log(mass)
            else:
                product *= mass
                if product < _SMALL:
                    total += math.log(product)
                    product = 1.0
            for k in range(size):
                classes[k] += p[k]
            for m in range(start, stop):
                for k in range(size):
                    counts[row[m], k] += p[k]
        return total + math.log(product)

    return run


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _tiled_exact(
    offsets: Offsets, row: Index, gold: Index, prior: Floats, table: Floats, counts: Floats, classes: Floats
) -> float:
    return _tiled(offsets, row, gold, prior, table, counts, classes, 1e-17, 1e-60)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
def _tiled_compact(
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
    size, width = classes.size, table.shape[1]
    flat, rates = table.ravel(), np.zeros(width, table.dtype)
    rates[:size] = prior
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
            total += _responsibilities(row[start:stop], gold[n], prior, table, mass)
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
    width = p.size // _TILE * _TILE  # says to the compiler that tiles are whole
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
    size, few = classes.size, 0
    cut = likelihood * negligible
    for tile in range(0, size, _TILE):
        part = 0.0
        for k in range(tile, tile + _TILE):
            part += p[k]
        if part > cut:
            for k in range(tile, min(tile + _TILE, size)):
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
def _responsibilities(row: Index, gold: int, prior: Floats, table: Any, p: Any) -> Any:
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


@njit(cache=True, nogil=True, error_model="numpy")
def posteriors(offsets: Offsets, row: Index, gold: Index, prior: Floats, table: Floats) -> Floats:
    """(N, K) the E-step alone, for the objects of `offsets` (N + 1,), which may be a slice of a longer one."""
    size = prior.size
    posterior = np.empty((offsets.size - 1, size))
    for n in range(offsets.size - 1):
        p, start, stop = posterior[n], offsets[n], offsets[n + 1]
        for k in range(size):
            p[k] = prior[k]
        for m in range(start, stop):
            for k in range(size):
                p[k] *= table[row[m], k]
            if (m - start) % _RESCALE_EVERY == _RESCALE_EVERY - 1:
                p /= p.max()
        mass = p.sum()
        if gold[n] >= 0 or not mass > 0.0:
            _responsibilities(row[start:stop], gold[n], prior, table, p)
        else:
            p /= mass
    return posterior


@njit(cache=True, nogil=True)
def start_counts(offsets: Offsets, row: Index, gold: Index, counts: Floats, classes: Floats) -> None:
    """Add what the first M-step sums: each object's shares of votes (or its known class) as responsibilities."""
    size = classes.size
    p = np.empty(size)
    for n in range(offsets.size - 1):
        start, stop = offsets[n], offsets[n + 1]
        p[:] = 0.0
        if gold[n] >= 0:
            p[gold[n]] = 1.0
        else:
            for m in range(start, stop):
                p[row[m] % size] += 1.0 / (stop - start)
        for k in range(size):
            if p[k] > 0.0:
                classes[k] += p[k]
                for m in range(start, stop):
                    counts[row[m], k] += p[k]


@njit(cache=True, nogil=True)
def normalise(counts: Floats, imagined: Floats, floor: float, table: Floats) -> float:
    """Chances (W, K, K) [worker, given, true] from expected plus imagined answers, each sum over answers being 1.

    imagined : (1, K, K) for everyone alike, or (W, K, K).    floor : the least expected answers of one once given.
    Returns the log prior density of the chances: the sum of imagined * log chance. Writes into table (W, K, K).
    """
    n_workers, size = counts.shape[0], counts.shape[1]
    density = 0.0
    totals = np.empty(size)
    for w in range(n_workers):
        extra = imagined[w if imagined.shape[0] > 1 else 0]
        totals[:] = 0.0
        for given in range(size):
            least = floor if counts[w, given].any() else 0.0
            for k in range(size):
                table[w, given, k] = max(counts[w, given, k] + extra[given, k], least)
                totals[k] += table[w, given, k]
        for given in range(size):
            product, power = 1.0, 0.0  # chances of equal weight share one logarithm
            for k in range(size):
                table[w, given, k] = table[w, given, k] / totals[k] if totals[k] > 0.0 else 1.0 / size
                if extra[given, k] != power or product < _SMALL:
                    density += power * math.log(product)
                    product, power = 1.0, extra[given, k]
                if power > 0.0:
                    product *= table[w, given, k]
            density += power * math.log(product)
    return density
