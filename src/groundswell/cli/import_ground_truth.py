"""`groundswell import-ground-truth`: a finished Ground Truth job, with its answers and labels, as a job here."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.progress import Progress

from groundswell.cli.connection import Token, Url, connect
from groundswell.cli.job_text import failure, problem_line, waits_for
from groundswell.cli.output import AsJson, console, messages, print_json, progress_bar
from groundswell.domain.errors import InvalidInput
from groundswell.sdk import Job
from groundswell.sdk.jobs import ENDED

_SHOWN = 20
_POLL_S = 0.2


def import_ground_truth(
    source: Annotated[
        str, typer.Argument(help="Its output folder, <S3OutputPath>/<job name>: s3://..., or a folder of this machine.")
    ],
    name: Annotated[str | None, typer.Option(help="The job's name here; default: its own.")] = None,
    label_attribute: Annotated[str | None, typer.Option(help="Default: that of the job's own labels.")] = None,
    task_type: Annotated[str | None, typer.Option(help="Default: as the labels' metadata says.")] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="The label category file, for classes that no label has.", exists=True, dir_okay=False),
    ] = None,
    template: Annotated[
        Path | None, typer.Option(help="The worker template of a custom job.", exists=True, dir_okay=False)
    ] = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Take over a finished Ground Truth job: browse its labels, consolidate its answers anew, go on with it.

    What cannot be brought over is named, file by file. The same folder again changes nothing.

    [dim]Example:[/]  groundswell import-ground-truth s3://labels/birds-2
    """
    options: dict[str, Any] = {
        "name": name,
        "label_attribute": label_attribute,
        "task_type": task_type,
        "labels": categories(labels) if labels else None,
        "template": template.read_text("utf-8") if template else None,
    }
    given = {key: value for key, value in options.items() if value is not None}
    with connect(url, token) as client, progress_bar() as bar:
        sending = bar.add_task("sending files", total=None, visible="://" not in source)
        job, is_new = client.jobs.import_ground_truth(source, on_file=lambda _name: bar.advance(sending), **given)
        bar.update(sending, visible=False)
        _follow(job, bar)
    if as_json:
        print_json({"is_new": is_new, "job": job.described.model_dump(mode="json")})
    elif job.state != "Failed":
        _tell(job, is_new=is_new)
    if job.state == "Failed":
        raise failure(job.described)


def categories(path: Path) -> list[str]:
    """The names in a label category file, `{"labels": [{"label": "cat"}, ...]}`; raises InvalidInput."""
    try:
        given = yaml.safe_load(path.read_text("utf-8"))["labels"]
        found = [one["label"] if isinstance(one, dict) else str(one) for one in given]
    except (OSError, yaml.YAMLError, ValueError, KeyError, TypeError) as error:
        wanted = 'expected {"labels": [{"label": "cat"}, ...]}'
        raise InvalidInput(f"{wanted} in {path}: {type(error).__name__}: {error}", field="labels") from error
    return found


def _follow(job: Job, bar: Progress) -> None:
    """Until all is brought over and the output is written."""
    shown, said = bar.add_task("importing", total=None), None
    while job.refresh().state not in ENDED:
        ingest, trouble = job.described.ingest, job.described.trouble
        described = waits_for(job.described) or "writing the output"
        bar.update(shown, description=described, completed=ingest.done, total=ingest.total)
        if trouble and trouble != said:
            messages.print(f"{job.name}: {trouble}", highlight=False, markup=False)
            said = trouble
        time.sleep(_POLL_S)


def _tell(job: Job, *, is_new: bool) -> None:
    described = job.described
    counted = described.counters
    what = f"{counted.labeled:,} labels and {counted.annotations:,} answers of {counted.total:,} objects"
    done = "imported" if is_new else "was imported before"
    console.print(f"{job.name} {done}: {what} · {job.state}", highlight=False)
    problems, count = described.ingest.problems, described.ingest.problem_count
    for one in problems[:_SHOWN]:
        messages.print(f"  {problem_line(one)}", highlight=False, markup=False)
    if count > _SHOWN:
        messages.print(f"  and {count - _SHOWN:,} more problems", highlight=False)
