"""Passes over planes: where a number lies, its share of a neighbourhood, the distance to a region's end.

Elsewhere: the loops for large planes (`compiled/pixels.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.fast import LARGE, MANY_PIXELS, twinned

if TYPE_CHECKING:
    from jaxtyping import Bool, Float64

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


_NARROW = 128  # pixels


def windows_of(plane: NDArray[np.integer], size: int) -> list[tuple[slice, slice] | None]:
    """The smallest rows and columns that hold each of the numbers 1 to `size` of a plane (H, W); None where absent."""
    bounds = np.empty((size, 4), np.int64)
    measure_bounds(np.ascontiguousarray(plane, np.int32), bounds)
    return [(slice(a, b), slice(c, d)) if b else None for a, b, c, d in bounds.tolist()]


def share_near(plane: NDArray[np.uint8], number: int, at: Mask, side: int) -> NDArray[np.float32]:
    """(D,) share of the pixels with `number` in the square of `side` pixels around each pixel of `at` (H, W).

    Beyond its border the plane goes on with the pixels on the border. In reading order, as plane[at].
    """
    share = np.empty(np.count_nonzero(at), np.float32)
    measure_share(np.ascontiguousarray(plane), number, np.ascontiguousarray(at), side, share)
    return share


def distance_to_outside(inside: Bool[Mask, "H W"]) -> Float64[Floats, "H W"]:
    """(H, W) Euclidean distance in cells of each pixel to the nearest one that is not inside; infinite if none is.

    Exact, in time linear in the pixels: distances along columns, then the lower envelope of the parabolas of each row.
    Source: Felzenszwalb & Huttenlocher 2012, Distance Transforms of Sampled Functions, Theory of Computing 8(19),
    415-428, doi:10.4086/toc.2012.v008a019.
    """
    distance = np.empty(inside.shape)
    measure_distances(np.ascontiguousarray(inside), distance)
    return distance


@twinned(lambda plane, bounds: plane.size, least=MANY_PIXELS)
def measure_bounds(plane: NDArray[np.int32], bounds: NDArray[np.int64]) -> None:
    """Top, bottom, left and right of each number; bottom 0 where it does not occur. Writes into bounds (A, 4)."""
    y, x = np.nonzero((plane > 0) & (plane <= len(bounds)))
    number = plane[y, x] - 1
    bounds[:] = (plane.shape[0], 0, plane.shape[1], 0)
    for column, least, at in ((0, np.minimum, y), (1, np.maximum, y + 1), (2, np.minimum, x), (3, np.maximum, x + 1)):
        least.at(bounds[:, column], number, at)


@twinned(lambda plane, number, at, side, share: plane.size, least=MANY_PIXELS)
def measure_share(plane: NDArray[np.uint8], number: int, at: Mask, side: int, share: NDArray[np.float32]) -> None:
    """`share_near` of plane (H, W) into share (D,)."""
    before = side // 2
    padded = np.pad(plane == number, (before, side - 1 - before), mode="edge")
    sums = np.pad(padded.cumsum(axis=0, dtype=np.int64).cumsum(axis=1), ((1, 0), (1, 0)))
    total = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    share[:] = total[at] / (side * side)


@twinned(lambda inside, distance: inside.size, least=4 * LARGE)
def measure_distances(inside: Bool[Mask, "H W"], distance: Float64[Floats, "H W"]) -> None:
    """`distance_to_outside` of inside (H, W) into distance (H, W)."""
    rows = np.arange(len(inside))[:, None]
    above = np.maximum.accumulate(np.where(inside, -np.inf, rows), axis=0)
    below = np.minimum.accumulate(np.where(inside, np.inf, rows)[::-1], axis=0)[::-1]
    square = np.minimum(rows - above, below - rows) ** 2
    if square.shape[1] <= _NARROW:  # all parabolas at all places cost less than finding the lowest
        columns = np.arange(square.shape[1])
        away = (columns[:, None] - columns) ** 2
        for y, row in enumerate(square):
            distance[y] = np.sqrt((row + away).min(axis=1, initial=np.inf))
    else:
        distance[:] = np.sqrt(_lowest_parabolas(np.ascontiguousarray(square.T))).T


def _lowest_parabolas(square: Floats) -> Floats:
    """(W, H) the least square[c, y] + (x - c)² over c, for each x and y, by the lower envelope of all rows at once.

    Columns without a pixel outside (infinite squares) have no parabola.
    """
    width, height = square.shape
    rows = np.arange(height)
    centre, start = np.zeros((width, height), np.int64), np.full((width + 1, height), np.inf)
    count = np.zeros(height, np.int64)
    for c in range(width):
        open_rows = rows[np.isfinite(square[c])]
        crossing = np.full(height, -np.inf)
        while (held := open_rows[count[open_rows] > 0]).size:
            last = centre[count[held] - 1, held]
            at = ((square[c, held] + c * c) - (square[last, held] + last * last)) / (2.0 * (c - last))
            crossing[held] = at
            open_rows = held[at <= start[count[held] - 1, held]]
            count[open_rows] -= 1
        added = rows[np.isfinite(square[c])]
        centre[count[added], added] = c
        start[count[added], added] = np.where(count[added] > 0, crossing[added], -np.inf)
        count[added] += 1
        start[count, rows] = np.inf
    return _read_envelope(square, centre, start, count)


def _read_envelope(square: Floats, centre: NDArray[np.int64], start: Floats, count: NDArray[np.int64]) -> Floats:
    """(W, H) the value of the lowest parabola at each x; `start` (W + 1, H) is whence each is lowest, then infinite."""
    width, height = square.shape
    rows, part = np.arange(height), np.zeros(height, np.int64)
    least = np.full(square.shape, np.inf)
    for x in range(width):
        while (later := np.flatnonzero(start[part + 1, rows] < x)).size:
            part[later] += 1
        some = np.flatnonzero(count)
        at = centre[part[some], some]
        least[x, some] = square[at, some] + (x - at) ** 2
    return least
