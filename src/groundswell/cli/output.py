"""What commands print: tables for people, JSON for programs, progress on a terminal and none in a pipe."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

console = Console()
messages = Console(stderr=True)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    elif isinstance(value, list):
        value = [one.model_dump(mode="json") if isinstance(one, BaseModel) else one for one in value]
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """A table, or one sentence where there is nothing; columns that begin with `>` are numbers."""
    lines = [[str(cell) for cell in row] for row in rows]
    if not lines:
        console.print(empty, highlight=False)
        return
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in columns:
        table.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left")
    for line in lines:
        table.add_row(*line)
    console.print(table)


def progress_bar() -> Progress:
    """A progress bar on standard error; it shows nothing where that is not a terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=messages,
        disable=not messages.is_terminal,
    )
