"""AWS access keys, and the account id and region that a workspace's ARNs carry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("workspace_id", sa.Text(), server_default=sa.text("'main'"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_access_keys_worker_id", "access_keys", ["worker_id"])
    for name, default in (("aws_account", "000000000000"), ("region", "us-east-1")):
        column = sa.Column(name, sa.Text(), server_default=sa.text(f"'{default}'"), nullable=False)
        op.add_column("workspaces", column)


def downgrade() -> None:
    op.drop_column("workspaces", "region")
    op.drop_column("workspaces", "aws_account")
    op.drop_table("access_keys")
