"""Who holds what: the hot path. How the next task is found is in queue.py.

On Postgres whoever changes a task locks its row before the rows of its assignments and its objects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.records import Annotation, Assignment, TaskKind
from groundswell.domain.states import AssignmentState, TaskState, assignment_after
from groundswell.service.ports import CLOCK_SLACK, MAX_HELD
from groundswell.store.annotations import SqlAnnotations
from groundswell.store.codec import fold, micros, moment, moment_or_none
from groundswell.store.jobs import add_counts
from groundswell.store.queue import LEFT, SqlQueue, end_of_queue
from groundswell.store.session import Row, Session
from groundswell.store.tables import ACTIVE, GIVEN_BACK
from groundswell.store.tasks import OF_OBJECT

_COLUMNS = "id, job_id, n, worker_id, state, accepted_at, expires_at, submitted_at, reward_usd_micros, kind, task_id"
_WIDTH = _COLUMNS.count(",") + 1
_OF_TASK = f"""
    SELECT a.{_COLUMNS.replace(", ", ", a.")}, t.state, t.wanted, t.held, t.answered, t.objects
        , j.revision
    FROM tasks AS t JOIN assignments AS a ON a.task_id = t.id JOIN labeling_jobs AS j ON j.id = t.job_id
    WHERE a.id = :id"""
HELD = f"""
    SELECT {_COLUMNS} FROM assignments WHERE worker_id = :worker_id AND job_id = :job_id AND state = 'held' ORDER BY id
