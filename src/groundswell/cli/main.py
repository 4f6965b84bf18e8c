"""The `groundswell` command: one file per noun, over the SDK, plus what runs a server and what works offline.

A command's file is imported when the command is asked for, so that `groundswell serve` does not load the libraries of
`groundswell consolidate`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from groundswell import __version__
from groundswell.domain.errors import GroundswellError, InvalidManifest

COMMANDS = {
    "serve": "serve",
    "runner": "runner",
    "demo": "demo",
    "job": "job",
    "manifest": "manifest",
    "template": "template",
    "consolidate": "consolidate",
    "autolabel": "autolabel",
    "model": "model",
    "simulate": "simulate",
    "team": "team",
    "worker": "worker",
    "workspace": "workspace",
    "key": "key",
    "hook": "hook",
    "aws": "aws",
    "audit": "audit",
    "import-ground-truth": "import_ground_truth",
    "backup": "backup",
    "restore": "backup",
}
"""Command to the module here that has it: as `app` (a group of commands) or as a function of the command's name."""


def load(name: str) -> Any:
    """The command of this name, imported now."""
    module: Any = import_module(f"groundswell.cli.{COMMANDS[name]}")
    group = getattr(module, "app", None)
    if group is None:
        group = typer.Typer(add_completion=False, rich_markup_mode="rich")
        group.command(name, context_settings=CONTEXT)(getattr(module, name.replace("-", "_")))
    command = typer.main.get_command(group)
    command.name = name
    return command


class LazyCommands(TyperGroup):
    """The commands of `COMMANDS`, each loaded when it is asked for."""

    # Typer keeps its types of commands and contexts to itself.
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return load(cmd_name) if cmd_name in COMMANDS else None


CONTEXT = {"help_option_names": ["-h", "--help"]}
app = typer.Typer(
    cls=LazyCommands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings=CONTEXT,
    help="Turn raw images and text into labeled datasets you can trust.\n\n"
    "Start a server with [bold]groundswell serve[/], see everything work with [bold]groundswell demo[/].",
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"groundswell {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None: ...


def say(error: GroundswellError) -> None:
    """Print an error for people: its message, and every problem of a manifest with its line."""
    typer.secho(f"error: {error.message}", fg="red", err=True)
    if isinstance(error, InvalidManifest):
        for problem in error.problems:
            key = f" [{problem.key}]" if problem.key else ""
            typer.echo(f"  line {problem.line}{key}: {problem.message}", err=True)
        if error.problem_count > len(error.problems):
            typer.echo(f"  ... and {error.problem_count - len(error.problems):,} more", err=True)
    elif error.field and error.field not in error.message:
        typer.echo(f"  field: {error.field}", err=True)


def main() -> None:
    """Run the command; errors Groundswell raises on purpose end in one clear message and exit code 1."""
    try:
        app()
    except GroundswellError as error:
        say(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
