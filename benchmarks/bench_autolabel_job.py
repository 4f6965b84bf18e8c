"""What automated labeling saves in a whole job: over real HTTP, with a simulated crowd, on sets beside this house.

A server and a runner as processes, twelve workers right in 93 to 99 % of cases, three answers an object. Printed:
the share labeled by machine and its true accuracy, labels by people, answers beyond three an object, audits, time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from groundswell.cli.demo import free_port
from groundswell.cli.simulate import hire
from groundswell.domain.errors import GroundswellError, Unavailable
from groundswell.sdk import Client, Job
from groundswell.sdk.jobs import ENDED
from groundswell.tasktypes.registry import get
from groundswell.testing.crowd import SimulatedCrowd, spread_accuracy
from groundswell.testing.truth import Truth

SHARED = Path(os.environ.get("GROUNDSWELL_SHARED", Path(__file__).parents[2] / "shared"))
RESULTS = Path(__file__).parent / "results"
SETS = {"mnist5k": "image-classification", "stackoverflow10k": "text-classification"}
ASKED = {"mnist5k": 0.85, "stackoverflow10k": 0.62}  # share on the default install, of perfect labels
WORKERS, PER_OBJECT = 12, 3
EMAIL, PASSWORD = "admin@example.com", "correct horse battery"
LONGEST_S = 3_000


@dataclass(frozen=True)
class Result:
    """One job."""

    name: str
    objects: int
    machine: int
    right: float  # of the machine's labels, by the truth
    people: int
    extra: int  # answers beyond three for each object that people labeled
    rounds: int
    attempts: list[tuple[str, int]]  # outcome, audited
    seconds: float
    reason: str | None


@contextmanager
def serving(data_dir: Path) -> Iterator[str]:
    """A server and a runner over a fresh data directory; the server's address."""
    port = free_port(0)
    environment = {
        **os.environ,
        "GROUNDSWELL_DATA_DIR": str(data_dir),
        "GROUNDSWELL_PORT": str(port),
        "GROUNDSWELL_ADMIN_EMAIL": EMAIL,
        "GROUNDSWELL_ADMIN_PASSWORD": PASSWORD,
    }
    with (data_dir / "log").open("ab") as log:
        command = [sys.executable, "-m", "groundswell.cli.main", "serve"]
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def unlabeled(name: str, into: Path) -> tuple[Path, list[bytes]]:
    """The set without its labels, in a folder the server may read; and its labeled lines."""
    source = SHARED / "auto" / name if (SHARED / "auto").is_dir() else SHARED / "data" / "auto" / name
    lines = (source / "labeled.manifest").read_bytes().splitlines()
    if (source / "images").is_dir():
        shutil.copytree(source / "images", into / "images")
    path = into / "in.manifest"
    given = [{key: value for key, value in json.loads(line).items() if key.startswith("source")} for line in lines]
    path.write_text("".join(json.dumps(line) + "\n" for line in given))
    return path, lines


def run(name: str, *, seed: int, pace_s: float) -> Result:
    """A whole job."""
    with tempfile.TemporaryDirectory(prefix="gs-") as folder, serving(Path(folder)) as url, Client(url) as client:
        (Path(folder) / "in").mkdir()
        manifest, lines = unlabeled(name, Path(folder) / "in")
        labels = labels_of(lines)
        _sign_in(client)
        people = hire(client, "everyone", WORKERS, spread_accuracy(WORKERS, 0.93, 0.99, random.Random(seed)))
        job = client.jobs.create(
            {
                "name": name,
                "task_type": SETS[name],
                "input": str(manifest),
                "labels": labels,
                "workers": {"per_object": PER_OBJECT},
                "auto_labeling": {"enabled": True, "seed": seed},
            }
        )
        truth = Truth(lines, get(SETS[name]), labels)
        crowd = SimulatedCrowd(url, name, truth, people, task_type=SETS[name], seed=seed, pace_s=pace_s)
        began = time.perf_counter()
        _work(job, crowd)
        return _result(name, job, lines, time.perf_counter() - began)


def labels_of(lines: Sequence[bytes]) -> list[str]:
    """The label categories, in the order of their index."""
    named: dict[int, str] = {}
    for line in lines:
        members = json.loads(line)
        attribute = next(key for key in members if f"{key}-metadata" in members)
        named[int(members[attribute])] = members[f"{attribute}-metadata"]["class-name"]
    return [named[k] for k in sorted(named)]


def _sign_in(client: Client) -> None:
    for _ in range(600):
        with suppress(Unavailable):
            client.sign_in(EMAIL, PASSWORD)
            return
        time.sleep(0.1)
    raise Unavailable("the server has not started")


def _work(job: Job, crowd: SimulatedCrowd) -> None:
    end = time.monotonic() + LONGEST_S

    def ended() -> bool:
        return job.state in ENDED or time.monotonic() > end

    def watch() -> None:
        while not ended():
            time.sleep(0.5)
            with suppress(GroundswellError):
                job.refresh()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    asyncio.run(crowd.work(ended))
    thread.join()


def _result(name: str, job: Job, lines: Sequence[bytes], seconds: float) -> Result:
    counters = job.refresh().described.counters
    loop = job.auto_labeling()
    output = [json.loads(line) for line in b"".join(job.output()).splitlines()]
    truth = [json.loads(line) for line in lines]
    attribute = next(key for key in truth[0] if f"{key}-metadata" in truth[0])
    by_machine = [n for n, line in enumerate(output) if line.get(f"{name}-metadata", {}).get("human-annotated") == "no"]
    right = sum(output[n][name] == truth[n][attribute] for n in by_machine)
    return Result(
        name,
        counters.total,
        counters.machine_labeled,
        right / max(len(by_machine), 1),
        counters.human_labeled,
        counters.annotations - PER_OBJECT * counters.human_labeled,
        len(loop.rounds),
        [(one.outcome, one.audited) for one in loop.attempts],
        seconds,
        loop.reason,
    )


def main(asked: Sequence[str] = ()) -> None:
    """Every set there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", action="append", choices=sorted(SETS))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--pace", type=float, default=0.05, help="mean seconds between one worker's answers")
    given = parser.parse_args(list(asked))
    found: list[dict[str, Any]] = []
    print(f"{'set':18}{'seed':>5}{'machine':>9}{'share':>7}{'right':>8}{'people':>8}{'extra':>7}{'audited':>9}{'s':>7}")
    for name in given.set or sorted(SETS):
        for seed in range(1, given.seeds + 1):
            one = run(name, seed=seed, pace_s=given.pace)
            found.append(asdict(one))
            audited = sum(count for _, count in one.attempts)
            share = one.machine / one.objects
            print(
                f"{name:18}{seed:5}{one.machine:9,}{share:7.1%}{one.right:8.2%}{one.people:8,}{one.extra:7,}"
                f"{audited:9,}{one.seconds:7.0f}   asked of perfect labels {ASKED[name]:.0%}; {one.reason}",
                flush=True,
            )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "autolabel_job.json").write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
