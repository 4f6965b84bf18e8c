"""Enhanced Bayesian classifier combination: kinds of objects within a class, on which workers err together.

A class has several subtypes; worker w is right on subtype m of class k with a chance of its own, Beta distributed
around the crowd's mean, and wrong answers follow the crowd's errors in that class. Workers who fall for the same
objects make a subtype, instead of evidence for another class.

Source: Li, Rubinstein & Cohn 2019, Exploiting Worker Correlation for Label Aggregation in Crowdsourcing, ICML, PMLR 97,
3886-3895. Here chances are one for each row instead of K, and subtypes start from shares of votes, not at random.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from groundswell.consolidation.base import CategoricalConsolidator, climb, start_posterior, with_prior
from groundswell.consolidation.cells import (
    Expected,
    Floats,
    Index,
    divergence,
    expect_cells,
    expected_log,
    log_marginal,
    start_cells,
)
from groundswell.consolidation.known import Gold, WorkerHistory, gold_index, history_counts
from groundswell.consolidation.majority_vote import MajorityVote
from groundswell.consolidation.options import require_options
from groundswell.consolidation.special import digamma
from groundswell.consolidation.votes import Votes

_ACCURACY_RANGE = (0.55, 0.95)  # of the crowd on a subtype: below, a subtype would stand for another class
_ACCURACY_START = (7.0, 3.0)  # imagined right and wrong answers behind the crowd's accuracy


@dataclass(frozen=True)
class SubtypeFit:
    """The result of `fit_subtypes`; `objective` holds lower bounds of the log evidence."""

    posterior: Floats  # (N, K)
    confusion: Floats  # (W, K true, K given) posterior means, over subtypes
    prior: Floats  # (K,)
    objective: list[float]
    converged: bool


def fit_subtypes(
    votes: Votes,
    gold: Index,
    *,
    subtypes: int,
    history: Floats | None = None,
    strength: float = 5.0,
    class_pseudocount: Floats | float = 1.0,
    max_iter: int = 200,
    tol: float = 1e-6,
) -> SubtypeFit:
    """Variational Bayes with `subtypes` kinds of objects in each class.

    strength : imagined answers behind a worker's chance of being right on a subtype.
    history : (W, K true, K given) answers known from earlier jobs; they count for every subtype alike.
    class_pseudocount : imagined objects of each class, one number or (K,).
    """
    size, cells = votes.n_labels, votes.n_labels * subtypes
    classes = np.repeat(np.arange(size, dtype=np.int32), subtypes)
    own = (classes, np.arange(cells, dtype=np.int32))
    imagined = np.broadcast_to(np.asarray(class_pseudocount, np.float64), (size,))
    known = 0.0 if history is None else np.repeat(history.transpose(0, 2, 1), subtypes, axis=2) / subtypes
    earlier = _outcomes(np.zeros((votes.n_workers, size, cells)) + known, own)

    def step(state: tuple[Expected, float]) -> tuple[tuple[Expected, float], float]:
        expected, accuracy = state
        outcomes = _outcomes(expected.counts, own) + earlier
        accuracy = raise_accuracy(outcomes, accuracy, strength)
        before = strength * np.array([accuracy, 1.0 - accuracy])[:, None, None]
        chances = before + outcomes
        directions = error_directions(expected.counts.sum(axis=0), size, subtypes)
        log_chance = expected_log(chances, 0)
        log_table = _log_table(log_chance, directions, own)
        of_class = imagined + expected.mass.reshape(size, subtypes).sum(axis=1)
        of_subtype = 1.0 / subtypes + expected.mass.reshape(size, subtypes)
        log_weight = (expected_log(of_class, 0)[:, None] + expected_log(of_subtype, 1)).ravel()
        after = expect_cells(votes, gold, classes, log_weight, log_table)
        bound = after.log_likelihood + float((earlier * log_chance).sum())
        bound -= divergence(chances, np.broadcast_to(before, chances.shape), 0)
        bound -= divergence(of_class, imagined, 0)
        bound -= divergence(of_subtype, np.full_like(of_subtype, 1 / subtypes), 1)
        off = ~np.eye(size, dtype=bool)
        return (after, accuracy), bound + _log_start(accuracy) + float(np.log(directions[off]).sum())

    start = start_cells(votes, _start_shares(votes, gold, subtypes))
    fit = climb(step, (start, _ACCURACY_START[0] / sum(_ACCURACY_START)), max_iter=max_iter, tol=tol)
    expected, accuracy = fit.state
    directions = error_directions(expected.counts.sum(axis=0), size, subtypes).T * (1.0 - accuracy)
    crowd = np.where(np.eye(size, dtype=bool), accuracy, directions)
    answers = _by_class(expected.counts, subtypes) + strength * crowd + (0.0 if history is None else history)
    prior = imagined + expected.mass.reshape(size, subtypes).sum(axis=1)
    confusion = answers / answers.sum(axis=2, keepdims=True)
    return SubtypeFit(expected.posterior, confusion, prior / prior.sum(), fit.objective, fit.converged)


def _log_table(log_chance: Floats, directions: Floats, own: tuple[Index, Index]) -> Floats:
    """(W, K given, G) mean log chance of each answer: right as the worker is, else wrong as the crowd errs.

    log_chance : (2, W, G) of right and of wrong answers.       directions : (K given, K true), see `error_directions`.
    """
    table = log_chance[1][:, None, :] + np.log(directions[:, own[0]])
    table[:, own[0], own[1]] = log_chance[0]
    return np.asarray(table)


def _by_class(counts: Floats, subtypes: int) -> Floats:
    """(W, K true, K given) answers of (W, K given, G), over subtypes."""
    workers, size = counts.shape[:2]
    return np.asarray(counts.reshape(workers, size, size, subtypes).sum(axis=3).transpose(0, 2, 1))


def _outcomes(counts: Floats, own: tuple[Index, Index]) -> Floats:
    """(2, W, G) right and wrong answers of each worker in each cell, of answers (W, K given, G)."""
    right = counts[:, own[0], own[1]]
    return np.stack([right, counts.sum(axis=1) - right])


def raise_accuracy(outcomes: Floats, accuracy: float, strength: float) -> float:
    """The crowd's accuracy, moved so that right and wrong answers (2, W, G) are at least as probable as before."""

    def value(candidate: float) -> float:
        mean = strength * np.array([candidate, 1.0 - candidate])[:, None, None]
        return log_marginal(outcomes, mean, 0) + _log_start(candidate)

    mean = strength * np.array([accuracy, 1.0 - accuracy])[:, None, None]
    tables = (mean * (digamma(outcomes + mean) - digamma(mean))).sum(axis=(1, 2)) + np.array(_ACCURACY_START)
    better = float(np.clip(tables[0] / tables.sum(), *_ACCURACY_RANGE))
    return better if value(better) > value(accuracy) else accuracy


