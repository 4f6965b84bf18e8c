"""Areas of outlines and of what two share, measured along lines.

Elsewhere: what it is used for (`geometry.py`), the loop for many outlines (`compiled/scan_lines.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.fast import LARGE, twinned

Floats = NDArray[np.float64]


def lengths_inside(first: Floats, second: Floats, rows: Floats) -> tuple[float, float, float]:
    """Sums over the lines y = rows[s] of the lengths inside one outline (V, 2), inside another (U, 2), and inside both.

    Inside by the even-odd rule; edges are half-open in y, so that a line through a corner counts it once.
    """
    return measure_lines(np.ascontiguousarray(first), np.ascontiguousarray(second), np.ascontiguousarray(rows))


@twinned(lambda first, second, rows: (len(first) + len(second)) * rows.size, least=16 * LARGE)
def measure_lines(first: Floats, second: Floats, rows: Floats) -> tuple[float, float, float]:
    """See `lengths_inside`."""
    a, b = row_crossings(first, rows), row_crossings(second, rows)
    x = np.concatenate((a, b), axis=1)
    order = np.argsort(x, axis=1, kind="stable")
    x = np.take_along_axis(x, order, axis=1)
    in_first = np.cumsum(order < a.shape[1], axis=1)[:, :-1] % 2 == 1
    in_second = np.cumsum(order >= a.shape[1], axis=1)[:, :-1] % 2 == 1
    ends = np.isfinite(x[:, 1:])
    length = np.where(ends, x[:, 1:], 0.0) - np.where(ends, x[:, :-1], 0.0)
    own, other, shared = (float(length[where].sum()) for where in (in_first, in_second, in_first & in_second))
    return own, other, shared


def row_crossings(polygon: Floats, rows: Floats) -> Floats:
    """(S, V) x at which each edge of polygon (V, 2) crosses each line y = rows[s], ascending; +inf where it does not.

    Edges are half-open in y, so that a line through a corner counts it once: crossings pair up to inside intervals.
    """
    x0, y0 = polygon[:, 0], polygon[:, 1]
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    line = rows[:, None]
    crosses = (y0 <= line) != (y1 <= line)
    rise = np.where(y1 == y0, 1.0, y1 - y0)
    x = x0 + (line - y0) / rise * (x1 - x0)
    return np.sort(np.where(crosses, x, np.inf), axis=1)
