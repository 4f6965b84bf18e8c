"""Workspaces own jobs, teams and keys; roles are those of a membership; answers are an annotator's.

Everybody and everything there is goes to the one workspace that a server starts with. Who had an account stays in the
team `everyone`: only who registers from now on is in `public` alone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MAIN = "main"


def upgrade() -> None:
    _workspaces()
    _owned("labeling_jobs")
    op.add_column("labeling_jobs", sa.Column("shared", sa.SmallInteger(), nullable=False, server_default=sa.text("1")))
    op.create_index("ix_labeling_jobs_workspace", "labeling_jobs", ["workspace_id", "id"])
    _owned("work_teams")
    op.execute(f"UPDATE work_teams SET name_key = '{_MAIN}/' || name_key")
    _owned("tokens")
    op.add_column("invitations", sa.Column("created_at", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.create_index("ix_invitations_team", "invitations", ["team_id"])
    op.create_table(
        "removed_members",
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "worker_id"),
    )
    op.create_table(
        "annotators",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(
        "INSERT INTO annotators (id, kind, name, created_at) SELECT id, 'account', name, created_at FROM workers"
    )


def _workspaces() -> None:
    op.create_table(
        "workspaces",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name_key"),
    )
    op.execute(f"INSERT INTO workspaces (id, name, name_key, created_at) VALUES ('{_MAIN}', 'Main', '{_MAIN}', 0)")
    op.create_table(
        "memberships",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "worker_id", "role"),
    )
    op.create_index("ix_memberships_worker", "memberships", ["worker_id"])
    op.execute(
        f"INSERT INTO memberships (workspace_id, worker_id, role) "
        f"SELECT '{_MAIN}', worker_id, role FROM worker_roles WHERE role <> 'administrator'"
    )
    op.execute("DELETE FROM worker_roles WHERE role NOT IN ('administrator', 'worker')")


def _owned(table: str) -> None:
    op.add_column(table, sa.Column("workspace_id", sa.Text(), nullable=False, server_default=sa.text(f"'{_MAIN}'")))


def downgrade() -> None:
    op.execute(
        "INSERT INTO worker_roles (worker_id, role) SELECT worker_id, role FROM memberships "
        f"WHERE workspace_id = '{_MAIN}' AND role IN ('requester', 'vendor-manager')"
    )
    op.drop_index("ix_invitations_team", "invitations")
    op.drop_index("ix_labeling_jobs_workspace", "labeling_jobs")
    op.execute(f"UPDATE work_teams SET name_key = substr(name_key, {len(_MAIN) + 2})")
    for table, column in (
        ("labeling_jobs", "shared"),
        ("labeling_jobs", "workspace_id"),
        ("work_teams", "workspace_id"),
        ("tokens", "workspace_id"),
        ("invitations", "created_at"),
    ):
        op.drop_column(table, column)
    for table in ("annotators", "removed_members", "memberships", "workspaces"):
        op.drop_table(table)
