"""`groundswell simulate`: a crowd of simulated workers labels a job over the real HTTP API."""

from __future__ import annotations

import asyncio
import random
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from groundswell.cli.connection import Token, Url, connect
from groundswell.cli.output import AsJson, console, messages, print_json, progress_bar
from groundswell.domain.errors import InvalidInput, Unavailable
from groundswell.sdk import Client, Job
from groundswell.sdk.jobs import ENDED
from groundswell.testing.crowd import SimulatedCrowd, SimulatedWorker, spread_accuracy
from groundswell.testing.truth import Truth

POLL_S = 0.5
STILL_S = 30.0  # without an answer or a label, before the crowd goes home
BUILT_IN_TEAMS = frozenset({"everyone", "public"})


def parse_range(text: str) -> tuple[float, float]:
    """`0.6:0.95` as two numbers; one number stands for both. Raises InvalidInput."""
    try:
        low, _, high = text.partition(":")
        bounds = float(low), float(high or low)
    except ValueError:
        bounds = (-1.0, -1.0)
    if not 0 <= bounds[0] <= bounds[1] <= 1:
        raise InvalidInput(f"expected accuracies such as 0.6:0.95, got {text!r}", field="accuracy")
    return bounds


def hire(client: Client, team: str, count: int, accuracies: list[float]) -> list[SimulatedWorker]:
    """Make accounts for a simulated crowd and put them into the team."""
    run = secrets.token_hex(3)
    crowd = []
    for index in range(count):
        worker = SimulatedWorker(
            f"sim-{run}-{index:03d}@simulated.invalid", secrets.token_urlsafe(12), accuracies[index]
        )
        client.workforce.new_worker(worker.email, name=f"Simulated {index + 1}", password=worker.password)
        if team not in BUILT_IN_TEAMS:
            client.workforce.add_member(team, worker.email)
        crowd.append(worker)
    return crowd


class JobWatch:
    """Asks the server about a job twice a second, in a thread of its own, and remembers the answer."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()

    def _poll(self) -> None:
        while not self._end.wait(POLL_S) and not self.ended():
            with suppress(Unavailable):  # a server that starts again is asked again
                self.job.refresh()

    def ended(self) -> bool:
        """Whether the job had ended when the server was last asked."""
        return self.job.state in ENDED

    def close(self) -> None:
        """Stop asking."""
        self._end.set()
        self._thread.join()


@dataclass
class Stillness:
    """Whether nothing has moved for a while: a job that waits for more people than the crowd has never ends."""

    limit_s: float
    monotonic: Callable[[], float] = time.monotonic
    _moved: object = None
    _since: float = 0.0

    def lasts(self, moved: object) -> bool:
        """Whether `moved`, whatever counts as movement, has been the same for longer than the limit."""
        now = self.monotonic()
        if moved != self._moved:
            self._moved, self._since = moved, now
        return now - self._since > self.limit_s


def simulate(
    name: Annotated[str, typer.Argument(metavar="JOB", help="The job's name.")],
    truth: Annotated[Path, typer.Option(help="A labeled manifest of the same objects: what the crowd knows.")],
    workers: Annotated[int, typer.Option(min=1, max=1_000, help="How many.")] = 30,
    accuracy: Annotated[str, typer.Option(help="Of the worst and of the best worker.")] = "0.6:0.95",
    seed: Annotated[int, typer.Option(help="The same seed, the same crowd.")] = 0,
    pace: Annotated[float, typer.Option(min=0, help="Mean seconds between one worker's answers.")] = 0.0,
    label_attribute: Annotated[str | None, typer.Option(help="The truth's label attribute.")] = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Let a simulated crowd label a job: to try settings out, and to test a server.

    [dim]Example:[/]  groundswell simulate digits --truth digits.manifest --workers 30 --accuracy 0.6:0.95 --seed 1
    """
    from groundswell.tasktypes.registry import get

    low, high = parse_range(accuracy)
    with connect(url, token) as client:
        job = client.jobs.get(name)
        labels = job.described.spec.get("labels", [])
        known = Truth(truth.open("rb"), get(job.described.task_type), labels, attribute=label_attribute)
        accuracies = spread_accuracy(workers, low, high, random.Random(seed))
        people = hire(client, job.described.team, workers, accuracies)
        crowd = SimulatedCrowd(
            client.url, name, known, people, task_type=job.described.task_type, seed=seed, pace_s=pace
        )
        watch = JobWatch(job)
        still = Stillness(STILL_S + 10 * pace)
        with progress_bar() as bar:
            shown = bar.add_task(name, total=None)

            def ended() -> bool:
                counted = job.described.counters
                bar.update(shown, completed=counted.labeled + counted.failed, total=counted.total or None)
                moved = (job.state, counted.pending, counted.labeled, counted.failed, crowd.done.submitted)
                return watch.ended() or (job.state != "Initializing" and still.lasts(moved))

            done = asyncio.run(crowd.work(ended))
        watch.close()
    if as_json:
        print_json({"job": name, "state": job.state, "submitted": done.submitted, "refused": done.refused})
    else:
        console.print(f"{name}: {job.state}, {done.submitted:,} annotations by {workers} simulated workers")
    if job.state not in ENDED:
        messages.print(
            f"nobody of the crowd was given a task for {still.limit_s:g} s: the job is paused, held up, or asks for "
            "more workers than came (workers.per_object and max_per_object; simulate --workers)"
        )
