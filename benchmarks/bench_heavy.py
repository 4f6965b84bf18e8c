"""Whether heavy work of one job delays another job's workers: submit latency, quiet and meanwhile, in one run.

A real server with its runner; one worker submits to a small job all the time. Meanwhile, one after the other: a full
fit of 20,000 objects, a mask of 4000 x 3000 pixels, and the list of 200 jobs. Asked: none delays a submit by more than
50 ms. The first fit of so many objects includes the compiler's time, where numba is there.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

from benchmarks.bench_cycles import RESULTS, WORKERS, add_lines, prepare, server, sign_in
from groundswell.bootstrap import utc_now
from groundswell.domain.job_notes import IngestReport
from groundswell.domain.records import Annotation, LabelingJob
from groundswell.domain.states import JobState
from groundswell.service.labeling_jobs import create
from groundswell.service.ports import Store, Transaction
from groundswell.store.opening import open_store
from groundswell.testing.acting import acting, acts_over
from groundswell.wire.job_spec import JobSpec

SMALL, LARGE = 20_000, 20_000  # objects
PER_OBJECT = 5
TOGETHER = 500  # objects answered in one transaction
LISTED = 200  # jobs
MASKS = 3
LABELS = ["Basketball", "Soccer", "Swimming"]
SUBMIT = {"answer": {"crowd-image-classifier": {"label": "Soccer"}}, "time_spent_s": 1.5}


@dataclass(frozen=True)
class Delay:
    """Submit latencies of one worker, in milliseconds."""

    meanwhile: str
    submits: int
    median_ms: float
    p99_ms: float
    worst_ms: float


class Worker:
    """Submits to a job, one task after the other."""

    def __init__(self, port: int, token: str, job: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=headers, timeout=120)
        self.job = job

    def take(self) -> str:
        """A task's assignment."""
        answer = self.client.post(f"/jobs/{self.job}/assignments")
        answer.raise_for_status()
        return str(answer.json()["assignment_id"])

    def submit(self, assignment: str, body: Any = SUBMIT) -> float:
        """The milliseconds that submitting takes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        began = time.perf_counter()
        self.client.put(
            f"/assignments/{assignment}/annotation", content=data, headers={"Content-Type": "application/json"}
        ).raise_for_status()
        return (time.perf_counter() - began) * 1000

    def watch(self, meanwhile: str, until: Callable[[], bool]) -> Delay:
        """Submit until told that it is enough."""
        times = []
        while not until():
            times.append(self.submit(self.take()))
        ordered = sorted(times)
        return Delay(
            meanwhile,
            len(times),
            round(statistics.median(ordered), 1),
            round(ordered[int(len(ordered) * 0.99)], 1),
            round(ordered[-1], 1),
        )


def elapsed(seconds: float) -> Callable[[], bool]:
    """Whether so many seconds have passed since now."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def add_job(store: Store, name: str, objects: int, **fields: Any) -> LabelingJob:
    """A job in progress, as after ingest."""
    owner = store.read(lambda tx: tx.workers.get("owner"))
    given = {"name": name, "task_type": "image-classification", "labels": LABELS, "input": "s3://bench/x", **fields}
    spec = JobSpec.model_validate(given)
    job = create(acts_over(store), acting(owner), spec.model_dump(mode="json"))
    add_lines(store, job.id, 0, objects)
    done = IngestReport(phase="done", done=objects, total=objects)
    store.write(lambda tx: tx.jobs.update(job.id, ingest=done)).result()
    return store.write(lambda tx: tx.jobs.set_state(job.id, "start", at=utc_now())).result()


def answer_all(store: Store, job: LabelingJob) -> None:
    """Every object of the job gets its answers, of workers of differing skill, straight into the store."""
    rng = np.random.default_rng(3)
    right, guess = rng.random((LARGE, WORKERS)), rng.integers(0, len(LABELS), (LARGE, WORKERS))
    now = utc_now()

    def some(tx: Transaction, start: int) -> None:
        tx.tasks.publish(job.id, range(start, start + TOGETHER), wanted=PER_OBJECT, at=now)
        for j, w in ((j, (start + j) % WORKERS) for j in range(PER_OBJECT)):
            for i in range(TOGETHER):
                held = tx.assignments.take(
                    job.id, f"w{w}", assignment_id=f"{start:06}-{j}-{i}", at=now, expires_at=now, reward_usd_micros=0
                )
                assert held is not None
                label = LABELS[held.n % 3 if right[held.n, w] < 0.6 + 0.01 * w else guess[held.n, w]]
                content = {"crowd-image-classifier": {"label": label}}
                tx.assignments.submit(Annotation(held.id, job.id, held.n, held.worker_id, content, now, now, 1.0))

    for start in range(0, LARGE, TOGETHER):
        store.write(lambda tx, start=start: some(tx, start)).result()  # type: ignore[misc]


