"""The loops of `groundswell.consolidation.alignment`, where each is described."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from groundswell.consolidation.alignment import BOTH, PLACE_ONLY, WORD_ONLY

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Moves = NDArray[np.int8]


@njit(cache=True, nogil=True)
def count_edits(first: Ints, second: Ints) -> int:
    row = np.arange(second.size + 1)
    for i in range(first.size):
        before, row[0] = row[0], i + 1
        for j in range(second.size):
            here = min(row[j + 1] + 1, row[j] + 1, before + (first[i] != second[j]))
            before, row[j + 1] = row[j + 1], here
    return int(row[-1])


@njit(cache=True, nogil=True)
def fill_moves(offset: Ints, word: Ints, share: Floats, skip: Floats, given: Ints, n_words: int, moves: Moves) -> None:
    having = np.zeros(n_words)
    cost = np.arange(given.size + 1).astype(np.float64)
    moves[0, :] = WORD_ONLY
    for i in range(skip.size):
        for k in range(offset[i], offset[i + 1]):
            having[word[k]] = share[k]
        before, cost[0], moves[i + 1, 0] = cost[0], cost[0] + skip[i], PLACE_ONLY
        for j in range(given.size):
            both, place, between = before + 1.0 - having[given[j]], cost[j + 1] + skip[i], cost[j] + 1.0
            least = min(both, place, between)
            moves[i + 1, j + 1] = PLACE_ONLY if place == least else (WORD_ONLY if between == least else BOTH)
            before, cost[j + 1] = cost[j + 1], least
        for k in range(offset[i], offset[i + 1]):
            having[word[k]] = 0.0
