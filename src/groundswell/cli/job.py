"""`groundswell job`: create, look at, watch, stop and export labeling jobs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.progress import Progress

from groundswell.cli.connection import Token, Url, connect
from groundswell.cli.job_text import failure, state_lines, waits_for
from groundswell.cli.output import AsJson, console, messages, print_json, print_table, progress_bar
from groundswell.cli.withdraw_labels import withdraw_labels
from groundswell.domain.errors import InvalidSpec
from groundswell.domain.money import format_usd
from groundswell.manifests.left_out import LeftOut, sentences
from groundswell.sdk import Job
from groundswell.wire import jobs as wire

app = typer.Typer(no_args_is_help=True, help="Labeling jobs.")
app.command("withdraw-labels")(withdraw_labels)
_LONG_S = 10.0  # without a runner, before that is said
# PyYAML's own scanner refuses the question mark of `{header: Which sport is played?}`; libyaml's reads it (YAML 1.2).
_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
Name = Annotated[str, typer.Argument(help="The job's name.")]


def read_spec(path: Path) -> dict[str, Any]:
    """The specification in a YAML or JSON file; raises InvalidSpec for a file that is neither."""
    try:
        data = yaml.load(path.read_text("utf-8"), Loader=_LOADER)
    except OSError as error:
        raise InvalidSpec(f"cannot read {path}: {error.strerror}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, a 13th month
        raise InvalidSpec(f"{path} is neither YAML nor JSON: {error}") from error
    if not isinstance(data, dict):
        raise InvalidSpec(f"expected a mapping such as `name: owls` in {path}, got {type(data).__name__}")
    try:
        # YAML has dates, a specification has texts; allow_nan=False: nothing the request's JSON cannot say
        read: dict[str, Any] = json.loads(json.dumps(data, default=str, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidSpec(
            f"{path} holds what JSON cannot say ({error}): expected texts as names, numbers that are finite, "
            "and nothing that contains itself"
        ) from error
    return read


@app.command()
def create(
    spec: Annotated[Path, typer.Argument(help="The specification, YAML or JSON (docs/reference/job-spec.md).")],
    wait: Annotated[bool, typer.Option("--wait", help="Watch until the job has ended.")] = False,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Create a labeling job. Files on this machine that it names are sent to the server.

    [dim]Example:[/]  groundswell job create sports.yaml --wait
    """
    asked = read_spec(spec)
    left_out = LeftOut()
    with connect(url, token) as client, progress_bar() as bar:
        sending = bar.add_task("sending files", total=None)
        base = spec.resolve().parent
        job = client.jobs.create(asked, base=base, on_file=lambda _name: bar.advance(sending), left_out=left_out)
        bar.update(sending, visible=False)
        for sentence in sentences(left_out.as_json()):
            messages.print(sentence, highlight=False, markup=False)
        _watch_input(job, bar, through_trouble=wait)
        if wait and job.state != "Failed":
            _watch(job)
        if as_json:
            print_json(job.described)
        elif job.state != "Failed":
            console.print(f"{job.name}: {job.state} · {client.url}/console/jobs/{job.name}", highlight=False)
    if job.state == "Failed":
        raise failure(job.described)


def _watch_input(job: Job, bar: Progress, *, through_trouble: bool) -> None:
    """Follow the reading of the input until workers can begin, or it cannot be used; say what stands in the way.

    through_trouble: stay when the runner cannot go on and tries again; else that is the end of watching.
    """
    shown = bar.add_task("reading the input", total=None)
    said, began = None, time.monotonic()
    while job.refresh().state == "Initializing":
        ingest, trouble = job.described.ingest, job.described.trouble
        bar.update(shown, description=waits_for(job.described), completed=ingest.done)
        bar.update(shown, total=ingest.total)
        if trouble is None and not ingest.phase and time.monotonic() - began > _LONG_S:
            trouble = waits_for(job.described)
        if trouble and trouble != said:
            messages.print(f"{job.name}: {trouble}", highlight=False, markup=False)
            said = trouble
        if trouble and not through_trouble:
            break
        time.sleep(0.2)
    bar.update(shown, visible=False)


