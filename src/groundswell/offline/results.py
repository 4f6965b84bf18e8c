"""What a consolidation of files gives: labels, estimates of workers, a summary, and the page about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


@dataclass(frozen=True)
class LabelRow:
    """One consolidated label."""

    task: Any  # the task's id, of the type that the column has
    label: Any  # in the form that files hold it; None where nobody answered
    confidence: float  # probability that the label is right, in [0, 1]
    more: Mapping[str, Any] = field(default_factory=dict)  # "confidences" of parts, "comments", "set_aside"


class WorkerRow(NamedTuple):
    """What was learned of one worker."""

    worker: Any  # the worker's id
    annotations: int  # objects answered
    skill: float  # estimated chance of a right answer, in [0, 1]


@dataclass(frozen=True)
class Summary:
    """A consolidation in figures; None where a kind of answer has no such figure."""

    task_type: str
    objects: int
    annotations: int
    workers: int
    method: str
    mean_confidence: float
    mean_skill: float
    replaced: int  # answers set aside for the same worker's later one to the same task
    abstentions: int  # rows without a label
    classes: int | None = None
    iterations: int | None = None
    converged: bool | None = None
    set_aside: int | None = None  # answers of another form than most of their object's
    gold_objects: int | None = None  # known labels that set confidences right, where there were enough
    calibration_error: float | None = None  # of gold objects, by fits that do not know their own label
    recalibrated_error: float | None = None  # the same, set right by the other gold objects

    def as_dict(self) -> dict[str, Any]:
        """The figures there are, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Consolidation:
    """What came out."""

    labels: Sequence[LabelRow]  # in the order of tasks; empty out of core, where they are in their file alone
    workers: Sequence[WorkerRow]  # in the order of workers
    summary: Summary
    report: str | None = None  # the page, where one was asked for
    written_to: Path | None = None  # out of core: the file of labels
