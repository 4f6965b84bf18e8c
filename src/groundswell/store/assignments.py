"""Who holds what: the hot path.

An object with a free slot has a place in its job's queue, `position`: it is put at the end when it is released, when
one more worker is asked, and whenever a slot is given back. A worker walks the queue forward and never back, and
`job_workers.position` says how far they have come: all before it they have handled, or it was full when they passed and
will be put behind them if it ever gets a free slot. So `take` is one step along an index, however many of the open
objects the worker has done. On Postgres a worker also passes over objects that another transaction has locked for a
moment; there, when nothing is ahead, the walk starts again from the beginning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.records import Annotation, Assignment
from groundswell.domain.states import AssignmentState, assignment_after
from groundswell.service.ports import MAX_HELD
from groundswell.store.annotations import SqlAnnotations
from groundswell.store.codec import micros, moment, moment_or_none
from groundswell.store.jobs import add_counts
from groundswell.store.objects import PLACES
from groundswell.store.session import Row, Session
from groundswell.store.tables import ACTIVE, AVAILABLE, GIVEN_BACK

_COLUMNS = "id, job_id, n, worker_id, state, accepted_at, expires_at, submitted_at, reward_usd_micros"

_OBJECTS = "FROM data_objects AS o WHERE o.job_id = :job_id AND " + AVAILABLE
_HANDLED = (
    "EXISTS (SELECT 1 FROM assignments AS a "
    "WHERE a.job_id = o.job_id AND a.n = o.n AND a.worker_id = :worker_id AND {})"
)
AHEAD = (
    f"SELECT n, position {_OBJECTS} AND position > :position AND NOT {_HANDLED.format('a.' + ACTIVE)} "
    f"AND NOT {_HANDLED.format('a.' + GIVEN_BACK)} ORDER BY position LIMIT 1"
)
GIVEN_BACK_BEFORE = f"""
    SELECT n, position {_OBJECTS} AND n IN (
        SELECT n FROM assignments WHERE job_id = :job_id AND worker_id = :worker_id AND {GIVEN_BACK})
    AND NOT {_HANDLED.format("a." + ACTIVE)} ORDER BY position LIMIT 1
"""
HELD = f"""
    SELECT {_COLUMNS} FROM assignments WHERE worker_id = :worker_id AND job_id = :job_id AND state = 'held' ORDER BY id
"""
CURSOR = "SELECT position FROM job_workers WHERE job_id = :job_id AND worker_id = :worker_id"
ANSWER = """
    UPDATE data_objects SET held = held - :held, answered = answered + 1,
        state = CASE WHEN answered + 1 >= wanted THEN 'answered' ELSE state END
    WHERE job_id = :job_id AND n = :n AND state = 'open' AND wanted > held - :held + answered
    RETURNING state
