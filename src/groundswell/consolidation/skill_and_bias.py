"""Skill and bias: a worker sharpens or blurs the crowd's confusion matrix and leans to some answers.

confusion[w, k, l] is proportional to exp(skill[w] * log crowd[k, l] + bias[w, l]): K + 1 numbers a worker instead of
K * K, so that it holds for workers with few annotations, for scales (the crowd's matrix knows that neighbours are
confused), for spammers (skill 0) and for adversaries (below 0). Fitted by EM to the posterior mode under normal priors
whose variances are learned; the M-step takes one Newton step in each number.

Source: a multinomial logit in the manner of Zhou, Liu, Platt, Meek & Shah 2015, Regularized Minimax Conditional Entropy
for Crowdsourcing, arXiv:1503.07240, with their worker matrix reduced to a scale and a shift of the crowd's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from groundswell.consolidation.base import start_posterior
from groundswell.consolidation.cells import Expected, Floats, Index, expect_cells, start_cells
from groundswell.consolidation.votes import Votes

_LARGEST_STEP = 0.5  # of skill, bias or a log chance in one iteration
_ANCHOR = 10.0  # answers each row of the crowd's matrix is worth before any data


@dataclass(frozen=True)
class Habits:
    """The model's parameters."""

    log_crowd: Floats  # (K true, K given)
    skill: Floats  # (W,) 1 is the crowd's
    bias: Floats  # (W, K given)
    skill_variance: float
    bias_variance: float

    @property
    def confusion(self) -> Floats:
        """(W, K true, K given), rows sum to 1."""
        scores = self.skill[:, None, None] * self.log_crowd + self.bias[:, None, :]
        scores -= scores.max(axis=2, keepdims=True)
        chances = np.exp(scores)
        return np.asarray(chances / chances.sum(axis=2, keepdims=True))


@dataclass(frozen=True)
class HabitsFit:
    """The result of `fit_skill_and_bias`."""

    posterior: Floats  # (N, K)
    habits: Habits


def fit_skill_and_bias(
    votes: Votes,
    gold: Index,
    *,
    history: Floats | None = None,
    class_pseudocount: Floats | float = 0.5,
    max_iter: int = 80,
    tol: float = 1e-5,
) -> HabitsFit:
    """EM from the shares of votes; ends when the log posterior changes by less than tol * (1 + |value|).

    history : (W, K true, K given) answers known from earlier jobs.
    class_pseudocount : imagined objects of each class, one number or (K,).
    """
    size = votes.n_labels
    base = np.ones((size, size)) + size / 2.0 * np.eye(size)
    base *= _ANCHOR / base.sum(axis=1, keepdims=True)
    known = 0.0 if history is None else history
    cells = np.arange(size, dtype=np.int32)
    expected = start_cells(votes, start_posterior(votes, gold))
    counts = _by_truth(expected) + known
    crowd = counts.sum(axis=0) + base
    crowd /= crowd.sum(axis=1, keepdims=True)
    habits = Habits(np.log(crowd), np.ones(votes.n_workers), np.zeros((votes.n_workers, size)), 0.5, 0.5)
    habits = improve(improve(habits, counts, base), counts, base)
    before = -np.inf
    for _ in range(max_iter):
        habits = improve(habits, counts, base)
        rates = expected.mass + class_pseudocount
        log_table = np.log(np.maximum(habits.confusion, 1e-9)).transpose(0, 2, 1)
        expected = expect_cells(votes, gold, cells, np.log(rates / rates.sum()), log_table)
        counts = _by_truth(expected) + known
        value = expected.log_likelihood + _log_prior(habits, base)
        if abs(value - before) < tol * (1.0 + abs(value)):
            break
        before = value
    return HabitsFit(expected.posterior, habits)


def improve(habits: Habits, counts: Floats, base: Floats) -> Habits:
    """One M-step: every worker's skill and bias, their variances, then the crowd's matrix.

    counts : (W, K true, K given) expected answers.     base : (K, K) answers the crowd's rows are worth beforehand.
    """
    gradient, curvature = _derivatives(habits, counts)
    step = np.clip(gradient / curvature, -_LARGEST_STEP, _LARGEST_STEP)
    skill, bias = habits.skill + step[:, 0], habits.bias + step[:, 1:]
    uncertainty = 1.0 / curvature
    workers, size = bias.shape
    skill_variance = float((((skill - 1.0) ** 2) + uncertainty[:, 0]).sum() + 0.5) / (workers + 1)
    bias_variance = float((bias**2 + uncertainty[:, 1:]).sum() + 0.5 * size) / ((workers + 1) * size)
    habits = Habits(habits.log_crowd, skill, bias, skill_variance, bias_variance)
    return replace(habits, log_crowd=_crowd(habits, counts, base))


def _derivatives(habits: Habits, counts: Floats) -> tuple[Floats, Floats]:
    """(W, 1 + K) gradient of the log posterior in (skill, bias), and how fast each of them falls off, (W, 1 + K).

    Only the curvature's diagonal: solving for all of a worker's numbers at once takes K ** 3 and labels no better.
    """
    log_crowd, chances, met = habits.log_crowd, habits.confusion, counts.sum(axis=2)
    surprise = counts - met[:, :, None] * chances
    gradient = np.empty((len(habits.bias), 1 + habits.bias.shape[1]))
    gradient[:, 0] = (surprise * log_crowd).sum(axis=(1, 2)) - (habits.skill - 1.0) / habits.skill_variance
    gradient[:, 1:] = surprise.sum(axis=1) - habits.bias / habits.bias_variance
    spread = (chances * log_crowd**2).sum(axis=2) - (chances * log_crowd).sum(axis=2) ** 2
    curvature = np.empty_like(gradient)
    curvature[:, 0] = (met * spread).sum(axis=1) + 1.0 / habits.skill_variance
    curvature[:, 1:] = (met[:, :, None] * chances * (1.0 - chances)).sum(axis=1) + 1.0 / habits.bias_variance
    return gradient, curvature


def _crowd(habits: Habits, counts: Floats, base: Floats) -> Floats:
    """(K, K) log of the crowd's rows, moved towards the answers that workers of skill gave (iterative scaling)."""
    skill = np.maximum(habits.skill, 0.05)[:, None, None]
    met = counts.sum(axis=2, keepdims=True)
    seen = (skill * counts).sum(axis=0) + base
    implied = (skill * met * habits.confusion).sum(axis=0) + base.sum(axis=1, keepdims=True) * np.exp(habits.log_crowd)
    weight = max(1.0, float(np.average(habits.skill, weights=met.sum(axis=(1, 2)) + 1e-9)))
    rows = np.exp(habits.log_crowd + np.clip(np.log(seen / implied), -_LARGEST_STEP, _LARGEST_STEP) / weight)
    return np.asarray(np.log(np.maximum(rows / rows.sum(axis=1, keepdims=True), 1e-4)))


def _log_prior(habits: Habits, base: Floats) -> float:
    value = float((base * habits.log_crowd).sum())
    value -= 0.5 * float(((habits.skill - 1.0) ** 2).sum()) / habits.skill_variance
    return value - 0.5 * float((habits.bias**2).sum()) / habits.bias_variance


def _by_truth(expected: Expected) -> Floats:
    return np.ascontiguousarray(expected.counts.transpose(0, 2, 1))
