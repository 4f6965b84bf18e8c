"""Outlines of the region where a field over a grid is high: how many drawn shapes become one again.

Here: marching squares with linear interpolation, and the ring of largest area. Elsewhere: drawing outlines onto grids
(`geometry.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# For each of the 16 patterns of a cell's corners above the level (1 top left, 2 top right, 4 bottom right, 8 bottom
# left): pairs of cell sides (0 top, 1 right, 2 bottom, 3 left) a segment joins, with the high side on the right hand.
_SEGMENTS = (
    (), ((3, 0),), ((0, 1),), ((3, 1),), ((1, 2),), ((3, 0), (1, 2)), ((0, 2),), ((3, 2),),
    ((2, 3),), ((2, 0),), ((0, 1), (2, 3)), ((2, 1),), ((1, 3),), ((1, 0),), ((0, 3),), (),
)  # fmt: skip


def largest_ring(field: Floats, level: float) -> Floats | None:
    """The outline (V, 2) in (column, row) grid units of the largest region where field (H, W) exceeds `level`.

    The border of the field counts as below the level. None when nothing exceeds it.
    Source: marching squares, Lorensen & Cline 1987 (the plane case), doi:10.1145/37402.37422.
    """
    rings = _rings(np.pad(field, 1, constant_values=min(float(field.min(initial=0.0)), level - 1.0)), level)
    return max(rings, key=lambda ring: abs(ring_area(ring))) - 1.0 if rings else None


def ring_area(ring: Floats) -> float:
    """Signed area within a closed outline (V, 2)."""
    x, y = ring[:, 0], ring[:, 1]
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2.0


def _rings(field: Floats, level: float) -> list[Floats]:
    above = field > level
    cell = (above[:-1, :-1] * 1 + above[:-1, 1:] * 2 + above[1:, 1:] * 4 + above[1:, :-1] * 8).astype(np.int64)
    following = {}
    for row, column in np.argwhere((cell > 0) & (cell < 15)).tolist():
        for start, end in _SEGMENTS[cell[row, column]]:
            following[_edge(row, column, start)] = _edge(row, column, end)
    rings = []
    while following:
        first, edge = following.popitem()
        ring = [first]
        while edge != first:
            ring.append(edge)
            edge = following.pop(edge)
        rings.append(np.array([_crossing(field, level, edge) for edge in ring]))
    return rings


def _edge(row: int, column: int, side: int) -> tuple[int, int, int]:
    """The grid edge on a side of a cell: its upper or left end, and 1 when it runs down."""
    return (row + (side == 2), column + (side == 1), side % 2)


def _crossing(field: Floats, level: float, edge: tuple[int, int, int]) -> tuple[float, float]:
    """Where the field meets the level on an edge, as (column, row)."""
    row, column, down = edge
    here, there = field[row, column], field[row + down, column + 1 - down]
    part = float((level - here) / (there - here))
    return (column + part * (1 - down), row + part * down)
