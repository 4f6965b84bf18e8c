"""Whether an address is its account's, and the second step of signing in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workers", sa.Column("verified", sa.SmallInteger(), nullable=False, server_default=sa.text("1")))
    op.add_column("workers", sa.Column("two_step", sa.Text()))


def downgrade() -> None:
    op.drop_column("workers", "two_step")
    op.drop_column("workers", "verified")
