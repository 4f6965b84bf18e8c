"""Labeling jobs: create, pause, resume, stop, extend, put objects back. The runner does everything in between."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from groundswell.domain import events
from groundswell.domain.errors import Conflict, InvalidSpec
from groundswell.domain.money import format_usd, usd_to_micros
from groundswell.domain.people import Account
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import ENDED, JobState, ObjectState
from groundswell.service.job_specs import complete, parse_spec
from groundswell.service.ports import ObjectFilter, Page, Transaction
from groundswell.service.transitions import move_job, put_back_objects
from groundswell.service.window import affordable
from groundswell.wire.job_spec import JobSpec
from groundswell.wire.jobs import Extend

DEFAULT_OUTPUT = "output"
"""Where output goes when nothing is said: this folder of the data directory."""

_CHUNK = 1_000
_WORKERS_FIELDS = ("per_object", "max_per_object", "availability", "task_time_limit")
_STOP_FIELDS = ("human_labeled", "labeled_percent", "budget_usd")


def create(tx: Transaction, spec: JobSpec, *, by: Account, at: datetime) -> LabelingJob:
    """Store a new labeling job; a runner reads its input next.

    Raises InvalidSpec naming the field, Conflict when the name is taken.
    """
    spec, kind, team = complete(tx, spec)
    job = tx.jobs.add(
        LabelingJob(
            id=0,
            name=spec.name,
            spec=spec.model_dump(mode="json"),
            task_type=kind.name,
            team_id=team.id,
            state=JobState.INITIALIZING,
            created_at=at,
            created_by=by.id,
            input_uri=spec.input or "",
            output_uri=f"{(spec.output or DEFAULT_OUTPUT).rstrip('/')}/{spec.name}",
        )
    )
    tx.record(
        events.JobCreated(at=at, actor=by.id, job=job.id, name=job.name, task_type=job.task_type, team=job.team_id)
    )
    return job


def pause(tx: Transaction, job: LabelingJob, *, by: Account, at: datetime) -> LabelingJob:
    """No new assignments; those held may still be submitted."""
    return move_job(tx, job, "pause", by=by.id, at=at)


def resume(tx: Transaction, job: LabelingJob, *, by: Account, at: datetime) -> LabelingJob:
    """A paused job goes on."""
    return move_job(tx, job, "resume", by=by.id, at=at)


def stop(tx: Transaction, job: LabelingJob, *, by: Account, at: datetime) -> LabelingJob:
    """End the job: the runner withdraws what is open and writes the last output. Stopping again changes nothing."""
    if job.state in (JobState.STOPPING, JobState.STOPPED):
        return job
    return move_job(tx, job, "stop", by=by.id, at=at)


def extend(tx: Transaction, job: LabelingJob, more: Extend, *, by: Account, at: datetime) -> LabelingJob:
    """Ask for more annotations, time, labels or money; an ended job goes on with it.

    Objects labeled by fewer people than are asked for now go back to workers, as far as the budget pays.
    Raises InvalidSpec where the new numbers cannot work, Conflict for a job that failed or is stopping.
    """
    if job.state in (JobState.FAILED, JobState.STOPPING):
        raise Conflict(f"cannot extend a labeling job that is {job.state.value}")
    spec = _extended(job, more)
    _check_budget(job, spec)
    tx.jobs.update(job.id, spec=spec.model_dump(mode="json"))
    put = put_back(tx, job, None, by=by, at=at) if more.put_back_failed else 0
    asked = _ask_for_more(tx, job, spec) if more.per_object is not None else 0
    if job.state in ENDED and tx.jobs.brief_by_id(job.id).state in ENDED:
        move_job(tx, job, "extend", by=by.id, at=at)
    changes = more.model_dump(mode="json", exclude_none=True)
    tx.record(
        events.JobExtended(at=at, actor=by.id, job=job.id, name=job.name, put_back=put, reopened=asked, changes=changes)
    )
    return tx.jobs.get(job.id)


def put_back(tx: Transaction, job: LabelingJob, numbers: Sequence[int] | None, *, by: Account, at: datetime) -> int:
    """Failed objects (these, or all) are tried again; how many were. A job that had ended goes on."""
    if numbers is None:
        count = _put_back_all(tx, job, by=by, at=at)
    else:
        count = put_back_objects(tx, job, numbers, by=by.id, at=at)
    if count and job.state in (JobState.COMPLETED, JobState.STOPPED):
        move_job(tx, job, "extend", by=by.id, at=at)
    return count


def note_export(tx: Transaction, job: LabelingJob, what: str, *, by: Account, at: datetime) -> None:
    """Remember that somebody downloads the job's output or its annotations."""
    tx.record(events.JobExported(at=at, actor=by.id, job=job.id, name=job.name, what=what))


def _extended(job: LabelingJob, more: Extend) -> JobSpec:
    spec: dict[str, Any] = {**job.spec}
    given = more.model_dump(mode="json", exclude_none=True)
    spec["workers"] = {**spec["workers"], **{name: given[name] for name in _WORKERS_FIELDS if name in given}}
    spec["stop_when"] = {**spec["stop_when"], **{name: given[name] for name in _STOP_FIELDS if name in given}}
    most = spec["workers"]["max_per_object"]
    if more.max_per_object is None and most is not None:
        spec["workers"]["max_per_object"] = max(most, spec["workers"]["per_object"])
    return parse_spec(spec)


def _check_budget(job: LabelingJob, spec: JobSpec) -> None:
    budget, counters = spec.stop_when.budget_usd, job.counters
    if budget is None:
        return
    price = usd_to_micros(spec.workers.price_usd)
    promised = counters.spent_usd_micros + counters.outstanding * price
    if usd_to_micros(budget, field="stop_when.budget_usd") < promised:
        raise InvalidSpec(
            f"expected a budget of at least {format_usd(promised, digits=6)}, which is spent or promised, got {budget}",
            field="stop_when.budget_usd",
        )


def _put_back_all(tx: Transaction, job: LabelingJob, *, by: Account, at: datetime) -> int:
    failed = ObjectFilter(states=frozenset({ObjectState.FAILED}))
    count = 0
    while found := tx.objects.page(job.id, failed, Page(limit=_CHUNK)):
        count += put_back_objects(tx, job, [one.n for one, _ in found], by=by.id, at=at)
    return count


def _ask_for_more(tx: Transaction, job: LabelingJob, spec: JobSpec) -> int:
    """Reopen people's labels made from fewer annotations than `per_object`; how many."""
    wanted, left = spec.workers.per_object, affordable(spec, tx.jobs.counters(job.id))
    labeled = ObjectFilter(states=frozenset({ObjectState.LABELED}), human=True)
    reopened, after = 0, None
    while found := tx.objects.page(job.id, labeled, Page(limit=_CHUNK, after=after)):
        for data_object, _ in found:
            missing = wanted - data_object.answered
            if 0 < missing <= left:
                tx.objects.ask_more(job.id, data_object.n, wanted=wanted)
                reopened, left = reopened + 1, left - missing
        after = str(found[-1][0].n)
    return reopened
