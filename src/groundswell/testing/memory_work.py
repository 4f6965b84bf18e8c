"""Data objects, assignments, annotations and labels in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.records import Annotation, Assignment, DataObject, Label
from groundswell.domain.states import OBJECT_TRANSITIONS, AssignmentState, ObjectState, assignment_after, object_after
from groundswell.service.ports import MAX_HELD, ObjectFilter, Page

if TYPE_CHECKING:
    from groundswell.testing.memory_store import Tables

_ACTIVE = (AssignmentState.HELD, AssignmentState.SUBMITTED, AssignmentState.DECLINED)


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

    def line(self, job_id: int, n: int) -> str:
        self.get(job_id, n)
        return self._tables.lines[job_id, n]

    def lines(self, job_id: int, *, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, str]]:
        numbers = sorted(n for job, n in self._tables.lines if job == job_id and n >= start)
        return ((n, self._tables.lines[job_id, n]) for n in numbers if stop is None or n < stop)

    def get(self, job_id: int, n: int) -> DataObject:
        try:
            return self._tables.objects[job_id, n]
        except KeyError:
            raise NotFound(f"this labeling job has no data object {n}") from None

    def page(self, job_id: int, wanted: ObjectFilter, page: Page) -> list[tuple[DataObject, Label | None]]:
        after = -1 if page.after is None else int(page.after)
        found = [one for one in self._all(job_id) if one.n > after and self._passes(one, wanted)]
        return [(one, self._tables.labels.get((job_id, one.n))) for one in found[: page.limit]]

    def count(self, job_id: int, wanted: ObjectFilter) -> int:
        return sum(self._passes(one, wanted) for one in self._all(job_id))

    def release(self, job_id: int, numbers: Sequence[int], *, wanted: int, at: datetime) -> int:
        pending = [one for one in self._some(job_id, numbers) if one.state == ObjectState.PENDING]
        for one in pending:
            state = ObjectState.ANSWERED if one.answered >= wanted else ObjectState.OPEN
            self._put(replace(one, state=state, wanted=wanted, opened_at=at, failure_reason=None))
            self._to_the_end(job_id, one.n)
        return len(pending)

    def pending(self, job_id: int, limit: int) -> list[int]:
        return [one.n for one in self._all(job_id) if one.state == ObjectState.PENDING][:limit]

    def answered(self, job_id: int, limit: int) -> list[DataObject]:
        return [one for one in self._all(job_id) if one.state == ObjectState.ANSWERED][:limit]

    def overdue(self, job_id: int, opened_before: datetime, limit: int) -> list[DataObject]:
        found = [
            one
            for one in self._all(job_id)
            if one.state == ObjectState.OPEN and one.opened_at is not None and one.opened_at < opened_before
        ]
        return found[:limit]

    def ask_more(self, job_id: int, n: int, *, wanted: int) -> None:
        one = self.get(job_id, n)
        state = object_after(one.state, "ask_more")
        if wanted <= one.answered:
            raise Conflict(f"data object {n} has {one.answered} annotations; ask for more than that, not {wanted}")
        self._put(replace(one, state=state, wanted=wanted))
        self._to_the_end(job_id, n)

    def move(self, job_id: int, numbers: Sequence[int], event: str, *, reason: str | None = None) -> list[int]:
        moved = []
        for one in self._some(job_id, numbers):
            target = OBJECT_TRANSITIONS.get((one.state, event))
            if target is not None:
                moved.append(one.n)
                self._put(replace(one, state=target, held=0, failure_reason=reason))
                for held in self._holds(job_id, one.n):
                    self._tables.assignments[held.id] = replace(held, state=AssignmentState.RETURNED)
        return moved

    def set_task_inputs(self, job_id: int, inputs: Mapping[int, Mapping[str, Any]]) -> None:
        self._tables.inputs.update(((job_id, n), value) for n, value in inputs.items())

    def task_input(self, job_id: int, n: int) -> Mapping[str, Any] | None:
        return self._tables.inputs.get((job_id, n))

    def _all(self, job_id: int) -> list[DataObject]:
        return sorted((one for one in self._tables.objects.values() if one.job_id == job_id), key=lambda one: one.n)

    def _some(self, job_id: int, numbers: Sequence[int]) -> list[DataObject]:
        found = (self._tables.objects.get((job_id, n)) for n in dict.fromkeys(numbers))
        return [one for one in found if one is not None]

    def _holds(self, job_id: int, n: int) -> list[Assignment]:
        return [
            one
            for one in self._tables.assignments.values()
            if (one.job_id, one.n, one.state) == (job_id, n, AssignmentState.HELD)
        ]

    def _put(self, one: DataObject) -> None:
        self._tables.objects[one.job_id, one.n] = one

    def _to_the_end(self, job_id: int, n: int) -> None:
        self._tables.places += 1
        self._tables.queue[job_id, n] = self._tables.places

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
                (made.job_id, made.n, made.worker_id) == (one.job_id, one.n, wanted.worker_id)
                for made in self._tables.annotations.values()
            )
        )


class MemoryAssignments:
    """`service.ports.AssignmentRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

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
        one = self._next(job_id, worker_id)
        if one is None:
            return None
        taken = Assignment(
            assignment_id, job_id, one.n, worker_id, AssignmentState.HELD, at, expires_at, None, reward_usd_micros
        )
        self._tables.assignments[assignment_id] = taken
        self._tables.objects[job_id, one.n] = replace(one, held=one.held + 1)
        return taken

    def _next(self, job_id: int, worker_id: str) -> DataObject | None:
        seen = [one for one in self._tables.assignments.values() if (one.job_id, one.worker_id) == (job_id, worker_id)]
        never = {one.n for one in seen if one.state in _ACTIVE}
        before = {one.n for one in seen} - never
        free = [
            one
            for one in self._tables.objects.values()
            if one.job_id == job_id
            and one.state == ObjectState.OPEN
            and one.held + one.answered < one.wanted
            and one.n not in never
        ]
        free.sort(key=lambda one: (one.n in before, self._tables.queue[job_id, one.n]))
        return free[0] if free else None

    def _held(self, job_id: int, worker_id: str) -> list[Assignment]:
        return [one for one in self.held_by(worker_id) if one.job_id == job_id]

    def get(self, assignment_id: str) -> Assignment:
        try:
            return self._tables.assignments[assignment_id]
        except KeyError:
            raise NotFound(f"there is no assignment {assignment_id!r}") from None

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
            (other.job_id, other.n, other.worker_id) == (one.job_id, one.n, one.worker_id) and other.state in _ACTIVE
            for other in self._tables.assignments.values()
        ):
            raise Conflict("this hold has expired and you have taken the same object again; answer it there")
        found = self._tables.objects[one.job_id, one.n]
        held = found.held - (one.state == AssignmentState.HELD)
        if found.state != ObjectState.OPEN or held + found.answered >= found.wanted:
            raise Conflict("this task wants no more answers; take the next one")
        answered = found.answered + 1
        state = ObjectState.ANSWERED if answered >= found.wanted else found.state
        self._tables.objects[one.job_id, one.n] = replace(found, held=held, answered=answered, state=state)
        self._tables.assignments[one.id] = replace(
            one, state=AssignmentState.SUBMITTED, submitted_at=annotation.submitted_at
        )
        self._tables.annotations[one.id] = annotation
        self._tables.drafts.pop(one.id, None)

    def give_back(self, assignment_id: str, event: str, *, at: datetime) -> Assignment:
        one = self.get(assignment_id)
        target = assignment_after(AssignmentState.HELD, event)
        if one.state == target:
            return one
        changed = self._tables.assignments[assignment_id] = replace(one, state=assignment_after(one.state, event))
        found = self._tables.objects[one.job_id, one.n]
        if found.state == ObjectState.OPEN:
            declined = found.declined + (target == AssignmentState.DECLINED)
            self._tables.objects[one.job_id, one.n] = replace(found, held=found.held - 1, declined=declined)
            self._tables.places += 1
            self._tables.queue[one.job_id, one.n] = self._tables.places
        return changed

    def expire(self, at: datetime, limit: int) -> list[Assignment]:
        due = [
            one
            for one in self._tables.assignments.values()
            if one.state == AssignmentState.HELD and one.expires_at <= at
        ]
        due.sort(key=lambda one: (one.expires_at, one.id))
        return [self.give_back(one.id, "expire", at=at) for one in due[:limit]]

    def save_draft(self, assignment_id: str, draft: str, *, at: datetime) -> None:
        self._tables.drafts[assignment_id] = draft

    def draft(self, assignment_id: str) -> str | None:
        return self._tables.drafts.get(assignment_id)

    def of_object(self, job_id: int, n: int) -> list[Assignment]:
        found = [one for one in self._tables.assignments.values() if (one.job_id, one.n) == (job_id, n)]
        return sorted(found, key=lambda one: (one.accepted_at, one.id))

    def held_by(self, worker_id: str) -> list[Assignment]:
        found = [
            one
            for one in self._tables.assignments.values()
            if one.worker_id == worker_id and one.state == AssignmentState.HELD
        ]
        return sorted(found, key=lambda one: one.id)

    def open_for(self, job_ids: Sequence[int], worker_id: str) -> Mapping[int, int]:
        left = dict.fromkeys(job_ids, 0)
        for one in self._tables.objects.values():
            if one.job_id in left:
                mine = any(
                    (held.job_id, held.n, held.worker_id) == (one.job_id, one.n, worker_id) and held.state in _ACTIVE
                    for held in self._tables.assignments.values()
                )
                free = one.state == ObjectState.OPEN and one.held + one.answered < one.wanted and not mine
                left[one.job_id] += free or one.state == ObjectState.PENDING
        return left


class MemoryAnnotations:
    """`service.ports.AnnotationRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, assignment_id: str) -> Annotation | None:
        return self._tables.annotations.get(assignment_id)

    def of_objects(self, job_id: int, numbers: Sequence[int]) -> list[Annotation]:
        wanted = set(numbers)
        return sorted((one for one in self._all(job_id) if one.n in wanted), key=lambda one: one.n)

    def all(self, job_id: int, *, after: str | None = None, limit: int = 10_000) -> list[Annotation]:
        found = self._all(job_id)
        start = next((place for place, one in enumerate(found, 1) if one.assignment_id == after), 0)
        return found[start : start + limit]

    def worker_totals(self, job_id: int) -> list[tuple[str, int, float, datetime]]:
        mine: dict[str, list[Annotation]] = {}
        for one in self._all(job_id):
            mine.setdefault(one.worker_id, []).append(one)
        return [
            (worker_id, len(made), median(one.time_spent_s for one in made), max(one.submitted_at for one in made))
            for worker_id, made in sorted(mine.items())
        ]

    def done_by(self, worker_id: str, job_ids: Sequence[int]) -> Mapping[int, int]:
        made = Counter(one.job_id for one in self._tables.annotations.values() if one.worker_id == worker_id)
        return {job_id: made[job_id] for job_id in job_ids}

    def of_day(self, worker_id: str, *, at: datetime) -> tuple[int, int]:
        made = [
            self._tables.assignments[one.assignment_id].reward_usd_micros
            for one in self._tables.annotations.values()
            if one.worker_id == worker_id and one.submitted_at.date() == at.date()
        ]
        return len(made), sum(made)

    def per_interval(self, job_id: int, *, since: datetime, seconds: int) -> list[tuple[datetime, int]]:
        step = timedelta(seconds=seconds)
        counts = Counter((one.submitted_at - since) // step for one in self._all(job_id) if one.submitted_at >= since)
        return [(since + number * step, count) for number, count in sorted(counts.items())]

    def _all(self, job_id: int) -> list[Annotation]:
        return [one for one in self._tables.annotations.values() if one.job_id == job_id]


class MemoryLabels:
    """`service.ports.LabelRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, labels: Sequence[Label]) -> None:
        for label in labels:
            one = self._tables.objects[label.job_id, label.n]
            state = OBJECT_TRANSITIONS.get((one.state, "label"), one.state)
            self._tables.objects[label.job_id, label.n] = replace(one, state=state)
            self._tables.labels[label.job_id, label.n] = label

    def get(self, job_id: int, n: int) -> Label | None:
        return self._tables.labels.get((job_id, n))

    def all(self, job_id: int, *, start: int = 0, stop: int | None = None) -> Iterator[Label]:
        found = [one for one in self._of(job_id) if one.n >= start and (stop is None or one.n < stop)]
        return iter(sorted(found, key=lambda one: one.n))

    def distribution(self, job_id: int) -> Mapping[str, int]:
        return dict(sorted(Counter(one.category for one in self._of(job_id) if one.category is not None).items()))

    def confidence_histogram(self, job_id: int, bins: int = 20) -> Sequence[int]:
        counts = Counter(min(bins - 1, max(0, int(one.confidence * bins))) for one in self._of(job_id))
        return [counts[number] for number in range(bins)]

    def over_time(self, job_id: int, points: int = 60) -> list[tuple[datetime, int, int]]:
        found = sorted(self._of(job_id), key=lambda one: one.labeled_at)
        if not found:
            return []
        first, last = found[0].labeled_at, found[-1].labeled_at
        microsecond = timedelta(microseconds=1)
        step = max(1, -(-((last - first) // microsecond + 1) // points)) * microsecond
        curve: dict[int, tuple[datetime, int, int]] = {}
        people = models = 0
        for one in found:
            people, models = people + one.human, models + (not one.human)
            number = (one.labeled_at - first) // step
            curve[number] = (min(first + (number + 1) * step, last), people, models)
        return list(curve.values())

    def _of(self, job_id: int) -> list[Label]:
        return [one for one in self._tables.labels.values() if one.job_id == job_id]
