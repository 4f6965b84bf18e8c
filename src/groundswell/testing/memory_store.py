"""The store in memory: the shipped twin of `store/`, for tests and as the plainest statement of what a store does.

One unit of work runs at a time; one that raises leaves everything as it was. Nothing is fast here but small jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from threading import RLock
from typing import Any, TypeVar

from groundswell.domain.errors import Conflict, NotFound, Unavailable
from groundswell.domain.events import Event
from groundswell.domain.job_notes import IngestReport, Progress
from groundswell.domain.people import (
    EVERYONE,
    MAIN,
    PUBLIC,
    TeamKind,
    Workspace,
    WorkTeam,
)
from groundswell.domain.records import (
    DataObject,
    JobCounters,
    JobSummary,
    LabelingJob,
    TaskKind,
)
from groundswell.domain.states import ENDED, JobState, ObjectState, TaskState, job_after
from groundswell.service.ports import CLOCK_SLACK, JobQuery, Page, Transaction
from groundswell.testing.memory_accounts import MemoryAccessKeys, MemoryAnnotators, MemoryWorkers, MemoryWorkspaces
from groundswell.testing.memory_assignments import MemoryAssignments
from groundswell.testing.memory_auto_labeling import MemoryAutoLabeling, MemoryModels
from groundswell.testing.memory_buckets import MemoryBuckets
from groundswell.testing.memory_events import MemoryEvents
from groundswell.testing.memory_hooks import MemoryHooks
from groundswell.testing.memory_job_listing import summaries
from groundswell.testing.memory_labels import MemoryLabels
from groundswell.testing.memory_tables import Tables
from groundswell.testing.memory_tasks import MemoryTasks
from groundswell.testing.memory_teams import MemoryTeams
from groundswell.testing.memory_webhooks import MemoryWebhooks
from groundswell.testing.memory_work import MemoryAnnotations, MemoryObjects, remove_annotation
from groundswell.testing.memory_worker_uis import MemoryWorkerUis, MemoryWorkforces

T = TypeVar("T")
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class MemoryStore:
    """`service.ports.Store` over dictionaries."""

    def __init__(self) -> None:
        self._tables = Tables()
        self._tables.workspaces[MAIN] = Workspace(MAIN, "Main", EPOCH)
        for name, kind in ((EVERYONE, TeamKind.PRIVATE), (PUBLIC, TeamKind.PUBLIC)):
            self._tables.teams[name] = WorkTeam(name, name, kind, "", EPOCH)
        self._tx = MemoryTransaction(self._tables)
        self._lock = RLock()
        self._closed = False

    def read(self, work: Callable[[Transaction], T]) -> T:
        with self._lock:
            self._refuse_closed()
            return work(self._tx)

    def write(self, work: Callable[[Transaction], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._lock:
            self._refuse_closed()
            saved = self._tables.copy()
            try:
                future.set_result(work(self._tx))
            except BaseException as error:
                self._tables.put_back(saved)
                future.set_exception(error)
        return future

    def close(self) -> None:
        self._closed = True

    def _refuse_closed(self) -> None:
        if self._closed:
            raise Unavailable("the store is closed")


class MemoryTransaction:
    """`service.ports.Transaction` over the tables themselves."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.jobs = MemoryJobs(tables)
        self.objects = MemoryObjects(tables)
        self.tasks = MemoryTasks(tables)
        self.assignments = MemoryAssignments(tables)
        self.annotations = MemoryAnnotations(tables)
        self.labels = MemoryLabels(tables)
        self.workers = MemoryWorkers(tables)
        self.access_keys = MemoryAccessKeys(tables)
        self.teams = MemoryTeams(tables)
        self.workforces = MemoryWorkforces(tables)
        self.worker_uis = MemoryWorkerUis(tables)
        self.workspaces = MemoryWorkspaces(tables)
        self.annotators = MemoryAnnotators(tables)
        self.events = MemoryEvents(tables)
        self.webhooks = MemoryWebhooks(tables)
        self.hooks = MemoryHooks(tables)
        self.auto_labeling = MemoryAutoLabeling(tables)
        self.models = MemoryModels(tables)
        self.buckets = MemoryBuckets(tables)

    def record(self, event: Event) -> None:
        self.webhooks.enqueue(self.events.append(event))

    def touch(self) -> None:
        pass


