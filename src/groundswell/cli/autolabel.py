"""`groundswell autolabel`: what auto-labeling would have saved, and whether a certificate of machine labels holds.

Here: the commands and what they print. Elsewhere: replays and checks (`groundswell.offline`), the loop and the proof
(`groundswell.autolabel`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from groundswell.autolabel.registry import names
from groundswell.cli.consolidate import progress_bar
from groundswell.cli.output import AsJson, print_json, print_table
from groundswell.domain.errors import GroundswellError, InvalidInput
from groundswell.offline.backtest import Backtest, BacktestSettings, Replay, backtest
from groundswell.offline.certificates import verify_files
from groundswell.offline.label_files import as_json as to_json
from groundswell.offline.labeled_manifest import read_labeled_manifest

app = typer.Typer(
    help="Automated labeling: replay a labeled manifest, check a certificate.",
    no_args_is_help=True,
    add_completion=False,
)

Attribute = Annotated[
    str | None,
    typer.Option("--label-attribute", help="The attribute that holds the labels; default: the only one there is."),
]


@app.command("backtest")
def backtest_command(
    manifest: Annotated[Path, typer.Argument(help="A manifest of labeled objects.", show_default=False)],
    label_attribute: Attribute = None,
    target_accuracy: Annotated[float, typer.Option(help="Accuracy that machine labels are to reach.")] = 0.95,
    confidence: Annotated[float, typer.Option(help="Chance that a job keeps its promise, at least.")] = 0.95,
    by_class: Annotated[bool, typer.Option("--by-class", help="Prove the target for every predicted class.")] = False,
    batch_size: Annotated[int, typer.Option(help="Labels that people give in a round.")] = 200,
    seed: Annotated[int, typer.Option(help="Draws every random choice.")] = 0,
    seeds: Annotated[int, typer.Option(help="Replays, with the seeds SEED, SEED + 1, ...")] = 1,
    learner: Annotated[str | None, typer.Option(help=f"One of {', '.join(names())}; default: by what is read.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="Write the (first) replay's certificate here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Replay a labeled manifest as if people labeled it, and say what auto-labeling would have saved.

    groundswell autolabel backtest labeled.manifest --target-accuracy 0.95 --batch-size 200 --seeds 20
    """
    settings = BacktestSettings(target_accuracy, confidence, by_class, batch_size, seed, seeds, learner)
    try:
        settings.check()
        with progress_bar() as show:
            found = backtest(read_labeled_manifest(manifest, label_attribute), settings, progress=show)
        if certificate is not None:
            certificate.write_text(to_json(found.certificate()) + "\n")
    except (GroundswellError, OSError) as error:
        _fail(error)
    if as_json:
        print_json(found.as_dict())
    else:
        _say(found)


@app.command()
def verify(
    certificate: Annotated[Path, typer.Argument(help="The certificate (JSON).", show_default=False)],
    manifest: Annotated[Path, typer.Argument(help="The manifest whose labels it is of.", show_default=False)],
    label_attribute: Attribute = None,
    as_json: AsJson = False,
) -> None:
    """Do a certificate's proof again and compare its labels with the manifest's; exit code 1 where it does not hold."""
    try:
        found = verify_files(certificate, manifest, label_attribute)
    except (GroundswellError, OSError) as error:
        _fail(error)
    if as_json:
        print_json(found.as_dict())
    elif found.problems:
        typer.echo("The certificate does not hold:")
        for problem in found.problems:
            typer.echo(f"- {problem}")
    else:
        typer.echo(
            f"The certificate holds: {found.machine_labeled:,} machine labels, {found.audited:,} audited objects."
        )
        if found.overruled:
            share = found.agreeing / found.overruled
            typer.echo(f"{found.overruled:,} of them have people's labels in the manifest; {share:.2%} are the same.")
    raise typer.Exit(1 if found.problems else 0)


def _say(found: Backtest) -> None:
    if len(found.replays) == 1:
        _say_rounds(found.replays[0])
    else:
        print_table(
            [">seed", ">people", ">machine", ">accuracy", ">audited", "promise"],
            [
                (r.seed, f"{r.human_labeled:,}", f"{r.machine_labeled:,}", _accuracy(r), r.audited, _kept(r))
                for r in found.replays
            ],
            empty="No replays.",
        )
        summary = found.as_dict()
        mean, spread = summary["mean"]["machine_share"], summary["spread"]["machine_share"]
        typer.echo(
            f"{mean:.1%} of {summary['objects']:,} objects labeled by machine (spread {spread:.1%}); the promise of "
            f"{summary['target_accuracy']:.4g} was broken in {summary['broken']} of {len(found.replays)} replays."
        )


def _say_rounds(one: Replay) -> None:
    print_table(
        [">round", ">people", ">left", ">could label", ">predicted", ">audits", "next"],
        [
            (
                r["round"],
                f"{r['human_labeled']:,}",
                f"{r['pool']:,}",
                f"{r['could_label']:,}",
                f"{r['predicted_accuracy']:.3f}" if r["could_label"] else "-",
                f"{r['expected_audits']:.0f}",
                r["next"],
            )
            for r in one.rounds
        ],
        empty="No model was fitted.",
    )
    typer.echo(one.reason)
    typer.echo(
        f"Of {one.objects:,} objects, people label {one.human_labeled:,} ({one.audited:,} of them in the audit) and "
        f"the machine {one.machine_labeled:,}, with accuracy {_accuracy(one)} (asked {one.target_accuracy:.4g})."
    )


def _accuracy(one: Replay) -> str:
    return "-" if one.machine_accuracy is None else f"{one.machine_accuracy:.4f}"


def _kept(one: Replay) -> str:
    return "broken" if one.broken else "kept" if one.machine_labeled else "none made"


def _fail(error: Exception) -> NoReturn:
    typer.secho(f"Error: {error}", err=True, fg=typer.colors.RED)
    raise typer.Exit(2 if isinstance(error, (InvalidInput, FileNotFoundError)) else 1) from None
