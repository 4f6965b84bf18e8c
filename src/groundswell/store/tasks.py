"""Tasks: published in the order of rank, asked for more, reordered, taken back.

Every task that gets a free slot is put at the end of its job's queue by a new `position`; see queue.py for what that
buys. `labeling_jobs.queue_rank` is the greatest rank that was put there: while published ranks only grow, which they do
unless somebody changes them, nothing has to overtake. Where one has to, all that can be taken is put there anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from groundswell.domain.asking import check_more, check_new_task
from groundswell.domain.errors import NotFound
from groundswell.domain.records import Annotation, DataObject, Task, TaskKind
from groundswell.domain.states import ObjectState, TaskState
from groundswell.service.ports import CLOCK_SLACK
from groundswell.store.brought_answers import bring_answers
from groundswell.store.codec import micros, moment
from groundswell.store.jobs import add_counts
from groundswell.store.objects import SqlObjects, counter, end_tasks
from groundswell.store.queue import end_of_queue
from groundswell.store.session import Row, Session
from groundswell.store.tables import AVAILABLE, CHECKS

_COLUMNS = (
    "t.id, t.job_id, t.n, t.objects, t.kind, t.state, t.wanted, t.opened_at, t.held, t.answered, t.declined, t.rank, "
    "t.price_usd_micros, t.life_s"
)
_ASK = """
    INSERT INTO tasks (id, job_id, n, state, wanted, rank, position, opened_at)
    VALUES (:id, :job_id, :n, :state, :wanted, :rank, :position, :at)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, wanted = excluded.wanted, rank = excluded.rank,
        position = excluded.position, opened_at = excluded.opened_at
"""
_ASKED = {
    **dict.fromkeys(("id", "job_id", "n", "wanted", "rank", "position", "at"), "bigint"),
    "state": "text",
}
OF_OBJECT = """
    SELECT task_id FROM data_objects WHERE job_id = :job_id AND n = :n AND task_id IS NOT NULL
    UNION SELECT id FROM tasks WHERE job_id = :job_id AND n = :n AND kind <> 'ordinary'
    UNION SELECT task_id FROM task_objects WHERE job_id = :job_id AND n = :n
