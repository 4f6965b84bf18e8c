"""Which of two things is better, from many workers: each comparison's winner, and one scale for all things compared.

An answer is "left", "right" or "tie"; or {"left": id, "right": id, "winner": ...} where things have ids and meet in
many comparisons. Things have scores on one scale; worker w reads their difference with sharpness beta_w and leans to
the left by lean_w (Davidson's tie model):

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

from groundswell.consolidation.answers import Answers, Consolidated, require, sorted_workers

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OUTCOMES = ("left", "tie", "right")
_SCORE_SPREAD, _SHARPNESS_SPREAD, _LEAN_SPREAD = 2.0, 0.5, 0.5


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
    nu; `objective_` (never falls), `converged_`, `n_iter_`.
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
        self.items_ = sorted({*left, *right}, key=lambda item: (type(item).__name__, item))
        self.workers_ = sorted(set(worker), key=lambda item: (type(item).__name__, item))
        item, who = ({key: i for i, key in enumerate(keys)} for keys in (self.items_, self.workers_))
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
        chances = _chances(self._difference(rows), self.tie_)
        given = (rows.outcome == 0).astype(np.float64) - (rows.outcome == 2)
        return np.asarray((given - (chances[:, 0] - chances[:, 2])) / 2.0)


def _chances(difference: Floats, tie: float) -> Floats:
    half = np.clip(difference, -200.0, 200.0) / 2.0
    weight = np.stack((np.exp(half), np.full(len(half), tie), np.exp(-half)), axis=1)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


class PairwiseConsolidator:
    """Consolidates comparisons; an answer is "left", "right", "tie", or {"left": id, "right": id, "winner": ...}.

    Each object's winner is the outcome of highest posterior: workers as one-coin voters, with the scores of the two
    things, where they have ids, as prior. Fitted: `workers_`, `skill_` (W,), `scale_` (`BradleyTerry` or None).
    """

    _first_accuracy = 0.75
    _strength = 8.0

    def check(self, value: Any, *, where: str) -> None:
        """Raises: InvalidVotes, unless the value names a winner."""
        winner = value.get("winner") if isinstance(value, Mapping) else value
        require(
            isinstance(winner, str) and winner in OUTCOMES,
            f"a comparison's winner is one of {OUTCOMES}, but {where} has {winner!r}",
            field="winner",
        )

    def fit(self, objects: Sequence[Answers]) -> Self:
        """Estimate workers, and scores where things have ids. Raises: InvalidVotes."""
        self.workers_ = sorted_workers(objects)
        size = len(self.workers_)
        position = {worker: w for w, worker in enumerate(self.workers_)}
        polls = [self._outcomes(answers, n) for n, answers in enumerate(objects)]
        self.scale_ = self._fit_scale(objects)
        self.skill_ = np.full(size, self._first_accuracy)
        for _ in range(10):
            right, trials = np.zeros(size), np.zeros(size)
            for answers, poll in zip(objects, polls, strict=True):
                if len(poll) > 1:
                    posterior = self._posterior(answers, poll)
                    for worker, outcome in poll.items():
                        right[position[worker]] += posterior[outcome]
                        trials[position[worker]] += 1.0
            crowd = (right.sum() + self._strength * self._first_accuracy) / (trials.sum() + self._strength)
            self.skill_ = np.clip((right + self._strength * crowd) / (trials + self._strength), 0.34, 0.98)
        return self

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's winner; None when nobody answered. Raises: InvalidVotes."""
        return self.consolidate_all([answers])[0]

    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's winner, in the order given. Raises: InvalidVotes."""
        if not hasattr(self, "workers_"):
            self.workers_, self.skill_, self.scale_ = [], np.zeros(0), None
        return [self._label(answers, self._outcomes(answers, n)) for n, answers in enumerate(objects)]

    def _label(self, answers: Answers, poll: dict[str, int]) -> Consolidated:
        if not poll:
            return Consolidated(None, 0.0, {"posterior": {}})
        posterior = self._posterior(answers, poll)
        given = set(poll.values())
        best = given.pop() if len(given) == 1 else int(np.argmax(posterior > posterior.max() - 1e-9))
        first = answers[min(answers, key=str)]
        value = {**first, "winner": OUTCOMES[best]} if isinstance(first, Mapping) else OUTCOMES[best]
        return Consolidated(
            value, float(posterior[best]), {"posterior": dict(zip(OUTCOMES, posterior.tolist(), strict=True))}
        )

    def _posterior(self, answers: Answers, poll: dict[str, int]) -> Floats:
        known = dict(zip(self.workers_, self.skill_.tolist(), strict=True))
        score = np.log(self._prior(answers))
        for worker in sorted(poll, key=str):
            accuracy = known.get(worker, self._first_accuracy)
            score[poll[worker]] += np.log(accuracy) - np.log((1.0 - accuracy) / 2.0)
        weight = np.exp(score - score.max())
        return np.asarray(weight / weight.sum())

    def _prior(self, answers: Answers) -> Floats:
        value = answers[min(answers, key=str)]
        if self.scale_ is None or not isinstance(value, Mapping) or "left" not in value:
            return np.full(3, 1.0 / 3.0)
        score = dict(zip(self.scale_.items_, self.scale_.scores_.tolist(), strict=True))
        difference = np.array([score.get(value["left"], 0.0) - score.get(value["right"], 0.0)])
        return np.asarray(0.9 * self.scale_.probabilities(difference)[0] + 0.1 / 3.0)

    def _outcomes(self, answers: Answers, n: int) -> dict[str, int]:
        for worker, value in answers.items():
            self.check(value, where=f"object {n}, worker {worker!r}")
        return {
            worker: OUTCOMES.index(value["winner"] if isinstance(value, Mapping) else value)
            for worker, value in answers.items()
        }

    def _fit_scale(self, objects: Sequence[Answers]) -> BradleyTerry | None:
        rows = [
            (value["left"], value["right"], worker, value["winner"])
            for answers in objects
            for worker, value in sorted(answers.items())
            if isinstance(value, Mapping) and "left" in value and "right" in value
        ]
        if not rows:
            return None
        left, right, worker, winner = zip(*rows, strict=True)
        return BradleyTerry().fit(left=left, right=right, worker=worker, winner=winner)
