"""Majority vote: every annotation counts the same. The baseline, and the start of every iterative model."""

from __future__ import annotations

from functools import partial
from typing import Self

import numpy as np

from groundswell.consolidation.base import CategoricalConsolidator, Floats, start_posterior
from groundswell.consolidation.kernels import expected_counts, met_and_right
from groundswell.consolidation.known import Gold, WorkerHistory, gold_index, history_counts
from groundswell.consolidation.votes import Votes


class MajorityVote(CategoricalConsolidator):
    """The class most annotations name; its posterior is its share of them.

    Workers are judged against the vote: `confusion_[w]` counts their answers by the voted classes, plus one answer
    spread as the whole crowd's so that rare classes have rates too.
    An object without annotations has the class rates `prior_` as posterior.
    """

    def fit(self, votes: Votes, *, gold: Gold | None = None, worker_history: WorkerHistory | None = None) -> Self:
        """See `CategoricalConsolidator.fit`. The history enters the workers' estimates only."""
        posterior = start_posterior(votes, gold_index(votes, gold))
        prior, history = class_rates(votes, posterior), history_counts(votes, worker_history)
        judged = posterior.copy()
        unseen = (votes.counts_by_object == 0) & (posterior.max(axis=1, initial=0.0) < 1.0)
        posterior[unseen] = prior
        skill = judged_skill(votes, judged, history)
        return self._store(
            votes, posterior, prior=prior, confusion=partial(judged_confusion, votes, judged, history), skill=skill
        )


def judged_confusion(votes: Votes, posterior: Floats, history: Floats | None) -> Floats:
    """(W, K, K) habits of workers judged by a vote (N, K): their answers, and one answer spread as the crowd's."""
    counts = expected_counts(votes.object, votes.worker, votes.label, posterior, votes.n_workers)
    if history is not None:
        counts += history
    crowd = counts.sum(axis=0) + np.eye(votes.n_labels) + 1.0 / max(votes.n_labels, 1)
    counts += crowd / crowd.sum(axis=1, keepdims=True)
    return np.asarray(counts / counts.sum(axis=2, keepdims=True))


def judged_skill(votes: Votes, posterior: Floats, history: Floats | None) -> Floats:
    """(W,) what `worker_skill` makes of `judged_confusion`, without that table."""
    met, right = met_and_right(votes.object, votes.worker, votes.label, posterior, votes.n_workers)
    weight = met + 1e-12
    if history is not None:
        met, right = met + history.sum(axis=2), right + np.diagonal(history, axis1=1, axis2=2)
    usual = (right.sum(axis=0) + 1.0 + 1.0 / max(votes.n_labels, 1)) / (met.sum(axis=0) + 2.0)
    chance = (right + usual) / (met + 1.0)
    return np.asarray((weight * chance).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-300))


def class_rates(votes: Votes, posterior: Floats) -> Floats:
    """(K,) mean posterior of the annotated objects; uniform when there are none."""
    annotated = posterior[votes.counts_by_object > 0]
    if len(annotated) == 0:
        return np.full(votes.n_labels, 1.0 / max(votes.n_labels, 1))
    return np.asarray(annotated.mean(axis=0))
