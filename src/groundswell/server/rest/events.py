"""What happened on this server, for administrators."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Query

from groundswell.server.auth import Here, SignedIn
from groundswell.server.rest.shapes import page_of
from groundswell.service import audit
from groundswell.service.audit import Asked, EventView
from groundswell.service.event_shape import recorded_event
from groundswell.wire import events as wire

router = APIRouter(tags=["events"])


@router.get("/events")
def list_events(
    here: Here,
    principal: SignedIn,
    kind: str | None = Query(None, description="A kind (job.created), or a family of them (job)"),
    actor: str | None = Query(None, description="An account's e-mail address or id"),
    job: str | None = Query(None, description="A labeling job's name"),
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
    after: str | None = None,
) -> wire.EventPage:
    """Events, newest first."""
    page = page_of(limit, after)
    found = audit.page(here, principal, Asked(kind, actor, job, since, until), page)
    following = str(found[-1].event.id) if len(found) == page.limit else None
    return wire.EventPage(events=[event_out(one) for one in found], next=following)


def event_out(view: EventView) -> wire.Event:
    """An event with the names of its actor and job."""
    return recorded_event(view.event).model_copy(update={"actor": view.actor, "job": view.job})
