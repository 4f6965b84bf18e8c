"""Random inputs of every kernel, by file and name: what `contract/test_twins.py` gives to a kernel and to its loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from groundswell.consolidation import alignment

Args = tuple[Any, ...]


class Crowd:
    """Random annotations of objects, some without any, some known, and parameters of models of them."""

    def __init__(self, seed: int) -> None:
        self.random = random = np.random.default_rng(seed)
        self.n, self.w, self.k = (int(random.integers(*r)) for r in ((1, 30), (1, 9), (2, 13)))
        answered = random.random((self.n, self.w)) < random.choice([0.2, 0.8])
        self.owner, self.worker = (axis.astype(np.int32) for axis in np.nonzero(answered))
        self.label = random.integers(0, self.k, self.owner.size).astype(np.int32)
        self.offsets = np.searchsorted(self.owner, np.arange(self.n + 1)).astype(np.int64)
        known = random.random(self.n) < 0.2
        self.gold = np.where(known, random.integers(0, self.k, self.n), -1).astype(np.int32)
        self.row = (self.worker * self.k + self.label).astype(np.int32)
        self.posterior = self.shares(self.n, self.k)
        self.prior = self.shares(self.k)

    def shares(self, *shape: int) -> np.ndarray:
        """Random numbers whose last axis sums to 1."""
        return self.random.dirichlet(np.full(shape[-1], 0.5), shape[:-1]) + 1e-9

    def table(self) -> np.ndarray:
        """(W, K, K) [worker, given, true] chances."""
        return np.ascontiguousarray(self.shares(self.w, self.k, self.k).transpose(0, 2, 1))

    def votes(self) -> Args:
        return self.offsets, self.worker, self.label


def _cells(c: Crowd) -> Args:
    classes = np.repeat(np.arange(c.k), 2).astype(np.int32)
    log_weight, log_table = np.log(c.shares(2 * c.k)), np.log(c.shares(c.w, c.k, 2 * c.k))
    sums = np.zeros((c.w, c.k, 2 * c.k)), np.zeros(2 * c.k), np.zeros((c.n, c.k))
    return *c.votes(), c.gold, classes, log_weight, log_table, *sums


def _effects(c: Crowd) -> Args:
    points = 5
    tables = np.log(c.shares(c.w, c.k, c.k)), np.log(c.shares(c.w, c.k, points)), c.random.normal(size=(c.k, points))
    sums = np.zeros((c.w, c.k, c.k)), np.zeros((c.w, c.k, points)), np.zeros(c.k), np.zeros((c.n, c.k))
    return *c.votes(), c.gold, *tables, np.log(c.shares(c.k, points)), *sums


def _live(c: Crowd) -> Args:
    objects = c.random.permutation(c.n).astype(np.int64)[: max(c.n // 2, 1)]
    both = []
    for most in (2, c.w):  # before, and now
        parts = [slice(a, min(a + most, b)) for a, b in zip(c.offsets[objects], c.offsets[objects + 1], strict=True)]
        sizes = [part.stop - part.start for part in parts]
        rows = np.concatenate([np.arange(part.start, part.stop) for part in parts]).astype(np.int64)
        both.append((np.concatenate(([0], np.cumsum(sizes))).astype(np.int64), c.worker[rows], c.label[rows]))
    answers = 3.0 * c.shares(c.w, c.k, c.k)
    return objects, *both, c.gold, 0.7, answers, 5.0 * c.prior, c.posterior.copy()


def _repeats(c: Crowd) -> Args:
    worker = c.random.integers(0, c.w, c.owner.size).astype(np.int32)
    return c.offsets, worker, np.full(c.w, -1, np.int64), np.ones(worker.size, np.bool_)


def _order(c: Crowd) -> Args:
    owner = c.random.permutation(c.owner)
    return owner, c.offsets[:-1].copy()


def _numbers(c: Crowd) -> Args:
    x = np.concatenate(([0.0, -1.0, np.nan, 1.0, 2.0], c.random.gamma(0.5, 10.0, 50)))
    return x, np.empty(x.size)


def _plane(c: Crowd, high: int, kind: type = np.int32, low: int = 0) -> Any:
    shape = c.random.integers(1, 14, 2)
    coarse = c.random.integers(low, high, (shape + 1) // 2)
    return np.ascontiguousarray(coarse.repeat(2, axis=0).repeat(2, axis=1)[: shape[0], : shape[1]].astype(kind))


def _near(c: Crowd) -> Args:
    plane = _plane(c, 3, np.uint8)
    at = c.random.random(plane.shape) < 0.6
    return plane, 1, at, int(c.random.integers(1, 7)), np.empty(np.count_nonzero(at), np.float32)


def _distances(c: Crowd) -> Args:
    inside = _plane(c, 2, np.bool_) & (c.random.random() < 0.9)
    if c.random.random() < 0.3:  # wide ones are measured another way
        inside = np.ascontiguousarray(np.tile(inside, (1, 130)))
    return inside, np.empty(inside.shape)


def _areas(c: Crowd) -> Args:
    code = _plane(c, 3, low=-1)
    return code, np.empty(code.shape, np.int32)


def _sides(c: Crowd) -> Args:
    number = _plane(c, 4, low=-1)
    return number, c.random.integers(0, 2, number.shape).astype(np.uint8), np.zeros(4, np.int64), np.zeros(4, np.int64)


def _pairs(c: Crowd) -> Args:
    size, pairs = int(c.random.integers(1, 20)), int(c.random.integers(0, 20))
    first, second = c.random.integers(0, size, (2, pairs))
    return size, first, second


def _clusters(c: Crowd) -> Args:
    size = int(c.random.integers(1, 9))
    alike = np.round(c.random.random((size, size)), 1)  # ties too
    owner = c.random.integers(0, 4, size)
    return (alike + alike.T) / 2.0, owner[:, None] == owner[None, :], 0.4


def _words(c: Crowd) -> list[str]:
    return [str(word) for word in c.random.integers(0, 5, c.random.integers(0, 9))]


def _edits(c: Crowd) -> Args:
    (first, second), _ = alignment.numbered((_words(c), _words(c)))
    return first, second


def _moves(c: Crowd) -> Args:
    places, words, n_words = int(c.random.integers(0, 8)), int(c.random.integers(0, 8)), 5
    known = [np.flatnonzero(c.random.random(n_words) < 0.5) for _ in range(places)]
    offset = np.concatenate(([0], np.cumsum([len(k) for k in known]))).astype(np.int64)
    word = np.concatenate([*known, np.zeros(0, np.int64)]).astype(np.int64)
    share, skip = c.random.integers(1, 5, word.size) / 4, c.random.integers(0, 5, places) / 4  # ties too
    return (
        offset,
        word,
        share,
        skip,
        c.random.integers(0, n_words, words),
        n_words,
        np.zeros((places + 1, words + 1), np.int8),
    )


def _outlines(c: Crowd) -> Args:
    first, second = (np.round(c.random.random((c.random.integers(3, 9), 2)) * 4, 1) for _ in "ab")
    return first, second, np.linspace(-0.5, 4.5, 17)


def _costs(c: Crowd) -> Args:
    rows = int(c.random.integers(1, 7))
    cost = np.round(c.random.random((rows, rows + int(c.random.integers(0, 4)))), 1)
    return cost, np.empty(rows, np.int64)


MAKERS: dict[str, Callable[[Crowd], Args]] = {
    "kernels.vote_shares": lambda c: (c.offsets, c.label, c.k),
    "kernels.expected_counts": lambda c: (c.owner, c.worker, c.label, c.posterior, c.w),
    "kernels.met_and_right": lambda c: (c.owner, c.worker, c.label, c.posterior, c.w),
    "kernels.log_joint": lambda c: (*c.votes(), np.log(c.prior), np.log(c.shares(c.w, c.k, c.k))),
    "kernels.normalise_log_joint": lambda c: (np.log(c.posterior) - 5.0, c.gold),
    "kernels.add_rows": lambda c: (
        c.posterior, c.owner.astype(np.int64), c.shares(c.w, c.k), c.worker.astype(np.int64)
    ),
    "kernels.most_probable": lambda c: (np.round(c.posterior, 1),),
    "csr.stable_order": _order,
    "csr.mark_replaced": _repeats,
    "cells.pass_cells": _cells,
    "cells.sum_cells": lambda c: (*c.votes(), c.shares(c.n, 4), np.zeros((c.w, c.k, 4)), np.zeros(4)),
    "many_classes.pass_coin": lambda c: (
        *c.votes(), c.gold, c.random.uniform(0.1, 0.9, c.w), np.log(c.prior), c.posterior
    ),
    "weighted_vote.weighted_shares": lambda c: (*c.votes(), c.random.random(c.w).round(1), c.gold, c.k),
    "glad.joint_of": lambda c: (
        c.owner, c.worker, c.label, c.random.normal(size=c.w), c.random.normal(size=c.n), np.log(c.prior)
    ),
    "glad.derivatives": lambda c: (
        c.owner, c.worker, c.random.random(c.owner.size), c.random.normal(0, 99, c.w), c.random.normal(0, 3, c.n)
    ),
    "item_effects.start_effects": lambda c: (
        *c.votes(), c.posterior, c.shares(5), np.zeros((c.w, c.k, c.k)), np.zeros((c.w, c.k, 5)), np.zeros(c.k)
    ),
    "item_effects.pass_effects": _effects,
    "live_kernels.step_objects": _live,
    "dawid_skene_kernels.row_of": lambda c: (c.worker, c.label, c.k),
    "dawid_skene_kernels.expected_sums": lambda c: (c.offsets, c.row, c.gold, c.prior, c.table()),
    "dawid_skene_kernels.start_sums": lambda c: (c.offsets, c.row, c.gold, c.w, c.k),
    "dawid_skene_kernels.decisions": lambda c: (c.offsets, c.row, c.gold, c.prior, c.table()),
    "dawid_skene_kernels.posteriors": lambda c: (
        c.offsets[c.n // 2 :], c.row, c.gold[c.n // 2 :], c.prior, c.table().reshape(-1, c.k)
    ),
    "dawid_skene_kernels.normalise": lambda c: (
        5.0 * c.table() * (c.random.random((c.w, c.k, 1)) < 0.7),
        c.random.choice([0.0, 0.1], (1, c.k, c.k)),
        1e-10,
        c.table(),
    ),
    "special.write_digamma": _numbers,
    "special.write_log_gamma": _numbers,
    "special.write_normal_cdf": lambda c: (c.random.normal(0, 5, 50), np.empty(50)),
    "pixels.measure_bounds": lambda c: (_plane(c, 6), np.empty((4, 4), np.int64)),
    "pixels.measure_share": _near,
    "pixels.measure_distances": _distances,
    "mask_areas.join_pixels": _areas,
    "mask_areas.count_sides": _sides,
    "matching.connected": _pairs,
    "matching.agglomerate": _clusters,
    "alignment.count_edits": _edits,
    "alignment.fill_moves": _moves,
    "scan_lines.measure_lines": _outlines,
    "pairing.pair_rows": _costs,
    "meetings.count_labels": lambda c: (c.offsets, c.label, np.zeros((c.k, c.k))),
    "meetings.count_commonest": lambda c: (c.offsets, c.label, c.k, np.zeros(c.n, np.int64)),
    "meetings.count_agreeing": lambda c: (c.offsets, c.label, c.k, np.zeros(c.n)),
    "meetings.count_workers": lambda c: (*c.votes(), np.zeros((c.w, c.w)), np.zeros((c.w, c.w))),
    "meetings.count_given": lambda c: (
        c.offsets, c.owner, c.worker, np.flatnonzero(c.label == 0), np.zeros((c.w, c.w))
    ),
}  # fmt: skip
