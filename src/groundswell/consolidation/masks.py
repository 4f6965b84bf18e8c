"""Semantic masks of many workers into one: a vote on every disputed pixel, by workers of known skill, smoothed.

An answer is an index plane, uint8 (H, W): 0 is background, i + 1 is labels[i]. Pixels on which all workers agree are
settled; the rest, mostly along borders, are decided by

    log p(k) = log prior[k] + sum over workers w of log confusion[w, k, given_w] + beta * share of k among neighbours

Confusion matrices and prior are those of disputed pixels, because on the easy ones everybody looks right; they are
estimated over the whole job from the patterns of answers and their counts, each object weighing the same, with
hierarchical Dirichlet priors. The last term is a Markov random field, maximised by iterated conditional modes. Work
goes class by class over planes, so that memory stays near that of a few planes whatever the number of classes.
Source: STAPLE, Warfield, Zou & Wells 2004, doi:10.1109/TMI.2004.828354; restricted to disputed pixels as in Rohlfing,
Russakoff & Maurer 2004, doi:10.1109/TMI.2004.830803; iterated conditional modes, Besag 1986.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import Answers, Consolidated, require, sorted_workers
from groundswell.consolidation.pixels import share_near

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Plane = NDArray[np.uint8]

_FIRST_ACCURACY = 0.7  # of an average worker on disputed pixels
_FIRST_ERROR = 0.05  # of an average worker over all pixels
_OBJECT_WEIGHT = 200.0  # pixels an object's disputed pixels count as: neighbours are no independent evidence
_CROWD_STRENGTH, _WORKER_STRENGTH = 50.0, 100.0  # pseudo-pixels behind each row of the crowd's and a worker's matrix
_ROUNDS = 20
_SWEEPS = 4
_MOST_LABELS = 255


@dataclass(frozen=True)
class _Patterns:
    """The distinct ways an object's workers answered its disputed pixels."""

    worker: Ints  # (V,)
    given: Ints  # (P, V) class given by each worker
    count: Floats  # (P,) pixels, scaled to the weight of an object
    disputed: float  # share of the object's pixels
    agreed: Floats  # (K + 1,) share of the object's pixels to which everyone gave each class


