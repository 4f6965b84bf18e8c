"""Data objects, annotations and labels in memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate
from statistics import median
from typing import Any

from groundswell.domain.auto_labeling import KEPT_BACK
from groundswell.domain.errors import NotFound
from groundswell.domain.labels import Label
from groundswell.domain.records import Annotation, DataObject, TaskKind
from groundswell.domain.states import OBJECT_TRANSITIONS, ObjectState, TaskState
from groundswell.service.ports import ANSWERS_BYTES, ObjectFilter, Page
from groundswell.testing.memory_tables import Tables
from groundswell.testing.memory_tasks import end_task, together, with_task


class MemoryObjects:
    """`service.ports.ObjectRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add_lines(self, job_id: int, lines: Iterable[tuple[int, str, ObjectState, str | None]]) -> int:
        added = 0
        for n, line, state, reason in lines:
            if (job_id, n) not in self._tables.objects:
                self._tables.objects[job_id, n] = DataObject(job_id, n, state, failure_reason=reason)
                self._tables.lines[job_id, n] = line
                added += 1
        return added

    def identify(self, job_id: int, identities: Mapping[int, int]) -> None:
        self._tables.identities.update(((job_id, n), identity) for n, identity in identities.items())

    def same(self, identity: int) -> list[tuple[int, int]]:
        return sorted(key for key, known in self._tables.identities.items() if known == identity)

    def line(self, job_id: int, n: int) -> str:
        self.get(job_id, n)
        return self._tables.lines[job_id, n]

    def lines(self, job_id: int, *, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, str]]:
        numbers = sorted(n for job, n in self._tables.lines if job == job_id and n >= start)
        return ((n, self._tables.lines[job_id, n]) for n in numbers if stop is None or n < stop)

    def get(self, job_id: int, n: int) -> DataObject:
        try:
            return with_task(self._tables, self._tables.objects[job_id, n])
        except KeyError:
            raise NotFound(f"this labeling job has no data object {n}") from None

    def page(self, job_id: int, wanted: ObjectFilter, page: Page) -> list[tuple[DataObject, Label | None]]:
        after = -1 if page.after_number is None else page.after_number
        found = [one for one in self._all(job_id) if one.n > after and self._passes(one, wanted)]
        return [(one, self._tables.labels.get((job_id, one.n))) for one in found[: page.limit]]

    def count(self, job_id: int, wanted: ObjectFilter) -> int:
        return sum(self._passes(one, wanted) for one in self._all(job_id))

    def pending(self, job_id: int, limit: int) -> list[int]:
        pending = [one for one in self._all(job_id) if one.state == ObjectState.PENDING and one.rank < KEPT_BACK]
        return [one.n for one in sorted(pending, key=lambda one: (one.rank, one.n))][:limit]

    def answered(self, job_id: int, limit: int) -> list[DataObject]:
        return [one for one in self._all(job_id) if one.state == ObjectState.ANSWERED][:limit]

    def move(self, job_id: int, numbers: Sequence[int], event: str, *, reason: str | None = None) -> list[int]:
        moved = []
        for one in together(self._tables, job_id, numbers):
            target = OBJECT_TRANSITIONS.get((one.state, event))
            if target is not None:
                moved.append(one.n)
                kept = self._tables.objects[job_id, one.n]
                self._tables.objects[job_id, one.n] = replace(kept, state=target, failure_reason=reason)
                if one.state == ObjectState.OPEN and one.task_id is not None:
                    answered = target == ObjectState.ANSWERED
                    end_task(self._tables, one.task_id, TaskState.ANSWERED if answered else TaskState.CLOSED)
        return moved

    def set_task_inputs(self, job_id: int, inputs: Mapping[int, Mapping[str, Any]]) -> None:
        self._tables.inputs.update(((job_id, n), value) for n, value in inputs.items())

    def task_input(self, job_id: int, n: int) -> Mapping[str, Any] | None:
        return self._tables.inputs.get((job_id, n))

    def _all(self, job_id: int) -> list[DataObject]:
        mine = (with_task(self._tables, one) for one in self._tables.objects.values() if one.job_id == job_id)
        return sorted(mine, key=lambda one: one.n)

    def _passes(self, one: DataObject, wanted: ObjectFilter) -> bool:
        label = self._tables.labels.get((one.job_id, one.n))
        asks = [wanted.category, wanted.max_confidence, wanted.disputed, wanted.human]
        if any(ask is not None for ask in asks):
            if label is None or (wanted.states is None and one.state != ObjectState.LABELED):
                return False
            if wanted.max_confidence is not None and label.confidence > wanted.max_confidence:
                return False
            for ask, value in ((asks[0], label.category), (asks[2], label.disputed), (asks[3], label.human)):
                if ask is not None and ask != value:
                    return False
        return (wanted.states is None or one.state in wanted.states) and (
            wanted.worker_id is None
            or any(
                (made.job_id, made.n, made.annotator_id) == (one.job_id, one.n, wanted.worker_id)
                for made in self._tables.annotations.values()
            )
        )


class MemoryAnnotations:
    """`service.ports.AnnotationRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, assignment_id: str) -> Annotation | None:
        return self._tables.annotations.get(assignment_id)

    def of_objects(self, job_id: int, numbers: Sequence[int], *, checks: bool = False) -> list[Annotation]:
        wanted = set(numbers)
        return sorted((one for one in self._made(job_id, checks) if one.n in wanted), key=lambda one: one.n)

    def first_within(self, job_id: int, numbers: Sequence[int], *, most_bytes: int = ANSWERS_BYTES) -> list[int]:
        sizes = [sum(map(_size, self.of_objects(job_id, [n]))) for n in numbers]
        return list(numbers)[: _count_within(sizes, most_bytes)]

    def all(
        self,
        job_id: int,
        *,
        after: str | None = None,
        limit: int = 10_000,
        checks: bool = False,
        most_bytes: int = ANSWERS_BYTES,
    ) -> list[Annotation]:
        found = self._made(job_id, checks)
        start = next((place for place, one in enumerate(found, 1) if one.assignment_id == after), 0)
        page = found[start : start + limit]
        return page[: _count_within(map(_size, page), most_bytes)]

    def worker_totals(self, job_id: int) -> list[tuple[str, int, float, datetime]]:
        mine: dict[str, list[Annotation]] = {}
        for one in self._all(job_id):
            mine.setdefault(one.annotator_id, []).append(one)
        return [
            (worker_id, len(made), median(one.time_spent_s for one in made), max(one.submitted_at for one in made))
            for worker_id, made in sorted(mine.items())
        ]

    def done_by(self, worker_id: str, job_ids: Sequence[int]) -> Mapping[int, int]:
        made = Counter(one.job_id for one in self._tables.annotations.values() if one.annotator_id == worker_id)
        return {job_id: made[job_id] for job_id in job_ids}

    def of_day(self, worker_id: str, *, at: datetime) -> tuple[int, int]:
        made = [
            self._tables.assignments[one.assignment_id].reward_usd_micros
            for one in self._tables.annotations.values()
            if one.annotator_id == worker_id and one.submitted_at.date() == at.date()
        ]
        before = self._tables.earned.get((worker_id, at.date()), (0, 0))
        return before[0] + len(made), before[1] + sum(made)

    def per_interval(self, job_id: int, *, since: datetime, seconds: int) -> list[tuple[datetime, int]]:
        step = timedelta(seconds=seconds)
        counts = Counter((one.submitted_at - since) // step for one in self._all(job_id) if one.submitted_at >= since)
        return [(since + number * step, count) for number, count in sorted(counts.items())]

    def jobs_of(self, annotator_id: str) -> list[int]:
        return sorted({one.job_id for one in self._tables.annotations.values() if one.annotator_id == annotator_id})

    def remove_of(self, annotator_id: str, job_id: int, limit: int) -> int:
        theirs = [one.assignment_id for one in self._all(job_id) if one.annotator_id == annotator_id][:limit]
        for assignment_id in theirs:
            remove_annotation(self._tables, assignment_id)
        return len(theirs)

    def _made(self, job_id: int, checks: bool) -> list[Annotation]:
        return [one for one in self._all(job_id) if (one.kind is not TaskKind.ORDINARY) == checks]

    def _all(self, job_id: int) -> list[Annotation]:
        return [one for one in self._tables.annotations.values() if one.job_id == job_id]


def _size(one: Annotation) -> int:
    return len(json.dumps(one.content, ensure_ascii=False))


def _count_within(sizes: Iterable[int], most: int) -> int:
    sums = list(accumulate(sizes))
    return max(min(1, len(sums)), sum(total <= most for total in sums))


def remove_annotation(tables: Tables, assignment_id: str) -> None:
    """Remove one answer; what was paid for it stays paid."""
    one = tables.annotations.pop(assignment_id, None)
    if one is not None:
        day = one.annotator_id, one.submitted_at.date()
        count, paid = tables.earned.get(day, (0, 0))
        tables.earned[day] = count + 1, paid + tables.assignments[assignment_id].reward_usd_micros
