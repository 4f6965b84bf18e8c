"""Labeling jobs: create, look at, pause, resume, stop, extend, put objects back. The runner does the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from groundswell.domain import events
from groundswell.domain.errors import Conflict, GroundswellError, InvalidSpec
from groundswell.domain.job_notes import IngestReport
from groundswell.domain.money import format_usd, usd_to_micros
from groundswell.domain.people import Principal, WorkTeam
from groundswell.domain.records import Annotation, LabelingJob
from groundswell.domain.states import ENDED, JobState, ObjectState
from groundswell.service import buckets, hooks, job_report, job_specs
from groundswell.service.access import Action, Relation, allowed_with, job_for, permits, require, require_here
from groundswell.service.annotators import Shown, shown_to
from groundswell.service.context import Context
from groundswell.service.job_report import JobReport
from groundswell.service.job_specs import Examined, complete, parse_spec
from groundswell.service.places import in_the_way
from groundswell.service.places import problems as place_problems
from groundswell.service.ports import ObjectFilter, Page, Transaction
from groundswell.service.transitions import move_job, put_back_objects
from groundswell.service.window import affordable
from groundswell.wire.job_spec import JobSpec
from groundswell.wire.jobs import Extend

ANNOTATIONS_A_PAGE = 5_000

_CHUNK = 1_000
_WORKERS_FIELDS = ("per_object", "max_per_object", "availability", "task_time_limit")
_STOP_FIELDS = ("human_labeled", "labeled_percent", "budget_usd")


@dataclass(frozen=True)
class JobView:
    """A job with the names that people know its team and its owner by."""

    job: LabelingJob
    team: str
    creator: str
    may_change: bool  # whether who looks may steer it
    may_share: bool  # whether who looks may share it, or keep it
    may_delete: bool  # whether who looks may delete it once it has ended


def create(
    context: Context, principal: Principal, given: Mapping[str, Any], *, request: Mapping[str, Any] | None = None
) -> LabelingJob:
    """Store a new labeling job, from its specification as JSON; a runner reads its input next.

    request : the CreateLabelingJob that the specification was made of, kept to be described as it was asked.
    Raises InvalidSpec with everything that stands against it, Conflict when the name is taken.
    """
    require_here(principal, Action.CREATE_JOB)
    now = context.clock()
    besides = [*hooks.problems(context, principal, given, start=True), *_misplaced(context, principal, given)]

    def work(tx: Transaction) -> LabelingJob:
        spec, _, team = complete(tx, principal.workspace_id, given, besides=besides)
        return add_job(context, tx, principal, spec, team, at=now, request=request)

    return context.write(work)


def add_job(
    context: Context,
    tx: Transaction,
    principal: Principal,
    spec: JobSpec,
    team: WorkTeam,
    *,
    at: datetime,
    ingest: IngestReport | None = None,
    request: Mapping[str, Any] | None = None,
) -> LabelingJob:
    """Store a job whose specification is complete, and tell of it; raises Conflict when the name is taken."""
    output = spec.output or context.places.output_folder(principal.workspace_id)
    job = tx.jobs.add(
        LabelingJob(
            id=0,
            name=spec.name,
            spec=spec.model_dump(mode="json"),
            task_type=spec.task_type,
            team_id=team.id,
            state=JobState.INITIALIZING,
            created_at=at,
            created_by=principal.id,
            input_uri=spec.input or "",
            output_uri=f"{context.storage.absolute(output).rstrip('/')}/{spec.name}",
            workspace_id=principal.workspace_id,
            request=request,
        )
    )
    if ingest is not None:
        tx.jobs.update(job.id, ingest=ingest)
    buckets.claim(tx, context, principal.workspace_id, job.output_uri)
    tx.record(
        events.JobCreated(
            at=at,
            actor=principal.id,
            workspace=job.workspace_id,
            job=job.id,
            name=job.name,
            task_type=job.task_type,
            team=job.team_id,
        )
    )
    return job


def examine(context: Context, principal: Principal, given: Mapping[str, Any]) -> Examined:
    """A specification as it would be read, and everything that stands against it; nothing is made."""
    require_here(principal, Action.CREATE_JOB)
    found = context.read(lambda tx: job_specs.examine(tx, principal.workspace_id, given))
    besides = [*hooks.problems(context, principal, given, start=False), *_misplaced(context, principal, given)]
    return replace(found, errors=(*found.errors, *besides)) if besides else found


def page(
    context: Context,
    principal: Principal,
    page: Page,
    *,
    states: Iterable[JobState] | None = None,
    name_contains: str | None = None,
) -> list[JobView]:
    """The jobs this person sees, newest first: in these states, whose name contains this."""

    require(principal, Action.SEE_JOB)
    all_here = permits(principal.roles, Action.SEE_JOB, frozenset({Relation.WORKSPACE}))
    kept_too = permits(principal.roles, Action.SEE_JOB, frozenset({Relation.KEPT}))

    def work(tx: Transaction) -> list[JobView]:
        teams = None if all_here else [team.id for team in tx.teams.select(manager_id=principal.id)]
        found = tx.jobs.page(
            page,
            states=states,
            team_ids=teams,
            name_contains=name_contains,
            workspace_id=principal.workspace_id if all_here else None,
            shared_or_of=principal.id if all_here and not kept_too else None,
        )
        return [_view(tx, principal, job) for job in found]

    return context.read(work)


def describe(context: Context, principal: Principal, name: str) -> JobView:
    """One job; raises NotFound."""
    return context.read(lambda tx: _view(tx, principal, job_for(tx, principal, name)))


def report(context: Context, principal: Principal, name: str) -> JobReport:
    """The numbers of a job, counted anew when they are old; its counters are always today's."""
    job, people = context.read(lambda tx: _job_and_people(context, tx, principal, name))
    now = context.clock()
    found = context.reports.get(job, lambda: context.read(lambda tx: job_report.report(tx, job, at=now)))
    workers = [
        replace(one, worker_id=people.id(one.worker_id), name=people.called(one.worker_id, one.name))
        for one in found.workers
    ]
    return replace(found, counters=job.counters, done=job_report.objects_done(job.counters), workers=workers)


