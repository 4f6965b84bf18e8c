"""Keypoints of many workers into one list of points with a confidence each.

An answer is a list of {"label", "x", "y"} in pixels. Points match while they lie within `reach` pixels of each other;
set it to the size of the thing pointed at. The consolidated point is the mean weighted by each worker's precision. How
points match and exist: `instances.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import read_field, read_label, read_number, require
from groundswell.consolidation.coordinates import Precision, fit_precision
from groundswell.consolidation.instance_tables import Items, Shape
from groundswell.consolidation.instances import InstanceConsolidator, Placement

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FIRST_VARIANCE = 16.0  # pixels squared, of a point before any data


class KeypointPlacement:
    """Points as precision-weighted means."""

    def __init__(self, precision: Precision) -> None:
        self.precision = precision

    def place(self, items: Items) -> Sequence[Shape]:
        """(sites) points (2,)."""
        if not items.n_sites:
            return []
        scale = np.ones((items.n_sites, 2))
        return list(self.precision.centres(np.stack(items.shapes), items.site, items.worker, scale))


class KeypointKind:
    """Points as arrays (2,). `reach` is the distance in pixels at which two points are no longer alike."""

    what = "keypoints"

    def __init__(self, reach: float) -> None:
        self.reach = reach

    def read(self, item: Mapping[str, Any], *, where: str) -> tuple[str, Shape]:
        """Class and point. Raises: InvalidVotes."""
        require(
            0.0 < self.reach < np.inf, f"reach must be a distance in pixels above 0, not {self.reach!r}", field="reach"
        )
        point = [read_number(read_field(item, axis, where=where), name=axis, where=where) for axis in "xy"]
        return read_label(item, where=where), np.array(point)

    def write(self, label: str, shape: Shape) -> dict[str, Any]:
        """The point as annotations have it."""
        x, y = shape.tolist()
        return {"label": label, "x": x, "y": y}

    def bounds(self, shapes: Sequence[Shape]) -> Floats:
        """Squares whose sides are the reach."""
        points, half = np.stack(shapes), self.reach / 2.0
        return np.concatenate((points - half, points + half), axis=1)

    def similarity(self, shapes: Sequence[Shape], first: Ints, second: Ints) -> Floats:
        """One minus distance over reach, at least 0."""
        points = np.stack(shapes)
        apart = np.hypot(*(points[first] - points[second]).T)
        return np.asarray(np.clip(1.0 - apart / self.reach, 0.0, 1.0))

    def fit(self, items: Items, sure: Floats) -> Placement:
        """Each worker's variance in x and y."""
        crowd = np.full(2, _FIRST_VARIANCE)
        if not items.n_sites:
            return KeypointPlacement(Precision.unfitted(crowd, items.n_workers))
        scale = np.ones((items.n_sites, 2))
        given = np.stack(items.shapes)
        return KeypointPlacement(
            fit_precision(given, items.site, items.worker, sure, scale, n_workers=items.n_workers, crowd=crowd)
        )


class KeypointConsolidator(InstanceConsolidator):
    """Consolidates keypoints; an answer is a list of {"label", "x", "y"}.

    reach : pixels between two workers' points at which they are no longer of one thing. Others as in
    `InstanceConsolidator`.
    """

    def __init__(
        self,
        *,
        labels: Sequence[str] | None = None,
        reach: float = 40.0,
        keep_at: float = 0.5,
        join_at: float | None = None,
    ) -> None:
        super().__init__(labels=labels, keep_at=keep_at, join_at=join_at)
        self.reach = reach
        self.kind = KeypointKind(reach)
