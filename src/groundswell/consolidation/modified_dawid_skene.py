"""Ground Truth's published model: Dawid and Skene's with confusions smoothed towards worker and crowd accuracy.

Each worker's counts N gain n * M(accuracy of the worker) + n / 2 * M(mean accuracy of the crowd), where n is the number
of the worker's answers and M(a) the matrix with a on its diagonal and the rest spread evenly. The published code stops
after two rounds because it normalises the very arrays its log likelihood is then computed from; this is the model with
the likelihood it meant.

Source: AWS, annotation-consolidation notebook of the SageMaker examples (Apache-2.0), ideas only.
"""

from __future__ import annotations

from typing import Self

import numpy as np

from groundswell.consolidation.base import CategoricalConsolidator, with_prior
from groundswell.consolidation.cells import Floats, Index, expect_cells
from groundswell.consolidation.known import Gold, WorkerHistory, gold_index, history_counts
from groundswell.consolidation.majority_vote import MajorityVote
from groundswell.consolidation.options import require_options
from groundswell.consolidation.votes import Votes


class ModifiedDawidSkene(CategoricalConsolidator):
    """The model Ground Truth consolidates classifications with.

    Parameters
    ----------
    accuracy : the crowd's before any data.
    max_iter : rounds at most.      tol : stop when the log likelihood changes by less than this share of itself.

    Ground Truth rounds confidences to two decimals; these are not rounded. `log_likelihood_` has one value a round: the
    smoothing follows the data, so it may fall. `objective_` is the highest so far.
    """

    log_likelihood_: Floats

    def __init__(self, *, accuracy: float = 0.7, max_iter: int = 20, tol: float = 1e-8) -> None:
        self.accuracy = accuracy
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, votes: Votes, *, gold: Gold | None = None, worker_history: WorkerHistory | None = None) -> Self:
        """See `CategoricalConsolidator.fit`."""
        require_options(self, at_least={"max_iter": 1}, above={"accuracy": 0.0})
        if votes.n_labels < 2 or len(votes) == 0:
            self.log_likelihood_ = np.zeros(0)
            return self._store_vote(MajorityVote().fit(votes, gold=gold, worker_history=worker_history))
        known, history = gold_index(votes, gold), history_counts(votes, worker_history)
        size = votes.n_labels
        prior = np.full(size, 1.0 / size)
        confusion = np.repeat(_even(np.array([self.accuracy]), size), votes.n_workers, axis=0)
        posterior = np.zeros((votes.n_objects, size))
        values: list[float] = []
        crowd, converged = self.accuracy, False
        while len(values) < self.max_iter and not converged:
            posterior, counts, value = _expect(votes, known, prior, confusion)
            converged = bool(values) and abs(value - values[-1]) <= self.tol * abs(values[-1])
            values.append(value)
            counts += 0.0 if history is None else history
            used, prior = prior, posterior[votes.counts_by_object > 0].mean(axis=0)
            confusion, crowd = smoothed(counts, crowd)
        self.log_likelihood_ = np.array(values)
        return self._store(
            votes,
            with_prior(votes, posterior, used, known),
            prior=used,
            confusion=confusion,
            objective=np.maximum.accumulate(self.log_likelihood_).tolist(),
            converged=converged,
            n_iter=len(values),
        )


def smoothed(counts: Floats, crowd: float) -> tuple[Floats, float]:
    """(W, K, K) confusions from expected counts (W, K true, K given), and the crowd's mean accuracy in them.

    crowd : the mean accuracy of the round before, towards which this one is smoothed; a worker without answers gets it.
    """
    size = counts.shape[1]
    answers = counts.sum(axis=(1, 2))
    hits = np.trace(counts, axis1=1, axis2=2)
    seen = answers > 0
    accuracy = np.divide(hits, answers, out=np.full(len(hits), crowd), where=seen)
    weight = np.where(seen, answers, 1.0)[:, None, None]
    rows = counts + weight * _even(accuracy, size) + weight / 2.0 * _even(np.full(len(hits), crowd), size)
    return np.asarray(rows / rows.sum(axis=2, keepdims=True)), float(accuracy[seen].mean())


def _even(accuracy: Floats, size: int) -> Floats:
    """(W, K, K) matrices with each accuracy on the diagonal and the rest spread evenly."""
    off = (1.0 - accuracy) / (size - 1)
    eye = np.eye(size)
    return np.asarray(accuracy[:, None, None] * eye + off[:, None, None] * (1.0 - eye))


def _expect(votes: Votes, gold: Index, prior: Floats, confusion: Floats) -> tuple[Floats, Floats, float]:
    tiny = 1e-300
    log_table = np.log(np.maximum(confusion, tiny)).transpose(0, 2, 1)
    cells = np.arange(votes.n_labels, dtype=np.int32)
    expected = expect_cells(votes, gold, cells, np.log(np.maximum(prior, tiny)), log_table)
    return expected.posterior, np.ascontiguousarray(expected.counts.transpose(0, 2, 1)), expected.log_likelihood
