"""Plane geometry that consolidation and quality share: overlaps of boxes, polygons and lines.

Here: boxes and bounds, candidate pairs, polygons (even-odd rule, so that self-crossing outlines have a meaning too),
polylines resampled by length, simplification. Elsewhere: lengths along lines (`scan_lines.py`), outlines of pixel
regions (`contours.py`), matching (`matching.py`). Boxes are (left, top, right, bottom) here, and left, top, width,
height in annotations. Units are pixels, or whatever the annotations use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.scan_lines import lengths_inside, row_crossings

if TYPE_CHECKING:
    from jaxtyping import Float64

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SCAN_LINES = 128  # lines an area is measured with: errors of IoU stay near 1e-3 for drawn outlines


def paired_box_iou(first: Float64[Floats, "P 4"], second: Float64[Floats, "P 4"]) -> Float64[Floats, " P"]:
    """(P,) intersection over union of boxes (P, 4) with boxes (P, 4). Boxes without area match only their equals."""
    low = np.maximum(first[:, :2], second[:, :2])
    high = np.minimum(first[:, 2:], second[:, 2:])
    shared = np.clip(high - low, 0.0, None).prod(axis=1)
    union = box_area(first) + box_area(second) - shared
    same = (first == second).all(axis=1)
    return np.asarray(np.where(union > 0.0, shared / np.where(union > 0.0, union, 1.0), same.astype(np.float64)))


def box_iou(first: Float64[Floats, "A 4"], second: Float64[Floats, "B 4"]) -> Float64[Floats, "A B"]:
    """(A, B) intersection over union of every box of (A, 4) with every box of (B, 4)."""
    a, b = np.repeat(first, len(second), axis=0), np.tile(second, (len(first), 1))
    return paired_box_iou(a, b).reshape(len(first), len(second))


def box_area(boxes: Float64[Floats, "A 4"]) -> Float64[Floats, " A"]:
    """(A,) areas of boxes (A, 4)."""
    return np.clip(boxes[:, 2] - boxes[:, 0], 0.0, None) * np.clip(boxes[:, 3] - boxes[:, 1], 0.0, None)


def overlapping_pairs(bounds: Floats) -> tuple[Ints, Ints]:
    """Pairs (P,), (P,) of indices i < j whose bounds (A, 4) touch, found by a sweep from left to right."""
    order = np.argsort(bounds[:, 0], kind="stable")
    left, right = bounds[order, 0], bounds[order, 2]
    ends = np.searchsorted(left, right, side="right")
    counts = np.maximum(ends - np.arange(1, len(order) + 1), 0)
    first = np.repeat(np.arange(len(order)), counts)
    start = np.repeat(np.cumsum(counts) - counts, counts)
    second = first + 1 + np.arange(counts.sum()) - start
    i, j = order[first], order[second]
    touch = (bounds[i, 1] <= bounds[j, 3]) & (bounds[j, 1] <= bounds[i, 3])
    i, j = i[touch], j[touch]
    return np.minimum(i, j), np.maximum(i, j)


def bounds_of(points: Floats) -> Floats:
    """(4,) left, top, right, bottom of points (V, 2)."""
    return np.concatenate((points.min(axis=0), points.max(axis=0)))


def polygon_iou(first: Float64[Floats, "V 2"], second: Float64[Floats, "U 2"]) -> float:
    """Intersection over union of two outlines (V, 2) and (U, 2) under the even-odd rule; exact for equal outlines."""
    if first.shape == second.shape and np.array_equal(first, second):
        return 1.0
    a, b = bounds_of(first), bounds_of(second)
    if a[0] > b[2] or b[0] > a[2] or a[1] > b[3] or b[1] > a[3]:
        return 0.0
    top, bottom = min(a[1], b[1]), max(a[3], b[3])
    rows = top + (np.arange(_SCAN_LINES) + 0.5) * (bottom - top) / _SCAN_LINES
    own, other, shared = lengths_inside(first, second, rows)
    union = own + other - shared
    return min(shared / union, 1.0) if union > 0.0 else 0.0


def rasterize_polygon(polygon: Floats, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """(len(y), len(x)) which grid points lie inside the outline (V, 2), by the even-odd rule. x and y ascend."""
    crossings = row_crossings(polygon, y)
    inside = np.zeros((len(y), len(x) + 1), np.int64)
    rows, edges = np.nonzero(np.isfinite(crossings))
    np.add.at(inside, (rows, np.searchsorted(x, crossings[rows, edges], side="left")), 1)
    return np.asarray(np.cumsum(inside, axis=1)[:, :-1] % 2 == 1)


def resample_line(points: Floats, count: int) -> Floats:
    """(count, 2) points at equal steps of length along the polyline (V, 2). A line without length repeats its point."""
    steps = np.hypot(*np.diff(points, axis=0).T) if len(points) > 1 else np.zeros(0)
    along = np.concatenate(([0.0], np.cumsum(steps)))
    at = np.linspace(0.0, along[-1], count)
    if along[-1] == 0.0:
        return np.repeat(points[:1], count, axis=0)
    return np.stack((np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])), axis=1)


def line_length(points: Floats) -> float:
    """Length of the polyline (V, 2)."""
    return float(np.hypot(*np.diff(points, axis=0).T).sum()) if len(points) > 1 else 0.0


def simplify_line(points: Floats, tolerance: float) -> Floats:
    """The fewest points of the polyline (V, 2) that keep every dropped one within `tolerance` of the result.

    Source: Ramer 1972, doi:10.1016/S0146-664X(72)80017-0; Douglas & Peucker 1973, doi:10.3138/FM57-6770-U75U-7727.
    """
    keep = np.zeros(len(points), np.bool_)
    keep[[0, -1]] = True
    open_spans = [(0, len(points) - 1)]
    while open_spans:
        start, end = open_spans.pop()
        if end - start < 2:
            continue
        away = _distance_to_segment(points[start + 1 : end], points[start], points[end])
        worst = int(np.argmax(away))
        if away[worst] > tolerance:
            middle = start + 1 + worst
            keep[middle] = True
            open_spans += [(start, middle), (middle, end)]
    return points[keep]


def _distance_to_segment(points: Floats, start: Floats, end: Floats) -> Floats:
    """(V,) distances of points (V, 2) from the segment between two points (2,)."""
    along = end - start
    length = float(along @ along)
    t = np.clip((points - start) @ along / length, 0.0, 1.0) if length > 0.0 else np.zeros(len(points))
    return np.asarray(np.hypot(*(points - start - t[:, None] * along).T))
