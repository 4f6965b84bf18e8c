"""One coin: each worker has one chance of being right, whatever the class; wrong answers are spread evenly.

Robust where workers have few annotations, wrong where they lean to a class. Fitted by EM to the posterior mode.

Source: Zhang, Chen, Zhou & Jordan 2014, Spectral Methods meet EM, NIPS 27 (the one-coin model); arXiv:1406.3824.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from groundswell.consolidation.base import CategoricalConsolidator, start_posterior, with_prior
from groundswell.consolidation.cells import Floats
from groundswell.consolidation.kernels import expected_counts
from groundswell.consolidation.known import Gold, WorkerHistory, given_rates, gold_index, history_counts
from groundswell.consolidation.majority_vote import MajorityVote
from groundswell.consolidation.model_em import Model, run_em
from groundswell.consolidation.options import require_options
from groundswell.consolidation.votes import Votes


class OneCoin(CategoricalConsolidator):
    """Workers as coins.

    Parameters
    ----------
    right, wrong : imagined answers of each worker before any data.
    class_rates : by class, or (K,) in the order of the votes' classes, where they are known; else learned.
    max_iter, tol : stop when an iteration raises the objective by less than tol * (1 + |objective|).
    """

    def __init__(
        self,
        *,
        right: float = 1.0,
        wrong: float = 0.5,
        class_rates: Mapping[Any, float] | Sequence[float] | None = None,
        max_iter: int = 100,
        tol: float = 1e-7,
    ) -> None:
        self.right = right
        self.wrong = wrong
        self.class_rates = class_rates
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, votes: Votes, *, gold: Gold | None = None, worker_history: WorkerHistory | None = None) -> Self:
        """See `CategoricalConsolidator.fit`."""
        require_options(self, at_least={"right": 0.0, "wrong": 0.0, "max_iter": 1})
        rates = given_rates(votes, self.class_rates)
        if votes.n_labels < 2 or len(votes) == 0:
            return self._store_vote(MajorityVote().fit(votes, gold=gold, worker_history=worker_history), rates)
        known, history = gold_index(votes, gold), history_counts(votes, worker_history)
        start = start_posterior(votes, known)
        counts = expected_counts(votes.object, votes.worker, votes.label, start, votes.n_workers)
        counts += 0.0 if history is None else history

        def maximise(counts: Floats, classes: Floats) -> Model:
            return self._maximise(counts, classes, rates)

        first = maximise(counts, start[votes.counts_by_object > 0].sum(axis=0))
        fit = run_em(votes, known, first, maximise, max_iter=self.max_iter, tol=self.tol, history=history)
        prior = np.exp(fit.state.used.log_prior)
        return self._store(
            votes,
            with_prior(votes, fit.state.posterior, prior, known),
            prior=prior,
            confusion=np.exp(fit.state.model.log_confusion),
            objective=fit.objective,
            converged=fit.converged,
            n_iter=fit.n_iter,
        )

    def _maximise(self, counts: Floats, classes: Floats, rates: Floats | None) -> Model:
        size = len(classes)
        hits = np.trace(counts, axis1=1, axis2=2) + self.right
        misses = counts.sum(axis=(1, 2)) - np.trace(counts, axis1=1, axis2=2) + self.wrong
        accuracy = np.clip(hits / np.maximum(hits + misses, 1e-12), 1e-9, 1 - 1e-9)
        log_confusion = np.repeat(np.log((1 - accuracy) / (size - 1)), size * size).reshape(-1, size, size)
        diagonal = np.arange(size)
        log_confusion[:, diagonal, diagonal] = np.log(accuracy)[:, None]
        log_prior = np.log(rates if rates is not None else (classes + 1.0 / size) / (classes.sum() + 1.0))
        penalty = -float((self.right * np.log(accuracy) + self.wrong * np.log1p(-accuracy)).sum())
        return Model(log_confusion, log_prior, penalty - float(log_prior.sum()) / size)
