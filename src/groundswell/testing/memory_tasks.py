"""Tasks in memory: published, ranked, asked for more, taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from groundswell.domain.asking import check_more, check_new_task
from groundswell.domain.errors import NotFound
from groundswell.domain.records import Annotation, Assignment, DataObject, Task, TaskKind
from groundswell.domain.states import AssignmentState, ObjectState, TaskState
from groundswell.service.ports import CLOCK_SLACK
from groundswell.testing.memory_tables import Tables

_BARE = frozenset({ObjectState.PENDING, ObjectState.FAILED})


class MemoryTasks:
    """`service.ports.TaskRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def turn(self, job_id: int, *, wait: bool = True) -> bool:
        return True

    def publish(self, job_id: int, numbers: Sequence[int], *, wanted: int, at: datetime) -> int:
        found = together(self._tables, job_id, numbers)
        pending = [one for one in found if one.state == ObjectState.PENDING]
        self._ask(pending, {one.n: wanted for one in pending}, {one.n: at for one in pending})
        return len(pending)

    def ask_more(self, job_id: int, wanted: Mapping[int, int], *, at: datetime) -> None:
        found = together(self._tables, job_id, list(wanted))
        check_more(found, wanted)
        asked = {one.task_id: wanted[one.n] for one in found if one.n in wanted}
        since = {
            one.n: at if one.state is ObjectState.LABELED or one.opened_at is None else one.opened_at for one in found
        }
        self._ask(found, {one.n: wanted.get(one.n, asked.get(one.task_id, 0)) for one in found}, since)

    def _ask(self, objects: Sequence[DataObject], wanted: Mapping[int, int], since: Mapping[int, datetime]) -> None:
        opened: dict[int, Task] = {}
        for one in sorted(objects, key=lambda one: (one.rank, one.n)):
            done = one.answered >= wanted[one.n]
            task_id = one.task_id or self._fresh_id()
            if task_id not in opened:
                task = self._tables.tasks.get(task_id) or Task(
                    task_id, one.job_id, (one.n,), TaskKind.ORDINARY, TaskState.OPEN, 0, since[one.n]
                )
                state = TaskState.ANSWERED if done else TaskState.OPEN
                opened[task_id] = self._tables.tasks[task_id] = replace(
                    task, state=state, wanted=wanted[one.n], rank=one.rank, opened_at=since[one.n]
                )
                to_the_end(self._tables, task_id)
            self._set_state(one, ObjectState.ANSWERED if done else ObjectState.OPEN, task_id)
        if opened:
            ranks = [one.rank for one in opened.values() if one.state is TaskState.OPEN]
            self._keep_in_order(next(iter(opened.values())).job_id, ranks)

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
        found = together(self._tables, job_id, objects)
        check_new_task(objects, found, kind, wanted)
        task = Task(
            self._fresh_id(),
            job_id,
            tuple(objects),
            kind,
            TaskState.OPEN,
            wanted,
            at,
            rank=rank,
            price_usd_micros=price_usd_micros,
            life_s=life_s,
        )
        self._tables.tasks[task.id] = task
        to_the_end(self._tables, task.id)
        if kind is TaskKind.ORDINARY:
            for one in found:
                self._set_state(one, ObjectState.OPEN, task.id)
        self._keep_in_order(job_id, [rank])
        return task

    def answered_elsewhere(self, answers: Sequence[Annotation]) -> list[int]:
        brought = []
        for n in sorted({one.n for one in answers}):
            mine = [one for one in answers if one.n == n]
            found = self._tables.objects.get((mine[0].job_id, n))
            if found is None or found.task_id is not None or found.state not in _BARE:
                continue
            brought.append(n)
            task = Task(
                self._fresh_id(),
                found.job_id,
                (n,),
                TaskKind.ORDINARY,
                TaskState.ANSWERED,
                len(mine),
                min(one.accepted_at for one in mine),
                answered=len(mine),
                rank=found.rank,
            )
            self._tables.tasks[task.id] = task
            to_the_end(self._tables, task.id)
            state = ObjectState.ANSWERED if found.state is ObjectState.PENDING else found.state
            self._tables.objects[found.job_id, n] = replace(found, state=state, task_id=task.id)
            for one in mine:
                self._tables.annotations[one.assignment_id] = one
                self._tables.assignments[one.assignment_id] = Assignment(
                    one.assignment_id,
                    one.job_id,
                    n,
                    one.annotator_id,
                    AssignmentState.SUBMITTED,
                    one.accepted_at,
                    one.submitted_at,
                    one.submitted_at,
                    task_id=task.id,
                )
        return brought

    def get(self, task_id: int) -> Task:
        try:
            return self._tables.tasks[task_id]
        except KeyError:
            raise NotFound(f"there is no task {task_id}") from None

    def of_object(self, job_id: int, n: int) -> list[Task]:
        return tasks_of(self._tables, job_id, n)

    def overdue(self, job_id: int, at: datetime, limit: int, *, availability_s: int) -> list[Task]:
        over = [
            one
            for one in self._tables.tasks.values()
            if one.job_id == job_id
            and one.state is TaskState.OPEN
            and one.opened_at + timedelta(seconds=availability_s if one.life_s is None else one.life_s) < at
        ]
        return sorted(over, key=lambda one: (one.kind is not TaskKind.ORDINARY, one.n))[:limit]

    def rank(self, job_id: int, ranks: Mapping[int, int]) -> None:
        for n, rank in ranks.items():
            one = self._tables.objects.get((job_id, n))
            if one is not None:
                self._tables.objects[job_id, n] = replace(one, rank=rank)
                task = None if one.task_id is None else self._tables.tasks[one.task_id]
                if task is not None and task.n == n:
                    self._tables.tasks[task.id] = replace(task, rank=rank)
        self._put_in_order(job_id)

    def pull_back(self, job_id: int, at: datetime) -> int:
        ahead = [
            one
            for one in self._tables.tasks.values()
            if one.job_id == job_id and one.state is TaskState.OPEN and one.opened_at > at + CLOCK_SLACK
        ]
        for one in ahead:
            self._tables.tasks[one.id] = replace(one, opened_at=at)
        return len(ahead)

    def close(self, job_id: int, task_ids: Sequence[int]) -> int:
        mine = [one for one in self._tables.tasks.values() if one.job_id == job_id and one.id in set(task_ids)]
        found = [one for one in mine if one.state is TaskState.OPEN and one.kind is not TaskKind.ORDINARY]
        for one in found:
            end_task(self._tables, one.id, TaskState.CLOSED)
        return len(found)

    def _fresh_id(self) -> int:
        return len(self._tables.tasks) + 1

    def _set_state(self, one: DataObject, state: ObjectState, task_id: int) -> None:
        kept = self._tables.objects[one.job_id, one.n]
        self._tables.objects[one.job_id, one.n] = replace(kept, state=state, task_id=task_id, failure_reason=None)

    def _keep_in_order(self, job_id: int, ranks: Sequence[int]) -> None:
        greatest = self._tables.queue_ranks.get(job_id, 0)
        if ranks and min(ranks) < greatest:
            self._put_in_order(job_id)
        elif ranks:
            self._tables.queue_ranks[job_id] = max(greatest, *ranks)

    def _put_in_order(self, job_id: int) -> None:
        free = [one for one in self._tables.tasks.values() if one.job_id == job_id and is_free(one)]
        free.sort(key=lambda one: (one.rank, self._tables.queue[one.id]))
        for one in free:
            to_the_end(self._tables, one.id)
        self._tables.queue_ranks[job_id] = free[-1].rank if free else 0


def is_free(task: Task) -> bool:
    """Whether somebody can take it."""
    return task.state is TaskState.OPEN and task.held + task.answered < task.wanted


def to_the_end(tables: Tables, task_id: int) -> None:
    """Put a task behind all others."""
    tables.places += 1
    tables.queue[task_id] = tables.places


def tasks_of(tables: Tables, job_id: int, n: int) -> list[Task]:
    """Every task that shows the object."""
    return [one for one in tables.tasks.values() if one.job_id == job_id and n in one.objects]


def with_task(tables: Tables, one: DataObject) -> DataObject:
    """A data object with the numbers of its ordinary task."""
    if one.task_id is None:
        return one
    task = tables.tasks[one.task_id]
    return replace(
        one,
        wanted=task.wanted,
        held=task.held,
        answered=task.answered,
        declined=task.declined,
        opened_at=task.opened_at,
    )


def together(tables: Tables, job_id: int, numbers: Sequence[int]) -> list[DataObject]:
    """These objects and behind them the others of their ordinary tasks."""
    mine = [found for n in dict.fromkeys(numbers) if (found := tables.objects.get((job_id, n))) is not None]
    tasks = [tables.tasks[one.task_id] for one in mine if one.task_id is not None]
    others = sorted({n for task in tasks for n in task.objects} - {one.n for one in mine})
    return [with_task(tables, one) for one in (*mine, *(tables.objects[job_id, n] for n in others))]


def end_task(tables: Tables, task_id: int, state: TaskState) -> None:
    """Offer a task no more; whoever is on it has it taken back."""
    tables.tasks[task_id] = replace(tables.tasks[task_id], state=state, held=0)
    for held in list(tables.assignments.values()):
        if held.task_id == task_id and held.state is AssignmentState.HELD:
            tables.assignments[held.id] = replace(held, state=AssignmentState.RETURNED)
