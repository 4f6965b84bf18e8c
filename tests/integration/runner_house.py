"""A house to run jobs in: any store, storage in memory, a clock that tests move, workers that answer."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from groundswell.compute.futures import Elsewhere, Here
from groundswell.domain.hooks import HookCaller
from groundswell.domain.people import EVERYONE, Account
from groundswell.domain.records import Annotation, Assignment, LabelingJob
from groundswell.domain.states import ENDED, JobState
from groundswell.hooks.targets import Hook
from groundswell.runner.desk import Tools
from groundswell.runner.loop import Runner
from groundswell.service.ports import ObjectStorage, Store, Transaction
from groundswell.testing.acting import member
from groundswell.testing.memory_storage import MemoryStorage
from groundswell.wire.job_spec import JobSpec

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
Answer = Callable[[str, int], str]
TEXTS = [{"source": f"bird {n}", "id": f"t-{n}", "note": "ü\n\t"} for n in range(30)]
LABELS = ["owl", "duck", "hawk"]


class House:
    """One server's inside."""

    def __init__(self, store: Store, pool: ThreadPoolExecutor) -> None:
        self.store = store
        self.storage = MemoryStorage()
        self.runner_store: Store = store  # what the runner sees of them
        self.runner_storage: ObjectStorage = self.storage
        self.now = START
        self.slice_s = 0.2
        self.elsewhere: Elsewhere = Here()
        self.current = "Birds-1"  # the job that everybody works on
        self.hooks: dict[str, Callable[[Any], Any]] = {}
        self._pool = pool
        self._set_back = timedelta()
        self._ids = itertools.count(1)
        self.runner = self.new_runner()

    def new_runner(self, name: str = "runner") -> Runner:
        """Another process, as after a crash of the one before."""
        tools = Tools(
            store=self.runner_store,
            storage=self.runner_storage,
            clock=lambda: self.now,
            monotonic=lambda: (self.now + self._set_back).timestamp(),
            pool=self._pool,
            elsewhere=self.elsewhere,
            open_hook=self._open_hook,
            slice_s=self.slice_s,
        )
        self.runner = Runner(tools, name)
        return self.runner

    def set_clock_back(self, by: timedelta) -> None:
        """Somebody corrects the clock on the wall; the one that only goes forward goes on."""
        self.now -= by
        self._set_back += by

    def add_workers(self, count: int) -> list[str]:
        names = [f"w{index}" for index in range(count)]
        for name in names:
            worker = member(name, name, at=START)
            self.write(partial(_add_worker, worker))
        return names

    def create(self, lines: list[Any] | bytes, **fields: Any) -> LabelingJob:
        """A job over these manifest lines."""
        spec = JobSpec.model_validate(
            {"name": "Birds-1", "task_type": "text-classification", "labels": ["owl", "duck", "hawk"], **fields}
        )
        data = lines if isinstance(lines, bytes) else "".join(json.dumps(line) + "\n" for line in lines).encode()
        uri = spec.input or "s3://in/birds.manifest"
        if data:
            self.storage.write(uri, data)
        job = LabelingJob(
            id=0,
            name=spec.name,
            spec=spec.model_dump(mode="json"),
            task_type=spec.task_type,
            team_id=EVERYONE,
            state=JobState.INITIALIZING,
            created_at=self.now,
            created_by="requester",
            input_uri=uri,
            output_uri=f"{spec.output or 's3://out'}/{spec.name}",
        )
        added: LabelingJob = self.write(lambda tx: tx.jobs.add(job))
        return added

    def take(self, worker: str) -> Assignment | None:
        job, found = self.job(), f"a{next(self._ids):06}"
        taken: Assignment | None = self.write(
            lambda tx: tx.assignments.take(
                job.id,
                worker,
                assignment_id=found,
                at=self.now,
                expires_at=self.now + timedelta(minutes=5),
                reward_usd_micros=round(float(job.spec["workers"]["price_usd"]) * 1_000_000),
            )
        )
        return taken

    def submit(self, held: Assignment, content: dict[str, Any]) -> None:
        annotation = Annotation(held.id, held.job_id, held.n, held.worker_id, content, held.accepted_at, self.now, 1.5)
        self.write(lambda tx: tx.assignments.submit(annotation))

    def decline(self, held: Assignment) -> None:
        self.write(lambda tx: tx.assignments.give_back(held.id, "decline", at=self.now))

    def work(self, answer: Answer, workers: list[str], *, rounds: int = 1000) -> int:
        """Everyone takes and submits until nobody gets a task; the number of annotations."""
        submitted = 0
        for _ in range(rounds):
            got = 0
            for worker in workers:
                held = self.take(worker)
                if held is not None:
                    self.submit(held, {"crowd-classifier": {"label": answer(worker, held.n)}})
                    got += 1
            if not got:
                break
            submitted += got
        return submitted

    def tick(self, count: int = 1, *, seconds: float = 1.0) -> None:
        for _ in range(count):
            self.now += timedelta(seconds=seconds)
            self.runner.tick()

    def finish(self, answer: Answer, workers: list[str], *, ticks: int = 200) -> LabelingJob:
        """Work and tick until the job has ended."""
        for _ in range(ticks):
            self.tick()
            if self.job().state in ENDED:
                return self.job()
            if self.job().state is JobState.IN_PROGRESS:
                self.work(answer, workers)
        raise AssertionError(f"the job has not ended: {self.job()}")

    def job(self, name: str | None = None) -> LabelingJob:
        return self.store.read(lambda tx: tx.jobs.by_name(name or self.current))

    def write(self, work: Callable[[Any], Any]) -> Any:
        return self.store.write(work).result()

    def read(self, work: Callable[[Any], Any]) -> Any:
        return self.store.read(work)

    def output(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output_bytes().splitlines()]

    def output_bytes(self) -> bytes:
        return self.storage.read(f"{self.job().output_uri}/manifests/output/output.manifest")

    def files(self, folder: str) -> list[str]:
        prefix = f"{self.job().output_uri}/{folder}"
        return [uri.removeprefix(prefix) for uri, _ in self.storage.entries(prefix)]

    def _open_hook(self, target: str, caller: HookCaller) -> Hook:
        return _Function(self.hooks[target])


class _Function:
    """A hook that is a function of this test."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def call(self, event: Any, *, payload: str | None = None) -> Any:
        return self._function(event)

    def close(self) -> None:
        return None


def _add_worker(worker: Account, tx: Transaction) -> None:
    tx.workers.add(worker, password_hash=None)
