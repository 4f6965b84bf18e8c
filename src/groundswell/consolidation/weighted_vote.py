"""Weighted vote: annotations weigh as much as their worker is right, judged against the weighted vote itself.

Labels and accuracies are chosen in turn to raise sum over annotations of [label = z] * a[w] less half the sum of
(answers of w) * a[w] ** 2, whose best labels are the weighted vote and whose best a[w] is w's accuracy.

Source: "worker agreement with aggregate", iterated; the objective is ours.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Self

import numpy as np

from groundswell.consolidation.base import CategoricalConsolidator, climb, start_posterior, with_prior
from groundswell.consolidation.cells import Floats, Index, Offsets
from groundswell.consolidation.fast import twinned
from groundswell.consolidation.kernels import most_probable
from groundswell.consolidation.known import Gold, WorkerHistory, gold_index, history_counts
from groundswell.consolidation.majority_vote import class_rates, judged_confusion, judged_skill
from groundswell.consolidation.options import require_options
from groundswell.consolidation.sums import owners
from groundswell.consolidation.votes import Votes

if TYPE_CHECKING:
    from jaxtyping import Float64, Int32, Int64


class WeightedVote(CategoricalConsolidator):
    """Vote weighted by each worker's accuracy.

    Parameters
    ----------
    imagined : answers of the crowd's mean accuracy that each worker starts with.
    max_iter : rounds at most; it ends when no label changes the objective.

    `posterior_` are weighted shares of votes: useful to rank, less honest than a model's probabilities.
    """

    def __init__(self, *, imagined: float = 1.0, max_iter: int = 50) -> None:
        self.imagined = imagined
        self.max_iter = max_iter

    def fit(self, votes: Votes, *, gold: Gold | None = None, worker_history: WorkerHistory | None = None) -> Self:
        """See `CategoricalConsolidator.fit`."""
        require_options(self, at_least={"imagined": 0.0, "max_iter": 1})
        known, history = gold_index(votes, gold), history_counts(votes, worker_history)
        shares = start_posterior(votes, known)
        right, answers = self._score(votes, most_probable(shares), history)
        usual = float((right.sum() + 1.0) / (answers.sum() + 2.0))

        def step(shares: Floats) -> tuple[Floats, float]:
            label = most_probable(shares)
            right, answers = self._score(votes, label, history)
            right, answers = right + self.imagined * usual, answers + self.imagined
            accuracy = np.divide(right, answers, out=np.full(len(right), usual), where=answers > 0)
            value = float((accuracy * right - 0.5 * answers * accuracy**2).sum())
            return weighted_shares(votes.offsets, votes.worker, votes.label, accuracy, known, votes.n_labels), value

        fit = climb(step, shares, max_iter=self.max_iter, tol=1e-12)
        posterior = fit.state
        prior = class_rates(votes, posterior)
        judged = posterior.copy()
        return self._store(
            votes,
            with_prior(votes, posterior, prior, known),
            prior=prior,
            confusion=partial(judged_confusion, votes, judged, history),
            skill=judged_skill(votes, judged, history),
            objective=fit.objective,
            converged=fit.converged,
            n_iter=fit.n_iter,
        )

    def _score(self, votes: Votes, label: Index, history: Floats | None) -> tuple[Floats, Floats]:
        """(W,) right answers and all answers of each worker, if `label` (N,) were the truth."""
        right = (votes.label == label[votes.object]).astype(np.float64)
        hits: Floats = np.bincount(votes.worker, weights=right, minlength=votes.n_workers).astype(np.float64)
        answers = votes.counts_by_worker.astype(np.float64)
        if history is not None:
            hits = hits + np.trace(history, axis1=1, axis2=2)
            answers = answers + history.sum(axis=(1, 2))
        return hits, answers


@twinned(lambda offsets, worker, label, weight, gold, n_labels: label.size * n_labels)
def weighted_shares(
    offsets: Int64[Offsets, " N1"],
    worker: Int32[Index, " M"],
    label: Int32[Index, " M"],
    weight: Float64[Floats, " W"],
    gold: Int32[Index, " N"],
    n_labels: int,
) -> Float64[Floats, "N {n_labels}"]:
    """(N, K) share of the weight of each object's annotations that names class k; certain for gold objects."""
    owner, size = owners(offsets), gold.size * n_labels
    sums = np.bincount(owner * n_labels + label, weight[worker], size).reshape(gold.size, n_labels)
    total = np.bincount(owner, weight[worker], gold.size)[:, None]
    shares = np.where(total > 0.0, sums / np.where(total > 0.0, total, 1.0), 1.0 / max(n_labels, 1))
    known = np.flatnonzero(gold >= 0)
    shares[known] = 0.0
    shares[known, gold[known]] = 1.0
    return shares
