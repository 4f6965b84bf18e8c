"""Instance masks of many workers into one: which things exist, their class, and the pixels of each.

An answer is (plane, labels): an index plane, uint16 (H, W), 0 for background and i + 1 for the instance of class
labels[i]. Instances match by intersection over union, found from runs of pixels without drawing anything; the pixels
of a thing are those inside the outline midway between its workers', weighted by each worker's precision
(`regions.py`). Where things overlap, the smaller one lies on top. How instances match and exist: `instances.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import Answers, Consolidated, require
from groundswell.consolidation.instance_tables import Items, Shape
from groundswell.consolidation.instances import InstanceConsolidator, Placement
from groundswell.consolidation.pixels import windows_of
from groundswell.consolidation.regions import fit_misses, merge_sites, signed_distance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Plane = NDArray[np.uint16]
Answer = tuple[Plane, Sequence[str]]

_ROW = 1 << 32  # runs lie on one axis: row * _ROW + column


class InstanceMaskPlacement:
    """Regions inside the outline midway between the workers'."""

    def __init__(self, misses: Floats) -> None:
        self.misses = misses

    def place(self, items: Items) -> Sequence[Shape]:
        """(sites) runs (R, 3)."""
        return merge_sites(items, self.misses, merge_runs)


class InstanceMaskKind:
    """Regions as runs of pixels (R, 3): row, first column, column after the last; in reading order."""

    what = "instances"

    def read(self, item: Mapping[str, Any], *, where: str) -> tuple[str, Shape]:
        """Class and runs, as `instances_of` made them."""
        return item["label"], item["runs"]

    def write(self, label: str, shape: Shape) -> dict[str, Any]:
        """The inverse of `read`."""
        return {"label": label, "runs": shape}

    def bounds(self, shapes: Sequence[Shape]) -> Floats:
        """Bounding boxes."""
        return np.array(
            [[s[:, 1].min(), s[0, 0], s[:, 2].max(), s[-1, 0] + 1] if len(s) else [0, 0, 0, 0] for s in shapes],
            np.float64,
        )

    def similarity(self, shapes: Sequence[Shape], first: Ints, second: Ints) -> Floats:
        """Intersection over union of pixels."""
        return np.array([run_iou(shapes[i], shapes[j]) for i, j in zip(first, second, strict=True)], np.float64)

    def fit(self, items: Items, sure: Floats) -> Placement:
        """Each worker's mean distance from the merged regions."""
        return InstanceMaskPlacement(fit_misses(items, sure, merge=merge_runs, likeness=run_iou))


class InstanceMaskConsolidator(InstanceConsolidator):
    """Consolidates (plane, labels); the value has the same form. Details as in `InstanceConsolidator`."""

    kind = InstanceMaskKind()

    def check(self, value: Any, *, where: str) -> None:
        """Raises: InvalidVotes, unless the value is an index plane and a label for each of its instances."""
        require(
            isinstance(value, tuple | list) and len(value) == 2,
            f"an answer must be a pair (index plane, labels), but {where} has {type(value).__name__}",
        )
        plane, labels = value
        require(
            isinstance(plane, np.ndarray) and plane.ndim == 2 and plane.dtype.kind in "ui" and plane.size > 0,
            f"the first of an answer must be an index plane, an array (H, W) of integers, but {where} has "
            f"{type(plane).__name__}",
        )
        require(
            isinstance(labels, Sequence) and not isinstance(labels, (str, bytes)),
            f"the second of an answer must be a list of labels, but {where} has {labels!r}",
            field="label",
        )
        require(
            0 <= int(plane.min()) and int(plane.max()) <= len(labels),
            f"an index plane holds 0 to the number of labels, {len(labels)}, but {where} has {int(plane.max())}",
        )
        super().check([{"label": label, "runs": np.zeros((0, 3), np.int64)} for label in labels], where=where)

    def fit(self, objects: Sequence[Answers]) -> InstanceMaskConsolidator:
        """Estimate the workers. Raises: InvalidVotes."""
        super().fit([self._as_instances(answers, n)[0] for n, answers in enumerate(objects)])
        return self

    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's (plane, labels), in the order given. Raises: InvalidVotes."""
        read = [self._as_instances(answers, n) for n, answers in enumerate(objects)]
        results = super().consolidate_all([answers for answers, _ in read])
        return [
            Consolidated(None, 0.0, r.details)
            if shape is None
            else Consolidated(_painted(r.value, shape), r.confidence, r.details)
            for r, (_, shape) in zip(results, read, strict=True)
        ]

    def _as_instances(self, answers: Answers, n: int) -> tuple[dict[str, Any], tuple[int, int] | None]:
        shape: tuple[int, int] | None = None
        listed = {}
        for worker, value in answers.items():
            where = f"object {n}, worker {worker!r}"
            self.check(value, where=where)
            plane = value[0]
            require(
                shape is None or plane.shape == shape,
                f"all masks of an object must be {shape}, but {where} has {plane.shape}",
            )
            shape = plane.shape
            listed[worker] = instances_of(value)
        return listed, shape


