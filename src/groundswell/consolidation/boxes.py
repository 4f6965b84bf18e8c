"""Bounding boxes of many workers into one list of boxes with a confidence each.

An answer is a list of {"label", "left", "top", "width", "height"} in pixels; "label" may be left out where there is
one class. Boxes match by intersection over union; edges are means weighted by each worker's precision, in units of the
box's own width and height. How boxes match, exist and get a class: `instances.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from groundswell.consolidation.answers import FARTHEST, read_field, read_label, read_number
from groundswell.consolidation.coordinates import Precision, fit_precision
from groundswell.consolidation.geometry import paired_box_iou
from groundswell.consolidation.instance_tables import Items, Shape
from groundswell.consolidation.instances import Floats, InstanceConsolidator, Ints, Placement

_CROWD_VARIANCE = 0.01  # of an edge before any data: a tenth of the box's size, squared


class BoxPlacement:
    """Edges as precision-weighted means."""

    def __init__(self, precision: Precision) -> None:
        self.precision = precision

    def place(self, items: Items) -> Sequence[Shape]:
        """(sites) boxes (4,)."""
        if not items.n_sites:
            return []
        given = np.stack(items.shapes)
        scale = box_scale(given, items.site, items.n_sites)
        return list(self.precision.centres(given, items.site, items.worker, scale))


class BoxKind:
    """Boxes as arrays (4,): left, top, right, bottom."""

    what = "boxes"

    def read(self, item: Mapping[str, Any], *, where: str) -> tuple[str, Shape]:
        """Class and edges. Raises: InvalidVotes for missing fields, no numbers, negative sizes."""
        left, top = (read_number(read_field(item, key, where=where), name=key, where=where) for key in ("left", "top"))
        width, height = (
            read_number(read_field(item, key, where=where), name=key, where=where, least=0.0, most=FARTHEST)
            for key in ("width", "height")
        )
        return read_label(item, where=where), np.array([left, top, left + width, top + height])

    def write(self, label: str, shape: Shape) -> dict[str, Any]:
        """The box as annotations have it."""
        left, top, right, bottom = shape.tolist()
        return {"label": label, "left": left, "top": top, "width": right - left, "height": bottom - top}

    def bounds(self, shapes: Sequence[Shape]) -> Floats:
        """The boxes themselves."""
        return np.stack(shapes)

    def similarity(self, shapes: Sequence[Shape], first: Ints, second: Ints) -> Floats:
        """Intersection over union."""
        boxes = np.stack(shapes)
        return paired_box_iou(boxes[first], boxes[second])

    def fit(self, items: Items, sure: Floats) -> Placement:
        """Each worker's variance for each edge."""
        crowd = np.full(4, _CROWD_VARIANCE)
        if not items.n_sites:
            return BoxPlacement(Precision.unfitted(crowd, items.n_workers))
        given = np.stack(items.shapes)
        scale = box_scale(given, items.site, items.n_sites)
        return BoxPlacement(
            fit_precision(given, items.site, items.worker, sure, scale, n_workers=items.n_workers, crowd=crowd)
        )


class BoxConsolidator(InstanceConsolidator):
    """Consolidates boxes; an answer is a list of {"label", "left", "top", "width", "height"}.

    Source: Branson, Van Horn & Perona 2017, doi:10.1109/CVPR.2017.647, changed as `existence.py` says.
    """

    kind = BoxKind()


def box_scale(given: Floats, site: Ints, n_sites: int) -> Floats:
    """(sites, 4) mean width and height of each site's boxes, for horizontal and vertical edges; at least a pixel."""
    members = np.maximum(np.bincount(site, minlength=n_sites), 1)
    width = np.bincount(site, given[:, 2] - given[:, 0], n_sites) / members
    height = np.bincount(site, given[:, 3] - given[:, 1], n_sites) / members
    return np.maximum(np.stack((width, height, width, height), axis=1), 1.0)
