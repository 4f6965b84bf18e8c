"""Annotations say whose they are by the annotator: an account, and in time a model or an outside participant."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE annotations RENAME COLUMN worker_id TO annotator_id")


def downgrade() -> None:
    op.execute("ALTER TABLE annotations RENAME COLUMN annotator_id TO worker_id")
