"""Numbers from many workers into one, with each worker's bias and precision.

    x[n, w] = truth[n] + bias[w] + error,    error ~ Student's t (30 degrees of freedom), scale sigma[w]

The truth has a flat prior, so that no answer is drawn to the middle; biases are shrunk to 0 and variances to the
crowd's by pseudo-answers, because a plain mean is hard to beat with few answers a worker (on Snow's emotion ratings
weaker priors lose to it). One answer in ten thousand is taken to be a slip, an error ten times as wide, so that what
lies beyond six deviations hardly counts: digits too many must not move a mean, however many (`usual_errors.py`).
Fitted by expectation-maximization from medians; one pass for a new object.
Workers' own biases and variances are used only where they pay: where an answer is foretold better by the others of its
object with them than by their plain mean. Where they do not, values are means, but for what lies beyond six deviations.
Source: Raykar et al. 2010, JMLR 11, 1297-1322, section 4 (regression), with biases and heavy tails added; slips as in
the contaminated normal, Tukey 1960, "A survey of sampling from contaminated distributions".
"""

from __future__ import annotations

from collections.abc import Sequence
from math import erf, log, sqrt
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import Answers, Consolidated, read_number, sorted_workers
from groundswell.consolidation.usual_errors import Reach, middles, reach_of, usual_distance, usual_square

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FREEDOM = 30.0
_TAILS = _FREEDOM / (_FREEDOM - 2.0)  # variance of such a t-distribution, in squared scales
_INFORMED = (_FREEDOM + 3.0) / (_FREEDOM + 1.0)  # variance of the estimate of its centre, in those of weighted means
_STRENGTH = 30.0  # pseudo-answers that hold a worker's bias to 0 and its variance to the crowd's
MOST = 1e15  # numbers beyond this lose their last digits
_ROUNDS = 50
_OUTLIERS, _FAR = 1e-4, 10.0  # share of outliers, and their scale in deviations: beyond six deviations lies a slip
_PLAIN = 36.0  # squared deviations up to which an answer counts in full where workers do not differ
_DOUBT = log(1e3)  # an answer is never believed an outlier beyond these odds: two that clash are both left some weight
_BIAS_PAYS = 0.25  # part of the squared error of foretold answers that biases must save to count
_WEIGHTS_PAY, _WEIGHTS_OF = (
    0.06,
    0.6,
)  # the same for weights, or the latter over the answers an object has if that is less
_MOST_COUNTED = 25.0  # mean squared errors that a single foretold answer counts for at most
_SLIP = 20.0  # usual distances from its object's middle beyond which an answer is a slip, however far it lies
_LEAST = 1e-12  # variance, in usual ones
_MEDIAN_SQUARE = 1.4826**2  # what the median of squared normal errors is multiplied by to be their variance
_START_STRENGTH = 3.0  # pseudo-answers with which the variance a worker starts from leans on the crowd's


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
        """Raises: InvalidVotes, unless the value is a finite number, and so is the tolerance."""
        if self.tolerance is not None:
            read_number(self.tolerance, name="tolerance", where="the consolidator", least=0.0, most=MOST)
        read_number(value, name="value", where=where, least=-MOST, most=MOST)

    def fit(self, objects: Sequence[Answers]) -> Self:
        """Estimate the workers. Raises: InvalidVotes."""
        workers = sorted_workers(objects)
        owner, worker, given = self._columns(objects, workers)
        size, answers = len(workers), np.bincount(worker, minlength=len(workers))
        self.reach_ = reach_of(given)
        given, unit = _slips_drawn_in(given, owner, len(objects), self.reach_)
        bias, crowd, variance, weight = np.zeros(size), 1.0, np.ones(size), np.ones(len(given))
        compared = float(len(given) - len(np.unique(owner)))
        if compared > 0:
            variance, weight = _robust_start(given, owner, worker, size)
        for _ in range(_ROUNDS if compared > 0 else 0):
            precision = weight / variance[worker]
            truth, spread = _weighted(given - bias[worker], owner, precision, len(objects))
            away = given - truth[owner]
            bias = np.bincount(worker, weight * away, size) / (np.bincount(worker, weight, size) + _STRENGTH)
            bias -= (bias * answers).sum() / max(answers.sum(), 1)
            square = (away - bias[worker]) ** 2
            # A mean of m answers hides 1 / m of their variance; an outlier tells nothing of it.
            share = (1.0 - precision * spread[owner]) * _belief(square / variance[worker])
            residual: Floats = np.bincount(worker, weight * square, size).astype(np.float64)
            trials: Floats = np.bincount(worker, share, size).astype(np.float64)
            trials *= 1.0 - 1.0 / (answers + _STRENGTH)  # nor what the worker's bias took up
            crowd = _typical(residual, trials)
            variance = np.maximum((residual + _STRENGTH * crowd) / (trials + _STRENGTH), _LEAST)
            weight = _weight(square / variance[worker])
        self.workers_, self.bias_, self.deviation_ = workers, bias * unit, np.sqrt(variance * _TAILS) * unit
        self.crowd_deviation_ = sqrt(crowd * _TAILS) * unit if compared > 0 else 0.0
        self._used = self._worthwhile(given, owner, worker, (bias, variance, weight), unit)
        truth, _ = _weighted(given - bias[worker], owner, weight / variance[worker], len(objects))
        signal = float(np.var(truth[np.unique(owner)])) if len(given) else 0.0
        self.skill_ = signal / (signal + _TAILS * variance) if signal > 0.0 else np.full(size, 0.5)
        return self

    def _worthwhile(
        self, given: Floats, owner: Ints, worker: Ints, fitted: tuple[Floats, Floats, Floats], unit: float
    ) -> tuple[Floats, Floats]:
        """(W + 1,) biases and deviations that values are made with, the crowd's where workers' own do not pay.

        The last are those of workers not known yet.

        They pay when each answer is foretold better by the others of its object. Where they do not, every worker has
        the deviation of the answers from plain means, so that only gross outliers count for less than the rest.
        """
        bias, variance, weight = fitted
        size, ones = len(variance), np.ones(len(given))
        plain, least = _foretold_error(given, owner, worker, ones, np.zeros(size))
        self.biases_count_ = _foretold_error(given, owner, worker, ones, bias, least)[0] < (1.0 - _BIAS_PAYS) * plain
        used = bias if self.biases_count_ else np.zeros(size)
        before, least = _foretold_error(given, owner, worker, ones, used)
        after = _foretold_error(given, owner, worker, weight / variance[worker], used, least)[0]
        pays = min(_WEIGHTS_PAY, _WEIGHTS_OF * len(np.unique(owner)) / max(len(given), 1))
        self.deviations_count_ = after < (1.0 - pays) * before
        if self.deviations_count_ or not plain:
            return np.append(used * unit, 0.0), np.append(self.deviation_, self.crowd_deviation_)
        square, count, _ = _from_medians(given - used[worker], owner)
        usual = usual_square(square, max(len(given) - len(count), 1), otherwise=1.0)
        return np.append(used * unit, 0.0), np.full(size + 1, sqrt(max(usual, _LEAST) * _TAILS) * unit)

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's number; None when nobody answered. Raises: InvalidVotes."""
        return self.consolidate_all([answers])[0]

    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's number, in the order given. Raises: InvalidVotes."""
        if not hasattr(self, "workers_"):
            self.workers_, self.bias_, self.deviation_, self.skill_ = [], np.zeros(0), np.zeros(0), np.zeros(0)
            self.crowd_deviation_, self._used = 0.0, (np.zeros(1), np.zeros(1))
            self.biases_count_ = self.deviations_count_ = False
            self.reach_ = Reach()
        return [self._value(answers, n) for n, answers in enumerate(objects)]

    def _value(self, answers: Answers, n: int) -> Consolidated:
        owner, worker, given = self._columns([answers], self.workers_, first=n)
        if not len(given):
            return Consolidated(None, 0.0, {"deviation": None})
        believed = self.reach_.weight(given)
        typical = self.crowd_deviation_ or usual_distance(given, owner, middles(given, owner, believed, 1))
        bias, deviation = self._used[0][worker], self._used[1][worker]
        variance = np.where(deviation > 0.0, deviation, typical) ** 2 / _TAILS
        weigh = _weight if self.deviations_count_ else _plain_weight
        anchor = float(given[len(given) // 2])
        away = given - anchor - bias
        truth = middles(away, owner, believed / variance, 1)
        for _ in range(10):
            weight = weigh((away - truth[0]) ** 2 / variance)
            truth, spread = _weighted(away, owner, weight / variance, 1)
        error = sqrt(float(spread[0]) * _INFORMED)
        value = anchor + float(truth[0])
        if np.ptp(given) == 0.0:
            value = anchor  # everyone agrees: no bias is subtracted from that
        tolerance = typical if self.tolerance is None else self.tolerance
        return Consolidated(value, erf(tolerance / (error * sqrt(2.0))), {"deviation": error})

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


def _slips_drawn_in(given: Floats, owner: Ints, n_objects: int, reach: Reach) -> tuple[Floats, float]:
    """(M,) answers in units of the usual distance from their object's middle, none farther from it than is a slip.

    Also the unit. Beyond, how gross a slip is would only blow up what is taken for usual of its worker and the crowd.
    """
    centre = middles(given, owner, reach.weight(given), n_objects)
    unit = usual_distance(given, owner, centre)
    away = np.clip((given - centre[owner]) / unit, -_SLIP, _SLIP)
    return (centre[owner] - (reach.middle if len(given) else 0.0)) / unit + away, unit


def _foretold_error(
    given: Floats, owner: Ints, worker: Ints, precision: Floats, bias: Floats, least: float = 0.0
) -> tuple[float, float]:
    """Mean squared error of answers (M,) foretold by the others of their object, and what a single one counts at most.

    An error counts as no more than five times the typical one, else slips foretold decide alone.
    least : at most this much counts instead.
    """
    own = given - bias[worker]
    total = np.bincount(owner, precision)[owner] - precision
    told = np.bincount(owner)[owner] > 1
    others = np.bincount(owner, precision * own)[owner] - precision * own
    square = ((own - others / np.where(total > 0.0, total, 1.0)) ** 2)[told]
    if not square.size:
        return 0.0, 0.0
    most = least or _MOST_COUNTED * float(square.mean())
    return float(np.minimum(square, most).mean()), most


def _robust_start(given: Floats, owner: Ints, worker: Ints, size: int) -> tuple[Floats, Floats]:
    """(W,) variances and (M,) weights to start from: distances from medians, which no outlier moves far."""
    square, count, order = _from_medians(given, owner)
    told = np.repeat(count > 1, count)[np.argsort(order)]
    crowd = max(_MEDIAN_SQUARE * float(np.median(square[told])), _LEAST)
    variance = np.full(size, crowd)
    for w in np.unique(worker[told]).tolist():
        own = square[told & (worker == w)]
        typical = _MEDIAN_SQUARE * float(np.median(own))
        variance[w] = (len(own) * typical + _START_STRENGTH * crowd) / (len(own) + _START_STRENGTH)
    variance = np.maximum(variance, _LEAST)
    return variance, _weight(square / variance[worker])


def _from_medians(given: Floats, owner: Ints) -> tuple[Floats, Ints, Ints]:
    """(M,) squared distances from objects' medians, answers of each object that has any, and the order by object."""
    order = np.lexsort((given, owner))
    first = np.flatnonzero(np.diff(owner[order], prepend=-1))
    count = np.diff(np.append(first, len(owner)))
    low, high = given[order][first + (count - 1) // 2], given[order][first + count // 2]
    return (given - np.repeat((low + high) / 2.0, count)[np.argsort(order)]) ** 2, count, order


def _belief(ratio: Floats) -> Floats:
    """Chance that errors, squared and in variances, are of the worker's usual kind and no outliers."""
    usual = -(_FREEDOM + 1.0) / 2.0 * np.log1p(ratio / _FREEDOM)
    outlier = log(_OUTLIERS / _FAR) - ratio / (2.0 * _FAR**2)
    return np.asarray(1.0 / (1.0 + np.exp(np.minimum(outlier - usual, _DOUBT))))


def _weight(ratio: Floats) -> Floats:
    """What answers weigh by their errors, squared and in variances: as under Student's t, and hardly when outliers."""
    return np.asarray(_belief(ratio) * (_FREEDOM + 1.0) / (_FREEDOM + ratio))


def _plain_weight(ratio: Floats) -> Floats:
    """The same as `_weight`, but one up to six deviations, where no answer is an outlier; beyond, no pull grows."""
    return np.asarray(_belief(ratio) * np.minimum(1.0, _PLAIN / np.maximum(ratio, _PLAIN)))


def _typical(residual: Floats, trials: Floats) -> float:
    """The variance of a typical worker: the geometric mean over answers, which one careless worker does not raise much.

    residual, trials : (W,) sums of squared errors and of degrees of freedom.
    """
    mean = float(residual.sum()) / max(float(trials.sum()), 1e-12)
    own = np.log(np.maximum((residual + mean) / (trials + 1.0), _LEAST))
    # The logarithm of a variance from t degrees of freedom is low on average, by about its own variance over 2.
    own += trials / (trials + 1.0) ** 2
    return max(float(np.exp((trials * own).sum() / max(trials.sum(), 1e-12))), _LEAST)


def _weighted(given: Floats, owner: Ints, precision: Floats, n_objects: int) -> tuple[Floats, Floats]:
    """(N,) precision-weighted means and their variances; 0 and 0 without answers."""
    total = np.bincount(owner, precision, n_objects)
    safe = np.where(total > 0.0, total, 1.0)
    return np.bincount(owner, precision * given, n_objects) / safe, np.where(total > 0.0, 1.0 / safe, 0.0)
