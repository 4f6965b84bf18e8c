"""Submitted answers: appended, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median

from groundswell.domain.records import Annotation, Assignment, TaskKind
from groundswell.service.ports import ANSWERS_BYTES
from groundswell.store.codec import from_json, micros, moment, to_json
from groundswell.store.jobs import add_counts
from groundswell.store.session import Row, Session
from groundswell.store.tables import CHECKS

_COLUMNS = "assignment_id, job_id, n, annotator_id, content, accepted_at, submitted_at, time_spent_s, kind"
_KINDS = {False: "kind = 'ordinary'", True: CHECKS}
_DAY = 86_400_000_000  # microseconds
_RECENT = 20_000  # annotations a median is taken over: it must not cost more as a job grows


class SqlAnnotations:
    """`service.ports.AnnotationRepository` in SQL; assignments.py appends through `append`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._insert = f"""
            INSERT INTO annotations ({_COLUMNS}, batch) VALUES (:assignment_id, :job_id, :n, :annotator_id, :content,
                :accepted_at, :submitted_at, :time_spent_s, :kind, {session.batch})
            """

    def append(self, annotation: Annotation, assignment: Assignment) -> None:
        """Store the answer to this assignment and count it for its worker."""
        submitted_at = micros(annotation.submitted_at)
        self._session.send(
            self._insert,
            assignment_id=annotation.assignment_id,
            job_id=annotation.job_id,
            n=annotation.n,
            annotator_id=annotation.annotator_id,
            content=to_json(annotation.content),
            accepted_at=micros(annotation.accepted_at),
            submitted_at=submitted_at,
            time_spent_s=annotation.time_spent_s,
            kind=assignment.kind.value,
        )
        self._session.send(
            """
            UPDATE job_workers SET annotations = annotations + 1, seconds = seconds + :seconds,
                last_submitted_at = :submitted_at
            WHERE job_id = :job_id AND worker_id = :worker_id
            """,
            job_id=annotation.job_id,
            worker_id=annotation.annotator_id,
            seconds=annotation.time_spent_s,
            submitted_at=submitted_at,
        )
        self._session.send(
            """
            INSERT INTO worker_days (worker_id, day, annotations, reward_usd_micros)
            VALUES (:worker_id, :day, 1, :reward)
            ON CONFLICT (worker_id, day) DO UPDATE SET annotations = worker_days.annotations + 1,
                reward_usd_micros = worker_days.reward_usd_micros + excluded.reward_usd_micros
            """,
            worker_id=annotation.annotator_id,
            day=submitted_at // _DAY,
            reward=assignment.reward_usd_micros,
        )

    def get(self, assignment_id: str) -> Annotation | None:
        row = self._session.row(
            f"SELECT {_COLUMNS} FROM annotations WHERE assignment_id = :assignment_id", assignment_id=assignment_id
        )
        return None if row is None else _annotation(row)

    def of_objects(self, job_id: int, numbers: Sequence[int], *, checks: bool = False) -> list[Annotation]:
        rows = self._session.rows(
            f"""
            SELECT {_COLUMNS} FROM annotations
            WHERE job_id = :job_id AND {self._session.among("n")} AND {_KINDS[checks]} ORDER BY n, batch, seq
            """,
            job_id=job_id,
            numbers=self._session.numbers(numbers),
        )
        return [_annotation(row) for row in rows]

    def first_within(self, job_id: int, numbers: Sequence[int], *, most_bytes: int = ANSWERS_BYTES) -> list[int]:
        rows = self._session.rows(
            f"""
            SELECT n, SUM(LENGTH(content)) FROM annotations
            WHERE job_id = :job_id AND {self._session.among("n")} GROUP BY n
            """,
            job_id=job_id,
            numbers=self._session.numbers(numbers),
        )
        sizes: dict[int, int] = dict(rows)
        return list(numbers)[: count_within((sizes.get(n, 0) for n in numbers), most_bytes)]

    def all(
        self,
        job_id: int,
        *,
        after: str | None = None,
        limit: int = 10_000,
        checks: bool = False,
        most_bytes: int = ANSWERS_BYTES,
    ) -> list[Annotation]:
        batch, seq = -1, -1
        if after is not None:
            place = self._session.row("SELECT batch, seq FROM annotations WHERE assignment_id = :after", after=after)
            if place is not None:
                batch, seq = place

        asked = f"{_KINDS[checks]} AND {self._session.settled}"

        def rows(columns: str, count: int) -> list[Row]:
            return self._session.rows(
                f"""
                SELECT {columns} FROM annotations
                WHERE job_id = :job_id AND (batch, seq) > (:batch, :seq) AND {asked}
                ORDER BY batch, seq LIMIT :count
                """,
                job_id=job_id,
                batch=batch,
                seq=seq,
                count=count,
            )

        within = count_within((row[0] for row in rows("LENGTH(content)", limit)), most_bytes)
        return [_annotation(row) for row in rows(_COLUMNS, within)] if within else []

    def worker_totals(self, job_id: int) -> list[tuple[str, int, float, datetime]]:
        recent: dict[str, list[float]] = {}
        for worker_id, seconds in self._session.rows(
            """
            SELECT annotator_id, time_spent_s FROM annotations WHERE job_id = :job_id
            ORDER BY batch DESC, seq DESC LIMIT :limit
            """,
            job_id=job_id,
            limit=_RECENT,
        ):
            recent.setdefault(worker_id, []).append(seconds)
        rows = self._session.rows(
            """
            SELECT worker_id, annotations, seconds, last_submitted_at FROM job_workers
            WHERE job_id = :job_id AND annotations > 0 ORDER BY worker_id
            """,
            job_id=job_id,
        )
        return [
            (worker_id, count, median(recent.get(worker_id) or [seconds / count]), moment(last))
            for worker_id, count, seconds, last in rows
        ]

    def done_by(self, worker_id: str, job_ids: Sequence[int]) -> Mapping[int, int]:
        rows = self._session.rows(
            f"""
            SELECT job_id, annotations FROM job_workers
            WHERE worker_id = :worker_id AND {self._session.among("job_id")}
            """,
            worker_id=worker_id,
            numbers=self._session.numbers(job_ids),
        )
        return {**dict.fromkeys(job_ids, 0), **dict(rows)}

    def of_day(self, worker_id: str, *, at: datetime) -> tuple[int, int]:
        found = self._session.row(
            "SELECT annotations, reward_usd_micros FROM worker_days WHERE worker_id = :worker_id AND day = :day",
            worker_id=worker_id,
            day=micros(at) // _DAY,
        )
        return (0, 0) if found is None else (found[0], found[1])

    def per_interval(self, job_id: int, *, since: datetime, seconds: int) -> list[tuple[datetime, int]]:
        start, step = micros(since), seconds * 1_000_000
        rows = self._session.rows(
            """
            SELECT (submitted_at - :start) / :step AS interval_number, COUNT(*) FROM annotations
            WHERE job_id = :job_id AND submitted_at >= :start GROUP BY interval_number ORDER BY interval_number
            """,
            job_id=job_id,
            start=start,
            step=step,
        )
        return [(moment(start + number * step), count) for number, count in rows]

    def jobs_of(self, annotator_id: str) -> list[int]:
        rows = self._session.rows(
            "SELECT job_id FROM job_workers WHERE worker_id = :id AND annotations > 0 ORDER BY job_id", id=annotator_id
        )
        return [row[0] for row in rows]

    def remove_of(self, annotator_id: str, job_id: int, limit: int) -> int:
        rows = self._session.rows(
            "SELECT seq FROM annotations WHERE job_id = :job_id AND annotator_id = :id LIMIT :limit",
            job_id=job_id,
            id=annotator_id,
            limit=limit,
        )
        if not rows:
            self._session.run(
                "DELETE FROM job_workers WHERE job_id = :job_id AND worker_id = :id", job_id=job_id, id=annotator_id
            )
            return 0
        numbers = self._session.numbers([row[0] for row in rows])
        self._session.run(f"DELETE FROM annotations WHERE {self._session.among('seq')}", numbers=numbers)
        add_counts(self._session, job_id, annotations=-len(rows))
        return len(rows)


def _annotation(row: Row) -> Annotation:
    return Annotation(
        assignment_id=row[0],
        job_id=row[1],
        n=row[2],
        annotator_id=row[3],
        content=from_json(row[4]),
        accepted_at=moment(row[5]),
        submitted_at=moment(row[6]),
        time_spent_s=row[7],
        kind=TaskKind(row[8]),
    )


def count_within(sizes: Iterable[int], most: int) -> int:
    """How many of the first sizes make up about `most`: one at least, where there is one."""
    total = count = 0
    for size in sizes:
        total += size
        if count and total > most:
            break
        count += 1
    return count
