"""Consolidated labels: replaced whenever consolidation runs again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from groundswell.domain.records import Label
from groundswell.domain.states import OBJECT_TRANSITIONS, ObjectState
from groundswell.store.codec import from_json, micros, moment, to_json
from groundswell.store.jobs import add_counts
from groundswell.store.session import Row, Session

LABEL_COLUMNS = "job_id, n, confidence, category, human, disputed, labeled_at, annotation_count, value, metadata"
_CHUNK = 1_000
_JOINED = """
    SELECT l.job_id, l.n, l.confidence, l.category, l.human, l.disputed, l.labeled_at, l.annotation_count,
        v.value, v.metadata
    FROM labels l JOIN label_values v ON v.job_id = l.job_id AND v.n = l.n
"""
_FROM = {state for state, event in OBJECT_TRANSITIONS if event == "label"}


class SqlLabels:
    """`service.ports.LabelRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, labels: Sequence[Label]) -> None:
        by_job: dict[int, list[Label]] = {}
        for label in labels:
            by_job.setdefault(label.job_id, []).append(label)
        for job_id, mine in by_job.items():
            for start in range(0, len(mine), _CHUNK):
                self._put_chunk(job_id, mine[start : start + _CHUNK])

    def _put_chunk(self, job_id: int, labels: Sequence[Label]) -> None:
        changes: dict[str, int] = {}
        states = self._states(job_id, [label.n for label in labels])
        moved = []
        for label in labels:
            state, human = states[label.n]
            if state not in _FROM:
                continue  # an open or failed object keeps its state; the label is what is believed of it meanwhile
            was = _kind(human) if state == ObjectState.LABELED else state.value
            changes[was] = changes.get(was, 0) - 1
            changes[_kind(label.human)] = changes.get(_kind(label.human), 0) + 1
            if state != ObjectState.LABELED:
                moved.append({"job_id": job_id, "n": label.n})
        self._session.many("UPDATE data_objects SET state = 'labeled' WHERE job_id = :job_id AND n = :n", moved)
        self._upsert(labels)
        add_counts(self._session, job_id, **changes)

    def _states(self, job_id: int, numbers: Sequence[int]) -> dict[int, tuple[ObjectState, bool]]:
        """State and whether the present label is human, of each; locked."""
        among = self._session.among("n")
        human: dict[int, int] = dict(
            self._session.rows(
                f"SELECT n, human FROM labels WHERE job_id = :job_id AND {among}",
                job_id=job_id,
                numbers=self._session.numbers(numbers),
            )
        )
        rows = self._session.rows(
            f"""
            SELECT n, state FROM data_objects WHERE job_id = :job_id AND {among}
            ORDER BY n{self._session.for_update}
            """,
            job_id=job_id,
            numbers=self._session.numbers(numbers),
        )
        return {n: (ObjectState(state), bool(human.get(n, 1))) for n, state in rows}

    def _upsert(self, labels: Sequence[Label]) -> None:
        self._session.many(
            """
            INSERT INTO labels (job_id, n, confidence, category, human, disputed, labeled_at, annotation_count)
            VALUES (:job_id, :n, :confidence, :category, :human, :disputed, :labeled_at, :annotation_count)
            ON CONFLICT (job_id, n) DO UPDATE SET confidence = excluded.confidence, category = excluded.category,
                human = excluded.human, disputed = excluded.disputed, labeled_at = excluded.labeled_at,
                annotation_count = excluded.annotation_count
            """,
            [
                {
                    "job_id": label.job_id,
                    "n": label.n,
                    "confidence": label.confidence,
                    "category": label.category,
                    "human": int(label.human),
                    "disputed": int(label.disputed),
                    "labeled_at": micros(label.labeled_at),
                    "annotation_count": label.annotation_count,
                }
                for label in labels
            ],
        )
        self._session.many(
            """
            INSERT INTO label_values (job_id, n, value, metadata) VALUES (:job_id, :n, :value, :metadata)
            ON CONFLICT (job_id, n) DO UPDATE SET value = excluded.value, metadata = excluded.metadata
            """,
            [
                {
                    "job_id": label.job_id,
                    "n": label.n,
                    "value": to_json(label.value),
                    "metadata": to_json(label.metadata),
                }
                for label in labels
            ],
        )

    def get(self, job_id: int, n: int) -> Label | None:
        row = self._session.row(f"{_JOINED} WHERE l.job_id = :job_id AND l.n = :n", job_id=job_id, n=n)
        return None if row is None else label_of(row)

    def all(self, job_id: int, *, start: int = 0, stop: int | None = None) -> Iterator[Label]:
        rows = self._session.stream(
            f"{_JOINED} WHERE l.job_id = :job_id AND l.n >= :start AND l.n < :stop ORDER BY l.n",
            job_id=job_id,
            start=start,
            stop=2**62 if stop is None else stop,
        )
        return map(label_of, rows)

    def distribution(self, job_id: int) -> Mapping[str, int]:
        rows = self._session.rows(
            """
            SELECT category, COUNT(*) FROM labels WHERE job_id = :job_id AND category IS NOT NULL
            GROUP BY category ORDER BY category
            """,
            job_id=job_id,
        )
        return dict(rows)

    def confidence_histogram(self, job_id: int, bins: int = 20) -> Sequence[int]:
        counts = [0] * bins
        # CAST rounds in Postgres and truncates in SQLite; the CASE makes both round down.
        rows = self._session.rows(
            """
            SELECT number, COUNT(*) FROM (
                SELECT CAST(confidence * :bins AS INTEGER) - CASE WHEN CAST(confidence * :bins AS INTEGER)
                    > confidence * :bins THEN 1 ELSE 0 END AS number
                FROM labels WHERE job_id = :job_id) AS binned
            GROUP BY number
            """,
            job_id=job_id,
            bins=bins,
        )
        for number, count in rows:
            counts[min(bins - 1, max(0, number))] += count
        return counts

    def over_time(self, job_id: int, points: int = 60) -> list[tuple[datetime, int, int]]:
        span = self._session.row(
            "SELECT MIN(labeled_at), MAX(labeled_at) FROM labels WHERE job_id = :job_id", job_id=job_id
        )
        if span is None or span[0] is None:
            return []
        first, step = span[0], max(1, -(-(span[1] - span[0] + 1) // points))
        rows = self._session.rows(
            """
            SELECT (labeled_at - :first) / :step AS interval_number, SUM(human), COUNT(*) FROM labels
            WHERE job_id = :job_id GROUP BY interval_number ORDER BY interval_number
            """,
            job_id=job_id,
            first=first,
            step=step,
        )
        curve, people, models = [], 0, 0
        for number, human, count in rows:
            people, models = people + int(human), models + int(count - human)
            curve.append((moment(min(first + (number + 1) * step, span[1])), people, models))
        return curve


def _kind(human: bool) -> str:
    return "human_labeled" if human else "machine_labeled"


def label_of(row: Row) -> Label:
    """A label from a row of LABEL_COLUMNS."""
    return Label(
        job_id=row[0],
        n=row[1],
        confidence=row[2],
        category=row[3],
        human=bool(row[4]),
        disputed=bool(row[5]),
        labeled_at=moment(row[6]),
        annotation_count=row[7],
        value=from_json(row[8]),
        metadata=from_json(row[9]),
    )
