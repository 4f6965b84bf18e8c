"""What happened: appended by `SqlTransaction.record`, read back by filters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from groundswell.domain.events import Event, RecordedEvent
from groundswell.service.ports import EventFilter, Page
from groundswell.store.codec import from_json, micros, moment, to_json
from groundswell.store.session import Row, Session

EVENT_COLUMNS = "id, kind, at, actor, workspace, subject, job_id, data"


class SqlEvents:
    """`service.ports.EventRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, event: Event) -> int:
        """Store one event; its id."""
        found = self._session.row(
            """
            INSERT INTO events (at, kind, actor, workspace, subject, job_id, data)
            VALUES (:at, :kind, :actor, :workspace, :subject, :job_id, :data) RETURNING id
            """,
            at=micros(event.at),
            kind=event.kind,
            actor=event.actor,
            workspace=event.workspace,
            subject=event.subject,
            job_id=event.job_id,
            data=to_json(event.data),
        )
        assert found is not None
        return int(found[0])

    def page(self, wanted: EventFilter, page: Page) -> list[RecordedEvent]:
        conditions, values = _conditions(wanted)
        if page.after is not None:
            conditions.append("id < :after")
            values["after"] = page.after_number
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        rows = self._session.rows(
            f"SELECT {EVENT_COLUMNS} FROM events {where} ORDER BY id DESC LIMIT :limit", limit=page.limit, **values
        )
        return [event_of(row) for row in rows]

    def prune(self, before: datetime, limit: int) -> int:
        rows = self._session.rows(
            "SELECT id FROM events WHERE at < :before ORDER BY at LIMIT :limit", before=micros(before), limit=limit
        )
        old = self._session.numbers([row[0] for row in rows])
        self._session.run(f"DELETE FROM webhook_deliveries WHERE {self._session.among('event_id')}", numbers=old)
        return self._session.run(f"DELETE FROM events WHERE {self._session.among('id')}", numbers=old)


def _conditions(wanted: EventFilter) -> tuple[list[str], dict[str, Any]]:
    given: dict[str, tuple[str, Any]] = {
        "actor": ("actor = :actor", wanted.actor),
        "job_id": ("job_id = :job_id", wanted.job_id),
        "subject": ("subject = :subject", wanted.subject),
        "workspace": ("workspace = :workspace", wanted.workspace),
        "since": ("at >= :since", None if wanted.since is None else micros(wanted.since)),
        "until": ("at < :until", None if wanted.until is None else micros(wanted.until)),
    }
    conditions = [condition for condition, value in given.values() if value is not None]
    values = {name: value for name, (_, value) in given.items() if value is not None}
    if wanted.kind is not None and "." in wanted.kind:
        conditions.append("kind = :kind")
        values["kind"] = wanted.kind
    elif wanted.kind is not None:  # a family: '/' is what comes after '.'
        conditions.append("kind >= :kind AND kind < :kind_end")
        values |= {"kind": f"{wanted.kind}.", "kind_end": f"{wanted.kind}/"}
    return conditions, values


def event_of(row: Row) -> RecordedEvent:
    """An event from a row of its columns."""
    return RecordedEvent(
        id=row[0],
        kind=row[1],
        at=moment(row[2]),
        actor=row[3],
        workspace=row[4],
        subject=row[5],
        job_id=row[6],
        data=from_json(row[7]),
    )
