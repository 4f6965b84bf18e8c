"""Webhooks in the console: endpoints, and letters that could not be delivered with a way to send them again."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.domain.errors import InvalidInput
from groundswell.domain.people import Principal
from groundswell.domain.webhooks import DeliveryState
from groundswell.server.auth import Here, SignedIn
from groundswell.server.context import Context
from groundswell.server.forms import errors_of, text_of
from groundswell.server.rendering import Form, render
from groundswell.service import webhooks
from groundswell.service.ports import Page
from groundswell.service.requests import request_of
from groundswell.wire import webhooks as wire

router = APIRouter(prefix="/console")

_DEAD_SHOWN = 20


@router.get("/webhooks")
def webhooks_page(request: Request, here: Here, principal: SignedIn) -> Response:
    """The workspace's endpoints and dead letters."""
    return _page(request, here, principal)


@router.post("/webhooks")
def add(request: Request, here: Here, principal: SignedIn, form: Form) -> Response:
    """A new endpoint; its secret is shown once."""
    values = {"url": text_of(form, "url"), "kinds": text_of(form, "kinds")}
    kinds = values["kinds"].replace(",", " ").split() or ["*"]
    try:
        made = webhooks.add(here, principal, request_of(wire.NewWebhook, {"url": values["url"], "kinds": kinds}))
    except InvalidInput as error:
        return _page(request, here, principal, values=values, errors=errors_of(error, "url"), status=422)
    return _page(request, here, principal, made=made)


@router.post("/webhooks/{webhook_id}")
def change(here: Here, principal: SignedIn, webhook_id: str, form: Form) -> Response:
    """Stop, start or remove an endpoint."""
    what = text_of(form, "what")
    if what == "remove":
        webhooks.remove(here, principal, webhook_id)
    else:
        webhooks.change(here, principal, webhook_id, wire.PatchWebhook(active=what == "start"))
    return RedirectResponse("/console/webhooks", 303)


@router.post("/webhooks/{webhook_id}/deliveries/{delivery_id}")
def send_again(here: Here, principal: SignedIn, webhook_id: str, delivery_id: int) -> Response:
    """Send a dead letter once more."""
    webhooks.send_again(here, principal, webhook_id, delivery_id)
    return RedirectResponse("/console/webhooks", 303)


def _page(request: Request, here: Context, principal: Principal, **names: Any) -> Response:
    found = webhooks.of_workspace(here, principal)
    dead = {
        one.webhook.id: webhooks.deliveries(
            here, principal, one.webhook.id, Page(limit=_DEAD_SHOWN), state=DeliveryState.DEAD
        )
        for one in found
        if one.dead
    }
    given: dict[str, Any] = {"values": {"url": "", "kinds": ""}, "errors": {}, "made": None} | names
    return render(request, "console/webhooks.html", section="audit", webhooks=found, dead=dead, **given)
