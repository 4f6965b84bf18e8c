"""Polygons of many workers into one list of polygons with a confidence each.

An answer is a list of {"label", "vertices": [{"x", "y"}, ...]} in pixels, at least three vertices each. Workers place
different numbers of corners at different spots, so corners cannot be averaged: distances to the outlines are, on a fine
grid, and the outline midway is traced and simplified. Only where most agree on how many corners there are, and on
where, the corners are met: a quadrangle stays one. How polygons match and exist: `instances.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import read_field, read_label, read_points
from groundswell.consolidation.contours import largest_ring, ring_area
from groundswell.consolidation.fast import repeated
from groundswell.consolidation.geometry import bounds_of, polygon_iou, rasterize_polygon, simplify_line
from groundswell.consolidation.instance_tables import Items, Shape
from groundswell.consolidation.instances import InstanceConsolidator, Placement
from groundswell.consolidation.regions import fit_misses, merge_sites, signed_distance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FINE, _COARSE = 128, 64  # cells along the longer side of the grid, for labels and for judging workers
_FAR = 0.05  # of the longer side, from which on distances count little
_BEYOND = 0.02  # how much they count from there on, so that ties between far outlines still meet midway
_MOST_CORNERS = 64  # met one by one; outlines with more are drawn freely
_ASTRAY = 0.3  # of a side: corners that lie farther from those they belong to are not the same corners
_ALIKE = 0.75  # overlap with the outline midway, below which met corners are not believed
_TOLERANCE = 0.75  # of a cell: corners closer than this to the line between their neighbours are dropped


class PolygonPlacement:
    """Outlines midway between the workers', weighted by each worker's precision."""

    def __init__(self, misses: Floats) -> None:
        self.misses = misses

    def place(self, items: Items) -> Sequence[Shape]:
        """(sites) outlines (V, 2)."""
        return merge_sites(items, self.misses, merge_outlines)


class PolygonKind:
    """Polygons as arrays (V, 2)."""

    what = "polygons"

    def read(self, item: Mapping[str, Any], *, where: str) -> tuple[str, Shape]:
        """Class and vertices. Raises: InvalidVotes."""
        points = read_points(read_field(item, "vertices", where=where), least=3, where=where)
        return read_label(item, where=where), points

    def write(self, label: str, shape: Shape) -> dict[str, Any]:
        """The polygon as annotations have it."""
        return {"label": label, "vertices": [{"x": x, "y": y} for x, y in shape.tolist()]}

    def bounds(self, shapes: Sequence[Shape]) -> Floats:
        """Bounding boxes."""
        return np.stack([bounds_of(shape) for shape in shapes])

    def similarity(self, shapes: Sequence[Shape], first: Ints, second: Ints) -> Floats:
        """Intersection over union."""
        with repeated(max(len(first), 1)):
            return np.array([polygon_iou(shapes[i], shapes[j]) for i, j in zip(first, second, strict=True)], np.float64)

    def fit(self, items: Items, sure: Floats) -> Placement:
        """Each worker's mean distance from the outlines midway."""
        with repeated(max(len(items.shapes), 1)):
            misses = fit_misses(items, sure, merge=partial(merge_polygons, cells=_COARSE), likeness=polygon_iou)
        return PolygonPlacement(misses)


class PolygonConsolidator(InstanceConsolidator):
    """Consolidates polygons; an answer is a list of {"label", "vertices": [{"x", "y"}, ...]}."""

    kind = PolygonKind()


def merge_outlines(polygons: Sequence[Shape], weights: Floats) -> Shape:
    """As `merge_polygons`, with the corners that most outlines (by weight) have, where these are the same ones.

    polygons : outlines (V, 2).        weights : (m,), sum to 1.
    """
    midway = merge_polygons(polygons, weights)
    met = _meet_corners(polygons, weights)
    return met if met is not None and polygon_iou(met, midway) >= _ALIKE else midway


def _meet_corners(polygons: Sequence[Shape], weights: Floats) -> Shape | None:
    """(V, 2): the weighted means of corners that belong together; None where most do not agree on them."""
    counts = np.array([len(polygon) for polygon in polygons])
    share = {int(count): float(weights[counts == count].sum()) for count in np.unique(counts)}
    corners = max(share, key=lambda count: share[count])
    if share[corners] <= 0.5 or corners > _MOST_CORNERS:
        return None
    among = np.flatnonzero(counts == corners)
    turned = [_anticlockwise(polygons[i]) for i in among.tolist()]
    first = turned[int(np.argmax(weights[among]))]
    aligned = np.stack([_aligned(polygon, first) for polygon in turned])  # (m, V, 2)
    middle = np.median(aligned, axis=0)
    astray = np.linalg.norm(aligned - middle, axis=2).mean(axis=1)
    near = astray <= _ASTRAY * float(np.linalg.norm(middle - np.roll(middle, 1, axis=0), axis=1).mean())
    kept = weights[among] * near
    if kept.sum() <= 0.5:
        return None
    met: Shape = np.einsum("m,mvd->vd", kept / kept.sum(), aligned)
    return met


def _anticlockwise(polygon: Shape) -> Shape:
    return polygon if ring_area(polygon) >= 0.0 else polygon[::-1]


def _aligned(polygon: Shape, other: Shape) -> Shape:
    """The polygon (V, 2) beginning at the corner that brings it nearest to another of as many corners."""
    shifts = (np.arange(len(other))[:, None] + np.arange(len(other))) % len(other)  # (V, V)
    away = ((polygon[shifts] - other) ** 2).sum(axis=(1, 2))
    nearest: Shape = polygon[shifts[int(np.argmin(away))]]
    return nearest


def merge_polygons(polygons: Sequence[Shape], weights: Floats, *, cells: int = _FINE) -> Shape:
    """The outline (V, 2) midway between the outlines given, weighted.

    The zero level of the weighted mean of signed distances to each outline; far distances count little more than near
    ones, so that one outlier does not bend the rest. When nothing is left, the polygon most like the others.
    polygons : outlines (V, 2).        weights : (m,), sum to 1.        cells : of the grid along the longer side.
    Source: shape-based averaging, Rohlfing & Maurer 2007, doi:10.1109/TIP.2006.884936.
    """
    if all(np.array_equal(polygons[0], other) for other in polygons[1:]):
        return polygons[0]
    traced = _trace(polygons, weights, cells)
    if traced is not None:
        return traced
    likeness = [sum(w * polygon_iou(p, q) for w, q in zip(weights.tolist(), polygons, strict=True)) for p in polygons]
    return polygons[int(np.argmax(likeness))]


def _trace(polygons: Sequence[Shape], weights: Floats, cells: int) -> Shape | None:
    left, top, right, bottom = bounds_of(np.concatenate(polygons)).tolist()
    step = max(right - left, bottom - top) / cells
    if not step > 0.0:
        return None
    x, y = (
        low + (np.arange(int(np.ceil((high - low) / step)) + 2) - 0.5) * step
        for low, high in ((left, right), (top, bottom))
    )
    field, far = np.zeros((len(y), len(x))), _FAR * cells
    for polygon, weight in zip(polygons, weights.tolist(), strict=True):
        away = signed_distance(rasterize_polygon(polygon, x, y))
        field += weight * (np.clip(away, -far, far) + _BEYOND * away)
    ring = largest_ring(field, 0.0)
    if ring is None:
        return None
    closed = simplify_line(np.concatenate((ring, ring[:1])), _TOLERANCE)[:-1]
    return closed * step + [x[0], y[0]] if len(closed) >= 3 else None
