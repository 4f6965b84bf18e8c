"""What a worker does, through a client: for programs that label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from groundswell.sdk import calls
from groundswell.sdk.running import Running
from groundswell.wire import work


class Work:
    """What a worker does, for programs that label."""

    def __init__(self, client: Running) -> None:
        self._client = client

    def jobs(self) -> list[work.OpenJob]:
        return self._client.run(calls.my_jobs()).jobs

    def take(self, job: str, *, holding: Iterable[str] = ()) -> work.TakenTask | None:
        """The next task, or None when there is none now."""
        return self._client.run(calls.take_task(job, list(holding)))

    def submit(self, assignment_id: str, answer: Mapping[str, Any], *, time_spent_s: float = 0) -> work.SubmitResponse:
        """Submit an answer; doing it twice with the same answer is one annotation."""
        body = work.SubmitRequest(answer=dict(answer), time_spent_s=time_spent_s)
        return self._client.run(calls.submit(assignment_id, body))

    def decline(self, assignment_id: str, reason: str = "") -> None:
        """Never be shown this again; a reason is told to the requester."""
        self._client.run(calls.give_up(assignment_id, "decline", reason))

    def give_back(self, assignment_id: str) -> None:
        self._client.run(calls.give_up(assignment_id, "return"))
