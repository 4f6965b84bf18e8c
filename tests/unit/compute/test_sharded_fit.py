"""Fits over shards: the same answer as in memory, from Parquet in any order, on any backend."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from groundswell.compute.backends import Serial, Threads
from groundswell.compute.shard_store import ShardStore
from groundswell.compute.sharded_fit import fit_shards, split, write_labels
from groundswell.consolidation import DawidSkene, Votes
from groundswell.consolidation.dawid_skene import Shard
from groundswell.consolidation.known import gold_index
from groundswell.domain.errors import InvalidVotes


def shuffled(n_objects: int, seed: int, *, text: bool) -> pa.Table:
    """Shuffled annotations of 12 workers in 3 classes, some answers repeated."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n_objects)
    task = np.repeat(np.arange(n_objects), 4)
    worker = rng.integers(0, 12, task.size)
    label = np.where(rng.random(task.size) < 0.75, truth[task], rng.integers(0, 3, task.size))
    order = rng.permutation(task.size)
    columns = {"task": task[order] * 7, "worker": worker[order], "label": label[order]}
    return pa.table({name: [f"{name}{v}" for v in c] if text else c for name, c in columns.items()})


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("backend", [Serial(), Threads(2)])
def test_parquet_shards_give_the_answer_of_memory(tmp_path: Path, text: bool, backend: Serial | Threads) -> None:
    table = shuffled(500, 1, text=text)
    for i in range(3):
        parquet.write_table(table.slice(i * 700, 700), tmp_path / f"part-{i}.parquet")
    store = ShardStore.build(tmp_path, tmp_path / "store", shard_annotations=300)
    assert len(store.shards) == 7
    votes = Votes.from_frame(table)
    assert (store.n_annotations, store.n_objects, store.replaced) == (len(votes), 500, votes.replaced)
    model = DawidSkene().fit(votes)
    fit = fit_shards(store.shards, n_workers=len(store.workers), n_labels=len(store.labels), backend=backend)
    np.testing.assert_allclose(fit.parameters.confusion, model.confusion_, atol=1e-9)
    np.testing.assert_allclose(fit.parameters.prior, model.prior_, atol=1e-9)
    skill = write_labels(store, fit, tmp_path / "labels.parquet", backend=backend)
    np.testing.assert_allclose(skill, model.skill_, atol=1e-9)
    written = parquet.read_table(tmp_path / "labels.parquet").sort_by("task")
    assert dict(zip(written["task"].to_pylist(), written["label"].to_pylist(), strict=True)) == dict(
        zip(model.votes_.objects.tolist(), model.labels_.tolist(), strict=True)
    )


def test_shards_without_objects_are_passed_over(tmp_path: Path) -> None:
    columns = {"task": ["only"] * 9, "worker": [f"w{i}" for i in range(9)], "label": ["x"] * 6 + ["y"] * 3}
    parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    store = ShardStore.build(tmp_path / "a.parquet", tmp_path / "store", shard_annotations=2)
    assert len(store.shards) == 5
    fit = fit_shards(store.shards, n_workers=len(store.workers), n_labels=len(store.labels))
    write_labels(store, fit, tmp_path / "labels.parquet")
    assert parquet.read_table(tmp_path / "labels.parquet")["task"].to_pylist() == ["only"]


def test_nan_is_a_missing_value(tmp_path: Path) -> None:
    table = {"task": [1.0, 2.0], "worker": [1, 2], "label": [float("nan"), 2.0]}
    parquet.write_table(pa.table(table), tmp_path / "a.parquet")
    store = ShardStore.build(tmp_path / "a.parquet", tmp_path / "store")
    assert (store.n_annotations, store.labels) == (1, [2.0])
    parquet.write_table(pa.table({**table, "task": [float("nan"), 2.0]}), tmp_path / "b.parquet")
    with pytest.raises(InvalidVotes, match="needs a task"):
        ShardStore.build(tmp_path / "b.parquet", tmp_path / "other")


def test_a_store_can_be_opened_again(tmp_path: Path) -> None:
    parquet.write_table(shuffled(50, 2, text=True), tmp_path / "a.parquet")
    built = ShardStore.build(tmp_path / "a.parquet", tmp_path / "store", labels=["label2", "label0", "label1", "more"])
    opened = ShardStore.open(tmp_path / "store")
    assert opened == built
    assert opened.labels == ["label2", "label0", "label1", "more"]


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"task": [1, None], "worker": [1, 2], "label": ["a", "b"]}, "needs a task"),
        ({"task": [1, 2], "worker": ["a", None], "label": ["a", "b"]}, "needs a worker"),
        ({"task": [1, 2], "label": ["a", "b"]}, r"'worker'\] are missing"),
        ({"task": [1, 2], "worker": [1, 2], "label": ["a", "c"]}, "but 'c' occurs"),
    ],
)
def test_bad_files_are_refused(tmp_path: Path, columns: dict[str, list[object]], match: str) -> None:
    parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    with pytest.raises(InvalidVotes, match=match):
        ShardStore.build(tmp_path / "a.parquet", tmp_path / "store", labels=["a", "b"])


def test_a_null_label_is_an_abstention_and_a_full_folder_is_refused(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"task": [1, 2], "worker": [1, 1], "label": ["a", None]}), tmp_path / "a.parquet")
    assert ShardStore.build(tmp_path / "a.parquet", tmp_path / "store").n_annotations == 1
    with pytest.raises(InvalidVotes, match="empty folder"):
        ShardStore.build(tmp_path / "a.parquet", tmp_path / "store")


def test_splitting_in_memory_changes_rounding_only() -> None:
    votes = Votes.from_frame(shuffled(300, 3, text=False))
    shard = Shard.of(votes, gold_index(votes, None))
    whole = DawidSkene(max_iter=30, tol=-1.0).fit(votes)
    for parts in (1, 2, 7):
        pieces = split(shard, parts)
        assert sum(len(piece.shard.row) for piece in pieces) == len(votes)
        fit = fit_shards(pieces, n_workers=votes.n_workers, n_labels=3, max_iter=30, tol=-1.0)
        np.testing.assert_allclose(fit.parameters.confusion, whole.confusion_, atol=1e-11)
