"""`consolidate_files`: from files of annotations to labels with confidences, estimates of workers, and a page.

Here: what was asked for, put together. Elsewhere: reading (`annotation_files.py`, `worker_responses.py`), consolidating
(`consolidation_runs.py`, `structure_runs.py`, `out_of_core.py`), writing (`label_files.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from groundswell.consolidation.methods import DEFAULT_METHOD
from groundswell.domain.errors import InvalidInput, InvalidVotes
from groundswell.offline.annotation_files import STANDARD_INPUT, AnnotationTable, read_annotations, read_gold
from groundswell.offline.answer_kinds import kind_named
from groundswell.offline.consolidation_runs import RunOptions, consolidate_classes
from groundswell.offline.label_files import Outputs
from groundswell.offline.mask_files import as_text, in_folder
from groundswell.offline.results import Consolidation
from groundswell.offline.worker_responses import is_response_folder, read_worker_responses

Progress = Callable[[str, int | None], Callable[[int], None]]
"""(what begins, how much it is) -> what is told how much is done."""


def _no_progress(words: str, total: int | None) -> Callable[[int], None]:
    return lambda done: None


def consolidate_files(
    annotations: str | Path,
    method: str = DEFAULT_METHOD,
    *,
    output: str | Path | None = None,
    workers_output: str | Path | None = None,
    report: str | Path | None = None,
    task_type: str | None = None,
    labels: Sequence[str] | None = None,
    order: Sequence[str] | None = None,
    prior: str | Mapping[str, float] | None = None,
    gold: str | Path | Mapping[Any, Any] | None = None,
    gold_is_random: bool = False,
    out_of_core: bool = False,
    task_column: str = "task",
    worker_column: str = "worker",
    label_column: str = "label",
    progress: Progress = _no_progress,
) -> Consolidation:
    """One label for each task, with its probability, from a file of many workers' annotations.

    Parameters
    ----------
    annotations : CSV, TSV, Parquet or JSON Lines with a task, a worker and a label column; a folder of such files;
        Ground Truth's worker-response folder; "-" for CSV from standard input.
    method : for classes, one of `groundswell.consolidation.METHOD_NAMES`; other answers have one method each.
    output, workers_output, report : files to write: labels (.csv, .tsv, .jsonl, .parquet), workers (.csv), a page.
    task_type : what a label is; default: a class, and for a worker-response folder what its answers are.
    labels : the classes in order; others are refused, and of those that tie the first wins.
    order : the same for an ordinal method: the classes from one end of their scale to the other.
    prior : class rates, "uniform", or None to learn them.
    gold : known labels by task, or a file of them with a task and a label column; 30 or more, in memory, set
        confidences right (`groundswell.quality.recalibrate`).
    gold_is_random : whether gold tasks were drawn at random, so that the default's class rates may count them.
    out_of_core : fit shard by shard on disk beside the output, for more annotations than memory holds.
    Returns: labels, workers, a summary, and the page where `report` was given.
    Raises: InvalidInput for options, InvalidVotes for annotations, both naming what is at fault and where.
    """
    source, columns = Path(annotations), {"task": task_column, "worker": worker_column, "label": label_column}
    outputs = Outputs(*(None if path is None else Path(path) for path in (output, workers_output, report)))
    outputs.check()
    options = RunOptions(
        method=method,
        title="Standard input" if source == STANDARD_INPUT else "/".join(source.parts[-2:]),
        prior=None if prior == "learned" else prior,
        gold=gold if gold is None or isinstance(gold, Mapping) else read_gold(Path(gold), columns),
        gold_is_random=gold_is_random,
        labels=_classes(labels, order),
        report=report is not None,
        keep_mask=as_text if outputs.labels is None else in_folder(outputs.labels),
        progress=progress,
    )
    if task_type is not None:
        kind_named(task_type)  # before anything is read
    if out_of_core:
        found = _out_of_core(source, outputs.labels, task_type, columns, options)
    else:
        found = _in_memory(_table(source, columns, progress), task_type, options)
    outputs.write(found)
    return found


def _classes(labels: Sequence[str] | None, order: Sequence[str] | None) -> Sequence[str] | None:
    """The classes, in order where one is given. Raises: InvalidInput, when they differ, or one is there twice."""
    for option, names in (("labels", labels), ("order", order)):
        if names is not None and (not all(names) or len(set(names)) < len(names)):
            raise InvalidInput(f"{option}= are different classes, but given were {', '.join(names)}", field=option)
    if labels and order and set(labels) != set(order):
        raise InvalidInput(
            f"order= puts the classes of labels= in order, but they differ: {', '.join(order)} and {', '.join(labels)}",
            field="order",
        )
    return order or labels


def _table(path: Path, columns: Mapping[str, str], progress: Progress) -> AnnotationTable:
    words = f"Reading {path.name}"
    if is_response_folder(path):
        return read_worker_responses(path, progress(words, sum(1 for _ in path.rglob("*.json"))))
    return read_annotations(path, columns, progress(words, path.stat().st_size if path.is_file() else None))


def _in_memory(table: AnnotationTable, task_type: str | None, options: RunOptions) -> Consolidation:
    """Consolidate; an error about a row says where that row stands."""
    kind = kind_named(task_type or table.task_type or "classification")
    try:
        if kind.live == "classification":
            return consolidate_classes(table, kind, options)
        from groundswell.offline.structure_runs import consolidate_structures

        return consolidate_structures(table, kind, options)
    except InvalidVotes as error:
        where = ""
        if error.row is not None and error.row < len(table):
            where = f" (row {error.row} is {table.place(error.row)})"
        raise InvalidVotes(f"{error}{where}", row=error.row) from error


def _out_of_core(
    path: Path, output: Path | None, task_type: str | None, columns: Mapping[str, str], options: RunOptions
) -> Consolidation:
    if task_type is not None and kind_named(task_type).live != "classification":
        raise InvalidInput(f"out_of_core= is for classes; leave it out with task_type={task_type}")
    from groundswell.offline.out_of_core import consolidate_out_of_core

    return consolidate_out_of_core(path, output, columns, options)
