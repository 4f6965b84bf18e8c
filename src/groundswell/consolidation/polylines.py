"""Polylines and straight lines of many workers into one list with a confidence each.

An answer is a list of {"label", "vertices": [{"x", "y"}, ...]} in pixels, at least two vertices each; direction does
not matter. Lines are compared at equal steps of their length; they match while their mean distance is small against
their length. The consolidated line is the mean, step by step, weighted by each worker's precision, and simplified;
straight lines keep two ends. How lines match and exist: `instances.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import read_field, read_label, read_points
from groundswell.consolidation.geometry import bounds_of, line_length, resample_line, simplify_line
from groundswell.consolidation.instance_tables import Items, Shape
from groundswell.consolidation.instances import InstanceConsolidator, Placement
from groundswell.consolidation.regions import fit_misses, merge_sites

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_STEPS = 64  # points lines are compared at
_PAIRS = 10_000  # lines compared at once
_REACH = 0.25  # of the length: lines this far apart on average are not alike at all
_LEAST_REACH = 5.0  # pixels, for short lines
_TOLERANCE = 0.005  # of the length: corners closer to the line between their neighbours are dropped


class PolylinePlacement:
    """Lines as weighted means, step by step."""

    def __init__(self, misses: Floats) -> None:
        self.misses = misses

    def place(self, items: Items) -> Sequence[Shape]:
        """(sites) lines (V, 2)."""
        return merge_sites(items, self.misses, merge_lines)


class PolylineKind:
    """Lines as arrays (V, 2)."""

    what = "lines"

    def read(self, item: Mapping[str, Any], *, where: str) -> tuple[str, Shape]:
        """Class and vertices. Raises: InvalidVotes."""
        points = read_points(read_field(item, "vertices", where=where), least=2, where=where)
        return read_label(item, where=where), points

    def write(self, label: str, shape: Shape) -> dict[str, Any]:
        """The line as annotations have it."""
        return {"label": label, "vertices": [{"x": x, "y": y} for x, y in shape.tolist()]}

    def bounds(self, shapes: Sequence[Shape]) -> Floats:
        """Bounding boxes, widened by how far alike lines may lie apart."""
        reach = np.array([[_reach(shape)] for shape in shapes])
        return np.asarray(np.stack([bounds_of(shape) for shape in shapes]) + reach * [-1.0, -1.0, 1.0, 1.0])

    def similarity(self, shapes: Sequence[Shape], first: Ints, second: Ints) -> Floats:
        """One minus mean distance over reach, at least 0."""
        used = np.unique(np.concatenate((first, second)))
        points = np.zeros((len(shapes), _STEPS, 2))
        reach = np.zeros(len(shapes))
        for i in used.tolist():
            points[i], reach[i] = resample_line(shapes[i], _STEPS), _reach(shapes[i])
        parts = [slice(start, start + _PAIRS) for start in range(0, len(first), _PAIRS)]
        apart = [_apart(points[first[part]], points[second[part]]) for part in parts]
        mean = np.concatenate([np.zeros(0), *apart])
        return np.asarray(np.maximum(1.0 - mean / np.maximum((reach[first] + reach[second]) / 2.0, 1e-300), 0.0))

    def fit(self, items: Items, sure: Floats) -> Placement:
        """Each worker's mean unlikeness with the merged lines."""
        return PolylinePlacement(fit_misses(items, sure, merge=merge_lines, likeness=line_likeness))


class PolylineConsolidator(InstanceConsolidator):
    """Consolidates lines; an answer is a list of {"label", "vertices": [{"x", "y"}, ...]}. Two ends stay two ends."""

    kind = PolylineKind()


def line_likeness(first: Shape, second: Shape) -> float:
    """In [0, 1]: one minus the mean distance of points at equal steps over the reach, in the better direction."""
    return float(PolylineKind().similarity((first, second), np.array([0]), np.array([1]))[0])


def _apart(first: Floats, second: Floats) -> Floats:
    """(P,) mean distances of points of lines (P, steps, 2) with lines, in the better direction."""
    ways = [first - second, first - second[:, ::-1]]
    return np.asarray(np.minimum(*(np.hypot(way[..., 0], way[..., 1]).mean(axis=1) for way in ways)))


def merge_lines(lines: Sequence[Shape], weights: Floats) -> Shape:
    """The weighted mean line (V, 2), directed as the first. lines : (V, 2) each.   weights : (m,), sum to 1."""
    if all(np.array_equal(lines[0], other) for other in lines[1:]):
        return lines[0]
    straight = all(len(line) == 2 for line in lines)
    base = resample_line(lines[0], _STEPS)
    mean = np.zeros_like(base)
    for line, weight in zip(lines, weights.tolist(), strict=True):
        points = resample_line(line, _STEPS)
        flipped = np.hypot(*(points[::-1] - base).T).sum() < np.hypot(*(points - base).T).sum()
        mean += weight * (points[::-1] if flipped else points)
    return mean[[0, -1]] if straight else simplify_line(mean, _TOLERANCE * max(line_length(mean), 1.0))


def _reach(line: Shape) -> float:
    return max(_REACH * line_length(line), _LEAST_REACH)