def instances_of(answer: Answer) -> list[dict[str, Any]]:
    """The instances of a plane that have pixels, as {"label", "runs"}."""
    plane, labels = answer
    found = []
    for i, window in enumerate(windows_of(plane, len(labels))):
        if window is not None:
            corner = window[0].start, window[1].start
            found.append({"label": labels[i], "runs": runs_of(plane[window] == i + 1, corner)})
    return found


def runs_of(inside: NDArray[np.bool_], corner: tuple[int, int] = (0, 0)) -> Ints:
    """(R, 3) row, start and end column of the runs of a region (H, W) whose first pixel lies at `corner`."""
    padded = np.pad(inside.astype(np.int8), ((0, 0), (1, 1)))
    edge = np.diff(padded, axis=1)
    row, start = np.nonzero(edge == 1)
    end = np.nonzero(edge == -1)[1]
    return np.stack((row + corner[0], start + corner[1], end + corner[1]), axis=1).astype(np.int64)


def run_iou(first: Ints, second: Ints) -> float:
    """Intersection over union of two regions given as runs."""
    a, b = _on_axis(first), _on_axis(second)
    size_a, size_b = int((a[:, 1] - a[:, 0]).sum()), int((b[:, 1] - b[:, 0]).sum())
    shared = int((_covered(a, b[:, 1]) - _covered(a, b[:, 0])).sum()) if size_a and size_b else 0
    return shared / (size_a + size_b - shared) if size_a + size_b else 1.0


def merge_runs(regions: Sequence[Shape], weights: Floats) -> Shape:
    """Runs (R, 3) of the pixels inside the outline midway between the regions'. weights : (m,), sum to 1."""
    if all(np.array_equal(regions[0], other) for other in regions[1:]):
        return regions[0]
    everything = np.concatenate(regions)
    top, left = int(everything[:, 0].min()) - 1, int(everything[:, 1].min()) - 1
    shape = int(everything[:, 0].max()) + 2 - top, int(everything[:, 2].max()) + 1 - left
    far = max(0.05 * max(shape), 2.0)
    field = np.zeros(shape)
    for region, weight in zip(regions, weights.tolist(), strict=True):
        away = signed_distance(_drawn(region - [top, left, left], shape))
        field += weight * (np.clip(away, -far, far) + 0.02 * away)
    inside = field > 0.0
    return runs_of(inside, (top, left)) if inside.any() else regions[int(np.argmax(weights))]


def _on_axis(runs: Ints) -> Ints:
    return np.asarray(runs[:, :1] * _ROW + runs[:, 1:])


def _covered(intervals: Ints, at: Ints) -> Ints:
    """How much of sorted intervals (R, 2) lies before each point."""
    before = np.concatenate(([0], np.cumsum(intervals[:, 1] - intervals[:, 0])))
    index = np.searchsorted(intervals[:, 0], at, side="right")
    last = np.maximum(index - 1, 0)
    part = np.minimum(at, intervals[last, 1]) - intervals[last, 0]
    return np.where(index > 0, before[last] + part, 0)


def _drawn(runs: Ints, shape: tuple[int, int]) -> NDArray[np.bool_]:
    steps = np.zeros((shape[0], shape[1] + 1), np.int8)
    np.add.at(steps, (runs[:, 0], runs[:, 1]), 1)
    np.add.at(steps, (runs[:, 0], runs[:, 2]), -1)
    return np.asarray(np.cumsum(steps, axis=1, dtype=np.int8)[:, :-1] > 0)


def _painted(instances: Sequence[Mapping[str, Any]], shape: tuple[int, int]) -> Answer:
    """(plane, labels) with larger instances below smaller ones; numbers follow the order of the list."""
    plane = np.zeros(shape, np.uint16)
    sizes = [int((item["runs"][:, 2] - item["runs"][:, 1]).sum()) for item in instances]
    for i in sorted(range(len(instances)), key=lambda i: -sizes[i]):
        for row, start, end in instances[i]["runs"].tolist():
            plane[row, start:end] = i + 1
    return plane, [item["label"] for item in instances]
