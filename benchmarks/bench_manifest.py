"""A manifest of a million lines: checked, made into a job, labeled, written out again.

Asked (issue A): a job in under a minute, flat memory under 300 MB, 200,000 lines/s checked or better, the first task
within ten seconds, an output manifest of a million labels in under a minute.

    python benchmarks/bench_manifest.py [--lines 1000000] [--database postgresql://...]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from groundswell.bootstrap import open_hooks
from groundswell.domain.labels import Label
from groundswell.domain.people import EVERYONE
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import JobState, ObjectState
from groundswell.manifests.lines import LineRules, check_lines
from groundswell.manifests.splitting import split_lines
from groundswell.objects.storage import Storage
from groundswell.runner.desk import Desk, Tools
from groundswell.runner.loop import Runner
from groundswell.runner.write_output import output
from groundswell.service.ports import ObjectFilter, Page, Store
from groundswell.settings import Settings
from groundswell.store.opening import open_store
from groundswell.wire.job_spec import JobSpec

RESULTS = Path(__file__).parent / "results"
MB = 1 << 20


class Memory:
    """The largest resident memory of this process while watched, sampled every 20 ms."""

    def __enter__(self) -> Memory:
        self._process = psutil.Process()
        self.before = self._process.memory_info().rss
        self.peak = self.before
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            self.peak = max(self.peak, self._process.memory_info().rss)


@dataclass
class Place:
    """A server's inside in a temporary folder."""

    folder: Path
    store: Store
    storage: Storage
    tools: Tools


def main() -> None:
    """Run everything, print a table, write `results/manifest.json`."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--lines", type=int, default=1_000_000)
    arguments.add_argument("--database", default=None, help="default: SQLite in a temporary folder")
    given = arguments.parse_known_args()[0]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(4) as pool:
        place = open_place(Path(folder), given.database, pool)
        figures: dict[str, Any] = {"lines": given.lines, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        figures["machine"] = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
        write_input(place, given.lines)
        figures |= check_rate(place)
        figures |= ingest(place, given.lines)
        figures |= output_rate(place, given.lines)
        place.store.close()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "manifest.json").write_text(json.dumps(figures, indent=2))
    for name, value in figures.items():
        print(f"{name:28} {value if isinstance(value, str) else format(value, ',.1f')}")


def open_place(folder: Path, database: str | None, pool: ThreadPoolExecutor) -> Place:
    """A store, a storage and a runner's tools."""
    store = open_store(database or f"sqlite:///{folder}/groundswell.db")
    storage = Storage(folder / "data")
    tools = Tools(store, storage, lambda: datetime.now(UTC), time.monotonic, pool, open_hooks(Settings(), store).open)
    return Place(folder, store, storage, tools)


def write_input(place: Place, count: int) -> None:
    """A manifest of texts of about 100 characters, each with two more keys."""

    def chunks() -> Iterator[bytes]:
        for start in range(0, count, 10_000):
            rows = range(start, min(start + 10_000, count))
            text = "the quick brown fox jumps over the lazy dog and sleeps"
            yield b"".join(b'{"source":"%s %d","id":"t-%d","split":"train"}\n' % (text.encode(), n, n) for n in rows)

    place.storage.write_stream("s3://bench/in.manifest", chunks())


def check_rate(place: Place) -> dict[str, float]:
    """Lines a second through the checker alone, on one core, the best of three."""
    lines = list(split_lines(place.storage.stream("s3://bench/in.manifest")))[:300_000]
    best = min(_timed(lambda: check_lines(lines, LineRules(label_attribute="a", needs="source"))) for _ in range(3))
    return {"checked_lines_per_s": len(lines) / best}


def ingest(place: Place, count: int) -> dict[str, float]:
    """From a new job to its first open task, and to its last row, with the memory that takes."""
    job = _add_job(place)
    runner = Runner(place.tools, "bench")
    began = time.perf_counter()
    first = 0.0
    with Memory() as memory:
        while True:
            runner.tick()
            now = place.store.read(lambda tx: tx.jobs.get(job.id))
            if not first and now.counters.open:
                first = time.perf_counter() - began
            if now.ingest.get("phase") == "done":
                break
    whole = time.perf_counter() - began
    assert now.counters.total == count
    runner.close()
    return {
        "first_task_s": first,
        "job_s": whole,
        "ingest_peak_mb": memory.peak / MB,
        "ingest_grew_mb": (memory.peak - memory.before) / MB,
    }


def output_rate(place: Place, count: int) -> dict[str, float]:
    """Seconds and memory to write the output manifest when every object has a label."""
    job = place.store.read(lambda tx: tx.jobs.by_name("bench"))
    at = datetime.now(UTC)
    said = {"class-name": "owl", "confidence": 0.95, "type": "groundtruth/text-classification"}
    said |= {"job-name": "labeling-job/bench", "human-annotated": "yes", "creation-date": "2026-11-20T08:01:16.123456"}
    _answer_all(place, job, count)
    put_s = 0.0
    for start in range(0, count, 5_000):
        labels = [Label(job.id, n, 1, said, 0.95, "owl", True, at, 3) for n in range(start, min(start + 5_000, count))]
        began = time.perf_counter()
        place.store.write(lambda tx, labels=labels: tx.labels.put(labels)).result()  # type: ignore[misc]
        put_s += time.perf_counter() - began
    desk = Desk(place.tools, place.store.read(lambda tx: tx.jobs.get(job.id)))
    with Memory() as memory:
        seconds = _timed(lambda: [None for _ in output(desk)])
    written = sum(1 for _ in split_lines(place.storage.stream(desk.layout.output_manifest)))
    assert written == count
    return {"labels_put_s": put_s, "output_s": seconds, "output_grew_mb": (memory.peak - memory.before) / MB}


def _answer_all(place: Place, job: LabelingJob, count: int) -> None:
    """Every object to answered, without the annotations: this measures the output, not the crowd."""
    pending = ObjectFilter(states=frozenset({ObjectState.OPEN}))
    opened = place.store.read(lambda tx: [one.n for one, _ in tx.objects.page(job.id, pending, Page(limit=2_000))])
    place.store.write(lambda tx: tx.objects.move(job.id, opened, "withdraw")).result()
    for start in range(0, count, 5_000):
        numbers = list(range(start, min(start + 5_000, count)))

        def work(tx: Any, numbers: list[int] = numbers) -> None:
            tx.tasks.publish(job.id, numbers, wanted=1, at=datetime.now(UTC))
            tx.objects.move(job.id, numbers, "answer")

        place.store.write(work).result()


def _add_job(place: Place) -> LabelingJob:
    spec = JobSpec.model_validate(
        {
            "name": "bench",
            "task_type": "text-classification",
            "labels": ["fox", "owl"],
            "input": "s3://bench/in.manifest",
        }
    )
    job = LabelingJob(
        id=0,
        name=spec.name,
        spec=spec.model_dump(mode="json"),
        task_type=spec.task_type,
        team_id=EVERYONE,
        state=JobState.INITIALIZING,
        created_at=datetime.now(UTC),
        created_by="bench",
        input_uri="s3://bench/in.manifest",
        output_uri="s3://bench/out/bench",
    )
    return place.store.write(lambda tx: tx.jobs.add(job)).result()


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
