"""Dawid and Skene's model over shards, on any backend: sums go to the shards' workers and come back, annotations stay.

The sums are added in the order of the shards whatever finishes first, so that one cluster gives one answer; another
number of workers changes only the rounding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import add
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from groundswell.compute.backends import Backend, Serial
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
)

_GROUPS_PER_WORKER = 4  # so that a slow worker does not hold up the rest by much


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
    """`DawidSkene.fit` for shards; the same answer up to rounding. See `DawidSkene` for prior, max_iter and tol."""
    backend = backend or Serial()
    groups = [backend.place(group) for group in _groups(sources, backend.width * _GROUPS_PER_WORKER)]
    start = reduce(add, backend.map(_start, groups, (n_workers, n_labels)))

    def expect(parameters: Parameters) -> Statistics:
        return reduce(add, backend.map(_expect, groups, parameters))

    priors = Priors(prior.answers(n_labels)[None], prior.classes)
    return fit_parameters(start, expect, priors, max_iter=max_iter, tol=tol)


def _groups(sources: Sequence[ShardSource], number: int) -> list[list[ShardSource]]:
    size = max(1, -(-len(sources) // number))
    return [list(sources[i : i + size]) for i in range(0, len(sources), size)]


def _start(group: Sequence[ShardSource], sizes: tuple[int, int]) -> Statistics:
    return reduce(add, (source.load().start(*sizes) for source in group))


def _expect(group: Sequence[ShardSource], parameters: Parameters) -> Statistics:
    return reduce(add, (source.load().expect(parameters) for source in group))


def write_labels(
    store: ShardStore, fit: DawidSkeneFit, output: Path, *, backend: Backend | None = None
) -> NDArray[np.float64]:
    """Write task, label, confidence for every object to one Parquet file, a row group a shard; returns skill (W,)."""
    labels = pa.array(store.labels)
    empty: pa.Table | None = None
    writer: Any = None
    for shard, (index, confidence) in _decisions(store.shards, fit.expected_with, backend or Serial()):
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
    shards: Sequence[StoredShard], parameters: Parameters, backend: Backend
) -> Iterator[tuple[StoredShard, tuple[NDArray[np.int32], NDArray[np.float64]]]]:
    """Labels and confidences shard by shard, as many at once as the backend is wide."""
    for i in range(0, len(shards), backend.width):
        some = shards[i : i + backend.width]
        yield from zip(some, backend.map(_decide, some, parameters), strict=True)


def _decide(source: ShardSource, parameters: Parameters) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    return source.load().decide(parameters)
