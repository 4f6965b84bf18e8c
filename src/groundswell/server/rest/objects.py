"""A job's data objects: pages with filters, one with its annotations and history, putting back, withdrawing."""

from __future__ import annotations

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from groundswell.server.auth import Here, SignedIn
from groundswell.server.rest.job_shapes import detail_out, object_out
from groundswell.server.rest.shapes import page_of
from groundswell.service import labeling_jobs, objects, withdrawal
from groundswell.wire import jobs as wire

router = APIRouter(tags=["objects"])


@router.get("/jobs/{name}/objects")
def list_objects(
    here: Here,
    principal: SignedIn,
    name: str,
    view: str = Query("all", alias="filter", description=f"One of {', '.join(objects.VIEWS)}"),
    category: str | None = Query(None, description="Label category"),
    worker: str | None = Query(None, description="Annotated by the worker of this id"),
    state: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> wire.ObjectPage:
    """Data objects in order of n."""
    wanted = objects.named_filter(view, category=category, worker_id=worker, state=state)
    page = page_of(limit, after)
    _, found, count = objects.page(here, principal, name, wanted, page, counted=after is None)
    return wire.ObjectPage(
        objects=[object_out(one, here.links.of(principal.id, principal.workspace_id)) for one in found],
        next=str(found[-1].data_object.n) if len(found) == page.limit else None,
        count=count,
    )


@router.post("/jobs/{name}/objects/put-back")
def put_back(here: Here, principal: SignedIn, name: str, body: wire.PutBack | None = None) -> wire.Count:
    """Try failed objects again."""
    return wire.Count(count=labeling_jobs.put_back(here, principal, name, body.objects if body else None))


@router.post("/jobs/{name}/objects/withdraw-labels")
def withdraw_labels(here: Here, principal: SignedIn, name: str, body: wire.WithdrawLabels) -> wire.Count:
    """Withdraw labels that models gave; what was in force before is again. Labels by people are left alone."""
    return wire.Count(count=withdrawal.withdraw(here, principal, name, body.objects, reason=body.reason))


@router.get("/jobs/{name}/objects/{n}")
def describe_object(here: Here, principal: SignedIn, name: str, n: int) -> wire.ObjectDetail:
    """One data object with every annotation and what happened to it."""
    _, history, _ = objects.describe(here, principal, name, n)
    return detail_out(history, here.links.of(principal.id, principal.workspace_id))


@router.get("/jobs/{name}/objects/{n}/file", response_class=Response)
def get_label_file(here: Here, principal: SignedIn, name: str, n: int) -> Response:
    """The file that an object's label names: the mask of a segmentation."""
    size, chunks = objects.label_file(here, principal, name, n)
    headers = {"Content-Length": str(size), "Content-Disposition": f'attachment; filename="{n}.png"'}
    return StreamingResponse(chunks, media_type="image/png", headers=headers)
