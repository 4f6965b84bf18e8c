"""`groundswell demo`: a real labeling job from beginning to end, with a server, a runner and a simulated crowd."""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from groundswell.bootstrap import open_storage
from groundswell.cli.digits import LABELS, Digits, bundled_digits, write_digits
from groundswell.cli.output import console, messages, print_json
from groundswell.cli.serve import environment_of
from groundswell.cli.simulate import JobWatch, hire
from groundswell.domain.addresses import parse
from groundswell.domain.errors import Unavailable
from groundswell.sdk import Client, Job
from groundswell.settings import Settings
from groundswell.tasktypes.registry import get
from groundswell.testing.crowd import SimulatedCrowd, spread_accuracy
from groundswell.testing.truth import Truth

TEAM = "demo-crew"
EMAIL = "admin@localhost"
START_TIMEOUT_S = 60.0


def free_port(wanted: int) -> int:
    """The wanted port, or another free one when somebody listens there."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Unavailable("no free port on 127.0.0.1")


def start_server(settings: Settings) -> subprocess.Popen[bytes]:
    """A server in a process of its own, answering; raises Unavailable with its last words when it does not start."""
    log = (settings.data_dir / "server.log").open("wb")
    command = [sys.executable, "-m", "groundswell.cli.main", "serve"]
    server = subprocess.Popen(
        command, env=environment_of(settings), stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
    )
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{settings.port}/healthz", timeout=2).is_success:
                return server
        except httpx.TransportError:
            time.sleep(0.1)
    server.terminate()
    last = (settings.data_dir / "server.log").read_text("utf-8", "replace")[-1_000:]
    raise Unavailable(f"the server did not start; its last words:\n{last}")


def job_spec(digits: Digits) -> dict[str, Any]:
    """The demo's job: three workers an object, more where they disagree."""
    return {
        "name": "handwritten-digits",
        "task_type": "image-classification",
        "input": digits.manifest_uri,
        "label_attribute": "digit",
        "labels": list(LABELS),
        "title": "Which digit is it?",
        "instructions": {
            "header": "Which digit is it?",
            "short": "Press the key of the digit you see, then Enter.\n\nA 7 may have a bar, a 1 may not have a foot.",
        },
        "workers": {"team": TEAM, "per_object": 3, "max_per_object": 9, "price_usd": "0.012", "estimated_seconds": 4},
        "consolidation": {"stop_at_confidence": 0.95},
    }


class Display:
    """The job as it goes, in the terminal; a line at the end where there is none."""

    def __init__(self, job: Job, crowd: SimulatedCrowd) -> None:
        self._job, self._crowd = job, crowd
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=40),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} labeled"),
            TextColumn("[dim]{task.fields[note]}[/]"),
            TimeElapsedColumn(),
            console=messages,
        )
        self._shown = self._bar.add_task("labeling", total=1, note="")
        self._started = time.monotonic()

    def live(self) -> Live:
        """The display; nothing where standard error is not a terminal."""
        return Live(
            self._bar, console=messages, refresh_per_second=5, transient=True, auto_refresh=messages.is_terminal
        )

    def update(self) -> None:
        """Show how far it is now."""
        counted, done = self._job.described.counters, self._crowd.done.submitted
        rate = done / max(0.1, time.monotonic() - self._started)
        note = f"{done:,} annotations by {len(self._crowd.done.by_worker)} workers, {rate:,.0f} a second"
        self._bar.update(self._shown, completed=counted.labeled, total=max(1, counted.total), note=note)


def accuracy_of(output: Iterable[bytes], truth: Truth, attribute: str) -> tuple[int, int]:
    """(right, labeled) of an output manifest against the truth."""
    right = labeled = 0
    for n, line in enumerate(b"".join(output).splitlines()):
        members = json.loads(line)
        if attribute in members:
            labeled += 1
            right += members[f"{attribute}-metadata"]["class-name"] == truth.of(n, members)
    return right, labeled


