"""Labeling jobs: create, describe, list, change; their report, output, annotations and preview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from groundswell.domain.errors import Conflict
from groundswell.domain.people import Account
from groundswell.domain.records import Annotation, LabelingJob
from groundswell.domain.states import JobState
from groundswell.server.auth import Here, Overseer, Requester
from groundswell.server.context import Context
from groundswell.server.frames import render_task
from groundswell.server.rest.job_shapes import job_out, output_manifest, report_out
from groundswell.service import job_report, labeling_jobs
from groundswell.service.access import job_for, visible_teams
from groundswell.service.input_sample import first_lines
from groundswell.service.job_report import JobReport
from groundswell.service.ports import Page, Transaction
from groundswell.tasktypes import registry
from groundswell.wire import jobs as wire
from groundswell.wire.job_spec import JobSpec

router = APIRouter(tags=["jobs"])

ANNOTATIONS_A_PAGE = 5_000
SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "image": {"source-ref": "/static/sample.svg"},
    "text": {"source": "The train to the coast was late again, but the view made up for it."},
}
"""What a preview shows before there is any input."""


@router.post("/jobs", status_code=201)
def create_job(here: Here, requester: Requester, spec: JobSpec) -> wire.Job:
    """Create a labeling job: its input is checked in the background, then its tasks are published."""
    job = create(here, requester, spec)
    return here.read(lambda tx: job_out(tx, job))


@router.get("/jobs")
def list_jobs(
    here: Here,
    overseer: Overseer,
    state: wire.JobStateName | None = None,
    name: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> wire.JobPage:
    """Jobs, newest first: of this state, whose name contains this."""
    page = Page(limit=max(1, min(limit, 1_000)), after=after)

    def work(tx: Transaction) -> wire.JobPage:
        found = tx.jobs.page(
            page,
            states=[JobState(state)] if state else None,
            team_ids=visible_teams(tx, overseer),
            name_contains=name,
        )
        after_last = str(found[-1].id) if len(found) == page.limit else None
        return wire.JobPage(jobs=[job_out(tx, job) for job in found], next=after_last)

    return here.read(work)


@router.post("/jobs/preview")
def preview_job(here: Here, requester: Requester, body: wire.Preview) -> wire.PreviewOut:
    """What a worker will see of a draft, as HTML."""
    return wire.PreviewOut(html=preview(here, body.spec, body.line))


@router.get("/jobs/{name}")
def describe_job(here: Here, overseer: Overseer, name: str) -> wire.Job:
    """One job."""
    return here.read(lambda tx: job_out(tx, job_for(tx, overseer, name)))


@router.post("/jobs/{name}/pause")
def pause_job(here: Here, requester: Requester, name: str) -> wire.Job:
    """Nobody gets a new task; who has one may submit it."""
    changed = change(here, requester, name, "pause")
    return here.read(lambda tx: job_out(tx, changed))


@router.post("/jobs/{name}/resume")
def resume_job(here: Here, requester: Requester, name: str) -> wire.Job:
    """A paused job goes on."""
    changed = change(here, requester, name, "resume")
    return here.read(lambda tx: job_out(tx, changed))


@router.post("/jobs/{name}/stop")
def stop_job(here: Here, requester: Requester, name: str) -> wire.Job:
    """The job ends; what was labeled so far is written."""
    changed = change(here, requester, name, "stop")
    return here.read(lambda tx: job_out(tx, changed))


@router.post("/jobs/{name}/extend")
def extend_job(here: Here, requester: Requester, name: str, body: wire.Extend) -> wire.Job:
    """More annotations an object, more time or more money; a stopped or completed job goes on."""
    extended = extend(here, requester, name, body)
    return here.read(lambda tx: job_out(tx, extended))


@router.get("/jobs/{name}/report")
def get_report(here: Here, overseer: Overseer, name: str) -> dict[str, Any]:
    """The numbers of the job's page."""
    job = here.read(lambda tx: job_for(tx, overseer, name))
    return report_out(report_of(here, job))


@router.get("/jobs/{name}/output", response_class=Response)
def get_output(here: Here, overseer: Overseer, name: str) -> Response:
    """The output manifest as last written, streamed: JSON Lines, every input line with its label."""
    job = here.read(lambda tx: job_for(tx, overseer, name))
    uri = output_manifest(job)
    if not here.storage.exists(uri):
        raise Conflict(f"the output manifest of {job.name} is not written yet; it is, soon after the first label")
    _note_export(here, job, "output", overseer)
    headers = {
        "Content-Disposition": f'attachment; filename="{job.name}.manifest"',
        "Content-Length": str(here.storage.size(uri)),
    }
    return StreamingResponse(here.storage.stream(uri), media_type="application/jsonlines", headers=headers)


@router.get("/jobs/{name}/annotations", response_class=Response)
def get_annotations(here: Here, overseer: Overseer, name: str) -> Response:
    """Every submitted answer, in order of submission, streamed as JSON Lines."""
    job = here.read(lambda tx: job_for(tx, overseer, name))
    _note_export(here, job, "annotations", overseer)
    headers = {"Content-Disposition": f'attachment; filename="{job.name}-annotations.jsonl"'}
    return StreamingResponse(_annotations(here, job), media_type="application/jsonlines", headers=headers)


def _note_export(here: Context, job: LabelingJob, what: str, by: Account) -> None:
    now = here.clock()
    here.write(lambda tx: labeling_jobs.note_export(tx, job, what, by=by, at=now))


def _annotations(here: Context, job: LabelingJob) -> Iterator[bytes]:
    after: str | None = None
    while found := here.read(partial(_annotations_page, job.id, after)):
        yield b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE, default=dict) for one in found)
        after = found[-1].assignment_id


def _annotations_page(job_id: int, after: str | None, tx: Transaction) -> list[Annotation]:
    return tx.annotations.all(job_id, after=after, limit=ANNOTATIONS_A_PAGE)


def create(here: Context, by: Account, spec: JobSpec) -> LabelingJob:
    """A new job."""
    now = here.clock()
    return here.write(lambda tx: labeling_jobs.create(tx, spec, by=by, at=now))


def preview(here: Context, spec: JobSpec, line: Mapping[str, Any] | None = None) -> str:
    """The HTML a worker will see of this line, or of the first of the input, or of a made-up one."""
    if line is None:
        found = first_lines(here.storage, spec, 1)
        line = found[0] if found else SAMPLES.get(registry.get(spec.task_type).modality, SAMPLES["text"])
    return render_task(spec, line, manifest_uri=spec.input or "", links=here.links)


def report_of(here: Context, job: LabelingJob) -> JobReport:
    """The numbers of a job, counted anew when they are old."""
    now = here.clock()
    return here.reports.get(job, lambda: here.read(lambda tx: job_report.report(tx, job, at=now)))


def change(here: Context, by: Account, name: str, verb: str) -> LabelingJob:
    """Pause, resume or stop."""
    now = here.clock()
    act = {"pause": labeling_jobs.pause, "resume": labeling_jobs.resume, "stop": labeling_jobs.stop}[verb]
    return here.write(lambda tx: act(tx, tx.jobs.by_name(name), by=by, at=now))


def extend(here: Context, by: Account, name: str, more: wire.Extend) -> LabelingJob:
    """Give a job more of something."""
    now = here.clock()
    return here.write(lambda tx: labeling_jobs.extend(tx, tx.jobs.by_name(name), more, by=by, at=now))
