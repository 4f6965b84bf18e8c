"""Labeling jobs in any order and through any filter, in memory."""

from __future__ import annotations

from collections.abc import Callable

from groundswell.domain.records import JobCounters, JobSummary, LabelingJob
from groundswell.service.ports import JobQuery
from groundswell.store.codec import micros
from groundswell.testing.memory_tables import Tables


def summaries(
    tables: Tables, query: JobQuery, counters: Callable[[int], JobCounters]
) -> list[tuple[JobSummary, int | str]]:
    """`service.ports.JobRepository.summaries`."""
    found = [(_key(job, query), job.id, job) for job in tables.jobs.values() if _is_wanted(job, query)]
    ordered = sorted(found, key=lambda one: one[:2], reverse=query.descending)
    if query.after is not None:
        after = query.after
        ordered = [one for one in ordered if (one[:2] < after if query.descending else one[:2] > after)]
    return [(_summary(job, counters(job.id)), key) for key, _, job in ordered[: query.limit]]


def _key(job: LabelingJob, query: JobQuery) -> int | str:
    keys: dict[str, int | str] = {
        "created": micros(job.created_at),
        "name": job.name.casefold(),
        "state": job.state.value,
    }
    return keys[query.sort_by]


def _is_wanted(job: LabelingJob, query: JobQuery) -> bool:
    return (
        (query.states is None or job.state in query.states)
        and (query.team_ids is None or job.team_id in query.team_ids)
        and (query.workspace_id is None or job.workspace_id == query.workspace_id)
        and (query.shared_or_of is None or job.shared or job.created_by == query.shared_or_of)
        and (not query.name_contains or query.name_contains.casefold() in job.name.casefold())
        and (query.created_after is None or job.created_at > query.created_after)
        and (query.created_before is None or job.created_at < query.created_before)
        and (query.modified_after is None or job.last_modified_at > query.modified_after)
        and (query.modified_before is None or job.last_modified_at < query.modified_before)
    )


def _summary(job: LabelingJob, counters: JobCounters) -> JobSummary:
    return JobSummary(
        id=job.id,
        name=job.name,
        task_type=job.task_type,
        team_id=job.team_id,
        state=job.state,
        created_at=job.created_at,
        last_modified_at=job.last_modified_at,
        input_uri=job.input_uri,
        output_uri=job.output_uri,
        failure_reason=job.failure_reason,
        request=job.request,
        counters=counters,
    )
