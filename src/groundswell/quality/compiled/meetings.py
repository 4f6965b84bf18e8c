"""The loops of `groundswell.quality.meetings`, where each is described."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]


@njit(cache=True, nogil=True)
def count_labels(offsets: Offsets, label: Index, pairs: Floats) -> None:
    for n in range(offsets.size - 1):
        for a in range(offsets[n], offsets[n + 1]):
            for b in range(offsets[n], offsets[n + 1]):
                if a != b:
                    pairs[label[a], label[b]] += 1.0 / (offsets[n + 1] - offsets[n] - 1)


@njit(cache=True, nogil=True)
def count_commonest(offsets: Offsets, label: Index, n_labels: int, most: Offsets) -> None:
    tally = np.zeros(n_labels, np.int64)
    for n in range(offsets.size - 1):
        for row in range(offsets[n], offsets[n + 1]):
            tally[label[row]] += 1
            most[n] = max(most[n], tally[label[row]])
        for row in range(offsets[n], offsets[n + 1]):
            tally[label[row]] = 0


@njit(cache=True, nogil=True)
def count_agreeing(offsets: Offsets, label: Index, n_labels: int, share: Floats) -> None:
    tally = np.zeros(n_labels, np.int64)
    for n in range(offsets.size - 1):
        answers = offsets[n + 1] - offsets[n]
        agreeing = 0
        for row in range(offsets[n], offsets[n + 1]):
            agreeing += tally[label[row]]
            tally[label[row]] += 1
        for row in range(offsets[n], offsets[n + 1]):
            tally[label[row]] = 0
        if answers > 1:
            share[n] = agreeing / (answers * (answers - 1) / 2)


@njit(cache=True, nogil=True)
def count_workers(offsets: Offsets, worker: Index, label: Index, common: Floats, alike: Floats) -> None:
    for n in range(offsets.size - 1):
        for a in range(offsets[n], offsets[n + 1]):
            for b in range(offsets[n], offsets[n + 1]):
                common[worker[a], worker[b]] += 1.0
                if label[a] == label[b]:
                    alike[worker[a], worker[b]] += 1.0


@njit(cache=True, nogil=True)
def count_given(offsets: Offsets, owner: Index, worker: Index, rows: Offsets, given: Floats) -> None:
    for a in rows:
        for b in range(offsets[owner[a]], offsets[owner[a] + 1]):
            given[worker[a], worker[b]] += 1.0
