"""Submitting an answer: checked, stored once, durable before it is acknowledged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from groundswell.domain.errors import Conflict
from groundswell.domain.people import Account
from groundswell.domain.records import Annotation, Assignment, LabelingJob
from groundswell.domain.states import AssignmentState, JobState
from groundswell.service import label_contexts
from groundswell.service.assignments import own
from groundswell.service.ports import Transaction
from groundswell.tasktypes import registry

_ACCEPTING = frozenset({JobState.IN_PROGRESS, JobState.PAUSED})


def submit(
    tx: Transaction,
    worker: Account,
    assignment_id: str,
    content: Mapping[str, Any],
    time_spent_s: float,
    *,
    at: datetime,
) -> tuple[Annotation, Assignment]:
    """Store the worker's answer; the stored annotation and its assignment.

    The assignment's id is the idempotency key: the same answer again is the annotation stored before, another answer
    is a Conflict. Raises InvalidAnnotation for an answer that does not fit the task type (the draft is kept).
    """
    assignment = own(tx, worker, assignment_id)
    if assignment.state == AssignmentState.SUBMITTED:
        return _again(tx, assignment, content), assignment
    job = tx.jobs.brief_by_id(assignment.job_id)
    if job.state not in _ACCEPTING:
        raise Conflict(f"the job {job.name} is {job.state.value} and takes no more answers")
    check(tx, job, assignment, content)
    elapsed = max(0.0, (at - assignment.accepted_at).total_seconds())
    annotation = Annotation(
        assignment_id=assignment_id,
        job_id=job.id,
        n=assignment.n,
        worker_id=worker.id,
        content=content,
        accepted_at=assignment.accepted_at,
        submitted_at=at,
        # What the page measured leaves pauses out; more than has passed cannot be, nothing at all was not measured.
        time_spent_s=min(time_spent_s, elapsed) if time_spent_s > 0 else elapsed,
    )
    tx.assignments.submit(annotation)
    return annotation, assignment


def check(tx: Transaction, job: LabelingJob, assignment: Assignment, content: Mapping[str, Any]) -> None:
    """Raise InvalidAnnotation, naming the field, unless the task type can read the answer.

    Whether an empty one is an answer, the task type says: a form all of whose fields may be left out submits it.
    """
    context = label_contexts.decoding(job, ManifestLine(tx, job.id, assignment.n))
    registry.get(job.task_type).decode(content, context)


class ManifestLine(Mapping[str, Any]):
    """A manifest line that is read and parsed only if the task type looks at it: most do not."""

    def __init__(self, tx: Transaction, job_id: int, n: int) -> None:
        self._tx, self._job_id, self._n = tx, job_id, n
        self._members: Mapping[str, Any] | None = None

    def _read(self) -> Mapping[str, Any]:
        if self._members is None:
            members = json.loads(self._tx.objects.line(self._job_id, self._n))
            self._members = members if isinstance(members, dict) else {}
        return self._members

    def __getitem__(self, key: str) -> Any:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def _again(tx: Transaction, assignment: Assignment, content: Mapping[str, Any]) -> Annotation:
    stored = tx.annotations.get(assignment.id)
    if stored is None or stored.content != content:
        raise Conflict("this task has been submitted with another answer; annotations are never changed")
    return stored
