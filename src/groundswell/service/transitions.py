"""The one way a job or its data objects change state: the change and its event, in one transaction.

Acts and the runner come here alike, so that nothing moves without a trace. A test holds everybody else off
`JobRepository.set_state` and off the moves of objects that are told here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from groundswell.domain import events
from groundswell.domain.labels import Origin
from groundswell.domain.records import Assignment, DataObject, LabelingJob, Task
from groundswell.service.ports import Transaction

JOB_EVENTS: Mapping[str, type[events.JobEvent]] = {
    "start": events.JobStarted,
    "pause": events.JobPaused,
    "resume": events.JobResumed,
    "stop": events.JobStopping,
    "stopped": events.JobStopped,
    "complete": events.JobCompleted,
    "fail": events.JobFailed,
    "extend": events.JobReopened,
}
"""What is told of each of `domain.states.JOB_TRANSITIONS`."""


def move_job(
    tx: Transaction, job: LabelingJob, transition: str, *, at: datetime, by: str | None = None, reason: str = ""
) -> LabelingJob:
    """Apply a job's transition; raises Conflict where its state does not allow it.

    by : the account that asked; None for what the runner does by itself.
    """
    moved = tx.jobs.set_state(job.id, transition, at=at, reason=reason or None)
    told = {"reason": reason} if transition == "fail" else {}
    tx.record(JOB_EVENTS[transition](at=at, actor=by, workspace=job.workspace_id, job=job.id, name=job.name, **told))
    return moved


def fail_objects(tx: Transaction, job: LabelingJob, numbers: Sequence[int], *, reason: str, at: datetime) -> int:
    """Objects fail, with the reason; how many did (another runner may have been faster)."""
    moved = tx.objects.move(job.id, numbers, "fail", reason=reason)
    return _record_moved(tx, events.ObjectsFailed, job, moved, at=at, reason=reason)


def skip_objects(tx: Transaction, job: LabelingJob, numbers: Sequence[int], *, at: datetime) -> int:
    """Objects need no people; how many moved."""
    return _record_moved(tx, events.ObjectsSkipped, job, tx.objects.move(job.id, numbers, "skip"), at=at)


def put_back_objects(tx: Transaction, job: LabelingJob, numbers: Sequence[int], *, at: datetime, by: str) -> int:
    """Failed objects are tried again; how many were failed."""
    return _record_moved(tx, events.ObjectsPutBack, job, tx.objects.move(job.id, numbers, "put_back"), at=at, by=by)


def record_labeled(
    tx: Transaction, job: LabelingJob, numbers: Sequence[int], *, origin: Origin, at: datetime, by: str | None = None
) -> None:
    """Tell of a batch of labels, once for all."""
    _record_moved(tx, events.ObjectsLabeled, job, numbers, at=at, by=by, origin=origin.value)


def withdraw_labels(
    tx: Transaction, job: LabelingJob, numbers: Sequence[int], *, reason: str, at: datetime, by: str | None = None
) -> int:
    """Machines' labels stand no more (`LabelRepository.withdraw`); how many did."""
    withdrawn = tx.labels.withdraw(job.id, numbers, at=at, reason=reason)
    return _record_moved(tx, events.LabelsWithdrawn, job, withdrawn, at=at, by=by, reason=reason)


def settle(
    tx: Transaction, job: LabelingJob, found: Sequence[tuple[DataObject | Task, str]], *, enough: int, at: datetime
) -> int:
    """End the wait for open objects: on to consolidation with `enough` answers or more, else failed with the reason."""
    answered = [one.n for one, _ in found if one.answered >= enough]
    moved = len(tx.objects.move(job.id, answered, "answer")) if answered else 0
    for one, reason in found:
        if one.answered < enough:
            moved += fail_objects(tx, job, [one.n], reason=reason, at=at)
    return moved


def expire_holds(tx: Transaction, *, at: datetime, limit: int) -> int:
    """Expire up to `limit` holds past their time, those of all jobs; how many there were."""
    expired = tx.assignments.expire(at, limit)
    by_job: dict[int, list[Assignment]] = {}
    for one in expired:
        by_job.setdefault(one.job_id, []).append(one)
    for job_id, mine in by_job.items():
        job = tx.jobs.brief_by_id(job_id)
        tx.record(
            events.AssignmentsExpired(
                at=at,
                workspace=job.workspace_id,
                job=job_id,
                name=job.name,
                count=len(mine),
                objects=events.ranges_of(one.n for one in mine),
                workers=sorted({one.worker_id for one in mine}),
            )
        )
    return len(expired)


def _record_moved(
    tx: Transaction,
    kind: Callable[..., events.ObjectsEvent],
    job: LabelingJob,
    moved: Sequence[int],
    *,
    at: datetime,
    by: str | None = None,
    **told: str,
) -> int:
    if moved:
        tx.record(
            kind(
                at=at,
                actor=by,
                workspace=job.workspace_id,
                job=job.id,
                name=job.name,
                count=len(moved),
                objects=events.ranges_of(moved),
                **told,
            )
        )
    return len(moved)
