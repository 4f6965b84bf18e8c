"""What clients of AWS make besides jobs: workforces, worker UIs, details and tags of teams; requests of jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_EMPTY = sa.text("'{}'")


def upgrade() -> None:
    op.add_column("labeling_jobs", sa.Column("request", sa.Text(), nullable=True))
    op.add_column("labeling_jobs", sa.Column("modified_at", sa.BigInteger(), nullable=True))
    op.execute("UPDATE labeling_jobs SET modified_at = COALESCE(ended_at, started_at)")
    op.create_index("ix_labeling_jobs_created", "labeling_jobs", ["workspace_id", "created_at", "id"])
    for name in ("details", "tags"):
        op.add_column("work_teams", sa.Column(name, sa.Text(), server_default=_EMPTY, nullable=False))
    op.add_column("work_teams", sa.Column("updated_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "workforces",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id"),
    )
    op.create_table(
        "worker_uis",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "name"),
    )


def downgrade() -> None:
    op.drop_table("worker_uis")
    op.drop_table("workforces")
    for name in ("updated_at", "tags", "details"):
        op.drop_column("work_teams", name)
    op.drop_index("ix_labeling_jobs_created", "labeling_jobs")
    op.drop_column("labeling_jobs", "modified_at")
    op.drop_column("labeling_jobs", "request")
