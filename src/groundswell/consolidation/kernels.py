"""Sums over annotations that many models share; shapes in each docstring, no state.

Specialised ones stay beside their model (`dawid_skene_kernels.py`). Elsewhere: the loops for large inputs
(`compiled/kernels.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.fast import twinned
from groundswell.consolidation.sums import owners, sum_by, sum_runs

if TYPE_CHECKING:
    from jaxtyping import Float64, Int32, Int64

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]

TIE = 1e-9  # posteriors closer than this are equal: rounding must not decide between classes


@twinned(lambda offsets, label, n_labels: label.size * n_labels)
def vote_shares(
    offsets: Int64[Offsets, " N1"], label: Int32[Index, " M"], n_labels: int
) -> Float64[Floats, "N1-1 {n_labels}"]:
    """(N, K) share of each object's annotations that name class k; uniform for an object without annotations."""
    n_objects = offsets.size - 1
    given = np.bincount(owners(offsets) * n_labels + label, minlength=n_objects * n_labels)
    votes = np.diff(offsets)[:, None]
    shares = given.reshape(n_objects, n_labels) / np.maximum(votes, 1)
    return np.where(votes > 0, shares, 1.0 / max(n_labels, 1))


@twinned(lambda owner, worker, label, posterior, n_workers: owner.size * posterior.shape[1])
def expected_counts(
    owner: Int32[Index, " M"],
    worker: Int32[Index, " M"],
    label: Int32[Index, " M"],
    posterior: Float64[Floats, "N K"],
    n_workers: int,
) -> Float64[Floats, "{n_workers} K K"]:
    """(W, K, K) sum over annotations of the posterior: how often worker w met true class k and gave l."""
    n_labels = posterior.shape[1]
    row = worker.astype(np.int64) * n_labels + label
    sums = sum_by(row, posterior, n_workers * n_labels, source=owner)
    return np.ascontiguousarray(sums.reshape(n_workers, n_labels, n_labels).transpose(0, 2, 1))


@twinned(lambda owner, worker, label, posterior, n_workers: owner.size * posterior.shape[1])
def met_and_right(
    owner: Int32[Index, " M"],
    worker: Int32[Index, " M"],
    label: Int32[Index, " M"],
    posterior: Float64[Floats, "N K"],
    n_workers: int,
) -> tuple[Float64[Floats, "{n_workers} K"], Float64[Floats, "{n_workers} K"]]:
    """(W, K) how often each worker met each true class, and how often they then gave it; `expected_counts` in brief."""
    n_labels = posterior.shape[1]
    row = worker.astype(np.int64) * n_labels + label
    right: Floats = np.bincount(row, posterior[owner, label], n_workers * n_labels).astype(np.float64)
    return sum_by(worker, posterior, n_workers, source=owner), np.asarray(right.reshape(n_workers, n_labels))


@twinned(lambda offsets, worker, label, log_prior, log_confusion: label.size * log_prior.size)
def log_joint(
    offsets: Int64[Offsets, " N1"],
    worker: Int32[Index, " M"],
    label: Int32[Index, " M"],
    log_prior: Float64[Floats, " K"],
    log_confusion: Float64[Floats, "W K K"],
) -> Float64[Floats, "N1-1 K"]:
    """(N, K) log prior[k] + sum over the object's annotations of log confusion[w, k, l]."""
    size = log_prior.size
    rows = np.ascontiguousarray(log_confusion.transpose(0, 2, 1)).reshape(-1, size)
    return log_prior + sum_runs(offsets, worker.astype(np.int64) * size + label, rows)


@twinned(lambda joint, gold: joint.size)
def normalise_log_joint(joint: Float64[Floats, "N K"], gold: Int32[Index, " N"]) -> float:
    """Turn log joints (N, K) into posteriors in place; returns the log likelihood of all annotations.

    gold : (N,) class of each object whose truth is known, else -1: its posterior is certain, its likelihood that class.
    """
    known = np.flatnonzero(gold >= 0)
    sure = joint[known, gold[known]]
    highest = joint.max(axis=1, initial=-np.inf, keepdims=True)
    np.exp(joint - highest, out=joint)
    mass = joint.sum(axis=1, keepdims=True)
    joint /= mass
    likelihood = (highest + np.log(mass))[:, 0]
    likelihood[known] = sure
    joint[known] = 0.0
    joint[known, gold[known]] = 1.0
    return float(likelihood.sum())


@twinned(lambda sums, to, values, source: to.size * sums.shape[1])
def add_rows(
    sums: Float64[Floats, "A K"], to: Int64[Offsets, " M"], values: Float64[Floats, "B K"], source: Int64[Offsets, " M"]
) -> None:
    """sums[to[m]] += values[source[m]] for every m, in place; rows (., K)."""
    sums += sum_by(to, values, len(sums), source=source)


@twinned(lambda posterior: posterior.size)
def most_probable(posterior: Float64[Floats, "N K"]) -> Int32[Index, " N"]:
    """(N,) the most probable class; of classes within `TIE` of the highest the earliest."""
    if not posterior.size:
        return np.zeros(len(posterior), np.int32)
    likely = posterior >= posterior.max(axis=1, keepdims=True) - TIE
    return np.asarray(likely.argmax(axis=1), np.int32)
