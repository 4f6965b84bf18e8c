"""A job's data objects as a gallery with filters, and one object with its annotations and history."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from groundswell.domain.people import Principal
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import ObjectState
from groundswell.server.auth import Here, SignedIn
from groundswell.server.context import Context
from groundswell.server.rendering import render
from groundswell.service import objects
from groundswell.service.job_specs import spec_of
from groundswell.service.ports import Page
from groundswell.tasktypes import registry

router = APIRouter(prefix="/console")

PAGE = 24
PILLS = (
    ("all", "All"),
    ("unlabeled", "Unlabeled"),
    ("low-confidence", "Low confidence"),
    ("disputed", "Disputed"),
    ("machine", "By the model"),
    ("failed", "Failed"),
)


@router.get("/jobs/{name}/objects")
def gallery_page(
    request: Request,
    here: Here,
    principal: SignedIn,
    name: str,
    filter: str = "all",
    category: str | None = None,
    by: str | None = None,
    after: str | None = None,
) -> Response:
    """The gallery alone, for htmx; `after` gives the next page's cards alone."""
    names = gallery_names(here, principal, name, view=filter, category=category, by=by, after=after)
    return render(request, "console/cards.html" if after else "console/gallery.html", **names)


@router.get("/jobs/{name}/objects/{n}")
def object_page(
    request: Request,
    here: Here,
    principal: SignedIn,
    name: str,
    n: int,
    filter: str = "all",
    category: str | None = None,
) -> Response:
    """One object; previous and next stay within the filter one came from."""
    wanted = objects.named_filter(filter, category=category)
    job, history, following = objects.describe(here, principal, name, n, within=wanted)
    view = history.view
    return render(
        request,
        "console/object.html",
        section="jobs",
        job=job,
        history=history,
        view=view,
        url=here.links.of(principal.id, principal.workspace_id).media(view.uri) if view.uri else None,
        following=following,
        colours=_colours(job),
        query=_query(filter, category, None),
        kind=registry.get(job.task_type),
        failed=view.data_object.state is ObjectState.FAILED,
    )


def gallery_names(
    here: Context,
    principal: Principal,
    name: str,
    *,
    view: str = "all",
    category: str | None = None,
    by: str | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """What the gallery's templates need."""
    wanted = objects.named_filter(view, category=category, worker_id=by)
    job, found, count = objects.page(here, principal, name, wanted, Page(limit=PAGE, after=after))
    return {
        "job": job,
        "cards": [
            (one, here.links.of(principal.id, principal.workspace_id).media(one.uri) if one.uri else None)
            for one in found
        ],
        "count": count,
        "filter": view,
        "category": category,
        "by": by,
        "by_name": objects.annotator_name(here, principal, name, by) if by else None,
        "pills": [pill for pill in PILLS if pill[0] != "machine" or job.counters.machine_labeled],
        "categories": [(label, index % 8 + 1) for index, label in enumerate(spec_of(job).labels)][:30],
        "colours": _colours(job),
        "next_after": str(found[-1].data_object.n) if len(found) == PAGE else None,
        "query": _query(view, category, by),
        "kind": registry.get(job.task_type),
        "with_images": any(one.uri for one in found),
    }


def _colours(job: LabelingJob) -> dict[str, int]:
    """Label category -> colour 1..8."""
    return {label: index % 8 + 1 for index, label in enumerate(spec_of(job).labels)}


def _query(view: str, category: str | None, by: str | None) -> str:
    given = {"filter": view if view != "all" else None, "category": category, "by": by}
    return urlencode({name: value for name, value in given.items() if value})
