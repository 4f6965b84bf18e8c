"""Dawid and Skene's model fitted out of core, from Parquet: cost per annotation and memory from 10^6 to 10^8.

Asked: 10^9 annotations, K=5, on 2 cores and 24 GB within 12 GB of memory; cost per annotation growing by at most 1.5
times from 10^6 to 10^8. The largest size is an argument: 10^9 needs about 8 GB of disk and half an hour.

    python -m benchmarks.bench_consolidation_scale [--largest 100000000]
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.bench_consolidation_speed import _apart, _peak_mb
from benchmarks.simulated_votes import parquet_files
from groundswell.compute.shard_store import ShardStore
from groundswell.compute.sharded_fit import fit_shards, write_labels
from groundswell.consolidation.dawid_skene import DawidSkeneFit

RESULTS = Path(__file__).parent / "results"
LABELS = 5
ITERATIONS = 10


def main() -> None:
    """Print one row a size and write `results/consolidation_scale.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=10**8)
    largest = parser.parse_known_args()[0].largest
    rows = [_apart(out_of_core, size) for size in (10**6, 10**7, 10**8, 10**9) if size <= largest]
    print(f"{'annotations':>12} {'shards':>6} {'read, ns':>9} {'iteration, ns':>13} {'labels, ns':>10} {'peak, MB':>9}")
    for row in rows:
        print(
            f"{row['annotations']:>12,} {row['shards']:>6} {row['read_ns']:>9.1f} {row['iteration_ns']:>13.2f} "
            f"{row['labels_ns']:>10.1f} {row['peak_mb']:>9.0f}"
        )
    print("ns are processor time per annotation; peak is the process's highest resident memory")
    print(f"growth of an iteration's cost: {rows[-1]['iteration_ns'] / rows[0]['iteration_ns']:.2f} times")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    figures = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, "rows": rows}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "consolidation_scale.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")


def out_of_core(n_annotations: int) -> dict[str, Any]:
    """Make Parquet files, build shards, fit, write labels; only the first is not timed."""
    folder = Path(tempfile.mkdtemp(prefix="groundswell-scale-"))
    try:
        _compile(folder / "small")
        (folder / "parquet").mkdir()
        _apart(_make_files, folder / "parquet", n_annotations)
        marks = [(time.process_time(), time.perf_counter())]
        store = ShardStore.build(folder / "parquet", folder / "store")
        shutil.rmtree(folder / "parquet")
        marks.append((time.process_time(), time.perf_counter()))
        _fit(store, 1)
        marks.append((time.process_time(), time.perf_counter()))
        fit = _fit(store, 1 + ITERATIONS)
        marks.append((time.process_time(), time.perf_counter()))
        write_labels(store, fit, folder / "labels.parquet")
        marks.append((time.process_time(), time.perf_counter()))
        used = [after[0] - before[0] for before, after in itertools.pairwise(marks)]
        passed = [after[1] - before[1] for before, after in itertools.pairwise(marks)]
        nanoseconds = 1e9 / store.n_annotations
        return {
            "annotations": store.n_annotations,
            "objects": store.n_objects,
            "shards": len(store.shards),
            "read_ns": used[0] * nanoseconds,
            "iteration_ns": (used[2] - used[1]) / ITERATIONS * nanoseconds,
            "iteration_wall_s": (passed[2] - passed[1]) / ITERATIONS,
            "labels_ns": used[3] * nanoseconds,
            "wall_s": sum(passed) - passed[1],
            "peak_mb": _peak_mb(),
        }
    finally:
        shutil.rmtree(folder)


def _fit(store: ShardStore, iterations: int) -> DawidSkeneFit:
    sizes = len(store.workers), len(store.labels)
    return fit_shards(store.shards, n_workers=sizes[0], n_labels=sizes[1], max_iter=iterations, tol=-1.0)


def _compile(folder: Path) -> None:
    """Everything once on a few annotations, so that compiling is not measured."""
    folder.mkdir()
    list(parquet_files(folder, 5000, LABELS))
    store = ShardStore.build(folder, folder / "store")
    write_labels(store, _fit(store, 2), folder / "labels.parquet")


def _make_files(folder: Path, n_annotations: int) -> dict[str, Any]:
    return {"files": len(list(parquet_files(folder, n_annotations, LABELS)))}


if __name__ == "__main__":
    main()
