"""The `groundswell` command: one file per noun, over the SDK, plus what runs a server and what works offline."""

from __future__ import annotations

import sys

import typer

from groundswell import __version__
from groundswell.cli import consolidate, demo, job, key, manifest, runner, serve, simulate, team, template, worker
from groundswell.domain.errors import GroundswellError, InvalidManifest

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Turn raw images and text into labeled datasets you can trust.\n\n"
    "Start a server with [bold]groundswell serve[/], see everything work with [bold]groundswell demo[/].",
    pretty_exceptions_enable=False,
)
app.command()(serve.serve)
app.command("runner")(runner.runner)
app.command()(demo.demo)
app.add_typer(job.app, name="job")
app.add_typer(manifest.app, name="manifest")
app.command()(consolidate.consolidate)
app.command()(simulate.simulate)
app.add_typer(team.app, name="team")
app.add_typer(worker.app, name="worker")
app.add_typer(key.app, name="key")
app.add_typer(template.app, name="template")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"groundswell {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None: ...


def main() -> None:
    """Run the command; errors Groundswell raises on purpose end in one clear message and exit code 1."""
    try:
        app()
    except GroundswellError as error:
        typer.secho(f"error: {error.message}", fg="red", err=True)
        if isinstance(error, InvalidManifest):
            for problem in error.problems:
                key_part = f" [{problem.key}]" if problem.key else ""
                typer.echo(f"  line {problem.line}{key_part}: {problem.message}", err=True)
            if error.problem_count > len(error.problems):
                typer.echo(f"  ... and {error.problem_count - len(error.problems):,} more", err=True)
        elif error.field and error.field not in error.message:
            typer.echo(f"  field: {error.field}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
