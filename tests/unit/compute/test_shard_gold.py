"""What is known besides annotations on disk: gold, class rates and workers' history count as in memory."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from groundswell.compute.backends import open_backend
from groundswell.compute.shard_gold import find_objects, with_gold
from groundswell.compute.shard_store import ShardStore
from groundswell.compute.sharded_fit import fit_store, write_labels
from groundswell.consolidation import DawidSkene, Votes
from groundswell.domain.errors import InvalidVotes

GOLD = {f"task{7 * n}": f"label{n % 3}" for n in range(40)} | {"nobody": "label1"}
RATES = {"label0": 5.0, "label1": 3.0, "label2": 2.0, "label9": 1.0}
HISTORY = {"worker3": (40.0, 2.0), "worker4": np.full((3, 3), 7.0), "stranger": (1.0, 1.0)}


def crowd() -> pa.Table:
    """Shuffled answers of 12 workers in 3 classes; the last object has only an abstention."""
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, 400)
    task = np.repeat(np.arange(400), 4)
    worker = rng.integers(0, 12, task.size)
    label = np.where(rng.random(task.size) < 0.6, truth[task], rng.integers(0, 3, task.size))
    order = rng.permutation(task.size)
    return pa.table(
        {
            "task": [*(f"task{n}" for n in task[order]), "nobody"],
            "worker": [*(f"worker{w}" for w in worker[order]), "worker0"],
            "label": [*(f"label{k}" for k in label[order]), None],
        }
    )


def store_of(table: pa.Table, folder: Path, *, shard_annotations: int = 200) -> ShardStore:
    parquet.write_table(table, folder / "a.parquet")
    return ShardStore.build(folder / "a.parquet", folder / "store", shard_annotations=shard_annotations)


@pytest.mark.parametrize(
    ("compute", "gold", "rates", "history"),
    [
        pytest.param("serial", GOLD, None, None, id="gold"),
        pytest.param("serial", None, RATES, None, id="class rates"),
        pytest.param("serial", None, None, HISTORY, id="workers' history"),
        pytest.param("threads:2", GOLD, RATES, HISTORY, id="all, in threads"),
        pytest.param("processes:2", GOLD, RATES, HISTORY, id="all, in processes"),
    ],
)
def test_what_is_known_counts_as_in_memory(
    tmp_path: Path,
    compute: str,
    gold: dict[str, str] | None,
    rates: dict[str, float] | None,
    history: dict[str, Any] | None,
) -> None:
    table = crowd()
    model = DawidSkene(class_rates=rates).fit(Votes.from_frame(table), gold=gold, worker_history=history)
    store = store_of(table, tmp_path)
    store = store if gold is None else with_gold(store, gold)
    with closing(open_backend(compute)) as backend:
        fit = fit_store(store, class_rates=rates, worker_history=history, backend=backend)
        skill = write_labels(store, fit, tmp_path / "labels.parquet", backend=backend)
    assert len(store.shards) > 8 and len(fit.objective) == model.n_iter_
    np.testing.assert_allclose(fit.parameters.confusion, model.confusion_, rtol=0, atol=1e-9)
    np.testing.assert_allclose(fit.parameters.prior, model.prior_, rtol=0, atol=1e-9)
    np.testing.assert_allclose(skill, model.skill_, rtol=0, atol=1e-9)
    written = parquet.read_table(tmp_path / "labels.parquet").sort_by("task")
    assert written["task"].to_pylist() == model.votes_.objects.tolist()
    assert written["label"].to_pylist() == model.labels_.tolist()
    np.testing.assert_allclose(written["confidence"].to_numpy(), model.confidence_, rtol=0, atol=1e-9)


def test_gold_stays_in_the_store_it_was_given_to(tmp_path: Path) -> None:
    plain = store_of(crowd(), tmp_path)
    first = with_gold(plain, {"task0": "label0"})
    second = with_gold(first, {"task1": "label1"})
    known = [sum(int((shard.load().gold >= 0).sum()) for shard in store.shards) for store in (plain, first, second)]
    assert known == [0, 1, 1]
    (at,) = find_objects(plain, ["task1"]).values()
    assert second.shards[at[0]].load().gold[at[1]] == 1


@pytest.mark.parametrize(
    ("gold", "match"),
    [
        ({"task0": "label0", "elsewhere": "label0"}, "'elsewhere' is not"),
        ({"task0": "other"}, "gold of object 'task0' must be one of .*, not 'other'"),
    ],
)
def test_unknown_objects_and_classes_are_refused_as_in_memory(
    tmp_path: Path, gold: Mapping[Any, Any], match: str
) -> None:
    table = crowd()
    with pytest.raises(InvalidVotes, match=match) as memory:
        DawidSkene().fit(Votes.from_frame(table), gold=gold)
    with pytest.raises(InvalidVotes, match=match) as disk:
        with_gold(store_of(table, tmp_path), gold)
    assert str(disk.value) == str(memory.value)


def test_class_rates_that_miss_a_class_are_refused(tmp_path: Path) -> None:
    store = store_of(crowd(), tmp_path)
    with pytest.raises(InvalidVotes, match="each of the classes"):
        fit_store(store, class_rates={"label0": 1.0})
    with pytest.raises(InvalidVotes, match="each of the classes"):
        fit_store(store, class_rates=[1.0, 1.0])


@pytest.mark.parametrize(
    ("tasks", "ids"),
    [
        pytest.param([10, 20, 30], ["20", 30], id="integers"),
        pytest.param(["10", "20", "30"], [20, "30"], id="texts"),
        pytest.param([1.0, 2.0, 3.5], ["2.0", 3.5], id="floats, which Arrow writes as 2"),
        pytest.param([date(2026, 1, day) for day in (1, 2, 3)], ["2026-01-02", date(2026, 1, 3)], id="days"),
    ],
)
def test_objects_are_found_by_their_text(tmp_path: Path, tasks: list[Any], ids: list[Any]) -> None:
    table = pa.table({"task": tasks, "worker": ["w"] * 3, "label": ["a"] * 3})
    store = store_of(table, tmp_path, shard_annotations=1)
    found = find_objects(store, [*ids, "none"])
    assert found.keys() == {tasks[1], tasks[2]}
    assert all(store.shards[shard].objects()[position].as_py() == key for key, (shard, position) in found.items())


def test_rows_without_any_class_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidVotes, match="no annotation names a class"):
        store_of(pa.table({"task": [1], "worker": [1], "label": pa.array([None], pa.string())}), tmp_path)
