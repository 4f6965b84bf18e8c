"""Ordinal classes: near misses are likelier than far ones, and a worker leans up or down the scale.

Class k of the ordered classes sits at k; worker w sees it at k + bias[w] with normal noise of spread[w], and gives the
class whose interval that falls in. Bias and spread come from a grid; each worker's chances over the grid, the grid's
rates in the crowd and the objects' classes are updated in turn (variational Bayes, the crowd's rates by their mode).

Source: the ordered probit of ordinal annotation models, such as Lakshminarayanan & Teh 2013, Inferring Ground Truth
from Multi-annotator Ordinal Data, arXiv:1305.0015; the grid is ours.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.base import CategoricalConsolidator, with_prior
from groundswell.consolidation.cells import Floats
from groundswell.consolidation.known import Gold, WorkerHistory, gold_index, history_counts
from groundswell.consolidation.majority_vote import MajorityVote
from groundswell.consolidation.model_em import Model, run_em
from groundswell.consolidation.options import require_options
from groundswell.consolidation.scales import scale_problem
from groundswell.consolidation.special import normal_cdf, x_log_x
from groundswell.consolidation.votes import Votes
from groundswell.domain.errors import InvalidVotes

_BIASES = np.array([-1.5, -1.0, -0.6, -0.3, 0.0, 0.3, 0.6, 1.0, 1.5])
_SPREADS = np.array([0.25, 0.4, 0.6, 0.85, 1.2, 1.7, 2.5, 4.0])
_SLIP = 0.02  # share of answers that have nothing to do with the truth


class OrdinalConsolidator(CategoricalConsolidator):
    """Classes on a scale, in the order of `votes.labels`: numbers, or words whose order is declared.

    `median_index_` (N,) is the class with the least expected distance to the truth: better than the most probable one
    where distance is what counts. `bias_` (W,) is in classes, up the scale.

    Parameters
    ----------
    imagined : workers spread evenly over the grid that are added to the crowd.
    max_iter, tol : stop when an iteration raises the objective by less than tol * (1 + |objective|).
    """

    median_index_: NDArray[np.int64]
    bias_: Floats

    def __init__(self, *, imagined: float = 5.0, max_iter: int = 200, tol: float = 1e-7) -> None:
        self.imagined = imagined
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, votes: Votes, *, gold: Gold | None = None, worker_history: WorkerHistory | None = None) -> Self:
        """See `CategoricalConsolidator.fit`. Raises: InvalidVotes, for three or more words without a declared order."""
        problem = None if votes.ordered else scale_problem(votes.labels.tolist(), "the ordinal method")
        if problem is not None:
            raise InvalidVotes(problem, field="labels")
        require_options(self, at_least={"max_iter": 1}, above={"imagined": 0.0})
        if votes.n_labels < 2 or len(votes) == 0:
            self._store_vote(MajorityVote().fit(votes, gold=gold, worker_history=worker_history))
            return self._with_median(np.zeros(votes.n_workers))
        known, history = gold_index(votes, gold), history_counts(votes, worker_history)
        size = votes.n_labels
        log_grid = np.log(confusion_grid(size)).reshape(-1, size * size)
        rates = np.full(len(log_grid), 1.0 / len(log_grid))
        typical = np.repeat((rates @ log_grid)[None], votes.n_workers, axis=0)
        chances = np.repeat(rates[None], votes.n_workers, axis=0)

        def maximise(counts: Floats, classes: Floats) -> Model:
            nonlocal rates, chances
            scores = counts.reshape(len(counts), -1) @ log_grid.T + np.log(rates)
            scores -= scores.max(axis=1, keepdims=True)
            chances = np.exp(scores)
            chances /= chances.sum(axis=1, keepdims=True)
            rates = chances.sum(axis=0) + self.imagined / len(rates)
            rates /= rates.sum()
            log_prior = np.log((classes + 1.0 / size) / (classes.sum() + 1.0))
            information = float(x_log_x(chances).sum() - (chances * np.log(rates)).sum())
            information -= self.imagined / len(rates) * float(np.log(rates).sum()) + float(log_prior.sum()) / size
            return Model((chances @ log_grid).reshape(-1, size, size), log_prior, information)

        penalty = -self.imagined * float(np.log(rates).mean()) + np.log(size)
        first = Model(typical.reshape(-1, size, size), np.full(size, -np.log(size)), penalty)
        fit = run_em(votes, known, first, maximise, max_iter=self.max_iter, tol=self.tol, history=history)
        prior = np.exp(fit.state.used.log_prior)
        self._store(
            votes,
            with_prior(votes, fit.state.posterior, prior, known),
            prior=prior,
            confusion=(chances @ np.exp(log_grid)).reshape(-1, size, size),
            objective=fit.objective,
            converged=fit.converged,
            n_iter=fit.n_iter,
        )
        return self._with_median(chances @ np.repeat(_BIASES, len(_SPREADS)))

    def _with_median(self, bias: Floats) -> Self:
        self.median_index_ = (np.cumsum(self.posterior_, axis=1) < 0.5 - 1e-9).sum(axis=1)
        self.bias_ = bias
        return self


def confusion_grid(size: int) -> Floats:
    """(biases * spreads, K, K) confusion matrices [true, given] of every kind of worker."""
    edges = np.concatenate([[-np.inf], np.arange(size - 1) + 0.5, [np.inf]])
    seen = np.arange(size)[None, None, :, None] + _BIASES[:, None, None, None]
    reached = normal_cdf((edges - seen) / _SPREADS[None, :, None, None])
    rows = np.diff(reached, axis=3).reshape(-1, size, size)
    return np.asarray((1.0 - _SLIP) * rows + _SLIP / size)
