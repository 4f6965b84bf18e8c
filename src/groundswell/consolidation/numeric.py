"""Numbers from many workers into one, with each worker's bias and precision.

    x[n, w] = truth[n] + bias[w] + error,    error ~ Student's t (30 degrees of freedom), scale sigma[w]

The truth has a flat prior, so that no answer is drawn to the middle; biases are shrunk to 0 and variances to the
crowd's by pseudo-answers, because a plain mean is hard to beat with few answers a worker (on Snow's emotion ratings
weaker priors lose to it). Fitted by expectation-maximization; one pass for a new object.
Source: Raykar et al. 2010, JMLR 11, 1297-1322, section 4 (regression), with biases and heavy tails added.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import erf, sqrt
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import Answers, Consolidated, read_number, sorted_workers

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FREEDOM = 30.0
_STRENGTH = 30.0  # pseudo-answers that hold a worker's bias to 0 and its variance to the crowd's
MOST = 1e15  # numbers beyond this lose their last digits
_ROUNDS = 50


class NumericConsolidator:
    """Consolidates numbers.

    tolerance : a value is right when it is at most this far from the truth. Without it, the standard deviation of an
        average worker, so that confidence is the chance to be closer than such a worker usually is.
    Fitted: `workers_`, `bias_` (W,), `deviation_` (W,) standard deviation of errors, `skill_` (W,) the share of the
    variance of a worker's answers that is the truth's. `details["deviation"]` is the standard error of a value.
    """

    def __init__(self, *, tolerance: float | None = None) -> None:
        self.tolerance = tolerance

    def check(self, value: Any, *, where: str) -> None:
        """Raises: InvalidVotes, unless the value is a finite number."""
        read_number(value, name="value", where=where, least=-MOST, most=MOST)

    def fit(self, objects: Sequence[Answers]) -> Self:
        """Estimate the workers. Raises: InvalidVotes."""
        workers = sorted_workers(objects)
        owner, worker, given = self._columns(objects, workers)
        size, answers = len(workers), np.bincount(worker, minlength=len(workers))
        centre = float(np.mean(given)) if len(given) else 0.0
        given = given - centre  # deviations keep their digits when all answers are large
        variance = np.full(size, 1.0)
        bias, crowd, weight = np.zeros(size), 1.0, np.ones(len(given))
        compared = float(len(given) - len(np.unique(owner)))
        for _ in range(_ROUNDS if compared > 0 else 0):
            precision = weight / variance[worker]
            truth, spread = _weighted(given - bias[worker], owner, precision, len(objects))
            away = given - truth[owner]
            bias = np.bincount(worker, weight * away, size) / (np.bincount(worker, weight, size) + _STRENGTH)
            bias -= (bias * answers).sum() / max(answers.sum(), 1)
            square = (away - bias[worker]) ** 2
            # A mean of m answers hides 1 / m of their variance.
            share = 1.0 - precision * spread[owner]
            residual: Floats = np.bincount(worker, weight * square, size).astype(np.float64)
            trials: Floats = np.bincount(worker, share, size).astype(np.float64)
            crowd = _typical(residual, trials, float((weight * square).sum()) / compared)
            variance = np.maximum((residual + _STRENGTH * crowd) / (trials + _STRENGTH), 1e-12)
            weight = (_FREEDOM + 1.0) / (_FREEDOM + square / variance[worker])
        self.workers_, self.bias_, self.deviation_ = workers, bias, np.sqrt(variance)
        self.crowd_deviation_ = sqrt(crowd) if compared > 0 else 0.0
        truth, _ = _weighted(given - bias[worker], owner, weight / variance[worker], len(objects))
        signal = float(np.var(truth[np.unique(owner)])) if len(given) else 0.0
        self.skill_ = signal / (signal + variance) if signal > 0.0 else np.full(size, 0.5)
        return self

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's number; None when nobody answered. Raises: InvalidVotes."""
        return self.consolidate_all([answers])[0]

    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's number, in the order given. Raises: InvalidVotes."""
        if not hasattr(self, "workers_"):
            self.workers_, self.bias_, self.deviation_, self.skill_ = [], np.zeros(0), np.zeros(0), np.zeros(0)
            self.crowd_deviation_ = 0.0
        return [self._value(answers, n) for n, answers in enumerate(objects)]

    def _value(self, answers: Answers, n: int) -> Consolidated:
        owner, worker, given = self._columns([answers], self.workers_, first=n)
        if not len(given):
            return Consolidated(None, 0.0, {"deviation": None})
        typical = self.crowd_deviation_ or (float(np.std(given)) or 1.0)
        bias, variance = np.append(self.bias_, 0.0)[worker], np.append(self.deviation_, typical)[worker] ** 2
        anchor = float(given[0])
        away, weight = given - anchor - bias, np.ones(len(given))
        for _ in range(10):
            truth, spread = _weighted(away, owner, weight / variance, 1)
            weight = (_FREEDOM + 1.0) / (_FREEDOM + (away - truth[0]) ** 2 / variance)
        deviation = sqrt(float(spread[0]))
        value = anchor + float(truth[0])
        if np.ptp(given) == 0.0:
            value = anchor  # everyone agrees: no bias is subtracted from that
        tolerance = typical if self.tolerance is None else self.tolerance
        return Consolidated(value, erf(tolerance / (deviation * sqrt(2.0))), {"deviation": deviation})

    def _columns(
        self, objects: Sequence[Answers], workers: Sequence[str], *, first: int = 0
    ) -> tuple[Ints, Ints, Floats]:
        """(M,) objects, workers (the number of workers for an unknown one) and numbers; numbers of an object ascend."""
        position = {worker: w for w, worker in enumerate(workers)}
        rows = []
        for n, answers in enumerate(objects):
            for worker, value in answers.items():
                self.check(value, where=f"object {n + first}, worker {worker!r}")
                rows.append((n, float(value), position.get(worker, len(position))))
        rows.sort()
        owner = np.array([row[0] for row in rows], np.int64)
        return owner, np.array([row[2] for row in rows], np.int64), np.array([row[1] for row in rows], np.float64)


def _typical(residual: Floats, trials: Floats, mean: float) -> float:
    """The variance of a typical worker: the geometric mean over answers, which one careless worker does not raise much.

    residual, trials : (W,) sums of squared errors and of degrees of freedom.   mean : the variance over all answers.
    """
    own = (residual + mean) / (trials + 1.0)
    return max(float(np.exp((trials * np.log(np.maximum(own, 1e-12))).sum() / max(trials.sum(), 1e-12))), 1e-12)


def _weighted(given: Floats, owner: Ints, precision: Floats, n_objects: int) -> tuple[Floats, Floats]:
    """(N,) precision-weighted means and their variances; 0 and 0 without answers."""
    total = np.bincount(owner, precision, n_objects)
    safe = np.where(total > 0.0, total, 1.0)
    return np.bincount(owner, precision * given, n_objects) / safe, np.where(total > 0.0, 1.0 / safe, 0.0)
