"""The best one-to-one pairing of two lists, given what each pair is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.fast import twinned

if TYPE_CHECKING:
    from jaxtyping import Float64, Int64

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def best_pairing(worth: Float64[Floats, "A B"]) -> tuple[Ints, Ints]:
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
    pair_rows(-np.ascontiguousarray(worth, np.float64), column)
    return np.arange(len(column)), column


@twinned(lambda cost, column: cost.size)
def pair_rows(cost: Float64[Floats, "A B"], column: Int64[Ints, " A"]) -> None:
    """The column of each row in the cheapest pairing, into column (A,). cost : (A, B), A <= B."""
    height, width = cost.shape
    row_of = np.full(width, -1)
    row_price, column_price = np.zeros(height), np.zeros(width)
    for first in range(height):
        length, came_from = np.full(width, np.inf), np.zeros(width, np.int64)
        reached = np.zeros(width, np.bool_)
        row, passed = first, 0.0
        while True:
            # Dijkstra's step: the nearest column not reached yet, by costs that prices keep from being negative.
            through = passed + cost[row] - row_price[row] - column_price
            nearer = ~reached & (through < length)
            length[nearer], came_from[nearer] = through[nearer], row
            nearest = _nearest(length, reached, row_of)
            passed, reached[nearest] = float(length[nearest]), True
            if row_of[nearest] < 0:
                break
            row = int(row_of[nearest])
        row_price[first] += passed
        column_price[reached] -= passed - length[reached]
        taken = reached & (row_of >= 0)
        row_price[row_of[taken]] += passed - length[taken]
        _turn_around(nearest, first, row_of, came_from, column)


def _nearest(length: Floats, reached: NDArray[np.bool_], row_of: Ints) -> int:
    """The column not reached that is nearest; of equals the last one without a row, else the first."""
    away = np.where(reached, np.inf, length)
    nearest = np.flatnonzero((away == away.min()) & ~reached)
    free = nearest[row_of[nearest] < 0]
    return int(free[-1] if free.size else nearest[0])


def _turn_around(end: int, first: int, row_of: Ints, came_from: Ints, column: Ints) -> None:
    """Give the rows along the path to `end` the columns they came by, back to the row that had none."""
    column[first] = -1
    while end >= 0:
        row = int(came_from[end])
        row_of[end] = row
        column[row], end = end, int(column[row]) if row != first else -1
