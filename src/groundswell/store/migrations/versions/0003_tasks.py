"""Tasks become rows of their own; data objects keep what is known of their labels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ACTIVE = "state IN ('held', 'submitted', 'declined')"
_GIVEN_BACK = "state IN ('returned', 'expired')"
_HELD = "state = 'held'"
_AVAILABLE = "state = 'open' AND wanted > held + answered"
_CHECKS = "kind <> 'ordinary'"
_PENDING = "state = 'pending'"
_ORDINARY = sa.text("'ordinary'")
_ZERO = sa.text("0")


def upgrade() -> None:
    _create_tables()
    _tasks_of_objects()
    if op.get_context().dialect.name == "sqlite":
        _replace_objects()
        _replace_assignments()
    else:
        _change_objects()
        _change_assignments()
    _index("ix_data_objects_pending", "data_objects", _PENDING, "job_id", "rank", "n")
    _index("ix_tasks_available", "tasks", _AVAILABLE, "job_id", "position")
    _index("ix_tasks_checks", "tasks", _CHECKS, "job_id", "n")
    _index("ux_assignments_active", "assignments", _ACTIVE, "task_id", "worker_id", unique=True)
    _index("ix_assignments_given_back", "assignments", _GIVEN_BACK, "job_id", "worker_id", "task_id")
    _index("ix_assignments_given_back_task", "assignments", _GIVEN_BACK, "task_id")
    op.add_column("annotations", sa.Column("kind", sa.Text(), server_default=_ORDINARY, nullable=False))
    op.add_column("job_counters", sa.Column("checks", sa.BigInteger(), server_default=_ZERO, nullable=False))
    op.add_column("labeling_jobs", sa.Column("queue_rank", sa.BigInteger(), server_default=_ZERO, nullable=False))


def _create_tables() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("objects", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("kind", sa.Text(), server_default=_ORDINARY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("held", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("answered", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("declined", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("rank", sa.BigInteger(), server_default=_ZERO, nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=_ZERO, nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("price_usd_micros", sa.BigInteger(), nullable=True),
        sa.Column("life_s", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "task_objects",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "place"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_task_objects_object", "task_objects", ["job_id", "n"])


def _tasks_of_objects() -> None:
    """A task for every object that was ever published, numbered in order of the objects.

    The numbers are smaller than any that will be given out: those begin at the next number of the sequence of places
    times 2^20, and each number before it has published at most 2^20 objects.
    """
    op.execute(
        """
        INSERT INTO tasks (id, job_id, n, state, wanted, held, answered, declined, position, opened_at)
        SELECT ROW_NUMBER() OVER (ORDER BY job_id, n), job_id, n,
            CASE WHEN state = 'open' THEN 'open' WHEN state IN ('answered', 'labeled') THEN 'answered'
                ELSE 'closed' END,
            wanted, held, answered, declined, position, COALESCE(opened_at, 0)
        FROM data_objects AS o
        WHERE wanted > 0 OR opened_at IS NOT NULL
            OR EXISTS (SELECT 1 FROM assignments AS a WHERE a.job_id = o.job_id AND a.n = o.n)
        """
    )
    op.create_index("temporary_tasks", "tasks", ["job_id", "n"])


def _replace_objects() -> None:
    op.create_table(
        "new_data_objects",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rank", sa.BigInteger(), server_default=_ZERO, nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("failure_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("job_id", "n"),
        sqlite_with_rowid=False,
    )
    op.execute(
        """
        INSERT INTO new_data_objects (job_id, n, state, task_id, failure_reason)
        SELECT o.job_id, o.n, o.state, t.id, o.failure_reason FROM data_objects AS o
        LEFT JOIN tasks AS t ON t.job_id = o.job_id AND t.n = o.n ORDER BY o.job_id, o.n
        """
    )
    op.drop_table("data_objects")
    op.rename_table("new_data_objects", "data_objects")
    op.create_index("ix_data_objects_state", "data_objects", ["job_id", "state", "n"])


def _replace_assignments() -> None:
    op.create_table(
        "new_assignments",
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
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=_ORDINARY, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.execute(
        """
        INSERT INTO new_assignments (id, job_id, n, worker_id, state, accepted_at, expires_at, submitted_at, begun_at,
            reward_usd_micros, task_id)
        SELECT a.id, a.job_id, a.n, a.worker_id, a.state, a.accepted_at, a.expires_at, a.submitted_at, a.begun_at,
            a.reward_usd_micros, t.id
        FROM assignments AS a JOIN tasks AS t ON t.job_id = a.job_id AND t.n = a.n ORDER BY a.id
        """
    )
    op.drop_table("assignments")
    op.rename_table("new_assignments", "assignments")
    _index("ix_assignments_held", "assignments", _HELD, "worker_id", "job_id")
    _index("ix_assignments_expiring", "assignments", _HELD, "expires_at")
    op.drop_index("temporary_tasks", "tasks")


def _change_objects() -> None:
    op.drop_index("ix_data_objects_available", "data_objects")
    op.add_column("data_objects", sa.Column("rank", sa.BigInteger(), server_default=_ZERO, nullable=False))
    op.add_column("data_objects", sa.Column("task_id", sa.BigInteger(), nullable=True))
    for column in ("wanted", "held", "answered", "declined", "position", "opened_at"):
        op.drop_column("data_objects", column)
    op.execute("UPDATE data_objects AS o SET task_id = t.id FROM tasks AS t WHERE t.job_id = o.job_id AND t.n = o.n")


def _change_assignments() -> None:
    for index in ("ux_assignments_active", "ix_assignments_given_back", "ix_assignments_given_back_object"):
        op.drop_index(index, "assignments")
    op.add_column("assignments", sa.Column("task_id", sa.BigInteger(), nullable=True))
    op.add_column("assignments", sa.Column("kind", sa.Text(), server_default=_ORDINARY, nullable=False))
    op.execute("UPDATE assignments AS a SET task_id = t.id FROM tasks AS t WHERE t.job_id = a.job_id AND t.n = a.n")
    op.alter_column("assignments", "task_id", nullable=False)
    op.drop_index("temporary_tasks", "tasks")


def _index(name: str, table: str, which: str, *columns: str, unique: bool = False) -> None:
    where = sa.text(which)
    op.create_index(name, table, list(columns), unique=unique, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    raise NotImplementedError("going back would lose ranks and tasks; restore the copy made before the upgrade")