def mask_answer() -> bytes:
    """A painted mask of twelve million pixels, as a browser submits it."""
    rng = np.random.default_rng(1)
    plane = np.kron(rng.integers(0, 2, (75, 100)), np.ones((40, 40), int)).astype(bool)
    pixels = np.where(plane[..., None], np.array([10, 20, 30], np.uint8), np.uint8(255))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    mask = {
        "labeledImage": {"pngImageData": base64.b64encode(file.getvalue()).decode()},
        "labelMappings": {LABELS[0]: {"color": "#0a141e"}},
        "inputImageProperties": {"width": 4000, "height": 3000},
    }
    return json.dumps({"answer": {"crowd-semantic-segmentation": mask}, "time_spent_s": 60}).encode()


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Work in a thread of its own; gives whether it is done."""
    thread = threading.Thread(target=work)
    thread.start()
    yield lambda: not thread.is_alive()
    thread.join()


def light_things(folder: Path, url: str, runs: list[Delay], *, seconds: float) -> None:
    """Quiet; then while another worker asks for the list of jobs; then while one submits masks."""
    with server(folder, url, with_runner=True) as (port, _):
        tokens = sign_in(port, 3)
        worker, other, painter = (Worker(port, token, "bench") for token in tokens)
        worker.watch("warming up", elapsed(2))
        runs.append(worker.watch("nothing", elapsed(seconds)))

        def list_jobs() -> None:
            enough = elapsed(seconds)
            while not enough():
                assert len(other.client.get("/me/jobs").raise_for_status().json()["jobs"]) >= LISTED // 2

        with beside(list_jobs) as listed:
            runs.append(worker.watch(f"a list of {LISTED} jobs, again and again", listed))
        answer = mask_answer()

        def paint() -> None:
            painter.job = "masks"
            for _ in range(MASKS):
                painter.submit(painter.take(), answer)

        with beside(paint) as painted:
            runs.append(worker.watch(f"{MASKS} masks of 4000 x 3000 pixels submitted and consolidated", painted))
        runs.append(worker.watch("their consolidation", elapsed(seconds)))


def a_large_fit(folder: Path, url: str, runs: list[Delay], *, at_most_s: float) -> None:
    """While a job of many answered objects is caught up with, labeled and fitted by a fresh runner."""
    with server(folder, url, with_runner=True) as (port, _):
        worker = Worker(port, sign_in(port, 1)[0], "bench")
        store, end = open_store(url), elapsed(at_most_s)

        def fitted() -> bool:
            return end() or store.read(lambda tx: tx.jobs.by_name("large")).state is JobState.COMPLETED

        runs.append(worker.watch(f"{LARGE:,} objects labeled and fitted by the runner", fitted))
        done = store.read(lambda tx: tx.jobs.by_name("large"))
        print(f"large: {done.state.value}, {done.counters.human_labeled:,} labeled")
        store.close()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--at-most-s", type=float, default=90)
    options = parser.parse_known_args()[0]
    runs: list[Delay] = []
    with tempfile.TemporaryDirectory(prefix="gs-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/bench.db"
        store = open_store(url)
        prepare(store, objects=SMALL, workers=WORKERS, per_object=1)
        for number in range(LISTED):
            add_job(store, f"listed-{number}", 1)
        masks = {"task_type": "semantic-segmentation", "label_attribute": "mask-ref", "workers": {"per_object": 1}}
        add_job(store, "masks", MASKS, **masks)
        light_things(folder, url, runs, seconds=options.seconds)
        answer_all(store, add_job(store, "large", LARGE, workers={"per_object": PER_OBJECT}))
        store.close()
        a_large_fit(folder, url, runs, at_most_s=options.at_most_s)
    print(f"{'meanwhile':60}{'submits':>9}{'median':>8}{'p99':>8}{'worst':>8}  ms")
    for run in runs:
        print(f"{run.meanwhile:60}{run.submits:9}{run.median_ms:8}{run.p99_ms:8}{run.worst_ms:8}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "heavy.json").write_text(json.dumps([asdict(run) for run in runs], indent=1))


if __name__ == "__main__":
    main()