class MemoryJobs:
    """`service.ports.JobRepository`; counters are counted anew each time."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, job: LabelingJob) -> LabelingJob:
        if any(one.name.casefold() == job.name.casefold() for one in self._tables.jobs.values()):
            raise Conflict(f"a labeling job is named {job.name!r} already; choose another name", field="name")
        number = max(self._tables.last_removed, 0, *self._tables.jobs) + 1
        added = replace(job, id=number, counters=JobCounters())
        self._tables.jobs[added.id] = added
        return added

    def get(self, job_id: int) -> LabelingJob:
        return replace(self.brief_by_id(job_id), counters=self.counters(job_id))

    def by_name(self, name: str) -> LabelingJob:
        return self.get(self.brief(name).id)

    def brief(self, name: str) -> LabelingJob:
        for job in self._tables.jobs.values():
            if job.name.casefold() == name.strip().casefold():
                return job
        raise NotFound(f"there is no labeling job named {name!r}", field="name")

    def brief_by_id(self, job_id: int) -> LabelingJob:
        try:
            return self._tables.jobs[job_id]
        except KeyError:
            raise NotFound(f"there is no labeling job with id {job_id}") from None

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
        wanted_states = None if states is None else set(states)
        wanted_teams = None if team_ids is None else set(team_ids)
        found = [
            self.get(job.id)
            for job in sorted(self._tables.jobs.values(), key=lambda job: -job.id)
            if (page.after_number is None or job.id < page.after_number)
            and (wanted_states is None or job.state in wanted_states)
            and (wanted_teams is None or job.team_id in wanted_teams)
            and (workspace_id is None or job.workspace_id == workspace_id)
            and (shared_or_of is None or job.shared or job.created_by == shared_or_of)
            and (not name_contains or name_contains.casefold() in job.name.casefold())
        ]
        return found[: page.limit]

    def summaries(self, query: JobQuery) -> list[tuple[JobSummary, int | str]]:
        return summaries(self._tables, query, self.counters)

    def is_output_of_others(self, workspace_id: str, uri: str) -> bool:
        others = [job.output_uri for job in self._tables.jobs.values() if job.workspace_id != workspace_id]
        return any(f"{uri}/".startswith(f"{one}/") or one.startswith(f"{uri}/") for one in others)

    def active(self) -> list[LabelingJob]:
        return [self.get(job.id) for job in self._tables.jobs.values() if job.state not in ENDED]

    def set_state(self, job_id: int, event: str, *, at: datetime, reason: str | None = None) -> LabelingJob:
        job = self.brief_by_id(job_id)
        state = job_after(job.state, event)
        started = job.started_at or (at if state == JobState.IN_PROGRESS else None)
        ended = at if state in ENDED else None
        self._tables.jobs[job_id] = replace(
            job, state=state, started_at=started, ended_at=ended, failure_reason=reason, modified_at=at
        )
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
        given = {
            "spec": spec,
            "ingest": ingest,
            "progress": progress,
            "input_uri": input_uri,
            "shared": shared,
            "modified_at": at,
        }
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        self._tables.jobs[job_id] = replace(self.brief_by_id(job_id), **changes)

    def remove(self, job_id: int, *, at: datetime) -> None:
        self.brief_by_id(job_id)
        tables = self._tables
        tables.last_removed = max(tables.last_removed, job_id)
        del tables.jobs[job_id]
        tables.leases.pop(job_id, None)
        of_objects = (
            tables.lines,
            tables.identities,
            tables.objects,
            tables.inputs,
            tables.labels,
            tables.versions,
            tables.labeled_at,
        )
        for rows in of_objects:
            for key in [key for key in rows if key[0] == job_id]:
                del rows[key]
        tables.auto_labelings.pop(job_id, None)
        for decision in [key for key in tables.auto_decisions if key[0] == job_id]:
            del tables.auto_decisions[decision]
        for assignment_id in [one.id for one in tables.assignments.values() if one.job_id == job_id]:
            remove_annotation(tables, assignment_id)
            del tables.assignments[assignment_id]
            tables.drafts.pop(assignment_id, None)
        for task_id in [one.id for one in tables.tasks.values() if one.job_id == job_id]:
            del tables.tasks[task_id]

    def purge(self, limit: int) -> int:
        return 0  # `remove` has left nothing

    def lease(self, job_id: int, runner: str, *, at: datetime, until: datetime) -> bool:
        holder = self._tables.leases.get(job_id)
        if holder is not None and holder[0] != runner and at < holder[1] <= until + CLOCK_SLACK:
            return False
        self._tables.leases[job_id] = (runner, until)
        return True

    def counters(self, job_id: int) -> JobCounters:
        mine = [one for one in self._objects(job_id)]
        labels = self._tables.labels
        labeled = [one for one in mine if one.state == ObjectState.LABELED]
        human = sum(labels[job_id, one.n].human for one in labeled)
        by_state = {state: sum(one.state == state for one in mine) for state in ObjectState}
        tasks = [one for one in self._tables.tasks.values() if one.job_id == job_id and one.kind is TaskKind.ORDINARY]
        made = [one for one in self._tables.annotations.values() if one.job_id == job_id]
        checks = sum(one.kind is not TaskKind.ORDINARY for one in made)
        return JobCounters(
            total=len(mine),
            pending=by_state[ObjectState.PENDING],
            open=by_state[ObjectState.OPEN],
            answered=by_state[ObjectState.ANSWERED],
            human_labeled=human,
            machine_labeled=len(labeled) - human,
            failed=by_state[ObjectState.FAILED],
            skipped=by_state[ObjectState.SKIPPED],
            annotations=len(made) - checks,
            outstanding=sum(one.wanted - one.answered for one in tasks if one.state is TaskState.OPEN),
            spent_usd_micros=sum(self._tables.assignments[one.assignment_id].reward_usd_micros for one in made),
            checks=checks,
        )

    def _objects(self, job_id: int) -> Iterator[DataObject]:
        return (one for (job, _), one in self._tables.objects.items() if job == job_id)
