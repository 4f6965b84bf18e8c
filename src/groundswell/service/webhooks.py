"""Webhooks: where a workspace's events are sent, and the letters that could not be delivered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from groundswell.domain import events
from groundswell.domain.errors import Forbidden, InvalidInput, NotFound
from groundswell.domain.people import Principal
from groundswell.domain.webhooks import EVERYTHING, Delivery, DeliveryState, Webhook
from groundswell.service.access import Action, require_here
from groundswell.service.audit import FAMILIES
from groundswell.service.context import Context
from groundswell.service.ports import Page, Transaction
from groundswell.service.tokens import new_token
from groundswell.wire import webhooks as wire

DEAD_COUNTED = 100


@dataclass(frozen=True)
class WebhookView:
    """An endpoint and how many dead letters it has, `DEAD_COUNTED` at most."""

    webhook: Webhook
    dead: int


@dataclass(frozen=True)
class MadeWebhook:
    """An endpoint just made, and the secret that signs its deliveries, told this once."""

    view: WebhookView
    secret: str


def of_workspace(context: Context, principal: Principal) -> list[WebhookView]:
    """The endpoints of the workspace one acts in, the oldest first."""
    require_here(principal, Action.RUN_WEBHOOKS)
    return context.read(lambda tx: [_view(tx, one) for one in tx.webhooks.select(principal.workspace_id)])


def add(context: Context, principal: Principal, asked: wire.NewWebhook) -> MadeWebhook:
    """Send events of the workspace one acts in to an address.

    Raises InvalidInput for kinds that there are not, and for an address that nothing would be delivered to.
    """
    require_here(principal, Action.RUN_WEBHOOKS)
    _check_address(context, asked.url)
    secret = new_token()
    webhook = Webhook(
        id=context.new_id(),
        workspace_id=principal.workspace_id,
        url=asked.url,
        kinds=_checked(asked.kinds),
        secret=context.seals.seal(secret.encode()),
        created_at=context.clock(),
        created_by=principal.id,
    )

    def work(tx: Transaction) -> MadeWebhook:
        tx.webhooks.add(webhook)
        told: dict[str, Any] = {"webhook": webhook.id, "url": webhook.url, "kinds": webhook.kinds}
        tx.record(
            events.WebhookAdded(at=webhook.created_at, actor=principal.id, workspace=webhook.workspace_id, **told)
        )
        return MadeWebhook(WebhookView(webhook, 0), secret)

    return context.write(work)


def change(context: Context, principal: Principal, webhook_id: str, asked: wire.PatchWebhook) -> WebhookView:
    """Change an endpoint's address or kinds, or stop and start it; raises NotFound, InvalidInput."""
    require_here(principal, Action.RUN_WEBHOOKS)
    if asked.url is not None:
        _check_address(context, asked.url)
    kinds, now = None if asked.kinds is None else _checked(asked.kinds), context.clock()

    def work(tx: Transaction) -> WebhookView:
        _mine(tx, principal, webhook_id)
        tx.webhooks.update(webhook_id, url=asked.url, kinds=kinds, active=asked.active)
        changed = tx.webhooks.get(webhook_id)
        tx.record(
            events.WebhookChanged(
                at=now,
                actor=principal.id,
                workspace=changed.workspace_id,
                webhook=webhook_id,
                url=changed.url,
                kinds=changed.kinds,
                active=changed.active,
            )
        )
        return _view(tx, changed)

    return context.write(work)


def remove(context: Context, principal: Principal, webhook_id: str) -> None:
    """Send nothing there any more, what waits included; raises NotFound."""
    require_here(principal, Action.RUN_WEBHOOKS)
    now = context.clock()

    def work(tx: Transaction) -> None:
        gone = _mine(tx, principal, webhook_id)
        tx.webhooks.remove(webhook_id)
        tx.record(
            events.WebhookRemoved(
                at=now, actor=principal.id, workspace=gone.workspace_id, webhook=webhook_id, url=gone.url
            )
        )

    context.write(work)


def deliveries(
    context: Context, principal: Principal, webhook_id: str, page: Page, *, state: DeliveryState | None = None
) -> list[Delivery]:
    """One page of an endpoint's deliveries, newest first; raises NotFound."""
    require_here(principal, Action.RUN_WEBHOOKS)

    def work(tx: Transaction) -> list[Delivery]:
        _mine(tx, principal, webhook_id)
        return tx.webhooks.deliveries(webhook_id, page, state=state)

    return context.read(work)


def send_again(context: Context, principal: Principal, webhook_id: str, delivery_id: int) -> None:
    """Send a delivery once more, with all its attempts anew; raises NotFound."""
    require_here(principal, Action.RUN_WEBHOOKS)
    now = context.clock()

    def work(tx: Transaction) -> None:
        _mine(tx, principal, webhook_id)
        tx.webhooks.send_again(webhook_id, delivery_id, at=now)

    context.write(work)


def _check_address(context: Context, url: str) -> None:
    """Raise InvalidInput for an address that nothing would ever be delivered to."""
    try:
        context.check_address(url)
    except Forbidden as error:
        raise InvalidInput(error.message, field="url") from error


def _mine(tx: Transaction, principal: Principal, webhook_id: str) -> Webhook:
    """The webhook, if it is of the workspace that the person acts in."""
    webhook = tx.webhooks.get(webhook_id)
    if webhook.workspace_id != principal.workspace_id:
        raise NotFound(f"there is no webhook {webhook_id!r}; list them to see their ids")
    return webhook


def _view(tx: Transaction, webhook: Webhook) -> WebhookView:
    dead = tx.webhooks.deliveries(webhook.id, Page(limit=DEAD_COUNTED), state=DeliveryState.DEAD)
    return WebhookView(webhook, len(dead))


def _checked(kinds: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(kind.strip() for kind in kinds))
    for kind in found:
        if kind != EVERYTHING and kind not in events.KINDS and kind not in FAMILIES:
            raise InvalidInput(
                f"expected kinds such as job.completed, families ({', '.join(FAMILIES)}) or *, got {kind!r:.100}",
                field="kinds",
            )
    return found
