"""Labels: a log of versions an object (label_versions.py), and which of them is in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from groundswell.domain.labels import Label, may_replace, says_the_same
from groundswell.domain.states import OBJECT_TRANSITIONS, ObjectState
from groundswell.store.codec import micros, moment
from groundswell.store.jobs import add_counts
from groundswell.store.label_versions import LABEL_COLUMNS, SqlLabelVersions, label_of
from groundswell.store.session import Session
from groundswell.store.tables import CHECKS, VOUCHED

_CHUNK = 1_000
_IN_FORCE = f"""
    SELECT {LABEL_COLUMNS} FROM labels l
    JOIN label_versions v ON v.job_id = l.job_id AND v.n = l.n AND v.version = l.version
"""
# CROSS JOIN is read in this order by SQLite, which would else go through every version of the job.
_KNOWN = f"""
    SELECT l.n AS n FROM label_versions v CROSS JOIN labels l
    WHERE v.job_id = :job_id AND v.{VOUCHED} AND l.job_id = :job_id AND l.n = v.n AND l.version = v.version
        AND l.n > :after
    UNION ALL
    SELECT l.n FROM (
        SELECT DISTINCT COALESCE(o.n, t.n) AS n FROM tasks t LEFT JOIN task_objects o ON o.task_id = t.id
        WHERE t.job_id = :job_id AND t.{CHECKS} AND t.kind = 'gold'
    ) AS found CROSS JOIN labels l CROSS JOIN label_versions v
    WHERE l.job_id = :job_id AND l.n = found.n AND l.n > :after
        AND v.job_id = :job_id AND v.n = found.n AND v.version = l.version AND v.origin = 'imported'
