"""A simulated crowd as index arrays, quickly and without much memory: what the consolidation benchmarks read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Columns = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]

PER_OBJECT = 5
WORKERS = 1000
SKILL = 0.7  # chance of knowing the truth; otherwise an answer is a guess


def columns(n_annotations: int, n_labels: int, *, seed: int = 0, first_object: int = 0) -> Columns:
    """Task, worker and label (M,), sorted by task; workers are distinct within an object."""
    rng = np.random.default_rng(seed)
    n_objects = n_annotations // PER_OBJECT
    truth = rng.integers(0, n_labels, n_objects, dtype=np.int32)
    first = rng.integers(0, WORKERS, n_objects, dtype=np.int32)
    # Steps of 1 to 199 five times never come round to the first worker: all five are different people.
    steps = rng.integers(1, WORKERS // PER_OBJECT, (n_objects, PER_OBJECT), dtype=np.int32)
    worker = (first[:, None] + np.cumsum(steps, axis=1, dtype=np.int32)) % np.int32(WORKERS)
    label = rng.integers(0, n_labels, (n_objects, PER_OBJECT), dtype=np.int32)
    knows = rng.random((n_objects, PER_OBJECT), dtype=np.float32) < SKILL
    np.copyto(label, truth[:, None], where=knows)
    task = np.repeat(np.arange(first_object, first_object + n_objects, dtype=np.int32), PER_OBJECT)
    return task, worker.ravel(), label.ravel()


def parquet_files(folder: Path, n_annotations: int, n_labels: int, *, rows: int = 5_000_000) -> Iterator[Path]:
    """The same crowd as Parquet files of at most `rows` annotations, one after the other."""
    import pyarrow as pa
    from pyarrow import parquet

    for i, start in enumerate(range(0, n_annotations, rows)):
        size = min(rows, n_annotations - start)
        made = columns(size, n_labels, seed=i, first_object=start // PER_OBJECT)
        path = folder / f"annotations-{i:04d}.parquet"
        parquet.write_table(pa.table(dict(zip(("task", "worker", "label"), made, strict=True))), path)
        yield path
