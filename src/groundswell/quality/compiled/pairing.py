"""The loop of `groundswell.quality.pairing`, where it is described."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def pair_rows(cost: Floats, column: Ints) -> None:
    height, width = cost.shape
    row_of = np.full(width, -1, np.int64)
    row_price, column_price = np.zeros(height), np.zeros(width)
    length, came_from, reached = np.empty(width), np.empty(width, np.int64), np.empty(width, np.bool_)
    for first in range(height):
        length[:], reached[:] = np.inf, False
        row, passed, end = first, 0.0, -1
        while end < 0:
            # Dijkstra's step: the nearest column not reached yet, by costs that prices keep from being negative.
            nearest = -1
            for j in range(width):
                if reached[j]:
                    continue
                through = passed + cost[row, j] - row_price[row] - column_price[j]
                if through < length[j]:
                    length[j], came_from[j] = through, row
                if nearest < 0 or length[j] < length[nearest] or (length[j] == length[nearest] and row_of[j] < 0):
                    nearest = j
            passed, reached[nearest] = length[nearest], True
            if row_of[nearest] < 0:
                end = nearest
            else:
                row = row_of[nearest]
        row_price[first] += passed
        for j in range(width):
            if reached[j]:
                column_price[j] -= passed - length[j]
                if row_of[j] >= 0:
                    row_price[row_of[j]] += passed - length[j]
        while end >= 0:
            row = came_from[end]
            row_of[end] = row
            column[row], end = end, column[row] if row != first else -1