"""
_FROM = {state for state, event in OBJECT_TRANSITIONS if event == "label"}


class SqlLabels:
    """`service.ports.LabelRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._versions = SqlLabelVersions(session)

    def put(self, labels: Sequence[Label]) -> list[int]:
        by_job: dict[int, list[Label]] = {}
        for label in labels:
            by_job.setdefault(label.job_id, []).append(label)
        new: list[int] = []
        for job_id, mine in by_job.items():
            for start in range(0, len(mine), _CHUNK):
                new += self._put_chunk(job_id, mine[start : start + _CHUNK])
        return new

    def _put_chunk(self, job_id: int, labels: Sequence[Label]) -> list[int]:
        labels = list({label.n: label for label in labels}.values())  # of two for one object the later counts
        numbers = [label.n for label in labels]
        states = self._locked_states(job_id, numbers)
        in_force, last = self._in_force(job_id, numbers), self._versions.last(job_id, numbers)
        new, surer = [], []
        for label in labels:
            before = in_force.get(label.n)
            if before is None or (may_replace(before, label) and not says_the_same(before, label)):
                new.append(label)
            elif may_replace(before, label) and before.confidence != label.confidence:
                surer.append(label)
        after = in_force | {label.n: label for label in new}
        self._move(job_id, numbers, states, in_force, after)
        self._versions.add([(label, last.get(label.n, 0) + 1) for label in new])
        self._point([(label, last.get(label.n, 0) + 1) for label in new])
        self._note_confidence(surer)
        return [label.n for label in new]

    def withdraw(self, job_id: int, numbers: Sequence[int], *, at: datetime, reason: str | None = None) -> list[int]:
        withdrawn: list[int] = []
        for start in range(0, len(numbers), _CHUNK):
            withdrawn += self._withdraw_chunk(job_id, numbers[start : start + _CHUNK], at, reason)
        return withdrawn

    def _withdraw_chunk(self, job_id: int, numbers: Sequence[int], at: datetime, reason: str | None) -> list[int]:
        states = self._locked_states(job_id, numbers)
        gone = [label for label in self._in_force(job_id, numbers).values() if not label.human]
        self._versions.mark_withdrawn(gone, at, reason)
        left = self._versions.last_standing(job_id, [label.n for label in gone])
        self._point_back(job_id, left)
        bare = [label.n for label in gone if label.n not in left]
        self._session.many(
            "DELETE FROM labels WHERE job_id = :job_id AND n = :n", [{"job_id": job_id, "n": n} for n in bare]
        )
        labeled = [n for n in bare if states[n] is ObjectState.LABELED]
        answered = self._unlabel(job_id, labeled)
        back = self._in_force(job_id, list(left)) if left else {}
        human = sum(back[n].human for n in left if states[n] is ObjectState.LABELED)
        add_counts(
            self._session,
            job_id,
            machine_labeled=-(len(labeled) + human),
            human_labeled=human,
            answered=answered,
            pending=len(labeled) - answered,
        )
        return [label.n for label in gone]

    def _unlabel(self, job_id: int, numbers: Sequence[int]) -> int:
        """Back to answered where the answers asked for are there (how many), else to pending."""
        among = self._session.among("n")
        values = {"job_id": job_id, "numbers": self._session.numbers(numbers)}
        labeled = f"job_id = :job_id AND state = 'labeled' AND {among}"
        answered = self._session.run(
            f"""
            UPDATE data_objects SET state = 'answered' WHERE {labeled} AND EXISTS (
                SELECT 1 FROM tasks t WHERE t.id = task_id AND t.answered > 0 AND t.answered >= t.wanted)
            """,
            **values,
        )
        self._session.run(f"UPDATE data_objects SET state = 'pending' WHERE {labeled}", **values)
        return answered

    def _move(
        self,
        job_id: int,
        numbers: Sequence[int],
        states: Mapping[int, ObjectState],
        before: Mapping[int, Label],
        after: Mapping[int, Label],
    ) -> None:
        """Objects that wait for a label have one, be it the one they had; keeps the job's counters."""
        changes: dict[str, int] = {}
        moved = []
        for n in numbers:
            state = states[n]
            if state not in _FROM:
                continue  # an open or failed object keeps its state; the label is what is believed of it meanwhile
            was = _kind(before[n].human) if state == ObjectState.LABELED else state.value
            changes[was] = changes.get(was, 0) - 1
            changes[_kind(after[n].human)] = changes.get(_kind(after[n].human), 0) + 1
            if state != ObjectState.LABELED:
                moved.append({"job_id": job_id, "n": n})
        self._session.many("UPDATE data_objects SET state = 'labeled' WHERE job_id = :job_id AND n = :n", moved)
        add_counts(self._session, job_id, **changes)

    def _locked_states(self, job_id: int, numbers: Sequence[int]) -> dict[int, ObjectState]:
        rows = self._session.rows(
            f"""
            SELECT n, state FROM data_objects WHERE job_id = :job_id AND {self._session.among("n")}
            ORDER BY n{self._session.for_update}
            """,
            job_id=job_id,
            numbers=self._session.numbers(numbers),
        )
        return {n: ObjectState(state) for n, state in rows}

    def _in_force(self, job_id: int, numbers: Sequence[int]) -> dict[int, Label]:
        rows = self._session.rows(
            f"{_IN_FORCE} WHERE l.job_id = :job_id AND {self._session.among('l.n')}",
            job_id=job_id,
            numbers=self._session.numbers(numbers),
        )
        return {row[1]: label_of(row) for row in rows}

    def _point(self, numbered: Sequence[tuple[Label, int]]) -> None:
        """These versions are in force now."""
        self._session.many(
            """
            INSERT INTO labels (job_id, n, version, confidence, category, human, disputed, labeled_at)
            VALUES (:job_id, :n, :version, :confidence, :category, :human, :disputed, :labeled_at)
            ON CONFLICT (job_id, n) DO UPDATE SET version = excluded.version, confidence = excluded.confidence,
                category = excluded.category, human = excluded.human, disputed = excluded.disputed
            """,
            [
                {
                    "job_id": label.job_id,
                    "n": label.n,
                    "version": version,
                    "confidence": label.confidence,
                    "category": label.category,
                    "human": int(label.human),
                    "disputed": int(label.disputed),
                    "labeled_at": micros(label.labeled_at),
                }
                for label, version in numbered
            ],
        )

    def _point_back(self, job_id: int, versions: Mapping[int, int]) -> None:
        """An earlier version of each object is in force again."""
        self._session.many(
            """
            UPDATE labels SET version = v.version, confidence = v.confidence, category = v.category, human = v.human,
                disputed = v.disputed
            FROM label_versions v
            WHERE v.job_id = labels.job_id AND v.n = labels.n AND v.version = :version
                AND labels.job_id = :job_id AND labels.n = :n
            """,
            [{"job_id": job_id, "n": n, "version": version} for n, version in versions.items()],
        )

    def _note_confidence(self, labels: Sequence[Label]) -> None:
        """What is thought of a version that stands, to more decimals than it would be written anew for."""
        self._session.many(
            """
            UPDATE labels SET confidence = :confidence, disputed = :disputed WHERE job_id = :job_id AND n = :n
            """,
            [
                {
                    "job_id": label.job_id,
                    "n": label.n,
                    "confidence": label.confidence,
                    "disputed": int(label.disputed),
                }
                for label in labels
            ],
        )

    def in_force(self, job_id: int, n: int) -> Label | None:
        return self._in_force(job_id, [n]).get(n)

    def history(self, job_id: int, n: int) -> list[Label]:
        return self._versions.of_object(job_id, n)

    def all(self, job_id: int, *, start: int = 0, stop: int | None = None) -> Iterator[Label]:
        rows = self._session.stream(
            f"{_IN_FORCE} WHERE l.job_id = :job_id AND l.n >= :start AND l.n < :stop ORDER BY l.n",
            job_id=job_id,
            start=start,
            stop=2**62 if stop is None else stop,
        )
        return map(label_of, rows)

    def known(self, job_id: int, *, after: int = -1, limit: int = 1_000) -> list[Label]:
        rows = self._session.rows(f"{_KNOWN} ORDER BY n LIMIT :limit", job_id=job_id, after=after, limit=limit)
        found = self._in_force(job_id, [n for (n,) in rows])
        return [found[n] for (n,) in rows]

    def known_count(self, job_id: int) -> int:
        row = self._session.row(f"SELECT COUNT(*) FROM ({_KNOWN}) AS found", job_id=job_id, after=-1)
        return int(row[0]) if row else 0

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
