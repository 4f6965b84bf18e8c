"""The best one-to-one pairing of two lists, given what each pair is worth."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def best_pairing(worth: Floats) -> tuple[Ints, Ints]:
    """Rows and columns of the pairs with the largest total worth; every member of the shorter list has a pair.

    worth : (A, B), finite.     Rows ascend. Time: min(A, B)² max(A, B).
    Source: shortest augmenting paths, as in Crouse 2016, On implementing 2D rectangular assignment algorithms,
    doi:10.1109/TAES.2016.140952, after Jonker & Volgenant 1987, doi:10.1007/BF02278710.
    """
    if worth.shape[0] > worth.shape[1]:
        columns, rows = best_pairing(worth.T)
        order = np.argsort(rows)
        return rows[order], columns[order]
    column = np.empty(worth.shape[0], np.int64)
    _pair(-np.ascontiguousarray(worth, np.float64), column)
    return np.arange(len(column)), column


@njit(cache=True, nogil=True)
def _pair(cost: Floats, column: Ints) -> None:
    """The column of each row in the cheapest pairing. cost : (A, B), A <= B."""
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
