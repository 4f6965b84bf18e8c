"""Labeling jobs in any order and through any filter, page by page, without their specifications."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from groundswell.domain.records import JobCounters, JobSummary
from groundswell.domain.states import JobState
from groundswell.service.ports import JobQuery
from groundswell.store.codec import fold, micros, moment, shared_json
from groundswell.store.counters import COUNTERS, SUMS
from groundswell.store.session import Row, Session

_MODIFIED = "COALESCE(j.modified_at, j.created_at)"
_COLUMNS = (
    f"j.id, j.name, j.task_type, j.team_id, j.state, j.created_at, {_MODIFIED}, j.input_uri, j.output_uri, "
    "j.failure_reason, j.request"
)
_SORTED_BY = {"created": "j.created_at", "name": "j.name_key", "state": "j.state"}


def summaries(session: Session, query: JobQuery) -> list[tuple[JobSummary, int | str]]:
    """`service.ports.JobRepository.summaries`."""
    key, down = _SORTED_BY[query.sort_by], query.descending
    values: dict[str, Any] = {"limit": query.limit}
    conditions = list(_conditions(query, values))
    if query.after is not None:
        values["after_key"], values["after_id"] = query.after
        than = "<" if down else ">"
        conditions.append(f"({key}, j.id) {than} (:after_key, :after_id)")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    way = "DESC" if down else "ASC"
    rows = session.rows(
        f"SELECT {_COLUMNS}, {key} FROM labeling_jobs AS j{where} ORDER BY {key} {way}, j.id {way} LIMIT :limit",
        **values,
    )
    counters = _counters(session, [row[0] for row in rows])
    return [(replace(_summary(row), counters=counters[row[0]]), row[-1]) for row in rows]


def _conditions(query: JobQuery, values: dict[str, Any]) -> Iterator[str]:
    moments = {
        "created_after": "j.created_at >",
        "created_before": "j.created_at <",
        "modified_after": f"{_MODIFIED} >",
        "modified_before": f"{_MODIFIED} <",
    }
    for name, condition in moments.items():
        at = getattr(query, name)
        if at is not None:
            values[name] = micros(at)
            yield f"{condition} :{name}"
    if query.workspace_id is not None:
        values["workspace_id"] = query.workspace_id
        yield "j.workspace_id = :workspace_id"
    if query.shared_or_of is not None:
        values["shared_or_of"] = query.shared_or_of
        yield "(j.shared = 1 OR j.created_by = :shared_or_of)"
    if query.name_contains:
        values["name_contains"] = f"%{fold(query.name_contains)}%"  # letters, digits and hyphens: nothing to escape
        yield "j.name_key LIKE :name_contains"
    if query.states is not None:
        yield _among("j.state", "state", sorted(state.value for state in query.states), values)
    if query.team_ids is not None:
        yield _among("j.team_id", "team", sorted(query.team_ids), values)


def _among(column: str, name: str, found: Sequence[str], values: dict[str, Any]) -> str:
    if not found:
        return "1 = 0"
    values |= {f"{name}_{number}": one for number, one in enumerate(found)}
    return f"{column} IN ({', '.join(f':{name}_{number}' for number in range(len(found)))})"


def _counters(session: Session, job_ids: Sequence[int]) -> dict[int, JobCounters]:
    if not job_ids:
        return {}
    rows = session.rows(
        f"SELECT job_id, {SUMS} FROM job_counters WHERE {session.among('job_id')} GROUP BY job_id",
        numbers=session.numbers(job_ids),
    )
    found = {row[0]: JobCounters(**dict(zip(COUNTERS, row[1:], strict=True))) for row in rows}
    return {job_id: found.get(job_id, JobCounters()) for job_id in job_ids}


def _summary(row: Row) -> JobSummary:
    return JobSummary(
        id=row[0],
        name=row[1],
        task_type=row[2],
        team_id=row[3],
        state=JobState(row[4]),
        created_at=moment(row[5]),
        last_modified_at=moment(row[6]),
        input_uri=row[7],
        output_uri=row[8],
        failure_reason=row[9],
        request=None if row[10] is None else shared_json(row[10]),
    )
