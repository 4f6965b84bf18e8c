"""Labels are a log: the one that was there becomes version 1, and what listings read points at it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "label_versions",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("human", sa.SmallInteger(), nullable=False),
        sa.Column("disputed", sa.SmallInteger(), nullable=False),
        sa.Column("annotation_count", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("job_id", "n", "version"),
        sqlite_with_rowid=False,
    )
    op.execute(
        """
        INSERT INTO label_versions (job_id, n, version, at, origin, confidence, category, human, disputed,
            annotation_count, value, metadata)
        SELECT l.job_id, l.n, 1, l.labeled_at, CASE WHEN l.human = 1 THEN 'consolidated' ELSE 'machine' END,
            l.confidence, l.category, l.human, l.disputed, l.annotation_count, v.value, v.metadata
        FROM labels l JOIN label_values v ON v.job_id = l.job_id AND v.n = l.n
        ORDER BY l.job_id, l.n
        """
    )
    op.drop_table("label_values")
    op.add_column("labels", sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")))
    op.drop_column("labels", "annotation_count")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("labels", "version", server_default=None)


def downgrade() -> None:
    op.create_table(
        "label_values",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "n"),
        sqlite_with_rowid=False,
    )
    in_force = "v.job_id = labels.job_id AND v.n = labels.n AND v.version = labels.version"
    op.execute(
        f"""
        INSERT INTO label_values (job_id, n, value, metadata)
        SELECT v.job_id, v.n, v.value, v.metadata FROM labels JOIN label_versions v ON {in_force}
        """
    )
    op.add_column("labels", sa.Column("annotation_count", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.execute(
        f"UPDATE labels SET annotation_count = (SELECT v.annotation_count FROM label_versions v WHERE {in_force})"
    )
    op.drop_column("labels", "version")
    op.drop_table("label_versions")
