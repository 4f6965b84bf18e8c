"""Tasks and who holds them: the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from groundswell.domain.records import Annotation, Assignment, Task, TaskKind


class TaskRepository(Protocol):
    """Tasks: what is offered to workers, and in which order.

    The queue of a job is in order of rank, smaller first, and among equals in the order in which tasks came to it; one
    that gets a free slot again (given back, asked for more) goes to its end. Ranks are small numbers that other parts
    of the house set; all are 0 until somebody does.
    """

    def turn(self, job_id: int, *, wait: bool = True) -> bool:
        """Have the turn to publish in this job until the unit of work ends: what is counted now stays so meanwhile.

        Whoever publishes takes it; by `wait=False` one that somebody else has is waited for and not had (False): what
        they published is there then.
        """
        ...

    def publish(self, job_id: int, numbers: Sequence[int], *, wanted: int, at: datetime) -> int:
        """An ordinary task for each of these pending objects, pending -> open, in order of rank; how many moved.

        `wanted` answers are asked for each. One that has as many already (it was withdrawn and comes back) goes on to
        answered.
        """
        ...

    def ask_more(self, job_id: int, wanted: Mapping[int, int], *, at: datetime) -> None:
        """answered | labeled -> open again for these objects, until there are `wanted[n]` answers, in order of rank.

        One that was labeled is available from `at` on, as if published now. Raises Conflict where there are as many.
        """
        ...

    def add(
        self,
        job_id: int,
        objects: Sequence[int],
        *,
        kind: TaskKind,
        wanted: int,
        at: datetime,
        rank: int = 0,
        price_usd_micros: int | None = None,
        life_s: int | None = None,
    ) -> Task:
        """Publish a task over one or several objects. An ordinary one needs pending objects that never had a task.

        One of another kind goes by any objects, changes none of them, and is counted apart.
        """
        ...

    def answered_elsewhere(self, answers: Sequence[Annotation]) -> list[int]:
        """Answers that another house took: each of their objects gets an ordinary task with them, once and for all.

        All answers to an object come together. Pending objects are answered then, failed ones stay failed; an object
        that ever had a task is left alone. Nothing is paid. The numbers of the objects that got one.
        """
        ...

    def get(self, task_id: int) -> Task: ...

    def of_object(self, job_id: int, n: int) -> list[Task]:
        """Every task that shows the object, in order of publication."""
        ...

    def rank(self, job_id: int, ranks: Mapping[int, int]) -> None:
        """Set the rank of these objects (a few thousand at most in one unit of work), published or not.

        Everything that can be taken is put in the new order; what is in workers' hands stays there.
        """
        ...

    def overdue(self, job_id: int, at: datetime, limit: int, *, availability_s: int) -> list[Task]:
        """Open tasks whose life was over before `at`; `availability_s` is for those without a life of their own."""
        ...

    def pull_back(self, job_id: int, at: datetime) -> int:
        """Open tasks that were published in the future were so now: after the clock was set back."""
        ...

    def close(self, job_id: int, task_ids: Sequence[int]) -> int:
        """Take back open tasks of other kinds than ordinary, their held assignments are returned; how many moved."""
        ...


class AssignmentRepository(Protocol):
    """Who holds what. The three verbs on the hot path are one statement or two each."""

    def foresee(self, name: str, worker_id: str, *, at: datetime, holding: Sequence[str] = ()) -> None:
        """Say that `take` of the job of this name comes next, unless the job or its team refuse the worker.

        Changes nothing that `take` would not: a store behind a network does both in one message.
        """
        ...

    def take(
        self,
        job_id: int,
        worker_id: str,
        *,
        assignment_id: str,
        at: datetime,
        expires_at: datetime,
        reward_usd_micros: int,
        holding: Sequence[str] = (),
        kind: TaskKind | None = None,
    ) -> Assignment | None:
        """Hold the next open task for this worker, whatever its kind, or the next of one kind; None if there is none.

        Never more holds and annotations than a task's `wanted`; never a task this worker has submitted or
        declined; one they returned or let expire only when nothing else is open for them. The reward is the task's own
        price where it has one. A worker who holds an
        unexpired task of this job that is not in `holding` (what their page has on screen or fetched ahead) is given
        that one again; one who holds MAX_HELD gets Conflict.
        """
        ...

    def get(self, assignment_id: str) -> Assignment: ...

    def locked(self, assignment_id: str) -> Assignment:
        """The same for who is about to change it: nobody else does before this unit of work ends."""
        ...

    def begin(self, assignment_id: str, *, at: datetime, expires_at: datetime) -> Assignment:
        """The time of a task that was fetched ahead starts when it is shown: once; later calls change nothing."""
        ...

    def submit(self, annotation: Annotation) -> None:
        """held -> submitted, append the annotation, count it on the task (open -> answered when complete, its objects
        too if it is an ordinary one).

        Raises Conflict unless held. A hold that expired but whose task still wants an answer may be submitted.
        """
        ...

    def give_back(self, assignment_id: str, event: str, *, at: datetime) -> Assignment:
        """held -> returned | declined | expired (event: return, decline, expire); frees the task's slot.

        Done already is done: the same event twice is once. Raises Conflict for one submitted or ended otherwise.
        """
        ...

    def expire(self, at: datetime, limit: int) -> list[Assignment]:
        """Expire up to `limit` holds past their time, the longest past first, ties by id; the ones expired."""
        ...

    def pull_back(self, at: datetime) -> int:
        """Holds that begin in the future begin now, and last as long as they would: after the clock was set back."""
        ...

    def save_draft(self, assignment_id: str, draft: str, *, at: datetime) -> None: ...

    def draft(self, assignment_id: str) -> str | None: ...

    def earlier_draft(self, assignment_id: str) -> str | None:
        """What the same worker had of the same task when its time last ran out."""
        ...

    def of_object(self, job_id: int, n: int) -> list[Assignment]:
        """Of every task that shows the object."""
        ...

    def held_by(self, worker_id: str) -> list[Assignment]: ...

    def open_for(self, job_ids: Sequence[int], worker_id: str) -> Mapping[int, int]:
        """About how many open tasks each job has left for this worker (may be a bound, never 0 when there is one)."""
        ...
