"""The loops of `groundswell.consolidation.kernels`, where each is described."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from groundswell.consolidation.kernels import TIE

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]


@njit(cache=True)
def vote_shares(offsets: Offsets, label: Index, n_labels: int) -> Floats:
    """(N, K) share of each object's annotations that name class k; uniform for an object without annotations."""
    shares = np.zeros((offsets.size - 1, n_labels))
    for n in range(offsets.size - 1):
        votes = offsets[n + 1] - offsets[n]
        for row in range(offsets[n], offsets[n + 1]):
            shares[n, label[row]] += 1.0
        for k in range(n_labels):
            shares[n, k] = shares[n, k] / votes if votes else 1.0 / n_labels
    return shares


@njit(cache=True)
def expected_counts(owner: Index, worker: Index, label: Index, posterior: Floats, n_workers: int) -> Floats:
    n_labels = posterior.shape[1]
    counts = np.zeros((n_workers, n_labels, n_labels))
    for row in range(owner.size):
        for k in range(n_labels):
            counts[worker[row], k, label[row]] += posterior[owner[row], k]
    return counts


@njit(cache=True)
def met_and_right(
    owner: Index, worker: Index, label: Index, posterior: Floats, n_workers: int
) -> tuple[Floats, Floats]:
    met = np.zeros((n_workers, posterior.shape[1]))
    right = np.zeros((n_workers, posterior.shape[1]))
    for row in range(owner.size):
        met[worker[row]] += posterior[owner[row]]
        right[worker[row], label[row]] += posterior[owner[row], label[row]]
    return met, right


@njit(cache=True)
def log_joint(offsets: Offsets, worker: Index, label: Index, log_prior: Floats, log_confusion: Floats) -> Floats:
    """(N, K) log prior[k] + sum over the object's annotations of log confusion[w, k, l]."""
    n_labels = log_prior.size
    joint = np.empty((offsets.size - 1, n_labels))
    for n in range(offsets.size - 1):
        for k in range(n_labels):
            joint[n, k] = log_prior[k]
        for row in range(offsets[n], offsets[n + 1]):
            for k in range(n_labels):
                joint[n, k] += log_confusion[worker[row], k, label[row]]
    return joint


@njit(cache=True)
def normalise_log_joint(joint: Floats, gold: Index) -> float:
    total = 0.0
    for n in range(joint.shape[0]):
        if gold[n] >= 0:
            total += joint[n, gold[n]]
            joint[n, :] = 0.0
            joint[n, gold[n]] = 1.0
            continue
        highest = joint[n].max()
        mass = 0.0
        for k in range(joint.shape[1]):
            joint[n, k] = math.exp(joint[n, k] - highest)
            mass += joint[n, k]
        for k in range(joint.shape[1]):
            joint[n, k] /= mass
        total += highest + math.log(mass)
    return total


@njit(cache=True)
def add_rows(sums: Floats, to: Offsets, values: Floats, source: Offsets) -> None:
    """sums[to[m]] += values[source[m]] for every m, in place; rows (., K)."""
    for m in range(to.size):
        for k in range(sums.shape[1]):
            sums[to[m], k] += values[source[m], k]


@njit(cache=True)
def most_probable(posterior: Floats) -> Index:
    label = np.zeros(posterior.shape[0], np.int32)
    for n in range(posterior.shape[0]):
        highest = posterior[n].max()
        while posterior[n, label[n]] < highest - TIE:
            label[n] += 1
    return label
