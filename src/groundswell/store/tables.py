"""The tables, once for SQLite and Postgres.

Times are integers, microseconds since 1970 (UTC); JSON is text. What is read at every step is in narrow typed rows
(`data_objects`, `tasks`, `labels`); what is wide is beside it (`manifest_lines`, `label_versions`, `annotations`), so
that listing and counting never touch it. Statements are in the repositories, the schema's history in `migrations/`.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Sequence,
    SmallInteger,
    Table,
    Text,
    text,
)

metadata = MetaData()

AVAILABLE = "state = 'open' AND wanted > held + answered"
"""A task somebody can take.

Spelled the same in the index and in the statements, and with the column on the left: SQLite turns comparisons round
before it compares them with an index's condition, and would pass the index by.
"""

PENDING = "state = 'pending'"
"""A data object that is still to be published."""

CHECKS = "kind <> 'ordinary'"
"""A task, or an answer, that makes no label: gold, practice, audit, probe."""

VOUCHED = "origin IN ('reviewed', 'adjusted')"
"""A version of a label that a person looked at and stands for."""

ACTIVE = "state IN ('held', 'submitted', 'declined')"
"""An assignment after which its worker is never offered the task again."""

GIVEN_BACK = "state IN ('returned', 'expired')"
"""An assignment that let the task go; its worker may get it again when nothing else is open for them."""

Serial = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER PRIMARY KEY is SQLite's rowid


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


def _some_assignments(name: str, which: str, *columns: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(which), postgresql_where=text(which))


def _workspace() -> Column[str]:
    """Whose a row is; what was there before workspaces belongs to the first."""
    return Column("workspace_id", Text, nullable=False, server_default=text("'main'"))


labeling_jobs = Table(
    "labeling_jobs",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),  # the name without case
    Column("spec", Text, nullable=False),
    Column("task_type", Text, nullable=False),
    Column("team_id", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("input_uri", Text, nullable=False),
    Column("output_uri", Text, nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("failure_reason", Text),
    Column("ingest", Text, nullable=False, server_default=text("'{}'")),
    Column("progress", Text, nullable=False, server_default=text("'{}'")),
    _count("revision"),  # counts changes of this row: what a cached job is checked against
    _count("queue_rank"),  # the greatest rank among what was published: a smaller one has to overtake
    Column("lease_runner", Text),
    Column("lease_until", BigInteger),
    _workspace(),
    Column("shared", SmallInteger, nullable=False, server_default=text("1")),
    Column("request", Text),
    Column("modified_at", BigInteger),  # empty: when it was made
    Index("ix_labeling_jobs_state", "state", "id"),
    Index("ix_labeling_jobs_created", "workspace_id", "created_at", "id"),
    Index("ix_labeling_jobs_workspace", "workspace_id", "id"),
    sqlite_autoincrement=True,
)

job_counters = Table(
    "job_counters",
    metadata,
    Column("job_id", BigInteger, primary_key=True),
    Column("shard", SmallInteger, primary_key=True),  # a job's counters are the sum of its shards: no hot row
    *(
        _count(name)
        for name in (
            "total",
            "pending",
            "open",
            "answered",
            "human_labeled",
            "machine_labeled",
            "failed",
            "skipped",
            "annotations",
            "outstanding",
            "spent_usd_micros",
            "checks",
        )
    ),
)

job_workers = Table(
    "job_workers",
    metadata,
    Column("job_id", BigInteger, primary_key=True),
    Column("worker_id", Text, primary_key=True),
    _count("position"),  # where in the job's queue this worker has come to
    _count("annotations"),
    Column("seconds", Float, nullable=False, server_default=text("0")),
    Column("last_submitted_at", BigInteger),
    sqlite_with_rowid=False,
)

worker_days = Table(
    "worker_days",
    metadata,
    Column("worker_id", Text, primary_key=True),
    Column("day", Integer, primary_key=True),  # days since 1970, UTC
    _count("annotations"),
    _count("reward_usd_micros"),
    sqlite_with_rowid=False,
)

data_objects = Table(
    "data_objects",
    metadata,
    Column("job_id", BigInteger, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("state", Text, nullable=False),
    _count("rank"),  # pending objects are published in this order, ties in order of n
    Column("task_id", BigInteger),  # the ordinary task that asks, or last asked, for its label
    Column("failure_reason", Text),
    Index("ix_data_objects_state", "job_id", "state", "n"),
    Index(
        "ix_data_objects_pending",
        "job_id",
        "rank",
        "n",
        sqlite_where=text(PENDING),
        postgresql_where=text(PENDING),
    ),
    sqlite_with_rowid=False,
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=False),  # the first place in the queue it ever had
    Column("job_id", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),  # its first data object; see task_objects for the others
    Column("objects", Integer, nullable=False, server_default=text("1")),  # how many it has
    Column("kind", Text, nullable=False, server_default=text("'ordinary'")),
    Column("state", Text, nullable=False),
    *(
        Column(name, Integer, nullable=False, server_default=text("0"))
        for name in ("wanted", "held", "answered", "declined")
    ),
    _count("rank"),
    _count("position"),  # its place in the queue since it last got a free slot; see queue.py
    Column("opened_at", BigInteger, nullable=False),
    Column("price_usd_micros", BigInteger),  # none: the job's
    Column("life_s", BigInteger),  # none: the job's availability
    Index(
        "ix_tasks_available",
        "job_id",
        "position",
        sqlite_where=text(AVAILABLE),
        postgresql_where=text(AVAILABLE),
    ),
    Index(
        "ix_tasks_checks",
        "job_id",
        "n",
        sqlite_where=text(CHECKS),
        postgresql_where=text(CHECKS),
    ),
)

task_objects = Table(  # the data objects of tasks that have several
    "task_objects",
    metadata,
    Column("task_id", BigInteger, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("job_id", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),
    Index("ix_task_objects_object", "job_id", "n"),
    sqlite_with_rowid=False,
)

manifest_lines = Table(
    "manifest_lines",
    metadata,
    Column("job_id", BigInteger, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("line", Text, nullable=False),
    sqlite_with_rowid=False,
)

object_identities = Table(  # which objects of which jobs are the same thing: `domain.identity`
    "object_identities",
    metadata,
    Column("identity", BigInteger, primary_key=True),
    Column("job_id", BigInteger, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    sqlite_with_rowid=False,
)

task_inputs = Table(
    "task_inputs",
    metadata,
    Column("job_id", BigInteger, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("input", Text, nullable=False),
    sqlite_with_rowid=False,
)

assignments = Table(
    "assignments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("job_id", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("worker_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("submitted_at", BigInteger),
    Column("begun_at", BigInteger),  # one fetched ahead: when it was first shown
    Column("reward_usd_micros", BigInteger, nullable=False),
    Column("task_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False, server_default=text("'ordinary'")),  # of its task
    _some_assignments("ux_assignments_active", ACTIVE, "task_id", "worker_id", unique=True),
    _some_assignments("ix_assignments_given_back", GIVEN_BACK, "job_id", "worker_id", "task_id"),
    _some_assignments("ix_assignments_given_back_task", GIVEN_BACK, "task_id"),
    _some_assignments("ix_assignments_held", "state = 'held'", "worker_id", "job_id"),
    _some_assignments("ix_assignments_expiring", "state = 'held'", "expires_at"),
    sqlite_with_rowid=False,
)

annotations = Table(
    "annotations",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("assignment_id", Text, nullable=False, unique=True),
    Column("job_id", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("annotator_id", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("submitted_at", BigInteger, nullable=False),
    Column("time_spent_s", Float, nullable=False),
    Column("kind", Text, nullable=False, server_default=text("'ordinary'")),  # of the task it answers
    _count("batch"),  # Postgres: the transaction's id, so that a reader by order never passes one still to commit
    Index("ix_annotations_object", "job_id", "n"),
    Index("ix_annotations_order", "job_id", "batch", "seq"),
    Index("ix_annotations_time", "job_id", "submitted_at"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("assignment_id", Text, primary_key=True),
    Column("draft", Text, nullable=False),
    Column("saved_at", BigInteger, nullable=False),
)

labels = Table(  # which version is in force, and what listings and charts ask of it
    "labels",
    metadata,
    Column("job_id", BigInteger, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("confidence", Float, nullable=False),  # of the last estimate: the version's is the one it began with
    Column("category", Text),
    Column("human", SmallInteger, nullable=False),
    Column("disputed", SmallInteger, nullable=False),
    Column("labeled_at", BigInteger, nullable=False),  # since when the object has had a label
    Index("ix_labels_category", "job_id", "category", "n"),
    Index("ix_labels_time", "job_id", "labeled_at", "human"),
    sqlite_with_rowid=False,
)

label_versions = Table(  # only added to, but for the mark of a withdrawal
    "label_versions",
    metadata,
    Column("job_id", BigInteger, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("origin", Text, nullable=False),
    Column("made_by", Text),
    Column("method", Text),
    Column("confidence", Float, nullable=False),
    Column("category", Text),
    Column("human", SmallInteger, nullable=False),
    Column("disputed", SmallInteger, nullable=False),
    Column("annotation_count", Integer, nullable=False),
    Column("value", Text, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("reason", Text),
    Column("withdrawn_at", BigInteger),
    Index(
        "ix_label_versions_vouched", "job_id", "origin", "n", sqlite_where=text(VOUCHED), postgresql_where=text(VOUCHED)
    ),
    sqlite_with_rowid=False,
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled", SmallInteger, nullable=False, server_default=text("0")),
    Column("preferences", Text, nullable=False, server_default=text("'{}'")),
    Column("verified", SmallInteger, nullable=False, server_default=text("1")),
    Column("two_step", Text),  # JSON, see TwoStep
)

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),  # the name without case
    Column("created_at", BigInteger, nullable=False),
    Column("aws_account", Text, nullable=False, server_default=text("'000000000000'")),
    Column("region", Text, nullable=False, server_default=text("'us-east-1'")),
)

memberships = Table(
    "memberships",
    metadata,
    Column("workspace_id", Text, primary_key=True),
    Column("worker_id", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Index("ix_memberships_worker", "worker_id"),
)

annotators = Table(
    "annotators",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

worker_roles = Table(  # in every workspace: administrator, and worker for public work
    "worker_roles",
    metadata,
    Column("worker_id", Text, ForeignKey("workers.id"), primary_key=True),
    Column("role", Text, primary_key=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("worker_id", Text, ForeignKey("workers.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    _workspace(),
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("worker_id", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("secret", Text, nullable=False),  # sealed
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("role", Text),
    _workspace(),
)

work_teams = Table(
    "work_teams",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),  # <workspace>/<the name without case>
    Column("kind", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("manager_id", Text),
    _workspace(),
    Column("details", Text, nullable=False, server_default=text("'{}'")),
    Column("tags", Text, nullable=False, server_default=text("'{}'")),
    Column("updated_at", BigInteger),
)

workforces = Table(
    "workforces",
    metadata,
    Column("workspace_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("secret", Text, nullable=False),  # sealed
    Column("tags", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

worker_uis = Table(
    "worker_uis",
    metadata,
    Column("workspace_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("template", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

team_members = Table(
    "team_members",
    metadata,
    Column("team_id", Text, ForeignKey("work_teams.id"), primary_key=True),
    Column("worker_id", Text, ForeignKey("workers.id"), primary_key=True),
    Index("ix_team_members_worker", "worker_id"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("team_id", Text, ForeignKey("work_teams.id"), nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("max_uses", Integer, nullable=False),
    Column("uses", Integer, nullable=False, server_default=text("0")),
    _count("created_at"),
    Index("ix_invitations_team", "team_id"),
)

removed_members = Table(  # who was taken out of a team may not come back by an invitation made before
    "removed_members",
    metadata,
    Column("team_id", Text, primary_key=True),
    Column("worker_id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text),
    Column("workspace", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("job_id", BigInteger),
    Column("data", Text, nullable=False),
    Index("ix_events_kind", "kind", "id"),
    Index("ix_events_actor", "actor", "id"),
    Index("ix_events_job", "job_id", "id"),
    Index("ix_events_time", "at"),
)

registered_hooks = Table(
    "registered_hooks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("module", Text, nullable=False),
    Column("function", Text, nullable=False),
    Column("code", Text, nullable=False),  # a zip file in base64: both databases take text alike
    Column("sha256", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("registered_at", BigInteger, nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("about", Text, nullable=False, server_default=text("'{}'")),  # JSON, see HookAbout
)

buckets = Table(
    "buckets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text),
    Column("cors", Text, nullable=False),
    Column("told", SmallInteger, nullable=False),
    Index("ix_buckets_workspace", "workspace_id", "name"),
)

removed_jobs = Table(  # jobs whose rows are still to be removed: removal.py
    "removed_jobs",
    metadata,
    Column("job_id", BigInteger, primary_key=True),
    Column("input_uri", Text, nullable=False),
    Column("removed_at", BigInteger, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("active", SmallInteger, nullable=False),
)

webhook_kinds = Table(  # the kinds once more, to be looked up by: kinds, families, or *
    "webhook_kinds",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("webhook_id", Text, primary_key=True),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("webhook_id", Text, nullable=False),
    Column("event_id", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("said", Text),
    Index(
        "ix_webhook_deliveries_due",
        "due_at",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("ix_webhook_deliveries_webhook", "webhook_id", "id"),
    Index("ix_webhook_deliveries_event", "event_id"),
)

auto_labelings = Table(
    "auto_labelings",
    metadata,
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    Column("phase", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("round", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("reason", Text),
    Column("notes", Text, nullable=False),
)

auto_decisions = Table(
    "auto_decisions",
    metadata,
    Column("job_id", BigInteger, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
)

models = Table(
    "models",
    metadata,
    Column("name", Text, primary_key=True),
    Column("task_type", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("learner", Text, nullable=False),
    Column("uri", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text),
    Column("job", Text),
    Column("measures", Text, nullable=False),
    Column("workspace_id", Text, nullable=False),
    Index("ix_models_workspace", "workspace_id", "created_at"),
)

positions = Table(  # SQLite's stand-in for the sequence below: one row
    "positions",
    metadata,
    Column("next", BigInteger, nullable=False),
)

object_positions = Sequence("object_positions", metadata=metadata)  # Postgres only; SQLite has no sequences
