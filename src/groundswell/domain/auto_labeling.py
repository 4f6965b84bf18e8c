"""Machine labels inside a labeling job: where the loop is, what it decided, and the models that came of it.

Everything the loop needs to go on after a crash is here or in the files these values name: a step that is done again
decides the same. Elsewhere: the mathematics (`autolabel`), the steps (`runner.auto_labeling`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from groundswell.domain.people import MAIN

KEPT_BACK = 1 << 40
"""The rank of objects that are kept from people: nothing of this rank is published."""


class Phase(StrEnum):
    """Where a job's loop is."""

    PREPARING = "preparing"  # objects are kept back; nothing is published yet
    LEARNING = "learning"  # people label what is chosen for them, models are trained meanwhile
    AUDITING = "auditing"  # a model and its scores are frozen; people label a random draw of what it would label
    LABELING = "labeling"  # certified objects get their labels
    RELEASING = "releasing"  # what no model may label goes to people
    ENDED = "ended"  # people label what is left, if anything


class DecisionKind(StrEnum):
    """What was decided."""

    ROUND = "round"  # a model was trained, and objects chosen
    ATTEMPT = "attempt"  # a model was frozen and audited


@dataclass(frozen=True)
class AutoLabeling:
    """One job's loop."""

    job_id: int
    phase: Phase
    seed: int  # of everything random
    began_at: datetime
    changed_at: datetime
    round: int = 0  # trainings that ended
    attempt: int = 0  # audits that began
    reason: str | None = None  # ended, or no model yet: why people go on alone
    notes: Mapping[str, Any] = field(default_factory=dict)  # the loop's own, JSON

    @property
    def is_over(self) -> bool:
        """Whether no model of this loop will label anything more."""
        return self.phase in (Phase.RELEASING, Phase.ENDED)


@dataclass(frozen=True)
class Decision:
    """One round or one attempt: what was decided of what, as JSON."""

    job_id: int
    kind: DecisionKind
    number: int  # 1, 2, ... of its kind
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Model:
    """A model that was kept: it labels in later jobs and answers requests."""

    name: str  # the last part of its ARN
    task_type: str
    labels: tuple[str, ...]
    learner: str  # the name by which its learner is found
    uri: str  # the folder of its files
    created_at: datetime
    created_by: str | None  # an account
    job: str | None = None  # the labeling job that made it
    measures: Mapping[str, Any] = field(default_factory=dict)  # how good it was found
    workspace_id: str = MAIN
