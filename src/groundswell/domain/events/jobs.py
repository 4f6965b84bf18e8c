"""Events of labeling jobs, their data objects and assignments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from groundswell.domain.events.base import Event, Ranges


@dataclass(frozen=True, kw_only=True)
class JobEvent(Event, about="name"):
    """Something that happened to a labeling job."""

    job: int
    name: str


@dataclass(frozen=True, kw_only=True)
class JobCreated(JobEvent, kind="job.created"):
    """A labeling job was created."""

    task_type: str
    team: str


@dataclass(frozen=True, kw_only=True)
class JobStarted(JobEvent, kind="job.started"):
    """Its input was read, its first tasks can be published."""


@dataclass(frozen=True, kw_only=True)
class JobPaused(JobEvent, kind="job.paused"):
    """Nobody gets a new task."""


@dataclass(frozen=True, kw_only=True)
class JobResumed(JobEvent, kind="job.resumed"):
    """A paused job goes on."""


@dataclass(frozen=True, kw_only=True)
class JobStopping(JobEvent, kind="job.stopping"):
    """Somebody asked the job to stop; its last output is being written."""


@dataclass(frozen=True, kw_only=True)
class JobStopped(JobEvent, kind="job.stopped"):
    """The job has stopped and its output is written."""


@dataclass(frozen=True, kw_only=True)
class JobCompleted(JobEvent, kind="job.completed"):
    """Every object is labeled, failed or left by a stopping condition."""


@dataclass(frozen=True, kw_only=True)
class JobFailed(JobEvent, kind="job.failed"):
    """The job cannot run."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class JobReopened(JobEvent, kind="job.reopened"):
    """An ended job goes on, because it was extended or objects were put back."""


@dataclass(frozen=True, kw_only=True)
class JobExtended(JobEvent, kind="job.extended"):
    """More annotations, time, labels or money."""

    put_back: int
    reopened: int
    changes: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class JobShared(JobEvent, kind="job.shared"):
    """A job is shown to the workspace's other people from now on, or is not."""

    shared: bool


@dataclass(frozen=True, kw_only=True)
class JobExported(JobEvent, kind="job.exported"):
    """Labels or annotations were downloaded."""

    what: str  # output, annotations, workers


@dataclass(frozen=True, kw_only=True)
class JobDeleted(JobEvent, kind="job.deleted"):
    """The job was deleted with its data objects, annotations and labels."""

    objects: int
    annotations: int
    files: bool  # whether its output's files were deleted too


@dataclass(frozen=True, kw_only=True)
class JobMediaViewed(JobEvent, kind="job.media_viewed"):
    """Somebody looked at the data of a job that is not for the public, for the first time in their session."""


@dataclass(frozen=True, kw_only=True)
class ObjectsEvent(JobEvent):
    """Something that happened to some of a job's data objects at once."""

    count: int
    objects: Ranges  # (first, last) numbers


@dataclass(frozen=True, kw_only=True)
class ObjectsLabeled(ObjectsEvent, kind="object.labeled"):
    """Objects got labels; each label is a version of its own besides."""

    origin: str


@dataclass(frozen=True, kw_only=True)
class LabelsWithdrawn(ObjectsEvent, kind="object.label_withdrawn"):
    """A model's labels stand no more; what was in force before is again."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class ObjectsFailed(ObjectsEvent, kind="object.failed"):
    """Objects failed: expired, declined by everyone, or refused by a function."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class ObjectsSkipped(ObjectsEvent, kind="object.skipped"):
    """The pre-annotation function said that these need no people."""


@dataclass(frozen=True, kw_only=True)
class ObjectsPutBack(ObjectsEvent, kind="object.put_back"):
    """Failed objects are tried again."""


@dataclass(frozen=True, kw_only=True)
class ObjectReported(ObjectsEvent, kind="object.reported"):
    """A worker could not answer a task and said why; they are not shown it again."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class AssignmentsExpired(ObjectsEvent, kind="assignment.expired"):
    """Workers' time ran out on tasks they held."""

    workers: Sequence[str]
