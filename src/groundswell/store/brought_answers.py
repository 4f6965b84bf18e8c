"""Answers that were given elsewhere, of a job that is taken over from another house: whole objects at a time."""

from __future__ import annotations

from collections.abc import Sequence

from groundswell.domain.records import Annotation, DataObject
from groundswell.domain.states import ObjectState
from groundswell.store.codec import micros, to_json
from groundswell.store.jobs import add_counts
from groundswell.store.objects import SqlObjects
from groundswell.store.queue import end_of_queue
from groundswell.store.session import Session

_TASK = """
    INSERT INTO tasks (id, job_id, n, state, wanted, answered, rank, position, opened_at)
    VALUES (:id, :job_id, :n, 'answered', :count, :count, :rank, :id, :at)
"""
_ASSIGNMENT = """
    INSERT INTO assignments (id, job_id, n, worker_id, state, accepted_at, expires_at, submitted_at,
        reward_usd_micros, task_id)
    VALUES (:id, :job_id, :n, :worker, 'submitted', :accepted, :submitted, :submitted, 0, :task_id)
"""
_ANNOTATION = """
    INSERT INTO annotations (assignment_id, job_id, n, annotator_id, content, accepted_at, submitted_at, time_spent_s,
        batch)
    VALUES (:id, :job_id, :n, :worker, :content, :accepted, :submitted, :seconds, {batch})
"""
_WORKER = """
    INSERT INTO job_workers (job_id, worker_id, annotations, seconds, last_submitted_at)
    VALUES (:job_id, :worker, 1, :seconds, :submitted)
    ON CONFLICT (job_id, worker_id) DO UPDATE SET annotations = job_workers.annotations + 1,
        seconds = job_workers.seconds + excluded.seconds, last_submitted_at =
        CASE WHEN job_workers.last_submitted_at > excluded.last_submitted_at THEN job_workers.last_submitted_at
        ELSE excluded.last_submitted_at END
"""


_OBJECT = """
    UPDATE data_objects SET task_id = :task_id, state = CASE WHEN state = 'pending' THEN 'answered' ELSE state END
    WHERE job_id = :job_id AND n = :n
"""


def bring_answers(session: Session, objects: SqlObjects, answers: Sequence[Annotation]) -> list[int]:
    """`TaskRepository.answered_elsewhere`."""
    by_object: dict[int, list[Annotation]] = {}
    for answer in answers:
        by_object.setdefault(answer.n, []).append(answer)
    if not answers:
        return []
    job_id = answers[0].job_id
    found = objects.in_states(job_id, sorted(by_object), {ObjectState.PENDING, ObjectState.FAILED})
    fresh = [one for one in found if one.task_id is None]
    place = end_of_queue(session)
    session.seen.clear()
    tasks = {one.n: place + index for index, one in enumerate(fresh)}
    session.many(_TASK, [_task(one, tasks[one.n], by_object[one.n]) for one in fresh])
    rows = [_answer(answer, tasks[one.n]) for one in fresh for answer in by_object[one.n]]
    session.many(_ASSIGNMENT, rows)
    session.many(_ANNOTATION.format(batch=session.batch), rows)
    session.many(_WORKER, rows)
    session.many(_OBJECT, [{"task_id": task_id, "job_id": job_id, "n": n} for n, task_id in tasks.items()])
    moved = sum(one.state is ObjectState.PENDING for one in fresh)
    add_counts(session, job_id, pending=-moved, answered=moved, annotations=len(rows))
    return list(tasks)


def _task(one: DataObject, task_id: int, answers: Sequence[Annotation]) -> dict[str, object]:
    return {
        "id": task_id,
        "job_id": one.job_id,
        "n": one.n,
        "count": len(answers),
        "rank": one.rank,
        "at": micros(min(answer.accepted_at for answer in answers)),
    }


def _answer(one: Annotation, task_id: int) -> dict[str, object]:
    return {
        "id": one.assignment_id,
        "job_id": one.job_id,
        "n": one.n,
        "worker": one.annotator_id,
        "content": to_json(one.content),
        "accepted": micros(one.accepted_at),
        "submitted": micros(one.submitted_at),
        "seconds": one.time_spent_s,
        "task_id": task_id,
    }
