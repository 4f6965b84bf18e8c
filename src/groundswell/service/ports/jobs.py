"""Labeling jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from groundswell.domain.job_notes import IngestReport, Progress
from groundswell.domain.records import JobCounters, JobSummary, LabelingJob
from groundswell.domain.states import JobState
from groundswell.service.ports.pages import JobQuery, Page


class JobRepository(Protocol):
    """Labeling jobs and their counters."""

    def add(self, job: LabelingJob) -> LabelingJob:
        """Store a new job; `job.id` is assigned (pass 0). Raises Conflict when the name is taken, case ignored."""
        ...

    def get(self, job_id: int) -> LabelingJob: ...

    def by_name(self, name: str) -> LabelingJob:
        """The job of this name, case ignored; raises NotFound."""
        ...

    def brief(self, name: str) -> LabelingJob:
        """As `by_name`, without counters (all 0): what every step of a worker's loop can afford to ask.

        The same job unchanged is the same object, so that what is derived from `spec` may be kept.
        """
        ...

    def brief_by_id(self, job_id: int) -> LabelingJob: ...

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
        """Newest first; the page key is the job's id as text.

        shared_or_of : only jobs that are shared in their workspace, and those of this account.
        """
        ...

    def summaries(self, query: JobQuery) -> list[tuple[JobSummary, int | str]]:
        """The jobs of a query, each with what it is sorted by; the next page begins `after` that and its id."""
        ...

    def is_output_of_others(self, workspace_id: str, uri: str) -> bool:
        """Whether an address is in the output of another workspace's job, or has such an output inside."""
        ...

    def active(self) -> list[LabelingJob]:
        """Every job that is not ended, for the runner."""
        ...

    def set_state(self, job_id: int, event: str, *, at: datetime, reason: str | None = None) -> LabelingJob:
        """Apply `domain.states.job_after`; sets started_at / ended_at / failure_reason as fits."""
        ...

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
        """Change what is given; at : when, where it is a change that people know of."""
        ...

    def remove(self, job_id: int, *, at: datetime) -> None:
        """The job is gone for everybody; what belonged to it goes by `purge`. Held assignments are returned."""
        ...

    def purge(self, limit: int) -> int:
        """Remove what belonged to removed jobs, about `limit` data objects' share; how many, 0 when nothing is left."""
        ...

    def lease(self, job_id: int, runner: str, *, at: datetime, until: datetime) -> bool:
        """Take or prolong the job for one runner; False while another runner's lease lasts.

        One that lasts longer from `at` than this one would is from before the clock was set back, and lasts no more.
        """
        ...

    def counters(self, job_id: int) -> JobCounters: ...
