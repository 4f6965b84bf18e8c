"""Tasks in workers' hands: take the next, begin, return, decline, draft; and the list of jobs a worker sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from groundswell.domain import events
from groundswell.domain.asking import is_refused, refusal
from groundswell.domain.errors import Conflict, InvalidInput, NotFound
from groundswell.domain.money import usd_to_micros
from groundswell.domain.people import Account, WorkTeam
from groundswell.domain.records import Assignment, LabelingJob, TaskKind
from groundswell.domain.states import AssignmentState, JobState, TaskState
from groundswell.service import transitions, window
from groundswell.service.access import refuse_unless_worker
from groundswell.service.job_specs import spec_of
from groundswell.service.ports import Page, Transaction
from groundswell.tasktypes import registry
from groundswell.wire.job_spec import JobSpec

MOST_REASON = 1_000
"""Characters of why a worker could not answer a task."""

_JOBS_LISTED = 200
_PUBLISHED_FOR_ONE = (
    200  # objects published for a worker who found nothing: many takes of many workers, some milliseconds
)
_TRIES = 8  # what somebody else published may be gone again; what one publishes oneself is not


@dataclass(frozen=True)
class Taken:
    """A task in a worker's hands."""

    assignment: Assignment
    job: LabelingJob  # without counters
    spec: JobSpec
    line: str  # of the manifest
    hook_input: Mapping[str, Any] | None  # what the pre-annotation hook made of it
    draft: str | None


@dataclass(frozen=True)
class OpenJob:
    """One row of a worker's list."""

    job: LabelingJob
    spec: JobSpec
    team: WorkTeam
    left: int  # about how many tasks are open to this worker
    held: tuple[str, ...]  # assignments they can resume
    done: int  # annotations they submitted


def take_next(
    tx: Transaction, worker: Account, name: str, *, at: datetime, assignment_id: str, holding: Sequence[str] = ()
) -> Taken | None:
    """The worker's next task of this job; None when there is none for them now.

    Who found nothing open need not wait for a runner: pending objects are published on the spot, within what the job's
    stopping conditions and budget allow (a job with a pre-annotation hook has to wait, for the hook).
    Raises NotFound for a job that is not open to the worker's teams, Conflict for one who holds too many.
    """
    tx.assignments.foresee(name, worker.id, at=at, holding=holding)
    job = tx.jobs.brief(name)
    refuse_unless_worker(tx, worker, job)
    spec = spec_of(job)
    if job.state != JobState.IN_PROGRESS:
        return _resumed(tx, job, spec, worker, holding, at)

    def take() -> Assignment | None:
        return tx.assignments.take(
            job.id,
            worker.id,
            assignment_id=assignment_id,
            at=at,
            expires_at=at + timedelta(seconds=spec.workers.task_time_limit),
            reward_usd_micros=usd_to_micros(spec.workers.price_usd),
            holding=holding,
        )

    found = take()
    tries = 0 if spec.hooks.pre_annotation else _TRIES
    while found is None and tries:
        mine = tx.tasks.turn(job.id, wait=False)
        if mine and not _publish_some(tx, job, spec, at):
            break
        found, tries = take(), tries - 1
    return None if found is None else _taken(tx, job, spec, found, fresh=found.id == assignment_id)


def begin(tx: Transaction, worker: Account, assignment_id: str, *, at: datetime) -> tuple[Assignment, str | None]:
    """A task fetched ahead is on screen now: its time starts. Later calls change nothing.

    With it comes the worker's own draft: of this assignment, or of an earlier one whose time ran out.
    """
    assignment = own(tx, worker, assignment_id)
    limit = spec_of(tx.jobs.brief_by_id(assignment.job_id)).workers.task_time_limit
    begun = tx.assignments.begin(assignment_id, at=at, expires_at=at + timedelta(seconds=limit))
    return begun, tx.assignments.draft(assignment_id) or tx.assignments.earlier_draft(assignment_id)


def describe(tx: Transaction, worker: Account, assignment_id: str) -> Taken:
    """A task the worker holds, again: after a reload. Raises Conflict when it is not in their hands any more."""
    assignment = own(tx, worker, assignment_id)
    if assignment.state != AssignmentState.HELD:
        raise Conflict(f"this task is {assignment.state.value}, not in your hands; take the next one")
    job = tx.jobs.brief_by_id(assignment.job_id)
    return _taken(tx, job, spec_of(job), assignment)


def held(tx: Transaction, worker: Account, *, at: datetime) -> list[Taken]:
    """Every task in the worker's hands."""
    found = []
    for assignment in tx.assignments.held_by(worker.id):
        if assignment.expires_at > at:
            job = tx.jobs.brief_by_id(assignment.job_id)
            found.append(_taken(tx, job, spec_of(job), assignment))
    return found


def give_back(
    tx: Transaction, worker: Account, assignment_id: str, event: str, *, at: datetime, reason: str = ""
) -> Assignment:
    """Return or decline a task. An object everybody declined fails, or is settled by the answers it has."""
    assignment = own(tx, worker, assignment_id, to_change=True)
    after = tx.assignments.give_back(assignment_id, event, at=at)
    if reason:
        _report(tx, worker, assignment, reason, at)
    if event == "decline":
        _settle_declined(tx, assignment, at)
    return after


