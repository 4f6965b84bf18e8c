"""Confidences of a fit over shards set right by gold: `groundswell.quality.recalibrate` for more than memory holds.

Five fits more go over the shards, each without a fifth of the gold. Elsewhere: what is learnt from them
(`groundswell.consolidation.recalibration`), the fits (`sharded_fit.py`), gold in a store (`shard_gold.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from groundswell.compute.shard_store import KnownClasses, ShardStore, StoredShard
from groundswell.consolidation.beta_calibration import BetaCalibration
from groundswell.consolidation.columns import sort_ids
from groundswell.consolidation.dawid_skene import DawidSkeneFit, Parameters, Shard
from groundswell.consolidation.recalibration import FEWEST_GOLD, FOLDS, BorneOut, borne_out, folds

_NOTHING_KNOWN = KnownClasses(np.zeros(0, np.int64), np.zeros(0, np.int32))
Decided = tuple[NDArray[np.int32], NDArray[np.float64]]


@dataclass(frozen=True)
class Decider:
    """Labels and their confidences by a fit's parameters, set right where something is known."""

    parameters: Parameters
    curve: BetaCalibration | None = None

    def __call__(self, shard: Shard) -> Decided:
        """(N,) most probable classes and (N,) their confidences; gold objects are certain."""
        label, confidence = shard.decide(self.parameters)
        if self.curve is not None:
            confidence = np.where(shard.gold >= 0, confidence, self.curve(confidence, label))
        return label, confidence


def recalibrate_store(store: ShardStore, fit: Callable[[ShardStore], DawidSkeneFit]) -> BorneOut:
    """What the store's gold bears out of confidences; the same as in memory, however many shards there are.

    fit : fits a store, as the fit was made whose confidences are to be set right.
    """
    known = [shard.gold or _NOTHING_KNOWN for shard in store.shards]
    answered = [_is_answered(shard, gold) for shard, gold in zip(store.shards, known, strict=True)]
    chosen = [KnownClasses(gold.object[use], gold.label[use]) for gold, use in zip(known, answered, strict=True)]
    truth = np.concatenate([one.label for one in chosen])
    if len(truth) < FEWEST_GOLD or len(store.labels) < 2:
        return BorneOut(n_gold=len(truth))
    place = _places_by_id(store.shards, chosen)
    part = folds(len(truth))[place]
    label, stated = np.empty(len(truth), np.int32), np.empty(len(truth))
    for f in range(FOLDS):
        held = np.split(part == f, np.cumsum([len(one.label) for one in chosen])[:-1])
        out = [KnownClasses(one.object[here], one.label[here]) for one, here in zip(chosen, held, strict=True)]
        found = fit(_without(store, out))
        label[part == f], stated[part == f] = _foretold(store.shards, out, found.expected_with)
    order = np.argsort(place)
    return borne_out(stated[order], label[order], truth[order], n_labels=len(store.labels))


def _is_answered(shard: StoredShard, gold: KnownClasses) -> NDArray[np.bool_]:
    """Which of a shard's gold objects somebody annotated."""
    if not len(gold.label):
        return np.zeros(0, bool)
    return np.asarray(np.diff(shard.load().offsets)[gold.object] > 0)


def _places_by_id(shards: Sequence[StoredShard], known: Sequence[KnownClasses]) -> NDArray[np.int64]:
    """(U,) the place of each gold object among all of them in the order of their ids, which is that of memory."""
    ids = [
        key
        for shard, gold in zip(shards, known, strict=True)
        if len(gold.label)
        for key in shard.objects().take(pa.array(gold.object)).to_pylist()
    ]
    place = {key: i for i, key in enumerate(sort_ids(ids))}
    return np.array([place[key] for key in ids], np.int64)


def _without(store: ShardStore, out: Sequence[KnownClasses]) -> ShardStore:
    """The store with its gold but for these."""
    shards = []
    for shard, held in zip(store.shards, out, strict=True):
        gold = shard.gold or _NOTHING_KNOWN
        kept = ~np.isin(gold.object, held.object)
        shards.append(replace(shard, gold=KnownClasses(gold.object[kept], gold.label[kept])))
    return replace(store, shards=shards)


def _foretold(shards: Sequence[StoredShard], out: Sequence[KnownClasses], parameters: Parameters) -> Decided:
    """Labels and confidences of the gold held back, in its order."""
    decided = [
        _only(shard.load(), held.object).decide(parameters)
        for shard, held in zip(shards, out, strict=True)
        if len(held.object)
    ]
    return np.concatenate([label for label, _ in decided]), np.concatenate([chance for _, chance in decided])


def _only(shard: Shard, objects: NDArray[np.int64]) -> Shard:
    """These objects of a shard, none of which is known."""
    first, size = shard.offsets[objects], np.diff(shard.offsets)[objects]
    offsets = np.concatenate([[0], np.cumsum(size)])
    rows = np.repeat(first - offsets[:-1], size) + np.arange(offsets[-1])
    return Shard(offsets, shard.row[rows], np.full(len(objects), -1, np.int32))
