"""Which learner a kind of task has, and models and features as bytes: arrays and JSON, never a pickle."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

import numpy as np

from groundswell.autolabel.learner import Learner, ModelState
from groundswell.domain.errors import InvalidInput
from groundswell.tasktypes import registry
from groundswell.tasktypes.base import TaskType

_FACTS = "__facts__"


def has_learner(kind: TaskType) -> bool:
    """Whether a model can learn this kind of task here."""
    return kind.learner is not None


def learner_of(task_type: str, labels: Sequence[str]) -> Learner:
    """The learner of a kind of task. Raises InvalidInput, where it has none."""
    kind = registry.get(task_type)
    if kind.learner is None:
        raise InvalidInput(f"no learner here knows {kind.title.lower()}", field="task_type")
    found: Learner = kind.learner(labels)
    return found


def pack(state: ModelState) -> bytes:
    """A state as bytes."""
    written = io.BytesIO()
    facts = np.frombuffer(json.dumps({"learner": state.learner, "facts": dict(state.facts)}).encode(), np.uint8)
    arrays = {**state.arrays, _FACTS: facts}
    np.savez(written, allow_pickle=False, **arrays)
    return written.getvalue()


def unpack(data: bytes) -> ModelState:
    """The state that `pack` wrote. Raises InvalidInput for anything else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as found:
            arrays = dict(found)
        said = json.loads(arrays.pop(_FACTS).tobytes())
        return ModelState(said["learner"], arrays, said["facts"])
    except (ValueError, OSError, KeyError, EOFError) as error:
        raise InvalidInput(f"expected a model or features as this house writes them: {error}", field="model") from error
