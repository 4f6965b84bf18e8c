"""The loops of `groundswell.consolidation.pixels`, where each is described."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def measure_bounds(plane: NDArray[np.int32], bounds: NDArray[np.int64]) -> None:
    height, width = plane.shape
    for i in range(bounds.shape[0]):
        bounds[i, 0], bounds[i, 1], bounds[i, 2], bounds[i, 3] = height, 0, width, 0
    for y in range(height):
        for x in range(width):
            number = plane[y, x]
            if 0 < number <= bounds.shape[0]:
                b = bounds[number - 1]
                b[0], b[1], b[2], b[3] = min(b[0], y), y + 1, min(b[2], x), max(b[3], x + 1)


@njit(cache=True, nogil=True)
def measure_share(plane: NDArray[np.uint8], number: int, at: Mask, side: int, share: NDArray[np.float32]) -> None:
    height, width = plane.shape
    before = side // 2
    after = side - 1 - before
    # Sums over the rows in reach, then along the row, both moved on by what enters and what leaves.
    column = np.zeros(width, np.int64)
    for y in range(-before, after + 1):
        for x in range(width):
            column[x] += plane[min(max(y, 0), height - 1), x] == number
    done = 0
    for y in range(height):
        total = 0
        for x in range(-before, after + 1):
            total += column[min(max(x, 0), width - 1)]
        enters, leaves = min(y + 1 + after, height - 1), max(y - before, 0)
        for x in range(width):
            if at[y, x]:
                share[done] = total / (side * side)
                done += 1
            total += column[min(x + 1 + after, width - 1)] - column[max(x - before, 0)]
        for x in range(width):
            column[x] += int(plane[enters, x] == number) - int(plane[leaves, x] == number)


@njit(cache=True, nogil=True)
def measure_distances(inside: Mask, distance: Floats) -> None:
    height, width = inside.shape
    for y in range(height):
        for x in range(width):
            above = distance[y - 1, x] if y else np.inf
            distance[y, x] = above + 1.0 if inside[y, x] else 0.0
    for y in range(height - 2, -1, -1):
        for x in range(width):
            distance[y, x] = min(distance[y, x], distance[y + 1, x] + 1.0)
    square, centre, start = np.empty(width), np.empty(width, np.int64), np.empty(width + 1)
    for y in range(height):
        for x in range(width):
            square[x] = distance[y, x] * distance[y, x]
        lowest_parabolas(square, centre, start, distance[y])


@njit(cache=True, nogil=True)
def lowest_parabolas(square: Floats, centre: NDArray[np.int64], start: Floats, row: Floats) -> None:
    """row[x] = sqrt of the least square[c] + (x - c)²; `centre` lists the c of the lowest parabolas, `start` whence.

    Columns without a pixel outside (infinite squares) have no parabola.
    """
    count = 0
    for c in range(square.size):
        if square[c] == np.inf:
            continue
        crossing = -np.inf
        while count:
            last = centre[count - 1]
            crossing = ((square[c] + c * c) - (square[last] + last * last)) / (2.0 * (c - last))
            if crossing > start[count - 1]:
                break
            count -= 1
        centre[count] = c
        start[count] = crossing if count else -np.inf
        count += 1
    part = 0
    for x in range(square.size):
        while part + 1 < count and start[part + 1] < x:
            part += 1
        row[x] = math.sqrt(square[centre[part]] + (x - centre[part]) ** 2) if count else np.inf
