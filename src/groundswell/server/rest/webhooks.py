"""Webhooks: where events are sent, and what became of each delivery; for administrators."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter

from groundswell.domain.webhooks import Delivery, DeliveryState
from groundswell.server.auth import Here, SignedIn
from groundswell.server.rest.shapes import page_of
from groundswell.service import webhooks
from groundswell.service.event_shape import recorded_event
from groundswell.service.webhooks import WebhookView
from groundswell.wire import webhooks as wire

router = APIRouter(tags=["events"])


@router.get("/webhooks")
def list_webhooks(here: Here, principal: SignedIn) -> list[wire.Webhook]:
    """The workspace's endpoints, without their secrets."""
    return [_out(one) for one in webhooks.of_workspace(here, principal)]


@router.post("/webhooks", status_code=201)
def add_webhook(here: Here, principal: SignedIn, body: wire.NewWebhook) -> wire.WebhookMade:
    """Send events to an address. The secret that signs them is told this once."""
    made = webhooks.add(here, principal, body)
    return wire.WebhookMade(**_out(made.view).model_dump(), secret=made.secret)


@router.patch("/webhooks/{webhook_id}")
def change_webhook(here: Here, principal: SignedIn, webhook_id: str, body: wire.PatchWebhook) -> wire.Webhook:
    """Change an endpoint's address or kinds, stop it or start it again."""
    return _out(webhooks.change(here, principal, webhook_id, body))


@router.delete("/webhooks/{webhook_id}", status_code=204)
def remove_webhook(here: Here, principal: SignedIn, webhook_id: str) -> None:
    """Send nothing there any more."""
    webhooks.remove(here, principal, webhook_id)


@router.get("/webhooks/{webhook_id}/deliveries")
def list_deliveries(
    here: Here,
    principal: SignedIn,
    webhook_id: str,
    state: Literal["waiting", "sent", "dead"] | None = None,
    limit: int = 50,
    after: str | None = None,
) -> wire.DeliveryPage:
    """Deliveries, newest first; `state=dead` are the dead letters."""
    page = page_of(limit, after)
    found = webhooks.deliveries(here, principal, webhook_id, page, state=DeliveryState(state) if state else None)
    following = str(found[-1].id) if len(found) == page.limit else None
    return wire.DeliveryPage(deliveries=[_delivery_out(one) for one in found], next=following)


@router.post("/webhooks/{webhook_id}/deliveries/{delivery_id}/send-again", status_code=202)
def send_again(here: Here, principal: SignedIn, webhook_id: str, delivery_id: int) -> None:
    """Send a delivery once more."""
    webhooks.send_again(here, principal, webhook_id, delivery_id)


def _out(view: WebhookView) -> wire.Webhook:
    one = view.webhook
    return wire.Webhook(
        id=one.id, url=one.url, kinds=list(one.kinds), active=one.active, created_at=one.created_at, dead=view.dead
    )


def _delivery_out(one: Delivery) -> wire.Delivery:
    return wire.Delivery(
        id=one.id,
        state=one.state.value,
        attempts=one.attempts,
        due_at=one.due_at,
        said=one.said,
        event=recorded_event(one.event),
    )
