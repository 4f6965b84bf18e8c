"""One coin without tables: for so many classes that the workers' confusion matrices would fill the memory.

p(l | class k, worker w) is accuracy[w] if l = k, else (1 - accuracy[w]) / (K - 1). An object's posterior then needs its
votes and the class rates alone, and a worker's accuracy the sum of posteriors of the classes they gave: W + N * K
numbers instead of W * K * K. Fitted by EM to the posterior mode, from the shares of votes.
Elsewhere: the same model with confusion matrices (`one_coin.py`).

Source: Zhang, Chen, Zhou & Jordan 2014, arXiv:1406.3824, the one-coin model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from groundswell.consolidation.base import climb, start_posterior
from groundswell.consolidation.cells import Floats, Index, Offsets
from groundswell.consolidation.fast import twinned
from groundswell.consolidation.kernels import normalise_log_joint
from groundswell.consolidation.sums import owners
from groundswell.consolidation.votes import Votes

if TYPE_CHECKING:
    from jaxtyping import Float64, Int32, Int64

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
        value = pass_coin(votes.offsets, votes.worker, votes.label, gold, accuracy, np.log(prior), after)
        value += float((class_pseudocount * np.log(prior)).sum())
        value += float(((known[:, 0] + _RIGHT) * np.log(accuracy)).sum())
        value += float(((known[:, 1] + _WRONG) * np.log1p(-accuracy)).sum())
        return (after, accuracy, prior), value

    start = start_posterior(votes, gold)
    fit = climb(step, (start, np.zeros(votes.n_workers), np.zeros(votes.n_labels)), max_iter=max_iter, tol=tol)
    posterior, accuracy, prior = fit.state
    return CoinFit(posterior, accuracy, prior, fit.objective, fit.converged)


def coin_confusion(accuracy: Float64[Floats, " W"], size: int) -> Float64[Floats, "W {size} {size}"]:
    """(W, K, K) the table after all, for whoever reads it."""
    error = (1.0 - accuracy) / (size - 1)
    table = np.repeat(error, size * size).reshape(-1, size, size)
    table[:, np.arange(size), np.arange(size)] = accuracy[:, None]
    return np.asarray(table)


@twinned(lambda *args: args[2].size + args[6].size)
def pass_coin(
    offsets: Int64[Offsets, " N1"],
    worker: Int32[Index, " M"],
    label: Int32[Index, " M"],
    gold: Int32[Index, " N"],
    accuracy: Float64[Floats, " W"],
    log_prior: Float64[Floats, " K"],
    posterior: Float64[Floats, "N K"],
) -> float:
    """Write the posteriors (N, K); the log likelihood of all annotations."""
    owner, size = owners(offsets), log_prior.size
    error = np.log((1.0 - accuracy) / (size - 1))
    gain = np.bincount(owner * size + label, (np.log(accuracy) - error)[worker], posterior.size)
    posterior[:] = log_prior + gain.reshape(posterior.shape)
    return float(error[worker].sum()) + normalise_log_joint(posterior, gold)
