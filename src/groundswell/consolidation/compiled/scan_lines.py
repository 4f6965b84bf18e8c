"""The loop of `groundswell.consolidation.scan_lines`, where it is described."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def measure_lines(first: Floats, second: Floats, rows: Floats) -> tuple[float, float, float]:
    a, b = np.empty(first.shape[0]), np.empty(second.shape[0])
    own, other, shared = 0.0, 0.0, 0.0
    for y in rows:
        n, m = _crossings(first, y, a), _crossings(second, y, b)
        for i in range(0, n - 1, 2):
            own += a[i + 1] - a[i]
        for j in range(0, m - 1, 2):
            other += b[j + 1] - b[j]
        i, j = 0, 0
        while i + 1 < n and j + 1 < m:
            shared += max(min(a[i + 1], b[j + 1]) - max(a[i], b[j]), 0.0)
            if a[i + 1] < b[j + 1]:
                i += 2
            else:
                j += 2
    return own, other, shared


@njit(cache=True, nogil=True)
def _crossings(outline: Floats, y: float, x: Floats) -> int:
    """How often an outline crosses a line, and where, ascending, in the first places of x."""
    size, found = outline.shape[0], 0
    for v in range(size):
        x0, y0 = outline[v, 0], outline[v, 1]
        x1, y1 = outline[(v + 1) % size, 0], outline[(v + 1) % size, 1]
        if (y0 <= y) != (y1 <= y):
            at, place = x0 + (y - y0) / (y1 - y0) * (x1 - x0), found
            while place and x[place - 1] > at:  # crossings are few: insertion is the quickest way to keep them sorted
                x[place] = x[place - 1]
                place -= 1
            x[place] = at
            found += 1
    return found
