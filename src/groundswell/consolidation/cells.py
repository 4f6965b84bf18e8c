"""Latent cells: a fused E-step and sums over annotations for models whose objects have a class and a kind within it.

A cell is a class, or a kind of object within a class (its subtype). Shared by `bcc.py`, `enhanced_bcc.py`,
`skill_and_bias.py`, `model_em.py` and `modified_dawid_skene.py`. Elsewhere: Dawid and Skene's faster pass
(`dawid_skene_kernels.py`), item effects with their norms (`item_effects.py`), one coin without tables
(`many_classes.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.fast import twinned
from groundswell.consolidation.special import digamma, log_gamma
from groundswell.consolidation.sums import owners, sum_by, sum_runs
from groundswell.consolidation.votes import Votes

if TYPE_CHECKING:
    from jaxtyping import Float64, Int32, Int64

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]

_NEVER = -1e300  # log chance of what cannot be; finite, so that differences stay numbers


@dataclass(frozen=True)
class Expected:
    """What one E-step leaves behind."""

    counts: Floats  # (W, K, G) [worker, given, cell]: expected answers
    mass: Floats  # (G,) expected annotated objects
    posterior: Floats  # (N, K) class posteriors
    log_likelihood: float


def expect_cells(
    votes: Votes,
    gold: Int32[Index, " N"],
    classes: Int32[Index, " G"],
    log_weight: Float64[Floats, " G"],
    log_table: Float64[Floats, "W K G"],
) -> Expected:
    """The E-step: responsibilities of G cells for each object, and their sums.

    classes : (G,) the class of each cell.      log_weight : (G,).      log_table : (W, K, G) log chance of an answer.
    gold : (N,) known class or -1: only cells of that class are possible.
    """
    sizes = (votes.n_workers, votes.n_labels, classes.size)
    counts, mass, posterior = np.zeros(sizes), np.zeros(classes.size), np.zeros((votes.n_objects, votes.n_labels))
    table = np.ascontiguousarray(log_table)
    value = pass_cells(
        votes.offsets, votes.worker, votes.label, gold, classes, log_weight, table, counts, mass, posterior
    )
    return Expected(counts, mass, posterior, value)


@twinned(lambda *args: args[2].size * args[5].size)
def pass_cells(
    offsets: Int64[Offsets, " N1"],
    worker: Int32[Index, " M"],
    label: Int32[Index, " M"],
    gold: Int32[Index, " N"],
    classes: Int32[Index, " G"],
    log_weight: Float64[Floats, " G"],
    log_table: Float64[Floats, "W K G"],
    counts: Float64[Floats, "W K G"],
    mass: Float64[Floats, " G"],
    posterior: Float64[Floats, "N K"],
) -> float:
    """The pass of `expect_cells`: adds to the last three arrays, returns the log likelihood."""
    owner, row = owners(offsets), worker.astype(np.int64) * counts.shape[1] + label
    impossible = (gold[:, None] >= 0) & (gold[:, None] != classes)
    share = np.where(impossible, _NEVER, log_weight)
    share += sum_runs(offsets, row, log_table.reshape(-1, classes.size))
    highest = share.max(axis=1, keepdims=True)
    share = np.exp(share - highest)
    norm = share.sum(axis=1, keepdims=True)
    share /= norm
    for g, k in enumerate(classes):
        posterior[:, k] += share[:, g]
    seen = (np.diff(offsets) > 0) | (gold >= 0)
    mass += share[seen].sum(axis=0)
    counts += sum_by(row, share, counts.shape[0] * counts.shape[1], source=owner).reshape(counts.shape)
    return float((highest + np.log(norm))[seen].sum())


@twinned(lambda offsets, worker, label, share, counts, mass: label.size * mass.size)
def sum_cells(
    offsets: Int64[Offsets, " N1"],
    worker: Int32[Index, " M"],
    label: Int32[Index, " M"],
    share: Float64[Floats, "N G"],
    counts: Float64[Floats, "W K G"],
    mass: Float64[Floats, " G"],
) -> None:
    """Add responsibilities (N, G) to `counts` (W, K, G) and those of annotated objects to `mass` (G,), in place."""
    row = worker.astype(np.int64) * counts.shape[1] + label
    mass += share[offsets[:-1] < offsets[1:]].sum(axis=0)
    counts += sum_by(row, share, counts.shape[0] * counts.shape[1], source=owners(offsets)).reshape(counts.shape)


def start_cells(votes: Votes, share: Float64[Floats, "N G"]) -> Expected:
    """Sums under given responsibilities (N, G), as if an E-step had found them; the posterior is left empty."""
    counts = np.zeros((votes.n_workers, votes.n_labels, share.shape[1]))
    mass = np.zeros(share.shape[1])
    sum_cells(votes.offsets, votes.worker, votes.label, np.ascontiguousarray(share), counts, mass)
    return Expected(counts, mass, np.zeros((0, votes.n_labels)), -np.inf)


def expected_log(concentration: Floats, axis: int) -> Floats:
    """Mean log probability under Dirichlet distributions along `axis`."""
    return np.asarray(digamma(concentration) - digamma(concentration.sum(axis=axis, keepdims=True)))


def divergence(posterior: Floats, prior: Floats, axis: int) -> float:
    """Sum of Kullback-Leibler divergences between Dirichlet distributions along `axis`."""
    posterior_sum, prior_sum = posterior.sum(axis=axis), prior.sum(axis=axis)
    norms = log_gamma(posterior_sum) - log_gamma(posterior).sum(axis=axis)
    norms = norms - log_gamma(prior_sum) + log_gamma(prior).sum(axis=axis)
    return float(norms.sum() + ((posterior - prior) * expected_log(posterior, axis)).sum())


def log_marginal(counts: Floats, concentration: Floats, axis: int) -> float:
    """Log chance of counts under Dirichlet-multinomials along `axis`, up to the multinomial coefficients."""
    sums = log_gamma(counts + concentration) - log_gamma(concentration)
    total = np.broadcast_to(concentration, counts.shape).sum(axis=axis)
    return float(sums.sum() + (log_gamma(total) - log_gamma(total + counts.sum(axis=axis))).sum())
