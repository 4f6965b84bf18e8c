"""Data objects as rows: which columns are read, and what they mean."""

from __future__ import annotations

from groundswell.domain.records import DataObject
from groundswell.domain.states import ObjectState
from groundswell.store.codec import moment_or_none
from groundswell.store.session import Row

OBJECT_COLUMNS = (
    "o.job_id, o.n, o.state, t.wanted, t.held, t.answered, t.declined, t.opened_at, o.failure_reason, o.rank, o.task_id"
)
WIDTH = OBJECT_COLUMNS.count(",") + 1


def object_of(row: Row) -> DataObject:
    """A data object from a row that begins with OBJECT_COLUMNS."""
    return DataObject(
        job_id=row[0],
        n=row[1],
        state=ObjectState(row[2]),
        wanted=row[3] or 0,
        held=row[4] or 0,
        answered=row[5] or 0,
        declined=row[6] or 0,
        opened_at=moment_or_none(row[7]),
        failure_reason=row[8],
        rank=row[9],
        task_id=row[10],
    )
