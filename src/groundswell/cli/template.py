"""`groundswell template`: see a worker task template in a browser, and have its problems named. Works offline."""

from __future__ import annotations

import json
import webbrowser
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from groundswell.cli.output import AsJson, console, print_json
from groundswell.cli.template_preview import PreviewServer
from groundswell.domain.errors import InvalidInput
from groundswell.templates.check import check as problems_of
from groundswell.templates.loader import builtin_names, builtin_template

app = typer.Typer(no_args_is_help=True, help="Preview and check worker task templates.")

File = Annotated[str, typer.Argument(help="The template's file, or the name of a built-in one.")]
Input = Annotated[
    Path | None,
    typer.Option("--input", help='A sample of task.input as JSON, for example {"taskObject": "cat.jpg"}.'),
]


@app.command()
def preview(
    file: File,
    sample: Input = None,
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in your browser.")] = False,
) -> None:
    """Show a template as workers see it, and the answer they would submit. The file is read anew at each reload.

    [dim]Example:[/]  groundswell template preview task.liquid.html --input sample.json --open
    """
    text_of(file)
    with PreviewServer(lambda: text_of(file), lambda: sample_of(sample), folder_of(file), port=port) as server:
        console.print(f"preview of {file} at {server.url} (Ctrl C ends it)", highlight=False)
        for problem in problems_of(text_of(file), sample_of(sample)):
            console.print(
                f"  line {problem.line}: {problem.severity}: {problem.message}", highlight=False, markup=False
            )
        if open_browser:
            webbrowser.open(server.url)
        server.serve()


@app.command()
def check(file: File, sample: Input = None, as_json: AsJson = False) -> None:
    """Name every problem of a template with its line; exit code 1 where there is an error.

    [dim]Example:[/]  groundswell template check task.liquid.html --input sample.json
    """
    found = problems_of(text_of(file), sample_of(sample))
    if as_json:
        print_json([asdict(problem) for problem in found])
    else:
        for problem in found:
            typer.echo(f"{file}:{problem.line}: {problem.severity}: {problem.message}")
        if not found:
            typer.echo(f"{file}: no problems found")
    if any(problem.severity == "error" for problem in found):
        raise typer.Exit(1)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the built-in templates."""
    if as_json:
        print_json(list(builtin_names()))
    else:
        typer.echo("\n".join(builtin_names()))


@app.command()
def show(name: Annotated[str, typer.Argument(help="A name from `template list`.")]) -> None:
    """Print a built-in template, to begin one of your own from."""
    typer.echo(builtin_template(name), nl=False)


def text_of(file: str) -> str:
    """The template's text; raises InvalidInput where there is no such file."""
    path = Path(file)
    if not path.exists() and file in builtin_names():
        return builtin_template(file)
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InvalidInput(f"cannot read the template {file}: {reason}", field="FILE") from error


def folder_of(file: str) -> Path:
    """Where files that the sample names are looked for."""
    path = Path(file)
    return path.resolve().parent if path.exists() else Path.cwd()


def sample_of(path: Path | None) -> dict[str, Any] | None:
    """The sample input; `{"task": {"input": ...}}`, `{"taskInput": ...}` and a bare object are all understood."""
    if path is None:
        return None
    try:
        value = json.loads(_first_line(path.read_text("utf-8")))
    except OSError as error:
        raise InvalidInput(f"cannot read the sample input {path}: {error.strerror}", field="--input") from error
    except ValueError as error:
        raise InvalidInput(f"the sample input {path} is not JSON: {error}", field="--input") from error
    for keys in (("task", "input"), ("taskInput",), ("input",)):
        inner = value
        for key in keys:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            return inner
    if not isinstance(value, dict):
        raise InvalidInput(
            f"the sample input {path} must be a JSON object, got {type(value).__name__}", field="--input"
        )
    return _as_in_a_job(value)


def _first_line(text: str) -> str:
    """The text itself where it is one JSON value; of a manifest its first line."""
    try:
        json.loads(text)
    except ValueError:
        return next((line for line in text.splitlines() if line.strip()), text)
    return text


def _as_in_a_job(line: dict[str, Any]) -> dict[str, Any]:
    """A manifest line as a job without a function gives it to a template of its own; another input as it is."""
    if "taskObject" in line or not ("source" in line or "source-ref" in line):
        return line
    given: dict[str, Any] = {
        "taskObject": line.get("source-ref", line.get("source")),
        "manifestLine": line,
        "labels": [],
        "header": "",
    }
    return {**given, **line}
