"""The list of labeling jobs: search, states, progress, and the drafts one has begun."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from groundswell.domain.states import JobState
from groundswell.server import once
from groundswell.server.auth import Here, SignedIn
from groundswell.server.rendering import render
from groundswell.service import drafts, labeling_jobs
from groundswell.service.access import Action, permits
from groundswell.service.ports import Page
from groundswell.tasktypes import registry

router = APIRouter(prefix="/console")

PAGE = 25
GROUPS: dict[str, tuple[str, frozenset[JobState] | None]] = {
    "all": ("All", None),
    "active": (
        "Active",
        frozenset({JobState.INITIALIZING, JobState.IN_PROGRESS, JobState.PAUSED, JobState.STOPPING}),
    ),
    "completed": ("Completed", frozenset({JobState.COMPLETED})),
    "ended": ("Stopped or failed", frozenset({JobState.STOPPED, JobState.FAILED})),
}
STATE_WORDS = {
    JobState.INITIALIZING: ("Reading input", "live"),
    JobState.IN_PROGRESS: ("In progress", "live"),
    JobState.PAUSED: ("Paused", "warn"),
    JobState.STOPPING: ("Stopping", "warn"),
    JobState.STOPPED: ("Stopped", ""),
    JobState.COMPLETED: ("Completed", "ok"),
    JobState.FAILED: ("Failed", "bad"),
}
"""State -> (word, chip colour)."""


@router.get("")
def jobs_page(
    request: Request, here: Here, principal: SignedIn, q: str = "", state: str = "all", after: str | None = None
) -> Response:
    """The list; with htmx, the rows alone."""
    chosen = state if state in GROUPS else "all"

    views = labeling_jobs.page(
        here, principal, Page(limit=PAGE, after=after), states=GROUPS[chosen][1], name_contains=q.strip() or None
    )
    found = [view.job for view in views]
    names: dict[str, Any] = {
        "jobs": found,
        "teams": {view.job.team_id: view.team for view in views},
        "q": q,
        "state": chosen,
        "groups": [(key, title) for key, (title, _) in GROUPS.items()],
        "next": str(found[-1].id) if len(found) == PAGE else None,
        "words": STATE_WORDS,
        "titles": {kind.name: kind.title for kind in registry.every().values()},
        "searching": bool(q.strip()) or chosen != "all",
    }
    if request.headers.get("hx-request") and request.headers.get("hx-target") in ("jobs", "more"):
        return render(request, "console/job_rows.html", **names)
    own_drafts = drafts.every(here, principal) if permits(principal.roles, Action.CREATE_JOB) else []
    page = render(request, "console/jobs.html", section="jobs", drafts=own_drafts, told=once.told(request), **names)
    return once.showing(request, page)