"""
_OVER = "t.opened_at + COALESCE(t.life_s, :availability) * 1000000 < :at"


class SqlTasks:
    """`service.ports.TaskRepository` in SQL."""

    def __init__(self, session: Session, objects: SqlObjects) -> None:
        self._session = session
        self._objects = objects

    def turn(self, job_id: int, *, wait: bool = True) -> bool:
        return self._session.turn(job_id, wait)

    def publish(self, job_id: int, numbers: Sequence[int], *, wanted: int, at: datetime) -> int:
        queue_rank = self._greatest_rank(job_id)
        pending = self._objects.in_states(job_id, numbers, {ObjectState.PENDING})
        if not pending:
            return 0
        opened = self._ask([_Asked(one, wanted, at) for one in pending])
        answered = sum(one.answered >= wanted for one in pending)
        add_counts(
            self._session,
            job_id,
            pending=-len(pending),
            open=len(pending) - answered,
            answered=answered,
            outstanding=sum(wanted - one.answered for one in opened),
        )
        self._keep_in_order(job_id, queue_rank, [one.rank for one in opened])
        return len(pending)

    def ask_more(self, job_id: int, wanted: Mapping[int, int], *, at: datetime) -> None:
        queue_rank = self._greatest_rank(job_id)
        found = self._objects.in_states(job_id, list(wanted), set(ObjectState))
        check_more(found, wanted)
        again = [one for one in found if one.state is ObjectState.LABELED]
        human = self._objects.human_labels(job_id, [one.n for one in again])
        numbers = {one.task_id or -one.n: wanted[one.n] for one in found if one.n in wanted}
        asked = [
            # Who has a label already is asked anew, from now on; who has none, while they are available.
            _Asked(one, numbers[one.task_id or -one.n], at if one in again else one.opened_at or at)
            for one in found
        ]
        opened = self._ask(asked)
        changes = {
            "open": len(found),
            "outstanding": sum(numbers[one.task_id or -one.n] - one.answered for one in opened),
        }
        for one in found:
            name = counter(one.state, one.n in human)
            changes[name] = changes.get(name, 0) - 1
        add_counts(self._session, job_id, **changes)
        self._keep_in_order(job_id, queue_rank, [one.rank for one in opened])

    def _ask(self, asked: Sequence[_Asked]) -> list[DataObject]:
        """Put tasks for these objects at the end of the queue, in order of rank; the first object of each opened."""
        asked = sorted(asked, key=lambda one: (one.of.rank, one.of.n))
        place = end_of_queue(self._session)
        self._session.seen.clear()
        tasks: dict[int, _Asked] = {}
        for index, one in enumerate(asked):
            tasks.setdefault(one.of.task_id or place + index, one)
        self._session.many(
            _ASK,
            [
                {
                    "id": task_id,
                    "job_id": one.of.job_id,
                    "n": one.of.n,
                    "state": (TaskState.ANSWERED if one.is_answered else TaskState.OPEN).value,
                    "wanted": one.wanted,
                    "rank": one.of.rank,
                    "position": place + index,
                    "at": micros(one.opened_at),
                }
                for index, (task_id, one) in enumerate(tasks.items())
            ],
            _ASKED,
        )
        self._set_states(
            [
                (one.of, one.of.task_id or place + index, ObjectState.ANSWERED if one.is_answered else ObjectState.OPEN)
                for index, one in enumerate(asked)
            ]
        )
        return [one.of for one in tasks.values() if not one.is_answered]

    def add(
        self,
        job_id: int,
        objects: Sequence[int],
        *,
        kind: TaskKind,
        wanted: int,
        at: datetime,
        rank: int = 0,
        price_usd_micros: int | None = None,
        life_s: int | None = None,
    ) -> Task:
        queue_rank = self._greatest_rank(job_id)
        found = self._objects.in_states(job_id, objects, set(ObjectState))
        check_new_task(objects, found, kind, wanted)
        task_id = end_of_queue(self._session)
        self._session.send(
            """
            INSERT INTO tasks (id, job_id, n, objects, kind, state, wanted, rank, position, opened_at,
                price_usd_micros, life_s)
            VALUES (:id, :job_id, :n, :objects, :kind, 'open', :wanted, :rank, :id, :at, :price, :life)
            """,
            id=task_id,
            job_id=job_id,
            n=objects[0],
            objects=len(objects),
            kind=kind.value,
            wanted=wanted,
            rank=rank,
            at=micros(at),
            price=price_usd_micros,
            life=life_s,
        )
        if len(objects) > 1:
            self._session.many(
                "INSERT INTO task_objects (task_id, place, job_id, n) VALUES (:task_id, :place, :job_id, :n)",
                [{"task_id": task_id, "place": place, "job_id": job_id, "n": n} for place, n in enumerate(objects)],
            )
        if kind is TaskKind.ORDINARY:
            self._set_states([(one, task_id, ObjectState.OPEN) for one in found])
            add_counts(self._session, job_id, pending=-len(found), open=len(found), outstanding=wanted)
        self._keep_in_order(job_id, queue_rank, [rank])
        return self.get(task_id)

    def answered_elsewhere(self, answers: Sequence[Annotation]) -> list[int]:
        return bring_answers(self._session, self._objects, answers)

    def get(self, task_id: int) -> Task:
        found = self._select("WHERE t.id = :task_id", task_id=task_id)
        if not found:
            raise NotFound(f"there is no task {task_id}")
        return found[0]

    def of_object(self, job_id: int, n: int) -> list[Task]:
        return self._select(f"WHERE t.id IN ({OF_OBJECT}) ORDER BY t.id", job_id=job_id, n=n)

    def overdue(self, job_id: int, at: datetime, limit: int, *, availability_s: int) -> list[Task]:
        values = {"job_id": job_id, "at": micros(at), "availability": availability_s, "limit": limit}
        return [
            *self._select(
                "JOIN data_objects AS o ON o.job_id = t.job_id AND o.n = t.n AND o.task_id = t.id "
                f"WHERE o.job_id = :job_id AND o.state = 'open' AND {_OVER} ORDER BY o.n LIMIT :limit",
                **values,
            ),
            *self._select(
                f"WHERE t.job_id = :job_id AND t.{CHECKS} AND t.state = 'open' AND {_OVER} LIMIT :limit", **values
            ),
        ][:limit]

    def rank(self, job_id: int, ranks: Mapping[int, int]) -> None:
        self.turn(job_id)
        changes = [{"job_id": job_id, "n": n, "rank": rank} for n, rank in sorted(ranks.items())]
        self._session.many("UPDATE data_objects SET rank = :rank WHERE job_id = :job_id AND n = :n", changes)
        self._session.many(
            """
            UPDATE tasks SET rank = :rank WHERE n = :n
                AND id = (SELECT task_id FROM data_objects WHERE job_id = :job_id AND n = :n)
            """,
            changes,
        )
        self._put_in_order(job_id)

    def pull_back(self, job_id: int, at: datetime) -> int:
        return self._session.run(
            f"""
            UPDATE tasks SET opened_at = :at WHERE state = 'open' AND opened_at > :latest AND id IN (
                SELECT task_id FROM data_objects WHERE job_id = :job_id AND state = 'open'
                UNION ALL SELECT id FROM tasks WHERE job_id = :job_id AND {CHECKS})
            """,
            job_id=job_id,
            at=micros(at),
            latest=micros(at + CLOCK_SLACK),
        )

    def close(self, job_id: int, task_ids: Sequence[int]) -> int:
        found = self._session.rows(
            f"""
            SELECT id FROM tasks WHERE job_id = :job_id AND state = 'open' AND {CHECKS}
                AND {self._session.among("id")} ORDER BY id{self._session.for_update}
            """,
            job_id=job_id,
            numbers=self._session.numbers(task_ids),
        )
        end_tasks(self._session, [row[0] for row in found], TaskState.CLOSED)
        return len(found)

    def _set_states(self, moved: Iterable[tuple[DataObject, int, ObjectState]]) -> None:
        self._session.many(
            """
            UPDATE data_objects SET state = :state, task_id = :task_id, failure_reason = NULL
            WHERE job_id = :job_id AND n = :n
            """,
            [
                {"job_id": one.job_id, "n": one.n, "task_id": task_id, "state": state.value}
                for one, task_id, state in moved
            ],
            {"job_id": "bigint", "n": "bigint", "task_id": "bigint", "state": "text"},
        )

    def _select(self, which: str, **values: Any) -> list[Task]:
        rows = self._session.rows(f"SELECT {_COLUMNS} FROM tasks AS t {which}", **values)
        several = [row[0] for row in rows if row[3] > 1]
        objects: dict[int, list[int]] = {}
        if several:
            for task_id, n in self._session.rows(
                f"SELECT task_id, n FROM task_objects WHERE {self._session.among('task_id')} ORDER BY task_id, place",
                numbers=self._session.numbers(several),
            ):
                objects.setdefault(task_id, []).append(n)
        return [_task(row, tuple(objects.get(row[0], (row[2],)))) for row in rows]

    def _greatest_rank(self, job_id: int) -> int:
        """Of the job's queue; whoever changes it has the turn to publish."""
        self.turn(job_id)
        found = self._session.row("SELECT queue_rank FROM labeling_jobs WHERE id = :job_id", job_id=job_id)
        return int(found[0]) if found else 0

    def _keep_in_order(self, job_id: int, queue_rank: int, ranks: Sequence[int]) -> None:
        if ranks and min(ranks) < queue_rank:
            self._put_in_order(job_id)
        elif ranks and max(ranks) > queue_rank:
            self._set_queue_rank(job_id, max(ranks))

    def _put_in_order(self, job_id: int) -> None:
        """Give everything that can be taken a new place, by rank and, among equals, in the order they have."""
        rows = self._session.rows(
            f"""
            SELECT id, rank, position FROM tasks WHERE job_id = :job_id AND {AVAILABLE}
            ORDER BY id{self._session.for_update}
            """,
            job_id=job_id,
        )
        rows.sort(key=lambda row: row[1:])
        place = end_of_queue(self._session)
        self._session.many(
            "UPDATE tasks SET position = :position WHERE id = :id",
            [{"id": row[0], "position": place + index} for index, row in enumerate(rows)],
        )
        self._set_queue_rank(job_id, rows[-1][1] if rows else 0)

    def _set_queue_rank(self, job_id: int, rank: int) -> None:
        self._session.send("UPDATE labeling_jobs SET queue_rank = :rank WHERE id = :job_id", job_id=job_id, rank=rank)


@dataclass(frozen=True)
class _Asked:
    """One object about which workers are to be asked."""

    of: DataObject
    wanted: int
    opened_at: datetime

    @property
    def is_answered(self) -> bool:
        return self.of.answered >= self.wanted


def _task(row: Row, objects: tuple[int, ...]) -> Task:
    return Task(
        id=row[0],
        job_id=row[1],
        objects=objects,
        kind=TaskKind(row[4]),
        state=TaskState(row[5]),
        wanted=row[6],
        opened_at=moment(row[7]),
        held=row[8],
        answered=row[9],
        declined=row[10],
        rank=row[11],
        price_usd_micros=row[12],
        life_s=row[13],
    )