class SemanticMaskConsolidator:
    """Consolidates index planes.

    Parameters
    ----------
    labels : the classes in order, at most 255; class i + 1 of a plane is labels[i].
    smoothing : beta, the weight of neighbours against votes; 0 switches smoothing off.
    window : side in pixels of the neighbourhood, odd.

    Confidence is the mean posterior of the winning class over pixels labelled with some class (over all pixels where
    there are none); `details["confidences"]` has the mean of each class used, `details["disputed"]` the share of pixels
    on which workers differ. Fitted: `workers_`, `confusion_` (W, K + 1, K + 1) on disputed pixels, `skill_` (W,) the
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
        self._set_average(len(self.workers_), size)
        for _ in range(_ROUNDS):
            counts, classes = np.zeros((len(self.workers_), size, size)), np.ones(size)
            for p in patterns:
                posterior = _softmax(self._scores(p.worker, p.given)) * p.count[:, None]
                classes += posterior.sum(axis=0)
                for v, w in enumerate(p.worker.tolist()):
                    np.add.at(counts[w].T, p.given[:, v], posterior)
            crowd = counts.sum(axis=0) + _CROWD_STRENGTH * _diagonal(size, _FIRST_ACCURACY)
            crowd /= crowd.sum(axis=1, keepdims=True)
            rows = counts + _WORKER_STRENGTH * crowd
            self.confusion_ = rows / rows.sum(axis=2, keepdims=True)
            self.crowd_, self.prior_ = crowd, classes / classes.sum()
        self.error_rate_ = self._error_rate(patterns, size)
        self._measure_skill(objects)
        return self

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's plane; None when nobody answered. Raises: InvalidVotes."""
        return self._label(answers, 0)[0]

    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's plane, in the order given. Raises: InvalidVotes."""
        return [self._label(answers, n)[0] for n, answers in enumerate(objects)]

    def _set_average(self, n_workers: int, size: int) -> None:
        self.crowd_ = _diagonal(size, _FIRST_ACCURACY)
        self.prior_ = np.full(size, 1.0 / size)
        self.error_rate_ = np.full(size, _FIRST_ERROR)
        self.confusion_ = np.tile(self.crowd_, (n_workers, 1, 1))

    def _label(self, answers: Answers, n: int) -> tuple[Consolidated, list[Plane]]:
        if not hasattr(self, "workers_"):
            self.workers_ = []
            self._set_average(0, len(self.labels) + 1)
            self.skill_ = np.zeros(0)
        if not answers:
            return Consolidated(None, 0.0, {"confidences": {}, "disputed": 0.0}), []
        planes = self._planes(answers, n)
        position = {worker: w for w, worker in enumerate(self.workers_)}
        workers = [position.get(worker, len(position)) for worker in answers]
        label, chance, disputed = self._decide(workers, planes)
        settled = ~disputed
        chance[settled] = self._unanimous_chances(len(planes))[label[settled]]
        foreground = label > 0
        confidences = {
            name: float(chance[label == k].mean()) for k, name in enumerate(self.labels, 1) if (label == k).any()
        }
        confidence = float(chance[foreground].mean() if foreground.any() else chance.mean())
        details = {"confidences": confidences, "disputed": float(disputed.mean())}
        return Consolidated(label, confidence, details), planes

    def _unanimous_chances(self, workers: int) -> NDArray[np.float32]:
        """(K + 1,) chance of a pixel to which everyone gives a class, from the crowd's error rate with that class."""
        right, wrong = (1.0 - self.error_rate_) ** workers, self.error_rate_**workers
        return np.asarray(right / (right + wrong), np.float32)

    def _decide(
        self, workers: Sequence[int], planes: list[Plane]
    ) -> tuple[Plane, NDArray[np.float32], NDArray[np.bool_]]:
        """The plane, the chance of each pixel's class, and which pixels are disputed."""
        label = planes[0].astype(np.uint8)
        disputed = _disputed(planes)
        chance = np.ones(label.shape, np.float32)
        if not disputed.any():
            return label, chance, disputed
        rows, columns = (slice(int(i.min()), int(i.max()) + 1) for i in np.nonzero(disputed))
        rows, columns = (_widened(rows, self.window), _widened(columns, self.window))
        crop = disputed[rows, columns]
        code, given = _codes([plane[rows, columns][crop] for plane in planes])
        scores = self._scores(np.array(workers, np.int64), given)
        best, certainty = self._smooth(label[rows, columns].copy(), crop, code, scores)
        label[rows, columns][crop] = best
        chance[rows, columns][crop] = certainty
        return label, chance, disputed

    def _smooth(
        self, plane: Plane, crop: NDArray[np.bool_], code: Ints, scores: Floats
    ) -> tuple[Plane, NDArray[np.float32]]:
        """(D,) class of the disputed pixels, votes alone first, then sweeps that weigh neighbours in; and its chance.

        The chance is that of the votes: neighbours repeat what the same workers say, and are no further evidence.
        """
        best = _first_best(scores)[code].astype(np.uint8)
        plane[crop] = best
        possible = np.flatnonzero(scores.max(axis=0) > scores.max() - 30.0).tolist()
        for _ in range(_SWEEPS if self.smoothing > 0.0 else 0):
            top, new = np.full(len(code), -np.inf, np.float32), best.copy()
            for k in possible:
                near = share_near(plane, k, crop, self.window)
                score = scores[code, k].astype(np.float32) + np.float32(self.smoothing) * near
                higher = score > top + 1e-5
                top, new[higher] = np.where(higher, score, top), k
            if np.array_equal(new, best):
                break
            best = new
            plane[crop] = best
        return best, _softmax(scores)[code, best].astype(np.float32)

    def _scores(self, workers: Ints, given: Ints) -> Floats:
        """(P, K + 1) log prior plus log likelihood of each pattern."""
        confusion = np.concatenate((self.confusion_, self.crowd_[None]))
        scores = np.tile(np.log(self.prior_), (len(given), 1))
        for v, w in enumerate(workers.tolist()):
            scores += np.log(confusion[min(w, len(confusion) - 1)])[:, given[:, v]].T
        return scores

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

    def _error_rate(self, patterns: Sequence[_Patterns], size: int) -> Floats:
        """(K + 1,) share of the pixels an average worker gives a class, settled ones too, that are not of it."""
        wrong, trials = np.full(size, _FIRST_ERROR), np.ones(size)
        for p in patterns:
            missed = 1.0 - np.take_along_axis(_softmax(self._scores(p.worker, p.given)), p.given, axis=1)
            share = p.count * (p.disputed / max(p.count.sum(), 1e-300))
            for column, miss in zip(p.given.T, missed.T, strict=True):
                given = p.agreed + np.bincount(column, share, size)
                used = given > 0.0
                wrong[used] += np.bincount(column, share * miss, size)[used] / given[used]
                trials += used
        return np.asarray(wrong / trials)

    def _measure_skill(self, objects: Sequence[Answers]) -> None:
        position = {worker: w for w, worker in enumerate(self.workers_)}
        total, seen = np.full(len(self.workers_), 0.0), np.zeros(len(self.workers_))
        for n, answers in enumerate(objects):
            label, planes = self._label(answers, n)
            for worker, plane in zip(answers, planes, strict=True):
                either = (plane > 0) | (label.value > 0)
                agree = (plane == label.value) & either
                total[position[worker]] += float(agree.sum() / either.sum()) if either.any() else 1.0
                seen[position[worker]] += 1.0
        self.skill_ = total / np.maximum(seen, 1.0)


def _patterns(workers: Sequence[int], planes: list[Plane], size: int) -> _Patterns:
    disputed = _disputed(planes)
    code, given = _codes([plane[disputed] for plane in planes])
    count = np.bincount(code, minlength=len(given)).astype(np.float64)
    agreed = np.bincount(planes[0][~disputed], minlength=size) / disputed.size
    weight = _OBJECT_WEIGHT / max(count.sum(), 1.0)
    return _Patterns(np.array(workers, np.int64), given, count * weight, float(disputed.mean()), agreed)


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


def _diagonal(size: int, accuracy: float) -> Floats:
    if size == 1:
        return np.ones((1, 1))
    return np.where(np.eye(size, dtype=np.bool_), accuracy, (1.0 - accuracy) / (size - 1))


def _softmax(scores: Floats) -> Floats:
    weight = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _first_best(scores: Floats) -> Ints:
    """(P,) the first class within rounding of the best."""
    return np.asarray(np.argmax(scores > scores.max(axis=1, keepdims=True) - 1e-9, axis=1))


def _widened(span: slice, margin: int) -> slice:
    return slice(max(span.start - margin, 0), span.stop + margin)


def _described(value: Any) -> str:
    return f"an array of {value.dtype} {value.shape}" if isinstance(value, np.ndarray) else type(value).__name__
