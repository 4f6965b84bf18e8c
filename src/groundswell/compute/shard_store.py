"""Annotations too many for memory: Parquet files as shards on disk, each holding whole objects.

The files are read once, in batches; rows go to buckets by their task, so that the order of the files does not matter;
each bucket then becomes one shard: table rows sorted by object. A fit reads shards one at a time, about 4 bytes an
annotation. Memory: one batch, one shard, the workers' ids.

A store is a folder: arrays `rows-<i>.npy` and `sizes-<i>.npy`, ids in `objects-<i>.parquet`, `store.json`. Elsewhere:
objects whose class is known (`shard_gold.py`), fits (`sharded_fit.py`).
"""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import parquet

from groundswell.consolidation.columns import as_ids, sort_ids
from groundswell.consolidation.csr import group_by_object, keep_last_answers
from groundswell.consolidation.dawid_skene import Shard
from groundswell.consolidation.scales import in_scale_order
from groundswell.consolidation.votes import Votes
from groundswell.domain.errors import InvalidVotes

SHARD_ANNOTATIONS = 8_000_000  # aimed at: 32 MB of rows, and enough to keep a core busy for a tenth of a second
_BATCH = 1 << 20  # rows read at once
Convert = Callable[[str, pa.Array], pa.Array]


@dataclass(frozen=True, eq=False)
class KnownClasses:
    """Gold of one shard."""

    object: NDArray[np.int64]  # places in the shard
    label: NDArray[np.int32]  # the class of each


@dataclass(frozen=True)
class StoredShard:
    """One shard on disk; small enough to send anywhere that sees the same files."""

    folder: Path
    number: int
    gold: KnownClasses | None = None  # see `with_gold`

    def load(self) -> Shard:
        """The annotations as the kernels read them."""
        sizes = np.load(self.folder / f"sizes-{self.number:05d}.npy")
        offsets = np.zeros(len(sizes) + 1, np.int64)
        np.cumsum(sizes, out=offsets[1:])
        rows = np.load(self.folder / f"rows-{self.number:05d}.npy")
        gold = np.full(len(sizes), -1, np.int32)
        if self.gold is not None:
            gold[self.gold.object] = self.gold.label
        return Shard(offsets, rows, gold)

    def objects(self) -> pa.ChunkedArray:
        """(N,) ids of the shard's objects."""
        return parquet.read_table(self.folder / f"objects-{self.number:05d}.parquet")["task"]


