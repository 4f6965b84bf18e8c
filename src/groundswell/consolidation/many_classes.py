"""One coin without tables: for so many classes that the workers' confusion matrices would fill the memory.

p(l | class k, worker w) is accuracy[w] if l = k, else (1 - accuracy[w]) / (K - 1). An object's posterior then needs its
votes and the class rates alone, and a worker's accuracy the sum of posteriors of the classes they gave: W + N * K
numbers instead of W * K * K. Fitted by EM to the posterior mode, from the shares of votes.
Elsewhere: the same model with confusion matrices (`one_coin.py`).

Source: Zhang, Chen, Zhou & Jordan 2014, arXiv:1406.3824, the one-coin model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from groundswell.consolidation.base import climb, start_posterior
from groundswell.consolidation.cells import Floats, Index, Offsets
from groundswell.consolidation.votes import Votes

_RIGHT, _WRONG = 3.0, 1.0  # imagined answers of each worker


@dataclass(frozen=True)
class CoinFit:
    """The result of `fit_coin`."""

    posterior: Floats  # (N, K)
    accuracy: Floats  # (W,)
    prior: Floats  # (K,)
    objective: list[float]
    converged: bool


def fit_coin(
    votes: Votes,
    gold: Index,
    *,
    history: Floats | None = None,
    class_pseudocount: Floats | float = 1.0,
    max_iter: int = 100,
    tol: float = 1e-6,
) -> CoinFit:
    """EM from the shares of votes.

    history : (W, 2) right and wrong answers known from earlier jobs.
    class_pseudocount : imagined objects of each class, one number or (K,).
    """
    seen = np.flatnonzero((votes.counts_by_object > 0) | (gold >= 0))
    known = np.zeros((votes.n_workers, 2)) if history is None else history

    def step(state: tuple[Floats, Floats, Floats]) -> tuple[tuple[Floats, Floats, Floats], float]:
        posterior = state[0]
        right = known[:, 0] + _RIGHT
        right += np.bincount(votes.worker, posterior[votes.object, votes.label], votes.n_workers)
        answers = votes.counts_by_worker + known.sum(axis=1) + _RIGHT + _WRONG
        accuracy = np.clip(right / answers, 1e-9, 1.0 - 1e-9)
        classes = posterior[seen].sum(axis=0) + class_pseudocount
        prior = classes / classes.sum()
        after = np.empty_like(posterior)
        value = _pass(votes.offsets, votes.worker, votes.label, gold, accuracy, np.log(prior), after)
        value += float((class_pseudocount * np.log(prior)).sum())
        value += float(((known[:, 0] + _RIGHT) * np.log(accuracy)).sum())
        value += float(((known[:, 1] + _WRONG) * np.log1p(-accuracy)).sum())
        return (after, accuracy, prior), value

    start = start_posterior(votes, gold)
    fit = climb(step, (start, np.zeros(votes.n_workers), np.zeros(votes.n_labels)), max_iter=max_iter, tol=tol)
    posterior, accuracy, prior = fit.state
    return CoinFit(posterior, accuracy, prior, fit.objective, fit.converged)


def coin_confusion(accuracy: Floats, size: int) -> Floats:
    """(W, K, K) the table after all, for whoever reads it."""
    error = (1.0 - accuracy) / (size - 1)
    table = np.repeat(error, size * size).reshape(-1, size, size)
    table[:, np.arange(size), np.arange(size)] = accuracy[:, None]
    return np.asarray(table)


@njit(cache=True, nogil=True)
def _pass(
    offsets: Offsets, worker: Index, label: Index, gold: Index, accuracy: Floats, log_prior: Floats, posterior: Floats
) -> float:
    """Write the posteriors (N, K); the log likelihood of all annotations."""
    size = log_prior.size
    total = 0.0
    for n in range(offsets.size - 1):
        scores = posterior[n]
        scores[:] = log_prior
        missed = 0.0  # log chance that every answer is wrong
        for m in range(offsets[n], offsets[n + 1]):
            error = math.log((1.0 - accuracy[worker[m]]) / (size - 1))
            missed += error
            scores[label[m]] += math.log(accuracy[worker[m]]) - error
        if gold[n] >= 0:
            total += missed + scores[gold[n]]
            scores[:] = 0.0
            scores[gold[n]] = 1.0
            continue
        highest = scores.max()
        norm = 0.0
        for k in range(size):
            scores[k] = math.exp(scores[k] - highest)
            norm += scores[k]
        for k in range(size):
            scores[k] /= norm
        total += missed + highest + math.log(norm)
    return total
