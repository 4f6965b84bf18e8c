"""`groundswell manifest`: make and check manifests on this machine, without a server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from groundswell.cli.output import AsJson, console, messages, print_json, progress_bar
from groundswell.domain.errors import InvalidInput
from groundswell.manifests.lines import LineChecker, LineRules
from groundswell.manifests.making import csv_lines, glob_prefix, input_kind, reference_lines, select_files, text_lines
from groundswell.manifests.sampling import sample

app = typer.Typer(no_args_is_help=True, help="Make and check manifests.")


def _made_lines(source: str, column: str | None, modality: str) -> Iterator[str]:
    kind = input_kind(source)
    if kind == "files":
        root = Path(glob_prefix(source) or ".")
        if not root.exists():
            raise InvalidInput(f"there is no folder {root}", field="input")
        pattern = source if root != Path(source) and glob_prefix(source) != source else None
        yield from reference_lines(select_files(map(str, sorted(root.rglob("*"))), modality=modality, pattern=pattern))
        return
    with _open(Path(source)) as file:
        yield from csv_lines(file, column=column) if kind == "csv" else text_lines(file)


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}", field="input") from error


@app.command()
def make(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="A folder, glob, CSV file or text file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The manifest; - is standard output.")] = Path("-"),
    column: Annotated[str | None, typer.Option(help="The CSV's column with the text or image reference.")] = None,
    modality: Annotated[
        str, typer.Option(help="image, text, audio or video: which files of a folder count.")
    ] = "image",
    sample_percent: Annotated[float | None, typer.Option(min=0.0001, max=100, help="Take a random part.")] = None,
    seed: Annotated[int, typer.Option(help="The random part's seed.")] = 0,
) -> None:
    """Make a manifest: one line of JSON for each thing to label.

    [dim]Example:[/]  groundswell manifest make 'photos/**/*.jpg' -o photos.manifest
    """
    lines: Iterator[str] = _made_lines(source, column, modality)
    if sample_percent is not None:
        rows = list(lines)
        lines = iter(sample(rows, len(rows), percent=sample_percent, seed=seed))
    count = 0
    target = sys.stdout.buffer if str(output) == "-" else output.open("wb")
    try:
        for line in lines:
            count += 1
            target.write(line.encode() + b"\n")
    finally:
        target.flush()
        if target is not sys.stdout.buffer:
            target.close()
    messages.print(f"{count:,} objects", highlight=False)
    if not count:
        raise InvalidInput(f"nothing to label in {source}: expected {modality} files", field="input")


@app.command()
def check(
    path: Annotated[Path, typer.Argument(metavar="MANIFEST", help="The manifest.")],
    label_attribute: Annotated[str | None, typer.Option(help="Lines that have it count as labeled.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check every line and name every problem, in one report. Exit code 1 when there is one.

    [dim]Example:[/]  groundswell manifest check photos.manifest
    """
    checker = LineChecker(LineRules(label_attribute=label_attribute))
    with _open(path) as file, progress_bar() as bar:
        size = bar.add_task(f"checking {path.name}", total=path.stat().st_size)
        for number, line in enumerate(file):
            checker.check(line.rstrip(b"\r\n"))
            if number % 10_000 == 0:
                bar.update(size, completed=file.tell())
    if as_json:
        problems = [{"line": one.line, "key": one.key, "message": one.message} for one in checker.problems]
        print_json({"lines": checker.lines, "problem_count": checker.problem_count, "problems": problems})
        if checker.problem_count:
            raise typer.Exit(1)
        return
    checker.raise_if_bad(path.name)
    console.print(f"{path.name}: {checker.lines:,} lines, all good", highlight=False)