@app.command("list")
def list_(
    state: Annotated[str | None, typer.Option(help="InProgress, Completed, Stopped, Failed, ...")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most this many.")] = 50,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """List labeling jobs, newest first."""
    with connect(url, token) as client:
        found = client.jobs.list(state=state, limit=limit)
    if as_json:
        return print_json([job.described for job in found])
    rows = [_row(job.described) for job in found]
    print_table(("job", "state", "type", ">labeled", ">objects", ">spent"), rows, empty="No labeling jobs yet.")
    return None


def _row(job: wire.Job) -> tuple[Any, ...]:
    counted = job.counters
    spent = format_usd(counted.spent_usd_micros)
    return (job.name, job.state, job.task_type, f"{counted.labeled:,}", f"{counted.total:,}", spent)


@app.command()
def show(name: Name, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Show one job: its state and its numbers."""
    with connect(url, token) as client:
        described = client.jobs.get(name).described
    if as_json:
        return print_json(described)
    counted = described.counters
    console.print(f"[bold]{described.name}[/] · {described.state} · {described.task_type} · team {described.team}")
    for line in state_lines(described):
        console.print(line, highlight=False, markup=False, style="red" if line == described.failure_reason else None)
    rows = [(what, f"{number:,}") for what, number in counted.model_dump().items() if what != "spent_usd_micros"]
    print_table(("objects", ">number"), [*rows, ("spent", format_usd(counted.spent_usd_micros))], empty="")
    console.print(f"output: {described.output_manifest}", highlight=False)
    return None


def _watch(job: Job) -> None:
    said: list[str] = []
    with progress_bar() as bar:
        shown = bar.add_task(job.name, total=None)

        def on_change(now: wire.Job) -> None:
            counted = now.counters
            ended = counted.labeled + counted.failed + counted.skipped
            spent = f" · {format_usd(counted.spent_usd_micros)}" if counted.spent_usd_micros else ""
            if now.trouble and now.trouble not in said:
                said.append(now.trouble)
                messages.print(f"{now.name}: {now.trouble}", highlight=False, markup=False)
            bar.update(
                shown, description=f"{now.name} {now.state}{spent}", completed=ended, total=counted.total or None
            )

        job.wait(on_change=on_change)


@app.command()
def watch(name: Name, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Watch a job until it has ended. Exit code 1 when it failed."""
    with connect(url, token) as client:
        job = client.jobs.get(name)
        _watch(job)
    if as_json:
        print_json(job.described)
    else:
        console.print(f"{job.name}: {job.state}", highlight=False)
    if job.state == "Failed":
        raise failure(job.described)


def _change(name: str, verb: str, url: str | None, token: str | None, as_json: bool) -> None:
    with connect(url, token) as client:
        job = getattr(client.jobs.get(name), verb)()
    if as_json:
        print_json(job.described)
    else:
        console.print(f"{job.name}: {job.state}", highlight=False)


@app.command()
def stop(name: Name, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Stop a job; what is labeled so far is written. It can be extended later."""
    _change(name, "stop", url, token, as_json)


@app.command()
def pause(name: Name, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Give out no more tasks; workers may finish the ones they hold."""
    _change(name, "pause", url, token, as_json)


@app.command()
def resume(name: Name, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Give out tasks again."""
    _change(name, "resume", url, token, as_json)


@app.command()
def delete(
    name: Name,
    files: Annotated[bool, typer.Option("--files", help="The files of its output too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Delete a job that has ended, with its annotations and labels. What happened stays in the audit.

    [dim]Example:[/]  groundswell job delete sports --yes
    """
    if not yes:
        typer.confirm(f"Delete {name} with its annotations and labels?", abort=True)
    with connect(url, token) as client:
        client.jobs.get(name).delete(files=files)
    console.print(f"deleted {name}", highlight=False)


@app.command()
def extend(
    name: Name,
    per_object: Annotated[int | None, typer.Option(min=1, max=100, help="Annotations a data object.")] = None,
    budget_usd: Annotated[float | None, typer.Option(min=0, help="The new budget in dollars.")] = None,
    human_labeled: Annotated[int | None, typer.Option(min=1, help="The new limit of labels by people.")] = None,
    availability: Annotated[str | None, typer.Option(help="How long tasks stay open: 6h, 10d, ...")] = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Ask for more of a job, running or ended; failed objects are tried again.

    [dim]Example:[/]  groundswell job extend sports --budget-usd 50 --per-object 5
    """
    asked = {
        "per_object": per_object,
        "budget_usd": budget_usd,
        "human_labeled": human_labeled,
        "availability": availability,
    }
    with connect(url, token) as client:
        job = client.jobs.get(name).extend(**{field: value for field, value in asked.items() if value is not None})
    if as_json:
        print_json(job.described)
    else:
        console.print(f"{job.name}: {job.state}", highlight=False)


@app.command()
def consolidate(
    name: Name,
    method: Annotated[str | None, typer.Option(help="Another method; default: the job's own.")] = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Make the labels of a job that has ended anew, of the answers there are; those of an import too.

    [dim]Example:[/]  groundswell job consolidate sports --method dawid-skene
    """
    with connect(url, token) as client:
        job = client.jobs.get(name).consolidate(method)
    if as_json:
        print_json(job.described)
    else:
        console.print(f"{job.name}: {job.state}", highlight=False)


NewName = Annotated[str, typer.Argument(metavar="NEW", help="The new job's name.")]


def _follow(way: str, name: str, new: str, url: str | None, token: str | None, as_json: bool, **more: Any) -> None:
    with connect(url, token) as client:
        job = client.jobs.get(name).follow(way, new, **more)
    if as_json:
        print_json(job.described)
    else:
        console.print(f"{job.name}: {job.state} · {client.url}/console/jobs/{job.name}", highlight=False)


@app.command()
def clone(name: Name, new: NewName, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Create a job with the settings and the input of another.

    [dim]Example:[/]  groundswell job clone sports sports-2
    """
    _follow("clone", name, new, url, token, as_json)


@app.command()
def chain(
    name: Name,
    new: NewName,
    relabel: Annotated[
        bool | None,
        typer.Option(
            "--relabel/--resume",
            help="Label everything anew, or what has no label; default: anew after a completed job.",
        ),
    ] = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Go on from a job that has ended, with its output as the input.

    [dim]Example:[/]  groundswell job chain sports sports-2 --resume
    """
    _follow("chain", name, new, url, token, as_json, relabel=relabel)


@app.command()
def verify(name: Name, new: NewName, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Have people say which labels of a job that has ended are right.

    [dim]Example:[/]  groundswell job verify streets streets-checked
    """
    _follow("verify", name, new, url, token, as_json)


@app.command()
def adjust(name: Name, new: NewName, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Have people correct boxes or masks of a job that has ended.

    [dim]Example:[/]  groundswell job adjust streets streets-corrected
    """
    _follow("adjust", name, new, url, token, as_json)


@app.command("put-back")
def put_back(
    name: Name,
    objects: Annotated[list[int] | None, typer.Argument(help="Numbers of failed objects; default: all.")] = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Try failed objects again; a job that had ended goes on.

    [dim]Example:[/]  groundswell job put-back sports 17 23
    """
    with connect(url, token) as client:
        count = client.jobs.get(name).put_back(objects or None)
    if as_json:
        print_json({"count": count})
    else:
        console.print(f"{name}: {count:,} put back", highlight=False)


@app.command()
def export(
    name: Name,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file; - is standard output.")] = Path("-"),
    files: Annotated[
        Path | None, typer.Option(help="A folder for the masks; the manifest then names them there.")
    ] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Download the output manifest as it is now.

    [dim]Example:[/]  groundswell job export streets -o streets.manifest --files masks
    """
    with connect(url, token) as client:
        job = client.jobs.get(name)
        if str(output) == "-":
            stdout = typer.get_binary_stream("stdout")
            for chunk in job.output() if files is None else job.output_with_files(files, base=Path()):
                stdout.write(chunk)
        else:
            job.download(output, files=files)
            messages.print(f"wrote {output}", highlight=False)


@app.command()
def report(name: Name, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Print a job's numbers: throughput, agreement, cost, and each worker's volume, speed and estimated accuracy."""
    with connect(url, token) as client:
        numbers = client.jobs.get(name).report()
    if as_json:
        return print_json(numbers)
    for what, value in numbers.items():
        if not isinstance(value, list | dict):
            console.print(f"{what.replace('_', ' ')}: {value}", highlight=False)
    workers = [one for one in numbers.get("workers", []) if isinstance(one, dict)]
    if workers:
        columns = list(workers[0])
        print_table(columns, ([one.get(column, "") for column in columns] for one in workers), empty="")
    return None
