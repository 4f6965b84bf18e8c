"""Reviewed and adjusted labels are found without reading the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_VOUCHED = sa.text("origin IN ('reviewed', 'adjusted')")


def upgrade() -> None:
    op.create_index(
        "ix_label_versions_vouched",
        "label_versions",
        ["job_id", "origin", "n"],
        sqlite_where=_VOUCHED,
        postgresql_where=_VOUCHED,
    )
