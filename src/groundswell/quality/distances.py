"""Agreement on answers of any structure: Krippendorff's alpha from a distance between two answers.

Here: distances of sets, boxes, polygons, lines, points, spans, masks, rankings, forms and texts, each 0 for equal
answers and 1 for answers with nothing in common. Elsewhere: classes and numbers (`agreement.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.alignment import edit_distance
from groundswell.consolidation.boxes import BoxKind
from groundswell.consolidation.columns import sort_ids
from groundswell.consolidation.fast import repeated
from groundswell.consolidation.instance_masks import InstanceMaskKind, instances_of
from groundswell.consolidation.instances import InstanceKind
from groundswell.consolidation.keypoints import KeypointKind
from groundswell.consolidation.polygons import PolygonKind
from groundswell.consolidation.polylines import PolylineKind
from groundswell.consolidation.spans import SpanKind
from groundswell.domain.errors import InvalidInput
from groundswell.quality.pairing import best_pairing

Distance = Callable[[Any, Any], float]


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha and what it is made of."""

    alpha: float | None  # None when nothing can be compared
    observed: float  # mean distance of two answers to the same object
    expected: float  # mean distance of two answers to any objects
    pairs: int  # pairs of answers to the same object


def alpha_by_distance(
    objects: Sequence[Mapping[str, Any]], distance: Distance, *, most_pairs: int = 20_000, seed: int = 0
) -> Agreement:
    """Alpha of answers with any distance.

    Parameters
    ----------
    objects : N objects' answers, worker -> value.
    distance : of two values, symmetric, 0 for equal ones.
    most_pairs : the expected distance is taken over so many random pairs at most; seed : of their choice.
    Source: Krippendorff 2004 for the form; set and overlap distances as in Passonneau 2006 (LREC) and Braylan, Alonso &
    Lease 2022, doi:10.1145/3485447.3512242.
    """
    answers = sum(map(len, objects))
    with repeated(max(min(answers * answers, most_pairs), 1)):
        return _alpha(objects, distance, most_pairs, seed)


def _alpha(objects: Sequence[Mapping[str, Any]], distance: Distance, most_pairs: int, seed: int) -> Agreement:
    weight, total, pairs = 0.0, 0.0, 0
    for answers in objects:
        values = [answers[worker] for worker in sort_ids(answers)]
        if len(values) < 2:
            continue
        apart = [distance(a, b) for a, b in combinations(values, 2)]
        pairs += len(apart)
        # Each object weighs its number of answers, as in the coincidence matrix.
        total += len(values) * float(np.mean(apart))
        weight += len(values)
    if not pairs:
        return Agreement(None, 0.0, 0.0, 0)
    pool = [answers[w] for answers in objects if len(answers) > 1 for w in sort_ids(answers)]
    expected = float(np.mean([distance(pool[i], pool[j]) for i, j in _pairs_of(len(pool), most_pairs, seed)]))
    observed = total / weight
    return Agreement(1.0 - observed / expected if expected > 0.0 else 1.0, observed, expected, pairs)


def jaccard_distance(first: Any, second: Any) -> float:
    """One minus shared over all labels of two sets; two empty sets are equal."""
    a, b = set(first), set(second)
    return 1.0 - len(a & b) / len(a | b) if a | b else 0.0


def masi_distance(first: Any, second: Any) -> float:
    """Jaccard with partial agreement discounted unless one set holds the other.

    Source: Passonneau 2006, "Measuring agreement on set-valued items", LREC.
    """
    a, b = set(first), set(second)
    if a == b:
        return 0.0
    nested = 2.0 / 3.0 if a <= b or b <= a else 1.0 / 3.0
    return 1.0 - (1.0 - jaccard_distance(a, b)) * (nested if a & b else 0.0)


def instances_distance(kind: InstanceKind) -> Distance:
    """Of two lists of instances: one minus their soft F1, by the matching that makes it largest.

    A pair counts its similarity (intersection over union for boxes, ...) when the classes are equal, else nothing.
    """

    def distance(first: Any, second: Any) -> float:
        a, b = ([kind.read(item, where="an answer") for item in items] for items in (first, second))
        if not a or not b:
            return float(bool(a or b))
        i, j = (grid.ravel() for grid in np.indices((len(a), len(b))))
        shapes = [shape for _, shape in (*a, *b)]
        alike = kind.similarity(shapes, i, j + len(a)).reshape(len(a), len(b))
        same = np.array([[x[0] == y[0] for y in b] for x in a])
        alike = np.where(same, alike, 0.0)
        rows, columns = best_pairing(alike)
        return float(1.0 - 2.0 * alike[rows, columns].sum() / (len(a) + len(b)))

    return distance


