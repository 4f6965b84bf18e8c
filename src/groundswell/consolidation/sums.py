"""Sums of rows by group in NumPy: what the kernels' twins are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.integer[Any]]

_WIDE, _SHORT = 4, 64  # numbers a row, rows a run: where runs are summed place by place


def sum_by(group: Ints, values: Floats, n_groups: int, *, source: Ints | None = None) -> Floats:
    """(G, C) sums of the rows of values (M, C) that have each group (M,); of rows values[source] where given (M,)."""
    sums = np.empty((values.shape[1], n_groups))
    for column, numbers in enumerate(np.ascontiguousarray(values.T)):
        sums[column] = np.bincount(group, numbers if source is None else numbers[source], n_groups)
    return np.ascontiguousarray(sums.T)


def sum_runs(offsets: NDArray[np.int64], source: Ints, values: Floats) -> Floats:
    """(N, C) sums of values[source[m]] over the rows m from offsets[n] to offsets[n + 1]. offsets start at 0."""
    lengths = np.diff(offsets)
    longest = int(lengths.max(initial=0))
    if values.shape[1] >= _WIDE and longest <= _SHORT:
        return _sum_short_runs(offsets, lengths, source, values)
    sums = np.zeros((lengths.size, values.shape[1]))
    some = lengths > 0
    if longest:
        sums[some] = np.add.reduceat(values[source], offsets[:-1][some], axis=0)
    return sums


def _sum_short_runs(offsets: NDArray[np.int64], lengths: Ints, source: Ints, values: Floats) -> Floats:
    """`sum_runs` by the first rows of all runs, then the second ones, and so on: many additions in each step."""
    order = np.argsort(-lengths, kind="stable")
    start, longest_first = offsets[:-1][order], -lengths[order]
    sums = np.zeros((lengths.size, values.shape[1]))
    for place in range(-int(longest_first.min(initial=0))):
        still = int(np.searchsorted(longest_first, -place))
        sums[:still] += values.take(source[start[:still] + place], axis=0)
    unsorted = np.empty_like(sums)
    unsorted[order] = sums
    return unsorted


def owners(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """(M,) the object n of each row."""
    return np.repeat(np.arange(offsets.size - 1), np.diff(offsets))
