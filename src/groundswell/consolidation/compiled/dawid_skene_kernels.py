"""The loops of `groundswell.consolidation.dawid_skene_kernels`: E and M step in one pass over the annotations.

Parameters live in tables with one row for each worker and answer, `row = w * K + l`, and the true class along it: an
annotation then reads one run of numbers and adds to another. Probabilities are multiplied, not their logs added: K
exponentials an object would cost more than all the rest, and rescaling keeps the products within range.

Here: the passes as their callers see them, with tables (W, K, K) [worker, given, true]. Elsewhere: the passes for few
classes (`dawid_skene_registers.py`) and for many (`dawid_skene_tiles.py`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from groundswell.consolidation.compiled.dawid_skene_registers import (
    decide_in_registers,
    start_in_registers,
    sum_in_registers,
)
from groundswell.consolidation.compiled.dawid_skene_tiles import TILE, by_logs, sum_in_compact_tiles, sum_in_tiles
from groundswell.consolidation.kernels import most_probable

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]

COMPACT = 1 << 20  # cells of a (W, K, K) table from which it may be read in single precision

_IN_REGISTERS = 8  # up to this many classes a row is one vector
_LINE_BYTES = 64
_BLOCK = 1 << 14  # objects whose posteriors are held at once where only labels are asked for
_RESCALE_EVERY = 16  # factors; each is above 1e-16, so that a product stays above 1e-256 in between
_SMALL = 1e-100  # products of chances below this are moved into the log


@njit(cache=True, nogil=True)
def row_of(worker: Index, label: Index, n_labels: int) -> Index:
    """(M,) table row of each annotation."""
    row = np.empty(worker.size, np.int32)
    for m in range(worker.size):
        row[m] = worker[m] * n_labels + label[m]
    return row


def expected_sums(
    offsets: Offsets, row: Index, gold: Index, prior: Floats, table: Floats, *, exact: bool
) -> tuple[Floats, Floats, float]:
    """One E-step and the sums the M-step needs: expected answers (W, K, K), expected objects (K,), log likelihood.

    Parameters
    ----------
    offsets : (N + 1,), row : (M,), gold : (N,) known class or -1.      prior : (K,), table : (W, K, K) as above.
    exact : double precision even for large tables.
    Objects without annotations add nothing, unless they are gold.
    """
    size = prior.size
    if size <= _IN_REGISTERS:
        width = _lanes(size)
        run, read, counts = (
            sum_in_registers(width),
            _padded(table, width),
            _on_cache_lines(table.shape[0] * size, width),
        )
    else:
        width = -(-size // TILE) * TILE
        small = not exact and table.size >= COMPACT
        run = sum_in_compact_tiles if small else sum_in_tiles
        read = _padded(table, width, np.float32 if small else np.float64)
        counts = np.zeros((table.shape[0] * size, size))
    classes = np.zeros(width)
    log_likelihood = run(offsets, row, gold, _padded_rates(prior, width), read, counts, classes)
    return np.ascontiguousarray(counts[:, :size]).reshape(table.shape), classes[:size], log_likelihood


def start_sums(
    offsets: Offsets, row: Index, gold: Index, n_workers: int, n_labels: int
) -> tuple[Floats, Floats, float]:
    """What the first M-step sums: each object's shares of votes, or its known class, as its posterior."""
    counts, classes = np.zeros((n_workers * n_labels, n_labels)), np.zeros(n_labels)
    if 0 < n_labels <= _IN_REGISTERS:
        width = _lanes(n_labels)
        wide, all_classes = _on_cache_lines(len(counts), width), np.zeros(width)
        votes = _on_cache_lines(len(counts), width)
        votes.reshape(n_workers, n_labels, width)[:, range(n_labels), range(n_labels)] = 1.0
        start_in_registers(width)(offsets, row, gold, votes, wide, all_classes)
        counts, classes = np.ascontiguousarray(wide[:, :n_labels]), all_classes[:n_labels]
    else:
        _start(offsets, row, gold, counts, classes)
    return counts.reshape(n_workers, n_labels, n_labels), classes, 0.0


def decisions(offsets: Offsets, row: Index, gold: Index, prior: Floats, table: Floats) -> tuple[Index, Floats]:
    """(N,) most probable classes, of tied ones the earliest, and (N,) their probabilities; holds no posteriors.

    prior : (K,), table : (W, K, K).
    """
    label, confidence = np.zeros(gold.size, np.int32), np.empty(gold.size)
    size = prior.size
    if 0 < size <= _IN_REGISTERS:
        width = _lanes(size)
        rates, read = _padded_rates(prior, width), _padded(table, width)
        decide_in_registers(width)(offsets, row, gold, rates, read, label, confidence)
        return label, confidence
    rows = table.reshape(table.shape[0] * size, size)
    for start in range(0, gold.size, _BLOCK):
        block = slice(start, min(start + _BLOCK, gold.size))
        posterior = posteriors(offsets[start : block.stop + 1], row, gold[block], prior, rows)
        label[block] = most_probable(posterior)
        confidence[block] = posterior[np.arange(len(posterior)), label[block]]
    return label, confidence


def _lanes(size: int) -> int:
    """Numbers in the shortest vector that holds K."""
    return next(lanes for lanes in (2, 4, 8) if lanes >= size)


def _padded_rates(prior: Floats, width: int) -> Floats:
    rates = np.zeros(width)
    rates[: prior.size] = prior
    return rates


def _padded(table: Floats, width: int, kind: type = np.float64) -> NDArray[Any]:
    """(W * K, width) the rows of (W, K, K) with zeros behind them."""
    rows = _on_cache_lines(table.shape[0] * table.shape[1], width, kind)
    rows[:, : table.shape[2]] = table.reshape(len(rows), table.shape[2])
    return rows


def _on_cache_lines(n_rows: int, width: int, kind: type = np.float64) -> NDArray[Any]:
    """Zeros (n_rows, width) that start at a cache line, so that short rows do not lie across two."""
    spare = _LINE_BYTES // np.dtype(kind).itemsize
    space: NDArray[Any] = np.zeros(n_rows * width + spare, kind)
    skip = -space.ctypes.data % _LINE_BYTES // space.itemsize
    return space[skip : skip + n_rows * width].reshape(n_rows, width)


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
            by_logs(row[start:stop], gold[n], prior, table, p)
        else:
            p /= mass
    return posterior


@njit(cache=True, nogil=True)
def _start(offsets: Offsets, row: Index, gold: Index, counts: Floats, classes: Floats) -> None:
    """`start_sums` for many classes: adds only where there are votes."""
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