"""
LEFT = f"SELECT COUNT(*) FROM (SELECT 1 {_OBJECTS} AND NOT {_HANDLED.format('a.' + ACTIVE)} LIMIT :limit) AS found"
_COUNTED = 500  # open tasks of one job counted for a worker's list; more are not worth the time


class SqlAssignments:
    """`service.ports.AssignmentRepository` in SQL."""

    def __init__(self, session: Session, annotations: SqlAnnotations) -> None:
        self._session = session
        self._annotations = annotations
        self._ahead = AHEAD + session.skip_locked
        self._given_back = GIVEN_BACK_BEFORE + session.skip_locked
        self._cursor = CURSOR + session.for_update

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
    ) -> Assignment | None:
        position = self._lock_cursor(job_id, worker_id)
        held = self._unexpired(job_id, worker_id, at)
        for assignment in held:
            if assignment.id not in holding:
                return assignment
        if len(held) >= MAX_HELD:
            raise Conflict(f"you hold {len(held)} tasks of this job; submit or return one before taking another")
        found = self._next(job_id, worker_id, position)
        if found is None:
            return None
        assignment = Assignment(
            id=assignment_id,
            job_id=job_id,
            n=found[0],
            worker_id=worker_id,
            state=AssignmentState.HELD,
            accepted_at=at,
            expires_at=expires_at,
            reward_usd_micros=reward_usd_micros,
        )
        self._hold(assignment, found[1])
        return assignment

    def _lock_cursor(self, job_id: int, worker_id: str) -> int:
        """Where the worker is in the queue; on Postgres this makes one worker's requests wait for each other."""
        found = self._session.row(self._cursor, job_id=job_id, worker_id=worker_id)
        if found is None:
            self._session.run(
                "INSERT INTO job_workers (job_id, worker_id) VALUES (:job_id, :worker_id) ON CONFLICT DO NOTHING",
                job_id=job_id,
                worker_id=worker_id,
            )
            found = self._session.row(self._cursor, job_id=job_id, worker_id=worker_id)
        return int(found[0]) if found else 0

    def _unexpired(self, job_id: int, worker_id: str, at: datetime) -> list[Assignment]:
        held = [_assignment(row) for row in self._session.rows(HELD, worker_id=worker_id, job_id=job_id)]
        for assignment in held:
            if assignment.expires_at <= at:
                self.give_back(assignment.id, "expire", at=at)
        return [assignment for assignment in held if assignment.expires_at > at]

    def _next(self, job_id: int, worker_id: str, position: int) -> Row | None:
        found = self._session.row(self._ahead, job_id=job_id, worker_id=worker_id, position=position)
        if found is None and self._session.skip_locked:
            found = self._look_again(job_id, worker_id)
        if found is None:
            found = self._session.row(self._given_back, job_id=job_id, worker_id=worker_id)
        return found

    def _look_again(self, job_id: int, worker_id: str) -> Row | None:
        """From the beginning, for what was locked in passing; then waiting for what is locked now: it may come free."""
        for statement in (self._ahead, AHEAD + self._session.for_update):
            found = self._session.row(statement, job_id=job_id, worker_id=worker_id, position=0)
            if found is not None:
                return found
        return None

    def _hold(self, assignment: Assignment, position: int) -> None:
        self._session.send(
            "UPDATE data_objects SET held = held + 1 WHERE job_id = :job_id AND n = :n",
            job_id=assignment.job_id,
            n=assignment.n,
        )
        self._session.send(
            f"""
            INSERT INTO assignments ({_COLUMNS})
            VALUES (:id, :job_id, :n, :worker_id, 'held', :accepted_at, :expires_at, NULL, :reward)
            """,
            id=assignment.id,
            job_id=assignment.job_id,
            n=assignment.n,
            worker_id=assignment.worker_id,
            accepted_at=micros(assignment.accepted_at),
            expires_at=micros(assignment.expires_at),
            reward=assignment.reward_usd_micros,
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
        submitted_at = micros(annotation.submitted_at)
        found = self._session.row(
            """
            UPDATE assignments SET state = 'submitted', submitted_at = :submitted_at
            WHERE id = :id AND state = 'held' RETURNING reward_usd_micros
            """,
            id=annotation.assignment_id,
            submitted_at=submitted_at,
        )
        held = found is not None
        reward = found[0] if found is not None else self._reopen_expired(annotation, submitted_at)
        after = self._session.row(ANSWER, job_id=annotation.job_id, n=annotation.n, held=int(held))
        if after is None:
            raise Conflict("this task wants no more answers; take the next one")
        self._annotations.append(annotation, reward)
        complete = int(after[0] == "answered")
        add_counts(
            self._session,
            annotation.job_id,
            annotations=1,
            outstanding=-1,
            spent_usd_micros=reward,
            open=-complete,
            answered=complete,
        )
        self._session.send("DELETE FROM drafts WHERE assignment_id = :id", id=annotation.assignment_id)

    def _reopen_expired(self, annotation: Annotation, submitted_at: int) -> int:
        """Turn an expired hold into a submitted one; its reward. Raises Conflict for any other state."""
        assignment = self.get(annotation.assignment_id)
        if assignment.state != AssignmentState.EXPIRED:
            assignment_after(assignment.state, "submit")
        again = self._session.row(
            f"SELECT 1 FROM assignments WHERE job_id = :job_id AND n = :n AND worker_id = :worker_id AND {ACTIVE}",
            job_id=assignment.job_id,
            n=assignment.n,
            worker_id=assignment.worker_id,
        )
        if again is not None:
            raise Conflict("this hold has expired and you have taken the same object again; answer it there")
        self._session.run(
            "UPDATE assignments SET state = 'submitted', submitted_at = :submitted_at WHERE id = :id",
            id=assignment.id,
            submitted_at=submitted_at,
        )
        return assignment.reward_usd_micros

    def give_back(self, assignment_id: str, event: str, *, at: datetime) -> Assignment:
        assignment = self.get(assignment_id)
        target = assignment_after(AssignmentState.HELD, event)
        changed = self._session.run(
            "UPDATE assignments SET state = :state WHERE id = :id AND state = 'held'",
            id=assignment_id,
            state=target.value,
        )
        if not changed:
            now = self.get(assignment_id)
            return now if now.state == target else _refuse(now, event)
        self._session.run(
            """
            UPDATE data_objects SET held = held - 1, declined = declined + :declined, position = :position
            WHERE job_id = :job_id AND n = :n AND state = 'open'
            """,
            job_id=assignment.job_id,
            n=assignment.n,
            declined=int(target == AssignmentState.DECLINED),
            position=self._session.next_position() * PLACES,
        )
        return self.get(assignment_id)

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

    def of_object(self, job_id: int, n: int) -> list[Assignment]:
        rows = self._session.rows(
            f"""
            SELECT {_COLUMNS} FROM assignments WHERE job_id = :job_id AND n = :n AND {ACTIVE}
            UNION ALL SELECT {_COLUMNS} FROM assignments WHERE job_id = :job_id AND n = :n AND {GIVEN_BACK}
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
        left = {}
        for job_id in job_ids:
            pending = self._session.row(
                "SELECT COALESCE(SUM(pending), 0) FROM job_counters WHERE job_id = :job_id", job_id=job_id
            )
            found = self._session.row(LEFT, job_id=job_id, worker_id=worker_id, limit=_COUNTED)
            left[job_id] = int(pending[0] if pending else 0) + int(found[0] if found else 0)
        return left


def _refuse(assignment: Assignment, event: str) -> Assignment:
    assignment_after(assignment.state, event)
    raise Conflict(f"cannot {event} an assignment that is {assignment.state.value}")


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
    )
