"""What a labeling job is made of, as values: job, data object, task, assignment, annotation, label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from groundswell.domain.job_notes import IngestReport, Progress
from groundswell.domain.people import MAIN
from groundswell.domain.states import AssignmentState, JobState, ObjectState, TaskState


class TaskKind(StrEnum):
    """What a task is for. Only ordinary tasks make labels; the others are counted apart from a job's objects."""

    ORDINARY = "ordinary"  # its answers are consolidated into labels
    GOLD = "gold"  # the label is known: measures the worker
    PRACTICE = "practice"  # teaches the worker, who is told what was right
    AUDIT = "audit"  # a labeled object is asked again, to measure the labels
    PROBE = "probe"  # the same worker is asked again, to measure how steady they are


@dataclass(frozen=True)
class JobCounters:
    """Numbers of a job's data objects by state, kept by the runner in the transaction that moves them."""

    total: int = 0
    pending: int = 0
    open: int = 0
    answered: int = 0
    human_labeled: int = 0
    machine_labeled: int = 0
    failed: int = 0
    skipped: int = 0
    annotations: int = 0  # submitted to ordinary tasks, over all objects
    outstanding: int = 0  # annotations open ordinary tasks still ask for, those being worked on included
    spent_usd_micros: int = 0  # rewards of submitted annotations and checks
    checks: int = 0  # answers to tasks of other kinds than ordinary

    @property
    def labeled(self) -> int:
        """Objects with a label, whoever made it."""
        return self.human_labeled + self.machine_labeled


@dataclass(frozen=True)
class LabelingJob:
    """A request to label the objects of one manifest with one template and work team."""

    id: int
    name: str
    spec: Mapping[str, Any]  # the JobSpec as JSON (wire.job_spec), exactly as asked
    task_type: str
    team_id: str
    state: JobState
    created_at: datetime
    created_by: str  # Account.id: its owner
    input_uri: str  # the manifest this job reads
    output_uri: str  # <output>/<name>, where Ground Truth's layout begins
    started_at: datetime | None = None
    ended_at: datetime | None = None
    failure_reason: str | None = None
    ingest: IngestReport = field(default_factory=IngestReport)
    progress: Progress = field(default_factory=Progress)
    counters: JobCounters = JobCounters()
    workspace_id: str = MAIN
    shared: bool = True  # whether the workspace's other requesters and its reviewers see it
    request: Mapping[str, Any] | None = None  # the CreateLabelingJob it came from, kept to be described as it was asked
    modified_at: datetime | None = None  # when its state or specification changed last; None: when it was made

    @property
    def last_modified_at(self) -> datetime:
        """When its state or specification changed last."""
        return self.modified_at or self.created_at


@dataclass(frozen=True)
class JobSummary:
    """A labeling job in a listing: without its specification, which may be large."""

    id: int
    name: str
    task_type: str
    team_id: str
    state: JobState
    created_at: datetime
    last_modified_at: datetime
    input_uri: str
    output_uri: str
    failure_reason: str | None
    request: Mapping[str, Any] | None
    counters: JobCounters = JobCounters()


@dataclass(frozen=True)
class DataObject:
    """One thing to label: line `n` (0-based) of the job's manifest; with the numbers of its ordinary task, if any."""

    job_id: int
    n: int
    state: ObjectState
    wanted: int = 0  # assignments asked for so far
    held: int = 0  # assignments workers are on now
    answered: int = 0  # annotations submitted
    declined: int = 0
    opened_at: datetime | None = None
    failure_reason: str | None = None
    rank: int = 0  # smaller is published earlier, ties in order of n
    task_id: int | None = field(default=None, compare=False)  # its ordinary task, once it was published


@dataclass(frozen=True)
class Task:
    """One or more data objects shown together, offered until as many answers are there as are wanted."""

    id: int = field(compare=False)
    job_id: int
    objects: tuple[int, ...]  # numbers of data objects; the first is its assignments' and annotations' `n`
    kind: TaskKind
    state: TaskState
    wanted: int  # answers asked for so far
    opened_at: datetime
    held: int = 0  # assignments workers are on now
    answered: int = 0
    declined: int = 0
    rank: int = 0  # as its object's when it was published
    price_usd_micros: int | None = None  # reward of one answer; None: the job's
    life_s: int | None = None  # seconds it is offered after `opened_at`; None: the job's availability

    @property
    def n(self) -> int:
        """The first of its data objects."""
        return self.objects[0]


@dataclass(frozen=True)
class Assignment:
    """One worker's hold on one task."""

    id: str
    job_id: int
    n: int  # the task's first data object
    worker_id: str
    state: AssignmentState
    accepted_at: datetime
    expires_at: datetime
    submitted_at: datetime | None = None
    reward_usd_micros: int = 0
    kind: TaskKind = TaskKind.ORDINARY
    task_id: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Annotation:
    """One annotator's submitted answer. Never changed; deleted only with its job or its annotator's account."""

    assignment_id: str
    job_id: int
    n: int
    annotator_id: str  # Annotator.id
    content: Mapping[str, Any]  # AWS's answerContent
    accepted_at: datetime
    submitted_at: datetime
    time_spent_s: float
    kind: TaskKind = TaskKind.ORDINARY  # of the task it answers
