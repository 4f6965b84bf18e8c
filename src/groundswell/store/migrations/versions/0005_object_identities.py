"""Data objects have an identity across jobs; those that are there get theirs from their manifest lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from groundswell.domain.identity import identity_of

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_AT_ONCE = 5_000


def upgrade() -> None:
    identities = op.create_table(
        "object_identities",
        sa.Column("identity", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("identity", "job_id", "n"),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    for job_id, uri in connection.execute(sa.text("SELECT id, input_uri FROM labeling_jobs")).fetchall():
        for rows in _lines(connection, job_id):
            found = [(n, identity_of(_members(line), uri)) for n, line in rows]
            given = [{"identity": one, "job_id": job_id, "n": n} for n, one in found if one is not None]
            if given:
                connection.execute(identities.insert(), given)


def _lines(connection: sa.Connection, job_id: int) -> Iterator[list[tuple[int, str]]]:
    query = sa.text("SELECT n, line FROM manifest_lines WHERE job_id = :job_id AND n > :after ORDER BY n LIMIT :limit")
    after = -1
    while rows := connection.execute(query, {"job_id": job_id, "after": after, "limit": _AT_ONCE}).fetchall():
        yield [(n, line) for n, line in rows]
        after = rows[-1][0]


def _members(line: str) -> Mapping[str, Any]:
    try:
        members = json.loads(line)
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def downgrade() -> None:
    op.drop_table("object_identities")
