"""Answers that meet on an object, counted by label, by object, by pair of workers.

Elsewhere: the loops for large inputs (`compiled/meetings.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.fast import twinned
from groundswell.consolidation.sums import owners
from groundswell.consolidation.votes import Votes

if TYPE_CHECKING:
    from jaxtyping import Float64, Int32, Int64

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]

_BLOCK = 1 << 20  # pairs of answers held at once


def label_meetings(votes: Votes) -> Floats:
    """(K, K) ordered pairs of answers to one object by different workers, each answer weighing 1 in all its pairs."""
    return meetings_of(votes.offsets, votes.label, votes.n_labels)


def meetings_of(
    offsets: Int64[Offsets, " N1"], label: Int32[Index, " M"], n_labels: int
) -> Float64[Floats, "{n_labels} {n_labels}"]:
    """(K, K) `label_meetings` of the objects in `offsets` (N + 1,) over `label` (M,); those of parts add up."""
    pairs = np.zeros((n_labels, n_labels))
    count_labels(*_from_first(offsets, label), pairs)
    return pairs


def commonest_share(
    offsets: Int64[Offsets, " N1"], label: Int32[Index, " M"], n_labels: int
) -> Float64[Floats, " N1-1"]:
    """(N,) share of each object's answers that name its commonest class; 0 without answers. Shapes: `meetings_of`."""
    most = np.zeros(offsets.size - 1, np.int64)
    count_commonest(*_from_first(offsets, label), n_labels, most)
    return np.asarray(most / np.maximum(np.diff(offsets), 1))


def agreeing_share(votes: Votes) -> Floats:
    """(N,) share of the pairs of answers to each object that agree; 0 where there are no two answers."""
    share = np.zeros(votes.n_objects)
    count_agreeing(votes.offsets, votes.label, votes.n_labels, share)
    return share


def worker_meetings(votes: Votes) -> tuple[Floats, Floats]:
    """(W, W) objects that each two workers have in common, and on how many of them they answered alike."""
    common = np.zeros((votes.n_workers, votes.n_workers))
    alike = np.zeros_like(common)
    count_workers(votes.offsets, votes.worker, votes.label, common, alike)
    return common, alike


def given_in_common(votes: Votes, label: int) -> Floats:
    """(W, W) how often worker i gave the label on objects that worker j answered too, [i, j]."""
    given = np.zeros((votes.n_workers, votes.n_workers))
    count_given(votes.offsets, votes.object, votes.worker, np.flatnonzero(votes.label == label), given)
    return given


@twinned(lambda offsets, label, pairs: label.size * 4)
def count_labels(offsets: Offsets, label: Index, pairs: Floats) -> None:
    """`meetings_of` into pairs (K, K)."""
    others = np.repeat(np.diff(offsets), np.diff(offsets)) - 1.0
    for first, second in _pairs(offsets):
        first, second = first[first != second], second[first != second]
        weight = 1.0 / others[first]
        cells = label[first].astype(np.int64) * len(pairs) + label[second]
        pairs += np.bincount(cells, weight, pairs.size).reshape(pairs.shape)


@twinned(lambda offsets, label, n_labels, most: label.size * 4)
def count_commonest(offsets: Offsets, label: Index, n_labels: int, most: Offsets) -> None:
    """How often the commonest class of each object is given, into most (N,)."""
    owner, times = _times_given(offsets, label, n_labels)
    np.maximum.at(most, owner, times)


@twinned(lambda offsets, label, n_labels, share: label.size * 4)
def count_agreeing(offsets: Offsets, label: Index, n_labels: int, share: Floats) -> None:
    """`agreeing_share` into share (N,)."""
    owner, times = _times_given(offsets, label, n_labels)
    answers = np.diff(offsets)
    agreeing = np.bincount(owner, times * (times - 1) / 2, share.size)
    share[:] = agreeing / np.maximum(answers * (answers - 1) / 2, 1.0)


@twinned(lambda offsets, worker, label, common, alike: label.size * 4)
def count_workers(offsets: Offsets, worker: Index, label: Index, common: Floats, alike: Floats) -> None:
    """`worker_meetings` into common and alike (W, W)."""
    for first, second in _pairs(offsets):
        cells = worker[first].astype(np.int64) * len(common) + worker[second]
        common += np.bincount(cells, minlength=common.size).reshape(common.shape)
        alike += np.bincount(cells, label[first] == label[second], alike.size).reshape(alike.shape)


@twinned(lambda offsets, owner, worker, rows, given: rows.size * 4)
def count_given(offsets: Offsets, owner: Index, worker: Index, rows: Offsets, given: Floats) -> None:
    """`given_in_common` into given (W, W), of the answers in rows (A,)."""
    chosen = np.zeros(worker.size, np.bool_)
    chosen[rows] = True
    for first, second in _pairs(offsets):
        first, second = first[chosen[first]], second[chosen[first]]
        cells = worker[first].astype(np.int64) * len(given) + worker[second]
        given += np.bincount(cells, minlength=given.size).reshape(given.shape)


def _from_first(offsets: Offsets, label: Index) -> tuple[Offsets, Index]:
    """The same with the rows before and after these objects left out."""
    return offsets - offsets[0], label[offsets[0] : offsets[-1]]


def _times_given(offsets: Offsets, label: Index, n_labels: int) -> tuple[Offsets, Offsets]:
    """For each object and class given there, the object and how often."""
    given, times = np.unique(owners(offsets) * n_labels + label, return_counts=True)
    return given // max(n_labels, 1), times


def _pairs(offsets: Offsets) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Ordered pairs of rows of one object, each row with itself too; in blocks, rows ascending."""
    answers = np.diff(offsets)
    partners, start = np.repeat(answers, answers), np.repeat(offsets[:-1], answers)  # (M,) of each row
    before = np.concatenate(([0], np.cumsum(partners)))
    row = 0
    while row < partners.size:
        stop = max(int(np.searchsorted(before, before[row] + _BLOCK, side="right")) - 1, row + 1)
        some = slice(row, stop)
        number = np.arange(before[row], before[stop]) - np.repeat(before[row:stop], partners[some])
        yield np.repeat(np.arange(row, stop), partners[some]), np.repeat(start[some], partners[some]) + number
        row = stop
