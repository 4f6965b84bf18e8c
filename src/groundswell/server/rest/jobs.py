"""Labeling jobs: create, describe, list, change; their report, output, annotations and preview."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body
from starlette.responses import Response, StreamingResponse

from groundswell.domain.records import Annotation
from groundswell.domain.states import JobState
from groundswell.server.auth import Here, SignedIn
from groundswell.server.frames import preview
from groundswell.server.rest.job_shapes import answer_line, job_out, report_out
from groundswell.server.rest.shapes import page_of
from groundswell.service import consolidating, deletion, follow_ups, importing, labeling_jobs, tags
from groundswell.wire import jobs as wire
from groundswell.wire.worker_uis import ChangeTags

router = APIRouter(tags=["jobs"])

Specification = Annotated[
    dict[str, Any], Body(json_schema_extra={"$ref": "#/components/schemas/JobSpec"}, description="docs: job-spec")
]
"""Read by the act, which says everything that stands against it at once."""


@router.post("/jobs", status_code=201)
def create_job(here: Here, principal: SignedIn, spec: Specification) -> wire.Job:
    """Create a labeling job: its input is checked in the background, then its tasks are published."""
    job = labeling_jobs.create(here, principal, spec)
    return job_out(labeling_jobs.describe(here, principal, job.name))


@router.get("/jobs")
def list_jobs(
    here: Here,
    principal: SignedIn,
    state: wire.JobStateName | None = None,
    name: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> wire.JobPage:
    """Jobs, newest first: of this state, whose name contains this."""
    page = page_of(limit, after)
    states = [JobState(state)] if state else None
    found = labeling_jobs.page(here, principal, page, states=states, name_contains=name)
    after_last = str(found[-1].job.id) if len(found) == page.limit else None
    return wire.JobPage(jobs=[job_out(view) for view in found], next=after_last)


@router.post("/jobs/preview")
def preview_job(here: Here, principal: SignedIn, body: wire.Preview) -> wire.PreviewOut:
    """What a worker will see of a draft, as HTML."""
    return wire.PreviewOut(html=preview(here, principal, body.spec, body.line))


@router.post("/jobs/import")
def import_job(here: Here, principal: SignedIn, body: wire.ImportJob) -> wire.Imported:
    """Take over a finished Ground Truth job: its objects, answers and labels, brought over in the background."""
    made = importing.import_ground_truth(here, principal, body)
    job = job_out(labeling_jobs.describe(here, principal, made.job.name))
    return wire.Imported(job=job, is_new=made.is_new)


@router.get("/jobs/{name}")
def describe_job(here: Here, principal: SignedIn, name: str) -> wire.Job:
    """One job."""
    return job_out(labeling_jobs.describe(here, principal, name))


@router.post("/jobs/{name}/pause")
def pause_job(here: Here, principal: SignedIn, name: str) -> wire.Job:
    """Nobody gets a new task; who has one may submit it."""
    return job_out(labeling_jobs.pause(here, principal, name))


@router.post("/jobs/{name}/resume")
def resume_job(here: Here, principal: SignedIn, name: str) -> wire.Job:
    """A paused job goes on."""
    return job_out(labeling_jobs.resume(here, principal, name))


@router.post("/jobs/{name}/stop")
def stop_job(here: Here, principal: SignedIn, name: str) -> wire.Job:
    """The job ends; what was labeled so far is written."""
    return job_out(labeling_jobs.stop(here, principal, name))


@router.post("/jobs/{name}/extend")
def extend_job(here: Here, principal: SignedIn, name: str, body: wire.Extend) -> wire.Job:
    """More annotations an object, more time or more money; a stopped or completed job goes on."""
    return job_out(labeling_jobs.extend(here, principal, name, body))


@router.post("/jobs/{name}/consolidate")
def consolidate_job(here: Here, principal: SignedIn, name: str, body: wire.Consolidate) -> wire.Job:
    """Make the labels of a job that has ended anew, of the answers there are; imported ones too."""
    made = consolidating.consolidate(here, principal, name, body)
    return job_out(labeling_jobs.describe(here, principal, made.name))


@router.post("/jobs/{name}/share")
def share_job(here: Here, principal: SignedIn, name: str, body: wire.Share) -> wire.Job:
    """Show a job to the workspace's other requesters and reviewers, or only to its owner."""
    return job_out(labeling_jobs.share(here, principal, name, shared=body.shared))


@router.patch("/jobs/{name}/tags")
def change_job_tags(here: Here, principal: SignedIn, name: str, body: ChangeTags) -> dict[str, str]:
    """Add, replace and take away tags of a job; those there are then."""
    return dict(tags.change_tags(here, principal, "labeling job", name, put=body.put, remove=body.remove))


@router.post("/jobs/{name}/follow-ups", status_code=201)
def follow_job(here: Here, principal: SignedIn, name: str, body: wire.FollowUp) -> wire.Job:
    """A job that goes on from this one: a clone, the rest of its objects, a look at its labels, their correction."""
    made = follow_ups.create(here, principal, name, body)
    return job_out(labeling_jobs.describe(here, principal, made.name))


@router.delete("/jobs/{name}", status_code=204)
def delete_job(here: Here, principal: SignedIn, name: str, files: bool = False) -> None:
    """Delete a job that has ended, with its annotations and labels; `files=true`: the files of its output too."""
    deletion.delete_job(here, principal, name, files=files)


@router.get("/jobs/{name}/report")
def get_report(here: Here, principal: SignedIn, name: str) -> dict[str, Any]:
    """The numbers of the job's page."""
    return report_out(labeling_jobs.report(here, principal, name))


@router.get("/jobs/{name}/output", response_class=Response)
def get_output(here: Here, principal: SignedIn, name: str) -> Response:
    """The output manifest as last written, streamed: JSON Lines, every input line with its label."""
    job, size, chunks = labeling_jobs.output(here, principal, name)
    headers = {
        "Content-Disposition": f'attachment; filename="{job.name}.manifest"',
        "Content-Length": str(size),
    }
    return StreamingResponse(chunks, media_type="application/jsonlines", headers=headers)


@router.get("/jobs/{name}/annotations", response_class=Response)
def get_annotations(here: Here, principal: SignedIn, name: str) -> Response:
    """Every submitted answer, in order of submission, streamed as JSON Lines."""
    job, pages = labeling_jobs.answers(here, principal, name)
    headers = {"Content-Disposition": f'attachment; filename="{job.name}-annotations.jsonl"'}
    return StreamingResponse(_lines(pages), media_type="application/jsonlines", headers=headers)


def _lines(pages: Iterator[Sequence[Annotation]]) -> Iterator[bytes]:
    for found in pages:
        yield b"".join(orjson.dumps(answer_line(one), option=orjson.OPT_APPEND_NEWLINE, default=dict) for one in found)
