"""Labels are a log: every version of what is said of a data object, and the rules by which one comes into force.

A job labels one attribute, so a version belongs to (job, object); the object's identity across jobs is in `identity`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Origin(StrEnum):
    """Where a version of a label comes from."""

    MACHINE = "machine"  # a model said so; may be withdrawn
    CONSOLIDATED = "consolidated"  # people's annotations, consolidated
    IMPORTED = "imported"  # came with the input
    REVIEWED = "reviewed"  # a reviewer looked at it and let it stand or chose another
    ADJUSTED = "adjusted"  # a reviewer changed it


AUTHORITY: Mapping[Origin, int] = {
    Origin.MACHINE: 0,
    Origin.CONSOLIDATED: 1,
    Origin.IMPORTED: 1,
    Origin.REVIEWED: 2,
    Origin.ADJUSTED: 2,
}
"""A version comes into force over one of the same or of less authority: no model over people, no fit over a review."""

VOUCHED = frozenset({Origin.REVIEWED, Origin.ADJUSTED})
"""A person looked at such a version and stands for it."""


@dataclass(frozen=True)
class Label:
    """One version of what is said of one data object; `LabelRepository.in_force` answers the one that counts."""

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
    origin: Origin = Origin.CONSOLIDATED
    by: str | None = None  # the account that reviewed, the model that labeled; None: consolidation
    method: str | None = None  # of consolidation or of the model
    reason: str | None = None  # why a reviewer changed it
    version: int = field(default=0, compare=False)  # 1, 2, ... an object; the store gives it
    withdrawn_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.human == (self.origin is Origin.MACHINE) and self.origin is not Origin.IMPORTED:
            raise ValueError(f"a label of origin {self.origin.value} cannot have human={self.human}")


def may_replace(before: Label, after: Label) -> bool:
    """Whether a new version may come into force over the one that is."""
    return AUTHORITY[after.origin] >= AUTHORITY[before.origin]


def says_the_same(before: Label, after: Label) -> bool:
    """Whether a new version would say nothing new: the same in the manifest but for its date, from as many answers.

    Confidences are compared as manifests have them, with two decimals; of one answer alone they say nothing.
    """
    return (
        before.origin is after.origin
        and before.category == after.category
        and before.annotation_count == after.annotation_count
        and (after.annotation_count == 1 or round(before.confidence, 2) == round(after.confidence, 2))
        and before.value == after.value
        and _undated(before.metadata) == _undated(after.metadata)
    )


def _undated(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key != "creation-date"}
