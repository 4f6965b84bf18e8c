"""What a labeling job is made of, as values: job, data object, assignment, annotation, label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from groundswell.domain.states import AssignmentState, JobState, ObjectState


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
    annotations: int = 0  # submitted, over all objects
    outstanding: int = 0  # annotations open objects still ask for, those being worked on included
    spent_usd_micros: int = 0  # rewards of submitted annotations

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
    created_by: str  # Account.id
    input_uri: str  # the manifest this job reads
    output_uri: str  # <output>/<name>, where Ground Truth's layout begins
    started_at: datetime | None = None
    ended_at: datetime | None = None
    failure_reason: str | None = None
    ingest: Mapping[str, Any] = field(default_factory=dict)  # phase, done, total, problems
    progress: Mapping[str, Any] = field(
        default_factory=dict
    )  # iteration numbers, last output, agreement: the runner's notes
    counters: JobCounters = JobCounters()


@dataclass(frozen=True)
class DataObject:
    """One thing to label: line `n` (0-based) of the job's manifest."""

    job_id: int
    n: int
    state: ObjectState
    wanted: int = 0  # assignments asked for so far
    held: int = 0  # assignments workers are on now
    answered: int = 0  # annotations submitted
    declined: int = 0
    opened_at: datetime | None = None
    failure_reason: str | None = None


@dataclass(frozen=True)
class Assignment:
    """One worker's hold on one task."""

    id: str
    job_id: int
    n: int
    worker_id: str
    state: AssignmentState
    accepted_at: datetime
    expires_at: datetime
    submitted_at: datetime | None = None
    reward_usd_micros: int = 0


@dataclass(frozen=True)
class Annotation:
    """One worker's submitted answer. Never changed or deleted."""

    assignment_id: str
    job_id: int
    n: int
    worker_id: str
    content: Mapping[str, Any]  # AWS's answerContent
    accepted_at: datetime
    submitted_at: datetime
    time_spent_s: float


@dataclass(frozen=True)
class Label:
    """What consolidation (or a model) says of one data object."""

    job_id: int
    n: int
    value: Any  # the manifest's value of the label attribute
    metadata: Mapping[str, Any]  # the manifest's -metadata value
    confidence: float
    category: str | None  # the label category, for filters and charts, where there is one
    human: bool
    labeled_at: datetime
    annotation_count: int = 0
    disputed: bool = False  # annotators disagree, or the evidence is weak
