"""Semantic masks of many workers into one: a vote on every disputed pixel, by workers of known skill, smoothed.

An answer is an index plane, uint8 (H, W): 0 is background, i + 1 is labels[i]. Pixels on which all workers agree are
settled; the others, with votes from `mask_workers.py`, are decided by

    t * (log prior[k] + sum over workers w of log confusion[w, k, given_w]) + beta * share of k among neighbours

The last term is a Markov random field, maximised by iterated conditional modes; t is what a vote tells at a border,
where the field matters. Chances are those of the votes, tempered by t in thin areas along borders (`mask_areas.py`).
Work goes class by class over planes, so that memory stays near that of a few planes whatever the number of classes.
Source: STAPLE, Warfield, Zou & Wells 2004, doi:10.1109/TMI.2004.828354; iterated conditional modes, Besag 1986.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import Answers, Consolidated, require, sorted_workers
from groundswell.consolidation.fast import for_each_object
from groundswell.consolidation.mask_areas import independent_areas, lie_along_borders, mean_width, number_areas
from groundswell.consolidation.mask_workers import Crowd, Patterns, fit_crowd, normalized, unfitted
from groundswell.consolidation.pixels import share_near

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Plane = NDArray[np.uint8]

_SWEEPS = 4
_MOST_LABELS = 255


class SemanticMaskConsolidator:
    """Consolidates index planes.

    Parameters
    ----------
    labels : the classes in order, at most 255; class i + 1 of a plane is labels[i].
    smoothing : beta, the weight of neighbours against votes; 0 switches smoothing off.
    window : side in pixels of the neighbourhood, odd.

    Confidence is the mean chance of the winning class over pixels labelled with some class (over all pixels where
    there are none); `details["confidences"]` has the mean of each class used, `details["disputed"]` the share of pixels
    on which workers differ. Fitted: `workers_`, `crowd_`, `confusion_` (W, K + 1, K + 1) of pixels, `skill_` (W,) the
    mean over objects of the intersection over union of a worker's foreground with the consolidated one.
    """

    def __init__(self, *, labels: Sequence[str], smoothing: float = 1.5, window: int = 5) -> None:
        self.labels = labels
        self.smoothing = smoothing
        self.window = window

    def check(self, value: Any, *, where: str) -> None:
        """Raises: InvalidVotes, unless the value is an index plane over the labels, or the options have no meaning."""
        require(
            len(self.labels) <= _MOST_LABELS,
            f"a mask has at most {_MOST_LABELS} labels, its pixels being bytes, but {len(self.labels)} were given",
            field="labels",
        )
        require(
            self.window > 0 and self.window % 2 == 1 and 0.0 <= self.smoothing < np.inf,
            f"smoothing must be at least 0 and its window odd, not {self.smoothing!r} and {self.window!r}",
            field="smoothing",
        )
        require(
            isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype.kind in "ui" and value.size > 0,
            f"an answer must be an index plane, an array (H, W) of integers, but {where} has {_described(value)}",
        )
        low, high = int(value.min()), int(value.max())
        require(
            0 <= low and high <= len(self.labels),
            f"a mask holds 0 for background to {len(self.labels)} for the last label, but {where} has {low} to {high}",
            field="label",
        )

    @for_each_object
    def fit(self, objects: Sequence[Answers]) -> Self:
        """Estimate the workers; objects are read twice, one at a time. Raises: InvalidVotes."""
        workers = sorted_workers(objects)
        position = {worker: w for w, worker in enumerate(workers)}
        size = len(self.labels) + 1
        patterns = [
            _patterns([position[w] for w in answers], planes, size)
            for n, answers in enumerate(objects)
            if len(planes := self._planes(answers, n)) > 1
        ]
        self.workers_: list[str] = workers
        self.crowd_ = fit_crowd(patterns, len(workers), size)
        self.confusion_ = self.crowd_.confusion[:-1]
        self._measure_skill(objects)
        return self

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's plane; None when nobody answered. Raises: InvalidVotes."""
        return self._consolidated(answers, 0)

    @for_each_object
    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's plane, in the order given. Raises: InvalidVotes."""
        return [self._consolidated(answers, n) for n, answers in enumerate(objects)]

    def pixel_confidences(self, answers: Answers) -> NDArray[np.float32]:
        """(H, W) chance of each pixel of the object's plane; (0, 0) when nobody answered. Raises: InvalidVotes."""
        return self._chances(answers, self._planes(answers, 0))[1] if answers else np.zeros((0, 0), np.float32)

    def _consolidated(self, answers: Answers, n: int) -> Consolidated:
        if not answers:
            return Consolidated(None, 0.0, {"confidences": {}, "disputed": 0.0})
        label, chance, disputed = self._chances(answers, self._planes(answers, n))
        foreground = label > 0
        confidences = {
            name: float(chance[label == k].mean()) for k, name in enumerate(self.labels, 1) if (label == k).any()
        }
        confidence = float(chance[foreground].mean() if foreground.any() else chance.mean())
        return Consolidated(label, confidence, {"confidences": confidences, "disputed": float(disputed.mean())})

    def _chances(self, answers: Answers, planes: list[Plane]) -> tuple[Plane, NDArray[np.float32], NDArray[np.bool_]]:
        """The plane, the chance of each pixel's class, and which pixels are disputed."""
        crowd, workers = self._crowd(), self._positions(answers)
        label, dispute = self._decide(crowd, workers, planes)
        agreed = np.tile(np.arange(len(self.labels) + 1)[:, None], len(planes))
        chance = np.diag(normalized(crowd.scores(workers, agreed))).astype(np.float32)[label]
        if dispute is None:
            return label, chance, np.zeros(label.shape, np.bool_)
        chance[dispute.at] = dispute.chances(label, crowd.border_tempering())
        return label, chance, dispute.at

    def _crowd(self) -> Crowd:
        if not hasattr(self, "workers_"):
            self.workers_, self.skill_ = [], np.zeros(0)
            self.crowd_ = unfitted(0, len(self.labels) + 1)
            self.confusion_ = self.crowd_.confusion[:-1]
        return self.crowd_

    def _positions(self, answers: Answers) -> Ints:
        position = {worker: w for w, worker in enumerate(self.workers_)}
        return np.array([position.get(worker, len(position)) for worker in answers], np.int64)

    def _decide(self, crowd: Crowd, workers: Ints, planes: list[Plane]) -> tuple[Plane, _Dispute | None]:
        """The plane, and what is disputed."""
        label = planes[0].astype(np.uint8)
        at = _disputed(planes)
        if not at.any():
            return label, None
        rows, columns = (_widened(slice(int(i.min()), int(i.max()) + 1), self.window) for i in np.nonzero(at))
        code, given = _codes([plane[rows, columns][at[rows, columns]] for plane in planes])
        dispute = _Dispute(at, (rows, columns), code, given, crowd.scores(workers, given))
        label[at] = self._smooth(label[rows, columns].copy(), dispute, crowd.border_tempering())
        return label, dispute

    def _smooth(self, plane: Plane, dispute: _Dispute, tempering: float) -> Plane:
        """(D,) class of the disputed pixels, votes alone first, then sweeps that weigh neighbours in."""
        at, code, scores = dispute.at[dispute.crop], dispute.code, tempering * dispute.scores
        best = _first_best(scores)[code].astype(np.uint8)
        plane[at] = best
        possible = np.flatnonzero(scores.max(axis=0) > scores.max() - 30.0).tolist()
        for _ in range(_SWEEPS if self.smoothing > 0.0 else 0):
            top, new = np.full(len(code), -np.inf, np.float32), best.copy()
            for k in possible:
                near = share_near(plane, k, at, self.window)
                score = scores[code, k].astype(np.float32) + np.float32(self.smoothing) * near
                higher = score > top + 1e-5
                top, new[higher] = np.where(higher, score, top), k
            if np.array_equal(new, best):
                break
            best = new
            plane[at] = best
        return best

    def _planes(self, answers: Answers, n: int) -> list[Plane]:
        planes: list[Plane] = []
        for worker, value in answers.items():
            where = f"object {n}, worker {worker!r}"
            self.check(value, where=where)
            require(
                not planes or value.shape == planes[0].shape,
                f"all masks of an object must be {planes[0].shape if planes else ()}, but {where} has {value.shape}",
            )
            planes.append(value)
        return planes

    def _measure_skill(self, objects: Sequence[Answers]) -> None:
        total, seen = np.zeros((2, len(self.workers_)))
        for n, answers in enumerate(objects):
            if not answers:
                continue
            planes, workers = self._planes(answers, n), self._positions(answers)
            label, _ = self._decide(self.crowd_, workers, planes)
            for w, plane in zip(workers.tolist(), planes, strict=True):
                either = (plane > 0) | (label > 0)
                agree = (plane == label) & either
                total[w] += float(agree.sum() / either.sum()) if either.any() else 1.0
                seen[w] += 1.0
        self.skill_ = total / np.maximum(seen, 1.0)


