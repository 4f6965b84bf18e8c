"""Which learner a kind of task has."""

from __future__ import annotations

from typing import Any, cast

from groundswell.autolabel import registry
from groundswell.autolabel.learner import Learner, Modality
from groundswell.tasktypes import registry as task_types
from groundswell.tasktypes.base import TaskType

_MODALITIES = ("text", "image")


def has_learner(kind: TaskType) -> bool:
    """Whether a model can learn this kind of task here: by a learner of its own, or as a classification."""
    return kind.learner is not None or (kind.kind_of_answer == "classification" and kind.modality in _MODALITIES)


def learner_for(task_type: str, labels: Any) -> Learner:
    """The learner of a kind of task that has one."""
    kind = task_types.get(task_type)
    if kind.learner is not None:
        return cast(Learner, kind.learner(labels))
    return registry.default_for(cast(Modality, kind.modality))
