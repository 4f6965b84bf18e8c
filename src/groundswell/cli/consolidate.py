"""`groundswell consolidate`: labels with confidences from a file of annotations, without a server.

Here: the command, its options and what it prints. Elsewhere: what it does (`groundswell.offline.consolidate_files`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from groundswell.consolidation.methods import DEFAULT_METHOD, METHOD_NAMES
from groundswell.domain.errors import GroundswellError, InvalidInput
from groundswell.offline import Consolidation, consolidate_files, label_files
from groundswell.offline.answer_kinds import kinds

Show = Callable[[str, int | None], Callable[[int], None]]
ARGUMENTS = (
    "labels order gold gold_is_random prior method task_type out_of_core output workers_output report task_column "
    "worker_column label_column"
).split()

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
    gold: Annotated[
        Path | None,
        typer.Option(help="File of known labels: task,label. 30 or more also set confidences right."),
    ] = None,
    gold_is_random: Annotated[
        bool,
        typer.Option(
            "--gold-is-random",
            help="Gold tasks were drawn at random: the default's class rates count them.",
        ),
    ] = False,
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
    try:
        with progress_bar() as show:
            found = consolidate_files(
                annotations,
                method,
                output=output,
                workers_output=workers_output,
                report=report,
                task_type=task_type,
                labels=parse_classes(labels),
                order=parse_classes(order),
                prior=parse_prior(prior),
                gold=gold,
                gold_is_random=gold_is_random,
                out_of_core=out_of_core,
                task_column=task_column,
                worker_column=worker_column,
                label_column=label_column,
                progress=show,
            )
        say(found, output, as_json=as_json)
    except BrokenPipeError:
        raise  # the reader of our output had enough; Typer ends quietly
    except (GroundswellError, OSError) as error:
        typer.secho(f"Error: {in_options(str(error))}", err=True, fg=typer.colors.RED)
        raise typer.Exit(2 if isinstance(error, (InvalidInput, FileNotFoundError)) else 1) from None


consolidate.__doc__ = f"{consolidate.__doc__}\n\n{EXAMPLES}"


def parse_classes(text: str | None) -> list[str] | None:
    """Classes separated by commas."""
    return None if text is None else [name.strip() for name in text.split(",")]


def parse_prior(text: str | None) -> str | dict[str, float] | None:
    """ "learned", "uniform" or class=rate pairs. Raises: InvalidInput."""
    if text is None or text in ("learned", "uniform"):
        return text
    try:
        rates = {name.strip(): float(rate) for name, _, rate in (pair.rpartition("=") for pair in text.split(","))}
    except ValueError:
        rates = {}
    if not rates or "" in rates or any(not rate > 0 for rate in rates.values()):
        raise InvalidInput(
            f"--prior is learned, uniform, or rates above 0 such as cat=0.7,dog=0.3; given was {text!r}", field="prior"
        )
    return rates


def say(found: Consolidation, output: Path | None, *, as_json: bool) -> None:
    """Print a summary, and the labels where they have no file."""
    summary = found.summary
    if as_json:
        labels = {} if output else {"labels": list(label_files.as_mappings(found.labels))}
        printed = {**summary.as_dict(), "output": None if output is None else str(output), **labels}
        typer.echo(label_files.as_json(printed))
    elif output is None:
        label_files.print_labels(sys.stdout, found.labels)
    else:
        read_as = "" if summary.task_type == "classification" else f" ({summary.task_type})"
        without = f", {summary.abstentions:,} rows without a label" if summary.abstentions else ""
        typer.echo(
            f"{summary.objects:,} labels in {output}{read_as}, mean confidence {summary.mean_confidence:.3f}{without}"
        )
        if summary.gold_objects is not None:
            typer.echo(
                f"{summary.gold_objects:,} gold objects set confidences right: calibration error "
                f"{summary.calibration_error:.3f} before, {summary.recalibrated_error:.3f} after"
            )


def in_options(message: str) -> str:
    """A message of the library for the command line: what is an argument there is an option here."""
    arguments = "|".join(ARGUMENTS)
    return re.sub(
        rf"\b({arguments})=(\w?)", lambda found: f"--{found[1].replace('_', '-')} {found[2]}".rstrip(), message
    )


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
