"""A database of the first version, with jobs in every state, is upgraded and its jobs go on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from first_version import OBJECTS, SAID, STATES, first_version_url
from groundswell.domain.identity import identity_of
from groundswell.domain.labels import Label, Origin
from groundswell.domain.people import EVERYONE, MAIN, Role
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import ObjectState
from groundswell.service.ports import EventFilter, Page, Store
from groundswell.store import migrate
from groundswell.store.opening import open_store
from integration.runner_house import START, House


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def first_version(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of version 0001 in which work was going on."""
    yield first_version_url(request, tmp_path)[0]


@pytest.fixture
def upgraded(first_version: str) -> Iterator[Store]:
    store = open_store(first_version)
    yield store
    store.close()


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
