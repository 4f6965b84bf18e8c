"""Data objects: their manifest lines, their states, the rolling window.

Every object that gets a free slot (released, asked one more, given back) is put at the end of its job's queue by a new
`position`; see assignments.py for what that buys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.records import DataObject, Label
from groundswell.domain.states import OBJECT_TRANSITIONS, ObjectState, object_after
from groundswell.service.ports import ObjectFilter, Page
from groundswell.store.codec import from_json, micros, moment_or_none, to_json
from groundswell.store.jobs import add_counts
from groundswell.store.labels import label_of
from groundswell.store.session import Row, Session

CHUNK = 2_000  # rows a statement handles at a time: flat memory, few statements
PLACES = 1 << 20  # positions that one number of the sequence stands for: one call releases at most so many

OBJECT_COLUMNS = "job_id, n, state, wanted, held, answered, declined, opened_at, failure_reason"


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

    def line(self, job_id: int, n: int) -> str:
        found = self._session.row(
            "SELECT line FROM manifest_lines WHERE job_id = :job_id AND n = :n", job_id=job_id, n=n
        )
        if found is None:
            raise _no_object(n)
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
        found = self._session.row(
            f"SELECT {OBJECT_COLUMNS} FROM data_objects WHERE job_id = :job_id AND n = :n", job_id=job_id, n=n
        )
        if found is None:
            raise _no_object(n)
        return object_of(found)

    def page(self, job_id: int, wanted: ObjectFilter, page: Page) -> list[tuple[DataObject, Label | None]]:
        from groundswell.store.object_filter import filtered_page

        rows = self._session.select(filtered_page(job_id, wanted, page))
        width = OBJECT_COLUMNS.count(",") + 1
        return [(object_of(row), None if row[width] is None else label_of(row[width:])) for row in rows]

    def count(self, job_id: int, wanted: ObjectFilter) -> int:
        from groundswell.store.object_filter import filtered_count

        return int(self._session.select(filtered_count(job_id, wanted))[0][0])

    def release(self, job_id: int, numbers: Sequence[int], *, wanted: int, at: datetime) -> int:
        pending = self._in_states(job_id, numbers, {ObjectState.PENDING})
        if not pending:
            return 0
        place = self._session.next_position() * PLACES
        changes = []
        for index, row in enumerate(pending):
            done = row.answered >= wanted
            changes.append(
                {
                    "job_id": job_id,
                    "n": row.n,
                    "wanted": wanted,
                    "position": place + index,
                    "at": micros(at),
                    "state": (ObjectState.ANSWERED if done else ObjectState.OPEN).value,
                }
            )
        self._session.many(
            """
            UPDATE data_objects SET state = :state, wanted = :wanted, position = :position, opened_at = :at,
                failure_reason = NULL
            WHERE job_id = :job_id AND n = :n
            """,
            changes,
        )
        opened = [row for row in pending if row.answered < wanted]
        add_counts(
            self._session,
            job_id,
            pending=-len(pending),
            open=len(opened),
            answered=len(pending) - len(opened),
            outstanding=sum(wanted - row.answered for row in opened),
        )
        return len(pending)

    def pending(self, job_id: int, limit: int) -> list[int]:
        return [
            row[0] for row in self._session.rows(_FIRST_IN_STATE.format("n"), **_in_state(job_id, "pending", limit))
        ]

    def answered(self, job_id: int, limit: int) -> list[DataObject]:
        rows = self._session.rows(_FIRST_IN_STATE.format(OBJECT_COLUMNS), **_in_state(job_id, "answered", limit))
        return [object_of(row) for row in rows]

    def overdue(self, job_id: int, opened_before: datetime, limit: int) -> list[DataObject]:
        rows = self._session.rows(
            f"""
            SELECT {OBJECT_COLUMNS} FROM data_objects
            WHERE job_id = :job_id AND state = 'open' AND opened_at < :before ORDER BY n LIMIT :limit
            """,
            job_id=job_id,
            before=micros(opened_before),
            limit=limit,
        )
        return [object_of(row) for row in rows]

    def ask_more(self, job_id: int, n: int, *, wanted: int) -> None:
        found = self._in_states(job_id, [n], set(ObjectState))
        if not found:
            raise _no_object(n)
        row = found[0]
        object_after(row.state, "ask_more")
        if wanted <= row.answered:
            raise Conflict(f"data object {n} has {row.answered} annotations; ask for more than that, not {wanted}")
        human = row.state == ObjectState.LABELED and self._label_is_human(job_id, n)
        self._session.run(
            """
            UPDATE data_objects SET state = 'open', wanted = :wanted, position = :position
            WHERE job_id = :job_id AND n = :n
            """,
            job_id=job_id,
            n=n,
            wanted=wanted,
            position=self._session.next_position() * PLACES,
        )
        add_counts(self._session, job_id, open=1, outstanding=wanted - row.answered, **{_counter(row.state, human): -1})

    def move(self, job_id: int, numbers: Sequence[int], event: str, *, reason: str | None = None) -> list[int]:
        targets = {state: to for (state, name), to in OBJECT_TRANSITIONS.items() if name == event}
        rows = self._in_states(job_id, numbers, set(targets))
        self._session.many(
            """
            UPDATE data_objects SET state = :state, held = 0, failure_reason = :reason
            WHERE job_id = :job_id AND n = :n
            """,
            [{"job_id": job_id, "n": row.n, "state": targets[row.state].value, "reason": reason} for row in rows],
        )
        self._return_holds(job_id, [row.n for row in rows if row.held])
        changes: dict[str, int] = {}
        for row in rows:
            for state, change in ((row.state, -1), (targets[row.state], 1)):
                changes[_counter(state)] = changes.get(_counter(state), 0) + change
            if row.state == ObjectState.OPEN:
                changes["outstanding"] = changes.get("outstanding", 0) - (row.wanted - row.answered)
        add_counts(self._session, job_id, **changes)
        return [row.n for row in rows]

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

    def _in_states(self, job_id: int, numbers: Sequence[int], states: set[ObjectState]) -> list[DataObject]:
        """Those of the numbered objects that are in one of the states, locked, in the order given."""
        found: dict[int, DataObject] = {}
        for start in range(0, len(numbers), CHUNK):
            rows = self._session.rows(
                f"""
                SELECT {OBJECT_COLUMNS} FROM data_objects
                WHERE job_id = :job_id AND {self._session.among("n")} ORDER BY n{self._session.for_update}
                """,
                job_id=job_id,
                numbers=self._session.numbers(numbers[start : start + CHUNK]),
            )
            found.update((row[1], object_of(row)) for row in rows)
        return [found[n] for n in dict.fromkeys(numbers) if n in found and found[n].state in states]

    def _return_holds(self, job_id: int, numbers: Sequence[int]) -> None:
        self._session.many(
            "UPDATE assignments SET state = 'returned' WHERE job_id = :job_id AND n = :n AND state = 'held'",
            [{"job_id": job_id, "n": n} for n in numbers],
        )

    def _label_is_human(self, job_id: int, n: int) -> bool:
        found = self._session.row("SELECT human FROM labels WHERE job_id = :job_id AND n = :n", job_id=job_id, n=n)
        return found is None or bool(found[0])


_FIRST_IN_STATE = "SELECT {} FROM data_objects WHERE job_id = :job_id AND state = :state ORDER BY n LIMIT :limit"


def _in_state(job_id: int, state: str, limit: int) -> dict[str, Any]:
    return {"job_id": job_id, "state": state, "limit": limit}


def _counter(state: ObjectState, human: bool = True) -> str:
    """The name of the counter an object of this state is counted in."""
    if state == ObjectState.LABELED:
        return "human_labeled" if human else "machine_labeled"
    return state.value


def _no_object(n: int) -> NotFound:
    return NotFound(f"this labeling job has no data object {n}")


def object_of(row: Row) -> DataObject:
    """A data object from a row that begins with OBJECT_COLUMNS."""
    return DataObject(
        job_id=row[0],
        n=row[1],
        state=ObjectState(row[2]),
        wanted=row[3],
        held=row[4],
        answered=row[5],
        declined=row[6],
        opened_at=moment_or_none(row[7]),
        failure_reason=row[8],
    )
