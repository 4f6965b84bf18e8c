"""`--out-of-core --report`: the page of memory about annotations on disk, from sums over shards.

No more than a shard for each thread is held. Elsewhere: the page (`class_report.py`), the sums (`class_tally.py`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from groundswell.compute.backend import Backend
from groundswell.compute.shard_recalibration import Decider
from groundswell.compute.shard_store import ShardStore, StoredShard
from groundswell.compute.sharded_fit import sum_over_shards
from groundswell.consolidation.dawid_skene import DawidSkeneFit
from groundswell.offline.class_report import Confusions, Outcome, busiest, can_be_drawn
from groundswell.offline.class_tally import Disputed, Tally, least_sure


def outcome_of_shards(
    store: ShardStore,
    fit: DawidSkeneFit,
    answered: NDArray[np.int64],
    skill: NDArray[np.float64],
    *,
    method: str,
    decide: Decider,
    backend: Backend,
) -> Outcome:
    """What the page is made of.

    answered, skill : (W,) each worker's annotations and chance of a right answer.     decide : as labels were decided.
    """
    confusions = None
    if can_be_drawn(len(store.labels)):
        table = fit.parameters.table
        confusions = Confusions(fit.statistics.counts.sum(axis=0).T, [(w, table[w].T) for w in busiest(answered)])
    return Outcome(
        [str(label) for label in store.labels],
        [str(worker) for worker in store.workers],
        answered,
        skill,
        sum_over_shards(_tally, store.shards, decide, backend=backend),
        confusions,
        method=method,
        iterations=len(fit.objective),
        converged=fit.converged,
        replaced=store.replaced,
        abstentions=store.abstentions,
    )


def _tally(stored: StoredShard, decide: Decider) -> Tally:
    shard, size = stored.load(), len(decide.parameters.prior)
    chosen, confidence = decide(shard)
    least = least_sure(confidence)
    disputed = []
    for key, n in zip(stored.objects().take(pa.array(least)).to_pylist(), least.tolist(), strict=True):
        rows = shard.row[shard.offsets[n] : shard.offsets[n + 1]].tolist()
        answers = [divmod(row, size) for row in rows]
        disputed.append(Disputed(key, int(chosen[n]), float(confidence[n]), answers))
    return Tally.of(shard.offsets, shard.row % size, chosen, confidence, n_labels=size, disputed=disputed)