def run_job(client: Client, digits: Digits, *, workers: int, pace_s: float, seed: int) -> tuple[Job, Truth, int]:
    """Create the job, let the crowd label it, wait for its end: (job, truth, annotations)."""
    client.workforce.new_team(TEAM, description="The demo's simulated people")
    accuracies = spread_accuracy(workers, 0.6, 0.97, random.Random(seed))
    people = hire(client, TEAM, workers, accuracies)
    spec = job_spec(digits)
    job = client.jobs.create(spec)
    truth = Truth(digits.truth, get(spec["task_type"]), LABELS, attribute="truth")
    crowd = SimulatedCrowd(client.url, job.name, truth, people, task_type=spec["task_type"], seed=seed, pace_s=pace_s)
    watch, display = JobWatch(job), Display(job, crowd)

    def ended() -> bool:
        display.update()
        return watch.ended()

    with display.live():
        asyncio.run(crowd.work(ended))
    watch.close()
    job.wait(timeout_s=60)
    return job, truth, crowd.done.submitted


def demo(
    objects: Annotated[int, typer.Option(min=1, max=1797, help="How many of the 1,797 digits.")] = 300,
    workers: Annotated[int, typer.Option(min=1, max=200, help="How many simulated workers.")] = 12,
    pace: Annotated[float, typer.Option(min=0, help="Mean seconds between one worker's answers.")] = 0.25,
    seed: Annotated[int, typer.Option(help="The same seed, the same crowd.")] = 1,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The server's port; another when it is taken.")] = 8080,
    data_dir: Annotated[Path | None, typer.Option(help="Default: a new folder under groundswell-data/.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Exit when the job is Completed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """See everything work: handwritten digits, a private team of simulated workers, a labeled manifest.

    [dim]Example:[/]  groundswell demo --objects 1797 --once
    """
    bundle = bundled_digits()
    folder = data_dir or Path("groundswell-data") / f"demo-{time.strftime('%Y%m%d-%H%M%S')}"
    folder.mkdir(parents=True, exist_ok=True)
    password = os.environ.get("GROUNDSWELL_ADMIN_PASSWORD") or secrets.token_urlsafe(9)
    settings = Settings(data_dir=folder, port=free_port(port), admin_email=EMAIL, s3="local")
    os.environ["GROUNDSWELL_ADMIN_PASSWORD"] = password
    messages.print(f"writing {objects:,} handwritten digits and starting a server ...", style="dim")
    digits = write_digits(open_storage(settings), bundle, count=objects, seed=seed)
    server = start_server(settings)
    try:
        with Client(f"http://127.0.0.1:{settings.port}") as client:
            client.sign_in(EMAIL, password)
            job, truth, annotations = run_job(client, digits, workers=workers, pace_s=pace, seed=seed)
            right, labeled = accuracy_of(job.output(), truth, "digit")
            result = {
                "job": job.name,
                "state": job.state,
                "console": f"{client.url}/console/jobs/{job.name}",
                "output_manifest": job.described.output_manifest,
                "output_file": str(local_file(settings, job.described.output_manifest)),
                "objects": job.described.counters.total,
                "labeled": labeled,
                "accuracy": round(right / max(1, labeled), 4),
                "annotations": annotations,
                "email": EMAIL,
                "password": password,
            }
        report(result, as_json=as_json)
        if not once:
            messages.print("The server stays up. Stop it with Ctrl-C.", style="dim")
            server.wait()
    except KeyboardInterrupt:
        pass
    finally:
        server.terminate()
        server.wait(15)
    if job.state != "Completed":
        raise typer.Exit(1)


def local_file(settings: Settings, uri: str) -> Path:
    """Where an object of a local server is on this disk."""
    address = parse(uri)
    path = settings.data_dir / address.key
    if address.bucket:
        path = settings.data_dir / address.scheme / address.bucket / address.key
    return path.resolve()


def report(result: dict[str, Any], *, as_json: bool) -> None:
    """Say how it went."""
    if as_json:
        return print_json(result)
    each = result["annotations"] / max(1, result["labeled"])
    console.print(f"\n[bold]{result['job']}[/]: {result['state']}", highlight=False)
    console.print(f"  accuracy     {result['accuracy']:.1%} of {result['labeled']:,} labels are the known truth")
    console.print(f"  annotations  {result['annotations']:,} ({each:.1f} a data object)", highlight=False)
    console.print(f"  manifest     {result['output_file']}", highlight=False, soft_wrap=True)
    console.print(f"  console      {result['console']}", highlight=False, soft_wrap=True)
    console.print(f"  sign in as   {result['email']}  password {result['password']}\n", highlight=False)
    return None