def error_directions(counts: Floats, size: int, subtypes: int) -> Floats:
    """(K given, K true) the crowd's wrong answers by class; columns sum to 1, plus a diagonal of 1 to be inert."""
    directions = counts.reshape(size, size, subtypes).sum(axis=2) + 1.0
    np.fill_diagonal(directions, 0.0)
    directions /= directions.sum(axis=0)
    np.fill_diagonal(directions, 1.0)
    return np.asarray(directions)


def _log_start(accuracy: float) -> float:
    return float(_ACCURACY_START[0] * np.log(accuracy) + _ACCURACY_START[1] * np.log1p(-accuracy))


def _start_shares(votes: Votes, gold: Index, subtypes: int) -> Floats:
    """(N, G) a class's share of the votes, dealt to its subtypes from clear objects to disputed ones."""
    posterior = start_posterior(votes, gold)
    order = np.arange(subtypes)
    ways = np.array([math.comb(subtypes - 1, m) for m in range(subtypes)])
    dealt = ways * posterior[..., None] ** (subtypes - 1 - order) * (1.0 - posterior[..., None]) ** order
    return np.asarray((posterior[..., None] * dealt).reshape(len(posterior), -1))


class EnhancedBCC(CategoricalConsolidator):
    """Bayesian classifier combination with subtypes of each class.

    Parameters
    ----------
    subtypes : kinds of objects within a class; 1 assumes that workers err independently. Without it 3 for two classes,
        and 1 for more: there a subtype can take the place of another class, and evidence does not notice.
    strength : see `fit_subtypes`.      max_iter, tol : as in `BayesianClassifierCombination`.
    """

    def __init__(
        self, *, subtypes: int | None = None, strength: float = 5.0, max_iter: int = 500, tol: float = 1e-7
    ) -> None:
        self.subtypes = subtypes
        self.strength = strength
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, votes: Votes, *, gold: Gold | None = None, worker_history: WorkerHistory | None = None) -> Self:
        """See `CategoricalConsolidator.fit`."""
        least = {"max_iter": 1} if self.subtypes is None else {"max_iter": 1, "subtypes": 1}
        require_options(self, at_least=least, above={"strength": 0.0})
        if votes.n_labels < 2 or len(votes) == 0:
            return self._store_vote(MajorityVote().fit(votes, gold=gold, worker_history=worker_history))
        known = gold_index(votes, gold)
        fit = fit_subtypes(
            votes,
            known,
            subtypes=self.subtypes or (3 if votes.n_labels == 2 else 1),
            history=history_counts(votes, worker_history),
            strength=self.strength,
            max_iter=self.max_iter,
            tol=self.tol,
        )
        return self._store(
            votes,
            with_prior(votes, fit.posterior, fit.prior, known),
            prior=fit.prior,
            confusion=fit.confusion,
            objective=fit.objective,
            converged=fit.converged,
            n_iter=len(fit.objective),
        )
