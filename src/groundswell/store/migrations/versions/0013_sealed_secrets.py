"""Secrets that were stored plain are sealed: of authenticators, webhooks and functions' environments."""

from __future__ import annotations

import json
from collections.abc import Callable

import sqlalchemy as sa
from alembic import context, op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    seal: Callable[[bytes], str] | None = context.config.attributes.get("seal")
    if seal is None:  # nobody's key is at hand: what is plain stays readable
        return

    def sealed(secret: str) -> str:
        return seal(secret.encode())

    def sealed_step(kept: str) -> str:
        step = json.loads(kept)
        return json.dumps({**step, "secret": sealed(step["secret"])})

    def sealed_values(kept: str) -> str:
        return json.dumps({name: sealed(value) for name, value in json.loads(kept).items()})

    _change("workers", "id", "two_step", sealed_step)
    _change("webhooks", "id", "secret", sealed)
    _change("registered_hooks", "name", "environment", sealed_values)


def _change(table: str, key: str, column: str, change: Callable[[str], str]) -> None:
    connection = op.get_bind()
    rows = sa.table(table, sa.column(key, sa.Text()), sa.column(column, sa.Text()))
    found = connection.execute(sa.select(rows.c[key], rows.c[column]).where(rows.c[column].is_not(None))).all()
    for identity, kept in found:
        connection.execute(sa.update(rows).where(rows.c[key] == identity).values({column: change(kept)}))
