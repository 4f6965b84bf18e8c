"""What clients of AWS make and list, in every store: worker UIs, workforces, details of teams, listings of jobs."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.people import EVERYONE, MAIN, TeamKind, WorkTeam
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import JobState
from groundswell.domain.worker_uis import WorkerUi
from groundswell.domain.workforces import Workforce
from groundswell.service.ports import JobQuery, Store, Transaction
from store_work import START, after, do

UI = WorkerUi(MAIN, "boxes", "<p>{{ ü }}</p>", "ab" * 32, START, {"a": "b"})
FORCE = Workforce(MAIN, "Ours", {"IpAddressType": "ipv4"}, START, START, "sealed:1:x", {"a": "b"})


def add_ui(ui: WorkerUi, tx: Transaction) -> None:
    tx.worker_uis.add(ui)


def test_worker_uis(store: Store) -> None:
    other = replace(UI, name="a", created_at=after(1), tags={})
    for ui in (other, UI, replace(UI, workspace_id="elsewhere")):
        do(store, partial(add_ui, ui))
    assert store.read(lambda tx: tx.worker_uis.get(MAIN, "boxes")) == UI
    assert store.read(lambda tx: tx.worker_uis.select(MAIN)) == [replace(UI, template=""), replace(other, template="")]
    with pytest.raises(Conflict):
        do(store, partial(add_ui, UI))
    do(store, lambda tx: tx.worker_uis.set_tags(MAIN, "boxes", {"c": "d"}))
    assert store.read(lambda tx: tx.worker_uis.get(MAIN, "boxes")).tags == {"c": "d"}
    do(store, lambda tx: tx.worker_uis.remove(MAIN, "boxes"))
    for ask in (
        lambda tx: tx.worker_uis.get(MAIN, "boxes"),
        lambda tx: tx.worker_uis.remove(MAIN, "boxes"),
        lambda tx: tx.worker_uis.set_tags(MAIN, "boxes", {}),
    ):
        with pytest.raises(NotFound):
            do(store, ask)


def test_workforces(store: Store) -> None:
    assert store.read(lambda tx: tx.workforces.find(MAIN)) is None
    do(store, lambda tx: tx.workforces.put(FORCE))
    changed = replace(FORCE, details={"IpAddressType": "dualstack"}, updated_at=after(5), secret="", tags={})
    do(store, lambda tx: tx.workforces.put(changed))
    assert store.read(lambda tx: tx.workforces.find(MAIN)) == changed
    do(store, lambda tx: tx.workforces.remove(MAIN))
    assert store.read(lambda tx: tx.workforces.find(MAIN)) is None


def test_details_and_tags_of_teams(store: Store) -> None:
    team = WorkTeam("t1", "crew", TeamKind.PRIVATE, "", START, details={"a": [1]}, tags={"b": "c"})
    do(store, lambda tx: tx.teams.add(team))
    assert store.read(lambda tx: tx.teams.get("t1")) == team
    do(store, lambda tx: tx.teams.update("t1", details={"a": 2}, tags={}, at=after(3)))
    assert store.read(lambda tx: tx.teams.get("t1")) == replace(team, details={"a": 2}, tags={}, updated_at=after(3))


def job(name: str, second: int, state: JobState = JobState.IN_PROGRESS, **more: Any) -> LabelingJob:
    made = LabelingJob(
        id=0,
        name=name,
        spec={"name": name},
        task_type="custom",
        team_id=EVERYONE,
        state=state,
        created_at=after(second),
        created_by="ann",
        input_uri="s3://in/",
        output_uri=f"s3://out/{name}",
    )
    return replace(made, **more)


def add_job(made: LabelingJob, tx: Transaction) -> LabelingJob:
    return tx.jobs.add(made)


@pytest.fixture
def fleet(store: Store) -> Store:
    """Jobs in several states, of two workspaces, one kept by its owner."""
    for made in (
        job("delta", 1, request={"RoleArn": "r"}),
        job("Alpha", 2, JobState.COMPLETED, modified_at=after(50)),
        job("charlie", 2, team_id="public"),
        job("bravo", 3, shared=False),
        job("elsewhere", 4, workspace_id="elsewhere"),
    ):
        do(store, partial(add_job, made))
    return store


def listed(store: Store, **query: Any) -> list[str]:
    asked = JobQuery(**{"workspace_id": MAIN, **query})
    return [found.name for found, _ in store.read(lambda tx: tx.jobs.summaries(asked))]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["delta", "Alpha", "charlie", "bravo"]),
        ({"descending": True}, ["bravo", "charlie", "Alpha", "delta"]),
        ({"sort_by": "name"}, ["Alpha", "bravo", "charlie", "delta"]),
        ({"sort_by": "state", "limit": 1}, ["Alpha"]),
        ({"workspace_id": None, "limit": 5, "descending": True}, ["elsewhere", "bravo", "charlie", "Alpha", "delta"]),
        ({"shared_or_of": "bob"}, ["delta", "Alpha", "charlie"]),
        ({"shared_or_of": "ann"}, ["delta", "Alpha", "charlie", "bravo"]),
        ({"name_contains": "LPH"}, ["Alpha"]),
        ({"states": frozenset({JobState.COMPLETED})}, ["Alpha"]),
        ({"states": frozenset()}, []),
        ({"team_ids": frozenset({"public"})}, ["charlie"]),
        ({"created_after": after(1), "created_before": after(3)}, ["Alpha", "charlie"]),
        ({"modified_after": after(2)}, ["Alpha", "bravo"]),
        ({"modified_before": after(2)}, ["delta"]),
    ],
)
def test_jobs_are_listed_in_any_order_through_any_filter(fleet: Store, query: dict[str, Any], names: list[str]) -> None:
    assert listed(fleet, **query) == names


@pytest.mark.parametrize("sort", ["created", "name", "state"])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_give_every_job_once(fleet: Store, sort: str, descending: bool) -> None:
    whole = listed(fleet, sort_by=sort, descending=descending)
    found: list[str] = []
    place = None
    while True:
        query = JobQuery(limit=1, workspace_id=MAIN, sort_by=sort, descending=descending, after=place)  # type: ignore[arg-type]
        page = fleet.read(lambda tx, query=query: tx.jobs.summaries(query))  # type: ignore[misc]
        if not page:
            break
        found += [one.name for one, _ in page]
        place = (page[-1][1], page[-1][0].id)
    assert found == whole and len(whole) == 4


def test_a_summary_says_what_the_job_says(fleet: Store) -> None:
    (delta, _), (alpha, _), *_ = fleet.read(lambda tx: tx.jobs.summaries(JobQuery(workspace_id=MAIN)))
    whole = fleet.read(lambda tx: tx.jobs.by_name("delta"))
    assert (delta.id, delta.request, delta.counters, delta.last_modified_at) == (
        whole.id,
        {"RoleArn": "r"},
        whole.counters,
        whole.created_at,
    )
    assert alpha.last_modified_at == after(50) and alpha.request is None


def test_a_change_that_people_know_of_is_the_last_one(fleet: Store) -> None:
    known = fleet.read(lambda tx: tx.jobs.by_name("delta"))
    do(fleet, lambda tx: tx.jobs.update(known.id, progress={}))
    assert fleet.read(lambda tx: tx.jobs.get(known.id)).last_modified_at == known.created_at
    do(fleet, lambda tx: tx.jobs.update(known.id, spec={"name": "delta"}, at=after(60)))
    assert fleet.read(lambda tx: tx.jobs.get(known.id)).last_modified_at == after(60)
    do(fleet, lambda tx: tx.jobs.set_state(known.id, "stop", at=after(70)))
    assert fleet.read(lambda tx: tx.jobs.get(known.id)).last_modified_at == after(70)