def save_draft(tx: Transaction, worker: Account, assignment_id: str, draft: str, *, at: datetime) -> None:
    """Keep what the worker has so far of a task in their hands, or one whose time just ran out: it may come again."""
    assignment = own(tx, worker, assignment_id)
    if assignment.state == AssignmentState.SUBMITTED:
        return  # it was overtaken by its own answer
    if assignment.state not in (AssignmentState.HELD, AssignmentState.EXPIRED):
        raise Conflict(f"this task is {assignment.state.value}; drafts are kept for tasks in your hands")
    most = registry.get(tx.jobs.brief_by_id(assignment.job_id).task_type).most_answer_bytes
    if len(draft) > most:
        raise InvalidInput(
            f"expected a draft of at most {most >> 20} MiB, got {len(draft):,} characters", field="draft"
        )
    tx.assignments.save_draft(assignment_id, draft, at=at)


def jobs_for(tx: Transaction, worker: Account, *, at: datetime) -> list[OpenJob]:
    """The jobs open to the worker, and paused or stopped ones of which they still hold a task; newest first."""
    teams = {team.id: team for team in tx.teams.select(member_id=worker.id)}
    states = (JobState.IN_PROGRESS, JobState.PAUSED)
    jobs = tx.jobs.page(Page(limit=_JOBS_LISTED), states=states, team_ids=teams)
    holds: dict[int, list[str]] = {}
    for assignment in tx.assignments.held_by(worker.id):
        if assignment.expires_at > at:
            holds.setdefault(assignment.job_id, []).append(assignment.id)
    left = tx.assignments.open_for([job.id for job in jobs if job.state == JobState.IN_PROGRESS], worker.id)
    done = tx.annotations.done_by(worker.id, [job.id for job in jobs])
    return [
        OpenJob(job, spec_of(job), teams[job.team_id], left.get(job.id, 0), tuple(holds.get(job.id, ())), done[job.id])
        for job in jobs
        if job.state == JobState.IN_PROGRESS or job.id in holds
    ]


def own(tx: Transaction, worker: Account, assignment_id: str, *, to_change: bool = False) -> Assignment:
    """The worker's own assignment; another's is as if it did not exist."""
    assignment = tx.assignments.locked(assignment_id) if to_change else tx.assignments.get(assignment_id)
    if assignment.worker_id != worker.id:
        raise NotFound(f"there is no assignment {assignment_id!r}")
    return assignment


def _publish_some(tx: Transaction, job: LabelingJob, spec: JobSpec, at: datetime) -> int:
    """Publish for a worker who found nothing; how many tasks."""
    numbers = window.next_objects(tx, job, spec, most=_PUBLISHED_FOR_ONE, beyond=True)
    return window.publish(tx, job, spec, numbers, at=at)


def _resumed(
    tx: Transaction, job: LabelingJob, spec: JobSpec, worker: Account, holding: Sequence[str], at: datetime
) -> Taken | None:
    """Of a job that gives out nothing new: the task the worker still holds."""
    if job.state == JobState.INITIALIZING:
        return None
    for assignment in tx.assignments.held_by(worker.id):
        if assignment.job_id == job.id and assignment.id not in holding and assignment.expires_at > at:
            return _taken(tx, job, spec, assignment)
    return None


def _taken(tx: Transaction, job: LabelingJob, spec: JobSpec, assignment: Assignment, *, fresh: bool = False) -> Taken:
    return Taken(
        assignment=assignment,
        job=job,
        spec=spec,
        line=tx.objects.line(job.id, assignment.n),
        hook_input=tx.objects.task_input(job.id, assignment.n) if spec.hooks.pre_annotation else None,
        draft=None if fresh else tx.assignments.draft(assignment.id),
    )


def _report(tx: Transaction, worker: Account, assignment: Assignment, reason: str, at: datetime) -> None:
    job = tx.jobs.brief_by_id(assignment.job_id)
    tx.record(
        events.ObjectReported(
            at=at,
            actor=worker.id,
            workspace=job.workspace_id,
            job=job.id,
            name=job.name,
            count=1,
            objects=events.ranges_of([assignment.n]),
            reason=reason,
        )
    )


def _settle_declined(tx: Transaction, assignment: Assignment, at: datetime) -> None:
    """When nobody is left who could take the task: its answers settle it if they are enough, else its objects fail."""
    job = tx.jobs.brief_by_id(assignment.job_id)
    task, workers = tx.tasks.get(assignment.task_id), spec_of(job).workers
    if task.kind is TaskKind.ORDINARY and task.state is TaskState.OPEN:
        people = tx.teams.member_count(job.team_id)
        if is_refused(task, asked=workers.per_object, people=people):
            transitions.settle(tx, job, [(task, refusal(task))], enough=workers.min_answers, at=at)
