"""`groundswell consolidate`: labels with confidences from a file of annotations, without a server.

Here: the command and its options. Elsewhere: reading (`annotation_files.py`, `worker_responses.py`), consolidating
(`consolidation_runs.py`, `structure_runs.py`, `out_of_core.py`), the report (`consolidation_report.py`), writing
(`consolidation_outputs.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from groundswell.consolidation.methods import DEFAULT_METHOD, METHOD_NAMES
from groundswell.domain.errors import GroundswellError, InvalidInput, InvalidVotes
from groundswell.offline.annotation_files import STANDARD_INPUT, AnnotationTable, read_annotations, read_gold
from groundswell.offline.answer_kinds import kind_named, kinds
from groundswell.offline.consolidation_outputs import Outputs
from groundswell.offline.consolidation_runs import Run, RunOptions, consolidate_classes, parse_prior
from groundswell.offline.mask_files import as_text, in_folder
from groundswell.offline.worker_responses import is_response_folder, read_worker_responses

Show = Callable[[str, int | None], Callable[[int], None]]

EXAMPLES = """Examples:

groundswell consolidate votes.csv -o labels.csv --report report.html

groundswell consolidate votes.parquet -m dawid-skene --workers-output w.csv

groundswell consolidate boxes.jsonl --task-type object-detection -o out.csv

groundswell consolidate annotations/worker-response/ -o labels.csv

groundswell consolidate parts/ --out-of-core -m dawid-skene -o out.parquet

zcat votes.csv.gz | groundswell consolidate - --json"""


def consolidate(
    annotations: Annotated[
        Path,
        typer.Argument(
            help="CSV, TSV, Parquet or JSON Lines with task, worker, label; a folder of such files; - for CSV from "
            "standard input; or Ground Truth's worker-response folder.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Labels as task,label,confidence (.csv, .jsonl, .parquet); else printed."),
    ] = None,
    method: Annotated[
        str, typer.Option("--method", "-m", help=f"For classes: one of {', '.join(METHOD_NAMES)}.")
    ] = DEFAULT_METHOD,
    task_type: Annotated[
        str | None,
        typer.Option(
            help=f"What a label is: one of {', '.join(kinds())}. Default: classification, and for a worker-response "
            "folder what its answers are."
        ),
    ] = None,
    workers_output: Annotated[Path | None, typer.Option(help="Write worker,annotations,skill to this CSV.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page with plots to this HTML file.")] = None,
    prior: Annotated[
        str | None,
        typer.Option(
            help="Class rates: learned, uniform, or such as cat=0.7,dog=0.3 (default, Dawid-Skene, one coin)."
        ),
    ] = None,
    gold: Annotated[Path | None, typer.Option(help="File of known labels: task,label.")] = None,
    labels: Annotated[
        str | None, typer.Option(help="The classes in order, separated by commas; of tied ones the first wins.")
    ] = None,
    order: Annotated[
        str | None,
        typer.Option(
            help="The classes from one end of their scale to the other, such as low,mid,high: for ordinal methods, "
            "where they are words."
        ),
    ] = None,
    out_of_core: Annotated[
        bool,
        typer.Option(
            "--out-of-core",
            help="For more annotations than memory holds: --method dawid-skene, shard by shard in a folder beside the "
            "output; --gold, --prior and --report as in memory.",
        ),
    ] = False,
    task_column: Annotated[str, typer.Option(help="Name of the task column.")] = "task",
    worker_column: Annotated[str, typer.Option(help="Name of the worker column.")] = "worker",
    label_column: Annotated[str, typer.Option(help="Name of the label column.")] = "label",
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """Turn many workers' annotations into one label each, with its probability and an estimate of every worker."""
    columns = {"task": task_column, "worker": worker_column, "label": label_column}
    outputs = Outputs(output, workers_output, report, as_json)
    try:
        outputs.check()
        with progress_bar() as show:
            known = None if gold is None else read_gold(gold, columns)
            options = RunOptions(
                method=method,
                title="Standard input" if annotations == STANDARD_INPUT else "/".join(annotations.parts[-2:]),
                prior=parse_prior(prior),
                gold=known,
                labels=declared_classes(labels, order),
                report=report is not None,
                keep_mask=as_text if output is None else in_folder(output),
                progress=show,
            )
            if out_of_core:
                run = _run_out_of_core(annotations, output, task_type, columns, options)
            else:
                if task_type is not None:
                    kind_named(task_type)
                run = _run(_table(annotations, columns, show), task_type, options)
        outputs.write(run)
    except BrokenPipeError:
        raise  # the reader of our output had enough; Typer ends quietly
    except (GroundswellError, OSError) as error:
        typer.secho(f"Error: {_in_options(error)}", err=True, fg=typer.colors.RED)
        raise typer.Exit(2 if isinstance(error, (InvalidInput, FileNotFoundError)) else 1) from None


