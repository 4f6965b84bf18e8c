"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "annotations",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("assignment_id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.BigInteger(), nullable=False),
        sa.Column("time_spent_s", sa.Float(), nullable=False),
        sa.Column("batch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("assignment_id"),
    )
    op.create_index("ix_annotations_object", "annotations", ["job_id", "n"], unique=False)
    op.create_index("ix_annotations_order", "annotations", ["job_id", "batch", "seq"], unique=False)
    op.create_index("ix_annotations_time", "annotations", ["job_id", "submitted_at"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.BigInteger(), nullable=True),
        sa.Column("begun_at", sa.BigInteger(), nullable=True),
        sa.Column("reward_usd_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_assignments_expiring",
        "assignments",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "ix_assignments_given_back",
        "assignments",
        ["job_id", "worker_id", "n"],
        unique=False,
        sqlite_where=sa.text("state IN ('returned', 'expired')"),
        postgresql_where=sa.text("state IN ('returned', 'expired')"),
    )
    op.create_index(
        "ix_assignments_given_back_object",
        "assignments",
        ["job_id", "n"],
        unique=False,
        sqlite_where=sa.text("state IN ('returned', 'expired')"),
        postgresql_where=sa.text("state IN ('returned', 'expired')"),
    )
    op.create_index(
        "ix_assignments_held",
        "assignments",
        ["worker_id", "job_id"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "ux_assignments_active",
        "assignments",
        ["job_id", "n", "worker_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('held', 'submitted', 'declined')"),
        postgresql_where=sa.text("state IN ('held', 'submitted', 'declined')"),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "data_objects",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wanted", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("held", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("answered", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("declined", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("failure_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("job_id", "n"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_data_objects_available",
        "data_objects",
        ["job_id", "position"],
        unique=False,
        sqlite_where=sa.text("state = 'open' AND wanted > held + answered"),
        postgresql_where=sa.text("state = 'open' AND wanted > held + answered"),
    )
    op.create_index("ix_data_objects_state", "data_objects", ["job_id", "state", "n"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("assignment_id", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("assignment_id"),
    )
    op.create_table(
        "job_counters",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("pending", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("open", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("answered", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("human_labeled", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("machine_labeled", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("skipped", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("annotations", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("outstanding", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("spent_usd_micros", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "shard"),
    )
    op.create_table(
        "job_workers",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("annotations", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("seconds", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_submitted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("job_id", "worker_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "label_values",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "n"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "labeling_jobs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("task_type", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("input_uri", sa.Text(), nullable=False),
        sa.Column("output_uri", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("failure_reason", sa.Text(), nullable=True),
        sa.Column("ingest", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("progress", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_runner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_labeling_jobs_state", "labeling_jobs", ["state", "id"], unique=False)
    op.create_index("ix_labeling_jobs_team_id", "labeling_jobs", ["team_id"], unique=False)
    op.create_table(
        "labels",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("human", sa.SmallInteger(), nullable=False),
        sa.Column("disputed", sa.SmallInteger(), nullable=False),
        sa.Column("labeled_at", sa.BigInteger(), nullable=False),
        sa.Column("annotation_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "n"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_labels_category", "labels", ["job_id", "category", "n"], unique=False)
    op.create_index("ix_labels_time", "labels", ["job_id", "labeled_at", "human"], unique=False)
    op.create_table(
        "manifest_lines",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "n"),
        sqlite_with_rowid=False,
    )
    op.create_table("positions", sa.Column("next", sa.BigInteger(), nullable=False))
    op.create_table(
        "task_inputs",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "n"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "work_teams",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("manager_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name_key"),
    )
    op.create_table(
        "worker_days",
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("annotations", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reward_usd_micros", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", "day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("preferences", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email_key"),
    )
    op.create_table(
        "invitations",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["work_teams.id"],
        ),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "team_members",
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["work_teams.id"],
        ),
        sa.ForeignKeyConstraint(
            ["worker_id"],
            ["workers.id"],
        ),
        sa.PrimaryKeyConstraint("team_id", "worker_id"),
    )
    op.create_index("ix_team_members_worker", "team_members", ["worker_id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["worker_id"],
            ["workers.id"],
        ),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_tokens_worker_id", "tokens", ["worker_id"], unique=False)
    op.create_table(
        "worker_roles",
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["worker_id"],
            ["workers.id"],
        ),
        sa.PrimaryKeyConstraint("worker_id", "role"),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(sa.schema.CreateSequence(sa.Sequence("object_positions")))
    op.execute("INSERT INTO positions (next) VALUES (0)")
    _add_team("everyone", "private", "All workers of this server")
    _add_team("public", "public", "Whoever registers")


def _add_team(name: str, kind: str, description: str) -> None:
    op.execute(
        sa.text(
            "INSERT INTO work_teams (id, name, name_key, kind, description, created_at)"
            " VALUES (:name, :name, :name, :kind, :description, 0)"
        ).bindparams(name=name, kind=kind, description=description)
    )


def downgrade() -> None:
    op.drop_table("worker_roles")
    op.drop_table("tokens")
    op.drop_table("team_members")
    op.drop_table("invitations")
    op.drop_table("worker_days")
    op.drop_table("workers")
    op.drop_table("work_teams")
    op.drop_table("task_inputs")
    op.drop_table("positions")
    op.drop_table("manifest_lines")
    op.drop_table("labels")
    op.drop_table("labeling_jobs")
    op.drop_table("label_values")
    op.drop_table("job_workers")
    op.drop_table("job_counters")
    op.drop_table("drafts")
    op.drop_table("data_objects")
    op.drop_table("audit_log")
    op.drop_table("assignments")
    op.drop_table("annotations")
    if op.get_context().dialect.name == "postgresql":
        op.execute(sa.schema.DropSequence(sa.Sequence("object_positions")))
