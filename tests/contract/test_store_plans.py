"""No statement of a worker's loop, of a runner's round or of a page reads a whole table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from groundswell.domain.records import TaskKind
from groundswell.domain.states import ObjectState
from groundswell.service.ports import ObjectFilter, Page, Store, Transaction
from groundswell.store.sqlite_store import SqliteStore
from groundswell.store.transaction import SqlTransaction
from store_work import REWARD, START, add_job, after, annotation_of, do, fresh_id, label_of

SMALL = {"labeling_jobs", "work_teams", "positions", "json_each", "found", "binned"}
"""Tables of a few rows, and the results of subqueries, may be read from end to end."""


class Explained(SqlTransaction):
    """A transaction that notes the plan of every statement before it runs it."""

    def __init__(self, store: SqliteStore) -> None:
        super().__init__(store._connect(("PRAGMA busy_timeout = 1000",)).session)
        self.plans: dict[str, list[str]] = {}
        connection = self.session.connection  # type: ignore[attr-defined]
        self.session.connection = _Noting(connection, self.plans)  # type: ignore[attr-defined]


class _Noting:
    def __init__(self, connection: Any, plans: dict[str, list[str]]) -> None:
        self._connection, self._plans = connection, plans

    def execute(self, sql: str, values: Any = ()) -> Any:
        rows = self._connection.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
        self._plans[" ".join(sql.split())] = [row[3] for row in rows]
        return self._connection.execute(sql, values)

    def executemany(self, sql: str, values: Any) -> Any:
        for one in values[:1]:
            rows = self._connection.execute(f"EXPLAIN QUERY PLAN {sql}", one).fetchall()
            self._plans[" ".join(sql.split())] = [row[3] for row in rows]
        return self._connection.executemany(sql, values)


@pytest.fixture
def explained(sqlite_url: str) -> Iterator[tuple[Explained, int]]:
    """An explained transaction over a job with a bit of everything."""
    from groundswell.store.opening import open_store

    store: Store = open_store(sqlite_url)
    assert isinstance(store, SqliteStore)
    job_id = add_job(store, objects=50, wanted=2)
    do(store, lambda tx: tx.objects.move(job_id, range(40, 45), "fail", reason="x"))
    tx = Explained(store)
    yield tx, job_id
    tx.session.connection._connection.close()  # type: ignore[attr-defined]
    store.close()


def worker_loop(tx: Transaction, job_id: int) -> None:
    tx.workers.by_token("digest", at=START)
    tx.jobs.brief_by_id(job_id)
    tx.teams.is_member("some-team", "w1")
    for worker, event in (("w1", "submit"), ("w2", "return"), ("w2", "decline"), ("w2", "submit")):
        taken = tx.assignments.take(
            job_id,
            worker,
            assignment_id=fresh_id(),
            at=START,
            expires_at=after(60),
            reward_usd_micros=REWARD,
        )
        assert taken is not None
        tx.objects.line(job_id, taken.n)
        tx.objects.task_input(job_id, taken.n)
        tx.assignments.save_draft(taken.id, "{}", at=START)
        tx.assignments.draft(taken.id)
        tx.assignments.begin(taken.id, at=START, expires_at=after(60))
        if event == "submit":
            tx.assignments.submit(annotation_of(taken))
        else:
            tx.assignments.give_back(taken.id, event, at=START)
    while (
        taken := tx.assignments.take(
            job_id, "w3", assignment_id=fresh_id(), at=START, expires_at=after(60), reward_usd_micros=REWARD
        )
    ) is not None:
        tx.assignments.submit(annotation_of(taken))
    tx.assignments.held_by("w1")
    tx.assignments.open_for([job_id], "w1")
    tx.annotations.done_by("w1", [job_id])
    tx.annotations.of_day("w1", at=START)


def other_kinds(tx: Transaction, job_id: int) -> None:
    for kind in (TaskKind.GOLD, TaskKind.PROBE):
        tx.tasks.add(job_id, [7], kind=kind, wanted=9, at=START)
    several = tx.tasks.add(job_id, [8, 9], kind=TaskKind.AUDIT, wanted=9, at=START)
    for kind in TaskKind:
        found = tx.assignments.take(
            job_id,
            f"other-{kind}",
            assignment_id=fresh_id(),
            at=START,
            expires_at=after(60),
            reward_usd_micros=REWARD,
            kind=kind,
        )
        if found is not None:
            tx.assignments.submit(annotation_of(found))
    tx.tasks.of_object(job_id, 9)
    tx.assignments.of_object(job_id, 9)
    tx.tasks.overdue(job_id, after(999), 10, availability_s=60)
    tx.tasks.rank(job_id, {n: -n for n in range(20)})
    tx.annotations.of_objects(job_id, [7], checks=True)
    tx.annotations.all(job_id, checks=True)
    tx.tasks.close(job_id, [several.id])
    tx.objects.pending(job_id, 5)
    tx.objects.answered(job_id, 5)


def runner_round(tx: Transaction, job_id: int) -> None:
    tx.jobs.counters(job_id)
    tx.jobs.lease(job_id, "r", at=START, until=after(10))
    tx.assignments.expire(after(99), 10)
    tx.objects.move(job_id, [40, 41], "put_back")
    tx.tasks.publish(job_id, tx.objects.pending(job_id, 10), wanted=2, at=START)
    tx.tasks.overdue(job_id, START, 10, availability_s=60)
    ready = [one.n for one in tx.objects.answered(job_id, 10)]
    assert ready
    tx.annotations.of_objects(job_id, ready)
    tx.annotations.first_within(job_id, ready)
    made = tx.annotations.all(job_id, limit=2)
    tx.annotations.all(job_id, after=made[-1].assignment_id, limit=2)
    tx.labels.put([label_of(job_id, n) for n in ready])
    tx.tasks.ask_more(job_id, {ready[0]: 9}, at=START)


def pages(tx: Transaction, job_id: int) -> None:
    for wanted in (
        ObjectFilter(),
        ObjectFilter(states=frozenset({ObjectState.OPEN})),
        ObjectFilter(category="a"),
        ObjectFilter(states=frozenset({ObjectState.LABELED}), max_confidence=0.5),
        ObjectFilter(disputed=True),
        ObjectFilter(human=True),
        ObjectFilter(worker_id="w1"),
    ):
        tx.objects.page(job_id, wanted, Page(limit=10, after="3"))
        tx.objects.count(job_id, wanted)
    tx.jobs.page(Page(limit=5, after="99"))
    list(tx.objects.lines(job_id, start=3, stop=5))
    list(tx.labels.all(job_id, start=3))
    tx.assignments.of_object(job_id, 1)
    tx.labels.distribution(job_id)
    tx.labels.confidence_histogram(job_id)
    tx.labels.over_time(job_id)
    tx.labels.known(job_id)
    tx.labels.known_count(job_id)
    tx.annotations.worker_totals(job_id)
    tx.annotations.per_interval(job_id, since=START, seconds=60)


@pytest.mark.parametrize("work", [worker_loop, other_kinds, runner_round, pages])
def test_no_table_is_read_from_end_to_end(explained: tuple[Explained, int], work: Any) -> None:
    tx, job_id = explained
    if work is not worker_loop:
        worker_loop(tx, job_id)
    tx.plans.clear()
    work(tx, job_id)
    assert len(tx.plans) >= 10
    for sql, plan in tx.plans.items():
        for step in plan:
            scanned = re.match(r"SCAN (\w+)", step)
            assert not scanned or scanned[1] in SMALL, f"{step}\n{sql}\n{plan}"


def test_the_next_task_is_one_step_along_the_queue(explained: tuple[Explained, int]) -> None:
    tx, job_id = explained
    worker_loop(tx, job_id)
    ahead = next(plan for sql, plan in tx.plans.items() if "position > :position" in sql)
    assert "SEARCH t USING INDEX ix_tasks_available (job_id=? AND position>?)" in ahead
    assert not any("TEMP B-TREE" in step for step in ahead)
    assert any("ux_assignments_active" in step for step in ahead)


def test_known_labels_are_found_without_reading_the_others(explained: tuple[Explained, int]) -> None:
    tx, job_id = explained
    tx.labels.known(job_id)
    plan = next(plan for sql, plan in tx.plans.items() if "'reviewed'" in sql)
    by_version = "(job_id=? AND n=? AND version=?)"
    assert [re.sub(r"(COVERING )?INDEX", "INDEX", step) for step in plan if re.match("S[A-Z]+ [vt] ", step)] == [
        "SEARCH v USING INDEX ix_label_versions_vouched (job_id=? AND origin=? AND n>?)",
        "SEARCH t USING INDEX ix_tasks_checks (job_id=?)",
        f"SEARCH v USING PRIMARY KEY {by_version}",
    ], plan


def test_pages_of_objects_are_not_sorted(explained: tuple[Explained, int]) -> None:
    tx, job_id = explained
    pages(tx, job_id)
    for sql, plan in tx.plans.items():
        if "data_objects" in sql and "ORDER BY data_objects.n" in sql:
            assert not any("TEMP B-TREE" in step for step in plan), (sql, plan)
