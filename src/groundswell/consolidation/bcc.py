"""Bayesian classifier combination: confusion matrices whose rows share priors learned from the whole crowd.

Row k of worker w is Dirichlet(strength * crowd[k]); a worker with few annotations leans on the crowd's row, and how
much is learned. Fitted by variational Bayes: the answers' responsibilities and the rows are updated in turn, then the
shared priors are raised to make the expected counts more probable (Minka's fixed point), never less.

Source: Kim & Ghahramani 2012, Bayesian Classifier Combination, AISTATS 22, 619-627; hierarchical priors as in Paun et
al. 2018, Comparing Bayesian Models of Annotation, TACL 6, 571-585, doi:10.1162/tacl_a_00040; fixed point: Minka 2000,
Estimating a Dirichlet distribution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from groundswell.consolidation.base import (
    CategoricalConsolidator,
    Gold,
    WorkerHistory,
    climb,
    gold_index,
    history_counts,
    start_posterior,
)
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
from groundswell.consolidation.majority_vote import MajorityVote
from groundswell.consolidation.special import digamma
from groundswell.consolidation.votes import Votes

_STRENGTH_RANGE = (0.5, 1000.0)  # imagined answers a row of the crowd may be worth


@dataclass(frozen=True)
class CrowdPrior:
    """What rows of confusion are like before a worker is seen; learned from the crowd."""

    crowd: Floats  # (K given, K true) mean rows
    strength: float  # imagined answers they are worth

    @property
    def concentration(self) -> Floats:
        """(K given, K true) Dirichlet parameters."""
        return self.strength * self.crowd


@dataclass(frozen=True)
class BccState:
    """Where the variational loop stands."""

    expected: Expected
    prior: CrowdPrior


@dataclass(frozen=True)
class BccFit:
    """The result of `fit_bcc`; `objective` holds lower bounds of the log evidence."""

    posterior: Floats  # (N, K)
    rows: Floats  # (W, K given, K true) Dirichlet parameters
    classes: Floats  # (K,) Dirichlet parameters of the class rates
    objective: list[float]
    converged: bool


def fit_bcc(
    votes: Votes,
    gold: Index,
    *,
    history: Floats | None = None,
    diagonal: float = 2.0,
    anchor: float = 3.0,
    class_pseudocount: float = 1.0,
    max_iter: int = 200,
    tol: float = 1e-6,
) -> BccFit:
    """Variational Bayes from the shares of votes.

    diagonal : how much likelier than another class the right one is in the crowd's rows before any data.
    anchor : answers each class's crowd row is worth before any data, times K.
    history : (W, K true, K given) answers known from earlier jobs.
    """
    size = votes.n_labels
    base = np.ones((size, size)) + (diagonal - 1.0) * np.eye(size)
    base /= base.sum(axis=0)
    known = 0.0 if history is None else history.transpose(0, 2, 1)
    cells = np.arange(size, dtype=np.int32)

    def step(state: BccState) -> tuple[BccState, float]:
        counts = state.expected.counts + known
        prior = raise_prior(counts, state.prior, anchor * size * base)
        rows, classes = prior.concentration + counts, class_pseudocount + state.expected.mass
        log_weight, log_table = expected_log(classes, 0), expected_log(rows, 1)
        expected = expect_cells(votes, gold, cells, log_weight, log_table)
        bound = expected.log_likelihood - divergence(rows, np.broadcast_to(prior.concentration, rows.shape), 1)
        bound -= divergence(classes, np.full(size, class_pseudocount), 0)
        return BccState(expected, prior), bound + _log_anchor(prior, anchor * size * base)

    start = BccState(start_cells(votes, start_posterior(votes, gold)), CrowdPrior(base, 4.0))
    fit = climb(step, start, max_iter=max_iter, tol=tol)
    rows = fit.state.prior.concentration + fit.state.expected.counts + known
    classes = class_pseudocount + fit.state.expected.mass
    return BccFit(fit.state.expected.posterior, rows, classes, fit.objective, fit.converged)


def raise_prior(counts: Floats, prior: CrowdPrior, anchor: Floats) -> CrowdPrior:
    """Shared priors under which the expected counts (W, K given, K true) are at least as probable as before."""
    value = log_marginal(counts, prior.concentration, 1) + _log_anchor(prior, anchor)
    for _ in range(3):
        gained = digamma(counts + prior.concentration) - digamma(prior.concentration)
        crowd = (prior.concentration * gained).sum(axis=0) + anchor
        crowd /= crowd.sum(axis=0)
        met = counts.sum(axis=1)
        spread = (digamma(met + prior.strength) - digamma(prior.strength)).sum() + 0.1
        strength = prior.strength * float((prior.crowd * gained).sum() + 1.0 / prior.strength) / float(spread)
        better = CrowdPrior(crowd, float(np.clip(strength, *_STRENGTH_RANGE)))
        raised = log_marginal(counts, better.concentration, 1) + _log_anchor(better, anchor)
        if raised <= value:
            break
        prior, value = better, raised
    return prior


def _log_anchor(prior: CrowdPrior, anchor: Floats) -> float:
    """Log density of the shared priors before any data, up to a constant."""
    return float((anchor * np.log(prior.crowd)).sum()) - 0.1 * prior.strength


class BayesianClassifierCombination(CategoricalConsolidator):
    """Confusion matrices with priors learned from the crowd, by variational Bayes. Short name: `BCC`.

    Parameters
    ----------
    diagonal, anchor : the crowd's rows before any data, see `fit_bcc`.
    max_iter, tol : stop when an iteration raises the bound by less than tol * (1 + |bound|).
    """

    def __init__(self, *, diagonal: float = 2.0, anchor: float = 3.0, max_iter: int = 200, tol: float = 1e-7) -> None:
        self.diagonal = diagonal
        self.anchor = anchor
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, votes: Votes, *, gold: Gold | None = None, worker_history: WorkerHistory | None = None) -> Self:
        """See `CategoricalConsolidator.fit`. `confusion_` and `prior_` are posterior means."""
        if votes.n_labels < 2 or len(votes) == 0:
            return self._store_vote(MajorityVote().fit(votes, gold=gold, worker_history=worker_history))
        fit = fit_bcc(
            votes,
            gold_index(votes, gold),
            history=history_counts(votes, worker_history),
            diagonal=self.diagonal,
            anchor=self.anchor,
            max_iter=self.max_iter,
            tol=self.tol,
        )
        confusion = np.ascontiguousarray((fit.rows / fit.rows.sum(axis=1, keepdims=True)).transpose(0, 2, 1))
        prior = fit.classes / fit.classes.sum()
        return self._store(
            votes,
            with_prior(votes, fit.posterior, prior, gold_index(votes, gold)),
            prior=prior,
            confusion=confusion,
            objective=fit.objective,
            converged=fit.converged,
            n_iter=len(fit.objective),
        )


BCC = BayesianClassifierCombination


def with_prior(votes: Votes, posterior: Floats, prior: Floats, gold: Index) -> Floats:
    """The posterior with objects that nobody annotated, and that are not gold, at the class rates; in place."""
    posterior[(votes.counts_by_object == 0) & (gold < 0)] = prior
    return posterior
