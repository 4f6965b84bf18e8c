"""`groundswell manifest`: make and check manifests on this machine, without a server."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from groundswell.cli.output import AsJson, console, messages, print_json, progress_bar
from groundswell.domain.errors import InvalidInput
from groundswell.manifests.inputs import made_lines, manifest_lines
from groundswell.manifests.left_out import LeftOut, sentences
from groundswell.manifests.lines import LineChecker, LineRules
from groundswell.manifests.sampling import sample
from groundswell.objects.folders import LocalFiles

app = typer.Typer(no_args_is_help=True, help="Make and check manifests.")


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    """A file to write into, or standard output; when that fails, what was there before stays."""
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    partial = path.with_name(f".{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        raise InvalidInput(f"cannot write {path}: {error.strerror}", field="output") from error
    finally:
        partial.unlink(missing_ok=True)


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
    left_out = LeftOut()
    lines: Iterator[str] = made_lines(LocalFiles(), source, column=column, modality=modality, left_out=left_out)
    if sample_percent is not None:
        rows = list(lines)
        lines = iter(sample(rows, len(rows), percent=sample_percent, seed=seed))
    checker = LineChecker(LineRules())  # what a job would refuse is refused here
    with _written(output) as target:
        for line in lines:
            encoded = line.encode()
            checker.check(encoded)
            target.write(encoded + b"\n")
        if checker.lines:
            checker.raise_if_bad(f"the manifest made of {source}")
    messages.print(f"{checker.lines:,} objects", highlight=False)
    for sentence in sentences(left_out.as_json()):
        messages.print(sentence, highlight=False, markup=False)
    if not checker.lines:
        raise InvalidInput(f"nothing to label in {source}: expected texts, got blank lines", field="input")


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
    files, read = LocalFiles(), 0
    with progress_bar() as bar:
        shown = bar.add_task(f"checking {path.name}", total=files.size(str(path)))
        for number, line in enumerate(manifest_lines(files, str(path))):
            checker.check(line)
            read += len(line) + 1
            if number % 10_000 == 0:
                bar.update(shown, completed=read)
    if as_json:
        problems = [{"line": one.line, "key": one.key, "message": one.message} for one in checker.problems]
        print_json({"lines": checker.lines, "problem_count": checker.problem_count, "problems": problems})
        if checker.problem_count:
            raise typer.Exit(1)
        return
    checker.raise_if_bad(path.name)
    console.print(f"{path.name}: {checker.lines:,} lines, all good", highlight=False)
