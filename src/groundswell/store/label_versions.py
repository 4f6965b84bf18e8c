"""The versions of labels: added, marked as withdrawn, never changed or removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from groundswell.domain.labels import Label, Origin
from groundswell.store.codec import from_json, micros, moment, moment_or_none, to_json
from groundswell.store.session import Row, Session

_TYPES = {
    "job_id": "bigint",
    "n": "bigint",
    "version": "int",
    "at": "bigint",
    "origin": "text",
    "made_by": "text",
    "method": "text",
    "confidence": "float8",
    "category": "text",
    "human": "smallint",
    "disputed": "smallint",
    "annotation_count": "int",
    "value": "text",
    "metadata": "text",
    "reason": "text",
}
IN_FORCE = ("confidence", "disputed")
"""Columns that are read of `labels` where a version is in force: what is thought of it now."""
VERSION_COLUMNS = (*_TYPES, "withdrawn_at")
LABEL_COLUMNS = ", ".join(f"{'l' if name in IN_FORCE else 'v'}.{name}" for name in VERSION_COLUMNS)


class SqlLabelVersions:
    """The log of labels, for `SqlLabels`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, numbered: Sequence[tuple[Label, int]]) -> None:
        """Append versions under their numbers."""
        rows = [
            (
                label.job_id,
                label.n,
                version,
                micros(label.labeled_at),
                label.origin.value,
                label.by,
                label.method,
                label.confidence,
                label.category,
                int(label.human),
                int(label.disputed),
                label.annotation_count,
                to_json(label.value),
                to_json(label.metadata),
                label.reason,
            )
            for label, version in numbered
        ]
        if rows:
            self._session.insert_new("label_versions", _TYPES, rows)

    def last(self, job_id: int, numbers: Sequence[int]) -> dict[int, int]:
        """The number of each object's newest version, withdrawn ones included."""
        return self._newest(job_id, numbers, "1 = 1")

    def last_standing(self, job_id: int, numbers: Sequence[int]) -> dict[int, int]:
        """The number of each object's newest version that was not withdrawn."""
        return self._newest(job_id, numbers, "withdrawn_at IS NULL")

    def _newest(self, job_id: int, numbers: Sequence[int], condition: str) -> dict[int, int]:
        rows = self._session.rows(
            f"""
            SELECT n, MAX(version) FROM label_versions
            WHERE job_id = :job_id AND {self._session.among("n")} AND {condition} GROUP BY n
            """,
            job_id=job_id,
            numbers=self._session.numbers(numbers),
        )
        return dict(rows)

    def mark_withdrawn(self, labels: Sequence[Label], at: datetime, reason: str | None) -> None:
        """These versions no longer stand."""
        self._session.many(
            """
            UPDATE label_versions SET withdrawn_at = :at, reason = COALESCE(:reason, reason)
            WHERE job_id = :job_id AND n = :n AND version = :version
            """,
            [
                {"job_id": label.job_id, "n": label.n, "version": label.version, "at": micros(at), "reason": reason}
                for label in labels
            ],
        )

    def of_object(self, job_id: int, n: int) -> list[Label]:
        """Every version, the first first."""
        rows = self._session.rows(
            f"""
            SELECT {", ".join(VERSION_COLUMNS)} FROM label_versions
            WHERE job_id = :job_id AND n = :n ORDER BY version
            """,
            job_id=job_id,
            n=n,
        )
        return [label_of(row) for row in rows]


def label_of(row: Row) -> Label:
    """A label from a row of VERSION_COLUMNS."""
    job_id, n, version, at, origin, made_by, method, confidence, category, human, disputed, count, *rest = row
    value, metadata, reason, withdrawn_at = rest
    return Label(
        job_id=job_id,
        n=n,
        value=from_json(value),
        metadata=from_json(metadata),
        confidence=confidence,
        category=category,
        human=bool(human),
        labeled_at=moment(at),
        annotation_count=count,
        disputed=bool(disputed),
        origin=Origin(origin),
        by=made_by,
        method=method,
        reason=reason,
        version=version,
        withdrawn_at=moment_or_none(withdrawn_at),
    )
