"""Gold for annotations on disk: known classes of a few of the objects, found by their ids.

Gold fits in memory; objects need not, so their ids are read shard by shard. Elsewhere: what a fit makes of a known
class (`consolidation/dawid_skene_kernels.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from groundswell.compute.shard_store import KnownClasses, ShardStore
from groundswell.consolidation.known import gold_index

Place = tuple[int, int]  # a shard's number, and where in it an object is


def with_gold(store: ShardStore, gold: Mapping[Any, Any], *, places: Mapping[Any, Place] | None = None) -> ShardStore:
    """The same store with known classes, which its fits and labels take for the truth; what is on disk stays as it is.

    Parameters
    ----------
    gold : object id to class; instead of the gold the store has, if any.
    places : of these objects and perhaps others, where `find_objects` has found them already.
    Raises: InvalidVotes, for unknown objects or classes.
    """
    places = find_objects(store, gold) if places is None else places
    label = gold_index(store.names(places), gold)
    shard, position = np.array(list(places.values()), np.int64).reshape(-1, 2).T
    shards = []
    for number, stored in enumerate(store.shards):
        here = (shard == number) & (label >= 0)
        shards.append(replace(stored, gold=KnownClasses(position[here], label[here])))
    return replace(store, shards=shards)


def find_objects(store: ShardStore, ids: Iterable[Any]) -> dict[Any, Place]:
    """Where the objects with these ids are, by their ids as the store has them; other ids are passed over.

    Ids compare as texts: 7 finds the object "7" too.
    """
    wanted = pa.array({str(key) for key in ids}, pa.string())
    found: dict[Any, Place] = {}
    for number, shard in enumerate(store.shards):
        objects = shard.objects()
        here = np.flatnonzero(pc.is_in(_texts(objects), value_set=wanted).to_numpy())
        keys = objects.take(pa.array(here)).to_pylist()
        found.update({key: (number, position) for key, position in zip(keys, here.tolist(), strict=True)})
    return found


def _texts(objects: pa.ChunkedArray) -> pa.ChunkedArray:
    """Ids as `str` writes them; for all but texts and integers Arrow has a form of its own."""
    kind = objects.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind):
        return objects.cast(pa.string())
    return pa.chunked_array([list(map(str, objects.to_pylist()))], pa.string())