def output_manifest(job: LabelingJob) -> str:
    """Where a job's output manifest is, in Ground Truth's layout."""
    return f"{job.output_uri.rstrip('/')}/manifests/output/output.manifest"


def output(context: Context, principal: Principal, name: str) -> tuple[LabelingJob, int, Iterator[bytes]]:
    """A job, its output manifest's size in bytes and its bytes as last written; Conflict before the first time."""
    job = context.read(lambda tx: job_for(tx, principal, name))
    uri = output_manifest(job)
    if not context.storage.exists(uri):
        raise Conflict(f"the output manifest of {job.name} is not written yet; it is, soon after the first label")
    _record_export(context, principal, job, "output")
    return job, context.storage.size(uri), context.storage.stream(uri)


def answers(context: Context, principal: Principal, name: str) -> tuple[LabelingJob, Iterator[list[Annotation]]]:
    """A job and every submitted answer to it in order of submission, a few thousand at a time."""
    job, people = context.read(lambda tx: _job_and_people(context, tx, principal, name))
    _record_export(context, principal, job, "annotations")
    return job, (
        [replace(one, annotator_id=people.id(one.annotator_id)) for one in found] for found in _pages(context, job.id)
    )


def pause(context: Context, principal: Principal, name: str) -> JobView:
    """No new assignments; those held may still be submitted."""
    return _change(context, principal, name, "pause")


def resume(context: Context, principal: Principal, name: str) -> JobView:
    """A paused job goes on."""
    return _change(context, principal, name, "resume")


def stop(context: Context, principal: Principal, name: str) -> JobView:
    """End the job: the runner withdraws what is open and writes the last output. Stopping again changes nothing."""
    return _change(context, principal, name, "stop")


def extend(context: Context, principal: Principal, name: str, more: Extend) -> JobView:
    """Ask for more annotations, time, labels or money; an ended job goes on with it.

    Objects labeled by fewer people than are asked for now go back to workers, as far as the budget pays.
    Raises InvalidSpec where the new numbers cannot work, Conflict for a job that failed or is stopping.
    """
    now = context.clock()

    def work(tx: Transaction) -> JobView:
        job = job_for(tx, principal, name, Action.CHANGE_JOB)
        if job.state in (JobState.FAILED, JobState.STOPPING):
            raise Conflict(f"cannot extend a labeling job that is {job.state.value}")
        spec = _extended(job, more)
        _check_budget(job, spec)
        tx.jobs.update(job.id, spec=spec.model_dump(mode="json"), at=now)
        put = _put_back(tx, job, None, by=principal.id, at=now) if more.put_back_failed else 0
        asked = _ask_for_more(tx, job, spec, at=now) if more.per_object is not None else 0
        if job.state in ENDED and tx.jobs.brief_by_id(job.id).state in ENDED:
            move_job(tx, job, "extend", by=principal.id, at=now)
        changes = more.model_dump(mode="json", exclude_none=True)
        tx.record(
            events.JobExtended(
                at=now,
                actor=principal.id,
                workspace=job.workspace_id,
                job=job.id,
                name=job.name,
                put_back=put,
                reopened=asked,
                changes=changes,
            )
        )
        return _view(tx, principal, tx.jobs.get(job.id))

    return context.write(work)


