"""Labels that are probably wrong: where the label given and the evidence disagree.

Evidence is any table of class probabilities that was not made from the label itself: a model's out-of-sample
predictions for consolidated labels, or a consolidator's posterior for labels from elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.domain.errors import InvalidInput

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LabelErrorCandidate:
    """One label to look at again."""

    object: int  # index n
    given: int  # class index of the label
    suggested: int  # class index the evidence points to
    margin: float  # probability of the suggested class minus that of the given one, in [-1, 1]


def label_error_candidates(label: Any, evidence: Any) -> list[LabelErrorCandidate]:
    """Objects whose evidence confidently points to another class, largest margin first.

    A class is confident for an object when its probability reaches the mean it has on objects labeled so: thresholds by
    class allow for classes a model is always unsure of.

    Parameters
    ----------
    label : (N,) class indices, -1 for unlabeled.     evidence : (N, K) probabilities.
    Raises: InvalidInput, for other shapes, indices or probabilities.
    Source: confident learning, Northcutt, Jiang & Chuang 2021, doi:10.1613/jair.1.12125.
    """
    given, chance = np.asarray(label), np.asarray(evidence, np.float64)
    given = given if given.size else given.astype(np.int64)
    if given.ndim != 1 or chance.ndim != 2 or len(given) != len(chance):
        raise InvalidInput(
            f"labels must be (N,) and evidence (N, K), not {given.shape} and {chance.shape}", field="evidence"
        )
    if given.dtype.kind not in "iu" or np.any((given < -1) | (given >= chance.shape[1])):
        raise InvalidInput(f"labels must be class indices in -1..{chance.shape[1] - 1}", field="label")
    _require_probabilities(chance, "evidence")
    labeled = np.flatnonzero(given >= 0)
    own = chance[labeled, given[labeled]]
    counts = np.bincount(given[labeled], minlength=chance.shape[1])
    threshold = np.bincount(given[labeled], own, chance.shape[1]) / np.maximum(counts, 1)
    threshold = np.where(counts > 0, threshold, 1.0)
    confident = np.where(chance[labeled] >= threshold, chance[labeled], -1.0)
    suggested = confident.argmax(axis=1) if chance.shape[1] else np.zeros(len(labeled), np.int64)
    found = [
        LabelErrorCandidate(int(n), int(given[n]), int(k), float(chance[n, k] - chance[n, given[n]]))
        for n, k, best in zip(labeled, suggested, confident.max(axis=1, initial=-1.0), strict=True)
        if best >= 0.0 and k != given[n]
    ]
    return sorted(found, key=lambda c: (-c.margin, c.object))


def disputed_objects(posterior: Any, *, most: int = 20) -> list[tuple[int, float]]:
    """Indices of the objects whose posterior (N, K) is least decided, with its entropy in bits; most disputed first.

    Raises: InvalidInput, unless the posterior is a table of probabilities.
    """
    chance = np.asarray(posterior, np.float64)
    if chance.ndim != 2:
        raise InvalidInput(f"a posterior must be (N, K), not {chance.shape}", field="posterior")
    _require_probabilities(chance, "posterior")
    entropy = -(chance * np.log2(np.where(chance > 0.0, chance, 1.0))).sum(axis=1)
    order = np.argsort(-entropy, kind="stable")[:most]
    return [(int(n), float(entropy[n])) for n in order]


def _require_probabilities(chance: Floats, name: str) -> None:
    if not ((chance >= 0.0) & (chance <= 1.0 + 1e-9)).all():
        raise InvalidInput(f"{name} must be probabilities from 0 to 1", field=name)
