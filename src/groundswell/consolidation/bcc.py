"""Bayesian classifier combination: confusion matrices whose rows share priors learned from the whole crowd.

Row k of worker w is Dirichlet(strength * crowd[k]); a worker with few annotations leans on the crowd's row, and how
much is learned. Rows may also lean on rows given for each worker, such as a model of fewer numbers fits
(`skill_and_bias.py`). Fitted by variational Bayes: the answers' responsibilities and the rows are updated in turn, then
the shared priors are raised to make the expected counts more probable (Minka's fixed point), never less.

Source: Kim & Ghahramani 2012, Bayesian Classifier Combination, AISTATS 22, 619-627; hierarchical priors as in Paun et
al. 2018, Comparing Bayesian Models of Annotation, TACL 6, 571-585, doi:10.1162/tacl_a_00040; fixed point: Minka 2000,
Estimating a Dirichlet distribution.
"""

from __future__ import annotations

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
    start_cells,
)
from groundswell.consolidation.known import Gold, WorkerHistory, gold_index, history_counts
from groundswell.consolidation.majority_vote import MajorityVote
from groundswell.consolidation.options import require_options
from groundswell.consolidation.special import digamma, log_gamma
from groundswell.consolidation.votes import Votes

_STRENGTH_RANGE = (0.5, 1000.0)  # imagined answers a row of the crowd may be worth
_CROWD_STRENGTH, _OWN_STRENGTH = 4.0, 20.0  # where they start, for the crowd's rows and for a worker's own
_SMALLEST_CHANCE = 1e-3  # of an answer, in rows that are given


@dataclass(frozen=True)
class CrowdPrior:
    """What rows of confusion are like before a worker is seen; learned from the crowd."""

    crowd: Floats  # (K given, K true) mean rows, or (W, K given, K true) where each worker's are given
    strength: float  # imagined answers they are worth

    @property
    def concentration(self) -> Floats:
        """Dirichlet parameters, in the shape of `crowd`."""
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
    class_pseudocount: Floats | float = 1.0,
    own_rows: Floats | None = None,
    start: Floats | None = None,
    max_iter: int = 200,
    tol: float = 1e-6,
) -> BccFit:
    """Variational Bayes from the shares of votes.

    diagonal : how much likelier than another class the right one is in the crowd's rows before any data.
    anchor : answers each class's crowd row is worth before any data, times K.
    history : (W, K true, K given) answers known from earlier jobs.
    class_pseudocount : imagined objects of each class, one number or (K,).
    own_rows : (W, K true, K given) what each worker's rows lean on; without it the crowd's, which are then learned.
    start : (N, K) posterior to start from; without it the shares of votes.
    """
    size = votes.n_labels
    prior, weight = _before(size, diagonal, anchor, own_rows)
    known = 0.0 if history is None else history.transpose(0, 2, 1)
    cells = np.arange(size, dtype=np.int32)
    imagined = np.broadcast_to(np.asarray(class_pseudocount, np.float64), (size,))

    def step(state: BccState) -> tuple[BccState, float]:
        counts = state.expected.counts + known
        prior, marginal = raise_prior(counts, state.prior, weight)
        log_table = expected_log(prior.concentration + counts, 1)
        classes = imagined + state.expected.mass
        expected = expect_cells(votes, gold, cells, expected_log(classes, 0), log_table)
        # The divergence of the rows from their prior is what all counts say of them less those counts' own chance, and
        # what the known ones say is likelihood too: left over are the expected ones.
        bound = expected.log_likelihood - float((state.expected.counts * log_table).sum()) + marginal
        bound -= divergence(classes, imagined, 0)
        return BccState(expected, prior), bound

    shares = start_posterior(votes, gold) if start is None else start
    fit = climb(step, BccState(start_cells(votes, shares), prior), max_iter=max_iter, tol=tol)
    rows = fit.state.prior.concentration + fit.state.expected.counts + known
    classes = imagined + fit.state.expected.mass
    return BccFit(fit.state.expected.posterior, rows, classes, fit.objective, fit.converged)


def _before(size: int, diagonal: float, anchor: float, own_rows: Floats | None) -> tuple[CrowdPrior, Floats | None]:
    """The prior to start from, and the answers (K, K) that its rows are worth; None where the rows stay as given."""
    if own_rows is not None:
        rows = np.maximum(own_rows, _SMALLEST_CHANCE)
        rows = rows / rows.sum(axis=2, keepdims=True)
        return CrowdPrior(np.ascontiguousarray(rows.transpose(0, 2, 1)), _OWN_STRENGTH), None
    base = np.ones((size, size)) + (diagonal - 1.0) * np.eye(size)
    base /= base.sum(axis=0)
    return CrowdPrior(base, _CROWD_STRENGTH), anchor * size * base


def raise_prior(counts: Floats, prior: CrowdPrior, anchor: Floats | None) -> tuple[CrowdPrior, float]:
    """Shared priors under which the expected counts (W, K given, K true) are at least as probable as before.

    anchor : (K, K) answers that the crowd's rows are worth before any data; None leaves the rows and learns how much
        they are leant on.
    Returns the priors and the log chance of the counts and of the priors themselves, up to a constant.
    """
    met = counts.sum(axis=1)
    given = np.nonzero(counts) if anchor is None else ...  # of what never happened nothing is learnt
    seen = counts[given]

    def value(prior: CrowdPrior) -> float:
        own = prior.concentration[given]
        chance = log_gamma(seen + own).sum() - np.broadcast_to(log_gamma(own), seen.shape).sum()
        total = log_gamma(prior.strength) * met.size - log_gamma(met + prior.strength).sum()
        rows = 0.0 if anchor is None else (anchor * np.log(prior.crowd)).sum()
        return float(chance + total + rows) - 0.1 * prior.strength

    best = value(prior)
    for _ in range(3):
        own = prior.concentration[given]
        gained = digamma(seen + own) - digamma(own)
        crowd = prior.crowd if anchor is None else (own * gained).sum(axis=0) + anchor
        crowd = crowd / crowd.sum(axis=-2, keepdims=True)
        spread = (digamma(met + prior.strength) - digamma(prior.strength)).sum() + 0.1
        strength = prior.strength * float((prior.crowd[given] * gained).sum() + 1.0 / prior.strength) / float(spread)
        better = CrowdPrior(crowd, float(np.clip(strength, *_STRENGTH_RANGE)))
        raised = value(better)
        if raised <= best:
            break
        prior, best = better, raised
    return prior, best


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
        require_options(self, at_least={"max_iter": 1}, above={"anchor": 0.0, "diagonal": 0.0})
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
