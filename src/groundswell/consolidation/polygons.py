"""Polygons of many workers into one list of polygons with a confidence each.

An answer is a list of {"label", "vertices": [{"x", "y"}, ...]} in pixels, at least three vertices each. Workers place
different numbers of corners at different spots, so corners cannot be averaged: distances to the outlines are, on a fine
grid, and the outline midway is traced and simplified. How polygons match and exist: `instances.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import read_field, read_label, read_points
from groundswell.consolidation.contours import largest_ring
from groundswell.consolidation.geometry import bounds_of, polygon_iou, rasterize_polygon, simplify_line
from groundswell.consolidation.instance_tables import Items, Shape
from groundswell.consolidation.instances import InstanceConsolidator, Placement
from groundswell.consolidation.regions import fit_misses, merge_sites, signed_distance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FINE, _COARSE = 128, 64  # cells along the longer side of the grid, for labels and for judging workers
_FAR = 0.05  # of the longer side, from which on distances count little
_BEYOND = 0.02  # how much they count from there on, so that ties between far outlines still meet midway
_TOLERANCE = 0.75  # of a cell: corners closer than this to the line between their neighbours are dropped


class PolygonPlacement:
    """Outlines midway between the workers', weighted by each worker's precision."""

    def __init__(self, misses: Floats) -> None:
        self.misses = misses

    def place(self, items: Items) -> Sequence[Shape]:
        """(sites) outlines (V, 2)."""
        return merge_sites(items, self.misses, merge_polygons)


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
        return np.array([polygon_iou(shapes[i], shapes[j]) for i, j in zip(first, second, strict=True)], np.float64)

    def fit(self, items: Items, sure: Floats) -> Placement:
        """Each worker's mean distance from the outlines midway."""
        return PolygonPlacement(
            fit_misses(items, sure, merge=partial(merge_polygons, cells=_COARSE), likeness=polygon_iou)
        )


class PolygonConsolidator(InstanceConsolidator):
    """Consolidates polygons; an answer is a list of {"label", "vertices": [{"x", "y"}, ...]}."""

    kind = PolygonKind()


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
