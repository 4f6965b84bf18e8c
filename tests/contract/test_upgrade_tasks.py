"""What workers were in the middle of, in a database of the first version, goes on after the upgrade."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, insert
from sqlalchemy.pool import NullPool

from first_version import AT, first_version_url, job_row
from groundswell.domain.records import Assignment
from groundswell.domain.states import AssignmentState, JobState, ObjectState, TaskState
from groundswell.service.ports import Store
from groundswell.store.opening import open_store
from store_work import annotation_of, counters, do, recount

JOB = 20
PLACE = 1 << 20
NOW = datetime.fromtimestamp(AT / 1_000_000, tz=UTC) + timedelta(minutes=1)
HOLDS = [  # (object, worker, state)
    (0, "w0", "submitted"),
    (0, "w1", "submitted"),
    (1, "w0", "submitted"),
    (1, "w1", "held"),
    (2, "w2", "declined"),
    (3, "w2", "returned"),
    (4, "w2", "expired"),
    (6, "w1", "declined"),
]
OBJECTS = [  # state, wanted, held, answered, declined, place in the queue
    ("answered", 2, 0, 2, 0, 1),
    ("open", 3, 1, 1, 0, 2),
    ("open", 2, 0, 0, 1, 7),
    ("open", 2, 0, 0, 0, 6),
    ("open", 2, 0, 0, 0, 5),
    ("open", 2, 0, 0, 0, 3),
    ("failed", 2, 0, 0, 1, 4),
    ("skipped", 0, 0, 0, 0, 0),
    ("pending", 0, 0, 0, 0, 0),
    ("pending", 2, 0, 0, 0, 8),  # withdrawn once
]
_ids = itertools.count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Store]:
    """An upgraded database in which one more job had work in every state under way."""
    url, made = first_version_url(request, tmp_path)
    engine = create_engine(made, poolclass=NullPool)
    with engine.begin() as connection:
        tables = MetaData()
        tables.reflect(connection)
        for table, rows in _rows().items():
            for row in rows:
                connection.execute(insert(tables.tables[table]), row)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT setval('object_positions', 9)")
        else:
            connection.exec_driver_sql("UPDATE positions SET next = 9")
    store = open_store(url)
    yield store
    store.close()


def _rows() -> dict[str, list[dict[str, Any]]]:
    job = {**job_row(JOB, JobState.IN_PROGRESS), "name": "busy", "name_key": "busy", "output_uri": "s3://out/busy"}
    names = ("state", "wanted", "held", "answered", "declined")
    counted = {"total": 10, "pending": 2, "open": 5, "answered": 1, "failed": 1, "skipped": 1}
    held = {"job_id": JOB, "accepted_at": AT, "expires_at": AT + 300_000_000, "reward_usd_micros": 5}
    assignments = [
        {**held, "id": f"b{n}-{worker}", "n": n, "worker_id": worker, "state": state} for n, worker, state in HOLDS
    ]
    answer = {"job_id": JOB, "content": '{"a": 1}', "accepted_at": AT, "submitted_at": AT, "time_spent_s": 2.0}
    places = {"w0": 2 * PLACE, "w1": 4 * PLACE, "w2": 1 * PLACE}
    return {
        "labeling_jobs": [job],
        "manifest_lines": [{"job_id": JOB, "n": n, "line": f'{{"source":"bird {n}"}}'} for n in range(10)],
        "data_objects": [
            {
                "job_id": JOB,
                "n": n,
                **dict(zip(names, row[:5], strict=True)),
                "position": row[5] * PLACE,
                "opened_at": AT if row[5] else None,
                "failure_reason": "nobody wanted it" if row[0] == "failed" else None,
            }
            for n, row in enumerate(OBJECTS)
        ],
        "job_counters": [
            {"job_id": JOB, "shard": 0, **counted, "annotations": 3, "outstanding": 10, "spent_usd_micros": 15},
            *({"job_id": JOB, "shard": shard} for shard in range(1, 16)),
        ],
        "assignments": assignments,
        "annotations": [
            {**answer, "assignment_id": f"b{n}-{worker}", "n": n, "worker_id": worker}
            for n, worker, state in HOLDS
            if state == "submitted"
        ],
        "job_workers": [{"job_id": JOB, "worker_id": worker, "position": at} for worker, at in places.items()],
        "drafts": [{"assignment_id": "b1-w1", "draft": '{"half": true}', "saved_at": AT}],
    }


def take(store: Store, worker: str, holding: tuple[str, ...] = ()) -> Assignment | None:
    new = f"new-{next(_ids)}"
    return do(
        store,
        lambda tx: tx.assignments.take(
            JOB,
            worker,
            assignment_id=new,
            at=NOW,
            expires_at=NOW + timedelta(minutes=5),
            reward_usd_micros=5,
            holding=holding,
        ),
    )


def given_out(store: Store, worker: str) -> list[int]:
    order = []
    while (found := take(store, worker)) is not None:
        order.append(found.n)
        answer = annotation_of(found, at=NOW)
        do(store, lambda tx: tx.assignments.submit(answer))  # noqa: B023
    return order


def test_every_object_keeps_its_numbers(store: Store) -> None:
    for n, (state, wanted, held, answered, declined, _) in enumerate(OBJECTS):
        one = store.read(lambda tx: tx.objects.get(JOB, n))  # noqa: B023
        assert (one.state, one.wanted, one.held, one.answered, one.declined) == (
            ObjectState(state),
            wanted,
            held,
            answered,
            declined,
        )
    assert store.read(lambda tx: tx.objects.get(JOB, 6)).failure_reason == "nobody wanted it"
    assert counters(store, JOB) == recount(store, JOB)
    states = [one.state for n in (0, 1, 6) for one in store.read(lambda tx: tx.tasks.of_object(JOB, n))]  # noqa: B023
    assert states == [TaskState.ANSWERED, TaskState.OPEN, TaskState.CLOSED]


def test_what_somebody_holds_is_theirs_and_can_be_submitted(store: Store) -> None:
    held = take(store, "w1")
    assert held is not None and held.id == "b1-w1"
    assert store.read(lambda tx: tx.assignments.draft(held.id)) == '{"half": true}'
    answer = annotation_of(held, at=NOW)
    do(store, lambda tx: tx.assignments.submit(answer))
    assert store.read(lambda tx: tx.objects.get(JOB, 1)).answered == 2
    assert [one.annotator_id for one in store.read(lambda tx: tx.annotations.of_objects(JOB, [1]))] == ["w0", "w1"]
    assert counters(store, JOB) == recount(store, JOB)


def test_workers_go_on_where_they_were_in_the_queue(store: Store) -> None:
    assert given_out(store, "w0") == [5, 4, 3, 2]  # never what they answered; in the order of the queue
    assert given_out(store, "w2") == [1, 5, 4, 3]  # what they let go comes last, what they declined never
    assert counters(store, JOB) == recount(store, JOB)


def test_declined_stays_declined_and_given_up_comes_back(store: Store) -> None:
    assert do(store, lambda tx: tx.objects.move(JOB, [6], "put_back")) == [6]
    assert do(store, lambda tx: tx.tasks.publish(JOB, [6, 8, 9], wanted=2, at=NOW)) == 3
    do(store, lambda tx: tx.assignments.give_back("b1-w1", "return", at=NOW))
    assert 6 not in given_out(store, "w1")
    assert {6, 8, 9} <= set(given_out(store, "w0"))
    assert counters(store, JOB) == recount(store, JOB)


def test_a_job_that_stops_takes_its_tasks_back(store: Store) -> None:
    assert len(do(store, lambda tx: tx.objects.move(JOB, range(10), "withdraw"))) == 5
    assert store.read(lambda tx: tx.assignments.get("b1-w1")).state is AssignmentState.RETURNED
    assert counters(store, JOB) == recount(store, JOB)
    assert counters(store, JOB).outstanding == 0
