"""One scale for all things compared, from noisy comparisons by many workers.

Things have scores; worker w reads the difference of two with sharpness beta_w and leans to the left by lean_w
(Davidson's tie model):

    P(left)  = exp(+d/2) / Z,   P(right) = exp(-d/2) / Z,   P(tie) = nu / Z,      d = beta_w (s_left - s_right) + lean_w

A worker with beta 0 answers at random, one below 0 has the sides confused. Scores and leans have normal priors around
0, sharpness around 1; fitted by alternating bounded Newton steps on the log posterior.
Source: Bradley & Terry 1952, doi:10.2307/2334029; ties, Davidson 1970, doi:10.1080/01621459.1970.10481082; workers'
quality, Chen et al. 2013 (CrowdBT), doi:10.1145/2433396.2433420.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import require
from groundswell.consolidation.columns import sort_ids

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OUTCOMES = ("left", "tie", "right")
_SCORE_SPREAD, _SHARPNESS_SPREAD, _LEAN_SPREAD = 2.0, 0.5, 0.5
_LEAST_TIE = 1e-3  # weight of a tie where none was in the fit
_MOST_TOGETHER = 3_000  # things whose scores' covariance is worth the time
_GRID = np.linspace(-6.0, 6.0, 121)  # standard deviations at which an uncertain difference is looked at


@dataclass(frozen=True)
class Comparisons:
    """M answers: things and workers by index, outcome 0 left, 1 tie, 2 right."""

    left: Ints  # (M,)
    right: Ints  # (M,)
    worker: Ints  # (M,)
    outcome: Ints  # (M,)


class BradleyTerry:
    """Scores of things from noisy comparisons.

    Fitted: `items_` the ids, sorted; `scores_` (I,) with mean 0; `ranking_` ids from best to worst; `workers_`;
    `sharpness_`, `lean_`, `skill_` (W,) the chance to pick the better of two things one score apart; `tie_` the weight
    nu; `variance_` (I,) of the scores (Laplace), `covariance_` (I, I), None beyond 3,000 things, whose scores are taken
    to be independent; `objective_` (never falls), `converged_`, `n_iter_`.
    """

    def __init__(self, *, max_iter: int = 300, tolerance: float = 1e-7) -> None:
        self.max_iter = max_iter
        self.tolerance = tolerance

    def fit(self, *, left: Sequence[Any], right: Sequence[Any], worker: Sequence[Any], winner: Sequence[str]) -> Self:
        """Estimate from four columns of M rows. Raises: InvalidVotes with the row."""
        columns = {"left": left, "right": right, "worker": worker, "winner": winner}
        sizes = {name: len(column) for name, column in columns.items()}
        require(len(set(sizes.values())) == 1, f"the columns must be of one length, but have {sizes}")
        for row, (a, b, outcome) in enumerate(zip(left, right, winner, strict=True)):
            require(outcome in OUTCOMES, f"a winner is one of {OUTCOMES}, but row {row} has {outcome!r}", row=row)
            require(a != b, f"a thing cannot be compared with itself, as row {row} does with {a!r}", row=row)
        self.items_ = sort_ids({*left, *right})
        self.workers_ = sort_ids(set(worker))
        self._rows = set(zip(left, right, worker, (OUTCOMES.index(outcome) for outcome in winner), strict=True))
        item, who = self._item, self._who = _positions(self.items_), _positions(self.workers_)
        self._fit(
            Comparisons(
                np.array([item[key] for key in left], np.int64),
                np.array([item[key] for key in right], np.int64),
                np.array([who[key] for key in worker], np.int64),
                np.array([OUTCOMES.index(outcome) for outcome in winner], np.int64),
            )
        )
        return self

    def probabilities(self, difference: Floats) -> Floats:
        """(D, 3) chances of left, tie and right for an average worker and differences in score (D,)."""
        return _chances(difference, self.tie_)

    def better(self, left: Any, right: Any, answers: Mapping[Any, int]) -> float:
        """The chance that the thing on the left is the better one, given the fit and the answers to this comparison.

        answers : worker -> outcome, 0 left, 1 tie, 2 right. Those that were in the fit count once; new ones are added,
            by an average worker where unknown. A thing that was not in the fit has score 0, with the prior's spread.
        """
        gap, spread = self._gap(self._item.get(left), self._item.get(right))
        at = gap + np.sqrt(spread) * _GRID
        log_chance = -(_GRID**2) / 2.0
        for worker, outcome in answers.items():
            if not self._counted(left, right, worker, outcome):
                w = self._who.get(worker)
                beta, lean = (1.0, 0.0) if w is None else (self.sharpness_[w], self.lean_[w])
                log_chance = log_chance + np.log(_chances(beta * at + lean, max(self.tie_, _LEAST_TIE))[:, outcome])
        weight = np.exp(log_chance - log_chance.max())
        return float((weight * np.where(at == 0.0, 0.5, at > 0.0)).sum() / weight.sum())

    def _counted(self, left: Any, right: Any, worker: Any, outcome: int) -> bool:
        return (left, right, worker, outcome) in self._rows or (right, left, worker, 2 - outcome) in self._rows

    def _gap(self, i: int | None, j: int | None) -> tuple[float, float]:
        """Mean and variance of the difference of two scores; None for things not in the fit."""
        known = [k for k in (i, j) if k is not None]
        gap = sum(float(self.scores_[k]) * (1.0 if k == i else -1.0) for k in known)
        spread = sum(float(self.variance_[k]) for k in known) + (2 - len(known)) * _SCORE_SPREAD**2
        if self.covariance_ is not None and len(known) == 2:
            spread -= 2.0 * float(self.covariance_[known[0], known[1]])
        return gap, spread

    def _measure_spread(self, rows: Comparisons) -> None:
        """The scores' covariance: the inverse of the curvature of the log posterior, workers as fitted."""
        size = len(self.items_)
        _, curve = _turn_and_curve(self._difference(rows), rows.outcome, self.tie_)
        weight = curve * self.sharpness_[rows.worker] ** 2
        own = np.bincount(rows.left, weight, size) + np.bincount(rows.right, weight, size) + _SCORE_SPREAD**-2
        self.variance_ = np.asarray(1.0 / own, np.float64)
        self.covariance_: Floats | None = None
        if size <= _MOST_TOGETHER:
            precision = np.diag(own)
            np.add.at(precision, (rows.left, rows.right), -weight)
            np.add.at(precision, (rows.right, rows.left), -weight)
            self.covariance_ = np.asarray(np.linalg.inv(precision), np.float64)
            self.variance_ = np.diagonal(self.covariance_)

    def _fit(self, rows: Comparisons) -> None:
        self.scores_ = np.zeros(len(self.items_))
        self.sharpness_, self.lean_ = np.ones(len(self.workers_)), np.zeros(len(self.workers_))
        ties = float((rows.outcome == 1).sum())
        self.tie_ = max(2.0 * ties / max(len(rows.outcome) - ties, 1.0), 1e-3) if ties else 0.0
        self.objective_: list[float] = [self._log_posterior(rows)]
        self.converged_ = False
        for _ in range(self.max_iter):
            self._climb(rows)
            self.objective_.append(self._log_posterior(rows))
            if self.objective_[-1] - self.objective_[-2] <= self.tolerance * (1.0 + abs(self.objective_[-1])):
                self.converged_ = True
                break
        self.n_iter_ = len(self.objective_)
        self.scores_ = self.scores_ - (self.scores_.mean() if len(self.scores_) else 0.0)
        self._measure_spread(rows)
        self.ranking_ = [self.items_[i] for i in np.argsort(-self.scores_, kind="stable")]
        self.skill_ = 1.0 / (1.0 + np.exp(-self.sharpness_))

    def _difference(self, rows: Comparisons) -> Floats:
        gap = self.scores_[rows.left] - self.scores_[rows.right]
        return np.asarray(self.sharpness_[rows.worker] * gap + self.lean_[rows.worker])

    def _log_posterior(self, rows: Comparisons) -> float:
        chance = _chances(self._difference(rows), self.tie_)[np.arange(len(rows.outcome)), rows.outcome]
        prior = (self.scores_**2).sum() / _SCORE_SPREAD**2 + ((self.sharpness_ - 1.0) ** 2).sum() / _SHARPNESS_SPREAD**2
        prior += (self.lean_**2).sum() / _LEAN_SPREAD**2
        return float(np.log(np.maximum(chance, 1e-300)).sum() - prior / 2.0)

    def _climb(self, rows: Comparisons) -> None:
        """One ascent in each group of parameters; a tie or win turns on d with curvature at most 1/4."""
        self.scores_ = self.scores_ + self._score_step(rows)
        gap, size = self.scores_[rows.left] - self.scores_[rows.right], len(self.workers_)
        slope = np.bincount(rows.worker, self._slope(rows) * gap, size)
        bound = np.bincount(rows.worker, gap**2, size) / 4.0 + 1.0 / _SHARPNESS_SPREAD**2
        self.sharpness_ = self.sharpness_ + (slope - (self.sharpness_ - 1.0) / _SHARPNESS_SPREAD**2) / bound
        slope = np.bincount(rows.worker, self._slope(rows), size)
        bound = np.bincount(rows.worker, np.ones(len(gap)), size) / 4.0 + 1.0 / _LEAN_SPREAD**2
        self.lean_ = self.lean_ + (slope - self.lean_ / _LEAN_SPREAD**2) / bound
        if self.tie_ > 0.0:
            self._raise_tie(rows)

    def _score_step(self, rows: Comparisons) -> Floats:
        beta, size = self.sharpness_[rows.worker], len(self.scores_)
        turn, curve = self._slope(rows) * beta, beta**2
        slope = np.bincount(rows.left, turn, size) - np.bincount(rows.right, turn, size)
        # Gershgorin: the largest eigenvalue of the Hessian is at most twice its largest diagonal entry, row by row.
        bound = (np.bincount(rows.left, curve, size) + np.bincount(rows.right, curve, size)) / 2.0
        return np.asarray((slope - self.scores_ / _SCORE_SPREAD**2) / (bound + 1.0 / _SCORE_SPREAD**2))

    def _raise_tie(self, rows: Comparisons) -> None:
        """The fixed point of the tie weight, an ascent by minorization (Hunter 2004, doi:10.1214/aos/1079120141)."""
        half = self._difference(rows) / 2.0
        total = np.exp(half) + np.exp(-half) + self.tie_
        self.tie_ = float((rows.outcome == 1).sum() / (1.0 / total).sum())

    def _slope(self, rows: Comparisons) -> Floats:
        """(M,) derivative of each answer's log chance in d."""
        return _turn_and_curve(self._difference(rows), rows.outcome, self.tie_)[0]


def _positions(ids: Sequence[Any]) -> dict[Any, int]:
    return {key: i for i, key in enumerate(ids)}


def _turn_and_curve(difference: Floats, outcome: Ints, tie: float) -> tuple[Floats, Floats]:
    """(M,), (M,) derivative and negated second derivative of each answer's log chance in d."""
    chances = _chances(difference, tie)
    mean = (chances[:, 0] - chances[:, 2]) / 2.0
    return (1.0 - outcome) / 2.0 - mean, (chances[:, 0] + chances[:, 2]) / 4.0 - mean**2


def _chances(difference: Floats, tie: float) -> Floats:
    half = np.clip(difference, -200.0, 200.0) / 2.0
    weight = np.stack((np.exp(half), np.full(len(half), tie), np.exp(-half)), axis=1)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))
