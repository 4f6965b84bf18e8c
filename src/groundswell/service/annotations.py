"""Submitting an answer: checked, stored once, durable before it is acknowledged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from groundswell.domain.errors import Conflict, InvalidAnnotation
from groundswell.domain.people import Account
from groundswell.domain.records import Annotation, Assignment, LabelingJob
from groundswell.domain.states import AssignmentState, JobState
from groundswell.service import label_contexts
from groundswell.service.assignments import own
from groundswell.service.job_specs import spec_of
from groundswell.service.pictures import Pictures
from groundswell.service.ports import Store, Transaction
from groundswell.tasktypes import registry
from groundswell.tasktypes.base import TaskType

_SMALL_BYTES = 64 << 10  # an answer that is read in less than a millisecond
_ACCEPTING = frozenset({JobState.IN_PROGRESS, JobState.PAUSED})


class LookFirst(Exception):
    """The answer is to be looked at (`look`) outside the unit of work: it is of a kind that takes time, or a file."""


def submit(
    tx: Transaction,
    worker: Account,
    assignment_id: str,
    content: Mapping[str, Any],
    time_spent_s: float,
    *,
    at: datetime,
    size: int | None = None,
    looked: bool = False,
) -> tuple[Annotation, Assignment]:
    """Store the worker's answer; the stored annotation and its assignment.

    The assignment's id is the idempotency key: the same answer again is the annotation stored before, another answer
    is a Conflict. Raises InvalidAnnotation for an answer that does not fit the task type (the draft is kept), and
    LookFirst for one that nobody has `looked` at where its kind asks for that. size : bytes of the answer as JSON.
    """
    assignment = own(tx, worker, assignment_id, to_change=True)
    if assignment.state == AssignmentState.SUBMITTED:
        return _again(tx, assignment, content), assignment
    job = tx.jobs.brief_by_id(assignment.job_id)
    if job.state not in _ACCEPTING:
        raise Conflict(f"the job {job.name} is {job.state.value} and takes no more answers")
    if not looked:
        _check_here(tx, job, assignment, content, size)
    elapsed = max(0.0, (at - assignment.accepted_at).total_seconds())
    annotation = Annotation(
        assignment_id=assignment_id,
        job_id=job.id,
        n=assignment.n,
        annotator_id=worker.id,
        content=content,
        accepted_at=assignment.accepted_at,
        submitted_at=at,
        # What the page measured leaves pauses out; more than has passed cannot be, nothing at all was not measured.
        time_spent_s=min(time_spent_s, elapsed) if time_spent_s > 0 else elapsed,
    )
    tx.assignments.submit(annotation)
    return annotation, assignment


def look(
    store: Store, pictures: Pictures, worker: Account, assignment_id: str, content: Mapping[str, Any], size: int | None
) -> None:
    """Raise InvalidAnnotation, naming the field, unless the task type can read the answer; for as long as that takes.

    Answers about pictures are checked against the picture itself, as far as its header can be read.
    """

    def work(tx: Transaction) -> tuple[LabelingJob, Mapping[str, Any], Mapping[str, Any] | None]:
        assignment = own(tx, worker, assignment_id)
        job = tx.jobs.brief_by_id(assignment.job_id)
        shown = tx.objects.task_input(job.id, assignment.n) if spec_of(job).hooks.pre_annotation else None
        return job, dict(ManifestLine(tx, job.id, assignment.n)), shown

    job, line, hook_input = store.read(work)
    kind = registry.get(job.task_type)
    _check_size(kind, content, size)
    picture = None
    if kind.needs_picture:
        # A function before the task may show another picture than the line's own: then that one counts.
        given = line if hook_input is None else {"source-ref": hook_input.get("taskObject")}
        picture = pictures.of_line(given, job.input_uri)
    kind.decode(content, label_contexts.decoding(job, line, picture=picture, handed_in=True))


def _check_here(
    tx: Transaction, job: LabelingJob, assignment: Assignment, content: Mapping[str, Any], size: int | None
) -> None:
    """As `look`, for small answers of kinds that need no picture.

    Whether an empty one is an answer, the task type says: a form all of whose fields may be left out submits it.
    """
    kind = registry.get(job.task_type)
    if kind.needs_picture or (size is not None and size > _SMALL_BYTES):
        raise LookFirst
    kind.decode(content, label_contexts.decoding(job, ManifestLine(tx, job.id, assignment.n), handed_in=True))


def _check_size(kind: TaskType, content: Mapping[str, Any], size: int | None) -> None:
    size = len(orjson.dumps(content)) if size is None else size
    if size > kind.most_answer_bytes:
        most = kind.most_answer_bytes
        raise InvalidAnnotation(
            f"expected an answer of at most {most >> 20} MiB for {kind.name}, got {size:,} bytes", field="answer"
        )


class ManifestLine(Mapping[str, Any]):
    """A manifest line that is read and parsed only if the task type looks at it: most do not."""

    def __init__(self, tx: Transaction, job_id: int, n: int) -> None:
        self._tx, self._job_id, self._n = tx, job_id, n
        self._members: Mapping[str, Any] | None = None

    def _read(self) -> Mapping[str, Any]:
        if self._members is None:
            members = orjson.loads(self._tx.objects.line(self._job_id, self._n))
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
