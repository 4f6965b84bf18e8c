"""Events take the place of the audit log; what it held goes over to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000
_KINDS = {  # as they were named -> (as they are named, the key of the data that says what it is about)
    "job.created": ("job.created", "name"),
    "job.pause": ("job.paused", "name"),
    "job.resume": ("job.resumed", "name"),
    "job.stop": ("job.stopping", "name"),
    "job.extended": ("job.extended", "job"),
    "object.put_back": ("object.put_back", "job"),
    "worker.registered": ("account.registered", "worker"),
    "worker.changed": ("account.changed", "worker"),
    "key.added": ("key.added", "key"),
    "key.dropped": ("key.dropped", "key"),
    "team.invited": ("invitation.created", "team"),
    "team.joined": ("invitation.used", "team"),
}


def upgrade() -> None:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    events = op.create_table(
        "events",
        sa.Column("id", serial, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    connection = op.get_bind()
    names = {job_id: name for job_id, name in connection.execute(sa.text("SELECT id, name FROM labeling_jobs"))}
    for rows in _old_rows(connection):
        connection.execute(events.insert(), [_event(row, names) for row in rows])
    op.create_index("ix_events_kind", "events", ["kind", "id"])
    op.create_index("ix_events_actor", "events", ["actor", "id"])
    op.create_index("ix_events_job", "events", ["job_id", "id"])
    op.create_index("ix_events_time", "events", ["at"])
    op.drop_table("audit_log")


def _old_rows(connection: sa.Connection) -> Iterator[list[Any]]:
    after = 0
    query = sa.text("SELECT id, at, kind, actor, data FROM audit_log WHERE id > :after ORDER BY id LIMIT :limit")
    while rows := list(connection.execute(query, {"after": after, "limit": _AT_ONCE})):
        yield rows
        after = rows[-1][0]


def _event(row: Any, names: dict[int, str]) -> dict[str, Any]:
    """An event from a row of the audit log; its id is given anew, in the same order."""
    data = json.loads(row[4])
    kind, about = _KINDS.get(row[2], (row[2], "team"))
    job_id = data.pop("job", None)
    subject = names.get(job_id, "") if about == "job" else data.pop(about, "")
    if "worker" in data:
        data["account"] = data.pop("worker")
    return {
        "at": row[1],
        "kind": kind,
        "actor": row[3],
        "workspace": "main",
        "subject": str(subject),
        "job_id": job_id,
        "data": json.dumps(data),
    }


def downgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("INSERT INTO audit_log (at, kind, actor, data) SELECT at, kind, actor, data FROM events ORDER BY id")
    op.drop_table("events")
