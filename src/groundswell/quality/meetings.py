"""Answers that meet on an object, counted in compiled passes: by label, by object, by pair of workers."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from groundswell.consolidation.votes import Votes

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]


def label_meetings(votes: Votes) -> Floats:
    """(K, K) ordered pairs of answers to one object by different workers, each answer weighing 1 in all its pairs."""
    return meetings_of(votes.offsets, votes.label, votes.n_labels)


def meetings_of(offsets: Offsets, label: Index, n_labels: int) -> Floats:
    """(K, K) `label_meetings` of the objects in `offsets` (N + 1,) over `label` (M,); those of parts add up."""
    pairs = np.zeros((n_labels, n_labels))
    _count_labels(offsets, label, pairs)
    return pairs


def commonest_share(offsets: Offsets, label: Index, n_labels: int) -> Floats:
    """(N,) share of each object's answers that name its commonest class; 0 without answers. Shapes: `meetings_of`."""
    most = np.zeros(offsets.size - 1, np.int64)
    _count_commonest(offsets, label, np.zeros(n_labels, np.int64), most)
    return np.asarray(most / np.maximum(np.diff(offsets), 1))


def agreeing_share(votes: Votes) -> Floats:
    """(N,) share of the pairs of answers to each object that agree; 0 where there are no two answers."""
    share = np.zeros(votes.n_objects)
    _count_agreeing(votes.offsets, votes.label, np.zeros(votes.n_labels, np.int64), share)
    return share


def worker_meetings(votes: Votes) -> tuple[Floats, Floats]:
    """(W, W) objects that each two workers have in common, and on how many of them they answered alike."""
    common = np.zeros((votes.n_workers, votes.n_workers))
    alike = np.zeros_like(common)
    _count_workers(votes.offsets, votes.worker, votes.label, common, alike)
    return common, alike


def given_in_common(votes: Votes, label: int) -> Floats:
    """(W, W) how often worker i gave the label on objects that worker j answered too, [i, j]."""
    given = np.zeros((votes.n_workers, votes.n_workers))
    _count_given(votes.offsets, votes.object, votes.worker, np.flatnonzero(votes.label == label), given)
    return given


@njit(cache=True, nogil=True)
def _count_labels(offsets: Offsets, label: Index, pairs: Floats) -> None:
    for n in range(offsets.size - 1):
        for a in range(offsets[n], offsets[n + 1]):
            for b in range(offsets[n], offsets[n + 1]):
                if a != b:
                    pairs[label[a], label[b]] += 1.0 / (offsets[n + 1] - offsets[n] - 1)


@njit(cache=True, nogil=True)
def _count_commonest(offsets: Offsets, label: Index, tally: Offsets, most: Offsets) -> None:
    """`tally` (K,): zeros, and zeros again at the end."""
    for n in range(offsets.size - 1):
        for row in range(offsets[n], offsets[n + 1]):
            tally[label[row]] += 1
            most[n] = max(most[n], tally[label[row]])
        for row in range(offsets[n], offsets[n + 1]):
            tally[label[row]] = 0


@njit(cache=True, nogil=True)
def _count_agreeing(offsets: Offsets, label: Index, tally: Offsets, share: Floats) -> None:
    """`tally` (K,): zeros, and zeros again at the end."""
    for n in range(offsets.size - 1):
        answers = offsets[n + 1] - offsets[n]
        agreeing = 0
        for row in range(offsets[n], offsets[n + 1]):
            agreeing += tally[label[row]]
            tally[label[row]] += 1
        for row in range(offsets[n], offsets[n + 1]):
            tally[label[row]] = 0
        if answers > 1:
            share[n] = agreeing / (answers * (answers - 1) / 2)


@njit(cache=True, nogil=True)
def _count_workers(offsets: Offsets, worker: Index, label: Index, common: Floats, alike: Floats) -> None:
    for n in range(offsets.size - 1):
        for a in range(offsets[n], offsets[n + 1]):
            for b in range(offsets[n], offsets[n + 1]):
                common[worker[a], worker[b]] += 1.0
                if label[a] == label[b]:
                    alike[worker[a], worker[b]] += 1.0


@njit(cache=True, nogil=True)
def _count_given(offsets: Offsets, owner: Index, worker: Index, rows: Offsets, given: Floats) -> None:
    for a in rows:
        for b in range(offsets[owner[a]], offsets[owner[a] + 1]):
            given[worker[a], worker[b]] += 1.0
