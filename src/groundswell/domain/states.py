"""The life of a labeling job, a data object, a task and an assignment, as tables of allowed transitions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from groundswell.domain.errors import Conflict


class JobState(StrEnum):
    """Where a labeling job is; the values are Ground Truth's `LabelingJobStatus` plus `Paused`."""

    INITIALIZING = "Initializing"  # its input is being checked; no task is published yet
    IN_PROGRESS = "InProgress"  # workers can take tasks
    PAUSED = "Paused"  # no new assignments; held ones may still be submitted
    STOPPING = "Stopping"  # no new assignments; the last output is being written
    STOPPED = "Stopped"  # ended by the requester; results so far are written
    COMPLETED = "Completed"  # every object labeled, failed or left by a stopping condition
    FAILED = "Failed"  # cannot run; `failure_reason` says why


class ObjectState(StrEnum):
    """Where one data object of a labeling job is."""

    PENDING = "pending"  # not yet shown to anyone
    OPEN = "open"  # published: workers can take it
    ANSWERED = "answered"  # has the annotations asked for; waits for consolidation
    LABELED = "labeled"  # has a consolidated label (or a machine's)
    FAILED = "failed"  # expired, declined by everyone, or not usable: `failure_reason` says why; may be put back
    SKIPPED = "skipped"  # needs no label: already labeled in the input, or the pre-annotation hook said so


class TaskState(StrEnum):
    """Where one task is. An ordinary task is open exactly while its data objects are."""

    OPEN = "open"  # offered to workers while it wants more answers than it has and than are being worked on
    ANSWERED = "answered"  # has the answers asked for
    CLOSED = "closed"  # taken back, expired or failed; published again it goes on with the answers it has


class AssignmentState(StrEnum):
    """Where one worker's hold on one task is."""

    HELD = "held"  # the worker is on it; ends at `expires_at`
    SUBMITTED = "submitted"  # has an annotation
    RETURNED = "returned"  # given back by the worker ("Release task"), or withdrawn when the job stopped
    DECLINED = "declined"  # the worker does not want this object; never offered to them again
    EXPIRED = "expired"  # time ran out


JOB_TRANSITIONS: dict[tuple[JobState, str], JobState] = {
    (JobState.INITIALIZING, "start"): JobState.IN_PROGRESS,
    (JobState.INITIALIZING, "fail"): JobState.FAILED,
    (JobState.INITIALIZING, "stop"): JobState.STOPPING,
    (JobState.IN_PROGRESS, "pause"): JobState.PAUSED,
    (JobState.IN_PROGRESS, "stop"): JobState.STOPPING,
    (JobState.IN_PROGRESS, "complete"): JobState.COMPLETED,
    (JobState.IN_PROGRESS, "fail"): JobState.FAILED,
    (JobState.PAUSED, "resume"): JobState.IN_PROGRESS,
    (JobState.PAUSED, "stop"): JobState.STOPPING,
    (JobState.PAUSED, "fail"): JobState.FAILED,
    (JobState.STOPPING, "stopped"): JobState.STOPPED,
    (JobState.STOPPING, "fail"): JobState.FAILED,
    (JobState.COMPLETED, "extend"): JobState.IN_PROGRESS,
    (JobState.STOPPED, "extend"): JobState.IN_PROGRESS,
}

OBJECT_TRANSITIONS: dict[tuple[ObjectState, str], ObjectState] = {
    (ObjectState.PENDING, "release"): ObjectState.OPEN,
    (ObjectState.PENDING, "skip"): ObjectState.SKIPPED,
    (ObjectState.PENDING, "fail"): ObjectState.FAILED,
    (ObjectState.PENDING, "label"): ObjectState.LABELED,
    (ObjectState.OPEN, "answer"): ObjectState.ANSWERED,
    (ObjectState.OPEN, "fail"): ObjectState.FAILED,
    (ObjectState.OPEN, "withdraw"): ObjectState.PENDING,
    (ObjectState.ANSWERED, "label"): ObjectState.LABELED,
    (ObjectState.ANSWERED, "ask_more"): ObjectState.OPEN,
    (ObjectState.ANSWERED, "fail"): ObjectState.FAILED,
    (ObjectState.LABELED, "label"): ObjectState.LABELED,
    (ObjectState.LABELED, "ask_more"): ObjectState.OPEN,
    (ObjectState.LABELED, "unlabel"): ObjectState.PENDING,  # its last label was withdrawn
    (ObjectState.LABELED, "reconsider"): ObjectState.ANSWERED,  # the same, of one that has its answers
    (ObjectState.FAILED, "put_back"): ObjectState.PENDING,
}

TASK_TRANSITIONS: dict[tuple[TaskState, str], TaskState] = {
    (TaskState.OPEN, "answer"): TaskState.ANSWERED,
    (TaskState.OPEN, "close"): TaskState.CLOSED,
    (TaskState.ANSWERED, "ask_more"): TaskState.OPEN,
    (TaskState.CLOSED, "publish"): TaskState.OPEN,
    (TaskState.ANSWERED, "publish"): TaskState.OPEN,
}

ASSIGNMENT_TRANSITIONS: dict[tuple[AssignmentState, str], AssignmentState] = {
    (AssignmentState.HELD, "submit"): AssignmentState.SUBMITTED,
    (AssignmentState.HELD, "return"): AssignmentState.RETURNED,
    (AssignmentState.HELD, "decline"): AssignmentState.DECLINED,
    (AssignmentState.HELD, "expire"): AssignmentState.EXPIRED,
}

ENDED = frozenset({JobState.STOPPED, JobState.COMPLETED, JobState.FAILED})


S = TypeVar("S", bound=StrEnum)


def _after(table: Mapping[tuple[S, str], S], state: S, event: str, what: str) -> S:
    try:
        return table[state, event]
    except KeyError:
        possible = ", ".join(sorted(name for at, name in table if at == state)) or "nothing"
        raise Conflict(f"cannot {event} {what} that is {state.value}; possible now: {possible}") from None


def job_after(state: JobState, event: str) -> JobState:
    """The job's state after an event; raises Conflict where the table has no such transition."""
    return _after(JOB_TRANSITIONS, state, event, "a labeling job")


def object_after(state: ObjectState, event: str) -> ObjectState:
    """The data object's state after an event; raises Conflict where the table has no such transition."""
    return _after(OBJECT_TRANSITIONS, state, event, "a data object")


def assignment_after(state: AssignmentState, event: str) -> AssignmentState:
    """The assignment's state after an event; raises Conflict where the table has no such transition."""
    return _after(ASSIGNMENT_TRANSITIONS, state, event, "an assignment")
