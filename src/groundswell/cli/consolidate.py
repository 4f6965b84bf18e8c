"""`groundswell consolidate`: labels with confidences from a file of annotations, without a server.

Here: the command and its options. Elsewhere: reading files (`annotation_files.py`), the two ways of consolidating
(`consolidation_runs.py`), the report (`consolidation_report.py`).
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from groundswell.cli.annotation_files import read_annotations, read_gold
from groundswell.cli.consolidation_runs import (
    TASK_TYPES,
    Run,
    RunOptions,
    consolidate_classes,
    consolidate_structures,
    parse_prior,
)
from groundswell.consolidation.methods import DEFAULT_METHOD, METHOD_NAMES, STRUCTURED_TYPES
from groundswell.domain.errors import GroundswellError, InvalidInput


def consolidate(
    annotations: Annotated[
        Path, typer.Argument(help="CSV, TSV, Parquet or JSONL with task, worker, label; or a worker-response folder.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Labels as task,label,confidence (.csv or .jsonl); else printed."),
    ] = None,
    method: Annotated[str, typer.Option("--method", "-m", help=f"One of {', '.join(METHOD_NAMES)}.")] = DEFAULT_METHOD,
    task_type: Annotated[str, typer.Option(help=f"One of {', '.join(TASK_TYPES)}.")] = "classification",
    workers_output: Annotated[Path | None, typer.Option(help="Write worker,annotations,skill to this CSV.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page with plots to this HTML file.")] = None,
    prior: Annotated[
        str | None, typer.Option(help="Class rates: learned, uniform, or such as cat=0.7,dog=0.3 (Dawid-Skene).")
    ] = None,
    gold: Annotated[Path | None, typer.Option(help="File of known labels: task,label.")] = None,
    labels: Annotated[
        str | None, typer.Option(help="The classes in order, separated by commas; of tied ones the first wins.")
    ] = None,
    task_column: Annotated[str, typer.Option(help="Name of the task column.")] = "task",
    worker_column: Annotated[str, typer.Option(help="Name of the worker column.")] = "worker",
    label_column: Annotated[str, typer.Option(help="Name of the label column.")] = "label",
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """Turn many workers' annotations into one label each, with its probability and an estimate of every worker."""
    columns = {"task": task_column, "worker": worker_column, "label": label_column}
    try:
        if task_type not in TASK_TYPES:
            raise InvalidInput(
                f"--task-type is one of {', '.join(TASK_TYPES)}; given was {task_type!r}", field="task-type"
            )
        with _progress() as show:
            table = read_annotations(annotations, columns, show(f"Reading {annotations.name}", _size(annotations)))
            known = None if gold is None else read_gold(gold, columns)
            show("Consolidating", None)
            options = RunOptions(
                method=method,
                title=annotations.name,
                prior=parse_prior(prior),
                gold=known,
                labels=None if labels is None else [name.strip() for name in labels.split(",")],
                report=report is not None,
            )
            if task_type in STRUCTURED_TYPES:
                run = consolidate_structures(table, task_type, options)
            else:
                run = consolidate_classes(table, options)
        _write(run, output, workers_output, report, as_json=as_json)
    except BrokenPipeError:
        raise  # the reader of our output had enough; Typer ends quietly
    except (GroundswellError, OSError) as error:
        typer.secho(f"Error: {error}", err=True, fg=typer.colors.RED)
        raise typer.Exit(2 if isinstance(error, (InvalidInput, FileNotFoundError)) else 1) from None


def _write(run: Run, output: Path | None, workers_output: Path | None, report: Path | None, *, as_json: bool) -> None:
    if output is not None:
        with output.open("w", newline="", encoding="utf-8") as file:
            if output.suffix.lower() in {".jsonl", ".ndjson"}:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in _as_mappings(run.labels))
            else:
                _write_csv(file, ("task", "label", "confidence"), _as_text(run.labels))
    if workers_output is not None:
        with workers_output.open("w", newline="", encoding="utf-8") as file:
            _write_csv(file, ("worker", "annotations", "skill"), run.workers)
    if report is not None and run.report is not None:
        report.write_text(run.report, encoding="utf-8")
    if as_json:
        extra: dict[str, Any] = {} if output else {"labels": list(_as_mappings(run.labels))}
        typer.echo(json.dumps({**run.summary, "output": output and str(output), **extra}, ensure_ascii=False))
    elif output is None:
        _write_csv(sys.stdout, ("task", "label", "confidence"), _as_text(run.labels))
    else:
        typer.echo(
            f"{run.summary['objects']:,} labels in {output}, mean confidence {run.summary['mean_confidence']:.3f}"
        )


def _write_csv(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def _as_text(labels: Iterable[tuple[Any, Any, float]]) -> Iterator[tuple[Any, str, str]]:
    for task, label, confidence in labels:
        text = label if isinstance(label, str) else json.dumps(label, ensure_ascii=False)
        yield task, text, f"{confidence:.6g}"


def _as_mappings(labels: Iterable[tuple[Any, Any, float]]) -> Iterator[dict[str, Any]]:
    for task, label, confidence in labels:
        yield {"task": task, "label": label, "confidence": round(confidence, 6)}


def _size(path: Path) -> int:
    return sum(1 for _ in path.rglob("*.json")) if path.is_dir() else path.stat().st_size if path.exists() else 0


@contextmanager
def _progress() -> Iterator[Callable[[str, int | None], Callable[[int], None]]]:
    """A bar on a terminal, nothing in a pipe."""
    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bar:

        def show(description: str, total: int | None) -> Callable[[int], None]:
            shown = bar.add_task(description, total=total)
            return lambda done: bar.update(shown, completed=done)

        yield show