def instance_masks_distance(first: Any, second: Any) -> float:
    """Of two pairs (index plane, labels), as `instances_distance` with the overlap of pixels. Raises: InvalidInput."""
    _require_one_size(first[0], second[0])
    return instances_distance(InstanceMaskKind())(instances_of(first), instances_of(second))


def squared_difference(first: float, second: float) -> float:
    """Of two numbers: with it, alpha is that of the interval level."""
    return float(first - second) ** 2


def mask_distance(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Of two index planes: one minus the mean over the classes used of their overlap. Raises: InvalidInput."""
    _require_one_size(first, second)
    classes = np.union1d(np.unique(first), np.unique(second))
    classes = classes[classes > 0]
    if not classes.size:
        return 0.0
    shares = [((first == k) & (second == k)).sum() / ((first == k) | (second == k)).sum() for k in classes]
    return float(1.0 - np.mean(shares))


def rank_distance(first: Mapping[str, Sequence[float]], second: Mapping[str, Sequence[float]]) -> float:
    """Of two rankings {dimension: [ranks]}: the share of pairs of responses that are ordered differently.

    A dimension that one of them lacks, or ranks other responses in, has nothing in common.
    Source: Kendall 1938, doi:10.1093/biomet/30.1-2.81, with ties as an order of their own.
    """
    apart = []
    for dimension in sorted({*first, *second}):  # sums of one order are the same in every process
        a, b = np.asarray(first.get(dimension, ())), np.asarray(second.get(dimension, ()))
        if a.shape != b.shape:
            apart.append(1.0)
            continue
        i, j = np.triu_indices(len(a), 1)
        apart.append(float((np.sign(a[i] - a[j]) != np.sign(b[i] - b[j])).mean()) if len(i) else 0.0)
    return float(np.mean(apart)) if apart else 0.0


def form_distance(first: Mapping[str, Any], second: Mapping[str, Any]) -> float:
    """Of two forms {question: answer}: the share of questions answered differently."""
    questions = {*first, *second}
    return sum(first.get(q) != second.get(q) for q in questions) / len(questions) if questions else 0.0


def text_distance(first: str, second: str) -> float:
    """Of two texts: the words to insert, drop or replace to make one of the other, over those of the longer one."""
    a, b = first.split(), second.split()
    return edit_distance(a, b) / max(len(a), len(b), 1)


def distance_for(kind: str, *, reach: float = 40.0) -> Distance:
    """The distance of a kind of answer as `groundswell.consolidation.registry` names it; equality for others.

    reach : pixels from which on keypoints have nothing in common.
    """
    kinds: dict[str, InstanceKind] = {
        "boxes": BoxKind(),
        "polygons": PolygonKind(),
        "polylines": PolylineKind(),
        "lines": PolylineKind(),
        "keypoints": KeypointKind(reach),
        "spans": SpanKind(),
    }
    if kind in kinds:
        return instances_distance(kinds[kind])
    simple: dict[str, Distance] = {
        "multi-label": jaccard_distance,
        "numeric": squared_difference,
        "semantic-masks": mask_distance,
        "instance-masks": instance_masks_distance,
        "ranking": rank_distance,
        "question-answers": form_distance,
        "transcription": text_distance,
    }
    return simple.get(kind, lambda first, second: float(first != second))


def _require_one_size(first: NDArray[Any], second: NDArray[Any]) -> None:
    if first.shape != second.shape:
        raise InvalidInput(f"two masks must be of one size, not {first.shape} and {second.shape}", field="label")


def _pairs_of(size: int, most: int, seed: int) -> list[tuple[int, int]]:
    if size * (size - 1) // 2 <= most:
        return list(combinations(range(size), 2))
    rng = np.random.default_rng(seed)
    first = rng.integers(0, size, most)
    second = (first + rng.integers(1, size, most)) % size
    return list(zip(first.tolist(), second.tolist(), strict=True))
