"""Dawid and Skene's model over shards, on any backend: sums go to the shards' workers and come back, annotations stay.

The sums are added in the order of the shards whatever finishes first, so that one cluster gives one answer; another
number of workers changes only the rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import pairwise
from operator import add
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from groundswell.compute.backend import Backend, Shared
from groundswell.compute.backends import Serial
from groundswell.compute.shard_recalibration import Decided, Decider
from groundswell.compute.shard_store import ShardStore, StoredShard
from groundswell.consolidation.base import worker_skill
from groundswell.consolidation.dawid_skene import (
    ConfusionPrior,
    DawidSkeneFit,
    Parameters,
    Priors,
    Shard,
    Statistics,
    fit_parameters,
    imagined_answers,
)
from groundswell.consolidation.known import WorkerHistory, given_rates

_GROUPS_PER_WORKER = 4  # so that a slow worker does not hold up the rest by much

Source = TypeVar("Source")
Total = TypeVar("Total")


class ShardSource(Protocol):
    """Whatever gives a shard where it is needed: a `StoredShard`, or a shard in memory."""

    def load(self) -> Shard:
        """The shard."""


@dataclass(frozen=True)
class HeldShard:
    """A shard in memory."""

    shard: Shard

    def load(self) -> Shard:
        """The shard itself."""
        return self.shard


def split(shard: Shard, parts: int) -> list[HeldShard]:
    """Parts of nearly equal numbers of annotations, cut between objects."""
    cuts = np.searchsorted(shard.offsets, np.linspace(0, len(shard.row), parts + 1)[1:-1])
    edges = [0, *cuts.tolist(), len(shard.gold)]
    return [HeldShard(_slice(shard, start, stop)) for start, stop in pairwise(edges)]


def _slice(shard: Shard, start: int, stop: int) -> Shard:
    offsets = shard.offsets[start : stop + 1]
    return Shard(offsets - offsets[0], shard.row[offsets[0] : offsets[-1]], shard.gold[start:stop])


def fit_shards(
    sources: Sequence[ShardSource],
    *,
    n_workers: int,
    n_labels: int,
    prior: ConfusionPrior = ConfusionPrior(),
    max_iter: int = 100,
    tol: float = 1e-7,
    backend: Backend | None = None,
) -> DawidSkeneFit:
    """`DawidSkene.fit` for shards; the same answer up to rounding. See `DawidSkene` for prior, max_iter and tol.

    Gold is the shards' own. Elsewhere: class rates and workers' history, which go by name (`fit_store`).
    """
    priors = Priors(prior.answers(n_labels)[None], prior.classes)
    return _fit(sources, n_workers, n_labels, priors, max_iter=max_iter, tol=tol, backend=backend or Serial())


def fit_store(
    store: ShardStore,
    *,
    prior: ConfusionPrior = ConfusionPrior(),
    class_rates: Mapping[Any, float] | Sequence[float] | None = None,
    worker_history: WorkerHistory | None = None,
    max_iter: int = 100,
    tol: float = 1e-7,
    backend: Backend | None = None,
) -> DawidSkeneFit:
    """`DawidSkene.fit` for a store; the same answer up to rounding. See `DawidSkene` for prior, max_iter and tol.

    Gold is the store's own: `with_gold(store, gold)` has it.

    Parameters
    ----------
    class_rates : by class, or (K,) in the order of `store.labels`, where they are known; else learned.
    worker_history : worker id to earlier counts, see `history_counts`; other workers are passed over.
    Raises: InvalidVotes, for class rates that miss a class or are not above 0, history that is no counts.
    """
    names = store.names()
    answers = imagined_answers(names, prior, worker_history)
    priors = Priors(answers, prior.classes, given_rates(names, class_rates))
    sizes = len(store.workers), len(store.labels)
    return _fit(store.shards, *sizes, priors, max_iter=max_iter, tol=tol, backend=backend or Serial())


def _fit(
    sources: Sequence[ShardSource],
    n_workers: int,
    n_labels: int,
    priors: Priors,
    *,
    max_iter: int,
    tol: float,
    backend: Backend,
) -> DawidSkeneFit:
    groups = _placed(sources, backend)
    start = _sum(_start, groups, (n_workers, n_labels), backend)

    def expect(parameters: Parameters) -> Statistics:
        return _sum(_expect, groups, parameters, backend)

    return fit_parameters(start, expect, priors, max_iter=max_iter, tol=tol)


def _start(source: ShardSource, sizes: tuple[int, int]) -> Statistics:
    return source.load().start(*sizes)


def _expect(source: ShardSource, parameters: Parameters) -> Statistics:
    return source.load().expect(parameters)


def sum_over_shards(
    function: Callable[[Source, Shared], Total],
    sources: Sequence[Source],
    shared: Shared,
    *,
    backend: Backend | None = None,
) -> Total:
    """function(shard, shared) of every shard, added up in their order: for whatever sums over objects.

    function : picklable for all backends but `Serial` and `Threads`; what it returns has `+`.
    Raises: Unavailable, when workers keep dying.
    """
    backend = backend or Serial()
    return _sum(function, _placed(sources, backend), shared, backend)


def _placed(sources: Sequence[Source], backend: Backend) -> list[Any]:
    """Groups of shards, each put where the backend's workers are."""
    size = max(1, -(-len(sources) // (backend.width * _GROUPS_PER_WORKER)))
    return [backend.place(list(sources[i : i + size])) for i in range(0, len(sources), size)]


def _sum(function: Callable[[Source, Shared], Total], groups: Sequence[Any], shared: Shared, backend: Backend) -> Total:
    return reduce(add, backend.map(partial(_sum_of_group, function), groups, shared))


def _sum_of_group(function: Callable[[Source, Shared], Total], group: Sequence[Source], shared: Shared) -> Total:
    return reduce(add, (function(source, shared) for source in group))


def write_labels(
    store: ShardStore,
    fit: DawidSkeneFit,
    output: Path,
    *,
    decide: Callable[[Shard], Decided] | None = None,
    backend: Backend | None = None,
) -> NDArray[np.float64]:
    """Write task, label, confidence for every object to one Parquet file, a row group a shard; returns skill (W,).

    decide : says what a shard's labels and confidences are; without it the fit alone.
    """
    labels = pa.array(store.labels)
    empty: pa.Table | None = None
    writer: Any = None
    deciding = decide or Decider(fit.expected_with)
    for shard, (index, confidence) in _decisions(store.shards, deciding, backend or Serial()):
        table = pa.table({"task": shard.objects(), "label": labels.take(pa.array(index)), "confidence": confidence})
        if not len(table):  # an empty shard does not know the type of its ids
            empty = table
            continue
        if writer is None:
            writer = parquet.ParquetWriter(output, table.schema)
        writer.write_table(table.cast(writer.schema))
    if writer is not None:
        writer.close()
    elif empty is not None:
        parquet.write_table(empty, output)
    return worker_skill(fit.statistics.counts.transpose(0, 2, 1), fit.parameters.confusion)


def _decisions(
    shards: Sequence[StoredShard], decide: Callable[[Shard], Decided], backend: Backend
) -> Iterator[tuple[StoredShard, Decided]]:
    """Labels and confidences shard by shard, as many at once as the backend is wide."""
    for i in range(0, len(shards), backend.width):
        some = shards[i : i + backend.width]
        yield from zip(some, backend.map(_decide, some, decide), strict=True)


def _decide(source: ShardSource, decide: Callable[[Shard], Decided]) -> Decided:
    return decide(source.load())
