"""A simulated crowd that signs in and labels over the real HTTP API, as people's browsers do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from groundswell.domain.errors import Conflict, GroundswellError, Unavailable
from groundswell.sdk import AsyncClient
from groundswell.tasktypes import registry
from groundswell.tasktypes.simulated import on_picture
from groundswell.testing.truth import Truth
from groundswell.wire.work import TakenTask

T = TypeVar("T")
IDLE_PAUSE_S = 0.2
SECONDS_PER_ANSWER = 4.0  # what they say they spent: mean of an exponential


@dataclass(frozen=True)
class SimulatedWorker:
    """One member of the crowd."""

    email: str
    password: str
    accuracy: float  # chance of the right answer


@dataclass
class CrowdRun:
    """What the crowd did so far."""

    kept: dict[str, tuple[str, int]] = field(default_factory=dict)  # assignment: worker, data object, as acknowledged
    refused: int = 0
    by_worker: dict[str, int] = field(default_factory=dict)

    @property
    def submitted(self) -> int:
        """Annotations the server has acknowledged."""
        return len(self.kept)


def spread_accuracy(count: int, low: float, high: float, rng: random.Random) -> list[float]:
    """Accuracies from low to high, evenly, in random order."""
    step = (high - low) / max(1, count - 1)
    found = [low + step * index for index in range(count)]
    rng.shuffle(found)
    return found


class SimulatedCrowd:
    """Workers who label one job until it has ended.

    pace_s: mean pause between answers of one worker; 0 is as fast as the server answers.
    """

    def __init__(
        self,
        url: str,
        job: str,
        truth: Truth,
        workers: Sequence[SimulatedWorker],
        *,
        task_type: str,
        seed: int = 0,
        pace_s: float = 0.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        answerer = registry.get(task_type).simulate
        if answerer is None:
            known = ", ".join(name for name, kind in registry.every().items() if kind.simulate)
            raise Unavailable(f"the simulated crowd knows {known}, not {task_type!r}")
        self._url, self._job, self._truth, self._workers = url, job, truth, workers
        self._answerer = answerer
        self._seed, self._pace_s, self._transport = seed, pace_s, transport
        self.done = CrowdRun()

    async def work(self, ended: Callable[[], bool]) -> CrowdRun:
        """Let everybody work until `ended()` says so; raises the first worker's unexpected error."""
        await asyncio.gather(*(self._one(index, worker, ended) for index, worker in enumerate(self._workers)))
        return self.done

    async def _one(self, index: int, worker: SimulatedWorker, ended: Callable[[], bool]) -> None:
        rng = random.Random(f"{self._seed}/{index}")
        async with AsyncClient(self._url, transport=self._transport) as client:
            await self._until_answered(lambda: client.sign_in(worker.email, worker.password), ended)
            while not ended():
                task = await self._take(client)
                if task is None:
                    await asyncio.sleep(IDLE_PAUSE_S)
                    continue
                if self._pace_s:
                    await asyncio.sleep(rng.expovariate(1 / self._pace_s))
                await self._submit(client, worker, task, rng, ended)

    async def _take(self, client: AsyncClient) -> TakenTask | None:
        """The next task, or None when the job or the server cannot give one now."""
        try:
            return await client.work.take(self._job)
        except (Conflict, Unavailable):
            return None

    async def _submit(
        self,
        client: AsyncClient,
        worker: SimulatedWorker,
        task: TakenTask,
        rng: random.Random,
        ended: Callable[[], bool],
    ) -> None:
        truth = self._truth.of(task.task.object, task.task.input)
        answer = self._answerer(truth, task.task.labels, worker.accuracy, rng)
        size = self._truth.size_of(task.task.input)
        if size is not None:
            answer = on_picture(answer, size)
        spent = round(rng.expovariate(1 / SECONDS_PER_ANSWER), 3)
        try:
            await self._until_answered(
                lambda: client.work.submit(task.assignment_id, answer, time_spent_s=spent), ended
            )
        except GroundswellError:
            self.done.refused += 1
            return
        self.done.kept[task.assignment_id] = (worker.email, task.task.object)
        self.done.by_worker[worker.email] = self.done.by_worker.get(worker.email, 0) + 1

    async def _until_answered(self, ask: Callable[[], Awaitable[T]], ended: Callable[[], bool]) -> T:
        """Ask again while the server does not answer, as a browser's outbox does."""
        while True:
            try:
                return await ask()
            except Unavailable:
                if ended():
                    raise
                await asyncio.sleep(IDLE_PAUSE_S)
