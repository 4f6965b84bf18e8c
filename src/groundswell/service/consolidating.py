"""Making the labels of a job that has ended anew, of the answers there are: by another method, or after an import."""

from __future__ import annotations

from typing import Any

from groundswell.domain import events
from groundswell.domain.errors import Conflict, InvalidSpec
from groundswell.domain.people import Principal
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import JobState
from groundswell.service.access import Action, job_for
from groundswell.service.context import Context
from groundswell.service.ports import Transaction
from groundswell.service.transitions import move_job
from groundswell.tasktypes import registry
from groundswell.wire.jobs import Consolidate

_AGAIN = {JobState.COMPLETED: ("extend",), JobState.STOPPED: ("extend", "stop")}
"""What leads a job through its end once more; one that was stopped must not be worked on meanwhile."""


def consolidate(context: Context, principal: Principal, name: str, asked: Consolidate) -> LabelingJob:
    """Labels are made anew by the runner: those of consolidation, and those that came with answers by an import.

    Labels of reviewers stay. Raises Conflict for a job that has not ended or whose function consolidates, InvalidSpec
    for a method that its kind of task has not.
    """
    now = context.clock()

    def work(tx: Transaction) -> LabelingJob:
        job = job_for(tx, principal, name, Action.CHANGE_JOB)
        if job.state not in _AGAIN:
            raise Conflict(f"the job {job.name} is {job.state.value}: expected one that was completed or stopped")
        if job.spec["hooks"]["post_annotation"]:
            raise Conflict(f"the labels of {job.name} are made by its function: chain a job to have it called again")
        spec = _with_method(job, asked.method)
        tx.jobs.update(job.id, spec=spec, progress={**job.progress, "consolidate_again": True})
        tx.record(
            events.JobExtended(
                at=now,
                actor=principal.id,
                workspace=job.workspace_id,
                job=job.id,
                name=job.name,
                put_back=0,
                reopened=0,
                changes={"consolidation": dict(spec["consolidation"])},
            )
        )
        for transition in _AGAIN[job.state]:
            move_job(tx, job, transition, by=principal.id, at=now)
        return tx.jobs.get(job.id)

    return context.write(work)


def _with_method(job: LabelingJob, method: str | None) -> dict[str, Any]:
    """The specification with another method, which starts from its own defaults."""
    if method is None:
        return dict(job.spec)
    known = registry.get(job.task_type).methods
    if method not in known:
        raise InvalidSpec(
            f"expected a consolidation method of {job.task_type} ({', '.join(known) or 'none to choose from'}), got "
            f"{method!r}",
            field="method",
        )
    before = job.spec["consolidation"]
    options = before["options"] if method == before["method"] else {}
    return {**job.spec, "consolidation": {**before, "method": method, "options": options}}
