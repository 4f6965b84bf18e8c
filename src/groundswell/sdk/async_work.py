"""What a worker does, through an `AsyncClient`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from groundswell.sdk import calls
from groundswell.sdk.running import AsyncRunning
from groundswell.wire import work


class AsyncWork:
    """What a worker does, for programs that label."""

    def __init__(self, client: AsyncRunning) -> None:
        self._client = client

    async def jobs(self) -> list[work.OpenJob]:
        """The jobs that are open to this worker."""
        return (await self._client.run(calls.my_jobs())).jobs

    async def take(self, job: str, *, holding: Iterable[str] = ()) -> work.TakenTask | None:
        """The next task, or None when there is none now."""
        return await self._client.run(calls.take_task(job, list(holding)))

    async def submit(
        self, assignment_id: str, answer: Mapping[str, Any], *, time_spent_s: float = 0
    ) -> work.SubmitResponse:
        """Submit an answer; doing it twice with the same answer is one annotation."""
        body = work.SubmitRequest(answer=dict(answer), time_spent_s=time_spent_s)
        return await self._client.run(calls.submit(assignment_id, body))

    async def decline(self, assignment_id: str, reason: str = "") -> None:
        """Give a task back for good: others get it; a reason is told to the requester."""
        await self._client.run(calls.give_up(assignment_id, "decline", reason))

    async def give_back(self, assignment_id: str) -> None:
        """Give a task back for now."""
        await self._client.run(calls.give_up(assignment_id, "return"))
