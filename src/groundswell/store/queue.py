"""The walk of a worker along a job's queue of tasks: how the next one is found.

A task with a free slot has a place in its job's queue, `position`: it is put at the end when it is published, when
more answers are asked, and whenever a slot is given back; a change of ranks puts all of them there anew, in the order
of their ranks (tasks.py). A worker walks the queue forward and never back, and `job_workers.position` says how far they
have come: all before it they have handled, or it was full when they passed and will be put behind them if it ever gets
a free slot. So the next task is one step along an index, however many of the open ones the worker has done. On Postgres
a worker also passes over tasks that another transaction has locked for a moment; there, when nothing is ahead, the walk
starts again from the beginning.
"""

from __future__ import annotations

from collections.abc import Sequence

from groundswell.domain.records import TaskKind
from groundswell.domain.states import JobState
from groundswell.service.ports import MAX_HELD
from groundswell.store.session import Row, Session
from groundswell.store.tables import ACTIVE, AVAILABLE, GIVEN_BACK

PLACES = 1 << 20  # places that one number of the sequence stands for: one call publishes at most so many

_TASKS = "FROM tasks AS t WHERE t.job_id = :job_id AND " + AVAILABLE
_HANDLED = "EXISTS (SELECT 1 FROM assignments AS a WHERE a.task_id = t.id AND a.worker_id = :worker_id AND a.{})"
_NEVER = f"NOT {_HANDLED.format(ACTIVE)}"
_FIRST_TIME = f"{_NEVER} AND NOT {_HANDLED.format(GIVEN_BACK)}"
_MINE_BEFORE = f"""id IN (
    SELECT task_id FROM assignments WHERE job_id = :job_id AND worker_id = :worker_id AND {GIVEN_BACK}) AND {_NEVER}"""
_LINE = "(SELECT line FROM manifest_lines AS m WHERE m.job_id = tasks.job_id AND m.n = tasks.n)"  # is shown next
_FIRST = "ORDER BY position LIMIT 1"

_REVISION = "(SELECT revision FROM labeling_jobs AS j WHERE j.id = tasks.job_id)"

LOCK_CURSOR = """
    SELECT 1 FROM job_workers WHERE worker_id = :worker_id
        AND job_id = (SELECT id FROM labeling_jobs WHERE name_key = :name_key) FOR UPDATE"""
AHEAD = f"SELECT id {_TASKS} AND position > :position AND {_FIRST_TIME} {_FIRST}"
OF_KIND = f"SELECT id {_TASKS} AND {_NEVER} AND kind = :kind {_FIRST}"
GIVEN_BACK_BEFORE = f"SELECT id {_TASKS} AND {_MINE_BEFORE} {_FIRST}"
_OPEN_JOB = f"(SELECT id FROM labeling_jobs WHERE name_key = :name_key AND state = '{JobState.IN_PROGRESS.value}')"
_MINE = f"FROM assignments WHERE job_id = {_OPEN_JOB} AND worker_id = :worker_id AND state = 'held'"
_CURSOR = f"(SELECT position FROM job_workers WHERE job_id = {_OPEN_JOB} AND worker_id = :worker_id)"
_FREE_HANDS = f"""(SELECT COUNT(*) {_MINE}) < :most AND NOT EXISTS (
    SELECT 1 {_MINE} AND (expires_at <= :at OR id <> ALL(:holding)))"""
FORESEEN = (
    AHEAD.replace(_FIRST, f"AND {_FREE_HANDS} {_FIRST}").replace(":job_id", _OPEN_JOB).replace(":position", _CURSOR)
)
MORE = "SELECT 1 FROM data_objects WHERE job_id = :job_id AND state = 'pending' LIMIT 1"
LEFT = f"SELECT COUNT(*) FROM (SELECT 1 {_TASKS} AND {_NEVER} LIMIT :limit) AS found"


def end_of_queue(session: Session) -> int:
    """A place behind every other; PLACES of them may be used."""
    return session.next_position() * PLACES


class SqlQueue:
    """Finds the next task and takes one of its slots, in one statement."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ahead = _taking(AHEAD + session.skip_locked)
        self._waiting = _taking(AHEAD + session.for_update)
        self._given_back = _taking(GIVEN_BACK_BEFORE + session.skip_locked)
        self._of_kind = _taking(OF_KIND + session.skip_locked)
        self._foreseen = f"{_taking(FORESEEN + session.skip_locked)}, job_id, {_REVISION}"

    def next(self, job_id: int, worker_id: str, position: int) -> Row | None:
        """Take a slot of the worker's next task: its id, n, kind, price, position, manifest line; None without one."""
        found = self._session.row(self._ahead, job_id=job_id, worker_id=worker_id, position=position)
        if found is None and self._session.skip_locked:
            found = self._look_again(job_id, worker_id)
        if found is None:
            found = self._session.row(self._given_back, job_id=job_id, worker_id=worker_id)
        return found

    def foresee(self, name_key: str, worker_id: str, *, at: int, holding: Sequence[str]) -> Row | None:
        """As `next` by the job's name, with the job's id and revision behind, in one message to Postgres.

        None as well where a `take` is not as simple: the worker holds a task that their page has not, or never came.
        """
        values = {"name_key": name_key, "worker_id": worker_id}
        asked = {**values, "at": at, "holding": list(holding), "most": MAX_HELD}
        found = self._session.together((LOCK_CURSOR, values), (self._foreseen, asked))[1]
        return found[0] if found else None

    def of_kind(self, job_id: int, worker_id: str, kind: TaskKind) -> Row | None:
        """The same of tasks of one kind only, wherever in the queue they are."""
        return self._session.row(self._of_kind, job_id=job_id, worker_id=worker_id, kind=kind.value)

    def _look_again(self, job_id: int, worker_id: str) -> Row | None:
        """From the beginning, for what was locked in passing; then, unless more can be published, waiting for that."""
        values = {"job_id": job_id, "worker_id": worker_id, "position": 0}
        found = self._session.row(self._ahead, **values)
        if found is None and self._session.row(MORE, job_id=job_id) is None:
            found = self._session.row(self._waiting, **values)
        return found


def _taking(chosen: str) -> str:
    wanted = f"id, n, kind, price_usd_micros, position, {_LINE}"
    return f"UPDATE tasks SET held = held + 1 WHERE id = ({chosen}) RETURNING {wanted}"
