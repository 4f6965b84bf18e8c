"""Labeling jobs, their counters and the runners' leases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.job_notes import IngestReport, Progress
from groundswell.domain.records import JobCounters, JobSummary, LabelingJob
from groundswell.domain.states import ENDED, JobState, job_after
from groundswell.service.ports import CLOCK_SLACK, JobQuery, Page
from groundswell.store.codec import (
    fold,
    from_json,
    micros,
    micros_or_none,
    moment,
    moment_or_none,
    shared_json,
    to_json,
)
from groundswell.store.counters import COUNTERS, SUMS
from groundswell.store.job_listing import summaries
from groundswell.store.session import Row, Session

_COLUMNS = (
    "id, name, spec, task_type, team_id, state, created_at, created_by, input_uri, output_uri, started_at, ended_at, "
    "failure_reason, ingest, progress, workspace_id, shared, request, modified_at, revision"
)


class SqlJobs:
    """`service.ports.JobRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._cached: dict[int, tuple[int, LabelingJob]] = {}  # job id -> (revision, job without counters)

    def add(self, job: LabelingJob) -> LabelingJob:
        found = self._session.row(
            """
            INSERT INTO labeling_jobs (name, name_key, spec, task_type, team_id, state, created_at, created_by,
                input_uri, output_uri, started_at, ended_at, failure_reason, ingest, progress, workspace_id, shared,
                request, modified_at)
            VALUES (:name, :name_key, :spec, :task_type, :team_id, :state, :created_at, :created_by,
                :input_uri, :output_uri, :started_at, :ended_at, :failure_reason, :ingest, :progress, :workspace_id,
                :shared, :request, :modified_at)
            ON CONFLICT (name_key) DO NOTHING RETURNING id
            """,
            name=job.name,
            name_key=fold(job.name),
            spec=to_json(job.spec),
            task_type=job.task_type,
            team_id=job.team_id,
            state=job.state.value,
            created_at=micros(job.created_at),
            created_by=job.created_by,
            input_uri=job.input_uri,
            output_uri=job.output_uri,
            started_at=micros_or_none(job.started_at),
            ended_at=micros_or_none(job.ended_at),
            failure_reason=job.failure_reason,
            ingest=to_json(job.ingest),
            progress=to_json(job.progress),
            workspace_id=job.workspace_id,
            shared=int(job.shared),
            request=None if job.request is None else to_json(job.request),
            modified_at=micros_or_none(job.modified_at),
        )
        if found is None:
            raise Conflict(f"a labeling job is named {job.name!r} already; choose another name", field="name")
        self._session.many(
            "INSERT INTO job_counters (job_id, shard) VALUES (:job_id, :shard)",
            [{"job_id": found[0], "shard": shard} for shard in range(self._session.shards)],
        )
        return replace(job, id=found[0], counters=JobCounters())

    def get(self, job_id: int) -> LabelingJob:
        return self._with_counters(self.brief_by_id(job_id))

    def by_name(self, name: str) -> LabelingJob:
        return self._with_counters(self.brief(name))

    def brief(self, name: str) -> LabelingJob:
        name_key = fold(name)
        found: Row | None = self._session.seen.get(("job", name_key))
        if found is None:
            found = self._session.row(
                "SELECT id, revision FROM labeling_jobs WHERE name_key = :name_key", name_key=name_key
            )
        if found is None:
            raise NotFound(f"there is no labeling job named {name!r}", field="name")
        self._session.seen["revision", found[0]] = found[1]
        return self._brief(*found)

    def brief_by_id(self, job_id: int) -> LabelingJob:
        revision = self._session.seen.get(("revision", job_id))
        if revision is None:
            found = self._session.row("SELECT revision FROM labeling_jobs WHERE id = :job_id", job_id=job_id)
            if found is None:
                raise NotFound(f"there is no labeling job with id {job_id}")
            revision = self._session.seen["revision", job_id] = found[0]
        return self._brief(job_id, revision)

    def page(
        self,
        page: Page,
        *,
        states: Iterable[JobState] | None = None,
        team_ids: Iterable[str] | None = None,
        name_contains: str | None = None,
        workspace_id: str | None = None,
        shared_or_of: str | None = None,
    ) -> list[LabelingJob]:
        from sqlalchemy import select, text

        from groundswell.store.tables import labeling_jobs as table

        query = select(text(_COLUMNS)).select_from(table).order_by(table.c.id.desc()).limit(page.limit)
        if (after := page.after_number) is not None:
            query = query.where(table.c.id < after)
        if states is not None:
            query = query.where(table.c.state.in_([state.value for state in states]))
        if team_ids is not None:
            query = query.where(table.c.team_id.in_(list(team_ids)))
        if workspace_id is not None:
            query = query.where(table.c.workspace_id == workspace_id)
        if shared_or_of is not None:
            query = query.where((table.c.shared == 1) | (table.c.created_by == shared_or_of))
        if name_contains:
            query = query.where(table.c.name_key.contains(fold(name_contains), autoescape=True))
        return self._all_with_counters([_job(row) for row in self._session.select(query)])

    def summaries(self, query: JobQuery) -> list[tuple[JobSummary, int | str]]:
        return summaries(self._session, query)

    def is_output_of_others(self, workspace_id: str, uri: str) -> bool:
        found = self._session.row(
            """
            SELECT 1 FROM labeling_jobs WHERE workspace_id <> :workspace_id AND (
                substr(:uri || '/', 1, length(output_uri) + 1) = output_uri || '/'
                OR substr(output_uri, 1, length(:uri) + 1) = :uri || '/') LIMIT 1
            """,
            workspace_id=workspace_id,
            uri=uri,
        )
        return found is not None

    def active(self) -> list[LabelingJob]:
        ended = ", ".join(f"'{state.value}'" for state in sorted(ENDED))
        rows = self._session.rows(f"SELECT {_COLUMNS} FROM labeling_jobs WHERE state NOT IN ({ended}) ORDER BY id")
        return [self._with_counters(_job(row)) for row in rows]

    def set_state(self, job_id: int, event: str, *, at: datetime, reason: str | None = None) -> LabelingJob:
        found = self._session.row(
            f"SELECT state FROM labeling_jobs WHERE id = :job_id{self._session.for_update}", job_id=job_id
        )
        if found is None:
            raise NotFound(f"there is no labeling job with id {job_id}")
        state = job_after(JobState(found[0]), event)
        self._session.run(
            """
            UPDATE labeling_jobs SET state = :state, failure_reason = :reason, ended_at = :ended_at,
                started_at = COALESCE(started_at, :started_at), modified_at = :at, revision = revision + 1
            WHERE id = :job_id
            """,
            job_id=job_id,
            state=state.value,
            reason=reason,
            at=micros(at),
            ended_at=micros(at) if state in ENDED else None,
            started_at=micros(at) if state == JobState.IN_PROGRESS else None,
        )
        self._session.seen.clear()
        return self.get(job_id)

    def update(
        self,
        job_id: int,
        *,
        spec: Mapping[str, Any] | None = None,
        ingest: IngestReport | None = None,
        progress: Progress | None = None,
        input_uri: str | None = None,
        shared: bool | None = None,
        at: datetime | None = None,
    ) -> None:
        given = {"spec": spec, "ingest": ingest, "progress": progress}
        values: dict[str, Any] = {name: to_json(value) for name, value in given.items() if value is not None}
        if input_uri is not None:
            values["input_uri"] = input_uri
        if shared is not None:
            values["shared"] = int(shared)
        if at is not None:
            values["modified_at"] = micros(at)
        if values:
            changes = ", ".join(f"{name} = :{name}" for name in values)
            self._session.run(
                f"UPDATE labeling_jobs SET {changes}, revision = revision + 1 WHERE id = :job_id",
                job_id=job_id,
                **values,
            )
            self._session.seen.clear()

    def remove(self, job_id: int, *, at: datetime) -> None:
        job = self.brief_by_id(job_id)
        held = "state = 'held' AND job_id = :job_id"  # by the index of those that are held
        self._session.run(f"UPDATE assignments SET state = 'returned' WHERE {held}", job_id=job_id)
        self._session.run("DELETE FROM labeling_jobs WHERE id = :job_id", job_id=job_id)
        self._session.run("DELETE FROM job_counters WHERE job_id = :job_id", job_id=job_id)
        self._session.run(
            "INSERT INTO removed_jobs (job_id, input_uri, removed_at) VALUES (:job_id, :input_uri, :at)",
            job_id=job_id,
            input_uri=job.input_uri,
            at=micros(at),
        )
        self._cached.pop(job_id, None)

    def purge(self, limit: int) -> int:
        from groundswell.store.removal import purge

        return purge(self._session, limit)

    def lease(self, job_id: int, runner: str, *, at: datetime, until: datetime) -> bool:
        changed = self._session.run(
            """
            UPDATE labeling_jobs SET lease_runner = :runner, lease_until = :until
            WHERE id = :job_id
                AND (lease_runner IS NULL OR lease_runner = :runner OR lease_until <= :at OR lease_until > :longest)
            """,
            job_id=job_id,
            runner=runner,
            at=micros(at),
            until=micros(until),
            longest=micros(until + CLOCK_SLACK),
        )
        return changed == 1

    def counters(self, job_id: int) -> JobCounters:
        found = self._session.row(f"SELECT {SUMS} FROM job_counters WHERE job_id = :job_id", job_id=job_id)
        return JobCounters(**dict(zip(COUNTERS, found or (), strict=True)))

    def _brief(self, job_id: int, revision: int) -> LabelingJob:
        cached = self._cached.get(job_id)
        if cached is None or cached[0] != revision:
            row = self._session.row(f"SELECT {_COLUMNS} FROM labeling_jobs WHERE id = :job_id", job_id=job_id)
            if row is None:
                raise NotFound(f"there is no labeling job with id {job_id}")
            if len(self._cached) > 1_000:
                self._cached.clear()
            # The revision is the row's own: one rolled back and counted again must not be taken for this one.
            cached = self._cached[job_id] = (row[-1], _job(row))
        return cached[1]

    def _with_counters(self, job: LabelingJob) -> LabelingJob:
        return replace(job, counters=self.counters(job.id))

    def _all_with_counters(self, jobs: Sequence[LabelingJob]) -> list[LabelingJob]:
        """In one statement: a worker's list may be two hundred jobs."""
        rows = self._session.rows(
            f"SELECT job_id, {SUMS} FROM job_counters WHERE {self._session.among('job_id')} GROUP BY job_id",
            numbers=self._session.numbers([job.id for job in jobs]),
        )
        found = {row[0]: JobCounters(**dict(zip(COUNTERS, row[1:], strict=True))) for row in rows}
        return [replace(job, counters=found[job.id]) for job in jobs]

    def forget(self) -> None:
        """Drop what is kept: after a rollback a revision may be given out a second time."""
        self._cached.clear()


def add_counts(session: Session, job_id: int, **changes: int) -> None:
    """Add to a job's counters."""
    given = {name: change for name, change in changes.items() if change}
    if given:
        session.send(_adding(tuple(given)), job_id=job_id, shard=session.shard, **given)


@lru_cache
def _adding(names: tuple[str, ...]) -> str:
    sums = ", ".join(f"{name} = {name} + :{name}" for name in names)
    return f"UPDATE job_counters SET {sums} WHERE job_id = :job_id AND shard = :shard"


def _job(row: Row) -> LabelingJob:
    return LabelingJob(
        id=row[0],
        name=row[1],
        spec=shared_json(row[2]),
        task_type=row[3],
        team_id=row[4],
        state=JobState(row[5]),
        created_at=moment(row[6]),
        created_by=row[7],
        input_uri=row[8],
        output_uri=row[9],
        started_at=moment_or_none(row[10]),
        ended_at=moment_or_none(row[11]),
        failure_reason=row[12],
        ingest=from_json(row[13]),
        progress=from_json(row[14]),
        workspace_id=row[15],
        shared=bool(row[16]),
        request=None if row[17] is None else shared_json(row[17]),
        modified_at=moment_or_none(row[18]),
    )
