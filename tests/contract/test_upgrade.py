"""A database of the first version, with jobs in every state, is upgraded and its jobs go on."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, create_engine, insert
from sqlalchemy.pool import NullPool

from groundswell.domain.identity import identity_of
from groundswell.domain.labels import Label, Origin
from groundswell.domain.people import EVERYONE, MAIN, Role
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import JobState, ObjectState
from groundswell.service.ports import EventFilter, Page, Store
from groundswell.store import migrate
from groundswell.store.opening import open_store
from groundswell.wire.job_spec import JobSpec
from integration.runner_house import START, House

AT = 1_795_000_000_000_000
STATES = [state for state in JobState]
OBJECTS = 4
SAID = {"class-name": "owl", "confidence": 0.9, "creation-date": "2026-11-20T08:01:16.123456"}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def first_version(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of version 0001 in which work was going on."""
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
    yield url


@pytest.fixture
def upgraded(first_version: str) -> Iterator[Store]:
    store = open_store(first_version)
    yield store
    store.close()


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
        add("labeling_jobs", _job(job_id, state))
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


def _job(job_id: int, state: JobState) -> dict[str, Any]:
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


def job_of(store: Store, job_id: int) -> LabelingJob:
    return store.read(lambda tx: tx.jobs.get(job_id))


def labels_of(store: Store, job_id: int) -> list[Label]:
    return store.read(lambda tx: list(tx.labels.all(job_id)))


def test_labels_become_the_first_version(upgraded: Store) -> None:
    for job_id in range(1, len(STATES) + 1):
        labels = labels_of(upgraded, job_id)
        assert [(one.n, one.origin, one.version) for one in labels] == [
            (0, Origin.CONSOLIDATED, 1),
            (3, Origin.MACHINE, 1),
        ]
        assert labels[0].metadata == SAID and labels[0].annotation_count == 1
    assert upgraded.read(lambda tx: tx.labels.history(2, 3)) == labels_of(upgraded, 2)[1:]


def test_the_audit_log_becomes_events(upgraded: Store) -> None:
    found = upgraded.read(lambda tx: tx.events.page(EventFilter(), Page()))[::-1]
    assert [(one.kind, one.subject, one.job_id, one.data) for one in found] == [
        ("job.created", "job-InProgress", 2, {}),
        ("object.put_back", "job-InProgress", 2, {"count": 3}),
        ("account.registered", "w1", None, {"roles": ["worker"]}),
        ("invitation.used", "crew", None, {}),
    ]
    assert {one.workspace for one in found} == {"main"}


def test_objects_get_their_identity(upgraded: Store) -> None:
    identity = identity_of({"source": "bird 1"}, "")
    assert identity is not None
    same = upgraded.read(lambda tx: tx.objects.same(identity))
    assert same == [(job_id, 1) for job_id in range(1, len(STATES) + 1)]


def test_what_there_was_belongs_to_the_first_workspace(upgraded: Store) -> None:
    jobs = upgraded.read(lambda tx: tx.jobs.page(Page(), workspace_id=MAIN, shared_or_of="nobody"))
    assert len(jobs) == len(STATES)
    people = upgraded.read(lambda tx: tx.workers.page(Page(), team_id=EVERYONE))
    assert [one.id for one in people] == ["w0", "w1", "w2"]
    assert {one.roles_in(MAIN) for one in people} == {frozenset({Role.WORKER})}
    assert upgraded.read(lambda tx: tx.annotators.get("w0")).name == "W0"
    assert upgraded.read(lambda tx: tx.teams.by_name(MAIN, "EVERYONE")).id == EVERYONE


def test_nothing_else_is_lost(upgraded: Store) -> None:
    for job_id, state in enumerate(STATES, 1):
        job = job_of(upgraded, job_id)
        assert (job.state, job.counters.total, job.counters.annotations) == (state, OBJECTS, 1)
    made = upgraded.read(lambda tx: tx.annotations.all(2))
    assert [(one.content, one.time_spent_s) for one in made] == [({"crowd-classifier": {"label": "owl"}}, 2.0)]
    held = upgraded.read(lambda tx: tx.assignments.held_by("w1"))
    assert [(one.job_id, one.n) for one in held] == [(job_id, 1) for job_id in range(1, len(STATES) + 1)]


def test_jobs_that_are_not_ended_go_on_to_their_end(upgraded: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        house = House(upgraded, pool)
        lines = "".join(f'{{"source":"bird {n}"}}\n' for n in range(OBJECTS))
        house.storage.write("s3://in/birds.manifest", lines.encode())
        house.write(lambda tx: tx.jobs.set_state(3, "resume", at=START))
        for name in ("job-InProgress", "job-Paused", "job-Initializing"):
            house.current = name
            house.finish(lambda worker, n: "duck", ["w0", "w1", "w2"])
        house.tick(10)
        house.runner.close()
    ended = {state.value: job_of(upgraded, n) for n, state in enumerate(STATES, 1)}
    assert {name: job.state.value for name, job in ended.items()} == {
        "Initializing": "Completed",
        "InProgress": "Completed",
        "Paused": "Completed",
        "Stopping": "Stopped",
        "Stopped": "Stopped",
        "Completed": "Completed",
        "Failed": "Failed",
    }
    assert ended["InProgress"].counters.machine_labeled == 1  # the model's label stays
    assert upgraded.read(lambda tx: {tx.objects.get(2, n).state for n in range(OBJECTS)}) == {ObjectState.LABELED}


def test_the_file_of_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    migrate.upgrade_to(f"sqlite:///{path}", "0001")
    open_store(f"sqlite:///{path}").close()
    copy = sqlite3.connect(tmp_path / f"old.db.before-{migrate.HEAD}")
    assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    copy.close()
