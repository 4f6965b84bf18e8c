"""A job's data objects: pages with filters, one with its annotations and history, putting failed ones back."""

from __future__ import annotations

from fastapi import APIRouter, Query

from groundswell.server.auth import Here, Overseer, Requester
from groundswell.server.rest.job_shapes import detail_out, object_out
from groundswell.service import labeling_jobs, objects
from groundswell.service.access import job_for
from groundswell.service.ports import Page, Transaction
from groundswell.wire import jobs as wire

router = APIRouter(tags=["objects"])


@router.get("/jobs/{name}/objects")
def list_objects(
    here: Here,
    overseer: Overseer,
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
    page = Page(limit=max(1, min(limit, 1_000)), after=after)

    def work(tx: Transaction) -> wire.ObjectPage:
        job = job_for(tx, overseer, name)
        found = objects.gallery(tx, job, wanted, page)
        return wire.ObjectPage(
            objects=[object_out(one, here.links) for one in found],
            next=str(found[-1].data_object.n) if len(found) == page.limit else None,
            count=tx.objects.count(job.id, wanted) if after is None else None,
        )

    return here.read(work)


@router.post("/jobs/{name}/objects/put-back")
def put_back(here: Here, requester: Requester, name: str, body: wire.PutBack | None = None) -> wire.Count:
    """Try failed objects again."""
    numbers, now = body.objects if body else None, here.clock()
    count = here.write(lambda tx: labeling_jobs.put_back(tx, tx.jobs.by_name(name), numbers, by=requester, at=now))
    return wire.Count(count=count)


@router.get("/jobs/{name}/objects/{n}")
def describe_object(here: Here, overseer: Overseer, name: str, n: int) -> wire.ObjectDetail:
    """One data object with every annotation and what happened to it."""
    return here.read(lambda tx: detail_out(objects.history(tx, job_for(tx, overseer, name), n), here.links))
