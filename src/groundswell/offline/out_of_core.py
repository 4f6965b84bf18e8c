"""`--out-of-core`: Dawid and Skene's model on more annotations than memory holds.

Annotations go to shards on disk, in a folder beside the output that is removed afterwards; the model reads them one at
a time. Elsewhere: reading files (`out_of_core_input.py`), shards and the fit (`groundswell.compute`), the page
(`out_of_core_report.py`), what fits in memory (`consolidation_runs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.domain.errors import InvalidInput, InvalidVotes
from groundswell.offline.consolidation_runs import (
    RunOptions,
    class_rates,
    gold_of_objects,
)
from groundswell.offline.label_files import write_labels
from groundswell.offline.results import Consolidation, LabelRow, Summary, WorkerRow

if TYPE_CHECKING:  # these bring pyarrow with them, which not everybody has, and compiled code
    from groundswell.compute.shard_store import ShardStore
    from groundswell.consolidation.dawid_skene import DawidSkeneFit
    from groundswell.consolidation.recalibration import BorneOut

METHOD = "dawid-skene"
_BATCH_ROWS = 1 << 18  # read from Parquet at once
_THREADS = 4  # fixed, so that every machine adds up in the same order


def consolidate_out_of_core(
    source: Path, output: Path | None, columns: Mapping[str, str], options: RunOptions
) -> Consolidation:
    """Write labels to the output and return the rest. Raises: InvalidInput, InvalidVotes."""
    output = _require_fitting(output, options)
    try:
        import pyarrow as pa
    except ImportError as error:
        raise InvalidInput("out_of_core= needs pyarrow: pip install 'groundswell[parquet]'") from error
    try:
        with TemporaryDirectory(prefix=".groundswell-", dir=output.absolute().parent) as scratch:
            return _fit(source, output, columns, options, Path(scratch))
    except pa.ArrowException as error:
        raise InvalidVotes(f"{source}: expected Parquet files, but {error}") from error


def _require_fitting(output: Path | None, options: RunOptions) -> Path:
    if options.method != METHOD:
        raise InvalidInput(f"out_of_core= fits {METHOD}: add method={METHOD}", field="method")
    if output is None:
        raise InvalidInput(
            "out_of_core= writes labels to a file: name it with output=labels.parquet or output=labels.csv"
        )
    return output


def _fit(source: Path, output: Path, columns: Mapping[str, str], options: RunOptions, scratch: Path) -> Consolidation:
    from groundswell.compute import sharded_fit
    from groundswell.compute.backends import Threads
    from groundswell.compute.shard_recalibration import Decider, recalibrate_store

    store = _store(source, columns, options, scratch)
    rates = None if options.prior is None else class_rates(options.prior, store.labels)
    written = output if output.suffix.lower() == ".parquet" else scratch / "labels.parquet"
    report = None
    with Threads(_THREADS) as backend:
        options.progress("Fitting", None)
        fitted = partial(sharded_fit.fit_store, class_rates=rates, backend=backend)
        fit = fitted(store)
        truth = None
        if options.gold is not None:
            options.progress("Setting confidences right", None)
            truth = recalibrate_store(store, fitted)
        decide = Decider(fit.expected_with, truth.curve if truth is not None and truth.before is not None else None)
        options.progress("Writing labels", None)
        skill = sharded_fit.write_labels(store, fit, written, decide=decide, backend=backend)
        answered = np.rint(fit.statistics.counts.sum(axis=(1, 2))).astype(np.int64)
        if options.report:
            from groundswell.offline.class_report import report_of, with_reliability
            from groundswell.offline.out_of_core_report import outcome_of_shards

            options.progress("Writing the report", None)
            outcome = outcome_of_shards(store, fit, answered, skill, method=METHOD, decide=decide, backend=backend)
            report = with_reliability(report_of(outcome, options.title), truth).html()
    if written != output:
        write_labels(output, _rows_of(written))
    workers = list(map(WorkerRow, store.workers, answered.tolist(), skill.tolist()))
    return Consolidation((), workers, _summary(store, fit, skill, written, truth), report, written_to=output)


def _summary(
    store: ShardStore, fit: DawidSkeneFit, skill: NDArray[np.float64], written: Path, truth: BorneOut | None
) -> Summary:
    said = truth if truth is not None and truth.before is not None else None
    return Summary(
        task_type="classification",
        objects=store.n_objects,
        annotations=store.n_annotations,
        workers=len(store.workers),
        method=METHOD,
        mean_confidence=_mean_confidence(written),
        mean_skill=float(skill.mean()) if len(skill) else 0.0,
        replaced=store.replaced,
        abstentions=store.abstentions,
        classes=len(store.labels),
        iterations=len(fit.objective),
        converged=fit.converged,
        gold_objects=None if said is None else said.n_gold,
        calibration_error=None if said is None or said.before is None else said.before.ece,
        recalibrated_error=None if said is None or said.after is None else said.after.ece,
    )


def _store(source: Path, columns: Mapping[str, str], options: RunOptions, scratch: Path) -> ShardStore:
    """The annotations as shards, with what gold knows of them."""
    from groundswell.compute.shard_store import ShardStore
    from groundswell.offline.out_of_core_input import parquet_input

    given = parquet_input(source, columns, scratch, keep=options.labels or (), progress=options.progress)
    options.progress("Sorting annotations into shards", None)
    order = options.labels or given.order
    labels = order and given.spellings[given.names[2]].declared(order)
    store = ShardStore.build(
        given.files, scratch / "shards", labels=labels or None, columns=given.names, convert=given.ids
    )
    return store if options.gold is None else _with_gold(store, options.gold)


def _with_gold(store: ShardStore, gold: Mapping[Any, Any]) -> ShardStore:
    from groundswell.compute.shard_gold import find_objects, with_gold

    places = find_objects(store, gold)
    first = (shard.objects()[:1].to_pylist() for shard in store.shards)  # to be named where gold knows none
    tasks = places or islice(chain.from_iterable(first), 1)
    return with_gold(store, gold_of_objects(gold, tasks, store.labels), places=places)


def _rows_of(path: Path) -> Iterator[LabelRow]:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH_ROWS):
            yield from map(LabelRow, *(batch[name].to_pylist() for name in ("task", "label", "confidence")))


def _mean_confidence(path: Path) -> float:
    from pyarrow import parquet

    total, number = 0.0, 0
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH_ROWS, columns=["confidence"]):
            column: Any = batch["confidence"].to_numpy()
            total, number = total + float(column.sum()), number + len(column)
    return total / max(number, 1)
