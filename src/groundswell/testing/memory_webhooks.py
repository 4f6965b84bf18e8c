"""Webhooks and deliveries in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from groundswell.domain.errors import NotFound
from groundswell.domain.events import RecordedEvent
from groundswell.domain.webhooks import EVERYTHING, Delivery, DeliveryState, Webhook
from groundswell.service.ports import Page

if TYPE_CHECKING:
    from groundswell.testing.memory_tables import Tables


class MemoryWebhooks:
    """`service.ports.WebhookRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def enqueue(self, event: RecordedEvent) -> None:
        """Make the deliveries of an event."""
        wanted = {event.kind, event.kind.partition(".")[0], EVERYTHING}
        for webhook in self.select(event.workspace):
            if webhook.active and wanted.intersection(webhook.kinds):
                number = max(self._tables.deliveries, default=0) + 1
                self._tables.deliveries[number] = Delivery(
                    number, webhook.id, event, DeliveryState.WAITING, 0, event.at
                )

    def add(self, webhook: Webhook) -> None:
        self._tables.webhooks[webhook.id] = webhook

    def get(self, webhook_id: str) -> Webhook:
        try:
            return self._tables.webhooks[webhook_id]
        except KeyError:
            raise NotFound(f"there is no webhook {webhook_id!r}; list them to see their ids") from None

    def select(self, workspace_id: str) -> list[Webhook]:
        found = [one for one in self._tables.webhooks.values() if one.workspace_id == workspace_id]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    def update(
        self,
        webhook_id: str,
        *,
        url: str | None = None,
        kinds: Sequence[str] | None = None,
        active: bool | None = None,
    ) -> None:
        given = {"url": url, "kinds": None if kinds is None else tuple(kinds), "active": active}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        self._tables.webhooks[webhook_id] = replace(self.get(webhook_id), **changes)

    def remove(self, webhook_id: str) -> None:
        self.get(webhook_id)
        del self._tables.webhooks[webhook_id]
        for one in [one for one in self._tables.deliveries.values() if one.webhook_id == webhook_id]:
            del self._tables.deliveries[one.id]

    def any_due(self, at: datetime) -> bool:
        waiting = (one for one in self._tables.deliveries.values() if one.state is DeliveryState.WAITING)
        return any(one.due_at <= at for one in waiting)

    def claim(self, *, at: datetime, until: datetime, limit: int) -> list[tuple[Webhook, Delivery]]:
        due = [
            one
            for one in self._tables.deliveries.values()
            if one.state is DeliveryState.WAITING and one.due_at <= at and self.get(one.webhook_id).active
        ]
        due.sort(key=lambda one: (one.due_at, one.id))
        for one in due[:limit]:
            self._tables.deliveries[one.id] = replace(one, due_at=until)
        return [(self.get(one.webhook_id), one) for one in due[:limit]]

    def settle(
        self, delivery_id: int, state: DeliveryState, *, attempts: int, due_at: datetime, said: str | None
    ) -> None:
        one = self._tables.deliveries.get(delivery_id)
        if one is not None:
            self._tables.deliveries[delivery_id] = replace(
                one, state=state, attempts=attempts, due_at=due_at, said=said
            )

    def deliveries(self, webhook_id: str, page: Page, *, state: DeliveryState | None = None) -> list[Delivery]:
        found = [
            one
            for one in self._tables.deliveries.values()
            if one.webhook_id == webhook_id
            and (state is None or one.state is state)
            and (page.after is None or one.id < int(page.after))
        ]
        return sorted(found, key=lambda one: -one.id)[: page.limit]

    def send_again(self, webhook_id: str, delivery_id: int, *, at: datetime) -> None:
        one = self._tables.deliveries.get(delivery_id)
        if one is None or one.webhook_id != webhook_id:
            raise NotFound(f"this webhook has no delivery {delivery_id}")
        self._tables.deliveries[delivery_id] = replace(one, state=DeliveryState.WAITING, attempts=0, due_at=at)