consolidate.__doc__ = f"{consolidate.__doc__}\n\n{EXAMPLES}"


def declared_classes(labels: str | None, order: str | None) -> list[str] | None:
    """The classes of --labels or, in its order, of --order. Raises: InvalidInput, when they are not the same."""
    named, ordered = parse_classes(labels, "labels"), parse_classes(order, "order")
    if named and ordered and set(named) != set(ordered):
        raise InvalidInput(
            f"--order puts the classes of --labels in order, but they differ: {order} and {labels}", field="order"
        )
    return ordered or named


def parse_classes(text: str | None, option: str) -> list[str] | None:
    """Classes separated by commas. Raises: InvalidInput, for one that is empty or there twice."""
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    if "" in names or len(set(names)) < len(names):
        raise InvalidInput(
            f"--{option} are different classes separated by commas, such as cat,dog; given was {text!r}", field=option
        )
    return names


def _table(path: Path, columns: Mapping[str, str], show: Show) -> AnnotationTable:
    words = f"Reading {path.name}"
    if is_response_folder(path):
        return read_worker_responses(path, show(words, sum(1 for _ in path.rglob("*.json"))))
    return read_annotations(path, columns, show(words, path.stat().st_size if path.is_file() else None))


def _run(table: AnnotationTable, task_type: str | None, options: RunOptions) -> Run:
    """Consolidate; an error about a row says where that row stands."""
    kind = kind_named(task_type or table.task_type or "classification")
    try:
        if kind.live == "classification":
            run = consolidate_classes(table, kind, options)
        else:
            from groundswell.offline.structure_runs import consolidate_structures

            run = consolidate_structures(table, kind, options)
    except InvalidVotes as error:
        message = str(error)
        if error.row is not None and error.row < len(table):
            message += f" (row {error.row} is {table.place(error.row)})"
        raise InvalidVotes(message, row=error.row) from error
    return replace(run, summary={"task_type": kind.name, **run.summary})


def _run_out_of_core(
    path: Path, output: Path | None, task_type: str | None, columns: Mapping[str, str], options: RunOptions
) -> Run:
    if task_type is not None and kind_named(task_type).live != "classification":
        raise InvalidInput(f"--out-of-core is for classes; leave it out with --task-type {task_type}")
    from groundswell.offline.out_of_core import consolidate_out_of_core

    return consolidate_out_of_core(path, output, columns, options)


def _in_options(error: Exception) -> str:
    """Its message: what is an argument there is an option here."""
    return re.sub(r"\b(labels|order)=(\w?)", lambda found: f"--{found[1]} {found[2]}".rstrip(), str(error))


@contextmanager
def progress_bar() -> Iterator[Show]:
    """A bar on a terminal, one step at a time; nothing in a pipe."""
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
        steps: list[TaskID] = []

        def show(description: str, total: int | None) -> Callable[[int], None]:
            for step in steps:
                bar.update(step, visible=False)
            steps.append(bar.add_task(description, total=total))
            return lambda done: bar.update(steps[-1], completed=done)

        yield show