def share(context: Context, principal: Principal, name: str, *, shared: bool) -> JobView:
    """Show a job to the workspace's other requesters and reviewers, or to nobody but its owner and administrators."""
    now = context.clock()

    def work(tx: Transaction) -> JobView:
        job = job_for(tx, principal, name, Action.SHARE_JOB)
        tx.jobs.update(job.id, shared=shared)
        tx.record(
            events.JobShared(
                at=now, actor=principal.id, workspace=job.workspace_id, job=job.id, name=job.name, shared=shared
            )
        )
        return _view(tx, principal, tx.jobs.get(job.id))

    return context.write(work)


def put_back(context: Context, principal: Principal, name: str, numbers: Sequence[int] | None) -> int:
    """Failed objects (these, or all) are tried again; how many were. A job that had ended goes on."""
    now = context.clock()

    def work(tx: Transaction) -> int:
        job = job_for(tx, principal, name, Action.CHANGE_JOB)
        return _put_back(tx, job, numbers, by=principal.id, at=now)

    return context.write(work)


def _misplaced(context: Context, principal: Principal, given: Mapping[str, Any]) -> list[GroundswellError]:
    """What of a specification's addresses belongs to somebody else, or has something in its way."""
    where, storage, places = principal.workspace_id, context.storage, context.places
    found = context.read(lambda tx: place_problems(tx, where, storage, places, given))
    if all(error.field != "output" for error in found):
        found.extend(in_the_way(storage, places, given))
    return found


def _view(tx: Transaction, principal: Principal, job: LabelingJob) -> JobView:
    allowed = allowed_with(tx, principal, job)
    return JobView(
        job,
        tx.teams.get(job.team_id).name,
        tx.workers.get(job.created_by).name,
        may_change=Action.CHANGE_JOB in allowed,
        may_share=Action.SHARE_JOB in allowed,
        may_delete=Action.DELETE_JOB in allowed,
    )


def _job_and_people(context: Context, tx: Transaction, principal: Principal, name: str) -> tuple[LabelingJob, Shown]:
    job = job_for(tx, principal, name)
    return job, shown_to(tx, principal, job, context.secret)


def _record_export(context: Context, principal: Principal, job: LabelingJob, what: str) -> None:
    event = events.JobExported(
        at=context.clock(), actor=principal.id, workspace=job.workspace_id, job=job.id, name=job.name, what=what
    )
    context.write(lambda tx: tx.record(event))


def _pages(context: Context, job_id: int) -> Iterator[list[Annotation]]:
    after: str | None = None
    while found := context.read(partial(_page, job_id, after)):
        yield found
        after = found[-1].assignment_id


def _page(job_id: int, after: str | None, tx: Transaction) -> list[Annotation]:
    return tx.annotations.all(job_id, after=after, limit=ANNOTATIONS_A_PAGE)


def _change(context: Context, principal: Principal, name: str, event: str) -> JobView:
    now = context.clock()

    def work(tx: Transaction) -> JobView:
        job = job_for(tx, principal, name, Action.CHANGE_JOB)
        if event == "stop" and job.state in (JobState.STOPPING, JobState.STOPPED):
            return _view(tx, principal, job)
        return _view(tx, principal, move_job(tx, job, event, by=principal.id, at=now))

    return context.write(work)


def _put_back(tx: Transaction, job: LabelingJob, numbers: Sequence[int] | None, *, by: str, at: datetime) -> int:
    if numbers is None:
        count = _put_back_all(tx, job, by=by, at=at)
    else:
        count = put_back_objects(tx, job, numbers, by=by, at=at)
    if count and job.state in (JobState.COMPLETED, JobState.STOPPED):
        move_job(tx, job, "extend", by=by, at=at)
    return count


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


def _put_back_all(tx: Transaction, job: LabelingJob, *, by: str, at: datetime) -> int:
    failed = ObjectFilter(states=frozenset({ObjectState.FAILED}))
    count = 0
    while found := tx.objects.page(job.id, failed, Page(limit=_CHUNK)):
        count += put_back_objects(tx, job, [one.n for one, _ in found], by=by, at=at)
    return count


def _ask_for_more(tx: Transaction, job: LabelingJob, spec: JobSpec, *, at: datetime) -> int:
    """Reopen people's labels made from fewer annotations than `per_object`; how many."""
    wanted, left = spec.workers.per_object, affordable(spec, tx.jobs.counters(job.id))
    labeled = ObjectFilter(states=frozenset({ObjectState.LABELED}), human=True)
    reopened, after = 0, None
    while found := tx.objects.page(job.id, labeled, Page(limit=_CHUNK, after=after)):
        asked: dict[int, int] = {}
        for data_object, _ in found:
            missing = wanted - data_object.answered
            if 0 < missing <= left:
                asked[data_object.n], left = wanted, left - missing
        if asked:
            tx.tasks.ask_more(job.id, asked, at=at)
        reopened += len(asked)
        after = str(found[-1][0].n)
    return reopened
