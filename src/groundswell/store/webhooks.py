"""Webhooks and their deliveries: one is made for each event that an endpoint wants, in the event's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from groundswell.domain.errors import NotFound
from groundswell.domain.webhooks import EVERYTHING, Delivery, DeliveryState, Webhook
from groundswell.service.ports import Page
from groundswell.store.codec import from_json, micros, moment, to_json
from groundswell.store.events import EVENT_COLUMNS, event_of
from groundswell.store.session import Row, Session

_WEBHOOK = "w.id, w.workspace_id, w.url, w.kinds, w.secret, w.created_at, w.created_by, w.active"
_DELIVERY = "d.id, d.webhook_id, d.state, d.attempts, d.due_at, d.said, " + ", ".join(
    f"e.{name}" for name in EVENT_COLUMNS.split(", ")
)


class SqlWebhooks:
    """`service.ports.WebhookRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def enqueue(self, event_id: int, *, kind: str, workspace: str, at: int) -> None:
        """Make the deliveries of an event."""
        self._session.send(
            """
            INSERT INTO webhook_deliveries (webhook_id, event_id, state, attempts, due_at)
            SELECT id, CAST(:event_id AS BIGINT), 'waiting', 0, CAST(:at AS BIGINT) FROM webhooks
            WHERE workspace_id = :workspace AND active = 1
                AND id IN (SELECT webhook_id FROM webhook_kinds WHERE kind IN (:kind, :family, :everything))
            """,
            event_id=event_id,
            at=at,
            kind=kind,
            family=kind.partition(".")[0],
            everything=EVERYTHING,
            workspace=workspace,
        )

    def add(self, webhook: Webhook) -> None:
        self._session.run(
            """
            INSERT INTO webhooks (id, workspace_id, url, kinds, secret, created_at, created_by, active)
            VALUES (:id, :workspace_id, :url, :kinds, :secret, :created_at, :created_by, :active)
            """,
            id=webhook.id,
            workspace_id=webhook.workspace_id,
            url=webhook.url,
            kinds=to_json(list(webhook.kinds)),
            secret=webhook.secret,
            created_at=micros(webhook.created_at),
            created_by=webhook.created_by,
            active=int(webhook.active),
        )
        self._set_kinds(webhook.id, webhook.kinds)

    def get(self, webhook_id: str) -> Webhook:
        row = self._session.row(f"SELECT {_WEBHOOK} FROM webhooks w WHERE w.id = :id", id=webhook_id)
        if row is None:
            raise NotFound(f"there is no webhook {webhook_id!r}; list them to see their ids")
        return _webhook(row)

    def select(self, workspace_id: str) -> list[Webhook]:
        rows = self._session.rows(
            f"SELECT {_WEBHOOK} FROM webhooks w WHERE w.workspace_id = :workspace_id ORDER BY w.created_at, w.id",
            workspace_id=workspace_id,
        )
        return [_webhook(row) for row in rows]

    def update(
        self,
        webhook_id: str,
        *,
        url: str | None = None,
        kinds: Sequence[str] | None = None,
        active: bool | None = None,
    ) -> None:
        given: dict[str, Any] = {
            "url": url,
            "kinds": None if kinds is None else to_json(list(kinds)),
            "active": None if active is None else int(active),
        }
        values = {name: value for name, value in given.items() if value is not None}
        if values:
            changes = ", ".join(f"{name} = :{name}" for name in values)
            self._session.run(f"UPDATE webhooks SET {changes} WHERE id = :id", id=webhook_id, **values)
        if kinds is not None:
            self._session.run("DELETE FROM webhook_kinds WHERE webhook_id = :id", id=webhook_id)
            self._set_kinds(webhook_id, kinds)

    def remove(self, webhook_id: str) -> None:
        self._session.run("DELETE FROM webhook_deliveries WHERE webhook_id = :id", id=webhook_id)
        self._session.run("DELETE FROM webhook_kinds WHERE webhook_id = :id", id=webhook_id)
        if not self._session.run("DELETE FROM webhooks WHERE id = :id", id=webhook_id):
            raise NotFound(f"there is no webhook {webhook_id!r}")

    def any_due(self, at: datetime) -> bool:
        rows = self._session.rows(
            "SELECT 1 FROM webhook_deliveries WHERE state = 'waiting' AND due_at <= :at LIMIT 1", at=micros(at)
        )
        return bool(rows)

    def claim(self, *, at: datetime, until: datetime, limit: int) -> list[tuple[Webhook, Delivery]]:
        rows = self._session.rows(
            f"""
            SELECT {_WEBHOOK}, {_DELIVERY} FROM webhook_deliveries d
            JOIN webhooks w ON w.id = d.webhook_id JOIN events e ON e.id = d.event_id
            WHERE d.state = 'waiting' AND d.due_at <= :at AND w.active = 1
            ORDER BY d.due_at, d.id LIMIT :limit{_of_deliveries(self._session)}
            """,
            at=micros(at),
            limit=limit,
        )
        width = _WEBHOOK.count(",") + 1
        found = [(_webhook(row[:width]), _delivery(row[width:])) for row in rows]
        self._session.many(
            "UPDATE webhook_deliveries SET due_at = :until WHERE id = :id",
            [{"id": delivery.id, "until": micros(until)} for _, delivery in found],
        )
        return found

    def settle(
        self, delivery_id: int, state: DeliveryState, *, attempts: int, due_at: datetime, said: str | None
    ) -> None:
        self._session.run(
            """
            UPDATE webhook_deliveries SET state = :state, attempts = :attempts, due_at = :due_at, said = :said
            WHERE id = :id
            """,
            id=delivery_id,
            state=state.value,
            attempts=attempts,
            due_at=micros(due_at),
            said=said,
        )

    def deliveries(self, webhook_id: str, page: Page, *, state: DeliveryState | None = None) -> list[Delivery]:
        rows = self._session.rows(
            f"""
            SELECT {_DELIVERY} FROM webhook_deliveries d JOIN events e ON e.id = d.event_id
            WHERE d.webhook_id = :webhook_id AND d.id < :after {"AND d.state = :state" if state else ""}
            ORDER BY d.id DESC LIMIT :limit
            """,
            webhook_id=webhook_id,
            after=2**62 if page.after is None else int(page.after),
            limit=page.limit,
            **({"state": state.value} if state else {}),
        )
        return [_delivery(row) for row in rows]

    def send_again(self, webhook_id: str, delivery_id: int, *, at: datetime) -> None:
        changed = self._session.run(
            """
            UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, due_at = :at
            WHERE id = :id AND webhook_id = :webhook_id
            """,
            id=delivery_id,
            webhook_id=webhook_id,
            at=micros(at),
        )
        if not changed:
            raise NotFound(f"this webhook has no delivery {delivery_id}")

    def _set_kinds(self, webhook_id: str, kinds: Sequence[str]) -> None:
        self._session.many(
            "INSERT INTO webhook_kinds (webhook_id, kind) VALUES (:id, :kind)",
            [{"id": webhook_id, "kind": kind} for kind in sorted(set(kinds))],
        )


def _of_deliveries(session: Session) -> str:
    """Lock the deliveries alone, past those that another runner has."""
    return f" FOR UPDATE OF d{session.skip_locked.removeprefix(' FOR UPDATE')}" if session.skip_locked else ""


def _webhook(row: Row) -> Webhook:
    return Webhook(
        id=row[0],
        workspace_id=row[1],
        url=row[2],
        kinds=tuple(from_json(row[3])),
        secret=row[4],
        created_at=moment(row[5]),
        created_by=row[6],
        active=bool(row[7]),
    )


def _delivery(row: Row) -> Delivery:
    return Delivery(
        id=row[0],
        webhook_id=row[1],
        state=DeliveryState(row[2]),
        attempts=row[3],
        due_at=moment(row[4]),
        said=row[5],
        event=event_of(row[6:]),
    )
