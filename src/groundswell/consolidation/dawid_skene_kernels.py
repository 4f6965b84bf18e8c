"""Dawid and Skene's E and M step in one compiled pass over annotations sorted by object.

Parameters live in tables with one row for each worker and answer, `row = w * K + l`, and the true class along it: an
annotation then reads one run of K numbers and adds to another. Probabilities are multiplied, not their logs added: K
exponentials an object would cost more than all the rest, and rescaling keeps the product within range.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]

_RESCALE_EVERY = 16  # factors; each is above 1e-16, so that a product stays above 1e-256 in between
_SMALL = 1e-100  # products of likelihoods below this are moved into the log
_UNROLLED = 8  # up to this many classes the loops over them are unrolled
_NEGLIGIBLE = 1e-17  # responsibilities below this cannot change a sum of counts in double precision

EmPass = Callable[..., float]


@njit(cache=True, nogil=True)
def row_of(worker: Index, label: Index, n_labels: int) -> Index:
    """(M,) table row of each annotation."""
    row = np.empty(worker.size, np.int32)
    for m in range(worker.size):
        row[m] = worker[m] * n_labels + label[m]
    return row


def em_pass(n_labels: int) -> EmPass:
    """The compiled pass for K classes: `f(offsets, row, gold, prior, table, counts, classes) -> log likelihood`.

    Parameters of f
    ---------------
    offsets : (N + 1,), row : (M,), gold : (N,) known class or -1.      prior : (K,), table : (W * K, K).
    counts : (W * K, K), classes : (K,): responsibilities are added to both in place.
    Objects without annotations add nothing, unless they are gold.
    """
    return _unrolled(n_labels) if 0 < n_labels <= _UNROLLED else _any_size


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


@njit(cache=True, nogil=True, error_model="numpy")
def _any_size(
    offsets: Offsets, row: Index, gold: Index, prior: Floats, table: Floats, counts: Floats, classes: Floats
) -> float:
    size = prior.size
    p = np.empty(size)
    total = 0.0
    for n in range(offsets.size - 1):
        start, stop = offsets[n], offsets[n + 1]
        if start == stop and gold[n] < 0:
            continue
        total += _responsibilities(row[start:stop], gold[n], prior, table, p)
        for k in range(size):
            if p[k] > _NEGLIGIBLE:
                classes[k] += p[k]
                for m in range(start, stop):
                    counts[row[m], k] += p[k]
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def _responsibilities(row: Index, gold: int, prior: Floats, table: Floats, p: Floats) -> float:
    """Write one object's posterior into p (K,); returns its log likelihood."""
    total = 0.0
    p[:] = prior
    for m in range(row.size):
        chances = table[row[m]]
        for k in range(p.size):
            p[k] *= chances[k]
        if m % _RESCALE_EVERY == _RESCALE_EVERY - 1:
            highest = p.max()
            total += math.log(highest)
            p /= highest
    if gold >= 0:
        total += math.log(p[gold])
        p[:] = 0.0
        p[gold] = 1.0
        return total
    mass = p.sum()
    p /= mass
    return total + math.log(mass)


@njit(cache=True, nogil=True, error_model="numpy")
def posteriors(offsets: Offsets, row: Index, gold: Index, prior: Floats, table: Floats) -> Floats:
    """(N, K) the E-step alone, for the objects of `offsets` (N + 1,), which may be a slice of a longer one."""
    posterior = np.empty((offsets.size - 1, prior.size))
    for n in range(offsets.size - 1):
        _responsibilities(row[offsets[n] : offsets[n + 1]], gold[n], prior, table, posterior[n])
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
