"""Small jobs to try a store with."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from groundswell.domain.labels import Label, Origin
from groundswell.domain.people import EVERYONE, Account, Role
from groundswell.domain.records import Annotation, Assignment, JobCounters, LabelingJob, TaskKind
from groundswell.domain.states import JobState, ObjectState
from groundswell.service.ports import ObjectFilter, Page, Store, Transaction
from groundswell.testing.acting import member

T = TypeVar("T")
START = datetime(2026, 7, 30, 12, 0, 0, 123456, tzinfo=UTC)
REWARD = 36_000
_numbers = itertools.count(1)


def after(seconds: float) -> datetime:
    """A time so long after the start."""
    return START + timedelta(seconds=seconds)


def do(store: Store, work: Callable[[Transaction], T]) -> T:
    """Write and wait."""
    return store.write(work).result(30)


def fresh_id() -> str:
    """Ids that sort in the order they were asked for."""
    return f"id-{next(_numbers):09d}"


def add_job(store: Store, *, objects: int = 5, wanted: int = 2, release: bool = True, name: str | None = None) -> int:
    """A job in progress, all its objects open; its id."""
    job = LabelingJob(
        id=0,
        name=name or f"job-{fresh_id()}",
        spec={"name": "sports", "labels": ["a", "b"]},
        task_type="image-classification",
        team_id=EVERYONE,
        state=JobState.INITIALIZING,
        created_at=START,
        created_by="requester",
        input_uri="s3://in/input.manifest",
        output_uri="s3://out/sports",
    )

    def work(tx: Transaction) -> int:
        added = tx.jobs.add(job)
        lines = ((n, f'{{"source-ref":"s3://in/{n}.jpg"}}', ObjectState.PENDING, None) for n in range(objects))
        assert tx.objects.add_lines(added.id, lines) == objects
        tx.jobs.set_state(added.id, "start", at=START)
        if release:
            assert tx.tasks.publish(added.id, range(objects), wanted=wanted, at=START) == objects
        return added.id

    return do(store, work)


def add_worker(store: Store, name: str, *, roles: frozenset[Role] = frozenset({Role.WORKER})) -> Account:
    """An account."""
    worker = member(fresh_id(), name, *roles, at=START)
    do(store, lambda tx: tx.workers.add(worker, password_hash=None))
    return worker


def take(
    store: Store,
    job_id: int,
    worker: str,
    *,
    at: datetime = START,
    limit_s: float = 300,
    holding: tuple[str, ...] = (),
    kind: TaskKind | None = None,
    foreseen: bool = False,
) -> Assignment | None:
    """The worker's next task."""
    new = fresh_id()

    def work(tx: Transaction) -> Assignment | None:
        if foreseen:
            name = tx.jobs.brief_by_id(job_id).name
            tx.assignments.foresee(name, worker, at=at, holding=holding)
        return tx.assignments.take(
            job_id,
            worker,
            assignment_id=new,
            at=at,
            expires_at=at + timedelta(seconds=limit_s),
            reward_usd_micros=REWARD,
            holding=holding,
            kind=kind,
        )

    return do(store, work)


def annotation_of(
    assignment: Assignment, *, answer: str = "a", at: datetime = START, time_spent_s: float = 2.5
) -> Annotation:
    """An answer to a task."""
    return Annotation(
        assignment_id=assignment.id,
        job_id=assignment.job_id,
        n=assignment.n,
        annotator_id=assignment.worker_id,
        content={"crowd-image-classifier": {"label": answer}},
        accepted_at=assignment.accepted_at,
        submitted_at=at,
        time_spent_s=time_spent_s,
    )


def submit(
    store: Store, assignment: Assignment, *, answer: str = "a", at: datetime = START, time_spent_s: float = 2.5
) -> Annotation:
    """Answer a task."""
    annotation = annotation_of(assignment, answer=answer, at=at, time_spent_s=time_spent_s)
    do(store, lambda tx: tx.assignments.submit(annotation))
    return annotation


def label_of(job_id: int, n: int, **changes: object) -> Label:
    """A label."""
    if changes.get("human") is False:
        changes = {"origin": Origin.MACHINE, "by": "model-1", **changes}
    label = Label(job_id, n, 0, {"confidence": 0.9}, 0.9, "a", True, START, 2, False)
    return replace(label, **changes)  # type: ignore[arg-type]


def counters(store: Store, job_id: int) -> JobCounters:
    """The job's counters as kept."""
    return store.read(lambda tx: tx.jobs.counters(job_id))


def recount(store: Store, job_id: int) -> JobCounters:
    """The same numbers, counted anew from the objects, labels and annotations."""

    def work(tx: Transaction) -> JobCounters:
        rows = tx.objects.page(job_id, ObjectFilter(), Page(limit=100_000))
        states = Counter(one.state for one, _ in rows)
        people = sum(bool(label and label.human) for one, label in rows if one.state == ObjectState.LABELED)
        made, checks = (tx.annotations.all(job_id, limit=1_000_000, checks=checks) for checks in (False, True))
        asked = {one.task_id: one.wanted - one.answered for one, _ in rows if one.state == ObjectState.OPEN}
        return JobCounters(
            total=len(rows),
            pending=states[ObjectState.PENDING],
            open=states[ObjectState.OPEN],
            answered=states[ObjectState.ANSWERED],
            human_labeled=people,
            machine_labeled=states[ObjectState.LABELED] - people,
            failed=states[ObjectState.FAILED],
            skipped=states[ObjectState.SKIPPED],
            annotations=len(made),
            outstanding=sum(asked.values()),
            spent_usd_micros=sum(tx.assignments.get(one.assignment_id).reward_usd_micros for one in made + checks),
            checks=len(checks),
        )

    return store.read(work)


def numbers_of(store: Store, job_id: int, wanted: ObjectFilter, page: Page) -> list[int]:
    """The numbers of the objects on one page."""
    return store.read(lambda tx: [one.n for one, _ in tx.objects.page(job_id, wanted, page)])


def count_of(store: Store, job_id: int, wanted: ObjectFilter) -> int:
    """How many objects pass."""
    return store.read(lambda tx: tx.objects.count(job_id, wanted))
