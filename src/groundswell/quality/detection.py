"""How well a list of boxes matches the truth: hits, inventions, misses, and the overlap of the hits.

Predictions go in order of confidence, each to the free true box it overlaps most; it is a hit from `iou` on. This is
the matching of the PASCAL VOC challenge (Everingham et al. 2010, doi:10.1007/s11263-009-0275-4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.geometry import box_iou
from groundswell.domain.errors import InvalidInput

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DetectionScore:
    """Counts over one or many objects."""

    hits: int
    inventions: int  # predicted boxes without a true one
    misses: int  # true boxes without a predicted one
    overlap: float  # sum of intersection over union of the hits
    correct: tuple[bool, ...] = ()  # aligned to the predictions, for calibration

    @property
    def precision(self) -> float:
        """Share of predictions that are hits; 1 when there are none."""
        return self.hits / (self.hits + self.inventions) if self.hits + self.inventions else 1.0

    @property
    def recall(self) -> float:
        """Share of true boxes that are hit; 1 when there are none."""
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 when there is nothing to find and nothing was."""
        total = 2 * self.hits + self.inventions + self.misses
        return 2 * self.hits / total if total else 1.0

    @property
    def mean_iou(self) -> float:
        """Mean overlap of the hits; 0 without any."""
        return self.overlap / self.hits if self.hits else 0.0

    @classmethod
    def total(cls, scores: Iterable[DetectionScore]) -> DetectionScore:
        """Counts added up, `correct` joined."""
        parts = list(scores)
        return cls(
            sum(p.hits for p in parts),
            sum(p.inventions for p in parts),
            sum(p.misses for p in parts),
            sum(p.overlap for p in parts),
            tuple(c for p in parts for c in p.correct),
        )


def score_detections(
    predicted: Sequence[Mapping[str, Any]],
    truth: Sequence[Mapping[str, Any]],
    *,
    confidences: Sequence[float] | Floats | None = None,
    iou: float = 0.5,
    by_class: bool = True,
) -> DetectionScore:
    """Score one object's boxes {"label", "left", "top", "width", "height"}.

    confidences : aligned to `predicted`; without them the order given counts.
    iou : the least overlap of a hit.       by_class : a hit needs the same label.
    Raises: InvalidInput, for another number of confidences than of predicted boxes.
    """
    if confidences is not None and len(confidences) != len(predicted):
        raise InvalidInput(
            f"there must be one confidence for each of the {len(predicted)} predicted boxes; given were "
            f"{len(confidences)}",
            field="confidences",
        )
    alike = box_iou(edges(predicted), edges(truth))
    if by_class:
        same = [[p.get("label") == t.get("label") for t in truth] for p in predicted]
        alike = np.where(np.array(same, np.bool_).reshape(alike.shape), alike, 0.0)
    ranks = range(len(predicted)) if confidences is None else np.argsort(-np.asarray(confidences, float), kind="stable")
    correct = [False] * len(predicted)
    overlap = 0.0
    for row in (int(r) for r in ranks):
        column = int(np.argmax(alike[row])) if len(truth) else -1
        if column >= 0 and alike[row, column] >= iou:
            correct[row] = True
            overlap += float(alike[row, column])
            alike[:, column] = -1.0
    hits = sum(correct)
    return DetectionScore(hits, len(predicted) - hits, len(truth) - hits, overlap, tuple(correct))


def edges(boxes: Sequence[Mapping[str, Any]]) -> Floats:
    """(A, 4) left, top, right, bottom of boxes with left, top, width, height."""
    rows = [(b["left"], b["top"], b["left"] + b["width"], b["top"] + b["height"]) for b in boxes]
    return np.array(rows, np.float64).reshape(-1, 4)
