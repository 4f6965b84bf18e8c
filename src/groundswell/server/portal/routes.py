"""The workers' pages: their list of jobs, the task page, and the frame that shows one task."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import orjson
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from groundswell.domain.errors import Forbidden, NotFound
from groundswell.domain.records import Assignment, LabelingJob
from groundswell.server.auth import visitor_of
from groundswell.server.context import context
from groundswell.server.frames import frame_response, render_task
from groundswell.service.job_specs import spec_of
from groundswell.service.ports import Transaction

PAGES = Path(__file__).parent.parent / "static" / "portal"
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
router = APIRouter(include_in_schema=False)


def _page(request: Request, name: str) -> Response:
    if visitor_of(request) is None:
        return RedirectResponse(f"/signin?next={quote(request.url.path)}", status_code=303)
    return FileResponse(PAGES / name, headers=PAGE_HEADERS)


@router.get("/work")
def job_list(request: Request) -> Response:
    """The jobs open to the signed-in worker."""
    return _page(request, "work.html")


@router.get("/work/{job}")
def task_page(request: Request, job: str) -> Response:
    """The task page of one job; everything on it comes over the worker API."""
    return _page(request, "task.html")


@router.get("/frame/{assignment_id}")
async def frame(request: Request, assignment_id: str, sig: str = "") -> HTMLResponse:
    """One task, rendered. The signed link is the only permission needed, so that the frame needs no cookie."""
    here = context(request)
    if here.links.open("frame", sig) != assignment_id:
        raise Forbidden("this link was made for another task: open the task again from your list of jobs")

    def load(tx: Transaction) -> tuple[Assignment, LabelingJob, str, object]:
        assignment = tx.assignments.get(assignment_id)
        job = tx.jobs.get(assignment.job_id)
        line = tx.objects.line(job.id, assignment.n)
        return assignment, job, line, tx.objects.task_input(job.id, assignment.n)

    def work() -> str:
        assignment, job, line, hook_input = here.read(load)
        parsed = orjson.loads(line)
        if not isinstance(parsed, dict):
            raise NotFound(f"data object {assignment.n} of {job.name!r} has no readable manifest line")
        return render_task(
            spec_of(job),
            parsed,
            manifest_uri=job.input_uri,
            links=here.links,
            hook_input=hook_input if isinstance(hook_input, dict) else None,
        )

    return frame_response(await run_in_threadpool(work))
