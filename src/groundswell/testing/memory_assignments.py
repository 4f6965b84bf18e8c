"""Who holds what, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.records import Annotation, Assignment, Task, TaskKind
from groundswell.domain.states import AssignmentState, ObjectState, TaskState, assignment_after
from groundswell.service.ports import CLOCK_SLACK, MAX_HELD
from groundswell.testing.memory_tables import Tables
from groundswell.testing.memory_tasks import is_free, tasks_of, to_the_end

_ACTIVE = (AssignmentState.HELD, AssignmentState.SUBMITTED, AssignmentState.DECLINED)


class MemoryAssignments:
    """`service.ports.AssignmentRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def foresee(self, name: str, worker_id: str, *, at: datetime, holding: Sequence[str] = ()) -> None:
        """There is no network to spare a message of."""

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
        for held in self._held(job_id, worker_id):
            if held.expires_at <= at:
                self.give_back(held.id, "expire", at=at)
        kept = self._held(job_id, worker_id)
        for held in kept:
            if held.id not in holding:
                return held
        if len(kept) >= MAX_HELD:
            raise Conflict(f"you hold {len(kept)} tasks of this job; submit or return one before taking another")
        one = self._next(job_id, worker_id, kind)
        if one is None:
            return None
        taken = Assignment(
            assignment_id,
            job_id,
            one.n,
            worker_id,
            AssignmentState.HELD,
            at,
            expires_at,
            reward_usd_micros=reward_usd_micros if one.price_usd_micros is None else one.price_usd_micros,
            kind=one.kind,
            task_id=one.id,
        )
        self._tables.assignments[assignment_id] = taken
        self._tables.tasks[one.id] = replace(one, held=one.held + 1)
        return taken

    def _next(self, job_id: int, worker_id: str, kind: TaskKind | None) -> Task | None:
        seen = [one for one in self._tables.assignments.values() if (one.job_id, one.worker_id) == (job_id, worker_id)]
        never = {one.task_id for one in seen if one.state in _ACTIVE}
        before = {one.task_id for one in seen} - never if kind is None else set()
        free = [
            one
            for one in self._tables.tasks.values()
            if one.job_id == job_id and is_free(one) and one.id not in never and kind in (None, one.kind)
        ]
        free.sort(key=lambda one: (one.id in before, self._tables.queue[one.id]))
        return free[0] if free else None

    def _held(self, job_id: int, worker_id: str) -> list[Assignment]:
        return [one for one in self.held_by(worker_id) if one.job_id == job_id]

    def get(self, assignment_id: str) -> Assignment:
        try:
            return self._tables.assignments[assignment_id]
        except KeyError:
            raise NotFound(f"there is no assignment {assignment_id!r}") from None

    def locked(self, assignment_id: str) -> Assignment:
        return self.get(assignment_id)

    def begin(self, assignment_id: str, *, at: datetime, expires_at: datetime) -> Assignment:
        one = self.get(assignment_id)
        if one.state == AssignmentState.HELD and assignment_id not in self._tables.begun:
            self._tables.begun[assignment_id] = at
            self._tables.assignments[assignment_id] = replace(one, accepted_at=at, expires_at=expires_at)
        return self.get(assignment_id)

    def submit(self, annotation: Annotation) -> None:
        one = self.get(annotation.assignment_id)
        if one.state != AssignmentState.EXPIRED:
            assignment_after(one.state, "submit")
        elif any(
            (other.task_id, other.worker_id) == (one.task_id, one.worker_id) and other.state in _ACTIVE
            for other in self._tables.assignments.values()
        ):
            raise Conflict("this hold has expired and you have taken the same object again; answer it there")
        task = self._tables.tasks[one.task_id]
        held = task.held - (one.state == AssignmentState.HELD)
        if task.state is not TaskState.OPEN or held + task.answered >= task.wanted:
            raise Conflict("this task wants no more answers; take the next one")
        answered = task.answered + 1
        state = TaskState.ANSWERED if answered >= task.wanted else TaskState.OPEN
        self._tables.tasks[task.id] = replace(task, held=held, answered=answered, state=state)
        if state is TaskState.ANSWERED and task.kind is TaskKind.ORDINARY:
            for n in task.objects:
                of = self._tables.objects[one.job_id, n]
                self._tables.objects[one.job_id, n] = replace(of, state=ObjectState.ANSWERED)
        self._tables.assignments[one.id] = replace(
            one, state=AssignmentState.SUBMITTED, submitted_at=annotation.submitted_at
        )
        self._tables.annotations[one.id] = replace(annotation, kind=one.kind)
        self._tables.drafts.pop(one.id, None)

    def give_back(self, assignment_id: str, event: str, *, at: datetime) -> Assignment:
        one = self.get(assignment_id)
        target = assignment_after(AssignmentState.HELD, event)
        if one.state == target:
            return one
        changed = self._tables.assignments[assignment_id] = replace(one, state=assignment_after(one.state, event))
        task = self._tables.tasks[one.task_id]
        if task.state is TaskState.OPEN:
            declined = task.declined + (target == AssignmentState.DECLINED)
            self._tables.tasks[task.id] = replace(task, held=task.held - 1, declined=declined)
            to_the_end(self._tables, task.id)
        return changed

    def expire(self, at: datetime, limit: int) -> list[Assignment]:
        due = [
            one
            for one in self._tables.assignments.values()
            if one.state == AssignmentState.HELD and one.expires_at <= at
        ]
        due.sort(key=lambda one: (one.expires_at, one.id))
        return [self.give_back(one.id, "expire", at=at) for one in due[:limit]]

    def pull_back(self, at: datetime) -> int:
        ahead = [
            one
            for one in self._tables.assignments.values()
            if one.state is AssignmentState.HELD and one.accepted_at > at + CLOCK_SLACK
        ]
        for one in ahead:
            lasts = one.expires_at - one.accepted_at
            self._tables.assignments[one.id] = replace(one, accepted_at=at, expires_at=at + lasts)
        return len(ahead)

    def save_draft(self, assignment_id: str, draft: str, *, at: datetime) -> None:
        self._tables.drafts[assignment_id] = draft

    def draft(self, assignment_id: str) -> str | None:
        return self._tables.drafts.get(assignment_id)

    def earlier_draft(self, assignment_id: str) -> str | None:
        mine = self.get(assignment_id)
        expired = (one for one in self._tables.assignments.values() if one.state is AssignmentState.EXPIRED)
        same = [one.id for one in expired if (one.task_id, one.worker_id) == (mine.task_id, mine.worker_id)]
        kept = [one for one in sorted(same) if one in self._tables.drafts]
        return self._tables.drafts[kept[-1]] if kept else None

    def of_object(self, job_id: int, n: int) -> list[Assignment]:
        tasks = {task.id for task in tasks_of(self._tables, job_id, n)}
        found = [one for one in self._tables.assignments.values() if one.task_id in tasks]
        return sorted(found, key=lambda one: (one.accepted_at, one.id))

    def held_by(self, worker_id: str) -> list[Assignment]:
        found = [
            one
            for one in self._tables.assignments.values()
            if one.worker_id == worker_id and one.state == AssignmentState.HELD
        ]
        return sorted(found, key=lambda one: one.id)

    def open_for(self, job_ids: Sequence[int], worker_id: str) -> Mapping[int, int]:
        mine = {
            one.task_id
            for one in self._tables.assignments.values()
            if one.worker_id == worker_id and one.state in _ACTIVE
        }
        left = dict.fromkeys(job_ids, 0)
        for task in self._tables.tasks.values():
            if task.job_id in left:
                left[task.job_id] += is_free(task) and task.id not in mine
        for one in self._tables.objects.values():
            if one.job_id in left:
                left[one.job_id] += one.state is ObjectState.PENDING
        return left