@dataclass(frozen=True)
class _Dispute:
    """The pixels of one object on which its workers differ."""

    at: NDArray[np.bool_]  # (H, W)
    crop: tuple[slice, slice]  # rows and columns around them
    code: Ints  # (D,) pattern of each pixel, in reading order
    given: Ints  # (P, V) class given by each worker
    scores: Floats  # (P, K + 1) log of each class's chance, up to a constant

    def chances(self, label: Plane, tempering: float) -> Floats:
        """(D,) chance of each pixel's class by the votes, tempered along borders, where only classes given are rivals.

        Neighbours have a say in the class, not in its chance: they repeat what the same workers say.
        """
        best = label[self.at]
        given = np.zeros(self.scores.shape, np.bool_)
        np.put_along_axis(given, self.given, True, axis=1)
        inside = normalized(self.scores)[self.code, best]
        slip = normalized(np.where(given, tempering * self.scores, -np.inf))[self.code, best]
        at = self.at[self.crop]
        code = np.full(at.shape, -1, np.int32)
        code[at] = self.code
        number, pixels = number_areas(code)
        along = lie_along_borders(number, pixels, label[self.crop], mean_width(label))
        return np.where(along[number[at]], slip, inside)


def _patterns(workers: Sequence[int], planes: list[Plane], size: int) -> Patterns:
    disputed = _disputed(planes)
    code, given = _codes([plane[disputed] for plane in planes])
    agreed = np.tile(np.arange(size)[:, None], len(planes))
    everywhere = planes[0].astype(np.int32)
    everywhere[disputed] = size + code
    count = np.bincount(everywhere.ravel(), minlength=size + len(given))
    weight = independent_areas(number_areas(everywhere)[1]) / disputed.size
    return Patterns(
        np.array(workers, np.int64), np.concatenate((agreed, given)), np.asarray(count * weight, np.float64)
    )


def _disputed(planes: list[Plane]) -> NDArray[np.bool_]:
    disputed = np.zeros(planes[0].shape, np.bool_)
    for plane in planes[1:]:
        disputed |= plane != planes[0]
    return disputed


def _codes(columns: Sequence[NDArray[Any]]) -> tuple[Ints, Ints]:
    """(D,) number of each pixel's pattern, and (P, V) the patterns, from V columns (D,)."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        # Renumbering after each worker keeps codes small whatever the number of workers.
        code = np.unique(code * 256 + column, return_inverse=True)[1].astype(np.int64)
    first = np.unique(code, return_index=True)[1]
    return code, np.stack([column[first] for column in columns], axis=1).astype(np.int64)


def _first_best(scores: Floats) -> Ints:
    """(P,) the first class within rounding of the best."""
    return np.asarray(np.argmax(scores > scores.max(axis=1, keepdims=True) - 1e-9, axis=1))


def _widened(span: slice, margin: int) -> slice:
    return slice(max(span.start - margin, 0), span.stop + margin)


def _described(value: Any) -> str:
    return f"an array of {value.dtype} {value.shape}" if isinstance(value, np.ndarray) else type(value).__name__
