"""A whole job over real HTTP: people label a part, a model the rest, and the runner is killed in every phase."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import own_loop
from groundswell.autolabel.certificate import check_certificate
from groundswell.cli.simulate import hire
from groundswell.domain.errors import GroundswellError
from groundswell.sdk import Client, Job
from groundswell.sdk.jobs import ENDED
from groundswell.tasktypes.registry import get
from groundswell.testing.crowd import SimulatedCrowd, spread_accuracy
from groundswell.testing.truth import Truth
from integration.processes import EMAIL, PASSWORD, Processes

OBJECTS = 700
DEADLINE_S = 200.0
WORDS = {
    "owl": ["night", "hoot", "mouse", "silent", "moon", "tree"],
    "duck": ["pond", "quack", "bread", "swim", "reed", "water"],
    "hawk": ["claw", "dive", "cliff", "sharp", "prey", "wind"],
}
LABELS = list(WORDS)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    started = Processes(tmp_path)
    started.start("server")
    started.start("runner")
    yield started
    started.close()


def texts() -> tuple[list[dict[str, str]], list[int]]:
    rng = random.Random(4)
    truth = [rng.randrange(len(LABELS)) for _ in range(OBJECTS)]
    lines = [{"source": f"{n} " + " ".join(rng.choices(WORDS[LABELS[k]], k=5))} for n, k in enumerate(truth)]
    return lines, truth


async def work_and_kill(processes: Processes, job: Job, crowd: SimulatedCrowd) -> set[str]:
    """Let the crowd work; kill the runner when each phase is first seen; the phases it was killed in."""
    seen: set[str] = set()
    state = {"ended": False}
    end = time.monotonic() + DEADLINE_S

    async def look() -> None:
        while not state["ended"]:
            await asyncio.sleep(0.1)
            try:
                loop = await asyncio.to_thread(job.auto_labeling)
                await asyncio.to_thread(job.refresh)
            except GroundswellError:
                continue
            if loop.phase in ("preparing", "learning", "auditing", "labeling") and loop.phase not in seen:
                seen.add(loop.phase)
                processes.kill("runner")
                processes.start("runner")
            state["ended"] = job.state in ENDED or time.monotonic() > end

    await asyncio.gather(crowd.work(lambda: bool(state["ended"])), look())
    return seen


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_model_labels_what_it_can_and_the_runner_is_killed_in_every_phase(
    processes: Processes, tmp_path: Path
) -> None:
    lines, truth = texts()
    (tmp_path / "in.manifest").write_text("".join(json.dumps(line) + "\n" for line in lines))
    known = [
        json.dumps({**line, "t": k, "t-metadata": {"class-name": LABELS[k]}}).encode()
        for line, k in zip(lines, truth, strict=True)
    ]
    with Client(processes.url) as client:
        client.sign_in(EMAIL, PASSWORD)
        people = hire(client, "everyone", 6, spread_accuracy(6, 0.97, 1.0, random.Random(0)))
        job = client.jobs.create(
            {
                "name": "birds",
                "task_type": "text-classification",
                "input": str(tmp_path / "in.manifest"),
                "labels": LABELS,
                "workers": {"per_object": 2},
                "auto_labeling": {"enabled": True, "seed": 6},
            }
        )
        kind = get("text-classification")
        crowd = SimulatedCrowd(
            processes.url, "birds", Truth(known, kind, LABELS), people, task_type=kind.name, pace_s=0.05, seed=7
        )
        with ThreadPoolExecutor(1) as apart:
            seen = apart.submit(lambda: own_loop.run(work_and_kill(processes, job, crowd))).result()
        assert job.refresh().state == "Completed", job.auto_labeling()
        loop, counters = job.auto_labeling(), job.described.counters
        output = [json.loads(line) for line in b"".join(job.output()).splitlines()]

    assert {"learning", "auditing"} <= seen
    machine = [n for n, line in enumerate(output) if line["birds-metadata"]["human-annotated"] == "no"]
    assert counters.labeled == OBJECTS and counters.machine_labeled == len(machine) > 200
    assert sum(output[n]["birds"] == truth[n] for n in machine) >= 0.95 * len(machine)
    assert all(line["birds-metadata"]["model-arn"] for n, line in enumerate(output) if n in set(machine))
    proven = [one for one in loop.attempts if one.outcome == "certified"][-1]
    found = list((tmp_path / "output/birds").glob(f"activelearning/{proven.attempt}/certificate.json"))
    assert check_certificate(json.loads(found[0].read_bytes())) == []