@dataclass(frozen=True)
class ShardStore:
    """All shards of a set of annotations."""

    folder: Path
    shards: Sequence[StoredShard]
    workers: Sequence[Any]  # (W,) ids, sorted
    labels: Sequence[Any]  # (K,) classes
    n_annotations: int
    n_objects: int
    replaced: int  # answers set aside because the same worker answered the same object again
    abstentions: int  # rows without a label, left out; an object that has no others is there all the same

    @classmethod
    def build(
        cls,
        source: Path | Sequence[Path],
        folder: Path,
        *,
        labels: Sequence[Any] | None = None,
        columns: tuple[str, str, str] = ("task", "worker", "label"),
        shard_annotations: int = SHARD_ANNOTATIONS,
        convert: Convert | None = None,
    ) -> ShardStore:
        """Read Parquet files (or a folder of them) into a new store in `folder`, which must not exist or be empty.

        labels : the classes in order; without it those that occur, sorted.    A null label is an abstention.
        convert : (column name, batch of it) -> its ids, for files whose columns differ in type.
        Raises: InvalidVotes, for missing columns, a null task or worker, a class not among `labels`, rows but no class.
        """
        files = sorted(source.glob("**/*.parquet")) if isinstance(source, Path) and source.is_dir() else source
        files = [files] if isinstance(files, Path) else list(files)
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InvalidVotes(f"shards need an empty folder, but {folder} has files; name another")
        total = sum(parquet.read_metadata(file).num_rows for file in files)
        workers, classes = _Codes("worker"), _Codes("label")
        buckets = _Buckets(folder / "buckets", max(1, -(-total // shard_annotations)))
        for batch in _batches(files, columns, convert or _without_nan):
            task, worker, label = batch.columns
            buckets.add(task, workers.encode(worker), classes.encode(label))
        buckets.close()
        worker_ids, worker_place = workers.sorted()
        label_ids, label_place = classes.sorted(labels)
        if total and not label_ids:
            raise InvalidVotes("no annotation names a class; give the classes with labels=", field="label")
        made = [
            _make_shard(buckets.read(i), folder, i, worker_place, label_place, len(worker_ids), len(label_ids))
            for i in range(buckets.number)
        ]
        shutil.rmtree(folder / "buckets")
        sums = np.array(made, np.int64).sum(axis=0).tolist()
        store = cls(folder, _shards(folder, buckets.number), worker_ids, label_ids, *sums)
        summary = {"shards": buckets.number, "workers": worker_ids, "labels": label_ids, "sums": sums}
        (folder / "store.json").write_text(json.dumps(summary), encoding="utf-8")
        return store

    @classmethod
    def open(cls, folder: Path) -> ShardStore:
        """A store built earlier."""
        summary = json.loads((folder / "store.json").read_text(encoding="utf-8"))
        return cls(folder, _shards(folder, summary["shards"]), summary["workers"], summary["labels"], *summary["sums"])

    def names(self, objects: Iterable[Any] = ()) -> Votes:
        """The workers, the classes and some objects as votes without annotations.

        What is known besides the annotations is checked against names alone (`consolidation/known.py`).
        """
        none, ids = np.empty(0, np.int32), as_ids(list(objects))
        offsets = np.zeros(len(ids) + 1, np.int64)
        return Votes(none, none, none, ids, as_ids(list(self.workers)), as_ids(list(self.labels)), offsets)


def _shards(folder: Path, number: int) -> list[StoredShard]:
    return [StoredShard(folder, i) for i in range(number)]


def _batches(files: Sequence[Path], columns: tuple[str, str, str], convert: Convert) -> Iterator[pa.RecordBatch]:
    for file in files:
        with parquet.ParquetFile(file) as opened:
            missing = [name for name in columns if name not in opened.schema_arrow.names]
            if missing:
                raise InvalidVotes(f"{file} needs the columns {list(columns)}, but {missing} are missing")
            for batch in opened.iter_batches(_BATCH, columns=list(columns)):
                yield pa.RecordBatch.from_arrays([convert(name, batch[name]) for name in columns], names=list(columns))


def _without_nan(name: str, column: pa.Array) -> pa.Array:
    """NaN is a missing value, as in `Votes`."""
    return pc.if_else(pc.is_nan(column), None, column) if pa.types.is_floating(column.type) else column


class _Codes:
    """Ids met so far, numbered as they come."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._code: dict[Any, int] = {}

    def encode(self, column: pa.Array) -> NDArray[np.int32]:
        """(rows,) codes; -1 for null."""
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        codes = [self._code.setdefault(key, len(self._code)) for key in column.dictionary.to_pylist()]
        table = np.array([*codes, -1], np.int32)
        encoded: NDArray[np.int32] = table[column.indices.fill_null(len(codes)).to_numpy(zero_copy_only=False)]
        if self.name != "label" and np.any(encoded < 0):
            raise InvalidVotes(
                f"every annotation needs a {self.name}, but a row has none; drop such rows", field=self.name
            )
        return encoded

    def sorted(self, given: Sequence[Any] | None = None) -> tuple[list[Any], NDArray[np.int32]]:
        """Ids in order, and for each code its place in that order; behind them -1, which serves code -1."""
        if given is not None:
            order = list(given)
        else:
            order = in_scale_order(self._code)[0] if self.name == "label" else sort_ids(self._code)
        place = {key: i for i, key in enumerate(order)}
        foreign = [key for key in self._code if key not in place]
        if foreign:
            raise InvalidVotes(f"every label must be one of {order!r}, but {foreign[0]!r} occurs", field=self.name)
        return order, np.array([*(place[key] for key in self._code), -1], np.int32)


class _Buckets:
    """Rows on disk by the hash of their task."""

    def __init__(self, folder: Path, number: int) -> None:
        folder.mkdir()
        self.folder, self.number = folder, number
        self._writers: dict[int, Any] = {}

    def add(self, task: pa.Array, worker: NDArray[np.int32], label: NDArray[np.int32]) -> None:
        """Append a batch."""
        if task.null_count:
            raise InvalidVotes("every annotation needs a task, but a row has none; drop such rows", field="task")
        table = pa.table({"task": task, "worker": worker, "label": label})
        bucket = bucket_of(task, self.number)
        order = np.argsort(bucket, kind="stable")
        edges = np.searchsorted(bucket[order], np.arange(self.number + 1))
        table = table.take(pa.array(order))
        for i in range(self.number):
            if edges[i + 1] > edges[i]:
                self._writer(i, table.schema).write_table(table.slice(edges[i], edges[i + 1] - edges[i]))

    def _writer(self, bucket: int, schema: pa.Schema) -> Any:
        if bucket not in self._writers:
            self._writers[bucket] = pa.ipc.new_file(self.folder / str(bucket), schema)
        return self._writers[bucket]

    def close(self) -> None:
        """Finish the files."""
        for writer in self._writers.values():
            writer.close()

    def read(self, bucket: int) -> pa.Table | None:
        """One bucket's rows; None when it has none."""
        if bucket not in self._writers:
            return None
        with pa.OSFile(str(self.folder / str(bucket))) as file:
            return pa.ipc.open_file(file).read_all()


def bucket_of(task: pa.Array, number: int) -> NDArray[np.int16]:
    """(rows,) a bucket for each task; the same task always gets the same."""
    if pa.types.is_integer(task.type):
        # Multiplying by an odd constant spreads ids that step by the number of buckets (Knuth's multiplicative hash).
        mixed = task.to_numpy(zero_copy_only=False).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        return np.asarray((mixed >> np.uint64(32)) % np.uint64(number), np.int16)
    encoded = task if pa.types.is_dictionary(task.type) else task.dictionary_encode()
    places = [zlib.crc32(str(key).encode()) % number for key in encoded.dictionary.to_pylist()]
    return np.asarray(np.array(places, np.int16)[encoded.indices.to_numpy(zero_copy_only=False)])


def _make_shard(
    table: pa.Table | None,
    folder: Path,
    number: int,
    worker_place: NDArray[np.int32],
    label_place: NDArray[np.int32],
    n_workers: int,
    n_labels: int,
) -> tuple[int, int, int, int]:
    """Write one shard; returns its annotations, objects, replaced answers and abstentions."""
    if table is None:
        table = pa.table(
            {"task": pa.array([], pa.int64()), "worker": np.empty(0, np.int32), "label": np.empty(0, np.int32)}
        )
    encoded = table["task"].combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks() if encoded.num_chunks != 1 else encoded.chunk(0)
    ids = encoded.dictionary
    rank = np.empty(len(ids), np.int32)
    order = pc.array_sort_indices(ids).to_numpy()
    rank[order] = np.arange(len(ids), dtype=np.int32)
    owner = rank[encoded.indices.to_numpy(zero_copy_only=False)]
    worker, label = worker_place[table["worker"].to_numpy()], label_place[table["label"].to_numpy()]
    present = label >= 0
    abstentions = int(present.size - np.count_nonzero(present))
    if abstentions:
        owner, worker, label = owner[present], worker[present], label[present]
    offsets, by_object = group_by_object(owner, len(ids))
    if by_object is not None:
        worker, label = worker[by_object], label[by_object]
    kept = keep_last_answers(offsets, worker, n_workers)
    replaced = 0
    if kept is not None:
        replaced = int(kept.size - np.count_nonzero(kept))
        worker, label = worker[kept], label[kept]
        offsets = np.concatenate(([0], np.cumsum(kept)))[offsets]
    np.save(folder / f"rows-{number:05d}.npy", worker * np.int32(n_labels) + label)
    np.save(folder / f"sizes-{number:05d}.npy", np.diff(offsets).astype(np.int32))
    parquet.write_table(pa.table({"task": ids.take(pa.array(order))}), folder / f"objects-{number:05d}.parquet")
    return len(worker), len(ids), replaced, abstentions
