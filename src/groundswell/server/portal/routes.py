"""The workers' pages: their list of jobs, the task page, and the frame that shows one task."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from groundswell.domain.errors import Forbidden
from groundswell.server.auth import visitor_of
from groundswell.server.context import context
from groundswell.server.frames import frame_response, render_task
from groundswell.service import work
from groundswell.service.access import Action, require

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
    principal = visitor_of(request)
    if principal is None:
        return RedirectResponse(f"/signin?next={quote(request.url.path)}", status_code=303)
    require(principal, Action.WORK)
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
async def frame(
    request: Request,
    assignment_id: str,
    sig: str = "",
    without: Annotated[list[str] | None, Query(max_length=20)] = None,
) -> HTMLResponse:
    """One task, rendered. The signed link is the only permission needed, so that the frame needs no cookie."""
    here = context(request)
    holder, _, signed_for = here.links.open_for("frame", sig)
    if signed_for != assignment_id:
        raise Forbidden("this link was made for another task: open the task again from your list of jobs")

    def make() -> str:
        shown = work.show(here, holder, assignment_id)
        return render_task(
            shown.spec,
            shown.line,
            manifest_uri=shown.job.input_uri,
            links=here.links.of(holder, shown.job.workspace_id),
            hook_input=shown.hook_input,
            without=without or (),
        )

    return frame_response(await run_in_threadpool(make))