"""
CURSOR = "SELECT position FROM job_workers WHERE job_id = :job_id AND worker_id = :worker_id"
_COUNTED = 500  # open tasks of one job counted for a worker's list; more are not worth the time


class SqlAssignments:
    """`service.ports.AssignmentRepository` in SQL."""

    def __init__(self, session: Session, annotations: SqlAnnotations) -> None:
        self._session = session
        self._annotations = annotations
        self._queue = SqlQueue(session)
        self._cursor = CURSOR + session.for_update
        self._of_task = _OF_TASK + (f"{session.for_update} OF t, a" if session.for_update else "")

    def foresee(self, name: str, worker_id: str, *, at: datetime, holding: Sequence[str] = ()) -> None:
        if self._session.skip_locked:  # SQLite is near: it would have nothing from it
            found = self._queue.foresee(fold(name), worker_id, at=micros(at), holding=holding)
            if found is not None:
                *row, job_id, revision = found
                self._session.seen["job", fold(name)] = (job_id, revision)
                self._session.seen["foreseen", None] = (job_id, worker_id, tuple(row))

    def take(
        self,
        job_id: int,
        worker_id: str,
        *,
        assignment_id: str,
        at: datetime,
        expires_at: datetime,
        reward_usd_micros: int,
        holding: Sequence[str] = (),
        kind: TaskKind | None = None,
    ) -> Assignment | None:
        position = 0
        found = self._foreseen(job_id, worker_id) if kind is None else None
        if found is None:
            position, held = self._lock_cursor(job_id, worker_id)
            held = self._unexpired(held, at)
            for assignment in held:
                if assignment.id not in holding:
                    return assignment
            if len(held) >= MAX_HELD:
                raise Conflict(f"you hold {len(held)} tasks of this job; submit or return one before taking another")
            if kind is None:
                found = self._queue.next(job_id, worker_id, position)
            else:
                found = self._queue.of_kind(job_id, worker_id, kind)
        if found is None:
            return None
        task_id, n, of_kind, price, place, line = found
        self._session.seen.clear()
        self._session.seen["line", (job_id, n)] = line
        assignment = Assignment(
            id=assignment_id,
            job_id=job_id,
            n=n,
            worker_id=worker_id,
            state=AssignmentState.HELD,
            accepted_at=at,
            expires_at=expires_at,
            reward_usd_micros=reward_usd_micros if price is None else price,
            kind=TaskKind(of_kind),
            task_id=task_id,
        )
        self._hold(assignment, place if kind is None else position)
        return assignment

    def _foreseen(self, job_id: int, worker_id: str) -> Row | None:
        job, worker, row = self._session.seen.get(("foreseen", None), (0, "", None))
        if (job, worker) != (job_id, worker_id):
            return None
        del self._session.seen["foreseen", None]
        found: Row | None = row
        return found

    def _lock_cursor(self, job_id: int, worker_id: str) -> tuple[int, list[Assignment]]:
        """How far the worker has come, and what they hold; on Postgres one worker's requests take turns here."""
        values = {"job_id": job_id, "worker_id": worker_id}
        found, held = self._session.together((self._cursor, values), (HELD, values))
        if not found:
            self._session.run(
                "INSERT INTO job_workers (job_id, worker_id) VALUES (:job_id, :worker_id) ON CONFLICT DO NOTHING",
                **values,
            )
            found, held = self._session.together((self._cursor, values), (HELD, values))
        return int(found[0][0]), [_assignment(row) for row in held]

    def _unexpired(self, held: Sequence[Assignment], at: datetime) -> list[Assignment]:
        for assignment in held:
            if assignment.expires_at <= at:
                self.give_back(assignment.id, "expire", at=at)
        return [assignment for assignment in held if assignment.expires_at > at]

    def _hold(self, assignment: Assignment, position: int) -> None:
        self._session.send(
            f"""
            INSERT INTO assignments ({_COLUMNS})
            VALUES (:id, :job_id, :n, :worker_id, 'held', :accepted_at, :expires_at, NULL, :reward, :kind, :task_id)
            """,
            id=assignment.id,
            job_id=assignment.job_id,
            n=assignment.n,
            worker_id=assignment.worker_id,
            accepted_at=micros(assignment.accepted_at),
            expires_at=micros(assignment.expires_at),
            reward=assignment.reward_usd_micros,
            kind=assignment.kind.value,
            task_id=assignment.task_id,
        )
        self._session.send(
            "UPDATE job_workers SET position = :position WHERE job_id = :job_id AND worker_id = :worker_id",
            job_id=assignment.job_id,
            worker_id=assignment.worker_id,
            position=position,
        )

    def get(self, assignment_id: str) -> Assignment:
        found = self._session.row(f"SELECT {_COLUMNS} FROM assignments WHERE id = :id", id=assignment_id)
        if found is None:
            raise NotFound(f"there is no assignment {assignment_id!r}")
        return _assignment(found)

    def locked(self, assignment_id: str) -> Assignment:
        found = self._session.row(self._of_task, id=assignment_id)
        if found is None:
            raise NotFound(f"there is no assignment {assignment_id!r}")
        assignment = _assignment(found)
        self._session.seen["hold", assignment_id] = (assignment, found[_WIDTH:-1])
        self._session.seen["revision", assignment.job_id] = found[-1]
        return assignment

    def begin(self, assignment_id: str, *, at: datetime, expires_at: datetime) -> Assignment:
        self._session.run(
            """
            UPDATE assignments SET accepted_at = :at, expires_at = :expires_at, begun_at = :at
            WHERE id = :id AND state = 'held' AND begun_at IS NULL
            """,
            id=assignment_id,
            at=micros(at),
            expires_at=micros(expires_at),
        )
        return self.get(assignment_id)

    def submit(self, annotation: Annotation) -> None:
        assignment, (state, wanted, held, answered, objects) = self._with_task(annotation.assignment_id)
        mine = int(assignment.state == AssignmentState.HELD)
        if not mine:
            self._check_late(assignment)
        if state != TaskState.OPEN or wanted <= held - mine + answered:
            raise Conflict("this task wants no more answers; take the next one")
        complete = answered + 1 >= wanted
        self._session.send(
            "UPDATE assignments SET state = 'submitted', submitted_at = :at WHERE id = :id",
            id=assignment.id,
            at=micros(annotation.submitted_at),
        )
        self._session.send(
            "UPDATE tasks SET held = :held, answered = :answered, state = :state WHERE id = :id",
            id=assignment.task_id,
            held=held - mine,
            answered=answered + 1,
            state=(TaskState.ANSWERED if complete else TaskState.OPEN).value,
        )
        self._annotations.append(annotation, assignment)
        self._count(assignment, objects if complete else 0)
        self._session.send("DELETE FROM drafts WHERE assignment_id = :id", id=assignment.id)

    def _count(self, assignment: Assignment, completed: int) -> None:
        """Count an answer; `completed`: the objects of its task, which has all its answers now."""
        job_id, reward = assignment.job_id, assignment.reward_usd_micros
        if assignment.kind is not TaskKind.ORDINARY:
            add_counts(self._session, job_id, checks=1, spent_usd_micros=reward)
            return
        if completed == 1:
            self._session.send(
                "UPDATE data_objects SET state = 'answered' WHERE job_id = :job_id AND n = :n",
                job_id=job_id,
                n=assignment.n,
            )
        elif completed:
            self._session.send(
                """
                UPDATE data_objects SET state = 'answered' WHERE job_id = :job_id AND n IN (
                    SELECT n FROM task_objects WHERE task_id = :task_id)
                """,
                job_id=job_id,
                task_id=assignment.task_id,
            )
        add_counts(
            self._session,
            job_id,
            annotations=1,
            outstanding=-1,
            spent_usd_micros=reward,
            open=-completed,
            answered=completed,
        )

    def _with_task(self, assignment_id: str) -> tuple[Assignment, Row]:
        """An assignment and (state, wanted, held, answered, objects) of its task, both locked and about to change."""
        if ("hold", assignment_id) not in self._session.seen:
            self.locked(assignment_id)
        found: tuple[Assignment, Row] = self._session.seen["hold", assignment_id]
        self._session.seen.clear()
        return found

    def _check_late(self, assignment: Assignment) -> None:
        """Raise Conflict unless this hold has expired and nothing has come of its task for the worker since."""
        if assignment.state != AssignmentState.EXPIRED:
            assignment_after(assignment.state, "submit")
        again = self._session.row(
            f"SELECT 1 FROM assignments WHERE task_id = :task_id AND worker_id = :worker_id AND {ACTIVE}",
            task_id=assignment.task_id,
            worker_id=assignment.worker_id,
        )
        if again is not None:
            raise Conflict("this hold has expired and you have taken the same object again; answer it there")

    def give_back(self, assignment_id: str, event: str, *, at: datetime) -> Assignment:
        assignment, (state, _, held, _, _) = self._with_task(assignment_id)
        target = assignment_after(AssignmentState.HELD, event)
        if assignment.state == target:
            return assignment
        assignment_after(assignment.state, event)
        self._session.send("UPDATE assignments SET state = :state WHERE id = :id", id=assignment_id, state=target.value)
        if state == TaskState.OPEN:
            self._session.send(
                "UPDATE tasks SET held = :held, declined = declined + :declined, position = :position WHERE id = :id",
                id=assignment.task_id,
                held=held - 1,
                declined=int(target == AssignmentState.DECLINED),
                position=end_of_queue(self._session),
            )
        return replace(assignment, state=target)

    def expire(self, at: datetime, limit: int) -> list[Assignment]:
        rows = self._session.rows(
            f"""
            SELECT id FROM assignments WHERE state = 'held' AND expires_at <= :at
            ORDER BY expires_at, id LIMIT :limit{self._session.skip_locked}
            """,
            at=micros(at),
            limit=limit,
        )
        return [self.give_back(row[0], "expire", at=at) for row in rows]

    def pull_back(self, at: datetime) -> int:
        return self._session.run(
            """
            UPDATE assignments SET expires_at = expires_at - accepted_at + :at, accepted_at = :at
            WHERE state = 'held' AND expires_at > :latest AND accepted_at > :latest
            """,
            at=micros(at),
            latest=micros(at + CLOCK_SLACK),
        )

    def save_draft(self, assignment_id: str, draft: str, *, at: datetime) -> None:
        self._session.run(
            """
            INSERT INTO drafts (assignment_id, draft, saved_at) VALUES (:id, :draft, :at)
            ON CONFLICT (assignment_id) DO UPDATE SET draft = excluded.draft, saved_at = excluded.saved_at
            """,
            id=assignment_id,
            draft=draft,
            at=micros(at),
        )

    def draft(self, assignment_id: str) -> str | None:
        found = self._session.row("SELECT draft FROM drafts WHERE assignment_id = :id", id=assignment_id)
        return None if found is None else str(found[0])

    def earlier_draft(self, assignment_id: str) -> str | None:
        found = self._session.row(
            f"""
            SELECT drafts.draft FROM assignments AS mine
            JOIN assignments AS earlier ON earlier.task_id = mine.task_id AND earlier.worker_id = mine.worker_id
            JOIN drafts ON drafts.assignment_id = earlier.id
            WHERE mine.id = :id AND earlier.{GIVEN_BACK} AND earlier.state = 'expired' ORDER BY earlier.id DESC LIMIT 1
            """,
            id=assignment_id,
        )
        return None if found is None else str(found[0])

    def of_object(self, job_id: int, n: int) -> list[Assignment]:
        tasks = f"WHERE task_id IN ({OF_OBJECT})"
        rows = self._session.rows(
            f"""
            SELECT {_COLUMNS} FROM assignments {tasks} AND {ACTIVE}
            UNION ALL SELECT {_COLUMNS} FROM assignments {tasks} AND {GIVEN_BACK}
            """,
            job_id=job_id,
            n=n,
        )
        return sorted(map(_assignment, rows), key=lambda assignment: (assignment.accepted_at, assignment.id))

    def held_by(self, worker_id: str) -> list[Assignment]:
        rows = self._session.rows(
            f"SELECT {_COLUMNS} FROM assignments WHERE worker_id = :worker_id AND state = 'held' ORDER BY id",
            worker_id=worker_id,
        )
        return [_assignment(row) for row in rows]

    def open_for(self, job_ids: Sequence[int], worker_id: str) -> Mapping[int, int]:
        numbers = self._session.numbers(job_ids)
        pending, found = self._session.together(
            (
                f"SELECT job_id, SUM(pending) FROM job_counters WHERE {self._session.among('job_id')} GROUP BY job_id",
                {"numbers": numbers},
            ),
            (
                f"SELECT j.id, ({LEFT.replace(':job_id', 'j.id')}) FROM labeling_jobs AS j "
                f"WHERE {self._session.among('j.id')}",
                {"numbers": numbers, "worker_id": worker_id, "limit": _COUNTED},
            ),
        )
        waiting: dict[int, int] = dict(pending)
        return {job_id: int(waiting.get(job_id, 0)) + int(count) for job_id, count in found}


def _assignment(row: Row) -> Assignment:
    return Assignment(
        id=row[0],
        job_id=row[1],
        n=row[2],
        worker_id=row[3],
        state=AssignmentState(row[4]),
        accepted_at=moment(row[5]),
        expires_at=moment(row[6]),
        submitted_at=moment_or_none(row[7]),
        reward_usd_micros=row[8],
        kind=TaskKind(row[9]),
        task_id=row[10],
    )
