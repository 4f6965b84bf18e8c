"""Killing the server and the runner at random moments loses no acknowledged annotation and gives out no task twice."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import own_loop
from groundswell.cli.simulate import hire
from groundswell.domain.errors import GroundswellError
from groundswell.sdk import Client, Job
from groundswell.sdk.jobs import ENDED
from groundswell.tasktypes.registry import get
from groundswell.testing.crowd import CrowdRun, SimulatedCrowd, spread_accuracy
from groundswell.testing.truth import Truth
from integration.processes import EMAIL, PASSWORD, Processes

KILLS = 50
OBJECTS = 400
LABELS = ["cat", "dog", "owl"]
DEADLINE_S = 240.0


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    started = Processes(tmp_path)
    started.start("server")
    started.start("runner")
    yield started
    started.close()


def labeled_manifest(path: Path) -> tuple[Path, list[bytes]]:
    """A manifest of texts, and the same with their truth."""
    rng = random.Random(5)
    texts = [{"source": f"text {n}"} for n in range(OBJECTS)]
    path.write_text("".join(json.dumps(line) + "\n" for line in texts))
    truth = []
    for line in texts:
        known = rng.randrange(len(LABELS))
        truth.append(json.dumps({**line, "t": known, "t-metadata": {"class-name": LABELS[known]}}).encode())
    return path, truth


async def kill_while_working(processes: Processes, job: Job, crowd: SimulatedCrowd) -> CrowdRun:
    """Let the crowd work while one process after the other is killed and started again."""
    rng = random.Random(6)
    end = time.monotonic() + DEADLINE_S
    state = {"kills": 0, "ended": False}

    async def kill() -> None:
        for turn in range(KILLS):
            await asyncio.sleep(rng.uniform(0.02, 0.5))
            what = ("server", "runner")[turn % 2]
            processes.kill(what)
            processes.start(what, wait=False)
            if what == "server":
                await asyncio.to_thread(processes.wait_for_server)
            state["kills"] += 1

    async def look() -> None:
        while not state["ended"]:
            await asyncio.sleep(0.3)
            try:
                await asyncio.to_thread(job.refresh)
            except GroundswellError:
                continue
            state["ended"] = job.state in ENDED or time.monotonic() > end

    done, _, _ = await asyncio.gather(crowd.work(lambda: bool(state["ended"])), kill(), look())
    assert state["kills"] == KILLS
    return done


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_fifty_kills_lose_nothing_and_repeat_nothing(processes: Processes, tmp_path: Path) -> None:
    manifest, truth_lines = labeled_manifest(tmp_path / "texts.manifest")
    with Client(processes.url) as client:
        client.sign_in(EMAIL, PASSWORD)
        people = hire(client, "everyone", 6, spread_accuracy(6, 0.7, 0.95, random.Random(0)))
        job = client.jobs.create(
            {
                "name": "killed",
                "task_type": "text-classification",
                "input": str(manifest),
                "labels": LABELS,
                "workers": {"per_object": 3, "max_concurrent_objects": 50},
            }
        )
        truth = Truth(truth_lines, get("text-classification"), LABELS)
        crowd = SimulatedCrowd(
            processes.url, "killed", truth, people, task_type="text-classification", pace_s=0.12, seed=7
        )
        with ThreadPoolExecutor(1) as apart:  # a browser test in this process leaves an event loop running
            done = apart.submit(lambda: own_loop.run(kill_while_working(processes, job, crowd))).result()
        assert job.refresh().state == "Completed"
        kept = [one for n in range(OBJECTS) for one in job.object(n).annotations]
        counters = job.described.counters
        output = b"".join(job.output()).splitlines()

    ids = {one.assignment_id for one in kept}
    assert set(done.kept) <= ids, "an acknowledged annotation is gone"
    assert max(Counter(one.n for one in kept).values()) <= 3, "an object was given out more often than asked"
    assert max(Counter((one.worker, one.n) for one in kept).values()) == 1, "a worker got an object twice"
    assert counters.annotations == len(kept) == 3 * OBJECTS
    assert counters.human_labeled == OBJECTS == len(output)
    assert all("killed-metadata" in json.loads(line) for line in output)
