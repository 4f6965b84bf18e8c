"""Data objects: their manifest lines and what is known of their labels. How they are asked about is in tasks.py.

An object that is open has an open ordinary task. Both are moved here, together with the other objects of that task, if
it has several. On Postgres the tasks' rows are locked first: who takes and submits never needs an object's row before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from groundswell.domain.auto_labeling import KEPT_BACK
from groundswell.domain.errors import NotFound
from groundswell.domain.labels import Label
from groundswell.domain.records import DataObject
from groundswell.domain.states import OBJECT_TRANSITIONS, ObjectState, TaskState
from groundswell.service.ports import ObjectFilter, Page
from groundswell.store.codec import from_json, to_json
from groundswell.store.jobs import add_counts
from groundswell.store.label_versions import label_of
from groundswell.store.object_rows import OBJECT_COLUMNS, WIDTH, object_of
from groundswell.store.session import Session
from groundswell.store.tables import ACTIVE

CHUNK = 2_000  # rows a statement handles at a time: flat memory, few statements

_OBJECTS = f"SELECT {OBJECT_COLUMNS} FROM data_objects AS o LEFT JOIN tasks AS t ON t.id = o.task_id"


class SqlObjects:
    """`service.ports.ObjectRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_lines(self, job_id: int, lines: Iterable[tuple[int, str, ObjectState, str | None]]) -> int:
        rest, inserted = iter(lines), 0
        while chunk := list(islice(rest, CHUNK)):
            inserted += self._add_chunk(job_id, chunk)
        return inserted

    def _add_chunk(self, job_id: int, chunk: Sequence[tuple[int, str, ObjectState, str | None]]) -> int:
        counts = {
            state.value: self._session.insert_new(
                "data_objects",
                {"job_id": "bigint", "n": "bigint", "state": "text", "failure_reason": "text"},
                [(job_id, n, state.value, reason) for n, _, first, reason in chunk if first == state],
            )
            for state in {row[2] for row in chunk}
        }
        columns = {"job_id": "bigint", "n": "bigint", "line": "text"}
        self._session.insert_new("manifest_lines", columns, [(job_id, n, line) for n, line, _, _ in chunk])
        total = sum(counts.values())
        add_counts(self._session, job_id, total=total, **counts)
        return total

    def identify(self, job_id: int, identities: Mapping[int, int]) -> None:
        columns = {"identity": "bigint", "job_id": "bigint", "n": "bigint"}
        rows = [(identity, job_id, n) for n, identity in identities.items()]
        if rows:
            self._session.insert_new("object_identities", columns, rows)

    def same(self, identity: int) -> list[tuple[int, int]]:
        rows = self._session.rows(
            "SELECT job_id, n FROM object_identities WHERE identity = :identity ORDER BY job_id, n", identity=identity
        )
        return [(job_id, n) for job_id, n in rows]

    def line(self, job_id: int, n: int) -> str:
        seen: str | None = self._session.seen.get(("line", (job_id, n)))
        if seen is not None:
            return seen
        found = self._session.row(
            "SELECT line FROM manifest_lines WHERE job_id = :job_id AND n = :n", job_id=job_id, n=n
        )
        if found is None:
            raise no_object(n)
        return str(found[0])

    def lines(self, job_id: int, *, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, str]]:
        rows = self._session.stream(
            "SELECT n, line FROM manifest_lines WHERE job_id = :job_id AND n >= :start AND n < :stop ORDER BY n",
            job_id=job_id,
            start=start,
            stop=2**62 if stop is None else stop,
        )
        yield from rows

    def get(self, job_id: int, n: int) -> DataObject:
        found = self._session.row(f"{_OBJECTS} WHERE o.job_id = :job_id AND o.n = :n", job_id=job_id, n=n)
        if found is None:
            raise no_object(n)
        return object_of(found)

    def page(self, job_id: int, wanted: ObjectFilter, page: Page) -> list[tuple[DataObject, Label | None]]:
        from groundswell.store.object_filter import filtered_page

        rows = self._session.select(filtered_page(job_id, wanted, page))
        return [(object_of(row), None if row[WIDTH] is None else label_of(row[WIDTH:])) for row in rows]

    def count(self, job_id: int, wanted: ObjectFilter) -> int:
        from groundswell.store.object_filter import filtered_count

        return int(self._session.select(filtered_count(job_id, wanted))[0][0])

    def pending(self, job_id: int, limit: int) -> list[int]:
        return [row[0] for row in self._session.rows(NEXT_PENDING, job_id=job_id, limit=limit)]

    def answered(self, job_id: int, limit: int) -> list[DataObject]:
        rows = self._session.rows(
            f"{_OBJECTS} WHERE o.job_id = :job_id AND o.state = 'answered' ORDER BY o.n LIMIT :limit",
            job_id=job_id,
            limit=limit,
        )
        return [object_of(row) for row in rows]

    def move(self, job_id: int, numbers: Sequence[int], event: str, *, reason: str | None = None) -> list[int]:
        targets = {state: to for (state, name), to in OBJECT_TRANSITIONS.items() if name == event}
        found = self.in_states(job_id, numbers, set(targets))
        self._session.many(
            "UPDATE data_objects SET state = :state, failure_reason = :reason WHERE job_id = :job_id AND n = :n",
            [{"job_id": job_id, "n": one.n, "state": targets[one.state].value, "reason": reason} for one in found],
        )
        asking = {one.task_id: one for one in found if one.state == ObjectState.OPEN}
        answered = targets.get(ObjectState.OPEN) == ObjectState.ANSWERED
        end_tasks(self._session, asking, TaskState.ANSWERED if answered else TaskState.CLOSED)
        changes: dict[str, int] = {"outstanding": sum(one.answered - one.wanted for one in asking.values())}
        for one in found:
            for state, change in ((one.state, -1), (targets[one.state], 1)):
                changes[counter(state)] = changes.get(counter(state), 0) + change
        add_counts(self._session, job_id, **changes)
        return [one.n for one in found]

    def set_task_inputs(self, job_id: int, inputs: Mapping[int, Mapping[str, Any]]) -> None:
        self._session.many(
            """
            INSERT INTO task_inputs (job_id, n, input) VALUES (:job_id, :n, :input)
            ON CONFLICT (job_id, n) DO UPDATE SET input = excluded.input
            """,
            [{"job_id": job_id, "n": n, "input": to_json(value)} for n, value in inputs.items()],
        )

    def task_input(self, job_id: int, n: int) -> Mapping[str, Any] | None:
        found = self._session.row("SELECT input FROM task_inputs WHERE job_id = :job_id AND n = :n", job_id=job_id, n=n)
        return None if found is None else from_json(found[0])

    def in_states(self, job_id: int, numbers: Sequence[int], states: set[ObjectState]) -> list[DataObject]:
        """Those of the numbered objects that are in one of the states, locked, in the order given.

        Behind one that shares its task with others come the others: they are asked about together.
        """
        found: dict[int, DataObject] = {}
        for start in range(0, len(numbers), CHUNK):
            found |= self._locked(job_id, numbers[start : start + CHUNK])
        chosen = {n: found[n] for n in numbers if n in found and found[n].state in states}
        if any(one.task_id is not None for one in chosen.values()):
            among = self._session.among("o.n")
            rows = self._session.rows(_COMPANIONS + among, job_id=job_id, numbers=self._session.numbers(list(chosen)))
            others = [row[0] for row in rows if row[0] not in chosen]
            if others:
                chosen |= {n: one for n, one in self._locked(job_id, others).items() if one.state in states}
        return list(chosen.values())

    def _locked(self, job_id: int, numbers: Sequence[int]) -> dict[int, DataObject]:
        session = self._session
        values = {"job_id": job_id, "numbers": session.numbers(numbers)}
        these = f"WHERE o.job_id = :job_id AND {session.among('o.n')}"
        rows = f"{_OBJECTS} {these} ORDER BY o.n"
        if session.for_update:
            tasks = f"SELECT 1 FROM tasks WHERE id IN (SELECT task_id FROM data_objects AS o {these}) ORDER BY id"
            found = session.together((tasks + session.for_update, values), (f"{rows}{session.for_update} OF o", values))
        else:
            found = session.together((rows, values))
        return {row[1]: object_of(row) for row in found[-1]}

    def human_labels(self, job_id: int, numbers: Sequence[int]) -> set[int]:
        """Those of the objects whose present label people made."""
        rows = self._session.rows(
            f"SELECT n FROM labels WHERE job_id = :job_id AND human = 1 AND {self._session.among('n')}",
            job_id=job_id,
            numbers=self._session.numbers(numbers),
        )
        return {row[0] for row in rows}


NEXT_PENDING = f"""
    SELECT n FROM data_objects WHERE job_id = :job_id AND state = 'pending' AND rank < {KEPT_BACK}
    ORDER BY rank, n LIMIT :limit
"""
_COMPANIONS = """
    SELECT m.n FROM data_objects AS o JOIN task_objects AS m ON m.task_id = o.task_id
    WHERE o.job_id = :job_id AND """


def end_tasks(session: Session, ids: Iterable[int | None], state: TaskState) -> None:
    """Offer these tasks no more; whoever is on one has it taken back."""
    rows = [{"id": task_id, "state": state.value} for task_id in ids]
    session.seen.clear()
    session.many("UPDATE tasks SET state = :state, held = 0 WHERE id = :id", rows)
    session.many(
        # ACTIVE as well: SQLite goes by the index of the active ones only where it reads just that.
        f"UPDATE assignments SET state = 'returned' WHERE task_id = :id AND state = 'held' AND {ACTIVE}",
        [{"id": row["id"]} for row in rows],
    )


def counter(state: ObjectState, human: bool = True) -> str:
    """The name of the counter an object of this state is counted in."""
    if state == ObjectState.LABELED:
        return "human_labeled" if human else "machine_labeled"
    return state.value


def no_object(n: int) -> NotFound:
    """The refusal of an object that is not there."""
    return NotFound(f"this labeling job has no data object {n}")
