"""A database of the first version in which work was going on: a job in every state, people, labels, an audit log."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, create_engine, insert
from sqlalchemy.pool import NullPool

from groundswell.domain.people import EVERYONE
from groundswell.domain.states import JobState
from groundswell.store import migrate
from groundswell.wire.job_spec import JobSpec

AT = 1_795_000_000_000_000
STATES = [state for state in JobState]
OBJECTS = 4
SAID = {"class-name": "owl", "confidence": 0.9, "creation-date": "2026-11-20T08:01:16.123456"}


def first_version_url(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """The same for a fixture with the parameter `sqlite` or `postgres`: our URL and SQLAlchemy's."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
        made = url
    else:
        url = _new_postgres_database(request.getfixturevalue("postgres_server"))
        made = url.replace("postgresql://", "postgresql+psycopg://")
    migrate.upgrade_to(made, "0001")
    engine = create_engine(made, poolclass=NullPool)
    with engine.begin() as connection:
        _fill(connection)
    return url, made


_databases = itertools.count(1)


def _new_postgres_database(server: str) -> str:
    import psycopg

    name = f"old{next(_databases)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.replace("/postgres?", f"/{name}?")


def _fill(connection: Connection) -> None:
    """A job in every state, each with an object in every state that it may have, written as the first version did."""
    tables = MetaData()
    tables.reflect(connection)

    def add(table: str, *rows: dict[str, Any]) -> None:
        connection.execute(insert(tables.tables[table]), list(rows))

    people = [{"id": f"w{n}", "email": f"w{n}@x.org", "email_key": f"w{n}@x.org", "name": f"W{n}"} for n in range(3)]
    add("workers", *({**one, "created_at": AT} for one in people))
    add("worker_roles", *({"worker_id": one["id"], "role": "worker"} for one in people))
    for job_id, state in enumerate(STATES, 1):
        add("labeling_jobs", job_row(job_id, state))
        add("manifest_lines", *({"job_id": job_id, "n": n, "line": f'{{"source":"bird {n}"}}'} for n in range(OBJECTS)))
        add("data_objects", *_objects(job_id))
        add("job_counters", _counters(job_id))
        add("job_counters", *({"job_id": job_id, "shard": shard} for shard in range(1, 16)))
        add("assignments", _assignment(job_id, 0, "w0", "submitted"), _assignment(job_id, 1, "w1", "held"))
        add("annotations", _annotation(job_id))
        add("job_workers", {"job_id": job_id, "worker_id": "w0", "annotations": 1, "last_submitted_at": AT})
        label = {"job_id": job_id, "confidence": 0.9, "category": "owl", "disputed": 0, "labeled_at": AT}
        add("labels", {**label, "n": 0, "human": 1, "annotation_count": 1})
        add("labels", {**label, "n": 3, "human": 0, "annotation_count": 0})
        value = {"job_id": job_id, "value": "0", "metadata": json.dumps(SAID)}
        add("label_values", {**value, "n": 0}, {**value, "n": 3})
    add(
        "audit_log",
        {"at": AT, "kind": "job.created", "actor": "w0", "data": '{"job": 2, "name": "job-InProgress"}'},
        {"at": AT, "kind": "object.put_back", "actor": "w0", "data": '{"job": 2, "count": 3}'},
        {"at": AT, "kind": "worker.registered", "actor": "w1", "data": '{"worker": "w1", "roles": ["worker"]}'},
        {"at": AT, "kind": "team.joined", "actor": "w1", "data": '{"team": "crew"}'},
    )


def job_row(job_id: int, state: JobState) -> dict[str, Any]:
    """A labeling job as the first version stored it."""
    name = f"job-{state.value}"
    spec = JobSpec.model_validate(
        {"name": name, "task_type": "text-classification", "labels": ["owl", "duck"], "workers": {"per_object": 1}}
    )
    ended = state in (JobState.STOPPED, JobState.COMPLETED, JobState.FAILED)
    phase = "checking" if state is JobState.INITIALIZING else "done"
    return {
        "id": job_id,
        "name": name,
        "name_key": name.casefold(),
        "spec": spec.model_dump_json(),
        "task_type": "text-classification",
        "team_id": EVERYONE,
        "state": state.value,
        "created_at": AT,
        "created_by": "w0",
        "input_uri": "s3://in/birds.manifest",
        "output_uri": f"s3://out/{name}",
        "started_at": AT,
        "ended_at": AT if ended else None,
        "ingest": json.dumps({"phase": phase, "done": OBJECTS, "total": OBJECTS}),
    }


def _objects(job_id: int) -> list[dict[str, Any]]:
    rows = [("labeled", 1, 0, 1), ("open", 1, 1, 0), ("pending", 0, 0, 0), ("labeled", 0, 0, 0)]
    return [
        {
            "job_id": job_id,
            "n": n,
            "state": state,
            "wanted": wanted,
            "held": held,
            "answered": answered,
            "opened_at": AT if wanted else None,
        }
        for n, (state, wanted, held, answered) in enumerate(rows)
    ]


def _counters(job_id: int) -> dict[str, Any]:
    counted = {"total": 4, "pending": 1, "open": 1, "human_labeled": 1, "machine_labeled": 1}
    return {"job_id": job_id, "shard": 0, **counted, "annotations": 1, "outstanding": 1, "spent_usd_micros": 5}


def _assignment(job_id: int, n: int, worker: str, state: str) -> dict[str, Any]:
    return {
        "id": f"a{job_id}-{n}",
        "job_id": job_id,
        "n": n,
        "worker_id": worker,
        "state": state,
        "accepted_at": AT,
        "expires_at": AT + 3_600_000_000,
        "submitted_at": AT if state == "submitted" else None,
        "reward_usd_micros": 5,
    }


def _annotation(job_id: int) -> dict[str, Any]:
    return {
        "assignment_id": f"a{job_id}-0",
        "job_id": job_id,
        "n": 0,
        "worker_id": "w0",
        "content": '{"crowd-classifier": {"label": "owl"}}',
        "accepted_at": AT,
        "submitted_at": AT,
        "time_spent_s": 2.0,
    }
